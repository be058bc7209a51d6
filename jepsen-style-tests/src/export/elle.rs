//! For elle, the transaction checker in Clojure: a history of list-append as EDN, one map a line.
//! What was refused is `:fail`, what is unknown `:info`.

use super::{Clients, edn};
use crate::check::operations::operations;
use crate::history::{History, Kind, Line};
use anyhow::{Result, bail};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write;

/// Writes the transactions of a history; how many lines that was.
///
/// # Errors
/// The history makes no sense, or it cannot be written.
pub fn elle(history: &History, out: &mut impl Write) -> Result<usize> {
    if let Err(malformed) = operations(&history.lines) {
        bail!("line {} of the history: {}", malformed.line, malformed.why);
    }
    let (mut clients, mut written) = (Clients::default(), 0);
    // By process: what it asked, since not every answer repeats it.
    let mut asked = std::collections::HashMap::new();
    for line in history.lines.iter().filter(|line| line.f == "txn") {
        let kind = match line.kind {
            Kind::Invoke => "invoke",
            Kind::Ok => "ok",
            Kind::Rejected => "fail",
            Kind::Unknown => "info",
            Kind::Info => continue,
        };
        let process = clients.number(&line.p);
        let steps = match line.kind {
            Kind::Ok => &line.value,
            Kind::Invoke | Kind::Rejected | Kind::Unknown | Kind::Info => {
                *asked.entry(process).or_insert(&line.value)
            }
        };
        writeln!(out, "{}", map(line, written, process, kind, steps))?;
        written += 1;
        if line.kind != Kind::Invoke {
            asked.remove(&process);
        }
    }
    Ok(written)
}

fn map(line: &Line, index: usize, process: u64, kind: &str, steps: &Value) -> String {
    let t = line.t;
    let mut text = String::new();
    let _ = write!(
        text,
        "{{:index {index}, :time {t}, :process {process}, :type :{kind}, :f :txn, :value "
    );
    let steps = steps.as_array().map(Vec::as_slice).unwrap_or_default();
    edn::list(steps.iter(), &mut text, |step, text| {
        let verb = step[0].as_str().unwrap_or_default();
        let _ = write!(text, "[:{verb} ");
        edn::value(&step[1], text);
        text.push(' ');
        edn::value(&step[2], text);
        text.push(']');
    });
    text.push('}');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::history;
    use expect_test::expect;

    #[test]
    fn transactions_are_maps() {
        let history = history(
            r#"
            1 invoke   txn - [["append", "queue \"3\"", 17], ["r", "x", null]]
            2 invoke   txn - [["append", "x", 1]]
            1 ok       txn - [["append", "queue \"3\"", 17], ["r", "x", [1, 2]]]
            2 rejected txn - null
            2 invoke   txn - [["append", "x", 3]]
            2 unknown  txn - null
            3 invoke   write x 1
            3 ok       write x 1
            "#,
        );
        let mut out = Vec::new();
        assert_eq!(elle(&history, &mut out).unwrap(), 6);
        expect![[r#"
            {:index 0, :time 0, :process 1, :type :invoke, :f :txn, :value [[:append "queue \"3\"" 17] [:r "x" nil]]}
            {:index 1, :time 1000000, :process 2, :type :invoke, :f :txn, :value [[:append "x" 1]]}
            {:index 2, :time 2000000, :process 1, :type :ok, :f :txn, :value [[:append "queue \"3\"" 17] [:r "x" [1 2]]]}
            {:index 3, :time 3000000, :process 2, :type :fail, :f :txn, :value [[:append "x" 1]]}
            {:index 4, :time 4000000, :process 2, :type :invoke, :f :txn, :value [[:append "x" 3]]}
            {:index 5, :time 5000000, :process 2, :type :info, :f :txn, :value [[:append "x" 3]]}
        "#]]
        .assert_eq(&String::from_utf8(out).unwrap());
    }
}
