//! Streams and sockets as apps hold them.

use crate::city::{City, PATIENCE};
use crate::http::{Api, send};
use crate::people::{Person, Rider};
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

/// Server-sent events.
pub(crate) struct Stream {
    response: reqwest::Response,
    buffer: String,
    /// What a browser would send as `Last-Event-ID` after a break.
    pub(crate) last_id: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) id: String,
    pub(crate) event: String,
    pub(crate) data: Value,
}

impl Frame {
    /// Where it stands in the feed.
    pub(crate) fn place(&self) -> (u64, u32) {
        let (index, number) = self.id.split_once('.').expect("an id");
        (index.parse().unwrap(), number.parse().unwrap())
    }
}

impl Stream {
    pub(crate) async fn open(api: &Api, path: &str) -> Self {
        Self::open_after(api, path, "").await
    }

    /// Goes on behind an id.
    pub(crate) async fn open_after(api: &Api, path: &str, last_id: &str) -> Self {
        let request = api.request(Method::GET, path).header("last-event-id", last_id);
        let response = request.send().await.unwrap();
        if response.status() != 200 {
            panic!("{}", response.text().await.unwrap());
        }
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        Self { response, buffer: String::new(), last_id: last_id.to_owned() }
    }

    /// Every frame up to the first of this kind.
    pub(crate) async fn until_event(&mut self, event: &str) -> Vec<Frame> {
        let mut frames = Vec::new();
        loop {
            let frame = self.next().await;
            let last = frame.event == event;
            frames.push(frame);
            if last {
                return frames;
            }
        }
    }

    pub(crate) async fn next(&mut self) -> Frame {
        self.next_or_end().await.expect("an open stream")
    }

    /// Nothing, once the node has ended it.
    pub(crate) async fn next_or_end(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, rest)) = self.buffer.split_once("\n\n") {
                let part = |name: &str| {
                    let found = frame.lines().find_map(|line| line.strip_prefix(name));
                    found.unwrap_or_default().trim().to_owned()
                };
                let (id, event, data) = (part("id:"), part("event:"), part("data:"));
                self.buffer = rest.to_owned();
                if !id.is_empty() {
                    self.last_id.clone_from(&id);
                }
                // A sign of life has no event.
                if !event.is_empty() {
                    return Some(Frame { id, event, data: serde_json::from_str(&data).unwrap() });
                }
                continue;
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.expect("a frame in time").unwrap()?;
            self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Waits for a sign of life that comes with a place at or behind this entry.
    pub(crate) async fn until_passed(&mut self, index: u64) {
        while self.last_id.parse::<domain::Cursor>().is_ok_and(|at| at.index < index) {
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.expect("a frame in time").unwrap().expect("an open stream");
            self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
            while let Some((frame, rest)) = self.buffer.split_once("\n\n") {
                assert!(!frame.contains("event:"), "nothing was expected: {frame}");
                if let Some(id) = frame.lines().find_map(|line| line.strip_prefix("id: ")) {
                    id.clone_into(&mut self.last_id);
                }
                self.buffer = rest.to_owned();
            }
        }
    }
}

/// A WebSocket.
pub(crate) struct Socket {
    ws: tokio_tungstenite::WebSocketStream<
        tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>,
    >,
    pub(crate) last: Value,
}

impl Socket {
    pub(crate) async fn open(city: &City, node: usize, by: &Person, path: &str) -> Self {
        let url = format!("{}{path}", city.url(node).replace("http", "ws"));
        let mut request = url.into_client_request().unwrap();
        let bearer = format!("Bearer {}", by.token);
        request.headers_mut().insert("authorization", bearer.parse().unwrap());
        let (ws, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        Self { ws, last: Value::Null }
    }

    /// The next text; false once the node has closed it.
    pub(crate) async fn next(&mut self) -> bool {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.ws.next()).await;
            match frame.expect("a frame in time") {
                Some(Ok(Message::Text(text))) => {
                    self.last = serde_json::from_str(&text).unwrap();
                    return true;
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return false,
                Some(Ok(frame)) => panic!("no text: {frame}"),
            }
        }
    }

    /// Skips everything up to a text of this type.
    pub(crate) async fn until(&mut self, kind: &str) -> &Value {
        while self.last["type"] != kind {
            assert!(self.next().await, "closed before {kind}");
        }
        &self.last
    }

    pub(crate) async fn say(&mut self, text: Value) {
        self.ws.send(Message::text(text.to_string())).await.unwrap();
    }
}

/// A courier's phone.
pub(crate) struct Phone {
    socket: Socket,
}

impl Phone {
    pub(crate) async fn open(city: &City, node: usize, rider: &Rider) -> Self {
        let socket = Socket::open(city, node, &rider.person, "/v1/delivery/me/live").await;
        let mut phone = Self { socket };
        // The work as it is, at once.
        phone.next().await;
        assert_eq!(phone.last()["courier_id"], rider.courier_id);
        phone
    }

    pub(crate) async fn next(&mut self) {
        assert!(self.socket.next().await, "an open socket");
    }

    pub(crate) fn last(&self) -> &Value {
        &self.socket.last
    }

    pub(crate) async fn say(&mut self, report: Value) {
        self.socket.say(report).await;
    }

    /// Waits until the courier is asked about this order.
    pub(crate) async fn offered(&mut self, order_id: &str) -> Value {
        while self.last()["offers"][0]["order_id"] != order_id {
            self.next().await;
        }
        self.last()["offers"][0].clone()
    }

    /// The work after everything that has been said so far.
    pub(crate) async fn last_work(&mut self) -> &Value {
        while self.last()["offers"] != json!([]) {
            self.next().await;
        }
        self.last()
    }
}

/// The whole feed as somebody sees it at a node, page by page.
pub(crate) async fn feed_of(api: &Api, query: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), None::<String>);
    loop {
        let from = after.as_ref().map(|after| format!("&after={after}")).unwrap_or_default();
        let path = format!("/v1/events?limit=50{query}{from}");
        let page = send(api.request(Method::GET, &path)).await.ok(200);
        let events = page["events"].as_array().unwrap();
        all.extend(events.iter().cloned());
        let next = page["next"].as_str().unwrap().to_owned();
        if events.is_empty() {
            return all;
        }
        after = Some(next);
    }
}
