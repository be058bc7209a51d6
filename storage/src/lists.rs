//! Lists of the marketplace: complaints, ratings, coupons, and what a kitchen has promised.

use crate::codec;
use crate::column::Column;
use crate::error::Error;
use crate::query::{CityView, PAGE, Place};
use crate::record::coupon::COUPONS;
use crate::record::webhook::WEBHOOKS;
use crate::record::{Record, ban, claim, dish_score, fraud_case, quality, rating, slot, stock};
use crate::row::Row;
use domain::claim::{Claim, ClaimState};
use domain::coupon::Coupon;
use domain::fraud::{CaseState, FraudCase, TraceKey};
use domain::ids::*;
use domain::moderation::{Ban, BanKind, BanSubject};
use domain::quality::{Quality, QualityKind, QualityOf};
use domain::rating::{DishScore, Rating};
use domain::refund::Refund;
use domain::slot::Slot;
use domain::stock::Stock;
use domain::time::Timestamp;
use domain::webhook::Webhook;
use std::sync::Arc;

/// Where a page of claims ends, and the next begins: newest first, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimCursor {
    /// When the last claim of the page was made.
    pub made_at: Timestamp,
    /// That claim.
    pub id: ClaimId,
}

/// Some claims, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPage {
    /// The claims.
    pub claims: Vec<Arc<Claim>>,
    /// What to ask the next page with; nothing at the end.
    pub next: Option<ClaimCursor>,
}

/// Where a page of bans ends, and the next begins: kind by kind, newest first, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BanCursor {
    /// When the last ban of the page was said.
    pub at: Timestamp,
    /// Of whom or what.
    pub subject: BanSubject,
}

/// Some bans, kind by kind, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BanPage {
    /// Of whom or what, and the ban.
    pub bans: Vec<(BanSubject, Ban)>,
    /// What to ask the next page with; nothing at the end.
    pub next: Option<BanCursor>,
}

/// Where a page of cases ends, and the next begins: newest first, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseCursor {
    /// When the last case of the page was opened.
    pub opened_at: Timestamp,
    /// That case.
    pub id: CaseId,
}

/// Some cases, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePage {
    /// The cases.
    pub cases: Vec<Arc<FraudCase>>,
    /// What to ask the next page with; nothing at the end.
    pub next: Option<CaseCursor>,
}

/// Where a page of scores ends, and the next begins: most points lost first, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QualityCursor {
    /// Points that the last of the page had lost.
    pub lost: u32,
    /// Who that is.
    pub of: QualityOf,
}

/// How some have worked, who has lost most points first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualityPage {
    /// Their records.
    pub qualities: Vec<Arc<Quality>>,
    /// What to ask the next page with; nothing at the end.
    pub next: Option<QualityCursor>,
}

/// Where a page of ratings ends, and the next begins: newest first, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RatingCursor {
    /// When the last rating of the page was given.
    pub rated_at: Timestamp,
    /// That rating.
    pub id: RatingId,
}

/// Some ratings, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatingPage {
    /// The ratings, with the restaurant's replies.
    pub ratings: Vec<Arc<Rating>>,
    /// What to ask the next page with; nothing at the end.
    pub next: Option<RatingCursor>,
}

