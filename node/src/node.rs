//! (4) The wiring: the only place that constructs everything, and the only one that stops it.

use crate::clock::Clock;
use crate::derived::Follower;
use crate::derived::kitchens::Kitchens;
use crate::derived::menu_indexer::MenuIndexer;
use crate::gateways::Gateway;
use crate::http::{Limits, Room};
use crate::leader::{Desk, run_while_leading};
use crate::live::{Announcer, Live};
use crate::metrics::Metrics;
use crate::notices::Providers;
use crate::passwords::Passwords;
use crate::pictures::Pictures;
use crate::pings::Pings;
use crate::tokens::Tokens;
use crate::vault::{CityKeys, Keeper, People, Vault};
use crate::webhooks::Sender;
use crate::{founding, http, secrets, settings};
use anyhow::Context;
use axum::extract::FromRef;
use cluster_config::Config;
use domain::ids::CityNumber;
use domain::money::Money;
use domain::position::Position;
use geo_index::{Area, Couriers, MAX_HALF_SIDE_M};
use raft::{City, WallClock};
use search::MenuIndex;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use storage::Reader;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long requests that are under way may take when the node stops.
const DRAIN: Duration = Duration::from_secs(10);

/// What handlers may take, each only what it names.
#[derive(Clone, FromRef)]
pub(crate) struct Parts {
    pub city: City,
    pub reader: Reader,
    pub number: CityNumber,
    pub facts: Arc<Facts>,
    pub vault: Vault,
    pub tokens: Tokens,
    pub passwords: Passwords,
    pub limits: Limits,
    pub kitchens: Arc<Kitchens>,
    pub couriers: Arc<Couriers>,
    pub menus: MenuIndex,
    pub reached: watch::Receiver<u64>,
    pub pings: Pings,
    pub pictures: Pictures,
    pub webhooks: Sender,
    pub live: Live,
    pub providers: Providers,
    pub gateway: Gateway,
    pub clock: Clock,
    pub metrics: Metrics,
}

/// What never changes while the node runs.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// The first two bytes of every id born here.
    pub city_number: CityNumber,
    /// The city's short name.
    pub slug: String,
    /// Of every amount.
    pub currency: String,
    /// In which calendars are read.
    pub time_zone: String,
    /// Menus and messages fall back to it.
    pub language: String,
}

impl Facts {
    /// An amount as the API shows it.
    pub(crate) fn money(&self, amount: Money) -> api::wire::Money {
        api::wire::Money::of(amount, &self.currency)
    }
}

/// A running node.
#[derive(Debug)]
pub struct Node {
    city: City,
    http: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Node {
    /// Opens the store, joins the city, starts every task and serves.
    ///
    /// # Errors
    /// What stood in the way, with the file or address it was about.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        Self::start_by(config, WallClock::default()).await
    }

    /// The same by another clock: tests let hours pass.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_by(config: Config, clock: WallClock) -> anyhow::Result<Self> {
        let (city_key, founder_password) = secrets::of_city(&config)?;
        let keys = CityKeys::new(&city_key);
        let passwords = Passwords::new(keys.clone())?;
        let number = CityNumber(config.city.number);
        let found = founding::wish(&config, founder_password, &keys, &passwords).await?;
        let (writer, reader) = store(&config)?;
        let people = people(&config, &keys, reader.clone())?;
        let listener = listen(config.node.http_listen).await?;
        // The only writer moves into raft: from here on nothing changes but through the log.
        let city = City::start(settings::raft(&config, clock.clone())?, writer).await?;

