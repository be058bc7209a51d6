//! `fdctl`: the city from a terminal.
//!
//! One noun, one verb: `fdctl node list`. Data goes to stdout, as a table for people or with
//! `--json` for scripts; all else goes to stderr. It speaks the same public API as the apps, with
//! any node: the nodes find their leader themselves.

mod account;
mod audit;
mod ban;
mod city;
mod claim;
mod config;
mod connection;
mod coupon;
mod courier;
mod exit;
mod feed;
mod fraud;
mod key;
mod ledger;
mod menu_sample;
mod node;
mod notice;
mod order;
mod osm;
mod output;
mod payments;
mod quality;
mod request_key;
mod restaurant;
mod role;
mod terms;
mod webhook;

use clap::{CommandFactory, Parser};
use connection::Global;
use exit::Exit;
use output::Output;
use std::process::ExitCode;

/// Looks after a city of food deliveries.
///
/// Exit codes: 0 yes, 1 no (refused), 2 the command line is wrong, 3 nobody can say (no node
/// answers, or the verdict is unknown; repeating the command is safe).
#[derive(Debug, Parser)]
#[command(name = "fdctl", version, propagate_version = true, subcommand_required = true)]
struct Line {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, clap::Subcommand)]
enum Noun {
    #[command(subcommand)]
    City(city::Command),
    #[command(subcommand)]
    Node(node::Command),
    #[command(subcommand)]
    Order(order::Command),
    #[command(subcommand)]
    Claim(claim::Command),
    #[command(subcommand)]
    Notice(notice::Command),
    #[command(subcommand)]
    Payments(payments::Command),
    #[command(subcommand)]
    Ledger(ledger::Command),
    #[command(subcommand)]
    Restaurant(restaurant::Command),
    #[command(subcommand)]
    Courier(courier::Command),
    #[command(subcommand)]
    Account(account::Command),
    #[command(subcommand)]
    Audit(audit::Command),
    #[command(subcommand)]
    Ban(ban::Command),
    #[command(subcommand)]
    Fraud(fraud::Command),
    #[command(subcommand)]
    Quality(quality::Command),
    #[command(subcommand)]
    Role(role::Command),
    #[command(subcommand)]
    Key(key::Command),
    #[command(subcommand)]
    Coupon(coupon::Command),
    #[command(subcommand)]
    Webhook(webhook::Command),
    #[command(subcommand)]
    Zone(terms::Zone),
    /// What is added to a basket
    #[command(subcommand)]
    Fees(terms::Whole),
    /// Rates by class
    #[command(subcommand)]
    Tax(terms::Whole),
    #[command(subcommand)]
    Holiday(terms::Holiday),
    #[command(subcommand)]
    Feed(feed::Command),
    #[command(subcommand)]
    Config(config::Command),
    /// Print what a shell needs to complete commands, as in `fdctl completions bash`
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    // clap itself ends with 2 where the command line is wrong, and with 0 after --help.
    let Line { global, noun } = Line::parse();
    let exit = match run(noun, &global) {
        Ok(exit) => exit,
        Err(error) => {
            eprintln!("fdctl: {error:#}");
            Exit::of(&error)
        }
    };
    exit.into()
}