impl CityView {
    /// The bans of these kinds (of all, if none is named), behind `before`; always fewer than
    /// [`PAGE`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn bans(
        &self,
        kind: Option<BanKind>,
        before: Option<BanCursor>,
        limit: usize,
    ) -> Result<BanPage, Error> {
        // One more than asked for is read: it says whether there is a next page.
        let limit = limit.clamp(1, PAGE - 1);
        let from = before.map(|cursor| cursor.subject.kind());
        let kinds = BanKind::ALL.into_iter().filter(|it| kind.is_none_or(|kind| kind == *it));
        let mut bans: Vec<(BanSubject, Ban)> = Vec::new();
        for kind in kinds.filter(|kind| from.is_none_or(|from| *kind >= from)) {
            let place = before.filter(|cursor| cursor.subject.kind() == kind);
            let place = place.map(|cursor| Place { at: cursor.at, id: ban::id_of(cursor.subject) });
            let lists = [ban::of_kind(kind)].into_iter();
            let (places, _) = self.newest_first(lists, place, limit + 1)?;
            for place in places {
                let subject = ban::subject_of(kind, place.id);
                bans.extend(self.ban(subject)?.map(|it| (subject, it)));
            }
            if bans.len() > limit {
                break;
            }
        }
        let more = bans.len() > limit;
        bans.truncate(limit);
        let last = bans.last().filter(|_| more);
        let next = last.map(|(subject, ban)| BanCursor { at: ban.at, subject: *subject });
        Ok(BanPage { bans, next })
    }

    /// The cases in this state (in any, if none is named), newest first, behind `before`; never
    /// more than [`PAGE`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn fraud_cases(
        &self,
        state: Option<CaseState>,
        before: Option<CaseCursor>,
        limit: usize,
    ) -> Result<CasePage, Error> {
        let states = CaseState::ALL.into_iter().filter(|it| state.is_none_or(|it2| it2 == *it));
        self.case_page(states.map(fraud_case::of_city), before, limit)
    }

    /// The cases about one customer's orders, newest first, behind `before`; never more than
    /// [`PAGE`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn fraud_cases_of(
        &self,
        customer_id: AccountId,
        before: Option<CaseCursor>,
        limit: usize,
    ) -> Result<CasePage, Error> {
        self.case_page([fraud_case::of_customer(customer_id)].into_iter(), before, limit)
    }

    fn case_page(
        &self,
        lists: impl Iterator<Item = Row>,
        before: Option<CaseCursor>,
        limit: usize,
    ) -> Result<CasePage, Error> {
        let before = before.map(|cursor| Place { at: cursor.opened_at, id: cursor.id.0 });
        let (places, next) = self.newest_first(lists, before, limit)?;
        let ids = places.into_iter().map(|place| CaseId(place.id));
        let cases = self.all_of("a case of a list", ids)?;
        let next = next.map(|place| CaseCursor { opened_at: place.at, id: CaseId(place.id) });
        Ok(CasePage { cases, next })
    }

    /// How those of one kind have worked, who has lost most points first, behind `before`; never
    /// more than [`PAGE`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn qualities(
        &self,
        kind: QualityKind,
        before: Option<QualityCursor>,
        limit: usize,
    ) -> Result<QualityPage, Error> {
        let before = before
            .map(|cursor| Place { at: quality::lost(cursor.lost), id: quality::id_of(cursor.of) });
        let lists = [quality::of_kind(kind)].into_iter();
        let (places, next) = self.newest_first(lists, before, limit)?;
        let all = places.into_iter().map(|place| quality::of_list(kind, place.id));
        let qualities = self.all_of::<Quality>("a score of a list", all)?;
        let last = next.and(qualities.last());
        let next = last.map(|quality| QualityCursor { lost: quality.lost, of: quality.of });
        Ok(QualityPage { qualities, next })
    }

    /// The ban of somebody or something, if there is one.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn ban(&self, subject: BanSubject) -> Result<Option<Ban>, Error> {
        Ok(match subject {
            BanSubject::Account(id) => self.account(id)?.and_then(|it| it.ban.clone()),
            BanSubject::Restaurant(id) => self.restaurant(id)?.and_then(|it| it.ban.clone()),
            BanSubject::Courier(id) => self.courier(id)?.and_then(|it| it.ban.clone()),
            BanSubject::Device(mark) => {
                self.trace(TraceKey::Device(mark))?.and_then(|it| it.ban.clone())
            }
            BanSubject::Card(mark) => {
                self.trace(TraceKey::Card(mark))?.and_then(|it| it.ban.clone())
            }
        })
    }

    /// A restaurant's ratings, newest first, behind `before`; never more than [`PAGE`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn ratings_of_restaurant(
        &self,
        id: RestaurantId,
        before: Option<RatingCursor>,
        limit: usize,
    ) -> Result<RatingPage, Error> {
        let before = before.map(|cursor| Place { at: cursor.rated_at, id: cursor.id.0 });
        let lists = [rating::of_restaurant(id)].into_iter();
        let (places, next) = self.newest_first(lists, before, limit)?;
        let ids = places.into_iter().map(|place| RatingId(place.id));
        let ratings = self.all_of("a rating of a restaurant", ids)?;
        let next = next.map(|place| RatingCursor { rated_at: place.at, id: RatingId(place.id) });
        Ok(RatingPage { ratings, next })
    }

    /// A restaurant's claims in these states (in any, if none is named), newest first, behind
    /// `before`; never more than [`PAGE`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn claims_of_restaurant(
        &self,
        id: RestaurantId,
        states: &[ClaimState],
        before: Option<ClaimCursor>,
        limit: usize,
    ) -> Result<ClaimPage, Error> {
        let lists = or_all(states).iter().map(|state| claim::of_restaurant(id, *state));
        self.claim_page(lists, before, limit)
    }

    /// A customer's claims, newest first, behind `before`; never more than [`PAGE`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn claims_of_customer(
        &self,
        id: AccountId,
        before: Option<ClaimCursor>,
        limit: usize,
    ) -> Result<ClaimPage, Error> {
        self.claim_page([claim::of_customer(id)].into_iter(), before, limit)
    }

    /// The city's claims in these states (in any, if none is named), newest first, behind `before`;
    /// never more than [`PAGE`].
    ///
    /// # Errors
    /// The database could not be read.
    pub fn claims(
        &self,
        states: &[ClaimState],
        before: Option<ClaimCursor>,
        limit: usize,
    ) -> Result<ClaimPage, Error> {
        let lists = or_all(states).iter().map(|state| claim::of_city(*state));
        self.claim_page(lists, before, limit)
    }

    fn claim_page(
        &self,
        lists: impl Iterator<Item = Row>,
        before: Option<ClaimCursor>,
        limit: usize,
    ) -> Result<ClaimPage, Error> {
        let before = before.map(|cursor| Place { at: cursor.made_at, id: cursor.id.0 });
        let (places, next) = self.newest_first(lists, before, limit)?;
        let ids = places.into_iter().map(|place| ClaimId(place.id));
        let claims = self.all_of("a claim of a list", ids)?;
        let next = next.map(|place| ClaimCursor { made_at: place.at, id: ClaimId(place.id) });
        Ok(ClaimPage { claims, next })
    }

    /// The complaints about an order, in the order they came; nothing if there is no such order.
    ///
    /// # Errors
    /// The database could not be read, or a claim is missing.
    pub fn claims_of_order(&self, id: OrderId) -> Result<Vec<Arc<Claim>>, Error> {
        let Some(order) = self.order(id)? else { return Ok(Vec::new()) };
        self.all_of("a claim of an order", order.claims.iter().copied())
    }

    /// The money that went back of an order, in the order it was asked for; nothing if there is no
    /// such order.
    ///
    /// # Errors
    /// The database could not be read, or a refund is missing.
    pub fn refunds_of_order(&self, id: OrderId) -> Result<Vec<Arc<Refund>>, Error> {
        let Some(order) = self.order(id)? else { return Ok(Vec::new()) };
        self.all_of("a refund of an order", order.refunds.iter().copied())
    }

    /// Up to `limit` coupons (never more than [`PAGE`]) behind `after`, in the order of ids.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn coupons(
        &self,
        after: Option<CouponId>,
        limit: usize,
    ) -> Result<Vec<Arc<Coupon>>, Error> {
        let kind = Row::new(COUPONS);
        let from = match after {
            Some(id) => Coupon::row(id).byte(0),
            None => kind,
        };
        let limit = limit.clamp(1, PAGE);
        self.scan(Column::Accounts, from, kind.behind()).take(limit).collect()
    }

    /// Up to `limit` webhooks (never more than [`PAGE`]) behind `after`, in the order of ids.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn webhooks(
        &self,
        after: Option<WebhookId>,
        limit: usize,
    ) -> Result<Vec<Arc<Webhook>>, Error> {
        let kind = Row::new(WEBHOOKS);
        let from = match after {
            Some(id) => Webhook::row(id).byte(0),
            None => kind,
        };
        let limit = limit.clamp(1, PAGE);
        self.scan(Column::Accounts, from, kind.behind()).take(limit).collect()
    }

    /// Everything that a restaurant counts or has switched off: dishes, then options, by id.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn stock_of_restaurant(&self, id: RestaurantId) -> Result<Vec<Arc<Stock>>, Error> {
        let from = stock::of_restaurant(id);
        self.scan(Column::Menus, from, from.behind()).collect()
    }

    /// A restaurant's slots that start in `[from, to)` and of which something is taken, in order.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn slots_of_restaurant(
        &self,
        id: RestaurantId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Arc<Slot>>, Error> {
        let all = slot::of_restaurant(id);
        if to <= from {
            return Ok(Vec::new());
        }
        let end = all.time(to).as_ref().to_vec();
        self.scan(Column::Menus, all.time(from), Some(end)).collect()
    }

    /// What people think of a restaurant's dishes, by id; dishes without stars are left out.
    ///
    /// # Errors
    /// The database could not be read.
    pub fn dish_scores_of_restaurant(
        &self,
        id: RestaurantId,
    ) -> Result<Vec<Arc<DishScore>>, Error> {
        let from = dish_score::of_restaurant(id);
        self.scan(Column::Menus, from, from.behind()).collect()
    }

    /// The records of a stretch of a column, which must all be of one kind.
    fn scan<T: Record>(
        &self,
        column: Column,
        from: Row,
        end: Option<Vec<u8>>,
    ) -> impl Iterator<Item = Result<Arc<T>, Error>> {
        let rows = self.rows(column, from, end);
        rows.map(|row| row.and_then(|(_, bytes)| codec::decode(&bytes).map(Arc::new)))
    }
}

fn or_all(states: &[ClaimState]) -> &[ClaimState] {
    if states.is_empty() { &ClaimState::ALL } else { states }
}
