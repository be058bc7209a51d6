//! What the running city has shown so far, and how it is put on a screen.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use parking_lot::Mutex;

use crate::latency::Latency;

/// The states of an order as the API spells them, in the order of a plain life.
pub const STATES: [&str; 11] = [
    "pending",
    "placed",
    "accepted",
    "preparing",
    "ready",
    "handed_off",
    "completed",
    "rejected",
    "expired",
    "cancelled",
    "no_show",
];

/// What customers, kitchens and couriers report while they go about their business.
#[derive(Debug, Default)]
pub struct Figures {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    placing: Latency,
    recent: Latency,
    browsing: Latency,
    states: BTreeMap<String, String>,
    refused: BTreeMap<String, u64>,
    couriers_online: u64,
    positions: u64,
    ratings: u64,
    kills: u64,
    happened: BTreeMap<&'static str, u64>,
}

/// A copy of the figures at one moment.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// How many orders were last seen in each state.
    pub states: BTreeMap<String, u64>,
    /// Refusals by what was asked and the code of the answer.
    pub refused: BTreeMap<String, u64>,
    /// Placing, since the last look.
    pub recent: Latency,
    /// Placing, since the start.
    pub placing: Latency,
    /// Reading the list of restaurants, since the start.
    pub browsing: Latency,
    /// Couriers on shift.
    pub couriers_online: u64,
    /// Positions sent.
    pub positions: u64,
    /// Stars given.
    pub ratings: u64,
    /// Leaders killed.
    pub kills: u64,
    /// What else people did, by what it was.
    pub happened: BTreeMap<&'static str, u64>,
}

impl Figures {
    /// An order was acknowledged after this time, repeats included.
    pub fn placed(&self, took: Duration) {
        let mut inner = self.inner.lock();
        inner.placing.record(took);
        inner.recent.record(took);
    }

    /// A list of restaurants was answered.
    pub fn browsed(&self, took: Duration) {
        self.inner.lock().browsing.record(took);
    }

    /// Somebody saw the order in this state.
    pub fn seen(&self, order_id: &str, state: &str) {
        self.inner.lock().states.insert(order_id.to_owned(), state.to_owned());
    }

    /// A no, or no answer at all.
    pub fn refused(&self, what: &str, code: &str) {
        *self.inner.lock().refused.entry(format!("{what}: {code}")).or_default() += 1;
    }

    /// A courier's shift began.
    pub fn courier_came_online(&self) {
        self.inner.lock().couriers_online += 1;
    }

    /// A courier said where they are.
    pub fn position_sent(&self) {
        self.inner.lock().positions += 1;
    }

    /// A customer gave stars.
    pub fn rated(&self) {
        self.inner.lock().ratings += 1;
    }

    /// Somebody did something that is worth a word.
    pub fn happened(&self, what: &'static str) {
        *self.inner.lock().happened.entry(what).or_default() += 1;
    }

    /// A leader was killed.
    pub fn killed(&self) {
        self.inner.lock().kills += 1;
    }

    /// All of it; `recent` starts anew.
    pub fn look(&self) -> Totals {
        let mut inner = self.inner.lock();
        let mut states = BTreeMap::new();
        for state in inner.states.values() {
            *states.entry(state.clone()).or_default() += 1;
        }
        let totals = Totals {
            states,
            refused: inner.refused.clone(),
            recent: inner.recent.clone(),
            placing: inner.placing.clone(),
            browsing: inner.browsing.clone(),
            couriers_online: inner.couriers_online,
            positions: inner.positions,
            ratings: inner.ratings,
            kills: inner.kills,
            happened: inner.happened.clone(),
        };
        inner.recent.clear();
        totals
    }
}

/// One node as seen from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeSight {
    /// Its number.
    pub id: u64,
    /// Whether it answers at all.
    pub up: bool,
    /// Whom it takes for the leader.
    pub leader: Option<u64>,
    /// Its term.
    pub term: u64,
    /// The log index that it has applied.
    pub applied: u64,
}

/// Everything that stands on the screen.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// Since the first order.
    pub elapsed: Duration,
    /// Acknowledged since the start.
    pub acknowledged: usize,
    /// Acknowledged per second since the last look.
    pub per_second: f64,
    /// The longest time between two acknowledged orders.
    pub longest_gap: Duration,
    /// Requests that were sent again to another node.
    pub repeats: u64,
    /// The nodes.
    pub nodes: Vec<NodeSight>,
    /// The reports of the people.
    pub totals: Totals,
}

impl Sight {
    /// The node that most nodes take for the leader, and its term.
    pub fn leader(&self) -> Option<(u64, u64)> {
        leader_of(&self.nodes)
    }

    /// Several lines, for a terminal that is drawn over and over.
    pub fn screen(&self) -> String {
        let mut text = String::new();
        let totals = &self.totals;
        let seconds = self.elapsed.as_secs();
        let _ = writeln!(
            text,
            "{:02}:{:02}   {:.1} orders/s   {} acknowledged   longest gap {:.2} s",
            seconds / 60,
            seconds % 60,
            self.per_second,
            self.acknowledged,
            self.longest_gap.as_secs_f64()
        );
        let _ = writeln!(
            text,
            "placing p50 {:.1} ms, p99 {:.1} ms (now {:.1}, {:.1})   browsing p99 {:.1} ms",
            totals.placing.ms_at(0.5),
            totals.placing.ms_at(0.99),
            totals.recent.ms_at(0.5),
            totals.recent.ms_at(0.99),
            totals.browsing.ms_at(0.99)
        );
        let _ = writeln!(text, "\n{}", self.states());
        let _ = writeln!(
            text,
            "{} couriers on shift, {} positions   {} ratings   {} repeats   {} leaders killed\n",
            totals.couriers_online, totals.positions, totals.ratings, self.repeats, totals.kills
        );
        let happened = self.happened();
        if !happened.is_empty() {
            let _ = writeln!(text, "{happened}\n");
        }
        for node in &self.nodes {
            let _ = writeln!(text, "{}", self.node(node));
        }
        let refused = self.refused();
        if !refused.is_empty() {
            let _ = writeln!(text, "\nrefused: {refused}");
        }
        text
    }

