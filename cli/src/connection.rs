//! To the city: its addresses, who asks, and what a failure means for the one who asked.

use crate::exit::NoCredentials;
use crate::output::Output;
use api::admin::{ClusterStatus, Health, StateHash};
use api::client::{Call, CallError, Client};
use api::wire::Page;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::time::Duration;

/// Rows that are asked for at once.
const PAGE: usize = api::wire::PAGE_MOST;
/// How long one certain node may take to answer.
const ONE_NODE: Duration = Duration::from_secs(2);
/// How long a node may read all that it keeps.
const WHOLE_STATE: Duration = Duration::from_secs(120);

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
    /// How long to try, in seconds, before giving up without a verdict
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 15)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// JSON for scripts instead of tables for people
    #[arg(long, global = true)]
    json: bool,
}

impl Global {
    pub(crate) fn output(&self) -> Output {
        Output::new(self.json)
    }

    /// The log index of `--after`.
    pub(crate) fn after(&self) -> Option<u64> {
        self.after
    }
}

/// Which part of a list.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Listing {
    /// At most so many
    #[arg(long, default_value_t = 1_000)]
    limit: usize,
}

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

/// A city, and the one who asks it.
pub(crate) struct City {
    client: Client,
    token: String,
}

impl City {
    /// With the access token of `FD_TOKEN`, or after a login with `FD_LOGIN` and `FD_PASSWORD`: a
    /// secret has no place on a command line, where every process can read it.
    ///
    /// # Errors
    /// There is neither, or the login fails.
    pub(crate) async fn open(global: &Global) -> anyhow::Result<Self> {
        let deadline = Duration::from_secs(global.timeout);
        let client = Client::new(global.url.clone())?.with_deadline(deadline);
        client.read_after(global.after.unwrap_or(0));
        let given = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let token = match (given("FD_TOKEN"), given("FD_LOGIN"), given("FD_PASSWORD")) {
            (Some(token), _, _) => token,
            (None, Some(login), Some(password)) => {
                client.login(&login, &password).await?.tokens.access_token
            }
            (None, _, _) => return Err(NoCredentials.into()),
        };
        client.set_token(Some(token.clone()));
        Ok(Self { client, token })
    }

    /// The cluster as its leader sees it, who alone knows how far the others are; as any node sees
    /// it where the leader does not answer.
    ///
    /// # Errors
    /// The city says no, or does not answer.
    pub(crate) async fn cluster(&self) -> Result<ClusterStatus, CallError> {
        const PATH: &str = "/v1/admin/cluster";
        let seen: ClusterStatus = self.get(PATH, &[]).await?;
        let leader = seen.members.iter().find(|member| Some(member.id) == seen.leader_id);
        if let Some(leader) = leader.filter(|leader| leader.id != seen.node_id) {
            let client = node(&leader.http_addr);
            if let Some(client) =
                client.inspect(|client| client.set_token(Some(self.token.clone())))
                && let Ok(done) = client.send(Call::get(PATH)).await
            {
                return Ok(done.value);
            }
        }
        Ok(seen)
    }

    /// What one node says of all that it keeps, however long it takes to read it.
    ///
    /// # Errors
    /// It says no, or does not answer.
    pub(crate) async fn hash_of(&self, http_addr: &str) -> anyhow::Result<StateHash> {
        let client = Client::new(vec![format!("http://{http_addr}")])?.with_deadline(WHOLE_STATE);
        client.set_token(Some(self.token.clone()));
        Ok(client.send(Call::get("/v1/admin/cluster/hash")).await?.value)
    }

    /// # Errors
    /// The city says no, or does not answer.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&'static str, String)],
    ) -> Result<T, CallError> {
        Ok(self.client.send(Call::get(path).query(query)).await?.value)
    }

    /// A call that says more than the ones below can.
    ///
    /// # Errors
    /// The city says no, or does not answer.
    pub(crate) async fn send<B: Serialize, T: DeserializeOwned>(
        &self,
        call: Call<'_, B>,
    ) -> Result<T, CallError> {
        Ok(self.client.send(call).await?.value)
    }

    /// For an answer that says no more than yes.
    ///
    /// # Errors
    /// The city says no, or does not answer.
    pub(crate) async fn post(&self, path: &str, body: &impl Serialize) -> Result<(), CallError> {
        self.post_for::<IgnoredAny>(path, body).await.map(drop)
    }

    /// # Errors
    /// The city says no, or does not answer.
    pub(crate) async fn post_for<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, CallError> {
        Ok(self.client.send(Call::post(path, body)).await?.value)
    }

    /// Changes what it names, if the thing still has the version that was seen.
    ///
    /// # Errors
    /// The city says no, or does not answer.
    pub(crate) async fn patch_for<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        seen: u64,
    ) -> Result<T, CallError> {
        Ok(self.client.send(Call::patch(path, body).if_version(seen)).await?.value)
    }

    /// Replaces, if the thing still has the version that was seen.
    ///
    /// # Errors
    /// The city says no, or does not answer.
    pub(crate) async fn put_for<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&'static str, String)],
        body: &impl Serialize,
        seen: u64,
    ) -> Result<T, CallError> {
        Ok(self.client.send(Call::put(path, body).query(query).if_version(seen)).await?.value)
    }

    /// # Errors
    /// The city says no, or does not answer.
    pub(crate) async fn delete<B: Serialize>(
        &self,
        path: &str,
        body: Option<&B>,
    ) -> Result<(), CallError> {
        self.client.send::<_, IgnoredAny>(Call::delete(path, body)).await.map(drop)
    }
}

/// What a node at this address says of itself; nothing if it does not answer soon.
pub(crate) async fn health(http_addr: String) -> Option<Health> {
    Some(node(&http_addr)?.send(Call::get("/health")).await.ok()?.value)
}

/// One node alone, and not for long.
fn node(http_addr: &str) -> Option<Client> {
    Some(Client::new(vec![format!("http://{http_addr}")]).ok()?.with_deadline(ONE_NODE))
}
