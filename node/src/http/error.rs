//! From causes to answers: the one place where an error becomes a status and a code.
//!
//! A handler returns a [`Fail`]; the frame (frame.rs) knows the request and writes the problem
//! document, so that every answer carries its request id, whoever refused it.

use api::codes::Code;
use api::problem::{FieldProblem, Problem};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Rejection;
use raft::{MembershipError, ProposeError, ReadError, Refusal};
use serde_json::{Map, Value, json};

/// Why a request was refused.
#[derive(Clone, Debug)]
pub(crate) struct Fail {
    code: Code,
    detail: Option<String>,
    errors: Vec<FieldProblem>,
    retry_after_ms: Option<u64>,
    extra: Map<String, Value>,
}

/// What handlers return.
pub(crate) type Answer<T> = Result<T, Fail>;

impl Fail {
    /// Just the code.
    pub(crate) fn new(code: Code) -> Self {
        Self { code, detail: None, errors: Vec::new(), retry_after_ms: None, extra: Map::new() }
    }

    /// With words of its own for this case.
    pub(crate) fn because(code: Code, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(code) }
    }

    /// One field is wrong; `pointer` is a JSON pointer, or the name of a query parameter.
    pub(crate) fn field(code: Code, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let (pointer, detail) = (pointer.into(), detail.into());
        let said = format!("{pointer}: {detail}");
        let errors = vec![FieldProblem { pointer, code: code.as_str().to_owned(), detail }];
        Self { detail: Some(said), errors, ..Self::new(code) }
    }

    /// A member that only this code has.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.extra.insert(name.to_owned(), value);
        self
    }

    /// When to ask again, in milliseconds.
    #[must_use]
    pub(crate) fn retry_after_ms(mut self, ms: u64) -> Self {
        self.retry_after_ms = Some(ms);
        self
    }

    /// Something of ours failed. The cause goes to the log and not to the caller.
    pub(crate) fn internal(doing: &'static str, error: &dyn std::error::Error) -> Self {
        tracing::error!(doing, %error, "a request failed inside");
        Self::new(Code::Internal)
    }

    /// What the pointers point into stands at this place of the body.
    #[must_use]
    pub(crate) fn under(mut self, place: &str) -> Self {
        for error in &mut self.errors {
            error.pointer.insert_str(0, place);
        }
        self
    }

    /// What the pointers call this place is the body itself.
    #[must_use]
    pub(crate) fn out_of(mut self, place: &str) -> Self {
        for error in &mut self.errors {
            if let Some(rest) = error.pointer.strip_prefix(place) {
                error.pointer = rest.to_owned();
            }
        }
        self
    }

    /// The same with other pointers, where `named` knows a better one.
    #[must_use]
    pub(crate) fn repoint(mut self, named: impl Fn(&str) -> Option<String>) -> Self {
        for error in &mut self.errors {
            if let Some(better) = named(&error.pointer) {
                self.detail = Some(format!("{better}: {}", error.detail));
                error.pointer = better;
            }
        }
        self
    }

    /// Whether it is this code.
    pub(crate) fn is(&self, code: Code) -> bool {
        self.code == code
    }

    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The document, for this request.
    pub(super) fn problem(self, instance: &str, request_id: &str) -> Problem {
        let mut problem = Problem::new(self.code);
        problem.detail = self.detail.or(problem.detail);
        problem.instance = Some(instance.to_owned());
        problem.request_id = Some(request_id.to_owned());
        problem.retry_after_ms = self.retry_after_ms.or(problem.retry_after_ms);
        problem.errors = self.errors;
        problem.extra = self.extra;
        problem
    }
}

impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Rejection> for Fail {
    #[expect(clippy::wildcard_enum_match_arm, reason = "most reasons say all by their code")]
    fn from(why: Rejection) -> Self {
        let fail = Self::because(Code::of(&why), why.to_string());
        match why {
            Rejection::FieldInvalid { field, rule } => {
                Self::field(Code::FieldInvalid, api_name(&field), rule)
            }
            Rejection::BasketInvalid { line, problem } => {
                let pointer = format!("/basket/{line}");
                Self::field(Code::BasketInvalid, pointer, problem.to_string())
            }
            Rejection::RestaurantClosed { next_open } => {
                fail.with("next_open", json!(next_open.map(|at| at.to_string())))
            }
            Rejection::TooOften { until } => {
                let ms = until.ms_since(crate::clock::now()).max(1);
                fail.retry_after_ms(u64::try_from(ms).unwrap_or(1))
            }
            Rejection::RestaurantPaused { until } => fail.with("until", json!(until.to_string())),
            Rejection::CourierPaused { until } => {
                fail.with("until", json!(until.map(|until| until.to_string())))
            }
            Rejection::OutOfStock { dishes, options } => {
                fail.with("dishes", json!(dishes)).with("options", json!(options))
            }
            Rejection::SlotFull { next } => {
                let next: Vec<_> = next.iter().map(ToString::to_string).collect();
                fail.with("slots", json!(next))
            }
            Rejection::CouponRefused { problem } => fail.with("why", json!(problem)),
            Rejection::CashBarred { debt } => fail.with("debt", json!(debt)),
            Rejection::TooEarly { from } => fail.with("from", json!(from.to_string())),
            Rejection::PinWrong { tries_left } => fail.with("tries_left", json!(tries_left)),
            Rejection::ProofMissing { needed } => fail.with("needed", json!(needed)),
            Rejection::WebhooksTooMany { at_most }
            | Rejection::ReplaysTooMany { at_most }
            | Rejection::LimitReached { at_most } => fail.with("at_most", json!(at_most)),
            Rejection::OverCaptured { left } => fail.with("left", json!(left)),
            Rejection::QuoteUsed { order_id } => fail.with("order_id", json!(order_id)),
            Rejection::OrderMovedOn { state } => fail.with("state", json!(state)),
            Rejection::OutOfOrder { state } => fail.with("state", json!(state)),
            Rejection::PaymentMovedOn { status } => fail.with("state", json!(status)),
            Rejection::VersionChanged { version } => fail.with("version", json!(version)),
            Rejection::BelowMinimum { minimum } => fail.with("minimum", json!(minimum)),
            _ => fail,
        }
    }
}

