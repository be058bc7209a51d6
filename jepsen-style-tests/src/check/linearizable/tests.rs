//! Small histories by hand, and random ones against brute force.

use super::register::{Register, Step};
use super::search::{Call, Found, Model, STEPS, search};
use super::*;
use crate::check::testing::history;
use crate::check::{Invariant, judge as judge_all};
use crate::random::Random;
use expect_test::{Expect, expect};
use proptest::prelude::*;

fn found(text: &str, expected: &Expect) {
    let findings = judge_all(&history(text));
    let finding = findings.iter().find(|finding| finding.invariant == Invariant::I2).unwrap();
    expected.assert_eq(&finding.to_string());
}

#[test]
fn what_was_written_is_read() {
    found(
        "
        1 invoke  read  x
        2 invoke  write x 1
        1 ok      read  x null
        3 invoke  cas   x [1, 2]
        2 ok      write x 1
        3 ok      cas   x [1, 2]
        1 invoke  write x 3
        1 unknown write x 3
        4 invoke  write x 4
        4 unknown write x 4
        5 invoke  read  x
        5 ok      read  x 2
        5 invoke  read  x
        5 ok      read  x 3
        ",
        &expect!["I2 linearizable reads are linearizable: valid, 7 checked"],
    );
}

#[test]
fn a_stale_read_is_found_among_much_else() {
    found(
        "
        1@1 invoke  write x 1
        1@1 ok      write x 1
        2@2 invoke  read  x
        2@2 ok      read  x 1
        1@1 invoke  write y 7
        1@1 ok      write y 7
        3@3 invoke  write x 2
        2@2 invoke  read  x
        2@2 ok      read  x 1
        3@3 ok      write x 2
        1@1 invoke  write x 9
        1@1 unknown write x 9
        2@2 invoke  read  x
        2@2 ok      read  x 2
        4@3 invoke  read  x
        4@3 ok      read  x 1
        4@3 invoke  read  x
        4@3 ok      read  x 2
        ",
        &expect![[r#"
            I2 linearizable reads are linearizable: INVALID, 1 found
              key x: no order explains these
                   0.000 s  process 1 at node 1 write 1, at some moment after that
                   0.006 s  process 3 at node 3 write 2, at some moment after that
                   0.007 s  process 2 at node 2 read 1, answered at 0.008 s
                   0.012 s  process 2 at node 2 read 2, answered at 0.013 s
                   0.014 s  process 4 at node 3 read 1, answered at 0.015 s (lines [0, 1, 6, 7, 8, 9, 12, 13, 14, 15])"#]],
    );
}

#[test]
fn a_cas_that_saw_nothing_of_a_write_is_found() {
    found(
        "
        1 invoke write x 1
        1 ok     write x 1
        2 invoke write x 2
        2 ok     write x 2
        1 invoke cas   x [1, 3]
        1 ok     cas   x [1, 3]
        ",
        &expect![[r#"
            I2 linearizable reads are linearizable: INVALID, 1 found
              key x: no order explains these
                   0.000 s  process 1 write 1, answered at 0.001 s
                   0.002 s  process 2 write 2, answered at 0.003 s
                   0.004 s  process 1 cas [1,3], answered at 0.005 s (lines [0, 1, 2, 3, 4, 5])"#]],
    );
}

#[test]
fn a_value_from_nowhere_is_found() {
    found(
        "
        1 invoke   write x 1
        1 rejected write x 1
        2 invoke   read  x
        2 ok       read  x 1
        ",
        &expect![[r#"
            I2 linearizable reads are linearizable: INVALID, 1 found
              key x: no order explains these
                   0.002 s  process 2 read 1, answered at 0.003 s (lines [2, 3])"#]],
    );
}

/// A register as so many clients see it who each do one thing at a time, in a simulated time: what
/// a call did happened somewhere between its question and its answer.
fn lived(random: &mut Random, calls: usize, unknown: usize) -> Vec<Call<Step>> {
    const CLIENTS: usize = 12;
    let every = calls.checked_div(unknown).unwrap_or(usize::MAX);
    // By client: when it asked, what its call did, and whether that has happened.
    let mut open: Vec<Option<(usize, Option<Step>)>> = vec![None; CLIENTS];
    let (mut done, mut now, mut state, mut written) = (Vec::new(), 0, 0, 0);
    while done.len() < calls {
        now += 1;
        let client = random.below(CLIENTS);
        open[client] = match open[client] {
            None => Some((now, None)),
            Some((asked, None)) => {
                written += 1;
                let step = match random.below(4) {
                    0 => Step::Write(written),
                    1 => Step::Cas(state, written),
                    _ => Step::Read(state),
                };
                state = Register.step(&state, &step).expect("it happens to what is there");
                Some((asked, Some(step)))
            }
            Some((asked, Some(step))) => {
                let lost = done.len() % every == every - 1 && !matches!(step, Step::Read(_));
                done.push(Call { step, asked, answered: (!lost).then_some(now) });
                None
            }
        };
    }
    // What had happened when time was up, somebody may have seen.
    let happened = open.into_iter().flatten().filter_map(|(asked, step)| Some((asked, step?)));
    done.extend(happened.map(|(asked, step)| Call {
        step,
        asked,
        answered: Some(usize::MAX - asked),
    }));
    done
}

/// Adds somebody who asked after everything else and saw the past.
fn with_a_stale_read(mut calls: Vec<Call<Step>>) -> Vec<Call<Step>> {
    let now = calls.iter().map(|call| call.asked).max().unwrap() + 1;
    let first = calls.iter().find_map(|call| match call.step {
        Step::Write(content) => Some(content),
        Step::Read(_) | Step::Cas(..) => None,
    });
    let step = Step::Read(first.unwrap());
    calls.push(Call { step, asked: now, answered: Some(now + 1) });
    calls
}

#[test]
fn as_much_as_a_key_may_have_is_decided() {
    let seed = 20_261_129;
    let mut random = Random::new(seed);
    for _ in 0..2 {
        let calls = lived(&mut random, OPERATIONS_PER_KEY, UNKNOWN_PER_KEY);
        assert_eq!(judge(&calls, STEPS), Found::Order, "seed {seed}");
        assert_eq!(judge(&with_a_stale_read(calls), STEPS), Found::Nothing, "seed {seed}");
    }
    let calls = with_a_stale_read(lived(&mut random, 300, 10));
    let kept = shrunk(&calls);
    assert!(kept.len() < 8, "seed {seed}: {kept:?}");
}

/// Tries every order of every subset.
fn brute(calls: &[Call<Step>]) -> bool {
    fn go(calls: &[Call<Step>], done: &mut Vec<bool>, state: u32) -> bool {
        let open = |place: usize, done: &[bool]| !done[place];
        let waiting: Vec<usize> = (0..calls.len()).filter(|place| open(*place, done)).collect();
        if waiting.iter().all(|place| calls[*place].answered.is_none()) {
            return true;
        }
        let deadline = waiting.iter().filter_map(|place| calls[*place].answered).min();
        for place in waiting {
            if Some(calls[place].asked) > deadline {
                continue;
            }
            if let Some(next) = Register.step(&state, &calls[place].step) {
                done[place] = true;
                if go(calls, done, next) {
                    return true;
                }
                done[place] = false;
            }
        }
        false
    }
    go(calls, &mut vec![false; calls.len()], Register.initial())
}

/// Up to six calls with few contents, so that a good half of them are linearizable.
fn calls() -> impl Strategy<Value = Vec<Call<Step>>> {
    let step = prop_oneof![
        (0..3u32).prop_map(Step::Read),
        (1..3u32).prop_map(Step::Write),
        (0..3u32, 1..3u32).prop_map(|(old, new)| Step::Cas(old, new)),
    ];
    let call = (step, any::<bool>());
    prop::collection::vec(call, 1..=6).prop_flat_map(|calls| {
        let moments: Vec<usize> = (0..2 * calls.len()).collect();
        (Just(calls), Just(moments).prop_shuffle()).prop_map(|(calls, moments)| {
            let pairs = moments.chunks_exact(2);
            let call = |((step, sure), pair): ((Step, bool), &[usize])| Call {
                step,
                asked: pair[0].min(pair[1]),
                answered: sure.then(|| pair[0].max(pair[1])),
            };
            calls.into_iter().zip(pairs).map(call).collect()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn the_search_agrees_with_brute_force(calls in calls()) {
        let expected = if brute(&calls) { Found::Order } else { Found::Nothing };
        prop_assert_eq!(search(&Register, &calls, STEPS), expected);
        prop_assert_eq!(judge(&calls, STEPS), expected);
    }

    #[test]
    fn what_is_left_of_a_bad_history_is_bad(calls in calls()) {
        if brute(&calls) {
            return Ok(());
        }
        let kept = shrunk(&calls);
        let left: Vec<_> = kept.iter().map(|(place, matters)| {
            let call = &calls[*place];
            Call { answered: call.answered.filter(|_| *matters), ..call.clone() }
        }).collect();
        prop_assert!(!brute(&left));
        // Nothing more can be left out.
        for place in 0..left.len() {
            let mut fewer = left.clone();
            match fewer[place].step {
                Step::Read(_) => { fewer.remove(place); }
                Step::Write(_) | Step::Cas(..) => fewer[place].answered = None,
            }
            prop_assert!(left[place].answered.is_none() || brute(&fewer));
        }
    }
}
