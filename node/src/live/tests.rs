//! However events, readers, interruptions and overflows fall between each other: a follower hears
//! each event that it may see once, in order, and never says that it has passed one it has not.

use super::{Follow, Live, Told, Which, tell};
use crate::metrics::Metrics;
use crate::node::Facts;
use domain::account::CloseSession;
use domain::ids::{AccountId, CityNumber, SessionId};
use domain::time::Timestamp;
use domain::{Actor, Command, Cursor, Event, Outcome, Proposal, Stamp, Verdict, Viewer};
use futures_util::FutureExt;
use proptest::prelude::*;
use std::sync::Arc;
use storage::{Reader, Writer};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// More than a follower of one person may be behind.
const OVERFLOW: u64 = super::SOME_EVENTS as u64 + 16;

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Move {
    /// Entries with so many events each, of accounts in turn.
    Apply(u8),
    /// More than fits, and each handed over at once.
    Flood,
    /// What was applied is handed over.
    HandOver,
    /// A snapshot takes the place of the log: what was not handed over never is.
    Interrupt,
    /// The follower takes what is there, up to so many.
    Take(u8),
    /// The follower waits a little, and gives up.
    Wait,
    /// The follower says what it has passed.
    Pass,
}

struct World {
    writer: Writer,
    reader: Reader,
    facts: Arc<Facts>,
    live: Live,
    index: u64,
    told: Cursor,
    all: Vec<(Cursor, AccountId)>,
    _dir: TempDir,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = storage::Settings { block_cache_bytes: 1 << 20, cached_records: 100 };
        let (writer, reader) = storage::open(dir.path(), &settings).unwrap();
        let facts = Facts {
            city_number: CityNumber(1),
            slug: "marisol".to_owned(),
            currency: "EUR".to_owned(),
            time_zone: "UTC".to_owned(),
            language: "en".to_owned(),
        };
        let live = Live::new(CancellationToken::new(), Metrics::new());
        let facts = Arc::new(facts);
        let (index, told, all) = (0, Cursor::after_entry(0), Vec::new());
        Self { writer, reader, facts, live, index, told, all, _dir: dir }
    }

    fn apply(&mut self, events: u8) {
        self.index += 1;
        let stamp = Stamp { index: self.index, at: Timestamp(self.index as i64) };
        let events = (0..events).map(|number| {
            let account_id = AccountId([(self.index as u8).wrapping_add(number) % 3; 16]);
            self.all.push((Cursor { index: self.index, number: number.into() }, account_id));
            Event::AccountSignedUp { account_id }
        });
        let verdict = Verdict::Yes { changed: true, index: self.index };
        let outcome = Outcome { verdict, writes: Vec::new(), events: events.collect() };
        let command = Command::CloseSession(CloseSession { session_id: SessionId([1; 16]) });
        let proposal = Proposal { actor: Actor::System, request_id: String::new(), command };
        let mut batch = self.writer.begin();
        batch.record(&stamp, b"", &proposal, outcome).unwrap();
        batch.commit().unwrap();
    }

    fn hand_over(&mut self) {
        let Self { reader, facts, live, index, told, .. } = self;
        *told = tell(reader, facts, live, || *index, *told).unwrap();
    }

    fn moves(&mut self, what: Move, follow: &mut Follow, heard: &mut Vec<Cursor>, viewer: Viewer) {
        match what {
            Move::Apply(events) => self.apply(events),
            Move::Flood => {
                for _ in 0..OVERFLOW {
                    self.apply(1);
                    self.hand_over();
                }
            }
            Move::HandOver => self.hand_over(),
            Move::Interrupt => {
                self.live.interrupt(self.index);
                self.told = Cursor::after_entry(self.index);
            }
            Move::Take(most) => {
                for _ in 0..most {
                    let Some(told) = follow.try_next().unwrap() else { break };
                    heard.push(told.cursor);
                }
            }
            Move::Wait => {
                // A future that is dropped half-way has taken nothing with it.
                if let Some(told) = follow.next().now_or_never() {
                    heard.push(told.unwrap().cursor);
                }
            }
            Move::Pass => {
                let passed = follow.passed();
                let until: Vec<_> =
                    self.wanted(viewer).into_iter().filter(|cursor| *cursor <= passed).collect();
                assert_eq!(*heard, until, "passed {passed}");
            }
        }
    }

    fn wanted(&self, viewer: Viewer) -> Vec<Cursor> {
        let of = self.all.iter().filter(|(_, account)| match viewer {
            Viewer::Person(id, _) => id == *account,
            Viewer::Operator => true,
            Viewer::Restaurant(_) | Viewer::Courier(_) => false,
        });
        of.map(|(cursor, _)| *cursor).collect()
    }
}

fn some_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        4 => (0..4u8).prop_map(Move::Apply),
        1 => Just(Move::Flood),
        3 => Just(Move::HandOver),
        1 => Just(Move::Interrupt),
        3 => (0..9u8).prop_map(Move::Take),
        2 => Just(Move::Wait),
        3 => Just(Move::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn each_event_once_and_in_order(
        before in 0..5u8,
        moves in prop::collection::vec(some_move(), 0..40),
        operator in any::<bool>(),
    ) {
        let mut world = World::new();
        (0..before).for_each(|_| world.apply(2));
        world.hand_over();
        let viewer = match operator {
            true => Viewer::Operator,
            false => Viewer::Person(AccountId([1; 16]), None),
        };
        let start = Cursor::after_entry(0);
        let which = Which::all_for(viewer);
        let mut follow = Follow::new(&world.live, &world.reader, &world.facts, which, start);
        let mut heard = Vec::new();
        for what in moves {
            world.moves(what, &mut follow, &mut heard, viewer);
        }
        world.hand_over();
        while follow.is_behind() || heard.len() < world.wanted(viewer).len() {
            let told: Option<Arc<Told>> = follow.try_next().unwrap();
            let Some(told) = told else {
                let all = heard.len() == world.wanted(viewer).len();
                prop_assert!(follow.is_behind() || all, "heard no more than {heard:?}");
                continue;
            };
            heard.push(told.cursor);
        }
        prop_assert_eq!(&heard, &world.wanted(viewer));
        // What was handed over beside the reading is known already, and leaves nothing in the way.
        prop_assert!(follow.try_next().unwrap().is_none());
        prop_assert_eq!(follow.passed(), Cursor::after_entry(world.index));
    }
}