fn run(noun: Noun, global: &Global) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match noun {
            Noun::City(command) => city::run(command, global).await,
            Noun::Node(command) => node::run(command, global).await,
            Noun::Order(command) => order::run(command, global).await,
            Noun::Claim(command) => claim::run(command, global).await,
            Noun::Notice(command) => notice::run(command, global).await,
            Noun::Payments(command) => payments::run(command, global).await,
            Noun::Ledger(command) => ledger::run(command, global).await,
            Noun::Restaurant(command) => restaurant::run(command, global).await,
            Noun::Courier(command) => courier::run(command, global).await,
            Noun::Account(command) => account::run(command, global).await,
            Noun::Audit(command) => audit::run(command, global).await,
            Noun::Fraud(command) => fraud::run(command, global).await,
            Noun::Ban(command) => ban::run(command, global).await,
            Noun::Quality(command) => quality::run(command, global).await,
            Noun::Role(command) => role::run(command, global).await,
            Noun::Key(command) => key::run(command, global).await,
            Noun::Coupon(command) => coupon::run(command, global).await,
            Noun::Webhook(command) => webhook::run(command, global).await,
            Noun::Zone(command) => terms::zone(command, global).await,
            Noun::Fees(command) => terms::fees(command, global).await,
            Noun::Tax(command) => terms::tax(command, global).await,
            Noun::Holiday(command) => terms::holiday(command, global).await,
            Noun::Feed(command) => feed::run(command, global).await,
            Noun::Config(command) => config::run(command, global.output()),
            Noun::Completions { shell } => completions(shell, global.output()),
        }
    })
}

