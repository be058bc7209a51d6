//! Ways to pay: as an order names one, and those that somebody has saved.

use super::addresses::{decide, opened_text};
use super::auth::Person;
use super::body::Keyed;
use super::cards;
use super::error::{Answer, Fail};
use super::frame::{KEY, Key};
use super::params;
use super::reading::{FdIndex, Read, Reads};
use super::writing::{Done, Log};
use crate::vault::Vault;
use api::belongings as shape;
use api::codes::Code;
use api::orders::{Payment, PaymentMethod};
use api::problem::Problem;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::account::{
    AddPaymentMethod, Belongings, BelongingsChange, DropPaymentMethod, PreferPaymentMethod,
    SavedPaymentMethod,
};
use domain::ids::{AccountId, CityNumber, PaymentMethodId};
use domain::limits::NAME_LETTERS;
use domain::payment::Method;
use domain::sealed::Sealed;
use serde::{Deserialize, Serialize};

/// The longest token of a gateway, in bytes.
const TOKEN_BYTES: usize = 255;
/// The digits that a card is told by.
const SHOWN_DIGITS: usize = 4;

/// What is closed of a saved way to pay: all of it.
#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    method: PaymentMethod,
    token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    brand: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_four: Option<String>,
}

/// My cards and wallets
///
/// Told by brand and last digits; the gateway's tokens are shown to nobody.
#[utoipa::path(get, path = "/me/payment-methods", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = shape::SavedPaymentMethods, description = "All of them"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn list(
    State(vault): State<Vault>,
    person: Person,
    reads: Reads,
) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let payment_methods = match view.belongings(person.account.id)? {
        Some(all) => all_shown(&vault, &all)?,
        None => Vec::new(),
    };
    Ok((FdIndex(index), axum::Json(shape::SavedPaymentMethods { payment_methods })))
}

