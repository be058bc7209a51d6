//! `fdctl restaurant import`: from a map or from lines of our own into the city, with progress.
//!
//! Every restaurant and menu is put under an id that follows from where it came from. So an import
//! that was cut off is simply started again, and one that is repeated changes nothing.

use super::ndjson;
use crate::connection::{City, Global};
use crate::exit::{Exit, Undecided};
use crate::menu_sample;
use crate::osm::profile::{Converted, HoursFrom, Skip, convert};
use crate::osm::{self, ATTRIBUTION};
use anyhow::{Context, bail};
use api::admin::{BulkAnswer, BulkItem, BulkRequest, BulkResult};
use api::menus::MenuInput;
use api::restaurants::Profile;
use domain::ids::{CityNumber, RestaurantId};
use domain::position::Position;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Restaurants in one request: small enough that progress is seen and no deadline is near.
const BATCH: usize = 10;
/// Requests under way at once.
const REQUESTS: usize = 6;
/// How often a batch is sent while the city cannot decide about all of it, and the wait between.
const TRIES: usize = 10;
const PAUSE: Duration = Duration::from_millis(500);
/// Refusals and mistakes that are shown; the rest is counted.
const SHOWN: usize = 20;

/// The arguments of `restaurant import`.
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// FILE.osm.pbf, an OpenStreetMap extract, or FILE.ndjson, one restaurant a line
    #[arg(value_parser = read_source)]
    file: Source,
    /// Read and judge everything, send nothing
    #[arg(long)]
    dry_run: bool,
    /// The first so many only
    #[arg(long)]
    limit: Option<usize>,
    /// WEST,SOUTH,EAST,NORTH in degrees: only what lies inside
    #[arg(long, allow_hyphen_values = true, value_parser = read_box)]
    bbox: Option<BoundingBox>,
    /// The level of made-up prices; 100 is 8.50 for a pizza, in a currency of hundredths
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    price_percent: u32,
}

/// Where restaurants come from, by the file's name.
#[derive(Clone, Debug)]
enum Source {
    Map(PathBuf),
    Lines(PathBuf),
}

fn read_source(text: &str) -> Result<Source, String> {
    let path = PathBuf::from(text);
    if text.ends_with(".osm.pbf") {
        Ok(Source::Map(path))
    } else if text.ends_with(".ndjson") {
        Ok(Source::Lines(path))
    } else {
        Err("the name ends in .osm.pbf or .ndjson".to_owned())
    }
}

/// Degrees; west of east unless it crosses the date line.
#[derive(Clone, Copy, Debug)]
struct BoundingBox([f64; 4]);

fn read_box(text: &str) -> Result<BoundingBox, String> {
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    match numbers.as_deref() {
        Ok(&[west, south, east, north]) if south <= north => {
            Ok(BoundingBox([west, south, east, north]))
        }
        Ok(_) | Err(_) => Err("it looks like -8.63,41.12,-8.59,41.16".to_owned()),
    }
}

impl BoundingBox {
    fn holds(&self, position: Position) -> bool {
        let Self([west, south, east, north]) = *self;
        let (lat, lng) = (position.lat(), position.lng());
        let between =
            if west <= east { west <= lng && lng <= east } else { west <= lng || lng <= east };
        between && south <= lat && lat <= north
    }
}

/// One restaurant, ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: RestaurantId,
    pub(super) profile: Profile,
    pub(super) menu: MenuInput,
}

/// How it went.
#[derive(Debug, Default, Serialize)]
struct Summary {
    /// Restaurants in the file.
    found: usize,
    /// Left out, by reason.
    skipped: BTreeMap<&'static str, usize>,
    /// How the hours of those that were taken were understood; maps only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    hours: BTreeMap<&'static str, usize>,
    /// Restaurants and dishes to send.
    restaurants: usize,
    dishes: usize,
    /// Restaurants that the city has now, with their menus.
    imported: usize,
    /// Those that it refused.
    refused: usize,
    /// Why, of the first of them.
    refusals: Vec<String>,
    dry_run: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribution: Option<&'static str>,
}

