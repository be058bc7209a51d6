//! `fdctl quality`: how well restaurants and couriers work, and what is done about it.

use crate::connection::{City, Global, Listing};
use crate::exit::Exit;
use crate::output::{name, or_dash, table};
use api::quality::{Action, ActionRequest, Quality};
use api::wire::Time;
use domain::quality::QualityOf;
use domain::time::Timestamp;

const QUALITY: &str = "/v1/admin/quality";

/// How well restaurants and couriers work, and what is done about it
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// All of them, those who have lost most points first
    List {
        /// restaurant or courier
        #[arg(long, default_value = "restaurant", value_parser = ["restaurant", "courier"])]
        kind: String,
        #[command(flatten)]
        listing: Listing,
    },
    /// One of them, with what points are lost for
    Show {
        /// res_.. or cou_..
        id: QualityOf,
    },
    /// Warn, limit, pause or hide, or clear what holds
    Action {
        /// res_.. or cou_..
        id: QualityOf,
        /// warn, limit, pause, hide (restaurants only) or clear
        #[arg(value_parser = crate::output::word::<Action>)]
        action: Action,
        /// For them and for the audit chain
        #[arg(long)]
        reason: String,
        /// Until then, as in 2026-03-01T18:30:00Z; left out, a pause lasts 7 days
        #[arg(long)]
        until: Option<Timestamp>,
    },
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    match command {
        Command::List { kind, listing } => {
            let all: Vec<Quality> = listing.read(&city, QUALITY, &[("kind", kind)]).await?;
            global.output().value(&all, || listed(&all))?;
        }
        Command::Show { id } => {
            let one: Quality = city.get(&format!("{QUALITY}/{id}"), &[]).await?;
            global.output().value(&one, || set_out(&one))?;
        }
        Command::Action { id, action, reason, until } => {
            let body = ActionRequest { action, until: until.map(Time), reason };
            let one: Quality = city.post_for(&format!("{QUALITY}/{id}/action"), &body).await?;
            global.output().value(&one, || set_out(&one))?;
        }
    }
    Ok(Exit::Yes)
}

fn listed(all: &[Quality]) -> String {
    let rows = all.iter().map(|one| {
        let lost = one.parts.iter().filter(|part| part.lost > 0);
        let lost: Vec<_> = lost.map(|it| format!("{}=-{}", name(&it.part), it.lost)).collect();
        [
            one.subject.clone(),
            or_dash(one.score),
            one.orders.to_string(),
            lost.join(" "),
            measure(one),
        ]
    });
    table(["SUBJECT", "SCORE", "ORDERS", "LOST FOR", "MEASURE"], rows)
}

fn set_out(one: &Quality) -> String {
    let head = format!(
        "{}: {} of 1000, {} orders in {} days, {}\n",
        one.subject,
        or_dash(one.score),
        one.orders,
        one.window_days,
        measure(one),
    );
    let rows = one.parts.iter().map(|part| {
        [
            name(&part.part),
            part.count.to_string(),
            format!("{:.1} %", part.permille as f64 / 10.0),
            format!("-{} of {}", part.lost, part.at_most),
        ]
    });
    head + &table(["PART", "ORDERS", "SHARE", "POINTS"], rows)
}

fn measure(one: &Quality) -> String {
    let Some(measure) = &one.measure else { return "-".to_owned() };
    let by = if measure.by_score { "by score" } else { "by hand" };
    match measure.until {
        Some(until) => format!("{} {by} until {}", name(&measure.action), until.0),
        None => format!("{} {by}", name(&measure.action)),
    }
}
