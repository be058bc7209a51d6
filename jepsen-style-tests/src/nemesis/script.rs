//! What will be done in a run, made from its seed before it begins.

use super::abilities::Abilities;
use super::fault::{Clock, Damage, Disk, Fault, GatewayFault, Manner, Packets, Store, Who};
use super::kind::Kind;
use super::links::Cuts;
use crate::random::Random;
use std::time::Duration;

/// One step: all these faults begin, are held, and end; then nothing is broken for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Begun in this order and ended in the other one. None: a quiet while.
    pub faults: Vec<Fault>,
    /// Between beginning and end.
    pub hold: Duration,
    /// After the end.
    pub rest: Duration,
}

/// How many thousand milliseconds a cut lasts, and how long the city may heal afterwards.
const CUT: Duration = Duration::from_secs(5);
/// A pause is longer than a leader's lease by far.
const PAUSE_MS: (usize, usize) = (1_500, 5_000);
/// How long something stays dead.
const DEAD_MS: (usize, usize) = (500, 4_000);
/// How long a disk, a clock or a network misbehaves.
const SICK_MS: (usize, usize) = (4_000, 9_000);
/// Between two faults.
const REST_MS: (usize, usize) = (2_000, 5_000);
/// Each half of a strobe: longer than an election takes, and than a heartbeat waits.
const STROBE_MS: (usize, usize) = (150, 900);
/// Seconds that a clock jumps by.
const JUMP_S: i64 = 3_600;
/// Steps at most, however long the run.
const STEPS: usize = 10_000;
/// By then everything that a kind consists of has come up.
const TURNS: usize = 60;
/// Kinds that a swarm is made of.
const SWARM: (usize, usize) = (2, 4);
/// One of so many steps of a swarm is quiet.
const QUIET: usize = 4;

/// The steps of a run that lasts so long, as its seed has them. Faults that the run has not the
/// means for do not come up, and with `only` none whose words do not have that one.
pub fn script(
    kind: Kind,
    only: Option<&str>,
    random: &mut Random,
    length: Duration,
    abilities: &Abilities,
) -> Vec<Step> {
    if kind == Kind::Partition {
        return partitions(None, random, length);
    }
    let swarm = if kind == Kind::Swarm { swarm(random, abilities) } else { Vec::new() };
    let fits = |fault: &Fault| abilities.fault(fault).is_ok() && fault.is_meant(only);
    // Short runs of different seeds begin with different faults.
    let (mut turn, mut first) = (random.below(TURNS), true);
    let step = |random: &mut Random| {
        let mut tries = 0;
        loop {
            turn += 1;
            tries += 1;
            let step = match kind {
                Kind::Swarm => swarm_step(&swarm, turn, first, random),
                Kind::None
                | Kind::Partition
                | Kind::Kill
                | Kind::Pause
                | Kind::Power
                | Kind::Packets
                | Kind::Clock
                | Kind::Disk
                | Kind::Corruption
                | Kind::Membership
                | Kind::Restart
                | Kind::Gateway
                | Kind::Cpu => single(kind, turn, random),
            };
            // Turns come round, so that a kind of which nothing is possible ends, too, with an
            // error when its first fault begins.
            if step.faults.iter().all(fits) || tries == TURNS {
                first = false;
                return step;
            }
        }
    };
    fill(length, random, step)
}

/// A walk through the states of the links in seeded order: all 36 positions before any comes again,
/// each for five seconds. With `class` only through the positions of that class.
pub fn partitions(class: Option<u8>, random: &mut Random, length: Duration) -> Vec<Step> {
    let wanted =
        |cuts: &Cuts| *cuts != Cuts::NONE && class.is_none_or(|class| cuts.class() == class);
    let states: Vec<_> = Cuts::positions().into_iter().filter(wanted).collect();
    let mut left: Vec<Cuts> = Vec::new();
    fill(length, random, |random| {
        if left.is_empty() {
            left.clone_from(&states);
            random.shuffle(&mut left);
        }
        let cuts = left.pop().unwrap_or(Cuts::NONE);
        let cuts = if random.below(2) == 0 { cuts } else { cuts.with_followers_swapped() };
        // A firewall that answers is the rarer and the easier case.
        let manner = if random.below(4) == 0 { Manner::Loud } else { Manner::Silent };
        Step { faults: vec![Fault::Cut(cuts, manner)], hold: CUT, rest: CUT }
    })
}

