//! Stars and words: who may give them, what is held back, and that the sums are exact.

use crate::ids::{CourierId, DishId, RestaurantId};
use crate::rating::Tally;
use crate::script::{MemoryCity, Script};
use expect_test::expect;
use proptest::prelude::*;
use std::collections::BTreeMap;

const OPEN: &str = "
    11:00 open    r1
    11:00 open    r2
    11:00 grant   boss at r1 manager
    11:00 courier carl
    11:00 courier cora
";

/// An order that was delivered by this courier.
fn eaten(script: &mut Script, name: &str, at: &str, by: &str, courier: &str) {
    script.run(&format!(
        "
        12:00 place   {name} at {at} by {by}: 1 ramen, 1 tea
        12:00 pay     {name}
        12:00 accept  {name} by {at}
        12:00 ready   {name} by {at}
        12:00 offer   {name} to {courier}
        12:00 take    {name} by {courier}
        12:00 pick_up {name} by {courier}
        12:20 deliver {name} by {courier}
        12:20 pay     {name}
        "
    ));
}

#[test]
fn what_can_be_said_of_an_order() {
    let mut script = Script::new();
    script.run(OPEN);
    eaten(&mut script, "o1", "r1", "alice", "carl");
    let told = script.run(
        "
        12:30:00  place   o2 at r1 by alice pickup cash: 1 ramen
        12:30:00  rate    o2 stars 5
        12:30:00  rate    o1 by bob stars 5
        12:30:00  rate    o1 stars 0
        12:30:00  rate    o1 stars 6
        12:30:00  rate    o1 stars 5 accuracy 0
        12:30:00  rate    o1 stars 5 speed 9
        12:30:00  rate    o1 stars 5: 5 gyoza
        12:30:00  rate    o1 stars 5: 0 tea
        12:30:00  rate    o1 stars 0 courier 4
        12:30:00  again   -
        12:31:00  rate    o1 stars 4 food 5 accuracy 3 care 5: 5 tea, 1 ramen
        12:31:00  again   -
        12:31:00  reply   o1 by r1 at r1
        12:31:00  reply   o1 by boss at r2
        12:31:00  reply   o2 by boss at r1
        12:31:00  reply   o1 by boss at r1
        12:31:00  again   -
        12:31:00  reply   o1 by boss at r1 text no
        180:30:00 rate    o1 stars 1
        180:30:01 rate    o1 stars 2
        ",
    );
    expect![[r#"
        12:30:00 place    o2   yes OrderPending o2 total=1299
                                   OrderPlaced o2 accept_by=12:35:00
        12:30:00 rate     o2   no  NotRateable
        12:30:00 rate     o1   no  OrderUnknown
        12:30:00 rate     o1   no  FieldInvalid /stars: a number from 1 to 5
        12:30:00 rate     o1   no  FieldInvalid /stars: a number from 1 to 5
        12:30:00 rate     o1   no  FieldInvalid /accuracy: a number from 1 to 5
        12:30:00 rate     o1   no  FieldInvalid /speed: a number from 1 to 5
        12:30:00 rate     o1   no  FieldInvalid /dishes/dsh_0005f6tka7b6r0tbtv7bz39fz3: a dish of this order
        12:30:00 rate     o1   no  FieldInvalid /dishes/dsh_0007exrhda0177s3m7xemfbkds: a number from 1 to 5
        12:30:00 rate     o1   yes OrderRated o1 stars=0
        12:30:00 again    -    yes (unchanged)
        12:31:00 rate     o1   yes OrderRated o1 stars=4
        12:31:00 again    -    yes (unchanged)
        12:31:00 reply    o1   no  Forbidden
        12:31:00 reply    o1   no  Forbidden
        12:31:00 reply    o2   no  RatingUnknown
        12:31:00 reply    o1   yes RatingReplied o1
        12:31:00 again    -    yes (unchanged)
        12:31:00 reply    o1   no  IdReused
        180:30:00 rate     o1   yes OrderRated o1 stars=1
        180:30:01 rate     o1   no  NotRateable
    "#]].assert_eq(&told);
    let rating = script.city.ratings.values().next().expect("a rating");
    assert!(rating.reply.is_some(), "an edit leaves the reply");
    check_sums(&script.city);
}

/// All sums and counts are those of the ratings that there are.
fn check_sums(city: &MemoryCity) {
    type Counted<K> = BTreeMap<(K, &'static str), Tally>;
    fn count<K: Ord>(counted: &mut Counted<K>, of: (K, &'static str), stars: Option<u8>) {
        if let Some(stars) = stars.filter(|stars| *stars > 0) {
            let tally = counted.entry(of).or_default();
            *tally = Tally { sum: tally.sum + u64::from(stars), count: tally.count + 1 };
        }
    }
    let mut restaurants: Counted<RestaurantId> = BTreeMap::new();
    let mut couriers: Counted<CourierId> = BTreeMap::new();
    let mut dishes: Counted<(RestaurantId, DishId)> = BTreeMap::new();
    for rating in city.ratings.values() {
        let stars = rating.stars;
        let id = rating.restaurant_id;
        count(&mut restaurants, (id, "all"), Some(stars.restaurant));
        count(&mut restaurants, (id, "food"), stars.food);
        count(&mut restaurants, (id, "packaging"), stars.packaging);
        count(&mut restaurants, (id, "accuracy"), stars.accuracy);
        if let Some(id) = rating.courier_id {
            count(&mut couriers, (id, "all"), stars.courier);
            count(&mut couriers, (id, "care"), stars.care);
            count(&mut couriers, (id, "manner"), stars.manner);
            count(&mut couriers, (id, "speed"), stars.speed);
        }
        for (dish_id, stars) in &rating.dishes {
            count(&mut dishes, ((id, *dish_id), "all"), Some(*stars));
        }
    }
    for it in city.restaurants.values() {
        let of = |part| restaurants.get(&(it.id, part)).copied().unwrap_or_default();
        assert_eq!(Tally { sum: it.rating_sum, count: it.rating_count }, of("all"));
        assert_eq!(it.tallies.food, of("food"));
        assert_eq!(it.tallies.packaging, of("packaging"));
        assert_eq!(it.tallies.accuracy, of("accuracy"));
    }
    for it in city.couriers.values() {
        let of = |part| couriers.get(&(it.id, part)).copied().unwrap_or_default();
        assert_eq!(Tally { sum: it.rating_sum, count: it.rating_count }, of("all"));
        assert_eq!(it.tallies.care, of("care"));
        assert_eq!(it.tallies.manner, of("manner"));
        assert_eq!(it.tallies.speed, of("speed"));
    }
    for (id, score) in &city.dish_scores {
        assert_eq!(score.tally, dishes.remove(&(*id, "all")).unwrap_or_default());
    }
    assert!(dishes.is_empty(), "{dishes:?}");
}

/// One rating, or an edit: whose order, and stars for each part, 0 for nothing said.
fn said() -> impl Strategy<Value = String> {
    let stars = proptest::array::uniform8(0..=6_u8);
    let dishes = proptest::array::uniform2(0..=6_u8);
    (1..=4_u8, stars, dishes, any::<bool>()).prop_map(|(order, stars, dishes, edit)| {
        let names =
            ["stars", "food", "packaging", "accuracy", "courier", "care", "manner", "speed"];
        let parts = names.iter().zip(stars).filter(|(name, n)| **name == "stars" || *n > 0);
        let parts: Vec<String> = parts.map(|(name, n)| format!("{name} {n}")).collect();
        let dishes = ["ramen", "tea"].iter().zip(dishes).filter(|(_, n)| *n > 0);
        let dishes: Vec<String> = dishes.map(|(name, n)| format!("{n} {name}")).collect();
        let by = if order % 2 == 0 { "alice" } else { "bob" };
        let text = if edit { " text again" } else { "" };
        format!("13:00 rate o{order} by {by} {}{text}: {}", parts.join(" "), dishes.join(", "))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn sums_are_those_of_the_ratings(lives in proptest::collection::vec(said(), 1..40)) {
        let mut script = Script::new();
        script.run(OPEN);
        eaten(&mut script, "o1", "r1", "bob", "carl");
        eaten(&mut script, "o2", "r1", "alice", "cora");
        eaten(&mut script, "o3", "r2", "bob", "carl");
        eaten(&mut script, "o4", "r2", "alice", "carl");
        for line in lives {
            script.line(&line);
            check_sums(&script.city);
        }
    }
}
