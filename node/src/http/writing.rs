//! A handler's wish on its way to the log, and the yes that comes back.

use super::error::Fail;
use super::frame::{FD_INDEX, REPLAYED, RequestId};
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponseParts, ResponseParts};
use domain::{Actor, Command, Proposal, Rejection, Verdict};
use raft::City;
use std::time::Duration;

/// How long a write may take, failover included. Afterwards nobody knows, and the caller repeats.
const VERDICT_WITHIN: Duration = Duration::from_secs(5);

/// Proposes in the name of one request.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    city: City,
    request_id: RequestId,
}

/// It holds. Also the headers that say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    /// The entry that made it so.
    pub index: u64,
    /// False for a repeat.
    pub changed: bool,
}

impl IntoResponseParts for Done {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        parts.headers_mut().insert(FD_INDEX, self.index.into());
        if !self.changed {
            let yes = axum::http::HeaderValue::from_static("true");
            parts.headers_mut().insert(REPLAYED, yes);
        }
        Ok(parts)
    }
}

impl<S> FromRequestParts<S> for Log
where
    S: Send + Sync,
    City: FromRef<S>,
{
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fail> {
        let Ok(request_id) = RequestId::from_request_parts(parts, state).await;
        Ok(Self { city: City::from_ref(state), request_id })
    }
}

impl Log {
    /// Waits for the verdict.
    ///
    /// # Errors
    /// The rejection's code; `no_leader` or `shedding` if it did not happen; `verdict_unknown` if
    /// nobody can say.
    pub(crate) async fn propose(&self, actor: Actor, command: Command) -> Result<Done, Fail> {
        self.decide(actor, command).await?.map_err(Fail::from)
    }

    /// The same for a handler that has more to say about some rejections.
    ///
    /// # Errors
    /// The outer one if there is no verdict; the inner one is the verdict's no.
    pub(crate) async fn decide(
        &self,
        actor: Actor,
        command: Command,
    ) -> Result<Result<Done, Rejection>, Fail> {
        let request_id = self.request_id.0.to_string();
        let proposal = Proposal { actor, request_id, command };
        let applied = self.city.propose(&proposal, VERDICT_WITHIN).await?;
        Ok(match applied.verdict {
            Verdict::Yes { changed, index } => Ok(Done { index, changed }),
            Verdict::No(why) => Err(why),
        })
    }
}
