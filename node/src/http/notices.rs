//! How people want to be told, the apps that they are told on, and what could not be told.

use super::accounts::normalised;
use super::auth::{Caller, Full, Operator, Person, Staff, Writes};
use super::body::Json;
use super::error::{Answer, Fail};
use super::params::{self, Paging, Params};
use super::reading::{FdIndex, Read, Reads};
use super::writing::Log;
use crate::node::Facts;
use crate::notices::{Providers, house};
use crate::vault::Vault;
use api::codes::Code;
use api::notices as shape;
use api::problem::Problem;
use api::wire::{Done, Page, Time};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::Command;
use domain::calendar::Range;
use domain::ids::{DeviceId, NoticeId};
use domain::notice::{
    AlertPhone, Channel, DropDevice, Notice, NoticeCommand, NoticeState, Preferences, PutDevice,
    Recipient, RetryNotice, SetAlertPhone, SetPreferences, Topic,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use storage::NoticeCursor;

/// Letters of a push token.
const TOKEN_LETTERS: usize = 4_096;
/// Digits that are shown of a phone.
const SHOWN_DIGITS: usize = 4;

/// How I am told
#[utoipa::path(get, path = "/me/notifications", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = shape::Notifications, description = "As it is now"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show(person: Person, reads: Reads) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let id = person.account.id;
    let found = view.preferences(id)?.unwrap_or_else(|| Arc::new(Preferences::usual(id)));
    Ok((FdIndex(index), axum::Json(shown(&found))))
}

