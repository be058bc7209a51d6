//! A stand-in for three nodes, for the generator's own tests: it takes orders and gives them back.
//! It can forget one, refuse some, and stall, so that the tests see whether we notice.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::TcpListener;

/// What all the fake nodes know together.
#[derive(Debug, Default)]
pub(crate) struct City {
    pub(crate) orders: Mutex<BTreeSet<String>>,
    /// Each order with a number in the hundreds is acknowledged and thrown away.
    pub(crate) forgetful: bool,
    /// The order with this number takes long.
    pub(crate) stall_at: Option<usize>,
    /// Every second order is refused.
    pub(crate) picky: bool,
    pub(crate) seen: Mutex<usize>,
}

/// How long a stall is.
pub(crate) const STALL: Duration = Duration::from_millis(400);

/// Three nodes of one city.
pub(crate) async fn start(city: City) -> (Arc<City>, Vec<SocketAddr>) {
    let city = Arc::new(city);
    let mut addresses = Vec::new();
    for _ in 0..3 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        addresses.push(listener.local_addr().unwrap());
        let city = Arc::clone(&city);
        tokio::spawn(async move { accept(listener, city).await });
    }
    (city, addresses)
}

async fn accept(listener: TcpListener, city: Arc<City>) {
    while let Ok((stream, _)) = listener.accept().await {
        let city = Arc::clone(&city);
        tokio::spawn(async move {
            let answer = service_fn(|request| {
                let city = Arc::clone(&city);
                async move { Ok::<_, Infallible>(city.answer(&request).await) }
            });
            let connection = hyper::server::conn::http1::Builder::new();
            let _ = connection.serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

impl City {
    pub(crate) fn len(&self) -> usize {
        self.orders.lock().len()
    }

    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        let (status, body) = if request.method() == Method::POST && path == "/v1/order" {
            let key = request.headers()["idempotency-key"].to_str().unwrap().to_owned();
            self.place(&key).await
        } else if let Some(id) = path.strip_prefix("/v1/order/") {
            match self.orders.lock().contains(id) {
                true => (200, format!(r#"{{"order_id":"{id}"}}"#)),
                false => (404, r#"{"code":"order_unknown"}"#.to_owned()),
            }
        } else {
            (404, r#"{"code":"route_unknown"}"#.to_owned())
        };
        let answer = Response::builder().status(status).header("fd-index", "5");
        answer.body(Full::new(Bytes::from(body))).unwrap()
    }

    async fn place(&self, key: &str) -> (u16, String) {
        let number = {
            let mut seen = self.seen.lock();
            *seen += 1;
            *seen
        };
        if self.stall_at == Some(number) {
            // tidy: allow(sleep) the stall itself is what the test is about
            tokio::time::sleep(STALL).await;
        }
        if self.picky && number.is_multiple_of(2) {
            return (409, r#"{"code":"restaurant_closed"}"#.to_owned());
        }
        // An id has 26 letters; the key is shorter.
        let id = format!("ord_{key:0>26}");
        if !(self.forgetful && number.is_multiple_of(100)) {
            self.orders.lock().insert(id.clone());
        }
        (201, format!(r#"{{"state":"placed","order_id":"{id}","receipt":{{}}}}"#))
    }
}
