//! Who asks. A handler takes one of these values, and with it what it may touch.
//!
//! What an account may is read from this replica. One that is cut off does not know of a ban or a
//! logout, so it answers nobody here unless it was current a second ago. What must go on all the
//! same takes [`AsKnown`]: pings, and following an order.

mod program;

pub(crate) use program::{
    Acting, Admits, Bearer, Drawn, EventKeys, MenuKeys, OrderKeys, PREFIX, People, StockKeys,
    WebhookKeys, good_key,
};

use super::error::Fail;
use crate::clock;
use crate::tokens::{Claims, TokenError, Tokens};
use api::codes::Code;
use axum::extract::{FromRef, FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use domain::account::{Account, OperatorRole, StaffRole};
use domain::ids::{AccountId, CourierId, RestaurantId};
use domain::{Actor, Viewer};
use raft::City;
use serde::Deserialize;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;
use storage::Reader;

/// Somebody with a good token. Writes are checked again by `apply`: a ban holds at once there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    claims: Claims,
}

impl Caller {
    /// Who.
    pub(crate) fn account_id(&self) -> AccountId {
        self.claims.account_id
    }

    /// Who acts, for the log.
    pub(crate) fn actor(&self) -> Actor {
        self.claims.actor()
    }

    /// Their login.
    pub(crate) fn session_id(&self) -> domain::ids::SessionId {
        self.claims.session_id
    }
}

/// How long a login that this replica does not know may be looked for in the log.
const KNOWN_WITHIN: Duration = Duration::from_millis(500);

/// Somebody with a good token and their record: private reads need it, since a ban or a logout may
/// be younger than the token.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// The token.
    pub caller: Caller,
    /// The record as this replica has it.
    pub account: Arc<Account>,
}

/// How old may be what this replica knows of those who ask for what is private.
const KNOWN_FOR: Duration = Duration::from_secs(1);
/// How long they wait for it to become current again: a change of the leader takes less.
const CURRENT_WITHIN: Duration = Duration::from_secs(2);

/// The same by what this replica knows, however old that is.
#[derive(Clone, Debug)]
pub(crate) struct AsKnown<T>(pub T);

/// Somebody who works at the restaurant of the path, or a program with such a key.
#[derive(Clone, Debug)]
pub(crate) struct Staff<A = People> {
    /// The token or the key.
    pub caller: Acting,
    /// Where.
    pub restaurant_id: RestaurantId,
    /// Which programs may, if any.
    admits: PhantomData<A>,
}

/// The courier of the path, or, where the path names none, the courier who asks.
#[derive(Clone, Debug)]
pub(crate) struct CourierSelf {
    /// The token.
    pub caller: Caller,
    /// Who.
    pub courier_id: CourierId,
}

/// Somebody who reads the feed: a restaurant's if the query names one, else what they may see.
#[derive(Clone, Debug)]
pub(crate) struct Audience {
    /// The token or the key.
    pub caller: Acting,
    /// As whom they read.
    pub viewer: Viewer,
}

/// Somebody of the platform, in this role or a higher one.
#[derive(Clone, Debug)]
pub(crate) struct Operator<R = Looks> {
    /// The token.
    pub caller: Caller,
    /// What they may.
    pub role: OperatorRole,
    /// What they must at least.
    at_least: PhantomData<R>,
}

/// What somebody of the platform must at least be, where a handler takes them.
pub(crate) trait AtLeast: Send + Sync + 'static {
    /// This.
    const ROLE: OperatorRole;
    /// What those hear who are less.
    const WHY: &str;
}

/// Whoever may look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looks;

/// Whoever may change something: no auditors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writes;

/// Whoever may do everything: neither auditors nor support.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Full;

impl AtLeast for Looks {
    const ROLE: OperatorRole = OperatorRole::Auditor;
    const WHY: &str = "this is for operators";
}

impl AtLeast for Writes {
    const ROLE: OperatorRole = OperatorRole::Support;
    const WHY: &str = "auditors may only look";
}

impl AtLeast for Full {
    const ROLE: OperatorRole = OperatorRole::Operator;
    const WHY: &str = "this is for operators with the full role";
}

impl Operator {
    /// For what only looks or changes something, as the body says.
    ///
    /// # Errors
    /// `forbidden` for auditors.
    pub(crate) fn may_write(&self) -> Result<(), Fail> {
        check_role::<Writes>(self.role)
    }
}

fn check_role<R: AtLeast>(role: OperatorRole) -> Result<(), Fail> {
    if role < R::ROLE {
        return Err(Fail::because(Code::Forbidden, R::WHY));
    }
    Ok(())
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Tokens: FromRef<S>,
{
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fail> {
        let token = bearer(&parts.headers)?;
        if token.starts_with(PREFIX) {
            return Err(Fail::because(Code::ScopeMissing, "no key opens this: log in"));
        }
        match Tokens::from_ref(state).check(clock::now(), token) {
            Ok(claims) => Ok(Self { claims }),
            Err(TokenError::Expired) => Err(Fail::new(Code::TokenExpired)),
            Err(TokenError::Invalid) => Err(Fail::new(Code::TokenInvalid)),
        }
    }
}

/// What stands behind "Bearer".
fn bearer(headers: &HeaderMap) -> Result<&str, Fail> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(Fail::new(Code::TokenMissing));
    };
    let token = value.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    token.ok_or_else(|| Fail::because(Code::TokenMissing, "send Authorization: Bearer <token>"))
}

