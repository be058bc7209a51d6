//! Keys of programs.

use crate::wire::Time;
use domain::ids::{AccountId, ApiKeyId, RestaurantId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum KeyScope {
    /// See the orders of a kitchen and move them on.
    Orders,
    /// Edit the menu.
    Menu,
    /// Say what there is, and whether the kitchen takes orders.
    Stock,
    /// Make and change webhooks.
    Webhooks,
    /// Read the change feed.
    Events,
}

/// `POST /v1/keys`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What people call it.
    #[schema(example = "till at the counter")]
    pub label: String,
    /// What it opens, at least one.
    #[schema(example = json!(["orders", "stock"]))]
    pub scopes: BTreeSet<KeyScope>,
    /// The restaurant that it is for; the whole city, for operators, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "res_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub restaurant_id: Option<RestaurantId>,
    /// When it ends by itself; never if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
    /// The key that it takes over from: that one ends a day later, so that programs can change over
    /// one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "key_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub replaces: Option<ApiKeyId>,
}

/// A key, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// Its id, which is no secret.
    #[schema(value_type = String, example = "key_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub key_id: ApiKeyId,
    /// What people call it.
    #[schema(example = "till at the counter")]
    pub label: String,
    /// What it opens.
    pub scopes: BTreeSet<KeyScope>,
    /// The restaurant that it is for; the whole city if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "res_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub restaurant_id: Option<RestaurantId>,
    /// Who made it, and answers for it.
    #[schema(value_type = String, example = "acc_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub made_by: AccountId,
    /// When.
    pub made_at: Time,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
}

/// A new key. What is sent as `Authorization: Bearer` is shown in this answer and nowhere else.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NewKeyAnswer {
    /// The key.
    pub key: Key,
    /// What programs send; absent when the same request was answered before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "fdk_AAEC")]
    pub bearer: Option<String>,
}

/// `GET /v1/keys`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Keys {
    /// All of one owner, the oldest first.
    pub data: Vec<Key>,
}
