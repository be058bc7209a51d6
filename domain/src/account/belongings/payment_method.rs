//! Ways to pay that somebody need not type in again.

use super::{Belongings, Step, room};
use crate::entry::Stamp;
use crate::field;
use crate::ids::PaymentMethodId;
use crate::limits::SAVED_PAYMENT_METHODS;
use crate::rejection::Rejection;
use crate::sealed::{Digest, Sealed};
use serde::{Deserialize, Serialize};

/// The gateway's name for somebody's card or wallet, and what they know it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPaymentMethod {
    /// Derived from the person and their key.
    pub id: PaymentMethodId,
    /// Token, brand and last digits, closed together.
    pub contents: Sealed,
    /// Of the request that added it.
    pub request: Digest,
    /// The entry that added it.
    pub revision: u64,
}

/// Keeps one more. The first is the default, whatever it says. The same request again is a yes; at
/// most 10.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct AddPaymentMethod {
    pub payment_method_id: PaymentMethodId,
    /// Closed.
    pub contents: Sealed,
    /// Whether it is the default from now on.
    pub preferred: bool,
    pub request: Digest,
}

/// Makes it the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PreferPaymentMethod {
    pub payment_method_id: PaymentMethodId,
}

/// Keeps it no longer. After the default, the one that was added last of those left is the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DropPaymentMethod {
    pub payment_method_id: PaymentMethodId,
}

impl AddPaymentMethod {
    pub(super) fn apply(self, stamp: &Stamp, all: &mut Belongings) -> Result<Step, Rejection> {
        let Self { payment_method_id: id, contents, preferred, request } = self;
        if let Some(there) = all.payment_method(id) {
            return match there.request == request {
                true => Ok(Step::Was(there.revision)),
                false => Err(Rejection::IdReused),
            };
        }
        field::sealed("/token", &contents)?;
        room(all.payment_methods.len(), SAVED_PAYMENT_METHODS)?;
        let revision = stamp.index;
        all.payment_methods.push(SavedPaymentMethod { id, contents, request, revision });
        if preferred || all.default_payment_method.is_none() {
            all.default_payment_method = Some(id);
        }
        Ok(Step::Changed)
    }
}

impl PreferPaymentMethod {
    pub(super) fn apply(self, all: &mut Belongings) -> Result<Step, Rejection> {
        let id = self.payment_method_id;
        if all.payment_method(id).is_none() {
            return Err(Rejection::PaymentMethodUnknown);
        }
        if all.default_payment_method == Some(id) {
            return Ok(Step::Was(all.revision));
        }
        all.default_payment_method = Some(id);
        Ok(Step::Changed)
    }
}

impl DropPaymentMethod {
    pub(super) fn apply(self, all: &mut Belongings) -> Result<Step, Rejection> {
        let id = self.payment_method_id;
        let before = all.payment_methods.len();
        all.payment_methods.retain(|method| method.id != id);
        if all.payment_methods.len() == before {
            return Err(Rejection::PaymentMethodUnknown);
        }
        if all.default_payment_method == Some(id) {
            all.default_payment_method = all.payment_methods.last().map(|method| method.id);
        }
        Ok(Step::Changed)
    }
}
