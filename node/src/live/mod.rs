//! The feed of this node, as it grows: who follows it, and what is told to whom.
//!
//! One task reads each new event once, finds its audience, and hands it to those who follow. They
//! are kept by what they follow (an order, a restaurant, a person), so that a busy city does not
//! wake up everybody for every event; and an event is made into text once, however many read it.
//! Nobody depends on what is handed over here: a follower that missed something reads the feed
//! itself from where it stands (follow.rs).

mod follow;
mod seats;
#[cfg(test)]
mod tests;
mod told;

pub(crate) use follow::{End, Follow, Which};
pub(crate) use seats::Seat;
pub(crate) use told::{Told, frame, text};

use crate::metrics::Metrics;
use crate::node::Facts;
use domain::ids::{AccountId, CourierId, OrderId, RestaurantId};
use domain::{Audience, Cursor, Viewer};
use parking_lot::Mutex;
use raft::City;
use seats::Seats;
use std::collections::HashMap;
use std::sync::Arc;
use storage::{FEED_PAGE, Reader};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

/// Events that a follower of everything may be behind before it must read the feed itself.
const ALL_EVENTS: usize = 4_096;
/// The same for a follower of one thing: an order, a restaurant, a person.
const SOME_EVENTS: usize = 64;
/// Below this many topics nobody looks for those that nobody follows any more.
const TOPICS_BEFORE_SWEEP: usize = 1_024;

/// What can be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Topic {
    All,
    Order(OrderId),
    Restaurant(RestaurantId),
    Courier(CourierId),
    Person(AccountId),
    /// The work of a person who is a courier: goes to the same followers as their orders.
    WorkOf(CourierId),
}

/// The feed as it grows on this node, the seats of those who follow it, and the node's end.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    /// The node is stopping: streams end, so that their readers go elsewhere.
    pub stop: CancellationToken,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    topics: Mutex<Topics>,
    /// Everything up to this entry has been handed over.
    reached: watch::Sender<u64>,
    seats: Seats,
}

#[derive(Debug)]
struct Topics {
    senders: HashMap<Topic, broadcast::Sender<Arc<Told>>>,
    sweep_at: usize,
}

impl Live {
    pub(crate) fn new(stop: CancellationToken, metrics: Metrics) -> Self {
        let topics = Topics { senders: HashMap::new(), sweep_at: TOPICS_BEFORE_SWEEP };
        let shared = Shared {
            topics: Mutex::new(topics),
            reached: watch::Sender::new(0),
            seats: Seats::new(metrics),
        };
        Self { stop, shared: Arc::new(shared) }
    }

    /// A place for one more stream of this account.
    ///
    /// # Errors
    /// `rate_limited` if they have too many, `shedding` if the node has.
    pub(crate) fn seat(&self, account: AccountId) -> Result<Seat, crate::http::Fail> {
        self.shared.seats.take(account)
    }

    /// Behind everything that this node has told so far: where somebody begins who wants what
    /// happens next.
    pub(crate) fn head(&self) -> Cursor {
        Cursor::after_entry(self.reached())
    }

    /// Everything up to this entry has been handed over to those who followed it then.
    fn reached(&self) -> u64 {
        *self.shared.reached.borrow()
    }

    /// What is told from now on to this viewer: of one order, or of everything.
    fn subscribe(&self, which: &Which) -> broadcast::Receiver<Arc<Told>> {
        let topic = match (which.order, which.viewer) {
            (Some(order), _) => Topic::Order(order),
            (None, Viewer::Operator) => Topic::All,
            (None, Viewer::Restaurant(id)) => Topic::Restaurant(id),
            (None, Viewer::Courier(id)) => Topic::Courier(id),
            (None, Viewer::Person(account, _)) => Topic::Person(account),
        };
        let mut topics = self.shared.topics.lock();
        let receiver = topics.subscribe(topic);
        if let (None, Viewer::Person(_, Some(courier))) = (which.order, which.viewer)
            && let Some(sender) = topics.senders.get(&topic).cloned()
        {
            topics.senders.insert(Topic::WorkOf(courier), sender);
        }
        receiver
    }