/// Save a card or wallet
///
/// By the gateway's token for it, never by its number. At most 10; the first is the default. With
/// an Idempotency-Key the same request again is the same one.
#[utoipa::path(post, path = "/me/payment-methods", tag = "accounts", security(("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it repeatable")),
    request_body = shape::PaymentMethodRequest,
    responses((status = 201, body = shape::SavedPaymentMethod,
            description = "Saved, now or before"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn add(
    State(vault): State<Vault>,
    State(city): State<CityNumber>,
    person: Person,
    log: Log,
    reads: Reads,
    Keyed { body, key, request }: Keyed<shape::PaymentMethodRequest>,
) -> Answer<impl IntoResponse> {
    let key = Key::or_drawn(key, &vault)?;
    let owner = person.account.id;
    let payment_method_id = PaymentMethodId::derive(city, &[&owner.0, key.text.as_bytes()]);
    let preferred = body.default;
    let contents = closed(&vault, owner, body)?;
    let wish = AddPaymentMethod { payment_method_id, contents, preferred, request };
    let done = decide(&log, &person, BelongingsChange::AddPaymentMethod(wish)).await?;
    let answer = written(&vault, &reads, done, owner, payment_method_id).await?;
    Ok((StatusCode::CREATED, [(KEY, key.text)], done, axum::Json(answer)))
}

/// Pay with this one from now on
///
/// Where an order names no other way to pay.
#[utoipa::path(put, path = "/me/payment-methods/{id}/default", tag = "accounts",
    security(("bearer" = [])), params(("id" = String, Path, description = "pme_..")),
    responses((status = 200, body = shape::SavedPaymentMethod, description = "The default"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn prefer(
    State(vault): State<Vault>,
    person: Person,
    log: Log,
    reads: Reads,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let payment_method_id = params::id(&id, Code::PaymentMethodUnknown)?;
    let wish = BelongingsChange::PreferPaymentMethod(PreferPaymentMethod { payment_method_id });
    let done = decide(&log, &person, wish).await?;
    let answer = written(&vault, &reads, done, person.account.id, payment_method_id).await?;
    Ok((done, axum::Json(answer)))
}

/// Forget a card or wallet
///
/// After the default, the one that was saved last of those left is the default. What was paid with
/// it stays paid.
#[utoipa::path(delete, path = "/me/payment-methods/{id}", tag = "accounts",
    security(("bearer" = [])), params(("id" = String, Path, description = "pme_..")),
    responses((status = 204, description = "It is forgotten"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn remove(
    person: Person,
    log: Log,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let payment_method_id = params::id(&id, Code::PaymentMethodUnknown)?;
    let wish = BelongingsChange::DropPaymentMethod(DropPaymentMethod { payment_method_id });
    let done = decide(&log, &person, wish).await?;
    Ok((StatusCode::NO_CONTENT, done, ()))
}

async fn written(
    vault: &Vault,
    reads: &Reads,
    done: Done,
    owner: AccountId,
    id: PaymentMethodId,
) -> Answer<shape::SavedPaymentMethod> {
    let view = reads.after_write(done.index).await?.view;
    let all = view.belongings(owner)?;
    let found = all.as_ref().and_then(|all| Some((all, all.payment_method(id)?)));
    // Forgotten again by another request a moment ago.
    let (all, method) = found.ok_or_else(|| Fail::new(Code::PaymentMethodUnknown))?;
    shown(vault, all, method)
}

fn closed(vault: &Vault, owner: AccountId, body: shape::PaymentMethodRequest) -> Answer<Sealed> {
    let shape::PaymentMethodRequest { method, token, brand, last_four, default: _ } = body;
    if method == PaymentMethod::Cash {
        return Err(Fail::field(Code::FieldInvalid, "/method", "is card or wallet"));
    }
    let token = checked("/token", token)?;
    if brand.as_ref().is_some_and(|brand| brand.chars().count() > NAME_LETTERS) {
        return Err(Fail::field(Code::FieldInvalid, "/brand", "is at most 200 letters"));
    }
    let four = |digits: &String| {
        digits.len() == SHOWN_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    if last_four.as_ref().is_some_and(|digits| !four(digits)) {
        return Err(Fail::field(Code::FieldInvalid, "/last_four", "is the last four digits"));
    }
    let text = serde_json::to_string(&Contents { method, token, brand, last_four })
        .map_err(|error| Fail::internal("closing a payment method", &error))?;
    Ok(vault.seal(owner, &text)?)
}

fn opened(vault: &Vault, owner: AccountId, method: &SavedPaymentMethod) -> Answer<Contents> {
    let text = opened_text(vault, owner, &method.contents)?;
    serde_json::from_str(&text).map_err(|error| Fail::internal("opening a payment method", &error))
}

/// All that somebody has saved, as they see it.
pub(super) fn all_shown(vault: &Vault, all: &Belongings) -> Answer<Vec<shape::SavedPaymentMethod>> {
    all.payment_methods.iter().map(|method| shown(vault, all, method)).collect()
}

fn shown(
    vault: &Vault,
    all: &Belongings,
    saved: &SavedPaymentMethod,
) -> Answer<shape::SavedPaymentMethod> {
    let Contents { method, brand, last_four, token: _ } = opened(vault, all.account_id, saved)?;
    let default = all.default_payment_method == Some(saved.id);
    let payment_method_id = saved.id;
    Ok(shape::SavedPaymentMethod { payment_method_id, method, brand, last_four, default })
}

/// The way to pay that a body names, or the default of those that the customer has saved.
pub(super) fn chosen(
    vault: &Vault,
    customer: AccountId,
    saved: Option<&Belongings>,
    named: Option<&Payment>,
) -> Answer<Method> {
    if let Some(payment) = named {
        return method(payment);
    }
    let default = saved.and_then(|all| all.payment_method(all.default_payment_method?));
    let Some(default) = default else {
        let rule = "is required, since you have saved no card or wallet: send one, or save one \
            with POST /v1/me/payment-methods";
        return Err(Fail::field(Code::FieldInvalid, "/payment", rule));
    };
    let Contents { method, token, .. } = opened(vault, customer, default)?;
    Ok(match method {
        PaymentMethod::Card => Method::Card { token },
        PaymentMethod::Wallet => Method::Wallet { token },
        PaymentMethod::Cash => Method::Cash,
    })
}

/// The way to pay that a body names.
pub(super) fn method(payment: &Payment) -> Answer<Method> {
    let token = || checked("/payment/token", payment.token.clone().unwrap_or_default());
    match payment.method {
        PaymentMethod::Card => Ok(Method::Card { token: token()? }),
        PaymentMethod::Wallet => Ok(Method::Wallet { token: token()? }),
        PaymentMethod::Cash => Ok(Method::Cash),
    }
}

fn checked(pointer: &str, token: String) -> Answer<String> {
    if token.is_empty() || token.len() > TOKEN_BYTES {
        let rule = "is the gateway's token for the card or wallet";
        return Err(Fail::field(Code::FieldInvalid, pointer, rule));
    }
    if cards::is_one(&token) {
        let rule = "is a gateway's token; card numbers must never be sent here";
        return Err(Fail::field(Code::FieldInvalid, pointer, rule));
    }
    Ok(token)
}