/// Refuses to answer from what may be older than a ban or a logout of a second ago.
async fn current<S>(state: &S) -> Result<(), Fail>
where
    City: FromRef<S>,
{
    let current = City::from_ref(state).current_within(KNOWN_FOR, CURRENT_WITHIN).await;
    current.map_err(|_| {
        let why = "this node is cut off from the city: ask another one";
        Fail::because(Code::Behind, why).retry_after_ms(100)
    })
}

/// Both ways to come by such a value: current, and as this replica knows it.
macro_rules! current_or_as_known {
    ($($who:ty $(where $r:ident)?;)*) => {$(
        impl<S, $($r: AtLeast)?> FromRequestParts<S> for $who
        where
            S: Send + Sync,
            Tokens: FromRef<S>,
            Reader: FromRef<S>,
            City: FromRef<S>,
        {
            type Rejection = Fail;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fail> {
                // Whose token is no good hears that first.
                Caller::from_request_parts(parts, state).await?;
                current(state).await?;
                let AsKnown(known) = AsKnown::<Self>::from_request_parts(parts, state).await?;
                Ok(known)
            }
        }
    )*};
}

current_or_as_known! { Person; CourierSelf; Operator<R> where R; }

impl<S> FromRequestParts<S> for AsKnown<Person>
where
    S: Send + Sync,
    Tokens: FromRef<S>,
    Reader: FromRef<S>,
    City: FromRef<S>,
{
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fail> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let reader = Reader::from_ref(state);
        let mut login = known(&reader, &caller)?;
        if login.is_none() {
            // Opened at another node a moment ago, or over: the log can tell.
            let current = City::from_ref(state).read_barrier(KNOWN_WITHIN).await;
            current.map_err(|_| {
                Fail::because(Code::Behind, "this replica does not know you yet")
                    .retry_after_ms(100)
            })?;
            login = known(&reader, &caller)?;
        }
        let account = in_good_standing(&caller, login)?;
        Ok(Self(Person { caller, account }))
    }
}

/// The account of a login, if this replica has both.
fn known(reader: &Reader, caller: &Caller) -> Result<Option<Arc<Account>>, Fail> {
    #[cfg(feature = "mutants")]
    if let Some(account) = crate::mutant::remembered(caller.session_id()) {
        return Ok(Some(account));
    }
    let view = reader.view();
    let found = match view.session(caller.session_id())? {
        Some(session) if clock::now() < session.ends_at => view.account(caller.account_id())?,
        Some(_) | None => None,
    };
    #[cfg(feature = "mutants")]
    crate::mutant::remember(caller.session_id(), found.as_ref());
    Ok(found)
}

/// The account, if its login is still good.
fn in_good_standing(caller: &Caller, login: Option<Arc<Account>>) -> Result<Arc<Account>, Fail> {
    let ended = || Fail::because(Code::TokenExpired, "this login has ended");
    let account = login.ok_or_else(ended)?;
    if account.ban.as_ref().is_some_and(|ban| ban.holds_at(clock::now())) {
        return Err(Fail::new(Code::Banned));
    }
    if account.epoch > caller.claims.epoch {
        return Err(ended());
    }
    Ok(account)
}

/// The account behind a token, as this replica has it now: for what goes on after its request.
///
/// # Errors
/// `banned`, or `token_expired` if the login has ended; the token's own time does not matter.
pub(super) fn still_there(reader: &Reader, caller: &Acting) -> Result<Arc<Account>, Fail> {
    match caller {
        Acting::Person(caller) => in_good_standing(caller, known(reader, caller)?),
        Acting::Program(program) => program::still_good(reader, program),
    }
}

/// The account as it is, or, if it lacks a role here, as the log has it: a replica that is behind
/// must not say a final no to somebody whose role is younger than what it knows.
async fn with_role<S>(
    state: &S,
    caller: &Acting,
    account: Arc<Account>,
    has_role: impl Fn(&Account) -> bool,
) -> Result<Arc<Account>, Fail>
where
    Reader: FromRef<S>,
    City: FromRef<S>,
{
    if has_role(&account) {
        return Ok(account);
    }
    City::from_ref(state).read_barrier(KNOWN_WITHIN).await?;
    still_there(&Reader::from_ref(state), caller)
}

