//! Is there an order of these calls in which each took effect at one moment between its question
//! and its answer? The search of Wing and Gong with the memory of Lowe: what was linearized and
//! the state that came of it is looked at once.

use std::collections::HashSet;
use std::hash::Hash;

/// Steps after which a search gives up. A count and not a clock: the verdict is the same on every
/// machine. Ten million steps take some seconds.
pub(crate) const STEPS: u64 = 10_000_000;
/// What a search remembers at most, which bounds its memory to some hundred megabytes.
const REMEMBERED: usize = 3_000_000;

/// A thing whose calls are judged.
pub(crate) trait Model {
    /// All that it is at a moment.
    type State: Clone + Eq + Hash;
    /// A call with its answer.
    type Step;

    /// Before the first call.
    fn initial(&self) -> Self::State;

    /// What comes of it; nothing if it could not have been answered so.
    fn step(&self, state: &Self::State, step: &Self::Step) -> Option<Self::State>;
}

/// A call, in its time.
#[derive(Clone, Debug)]
pub(crate) struct Call<S> {
    /// What was asked and answered.
    pub(crate) step: S,
    /// When it was asked.
    pub(crate) asked: usize,
    /// When it was answered; nothing if it may have happened later, or never.
    pub(crate) answered: Option<usize>,
}

/// What a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// There is such an order.
    Order,
    /// There is none.
    Nothing,
    /// It gave up.
    TooLong,
}

/// Searches. Moments are different from each other.
pub(crate) fn search<M: Model>(model: &M, calls: &[Call<M::Step>], steps: u64) -> Found {
    let mut ring = Ring::new(calls);
    let mut done = Done::new(&ring);
    let mut state = model.initial();
    let mut seen: HashSet<(Box<[u64]>, M::State)> = HashSet::new();
    let mut path: Vec<(usize, M::State)> = Vec::new();
    let mut left = steps;
    let mut at = ring.first();
    loop {
        if ring.definite == 0 {
            return Found::Order;
        }
        let Some(call) = at.and_then(|place| ring.call_at(place)) else {
            // Somebody had their answer, and no order explains it so far: another way.
            let Some((call, before)) = path.pop() else { return Found::Nothing };
            state = before;
            done.clear(call);
            ring.put_back(call);
            at = Some(ring.behind(call));
            continue;
        };
        if left == 0 || seen.len() > REMEMBERED {
            return Found::TooLong;
        }
        left -= 1;
        if let Some(next) = model.step(&state, &calls[call].step) {
            done.set(call);
            if seen.insert((done.key(), next.clone())) {
                path.push((call, std::mem::replace(&mut state, next)));
                ring.take_out(call);
                at = ring.first();
                continue;
            }
            done.clear(call);
        }
        at = Some(ring.behind(call));
    }
}

/// Two rings of those that are not linearized yet: questions and answers of what was certainly
/// done, and questions of what may have been done. The first are tried before the second: most of
/// what is unknown is not needed.
struct Ring {
    next: Vec<usize>,
    before: Vec<usize>,
    /// By node: when.
    moments: Vec<usize>,
    /// By call: whether it was answered.
    answered: Vec<bool>,
    /// Calls with an answer that are not linearized.
    definite: usize,
}

impl Ring {
    // Nodes: 2n questions and answers by call, then the heads of the two rings.
    fn new<S>(calls: &[Call<S>]) -> Self {
        let n = calls.len();
        let mut moments = vec![usize::MAX; 2 * n + 2];
        let (mut certain, mut perhaps) = (Vec::new(), Vec::new());
        for (place, call) in calls.iter().enumerate() {
            moments[2 * place] = call.asked;
            match call.answered {
                Some(answered) => {
                    moments[2 * place + 1] = answered;
                    certain.extend([2 * place, 2 * place + 1]);
                }
                None => perhaps.push(2 * place),
            }
        }
        let (mut next, mut before) = (vec![0; 2 * n + 2], vec![0; 2 * n + 2]);
        for (head, mut nodes) in [(2 * n, certain), (2 * n + 1, perhaps)] {
            nodes.sort_by_key(|node| moments[*node]);
            let mut last = head;
            for node in nodes {
                (next[last], before[node]) = (node, last);
                last = node;
            }
            (next[last], before[head]) = (head, last);
        }
        let answered: Vec<bool> = calls.iter().map(|call| call.answered.is_some()).collect();
        let definite = answered.iter().filter(|answered| **answered).count();
        Self { next, before, moments, answered, definite }
    }

