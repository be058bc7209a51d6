//! I10: the feed is the same at every node, in order and without gaps, and everybody heard it as
//! they may: each event once, from where they began to where they stopped. The pieces that were
//! read are put together here, for every judge that looks at what happened in the city.

use super::feed::{Told, Violation, check, shared_out};
use super::verdict::{Example, Verdict};
use super::{Case, Shown};
use crate::evidence::{Evidence, WHOLE};
use crate::history::{Kind, Line, Process};
use domain::Cursor;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An event was heard.
const EVENT: &str = "event";
/// Somebody began to listen behind the place in `value.after`.
const SUBSCRIBE: &str = "subscribe";
/// Somebody was told, honestly, that what they missed is forgotten.
const RESYNC: &str = "resync";
/// A name of somebody who hears of their own orders only begins so.
const CUSTOMER: &str = "customer";

/// The feed as one node showed it to somebody, without the seams of its pages.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Feed {
    pub(super) from: Cursor,
    pub(super) until: Cursor,
    pub(super) events: Vec<Told>,
}

/// By name and node.
pub(super) type Feeds<'a> = BTreeMap<(&'a str, u64), Feed>;

/// Puts pages together.
pub(super) fn feeds<'a>(evidence: &'a [Shown<'_>], wrong: &mut Vec<Example>) -> Feeds<'a> {
    let mut feeds = Feeds::new();
    for shown in evidence {
        let Evidence::Feed(page) = &shown.evidence else { continue };
        let mut events = Vec::new();
        for event in &page.events {
            match event["id"].as_str().and_then(|id| id.parse().ok()) {
                Some(cursor) => events.push(Told { cursor, event: event.clone() }),
                None => wrong.push(Example::at("an event has no id", [shown.line.i])),
            }
        }
        let (from, until) = (page.after, page.until);
        let name = (page.who.as_str(), shown.node.unwrap_or_default());
        match feeds.get_mut(&name) {
            None => {
                feeds.insert(name, Feed { from, until, events });
            }
            Some(feed) if feed.until == from => {
                feed.until = until;
                feed.events.extend(events);
            }
            Some(feed) => {
                let what = format!(
                    "{} at node {} was read up to {}, and then from {from} on",
                    name.0, name.1, feed.until
                );
                wrong.push(Example::at(what, [shown.line.i]));
            }
        }
    }
    feeds
}

/// What happened in the city, as far as any node showed all of it.
pub(super) fn whole(evidence: &[Shown<'_>]) -> Option<Feed> {
    let feeds = feeds(evidence, &mut Vec::new());
    let whole = feeds.into_iter().filter(|((who, _), _)| *who == WHOLE);
    whole.map(|(_, feed)| feed).max_by_key(|feed| feed.events.len())
}

pub(super) fn verdict(case: &Case<'_>) -> Verdict {
    let mut wrong = Vec::new();
    let feeds = feeds(&case.evidence, &mut wrong);
    for ((who, node), feed) in &feeds {
        ordered(who, *node, feed, &mut wrong);
    }
    same_everywhere(&feeds, &mut wrong);
    let heard = heard(case.lines, &mut wrong);
    let mut checked = feeds.values().map(|feed| feed.events.len()).sum();
    for (who, heard) in &heard {
        checked += heard.events.len();
        compared(who, heard, &feeds, &mut wrong);
    }
    owned(&feeds, &mut wrong);
    acknowledged(case, &feeds, &mut wrong);
    Verdict::of(checked, wrong, "nobody read or heard the feed")
}

/// Strictly in order, inside its bounds; and all of it has no hole inside an entry.
fn ordered(who: &str, node: u64, feed: &Feed, wrong: &mut Vec<Example>) {
    let mut last = feed.from;
    for told in &feed.events {
        let cursor = told.cursor;
        if cursor <= last || cursor > feed.until {
            let place = format!("behind {last}, in ({}, {}]", feed.from, feed.until);
            wrong.push(Example::new(format!("{who} at node {node}: {cursor} stands {place}")));
        }
        let before = Cursor { number: cursor.number.wrapping_sub(1), ..cursor };
        let hole = cursor.number > 0 && before > feed.from && last != before;
        if who == WHOLE && hole {
            wrong.push(Example::new(format!("node {node} has {cursor} and not {before}")));
        }
        last = last.max(cursor);
    }
}

/// Every node shows the same, where they were asked for the same.
fn same_everywhere(feeds: &Feeds<'_>, wrong: &mut Vec<Example>) {
    let mut firsts: BTreeMap<&str, (u64, &Feed)> = BTreeMap::new();
    for ((who, node), feed) in feeds {
        let (first, other) = *firsts.entry(who).or_insert((*node, feed));
        let (from, until) = (feed.from.max(other.from), feed.until.min(other.until));
        let inside = |feed: &Feed| {
            let events = feed.events.iter();
            let inside = events.filter(|told| told.cursor > from && told.cursor <= until);
            inside.map(|told| (told.cursor, told.event.clone())).collect::<BTreeMap<_, _>>()
        };
        let (here, there) = (inside(feed), inside(other));
        let places: BTreeSet<_> = here.keys().chain(there.keys()).collect();
        for place in places {
            let told = match (here.get(place), there.get(place)) {
                (Some(one), Some(other)) if one == other => continue,
                (Some(_), Some(_)) => "is another event",
                (None, _) => "is missing",
                (_, None) => "is too much",
            };
            let what = format!("{who}: {place} {told} at node {node}, compared with node {first}");
            wrong.push(Example::new(what));
        }
    }
}

/// What somebody heard, and where that began.
#[derive(Debug, Default)]
struct Heard {
    began: Option<Cursor>,
    events: Vec<Told>,
    lines: BTreeMap<Cursor, u64>,
    /// They were told that something is forgotten: gaps are honest.
    resynced: bool,
}

fn heard<'a>(lines: &'a [Line], wrong: &mut Vec<Example>) -> BTreeMap<&'a str, Heard> {
    let mut all: BTreeMap<&str, Heard> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.kind == Kind::Info) {
        let Process::Other(who) = &line.p else { continue };
        let cursor = |value: &Value| value.as_str().and_then(|text| text.parse::<Cursor>().ok());
        match line.f.as_str() {
            EVENT => match cursor(&line.value["id"]) {
                Some(cursor) => {
                    let heard = all.entry(who).or_default();
                    heard.events.push(Told { cursor, event: line.value.clone() });
                    heard.lines.insert(cursor, line.i);
                }
                None => wrong.push(Example::at("an event has no id", [line.i])),
            },
            SUBSCRIBE => {
                let after = cursor(&line.value["after"]);
                let heard = all.entry(who).or_default();
                heard.began = heard.began.or(after);
            }
            RESYNC => all.entry(who).or_default().resynced = true,
            _ => {}
        }
    }
    all
}