impl<S, A: Admits> FromRequestParts<S> for Staff<A>
where
    S: Send + Sync,
    Tokens: FromRef<S>,
    Reader: FromRef<S>,
    City: FromRef<S>,
{
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fail> {
        let Bearer { caller, account, .. } = Bearer::<A>::from_request_parts(parts, state).await?;
        let id = path_param(parts, state, "id").await?;
        let restaurant_id: RestaurantId =
            id.parse().map_err(|_| Fail::new(Code::RestaurantUnknown))?;
        let works_there = |account: &Account| {
            account.staff.get(&restaurant_id) >= Some(&StaffRole::Kitchen)
                || account.operator >= Some(OperatorRole::Support)
        };
        let account = with_role(state, &caller, account, works_there).await?;
        let known = Reader::from_ref(state).view().restaurant(restaurant_id)?.is_some();
        if !known {
            return Err(Fail::new(Code::RestaurantUnknown));
        }
        if !caller.reaches(restaurant_id) {
            return Err(Fail::because(Code::Forbidden, "this key is for another restaurant"));
        }
        if !works_there(&account) {
            return Err(Fail::because(Code::Forbidden, "you do not work at this restaurant"));
        }
        Ok(Self { caller, restaurant_id, admits: PhantomData })
    }
}

impl<S> FromRequestParts<S> for AsKnown<CourierSelf>
where
    S: Send + Sync,
    Tokens: FromRef<S>,
    Reader: FromRef<S>,
    City: FromRef<S>,
{
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fail> {
        let AsKnown(person) = AsKnown::<Person>::from_request_parts(parts, state).await?;
        let Person { caller, account } = person;
        let acting = Acting::Person(caller);
        let account = with_role(state, &acting, account, |a| a.courier.is_some()).await?;
        let named = path_param(parts, state, "id").await.ok().filter(|id| id != "me");
        let Some(own) = account.courier else {
            return Err(Fail::because(Code::Forbidden, "you are not a courier"));
        };
        let courier_id = match named {
            Some(id) => id.parse().map_err(|_| Fail::new(Code::CourierUnknown))?,
            None => own,
        };
        if courier_id != own {
            return Err(Fail::new(Code::CourierUnknown));
        }
        Ok(Self(CourierSelf { caller, courier_id }))
    }
}

impl<S, R: AtLeast> FromRequestParts<S> for AsKnown<Operator<R>>
where
    S: Send + Sync,
    Tokens: FromRef<S>,
    Reader: FromRef<S>,
    City: FromRef<S>,
{
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fail> {
        let AsKnown(person) = AsKnown::<Person>::from_request_parts(parts, state).await?;
        let Person { caller, account } = person;
        let acting = Acting::Person(caller);
        let account = with_role(state, &acting, account, |a| a.operator >= Some(R::ROLE)).await?;
        let role = account.operator;
        let role = role.ok_or_else(|| Fail::because(Code::Forbidden, Looks::WHY))?;
        check_role::<R>(role)?;
        Ok(Self(Operator { caller, role, at_least: PhantomData }))
    }
}

/// `?restaurant_id=`
#[derive(Debug, Deserialize)]
struct AsStaff {
    restaurant_id: Option<String>,
}

impl<S> FromRequestParts<S> for Audience
where
    S: Send + Sync,
    Tokens: FromRef<S>,
    Reader: FromRef<S>,
    City: FromRef<S>,
{
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fail> {
        let Bearer { caller, account, .. } =
            Bearer::<EventKeys>::from_request_parts(parts, state).await?;
        let AsStaff { restaurant_id } = super::params::query(&parts.uri)?;
        let id = match restaurant_id {
            Some(id) => Some(super::params::id(&id, Code::RestaurantUnknown)?),
            None => caller.restaurant_id(),
        };
        let Some(id) = id else {
            let viewer = match account.operator {
                Some(_) => Viewer::Operator,
                // What its maker has as a person is no program's business.
                None if caller.is_program() => {
                    return Err(Fail::because(
                        Code::Forbidden,
                        "its maker is no operator any more",
                    ));
                }
                None => Viewer::Person(account.id, account.courier),
            };
            return Ok(Self { caller, viewer });
        };
        if !caller.reaches(id) {
            return Err(Fail::because(Code::Forbidden, "this key is for another restaurant"));
        }
        let viewer = Viewer::Restaurant(id);
        let account = with_role(state, &caller, account, |a| may_view(a, viewer)).await?;
        if !may_view(&account, viewer) {
            return Err(Fail::because(Code::Forbidden, "you do not work at this restaurant"));
        }
        Ok(Self { caller, viewer })
    }
}

/// Whether this account may see with these eyes.
pub(super) fn may_view(account: &Account, viewer: Viewer) -> bool {
    match viewer {
        Viewer::Operator => account.operator.is_some(),
        Viewer::Restaurant(id) => account.staff.contains_key(&id) || account.operator.is_some(),
        Viewer::Courier(id) => account.courier == Some(id),
        Viewer::Person(id, courier) => {
            account.id == id && (courier.is_none() || account.courier == courier)
        }
    }
}

async fn path_param<S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
    name: &str,
) -> Result<String, Fail> {
    let params = RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(|_| Fail::new(Code::RouteUnknown))?;
    let found = params.iter().find(|(param, _)| *param == name);
    found.map(|(_, value)| value.to_owned()).ok_or_else(|| Fail::new(Code::RouteUnknown))
}