    fn heads(&self) -> (usize, usize) {
        (self.next.len() - 2, self.next.len() - 1)
    }

    fn first(&self) -> Option<usize> {
        Some(self.next[self.heads().0])
    }

    /// The call whose question stands at this node, or the first one behind it that may be next;
    /// nothing if an answer must come first.
    fn call_at(&self, node: usize) -> Option<usize> {
        let (certain, perhaps) = self.heads();
        let question = |node: usize| node < certain && node.is_multiple_of(2);
        if question(node) && self.answered[node / 2] {
            return Some(node / 2);
        }
        // From the certain ones to those that may have happened.
        let node = if node == certain || node % 2 == 1 && node < certain {
            self.next[perhaps]
        } else {
            node
        };
        (node != perhaps && self.moments[node] < self.deadline()).then_some(node / 2)
    }

    /// The first answer that is not explained.
    fn deadline(&self) -> usize {
        let (certain, _) = self.heads();
        let mut node = self.next[certain];
        while node != certain && node.is_multiple_of(2) {
            node = self.next[node];
        }
        self.moments[node]
    }

    fn behind(&self, call: usize) -> usize {
        self.next[2 * call]
    }

    fn take_out(&mut self, call: usize) {
        self.unlink(2 * call);
        if self.answered[call] {
            self.unlink(2 * call + 1);
            self.definite -= 1;
        }
    }

    fn put_back(&mut self, call: usize) {
        if self.answered[call] {
            self.link(2 * call + 1);
            self.definite += 1;
        }
        self.link(2 * call);
    }

    fn unlink(&mut self, node: usize) {
        let (before, next) = (self.before[node], self.next[node]);
        (self.next[before], self.before[next]) = (next, before);
    }

    fn link(&mut self, node: usize) {
        let (before, next) = (self.before[node], self.next[node]);
        (self.next[before], self.before[next]) = (node, node);
    }
}

/// What is linearized, as bits: of what was answered, in the order of the questions, and of the
/// rest.
struct Done {
    bits: Vec<u64>,
    /// By call: its bit.
    places: Vec<usize>,
    /// Where the words of those with an answer begin.
    certain: usize,
}

impl Done {
    fn new(ring: &Ring) -> Self {
        let calls = ring.answered.len();
        let mut order: Vec<usize> = (0..calls).collect();
        order.sort_by_key(|call| ring.moments[2 * call]);
        let perhaps = ring.answered.iter().filter(|answered| !**answered).count();
        let certain = perhaps.div_ceil(64);
        let mut places = vec![0; calls];
        let (mut sure, mut maybe) = (64 * certain, 0);
        for call in order {
            let place = if ring.answered[call] { &mut sure } else { &mut maybe };
            places[call] = *place;
            *place += 1;
        }
        Self { bits: vec![0; sure.div_ceil(64).max(certain)], places, certain }
    }

    fn set(&mut self, call: usize) {
        let place = self.places[call];
        self.bits[place / 64] |= 1 << (place % 64);
    }

    fn clear(&mut self, call: usize) {
        let place = self.places[call];
        self.bits[place / 64] &= !(1 << (place % 64));
    }

    /// Short: where everything is linearized, and where nothing is, only the length is kept.
    fn key(&self) -> Box<[u64]> {
        let (perhaps, sure) = self.bits.split_at(self.certain);
        let full = sure.iter().take_while(|word| **word == u64::MAX).count();
        let used = sure.iter().rposition(|word| *word != 0).map_or(full, |last| last + 1);
        let middle = &sure[full..used.max(full)];
        perhaps.iter().copied().chain([full as u64]).chain(middle.iter().copied()).collect()
    }
}
