//! `fdctl audit`: who did what, and the proof that nobody has changed it since.

use crate::connection::{City, Global, Listing};
use crate::exit::Exit;
use crate::output::{Output, or_dash, table};
use anyhow::{Context, ensure};
use api::audit::{AuditEntry, SignedHead, hex};
use domain::audit::{AuditEntry as Sealed, ChainBroken, GENESIS};
use domain::sealed::Digest;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

const AUDIT: &str = "/v1/admin/audit";
const FIND: &str = "/v1/admin/audit/find";
const HEAD: &str = "/v1/admin/audit/head";
/// Entries asked for at once.
const PAGE: usize = 200;

/// Who did what, and the proof that nobody has changed it since
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Entries, in order
    Show {
        /// The first log index
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Look through it: who did what, or what was done about something
    Find {
        /// acc_.., system or anyone
        #[arg(long)]
        actor: Option<String>,
        /// The id of what it was about
        #[arg(long)]
        subject: Option<String>,
        /// As place_order
        #[arg(long)]
        command: Option<String>,
        #[command(flatten)]
        listing: Listing,
    },
    /// The newest entry's hash, signed by the city: keep it elsewhere, once a day
    Head,
    /// Write the chain to a file, an entry a line, for an archive
    Export {
        /// A new file
        file: PathBuf,
        /// The first log index
        #[arg(long, default_value_t = 0)]
        from: u64,
    },
    /// Compute every hash again, of the city's chain or of an exported one; 1 where it is broken
    Verify {
        /// A file of `export`, in place of the city's chain
        #[arg(long)]
        file: Option<PathBuf>,
        /// The first log index: the entry there is taken as it is
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// What the chain must pass through, as an earlier `verify` has printed it
        #[arg(long, value_name = "HASH")]
        through: Option<String>,
    },
}

/// # Errors
/// The city says no, or does not answer; a file cannot be read or written.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    match command {
        Command::Show { from, limit } => {
            let city = City::open(global).await?;
            let mut rows = Vec::new();
            let mut pages = Pages { city: &city, next: from };
            while rows.len() < limit {
                let page = pages.next(limit - rows.len()).await?;
                if page.is_empty() {
                    break;
                }
                rows.extend(page);
            }
            global.output().value(&rows, || shown(&rows))?;
            Ok(Exit::Yes)
        }
        Command::Find { actor, subject, command, listing } => {
            let city = City::open(global).await?;
            let asked = [("actor", actor), ("subject", subject), ("command", command)];
            let asked = asked.into_iter().filter_map(|(name, text)| Some((name, text?)));
            let rows: Vec<AuditEntry> =
                listing.read(&city, FIND, &asked.collect::<Vec<_>>()).await?;
            global.output().value(&rows, || shown(&rows))?;
            Ok(Exit::Yes)
        }
        Command::Head => {
            let head: SignedHead = City::open(global).await?.get(HEAD, &[]).await?;
            global.output().value(&head, || format!("{}\n", head.signed))?;
            Ok(Exit::Yes)
        }
        Command::Export { file, from } => {
            let city = City::open(global).await?;
            let written = export(&city, &file, from).await?;
            eprintln!("{written} entries in {}", file.display());
            Ok(Exit::Yes)
        }
        Command::Verify { file, from, through } => {
            let mut chain = Chain::new(from, through);
            match file {
                Some(file) => of_file(&mut chain, &file)?,
                None => of_city(&mut chain, &City::open(global).await?).await?,
            }
            told(global.output(), &chain)
        }
    }
}

/// The chain, page by page.
struct Pages<'a> {
    city: &'a City,
    next: u64,
}

impl Pages<'_> {
    async fn next(&mut self, most: usize) -> anyhow::Result<Vec<AuditEntry>> {
        let query = [("from", self.next.to_string()), ("limit", most.clamp(1, PAGE).to_string())];
        let page: Vec<AuditEntry> = self.city.get(AUDIT, &query).await?;
        if let Some(last) = page.last() {
            ensure!(last.index >= self.next, "the city does not answer what it was asked");
            self.next = last.index + 1;
        }
        Ok(page)
    }
}

/// A chain that is computed again, entry by entry.
struct Chain {
    from: u64,
    entries: u64,
    head: Digest,
    /// A hash that it must pass through, until it has.
    awaited: Option<String>,
    broken: Option<ChainBroken>,
}

impl Chain {
    fn new(from: u64, awaited: Option<String>) -> Self {
        Self { from, entries: 0, head: GENESIS, awaited, broken: None }
    }

    /// Whether it still holds with this entry. What cannot be read was changed.
    fn add(&mut self, shown: &AuditEntry) -> bool {
        let holds = Sealed::try_from(shown).ok().filter(|entry| {
            let first = self.entries == 0 && self.from > 0;
            entry.follows(if first { entry.prev } else { self.head }).is_ok()
        });
        match holds {
            Some(entry) => {
                self.head = entry.hash;
                self.entries += 1;
                self.awaited = self.awaited.take().filter(|hash| *hash != shown.hash);
            }
            None => self.broken = Some(ChainBroken { index: shown.index }),
        }
        self.broken.is_none()
    }
}

