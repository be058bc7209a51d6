//! Out of the game, and back in: people, restaurants, couriers, devices and cards.

use crate::wire::Time;
use domain::ids::{AccountId, CardMark, CourierId, DeviceMark, RestaurantId};
use domain::moderation::{BanKind, BanSubject};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /v1/admin/bans`: exactly one of the five is named.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct BanRequest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub account_id: Option<AccountId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub restaurant_id: Option<RestaurantId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub courier_id: Option<CourierId>,
    /// As a fraud case names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "dmk_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub device: Option<DeviceMark>,
    /// As a fraud case names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "cmk_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub card: Option<CardMark>,
    #[schema(example = "asked by the restaurant")]
    pub reason: String,
    /// For good if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
    /// Their open orders do not go on, as far as they can still be called off.
    #[serde(default)]
    pub cancel_open: bool,
}

/// `DELETE /v1/admin/bans`: exactly one of the five is named.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct UnbanRequest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub account_id: Option<AccountId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub restaurant_id: Option<RestaurantId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub courier_id: Option<CourierId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "dmk_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub device: Option<DeviceMark>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "cmk_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub card: Option<CardMark>,
    #[schema(example = "asked by the restaurant")]
    pub reason: String,
}

/// `PATCH /v1/admin/bans`: what the banned say against it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealRequest {
    /// The id of whom or what is banned.
    #[schema(example = "acc_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub subject: String,
    /// As an operator writes it down; the last note stands.
    #[schema(example = "says that the phone was stolen, police report shown")]
    pub note: String,
}

/// A ban that holds.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Ban {
    /// account, restaurant, courier, device or card.
    #[schema(value_type = String, example = "account")]
    pub kind: BanKind,
    /// The id of whom or what.
    #[schema(example = "acc_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub subject: String,
    #[schema(example = "asked by the restaurant")]
    pub reason: String,
    pub banned_at: Time,
    /// For good if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
    /// The operator who said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub by: Option<AccountId>,
    pub cancel_open: bool,
    /// What was said against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "says that the phone was stolen, police report shown")]
    pub appeal: Option<String>,
}

impl BanRequest {
    /// A request about this subject, with nothing else filled in.
    pub fn about(subject: BanSubject) -> Self {
        let UnbanRequest { account_id, restaurant_id, courier_id, device, card, .. } =
            UnbanRequest::about(subject);
        Self { account_id, restaurant_id, courier_id, device, card, ..Self::default() }
    }

    /// Whom or what it names; nothing unless it names exactly one.
    pub fn subject(&self) -> Option<BanSubject> {
        one(self.account_id, self.restaurant_id, self.courier_id, self.device, self.card)
    }
}

impl UnbanRequest {
    /// A request about this subject, with nothing else filled in.
    pub fn about(subject: BanSubject) -> Self {
        let mut request = Self::default();
        match subject {
            BanSubject::Account(id) => request.account_id = Some(id),
            BanSubject::Restaurant(id) => request.restaurant_id = Some(id),
            BanSubject::Courier(id) => request.courier_id = Some(id),
            BanSubject::Device(mark) => request.device = Some(mark),
            BanSubject::Card(mark) => request.card = Some(mark),
        }
        request
    }

    /// Whom or what it names; nothing unless it names exactly one.
    pub fn subject(&self) -> Option<BanSubject> {
        one(self.account_id, self.restaurant_id, self.courier_id, self.device, self.card)
    }
}

fn one(
    account: Option<AccountId>,
    restaurant: Option<RestaurantId>,
    courier: Option<CourierId>,
    device: Option<DeviceMark>,
    card: Option<CardMark>,
) -> Option<BanSubject> {
    let named = [
        account.map(BanSubject::Account),
        restaurant.map(BanSubject::Restaurant),
        courier.map(BanSubject::Courier),
        device.map(BanSubject::Device),
        card.map(BanSubject::Card),
    ];
    let mut named = named.into_iter().flatten();
    named.next().filter(|_| named.next().is_none())
}
