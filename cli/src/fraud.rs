//! `fdctl fraud`: orders that a person should look at, and the rules that find them.

use crate::connection::{City, Global, Listing};
use crate::exit::Exit;
use crate::output::{amount, name, or_dash, table};
use crate::terms::read;
use anyhow::ensure;
use api::fraud::{Case, DecideRequest, RuleSet, Rules, RulesPut, RulesTried};
use domain::fraud::Decision;
use domain::ids::CaseId;
use std::path::PathBuf;

const CASES: &str = "/v1/admin/fraud/cases";
const RULES: &str = "/v1/admin/fraud/rules";

/// Orders that a person should look at, and the rules that find them
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Orders that look like fraud, with what struck
    Cases {
        /// Only open, allowed, denied or moot
        #[arg(long, value_parser = ["open", "allowed", "denied", "moot"])]
        state: Option<String>,
        #[command(flatten)]
        listing: Listing,
    },
    /// Let an order go on, or call it off
    Decide {
        /// fcs_..
        id: CaseId,
        /// allow or deny
        #[arg(value_parser = crate::output::word::<Decision>)]
        decision: Decision,
        /// For the audit chain
        #[arg(long)]
        reason: String,
    },
    /// The rules that hold; with a file, others
    Rules {
        /// As `fdctl fraud rules --json` prints under "set"; - reads stdin
        file: Option<PathBuf>,
        /// Change nothing: say what they would have made of the last 7 days
        #[arg(long, requires = "file")]
        dry_run: bool,
        /// The version that you saw, as `fdctl fraud rules` prints it; refused if another holds now
        #[arg(long, value_name = "VERSION", requires = "file")]
        over: Option<u64>,
        /// For the audit chain
        #[arg(long, requires = "file")]
        reason: Option<String>,
    },
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    match command {
        Command::Cases { state, listing } => {
            let query = state.map(|state| ("state", state));
            let cases: Vec<Case> = listing.read(&city, CASES, query.as_slice()).await?;
            global.output().value(&cases, || listed(&cases))?;
        }
        Command::Decide { id, decision, reason } => {
            let body = DecideRequest { decision, reason };
            let case: Case = city.post_for(&format!("{CASES}/{id}/decide"), &body).await?;
            global.output().value(&case, || listed(std::slice::from_ref(&case)))?;
        }
        Command::Rules { file: None, .. } => {
            let rules: Rules = city.get(RULES, &[]).await?;
            global.output().value(&rules, || set_out(&rules))?;
        }
        Command::Rules { file: Some(file), dry_run, over, reason } => {
            let set: RuleSet = read(&file)?;
            // Asked for here it would always be the newest, and write over what nobody has seen.
            ensure!(dry_run || over.is_some(), "--over: name the version that you saw");
            let mut query = Vec::new();
            query.extend(dry_run.then(|| ("dry_run", "true".to_owned())));
            query.extend(reason.map(|why| ("reason", why)));
            let over = over.unwrap_or(0);
            let put: RulesPut = city.put_for(RULES, &query, &set, over).await?;
            match &put.dry_run {
                Some(tried) => drop(global.output().value(tried, || told(tried))?),
                None => eprintln!("version {} holds", put.version),
            }
        }
    }
    Ok(Exit::Yes)
}

fn listed(cases: &[Case]) -> String {
    let rows = cases.iter().map(|case| {
        let hit = |hit: &api::fraud::Hit| format!("{}={}", hit.signal.name(), hit.value);
        let hits: Vec<_> = case.hits.iter().map(hit).collect();
        [
            case.case_id.to_string(),
            name(&case.state),
            or_dash(case.decide_by.map(|until| until.0)),
            case.account_id.to_string(),
            amount(&case.total),
            case.points.to_string(),
            hits.join(" "),
        ]
    });
    table(["CASE", "STATE", "DECIDE BY", "ACCOUNT", "TOTAL", "POINTS", "HITS"], rows)
}

fn set_out(rules: &Rules) -> String {
    let set = &rules.set;
    let head = format!(
        "version {}, {}: review from {}, deny from {}, {} s to decide, then {}\n",
        rules.version,
        name(&set.mode),
        set.review_from,
        set.deny_from,
        set.review_s,
        name(&set.unreviewed),
    );
    let rows = set.rules.iter().map(|rule| {
        let what = rule.signal.what().to_owned();
        [name(&rule.signal), rule.at_least.to_string(), rule.points.to_string(), what]
    });
    head + &table(["SIGNAL", "FROM", "POINTS", "WHAT"], rows)
}

fn told(tried: &RulesTried) -> String {
    let more = if tried.truncated { " (the newest of more)" } else { "" };
    let of = |it: &api::fraud::Verdicts| {
        format!("allow {}, review {}, deny {}", it.allow, it.review, it.deny)
    };
    let (orders, now, then) = (tried.orders, of(&tried.now), of(&tried.then));
    let head = format!("{orders} orders{more}\nnow   {now}\nthen  {then}\n");
    let rows = tried.rules.iter().map(|row| {
        [
            name(&row.signal),
            row.at_least.to_string(),
            row.points.to_string(),
            row.orders.to_string(),
        ]
    });
    head + &table(["SIGNAL", "FROM", "POINTS", "ORDERS"], rows)
}
