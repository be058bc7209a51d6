//! The traces that one entry changes, each written once.

use super::{Trace, TraceKey};
use crate::outcome::Changes;
use crate::view::{Unreadable, View};
use std::collections::BTreeMap;

/// Traces as this entry leaves them.
#[derive(Debug, Default)]
pub(crate) struct Traces(BTreeMap<TraceKey, Trace>);

impl Traces {
    /// One as this entry leaves it.
    pub(crate) fn put(&mut self, trace: Trace) {
        self.0.insert(trace.key, trace);
    }

    /// Changes what is known of something; from now on something is.
    pub(crate) fn change(
        &mut self,
        city: &impl View,
        key: TraceKey,
        change: impl FnOnce(&mut Trace),
    ) -> Result<(), Unreadable> {
        let mut trace = match self.0.remove(&key) {
            Some(trace) => trace,
            None => Trace::load(city, key)?,
        };
        change(&mut trace);
        self.put(trace);
        Ok(())
    }

    /// Writes them.
    pub(crate) fn save(self, changes: &mut Changes) {
        self.0.into_values().for_each(|trace| trace.save(changes));
    }
}
