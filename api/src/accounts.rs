//! People: signing up, logging in, staying logged in.

use crate::wire::Time;
use domain::account::{CodePurpose, StaffRole};
use domain::ids::{AccountId, CourierId, RestaurantId, SessionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /signup`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct SignupRequest {
    #[schema(example = "Ana")]
    pub name: String,
    /// International form; this or `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "+34600000001")]
    pub phone: Option<String>,
    /// This or `phone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "ana@example.org")]
    pub email: Option<String>,
    /// At least 8 characters.
    #[schema(min_length = 8, example = "correct horse battery")]
    pub password: String,
    /// BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "pt")]
    pub locale: Option<String>,
}

/// The answer to a signup.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct SignupAnswer {
    #[schema(value_type = String)]
    pub account_id: AccountId,
    #[serde(flatten)]
    pub tokens: Tokens,
}

/// `POST /login`, `/restaurant/login`, `/delivery/login`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// The phone number or mail address.
    #[schema(example = "+34600000001")]
    pub login: String,
    /// The password.
    #[schema(example = "correct horse battery")]
    pub password: String,
}

/// What a login gives.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Tokens {
    /// Send it as `Authorization: Bearer`.
    #[schema(example = "eyJhbGciOiJFZERTQSJ9.e30.c2ln")]
    pub access_token: String,
    /// Good once, for the next pair.
    #[schema(example = "r_2d0f7c1b9a")]
    pub refresh_token: String,
    /// Seconds until the access token ends.
    #[schema(example = 600)]
    pub expires_in: i64,
}

/// The answer to `POST /login`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct LoginAnswer {
    #[schema(value_type = String)]
    pub account_id: AccountId,
    #[serde(flatten)]
    pub tokens: Tokens,
}

/// The answer to `POST /restaurant/login`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct StaffLoginAnswer {
    #[schema(value_type = String)]
    pub account_id: AccountId,
    #[serde(flatten)]
    pub tokens: Tokens,
    /// Where this person works.
    pub restaurants: Vec<Workplace>,
}

/// A restaurant where somebody works.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Workplace {
    #[schema(value_type = String)]
    pub restaurant_id: RestaurantId,
    #[schema(example = "Ramen Bar")]
    pub name: String,
    #[schema(value_type = String, example = "manager")]
    pub role: StaffRole,
}

/// The answer to `POST /delivery/login`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct CourierLoginAnswer {
    #[schema(value_type = String)]
    pub account_id: AccountId,
    #[serde(flatten)]
    pub tokens: Tokens,
    #[schema(value_type = String)]
    pub courier_id: CourierId,
    pub approved: bool,
    pub online: bool,
}

/// `POST /v1/token/refresh`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RefreshRequest {
    #[schema(example = "r_2d0f7c1b9a")]
    pub refresh_token: String,
}

/// `POST /v1/otp`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    /// A phone number with + or a mail address: the code goes there.
    #[schema(example = "+34600000001")]
    pub login: String,
    /// log_in, sign_up or reset: it is good for nothing else.
    #[schema(value_type = String, example = "log_in")]
    pub purpose: CodePurpose,
}

/// `POST /v1/otp/verify`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    /// Where the code was sent.
    #[schema(example = "+34600000001")]
    pub login: String,
    /// log_in or sign_up.
    #[schema(value_type = String, example = "log_in")]
    pub purpose: CodePurpose,
    /// Six digits.
    #[schema(example = "482913")]
    pub code: String,
    /// Who signs up.
    #[schema(example = "Ana")]
    pub name: Option<String>,
    /// The language to be told in.
    #[schema(example = "pt")]
    pub locale: Option<String>,
}

/// `POST /v1/guest`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuestRequest {
    /// Where the code was sent, in international form.
    #[schema(example = "+34600000001")]
    pub phone: String,
    /// Six digits.
    #[schema(example = "482913")]
    pub code: String,
    /// Who the food is for.
    #[schema(example = "Ana")]
    pub name: String,
    /// The language to be told in, BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "pt")]
    pub locale: Option<String>,
}

/// `POST /v1/password/reset`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetRequest {
    /// Where the code was sent.
    #[schema(example = "+34600000001")]
    pub login: String,
    /// Six digits.
    #[schema(example = "482913")]
    pub code: String,
    /// The new one: at least 8 characters, and none of those that everybody tries first.
    #[schema(min_length = 8, example = "wrong horse stable")]
    pub password: String,
}

/// `PUT /v1/me/password`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordRequest {
    /// The one that holds now.
    #[schema(example = "correct horse battery")]
    pub old: String,
    /// At least 8 characters, and none of those that everybody tries first.
    #[schema(min_length = 8, example = "wrong horse stable")]
    pub new: String,
}

/// `GET /v1/me/sessions`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Sessions {
    /// Every login that goes on.
    pub sessions: Vec<Session>,
}

/// One login on one device.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Its name.
    #[schema(value_type = String)]
    pub session_id: SessionId,
    /// What the device called itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "fd-app/1.4 (Android 16)")]
    pub device: Option<String>,
    /// Since when.
    pub opened_at: Time,
    /// When it last asked for fresh tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Time>,
    /// When it ends by itself.
    pub ends_at: Time,
    /// Whether it is the one that asks.
    pub this_login: bool,
}

/// `GET /v1/me`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Me {
    #[schema(value_type = String)]
    pub account_id: AccountId,
    #[schema(example = "Ramen Bar")]
    pub name: Option<String>,
    #[schema(example = "ana@example.org")]
    pub contact: Option<String>,
    /// Whether a code that was sent to the contact has come back.
    #[serde(default)]
    pub verified: bool,
    #[schema(example = "pt")]
    pub locale: Option<String>,
    #[schema(value_type = Option<String>)]
    pub courier_id: Option<CourierId>,
    pub restaurants: Vec<Workplace>,
    /// What this person does for the platform.
    #[schema(example = "support")]
    pub operator: Option<String>,
}

/// `PATCH /v1/me`: what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeChange {
    /// As you want to be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Ana")]
    pub name: Option<String>,
    /// BCP 47; empty takes it away, and the city's language is yours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "pt")]
    pub locale: Option<String>,
}

/// `POST /v1/restaurant/{id}/staff`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct StaffRequest {
    #[schema(value_type = String)]
    pub account_id: AccountId,
    /// kitchen, manager or owner; nothing takes the role away.
    #[schema(value_type = Option<String>, example = "kitchen")]
    pub role: Option<StaffRole>,
}
