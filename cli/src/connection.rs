//! To the city: its addresses, who asks, and what a failure means for the one who asked.

use crate::exit::Exit;
use crate::output::Output;
use api::admin::Health;
use api::wire::Page;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What holds for every command that talks to a city.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Global {
    /// Any nodes of the city, or its directory; several are tried in turn
    #[arg(
        long,
        global = true,
        env = "FD_URL",
        value_delimiter = ',',
        default_value = "http://127.0.0.1:8080"
    )]
    url: Vec<String>,
    /// Answer from a state that holds this log index at least
    #[arg(long, global = true, value_name = "INDEX")]
    after: Option<u64>,
    /// JSON for scripts instead of tables for people
    #[arg(long, global = true)]
    json: bool,
}

impl Global {
    pub(crate) fn output(&self) -> Output {
        Output::new(self.json)
    }
}

/// Which part of a list.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Listing {
    /// At most so many
    #[arg(long, default_value_t = 1_000)]
    limit: usize,
}

/// Rows that are asked for at once.
const PAGE: usize = api::wire::PAGE_MOST;

impl Listing {
    /// The first rows of a list, page by page.
    ///
    /// # Errors
    /// The city says no, or does not answer.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        city: &City,
        path: &str,
        query: &[(&'static str, String)],
    ) -> anyhow::Result<Vec<T>> {
        let mut rows = Vec::new();
        let mut cursor = None;
        while rows.len() < self.limit {
            let mut query = query.to_vec();
            query.push(("limit", PAGE.min(self.limit - rows.len()).to_string()));
            query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
            let page: Page<T> = city.get(path, &query).await?;
            rows.extend(page.data);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        Ok(rows)
    }
}

/// PROVISIONAL until api::client is there.
pub(crate) struct City;
#[allow(clippy::unused_async)]
impl City {
    pub(crate) async fn open(_global: &Global) -> anyhow::Result<Self> {
        anyhow::bail!("later")
    }
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        _path: &str,
        _query: &[(&'static str, String)],
    ) -> anyhow::Result<T> {
        anyhow::bail!("later")
    }
    pub(crate) async fn post(&self, _path: &str, _body: &impl Serialize) -> anyhow::Result<()> {
        anyhow::bail!("later")
    }
    pub(crate) async fn post_for<T: DeserializeOwned>(
        &self,
        _path: &str,
        _body: &impl Serialize,
    ) -> anyhow::Result<T> {
        anyhow::bail!("later")
    }
    pub(crate) async fn delete<B: Serialize>(
        &self,
        _path: &str,
        _body: Option<&B>,
    ) -> anyhow::Result<()> {
        anyhow::bail!("later")
    }
}
pub(crate) async fn health(_address: &str) -> Option<Health> {
    None
}
