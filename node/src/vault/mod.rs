//! (5.11) Personal data: closed before it enters the log, opened only to show it to those who may
//! see it.
//!
//! Each person has a key of their own. It never enters the log: it lies, wrapped, in a small file
//! beside the store of every node, and goes from node to node by itself. Whoever is erased loses
//! that key everywhere, and what the log, snapshots and backups of the state still hold of them is
//! noise (docs/adr/0018-vault.md). What belongs to no person (a restaurant's phone, a webhook's
//! secret) is closed with the city's key.

mod city;
mod peers;
mod people;
mod slots;
mod wrapping;

pub(crate) use city::{CityKeys, NoRandomness};
pub(crate) use peers::{Keeper, NotKept};
pub(crate) use people::{People, SealError};

use city::{BY_THE_CITY, shape};
use domain::ids::{AccountId, OrderId};
use domain::order::{Pin, PinKind, Pins};
use domain::sealed::Sealed;
use std::ops::Deref;

/// What a node can close and open. Cheap to clone; shows nothing of itself. Whatever concerns no
/// person is asked of the [`CityKeys`] in it.
#[derive(Clone, Debug)]
pub(crate) struct Vault {
    city: CityKeys,
    people: People,
}

impl Deref for Vault {
    type Target = CityKeys;

    fn deref(&self) -> &CityKeys {
        &self.city
    }
}

impl Vault {
    /// With the city's keys and those of its people.
    pub(crate) fn new(city: CityKeys, people: People) -> Self {
        Self { city, people }
    }

    /// The keys of people.
    pub(crate) fn people(&self) -> &People {
        &self.people
    }

    /// Closes a value of one person; it opens only under the same person's name.
    ///
    /// # Errors
    /// If this node has not their key, not yet or never again.
    pub(crate) fn seal(&self, owner: AccountId, plain: &str) -> Result<Sealed, SealError> {
        self.seal_bytes(owner, plain.as_bytes())
    }

    /// The same for what is no text: pictures.
    ///
    /// # Errors
    /// As [`Self::seal`].
    pub(crate) fn seal_bytes(&self, owner: AccountId, plain: &[u8]) -> Result<Sealed, SealError> {
        match self.people.seal(owner, plain)? {
            Some(sealed) => Ok(sealed),
            // From before people had keys of their own, and the founder.
            None => Ok(self.city.seal_bytes_for_city(owner, plain)?),
        }
    }

    /// Opens it again; nothing if it was closed for somebody else, if they are erased, or if their
    /// key is still on its way to this node.
    pub(crate) fn open(&self, owner: AccountId, sealed: &Sealed) -> Option<String> {
        String::from_utf8(self.open_bytes(owner, sealed)?).ok()
    }

    /// The same for what is no text.
    pub(crate) fn open_bytes(&self, owner: AccountId, sealed: &Sealed) -> Option<Vec<u8>> {
        match sealed.0.first() {
            Some(&BY_THE_CITY) => self.city.open_bytes_of_city(owner, sealed),
            Some(_) => self.people.open_sealed(owner, sealed),
            None => None,
        }
    }

    /// Fresh numbers for an order; `apply` keeps those that it needs. Each is there twice: closed
    /// under the customer's name, to be shown, and as a keyed hash, to be compared.
    ///
    /// # Errors
    /// As [`Self::seal`].
    pub(crate) fn draw_pins(
        &self,
        order_id: OrderId,
        customer: AccountId,
    ) -> Result<Pins, SealError> {
        let draw = |kind: PinKind| -> Result<Option<Pin>, SealError> {
            let (length, _) = shape(kind);
            // Of 64 bits, so that no number is likelier than another by more than one in 2^44.
            let drawn = u64::from_be_bytes(self.random()?) % 10u64.pow(length);
            let digits = format!("{drawn:0width$}", width = length as usize);
            let digest = self.pin_digest(order_id, kind, &digits);
            Ok(Some(Pin { digest, sealed: self.seal(customer, &digits)? }))
        };
        Ok(Pins {
            pickup: draw(PinKind::Pickup)?,
            door: draw(PinKind::Door)?,
            handover: draw(PinKind::HandOver)?,
            ..Pins::default()
        })
    }
}