    /// One line, for a log.
    pub fn line(&self) -> String {
        let leader = self.leader().map_or_else(
            || "no leader".to_owned(),
            |(leader, term)| format!("leader {leader} (term {term})"),
        );
        let lags: Vec<_> = self.nodes.iter().map(|node| self.lag(node)).collect();
        let refused = self.refused();
        let refused = if refused.is_empty() { refused } else { format!("  refused {refused}") };
        let happened = self.happened();
        let happened = if happened.is_empty() { happened } else { format!("  {happened}") };
        format!(
            "{:03} s  {:>5.1} orders/s  {} acknowledged  p50 {:.1} ms  p99 {:.1} ms  {leader}  \
             lag {}  {}{happened}  kills {}  gap {:.2} s{refused}",
            self.elapsed.as_secs(),
            self.per_second,
            self.acknowledged,
            self.totals.recent.ms_at(0.5),
            self.totals.recent.ms_at(0.99),
            lags.join("/"),
            self.states(),
            self.totals.kills,
            self.longest_gap.as_secs_f64(),
        )
    }

    fn states(&self) -> String {
        let shown = STATES.iter().filter_map(|state| {
            let count = self.totals.states.get(*state)?;
            Some(format!("{state} {count}"))
        });
        shown.collect::<Vec<_>>().join("  ")
    }

    fn happened(&self) -> String {
        let shown = self.totals.happened.iter().map(|(what, count)| format!("{what} {count}"));
        shown.collect::<Vec<_>>().join("  ")
    }

    fn refused(&self) -> String {
        let shown = self.totals.refused.iter().map(|(what, count)| format!("{what} {count}"));
        shown.collect::<Vec<_>>().join(", ")
    }

    fn node(&self, node: &NodeSight) -> String {
        let role = match (node.up, self.leader()) {
            (false, _) => return format!("node {}  down", node.id),
            (true, Some((leader, _))) if leader == node.id => "leader",
            (true, _) => "follower",
        };
        let (id, term, applied) = (node.id, node.term, node.applied);
        format!("node {id}  {role:<8}  term {term}  applied {applied}  lag {}", self.lag(node))
    }

    /// Entries behind the node that is furthest; the nodes are asked one after the other, so a busy
    /// city shows a few even where there are none.
    fn lag(&self, node: &NodeSight) -> String {
        if !node.up {
            return "-".to_owned();
        }
        let furthest = self.nodes.iter().map(|node| node.applied).max().unwrap_or(0);
        (furthest - node.applied).to_string()
    }
}

/// The node that leads in the highest term any node knows of, and that term.
pub fn leader_of(nodes: &[NodeSight]) -> Option<(u64, u64)> {
    let up = nodes.iter().filter(|node| node.up);
    let newest = up.filter(|node| node.leader.is_some()).max_by_key(|node| node.term)?;
    Some((newest.leader?, newest.term))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn sight() -> Sight {
        let figures = Figures::default();
        for ms in [10, 20, 30] {
            figures.placed(Duration::from_millis(ms));
        }
        figures.browsed(Duration::from_millis(2));
        figures.seen("ord_1", "placed");
        figures.seen("ord_1", "accepted");
        figures.seen("ord_2", "placed");
        figures.seen("ord_3", "completed");
        figures.refused("place", "restaurant_closed");
        figures.courier_came_online();
        figures.killed();
        figures.happened("coupons");
        let node = |id, up, leader, term, applied| NodeSight { id, up, leader, term, applied };
        Sight {
            elapsed: Duration::from_secs(75),
            acknowledged: 3,
            per_second: 4.0,
            longest_gap: Duration::from_millis(812),
            repeats: 2,
            nodes: vec![
                node(1, false, None, 0, 0),
                node(2, true, Some(3), 5, 100),
                node(3, true, Some(3), 5, 103),
            ],
            totals: figures.look(),
        }
    }

    #[test]
    fn the_screen_shows_the_city() {
        expect![[r"
              01:15   4.0 orders/s   3 acknowledged   longest gap 0.81 s
              placing p50 20.0 ms, p99 30.0 ms (now 20.0, 30.0)   browsing p99 2.0 ms

              placed 1  accepted 1  completed 1
              1 couriers on shift, 0 positions   0 ratings   2 repeats   1 leaders killed

              coupons 1

              node 1  down
              node 2  follower  term 5  applied 100  lag 3
              node 3  leader    term 5  applied 103  lag 0

              refused: place: restaurant_closed 1
        "]]
        .assert_eq(&sight().screen());
    }

    #[test]
    fn the_log_shows_it_in_a_line() {
        expect![[r#"
            075 s    4.0 orders/s  3 acknowledged  p50 20.0 ms  p99 30.0 ms  leader 3 (term 5)  lag -/3/0  placed 1  accepted 1  completed 1  coupons 1  kills 1  gap 0.81 s  refused place: restaurant_closed 1
        "#]]
        .assert_eq(&format!("{}\n", sight().line()));
    }

    #[test]
    fn recent_latency_starts_anew_with_each_look() {
        let figures = Figures::default();
        figures.placed(Duration::from_millis(5));
        assert_eq!(figures.look().recent.count(), 1);
        figures.placed(Duration::from_millis(5));
        let totals = figures.look();
        assert_eq!((totals.recent.count(), totals.placing.count()), (1, 2));
    }
}
