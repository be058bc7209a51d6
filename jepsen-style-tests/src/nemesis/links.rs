//! Every state that the six directed links of three nodes can be in: 64 states, 16 classes up to
//! renaming the nodes, 36 when it counts which of them leads. They are enumerated, none is drawn by
//! lot.
//!
//! A state is told by places, not by ids: place 0 leads when the cut begins. So a script covers all
//! positions of the leader without moving it first, whoever it happens to be.

use std::collections::BTreeSet;

/// Nodes between which links are enumerated.
pub(super) const PLACES: usize = 3;
/// The place of the node that leads.
pub(super) const LEADER: usize = 0;

/// The directed links: from, to.
const LINKS: [(usize, usize); 6] = [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)];
/// Every renaming of three places.
const RENAMINGS: [[usize; PLACES]; 6] =
    [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// One state of each class: what it is called, and the links that still work in it.
const CLASSES: [(&str, &[(usize, usize)]); 16] = [
    ("all links work", &LINKS),
    ("one link cut", &[(0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]),
    ("one node mute", &[(0, 1), (1, 0), (0, 2), (1, 2)]),
    ("one node deaf", &[(0, 1), (1, 0), (2, 0), (2, 1)]),
    ("a bridge", &[(0, 1), (1, 0), (0, 2), (2, 0)]),
    ("a pair, a ring closed by the third", &[(0, 1), (1, 0), (0, 2), (2, 1)]),
    ("a pair, the third only hears", &[(0, 1), (1, 0), (0, 2)]),
    ("a pair, the third only speaks", &[(0, 1), (1, 0), (2, 0)]),
    ("one node isolated", &[(0, 1), (1, 0)]),
    ("one way down the line", &[(0, 1), (0, 2), (1, 2)]),
    ("a one-way ring", &[(0, 1), (1, 2), (2, 0)]),
    ("one speaks to both", &[(0, 1), (0, 2)]),
    ("a one-way chain", &[(0, 1), (1, 2)]),
    ("both speak to one", &[(0, 1), (2, 1)]),
    ("one link left", &[(0, 1)]),
    ("no link works", &[]),
];

/// Which of the six links are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cuts(u8);

impl Cuts {
    /// Nothing is cut.
    pub const NONE: Self = Self(0);

    /// All 64 states.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..1 << LINKS.len()).map(Self)
    }

    /// One state for each of the 36 classes in which the leader's place counts: the same state
    /// with the two followers renamed is left out.
    pub fn positions() -> Vec<Self> {
        let first_of_its_kind = |cuts: &Self| *cuts <= cuts.with_followers_swapped();
        Self::all().filter(first_of_its_kind).collect()
    }

    /// The state in which just these are cut; places beyond the third do not count.
    pub fn of(links: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let bit = |link| LINKS.iter().position(|known| *known == link);
        Self(links.into_iter().filter_map(bit).fold(0, |bits, bit| bits | 1 << bit))
    }

    /// The links that are cut: from which place to which.
    pub fn links(self) -> Vec<(usize, usize)> {
        let cut = |bit: &usize| self.0 & (1 << bit) != 0;
        (0..LINKS.len()).filter(cut).map(|bit| LINKS[bit]).collect()
    }

    /// From 1 to 16, as the table of link states numbers them.
    pub fn class(self) -> u8 {
        let mine = self.canonical();
        let class = CLASSES.iter().position(|(_, working)| {
            let cut = LINKS.iter().copied().filter(|link| !working.contains(link));
            Self::of(cut).canonical() == mine
        });
        let class = class.expect("the classes cover every state") + 1;
        u8::try_from(class).expect("there are sixteen")
    }

    /// What its class is called.
    pub fn what(self) -> &'static str {
        CLASSES[usize::from(self.class()) - 1].0
    }

    /// Whether two nodes still hear each other: only then can anything be acknowledged.
    pub fn quorum(self) -> bool {
        let works = |link| !self.links().contains(&link);
        LINKS.iter().any(|(a, b)| works((*a, *b)) && works((*b, *a)))
    }

    /// The same with the two places that do not lead exchanged.
    pub fn with_followers_swapped(self) -> Self {
        self.renamed(&RENAMINGS[1])
    }

    fn renamed(self, names: &[usize; PLACES]) -> Self {
        Self::of(self.links().into_iter().map(|(from, to)| (names[from], names[to])))
    }

    fn canonical(self) -> Self {
        let all: BTreeSet<_> = RENAMINGS.iter().map(|names| self.renamed(names)).collect();
        all.into_iter().next().expect("there are renamings")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// States and positions of the leader of each class, from the table that the design note has.
    const TABLE: [(usize, usize); 16] = [
        (1, 1),
        (6, 3),
        (3, 2),
        (3, 2),
        (3, 2),
        (6, 3),
        (6, 3),
        (6, 3),
        (3, 2),
        (6, 3),
        (2, 1),
        (3, 2),
        (6, 3),
        (3, 2),
        (6, 3),
        (1, 1),
    ];

    fn count(states: impl IntoIterator<Item = Cuts>) -> BTreeMap<u8, usize> {
        states.into_iter().fold(BTreeMap::new(), |mut counts, cuts| {
            *counts.entry(cuts.class()).or_default() += 1;
            counts
        })
    }

    #[test]
    fn there_are_64_states_in_16_classes_with_36_positions_of_the_leader() {
        assert_eq!(Cuts::all().count(), 64);
        assert_eq!(Cuts::positions().len(), 36);
        let table = |column: fn(&(usize, usize)) -> usize| {
            (1..=16).zip(TABLE.iter().map(column)).collect::<BTreeMap<u8, usize>>()
        };
        assert_eq!(count(Cuts::all()), table(|row| row.0));
        assert_eq!(count(Cuts::positions()), table(|row| row.1));
    }

    #[test]
    fn a_quorum_is_possible_in_the_first_nine_classes_only() {
        for cuts in Cuts::all() {
            assert_eq!(cuts.quorum(), cuts.class() <= 9, "class {}: {cuts:?}", cuts.class());
        }
    }

    #[test]
    fn the_links_of_a_state_make_the_state() {
        for cuts in Cuts::all() {
            assert_eq!(Cuts::of(cuts.links()), cuts);
            assert_eq!(cuts.with_followers_swapped().with_followers_swapped(), cuts);
            assert_eq!(cuts.with_followers_swapped().class(), cuts.class());
        }
    }
}
