//! Lists of the marketplace: complaints, ratings, coupons, and what a kitchen has promised.

use crate::codec;
use crate::column::Column;
use crate::error::Error;
use crate::query::{CityView, PAGE, Place};
use crate::record::coupon::COUPONS;
use crate::record::webhook::WEBHOOKS;
use crate::record::{Record, claim, dish_score, rating, slot, stock};
use crate::row::Row;
use domain::claim::{Claim, ClaimState};
use domain::coupon::Coupon;
use domain::ids::*;
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
