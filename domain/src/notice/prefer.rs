//! Somebody says how they want to be told.

use super::{Channel, Preferences, Topic};
use crate::authority::person;
use crate::calendar::Range;
use crate::entry::{Actor, Stamp};
use crate::field;
use crate::limits::LOCALE_LETTERS;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Replaces what somebody has chosen; devices stay. The person is the actor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPreferences {
    /// BCP 47; the account's if absent.
    pub language: Option<String>,
    /// By topic; what is absent goes its usual ways.
    pub channels: BTreeMap<Topic, BTreeSet<Channel>>,
    /// Local minutes; none if absent.
    pub quiet: Option<Range>,
}

pub(crate) fn set_preferences(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: SetPreferences,
) -> Result<Outcome, Unreadable> {
    let Some(account_id) = person(actor) else {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    };
    if let Err(why) = check(&command) {
        return Ok(Outcome::rejected(why));
    }
    let SetPreferences { language, channels, quiet } = command;
    let before = city.preferences(account_id)?;
    let before = before.map_or_else(|| Preferences::usual(account_id), Arc::unwrap_or_clone);
    let wanted = Preferences { language, channels, quiet, ..before.clone() };
    if wanted == before {
        return Ok(Outcome::unchanged(before.revision));
    }
    let mut changes = Changes::new(stamp);
    let preferences = Preferences { revision: stamp.index, ..wanted };
    changes.write(Write::Preferences(Arc::new(preferences)));
    Ok(changes.yes())
}

fn check(wish: &SetPreferences) -> Result<(), Rejection> {
    field::letters("/language", wish.language.as_deref().unwrap_or(""), 0..=LOCALE_LETTERS)?;
    if let Some(Range { from, to }) = wish.quiet {
        field::number("/quiet/from", from.into(), 0..=1439)?;
        field::number("/quiet/to", to.into(), 0..=1439)?;
        if from == to {
            return Err(field::invalid("/quiet/to", "another minute than its beginning"));
        }
    }
    Ok(())
}
