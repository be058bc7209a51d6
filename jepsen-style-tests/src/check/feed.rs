//! What a subscriber heard is the feed: each event once, in order, none missing, none that is not
//! theirs, wherever and however often they connected.

use domain::Cursor;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// An event as it was heard or read.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Where it stands.
    pub cursor: Cursor,
    /// All of it.
    pub event: Value,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// It was heard twice.
    Repeat { who: String, cursor: Cursor },
    /// It was heard after a later one.
    Reorder { who: String, cursor: Cursor, behind: Cursor },
    /// It was never heard.
    Gap { who: String, cursor: Cursor },
    /// It is not in the feed that they may see.
    Foreign { who: String, cursor: Cursor },
    /// It was heard otherwise than it stands there.
    Different { who: String, cursor: Cursor },
    /// Two customers heard of the same order.
    Shared { cursor: Cursor },
    /// An order that no customer heard of.
    Unclaimed { cursor: Cursor },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repeat { who, cursor } => write!(f, "{who} heard {cursor} twice"),
            Self::Reorder { who, cursor, behind } => {
                write!(f, "{who} heard {cursor} behind {behind}")
            }
            Self::Gap { who, cursor } => write!(f, "{who} never heard {cursor}"),
            Self::Foreign { who, cursor } => write!(f, "{who} heard {cursor}, which is not theirs"),
            Self::Different { who, cursor } => write!(f, "{who} heard {cursor} otherwise"),
            Self::Shared { cursor } => write!(f, "{cursor} was told to two customers"),
            Self::Unclaimed { cursor } => write!(f, "{cursor} was told to no customer"),
        }
    }
}

/// Compares what somebody heard, in the order in which they heard it, with the feed that they may
/// see, from where they began to where they ended.
pub fn check(who: &str, heard: &[Told], feed: &[Told]) -> Vec<Violation> {
    let who = || who.to_owned();
    let mut violations = Vec::new();
    let mut last: Option<Cursor> = None;
    let mut seen = BTreeSet::new();
    let there: BTreeMap<Cursor, &Value> =
        feed.iter().map(|told| (told.cursor, &told.event)).collect();
    for Told { cursor, event } in heard {
        let cursor = *cursor;
        if !seen.insert(cursor) {
            violations.push(Violation::Repeat { who: who(), cursor });
            continue;
        }
        if let Some(behind) = last.filter(|last| *last > cursor) {
            violations.push(Violation::Reorder { who: who(), cursor, behind });
        }
        last = last.max(Some(cursor));
        match there.get(&cursor) {
            None => violations.push(Violation::Foreign { who: who(), cursor }),
            Some(stands) if *stands != event => {
                violations.push(Violation::Different { who: who(), cursor });
            }
            Some(_) => {}
        }
    }
    let missed = there.keys().filter(|cursor| !seen.contains(cursor));
    violations.extend(missed.map(|cursor| Violation::Gap { who: who(), cursor: *cursor }));
    violations
}

/// Every order is one customer's: of the events of this type that the whole feed has, each is in
/// exactly one of theirs.
pub fn shared_out(kind: &str, whole: &[Told], customers: &[Vec<Told>]) -> Vec<Violation> {
    let of_kind = |told: &&Told| told.event["type"] == kind;
    let mut owners: BTreeMap<Cursor, usize> =
        whole.iter().filter(of_kind).map(|told| (told.cursor, 0)).collect();
    for told in customers.iter().flatten().filter(of_kind) {
        *owners.entry(told.cursor).or_default() += 1;
    }
    let wrong = owners.into_iter().filter_map(|(cursor, owners)| match owners {
        0 => Some(Violation::Unclaimed { cursor }),
        1 => None,
        _ => Some(Violation::Shared { cursor }),
    });
    wrong.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(places: &[&str]) -> Vec<Told> {
        let told = |place: &&str| Told {
            cursor: place.parse().unwrap(),
            event: json!({"type": "order.placed", "id": place}),
        };
        places.iter().map(told).collect()
    }

    fn said(heard: &[&str]) -> Vec<String> {
        let feed = told(&["1.0", "2.0", "2.1", "10.0"]);
        check("ana", &told(heard), &feed).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn golden_histories() {
        assert_eq!(said(&["1.0", "2.0", "2.1", "10.0"]), [""; 0], "all of it, in order");
        assert_eq!(said(&["1.0", "2.0", "10.0"]), ["ana never heard 2.1"]);
        assert_eq!(said(&["1.0", "2.0", "2.0", "2.1", "10.0"]), ["ana heard 2.0 twice"]);
        assert_eq!(said(&["1.0", "2.1", "2.0", "10.0"]), ["ana heard 2.0 behind 2.1"]);
        let foreign = ["1.0", "2.0", "2.1", "3.0", "10.0"];
        assert_eq!(said(&foreign), ["ana heard 3.0, which is not theirs"]);
        // Places are numbers, and no text.
        assert_eq!(said(&["1.0", "10.0", "2.0", "2.1"]).len(), 2);
        assert_eq!(said(&[]).len(), 4);
        let mut other = told(&["1.0", "2.0", "2.1", "10.0"]);
        other[1].event["at"] = json!("later");
        let feed = told(&["1.0", "2.0", "2.1", "10.0"]);
        let cursor = other[1].cursor;
        let who = "ana".to_owned();
        assert_eq!(check("ana", &other, &feed), [Violation::Different { who, cursor }]);
    }

    #[test]
    fn each_order_is_one_customers() {
        let whole = told(&["1.0", "2.0", "3.0"]);
        let good = [told(&["1.0", "3.0"]), told(&["2.0"]), told(&[])];
        assert_eq!(shared_out("order.placed", &whole, &good), []);
        let bad = [told(&["1.0", "3.0"]), told(&["3.0"])];
        let wrong = shared_out("order.placed", &whole, &bad);
        let [two, three] = ["2.0", "3.0"].map(|place| place.parse().unwrap());
        let expected = [Violation::Unclaimed { cursor: two }, Violation::Shared { cursor: three }];
        assert_eq!(wrong, expected);
        assert_eq!(shared_out("order.ready", &whole, &bad), []);
    }
}
