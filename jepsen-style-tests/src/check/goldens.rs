//! Histories whose verdicts are known: good ones of every workload, and one for each way to be
//! wrong. A checker that is changed keeps every verdict, or says here which one it changes:
//! `UPDATE_EXPECT=1 cargo test -p jepsen-style-tests --lib goldens`.

use super::{Finding, Invariant, Verdict, coverage, judge};
use crate::history::History;
use anyhow::{Context, Result};
use expect_test::expect_file;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which promise is broken in which history, and in no other way. The others are good.
const PLANTED: [(&str, &[Invariant]); 22] = [
    ("aborted-read", &[Invariant::I3]),
    ("acknowledged-on-a-broken-disk", &[Invariant::I15]),
    ("deleted-comes-back", &[Invariant::I11]),
    ("double-assignment", &[Invariant::I5]),
    ("double-capture", &[Invariant::I6]),
    ("early-timer", &[Invariant::I13]),
    ("family-outlives-a-reused-token", &[Invariant::I9]),
    ("fault-not-observed", &[Invariant::Coverage]),
    ("feed-duplicate", &[Invariant::I10]),
    ("feed-gap", &[Invariant::I10]),
    ("illegal-edge", &[Invariant::I4]),
    ("lost-append", &[Invariant::I3]),
    ("lost-order", &[Invariant::I1]),
    ("negative-stock", &[Invariant::I8]),
    ("one-key-two-effects", &[Invariant::I1, Invariant::I7, Invariant::I10]),
    ("refund-twice", &[Invariant::I6]),
    ("replica-differs", &[Invariant::I12]),
    ("revoked-token-used", &[Invariant::I9]),
    ("slow-to-heal", &[Invariant::I14]),
    ("stale-read", &[Invariant::I2]),
    ("unknown-recorded-as-rejected", &[Invariant::I2]),
    ("write-skew", &[Invariant::I3]),
];

fn goldens() -> Result<BTreeMap<String, PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("goldens");
    let mut goldens = BTreeMap::new();
    for entry in folder.read_dir().context("there are goldens")? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            let name = path.file_stem().context("a file has a name")?;
            goldens.insert(name.to_string_lossy().into_owned(), path);
        }
    }
    Ok(goldens)
}

fn findings(path: &Path) -> Result<Vec<Finding>> {
    let history = History::read(path)?;
    let mut findings = judge(&history);
    findings.push(coverage(&history));
    Ok(findings)
}

#[test]
fn every_verdict_is_kept() -> Result<()> {
    for path in goldens()?.into_values() {
        let findings = findings(&path)?;
        // What a history says nothing of is not told.
        let told = findings.iter().filter(|one| !matches!(one.verdict, Verdict::NotChecked { .. }));
        let told: String = told.map(|one| format!("{one}\n")).collect();
        expect_file![path.with_extension("verdict")].assert_eq(&told);
    }
    Ok(())
}

#[test]
fn what_was_planted_is_found_and_nothing_else() -> Result<()> {
    let planted: BTreeMap<&str, &[Invariant]> = PLANTED.into();
    let goldens = goldens()?;
    for name in planted.keys() {
        assert!(goldens.contains_key(*name), "there is no golden {name}");
    }
    for (name, path) in goldens {
        let findings = findings(&path)?;
        let broken: Vec<_> =
            findings.iter().filter(|one| !one.passes()).map(|one| one.invariant).collect();
        let expected = planted.get(name.as_str()).copied().unwrap_or_default();
        assert_eq!(broken, expected, "{name}");
    }
    Ok(())
}
