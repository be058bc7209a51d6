//! The feed forgets what is old enough: one entry, and every replica forgets the same.
//!
//! How old that is the nodes' configuration says, so the leader names a place and not an age.

use crate::authority::is_system;
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::limits::FEED_TRIM_ENTRIES;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};

/// Forgets the events of all entries up to and with this one. The leader, a bounded number of
/// entries at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrimFeed {
    /// The last entry whose events go.
    pub upto: u64,
}

pub(crate) fn trim_feed(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: TrimFeed,
) -> Result<Outcome, Unreadable> {
    let TrimFeed { upto } = command;
    if !is_system(actor) {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let trimmed = city.feed_trimmed()?;
    if upto <= trimmed {
        return Ok(Outcome::unchanged(stamp.index));
    }
    if upto >= stamp.index {
        let why = field::invalid("/upto", "is an entry of the past");
        return Ok(Outcome::rejected(why));
    }
    if upto - trimmed > FEED_TRIM_ENTRIES {
        let rule = format!("at most {FEED_TRIM_ENTRIES} entries at once, from {trimmed}");
        return Ok(Outcome::rejected(field::invalid("/upto", rule)));
    }
    let mut changes = Changes::new(stamp);
    changes.write(Write::TrimFeed(upto));
    Ok(changes.yes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::MemoryCity;
    use crate::time::Timestamp;
    use crate::{Command, Verdict};

    #[test]
    fn forward_bounded_and_only_by_the_leader() {
        let mut city = MemoryCity::default();
        let mut trim = |actor: Actor, index: u64, upto: u64| {
            city.index = index - 1;
            let outcome = city.propose(Timestamp(0), actor, Command::TrimFeed(TrimFeed { upto }));
            (outcome.verdict, city.feed_trimmed().unwrap())
        };
        let yes = |changed, index| Verdict::Yes { changed, index };
        let no = |rule: &str| Verdict::No(field::invalid("/upto", rule));
        let far = FEED_TRIM_ENTRIES;

        assert_eq!(trim(Actor::Anyone, 9, 4), (Verdict::No(Rejection::Forbidden), 0));
        assert_eq!(trim(Actor::System, 9, 9), (no("is an entry of the past"), 0));
        assert_eq!(trim(Actor::System, 9, 8), (yes(true, 9), 8));
        assert_eq!(trim(Actor::System, 9, 8), (yes(false, 9), 8), "again");
        assert_eq!(trim(Actor::System, 9, 3), (yes(false, 9), 8), "never back");
        let rule = format!("at most {far} entries at once, from 8");
        assert_eq!(trim(Actor::System, far * 2, far + 9), (no(&rule), 8));
        assert_eq!(trim(Actor::System, far * 2, far + 8), (yes(true, far * 2), far + 8));
    }
}
