use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

fn porto() -> Area {
    Area::around(Position { lat_e7: 411_496_000, lng_e7: -86_110_000 }, 20_000.0).unwrap()
}

/// A place so many metres east and north of the centre, more or less.
fn near(east_m: i32, north_m: i32) -> Position {
    let centre = porto().centre();
    Position { lat_e7: centre.lat_e7 + north_m * 90, lng_e7: centre.lng_e7 + east_m * 119 }
}

fn courier(n: u32) -> CourierId {
    let mut bytes = [0; 16];
    bytes[12..].copy_from_slice(&n.to_be_bytes());
    CourierId(bytes)
}

fn ping(n: u32, seq: u16, at_ms: i64, position: Position) -> Ping {
    Ping {
        courier: courier(n),
        stamp: Stamp { conn: 1, seq },
        at: Timestamp(at_ms),
        position,
        speed_mps: Some(4.5),
        heading_deg: Some(270),
    }
}

fn who(seen: &[Seen]) -> Vec<u32> {
    seen.iter().map(|s| u32::from_be_bytes(s.courier.0[12..].try_into().unwrap())).collect()
}

const NOW: Timestamp = Timestamp(1_000_000);

#[test]
fn the_newest_wins_whatever_the_order() {
    let couriers = Couriers::new(porto());
    let all = |conn, seq, at_ms| {
        let stamp = Stamp { conn, seq };
        couriers.moved(&Ping { stamp, ..ping(1, 0, at_ms, near(i32::from(seq), 0)) }).unwrap()
    };
    assert_eq!(all(1, 5, 1_000), Taken::Newest);
    assert_eq!(all(1, 5, 1_000), Taken::Stale, "a repeat");
    assert_eq!(all(1, 4, 1_500), Taken::Stale, "overtaken on the way");
    assert_eq!(all(2, 0, 1_200), Taken::Newest, "a new connection takes over");
    assert_eq!(all(1, 9, 1_300), Taken::Stale, "the old connection is over");
    assert_eq!(all(1, 0, 1_200 + OFFLINE_MS), Taken::Stale);
    assert_eq!(all(1, 0, 1_201 + OFFLINE_MS), Taken::Newest, "a new phone, after a long silence");
    assert_eq!(all(9, 9, 1_000), Taken::Stale, "collected before the silence");
    let seen = couriers.get(courier(1), Timestamp(5_000 + OFFLINE_MS)).unwrap();
    assert_eq!((seen.position, seen.age_ms), (near(0, 0), 3_799));
    assert_eq!((seen.speed_mps, seen.heading_deg), (Some(4.5), Some(270)));
}

#[test]
fn outside_the_city_is_refused() {
    let couriers = Couriers::new(porto());
    couriers.moved(&ping(1, 1, 0, near(0, 0))).unwrap();
    for far in [near(21_000, 0), near(0, -21_000), Position { lat_e7: 0, lng_e7: 0 }] {
        assert_eq!(couriers.moved(&ping(1, 2, 0, far)), Err(GeoError::OutsideCity));
    }
    assert_eq!(couriers.get(courier(1), NOW).unwrap().position, near(0, 0));
    assert_eq!(couriers.len(), 1);
}

#[test]
fn who_is_off_shift_is_nowhere_until_the_next_ping() {
    let couriers = Couriers::new(porto());
    couriers.moved(&ping(1, 7, 0, near(10, 0))).unwrap();
    couriers.rebuild();
    couriers.forget(courier(1));
    couriers.forget(courier(99));
    let somewhere = |couriers: &Couriers| {
        let nearest = couriers.nearest(near(0, 0), 5, NOW, |_| true);
        assert_eq!(nearest, couriers.within(near(0, 0), 500.0, NOW, |_| true));
        assert_eq!(nearest.len(), usize::from(couriers.get(courier(1), NOW).is_some()));
        nearest.len()
    };
    assert_eq!(somewhere(&couriers), 0);
    assert_eq!(couriers.moved(&ping(1, 6, 0, near(10, 0))), Ok(Taken::Stale));
    assert_eq!(somewhere(&couriers), 0, "a late ping does not bring anyone back");
    assert_eq!(couriers.moved(&ping(1, 8, 0, near(20, 0))), Ok(Taken::Newest));
    assert_eq!(somewhere(&couriers), 1);
    couriers.forget(courier(1));
    assert_eq!(couriers.rebuild(), Rebuilt { couriers: 0, strays_before: 0 });
    assert_eq!(couriers.moved(&ping(1, 9, 0, near(5_000, 0))), Ok(Taken::Newest));
    assert_eq!(who(&couriers.nearest(near(0, 0), 5, NOW, |_| true)), [1], "not in the tree");
}

#[test]
fn the_caller_decides_who_counts() {
    let couriers = Couriers::new(porto());
    for n in 1..=6 {
        let at_ms = NOW.0 - i64::from(n) * 4_000;
        couriers.moved(&ping(n, 1, at_ms, near(n as i32 * 100, 0))).unwrap();
    }
    couriers.rebuild();
    let fresh = |seen: &Seen| seen.age_ms <= 15_000;
    assert_eq!(who(&couriers.nearest(near(600, 0), 2, NOW, fresh)), [3, 2]);
    assert_eq!(who(&couriers.within(near(600, 0), 450.0, NOW, fresh)), [3, 2]);
    assert_eq!(who(&couriers.nearest(near(600, 0), 2, NOW, |_| true)), [6, 5]);
    assert_eq!(couriers.nearest(near(0, 0), 0, NOW, |_| true), []);
    assert_eq!(couriers.within(near(0, 0), f64::NAN, NOW, |_| true), []);
    assert_eq!(couriers.nearest(near(0, 0), usize::MAX, NOW, |_| true).len(), 6);
}

