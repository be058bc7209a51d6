//! A directory and two nodes of a city on real sockets; one of them dies.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, UPGRADE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use bytes::Bytes;
use cluster_config::{DirectoryConfig, SAMPLE_BOUNDARY};
use directory::Directory;
use expect_test::expect;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::future::pending;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(20);

/// A fake node with a runtime of its own: when that is dropped, all its sockets close at once.
struct FakeNode {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl FakeNode {
    fn start(name: &'static str, address: &str) -> Self {
        let listener = TcpListener::bind(address).expect("a free port");
        listener.set_nonblocking(true).expect("a socket can be asynchronous");
        let address = listener.local_addr().expect("it is bound");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let app = Router::new()
            .route("/ready", get(|| async { StatusCode::OK }))
            .route("/late", any(|| async { pending::<StatusCode>().await }))
            .route("/echo", any(echo))
            .fallback(tell)
            .with_state(name);
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, app).await.expect("it serves");
        });
        Self { address, runtime: Some(runtime) }
    }

    fn die(&mut self) {
        self.runtime.take().expect("it lives").shutdown_background();
    }
}

impl Drop for FakeNode {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Says what arrived.
async fn tell(State(name): State<&'static str>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let header = |name: &str| {
        let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or("-").to_owned()
    };
    let line = format!("{} {} for={}", parts.method, parts.uri, header("x-forwarded-for"));
    let hop = header("keep-alive");
    let body = body.collect().await.expect("a whole body").to_bytes();
    let text = format!("{line} keep-alive={hop} body={}", body.len());
    ([("node", name)], text).into_response()
}

/// Sends back every byte, in a protocol called "echo".
async fn echo(request: Request) -> Response {
    let upgraded = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let mut io = TokioIo::new(upgraded.await.expect("the asker agrees"));
        let mut word = [0; 4];
        while io.read_exact(&mut word).await.is_ok() {
            io.write_all(&word).await.expect("the asker listens");
        }
    });
    let headers = [(CONNECTION, "upgrade"), (UPGRADE, "echo")];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

struct World {
    a: FakeNode,
    b: FakeNode,
    at: SocketAddr,
    client: legacy::Client<HttpConnector, Full<Bytes>>,
    stop: Option<oneshot::Sender<()>>,
    serving: tokio::task::JoinHandle<Result<(), directory::StartError>>,
    _folder: tempfile::TempDir,
}

