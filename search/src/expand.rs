//! From a word that was typed to the words of the menus that it may mean, each with a weight.
//!
//! We expand ourselves because the library's own fuzzy and prefix queries give every match the same
//! score: "pizza" and "piazza" would be equally good answers to "pizza".

use crate::error::SearchError;
use crate::query::Weights;
use std::collections::BTreeMap;
use tantivy::query::{
    Bm25StatisticsProvider, BooleanQuery, BoostQuery, DisjunctionMaxQuery, FuzzyTermQuery,
    Query as TantivyQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, Term};

/// Words that one beginning may stand for, in one field.
const MAX_PREFIX_WORDS: usize = 50;
/// Words at one typo's distance, in one field.
const MAX_ONE_TYPO_WORDS: usize = 50;
/// Words at two typos' distance, in one field.
const MAX_TWO_TYPOS_WORDS: usize = 20;
/// A question of one word that is shorter is not taken for a beginning: one letter begins anything.
const MIN_PREFIX_LETTERS: usize = 2;
/// A shorter word has no typos: everything is one letter away from "tea".
const MIN_ONE_TYPO_LETTERS: usize = 4;
/// A shorter beginning has no typos.
const MIN_PREFIX_TYPO_LETTERS: usize = 5;
/// A shorter word has one typo at most.
const MIN_TWO_TYPOS_LETTERS: usize = 8;
/// A word that fewer documents have may be a typo, so its neighbours are looked at.
const RARE_DOCUMENTS: u64 = 20;

/// When typos are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Typos {
    /// For rare words only.
    OfRareWords,
    /// For every word, and in the beginning of the last.
    OfAllWords,
}

/// What one typed word may mean, in the fields of one index.
#[derive(Debug)]
pub(crate) struct Meaning {
    words: Vec<Word>,
    /// How much the word can tell at best: the weight of a place where it is found times how rare
    /// it is there.
    pub(crate) telling: f32,
}

#[derive(Debug)]
struct Word {
    term: Term,
    /// Weight of the field times weight of the way from the typed word to this one.
    weight: f32,
}

impl Meaning {
    pub(crate) fn is_nothing(&self) -> bool {
        self.words.is_empty()
    }
}

/// How common the words are, with one trick: all words that one typed word may mean count as
/// equally common. A misspelling on some menu is rare, and rare words score high; without the trick
/// it would beat the right word.
pub(crate) struct Commonness<'a> {
    searcher: &'a Searcher,
    documents: BTreeMap<Term, u64>,
}

impl Bm25StatisticsProvider for Commonness<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        self.searcher.total_num_tokens(field)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        self.searcher.total_num_docs()
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        match self.documents.get(term) {
            Some(documents) => Ok((*documents).min(self.searcher.total_num_docs()?)),
            None => self.searcher.doc_freq(term),
        }
    }
}

/// Expands words over the fields of one index.
pub(crate) struct Expander<'a> {
    searcher: &'a Searcher,
    fields: Vec<(Field, f32)>,
    weights: &'a Weights,
    commonness: Commonness<'a>,
}

impl<'a> Expander<'a> {
    pub(crate) fn new(
        searcher: &'a Searcher,
        fields: Vec<(Field, f32)>,
        weights: &'a Weights,
    ) -> Self {
        let commonness = Commonness { searcher, documents: BTreeMap::new() };
        Self { searcher, fields, weights, commonness }
    }