/// What they heard against what every node says they may see.
fn compared(who: &str, heard: &Heard, feeds: &Feeds<'_>, wrong: &mut Vec<Example>) {
    let theirs: Vec<_> = feeds.iter().filter(|((name, _), _)| *name == who).collect();
    if theirs.is_empty() {
        wrong.push(Example::new(format!("nobody read the feed as {who}, who heard some of it")));
    }
    for ((_, node), feed) in theirs {
        let from = heard.began.map_or(feed.from, |began| began.max(feed.from));
        let inside = |told: &&Told| told.cursor > from && told.cursor <= feed.until;
        let events: Vec<_> = heard.events.iter().filter(inside).cloned().collect();
        let there: Vec<_> = feed.events.iter().filter(inside).cloned().collect();
        let name = format!("{who} (as node {node} has it)");
        for violation in check(&name, &events, &there) {
            let (gap, cursor) = match &violation {
                Violation::Gap { cursor, .. } => (true, cursor),
                Violation::Repeat { cursor, .. }
                | Violation::Reorder { cursor, .. }
                | Violation::Foreign { cursor, .. }
                | Violation::Different { cursor, .. }
                | Violation::Shared { cursor }
                | Violation::Unclaimed { cursor } => (false, cursor),
            };
            if !(gap && heard.resynced) {
                wrong.push(Example::at(&violation, heard.lines.get(cursor).copied()));
            }
        }
    }
}

/// Each order is one customer's, where all customers were asked.
fn owned(feeds: &Feeds<'_>, wrong: &mut Vec<Example>) {
    let nodes: BTreeSet<u64> = feeds.keys().map(|(_, node)| *node).collect();
    for node in nodes {
        let Some(whole) = feeds.get(&(WHOLE, node)) else { continue };
        let customers = feeds
            .iter()
            .filter(|((who, at), feed)| {
                let same = (feed.from, feed.until) == (whole.from, whole.until);
                *at == node && who.starts_with(CUSTOMER) && same
            })
            .map(|(_, feed)| feed.events.clone());
        let customers: Vec<_> = customers.collect();
        if customers.is_empty() {
            continue;
        }
        for kind in ["order.pending", "order.placed"] {
            let shared = shared_out(kind, &whole.events, &customers);
            wrong.extend(shared.into_iter().map(Example::new));
        }
    }
}

/// An order that was acknowledged at an index is told of in the entry of that index.
fn acknowledged(case: &Case<'_>, feeds: &Feeds<'_>, wrong: &mut Vec<Example>) {
    for ((who, node), feed) in feeds {
        if *who != WHOLE {
            continue;
        }
        let told = feed.events.iter().filter_map(|told| {
            let kind = told.event["type"].as_str()?;
            let placed = matches!(kind, "order.pending" | "order.placed");
            Some((placed.then_some(told.cursor.index)?, told.event["subject"].as_str()?))
        });
        let told: BTreeSet<(u64, &str)> = told.collect();
        for one in case.operations.iter().filter(|one| one.f() == "place") {
            let Some(answer) = one.answer() else { continue };
            let Some(order) = answer["order_id"].as_str() else { continue };
            // The answer names the entry that placed it, also when it is repeated.
            let Some(index) = answer["index"].as_u64() else { continue };
            let inside = index > feed.from.index && index < feed.until.index;
            if inside && !told.contains(&(index, order)) {
                let what = format!(
                    "{order} was acknowledged at {index}, and the feed of node {node} does not \
                     tell of it there"
                );
                wrong.push(Example::at(what, one.lines()));
            }
        }
    }
}
