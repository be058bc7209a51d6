//! `fdctl notice`: messages that could not be sent yet, or never were.

use crate::connection::{City, Global, Listing};
use crate::exit::Exit;
use crate::output::{name, or_dash, table, word};
use api::notices::{Notice, Outbox};
use api::wire::Done;
use domain::ids::NoticeId;
use domain::notice::NoticeState;
use serde_json::json;

const NOTICES: &str = "/v1/admin/notices";

/// Messages to people that wait or failed
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Messages that wait or were given up, newest first; what was sent is not kept
    List {
        /// Only waiting, or only failed
        #[arg(long, value_parser = word::<NoticeState>)]
        state: Option<NoticeState>,
        #[command(flatten)]
        listing: Listing,
    },
    /// Try messages again that were given up
    Retry {
        /// ntc_..
        #[arg(required = true)]
        ids: Vec<NoticeId>,
    },
    /// The last messages of a city without a provider, as the asked node has them
    Outbox,
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    match command {
        Command::List { state, listing } => {
            let query: Vec<_> = state.iter().map(|state| ("state", name(state))).collect();
            let notices: Vec<Notice> = listing.read(&city, NOTICES, &query).await?;
            global.output().value(&notices, || listed(&notices))?;
        }
        Command::Retry { ids } => {
            for id in ids {
                let path = format!("{NOTICES}/{id}/retry");
                let Done { index } = city.post_for(&path, &json!({})).await?;
                eprintln!("{id} is tried again (index {index})");
            }
        }
        Command::Outbox => {
            let outbox: Outbox = city.get(&format!("{NOTICES}/outbox"), &[]).await?;
            global.output().value(&outbox, || outbox_listed(&outbox))?;
        }
    }
    Ok(Exit::Yes)
}

fn listed(notices: &[Notice]) -> String {
    let rows = notices.iter().map(|notice| {
        [
            notice.notice_id.to_string(),
            name(&notice.state),
            notice.kind.clone(),
            name(&notice.channel),
            notice.recipient.clone(),
            notice.at.0.to_string(),
            notice.tries.to_string(),
            or_dash(notice.next_at.map(|at| at.0)),
            or_dash(notice.error.as_deref()),
        ]
    });
    table(["notice", "state", "kind", "by", "for", "of", "tries", "next", "error"], rows)
}

fn outbox_listed(outbox: &Outbox) -> String {
    let rows = outbox.messages.iter();
    table(
        ["by", "title", "text"],
        rows.map(|sent| [name(&sent.channel), sent.title.clone(), sent.text.clone()]),
    )
}
