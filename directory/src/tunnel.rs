//! WebSockets through the directory: once a node agrees, bytes go both ways until one side ends.

use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;

/// A request's wish to go on in another protocol.
pub(crate) struct Wish {
    protocol: HeaderValue,
    asker: OnUpgrade,
}

/// Takes the wish out of a request, if it has one.
pub(crate) fn wish(parts: &mut Parts) -> Option<Wish> {
    let asked = parts.headers.get(header::CONNECTION)?.to_str().ok()?;
    if !asked.split(',').any(|option| option.trim().eq_ignore_ascii_case("upgrade")) {
        return None;
    }
    let protocol = parts.headers.get(header::UPGRADE)?.clone();
    let asker = parts.extensions.remove::<OnUpgrade>()?;
    Some(Wish { protocol, asker })
}

impl Wish {
    /// Writes it into the request to a node.
    pub(crate) fn say(&self, headers: &mut HeaderMap) {
        agree(headers, self.protocol.clone());
    }

    /// Joins both sides if the node agreed; returns the protocol then.
    pub(crate) fn join(self, answer: &mut Response<Incoming>) -> Option<HeaderValue> {
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            return None;
        }
        let protocol = answer.headers().get(header::UPGRADE).cloned().unwrap_or(self.protocol);
        let node = hyper::upgrade::on(answer);
        let asker = self.asker;
        tokio::spawn(async move {
            let (asker, node) = match tokio::try_join!(asker, node) {
                Ok(both) => both,
                Err(error) => return tracing::debug!(%error, "no tunnel"),
            };
            let (mut asker, mut node) = (TokioIo::new(asker), TokioIo::new(node));
            if let Err(error) = copy_bidirectional(&mut asker, &mut node).await {
                tracing::debug!(%error, "a tunnel broke");
            }
        });
        Some(protocol)
    }
}

/// Marks a message as the one that changes the protocol.
pub(crate) fn agree(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, protocol);
}
