//! `fdctl coupon`: codes that lower a total.

use crate::connection::{City, Global, Listing};
use crate::exit::Exit;
use crate::output::{amount, name, or_dash, table};
use crate::terms::read;
use api::coupons::{Coupon, CouponGives, CouponTerms};
use domain::ids::CouponId;
use serde_json::json;
use std::path::PathBuf;

const COUPONS: &str = "/v1/admin/coupons";

/// Codes that lower a total
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Every coupon, with how much of it is used
    List {
        #[command(flatten)]
        listing: Listing,
    },
    /// One coupon, whole
    Show {
        /// cpn_..
        id: CouponId,
    },
    /// Make a coupon of a JSON file, as in {"code": "SOUP5", "gives": {"fixed": {"amount": 500}}}
    Put {
        /// What an operator decides about it; - reads stdin
        file: PathBuf,
    },
    /// Switch a coupon off by hand
    Disable {
        /// cpn_..
        id: CouponId,
    },
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    match command {
        Command::List { listing } => {
            let coupons: Vec<Coupon> = listing.read(&city, COUPONS, &[]).await?;
            global.output().value(&coupons, || listed(&coupons))?;
        }
        Command::Show { id } => {
            let coupon: Coupon = city.get(&format!("{COUPONS}/{id}"), &[]).await?;
            let people = || listed(std::slice::from_ref(&coupon));
            global.output().value(&coupon, people)?;
        }
        Command::Put { file } => {
            let terms: CouponTerms = read(&file)?;
            let coupon: Coupon = city.post_for(COUPONS, &terms).await?;
            eprintln!("{} is {}", coupon.terms.code, coupon.coupon_id);
        }
        Command::Disable { id } => {
            let path = format!("{COUPONS}/{id}");
            let seen: Coupon = city.get(&path, &[]).await?;
            let off = json!({"disabled": true});
            let coupon: Coupon = city.patch_for(&path, &off, seen.version).await?;
            eprintln!("{} is off (version {})", coupon.terms.code, coupon.version);
        }
    }
    Ok(Exit::Yes)
}

fn listed(coupons: &[Coupon]) -> String {
    let rows = coupons.iter().map(|coupon| {
        let terms = &coupon.terms;
        [
            coupon.coupon_id.to_string(),
            terms.code.clone(),
            gives(terms.gives),
            or_dash(terms.until.map(|until| until.0)),
            format!("{}/{}", coupon.used, or_dash(terms.total)),
            amount(&coupon.spent),
            name(&terms.payer),
            if terms.disabled { "off" } else { "on" }.to_owned(),
        ]
    });
    table(["coupon", "code", "gives", "until", "used", "spent", "payer", "is"], rows)
}

fn gives(gives: CouponGives) -> String {
    match gives {
        CouponGives::Percent { millionths, .. } => {
            format!("{}.{:02} %", millionths / 10_000, millionths % 10_000 / 100)
        }
        CouponGives::Fixed { amount } => format!("{amount} off"),
        CouponGives::FreeDelivery => "delivery".to_owned(),
    }
}
