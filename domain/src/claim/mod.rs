//! Complaints that ask for something, from the customer's word to the money back.

pub(crate) mod answer;
pub(crate) mod make;
pub(crate) mod settle;

pub use answer::AnswerClaim;
pub use make::MakeClaim;
pub use settle::SettleClaim;

use crate::ids::{AccountId, ClaimId, OrderId, RefundId, RestaurantId};
use crate::image::ImageHash;
use crate::money::Money;
use crate::order::Fault;
use crate::sealed::{Digest, Sealed};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A complaint about one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Claim {
    pub id: ClaimId,
    pub order_id: OrderId,
    pub customer_id: AccountId,
    pub restaurant_id: RestaurantId,
    pub kind: ClaimKind,
    /// What it is about; empty for the whole order.
    pub lines: Vec<ClaimLine>,
    pub photos: Vec<ImageHash>,
    /// What the customer says, closed.
    pub text: Sealed,
    /// What it asks for, by the receipt.
    pub asked: Money,
    pub status: ClaimStatus,
    /// What the restaurant said.
    pub answer: Option<String>,
    /// What the operator said who decided it.
    #[serde(default)]
    pub decision: Option<String>,
    pub made_at: Timestamp,
    pub made_index: u64,
    /// SHA-256 of the request that made it.
    pub request: Digest,
    pub revision: u64,
}

/// So many of one line of the receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ClaimLine {
    /// Its place on the receipt, from 0.
    pub line: u32,
    pub quantity: u32,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ClaimKind {
    Missing,
    Wrong,
    Quality,
    Late,
    NeverCame,
    Allergy,
}

/// Where a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ClaimStatus {
    /// The restaurant has not answered. Names the deadline `ClaimAnswerBy`.
    Open { answer_by: Timestamp },
    /// The restaurant says no, or it is not the restaurant's to decide: an operator does.
    Contested,
    /// The customer gets something.
    Settled { amount: Money, fault: Fault, refund_id: Option<RefundId> },
    /// The customer gets nothing.
    Refused,
}

/// A state without its particulars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ClaimState {
    Open,
    Contested,
    Settled,
    Refused,
}

impl ClaimState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Contested, Self::Settled, Self::Refused];
}

impl ClaimStatus {
    /// The state without its particulars.
    pub fn state(&self) -> ClaimState {
        match self {
            Self::Open { .. } => ClaimState::Open,
            Self::Contested => ClaimState::Contested,
            Self::Settled { .. } => ClaimState::Settled,
            Self::Refused => ClaimState::Refused,
        }
    }
}