impl Import {
    /// # Errors
    /// The file cannot be read, or the city says no to the import as a whole, or does not answer.
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let city = if self.dry_run { None } else { Some(City::open(global).await?) };
        let number = match &city {
            // Ids begin with the city's number; in a dry run nobody sees them.
            None => CityNumber(1),
            Some(city) => CityNumber(city.cluster().await?.city_number),
        };
        let mut summary = Summary { dry_run: self.dry_run, ..Summary::default() };
        let entries = match &self.file {
            Source::Map(path) => self.read_map(path, number, &mut summary)?,
            Source::Lines(path) => self.read_lines(path, number, &mut summary)?,
        };
        summary.restaurants = entries.len();
        summary.dishes = entries.iter().map(|entry| entry.menu.dishes.len()).sum();
        let sent = match city {
            None => Ok(()),
            Some(city) => send(Arc::new(city), entries, &mut summary).await,
        };
        // What is done is told even where the rest failed.
        global.output().value(&summary, || shown(&summary))?;
        sent.context("not all was sent; start the import again, what is there stays the same")?;
        Ok(if summary.refused == 0 { Exit::Yes } else { Exit::No })
    }

    fn read_map(
        &self,
        path: &Path,
        city: CityNumber,
        summary: &mut Summary,
    ) -> anyhow::Result<Vec<Entry>> {
        summary.attribution = Some(ATTRIBUTION);
        let bytes = std::fs::metadata(path).with_context(|| path.display().to_string())?.len();
        let bar = bar("reading", bytes * 2);
        let places = osm::read(path, &|done| bar.set_position(done))?;
        bar.finish_and_clear();

        summary.found = places.places.len();
        if places.relations > 0 {
            let relations = usize::try_from(places.relations).unwrap_or(usize::MAX);
            summary.skipped.insert("drawn as a relation", relations);
        }
        let mut entries = Vec::new();
        for place in &places.places {
            let outside = |at: Position| self.bbox.as_ref().is_some_and(|bounds| !bounds.holds(at));
            let converted = match place.position {
                Some(at) if outside(at) => Err(Skip::OutsideBox),
                Some(_) | None => convert(city, place, self.price_percent),
            };
            match converted {
                Err(skip) => *summary.skipped.entry(skip.as_str()).or_default() += 1,
                Ok(_) if self.is_enough(entries.len()) => {
                    *summary.skipped.entry("beyond the limit").or_default() += 1;
                }
                Ok(Converted { id, profile, hours, holidays, dates }) => {
                    *summary.hours.entry(hours_in_words(hours)).or_default() += 1;
                    if holidays {
                        let what = "with rules for school holidays and the like, left out";
                        *summary.hours.entry(what).or_default() += 1;
                    }
                    if dates {
                        let what = "with closings on certain dates, left out";
                        *summary.hours.entry(what).or_default() += 1;
                    }
                    let menu = menu_sample::menu(id, &profile.cuisines, self.price_percent);
                    entries.push(Entry { id, profile, menu });
                }
            }
        }
        Ok(entries)
    }

    fn read_lines(
        &self,
        path: &Path,
        city: CityNumber,
        summary: &mut Summary,
    ) -> anyhow::Result<Vec<Entry>> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let mut entries = match ndjson::read(&text, city, self.price_percent) {
            Ok(entries) => entries,
            Err(wrong) => {
                for wrong in wrong.iter().take(SHOWN) {
                    eprintln!("{}: {wrong}", path.display());
                }
                bail!("{}: {} mistakes, nothing was sent", path.display(), wrong.len());
            }
        };
        summary.found = entries.len();
        if let Some(bounds) = &self.bbox {
            let holds = |point| Position::try_from(point).is_ok_and(|at| bounds.holds(at));
            entries.retain(|entry| holds(entry.profile.position));
            let outside = summary.found - entries.len();
            summary.skipped.insert(Skip::OutsideBox.as_str(), outside);
        }
        if let Some(limit) = self.limit.filter(|limit| *limit < entries.len()) {
            summary.skipped.insert("beyond the limit", entries.len() - limit);
            entries.truncate(limit);
        }
        Ok(entries)
    }

    fn is_enough(&self, taken: usize) -> bool {
        self.limit.is_some_and(|limit| taken >= limit)
    }
}

fn hours_in_words(hours: HoursFrom) -> &'static str {
    match hours {
        HoursFrom::Whole => "read whole",
        HoursFrom::Partly => "read partly, the rest taken as closed",
        HoursFrom::Unreadable => "not readable, usual ones instead",
        HoursFrom::Absent => "not on the map, usual ones instead",
    }
}

/// On stderr, and only where somebody watches.
fn bar(what: &'static str, length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:>8} {wide_bar} {percent:>3} %  {eta}");
    ProgressBar::new(length).with_message(what).with_style(style.expect("the template is right"))
}

/// Some requests at a time; the first one that fails as a whole ends it.
async fn send(city: Arc<City>, entries: Vec<Entry>, summary: &mut Summary) -> anyhow::Result<()> {
    let bar = bar("sending", entries.len() as u64);
    let mut waiting = entries.into_iter();
    let mut under_way = JoinSet::new();
    let mut failed = Ok(());
    loop {
        while failed.is_ok() && under_way.len() < REQUESTS {
            let batch: Vec<Entry> = waiting.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            let city = Arc::clone(&city);
            under_way.spawn(async move { send_batch(&city, batch).await });
        }
        let Some(done) = under_way.join_next().await else { break };
        match done.context("a request was lost").and_then(|answer| answer) {
            Ok(outcomes) => {
                bar.inc(outcomes.len() as u64);
                outcomes.into_iter().for_each(|outcome| summary.count(outcome));
            }
            // What is under way is waited for: it may still be done.
            Err(error) => failed = failed.and(Err(error)),
        }
    }
    bar.finish_and_clear();
    failed
}

/// What became of one restaurant: its name and the reason of a no.
type Outcome = Result<(), String>;

