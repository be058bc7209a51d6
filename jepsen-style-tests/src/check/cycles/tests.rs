//! One small history for each anomaly, and a long good one.

use crate::check::testing::history;
use crate::check::{Invariant, Verdict, judge};
use crate::history::{History, Kind, Line, Process};
use expect_test::{Expect, expect};
use serde_json::json;
use std::time::{Duration, Instant};

pub(super) fn verdict(history: &History) -> crate::check::Finding {
    judge(history).into_iter().find(|finding| finding.invariant == Invariant::I3).unwrap()
}

fn found(text: &str, expected: &Expect) {
    expected.assert_eq(&verdict(&history(text)).to_string());
}

#[test]
fn a_good_history() {
    found(
        r#"
        1 invoke  txn - [["append", "x", 1], ["r", "y", null]]
        2 invoke  txn - [["append", "y", 2]]
        1 ok      txn - [["append", "x", 1], ["r", "y", [2]]]
        2 unknown txn - null
        3 invoke  txn - [["r", "x", null], ["append", "x", 3], ["r", "x", null]]
        3 ok      txn - [["r", "x", [1]], ["append", "x", 3], ["r", "x", [1, 3]]]
        "#,
        &expect!["I3 commands about several objects are strictly serializable: valid, 3 checked"],
    );
}

