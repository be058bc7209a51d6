//! `fdctl zone`, `fees`, `tax`, `holiday`: what operators decide for the whole city. Each section
//! is put whole, over the version that was there a moment before.

use crate::connection::{City, Global};
use crate::exit::Exit;
use anyhow::Context;
use api::terms::{Fees, Holidays, Section, Taxes, TermsPut, Zones};
use domain::calendar::LocalDate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Read;
use std::path::{Path, PathBuf};

const HOLIDAYS: &str = "/v1/admin/holidays";

/// Polygons with fees
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Zone {
    /// Every zone, now and planned
    List,
    /// Replace all zones
    Put(File),
}

/// One section of the city's terms
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Whole {
    /// What holds now, and what is planned
    Show,
    /// Replace it
    Put(File),
}

/// The city's holidays
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Holiday {
    /// Every holiday, now and planned
    List,
    /// One more
    Add {
        /// A local date, as in 2026-12-24
        date: LocalDate,
    },
    /// One less
    Remove {
        /// A local date, as in 2026-12-24
        date: LocalDate,
    },
}

/// What to put.
#[derive(Debug, clap::Args)]
pub(crate) struct File {
    /// A JSON file of the API's shape; - reads stdin
    file: PathBuf,
    /// Only say what it would have meant for the newest orders
    #[arg(long)]
    dry_run: bool,
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn zone(command: Zone, global: &Global) -> anyhow::Result<Exit> {
    const PATH: &str = "/v1/admin/zones";
    match command {
        Zone::List => show::<Zones>(global, PATH).await,
        Zone::Put(file) => put::<Zones>(global, PATH, &file).await,
    }
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn fees(command: Whole, global: &Global) -> anyhow::Result<Exit> {
    const PATH: &str = "/v1/admin/fees";
    match command {
        Whole::Show => show::<Fees>(global, PATH).await,
        Whole::Put(file) => put::<Fees>(global, PATH, &file).await,
    }
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn tax(command: Whole, global: &Global) -> anyhow::Result<Exit> {
    const PATH: &str = "/v1/admin/taxes";
    match command {
        Whole::Show => show::<Taxes>(global, PATH).await,
        Whole::Put(file) => put::<Taxes>(global, PATH, &file).await,
    }
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn holiday(command: Holiday, global: &Global) -> anyhow::Result<Exit> {
    let (date, added) = match command {
        Holiday::List => return show::<Holidays>(global, HOLIDAYS).await,
        Holiday::Add { date } => (date, true),
        Holiday::Remove { date } => (date, false),
    };
    let city = City::open(global).await?;
    let seen: Section<Holidays> = city.get(HOLIDAYS, &[]).await?;
    anyhow::ensure!(seen.next.is_none(), "a change is planned already, and this would drop it");
    let mut holidays = seen.now;
    if added {
        holidays.holidays.insert(date);
    } else {
        holidays.holidays.remove(&date);
    }
    let done: TermsPut = city.put_for(HOLIDAYS, &[], &holidays, seen.version).await?;
    eprintln!("the city keeps {} holidays (version {})", holidays.holidays.len(), done.version);
    Ok(Exit::Yes)
}

async fn show<T: Serialize + DeserializeOwned>(
    global: &Global,
    path: &str,
) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    let section: Section<T> = city.get(path, &[]).await?;
    // What is shown can be put again, so people read the same as scripts do.
    let text = serde_json::to_string_pretty(&section)? + "\n";
    global.output().value(&section, || text)?;
    Ok(Exit::Yes)
}

async fn put<T: Serialize + DeserializeOwned>(
    global: &Global,
    path: &str,
    file: &File,
) -> anyhow::Result<Exit> {
    let body: T = read(&file.file)?;
    let city = City::open(global).await?;
    let seen: Section<T> = city.get(path, &[]).await?;
    let query = [("dry_run", file.dry_run.to_string())];
    let done: TermsPut = city.put_for(path, &query, &body, seen.version).await?;
    match &done.dry_run {
        Some(_) => {
            let text = serde_json::to_string_pretty(&done)? + "\n";
            global.output().value(&done, || text)?;
        }
        None => eprintln!("done (version {})", done.version),
    }
    Ok(Exit::Yes)
}

/// A JSON file, or stdin.
///
/// # Errors
/// It cannot be read, or is not of this shape.
pub(crate) fn read<T: DeserializeOwned>(file: &Path) -> anyhow::Result<T> {
    let mut text = String::new();
    let found = if file.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text)).map(drop)
    };
    found.with_context(|| format!("reading {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not of that shape", file.display()))
}
