//! Why there is no directory.

use crate::boundaries::BoundaryError;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a directory does not start or run on.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A city's boundary is wrong: correct the file.
    #[error("the boundary of {slug}, {}", .path.display())]
    Boundary {
        /// The city.
        slug: String,
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        why: BoundaryError,
    },
    /// The address cannot be listened at.
    #[error("cannot listen at {at}")]
    Listen {
        /// The address.
        at: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Connections are no longer taken.
    #[error("cannot take connections any more")]
    Serve(#[source] std::io::Error),
}
