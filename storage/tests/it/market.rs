//! Lists of the marketplace: claims by state, stock and slots of a kitchen, coupons.

use crate::city::City;
use crate::samples;
use domain::Write;
use domain::claim::{Claim, ClaimState, ClaimStatus};
use domain::ids::{ClaimId, CouponId, DishId, OptionId, RestaurantId};
use domain::money::Money;
use domain::order::Fault;
use domain::stock::StockTarget;
use domain::time::Timestamp;

/// Claim number n is made at moment n.
fn claim(number: u8, status: ClaimStatus) -> Claim {
    let made_at = Timestamp(number.into());
    Claim { id: ClaimId([number; 16]), made_at, status, ..samples::claim() }
}

fn open() -> ClaimStatus {
    ClaimStatus::Open { answer_by: Timestamp(1_000) }
}

#[test]
fn claims_are_listed_by_state_newest_first() {
    let mut city = City::new();
    let claims = [claim(1, open()), claim(2, open()), claim(3, ClaimStatus::Contested)];
    city.apply(claims.map(|claim| Write::Claim(claim.into())));
    let (fault, amount) = (Fault::Restaurant, Money(5));
    let settled = ClaimStatus::Settled { amount, fault, refund_id: None };
    city.apply([Write::Claim(claim(1, settled).into())]);

    let view = city.reader.view();
    let (restaurant, customer) = (samples::claim().restaurant_id, samples::claim().customer_id);
    let numbers = |page: storage::ClaimPage| -> Vec<u8> {
        page.claims.iter().map(|claim| claim.id.0[0]).collect()
    };
    assert_eq!(numbers(view.claims(&[], None, 9).unwrap()), [3, 2, 1]);
    assert_eq!(numbers(view.claims(&[ClaimState::Open], None, 9).unwrap()), [2]);
    let states = [ClaimState::Settled, ClaimState::Contested];
    let of_restaurant = view.claims_of_restaurant(restaurant, &states, None, 9).unwrap();
    assert_eq!(numbers(of_restaurant), [3, 1]);
    let first = view.claims_of_customer(customer, None, 2).unwrap();
    let next = view.claims_of_customer(customer, first.next, 2).unwrap();
    assert_eq!((numbers(first), numbers(next)), (vec![3, 2], vec![1]));
    let nobody = RestaurantId([0; 16]);
    assert_eq!(view.claims_of_restaurant(nobody, &[], None, 9).unwrap().claims, []);
}

#[test]
fn an_order_leads_to_its_claims_and_refunds() {
    let mut city = City::new();
    city.apply([
        Write::Order(samples::order().into()),
        Write::Claim(samples::claim().into()),
        Write::Refund(samples::refund().into()),
    ]);
    let view = city.reader.view();
    let id = samples::order().id;
    assert_eq!(view.claims_of_order(id).unwrap(), [samples::claim().into()]);
    assert_eq!(view.refunds_of_order(id).unwrap(), [samples::refund().into()]);
    let mut other = id;
    other.0[0] = 0;
    assert_eq!(view.claims_of_order(other).unwrap(), []);
    assert_eq!(view.refunds_of_order(other).unwrap(), []);
}

#[test]
fn stock_and_slots_are_those_of_one_restaurant() {
    let mut city = City::new();
    let targets = [StockTarget::Option(OptionId([1; 16])), StockTarget::Dish(DishId([2; 16]))];
    let restaurants = [RestaurantId([1; 16]), RestaurantId([2; 16])];
    for restaurant_id in restaurants {
        for target in targets {
            let stock = domain::stock::Stock { restaurant_id, target, ..samples::stock() };
            city.apply([Write::Stock(stock.into())]);
        }
        for start in [0, 900_000, 1_800_000].map(Timestamp) {
            let slot = domain::slot::Slot { restaurant_id, start, ..samples::slot() };
            city.apply([Write::Slot(slot.into())]);
        }
        let score = domain::rating::DishScore { restaurant_id, ..samples::dish_score() };
        city.apply([Write::DishScore(score.into())]);
    }
    city.apply([Write::DropSlot(restaurants[0], Timestamp(0))]);

    let view = city.reader.view();
    let stock = view.stock_of_restaurant(restaurants[0]).unwrap();
    assert_eq!(
        stock.iter().map(|stock| stock.target).collect::<Vec<_>>(),
        [targets[1], targets[0]]
    );
    assert!(stock.iter().all(|stock| stock.restaurant_id == restaurants[0]));
    let starts = |restaurant, from, to| -> Vec<i64> {
        let slots = view.slots_of_restaurant(restaurant, Timestamp(from), Timestamp(to)).unwrap();
        slots.iter().map(|slot| slot.start.0).collect()
    };
    assert_eq!(starts(restaurants[0], 0, 1_800_000), [900_000]);
    assert_eq!(starts(restaurants[1], 0, 1_800_001), [0, 900_000, 1_800_000]);
    assert_eq!(starts(restaurants[1], 5, 5), [0i64; 0]);
    let scores = view.dish_scores_of_restaurant(restaurants[1]).unwrap();
    assert!(matches!(&scores[..], [one] if one.restaurant_id == restaurants[1]));
}

#[test]
fn coupons_come_in_pages() {
    let mut city = City::new();
    for number in 1..=3 {
        let coupon = domain::coupon::Coupon { id: CouponId([number; 16]), ..samples::coupon() };
        city.apply([Write::Coupon(coupon.into())]);
    }
    // What lies beside them in the column.
    city.apply([Write::Tab(samples::tab().into()), Write::CouponUse(samples::coupon_use().into())]);
    let view = city.reader.view();
    let first = view.coupons(None, 2).unwrap();
    let rest = view.coupons(Some(first[1].id), 2).unwrap();
    let all: Vec<u8> = first.iter().chain(&rest).map(|coupon| coupon.id.0[0]).collect();
    assert_eq!((all, first.len()), (vec![1, 2, 3], 2));
}
