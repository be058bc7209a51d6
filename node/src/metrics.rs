//! Every metric of a node, by name, in one place. Prometheus reads them at `/metrics`.

use domain::notice::Channel;
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use raft::Status;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Counts for Prometheus. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Metrics {
    parts: Arc<Parts>,
}

struct Parts {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram>,
    deadlines: Counter,
    money: Money,
    offers: Counter,
    notices: Family<NoticeLabels, Counter>,
    notices_at: Gauge,
    pings: Counter,
    outside: Outside,
    applied: Gauge,
    committed: Gauge,
    last_log: Gauge,
    term: Gauge,
    leads: Gauge,
    in_flight: Gauge,
    lag: Family<NodeLabels, Gauge>,
    couriers: Gauge,
    feed_index: Gauge,
    streams: Gauge,
}

/// Of payments and their gateway.
struct Money {
    calls: Family<CallLabels, Counter>,
    retries: Counter,
    events: Family<EventLabels, Counter>,
    reconciled: Family<EventLabels, Counter>,
    open: Gauge,
    oldest: Gauge,
}

impl Money {
    fn new(registry: &mut Registry) -> Self {
        let calls = Family::<CallLabels, Counter>::default();
        let help = "Calls to the gateway, by work and by what it said";
        registry.register("gateway_calls", help, calls.clone());
        let retries = Counter::default();
        let help = "Calls to the gateway without an answer";
        registry.register("gateway_retries", help, retries.clone());
        let events = Family::<EventLabels, Counter>::default();
        let help = "The gateway's own calls, by what became of them";
        registry.register("gateway_events", help, events.clone());
        let reconciled = Family::<EventLabels, Counter>::default();
        let help = "What comparing with the gateway has put right";
        registry.register("reconciled", help, reconciled.clone());
        let (open, oldest) = (Gauge::default(), Gauge::default());
        let help = "Work that this leader asks the gateway for";
        registry.register("outbox_open", help, open.clone());
        let help = "How long it knows the oldest of it";
        registry.register("outbox_oldest_seconds", help, oldest.clone());
        Self { calls, retries, events, reconciled, open, oldest }
    }
}

/// Of those outside who are told of events: webhooks, and the broker.
struct Outside {
    webhooks: Family<WebhookLabels, Counter>,
    published: Counter,
    failures: Counter,
    gaps: Counter,
    lag: Gauge,
}

impl Outside {
    fn new(registry: &mut Registry) -> Self {
        let webhooks = Family::<WebhookLabels, Counter>::default();
        registry.register("webhook_attempts", "Requests to webhooks", webhooks.clone());
        let mut counter = |name: &str, help: &str| {
            let counter = Counter::default();
            registry.register(name, help, counter.clone());
            counter
        };
        let published = counter("sink_events", "Events published to the broker");
        let failures = counter("sink_failures", "Times that publishing to the broker failed");
        let gaps = counter("sink_gaps", "Times that events were forgotten unpublished");
        let lag = Gauge::default();
        let help = "Entries that the broker's stream lacks, on the leader";
        registry.register("sink_lag", help, lag.clone());
        Self { webhooks, published, failures, gaps, lag }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: String,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    work: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EventLabels {
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct NoticeLabels {
    channel: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct NodeLabels {
    node: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WebhookLabels {
    taken: u8,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero.
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("fd");
        let requests = Family::<RequestLabels, Counter>::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let seconds = Family::<RouteLabels, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.000_5, 2.0, 15))
        });
        registry.register_with_unit(
            "http_request",
            "Time from a request's head to its answer's head",
            Unit::Seconds,
            seconds.clone(),
        );
        let notices = Family::<NoticeLabels, Counter>::default();
        registry.register("notices", "Messages by what came of a try", notices.clone());
        let mut counter = |name: &str, help: &str| {
            let counter = Counter::default();
            registry.register(name, help, counter.clone());
            counter
        };
        let deadlines = counter("deadlines_fired", "Deadlines proposed by this node");
        let offers = counter("offers_made", "Offers proposed by this node's dispatcher");
        let pings = counter("pings_taken", "Courier positions taken, gossip included");
        let mut gauge = |name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let applied = gauge("log_applied_index", "The entry that this node's state reflects");
        let committed = gauge("log_committed_index", "The entry known to be on a majority");
        let last_log = gauge("log_last_index", "The last entry in this node's log");
        let term = gauge("raft_term", "Grows with every election");
        let leads = gauge("raft_leads", "1 on the leader");
        let in_flight = gauge("proposals_in_flight", "Proposals without an answer");
        let couriers = gauge("couriers_known", "Couriers whose position is known here");
        let feed_index = gauge("derived_index", "The entry that derived state reflects");
        let notices_at = gauge("notices_index", "The entry up to which people were told");
        let streams = gauge("streams_open", "Streams and sockets that follow the feed here");
        let lag = Family::<NodeLabels, Gauge>::default();
        registry.register("raft_lag", "Entries a member lacks, seen by the leader", lag.clone());
        let money = Money::new(&mut registry);
        let outside = Outside::new(&mut registry);
        let parts = Parts {
            registry,
            requests,
            seconds,
            deadlines,
            money,
            offers,
            notices,
            notices_at,
            pings,
            outside,
            applied,
            committed,
            last_log,
            term,
            leads,
            in_flight,
            lag,
            couriers,
            feed_index,
            streams,
        };
        Self { parts: Arc::new(parts) }
    }

