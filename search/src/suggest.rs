//! Whole phrases for the letters typed so far: dishes, restaurants, cuisines.
//!
//! Every beginning of a phrase's words stands in one sorted list, so what was typed is one range of
//! it; a tree of maxima over the list gives the best of any range without walking through it, which
//! matters for the first letter, when a tenth of the city matches.

use crate::doc::{MAX_DISHES, MAX_NAME_LETTERS, RestaurantDoc};
use crate::text::indexed;
use domain::ids::RestaurantId;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

/// The most suggestions that are given at once.
pub const MAX_SUGGESTIONS: usize = 20;
/// Words of a phrase with which it can be found.
const MAX_STARTS: usize = 4;
/// So many times as many phrases are looked at as are given, to find eligible ones.
const LOOKED_AT: usize = 8;
/// A phrase that begins with what was typed counts as if so many times as many had it.
const FIRST_WORD_FACTOR: u32 = 4;

/// What a phrase names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhraseKind {
    /// A dish, by a name that several restaurants may use.
    Dish,
    /// A restaurant, or several of one name.
    Restaurant,
    /// A cuisine.
    Cuisine,
}

/// A phrase to go on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// As a menu writes it.
    pub text: String,
    /// What it names.
    pub kind: PhraseKind,
    /// How many restaurants have it.
    pub restaurants: u32,
}

/// All phrases of a city, as they are written: the writer's side.
#[derive(Debug, Default)]
pub(crate) struct PhraseBook {
    phrases: Vec<Phrase>,
    by_text: HashMap<(PhraseKind, String), u32>,
    by_restaurant: HashMap<u32, BTreeSet<u32>>,
    ids: HashMap<u32, RestaurantId>,
}

#[derive(Debug)]
struct Phrase {
    kind: PhraseKind,
    /// Normalised.
    text: String,
    /// As the first menu wrote it.
    shown: String,
    restaurants: BTreeSet<u32>,
}

impl PhraseBook {
    pub(crate) fn replace(&mut self, rid: u32, restaurant: &RestaurantDoc) {
        self.remove(rid);
        self.ids.insert(rid, restaurant.id);
        self.add(rid, PhraseKind::Restaurant, &restaurant.name);
        for cuisine in &restaurant.cuisines {
            self.add(rid, PhraseKind::Cuisine, &cuisine.replace('_', " "));
        }
        for dish in restaurant.dishes.iter().take(MAX_DISHES) {
            self.add(rid, PhraseKind::Dish, &dish.name);
        }
    }

    pub(crate) fn remove(&mut self, rid: u32) {
        for phrase in self.by_restaurant.remove(&rid).unwrap_or_default() {
            self.phrases[phrase as usize].restaurants.remove(&rid);
        }
    }

    fn add(&mut self, rid: u32, kind: PhraseKind, shown: &str) {
        let text = indexed(shown, MAX_NAME_LETTERS);
        if text.is_empty() {
            return;
        }
        let next = self.phrases.len() as u32;
        let number = *self.by_text.entry((kind, text.clone())).or_insert(next);
        if number == next {
            let shown = shown.trim().to_owned();
            self.phrases.push(Phrase { kind, text, shown, restaurants: BTreeSet::new() });
        }
        self.phrases[number as usize].restaurants.insert(rid);
        self.by_restaurant.entry(rid).or_default().insert(number);
    }

    /// The phrases that somebody has, ready to be asked.
    pub(crate) fn phrases(&self) -> Phrases {
        let mut entries = Vec::new();
        let mut starts = Vec::new();
        for phrase in self.phrases.iter().filter(|phrase| !phrase.restaurants.is_empty()) {
            let restaurants = phrase.restaurants.iter().filter_map(|rid| self.ids.get(rid));
            let entry = Entry {
                kind: phrase.kind,
                text: phrase.text.clone(),
                shown: phrase.shown.clone(),
                restaurants: restaurants.copied().collect(),
            };
            let number = entries.len() as u32;
            let words = entry.text.match_indices(' ').map(|(space, _)| space + 1);
            for at in std::iter::once(0).chain(words).take(MAX_STARTS) {
                starts.push(Start { phrase: number, at: at as u32 });
            }
            entries.push(entry);
        }
        starts.sort_by(|a, b| a.text(&entries).cmp(b.text(&entries)));
        let ranks = starts.iter().map(|start| start.rank(&entries)).collect();
        Phrases { ranks: Maxima::new(ranks), entries, starts }
    }
}

/// All phrases of a city, sorted: the readers' side.
#[derive(Debug, Default)]
pub(crate) struct Phrases {
    entries: Vec<Entry>,
    starts: Vec<Start>,
    ranks: Maxima,
}

