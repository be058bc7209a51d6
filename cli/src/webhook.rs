//! `fdctl webhook`: addresses outside that are told what happens.

use crate::connection::{City, Global};
use crate::exit::Exit;
use crate::output::{facts, name, or_dash, table};
use api::client::Call;
use api::webhooks::{
    NewWebhook, ReplayRequest, Webhook, WebhookAttempt, WebhookAttempts, WebhookChange,
    WebhookState, WebhookWithSecret, Webhooks,
};
use domain::ids::{RestaurantId, WebhookId};
use serde_json::json;

const WEBHOOKS: &str = "/v1/webhooks";

/// Addresses outside that are told what happens
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// The city's, or those of a restaurant
    List {
        /// res_..
        #[arg(long)]
        restaurant: Option<RestaurantId>,
    },
    /// One, and how far it has come
    Show {
        /// whk_..
        id: WebhookId,
    },
    /// Make one; its secret goes to stdout, this once
    Make {
        /// An https address of a public host
        url: String,
        /// Which events, as in order.placed,order.*; all if absent
        #[arg(long, value_delimiter = ',')]
        types: Vec<String>,
        /// Told what this restaurant may see; everything if absent
        #[arg(long)]
        restaurant: Option<RestaurantId>,
        /// Told what follows this event or log index; what happens from now on if absent
        #[arg(long, value_name = "EVENT")]
        from: Option<String>,
    },
    /// Change what is named
    Change(Change),
    /// Forget one
    Drop {
        /// whk_..
        id: WebhookId,
    },
    /// A new secret, to stdout; the old one signs beside it for 24 hours
    Rotate {
        /// whk_..
        id: WebhookId,
    },
    /// Tell it again
    Replay {
        /// whk_..
        id: WebhookId,
        /// Everything behind this event or log index; what lies before is skipped
        #[arg(long, value_name = "EVENT", required_unless_present = "event")]
        from: Option<String>,
        /// This event alone, once
        #[arg(long, conflicts_with = "from")]
        event: Option<String>,
    },
    /// Send one signed request now
    Test {
        /// whk_..
        id: WebhookId,
    },
    /// The newest 100 requests
    Attempts {
        /// whk_..
        id: WebhookId,
    },
}

/// What changes.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Changes {
    /// Another address
    #[arg(long)]
    to: Option<String>,
    /// Other events
    #[arg(long, value_delimiter = ',')]
    types: Option<Vec<String>>,
    /// On again: what it missed comes first
    #[arg(long, conflicts_with = "off")]
    on: bool,
    /// Told nothing until it is turned on
    #[arg(long)]
    off: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Change {
    /// whk_..
    id: WebhookId,
    #[command(flatten)]
    changes: Changes,
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    let output = global.output();
    let path = |id: WebhookId| format!("{WEBHOOKS}/{id}");
    match command {
        Command::List { restaurant } => {
            let query: Vec<_> =
                restaurant.iter().map(|id| ("restaurant_id", id.to_string())).collect();
            let all: Webhooks = city.get(WEBHOOKS, &query).await?;
            output.value(&all.data, || listed(&all.data))?;
        }
        Command::Show { id } => {
            let webhook: Webhook = city.get(&path(id), &[]).await?;
            output.value(&webhook, || whole(&webhook))?;
        }
        Command::Make { url, types, restaurant, from } => {
            let body = NewWebhook { url, types, restaurant_id: restaurant, after: from };
            let call = Call::post(WEBHOOKS, &body).drawn_key();
            let made: WebhookWithSecret = city.send(call).await?;
            eprintln!("{} is told from {} on", made.webhook.webhook_id, made.webhook.cursor);
            output.value(&made, || format!("{}\n", made.secret))?;
        }
        Command::Change(Change { id, changes }) => {
            let Changes { to, types, on, off } = changes;
            let state = match (on, off) {
                (true, _) => Some(WebhookState::On),
                (false, true) => Some(WebhookState::Off),
                (false, false) => None,
            };
            let seen: Webhook = city.get(&path(id), &[]).await?;
            let body = WebhookChange { url: to, types, state };
            let webhook: Webhook = city.patch_for(&path(id), &body, seen.version).await?;
            eprintln!("{id} is {} (version {})", name(&webhook.state), webhook.version);
        }
        Command::Drop { id } => {
            city.delete::<()>(&path(id), None).await?;
            eprintln!("{id} is told nothing any more");
        }
        Command::Rotate { id } => {
            let (path, body) = (format!("{}/rotate", path(id)), json!({}));
            let rotated: WebhookWithSecret =
                city.send(Call::post(&path, &body).drawn_key()).await?;
            output.value(&rotated, || format!("{}\n", rotated.secret))?;
        }
        Command::Replay { id, from, event } => {
            let body = ReplayRequest { after: from, event };
            city.post(&format!("{}/replay", path(id)), &body).await?;
            eprintln!("{id} is told again");
        }
        Command::Test { id } => {
            let sent: WebhookAttempt =
                city.post_for(&format!("{}/test", path(id)), &json!({})).await?;
            output.value(&sent, || attempts(std::slice::from_ref(&sent)))?;
            return Ok(if sent.taken { Exit::Yes } else { Exit::No });
        }
        Command::Attempts { id } => {
            let all: WebhookAttempts = city.get(&format!("{}/attempts", path(id)), &[]).await?;
            output.value(&all.data, || attempts(&all.data))?;
        }
    }
    Ok(Exit::Yes)
}