    /// A request was answered. `route` is the pattern, never the path: ids would be labels.
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let (method, route) = (method.to_owned(), route.to_owned());
        let labels = RouteLabels { method: method.clone(), route: route.clone() };
        self.parts.seconds.get_or_create(&labels).observe(took.as_secs_f64());
        self.parts.requests.get_or_create(&RequestLabels { method, route, status }).inc();
    }

    /// So many deadlines were proposed.
    pub(crate) fn deadlines_fired(&self, count: usize) {
        self.parts.deadlines.inc_by(count as u64);
    }

    /// The gateway gave no answer.
    pub(crate) fn gateway_retried(&self) {
        self.parts.money.retries.inc();
    }

    /// The gateway was asked, and said this or nothing.
    pub(crate) fn gateway_called(&self, work: &'static str, result: &'static str) {
        self.parts.money.calls.get_or_create(&CallLabels { work, result }).inc();
    }

    /// The gateway called us.
    pub(crate) fn gateway_event(&self, result: &'static str) {
        self.parts.money.events.get_or_create(&EventLabels { result }).inc();
    }

    /// Work for the gateway that is open, and how long the oldest of it has been known.
    pub(crate) fn outbox(&self, open: usize, oldest: Duration) {
        self.parts.money.open.set(signed(open as u64));
        self.parts.money.oldest.set(signed(oldest.as_secs()));
    }

    /// So many facts were missed and are known now; so many approvals were let go.
    pub(crate) fn reconciled(&self, facts: usize, let_go: usize) {
        let count = |result| self.parts.money.reconciled.get_or_create(&EventLabels { result });
        count("fact").inc_by(facts as u64);
        count("let_go").inc_by(let_go as u64);
    }

    /// So many offers were proposed.
    pub(crate) fn offers_made(&self, count: usize) {
        self.parts.offers.inc_by(count as u64);
    }

    /// A message of this channel was sent, failed, or must wait.
    pub(crate) fn notice(&self, channel: Channel, result: &'static str) {
        let channel = channel.name();
        self.parts.notices.get_or_create(&NoticeLabels { channel, result }).inc();
    }

    /// People have been told of what happened up to here.
    pub(crate) fn notices_at(&self, index: u64) {
        self.parts.notices_at.set(signed(index));
    }

    /// So many positions were taken.
    pub(crate) fn pings_taken(&self, count: usize) {
        self.parts.pings.inc_by(count as u64);
    }

    /// How many follow the feed at this node.
    pub(crate) fn streams_open(&self, count: u32) {
        self.parts.streams.set(i64::from(count));
    }

    /// A webhook took an event, or did not.
    pub(crate) fn webhook_told(&self, taken: bool) {
        self.parts.outside.webhooks.get_or_create(&WebhookLabels { taken: u8::from(taken) }).inc();
    }

    /// So many events were published, and so many entries are left.
    pub(crate) fn sink_published(&self, events: usize, behind: u64) {
        self.parts.outside.published.inc_by(events as u64);
        self.parts.outside.lag.set(signed(behind));
    }

    /// Publishing failed, and is tried again.
    pub(crate) fn sink_failed(&self) {
        self.parts.outside.failures.inc();
    }

    /// Events were forgotten before they could be published.
    pub(crate) fn sink_gap(&self) {
        self.parts.outside.gaps.inc();
    }

    /// Derived state has come this far.
    pub(crate) fn derived_at(&self, index: u64) {
        self.parts.feed_index.set(signed(index));
    }

    /// The text that Prometheus reads, with the node's state as it is now.
    pub(crate) fn text(&self, status: &Status, couriers: usize) -> String {
        let parts = &self.parts;
        parts.applied.set(signed(status.applied));
        parts.committed.set(signed(status.committed.unwrap_or(0)));
        parts.last_log.set(signed(status.last_log.unwrap_or(0)));
        parts.term.set(signed(status.term));
        parts.leads.set(i64::from(status.role == raft::Role::Leader));
        parts.in_flight.set(signed(status.proposals_in_flight as u64));
        parts.couriers.set(signed(couriers as u64));
        parts.lag.clear();
        for member in &status.members {
            if let Some(lag) = member.lag {
                parts.lag.get_or_create(&NodeLabels { node: member.member.id }).set(signed(lag));
            }
        }
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &parts.registry);
        text
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
