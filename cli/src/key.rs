//! `fdctl key`: what programs log in with.

use crate::connection::{City, Global};
use crate::exit::Exit;
use crate::output::{name, or_dash, table, word};
use api::client::Call;
use api::keys::{Key, KeyScope, Keys, NewKey, NewKeyAnswer};
use api::wire::Time;
use domain::ids::{ApiKeyId, RestaurantId};
use domain::time::Timestamp;

const KEYS: &str = "/v1/keys";

/// What programs log in with: a till, a printer, a data warehouse
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// The city's, or those of a restaurant; no secrets
    List {
        /// res_..
        #[arg(long)]
        restaurant: Option<RestaurantId>,
    },
    /// Make one; what the program sends goes to stdout, this once
    Make {
        /// What people call it
        label: String,
        /// What it opens: orders, menu, stock, webhooks, events
        #[arg(long, required = true, value_delimiter = ',', value_parser = word::<KeyScope>)]
        scopes: Vec<KeyScope>,
        /// For this restaurant; for the whole city if absent
        #[arg(long)]
        restaurant: Option<RestaurantId>,
        /// It ends then, as in 2026-03-01T18:30:00Z; never if absent
        #[arg(long)]
        until: Option<Timestamp>,
        /// The key that it takes over from, which ends a day later
        #[arg(long)]
        replaces: Option<ApiKeyId>,
    },
    /// End one, now
    Revoke {
        /// key_..
        id: ApiKeyId,
        /// Whose it is; the city's if absent
        #[arg(long)]
        restaurant: Option<RestaurantId>,
    },
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let (city, output) = (City::open(global).await?, global.output());
    match command {
        Command::List { restaurant } => {
            let query = restaurant.map(|id| ("restaurant_id", id.to_string()));
            let keys: Keys = city.get(KEYS, query.as_slice()).await?;
            output.value(&keys.data, || listed(&keys.data))?;
        }
        Command::Make { label, scopes, restaurant, until, replaces } => {
            let scopes = scopes.into_iter().collect();
            let expires_at = until.map(Time);
            let body = NewKey { label, scopes, restaurant_id: restaurant, expires_at, replaces };
            let made: NewKeyAnswer = city.send(Call::post(KEYS, &body).drawn_key()).await?;
            eprintln!("{} is good from now on", made.key.key_id);
            output.value(&made, || format!("{}\n", or_dash(made.bearer.clone())))?;
        }
        Command::Revoke { id, restaurant } => {
            let of = restaurant.map(|of| format!("?restaurant_id={of}")).unwrap_or_default();
            city.delete::<()>(&format!("{KEYS}/{id}{of}"), None).await?;
            eprintln!("{id} opens nothing any more");
        }
    }
    Ok(Exit::Yes)
}

fn listed(keys: &[Key]) -> String {
    let rows = keys.iter().map(|key| {
        let scopes: Vec<_> = key.scopes.iter().map(name).collect();
        [
            key.key_id.to_string(),
            key.label.clone(),
            scopes.join(", "),
            or_dash(key.restaurant_id),
            key.made_at.0.to_string(),
            or_dash(key.expires_at.map(|until| until.0)),
        ]
    });
    table(["KEY", "LABEL", "OPENS", "RESTAURANT", "SINCE", "UNTIL"], rows)
}