fn fill(
    length: Duration,
    random: &mut Random,
    mut step: impl FnMut(&mut Random) -> Step,
) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut taken = Duration::ZERO;
    while steps.len() < STEPS {
        let step = step(random);
        taken += step.hold + step.rest;
        // One step is done even in a run that is too short for it: without it nothing is tested.
        if taken > length && !steps.is_empty() {
            break;
        }
        steps.push(step);
    }
    steps
}

fn between(bounds: (usize, usize), random: &mut Random) -> Duration {
    let ms = bounds.0 + random.below(bounds.1 - bounds.0);
    Duration::from_millis(ms as u64)
}

/// A step of one kind. What a kind consists of comes in turn, so that a run has as much of it as
/// fits.
fn single(kind: Kind, turn: usize, random: &mut Random) -> Step {
    let rest = between(REST_MS, random);
    let (faults, hold) = match kind {
        Kind::None => (Vec::new(), between(REST_MS, random)),
        Kind::Partition | Kind::Swarm => partition_now(random),
        Kind::Kill => (vec![Fault::Kill(victim(turn, random))], between(DEAD_MS, random)),
        Kind::Pause => pause(turn, random),
        Kind::Power => (vec![Fault::PowerLoss(victim(turn, random))], between(DEAD_MS, random)),
        Kind::Packets => (vec![packets(turn, random)], between(SICK_MS, random)),
        Kind::Clock => (vec![clock(turn, random)], between(SICK_MS, random)),
        Kind::Disk => (vec![disk(turn, random)], between(SICK_MS, random)),
        Kind::Corruption => (vec![corruption(turn, random)], between(DEAD_MS, random)),
        Kind::Membership => (vec![membership(turn, random)], between(DEAD_MS, random)),
        Kind::Restart => (vec![Fault::RollingRestart], Duration::ZERO),
        Kind::Gateway => (vec![Fault::Gateway(gateway(turn))], between(SICK_MS, random)),
        Kind::Cpu => (vec![Fault::Starve(one(random), 10)], between(SICK_MS, random)),
    };
    Step { faults, hold, rest }
}

fn partition_now(random: &mut Random) -> (Vec<Fault>, Duration) {
    let states = Cuts::positions();
    // The first one cuts nothing.
    let cuts = states[1 + random.below(states.len() - 1)];
    (vec![Fault::Cut(cuts, Manner::Silent)], CUT)
}

/// One node, by chance.
fn one(random: &mut Random) -> Who {
    match random.below(3) {
        0 => Who::Leader,
        n => Who::Follower(n - 1),
    }
}

/// Leader, follower, two, all, in turn.
fn victim(turn: usize, random: &mut Random) -> Who {
    match turn % 4 {
        1 => Who::Leader,
        2 => Who::Follower(random.below(2)),
        3 => Who::Two(random.below(2)),
        _ => Who::All,
    }
}

fn pause(turn: usize, random: &mut Random) -> (Vec<Fault>, Duration) {
    let hold = between(PAUSE_MS, random);
    let fault = match turn % 4 {
        1 => Fault::Pause(Who::Leader),
        2 => Fault::Strobe(one(random), between(STROBE_MS, random)),
        3 => Fault::Pause(Who::Follower(random.below(2))),
        _ => Fault::Pause(Who::Two(random.below(2))),
    };
    (vec![fault], hold)
}