    /// How common the words of all meanings so far are.
    pub(crate) fn commonness(&self) -> &Commonness<'a> {
        &self.commonness
    }

    /// What the word at a place of a question may mean. The last may be the beginning of one.
    pub(crate) fn meaning(
        &mut self,
        question: &[String],
        place: usize,
        typos: Typos,
    ) -> Result<Meaning, SearchError> {
        let typed = question[place].as_str();
        let is_long_enough = place > 0 || typed.chars().nth(MIN_PREFIX_LETTERS - 1).is_some();
        let may_be_prefix = place + 1 == question.len() && is_long_enough;
        let mut exact_documents = 0;
        for (field, _) in &self.fields {
            let term = Term::from_field_text(*field, typed);
            exact_documents = exact_documents.max(self.searcher.doc_freq(&term)?);
        }
        let with_typos = match typos {
            Typos::OfRareWords => exact_documents < RARE_DOCUMENTS,
            Typos::OfAllWords => true,
        };
        let documents = self.searcher.num_docs().max(1) as f32;
        let mut meaning = Meaning { words: Vec::new(), telling: 0.0 };
        for (field, boost) in self.fields.clone() {
            let found = self.expand(field, typed, may_be_prefix, with_typos, typos)?;
            let most = found.values().map(|(_, documents)| *documents).max().unwrap_or(0);
            for (text, (weight, _)) in found {
                let telling = boost * weight * (1.0 + documents / most.max(1) as f32).ln();
                meaning.telling = meaning.telling.max(telling);
                let term = Term::from_field_text(field, &text);
                let common = self.commonness.documents.entry(term.clone()).or_insert(most);
                *common = most.max(*common);
                meaning.words.push(Word { term, weight: boost * weight });
            }
        }
        Ok(meaning)
    }

    /// The words of one field that a typed word may mean: weight, and in how many documents.
    fn expand(
        &self,
        field: Field,
        typed: &str,
        may_be_prefix: bool,
        with_typos: bool,
        typos: Typos,
    ) -> Result<BTreeMap<String, (f32, u64)>, SearchError> {
        let weights = self.weights;
        let letters = typed.chars().count();
        let mut found = BTreeMap::new();
        let mut add = |words: Vec<(String, u64)>, weight: f32, limit: usize| {
            // The first way to a word is the best: later ones weigh less.
            let new = words.into_iter().filter(|(word, _)| !found.contains_key(word));
            let new: Vec<_> = new.take(limit).collect();
            found.extend(new.into_iter().map(|(word, documents)| (word, (weight, documents))));
        };
        add(self.words(field, typed, 0, false)?, 1.0, 1);
        if may_be_prefix {
            add(self.words(field, typed, 0, true)?, weights.prefix, MAX_PREFIX_WORDS);
        }
        if with_typos && letters >= MIN_ONE_TYPO_LETTERS {
            add(self.words(field, typed, 1, false)?, weights.one_typo, MAX_ONE_TYPO_WORDS);
            let typo_in_prefix = may_be_prefix && letters >= MIN_PREFIX_TYPO_LETTERS;
            if typo_in_prefix && typos == Typos::OfAllWords {
                let weight = weights.one_typo * weights.prefix;
                add(self.words(field, typed, 1, true)?, weight, MAX_PREFIX_WORDS);
            }
        }
        if with_typos && letters >= MIN_TWO_TYPOS_LETTERS {
            add(self.words(field, typed, 2, false)?, weights.two_typos, MAX_TWO_TYPOS_WORDS);
        }
        Ok(found)
    }

    /// The words of one field within a distance: same first letter first, then the most common.
    fn words(
        &self,
        field: Field,
        typed: &str,
        distance: u8,
        prefix: bool,
    ) -> Result<Vec<(String, u64)>, SearchError> {
        let term = Term::from_field_text(field, typed);
        if distance == 0 && !prefix {
            let documents = self.searcher.doc_freq(&term)?;
            return Ok(if documents > 0 { vec![(typed.to_owned(), documents)] } else { vec![] });
        }
        let fuzzy = if prefix {
            FuzzyTermQuery::new_prefix(term, distance, true)
        } else {
            FuzzyTermQuery::new(term, distance, true)
        };
        let automaton = fuzzy.automaton()?;
        let mut words: BTreeMap<String, u64> = BTreeMap::new();
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(field)?;
            let mut stream = inverted.terms().search(&automaton).into_stream()?;
            while stream.advance() {
                if let Ok(word) = std::str::from_utf8(stream.key()) {
                    *words.entry(word.to_owned()).or_default() +=
                        u64::from(stream.value().doc_freq);
                }
            }
        }
        let first = typed.chars().next();
        let mut words: Vec<_> = words.into_iter().collect();
        words.sort_by_key(|(word, documents)| {
            (word.chars().next() != first, std::cmp::Reverse(*documents))
        });
        Ok(words)
    }
}

/// Every word must be meant by something in the document; what fits best counts.
pub(crate) fn all_of<'a>(meanings: impl Iterator<Item = &'a Meaning>) -> BooleanQuery {
    let words = meanings.map(|meaning| {
        let ways = meaning.words.iter().map(|word| {
            let term = TermQuery::new(word.term.clone(), IndexRecordOption::WithFreqs);
            Box::new(BoostQuery::new(Box::new(term), word.weight)) as Box<dyn TantivyQuery>
        });
        Box::new(DisjunctionMaxQuery::new(ways.collect())) as Box<dyn TantivyQuery>
    });
    BooleanQuery::intersection(words.collect())
}
