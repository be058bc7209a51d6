//! A person's data: given out whole to them, and made unreadable when they leave.

use super::auth::{Operator, Person, Writes};
use super::body::Json;
use super::error::{Answer, Fail};
use super::login::{LoginDesk, hashed};
use super::reading::Reads;
use super::render::{self, Eyes};
use super::writing::{Done, Log};
use super::{addresses, claims, favourites, notices, params, payment_methods, profile, sessions};
use crate::clock;
use crate::node::Facts;
use crate::vault::Vault;
use api::audit::AuditEntry;
use api::codes::Code;
use api::people as shape;
use api::problem::Problem;
use api::wire::Time;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use domain::account::{Account, Belongings, ErasePerson, ExportPerson, OwnCommand};
use domain::fraud::{CaseAbout, CaseStatus, FraudCase};
use domain::ids::{AccountId, RatingId};
use domain::money::Money;
use domain::notice::Preferences;
use domain::order::Order;
use domain::{Actor, Command};
use raft::City;
use std::sync::Arc;
use storage::{CaseCursor, CityView, ClaimCursor, OrderCursor, PAGE};

/// The layout of an archive.
const FORMAT: u32 = 1;
/// Pages of orders, and of claims, in one archive: a life of daily lunches.
const PAGES: usize = 100;

