//! Reading the audit chain, and proving that nobody touched it.

use crate::codec;
use crate::column::{Column, meta};
use crate::error::Error;
use crate::query::{CityView, PAGE};
use crate::record::audit;
use domain::audit::{AuditEntry, ChainBroken, GENESIS};
use domain::sealed::Digest;

/// What a check of the chain found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainChecked {
    /// How many entries hold.
    pub entries: u64,
    /// The hash of the last of them.
    pub head: Digest,
}

impl CityView {
    /// The audit entry of one log entry; nothing if that was no proposal.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn audit(&self, index: u64) -> Result<Option<AuditEntry>, Error> {
        let found = self.get(Column::Audit, audit::row(index).as_ref())?;
        found.map(|bytes| codec::decode(&bytes)).transpose()
    }

    /// Up to `limit` audit entries (never more than [`PAGE`]) from `from` on.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn audit_range(&self, from: u64, limit: usize) -> Result<Vec<AuditEntry>, Error> {
        self.audit_entries(from, None).take(limit.clamp(1, PAGE)).collect()
    }

    /// Shows entries from `from` on, at most `most`, as long as `look` says yes. Says where
    /// to go on; nothing at the end of the chain.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn look_through_audit(
        &self,
        from: u64,
        most: usize,
        mut look: impl FnMut(&AuditEntry) -> bool,
    ) -> Result<Option<u64>, Error> {
        let mut entries = self.audit_entries(from, None);
        for entry in entries.by_ref().take(most) {
            if !look(&entry?) {
                break;
            }
        }
        Ok(entries.next().transpose()?.map(|entry| entry.index))
    }

    /// The hash of the chain's last entry: equal on replicas that have applied the same log.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn audit_head(&self) -> Result<Option<Digest>, Error> {
        let bytes = self.get(Column::Meta, meta::AUDIT_HEAD.as_bytes())?;
        Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(Digest))
    }

    /// Computes the chain of `from..=to` again. The link to the entry before `from` is taken from
    /// the first entry; from index 0 on it is the beginning of the chain.
    ///
    /// # Errors
    /// The outer one if the database could not be read; the inner one names the first entry that
    /// does not hold.
    pub fn verify_audit(
        &self,
        from: u64,
        to: u64,
    ) -> Result<Result<ChainChecked, ChainBroken>, Error> {
        let mut checked = ChainChecked { entries: 0, head: GENESIS };
        for entry in self.audit_entries(from, Some(to)) {
            let entry = entry?;
            let prev = if checked.entries == 0 && from > 0 { entry.prev } else { checked.head };
            if let Err(broken) = entry.follows(prev) {
                return Ok(Err(broken));
            }
            checked = ChainChecked { entries: checked.entries + 1, head: entry.hash };
        }
        Ok(Ok(checked))
    }

    fn audit_entries(
        &self,
        from: u64,
        to: Option<u64>,
    ) -> impl Iterator<Item = Result<AuditEntry, Error>> {
        let end = to.and_then(|to| audit::row(to).behind());
        let rows = self.rows(Column::Audit, audit::row(from), end);
        rows.map(|row| {
            let (key, bytes) = row?;
            let entry: AuditEntry = codec::decode(&bytes)?;
            // An entry that was moved is as good as one that was changed.
            if audit::index_of(&key) != Some(entry.index) {
                let detail = format!("the one of {} stands at {key:02x?}", entry.index);
                return Err(Error::Corrupt { what: "an audit entry", detail });
            }
            Ok(entry)
        })
    }
}
