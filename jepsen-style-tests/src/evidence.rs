//! What the nodes and the gateway showed, as lines of the history: the checkers know nothing else
//! of the end of a run, so that a history is enough to judge it again.
//!
//! A line of evidence is `p: "reader", type: "info"`, its `f` is the kind and its `value` one of
//! the types below; `node` says who showed it, and is missing where nobody in particular did.

use crate::history::{Kind, Line, Process};
use domain::Cursor;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Who writes evidence down.
pub const READER: &str = "reader";

/// Who is told everything: the name under which the whole feed is read.
pub const WHOLE: &str = "the operator";

/// Something that was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "f", content = "value", rename_all = "snake_case")]
pub enum Evidence {
    /// How far a node is.
    Sight(Sight),
    /// One order.
    Order(OrderSeen),
    /// The ids of all orders that a node lists.
    Orders(Listed),
    /// A piece of the change feed, as somebody may see it.
    Feed(FeedRead),
    /// The books of the city.
    Balances(Balances),
    /// The books of the gateway.
    Journal(Journal),
    /// What there is to sell.
    Stock(StockSeen),
    /// What is promised for slots.
    Slots(SlotsSeen),
    /// What a search finds.
    Search(Found),
    /// What couriers carry.
    Deliveries(Carried),
    /// Which sessions are alive.
    Sessions(SessionsSeen),
    /// Lines of a log that tell of a panic.
    Panics(Panics),
}

/// How far a node is, and what its state comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// The last log index in its state.
    pub applied: u64,
    /// The head of its audit chain, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_head: Option<String>,
    /// A hash over all of its replicated state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_hash: Option<String>,
    /// Whom it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leader: Option<u64>,
    /// In which term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<u64>,
}

/// One order at one node, in the words of `GET /v1/order/{id}`; nothing where it has none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OrderSeen {
    /// Its id.
    pub order_id: String,
    /// With `?read=linearizable`.
    #[serde(default)]
    pub current: Option<Value>,
    /// In the node's own copy, with `?after=` the newest acknowledged index.
    #[serde(default)]
    pub own: Option<Value>,
}

/// All that a node lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Ids.
    pub ids: Vec<String>,
}

/// A piece of the feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedRead {
    /// As whom it was read: the same name as on the lines of a subscriber; [`WHOLE`] for all.
    pub who: String,
    /// It holds everything behind this place
    pub after: Cursor,
    /// and up to this one.
    pub until: Cursor,
    /// Events as `GET /v1/events` shows them: each has `id`, `type`, `at`, `subject`, `data`.
    pub events: Vec<Value>,
}

/// The city's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balances {
    /// Holder and amount, in minor units. A holder may have several accounts.
    pub accounts: Vec<(String, i64)>,
}

/// The gateway's own journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// All of it.
    pub charges: Vec<Charge>,
}

/// Money that was asked for once, as the gateway's journal has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Charge {
    pub id: String,
    /// The city's name for it: a payment.
    pub reference: String,
    pub state: String,
    pub captured: i64,
    pub refunds: Vec<Back>,
    /// The cursor of the list.
    #[serde(default)]
    pub changed: u64,
}

/// Money that went back, or did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Back {
    pub reference: String,
    pub amount: i64,
    pub done: bool,
}

/// The stock of some dishes and options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockSeen {
    /// Line by line.
    pub lines: Vec<StockLine>,
}

/// The stock of one dish or option.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLine {
    /// The key of its operations.
    pub key: String,
    /// Portions that anybody can buy.
    pub free: i64,
    /// Portions that orders hold.
    pub reserved: i64,
    /// Portions that went into the pan.
    pub sold: i64,
}

/// Some slots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotsSeen {
    /// Slot by slot.
    pub slots: Vec<SlotSeen>,
}

/// One slot of one kitchen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotSeen {
    /// Kitchen and moment.
    pub key: String,
    /// Orders that hold a place in it.
    pub taken: i64,
    /// Places.
    pub capacity: i64,
}

/// What a search at a node finds, some time after everything was quiet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What was searched for.
    pub query: String,
    /// What was found.
    pub ids: Vec<String>,
    /// What the state says must be found.
    pub expected: Vec<String>,
    /// What once was there and is deleted or closed.
    #[serde(default)]
    pub gone: Vec<String>,
}

/// What couriers carry, as a node shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Delivery by delivery.
    pub deliveries: Vec<Delivery>,
    /// How many one courier may carry at once.
    #[serde(default)]
    pub capacity: Option<u32>,
}

/// One delivery that a courier has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Delivery {
    pub delivery_id: String,
    pub order_id: String,
    pub courier_id: String,
    pub state: String,
    pub fence: u32,
}

/// Which families of sessions a node still lets in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionsSeen {
    /// The key of their operations, and whether their newest token is good.
    pub families: Vec<(String, bool)>,
}

/// What a log says of panics.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panics {
    /// Which log.
    pub log: String,
    /// Its lines that tell of one; none is the good case, and is evidence too.
    pub lines: Vec<String>,
}

impl Charge {
    /// What the gateway gave back of it.
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().filter(|back| back.done).map(|back| back.amount).sum()
    }
}

impl Evidence {
    /// As a line of the history.
    pub fn line(&self, node: Option<u64>) -> Line {
        let mut parts = serde_json::to_value(self).expect("evidence is JSON");
        let kind = parts["f"].as_str().expect("evidence has a kind").to_owned();
        let value = parts["value"].take();
        Line { value, node, ..Line::new(Process::Other(READER.to_owned()), Kind::Info, &kind) }
    }

    /// What a line shows, if it is one of evidence and can be read.
    pub fn of(line: &Line) -> Option<Self> {
        let tagged = || json!({"f": line.f, "value": line.value});
        is_evidence(line).then(|| serde_json::from_value(tagged()).ok()).flatten()
    }
}

/// Whether a line should show something; one that [`Evidence::of`] cannot read is a broken reader.
pub fn is_evidence(line: &Line) -> bool {
    matches!(&line.p, Process::Other(name) if name == READER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_a_line_and_back() {
        let sight = Sight { applied: 9, leader: Some(2), ..Sight::default() };
        let feed = FeedRead {
            who: "operator".to_owned(),
            after: Cursor::START,
            until: Cursor::after_entry(9),
            events: vec![json!({"id": "3.0", "type": "order.placed"})],
        };
        for evidence in [Evidence::Sight(sight), Evidence::Feed(feed)] {
            let line = evidence.line(Some(2));
            assert_eq!((line.node, Evidence::of(&line)), (Some(2), Some(evidence)));
        }
        let line = Evidence::Panics(Panics::default()).line(None);
        let text = serde_json::to_string(&line).unwrap();
        let expected = r#"{"i":0,"t":0,"p":"reader","type":"info","f":"panics","#;
        assert_eq!(text, format!(r#"{expected}"value":{{"lines":[],"log":""}}}}"#));
    }

    #[test]
    fn other_lines_are_none() {
        let mut line = Evidence::Orders(Listed::default()).line(Some(1));
        line.value = json!({"ids": 7});
        assert!(is_evidence(&line) && Evidence::of(&line).is_none());
        assert!(!is_evidence(&Line::new(Process::Customer(1), Kind::Ok, "orders")));
    }
}
