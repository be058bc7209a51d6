//! Judges: pure functions from a history to what is wrong with it, one file for each promise.
//!
//! [`judge`] says of each promise whether it was kept; [`coverage`] says whether the run was one.
//! Both know nothing but the history, so that they can be asked again years later, and so that the
//! simulation has the same judges.

pub mod acknowledged;
mod bank;
pub mod books;
mod broken;
pub mod charged;
mod couriers;
mod coverage;
mod cycles;
mod edges;
pub mod faults;
pub mod feed;
mod feeds;
mod found;
#[cfg(test)]
mod goldens;
mod keys;
pub mod linearizable;
mod liveness;
pub mod operations;
pub mod replicas;
mod sessions;
mod stock;
#[cfg(test)]
pub(crate) mod testing;
mod timers;
pub mod told;
mod verdict;

pub use faults::{Gap, is_read};
pub use verdict::{EXAMPLES, Example, Finding, Invariant, Verdict};

use crate::evidence::Evidence;
use crate::history::{History, Line, Phase};
use faults::Span;
use operations::Operation;

/// A history, taken apart once for all judges.
#[derive(Debug)]
struct Case<'a> {
    lines: &'a [Line],
    operations: Vec<Operation<'a>>,
    spans: Vec<Span<'a>>,
    evidence: Vec<Shown<'a>>,
}

/// Something that was shown.
#[derive(Debug)]
struct Shown<'a> {
    /// In which line.
    line: &'a Line,
    /// Where in the history that is.
    place: usize,
    /// By whom.
    node: Option<u64>,
    /// What.
    evidence: Evidence,
    /// When the city was at rest, with all faults over.
    at_rest: bool,
}

impl<'a> Case<'a> {
    /// # Errors
    /// The line that makes no sense: the harness is at fault.
    fn open(history: &'a History) -> Result<Self, Example> {
        let lines = &history.lines;
        let operations = operations::operations(lines)
            .map_err(|malformed| Example::at(malformed.why, [malformed.line]))?;
        let spans = faults::spans(lines).map_err(|line| {
            Example::at("this fault has no beginning, or its value is no fault's", [line])
        })?;
        // Whoever knows no phases has looked at the end only.
        let rests = history.began(Phase::Evidence).unwrap_or(0);
        let evidence = lines.iter().enumerate().filter_map(|(place, line)| {
            let evidence = Evidence::of(line)?;
            Some(Shown { line, place, node: line.node, evidence, at_rest: place >= rests })
        });
        let evidence = evidence.collect();
        Ok(Self { lines, operations, spans, evidence })
    }
}

/// Every promise, and whether it was kept.
pub fn judge(history: &History) -> Vec<Finding> {
    let promises = Invariant::ALL.iter().filter(|one| **one != Invariant::Coverage);
    match Case::open(history) {
        Ok(case) => promises.map(|one| Finding::new(*one, verdict(*one, &case))).collect(),
        Err(malformed) => {
            let why = format!("the history makes no sense: {}", malformed.what);
            let undecided = || Verdict::Undecided { why: why.clone() };
            promises.map(|one| Finding::new(*one, undecided())).collect()
        }
    }
}

/// Whether the run did what it was to do: a run that did not is invalid, whatever [`judge`] says.
pub fn coverage(history: &History) -> Finding {
    let verdict = match Case::open(history) {
        Ok(case) => coverage::verdict(history, &case),
        Err(malformed) => Verdict::invalid(vec![malformed]),
    };
    Finding::new(Invariant::Coverage, verdict)
}

/// The silence during each fault; nothing if the history makes no sense.
pub fn gaps(history: &History) -> Vec<Gap> {
    let case = Case::open(history);
    case.map(|case| faults::gaps(&case.spans, &case.operations)).unwrap_or_default()
}

fn verdict(promise: Invariant, case: &Case<'_>) -> Verdict {
    match promise {
        Invariant::I1 => acknowledged::verdict(case),
        Invariant::I2 => linearizable::verdict(case),
        Invariant::I3 => cycles::verdict(case),
        Invariant::I4 => edges::verdict(case),
        Invariant::I5 => couriers::verdict(case),
        Invariant::I6 => bank::verdict(case),
        Invariant::I7 => keys::verdict(case),
        Invariant::I8 => stock::verdict(case),
        Invariant::I9 => sessions::verdict(case),
        Invariant::I10 => feeds::verdict(case),
        Invariant::I11 => found::verdict(case),
        Invariant::I12 => replicas::verdict(case),
        Invariant::I13 => timers::verdict(case),
        Invariant::I14 => liveness::verdict(case),
        Invariant::I15 => broken::verdict(case),
        Invariant::I16 => Verdict::not_checked("no workload erases anybody: node's tests do"),
        Invariant::I17 => Verdict::not_checked("no workload tries limits yet"),
        // Not reached: [`judge`] leaves it out, since [`coverage`] judges the run itself.
        Invariant::Coverage => Verdict::not_checked("the run itself is judged by coverage"),
    }
}
