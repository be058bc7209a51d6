//! A city in text, and the plan for it in text.

use crate::*;
use domain::courier::Vehicle;
use domain::ids::{CourierId, DeliveryId, OrderId};
use domain::position::Position;
use domain::time::{MINUTE_MS, SECOND_MS, Timestamp};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The id of "c7" or "d7": a number in the last bytes.
fn id(number: u32) -> [u8; 16] {
    let mut id = [0; 16];
    id[12..].copy_from_slice(&number.to_be_bytes());
    id
}

fn number(id: [u8; 16]) -> u32 {
    u32::from_be_bytes(id[12..].try_into().unwrap())
}

/// "east,north" in metres from the middle of the city.
fn place(text: &str) -> Position {
    let (east, north) = text.split_once(',').unwrap();
    let units = |metres: &str, each: f64| (metres.parse::<f64>().unwrap() * each).round() as i32;
    Position {
        lat_e7: 411_496_000 + units(north, 89.932),
        lng_e7: -86_110_000 + units(east, 119.428),
    }
}

/// "hours:minutes" or "hours:minutes:seconds".
fn time(text: &str) -> Timestamp {
    let parts = text.split(':').zip([60 * MINUTE_MS, MINUTE_MS, SECOND_MS]);
    Timestamp(parts.map(|(part, ms)| part.parse::<i64>().unwrap() * ms).sum())
}

fn clock(at: Timestamp) -> String {
    let s = at.0 / SECOND_MS;
    format!("{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
}

/// Reads lines: "now 12:00", "c1 scooter at 0,500 [age 20] [free 12:10] [carries 1]",
/// "d1 from 0,0 to 900,0 ready 12:20 [declined c1 c2] [asked c3]".
fn snapshot(text: &str) -> Snapshot {
    let mut snapshot = Snapshot { now: Timestamp(0), jobs: Vec::new(), couriers: Vec::new() };
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let after = |key: &str| {
            let at = words.iter().position(|word| *word == key)?;
            words.get(at + 1).copied()
        };
        let (kind, digits) = words[0].split_at(1);
        let number_of = |text: &str| text[1..].parse::<u32>().unwrap();
        match kind {
            "n" => snapshot.now = time(words[1]),
            "c" => snapshot.couriers.push(Courier {
                id: CourierId(id(digits.parse().unwrap())),
                position: place(after("at").unwrap()),
                position_age_ms: after("age").map_or(0, |s| s.parse::<i64>().unwrap() * SECOND_MS),
                free_at: after("free").map_or(Timestamp(0), time),
                carrying: after("carries").map_or(0, |n| n.parse().unwrap()),
                capacity: 2,
                vehicle: match words[1] {
                    "foot" => Vehicle::Foot,
                    "bicycle" => Vehicle::Bicycle,
                    "scooter" => Vehicle::Scooter,
                    "car" => Vehicle::Car,
                    other => panic!("no vehicle: {other}"),
                },
            }),
            "d" => {
                let declined = words.iter().skip_while(|word| **word != "declined").skip(1);
                let declined = declined.take_while(|word| word.starts_with('c'));
                let asked = after("asked").map(|name| CourierId(id(number_of(name))));
                snapshot.jobs.push(Job {
                    delivery: DeliveryId(id(digits.parse().unwrap())),
                    order: OrderId(id(digits.parse().unwrap())),
                    fence: 3,
                    pickup: place(after("from").unwrap()),
                    drop: place(after("to").unwrap()),
                    ready_at: time(after("ready").unwrap()),
                    declined_by: declined.map(|name| CourierId(id(number_of(name)))).collect(),
                    state: asked.map_or(JobState::Open, |courier| JobState::Offered { courier }),
                });
            }
            other => panic!("no such line: {other}"),
        }
    }
    snapshot
}

fn candidates(candidates: &[Candidate]) -> String {
    let mut text = String::new();
    for candidate in candidates {
        let verdict = match candidate.verdict {
            Verdict::Chosen => "chosen".to_owned(),
            Verdict::Stale { age_ms } => format!("position {} s old", age_ms / SECOND_MS),
            Verdict::Declined => "declined".to_owned(),
            Verdict::Asked { delivery } => format!("asked about d{}", number(delivery.0)),
            Verdict::Full { carrying } => format!("carries {carrying}"),
            Verdict::Slower { door_at } => format!("at the door {}", clock(door_at)),
        };
        let Candidate { courier, distance_m, arrives_at, .. } = candidate;
        text += &format!(
            "    c{} {distance_m} m, there {}: {verdict}\n",
            number(courier.0),
            clock(*arrives_at)
        );
    }
    text
}