    /// What happens to this account from now on.
    pub(crate) fn subscribe_account(&self, account: AccountId) -> broadcast::Receiver<Arc<Told>> {
        self.shared.topics.lock().subscribe(Topic::Person(account))
    }

    fn publish(&self, told: &Arc<Told>) {
        let mut topics = self.shared.topics.lock();
        let Audience { order, customer, restaurant, courier, account } = told.audience;
        topics.send(Topic::All, told);
        let named = [
            order.map(Topic::Order),
            restaurant.map(Topic::Restaurant),
            courier.map(Topic::Courier),
            courier.map(Topic::WorkOf),
            customer.map(Topic::Person),
            account.filter(|account| Some(*account) != customer).map(Topic::Person),
        ];
        named.into_iter().flatten().for_each(|topic| topics.send(topic, told));
    }

    /// Something was lost on the way, up to this entry: everybody reads the feed from where they
    /// stand. The topics end first, so that nobody takes the new place for one that they reached.
    fn interrupt(&self, reached: u64) {
        self.shared.topics.lock().senders.clear();
        self.shared.reached.send_replace(reached);
    }
}

impl Topics {
    fn subscribe(&mut self, topic: Topic) -> broadcast::Receiver<Arc<Told>> {
        if self.senders.len() >= self.sweep_at {
            self.senders.retain(|_, sender| sender.receiver_count() > 0);
            self.sweep_at = (self.senders.len() * 2).max(TOPICS_BEFORE_SWEEP);
        }
        let events = if topic == Topic::All { ALL_EVENTS } else { SOME_EVENTS };
        self.senders.entry(topic).or_insert_with(|| broadcast::channel(events).0).subscribe()
    }

    fn send(&mut self, topic: Topic, told: &Arc<Told>) {
        if let Some(sender) = self.senders.get(&topic)
            && sender.send(Arc::clone(told)).is_err()
        {
            // The last one who followed it has gone.
            self.senders.remove(&topic);
        }
    }
}

/// Reads what is new, as soon as this node has applied it.
#[derive(Debug)]
pub(crate) struct Announcer {
    /// Where to read.
    pub reader: Reader,
    /// When to read.
    pub city: City,
    /// What an event shows besides itself.
    pub facts: Arc<Facts>,
    /// Whom to tell.
    pub live: Live,
}

impl Announcer {
    /// Until `stop`, or until the store cannot be read; then streams end.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut applied = self.city.applied_watch();
        let mut cursor = Cursor::after_entry(*applied.borrow_and_update());
        self.live.shared.reached.send_replace(cursor.index);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                changed = applied.changed() => if changed.is_err() { return },
            }
            let applied_now = || self.city.applied();
            cursor = match tell(&self.reader, &self.facts, &self.live, applied_now, cursor) {
                Ok(next) => next,
                // A snapshot took the place of the log.
                Err(storage::Error::BehindRetention { .. }) => {
                    let next = *applied.borrow_and_update();
                    self.live.interrupt(next);
                    Cursor::after_entry(next)
                }
                Err(error) => {
                    tracing::error!(%error, "the feed cannot be read for those who follow it");
                    self.live.stop.cancel();
                    return;
                }
            };
        }
    }
}

/// Hands over everything behind the cursor; gives the place where the next event will stand.
fn tell(
    reader: &Reader,
    facts: &Arc<Facts>,
    live: &Live,
    applied: impl Fn() -> u64,
    mut cursor: Cursor,
) -> Result<Cursor, storage::Error> {
    loop {
        // Looked at first: what the view has beyond it comes again, and that is harmless.
        let applied = applied();
        let view = reader.view();
        let page = view.feed(cursor, FEED_PAGE)?;
        let full = page.events.len() == FEED_PAGE;
        cursor = page.next;
        for event in page.events {
            let audience = view.audience(&event.event)?;
            live.publish(&Arc::new(Told::new(facts, event, audience)));
        }
        if !full {
            live.shared.reached.send_replace(applied.max(cursor.index));
            return Ok(cursor.max(Cursor::after_entry(applied)));
        }
    }
}
