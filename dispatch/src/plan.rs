//! From a snapshot to offers.
//!
//! Jobs come by when they are ready. Each looks at the couriers around its kitchen, ring by ring,
//! and takes whoever brings it to the door soonest; when that courier need not leave yet, the job
//! waits and nobody is kept for it.

use crate::distance::{latitude_units, metres_between};
use crate::snapshot::{Courier, Job, JobState, Snapshot, Weights};
use domain::ids::{CourierId, DeliveryId};
use domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Candidates that are kept with an offer as its reasons, the chosen one included.
pub const MAX_EXPLAINED: usize = 5;

/// What to do now, and what to wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// To be proposed, in this order.
    pub intents: Vec<Intent>,
    /// Open jobs that get no offer now, and why.
    pub waiting: Vec<Waiting>,
}

/// Something to propose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Ask a courier.
    Offer(Offer),
}

/// Ask a courier whether they carry a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What.
    pub delivery: DeliveryId,
    /// The fence that this was planned on.
    pub fence: u32,
    /// Whom.
    pub courier: CourierId,
    /// When they would be at the counter.
    pub arrives_at: Timestamp,
    /// When they would have the food.
    pub pickup_at: Timestamp,
    /// When it would be at the customer's door.
    pub door_at: Timestamp,
    /// The ring in which they were found, in metres.
    pub ring_m: i64,
    /// Who was looked at: the chosen one, then the nearest others.
    pub candidates: Vec<Candidate>,
}

/// An open job without an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub delivery: DeliveryId,
    /// Why.
    pub why: Why,
    /// Who was looked at, the nearest first.
    pub candidates: Vec<Candidate>,
}

/// Why a job gets no offer now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Whoever is best need not leave yet.
    NotYet {
        /// When they should, as things are.
        until: Timestamp,
    },
    /// Nobody in the widest ring can be asked.
    Nobody,
}

/// Somebody who was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub courier: CourierId,
    /// How far from the kitchen, in metres, in a straight line.
    pub distance_m: i64,
    /// When they would be at the counter.
    pub arrives_at: Timestamp,
    /// Taken or passed over.
    pub verdict: Verdict,
}

/// What was decided about a candidate. The first reason that holds is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The best.
    Chosen,
    /// Their position is too old.
    Stale {
        /// How old, in milliseconds.
        age_ms: i64,
    },
    /// They said no.
    Declined,
    /// They are being asked about another job, in this plan or before.
    Asked {
        /// Which.
        delivery: DeliveryId,
    },
    /// They hold as many as they may.
    Full {
        /// How many.
        carrying: u32,
    },
    /// Somebody else is better.
    Slower {
        /// When they would be at the customer's door.
        door_at: Timestamp,
    },
}

/// Makes a plan. Each job gets at most one offer, each courier is asked at most one thing.
pub fn plan(snapshot: &Snapshot, weights: &Weights) -> Plan {
    let mut jobs: Vec<&Job> = snapshot.jobs.iter().collect();
    jobs.sort();
    let mut seen = BTreeSet::new();
    jobs.retain(|job| seen.insert(job.delivery));
    let mut field = Field::new(snapshot, &jobs, weights);
    let mut plan = Plan::default();
    for job in jobs {
        match job.state {
            JobState::Open => field.place(job, &mut plan),
            JobState::Offered { .. } => {}
        }
    }
    plan
}

/// What a courier could do for a job.
#[derive(Clone, Copy, Debug)]
struct Way {
    courier: CourierId,
    distance_m: i64,
    arrives_at: Timestamp,
    pickup_at: Timestamp,
    door_at: Timestamp,
    /// Why they cannot be asked.
    barred: Option<Verdict>,
}

impl Way {
    /// Soonest at the door; then the shortest way there, so that waiting is done by whoever loses
    /// least; then by id.
    fn order(&self) -> (Timestamp, i64, CourierId) {
        (self.door_at, self.distance_m, self.courier)
    }

    fn candidate(&self, chosen: Option<CourierId>) -> Candidate {
        let verdict = match self.barred {
            Some(barred) => barred,
            None if chosen == Some(self.courier) => Verdict::Chosen,
            None => Verdict::Slower { door_at: self.door_at },
        };
        let Self { courier, distance_m, arrives_at, .. } = *self;
        Candidate { courier, distance_m, arrives_at, verdict }
    }
}

/// The couriers, and who is asked what so far.
struct Field<'a> {
    now: Timestamp,
    weights: &'a Weights,
    /// From south to north, so that a kitchen looks at a band of them only.
    couriers: Vec<&'a Courier>,
    asked: BTreeMap<CourierId, DeliveryId>,
}

impl<'a> Field<'a> {
    fn new(snapshot: &'a Snapshot, jobs: &[&Job], weights: &'a Weights) -> Self {
        let mut couriers: Vec<&Courier> = snapshot.couriers.iter().collect();
        couriers.sort();
        let mut seen = BTreeSet::new();
        couriers.retain(|courier| seen.insert(courier.id));
        couriers.sort_by_key(|courier| (courier.position.lat_e7, courier.id));
        let asked = jobs.iter().filter_map(|job| match job.state {
            JobState::Open => None,
            JobState::Offered { courier } => Some((courier, job.delivery)),
        });
        Self { now: snapshot.now, weights, couriers, asked: asked.collect() }
    }

