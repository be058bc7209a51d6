//! From "the kitchen" and "the customer" to people with contacts and languages.

use super::Letter;
use super::words::{Blanks, Language, filled, short_number, time_of_day};
use crate::node::Facts;
use crate::vault::Vault;
use domain::Cursor;
use domain::account::{Account, OperatorRole, StaffRole};
use domain::ids::{AccountId, NoticeId, RestaurantId};
use domain::limits::NOTICE_PEOPLE;
use domain::notice::{
    About, Channel, Device, Ear, Notice, NoticeKind, Planned, Preferences, Reach, Recipient, Whom,
    is_wanted, not_before, way,
};
use domain::restaurant::Restaurant;
use domain::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::CityView;

/// What is known of people at one moment.
pub(crate) struct People<'a> {
    /// The city.
    pub view: &'a CityView,
    /// Opens contacts.
    pub vault: &'a Vault,
    /// What the city is called, its currency, zone and language.
    pub facts: &'a Facts,
    /// Now.
    pub now: Timestamp,
}

/// Somebody, with what they have chosen.
struct Person {
    account: Arc<Account>,
    preferences: Arc<Preferences>,
}

impl People<'_> {
    /// One message for each person whom a plan means, by the way that they want: never tried, and
    /// due when it may go. `offered` are the channels of this city.
    ///
    /// # Errors
    /// The database could not be read.
    pub(crate) fn addressed(
        &self,
        event: Cursor,
        at: Timestamp,
        planned: &Planned,
        offered: &BTreeSet<Channel>,
    ) -> Result<Vec<Notice>, storage::Error> {
        let Planned { kind, whom, about } = *planned;
        let mut all = Vec::new();
        let mut add = |to: Recipient, channel: Channel, next_at: Timestamp| {
            let id = NoticeId::of(self.facts.city_number, event, to, channel);
            let (next_at, error) = (Some(next_at), None);
            let (tries, revision) = (0, 0);
            all.push(Notice {
                id,
                event,
                at,
                kind,
                about,
                to,
                channel,
                tries,
                next_at,
                error,
                revision,
            });
        };
        if let Some((restaurant_id, channel)) = self.by_house_phone(kind, whom, offered)? {
            add(Recipient::Restaurant(restaurant_id), channel, self.now);
            return Ok(all);
        }
        for person in self.people(kind, whom)? {
            let Person { account, preferences } = &person;
            let devices = self.open_devices(account, preferences)?;
            if devices.is_empty() && kind.reach() == Reach::Apps {
                continue;
            }
            let ear = self.ear(account, !devices.is_empty());
            let Some(channel) = way(kind, preferences, ear, offered) else { continue };
            let then = not_before(kind, preferences, self.now, &self.facts.time_zone);
            if channel == Channel::Push {
                for device in devices {
                    add(Recipient::Device(account.id, device.id), channel, then);
                }
            } else {
                add(Recipient::Account(account.id), channel, then);
            }
        }
        Ok(all)
    }

    /// The message as it is sent now; nothing if nobody needs it any more, or whoever it was for
    /// cannot be reached.
    ///
    /// # Errors
    /// The database could not be read.
    pub(crate) fn letter(&self, notice: &Notice) -> Result<Option<Letter>, storage::Error> {
        let order = match notice.about.order_id {
            Some(id) => self.view.order(id)?,
            None => None,
        };
        if order.is_some_and(|order| !is_wanted(notice.kind, &order)) {
            return Ok(None);
        }
        let restaurant = match notice.about.restaurant_id {
            Some(id) => self.view.restaurant(id)?,
            None => None,
        };
        let found = match notice.to {
            Recipient::Restaurant(id) => {
                let phone = self.view.restaurant(id)?.and_then(|it| self.house_phone(&it));
                phone.map(|phone| (phone, Language::first_of([self.facts.language.as_str()])))
            }
            Recipient::Account(id) => self.person(id)?.and_then(|person| {
                let contact = self.vault.open(id, &person.account.contact)?;
                Some((contact, self.language(&person)))
            }),
            Recipient::Device(id, device_id) => match self.person(id)? {
                Some(person) => {
                    let open = self.open_devices(&person.account, &person.preferences)?;
                    let device = open.into_iter().find(|device| device.id == device_id);
                    let token = device.and_then(|device| self.vault.open(id, &device.token));
                    token.map(|token| (token, self.language(&person)))
                }
                None => None,
            },
        };
        let Some((to, language)) = found else { return Ok(None) };
        let name = restaurant.map(|restaurant| restaurant.profile.name.clone());
        let title = name.clone().unwrap_or_else(|| self.facts.slug.clone());
        let blanks = self.blanks(&notice.about, name.unwrap_or_default());
        let text = filled(notice.kind, language, &blanks);
        Ok(Some(Letter { key: notice.id, channel: notice.channel, to, title, text }))
    }

    fn blanks(&self, about: &About, restaurant: String) -> Blanks {
        let time = about.moment.map(|at| time_of_day(at, self.now, &self.facts.time_zone));
        Blanks {
            number: about.order_id.map(short_number).unwrap_or_default(),
            restaurant,
            amount: about.amount.map(|amount| (amount, self.facts.currency.clone())),
            time: time.unwrap_or_default(),
        }
    }

    /// A restaurant with a phone of its own is called there, and not at its people's.
    fn by_house_phone(
        &self,
        kind: NoticeKind,
        whom: Whom,
        offered: &BTreeSet<Channel>,
    ) -> Result<Option<(RestaurantId, Channel)>, storage::Error> {
        let Whom::Kitchen(id) = whom else { return Ok(None) };
        let channel = match kind.reach() {
            Reach::Sms => Channel::Sms,
            Reach::Call => Channel::Voice,
            Reach::Apps | Reach::Person => return Ok(None),
        };
        let phone = self.view.restaurant(id)?.and_then(|it| self.house_phone(&it));
        Ok(phone.filter(|_| offered.contains(&channel)).map(|_| (id, channel)))
    }

    fn house_phone(&self, restaurant: &Restaurant) -> Option<String> {
        let phone = restaurant.alert_phone.as_ref()?;
        self.vault.open(house(restaurant.id), &phone.number)
    }

    fn people(&self, kind: NoticeKind, whom: Whom) -> Result<Vec<Person>, storage::Error> {
        let ids = match whom {
            Whom::Customer(id) | Whom::Person(id) => vec![id],
            Whom::Courier(id) => {
                self.view.courier(id)?.map(|courier| courier.account_id).into_iter().collect()
            }
            Whom::Kitchen(id) | Whom::Deciders(id) => self.view.staff_of(id, NOTICE_PEOPLE)?,
            Whom::Operators => self.view.operators(NOTICE_PEOPLE)?,
        };
        let mut people = Vec::with_capacity(ids.len());
        for id in ids {
            people.extend(self.person(id)?);
        }
        match whom {
            Whom::Customer(_) | Whom::Person(_) | Whom::Courier(_) => {}
            Whom::Operators => {
                people.retain(|it| it.account.operator >= Some(OperatorRole::Support));
            }
            Whom::Kitchen(id) => {
                // Apps of everybody ring; a phone in somebody's pocket is that of who decides.
                let loud = matches!(kind.reach(), Reach::Sms | Reach::Call);
                let role = |it: &Person| it.account.staff.get(&id).copied();
                let highest = people.iter().filter_map(role).max().filter(|_| loud);
                people.retain(|it| role(it) >= highest);
            }
            Whom::Deciders(id) => {
                let manager = Some(&StaffRole::Manager);
                people.retain(|it| it.account.staff.get(&id) >= manager);
            }
        }
        people.retain(|it| !it.account.is_banned_at(self.now) || matches!(whom, Whom::Customer(_)));
        Ok(people)
    }

    fn person(&self, id: AccountId) -> Result<Option<Person>, storage::Error> {
        let Some(account) = self.view.account(id)? else { return Ok(None) };
        let preferences = self.view.preferences(id)?;
        let preferences = preferences.unwrap_or_else(|| Arc::new(Preferences::usual(id)));
        Ok(Some(Person { account, preferences }))
    }

    /// Devices whose login still holds: whoever has logged out, or lent their phone to somebody
    /// else, hears nothing there.
    fn open_devices(
        &self,
        account: &Account,
        preferences: &Preferences,
    ) -> Result<Vec<Device>, storage::Error> {
        let mut open = Vec::new();
        for device in &preferences.devices {
            let Some(session_id) = device.session_id else { continue };
            let session = self.view.session(session_id)?;
            let holds = session.is_some_and(|session| {
                session.epoch == account.epoch && self.now < session.ends_at
            });
            if holds {
                open.push(device.clone());
            }
        }
        Ok(open)
    }

    fn ear(&self, account: &Account, app: bool) -> Ear {
        let contact = self.vault.open(account.id, &account.contact).unwrap_or_default();
        Ear { app, phone: contact.starts_with('+'), mail: contact.contains('@') }
    }

    fn language(&self, person: &Person) -> Language {
        let chosen = person.preferences.language.as_deref();
        let tags = [chosen, person.account.locale.as_deref(), Some(self.facts.language.as_str())];
        Language::first_of(tags.into_iter().flatten())
    }
}

/// Under whose name a restaurant's own phone is closed: no person's, so that it outlives them.
pub(crate) fn house(id: RestaurantId) -> AccountId {
    AccountId(id.0)
}