#[test]
fn a_tree_is_due_when_many_have_strayed() {
    let couriers = Couriers::new(porto());
    for n in 0..300 {
        couriers.moved(&ping(n, 1, 0, near(n as i32, 0))).unwrap();
    }
    assert!(couriers.rebuild_due());
    assert_eq!(couriers.rebuild(), Rebuilt { couriers: 300, strays_before: 300 });
    assert!(!couriers.rebuild_due());
    for n in 0..3 {
        couriers.moved(&ping(n, 2, 0, near(1_000, 0))).unwrap();
    }
    assert!(!couriers.rebuild_due(), "one in a hundred");
    couriers.moved(&ping(3, 2, 0, near(1_000, 0))).unwrap();
    assert!(couriers.rebuild_due());
}

/// What a random day is made of.
#[derive(Clone, Debug)]
enum Step {
    Moved { n: u32, to: (i32, i32) },
    Drifted { n: u32, by: (i32, i32) },
    Forgotten { n: u32 },
    Rebuilt,
    Asked { at: (i32, i32), count: usize, radius: f64 },
}

fn step() -> impl Strategy<Value = Step> {
    let place = || (-3_000..3_000i32, -3_000..3_000i32);
    prop_oneof![
        3 => (0..60u32, place()).prop_map(|(n, to)| Step::Moved { n, to }),
        6 => (0..60u32, (-50..50i32, -50..50i32)).prop_map(|(n, by)| Step::Drifted { n, by }),
        1 => (0..60u32).prop_map(|n| Step::Forgotten { n }),
        1 => Just(Step::Rebuilt),
        3 => (place(), 0..12usize, 0.0..3_000.0f64)
            .prop_map(|(at, count, radius)| Step::Asked { at, count, radius }),
    ]
}

/// Compares both questions with a look at everybody.
fn compare(
    couriers: &Couriers,
    truth: &BTreeMap<u32, (i32, i32)>,
    (at, count, radius): ((i32, i32), usize, f64),
) -> Result<(), TestCaseError> {
    let at = near(at.0, at.1);
    let origin = porto().metres(at);
    let mut all: Vec<(f64, u32)> = truth
        .iter()
        .map(|(n, (x, y))| (f64::from(plane_distance(origin, porto().metres(near(*x, *y)))), *n))
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let third = |n: u32| !n.is_multiple_of(3);
    let counts = |seen: &Seen| third(who(&[*seen])[0]);
    let nearest: Vec<u32> = all.iter().map(|(_, n)| *n).filter(|n| third(*n)).take(count).collect();
    prop_assert_eq!(who(&couriers.nearest(at, count, NOW, counts)), nearest);
    let inside: Vec<u32> =
        all.iter().filter(|(m, n)| *m <= radius && third(*n)).map(|(_, n)| *n).collect();
    prop_assert_eq!(who(&couriers.within(at, radius, NOW, counts)), inside);
    Ok(())
}

proptest! {
    #[test]
    fn same_as_brute_force(steps in prop::collection::vec(step(), 1..300)) {
        let couriers = Couriers::new(porto());
        let mut truth: BTreeMap<u32, (i32, i32)> = BTreeMap::new();
        for (time, step) in (0u16..).zip(steps) {
            let go = |n: u32, (x, y): (i32, i32)| {
                let ping = ping(n, time, i64::from(time) * 500, near(x, y));
                assert_eq!(couriers.moved(&ping), Ok(Taken::Newest));
                (x, y)
            };
            match step {
                Step::Moved { n, to } => {
                    truth.insert(n, go(n, to));
                }
                Step::Drifted { n, by } => {
                    // Who is new or was forgotten starts at the centre.
                    let from = truth.get(&n).copied().unwrap_or_default();
                    truth.insert(n, go(n, (from.0 + by.0, from.1 + by.1)));
                }
                Step::Forgotten { n } => {
                    couriers.forget(courier(n));
                    truth.remove(&n);
                }
                Step::Rebuilt => {
                    couriers.rebuild();
                }
                Step::Asked { at, count, radius } => {
                    compare(&couriers, &truth, (at, count, radius))?;
                }
            }
        }
        compare(&couriers, &truth, ((0, 0), 10, 2_000.0))?;
    }
}

#[test]
fn no_ping_is_lost_while_trees_are_swapped() {
    const WALKERS: u32 = 3;
    const STEPS: u16 = 4_000;
    let couriers = Couriers::new(porto());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (couriers, done) = (&couriers, &done);
        scope.spawn(move || {
            while !done.load(Ordering::Relaxed) {
                couriers.rebuild();
            }
        });
        let walkers: Vec<_> = (0..WALKERS)
            .map(|n| {
                scope.spawn(move || {
                    for step in 1..=STEPS {
                        // Each jump is beyond the drift, so the tree is wrong about everybody.
                        let x = i32::from(step % 100) * 150 - 7_500;
                        let here = near(x, n as i32 * 1_000);
                        couriers.moved(&ping(n, step, 0, here)).unwrap();
                        let seen = couriers.within(here, 1.0, NOW, |_| true);
                        assert_eq!(who(&seen), [n], "step {step}");
                        let seen = couriers.nearest(here, 1, NOW, |_| true);
                        assert_eq!(who(&seen), [n], "step {step}");
                    }
                })
            })
            .collect();
        // The rebuilding thread must end even when a walker found a fault.
        let found = walkers.into_iter().map(|walker| walker.join()).collect::<Vec<_>>();
        done.store(true, Ordering::Relaxed);
        assert!(found.into_iter().all(|walker| walker.is_ok()));
    });
}
