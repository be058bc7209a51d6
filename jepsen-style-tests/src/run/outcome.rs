//! What a run came to: every promise judged, the run itself judged, and the figures of a report.
//! Made from a history alone, whether it was just written or is years old.

use crate::check::{self, Example, Finding, Gap, Verdict};
use crate::history::{History, Kind, Process, RUN};
use crate::run::TROUBLE;
use crate::workload::Workload;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The one word for a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// Every promise was kept, and the run was one.
    Valid,
    /// A promise was broken, or nobody can say that it was not.
    Invalid,
    /// The run was none: a fault did not happen, or nothing went through.
    Unproven,
}

impl Word {
    /// What a process says of it to the shell; 2 is for a harness that failed.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Invalid => 1,
            Self::Unproven => 3,
        }
    }

    /// In a table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "INVALID",
            Self::Unproven => "unproven",
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How attempts ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Counts {
    pub ok: u64,
    pub rejected: u64,
    pub unknown: u64,
}

impl Counts {
    /// All attempts that have ended.
    pub fn all(self) -> u64 {
        self.ok + self.rejected + self.unknown
    }

    fn count(&mut self, kind: Kind) {
        match kind {
            Kind::Ok => self.ok += 1,
            Kind::Rejected => self.rejected += 1,
            Kind::Unknown => self.unknown += 1,
            Kind::Invoke | Kind::Info => {}
        }
    }
}

/// A run, judged.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// All that happened.
    pub history: History,
    /// Promise by promise.
    pub findings: Vec<Finding>,
    /// Whether the run was one.
    pub coverage: Finding,
    /// The silence during each fault.
    pub gaps: Vec<Gap>,
    /// What the run itself met.
    pub trouble: Vec<String>,
    /// Attempts, by what was done.
    pub counts: BTreeMap<String, Counts>,
}

impl Outcome {
    /// Asks every judge.
    pub fn judge(history: History) -> Self {
        let run = Process::Other(RUN.to_owned());
        let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
        let mut trouble = Vec::new();
        for line in &history.lines {
            if matches!(line.p, Process::Customer(_)) {
                counts.entry(line.f.clone()).or_default().count(line.kind);
            } else if line.p == run && line.f == TROUBLE {
                trouble.extend(line.err.clone());
            }
        }
        let findings = check::judge(&history);
        let unjudged = unjudged(&history.header.config.workload, &findings);
        let mut coverage = check::coverage(&history);
        if !unjudged.is_empty() {
            coverage.verdict = coverage.verdict.and(Verdict::invalid(unjudged));
        }
        let gaps = check::gaps(&history);
        Self { findings, coverage, gaps, trouble, counts, history }
    }

    /// In one word. A broken promise is worse than a run that proves nothing.
    pub fn word(&self) -> Word {
        if !self.trouble.is_empty() || self.findings.iter().any(|finding| !finding.passes()) {
            Word::Invalid
        } else if self.coverage.passes() {
            Word::Valid
        } else {
            Word::Unproven
        }
    }

    /// Of all attempts together.
    pub fn total(&self) -> Counts {
        self.counts.values().fold(Counts::default(), |mut sum, one| {
            sum.ok += one.ok;
            sum.rejected += one.rejected;
            sum.unknown += one.unknown;
            sum
        })
    }

    /// The longest silence of writes during any fault that left a majority, in milliseconds.
    pub fn longest_gap_ms(&self) -> Option<u64> {
        self.gaps.iter().filter(|gap| gap.quorum).map(|gap| gap.longest_ms).max()
    }

    /// Faults, by name: how many there were, and the longest silence with a majority and without.
    pub fn faults(&self) -> BTreeMap<String, Silence> {
        let mut faults: BTreeMap<String, Silence> = BTreeMap::new();
        for gap in &self.gaps {
            let silence = faults.entry(gap.fault.clone()).or_default();
            silence.times += 1;
            let longest = match gap.quorum {
                true => &mut silence.with_majority_ms,
                false => &mut silence.without_majority_ms,
            };
            *longest = (*longest).max(Some(gap.longest_ms));
        }
        faults
    }

    /// What was said of each promise, in one word each.
    pub fn words(&self) -> BTreeMap<String, String> {
        let all = self.findings.iter().chain([&self.coverage]);
        all.map(|finding| (finding.invariant.name().to_owned(), word(finding).to_owned())).collect()
    }
}

/// What the workload is there for and nobody could say anything about: such a run is none.
fn unjudged(workload: &str, findings: &[Finding]) -> Vec<Example> {
    // A history that somebody wrote by hand names none.
    let Ok(workload) = workload.parse::<Workload>() else { return Vec::new() };
    let promised = findings.iter().filter(|one| workload.promises().contains(&one.invariant));
    let unjudged = promised.filter_map(|one| match &one.verdict {
        Verdict::NotChecked { why } => {
            let what = format!("{} is what {workload} is for, and was not judged", one.invariant);
            Some(Example::new(format!("{what}: {why}")))
        }
        Verdict::Valid { .. } | Verdict::Invalid { .. } | Verdict::Undecided { .. } => None,
    });
    unjudged.collect()
}

/// How long a kind of fault silenced the city.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// How often it was done.
    pub times: u64,
    /// Longest time without an acknowledged write where a majority could work.
    pub with_majority_ms: Option<u64>,
    /// The same where none could.
    pub without_majority_ms: Option<u64>,
}

/// A verdict in one word.
pub fn word(finding: &Finding) -> &'static str {
    match finding.verdict {
        Verdict::Valid { .. } => "valid",
        Verdict::Invalid { .. } => "invalid",
        Verdict::Undecided { .. } => "undecided",
        Verdict::NotChecked { .. } => "not checked",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HISTORY: &str = r#"{"seed":7,"version":"0","run":"a","config":{"nemesis":"none"}}
{"i":0,"t":1,"p":1,"type":"invoke","f":"write","key":"x","value":1}
{"i":1,"t":2,"p":1,"type":"ok","f":"write","key":"x","value":1}
{"i":2,"t":3,"p":1,"type":"invoke","f":"write","key":"x","value":2}
{"i":3,"t":4,"p":1,"type":"unknown","f":"write","key":"x"}
"#;

    #[test]
    fn a_history_is_counted_and_has_one_word() {
        let outcome = Outcome::judge(History::parse(HISTORY).unwrap());
        assert_eq!(outcome.total(), Counts { ok: 1, rejected: 0, unknown: 1 });
        assert_eq!(outcome.word(), Word::Valid, "{:?}", outcome.findings);
        let met = r#"{"i":4,"t":5,"p":"run","type":"info","f":"trouble","err":"two answers"}"#;
        let outcome = Outcome::judge(History::parse(&format!("{HISTORY}{met}")).unwrap());
        assert_eq!(outcome.trouble, ["two answers"]);
        assert_eq!(outcome.word(), Word::Invalid);
    }

    #[test]
    fn a_run_that_could_not_judge_what_it_was_for_proves_nothing() {
        let history =
            HISTORY.replace(r#""nemesis":"none""#, r#""workload":"register","nemesis":"none""#);
        let outcome = Outcome::judge(History::parse(&history).unwrap());
        assert_eq!(outcome.word(), Word::Unproven);
        let told = outcome.coverage.to_string();
        assert!(told.contains("I12 is what register is for, and was not judged"), "{told}");
        assert!(!told.contains("I2 is"), "it has writes: {told}");
    }
}
