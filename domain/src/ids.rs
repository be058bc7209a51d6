//! Names of things: 16 bytes, a prefix for people, and a city number up front.
//!
//! An id is never drawn inside the log. It is derived from who asks and the key they gave, so that
//! the same request, sent twice to two nodes, names the same thing (rule 3 of the house).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Which city: the first two bytes of every id, so that any node can tell where an id lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CityNumber(pub u16);

impl fmt::Display for CityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// It does not start with the prefix of its kind.
    #[error("an id of this kind starts with {0}")]
    Prefix(&'static str),
    /// Behind the prefix there must be 26 letters of Crockford's base 32.
    #[error("an id has 26 letters or digits behind its prefix")]
    Letters,
}

/// Crockford's base 32, lower case: no i, l, o, u.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn letters_of(bytes: [u8; 16]) -> [u8; 26] {
    // 130 bits of letters carry 128 bits of id: the two highest bits are zero.
    let mut number = u128::from_be_bytes(bytes);
    let mut out = [0; 26];
    for letter in out.iter_mut().rev() {
        *letter = LETTERS[(number & 31) as usize];
        number >>= 5;
    }
    out
}

fn bytes_of(letters: &[u8]) -> Result<[u8; 16], IdError> {
    if letters.len() != 26 {
        return Err(IdError::Letters);
    }
    let mut number: u128 = 0;
    for (place, letter) in letters.iter().enumerate() {
        let lower = letter.to_ascii_lowercase();
        let digit = LETTERS.iter().position(|l| *l == lower).ok_or(IdError::Letters)? as u128;
        if place == 0 && digit > 7 {
            return Err(IdError::Letters);
        }
        number = (number << 5) | digit;
    }
    Ok(number.to_be_bytes())
}

/// 16 bytes for a name: the city, then 14 bytes of a hash over length-prefixed parts.
///
/// `kind` keeps two kinds of thing apart that are derived from the same parts.
pub fn derive_bytes(city: CityNumber, kind: &str, parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(b"fd1");
    for part in std::iter::once(kind.as_bytes()).chain(parts.iter().copied()) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&city.0.to_be_bytes());
    bytes[2..].copy_from_slice(&digest[..14]);
    bytes
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// What its text starts with.
            pub const PREFIX: &'static str = $prefix;

            /// The id that these parts name, always the same.
            pub fn derive(city: CityNumber, parts: &[&[u8]]) -> Self {
                Self(derive_bytes(city, $prefix, parts))
            }

            /// The city where the thing lives.
            pub fn city(&self) -> CityNumber {
                CityNumber(u16::from_be_bytes([self.0[0], self.0[1]]))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let letters = letters_of(self.0);
                f.write_str($prefix)?;
                f.write_str(std::str::from_utf8(&letters).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let letters = text.strip_prefix($prefix).ok_or(IdError::Prefix($prefix))?;
                bytes_of(letters.as_bytes()).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match to.is_human_readable() {
                    true => to.collect_str(self),
                    false => to.serialize_bytes(&self.0),
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                if from.is_human_readable() {
                    let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
                    return text.parse().map_err(de::Error::custom);
                }
                from.deserialize_bytes(SixteenBytes).map(Self)
            }
        }
    )*};
}

/// Reads the stored form of an id.
struct SixteenBytes;

impl de::Visitor<'_> for SixteenBytes {
    type Value = [u8; 16];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("16 bytes")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<[u8; 16], E> {
        bytes.try_into().map_err(|_| E::invalid_length(bytes.len(), &self))
    }
}

