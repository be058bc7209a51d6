//! What is held about a person: all of it for them, none of it once they are erased.

use crate::accounts::{Me, Session};
use crate::audit::AuditEntry;
use crate::belongings::{Favourites, SavedAddress, SavedPaymentMethod};
use crate::claims::Claim;
use crate::notices::Notifications;
use crate::orders::Order;
use crate::wire::{Money, Time};
use domain::fraud::CaseState;
use domain::ids::{AccountId, DeviceId, OrderId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `DELETE /v1/me`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseOwnRequest {
    /// Once more, so that a lost phone cannot do this.
    #[schema(example = "correct horse battery")]
    pub password: String,
}

/// `POST /v1/admin/people/{account_id}/erase` and `/export`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonRequest {
    /// For the audit chain: the letter that asks for it, say.
    #[schema(example = "letter of 2026-03-01")]
    pub reason: String,
}

/// The proof of an erasure.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Erased {
    /// Whose data it was.
    #[schema(value_type = String)]
    pub account_id: AccountId,
    /// The entry that decided it.
    pub index: u64,
    /// When that was.
    pub at: Time,
    /// The nodes that had destroyed the key before this answer: a majority, and the rest follow
    /// before they serve again. Empty if the person had no key of their own.
    #[schema(example = json!([1, 2, 3]))]
    pub destroyed_at: Vec<u64>,
    /// The entry in the audit chain: its hash covers all that stands before it.
    pub audit: AuditEntry,
}

/// Everything that the city holds about a person, as it is shown to them.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Archive {
    /// Of this layout; members are added and never change.
    #[schema(example = 1)]
    pub format: u32,
    /// When it was made.
    pub made_at: Time,
    /// The log index that it reflects.
    pub index: u64,
    /// Who they are, how they are reached, and their roles.
    pub account: Me,
    /// When they signed up.
    pub signed_up_at: Time,
    /// A ban, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ban: Option<ArchivedBan>,
    /// How they want to be told.
    pub notifications: Notifications,
    /// Apps that take messages for them.
    pub devices: Vec<ArchivedDevice>,
    /// Doors that they have saved.
    #[serde(default)]
    pub addresses: Vec<SavedAddress>,
    /// What they like.
    #[serde(default)]
    pub favourites: Favourites,
    /// Cards and wallets that they have saved. The gateway's names for them are of no use to
    /// anybody but us, and stay here.
    #[serde(default)]
    pub payment_methods: Vec<SavedPaymentMethod>,
    /// What they owe of cash orders.
    pub debt: Money,
    /// Orders that something was charged for.
    pub charged_orders: u32,
    /// Every order with its receipt, address, notes and steps, newest first.
    pub orders: Vec<Order>,
    /// What they thought of these.
    pub ratings: Vec<ArchivedRating>,
    /// Their complaints, newest first, with what was decided and why.
    pub claims: Vec<Claim>,
    /// Where they are logged in.
    #[serde(default)]
    pub sessions: Vec<Session>,
    /// Orders of theirs that rules against fraud held or did not take, newest first.
    #[serde(default)]
    pub reviews: Vec<ArchivedReview>,
}

/// A ban, for whom it concerns.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ArchivedBan {
    /// As operators gave it.
    #[schema(example = "chargebacks")]
    pub reason: String,
    /// Since when.
    pub at: Time,
    /// Until when; for good if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

/// An order that rules against fraud held, and what a person made of it. The rules themselves and
/// what struck are not told: whoever knows them goes around them.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ArchivedReview {
    /// There is no such order if it was not taken.
    #[schema(value_type = String)]
    pub order_id: OrderId,
    /// What it cost.
    pub total: Money,
    /// When it was held or not taken.
    pub at: Time,
    /// open, allowed, denied, or moot if the order ended before anybody had looked.
    #[schema(value_type = String, example = "allowed")]
    pub state: CaseState,
    /// When that was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Time>,
    /// Whether a person decided it; else rules did, or time.
    pub by_person: bool,
    /// As that person gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "known to the kitchen")]
    pub reason: Option<String>,
}

/// An app on a phone.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ArchivedDevice {
    /// Its name here.
    #[schema(value_type = String, example = "dev_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub device_id: DeviceId,
    /// When it was last seen.
    pub renewed_at: Time,
}

/// Stars and words.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ArchivedRating {
    /// Of which order.
    #[schema(value_type = String)]
    pub order_id: OrderId,
    /// For the restaurant; absent if only the courier was rated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 5)]
    pub restaurant: Option<u8>,
    /// For the courier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 4)]
    pub courier: Option<u8>,
    /// In their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Hot and quick")]
    pub text: Option<String>,
    /// When.
    pub rated_at: Time,
}