/// A vault over a store of its own in which these people have signed up.
#[cfg(test)]
pub(crate) fn of_people(dir: &std::path::Path, people: &[AccountId]) -> Vault {
    use domain::account::{Account, Erased};
    use domain::time::Timestamp;
    let (writer, reader) =
        storage::open(&dir.join("state"), &storage::Settings::default()).unwrap();
    let keys = People::open(&dir.join("vault/keys"), &[[7; 32]], reader).unwrap();
    let mut batch = writer.begin();
    for (number, id) in (1u64..).zip(people) {
        let name = domain::sealed::KeyName(id.0);
        let wrapped = keys.wrap(name, &[number as u8; 32]).unwrap();
        assert_eq!(keys.keep(vec![(name, wrapped)]).unwrap(), [name]);
        let account = Account {
            id: *id,
            login: domain::sealed::Digest([number as u8; 32]),
            contact: Sealed::default(),
            name: Sealed::default(),
            password: String::new(),
            locale: None,
            created_at: Timestamp(0),
            created_index: number,
            request: domain::sealed::Digest([0; 32]),
            epoch: 0,
            ban: None,
            staff: Default::default(),
            courier: None,
            operator: None,
            key: Some(name),
            erased: None::<Erased>,
            verified_at: None,
            revision: number,
        };
        let stamp = domain::Stamp { index: number, at: Timestamp(0) };
        let proposal = domain::Proposal {
            actor: domain::Actor::System,
            request_id: String::new(),
            command: domain::Command::UnbanAccount(domain::account::UnbanAccount {
                account_id: *id,
                reason: String::new(),
            }),
        };
        let outcome = domain::Outcome {
            verdict: domain::Verdict::Yes { changed: true, index: number },
            writes: vec![domain::Write::Account(std::sync::Arc::new(account))],
            events: Vec::new(),
        };
        batch.record(&stamp, b"", &proposal, outcome).unwrap();
    }
    batch.commit().unwrap();
    Vault::new(CityKeys::new(&[7; 32]), keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::sealed::KeyName;

    const ALICE: AccountId = AccountId([1; 16]);
    const BOB: AccountId = AccountId([2; 16]);

    #[test]
    fn opens_for_its_owner_only_and_not_without_their_key() {
        let dir = tempfile::tempdir().unwrap();
        let vault = of_people(dir.path(), &[ALICE, BOB]);
        let sealed = vault.seal(ALICE, "Alice, 3rd floor").unwrap();
        assert_eq!(vault.open(ALICE, &sealed).as_deref(), Some("Alice, 3rd floor"));
        assert_eq!(vault.open(BOB, &sealed), None);
        assert_ne!(vault.seal(ALICE, "Alice, 3rd floor").unwrap(), sealed, "a nonce each time");
        let mut damaged = sealed.clone();
        damaged.0[20] ^= 1;
        assert_eq!(vault.open(ALICE, &damaged), None);
        assert_eq!(vault.open(ALICE, &Sealed(vec![])), None);

        vault.people().destroy(KeyName(ALICE.0)).unwrap();
        assert_eq!(vault.open(ALICE, &sealed), None, "not from what was remembered either");
        let bobs = vault.seal(BOB, "Bob").unwrap();
        assert_eq!(vault.open(BOB, &bobs).as_deref(), Some("Bob"));
        let nobody = vault.seal(AccountId([9; 16]), "who?");
        assert!(matches!(nobody, Err(SealError::KeyMissing)), "{nobody:?}");
    }

    #[test]
    fn numbers_are_shown_to_their_customer_and_compared_by_hash() {
        let dir = tempfile::tempdir().unwrap();
        let vault = of_people(dir.path(), &[ALICE]);
        let (order, other) = (OrderId([1; 16]), OrderId([2; 16]));
        let pins = vault.draw_pins(order, ALICE).unwrap();
        let pickup = pins.pickup.unwrap();
        let digits = vault.open(ALICE, &pickup.sealed).unwrap();
        assert_eq!(digits.len(), 6);
        assert!(digits.bytes().all(|byte| byte.is_ascii_digit()));
        let said = format!(" {digits} ");
        assert_eq!(vault.pin_digest(order, PinKind::Pickup, &said), pickup.digest);
        assert_ne!(vault.pin_digest(other, PinKind::Pickup, &digits), pickup.digest);
        assert_ne!(vault.pin_digest(order, PinKind::Door, &digits), pickup.digest);
        assert_eq!(vault.open(ALICE, &pins.door.unwrap().sealed).unwrap().len(), 4);
        assert_eq!(vault.open(ALICE, &pins.handover.unwrap().sealed).unwrap().len(), 4);
    }
}