ids! {
    /// A person who can log in.
    AccountId "acc_";
    /// One kitchen at one address.
    RestaurantId "res_";
    /// A thing on the menu.
    DishId "dsh_";
    /// A choice on a dish.
    OptionGroupId "ogr_";
    /// One answer to a choice.
    OptionId "opt_";
    /// A group of dishes on a menu.
    CategoryId "cat_";
    /// A priced basket with an expiry.
    QuoteId "quo_";
    /// A customer's commitment.
    OrderId "ord_";
    /// One attempt at the money of an order.
    PaymentId "pay_";
    /// Money back.
    RefundId "ref_";
    /// Earnings, paid.
    PayoutId "pot_";
    /// The carrying of one order.
    DeliveryId "dlv_";
    /// A delivery shown to one courier with an expiry.
    OfferId "off_";
    /// A courier, by the role and not by the person.
    CourierId "cou_";
    /// One login on one device.
    SessionId "ses_";
    /// Stars and words about one order.
    RatingId "rat_";
    /// Hours of certain dates: a closing, or a special day.
    ClosingId "cls_";
    /// A code that lowers a total.
    CouponId "cpn_";
    /// A polygon with fees.
    ZoneId "zon_";
    /// A complaint that asks for something.
    ClaimId "clm_";
    /// An app that takes messages for somebody.
    DeviceId "dev_";
    /// A door that somebody has saved.
    AddressId "adr_";
    /// A card or wallet that somebody has saved.
    PaymentMethodId "pme_";
    /// One message to one person.
    NoticeId "ntc_";
    /// An address outside that is told of events.
    WebhookId "whk_";
    /// A key of a program.
    ApiKeyId "key_";
    /// A device that orders come from, by the keyed hash of what its app calls it.
    DeviceMark "dmk_";
    /// A card or wallet, by the keyed hash of the gateway's name for it.
    CardMark "cmk_";
    /// A door, by where it is: some metres around it are the same.
    AddressMark "amk_";
    /// Something that looks like fraud, for a person to look at.
    CaseId "fcs_";
}

impl CouponId {
    /// The coupon behind a code. Codes ignore case, and what people type around them.
    pub fn of(city: CityNumber, code: &str) -> Self {
        Self::derive(city, &[code.trim().to_uppercase().as_bytes()])
    }
}

impl PaymentId {
    /// The name of an order's payment; `attempt` counts from 1.
    pub fn of(order_id: OrderId, attempt: u32) -> Self {
        Self::derive(order_id.city(), &[&order_id.0, &attempt.to_be_bytes()])
    }
}

impl DeliveryId {
    /// The name of an order's way to the door.
    pub fn of(order_id: OrderId) -> Self {
        Self::derive(order_id.city(), &[&order_id.0])
    }
}

impl OfferId {
    /// The name of a delivery's offer with this fence.
    pub fn of(delivery_id: DeliveryId, fence: u32) -> Self {
        Self::derive(delivery_id.city(), &[&delivery_id.0, &fence.to_be_bytes()])
    }
}

impl RefundId {
    /// The name of what a claim gives back, where nobody gives it another.
    pub fn of(claim_id: ClaimId) -> Self {
        Self::derive(claim_id.city(), &[&claim_id.0])
    }

    /// The name of what goes back because it was taken without being owed.
    pub fn of_unowed(payment_id: PaymentId) -> Self {
        Self::derive(payment_id.city(), &[&payment_id.0])
    }
}

impl CaseId {
    /// The name of the one case that an order can have.
    pub fn of(order_id: OrderId) -> Self {
        Self::derive(order_id.city(), &[&order_id.0])
    }
}

impl RatingId {
    /// The name of the one rating that an order can have.
    pub fn of(order_id: OrderId) -> Self {
        Self::derive(order_id.city(), &[&order_id.0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_are_the_same_id() {
        let id = OrderId::derive(CityNumber(7), &[b"acc", b"key-1"]);
        let text = id.to_string();
        assert_eq!(text.len(), 4 + 26);
        assert_eq!(text.parse::<OrderId>(), Ok(id));
        assert_eq!(text.to_uppercase().replace("ORD_", "ord_").parse::<OrderId>(), Ok(id));
        assert_eq!(id.city(), CityNumber(7));
        assert_eq!(text.parse::<QuoteId>(), Err(IdError::Prefix("quo_")));
        assert_eq!("ord_123".parse::<OrderId>(), Err(IdError::Letters));
        assert_eq!(format!("ord_{}", "z".repeat(26)).parse::<OrderId>(), Err(IdError::Letters));
    }

    #[test]
    fn parts_are_kept_apart() {
        let city = CityNumber(1);
        assert_ne!(OrderId::derive(city, &[b"ab", b"c"]), OrderId::derive(city, &[b"a", b"bc"]));
        assert_ne!(
            OrderId::derive(city, &[b"a"]).0,
            QuoteId::derive(city, &[b"a"]).0,
            "the kind is part of the name"
        );
    }
}
