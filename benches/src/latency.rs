//! How long answers took: a histogram in microseconds, three digits exact.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde_json::{Value, json};

/// Longer than any answer is waited for.
const LONGEST_US: u64 = 120_000_000;

/// Latencies of one kind of request.
#[derive(Clone, Debug)]
pub struct Latency {
    us: Histogram<u64>,
}

impl Default for Latency {
    fn default() -> Self {
        let us = Histogram::new_with_bounds(1, LONGEST_US, 3).expect("the bounds are valid");
        Self { us }
    }
}

impl Latency {
    /// One answer.
    pub fn record(&mut self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(LONGEST_US);
        self.us.saturating_record(us.clamp(1, LONGEST_US));
    }

    /// Everything the other saw, too.
    pub fn add(&mut self, other: &Self) {
        self.us.add(&other.us).expect("all have the same bounds");
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.us.len()
    }

    /// In milliseconds; 0 if there is none.
    pub fn ms_at(&self, quantile: f64) -> f64 {
        self.us.value_at_quantile(quantile) as f64 / 1_000.0
    }

    /// The longest, in milliseconds.
    pub fn max_ms(&self) -> f64 {
        self.us.max() as f64 / 1_000.0
    }

    /// For scripts.
    pub fn to_json(&self) -> Value {
        json!({
            "count": self.count(),
            "p50_ms": self.ms_at(0.5),
            "p90_ms": self.ms_at(0.9),
            "p99_ms": self.ms_at(0.99),
            "p999_ms": self.ms_at(0.999),
            "max_ms": self.max_ms(),
        })
    }

    /// Forgets all of it.
    pub fn clear(&mut self) {
        self.us.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_true_to_three_digits() {
        let mut latency = Latency::default();
        for ms in 1..=1_000 {
            latency.record(Duration::from_millis(ms));
        }
        for (quantile, ms) in [(0.5, 500.0), (0.9, 900.0), (0.99, 990.0), (0.999, 999.0)] {
            let seen = latency.ms_at(quantile);
            assert!((seen / ms - 1.0).abs() < 0.002, "{quantile}: {seen}");
        }
    }
}
