//! The sandbox's memory: JSON lines, synced before anybody hears of what they say.
//!
//! Lines are gathered while the disk is busy and synced together. Every answer, also one that only
//! reads, waits until all that it may have seen is on the disk, so that a crash takes nothing back.

use super::wire::{Charge, Event, Message};
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, Write};
use std::path::Path;
use std::sync::mpsc;
use tokio::sync::watch;

/// Lines that wait for the disk, at most: then callers wait.
const QUEUE: usize = 4_096;

/// One change, with all that it changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Line {
    /// 1, 2, 3 and so on.
    pub n: u64,
    /// The charge as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge: Option<Charge>,
    /// What is told about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
    /// A message that was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// What was answered to whoever asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answered>,
}

/// What an idempotency key stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answered {
    pub key: String,
    /// Where and what was asked.
    pub request: String,
    pub status: u16,
    pub body: String,
}

/// The file. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    lines: mpsc::SyncSender<Line>,
    synced: watch::Receiver<u64>,
}

/// The disk failed: nothing more can be promised.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the journal cannot be written")]
pub(super) struct Broken;

impl Journal {
    /// Opens or begins it, with what it holds. A last line that was cut off by a crash was never
    /// answered for, and goes.
    pub(super) fn open(dir: &Path) -> anyhow::Result<(Self, Vec<Line>)> {
        std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
        let path = dir.join("journal.jsonl");
        let file = File::options().read(true).append(true).create(true).open(&path);
        let mut file = file.with_context(|| path.display().to_string())?;
        let (held, whole_bytes) = read(&file).with_context(|| path.display().to_string())?;
        file.set_len(whole_bytes)?;
        file.seek(std::io::SeekFrom::End(0))?;
        file.sync_all()?;
        let last = held.last().map_or(0, |line| line.n);
        let (lines, waiting) = mpsc::sync_channel(QUEUE);
        let (tell, synced) = watch::channel(last);
        std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write(&mut file, &waiting, &tell))?;
        Ok((Self { lines, synced }, held))
    }

    /// Takes a line; the order of calls is the order of the file.
    pub(super) fn append(&self, line: Line) {
        // The writer is gone after a failed write: `synced` says so to everybody.
        let _ = self.lines.send(line);
    }

    /// Until everything up to this line is on the disk.
    ///
    /// # Errors
    /// It never will be.
    pub(super) async fn synced(&self, n: u64) -> Result<(), Broken> {
        let mut synced = self.synced.clone();
        synced.wait_for(|reached| *reached >= n).await.map(drop).map_err(|_| Broken)
    }
}

fn read(file: &File) -> anyhow::Result<(Vec<Line>, u64)> {
    let (mut lines, mut whole_bytes) = (Vec::new(), 0);
    let mut reader = BufReader::new(file);
    let mut text = String::new();
    loop {
        text.clear();
        let bytes = reader.read_line(&mut text)?;
        if bytes == 0 || !text.ends_with('\n') {
            return Ok((lines, whole_bytes));
        }
        let line = serde_json::from_str(&text);
        lines.push(line.with_context(|| format!("line {}", lines.len() + 1))?);
        whole_bytes += bytes as u64;
    }
}

fn write(file: &mut File, waiting: &mpsc::Receiver<Line>, tell: &watch::Sender<u64>) {
    let mut text = Vec::new();
    while let Ok(first) = waiting.recv() {
        text.clear();
        let mut last = 0;
        for line in std::iter::once(first).chain(waiting.try_iter().take(QUEUE)) {
            last = line.n;
            if serde_json::to_writer(&mut text, &line).is_err() {
                return;
            }
            text.push(b'\n');
        }
        if let Err(error) = file.write_all(&text).and_then(|()| file.sync_data()) {
            tracing::error!(%error, "the journal cannot be written");
            return;
        }
        tell.send_replace(last);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn message(n: u64) -> Line {
        let text = |what: &str| format!("{what} {n}");
        let message = Message {
            key: text("key"),
            channel: "sms".to_owned(),
            to: text("to"),
            title: None,
            text: text("text"),
        };
        Line { n, charge: None, event: None, message: Some(message), answer: None }
    }

    #[tokio::test]
    async fn what_was_synced_is_there_again_and_a_torn_end_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let (journal, held) = Journal::open(dir.path()).unwrap();
        assert!(held.is_empty());
        (1..=3).for_each(|n| journal.append(message(n)));
        journal.synced(3).await.unwrap();
        drop(journal);
        let path = dir.path().join("journal.jsonl");
        let mut file = File::options().append(true).open(&path).unwrap();
        file.write_all(b"{\"n\":4,\"mess").unwrap();
        let (journal, held) = Journal::open(dir.path()).unwrap();
        assert_eq!(held.iter().map(|line| line.n).collect::<Vec<_>>(), [1, 2, 3]);
        journal.append(message(4));
        journal.synced(4).await.unwrap();
        let (_, held) = Journal::open(dir.path()).unwrap();
        assert_eq!(held.len(), 4);
        std::fs::write(&path, "no line\n").unwrap();
        assert!(Journal::open(dir.path()).is_err(), "a damaged middle is not skipped");
    }
}
