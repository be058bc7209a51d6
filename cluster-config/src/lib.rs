//! The configuration of nodes and directories: TOML in, plain types out, or everything that is
//! wrong with the text at once.
//!
//! `reference.toml` and `directory.toml` are the defaults and the documentation at the same time;
//! no default stands in code. Nothing here opens a socket or reads a secret.

mod checks;
mod directory;
mod key_source;
mod limits;
mod node;
mod notices;
mod payments;
mod problem;
mod reader;
mod secrets;
mod sections;

pub use directory::{DirectoryCity, DirectoryConfig};
pub use key_source::{KeySource, KeySourceError};
pub use limits::Limits;
pub use node::Config;
pub use notices::{NoticeAdapter, Notices};
pub use payments::{Gateway, Payments};
pub use problem::{Problem, Problems};
pub use secrets::Secrets;
pub use sections::{
    Centre, City, Cluster, Dial, Feed, Http, Log, LogFormat, Member, NatsSink, Node, Raft, Rules,
    Sinks, Storage, Tls, Webhooks,
};

/// Every key of a node's configuration, its default and what it means.
pub const REFERENCE: &str = include_str!("../reference.toml");

/// Every key of a directory's configuration, its default and what it means.
pub const DIRECTORY_REFERENCE: &str = include_str!("../directory.toml");

/// The `[city]` table of Marisol, the sample city.
pub const SAMPLE_CITY: &str = include_str!("../cities/marisol.toml");

/// What Marisol serves: GeoJSON.
pub const SAMPLE_BOUNDARY: &str = include_str!("../cities/marisol.geojson");
