//! `node.id`: whose data directory this is. Written once; a node never works on another's data.

use crate::error::StartError;
use crate::settings::Settings;
use crate::snapshot::sync_dir;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

const FILE: &str = "node.id";
const FORMAT: &str = "fd-node 1";

/// Compares the directory with the settings, or marks a new one.
pub(crate) fn check(root: &Path, settings: &Settings, is_new: bool) -> Result<(), StartError> {
    let wanted = format!("{FORMAT}\ncity {}\nnode {}\n", settings.city_id, settings.node_id);
    let path = root.join(FILE);
    match fs::read_to_string(&path) {
        Ok(found) if found == wanted => Ok(()),
        Ok(found) => {
            Err(StartError::Identity { found: in_words(&found), wanted: in_words(&wanted) })
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound && is_new => {
            write(root, &wanted).map_err(|source| StartError::Io { doing: "write node.id", source })
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            Err(StartError::Identity { found: "nobody known".into(), wanted: in_words(&wanted) })
        }
        Err(source) => Err(StartError::Io { doing: "read node.id", source }),
    }
}

fn write(root: &Path, content: &str) -> io::Result<()> {
    let temporary = root.join("node.id.new");
    let mut file = File::create(&temporary)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, root.join(FILE))?;
    sync_dir(root)
}

fn in_words(content: &str) -> String {
    content.lines().skip(1).collect::<Vec<_>>().join(", ")
}