fn shown(plan: &Plan) -> String {
    let mut text = String::new();
    for Intent::Offer(offer) in &plan.intents {
        text += &format!(
            "d{} -> c{} there {} door {} ring {} fence {}\n",
            number(offer.delivery.0),
            number(offer.courier.0),
            clock(offer.arrives_at),
            clock(offer.door_at),
            offer.ring_m,
            offer.fence
        );
        text += &candidates(&offer.candidates);
    }
    for Waiting { delivery, why, candidates: looked_at } in &plan.waiting {
        let why = match why {
            Why::NotYet { until } => format!("until {}", clock(*until)),
            Why::Nobody => "for somebody".to_owned(),
        };
        text += &format!("d{} waits {why}\n{}", number(delivery.0), candidates(looked_at));
    }
    text
}

fn check(city: &str, expected: Expect) {
    expected.assert_eq(&shown(&plan(&snapshot(city), &Weights::default())));
}

#[test]
fn the_nearest_takes_it_when_it_is_time() {
    check(
        "
        now 12:00
        c1 bicycle at 0,900
        c2 bicycle at 0,-400
        c3 bicycle at 1500,0
        d1 from 0,0 to 2000,0 ready 12:10
        ",
        expect![[r#"
            d1 -> c2 there 12:04:14 door 12:25:11 ring 2000 fence 3
                c2 400 m, there 12:04:14: chosen
                c1 900 m, there 12:07:02: at the door 12:25:11
                c3 1499 m, there 12:10:23: at the door 12:25:35
        "#]],
    );
}

#[test]
fn food_that_is_not_ready_keeps_nobody() {
    check(
        "
        now 12:00
        c1 bicycle at 0,500
        d1 from 0,0 to 2000,0 ready 12:40
        d2 from 0,1500 to 2000,0 ready 12:12
        ",
        expect![[r#"
            d2 -> c1 there 12:07:35 door 12:29:59 ring 2000 fence 3
                c1 999 m, there 12:07:35: chosen
            d1 waits for somebody
                c1 499 m, there 12:04:47: asked about d2
        "#]],
    );
}

#[test]
fn everybody_passed_over_has_a_reason() {
    check(
        "
        now 12:00
        c1 scooter at 0,100 age 16
        c2 scooter at 0,200
        c3 scooter at 0,300
        c4 scooter at 0,400 carries 2
        c5 scooter at 0,500 age 15
        c6 scooter at 0,7100
        d1 from 0,0 to 2000,0 ready 12:05 declined c2
        d2 from 0,0 to 2000,0 ready 12:09 asked c3
        ",
        expect![[r#"
            d1 -> c5 there 12:03:54 door 12:16:37 ring 2000 fence 3
                c5 499 m, there 12:03:54: chosen
                c1 99 m, there 12:02:22: position 16 s old
                c2 199 m, there 12:02:45: declined
                c3 300 m, there 12:03:08: asked about d2
                c4 400 m, there 12:03:31: carries 2
        "#]],
    );
}

#[test]
fn rings_widen_only_when_nobody_near_comes_in_time() {
    check(
        "
        now 12:00
        c1 foot at 0,1900
        c2 scooter at 0,3000
        c3 scooter at 0,6000
        d1 from 0,0 to 200,0 ready 12:40
        d2 from 0,0 to 200,0 ready 12:14
        ",
        expect![[r#"
            d2 -> c2 there 12:13:27 door 12:18:45 ring 4000 fence 3
                c2 2999 m, there 12:13:27: chosen
                c1 1900 m, there 12:33:55: at the door 12:41:15
                c3 5999 m, there 12:24:54: at the door 12:29:39
            d1 waits until 12:00:04
                c1 1900 m, there 12:33:55: at the door 12:47:20
                c2 2999 m, there 12:13:27: asked about d2
                c3 5999 m, there 12:24:54: at the door 12:44:45
        "#]],
    );
}

#[test]
fn the_door_counts_and_not_only_the_kitchen() {
    check(
        "
        now 12:00
        c1 foot at 0,100
        c2 scooter at 0,1000
        d1 from 0,0 to 5000,0 ready 12:05
        ",
        expect![[r#"
            d1 -> c2 there 12:05:48 door 12:28:54 ring 2000 fence 3
                c2 999 m, there 12:05:48: chosen
                c1 99 m, there 12:03:39: at the door 13:32:58
        "#]],
    );
}

#[test]
fn who_carries_can_be_asked_about_what_comes_after() {
    check(
        "
        now 12:00
        c1 scooter at 0,100 carries 1 free 12:04
        c2 scooter at 0,3900
        d1 from 0,0 to 900,0 ready 12:08
        d2 from 0,0 to 900,0 ready 12:09
        ",
        expect![[r#"
            d1 -> c1 there 12:06:22 door 12:15:25 ring 2000 fence 3
                c1 99 m, there 12:06:22: chosen
                c2 3900 m, there 12:16:53: at the door 12:24:19
            d2 -> c2 there 12:16:53 door 12:24:19 ring 4000 fence 3
                c2 3900 m, there 12:16:53: chosen
                c1 99 m, there 12:06:22: asked about d1
        "#]],
    );
}

#[test]
fn the_food_that_is_ready_first_chooses_first() {
    check(
        "
        now 12:00
        c1 bicycle at 0,100
        d1 from 0,0 to 900,0 ready 12:05
        d2 from 0,200 to 900,0 ready 11:50
        d3 from 0,20000 to 900,0 ready 11:40
        ",
        expect![[r#"
            d2 -> c1 there 12:02:33 door 12:11:42 ring 2000 fence 3
                c1 99 m, there 12:02:33: chosen
            d3 waits for somebody
            d1 waits for somebody
                c1 99 m, there 12:02:33: asked about d2
        "#]],
    );
}

fn any_place() -> impl Strategy<Value = Position> {
    (-9_000..9_000i32, -9_000..9_000i32).prop_map(|(x, y)| place(&format!("{x},{y}")))
}

fn any_courier() -> impl Strategy<Value = Courier> {
    let vehicle =
        prop::sample::select(vec![Vehicle::Foot, Vehicle::Bicycle, Vehicle::Scooter, Vehicle::Car]);
    (0..40u32, any_place(), 0..20_000i64, -9..9i64, 0..3u32, 1..3u32, vehicle).prop_map(
        |(number, position, position_age_ms, free, carrying, capacity, vehicle)| Courier {
            id: CourierId(id(number)),
            position,
            position_age_ms,
            free_at: time("12:00").plus_ms(free * MINUTE_MS),
            carrying,
            capacity,
            vehicle,
        },
    )
}

fn any_job() -> impl Strategy<Value = Job> {
    let declined = prop::collection::btree_set((0..40u32).prop_map(|n| CourierId(id(n))), 0..4);
    let state = prop_oneof![
        4 => Just(JobState::Open),
        1 => (0..40u32).prop_map(|n| JobState::Offered { courier: CourierId(id(n)) }),
    ];
    (0..40u32, any_place(), any_place(), -20..30i64, declined, state).prop_map(
        |(number, pickup, drop, ready, declined_by, state)| Job {
            delivery: DeliveryId(id(number)),
            order: OrderId(id(number)),
            fence: number,
            pickup,
            drop,
            ready_at: time("12:00").plus_ms(ready * MINUTE_MS),
            declined_by,
            state,
        },
    )
}

/// Lists in which an id can stand twice, with different content.
fn any_snapshot() -> impl Strategy<Value = Snapshot> {
    let jobs = prop::collection::vec(any_job(), 0..25);
    let couriers = prop::collection::vec(any_courier(), 0..25);
    (jobs, couriers).prop_map(|(jobs, couriers)| Snapshot { now: time("12:00"), jobs, couriers })
}

fn offers(plan: &Plan) -> impl Iterator<Item = &Offer> {
    plan.intents.iter().map(|Intent::Offer(offer)| offer)
}

/// The same, each id once.
fn without_repeats(mut snapshot: Snapshot) -> Snapshot {
    let mut seen = BTreeSet::new();
    snapshot.jobs.retain(|job| seen.insert(job.delivery.0));
    seen.clear();
    snapshot.couriers.retain(|courier| seen.insert(courier.id.0));
    snapshot
}

fn can_be_asked(courier: &Courier, job: &Job, weights: &Weights) -> bool {
    courier.position_age_ms <= weights.stale_after_ms
        && courier.carrying < courier.capacity
        && !job.declined_by.contains(&courier.id)
        && metres_between(courier.position, job.pickup) <= weights.rings_m[2]
}

proptest! {
    #[test]
    fn the_order_of_the_lists_does_not_matter(
        (snapshot, jobs, couriers) in any_snapshot().prop_flat_map(|s| {
            let jobs = Just(s.jobs.clone()).prop_shuffle();
            let couriers = Just(s.couriers.clone()).prop_shuffle();
            (Just(s), jobs, couriers)
        }),
    ) {
        let weights = Weights::default();
        let shuffled = Snapshot { now: snapshot.now, jobs, couriers };
        prop_assert_eq!(plan(&snapshot, &weights), plan(&shuffled, &weights));
    }

    #[test]
    fn every_offer_may_be_made(snapshot in any_snapshot().prop_map(without_repeats)) {
        let weights = Weights::default();
        let plan = plan(&snapshot, &weights);
        let mut asked: BTreeSet<CourierId> = snapshot.jobs.iter().filter_map(|job| match job.state {
            JobState::Open => None,
            JobState::Offered { courier } => Some(courier),
        }).collect();
        let mut offered = BTreeSet::new();
        for offer in offers(&plan) {
            let job = snapshot.jobs.iter().find(|job| job.delivery == offer.delivery).unwrap();
            let courier = snapshot.couriers.iter().find(|c| c.id == offer.courier).unwrap();
            prop_assert_eq!((job.state, job.fence), (JobState::Open, offer.fence));
            prop_assert!(can_be_asked(courier, job, &weights));
            prop_assert!(asked.insert(courier.id), "asked about one thing at a time");
            prop_assert!(offered.insert(offer.delivery), "one offer for each job");
            prop_assert!(offer.arrives_at >= courier.free_at.max(snapshot.now));
            prop_assert!(offer.pickup_at >= offer.arrives_at.max(job.ready_at));
            prop_assert!(offer.arrives_at.plus_ms(weights.lead_ms) >= job.ready_at, "not too early");
            let reasons = &offer.candidates;
            prop_assert!(reasons.len() <= MAX_EXPLAINED);
            let first = (reasons[0].courier, reasons[0].verdict);
            prop_assert_eq!(first, (courier.id, Verdict::Chosen));
            prop_assert!(reasons[1..].iter().all(|c| c.verdict != Verdict::Chosen));
        }
    }

    #[test]
    fn nobody_is_left_out(snapshot in any_snapshot().prop_map(without_repeats)) {
        let weights = Weights::default();
        let plan = plan(&snapshot, &weights);
        let open: BTreeSet<_> =
            snapshot.jobs.iter().filter(|j| j.state == JobState::Open).map(|j| j.delivery)
            .collect();
        let waiting = plan.waiting.iter().map(|w| w.delivery);
        let answered = offers(&plan).map(|o| o.delivery).chain(waiting);
        let answered: Vec<_> = answered.collect();
        prop_assert_eq!(answered.len(), open.len());
        prop_assert_eq!(answered.into_iter().collect::<BTreeSet<_>>(), open);

        let mut asked: BTreeSet<CourierId> = offers(&plan).map(|offer| offer.courier).collect();
        asked.extend(snapshot.jobs.iter().filter_map(|job| match job.state {
            JobState::Open => None,
            JobState::Offered { courier } => Some(courier),
        }));
        for waiting in &plan.waiting {
            let job = snapshot.jobs.iter().find(|job| job.delivery == waiting.delivery).unwrap();
            match waiting.why {
                Why::Nobody => {
                    let free = snapshot.couriers.iter().find(|courier| {
                        can_be_asked(courier, job, &weights) && !asked.contains(&courier.id)
                    });
                    prop_assert_eq!(free, None, "somebody in reach was free");
                }
                Why::NotYet { until } => prop_assert!(snapshot.now < until && until < job.ready_at),
            }
        }
    }

    #[test]
    fn no_numbers_make_it_fall_over(
        numbers in prop::array::uniform6(any::<i64>()),
        places in prop::array::uniform6(any::<i32>()),
        odd in prop::array::uniform6(any::<i64>()),
    ) {
        let at = |n: usize| Position { lat_e7: places[n], lng_e7: places[n + 1] };
        let mut snapshot = snapshot("c1 car at 0,0\n d1 from 0,0 to 1,1 ready 12:00");
        snapshot.now = Timestamp(numbers[0]);
        snapshot.couriers[0].position = at(0);
        snapshot.couriers[0].free_at = Timestamp(numbers[1]);
        snapshot.couriers[0].position_age_ms = numbers[2];
        snapshot.jobs[0].pickup = at(if numbers[3] > 0 { 0 } else { 2 });
        snapshot.jobs[0].drop = at(4);
        snapshot.jobs[0].ready_at = Timestamp(numbers[4]);
        let plan = plan(&snapshot, &Weights::default());
        prop_assert_eq!(plan.intents.len() + plan.waiting.len(), 1);
        let [lead_ms, patience_ms, walk_in_ms, reach, detour_permille, car_m_per_h] = odd;
        let rings_m = [reach, reach.saturating_add(1), 7_000];
        let weights = Weights {
            lead_ms, patience_ms, walk_in_ms, rings_m, detour_permille, car_m_per_h,
            ..Weights::default()
        };
        let plan = crate::plan(&snapshot, &weights);
        prop_assert_eq!(plan.intents.len() + plan.waiting.len(), 1);
    }
}
