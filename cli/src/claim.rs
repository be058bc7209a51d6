//! `fdctl claim`: complaints about orders, and the operator's word on them.

use crate::connection::{City, Global, Listing};
use crate::exit::Exit;
use crate::output::{amount, facts, name, or_dash, table, word};
use crate::request_key;
use anyhow::bail;
use api::claims::{Claim, LineCount, SettleClaimRequest};
use api::client::Call;
use api::wire::Page;
use domain::claim::ClaimState;
use domain::ids::ClaimId;
use domain::order::Fault;

const CLAIMS: &str = "/v1/admin/claims";

/// Complaints about orders
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Every claim, newest first
    List {
        /// Only in these states, as in open,contested; the others are settled and refused
        #[arg(long, value_delimiter = ',', value_parser = word::<ClaimState>)]
        state: Vec<ClaimState>,
        #[command(flatten)]
        listing: Listing,
    },
    /// One claim, whole
    Show {
        /// clm_..
        id: ClaimId,
    },
    /// Decide a claim that is open or contested
    Settle(Settle),
}

/// The arguments of `claim settle`.
#[derive(Debug, clap::Args)]
pub(crate) struct Settle {
    /// clm_..
    id: ClaimId,
    /// What the customer gets, in minor units; 0 refuses the claim
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..))]
    amount: i64,
    /// Who bears it: customer, restaurant, courier or platform
    #[arg(long, value_parser = word::<Fault>)]
    fault: Fault,
    /// For the customer, the restaurant and the audit chain
    #[arg(long)]
    reason: String,
    /// The Idempotency-Key; follows from the rest if left out, so that it may be repeated
    #[arg(long)]
    key: Option<String>,
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    match command {
        Command::List { state, listing } => {
            let names: Vec<String> = state.iter().map(name).collect();
            let query: Vec<_> =
                if names.is_empty() { Vec::new() } else { vec![("state", names.join(","))] };
            let claims: Vec<Claim> = listing.read(&city, CLAIMS, &query).await?;
            global.output().value(&claims, || listed(&claims))?;
        }
        Command::Show { id } => {
            let claim = find(&city, id).await?;
            global.output().value(&claim, || shown(&claim))?;
        }
        Command::Settle(settle) => {
            let Settle { id, amount, fault, reason, key } = settle;
            let body = SettleClaimRequest { amount, fault, reason };
            let key = key.map_or_else(|| request_key::derived("claim settle", id, &body), Ok)?;
            let path = format!("{CLAIMS}/{id}/settle");
            let claim: Claim = city.send(Call::post(&path, &body).key(key)).await?;
            global.output().value(&claim, || shown(&claim))?;
        }
    }
    Ok(Exit::Yes)
}

/// One of all claims. The city lists them, newest first, and has no path for one alone.
async fn find(city: &City, id: ClaimId) -> anyhow::Result<Claim> {
    let mut cursor: Option<String> = None;
    loop {
        let mut query = vec![("limit", api::wire::PAGE_MOST.to_string())];
        query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
        let page: Page<Claim> = city.get(CLAIMS, &query).await?;
        if let Some(claim) = page.data.into_iter().find(|claim| claim.claim_id == id) {
            return Ok(claim);
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            bail!("claim_unknown: there is no claim {id}");
        }
    }
}

/// Claims as people read them.
pub(crate) fn listed(claims: &[Claim]) -> String {
    let rows = claims.iter().map(|claim| {
        [
            claim.claim_id.to_string(),
            claim.order_id.to_string(),
            claim.made_at.0.to_string(),
            name(&claim.kind),
            amount(&claim.asked),
            name(&claim.state),
            or_dash(claim.answer_by.map(|at| at.0)),
            or_dash(claim.amount.as_ref().map(amount)),
            or_dash(claim.fault.as_ref().map(name)),
        ]
    });
    table(
        ["claim", "order", "made", "kind", "asks for", "state", "answer by", "gets", "fault"],
        rows,
    )
}

fn shown(claim: &Claim) -> String {
    let mut known = vec![
        ("claim", claim.claim_id.to_string()),
        ("order", claim.order_id.to_string()),
        ("restaurant", claim.restaurant_id.to_string()),
        ("made", claim.made_at.0.to_string()),
        ("kind", name(&claim.kind)),
    ];
    if !claim.lines.is_empty() {
        let line = |it: &LineCount| format!("{}x line {}", it.quantity, it.line);
        let lines: Vec<String> = claim.lines.iter().map(line).collect();
        known.push(("about", lines.join(", ")));
    }
    if !claim.photos.is_empty() {
        known.push(("photos", claim.photos.join(", ")));
    }
    let text = |text: &Option<String>| text.clone();
    known.extend(text(&claim.text).map(|text| ("customer", text)));
    known.extend(text(&claim.answer).map(|text| ("kitchen", text)));
    known.push(("asks for", amount(&claim.asked)));
    known.push(("state", name(&claim.state)));
    known.extend(claim.answer_by.map(|at| ("answer by", at.0.to_string())));
    known.extend(text(&claim.decision).map(|text| ("decision", text)));
    known.extend(claim.amount.as_ref().map(|money| ("gets", amount(money))));
    known.extend(claim.fault.as_ref().map(|fault| ("fault", name(fault))));
    known.extend(claim.refund_id.map(|refund| ("refund", refund.to_string())));
    facts(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_claim_is_shown_with_what_everybody_said() {
        let claim: Claim = serde_json::from_value(serde_json::json!({
            "claim_id": ClaimId([1; 16]),
            "order_id": domain::ids::OrderId([2; 16]),
            "restaurant_id": domain::ids::RestaurantId([3; 16]),
            "kind": "missing",
            "lines": [{ "line": 0, "quantity": 1 }],
            "photos": [],
            "text": "One bowl was not in the bag",
            "asked": { "amount": 1480, "currency": "EUR" },
            "state": "settled",
            "answer": "Both bowls were in the bag",
            "decision": "the photo shows it",
            "amount": { "amount": 600, "currency": "EUR" },
            "fault": "restaurant",
            "refund_id": domain::ids::RefundId([4; 16]),
            "made_at": "2026-03-01T18:30:00.000Z",
            "revision": 9,
        }))
        .unwrap();
        expect![[r#"
            claim       clm_01040g2081040g2081040g2081
            order       ord_02081040g2081040g2081040g2
            restaurant  res_030c1g60r30c1g60r30c1g60r3
            made        2026-03-01T18:30:00.000Z
            kind        missing
            about       1x line 0
            customer    One bowl was not in the bag
            kitchen     Both bowls were in the bag
            asks for    1480 EUR
            state       settled
            decision    the photo shows it
            gets        600 EUR
            fault       restaurant
            refund      ref_040g2081040g2081040g208104
        "#]]
        .assert_eq(&shown(&claim));
        let row = listed(&[claim]);
        assert!(row.contains("1480 EUR  settled  -          600 EUR  restaurant"), "{row}");
    }
}