fn listed(all: &[Webhook]) -> String {
    let rows = all.iter().map(|webhook| {
        [
            webhook.webhook_id.to_string(),
            name(&webhook.state),
            webhook.cursor.to_string(),
            webhook.delivered.to_string(),
            or_dash(webhook.failing.map(|failing| failing.attempts)),
            or_dash(webhook.last_success_at.map(|at| at.0)),
            webhook.url.clone(),
        ]
    });
    table(["webhook", "is", "done", "taken", "tries", "last taken", "url"], rows)
}

fn whole(webhook: &Webhook) -> String {
    let off = webhook.off.map(|off| format!(" since {} ({})", off.at.0, name(&off.why)));
    let failing = webhook.failing.map(|failing| {
        let (event, tries, next) = (failing.event, failing.attempts, failing.next_at.0);
        format!("{event}, {tries} attempts, the next at {next}")
    });
    let types = match webhook.types.is_empty() {
        true => "all".to_owned(),
        false => webhook.types.join(", "),
    };
    facts(vec![
        ("webhook", webhook.webhook_id.to_string()),
        ("of", webhook.restaurant_id.map_or("the city".to_owned(), |id| id.to_string())),
        ("url", webhook.url.clone()),
        ("events", types),
        ("is", format!("{}{}", name(&webhook.state), off.unwrap_or_default())),
        ("done", webhook.cursor.to_string()),
        ("not taken", or_dash(failing)),
        ("taken", webhook.delivered.to_string()),
        ("failures", webhook.failed.to_string()),
        ("given up", webhook.given_up.to_string()),
        ("gaps", webhook.gaps.to_string()),
        ("last taken", or_dash(webhook.last_success_at.map(|at| at.0))),
        ("old secret", or_dash(webhook.old_secret_until.map(|at| at.0))),
        ("version", webhook.version.to_string()),
    ])
}

fn attempts(all: &[WebhookAttempt]) -> String {
    let rows = all.iter().map(|attempt| {
        let answer = attempt.status.map(|status| status.to_string());
        [
            or_dash(attempt.event),
            attempt.at.0.to_string(),
            format!("{} ms", attempt.took_ms),
            answer.or(attempt.problem.clone()).unwrap_or_default(),
            if attempt.taken { "yes" } else { "no" }.to_owned(),
        ]
    });
    table(["event", "at", "took", "answer", "taken"], rows)
}
