//! People: who they are, how they log in, and what they may do.

pub(crate) mod attempts;
pub(crate) mod ban;
pub(crate) mod belongings;
pub(crate) mod code;
pub(crate) mod erase;
pub(crate) mod export;
pub(crate) mod own;
pub(crate) mod password;
pub(crate) mod profile;
pub(crate) mod session;
pub(crate) mod sign_up;
pub(crate) mod staff;
pub(crate) mod tab;

pub use attempts::{AttemptCommand, Attempts, CountWrongPassword};
pub use ban::{BanAccount, UnbanAccount};
pub use belongings::{
    AddAddress, AddPaymentMethod, Belongings, BelongingsChange, ChangeAddress, ChangeBelongings,
    DropAddress, DropPaymentMethod, Favourite, PreferPaymentMethod, SavedAddress,
    SavedPaymentMethod, SetFavourite,
};
pub use code::{CodePurpose, CodeWish, OneTimeCode, SendCode, UseCode};
pub use erase::ErasePerson;
pub use export::ExportPerson;
pub use own::OwnCommand;
pub use password::SetPassword;
pub use profile::ChangeProfile;
pub use session::{CloseAllSessions, CloseSession, OpenSession, RotateSession};
pub use sign_up::SignUp;
pub use staff::GrantStaff;
pub use tab::{ClearDebt, Cleared, Tab};

use crate::ids::{AccountId, CourierId, RestaurantId, SessionId};
use crate::moderation::Ban;
use crate::sealed::{Digest, KeyName, Sealed};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What `Account::request` is once its password is another one: no request has this digest, so that
/// the body that signed up is no repeat any more.
pub(crate) const NO_REQUEST: Digest = Digest([0; 32]);

/// A person who can log in. Everybody can order; the other roles are granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Derived from the login that signed up.
    pub id: AccountId,
    /// Keyed hash of the normalised phone number or mail address.
    pub login: Digest,
    /// The same, closed.
    pub contact: Sealed,
    /// As they want to be called, closed.
    pub name: Sealed,
    /// PHC string of an Argon2id hash: made before the log, never in clear.
    pub password: String,
    /// BCP 47, for messages.
    pub locale: Option<String>,
    /// When they signed up.
    pub created_at: Timestamp,
    /// The entry that signed them up.
    pub created_index: u64,
    /// SHA-256 of the request that signed them up: tells a repeat from somebody else's attempt.
    /// Zero once they have another password: that request is no repeat any more.
    pub request: Digest,
    /// Raised by a ban and by "log out everywhere": older tokens end.
    pub epoch: u32,
    /// Why they may do nothing, if so.
    pub ban: Option<Ban>,
    /// Where they work.
    pub staff: BTreeMap<RestaurantId, StaffRole>,
    /// The courier that they are.
    pub courier: Option<CourierId>,
    /// What they do for the platform.
    pub operator: Option<OperatorRole>,
    /// What their data is closed with. Nothing for those of before keys of their own, and for the
    /// founder: the city's key closes theirs.
    #[serde(default)]
    pub key: Option<KeyName>,
    /// When they were erased, if so. What is left of them then is this record without its data.
    #[serde(default)]
    pub erased: Option<Erased>,
    /// When somebody first read a code that was sent to the contact: it is theirs.
    #[serde(default)]
    pub verified_at: Option<Timestamp>,
    /// The entry that wrote this record last.
    pub revision: u64,
}

impl Account {
    /// Whether there is somebody behind it.
    pub fn is_anybody(&self) -> bool {
        self.erased.is_none()
    }

    /// Whether a ban holds at this moment.
    pub fn is_banned_at(&self, at: Timestamp) -> bool {
        self.ban.as_ref().is_some_and(|ban| ban.holds_at(at))
    }
}

/// An erasure that holds for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// When it was decided.
    pub at: Timestamp,
    /// The entry that decided it.
    pub index: u64,
}

/// What somebody may do at a restaurant; each includes what stands above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffRole {
    /// Sees and moves orders.
    Kitchen,
    /// Also edits the menu and the profile.
    Manager,
    /// Also decides who works there.
    Owner,
}

/// What somebody may do for the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorRole {
    /// May look.
    Auditor,
    /// May help with orders.
    Support,
    /// May do everything.
    Operator,
}

/// One login on one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// Whose.
    pub account_id: AccountId,
    /// SHA-256 of the refresh token that is good now.
    pub refresh: Digest,
    /// Of the one before: a lost answer may be asked for again for 30 seconds.
    pub previous: Option<PreviousRefresh>,
    /// Its first moment.
    pub opened_at: Timestamp,
    /// Its last.
    pub ends_at: Timestamp,
    /// The account's epoch when it was opened: a higher one there has ended this session.
    pub epoch: u32,
    /// What the device calls itself, closed; empty if it said nothing.
    #[serde(default)]
    pub device: Sealed,
    /// When it last asked for fresh tokens.
    #[serde(default)]
    pub seen_at: Option<Timestamp>,
    /// The entry that wrote this record last.
    pub revision: u64,
}

/// The refresh token that was replaced last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousRefresh {
    /// SHA-256 of it.
    pub refresh: Digest,
    /// When it was replaced.
    pub replaced_at: Timestamp,
}