#[derive(Debug)]
struct Entry {
    kind: PhraseKind,
    text: String,
    shown: String,
    restaurants: Vec<RestaurantId>,
}

/// A word of a phrase, and all that follows it.
#[derive(Clone, Copy, Debug)]
struct Start {
    phrase: u32,
    at: u32,
}

impl Start {
    fn text(self, entries: &[Entry]) -> &str {
        &entries[self.phrase as usize].text[self.at as usize..]
    }

    fn rank(self, entries: &[Entry]) -> u32 {
        let restaurants = entries[self.phrase as usize].restaurants.len() as u32;
        if self.at == 0 { restaurants.saturating_mul(FIRST_WORD_FACTOR) } else { restaurants }
    }
}

impl Phrases {
    pub(crate) fn suggest(
        &self,
        words: &[String],
        limit: usize,
        eligible: &dyn Fn(RestaurantId) -> f32,
    ) -> Vec<Suggestion> {
        let limit = limit.min(MAX_SUGGESTIONS);
        let typed = words.join(" ");
        if limit == 0 || typed.is_empty() {
            return Vec::new();
        }
        let from = self.starts.partition_point(|start| start.text(&self.entries) < typed.as_str());
        let many = self.starts[from..]
            .partition_point(|start| start.text(&self.entries).starts_with(&typed));
        let mut seen = BTreeSet::new();
        let best = self.ranks.best(from..from + many).filter_map(|place| {
            let phrase = self.starts[place].phrase;
            // A phrase is met at each of its words that fits.
            seen.insert(phrase).then_some(&self.entries[phrase as usize])
        });
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        for entry in best.take(limit * LOOKED_AT) {
            if entry.restaurants.iter().any(|restaurant| eligible(*restaurant) > 0.0) {
                first.push(entry);
                if first.len() == limit {
                    break;
                }
            } else {
                rest.push(entry);
            }
        }
        first.extend(rest);
        first.truncate(limit);
        first.into_iter().map(Entry::suggestion).collect()
    }
}

impl Entry {
    fn suggestion(&self) -> Suggestion {
        let restaurants = self.restaurants.len() as u32;
        Suggestion { text: self.shown.clone(), kind: self.kind, restaurants }
    }
}

/// A list of ranks, and where the highest of any range of it is.
#[derive(Debug, Default)]
struct Maxima {
    len: usize,
    /// A full binary tree: the leaves from `len` on, and above each two the higher one. Each is
    /// the rank and the place in the list, the lower place first among equals.
    tree: Vec<(u32, Reverse<usize>)>,
}

impl Maxima {
    fn new(ranks: Vec<u32>) -> Self {
        let len = ranks.len();
        let nothing = (0, Reverse(usize::MAX));
        let mut tree = vec![nothing; len];
        tree.extend(ranks.into_iter().enumerate().map(|(place, rank)| (rank, Reverse(place))));
        for node in (1..len).rev() {
            tree[node] = tree[2 * node].max(tree[2 * node + 1]);
        }
        Self { len, tree }
    }

    /// The highest of a range that is not empty.
    fn highest(&self, range: std::ops::Range<usize>) -> Option<(u32, Reverse<usize>)> {
        let (mut low, mut high) = (range.start + self.len, range.end + self.len);
        let mut best = None;
        while low < high {
            if low % 2 == 1 {
                best = best.max(Some(self.tree[low]));
                low += 1;
            }
            if high % 2 == 1 {
                high -= 1;
                best = best.max(Some(self.tree[high]));
            }
            (low, high) = (low / 2, high / 2);
        }
        best
    }

    /// The places of a range by falling rank.
    fn best(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = usize> {
        let mut ranges = BinaryHeap::new();
        let push = |ranges: &mut BinaryHeap<_>, range: std::ops::Range<usize>| {
            if let Some(highest) = self.highest(range.clone()) {
                ranges.push((highest, range.start, range.end));
            }
        };
        push(&mut ranges, range);
        std::iter::from_fn(move || {
            let ((_, Reverse(place)), start, end) = ranges.pop()?;
            push(&mut ranges, start..place);
            push(&mut ranges, place + 1..end);
            Some(place)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_best_of_a_range_in_order(
            ranks in prop::collection::vec(0u32..9, 0..60), cut in (0usize..60, 0usize..60),
        ) {
            let (from, to) = (cut.0.min(ranks.len()), cut.1.min(ranks.len()));
            let range = from.min(to)..from.max(to);
            let mut expected: Vec<usize> = range.clone().collect();
            expected.sort_by_key(|place| (Reverse(ranks[*place]), *place));
            let maxima = Maxima::new(ranks);
            prop_assert_eq!(maxima.best(range).collect::<Vec<_>>(), expected);
        }
    }
}
