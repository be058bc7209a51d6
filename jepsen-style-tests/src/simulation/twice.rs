//! The test of the simulation itself: two lives of one seed tell the same, byte by byte. Without it
//! a seed that fails would be a rumour.
//!
//! Everything that is told counts, at TRACE. Only words of the machine's own are taken out first:
//! its calendar, what it counts since it was started, and the name of the folder with the files.
//! openraft and the disk show them; nothing is decided by them.

use super::FOLDER;
use anyhow::{Context, Result};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// The beginning of the name of a folder with what was told.
pub(super) const FOLDER_FOR_WORDS: &str = "fdsim-told-";
/// Characters on each side of a difference that are shown.
const AROUND: usize = 120;

/// From now on this process tells everything into a file, which is whole after a flush.
///
/// # Errors
/// The file cannot be made.
pub(super) fn tell_all(path: &Path) -> Result<Told> {
    let file = File::create(path).context("making a file for what is told")?;
    // What the wire carries holds hyper's `Date`, which is the real one.
    let filter = EnvFilter::new("trace,turmoil=info,h2=info,hyper=info,tower=info");
    let told = Told(Arc::new(Mutex::new(BufWriter::new(file))));
    let all = tracing_subscriber::fmt().with_env_filter(filter).with_writer(told.clone());
    all.with_ansi(false).without_time().init();
    Ok(told)
}

/// A file that is written in large pieces.
#[derive(Clone, Debug)]
pub(super) struct Told(Arc<Mutex<BufWriter<File>>>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics with it in hand").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().expect("nobody panics with it in hand").flush()
    }
}

impl<'a> MakeWriter<'a> for Told {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The first place at which two files of what was told are not the same, in words.
///
/// # Errors
/// They cannot be read.
pub(super) fn differs(one: &Path, two: &Path) -> Result<Option<String>> {
    let lines = |path: &Path| -> Result<_> {
        let file = File::open(path).context("reading what was told")?;
        Ok(BufReader::new(file).split(b'\n'))
    };
    let (mut one, mut two) = (lines(one)?, lines(two)?);
    for number in 1_u64.. {
        let pair = (one.next().transpose()?, two.next().transpose()?);
        match pair {
            (None, None) => break,
            (Some(one), Some(two)) => {
                let (one, two) = (without_the_machine(&one), without_the_machine(&two));
                if one != two {
                    return Ok(Some(format!("line {number}, {}", around(&one, &two))));
                }
            }
            (Some(_), None) | (None, Some(_)) => {
                return Ok(Some(format!("only one has a line {number}")));
            }
        }
    }
    Ok(None)
}

fn around(one: &str, two: &str) -> String {
    let at = one.chars().zip(two.chars()).take_while(|(one, two)| one == two).count();
    let part = |told: &str| -> String {
        told.chars().skip(at.saturating_sub(AROUND)).take(2 * AROUND).collect()
    };
    format!("character {at}:\n    {}\n    {}", part(one), part(two))
}

/// The line without the words that are the machine's.
fn without_the_machine(line: &[u8]) -> String {
    let line = String::from_utf8_lossy(line);
    let mut counted = false;
    let words = line.split(' ').map(|word| {
        let ours = match counted || word.contains(FOLDER) {
            true => "",
            false => &word[..moment(word.as_bytes()).unwrap_or(word.len())],
        };
        counted = word == "tv_sec:" || word == "tv_nsec:";
        ours
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Where a date or a time of day begins.
fn moment(word: &[u8]) -> Option<usize> {
    let is_like = |part: &[u8], like: &[u8]| {
        let digit = |(is, like): (&u8, &u8)| is == like || *like == b'0' && is.is_ascii_digit();
        part.len() == like.len() && part.iter().zip(like).all(digit)
    };
    let at = |place: &usize| {
        let rest = &word[*place..];
        [&b"0000-00-00T"[..], b"00:00:00"]
            .iter()
            .any(|like| rest.get(..like.len()).is_some_and(|part| is_like(part, like)))
    };
    (0..word.len()).find(at)
}