async fn of_city(chain: &mut Chain, city: &City) -> anyhow::Result<()> {
    let (mut pages, bar) = (Pages { city, next: chain.from }, bar());
    loop {
        let page = pages.next(PAGE).await?;
        if page.is_empty() || !page.iter().all(|entry| chain.add(entry)) {
            break;
        }
        bar.set_position(chain.entries);
    }
    bar.finish_and_clear();
    Ok(())
}

fn of_file(chain: &mut Chain, file: &Path) -> anyhow::Result<()> {
    let opened = File::open(file).with_context(|| format!("{}", file.display()))?;
    let bar = bar();
    for (number, line) in BufReader::new(opened).lines().enumerate() {
        let place = || format!("{}, line {}", file.display(), number + 1);
        let entry: AuditEntry = serde_json::from_str(&line.with_context(place)?)
            .with_context(|| format!("{} is no entry: it was changed, or cut off", place()))?;
        // A file that begins later than the chain says so by its first entry.
        if chain.entries == 0 && entry.prev != hex(&GENESIS) {
            chain.from = entry.index;
        }
        if !chain.add(&entry) {
            break;
        }
        bar.set_position(chain.entries);
    }
    bar.finish_and_clear();
    Ok(())
}

async fn export(city: &City, file: &Path, from: u64) -> anyhow::Result<u64> {
    // Nothing that is there is written over: an archive is for ever.
    let made = File::create_new(file).with_context(|| format!("{}", file.display()))?;
    let (mut out, mut pages, bar) = (BufWriter::new(made), Pages { city, next: from }, bar());
    let mut written = 0;
    loop {
        let page = pages.next(PAGE).await?;
        if page.is_empty() {
            break;
        }
        for entry in &page {
            serde_json::to_writer(&mut out, entry)?;
            out.write_all(b"\n")?;
        }
        written += page.len() as u64;
        bar.set_position(written);
    }
    bar.finish_and_clear();
    out.into_inner()?.sync_all()?;
    Ok(written)
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{pos} entries, {per_sec}");
    ProgressBar::new_spinner().with_style(style.expect("the template is right"))
}

/// What `verify` says of a chain that holds.
#[derive(Serialize)]
struct Held {
    from: u64,
    entries: u64,
    head: String,
}

fn told(output: Output, chain: &Chain) -> anyhow::Result<Exit> {
    if let Some(ChainBroken { index }) = chain.broken {
        eprintln!("BROKEN at index {index}: {} entries before it hold", chain.entries);
        return Ok(Exit::No);
    }
    if let Some(hash) = &chain.awaited {
        eprintln!("BROKEN: {} entries hold, and none of them is {hash}", chain.entries);
        return Ok(Exit::No);
    }
    // A chain of nothing proves nothing: an empty file, or a start beyond the head.
    if chain.entries == 0 {
        eprintln!("NOTHING to verify: there is no entry from index {} on", chain.from);
        return Ok(Exit::No);
    }
    let held = Held { from: chain.from, entries: chain.entries, head: hex(&chain.head) };
    output.value(&held, || format!("{}\n", held.head))?;
    eprintln!("{} entries hold, from index {} on", chain.entries, chain.from);
    Ok(Exit::Yes)
}

fn shown(rows: &[AuditEntry]) -> String {
    let lines = rows.iter().map(|row| {
        [
            row.index.to_string(),
            row.at.0.to_string(),
            row.actor.clone(),
            row.command.clone(),
            or_dash(row.subject.as_deref()),
            row.verdict.clone(),
            or_dash(row.reason.as_deref()),
        ]
    });
    table(["index", "at", "who", "what", "about", "verdict", "why"], lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Actor;
    use domain::audit::AuditVerdict;
    use domain::time::Timestamp;

    fn lines() -> Vec<String> {
        let mut prev = GENESIS;
        let entry = |index: u64| {
            let entry = Sealed {
                index,
                at: Timestamp(1_772_452_800_000),
                actor: Actor::System,
                command: "place_order".to_owned(),
                subject: Some("ord_x".to_owned()),
                reason: None,
                request_id: format!("r{index}"),
                verdict: AuditVerdict::Yes,
                proposal: Digest([index as u8; 32]),
                prev,
                hash: GENESIS,
            }
            .sealed();
            prev = entry.hash;
            serde_json::to_string(&AuditEntry::from(&entry)).unwrap()
        };
        (3..9).map(entry).collect()
    }

    fn holds(text: &str, through: Option<String>) -> bool {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut chain = Chain::new(0, through);
        of_file(&mut chain, file.path())
            .is_ok_and(|()| told(Output::new(true), &chain).is_ok_and(|exit| exit == Exit::Yes))
    }

    #[test]
    fn any_byte_that_is_changed_breaks_it() {
        let lines = lines();
        let text = lines.join("\n");
        assert!(holds(&text, None));
        let hash = |line: &str| serde_json::from_str::<AuditEntry>(line).unwrap().hash;
        assert!(holds(&text, Some(hash(&lines[4]))));
        assert!(!holds(&lines[..4].join("\n"), Some(hash(&lines[4]))), "the end was cut off");
        assert!(holds(&lines[2..].join("\n"), None), "a part that begins later");
        assert!(!holds("", None), "nothing proves nothing");
        assert!(!holds(&[&lines[..2], &lines[3..]].concat().join("\n"), None), "one is missing");
        for place in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] ^= 1;
            let changed = String::from_utf8(changed).unwrap();
            assert!(!holds(&changed, None), "byte {place}: {changed}");
        }
    }
}
