//! `fdctl feed`: what happened in the city, in order.

use crate::connection::{City, Global};
use crate::exit::Exit;
use crate::output::Output;
use api::events::{Event, EventPage};
use domain::Cursor;
use domain::ids::RestaurantId;

const EVENTS: &str = "/v1/events";
/// Events asked for at once.
const PAGE: usize = 1_000;
/// How long one question waits for news, in seconds: less than the client waits for an answer.
const WAIT_S: u64 = 3;

/// What happened in the city, in order
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Events up to now, from the oldest that is kept, or behind a place
    Show {
        #[command(flatten)]
        which: Which,
        /// At most so many
        #[arg(long, default_value_t = 1_000)]
        limit: usize,
    },
    /// What happens from now on, or behind a place, until Ctrl-C
    Tail {
        #[command(flatten)]
        which: Which,
    },
}

/// Which events.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Which {
    /// Begin behind this event, as in 812.0, or behind a log index (so does --after)
    #[arg(long, value_name = "CURSOR")]
    from: Option<Cursor>,
    /// Only of these types, as in order.placed,order.*
    #[arg(long, value_name = "TYPES")]
    types: Option<String>,
    /// As somebody who works at this restaurant
    #[arg(long, value_name = "RES")]
    restaurant: Option<RestaurantId>,
}

/// # Errors
/// The city says no (the place may be too old for the feed), or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    let output = global.output();
    match command {
        Command::Show { which, limit } => {
            let mut place = which.place(global);
            let mut left = limit;
            while left > 0 {
                let page = which.page(&city, place, left.min(PAGE), 0).await?;
                left -= page.events.len().min(left);
                print(output, &page.events)?;
                let next: Cursor = page.next.parse()?;
                // Everything that this node has was looked through.
                if page.events.is_empty() && next.index >= page.head {
                    break;
                }
                place = Some(next);
            }
            Ok(Exit::Yes)
        }
        Command::Tail { which } => {
            let mut place = match which.place(global) {
                Some(place) => place,
                None => which.now(&city).await?,
            };
            loop {
                let page = which.page(&city, Some(place), PAGE, WAIT_S).await?;
                print(output, &page.events)?;
                place = page.next.parse()?;
            }
        }
    }
}

impl Which {
    fn place(&self, global: &Global) -> Option<Cursor> {
        self.from.or_else(|| global.after().map(Cursor::after_entry))
    }

    /// Behind what the node that answers has applied.
    async fn now(&self, city: &City) -> anyhow::Result<Cursor> {
        // Nothing is there behind the last place that there can be; the answer says where it is.
        let last = Cursor::after_entry(u64::MAX);
        Ok(Cursor::after_entry(self.page(city, Some(last), 1, 0).await?.head))
    }

    async fn page(
        &self,
        city: &City,
        after: Option<Cursor>,
        limit: usize,
        wait_s: u64,
    ) -> anyhow::Result<EventPage> {
        let mut query = vec![("limit", limit.to_string()), ("wait_s", wait_s.to_string())];
        query.extend(after.map(|after| ("after", after.to_string())));
        query.extend(self.types.clone().map(|types| ("types", types)));
        query.extend(self.restaurant.map(|id| ("restaurant_id", id.to_string())));
        Ok(city.get(EVENTS, &query).await?)
    }
}

/// A line for each: what has no end is no document.
fn print(output: Output, events: &[Event]) -> anyhow::Result<()> {
    let mut lines = String::new();
    for event in events {
        lines += &match output.is_json() {
            true => serde_json::to_string(event)?,
            false => {
                let subject = event.subject.as_deref().unwrap_or("-");
                let Event { id, at, kind, .. } = event;
                format!("{id:<12} {}  {kind:<28} {subject}", at.0)
            }
        };
        lines.push('\n');
    }
    output.text(&lines).map(drop)
}
