//! Outcomes as text: names for ids, times of day for moments.

use super::Script;
use crate::time::{HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use crate::{Event, Outcome, Rejection, Verdict};

/// Every event on a line of its own, below the first.
pub(super) const FOLDED: &str = "\n                           ";

impl Script {
    pub(super) fn tell(&self, outcome: &Outcome) -> String {
        match &outcome.verdict {
            Verdict::Yes { changed: true, .. } => {
                let told: Vec<String> = outcome.events.iter().map(|e| self.tell_event(e)).collect();
                format!("yes {}", told.join(FOLDED))
            }
            Verdict::Yes { changed: false, .. } => "yes (unchanged)".to_owned(),
            Verdict::No(why) => format!("no  {}", self.tell_no(why)),
        }
    }

    fn tell_no(&self, why: &Rejection) -> String {
        if let Rejection::PriceChanged { receipt } = why {
            return format!("PriceChanged total={}", receipt.total);
        }
        if let Rejection::SlotFull { next } = why {
            let next: Vec<String> = next.iter().map(|at| self.clock(*at)).collect();
            return format!("SlotFull next={}", next.join(" "));
        }
        if let Rejection::FieldInvalid { field, rule } = why {
            return format!("FieldInvalid {field}: {rule}");
        }
        self.tell_debug(&format!("{why:?}"))
    }

    fn tell_event(&self, event: &Event) -> String {
        if let Event::StockChanged { targets, .. } = event {
            let names: Vec<&str> = targets.iter().map(|target| self.tell_target(*target)).collect();
            return format!("StockChanged {}", names.join(" "));
        }
        self.tell_debug(&format!("{event:?}"))
    }

    /// What `Debug` says, in fewer words: ids by their names, an order's own records by the order.
    fn tell_debug(&self, debug: &str) -> String {
        let Some((name, fields)) = debug.split_once(" { ") else {
            return debug.to_owned();
        };
        let fields = fields.trim_end_matches(" }");
        let of_order = fields.contains("order_id: ");
        let mut told = vec![name.to_owned()];
        for field in fields.split(", ") {
            let (key, value) = field.split_once(": ").unwrap_or(("", field));
            if of_order && matches!(key, "payment_id" | "delivery_id" | "restaurant_id") {
                continue;
            }
            if (key, value) == ("courier_id", "None") {
                continue;
            }
            let value = self.tell_value(value);
            let bare = key.ends_with("_id");
            told.push(if bare { value } else { format!("{key}={value}") });
        }
        told.join(" ")
    }

    fn tell_value(&self, value: &str) -> String {
        let inside = |wrap: &str| value.strip_prefix(wrap).and_then(|v| v.strip_suffix(')'));
        if let Some(inner) = inside("Some(") {
            return self.tell_value(inner);
        }
        if let Some(ms) = inside("Timestamp(").and_then(|ms| ms.parse().ok()) {
            return self.clock(Timestamp(ms));
        }
        if let Some(list) = value.strip_prefix('[').and_then(|value| value.strip_suffix(']')) {
            return self.tell_value(list);
        }
        if let Some(plain) = inside("Money(").or(inside("CityNumber(")) {
            return plain.to_owned();
        }
        self.named(value).unwrap_or(value).to_owned()
    }

    /// Hours, minutes and seconds since the script's first midnight.
    pub(super) fn clock(&self, at: Timestamp) -> String {
        let ms = at.ms_since(self.midnight);
        let (hours, minutes) = (ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS);
        format!("{hours:02}:{minutes:02}:{:02}", ms % MINUTE_MS / SECOND_MS)
    }

    /// An order and its two companions, each in a word or two.
    pub(super) fn tell_order(&self, order: &crate::order::Order) -> String {
        let payment = &self.city.payments[&order.payment_id];
        let mut told = format!(
            "{:?}; {:?} {} of {}",
            order.status.state(),
            payment.status,
            payment.to_capture,
            payment.amount,
        );
        let delivery = order.delivery_id.map(|id| &self.city.deliveries[&id]);
        if let Some(delivery) = delivery {
            let holder = delivery.status.holder();
            let carrier = holder.map_or("nobody".to_owned(), |id| self.tell_value(&id.to_string()));
            let (state, fence) = (delivery.status.state(), delivery.fence);
            told += &format!("; {state:?} by {carrier}, fence {fence}");
        }
        told
    }
}
