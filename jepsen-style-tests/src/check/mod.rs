//! Judges: pure functions from what was seen to what is wrong with it. No violation is a yes; each
//! violation says which order, which key and which node, so that the history shows the rest.

pub mod acknowledged;
pub mod books;
pub mod charged;
pub mod feed;
pub mod replicas;
pub mod told;
