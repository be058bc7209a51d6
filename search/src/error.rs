//! What can go wrong, split by what the caller does next.

/// Why there is no answer, or nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The asker wants a page that lies too deep: they must narrow the question.
    #[error("only the first {limit} results can be paged through")]
    TooDeep {
        /// Offset and limit together may not exceed this.
        limit: usize,
    },
    /// The index is broken. Nothing is lost: make a new one with
    /// [`MenuWriter::rebuild`](crate::MenuWriter::rebuild).
    #[error("the text index failed")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<tantivy::TantivyError> for SearchError {
    fn from(cause: tantivy::TantivyError) -> Self {
        Self::Broken(Box::new(cause))
    }
}

impl From<std::io::Error> for SearchError {
    fn from(cause: std::io::Error) -> Self {
        Self::Broken(Box::new(cause))
    }
}
