//! A made-up month of orders with planted attacks, through the real `domain::apply`: what the
//! default rules find, and whom they trouble in vain. No cluster, no network, nothing kept.
//!
//! ```text
//! cargo run --release --example fraud_month -- --seed 20260302
//! ```

use clap::Parser;
use domain::script::month::{Month, Told};
use serde_json::json;
use std::io::Write;
use std::time::Instant;

/// What the rules against fraud find in a made-up month
#[derive(Debug, Parser)]
struct Line {
    /// The same seed is the same month
    #[arg(long, default_value_t = 20_260_302)]
    seed: u64,
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(10..=90))]
    days: u32,
    /// Honest people
    #[arg(long, default_value_t = 2_000,
        value_parser = clap::value_parser!(u32).range(10..=20_000))]
    people: u32,
    /// Attacks of each kind
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=500))]
    attacks: u32,
    /// For scripts
    #[arg(long)]
    json: bool,
}

fn main() -> std::io::Result<()> {
    let Line { seed, days, people, attacks, json } = Line::parse();
    let month = Month { seed, days, people, attacks };
    eprintln!("seed {seed}: {days} days, {people} people, {attacks} attacks of each kind");
    let started = Instant::now();
    let told = month.live();
    eprintln!("{} entries in {:.1} s", told.entries, started.elapsed().as_secs_f64());
    let text = if json { as_json(&month, &told) } else { as_table(&told) };
    std::io::stdout().lock().write_all(text.as_bytes())
}

/// A part of a whole in percent.
fn percent(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) * 100.0 / f64::from(whole) }
}

fn as_table(told: &Told) -> String {
    let orders = told.honest.sum();
    let row = |cells: [String; 6]| {
        let [rule, from, planted, detected, share, honest] = cells;
        format!("{rule:<28}{from:>8}{planted:>9}{detected:>10}{share:>9}{honest:>20}\n")
    };
    let head = ["rule", "from", "planted", "detected", "%", "honest flagged"].map(str::to_owned);
    let mut text = row(head);
    for (rule, struck) in &told.rules {
        text += &row([
            rule.signal.name().to_owned(),
            rule.at_least.to_string(),
            struck.planted.to_string(),
            struck.detected.to_string(),
            format!("{:.0}", percent(struck.detected, struck.planted)),
            format!("{} = {:.3} %", struck.honest, percent(struck.honest, orders)),
        ]);
    }
    text += "\nattack                planted  detected   denied\n";
    for (kind, found) in &told.kinds {
        let (name, planted) = (kind.name(), found.planted);
        text += &format!("{name:<20}{planted:>9}{:>10}{:>9}\n", found.detected, found.denied);
    }
    let (review, deny) = (told.honest.review, told.honest.deny);
    text += &format!(
        "\nhonest orders {orders}: review {review} = {:.3} %, deny {deny} = {:.3} %\n",
        percent(review, orders),
        percent(deny, orders),
    );
    text
}

fn as_json(month: &Month, told: &Told) -> String {
    let rules = told.rules.iter().map(|(rule, struck)| {
        json!({
            "rule": rule.signal.name(), "at_least": rule.at_least, "points": rule.points,
            "planted": struck.planted, "detected": struck.detected,
            "honest_flagged": struck.honest,
        })
    });
    let kinds = told.kinds.iter().map(|(kind, found)| {
        json!({
            "attack": kind.name(), "planted": found.planted, "detected": found.detected,
            "denied": found.denied,
        })
    });
    let document = json!({
        "seed": month.seed, "days": month.days, "people": month.people, "entries": told.entries,
        "rules": rules.collect::<Vec<_>>(),
        "attacks": kinds.collect::<Vec<_>>(),
        "honest": {
            "orders": told.honest.sum(), "review": told.honest.review, "deny": told.honest.deny,
        },
    });
    format!("{document:#}\n")
}
