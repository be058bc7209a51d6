//! Finding restaurants and dishes by what people type: with typos, half words and accents or
//! without them.
//!
//! What is found is derived state: a node fills the index from the change feed and from storage,
//! and fills it anew after a restart. The index holds text and ids only. Everything that changes by
//! the minute (open, paused, sold out, how far) comes in with each question, as a factor for each
//! restaurant, so no answer is stale because an index is. Geography is the caller's too. Listing
//! what is near, without a text, needs no text index and is not done here.
//!
//! - [`MenuIndex`] answers; it is cheap to clone and never waits for the writer.
//! - [`MenuWriter`] is its one owner: it replaces, removes, commits and rebuilds.
//! - [`Query`] and [`Answer`]: what is asked and what comes back, with the log position it covers.
//! - [`Suggestion`]: whole phrases for the letters typed so far.
//!
//! Inside is [Tantivy](https://docs.rs/tantivy), in memory; none of its types leave this crate.

mod collect;
mod doc;
mod error;
mod expand;
mod query;
mod schema;
mod suggest;
mod text;
mod writer;

pub use doc::{
    DishDoc, MAX_CUISINES, MAX_DESCRIPTION_LETTERS, MAX_DISHES, MAX_NAME_LETTERS, RestaurantDoc,
};
pub use error::SearchError;
pub use query::{
    Answer, DishHit, Hit, MAX_DEPTH, MAX_PAGE, MAX_VISITED, MenuIndex, Query, Rung, Weights,
};
pub use suggest::{MAX_SUGGESTIONS, PhraseKind, Suggestion};
pub use text::{MAX_LETTERS, MAX_WORDS, normalise};
pub use writer::{MenuWriter, Settings};

#[cfg(test)]
mod tests;
