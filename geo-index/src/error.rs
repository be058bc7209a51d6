//! What can be wrong with what we are told, split by what the caller can do about it.

/// Why something was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GeoError {
    /// The position is on Earth but not in this city: the sender must correct it.
    #[error("the position is outside the city")]
    OutsideCity,
    /// No room for one more: an operator must raise the limit or remove what is gone.
    #[error("no room for more than {limit}")]
    Full {
        /// How many there can be.
        limit: usize,
    },
    /// The ring of a polygon encloses nothing or is too long: the map must be corrected.
    #[error("a ring needs 3 to {limit} points that are not all on one line")]
    BadRing {
        /// How many points a ring can have.
        limit: usize,
    },
    /// A polygon with too many holes: the map must be simplified.
    #[error("a polygon has at most {limit} rings")]
    TooManyRings {
        /// How many rings a polygon can have, its outline included.
        limit: usize,
    },
    /// A city's box that is empty, too large, or lies across a pole or the date line.
    #[error("the city's box is empty, too large, or lies across a pole or the date line")]
    BadArea,
}
