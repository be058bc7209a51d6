//! For porcupine, the linearizability checker in Go: its `Operation`s as JSON lines.
//!
//! A read, write or cas of a register is one line. What is unknown returns after everything else
//! with an open output, so that a model may take it as done or not; an unknown read says nothing
//! and is left out, and so is what was refused.

use super::Clients;
use crate::check::operations::{Operation, Outcome, operations};
use crate::history::History;
use anyhow::{Result, bail};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::Write;

/// One line. The names are porcupine's.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    client_id: u64,
    input: Value,
    call: u64,
    output: Value,
    r#return: u64,
}

/// Writes the registers of a history; how many operations that was.
///
/// # Errors
/// The history makes no sense, or it cannot be written.
pub fn porcupine(history: &History, out: &mut impl Write) -> Result<usize> {
    let operations = match operations(&history.lines) {
        Ok(operations) => operations,
        Err(malformed) => bail!("line {} of the history: {}", malformed.line, malformed.why),
    };
    let behind = history.lines.last().map_or(0, |line| line.t) + 1;
    let (mut clients, mut written) = (Clients::default(), 0);
    for one in &operations {
        if let Some(row) = row(one, behind, &mut clients) {
            writeln!(out, "{}", serde_json::to_string(&row)?)?;
            written += 1;
        }
    }
    Ok(written)
}

fn row(one: &Operation<'_>, behind: u64, clients: &mut Clients) -> Option<Row> {
    let (op, key, asked) = (one.f(), one.key(), &one.asked.value);
    let known = one.outcome == Outcome::Ok;
    if one.outcome == Outcome::Rejected || op == "read" && !known {
        return None;
    }
    let input = match op {
        "read" => json!({"op": op, "key": key}),
        "write" => json!({"op": op, "key": key, "value": asked}),
        "cas" => json!({"op": op, "key": key, "old": asked[0], "value": asked[1]}),
        _ => return None,
    };
    let output = match one.answer() {
        None => json!({"unknown": true}),
        Some(seen) if op == "read" => json!({"value": seen}),
        Some(_) => json!({"ok": true}),
    };
    let returned = one.heard.filter(|_| known).map_or(behind, |line| line.t);
    let client_id = clients.number(&one.asked.p);
    Some(Row { client_id, input, call: one.asked.t, output, r#return: returned })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::history;
    use expect_test::expect;

    #[test]
    fn registers_are_lines() {
        let history = history(
            r#"
            1   invoke   write x 1
            2   invoke   read  x
            1   ok       write x 1
            2   unknown  read  x
            ann invoke   cas   x [1, "a\"b"]
            ann unknown  cas   x
            3   invoke   write x 4
            3   rejected write x
            4   invoke   read  x
            4   ok       read  x null
            4   invoke   txn   - []
            4   ok       txn   - []
            "#,
        );
        let mut out = Vec::new();
        assert_eq!(porcupine(&history, &mut out).unwrap(), 3);
        expect![[r#"
            {"ClientId":1,"Input":{"key":"x","op":"write","value":1},"Call":0,"Output":{"ok":true},"Return":2000000}
            {"ClientId":2147483648,"Input":{"key":"x","old":1,"op":"cas","value":"a\"b"},"Call":4000000,"Output":{"unknown":true},"Return":11000001}
            {"ClientId":4,"Input":{"key":"x","op":"read"},"Call":8000000,"Output":{"value":null},"Return":9000000}
        "#]]
        .assert_eq(&String::from_utf8(out).unwrap());
    }
}