impl World {
    async fn start(health_every_ms: u64, deadline_ms: u64) -> Self {
        let (a, b) = (FakeNode::start("a", "127.0.0.1:0"), FakeNode::start("b", "127.0.0.1:0"));
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("marisol.geojson"), SAMPLE_BOUNDARY).expect("a file");
        let text = format!(
            r#"
            listen = "127.0.0.1:0"
            health_every_ms = {health_every_ms}
            connect_ms = 5000
            deadline_ms = {deadline_ms}

            [[cities]]
            slug = "marisol"
            number = 1
            name = "Marisol"
            currency = "EUR"
            time_zone = "Europe/Madrid"
            boundary = "marisol.geojson"
            nodes = ["http://{}", "http://{}"]
            "#,
            a.address, b.address
        );
        let config = DirectoryConfig::parse(&text, folder.path()).expect("a configuration");
        let directory = Directory::start(config).await.expect("a directory");
        let at = directory.address();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(directory.serve(async {
            stopped.await.expect("the test says stop");
        }));
        let client = legacy::Client::builder(TokioExecutor::new()).build_http();
        Self { a, b, at, client, stop: Some(stop), serving, _folder: folder }
    }

    async fn ask(&self, method: Method, path: &str, key: bool, body: Vec<u8>) -> Answer {
        let mut request = axum::http::Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.at))
            .header("keep-alive", "5")
            .header("request-id", "test-1");
        if key {
            request = request.header("idempotency-key", "k");
        }
        let request = request.body(Full::from(body)).expect("a request");
        let answer = timeout(SOON, self.client.request(request)).await.expect("in time");
        let (parts, body) = answer.expect("an answer").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8(body.to_vec()).expect("text");
        let text = text
            .replace(&self.a.address.to_string(), "A")
            .replace(&self.b.address.to_string(), "B");
        Answer { status: parts.status, headers: parts.headers, text }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, false, Vec::new()).await
    }

    /// Waits until `/v1/cities` says so of both nodes.
    async fn until(&self, a: &str, b: &str) {
        let wanted = [("A", a), ("B", b)]
            .map(|(node, health)| format!(r#"{{"url":"http://{node}","health":"{health}"}}"#));
        let seen = async {
            loop {
                let text = self.get("/v1/cities").await.text;
                if wanted.iter().all(|node| text.contains(node)) {
                    return;
                }
            }
        };
        timeout(SOON, seen).await.expect("the directory notices");
    }

    async fn stop(mut self) {
        self.stop.take().expect("not stopped yet").send(()).expect("it serves");
        drop(self.client);
        timeout(SOON, self.serving).await.expect("in time").expect("no panic").expect("a good end");
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn node(&self) -> &str {
        self.headers.get("node").map_or("none", |name| name.to_str().expect("a name"))
    }
}

/// Longer than any test: health is then asked once, at the start.
const NEVER_MS: u64 = 600_000;
/// Longer than an answer takes on a busy machine.
const LONG_MS: u64 = 15_000;

#[tokio::test]
async fn what_the_directory_says_itself() {
    let world = World::start(NEVER_MS, LONG_MS).await;
    let mut told = String::new();
    for path in [
        "/v1/route?lat=43.55&lng=-5.92",
        "/route?lat=43.55&lng=-5.92",
        "/v1/route?lat=10&lng=10",
        "/v1/route?lat=north&lng=10",
        "/v1/cities",
        "/health",
        "/ready",
    ] {
        let Answer { status, text, .. } = world.get(path).await;
        told += &format!("{path}\n{} {text}\n", status.as_u16());
    }
    expect![[r#"
        /v1/route?lat=43.55&lng=-5.92
        200 {"slug":"marisol","number":1,"name":"Marisol","currency":"EUR","time_zone":"Europe/Madrid","nodes":[{"url":"http://A","health":"ready"},{"url":"http://B","health":"ready"}]}
        /route?lat=43.55&lng=-5.92
        200 {"slug":"marisol","number":1,"name":"Marisol","currency":"EUR","time_zone":"Europe/Madrid","nodes":[{"url":"http://A","health":"ready"},{"url":"http://B","health":"ready"}]}
        /v1/route?lat=10&lng=10
        404 {"type":"/docs/errors/no_city","title":"No city serves this place","status":404,"detail":"no city serves this place","instance":"/v1/route","code":"no_city","retryable":false,"request_id":"test-1"}
        /v1/route?lat=north&lng=10
        400 {"type":"/docs/errors/param_invalid","title":"A query parameter or header is not valid","status":400,"detail":"lat: a latitude is a number from -90 to 90","instance":"/v1/route","code":"param_invalid","retryable":false,"request_id":"test-1","errors":[{"pointer":"lat","code":"param_invalid","detail":"a latitude is a number from -90 to 90"}]}
        /v1/cities
        200 {"data":[{"slug":"marisol","number":1,"name":"Marisol","currency":"EUR","time_zone":"Europe/Madrid","nodes":[{"url":"http://A","health":"ready"},{"url":"http://B","health":"ready"}]}]}
        /health
        200 {"status":"ok"}
        /ready
        200 {"ready":true}
    "#]]
    .assert_eq(&told);
    let refusal = world.get("/v1/route?lat=10&lng=10").await;
    assert_eq!(refusal.headers["content-type"], "application/problem+json");
    let metrics = world.get("/metrics").await.text;
    assert!(metrics.contains(r#"node="http://A",health="ready"} 1"#), "{metrics}");
    world.stop().await;
}

#[tokio::test]
async fn requests_reach_both_nodes_and_come_back_whole() {
    let world = World::start(NEVER_MS, LONG_MS).await;
    let mut nodes: Vec<_> = Vec::new();
    for _ in 0..4 {
        let answer = world.get("/v1/orders?limit=5").await;
        assert_eq!(answer.text, "GET /v1/orders?limit=5 for=127.0.0.1 keep-alive=- body=0");
        nodes.push(answer.node().to_owned());
    }
    nodes.sort();
    assert_eq!(nodes, ["a", "a", "b", "b"]);
    for bytes in [10, 300_000, 5_000_000] {
        let answer = world.ask(Method::PUT, "/v1/menu", false, vec![7; bytes]).await;
        let told = format!("PUT /v1/menu for=127.0.0.1 keep-alive=- body={bytes}");
        assert_eq!(answer.text, told);
    }
    world.stop().await;
}

#[tokio::test]
async fn a_dead_node_is_passed_over_and_comes_back() {
    let mut world = World::start(20, LONG_MS).await;
    world.until("ready", "ready").await;
    world.a.die();
    for n in 0..20 {
        let method = [Method::GET, Method::POST][n % 2].clone();
        let answer = world.ask(method, "/v1/orders", true, vec![1; 100]).await;
        assert_eq!((answer.status, answer.node()), (StatusCode::OK, "b"));
    }
    world.until("away", "ready").await;
    let again = world.a.address.to_string();
    world.a = FakeNode::start("a", &again);
    world.until("ready", "ready").await;
    let nodes = [world.get("/").await, world.get("/").await].map(|a| a.node().to_owned());
    assert!(nodes.contains(&"a".to_owned()), "{nodes:?}");
    world.stop().await;
}

#[tokio::test]
async fn without_nodes_the_answer_says_so() {
    let mut world = World::start(NEVER_MS, LONG_MS).await;
    world.a.die();
    world.b.die();
    // The first requests find out. One may go into a connection that is closing: nobody can say
    // then whether it arrived. At the latest the third one knows.
    let mut last = world.ask(Method::POST, "/v1/orders", true, vec![1; 100]).await;
    for _ in 0..2 {
        assert!(last.text.contains("no_node") || last.text.contains("verdict_unknown"));
        last = world.ask(Method::POST, "/v1/orders", true, vec![1; 100]).await;
    }
    assert_eq!((last.status.as_u16(), &last.headers["retry-after"].to_str().unwrap()), (503, &"1"));
    expect![[r#"
        {"type":"/docs/errors/no_node","title":"No node of the city answers","status":503,"detail":"no node of marisol is ready","instance":"/v1/orders","code":"no_node","retryable":true,"retry_after_ms":1000,"request_id":"test-1"}
    "#]]
    .assert_eq(&format!("{}\n", last.text));
    assert_eq!(world.get("/ready").await.status, StatusCode::SERVICE_UNAVAILABLE);
    world.stop().await;
}

#[tokio::test]
async fn a_node_that_does_not_answer_may_have_done_it() {
    let world = World::start(NEVER_MS, 200).await;
    let mut told = String::new();
    for (method, key) in [(Method::GET, false), (Method::POST, false), (Method::POST, true)] {
        let answer = world.ask(method.clone(), "/late", key, vec![1]).await;
        let problem: serde_json::Value = serde_json::from_str(&answer.text).expect("JSON");
        told += &format!("{method} key={key}: {} {}\n", answer.status.as_u16(), problem["code"]);
    }
    expect![[r#"
        GET key=false: 503 "no_node"
        POST key=false: 503 "verdict_unknown"
        POST key=true: 503 "verdict_unknown"
    "#]]
    .assert_eq(&told);
    world.stop().await;
}

#[tokio::test]
async fn a_tunnel_carries_bytes_both_ways() {
    let world = World::start(NEVER_MS, LONG_MS).await;
    let mut socket = TcpStream::connect(world.at).await.expect("the directory listens");
    let ask = "GET /echo HTTP/1.1\r\nhost: d\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\n";
    socket.write_all(ask.as_bytes()).await.expect("sent");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(SOON, socket.read_u8()).await.expect("in time").expect("a byte"));
    }
    let head = String::from_utf8(head).expect("text").to_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    assert!(head.contains("upgrade: echo\r\n"), "{head}");
    for word in [b"ping", b"pong"] {
        socket.write_all(word).await.expect("sent");
        let mut back = [0; 4];
        timeout(SOON, socket.read_exact(&mut back)).await.expect("in time").expect("four bytes");
        assert_eq!(&back, word);
    }
    drop(socket);
    world.stop().await;
}

#[tokio::test]
async fn a_wrong_boundary_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("sea.geojson"), r#"{"type":"Point","coordinates":[1,2]}"#)
        .unwrap();
    let text = r#"
        [[cities]]
        slug = "sea"
        number = 1
        name = "Sea"
        currency = "EUR"
        time_zone = "Europe/Madrid"
        boundary = "sea.geojson"
        nodes = ["http://127.0.0.1:1"]
    "#;
    let config = DirectoryConfig::parse(text, folder.path()).unwrap();
    let error = Directory::start(config).await.unwrap_err();
    assert!(error.to_string().starts_with("the boundary of sea, "), "{error}");
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(why, "only Polygon and MultiPolygon are borders, this is a Point");
}
