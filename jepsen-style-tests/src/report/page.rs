//! The words of a report: a page that needs nothing but itself.

use super::chart::{Attempt, Chart};
use crate::check::{Finding, Verdict};
use crate::history::{History, Kind};
use crate::run::{Outcome, Word, word};
use std::collections::BTreeMap;
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");

/// A text, as HTML shows it.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A whole page.
pub(super) fn page(title: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title><style>\n{STYLE}</style></head>\n<body><main>\n{body}\n\
         </main></body></html>\n"
    )
}

/// A word with its colour.
pub(super) fn chip(word: &str) -> String {
    let class = word.to_lowercase().split(' ').next().unwrap_or_default().to_owned();
    format!("<span class=\"word {class}\">{}</span>", escaped(word))
}

/// A table: its head, its rows of HTML, and which columns are numbers.
pub(super) fn table(head: &[&str], numbers: &[usize], rows: &[Vec<String>]) -> String {
    let class = |place| if numbers.contains(&place) { " class=\"number\"" } else { "" };
    let row = |tag: &str, cells: &[String]| {
        let cells = cells.iter().enumerate();
        let cells: String =
            cells.map(|(at, cell)| format!("<{tag}{}>{cell}</{tag}>", class(at))).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let head: Vec<_> = head.iter().map(|cell| escaped(cell)).collect();
    let rows: String = rows.iter().map(|cells| row("td", cells)).collect();
    let table = format!("<thead>{}</thead><tbody>{rows}</tbody>", row("th", &head));
    format!("<div class=\"card\"><table>{table}</table></div>")
}

/// The report of one run.
pub(super) fn report(outcome: &Outcome, panics: &[String]) -> String {
    let header = &outcome.history.header;
    let (config, total) = (&header.config, outcome.total());
    let title = format!("{} \u{d7} {}", config.workload, config.nemesis);
    let mut body = format!("<h1>{} {}</h1>\n", escaped(&title), chip(outcome.word().name()));
    let _ = writeln!(
        body,
        "<p class=\"soft\">seed {} · {} · {:.0} s of faults · {} ok, {} rejected, {} unknown</p>",
        header.seed,
        escaped(&config.transport),
        config.minutes * 60.0,
        total.ok,
        total.rejected,
        total.unknown
    );
    if let Some(command) = config.more.get("command").and_then(serde_json::Value::as_str) {
        let _ = writeln!(body, "<pre>{}</pre>", escaped(command));
    }
    body += &troubles(outcome, panics);
    body += "<h2>Promises</h2>\n";
    body += &findings(outcome);
    body += &pictures(&outcome.history);
    body += &silences(outcome);
    body += &operations(&outcome.history);
    body += &machine(&outcome.history);
    page(&format!("{title}: {}", outcome.word()), &body)
}

fn troubles(outcome: &Outcome, panics: &[String]) -> String {
    let mut body = String::new();
    let all = outcome.trouble.iter().chain(panics);
    let all: Vec<_> = all.map(|trouble| escaped(trouble)).collect();
    if !all.is_empty() {
        let _ = writeln!(body, "<h2>Trouble</h2>\n<pre>{}</pre>", all.join("\n\n"));
    }
    if outcome.word() == Word::Unproven {
        body += "<p>No promise was seen broken, and the run proves nothing: see coverage.</p>\n";
    }
    body
}

fn findings(outcome: &Outcome) -> String {
    let all = outcome.findings.iter().chain([&outcome.coverage]);
    let row = |finding: &Finding| {
        let detail = match &finding.verdict {
            Verdict::Valid { checked } => format!("{checked} checked"),
            Verdict::NotChecked { why } | Verdict::Undecided { why } => escaped(why),
            Verdict::Invalid { total, examples } => {
                let examples = examples.iter().map(|example| {
                    let lines = match example.lines.is_empty() {
                        true => String::new(),
                        false => format!("\n(lines {:?} of the history)", example.lines),
                    };
                    format!("<pre>{}{lines}</pre>", escaped(&example.what))
                });
                let examples: String = examples.collect();
                format!("<details open><summary>{total} found</summary>{examples}</details>")
            }
        };
        let name = finding.invariant.name().to_owned();
        vec![name, escaped(finding.title), chip(word(finding)), detail]
    };
    let rows: Vec<_> = all.map(row).collect();
    table(&["", "promise", "verdict", ""], &[], &rows)
}

fn pictures(history: &History) -> String {
    let chart = Chart::of(history);
    format!(
        "<h2>What happened</h2>\n<div class=\"key\">\
         <span><i style=\"background:var(--ok)\"></i>ok</span>\
         <span><i style=\"background:var(--no)\"></i>rejected: certainly no effect</span>\
         <span><i style=\"background:var(--open)\"></i>unknown: may have happened</span>\
         <span><i style=\"background:var(--fault);opacity:.4\"></i>a fault; darker without a \
         majority</span></div>\n\
         <div class=\"card\">{}</div>\n<h2>Answers a second</h2>\n<div class=\"card\">{}</div>\n\
         <h2>How long each took</h2>\n<div class=\"card\">{}</div>\n",
        chart.timeline(),
        chart.rate(),
        chart.latency()
    )
}

fn silences(outcome: &Outcome) -> String {
    if outcome.gaps.is_empty() {
        return String::new();
    }
    let rows: Vec<_> = outcome
        .gaps
        .iter()
        .map(|gap| {
            let class = gap.class.map(|class| format!(" {class}")).unwrap_or_default();
            let nodes: Vec<_> = gap.nodes.iter().map(u64::to_string).collect();
            let leader = gap.leader.map(|leader| leader.to_string()).unwrap_or_default();
            vec![
                gap.number.to_string(),
                escaped(&format!("{}{class}", gap.fault)),
                nodes.join(", "),
                leader,
                if gap.quorum { "yes" } else { "no" }.to_owned(),
                format!("{:.1} s", (gap.to - gap.from) as f64 / 1e9),
                gap.acknowledged.to_string(),
                format!("{:.2} s", gap.longest_ms as f64 / 1e3),
            ]
        })
        .collect();
    let head = ["", "fault", "nodes", "leader", "majority", "lasted", "writes", "longest silence"];
    format!("<h2>Faults</h2>\n{}", table(&head, &[0, 5, 6, 7], &rows))
}

/// Attempts of one sort, and how long its yeses took.
#[derive(Default)]
struct Sort {
    counts: [u64; 3],
    took: Vec<u64>,
}

fn operations(history: &History) -> String {
    let chart = Chart::of(history);
    let mut sorts: BTreeMap<&str, Sort> = BTreeMap::new();
    for Attempt { f, kind, asked, heard } in &chart.attempts {
        let sort = sorts.entry(f).or_default();
        match kind {
            Kind::Ok => {
                sort.counts[0] += 1;
                sort.took.push(heard - asked);
            }
            Kind::Rejected => sort.counts[1] += 1,
            Kind::Unknown => sort.counts[2] += 1,
            Kind::Invoke | Kind::Info => {}
        }
    }
    let rows: Vec<_> = sorts
        .into_iter()
        .map(|(f, Sort { counts, mut took })| {
            took.sort_unstable();
            let at = |permille: usize| {
                let place = (took.len() * permille / 1_000).min(took.len().saturating_sub(1));
                took.get(place).map_or_else(String::new, |ns| format!("{:.1} ms", *ns as f64 / 1e6))
            };
            let [ok, rejected, unknown] = counts.map(|count| count.to_string());
            vec![escaped(f), ok, rejected, unknown, at(500), at(990)]
        })
        .collect();
    let head = ["operation", "ok", "rejected", "unknown", "median of ok", "p99 of ok"];
    format!("<h2>Operations</h2>\n{}", table(&head, &[1, 2, 3, 4, 5], &rows))
}

fn machine(history: &History) -> String {
    let config = &history.header.config;
    let mut body = format!(
        "<h2>This machine</h2>\n<p>Faults that it can do: {}.</p>\n",
        escaped(&config.possible.join(", "))
    );
    if !config.impossible.is_empty() {
        let rows = config.impossible.iter();
        let rows: Vec<_> = rows.map(|one| vec![escaped(&one.fault), escaped(&one.why)]).collect();
        let rows = table(&["fault", "why not here"], &[], &rows);
        let _ = writeln!(
            body,
            "<details><summary>Faults that it cannot do: {}</summary>{rows}</details>",
            config.impossible.len()
        );
    }
    let more = serde_json::to_string_pretty(&config.more).unwrap_or_default();
    let _ = writeln!(
        body,
        "<details><summary>How the city was set up</summary><pre>{}</pre></details>",
        escaped(&more)
    );
    body
}
