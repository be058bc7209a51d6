//! From counts to points: 1,000 of them, of which each kind of flaw takes its part.
//!
//! A part is lost in proportion to the share of orders with its flaw, and wholly from some share
//! on. A restaurant's order that never came was neither in time nor right nor good: it counts in
//! every part. All of it is whole numbers.

use super::{Counted, Quality, QualityOf, Step};
use crate::limits::{QUALITY_LIMIT, QUALITY_ORDERS, QUALITY_PAUSE, QUALITY_WARNING};
use crate::rating::Tally;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// All that can be lost.
const WHOLE: u32 = 1_000;
/// From so many ratings on stars mean something.
const STARS_FROM: u64 = 5;

/// What points are lost for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A restaurant refused, called off or did not answer.
    Unfulfilled,
    /// A restaurant made a courier wait; a courier came late through their own doing.
    Late,
    /// A restaurant left something out, or packed something else.
    Inaccurate,
    /// The food was not good.
    Poor,
    /// A courier lost or damaged it.
    Failed,
    /// A courier said yes and did not come.
    GivenBack,
    /// What people give a courier.
    Stars,
}

/// How much of a part is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartScore {
    /// Which.
    pub part: Part,
    /// Orders of the last 84 days with this flaw; for stars, how many gave some.
    pub count: i64,
    /// Their share of all orders; for stars, how far they are from five, three being 1,000.
    pub permille: i64,
    /// Points lost for it.
    pub lost: u32,
    /// The most that can be.
    pub at_most: u32,
}

/// How well somebody works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// Orders of the last 84 days that were theirs to do.
    pub orders: i64,
    /// From 0 to 1,000; nothing before 20 orders.
    pub points: Option<u32>,
    /// What it is made of.
    pub parts: Vec<PartScore>,
}

/// What a flaw costs: all of its points from a share of the orders on.
struct Weight {
    part: Part,
    counted: Counted,
    at_most: u32,
    worst_permille: i64,
}

const fn weight(part: Part, counted: Counted, at_most: u32, worst_permille: i64) -> Weight {
    Weight { part, counted, at_most, worst_permille }
}

const OF_RESTAURANT: [Weight; 4] = [
    weight(Part::Unfulfilled, Counted::Unfulfilled, 400, 250),
    weight(Part::Late, Counted::Late, 250, 500),
    weight(Part::Inaccurate, Counted::Inaccurate, 200, 200),
    weight(Part::Poor, Counted::Poor, 150, 200),
];
const OF_COURIER: [Weight; 3] = [
    weight(Part::Failed, Counted::Failed, 400, 100),
    weight(Part::GivenBack, Counted::Unfulfilled, 250, 300),
    weight(Part::Late, Counted::Late, 200, 400),
];
/// What stars can cost a courier.
const STARS: u32 = 150;

impl Quality {
    /// How well they work, as seen at this moment. `stars` are what people gave them.
    pub fn score(&self, at: Timestamp, stars: Tally) -> Score {
        let orders = self.count(Counted::Orders, at);
        let weights = match self.of {
            QualityOf::Restaurant(_) => OF_RESTAURANT.as_slice(),
            QualityOf::Courier(_) => OF_COURIER.as_slice(),
        };
        let mut parts: Vec<_> = weights.iter().map(|it| self.part(it, orders, at)).collect();
        if matches!(self.of, QualityOf::Courier(_)) {
            parts.push(of_stars(stars));
        }
        let lost = parts.iter().map(|part| part.lost).sum();
        let points = (orders >= QUALITY_ORDERS).then(|| WHOLE.saturating_sub(lost));
        Score { orders, points, parts }
    }

    fn part(&self, weight: &Weight, orders: i64, at: Timestamp) -> PartScore {
        let Weight { part, counted, at_most, worst_permille } = *weight;
        let never_came = match self.of {
            QualityOf::Restaurant(_) if counted != Counted::Unfulfilled => {
                self.count(Counted::Unfulfilled, at)
            }
            QualityOf::Restaurant(_) | QualityOf::Courier(_) => 0,
        };
        let count = self.count(counted, at);
        let permille = ((count + never_came) * 1_000 / orders.max(1)).min(1_000);
        PartScore { part, count, permille, lost: lost(at_most, permille, worst_permille), at_most }
    }