/// Leave for good
///
/// The key that closes your data is destroyed on a majority of the nodes before the answer, and on
/// the rest before they serve again: what logs and snapshots still hold cannot be read by anybody.
/// Amounts, dates and ids stay, for the books. Refused while an order of yours is under way.
/// Whoever logs in by code sets a password first, with a code for `reset`.
#[utoipa::path(delete, path = "/me", tag = "accounts", security(("bearer" = [])),
    request_body = shape::EraseOwnRequest,
    responses((status = 200, body = shape::Erased, description = "The proof"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn erase_own(
    person: Person,
    logins: LoginDesk,
    desk: Erasing,
    Json(body): Json<shape::EraseOwnRequest>,
) -> Answer<impl IntoResponse> {
    let password = Some(hashed(person.account.password.as_bytes()));
    logins.confirm(&person.account, body.password).await?;
    let wish = ErasePerson { account_id: person.account.id, reason: None, password };
    desk.erase(person.caller.actor(), wish).await
}

/// Erase somebody who asked for it by letter
///
/// As if they had done it themselves. Sent again, it proves the same erasure again.
#[utoipa::path(post, path = "/people/{account_id}/erase", tag = "admin", security(("bearer" = [])),
    params(("account_id" = String, Path, description = "acc_..")),
    request_body = shape::PersonRequest,
    responses((status = 200, body = shape::Erased, description = "The proof"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn erase(
    operator: Operator<Writes>,
    desk: Erasing,
    Path(id): Path<String>,
    Json(body): Json<shape::PersonRequest>,
) -> Answer<impl IntoResponse> {
    let account_id = params::id(&id, Code::AccountUnknown)?;
    let wish = ErasePerson { account_id, reason: Some(body.reason), password: None };
    desk.erase(operator.caller.actor(), wish).await
}

/// All that is held about me
///
/// Made when it is asked for, so that no copy of it lies about anywhere; an entry of the audit
/// chain says that it was given out.
#[utoipa::path(post, path = "/me/export", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = shape::Archive, description = "All of it"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn export_own(person: Person, desk: Exporting) -> Answer<impl IntoResponse> {
    let wish = ExportPerson { account_id: person.account.id, reason: None };
    desk.export(person.caller.actor(), wish).await
}

/// All that is held about me, to be looked at
///
/// The same, and an entry as well.
#[utoipa::path(get, path = "/me/export", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = shape::Archive, description = "All of it"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show_own(person: Person, desk: Exporting) -> Answer<impl IntoResponse> {
    let wish = ExportPerson { account_id: person.account.id, reason: None };
    desk.export(person.caller.actor(), wish).await
}

/// All that is held about somebody who asked for it by letter
#[utoipa::path(post, path = "/people/{account_id}/export", tag = "admin",
    security(("bearer" = [])), params(("account_id" = String, Path, description = "acc_..")),
    request_body = shape::PersonRequest,
    responses((status = 200, body = shape::Archive, description = "All of it"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn export(
    operator: Operator<Writes>,
    desk: Exporting,
    Path(id): Path<String>,
    Json(body): Json<shape::PersonRequest>,
) -> Answer<impl IntoResponse> {
    let account_id = params::id(&id, Code::AccountUnknown)?;
    let wish = ExportPerson { account_id, reason: Some(body.reason) };
    desk.export(operator.caller.actor(), wish).await
}

/// What an erasure needs.
#[derive(axum::extract::FromRequestParts)]
#[from_request(state(crate::node::Parts))]
pub(super) struct Erasing {
    log: Log,
    reads: Reads,
    #[from_request(via(State))]
    vault: Vault,
    #[from_request(via(State))]
    city: City,
}

impl Erasing {
    /// First the log, so that it holds everywhere and for good; then the keys; then the answer.
    async fn erase(
        self,
        actor: Actor,
        wish: ErasePerson,
    ) -> Answer<(Done, axum::Json<shape::Erased>)> {
        let account_id = wish.account_id;
        let done = self.log.propose(actor, Command::Own(Box::new(OwnCommand::Erase(wish)))).await?;
        let view = self.reads.after_write(done.index).await?.view;
        let account = view.account(account_id)?.ok_or_else(|| Fail::new(Code::AccountUnknown))?;
        let erased = account.erased.ok_or_else(|| Fail::new(Code::VerdictUnknown))?;
        let mut destroyed_at = Vec::new();
        if let Some(key) = account.key {
            let gone = self.vault.forget(&self.city, account_id, key, erased.index).await;
            if !gone.by_majority {
                let decided = format!(
                    "erased by entry {}, which every node carries out as soon as it can, but only \
                     {} said in time that the key is destroyed",
                    erased.index,
                    gone.by.len(),
                );
                return Err(Fail::because(Code::VerdictUnknown, decided).retry_after_ms(1_000));
            }
            destroyed_at = gone.by;
        }
        let entries = view.audit_range(erased.index, 1)?;
        let entry = entries.first().filter(|entry| entry.index == erased.index);
        let audit = AuditEntry::from(entry.ok_or_else(|| Fail::new(Code::Internal))?);
        let (index, at) = (erased.index, Time(erased.at));
        let proof = shape::Erased { account_id, index, at, destroyed_at, audit };
        Ok((done, axum::Json(proof)))
    }
}

/// What an archive needs.
#[derive(axum::extract::FromRequestParts)]
#[from_request(state(crate::node::Parts))]
pub(super) struct Exporting {
    log: Log,
    reads: Reads,
    #[from_request(via(State))]
    vault: Vault,
    #[from_request(via(State))]
    facts: Arc<Facts>,
}

impl Exporting {
    async fn export(
        self,
        actor: Actor,
        wish: ExportPerson,
    ) -> Answer<(Done, axum::Json<shape::Archive>)> {
        let account_id = wish.account_id;
        let done =
            self.log.propose(actor, Command::Own(Box::new(OwnCommand::Export(wish)))).await?;
        let view = self.reads.after_write(done.index).await?.view;
        let archive = self.archive(&view, account_id, done.index)?;
        Ok((done, axum::Json(archive)))
    }

    fn archive(&self, view: &CityView, id: AccountId, index: u64) -> Answer<shape::Archive> {
        let (facts, vault) = (&*self.facts, &self.vault);
        let account = view.account(id)?.filter(|account| account.is_anybody());
        let account: Arc<Account> = account.ok_or_else(|| Fail::new(Code::AccountUnknown))?;
        let preferences = view.preferences(id)?;
        let preferences = preferences.unwrap_or_else(|| Arc::new(Preferences::usual(id)));
        let devices = preferences.devices.iter().map(|device| shape::ArchivedDevice {
            device_id: device.id,
            renewed_at: Time(device.renewed_at),
        });
        let saved = view.belongings(id)?;
        let saved = saved.unwrap_or_else(|| Arc::new(Belongings::none(id)));
        let tab = view.tab(id)?;
        let orders = orders_of(view, id)?;
        let ban = account.ban.as_ref().map(|ban| shape::ArchivedBan {
            reason: ban.reason.clone(),
            at: Time(ban.at),
            until: ban.until.map(Time),
        });
        let shown = |order: &Arc<Order>| render::order(facts, vault, view, order, Eyes::Customer);
        Ok(shape::Archive {
            format: FORMAT,
            made_at: Time(clock::now()),
            index,
            account: profile::shown(vault, view, &account)?,
            signed_up_at: Time(account.created_at),
            ban,
            notifications: notices::shown(&preferences),
            devices: devices.collect(),
            addresses: addresses::all_shown(vault, &saved)?,
            favourites: favourites::shown(&saved),
            payment_methods: payment_methods::all_shown(vault, &saved)?,
            debt: facts.money(tab.as_ref().map_or(Money::ZERO, |tab| tab.debt)),
            charged_orders: tab.map_or(0, |tab| tab.charged_orders),
            ratings: ratings_of(vault, view, &orders)?,
            orders: orders.iter().map(shown).collect::<Answer<_>>()?,
            claims: self.claims_of(view, id)?,
            sessions: sessions::all_shown(vault, view, &account, None)?,
            reviews: reviews_of(facts, view, id)?,
        })
    }

    fn claims_of(&self, view: &CityView, id: AccountId) -> Answer<Vec<api::claims::Claim>> {
        let (mut found, mut before) = (Vec::new(), None::<ClaimCursor>);
        for _ in 0..PAGES {
            let page = view.claims_of_customer(id, before, PAGE)?;
            let shown = page.claims.iter().map(|it| claims::shown(&self.facts, &self.vault, it));
            found.extend(shown);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        Ok(found)
    }
}

fn orders_of(view: &CityView, id: AccountId) -> Answer<Vec<Arc<Order>>> {
    let (mut found, mut before) = (Vec::new(), None::<OrderCursor>);
    for _ in 0..PAGES {
        let page = view.orders_of_customer(id, before, PAGE)?;
        found.extend(page.orders);
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    Ok(found)
}

fn ratings_of(
    vault: &Vault,
    view: &CityView,
    orders: &[Arc<Order>],
) -> Answer<Vec<shape::ArchivedRating>> {
    let mut found = Vec::new();
    for order in orders {
        let Some(rating) = view.rating(RatingId::of(order.id))? else { continue };
        found.push(shape::ArchivedRating {
            order_id: order.id,
            restaurant: Some(rating.stars.restaurant).filter(|stars| *stars > 0),
            courier: rating.stars.courier,
            text: vault.open(order.customer_id, &rating.words).filter(|text| !text.is_empty()),
            rated_at: Time(rating.rated_at),
        });
    }
    Ok(found)
}

fn reviews_of(facts: &Facts, view: &CityView, id: AccountId) -> Answer<Vec<shape::ArchivedReview>> {
    let (mut found, mut before) = (Vec::new(), None::<CaseCursor>);
    for _ in 0..PAGES {
        let page = view.fraud_cases_of(id, before, PAGE)?;
        found.extend(page.cases.iter().map(|case| review(facts, case)));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    Ok(found)
}

fn review(facts: &Facts, case: &FraudCase) -> shape::ArchivedReview {
    let CaseAbout::Order { order_id, .. } = case.about;
    let (by, reason, decided_at) = match &case.status {
        CaseStatus::Open { .. } => (None, None, None),
        CaseStatus::Moot { at } => (None, None, Some(*at)),
        CaseStatus::Allowed { by, reason, at } | CaseStatus::Denied { by, reason, at } => {
            (*by, Some(reason), Some(*at))
        }
    };
    shape::ArchivedReview {
        order_id,
        total: facts.money(case.total),
        at: Time(case.opened_at),
        state: case.status.state(),
        decided_at: decided_at.map(Time),
        by_person: by.is_some(),
        reason: reason.filter(|reason| by.is_some() && !reason.is_empty()).cloned(),
    }
}
