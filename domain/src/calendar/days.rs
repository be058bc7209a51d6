//! Local minutes as moments.

use crate::time::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, ToSpan};

/// Minutes in a local day, as calendars count them.
pub(super) const DAY_MINUTES: i32 = 1440;

/// Local minutes, counted from today's midnight, as moments.
pub(super) struct Days<'a> {
    pub(super) zone: &'a TimeZone,
    pub(super) today: Date,
}

impl Days<'_> {
    /// When a range that starts then opens: the first of two, and the end of a gap.
    pub(super) fn opens(&self, minute: i32) -> Option<Timestamp> {
        self.moment(minute, |before, _| before)
    }

    /// When a range that ends then closes: the second of two, and the end of a gap.
    pub(super) fn closes(&self, minute: i32) -> Option<Timestamp> {
        self.moment(minute, |_, after| after)
    }

    fn moment(
        &self,
        minute: i32,
        choose: impl FnOnce(jiff::Timestamp, jiff::Timestamp) -> jiff::Timestamp,
    ) -> Option<Timestamp> {
        let day = self.today.checked_add(minute.div_euclid(DAY_MINUTES).days()).ok()?;
        let minute = minute.rem_euclid(DAY_MINUTES);
        let hour = i8::try_from(minute / 60).ok()?;
        let local: DateTime = day.at(hour, i8::try_from(minute % 60).ok()?, 0, 0);
        let moment = match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local).ok()?,
            // The clock jumps from before the gap to behind it: that is the moment.
            AmbiguousOffset::Gap { before, .. } => {
                let inside = before.to_timestamp(local).ok()?;
                let mut jumps = self.zone.preceding(inside + SignedDuration::from_nanos(1));
                jumps.next()?.timestamp()
            }
            AmbiguousOffset::Fold { before, after } => {
                choose(before.to_timestamp(local).ok()?, after.to_timestamp(local).ok()?)
            }
        };
        Some(Timestamp(moment.as_millisecond()))
    }
}