    /// What the score asks for. Couriers hear of theirs; what follows from it a person decides.
    pub(crate) fn asks_for(&self, at: Timestamp, stars: Tally) -> Option<Step> {
        let step = match self.score(at, stars).points? {
            points if points < QUALITY_PAUSE => Step::Pause,
            points if points < QUALITY_LIMIT => Step::Limit,
            points if points < QUALITY_WARNING => Step::Warn,
            _ => return None,
        };
        match self.of {
            QualityOf::Restaurant(_) => Some(step),
            QualityOf::Courier(_) => Some(Step::Warn),
        }
    }
}

fn lost(at_most: u32, permille: i64, worst_permille: i64) -> u32 {
    let part = i64::from(at_most) * permille.min(worst_permille) / worst_permille;
    u32::try_from(part).unwrap_or(at_most)
}

/// Five stars cost nothing, three or fewer all of it.
fn of_stars(stars: Tally) -> PartScore {
    let Tally { sum, count } = stars;
    let missing = count.saturating_mul(5).saturating_sub(sum);
    let permille = match count {
        0..STARS_FROM => 0,
        _ => i64::try_from(missing.saturating_mul(500) / count).unwrap_or(1_000).min(1_000),
    };
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    PartScore {
        part: Part::Stars,
        count,
        permille,
        lost: lost(STARS, permille, 1_000),
        at_most: STARS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CourierId, RestaurantId};
    use crate::time::DAY_MS;

    /// The points of somebody with so many orders, of which so many had each of these flaws.
    fn points(of: QualityOf, orders: u32, flaws: &[(Counted, u32)], stars: Tally) -> Option<u32> {
        let mut quality = Quality::new(of);
        let at = Timestamp(100 * DAY_MS);
        (0..orders).for_each(|_| quality.add(Counted::Orders, at));
        for (counted, times) in flaws {
            (0..*times).for_each(|_| quality.add(*counted, at));
        }
        let score = quality.score(at, stars);
        let at_most: u32 = score.parts.iter().map(|part| part.at_most).sum();
        assert_eq!(at_most, WHOLE);
        score.points
    }

    #[test]
    fn a_restaurant_loses_what_its_flaws_weigh() {
        let of = QualityOf::Restaurant(RestaurantId([1; 16]));
        let of_100 = |flaws: &[(Counted, u32)]| points(of, 100, flaws, Tally::default());
        assert_eq!(points(of, 19, &[], Tally::default()), None);
        assert_eq!(points(of, 20, &[], Tally::default()), Some(1_000));
        // What never came was not in time, not right and not good either.
        assert_eq!(of_100(&[(Counted::Unfulfilled, 5)]), Some(1_000 - 80 - 25 - 50 - 37));
        assert_eq!(of_100(&[(Counted::Unfulfilled, 100)]), Some(0));
        assert_eq!(of_100(&[(Counted::Late, 10)]), Some(950));
        assert_eq!(of_100(&[(Counted::Late, 100)]), Some(750));
        assert_eq!(of_100(&[(Counted::Inaccurate, 10)]), Some(900));
        assert_eq!(of_100(&[(Counted::Poor, 10)]), Some(925));
        assert_eq!(of_100(&[(Counted::Failed, 100)]), Some(1_000));
    }

    #[test]
    fn a_courier_loses_what_their_flaws_weigh() {
        let of = QualityOf::Courier(CourierId([1; 16]));
        let stars = |sum, count| Tally { sum, count };
        let of_100 = |flaws: &[(Counted, u32)], stars| points(of, 100, flaws, stars);
        assert_eq!(of_100(&[], stars(4, 4)), Some(1_000), "so few stars say nothing");
        assert_eq!(of_100(&[], stars(20, 5)), Some(925));
        assert_eq!(of_100(&[], stars(10, 10)), Some(850));
        assert_eq!(of_100(&[(Counted::Failed, 5)], stars(0, 0)), Some(800));
        assert_eq!(of_100(&[(Counted::Unfulfilled, 30)], stars(0, 0)), Some(750));
        assert_eq!(of_100(&[(Counted::Late, 20)], stars(0, 0)), Some(900));
    }

    #[test]
    fn what_is_older_than_84_days_is_forgotten() {
        let mut quality = Quality::new(QualityOf::Restaurant(RestaurantId([1; 16])));
        let at = |day: i64| Timestamp(day * DAY_MS);
        quality.add(Counted::Orders, at(10));
        quality.add(Counted::Orders, at(11));
        assert_eq!(quality.count(Counted::Orders, at(93)), 2);
        assert_eq!(quality.count(Counted::Orders, at(94)), 1);
        assert_eq!(quality.count(Counted::Orders, at(95)), 0);
    }
}