        let metrics = Metrics::new();
        let vault = Vault::new(keys.clone(), people);
        let (couriers, kitchens) = maps(&config)?;
        let (menus, indexer) = MenuIndexer::new(reader.clone())?;
        let (reached, reached_so_far) = watch::channel(0);
        let pings = Pings::new(Arc::clone(&couriers), metrics.clone());
        let stop = CancellationToken::new();
        let live = Live::new(stop.clone(), metrics.clone());
        let facts = Arc::new(settings::facts(&config));
        let parts = Parts {
            city: city.clone(),
            reader: reader.clone(),
            number,
            facts: Arc::clone(&facts),
            tokens: settings::tokens(&config, &keys)?,
            vault: vault.clone(),
            passwords,
            limits: Limits::new(config.limits.clone()),
            kitchens: Arc::clone(&kitchens),
            couriers: Arc::clone(&couriers),
            menus,
            reached: reached_so_far,
            pings: pings.clone(),
            pictures: Pictures::new(),
            live: live.clone(),
            webhooks: settings::webhooks(&config),
            providers: settings::providers(&config)?,
            gateway: settings::gateway(&config)?,
            clock: Clock::of(&city, clock),
            metrics: metrics.clone(),
        };
        let desk = desk(&parts, &config);
        let router = http::router(parts, settings::cors(&config)?);
        let tasks = TaskTracker::new();
        let announcer = Announcer { reader: reader.clone(), city: city.clone(), facts, live };
        let keeper = Keeper { people: vault.people().clone(), city: city.clone() };
        let follower = Follower {
            reader,
            city: city.clone(),
            kitchens,
            indexer,
            couriers,
            vault,
            reached,
            metrics,
        };
        tasks.spawn(keeper.run(stop.clone()));
        tasks.spawn(announcer.run(stop.clone()));
        tasks.spawn(follower.run(stop.clone()));
        tasks.spawn(pings.run(city.clone(), stop.clone()));
        tasks.spawn(founding::run(found, city.clone(), stop.clone()));
        tasks.spawn(run_while_leading(desk, stop.clone()));
        let http = listener.local_addr()?;
        tasks.spawn(http::serve(listener, router, Room::new(&config.limits), stop.clone()));
        tasks.spawn(bootstrap(city.clone(), settings::founders(&config), stop.clone()));
        tracing::info!(node = config.node.id, %http, "serving");
        Ok(Self { city, http, stop, tasks })
    }

    /// Where this node serves HTTP.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// The node's own view of the city.
    pub fn city(&self) -> &City {
        &self.city
    }

    /// Returns when the node has stopped by itself: its store or its log failed.
    pub async fn failed(&self) -> String {
        let mut stopped = self.city.stopped();
        match stopped.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            Err(_) => "the log has ended".to_owned(),
        }
    }

    /// Hands leadership over, lets requests end, and closes the store.
    pub async fn stop(self) {
        self.stop.cancel();
        // While requests end, another node begins to lead.
        self.city.shutdown().await;
        self.tasks.close();
        if tokio::time::timeout(DRAIN, self.tasks.wait()).await.is_err() {
            tracing::warn!("some tasks did not end in time");
        }
        tracing::info!("stopped");
    }
}

/// The only writer of this node's store, and its readers.
fn store(config: &Config) -> anyhow::Result<(storage::Writer, Reader)> {
    let dir = &config.node.data_dir;
    storage::open(dir, &settings::storage(config))
        .with_context(|| format!("opening {}", dir.display()))
}

/// The keys of people, beside the store and not in it.
fn people(config: &Config, keys: &CityKeys, reader: Reader) -> anyhow::Result<People> {
    let file = settings::vault_file(config);
    People::open(&file, &settings::vault_keys(config, keys)?, reader)
        .with_context(|| format!("opening {}", file.display()))
}

/// What the leader's tasks are given.
fn desk(parts: &Parts, config: &Config) -> Desk {
    Desk {
        city: parts.city.clone(),
        reader: parts.reader.clone(),
        couriers: Arc::clone(&parts.couriers),
        gateway: parts.gateway.clone(),
        providers: parts.providers.clone(),
        webhooks: parts.webhooks.clone(),
        sink: settings::sink(config),
        vault: parts.vault.clone(),
        facts: Arc::clone(&parts.facts),
        reconcile_s: config.payments.reconcile_s,
        keep_days: config.feed.keep_days,
        clock: parts.clock.clone(),
        metrics: parts.metrics.clone(),
    }
}

async fn listen(at: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(at).await.with_context(|| format!("listening on {at}"))
}

/// Empty maps of the city.
fn maps(config: &Config) -> anyhow::Result<(Arc<Couriers>, Arc<Kitchens>)> {
    let centre = Position::from_degrees(config.city.centre.lat, config.city.centre.lng)?;
    let area = Area::around(centre, MAX_HALF_SIDE_M)?;
    Ok((Arc::new(Couriers::new(area)), Arc::new(Kitchens::new(area))))
}

/// Founds the group; a repeat is fine, so a restart needs no memory of it.
async fn bootstrap(city: City, founders: Option<Vec<raft::Member>>, stop: CancellationToken) {
    let Some(members) = founders else { return };
    while let Err(error) = city.bootstrap(members.clone()).await {
        tracing::info!(%error, "the group is not founded yet");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
        }
    }
}