fn packets(turn: usize, random: &mut Random) -> Fault {
    let who = if random.below(2) == 0 { one(random) } else { Who::All };
    let percent = 5 + u8::try_from(random.below(20)).unwrap_or(0);
    Fault::Packets(
        who,
        match turn % 5 {
            1 => Packets::Delay { delay_ms: 20 + random.below(80) as u64, jitter_ms: 40 },
            2 => Packets::Rate { kbit_s: 400 },
            3 => Packets::Loss { percent },
            4 => Packets::Reorder { percent },
            _ => Packets::Duplicate { percent },
        },
    )
}

fn clock(turn: usize, random: &mut Random) -> Fault {
    let who = if random.below(4) == 0 { Who::Followers } else { one(random) };
    let by_s = if random.below(2) == 0 { JUMP_S } else { -JUMP_S };
    let every_ms = 100 + random.below(400) as u64;
    Fault::Clock(
        who,
        match turn % 3 {
            1 => Clock::Step { by_s },
            2 => Clock::Strobe { by_s, every_ms },
            _ => Clock::Drift { thousandths: 2_000 },
        },
    )
}

fn disk(turn: usize, random: &mut Random) -> Fault {
    Fault::Disk(
        one(random),
        match turn % 4 {
            1 => Disk::Full,
            2 => Disk::Broken,
            3 => Disk::Slow { delay_ms: 50 + random.below(250) as u64 },
            _ => Disk::Torn,
        },
    )
}

fn corruption(turn: usize, random: &mut Random) -> Fault {
    let store = [Store::Wal, Store::Table, Store::Manifest, Store::Snapshot][turn % 4];
    let damage = [Damage::Flip, Damage::Truncate, Damage::RollBack][random.below(3)];
    Fault::Corrupt(one(random), store, damage)
}

fn membership(turn: usize, random: &mut Random) -> Fault {
    match turn % 3 {
        1 => Fault::Wipe(one(random)),
        2 => Fault::Join,
        _ => Fault::Remove(one(random)),
    }
}

fn gateway(turn: usize) -> GatewayFault {
    match turn % 6 {
        1 => GatewayFault::AnswersLost,
        2 => GatewayFault::Duplicates,
        3 => GatewayFault::Reordered,
        4 => GatewayFault::Errors,
        5 => GatewayFault::Down,
        _ => GatewayFault::Killed,
    }
}

/// Which kinds meet: two to four.
fn swarm(random: &mut Random, abilities: &Abilities) -> Vec<Kind> {
    let fits = |kind: &Kind| kind.swarms() && abilities.kind(*kind).is_ok();
    let mut kinds: Vec<_> = Kind::ALL.iter().copied().filter(fits).collect();
    random.shuffle(&mut kinds);
    kinds.truncate(SWARM.0 + random.below(SWARM.1 - SWARM.0 + 1));
    kinds
}