/// Some members have another name in the API than in the domain.
fn api_name(field: &str) -> String {
    let field = field.replace("/option_group_ids", "/option_groups");
    let field = field.replace("/dish_ids/", "/dishes/");
    let field = match field.strip_suffix("/dish_id") {
        Some(option) if option.contains("/options/") => format!("{option}/dish"),
        Some(_) | None => field,
    };
    field.replace("/preparation_ms", "/preparation_minutes")
}

impl From<ProposeError> for Fail {
    fn from(error: ProposeError) -> Self {
        match error {
            ProposeError::NotProposed { why, .. } => match why {
                Refusal::NoLeader
                | Refusal::NoQuorum
                | Refusal::Transferring
                | Refusal::Stopped => {
                    Self::because(Code::NoLeader, why.to_string()).retry_after_ms(500)
                }
                Refusal::Overloaded => {
                    Self::because(Code::Shedding, why.to_string()).retry_after_ms(1_000)
                }
                Refusal::TooLarge => Self::because(Code::TooLarge, why.to_string()),
                Refusal::Unreadable => Self::because(Code::Internal, why.to_string()),
            },
            ProposeError::Unknown { why } => Self::because(
                Code::VerdictUnknown,
                format!("{why}; send the same request with the same key again, at any node"),
            )
            .retry_after_ms(500),
        }
    }
}

impl From<ReadError> for Fail {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NoLeader | ReadError::NoQuorum | ReadError::Stopped => {
                Self::because(Code::NoLeader, error.to_string()).retry_after_ms(500)
            }
            ReadError::Behind { .. } => {
                Self::because(Code::Behind, error.to_string()).retry_after_ms(200)
            }
        }
    }
}

impl From<MembershipError> for Fail {
    fn from(error: MembershipError) -> Self {
        match error {
            MembershipError::NotProposed { leader, why } => {
                Self::from(ProposeError::NotProposed { leader, why })
            }
            MembershipError::Invalid(why) => Self::because(Code::FieldInvalid, why),
            MembershipError::Unknown(why) => Self::because(Code::VerdictUnknown, why),
        }
    }
}

impl From<storage::Error> for Fail {
    fn from(error: storage::Error) -> Self {
        Self::internal("reading the store", &error)
    }
}

impl From<crate::vault::NoRandomness> for Fail {
    fn from(error: crate::vault::NoRandomness) -> Self {
        Self::internal("closing personal data", &error)
    }
}

impl From<crate::vault::SealError> for Fail {
    fn from(error: crate::vault::SealError) -> Self {
        use crate::vault::SealError;
        match error {
            SealError::NoRandomness(error) => error.into(),
            SealError::KeyMissing => {
                Self::because(Code::Behind, error.to_string()).retry_after_ms(100)
            }
            SealError::Erased => Self::because(Code::TokenExpired, error.to_string()),
            SealError::Unreadable(error) => error.into(),
        }
    }
}

impl From<crate::vault::NotKept> for Fail {
    fn from(error: crate::vault::NotKept) -> Self {
        use crate::vault::NotKept;
        match error {
            NotKept::NoMajority { .. } => {
                Self::because(Code::NoLeader, error.to_string()).retry_after_ms(500)
            }
            NotKept::NoRandomness(error) => error.into(),
        }
    }
}

impl From<crate::passwords::HashingFailed> for Fail {
    fn from(error: crate::passwords::HashingFailed) -> Self {
        use crate::passwords::HashingFailed;
        match error {
            HashingFailed::Busy => {
                Self::because(Code::Shedding, error.to_string()).retry_after_ms(2_000)
            }
            HashingFailed::Failed => Self::internal("hashing a password", &error),
        }
    }
}