    /// Finds a courier for a job, or a reason to wait.
    fn place(&mut self, job: &Job, plan: &mut Plan) {
        let ways = self.ways(job);
        let chosen = self.choose(job, &ways);
        let why = match chosen {
            None => Why::Nobody,
            Some(way) => {
                let until = self.leave_by(job, &way);
                if until <= self.now {
                    self.asked.insert(way.courier, job.delivery);
                    plan.intents.push(Intent::Offer(Offer {
                        delivery: job.delivery,
                        fence: job.fence,
                        courier: way.courier,
                        arrives_at: way.arrives_at,
                        pickup_at: way.pickup_at,
                        door_at: way.door_at,
                        ring_m: self.ring_of(&way),
                        candidates: explain(&ways, Some(way.courier)),
                    }));
                    return;
                }
                Why::NotYet { until }
            }
        };
        let candidates = explain(&ways, None);
        plan.waiting.push(Waiting { delivery: job.delivery, why, candidates });
    }

    /// The best in the narrowest ring that has somebody in time; else the best of all.
    fn choose(&self, job: &Job, ways: &[Way]) -> Option<Way> {
        let in_time = job.ready_at.max(self.now).plus_ms(self.weights.patience_ms);
        let mut best = None;
        for ring_m in self.weights.rings_m {
            let free = ways.iter().filter(|way| way.barred.is_none() && way.distance_m <= ring_m);
            best = free.min_by_key(|way| way.order()).copied().or(best);
            if best.is_some_and(|way| way.arrives_at <= in_time) {
                break;
            }
        }
        best
    }

    /// The narrowest ring that holds a courier.
    fn ring_of(&self, way: &Way) -> i64 {
        let holding = self.weights.rings_m.into_iter().filter(|ring_m| way.distance_m <= *ring_m);
        holding.min().unwrap_or(way.distance_m)
    }

    /// When an offer must go out, so that whoever takes it arrives when the food is ready.
    fn leave_by(&self, job: &Job, way: &Way) -> Timestamp {
        let needed_ms = way.arrives_at.ms_since(self.now).saturating_add(self.weights.lead_ms);
        job.ready_at.plus_ms(needed_ms.saturating_neg())
    }

    /// Everybody in the widest ring around a job's kitchen.
    fn ways(&self, job: &Job) -> Vec<Way> {
        let reach_m = self.weights.reach_m();
        let band = latitude_units(reach_m);
        let kitchen = i64::from(job.pickup.lat_e7);
        let ride_m = metres_between(job.pickup, job.drop);
        let south =
            |courier: &&Courier| i64::from(courier.position.lat_e7) < kitchen.saturating_sub(band);
        let from = self.couriers.partition_point(south);
        let near = self.couriers[from..].iter();
        near.take_while(|courier| {
            i64::from(courier.position.lat_e7) <= kitchen.saturating_add(band)
        })
        .map(|courier| (courier, metres_between(courier.position, job.pickup)))
        .filter(|(_, distance_m)| *distance_m <= reach_m)
        .map(|(courier, distance_m)| self.way(job, courier, [distance_m, ride_m]))
        .collect()
    }

    fn way(&self, job: &Job, courier: &Courier, [distance_m, ride_m]: [i64; 2]) -> Way {
        let Weights { walk_in_ms, hand_over_ms, door_in_ms, .. } = *self.weights;
        let there_ms = self.weights.travel_ms(distance_m, courier.vehicle);
        let ride_ms = self.weights.travel_ms(ride_m, courier.vehicle);
        let sets_off_at = courier.free_at.max(self.now);
        let arrives_at = sets_off_at.plus_ms(there_ms).plus_ms(walk_in_ms);
        let pickup_at = arrives_at.max(job.ready_at).plus_ms(hand_over_ms);
        let door_at = pickup_at.plus_ms(ride_ms).plus_ms(door_in_ms);
        let barred = self.barred(job, courier);
        Way { courier: courier.id, distance_m, arrives_at, pickup_at, door_at, barred }
    }

    fn barred(&self, job: &Job, courier: &Courier) -> Option<Verdict> {
        if courier.position_age_ms > self.weights.stale_after_ms {
            Some(Verdict::Stale { age_ms: courier.position_age_ms })
        } else if job.declined_by.contains(&courier.id) {
            Some(Verdict::Declined)
        } else if let Some(delivery) = self.asked.get(&courier.id) {
            Some(Verdict::Asked { delivery: *delivery })
        } else if courier.carrying >= courier.capacity {
            Some(Verdict::Full { carrying: courier.carrying })
        } else {
            None
        }
    }
}

/// The reasons that are kept: the chosen one first, then the nearest.
fn explain(ways: &[Way], chosen: Option<CourierId>) -> Vec<Candidate> {
    let mut candidates: Vec<_> = ways.iter().map(|way| way.candidate(chosen)).collect();
    candidates.sort_by_key(|c| (c.verdict != Verdict::Chosen, c.distance_m, c.courier));
    candidates.truncate(MAX_EXPLAINED);
    candidates
}
