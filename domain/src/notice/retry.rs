//! An operator wants a message that was given up to be tried again.

use crate::account::OperatorRole;
use crate::authority::is_operator;
use crate::entry::{Actor, Stamp};
use crate::ids::NoticeId;
use crate::outcome::{Changes, Outcome, Write};
use crate::rejection::Rejection;
use crate::view::{Unreadable, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Tries a message again, as if what it tells of had happened now. Support and operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RetryNotice {
    pub notice_id: NoticeId,
}

pub(crate) fn retry_notice(
    city: &impl View,
    stamp: &Stamp,
    actor: &Actor,
    command: RetryNotice,
) -> Result<Outcome, Unreadable> {
    if !is_operator(city, actor, OperatorRole::Support)? {
        return Ok(Outcome::rejected(Rejection::Forbidden));
    }
    let Some(notice) = city.notice(command.notice_id)? else {
        return Ok(Outcome::rejected(Rejection::NoticeUnknown));
    };
    if notice.next_at.is_some() {
        return Ok(Outcome::unchanged(notice.revision));
    }
    let mut notice = Arc::unwrap_or_clone(notice);
    notice.at = stamp.at;
    notice.tries = 0;
    notice.next_at = Some(stamp.at);
    notice.revision = stamp.index;
    let mut changes = Changes::new(stamp);
    changes.write(Write::Notice(Arc::new(notice)));
    Ok(changes.yes())
}
