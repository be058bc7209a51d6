//! What the directory counts; every name in one place.

use crate::answers::health_text;
use crate::cities::{Cities, Health};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Forwarded {
    city: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfCity {
    city: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfNode {
    city: String,
    node: String,
    health: &'static str,
}

/// Counters and gauges of one directory.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    forwarded: Family<Forwarded, Counter>,
    retries: Family<OfCity, Counter>,
    nodes: Family<OfNode, Gauge>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("fddirectory");
        let forwarded = Family::default();
        let retries = Family::default();
        let nodes = Family::default();
        let help = "Requests for a city, by the status of their answer";
        registry.register("requests", help, forwarded.clone());
        let help = "Requests that were sent to another node, because one did not answer";
        registry.register("retries", help, retries.clone());
        let help = "1 for what a node said when it was asked last";
        registry.register("node_health", help, nodes.clone());
        Self { registry, forwarded, retries, nodes }
    }

    pub(crate) fn answered(&self, city: &str, status: u16) {
        self.forwarded.get_or_create(&Forwarded { city: city.to_owned(), status }).inc();
    }

    pub(crate) fn retried(&self, city: &str) {
        self.retries.get_or_create(&OfCity { city: city.to_owned() }).inc();
    }

    /// All of it in the text format of OpenMetrics.
    pub(crate) fn text(&self, cities: &Cities) -> String {
        for city in &cities.all {
            for node in &city.nodes {
                let now = node.health();
                for health in [Health::Ready, Health::NotReady, Health::Away] {
                    let labels = OfNode {
                        city: city.about.slug.clone(),
                        node: node.address.clone(),
                        health: health_text(health),
                    };
                    self.nodes.get_or_create(&labels).set(i64::from(now == health));
                }
            }
        }
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a text does not fail");
        text
    }
}
