//! The audit chain: read in order, looked through, and its head signed.

use super::admin::hex;
use super::auth::Operator;
use super::error::{Answer, Fail};
use super::params::Params;
use super::reading::{FdIndex, Read, Reads};
use crate::clock;
use crate::tokens::Tokens;
use api::audit::{AuditEntry, AuditHead, SignedHead};
use api::codes::Code;
use api::problem::Problem;
use api::wire::{Page, Time};
use axum::extract::State;
use axum::response::IntoResponse;
use domain::ids::CityNumber;
use serde::Deserialize;

/// Entries in one answer, unless somebody asks for another number.
const PAGE_USUAL: usize = 20;
/// And at most: whoever verifies the chain reads all of it.
const PAGE_MOST: usize = storage::PAGE;
/// Entries that one question looks through; the next page goes on behind them.
const LOOKED_THROUGH: usize = 20_000;
/// Entries that the newest decision may lie behind the log's end: what is between changes leaders
/// and members.
const LOOKED_BACK: u64 = 10_000;

/// From where the chain is read.
#[derive(Debug, Deserialize)]
pub(super) struct InOrder {
    from: Option<u64>,
    limit: Option<usize>,
}

/// The audit chain
///
/// One entry for each proposal that the log decided, each sealed with the hash of the one before.
#[utoipa::path(get, path = "/audit", tag = "admin", security(("bearer" = [])),
    params(("from" = Option<u64>, Query, description = "The first log index"),
        ("limit" = Option<u32>, Query, description = "1 to 200", minimum = 1, maximum = 200)),
    responses((status = 200, body = Vec<AuditEntry>, description = "Entries, in order"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn list(
    _: Operator,
    reads: Reads,
    Params(asked): Params<InOrder>,
) -> Answer<impl IntoResponse> {
    let limit = asked.limit.unwrap_or(PAGE_USUAL).clamp(1, PAGE_MOST);
    let Read { view, index, .. } = reads.current().await?;
    let entries = view.audit_range(asked.from.unwrap_or(0), limit)?;
    let shown: Vec<_> = entries.iter().map(AuditEntry::from).collect();
    Ok((FdIndex(index), axum::Json(shown)))
}

/// What is looked for; what is not named is not looked at.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    actor: Option<String>,
    subject: Option<String>,
    command: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Wanted {
    fn is(&self, entry: &AuditEntry) -> bool {
        let is =
            |asked: &Option<String>, found: &str| asked.as_ref().is_none_or(|asked| asked == found);
        is(&self.actor, &entry.actor)
            && is(&self.command, &entry.command)
            && is(&self.subject, entry.subject.as_deref().unwrap_or_default())
    }
}

/// Look through the audit chain
///
/// Who did what, or what was done about something. A page may be empty and not the last one: much
/// was looked through, and nothing found yet.
#[utoipa::path(get, path = "/audit/find", tag = "admin", security(("bearer" = [])),
    params(("actor" = Option<String>, Query, description = "acc_.., system or anyone"),
        ("subject" = Option<String>, Query, description = "The id of what it was about"),
        ("command" = Option<String>, Query, description = "As place_order"),
        ("limit" = Option<u32>, Query, description = "1 to 200", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = Page<AuditEntry>, description = "Entries, in order"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn find(
    _: Operator,
    reads: Reads,
    Params(asked): Params<Wanted>,
) -> Answer<impl IntoResponse> {
    let from = match &asked.cursor {
        None => 0,
        Some(cursor) => cursor
            .parse()
            .map_err(|_| Fail::field(Code::ParamInvalid, "cursor", "is not one that we gave"))?,
    };
    let limit = asked.limit.unwrap_or(PAGE_USUAL).clamp(1, PAGE_MOST);
    let Read { view, index, .. } = reads.current().await?;
    let looked = tokio::task::spawn_blocking(move || {
        let mut data = Vec::new();
        let next = view.look_through_audit(from, LOOKED_THROUGH, |entry| {
            let shown = AuditEntry::from(entry);
            if asked.is(&shown) {
                data.push(shown);
            }
            data.len() < limit
        });
        next.map(|next| (data, next))
    });
    let (data, next) = looked.await.map_err(|e| Fail::internal("reading the chain", &e))??;
    let next_cursor = next.map(|next| next.to_string());
    let has_more = next_cursor.is_some();
    Ok((FdIndex(index), axum::Json(Page { data, next_cursor, has_more })))
}

/// The newest entry's hash, signed
///
/// It covers all that stands before it. Kept elsewhere, once a day, it shows at any later time what
/// the city said then. The key is the one of `/.well-known/jwks.json` that the signature names; it
/// follows from the city's key and stays when those of tokens change.
#[utoipa::path(get, path = "/audit/head", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = SignedHead, description = "In clear, and as a JWS"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn head(
    State(tokens): State<Tokens>,
    State(city): State<CityNumber>,
    _: Operator,
    reads: Reads,
) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let mut back = (index.saturating_sub(LOOKED_BACK)..=index).rev();
    // Index and hash of one entry: the view may hold later ones already.
    let newest = back.find_map(|index| view.audit(index).transpose()).transpose()?;
    let newest = newest.ok_or_else(|| Fail::because(Code::Behind, "nothing is decided yet"))?;
    let (index_of, hash) = (newest.index, hex(&newest.hash.0));
    let head = AuditHead { city: city.0, index: index_of, hash, at: Time(clock::now()) };
    let signed = tokens.sign_head(&head);
    Ok((FdIndex(index), axum::Json(SignedHead { head, signed })))
}