async fn send_batch(city: &City, batch: Vec<Entry>) -> anyhow::Result<Vec<Outcome>> {
    let names: Vec<String> = batch.iter().map(|entry| entry.profile.name.clone()).collect();
    let items = batch
        .into_iter()
        .flat_map(|Entry { id: restaurant_id, profile, menu }| {
            let (profile, menu) = (Box::new(profile), Box::new(menu));
            [
                BulkItem::PutRestaurant { restaurant_id, profile },
                BulkItem::PutMenu { restaurant_id, menu },
            ]
        })
        .collect();
    let request = BulkRequest { items };
    let mut tries = 0;
    let results = loop {
        let BulkAnswer { results } = city.post_for("/v1/admin/bulk", &request).await?;
        if results.len() != request.items.len() {
            bail!("{} results for {} items", results.len(), request.items.len());
        }
        tries += 1;
        let undecided = results.iter().filter_map(|result| result.problem.as_ref());
        let Some(problem) = undecided.into_iter().find(|problem| problem.retryable) else {
            break results;
        };
        if tries == TRIES {
            return Err(Undecided(problem.title.clone()).into());
        }
        // The leader changed while it was at it. All items may be sent twice.
        tokio::time::sleep(PAUSE).await;
    };
    Ok(results.chunks(2).zip(names).map(|(both, name)| outcome(both, &name)).collect())
}

fn outcome(results: &[BulkResult], name: &str) -> Outcome {
    for BulkResult { status, problem, .. } in results {
        if *status >= 300 {
            let why = problem.as_ref().map_or_else(
                || status.to_string(),
                |problem| {
                    let detail = problem.detail.as_deref().unwrap_or(&problem.title);
                    format!("{}: {detail}", problem.code)
                },
            );
            return Err(format!("{name}: {why}"));
        }
    }
    Ok(())
}

impl Summary {
    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Ok(()) => self.imported += 1,
            Err(why) => {
                self.refused += 1;
                if self.refusals.len() < SHOWN {
                    self.refusals.push(why);
                }
            }
        }
    }
}

fn shown(summary: &Summary) -> String {
    let mut out = String::new();
    let mut line = |number: usize, what: &str| out.push_str(&format!("{number:>7} {what}\n"));
    line(summary.found, "restaurants in the file");
    for (why, number) in &summary.skipped {
        line(*number, &format!("left out: {why}"));
    }
    for (how, number) in &summary.hours {
        line(*number, &format!("opening hours {how}"));
    }
    let to_send = format!("restaurants to send, with {} dishes", summary.dishes);
    line(summary.restaurants, &to_send);
    if summary.dry_run {
        out.push_str("nothing was sent (dry run)\n");
    } else {
        line(summary.imported, "imported");
        line(summary.refused, "refused");
    }
    for refusal in &summary.refusals {
        out.push_str(&format!("refused: {refusal}\n"));
    }
    if let Some(attribution) = summary.attribution {
        out.push_str(&format!("Map data {attribution}\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_hold_what_lies_inside() {
        let at = |lat, lng| Position::from_degrees(lat, lng).unwrap();
        let porto = read_box("-8.63,41.12,-8.59,41.16").unwrap();
        assert!(porto.holds(at(41.14, -8.6)));
        assert!(!porto.holds(at(41.17, -8.6)) && !porto.holds(at(41.14, -8.5)));
        let fiji = read_box("176,-20,-178,-15").unwrap();
        assert!(fiji.holds(at(-17.0, 179.0)) && fiji.holds(at(-17.0, -179.0)));
        assert!(!fiji.holds(at(-17.0, 0.0)));
        for wrong in ["", "1,2,3", "1,9,3,4", "a,b,c,d"] {
            assert!(read_box(wrong).is_err(), "{wrong}");
        }
    }

    /// Real extracts are too large to ship: `FD_OSM_DIR` says where they lie.
    #[test]
    fn real_extracts_are_read() {
        let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/osm");
        let dir = std::env::var_os("FD_OSM_DIR").map_or_else(|| beside.into(), PathBuf::from);
        let mut read = 0;
        for (file, found, named) in
            [("porto_center_valhalla.osm.pbf", 751, 728), ("porto_portugal.osm.pbf", 1, 1)]
        {
            let path = dir.join(file);
            if !path.is_file() {
                eprintln!(
                    "skipped: there is no {} (FD_OSM_DIR says where to look)",
                    path.display()
                );
                continue;
            }
            let import = Import {
                file: Source::Map(path.clone()),
                dry_run: true,
                limit: None,
                bbox: None,
                price_percent: 100,
            };
            let mut summary = Summary::default();
            let entries = import.read_map(&path, CityNumber(1), &mut summary).unwrap();
            let with_a_name = summary.found - summary.skipped.get("without a name").unwrap_or(&0);
            assert_eq!((summary.found, with_a_name), (found, named), "{file}: {summary:?}");
            assert!(entries.iter().all(|entry| entry.menu.dishes.len() >= 10), "{file}");
            read += 1;
        }
        eprintln!("{read} extracts read");
    }
}
