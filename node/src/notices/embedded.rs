//! A provider for a city that has none: it keeps the last messages in memory, for operators to see
//! what would have been said. Contacts it forgets at once.

use super::Letter;
use domain::ids::NoticeId;
use domain::notice::Channel;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// Messages that are kept.
const KEPT: usize = 500;

/// A message that would have gone out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Its key.
    pub key: NoticeId,
    /// How it would have gone.
    pub channel: Channel,
    /// What stands above it.
    pub title: String,
    /// What it says.
    pub text: String,
}

/// Keeps messages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Embedded {
    last: Arc<Mutex<VecDeque<Sent>>>,
}

impl Embedded {
    pub(super) fn take(&self, letter: &Letter) {
        let Letter { key, channel, title, text, to: _ } = letter.clone();
        let mut last = self.last.lock();
        if last.iter().any(|sent| sent.key == key) {
            return;
        }
        if last.len() >= KEPT {
            last.pop_back();
        }
        last.push_front(Sent { key, channel, title, text });
    }

    pub(super) fn last(&self) -> Vec<Sent> {
        self.last.lock().iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_is_one_message_and_old_ones_go() {
        let embedded = Embedded::default();
        let letter = |number: usize| Letter {
            key: NoticeId((number as u128).to_be_bytes()),
            channel: Channel::Sms,
            to: "+34600000001".to_owned(),
            title: "Casa Marisol".to_owned(),
            text: format!("{number}"),
        };
        for number in (0..KEPT + 10).chain([KEPT]) {
            embedded.take(&letter(number));
        }
        let last = embedded.last();
        assert_eq!((last.len(), last[0].text.as_str()), (KEPT, "509"));
        assert!(
            !format!("{:?} {last:?}", letter(1)).contains("+34"),
            "no contact is kept or shown"
        );
    }
}
