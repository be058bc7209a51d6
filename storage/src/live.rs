//! Which database is the live one: `CURRENT_STATE` names its directory, and a snapshot from the
//! leader replaces it under running readers.

use crate::column::Column;
use crate::engine::{Changes, Disk};
use crate::error::Error;
use crate::state::State;
use arc_swap::ArcSwap;
use domain::mutant::{Mutant, is_planted};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const POINTER: &str = "CURRENT_STATE";
const POINTER_BEING_WRITTEN: &str = "CURRENT_STATE.tmp";
const STATE_PREFIX: &str = "state-";

/// The live database, and where its successors go.
pub(crate) struct Live {
    state: ArcSwap<State>,
    root: PathBuf,
    disk: Disk,
    cached_records: usize,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "state in {}", self.root.display())
    }
}

impl Live {
    /// Opens the state that the pointer names, or an empty first one, and removes the others.
    pub(crate) fn open(root: &Path, disk: Disk, cached_records: usize) -> Result<Self, Error> {
        const DOING: &str = "find the live state";
        let name = match fs::read_to_string(root.join(POINTER)) {
            Ok(name) => name.trim_end().to_owned(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let first = name_of(next_number(root).map_err(Error::io(DOING))?);
                State::open(&root.join(&first), true, &disk, cached_records)?.flush()?;
                point_to(root, &first).map_err(Error::io(DOING))?;
                first
            }
            Err(e) => return Err(Error::io(DOING)(e)),
        };
        let dir = root.join(&name);
        if number_of(&name).is_none() || !dir.is_dir() {
            let detail = format!("it names {name:?}, which is not there");
            return Err(Error::Corrupt { what: POINTER, detail });
        }
        remove_others(root, &name).map_err(Error::io("remove old states"))?;
        let state = State::open(&dir, false, &disk, cached_records)?;
        let state = ArcSwap::from_pointee(state);
        Ok(Self { state, root: root.to_owned(), disk, cached_records })
    }

    /// The database of this moment; load it once for each request.
    pub(crate) fn state(&self) -> Arc<State> {
        self.state.load_full()
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn cache_bytes_used(&self) -> u64 {
        self.disk.cache_bytes_used()
    }

    /// Makes the database in `snapshot` the live one. The snapshot stays as it is. When this
    /// returns the switch is durable: the log behind it may be purged.
    pub(crate) fn install(&self, snapshot: &Path) -> Result<(), Error> {
        const DOING: &str = "install a snapshot";
        let name = name_of(next_number(&self.root).map_err(Error::io(DOING))?);
        let dir = self.root.join(&name);
        let state = match self.open_copy(snapshot, &dir) {
            Ok(state) => state,
            Err(error) => {
                if let Err(left) = fs::remove_dir_all(&dir) {
                    tracing::warn!(%left, dir = %dir.display(), "half a state stays on disk");
                }
                return Err(error);
            }
        };
        point_to(&self.root, &name).map_err(Error::io(DOING))?;
        self.state.swap(Arc::new(state)).supersede();
        Ok(())
    }

    fn open_copy(&self, snapshot: &Path, dir: &Path) -> Result<State, Error> {
        const DOING: &str = "copy a snapshot";
        self.disk.copy_checkpoint(snapshot, dir).map_err(Error::io(DOING))?;
        let state = State::open(dir, false, &self.disk, self.cached_records)?;
        if is_planted(Mutant::ForgetfulSnapshot) {
            let mut changes = Changes::default();
            changes.delete_range(Column::Orders, [u8::MIN], [u8::MAX]);
            state.write(&changes)?;
        }
        // Opening wrote a new MANIFEST and CURRENT; they must be there after a power cut too.
        sync_dir(dir).map_err(Error::io(DOING))?;
        Ok(state)
    }
}

/// Write, fsync, rename, fsync: the pointer is the old one or the new one, never half of each.
fn point_to(root: &Path, name: &str) -> io::Result<()> {
    let temporary = root.join(POINTER_BEING_WRITTEN);
    let mut file = File::create(&temporary)?;
    writeln!(file, "{name}")?;
    file.sync_all()?;
    fs::rename(&temporary, root.join(POINTER))?;
    sync_dir(root)
}

pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn name_of(number: u64) -> String {
    format!("{STATE_PREFIX}{number:06}")
}

fn number_of(name: &str) -> Option<u64> {
    name.strip_prefix(STATE_PREFIX)?.parse().ok()
}

fn state_dirs(root: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if let Some(number) = entry.file_name().to_str().and_then(number_of) {
            found.push((number, entry.path()));
        }
    }
    Ok(found)
}

/// Above every name on disk: a directory that a reader still holds is never written into.
fn next_number(root: &Path) -> io::Result<u64> {
    let highest = state_dirs(root)?.into_iter().map(|(number, _)| number).max();
    Ok(highest.map_or(1, |number| number + 1))
}

fn remove_others(root: &Path, live: &str) -> io::Result<()> {
    for (number, dir) in state_dirs(root)? {
        if Some(number) != number_of(live) {
            fs::remove_dir_all(dir)?;
        }
    }
    Ok(())
}