#[test]
fn writes_that_interleave() {
    found(
        r#"
        1 invoke txn - [["append", "x", 1], ["append", "y", 1]]
        2 invoke txn - [["append", "x", 2], ["append", "y", 2]]
        1 ok     txn - [["append", "x", 1], ["append", "y", 1]]
        2 ok     txn - [["append", "x", 2], ["append", "y", 2]]
        3 invoke txn - [["r", "x", null], ["r", "y", null]]
        3 ok     txn - [["r", "x", [1, 2]], ["r", "y", [2, 1]]]
        "#,
        &expect![[r#"
            I3 commands about several objects are strictly serializable: INVALID, 1 found
              G0, write cycle: a circle of 2
              T1 is process 1 (0.000 s): append 1 to x, append 1 to y
              T2 is process 2 (0.001 s): append 2 to x, append 2 to y
              T1 < T2: T2 appended 2 to x behind it
              T2 < T1: T1 appended 1 to y behind it (lines [0, 1, 2, 3])"#]],
    );
}

#[test]
fn circular_information_flow() {
    found(
        r#"
        1 invoke txn - [["append", "x", 1], ["r", "y", null]]
        2 invoke txn - [["append", "y", 2], ["r", "x", null]]
        1 ok     txn - [["append", "x", 1], ["r", "y", [2]]]
        2 ok     txn - [["append", "y", 2], ["r", "x", [1]]]
        "#,
        &expect![[r#"
            I3 commands about several objects are strictly serializable: INVALID, 1 found
              G1c, circular information flow: a circle of 2
              T1 is process 1 (0.000 s): append 1 to x, read y as [2]
              T2 is process 2 (0.001 s): append 2 to y, read x as [1]
              T1 < T2: T2 saw its 1 in x
              T2 < T1: T1 saw its 2 in y (lines [0, 1, 2, 3])"#]],
    );
}

#[test]
fn read_skew_and_write_skew() {
    found(
        r#"
        1 invoke txn - [["r", "x", null], ["r", "y", null]]
        2 invoke txn - [["append", "x", 1], ["append", "y", 1]]
        1 ok     txn - [["r", "x", []], ["r", "y", [1]]]
        2 ok     txn - [["append", "x", 1], ["append", "y", 1]]
        "#,
        &expect![[r#"
            I3 commands about several objects are strictly serializable: INVALID, 1 found
              G-single, read skew: a circle of 2
              T1 is process 1 (0.000 s): read x as [], read y as [1]
              T2 is process 2 (0.001 s): append 1 to x, append 1 to y
              T1 < T2: T1 did not see 1 in x, which T2 appended
              T2 < T1: T1 saw its 1 in y (lines [0, 1, 2, 3])"#]],
    );
    found(
        r#"
        1 invoke txn - [["r", "x", null], ["append", "y", 1]]
        2 invoke txn - [["r", "y", null], ["append", "x", 2]]
        1 ok     txn - [["r", "x", []], ["append", "y", 1]]
        2 ok     txn - [["r", "y", []], ["append", "x", 2]]
        3 invoke txn - [["r", "x", null], ["r", "y", null]]
        3 ok     txn - [["r", "x", [2]], ["r", "y", [1]]]
        "#,
        &expect![[r#"
            I3 commands about several objects are strictly serializable: INVALID, 1 found
              G2, write skew: a circle of 2
              T1 is process 1 (0.000 s): read x as [], append 1 to y
              T2 is process 2 (0.001 s): read y as [], append 2 to x
              T1 < T2: T1 did not see 2 in x, which T2 appended
              T2 < T1: T2 did not see 1 in y, which T1 appended (lines [0, 1, 2, 3])"#]],
    );
}

#[test]
fn clients_that_see_the_past() {
    found(
        r#"
        1 invoke txn - [["append", "x", 1]]
        2 invoke txn - [["r", "x", null]]
        2 ok     txn - [["r", "x", [1]]]
        2 invoke txn - [["r", "x", null]]
        2 ok     txn - [["r", "x", []]]
        1 ok     txn - [["append", "x", 1]]
        "#,
        &expect![[r#"
            I3 commands about several objects are strictly serializable: INVALID, 1 found
              G-single-process, read skew: a circle of 3
              T1 is process 2 (0.003 s): read x as []
              T2 is process 1 (0.000 s): append 1 to x
              T3 is process 2 (0.001 s): read x as [1]
              T1 < T2: T1 did not see 1 in x, which T2 appended
              T2 < T3: T3 saw its 1 in x
              T3 < T1: the same client did T1 later (lines [0, 1, 2, 3, 4, 5])"#]],
    );
    found(
        r#"
        1 invoke txn - [["append", "x", 1]]
        1 ok     txn - [["append", "x", 1]]
        2 invoke txn - [["r", "x", null]]
        2 ok     txn - [["r", "x", []]]
        3 invoke txn - [["r", "x", null]]
        3 ok     txn - [["r", "x", [1]]]
        "#,
        &expect![[r#"
            I3 commands about several objects are strictly serializable: INVALID, 1 found
              G-single-realtime, read skew: a circle of 2
              T1 is process 2 (0.002 s): read x as []
              T2 is process 1 (0.000 s): append 1 to x
              T1 < T2: T1 did not see 1 in x, which T2 appended
              T2 < T1: T2 was answered before T1 was asked (lines [0, 1, 2, 3])"#]],
    );
}

#[test]
fn what_needs_no_circle() {
    found(
        r#"
        1 invoke   txn - [["append", "x", 1], ["append", "x", 2]]
        1 ok       txn - [["append", "x", 1], ["append", "x", 2]]
        2 invoke   txn - [["append", "x", 3]]
        2 rejected txn - null
        3 invoke   txn - [["append", "y", 1]]
        3 ok       txn - [["append", "y", 1]]
        4 invoke   txn - [["r", "x", null]]
        4 ok       txn - [["r", "x", [1]]]
        4 invoke   txn - [["r", "x", null], ["r", "y", null]]
        4 ok       txn - [["r", "x", [1, 2, 3, 9]], ["r", "y", []]]
        5 invoke   txn - [["r", "x", null], ["append", "x", 5], ["r", "x", null]]
        5 ok       txn - [["r", "x", [1, 3]], ["append", "x", 5], ["r", "x", [1, 3]]]
        5 invoke   txn - [["r", "z", null]]
        5 ok       txn - [["r", "z", [7, 7]]]
        "#,
        &expect![[r#"
            I3 commands about several objects are strictly serializable: INVALID, 10 found
              incompatible order of x: process 5 (0.010 s) read [1 3], process 4 (0.008 s) read [1 2 3 9] (lines [10, 11, 8, 9])
              incompatible order of x: process 5 (0.010 s) read [1 3], process 4 (0.008 s) read [1 2 3 9] (lines [10, 11, 8, 9])
              duplicate: 7 stands twice in z, read by process 5 (0.012 s) (lines [12, 13])
              G1a, aborted read: 3 in x was seen, and process 2 (0.002 s): append 3 to x was refused (lines [2, 3])
              from nowhere: nobody appended 9 to x
              from nowhere: nobody appended 7 to z
              internal: process 5 (0.010 s) read x as [1 3], which does not follow from its own steps (lines [10, 11])
              G1b, intermediate read: process 4 (0.006 s) read x as [1], in the middle of process 1 (0.000 s): append 1 to x, append 2 to x (lines [6, 7, 0, 1])
              lost append: process 3 (0.004 s): append 1 to y had its yes, and process 4 (0.008 s) came later and did not see 1 in y (lines [4, 5, 8, 9])
              G-single, read skew: a circle of 2
              T1 is process 4 (0.006 s): read x as [1]
              T2 is process 1 (0.000 s): append 1 to x, append 2 to x
              T1 < T2: T1 did not see 2 in x, which T2 appended
              T2 < T1: T1 saw its 1 in x (lines [0, 1, 6, 7])"#]],
    );
    found(
        "1 invoke txn - 7",
        &expect![[r#"
        I3 commands about several objects are strictly serializable: INVALID, 1 found
          a transaction is a list of steps (lines [0])"#]],
    );
}

/// Clients in turn, and lists that are left behind when they are long, as workloads do: what is
/// serial is serializable, and is judged in time.
#[test]
fn fifty_thousand_transactions() {
    let mut lines = Vec::new();
    let mut say = |p: u64, kind: Kind, value| {
        let mut line = Line::new(Process::Customer(p), kind, "txn");
        (line.value, line.i, line.t) = (value, lines.len() as u64, lines.len() as u64);
        lines.push(line);
    };
    for number in 0..50_000_u64 {
        let (list, begin) = (number / 20, number / 20 * 20);
        let before: Vec<u64> = (begin.saturating_sub(20)..begin).collect();
        let own: Vec<u64> = (begin..=number).collect();
        let read = |own, before| {
            json!([["append", list, number], ["r", list, own], ["r", list.max(1) - 1, before]])
        };
        if list > 0 {
            say(number % 10, Kind::Invoke, read(json!(null), json!(null)));
            say(number % 10, Kind::Ok, read(json!(own), json!(before)));
        } else {
            say(number % 10, Kind::Invoke, json!([["append", list, number]]));
            say(number % 10, Kind::Ok, json!([["append", list, number]]));
        }
    }
    let history = History { lines, ..History::default() };
    let began = Instant::now();
    let verdict = verdict(&history).verdict;
    assert_eq!(verdict, Verdict::Valid { checked: 50_000 });
    // Seconds on a slow machine without optimisation; a square of them would be hours.
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}