/// One fault, or two at once, of the kinds that meet.
fn swarm_step(kinds: &[Kind], turn: usize, first: bool, random: &mut Random) -> Step {
    let rest = between(REST_MS, random);
    // A short run is one step, and that must not be the quiet one.
    if kinds.is_empty() || (!first && random.below(QUIET) == 0) {
        return Step { faults: Vec::new(), hold: between(REST_MS, random), rest };
    }
    let one = random.below(kinds.len());
    let mut step = single(kinds[one], turn, random);
    let other = random.below(kinds.len());
    // A node that is down proves nothing else: only lines and the gateway break beside something.
    let beside = |kind: Kind| matches!(kind, Kind::Partition | Kind::Gateway);
    if other != one && (beside(kinds[one]) || beside(kinds[other])) {
        let also = single(kinds[other], turn, random);
        step.faults.extend(also.faults);
        step.hold = step.hold.max(also.hold);
    }
    Step { rest, ..step }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Setup;
    use crate::transport::Choice;
    use std::collections::BTreeSet;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn steps(kind: Kind, seed: u64, length: Duration) -> Vec<Step> {
        let setup = Setup {
            transport: Choice::Proxy,
            volume_mb: Some(1),
            preload: true,
            gateway_port: Some(1),
            ..Setup::default()
        };
        script(kind, None, &mut Random::new(seed), length, &Abilities::of(&setup))
    }

    #[test]
    fn one_word_picks_faults() {
        let abilities = Abilities::of(&Setup { gateway_port: Some(1), ..Setup::default() });
        let wanted = |kind, word| {
            script(kind, Some(word), &mut Random::new(9), Duration::from_secs(100), &abilities)
        };
        for step in wanted(Kind::Corruption, "wal") {
            assert!(matches!(step.faults[..], [Fault::Corrupt(_, Store::Wal, _)]), "{step:?}");
        }
        for step in wanted(Kind::Gateway, "AnswersLost") {
            assert_eq!(step.faults, [Fault::Gateway(GatewayFault::AnswersLost)]);
        }
    }

    #[test]
    fn every_name_of_a_fault_is_known() {
        let all = Kind::ALL.iter().flat_map(|kind| steps(*kind, 5, HOUR));
        let names: BTreeSet<_> =
            all.flat_map(|step| step.faults).map(|fault| fault.name()).collect();
        let known = BTreeSet::from(Fault::NAMES);
        // What proxies cannot do does not come up here.
        assert!(names.is_subset(&known) && known.len() - names.len() <= 3, "{names:?}");
    }

    #[test]
    fn a_seed_gives_the_same_script_again() {
        for kind in Kind::ALL {
            assert_eq!(steps(*kind, 7, HOUR), steps(*kind, 7, HOUR), "{}", kind.name());
        }
        assert_ne!(steps(Kind::Swarm, 7, HOUR), steps(Kind::Swarm, 8, HOUR));
    }

    #[test]
    fn a_script_fits_into_its_time_and_has_a_step_at_least() {
        for kind in Kind::ALL {
            let long = steps(*kind, 3, HOUR);
            let taken: Duration = long.iter().map(|step| step.hold + step.rest).sum();
            assert!(taken <= HOUR && taken > HOUR / 2, "{}: {taken:?}", kind.name());
            assert_eq!(steps(*kind, 3, Duration::ZERO).len(), 1, "{}", kind.name());
        }
    }

    #[test]
    fn a_walk_meets_every_position_before_any_again() {
        let walk = steps(Kind::Partition, 5, Duration::from_secs(350));
        let positions: BTreeSet<_> = walk
            .iter()
            .map(|step| match step.faults[..] {
                [Fault::Cut(cuts, _)] => cuts.min(cuts.with_followers_swapped()),
                _ => panic!("{step:?}"),
            })
            .collect();
        assert_eq!((walk.len(), positions.len()), (35, 35), "all but the one that cuts nothing");
    }

    #[test]
    fn what_is_not_possible_does_not_come_up() {
        for step in steps(Kind::Packets, 2, HOUR) {
            let [Fault::Packets(_, packets)] = step.faults[..] else { panic!("{step:?}") };
            assert!(Choice::Proxy.carries(packets).is_ok(), "{packets:?}");
        }
    }

    #[test]
    fn a_class_can_be_pinned() {
        let walk = partitions(Some(5), &mut Random::new(1), Duration::from_secs(60));
        assert_eq!(walk.len(), 6);
        for step in &walk {
            assert!(matches!(step.faults[..], [Fault::Cut(cuts, _)] if cuts.class() == 5));
        }
    }

    #[test]
    fn a_swarm_is_quiet_a_quarter_of_the_time_and_mixes_at_most_four_kinds() {
        let steps = steps(Kind::Swarm, 11, HOUR);
        let quiet = steps.iter().filter(|step| step.faults.is_empty()).count();
        assert!((steps.len() / 8..steps.len() / 2).contains(&quiet), "{quiet} of {}", steps.len());
        assert!(steps.iter().all(|step| step.faults.len() <= 2));
    }
}
