//! I3: transactions about several lists are strictly serializable. What each saw says what came
//! before what; a circle in that is an anomaly, and its name says how bad it is: from the worst
//! (G0: writes interleave) to the mildest (G2 with real time: each by itself was possible, and a
//! client saw the past).

mod graph;
mod versions;

use super::Case;
use super::verdict::{Example, Verdict};
use graph::{Edge, Graph, Reasons, Why};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use versions::Versions;

/// Edges from which a circle is looked for, in one component and for one name: the shortest circle
/// of these is shown.
const TRIED: usize = 200;

/// Names of circles, the worst first: an edge that they must have, and what else they may have.
const NAMES: [(&str, &str, Why, Reasons); 4] = [
    ("G0", "write cycle", Why::Ww, Reasons::of(&[Why::Ww])),
    ("G1c", "circular information flow", Why::Wr, Reasons::of(&[Why::Ww, Why::Wr])),
    ("G-single", "read skew", Why::Rw, Reasons::of(&[Why::Ww, Why::Wr])),
    ("G2", "write skew", Why::Rw, Reasons::of(&[Why::Ww, Why::Wr, Why::Rw])),
];

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let versions = match Versions::of(&case.operations) {
        Ok(versions) => versions,
        Err(unreadable) => return Verdict::invalid(vec![unreadable]),
    };
    let graph = Graph::of(&versions);
    let circles = circles(&graph).into_iter().map(|circle| shown(&circle, &versions));
    let wrong = versions.wrong.iter().cloned().chain(circles).collect();
    Verdict::of(versions.transactions.len(), wrong, "there are no transactions: txn")
}

/// A circle and its name.
struct Circle {
    name: String,
    what: &'static str,
    way: Vec<(usize, Edge)>,
}

/// The worst circle of each component.
fn circles(graph: &Graph) -> Vec<Circle> {
    let all = [Why::Ww, Why::Wr, Why::Rw, Why::Process, Why::RealTime];
    let components = graph.components(Reasons::of(&all));
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (node, component) in components.iter().enumerate() {
        if let Some(component) = component {
            members.entry(*component).or_default().push(node);
        }
    }
    if members.is_empty() {
        return Vec::new();
    }
    let found = |(_, nodes): (usize, Vec<usize>)| worst(graph, &nodes, &components);
    members.into_iter().filter_map(found).collect()
}

fn worst(graph: &Graph, nodes: &[usize], components: &[Option<usize>]) -> Option<Circle> {
    let orders: [(&str, &[Why]); 3] =
        [("", &[]), ("-process", &[Why::Process]), ("-realtime", &[Why::Process, Why::RealTime])];
    for (suffix, more) in orders {
        for (name, what, must, may) in NAMES {
            let may = more.iter().fold(may, |may, why| may.with(*why));
            let edges = nodes.iter().flat_map(|node| {
                let edges = graph.from(*node).iter();
                edges.filter(|edge| edge.why == must).map(|edge| (*node, *edge))
            });
            let inside = edges.filter(|(from, edge)| components[edge.to] == components[*from]);
            let circle = inside.take(TRIED).filter_map(|(from, edge)| {
                let mut way = graph.way(edge.to, from, may, components)?;
                way.insert(0, (from, edge));
                Some(way)
            });
            if let Some(way) = circle.min_by_key(Vec::len) {
                return Some(Circle { name: format!("{name}{suffix}"), what, way });
            }
        }
    }
    None
}

fn shown(circle: &Circle, versions: &Versions<'_>) -> Example {
    let Circle { name, what, way } = circle;
    let mut text = format!("{name}, {what}: a circle of {}", way.len());
    let label = |place: usize| format!("T{}", place % way.len() + 1);
    for (place, (node, _)) in way.iter().enumerate() {
        let one = &versions.transactions[*node];
        let _ = write!(text, "\n{} is {}", label(place), one.told(&versions.names));
    }
    for (place, (_, edge)) in way.iter().enumerate() {
        let (one, other) = (label(place), label(place + 1));
        let name = |number: u32| versions.names.text(number);
        let (key, element) =
            edge.shown.map_or(("", ""), |(key, element)| (name(key), name(element)));
        let why = match edge.why {
            Why::Ww => format!("{other} appended {element} to {key} behind it"),
            Why::Wr => format!("{other} saw its {element} in {key}"),
            Why::Rw => format!("{one} did not see {element} in {key}, which {other} appended"),
            Why::Process => format!("the same client did {other} later"),
            Why::RealTime => format!("{one} was answered before {other} was asked"),
        };
        let _ = write!(text, "\n{one} < {other}: {why}");
    }
    let mut lines: Vec<u64> =
        way.iter().flat_map(|(node, _)| versions.transactions[*node].operation.lines()).collect();
    lines.sort_unstable();
    Example::at(text, lines)
}

#[cfg(test)]
mod against_brute_force;
#[cfg(test)]
mod tests;