/// Say how to be told
///
/// Replaces all of it. What is urgent passes quiet hours: a payment that waits to be confirmed, a
/// courier at the door, an order that a kitchen must answer.
#[utoipa::path(put, path = "/me/notifications", tag = "accounts", security(("bearer" = [])),
    request_body = shape::Notifications,
    responses((status = 200, body = shape::Notifications, description = "As it is now"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn put(
    person: Person,
    log: Log,
    reads: Reads,
    Json(body): Json<shape::Notifications>,
) -> Answer<impl IntoResponse> {
    let shape::Notifications { language, channels, quiet_hours } = body;
    let called = channels.values().any(|some| some.contains(&Channel::Voice));
    if called {
        let rule = "push, sms or email; only kitchens that do not react are called";
        return Err(Fail::field(Code::FieldInvalid, "/channels", rule));
    }
    let quiet = quiet_hours.map(|hours| quiet(&hours)).transpose()?;
    let wish = SetPreferences { language, channels: with_calls(channels), quiet };
    let done = log.propose(person.caller.actor(), about(NoticeCommand::Prefer(wish))).await?;
    let view = reads.after_write(done.index).await?.view;
    let id = person.account.id;
    let found = view.preferences(id)?.unwrap_or_else(|| Arc::new(Preferences::usual(id)));
    Ok((done, axum::Json(shown(&found))))
}

/// Take messages on this device
///
/// For as long as this login lasts. The same token again is the same device; an eleventh takes the
/// place of the one that was renewed longest ago.
#[utoipa::path(post, path = "/me/devices", tag = "accounts", security(("bearer" = [])),
    request_body = shape::DeviceRequest,
    responses((status = 201, body = shape::Device, description = "It takes messages"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn add_device(
    State(vault): State<Vault>,
    State(facts): State<Arc<Facts>>,
    person: Person,
    log: Log,
    reads: Reads,
    Json(body): Json<shape::DeviceRequest>,
) -> Answer<impl IntoResponse> {
    let token = body.token.trim();
    if token.is_empty() || token.len() > TOKEN_LETTERS {
        return Err(Fail::field(Code::FieldInvalid, "/token", "is from 1 to 4096 letters"));
    }
    let account_id = person.account.id;
    let digest = vault.lookup(token);
    let device_id = DeviceId::derive(facts.city_number, &[&account_id.0, &digest.0]);
    let wish = PutDevice { device_id, token: vault.seal(account_id, token)? };
    let done = log.propose(person.caller.actor(), about(NoticeCommand::PutDevice(wish))).await?;
    let view = reads.after_write(done.index).await?.view;
    let devices = view.preferences(account_id)?.map(|it| it.devices.clone()).unwrap_or_default();
    let device = devices.iter().find(|device| device.id == device_id);
    // Dropped by another login a moment ago: it is registered again with the next start of the app.
    let device = device.ok_or_else(|| Fail::new(Code::VerdictUnknown))?;
    Ok((StatusCode::CREATED, done, axum::Json(device_shown(&person.caller, device))))
}

/// The devices that I am told on
#[utoipa::path(get, path = "/me/devices", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = shape::Devices, description = "All of them"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn devices(person: Person, reads: Reads) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let found = view.preferences(person.account.id)?;
    let found = found.map(|it| it.devices.clone()).unwrap_or_default();
    let devices = found.iter().map(|device| device_shown(&person.caller, device)).collect();
    Ok((FdIndex(index), axum::Json(shape::Devices { devices })))
}

/// Take no more messages on a device
#[utoipa::path(delete, path = "/me/devices/{device_id}", tag = "accounts",
    security(("bearer" = [])), params(("device_id" = String, Path, description = "dev_..")),
    responses((status = 204, description = "It takes none, now or before"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn drop_device(
    person: Person,
    log: Log,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let malformed = |_| Fail::field(Code::ParamInvalid, "device_id", "is dev_ and 26 letters");
    let device_id: DeviceId = id.parse().map_err(malformed)?;
    let command = about(NoticeCommand::DropDevice(DropDevice { device_id }));
    let done = log.propose(person.caller.actor(), command).await?;
    Ok((StatusCode::NO_CONTENT, done, ()))
}

/// Where the restaurant is called
#[utoipa::path(get, path = "/restaurant/{id}/alert-phone", tag = "restaurants",
    security(("bearer" = [])), params(("id" = String, Path, description = "res_..")),
    responses((status = 200, body = shape::AlertPhone, description = "Its last digits"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn phone(
    State(vault): State<Vault>,
    staff: Staff,
    reads: Reads,
) -> Answer<impl IntoResponse> {
    let Read { view, index, .. } = reads.current().await?;
    let restaurant = view.restaurant(staff.restaurant_id)?;
    let phone = restaurant.and_then(|it| it.alert_phone.clone());
    Ok((FdIndex(index), axum::Json(phone_shown(&vault, &staff, phone.as_ref()))))
}

/// Say where the restaurant is called
///
/// When nobody there reacts to an order. Without a phone of its own its owners are called.
#[utoipa::path(put, path = "/restaurant/{id}/alert-phone", tag = "restaurants",
    security(("bearer" = [])), params(("id" = String, Path, description = "res_..")),
    request_body = shape::AlertPhoneRequest,
    responses((status = 200, body = shape::AlertPhone, description = "Its last digits"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn put_phone(
    State(vault): State<Vault>,
    staff: Staff,
    log: Log,
    Json(body): Json<shape::AlertPhoneRequest>,
) -> Answer<impl IntoResponse> {
    let number = body.phone.as_deref().map(|phone| {
        let number = normalised(phone).filter(|number| number.starts_with('+'));
        number.ok_or_else(|| Fail::field(Code::FieldInvalid, "/phone", "is + and 7 to 15 digits"))
    });
    let restaurant_id = staff.restaurant_id;
    let close = |number: String| {
        let digest = vault.lookup(&number);
        vault
            .seal_for_city(house(restaurant_id), &number)
            .map(|number| AlertPhone { number, digest })
    };
    let phone = number.transpose()?.map(close).transpose()?;
    let shown = phone_shown(&vault, &staff, phone.as_ref());
    let wish = SetAlertPhone { restaurant_id, phone };
    let done = log.propose(staff.caller.actor(), about(NoticeCommand::Phone(wish))).await?;
    Ok((done, axum::Json(shown)))
}

/// `?state=`
#[derive(Debug, Deserialize)]
pub(super) struct ByNoticeState {
    state: Option<NoticeState>,
}

/// Messages that wait, or were given up
#[utoipa::path(get, path = "/notices", tag = "admin", security(("bearer" = [])),
    params(("state" = Option<String>, Query, description = "waiting or failed"),
        ("limit" = Option<u32>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "From the page before")),
    responses((status = 200, body = Page<shape::Notice>, description = "A page, newest first"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn list(
    _: Operator,
    reads: Reads,
    Params(by_state): Params<ByNoticeState>,
    Params(paging): Params<Paging>,
) -> Answer<impl IntoResponse> {
    let cursor = paging.time_cursor()?.map(|(at, id)| NoticeCursor { at, id: NoticeId(id) });
    let (limit, states) = (paging.limit()?, Vec::from_iter(by_state.state));
    let Read { view, index, .. } = reads.current().await?;
    let page = view.notices(&states, cursor, limit)?;
    let next_cursor = page.next.map(|cursor| params::after(cursor.at, cursor.id.0));
    let has_more = next_cursor.is_some();
    let data = page.notices.iter().map(|notice| notice_shown(notice)).collect();
    Ok((FdIndex(index), axum::Json(Page { data, next_cursor, has_more })))
}

/// Try a message again
///
/// As if what it tells of had happened now.
#[utoipa::path(post, path = "/notices/{id}/retry", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "ntc_..")),
    responses((status = 200, body = Done, description = "It is tried again"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn retry(
    operator: Operator<Writes>,
    log: Log,
    Path(id): Path<String>,
) -> Answer<impl IntoResponse> {
    let notice_id = params::id(&id, Code::NoticeUnknown)?;
    let command = about(NoticeCommand::Retry(RetryNotice { notice_id }));
    let done = log.propose(operator.caller.actor(), command).await?;
    Ok((done, axum::Json(Done { index: done.index })))
}

/// What would have been said
///
/// The last messages that this node has taken in place of a provider: those that tell of events on
/// the one that leads, codes on the one that was asked for them. Empty where a provider takes them.
#[utoipa::path(get, path = "/notices/outbox", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = shape::Outbox, description = "Newest first"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn outbox(
    State(providers): State<Providers>,
    _: Operator<Full>,
) -> Answer<axum::Json<shape::Outbox>> {
    // Codes are in it: whoever reads them can be anybody.
    let row = |sent: crate::notices::Sent| shape::OutboxRow {
        notice_id: sent.key,
        channel: sent.channel,
        title: sent.title,
        text: sent.text,
    };
    let messages = providers.outbox().into_iter().map(row).collect();
    Ok(axum::Json(shape::Outbox { messages }))
}

fn about(wish: NoticeCommand) -> Command {
    Command::Notice(Box::new(wish))
}

/// Calls are not for people to choose: a kitchen's ladder has them where it has short messages.
fn with_calls(
    mut channels: BTreeMap<Topic, BTreeSet<Channel>>,
) -> BTreeMap<Topic, BTreeSet<Channel>> {
    if let Some(work) = channels.get_mut(&Topic::Work)
        && work.contains(&Channel::Sms)
    {
        work.insert(Channel::Voice);
    }
    channels
}

pub(super) fn shown(preferences: &Preferences) -> shape::Notifications {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let channels = Topic::ALL.into_iter().map(|topic| {
        let mut channels = preferences.channels_of(topic);
        channels.remove(&Channel::Voice);
        (topic, channels)
    });
    shape::Notifications {
        language: preferences.language.clone(),
        channels: channels.collect(),
        quiet_hours: preferences
            .quiet
            .map(|Range { from, to }| shape::QuietHours { from: clock(from), to: clock(to) }),
    }
}

fn quiet(hours: &shape::QuietHours) -> Answer<Range> {
    let minute = |name: &str, text: &str| {
        let read = text.split_once(':').and_then(|(hour, minute)| {
            let hour: u16 = hour.parse().ok().filter(|hour| *hour < 24)?;
            let minute: u16 = minute.parse().ok().filter(|minute| *minute < 60)?;
            (text.len() == 5).then_some(hour * 60 + minute)
        });
        let pointer = format!("/quiet_hours/{name}");
        read.ok_or_else(|| Fail::field(Code::FieldInvalid, pointer, "is a time, as in 22:00"))
    };
    let (from, to) = (minute("from", &hours.from)?, minute("to", &hours.to)?);
    if from == to {
        let rule = "is another time than its beginning";
        return Err(Fail::field(Code::FieldInvalid, "/quiet_hours/to", rule));
    }
    Ok(Range { from, to })
}

fn device_shown(caller: &Caller, device: &domain::notice::Device) -> shape::Device {
    shape::Device {
        device_id: device.id,
        renewed_at: Time(device.renewed_at),
        this_login: device.session_id == Some(caller.session_id()),
    }
}

fn phone_shown(vault: &Vault, staff: &Staff, phone: Option<&AlertPhone>) -> shape::AlertPhone {
    let number = phone.and_then(|phone| vault.open(house(staff.restaurant_id), &phone.number));
    let ends = |number: String| number.chars().skip(number.len() - SHOWN_DIGITS).collect();
    shape::AlertPhone { phone_ends: number.map(ends) }
}

fn notice_shown(notice: &Notice) -> shape::Notice {
    shape::Notice {
        notice_id: notice.id,
        state: notice.state(),
        kind: notice.kind.name().to_owned(),
        channel: notice.channel,
        event: notice.event.to_string(),
        at: Time(notice.at),
        recipient: match notice.to {
            Recipient::Account(id) | Recipient::Device(id, _) => id.to_string(),
            Recipient::Restaurant(id) => id.to_string(),
        },
        order_id: notice.about.order_id,
        tries: notice.tries,
        next_at: notice.next_at.map(Time),
        error: notice.error.clone(),
    }
}