fn completions(shell: clap_complete::Shell, output: Output) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Line::command(), "fdctl", &mut script);
    output.text(&String::from_utf8_lossy(&script))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Line::command().debug_assert();
    }

    #[test]
    fn lines_are_understood() {
        let good = [
            "city status --json",
            "node add --id 4 --raft-addr 10.0.0.4:9080 --http-addr 10.0.0.4:8080",
            "node transfer-leader",
            "order list --state placed,accepted --limit 5 --url http://a:1,http://b:1",
            "order cancel ord_00000000000000000000000000 --reason too_slow",
            "restaurant import x.osm.pbf --dry-run --bbox -8.63,41.12,-8.59,41.16",
            "audit verify --file chain.ndjson",
            "account ban acc_00000000000000000000000000 --reason x --until 2027-01-01T00:00:00Z",
            "account erase acc_00000000000000000000000000 --reason letter --yes",
            "account export acc_00000000000000000000000000 --reason letter",
            "fraud cases --state open",
            "fraud decide fcs_00000000000000000000000000 deny --reason x",
            "fraud rules",
            "fraud rules rules.json --dry-run",
            "ban list --kind device",
            "quality list --kind courier",
            "quality show res_00000000000000000000000000",
            "quality action cou_00000000000000000000000000 pause --reason x",
            "ban impose res_00000000000000000000000000 --reason dirt --cancel-open",
            "ban lift cmk_00000000000000000000000000 --reason x",
            "ban appeal acc_00000000000000000000000000 --note sorry",
            "key list --restaurant res_00000000000000000000000000 --json",
            "key make till --scopes orders,stock --until 2027-01-01T00:00:00Z",
            "key revoke key_00000000000000000000000000",
            "role list",
            "role grant acc_00000000000000000000000000 auditor --reason x",
            "role take acc_00000000000000000000000000 --reason x",
            "config init somewhere --nodes 3 --city-number 7 --plain",
            "completions zsh",
            "coupon disable cpn_00000000000000000000000000",
            "coupon put - --url http://a:1",
            "zone put zones.json --dry-run",
            "fees show --json",
            "feed show --from 812.0 --types order.placed,payment.* --limit 5 --json",
            "feed tail --after 812 --restaurant res_00000000000000000000000000",
            "webhook list --restaurant res_00000000000000000000000000",
            "webhook make https://example.org/hook --types order.*,stock.changed --from 812.0",
            "webhook change whk_00000000000000000000000000 --types order.* --on",
            "webhook replay whk_00000000000000000000000000 --event 812.0",
            "webhook rotate whk_00000000000000000000000000 --json",
            "tax put taxes.json",
            "holiday add 2026-12-24",
            "order cancel ord_00000000000000000000000000 --reason operator --fault platform --dry-run",
            "order refund ord_00000000000000000000000000 --amount 500 --fault platform --reason cold",
            "order refund ord_00000000000000000000000000 --line 0:1 --line 2:3 --fault courier --reason x --key k",
            "order claims ord_00000000000000000000000000 --json",
            "claim list --state open,contested --limit 5",
            "ledger show --holder platform --json",
            "ledger balances",
            "ledger pay res_00000000000000000000000000 --amount -5 --key k",
            "notice list --state failed --json",
            "notice retry ntc_00000000000000000000000000",
            "notice outbox",
            "payments unsettled --json",
            "payments show pay_00000000000000000000000000",
            "payments retry pay_00000000000000000000000000",
            "payments reconcile --since 86400 --dry-run --json",
            "claim settle clm_00000000000000000000000000 --amount 0 --fault customer --reason x",
            "restaurant stock res_00000000000000000000000000",
            "restaurant stock res_00000000000000000000000000 --set ramen=12 --set a=b=hidden --until next_reset",
            "restaurant hours res_00000000000000000000000000 --set hours.json",
            "restaurant closing add res_00000000000000000000000000 2026-12-24 --to 2026-12-26 --open 10:00-14:00",
            "restaurant closing remove res_00000000000000000000000000 cls_00000000000000000000000000",
            "restaurant capacity res_00000000000000000000000000 --orders 10 --dishes 40",
            "restaurant capacity res_00000000000000000000000000 --unbounded",
            "restaurant availability res_00000000000000000000000000",
            "restaurant availability res_00000000000000000000000000 busy --extra-minutes 20",
            "restaurant availability res_00000000000000000000000000 paused --until 2027-01-01T00:00:00Z",
        ];
        for line in good {
            let words = std::iter::once("fdctl").chain(line.split(' '));
            Line::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
        let wrong = [
            "",
            "order show ord_short",
            "order cancel ord_00000000000000000000000000 --reason boredom",
            "restaurant import x.csv",
            "node add --id 0 --raft-addr a:1 --http-addr b:1",
            "account ban acc_00000000000000000000000000",
            "ban impose ord_00000000000000000000000000 --reason x",
            "fraud rules --dry-run",
            "key make till",
            "key make till --scopes everything",
            "role grant acc_00000000000000000000000000 king --reason x",
            "role take acc_00000000000000000000000000",
            "quality action cou_00000000000000000000000000 fire --reason x",
            "fraud decide fcs_00000000000000000000000000 maybe --reason x",
            "config init somewhere --city-number 0",
            "holiday add 24.12.2026",
            "zone put",
            "feed show --from yesterday",
            "webhook change whk_00000000000000000000000000",
            "webhook change whk_00000000000000000000000000 --on --off",
            "webhook replay whk_00000000000000000000000000",
            "webhook replay whk_00000000000000000000000000 --from 7 --event 812.0",
            "webhook make",
            "order refund ord_00000000000000000000000000 --fault platform --reason x",
            "order refund ord_00000000000000000000000000 --amount 0 --fault platform --reason x",
            "order refund ord_00000000000000000000000000 --amount 5 --line 0:1 --fault platform --reason x",
            "order refund ord_00000000000000000000000000 --line 0 --fault platform --reason x",
            "order refund ord_00000000000000000000000000 --amount 5 --fault nobody --reason x",
            "claim list --state closed",
            "notice list --state sent",
            "notice retry",
            "payments show ord_00000000000000000000000000",
            "payments reconcile --since 0",
            "claim settle clm_00000000000000000000000000 --amount -1 --fault platform --reason x",
            "restaurant stock res_00000000000000000000000000 --until next_reset",
            "restaurant stock res_00000000000000000000000000 --set ramen",
            "restaurant closing add res_00000000000000000000000000 2026-12-24 --open noon",
            "restaurant capacity res_00000000000000000000000000",
            "restaurant capacity res_00000000000000000000000000 --unbounded --orders 1",
            "restaurant availability res_00000000000000000000000000 busy",
            "restaurant availability res_00000000000000000000000000 --no-pickup",
        ];
        for line in wrong {
            let words = std::iter::once("fdctl").chain(line.split(' ').filter(|w| !w.is_empty()));
            assert!(Line::try_parse_from(words).is_err(), "{line}");
        }
    }
}
