//! The directory's own routes, and everything else to the cities.

use crate::answers::{self, CitiesAnswer, CityAnswer};
use crate::cities::{Cities, Health};
use crate::error::StartError;
use crate::health;
use crate::limits::{DRAIN, WAITING};
use crate::lookup;
use crate::metrics::Metrics;
use crate::proxy::{self, Client};
use api::codes::Code;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cluster_config::DirectoryConfig;
use serde_json::json;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// A directory that listens, and has asked every node once.
#[derive(Debug)]
pub struct Directory {
    listener: TcpListener,
    at: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    cities: Cities,
    client: Client,
    metrics: Metrics,
    waiting: Semaphore,
    health_every: Duration,
    patience: Duration,
    deadline: Duration,
}

impl Directory {
    /// Reads the boundaries, listens, and asks every node how it is.
    ///
    /// # Errors
    /// A boundary is wrong, or the address is taken.
    pub async fn start(config: DirectoryConfig) -> Result<Self, StartError> {
        let DirectoryConfig { listen, health_every_ms, connect_ms, deadline_ms, log: _, cities } =
            config;
        let cities = Cities::load(cities)?;
        let failed = |source| StartError::Listen { at: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let at = listener.local_addr().map_err(failed)?;
        let patience = Duration::from_millis(connect_ms);
        let shared = Arc::new(Shared {
            cities,
            client: proxy::client(patience),
            metrics: Metrics::new(),
            waiting: Semaphore::new(WAITING),
            health_every: Duration::from_millis(health_every_ms),
            patience,
            deadline: Duration::from_millis(deadline_ms),
        });
        let mut first = JoinSet::new();
        for (c, n) in shared.every_node() {
            let shared = shared.clone();
            first.spawn(async move {
                let city = &shared.cities.all[c];
                let slug = &city.about.slug;
                health::ask(&shared.client, slug, &city.nodes[n], shared.patience).await;
            });
        }
        first.join_all().await;
        Ok(Self { listener, at, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.at
    }

    /// Serves until `stop` is done; requests under way then have ten seconds.
    ///
    /// # Errors
    /// Connections can no longer be taken.
    pub async fn serve(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), StartError> {
        let mut watchers = JoinSet::new();
        for (c, n) in self.shared.every_node() {
            let shared = self.shared.clone();
            watchers.spawn(async move {
                let city = &shared.cities.all[c];
                let client = shared.client.clone();
                let slug = &city.about.slug;
                let node = &city.nodes[n];
                health::watch(client, slug, node, shared.health_every, shared.patience).await;
            });
        }
        let app = router(self.shared).into_make_service_with_connect_info::<SocketAddr>();
        let (stopping, mut stopped) = watch::channel(false);
        let signal = async move {
            stop.await;
            tracing::info!("stopping: no new connections");
            stopping.send_replace(true);
        };
        let serving = axum::serve(self.listener, app).with_graceful_shutdown(signal);
        let serving = std::pin::pin!(serving.into_future());
        let drained = async {
            // The sender goes away only after it has sent.
            let _ = stopped.wait_for(|stopped| *stopped).await;
            tokio::time::sleep(DRAIN).await;
        };
        tokio::select! {
            served = serving => served.map_err(StartError::Serve),
            () = drained => {
                tracing::warn!("requests under way were cut off");
                Ok(())
            }
        }
    }
}

impl Shared {
    fn every_node(&self) -> Vec<(usize, usize)> {
        let cities = self.cities.all.iter().enumerate();
        cities.flat_map(|(c, city)| (0..city.nodes.len()).map(move |n| (c, n))).collect()
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/route", get(route))
        .route("/v1/route", get(route))
        .route("/cities", get(cities))
        .route("/v1/cities", get(cities))
        .route("/health", get(|| async { answers::json(&json!({ "status": "ok" })) }))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .fallback(pass_on)
        .with_state(shared)
}

async fn route(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    match lookup::city_at(&shared.cities, uri.query().unwrap_or("")) {
        Ok(city) => answers::json(&CityAnswer::of(city)),
        Err(problem) => answers::refuse(*problem, &headers, uri.path()),
    }
}

async fn cities(State(shared): State<Arc<Shared>>) -> Response {
    let data = shared.cities.all.iter().map(CityAnswer::of).collect();
    answers::json(&CitiesAnswer { data })
}

/// Ready as long as one city can be reached: each copy sees the same nodes, so that sending the
/// requests of a lost city to another copy would not help anybody.
async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    let mut nodes = shared.cities.all.iter().flat_map(|city| &city.nodes);
    let ready = nodes.any(|node| node.health() != Health::Away);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, answers::json(&json!({ "ready": ready }))).into_response()
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, kind)], shared.metrics.text(&shared.cities)).into_response()
}

async fn pass_on(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response {
    let headers = request.headers().clone();
    let path = request.uri().path().to_owned();
    let city = match lookup::city_of(&shared.cities, request.uri(), &headers) {
        Ok(city) => city,
        Err(problem) => return answers::refuse(*problem, &headers, &path),
    };
    let slug = &city.about.slug;
    let Ok(_place) = shared.waiting.try_acquire() else {
        let problem = answers::try_again(Code::Shedding, "too many requests wait".to_owned());
        shared.metrics.answered(slug, problem.status);
        return answers::refuse(problem, &headers, &path);
    };
    let deadline = Instant::now() + shared.deadline;
    let (client, metrics) = (&shared.client, &shared.metrics);
    let answer = proxy::forward(client, metrics, city, request, peer.ip(), deadline).await;
    let answer = answer.unwrap_or_else(|problem| answers::refuse(problem, &headers, &path));
    shared.metrics.answered(slug, answer.status().as_u16());
    tracing::debug!(city = slug, path, status = answer.status().as_u16(), "passed on");
    answer
}
