//! Nodes that die, come back, and are too few.

use crate::group::{Group, PATIENCE, wish, within};
use futures_util::future::join_all;
use raft::{ProposeError, ReadError, Refusal};
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn each_node_dies_in_turn_and_nothing_acknowledged_is_lost() {
    let mut group = Group::founded().await;
    let mut acknowledged = Vec::new();
    let mut n = 0;
    for victim in 1..=3 {
        group.kill(victim).await;
        let survivors: Vec<u64> = group.nodes.keys().copied().collect();
        for id in survivors.into_iter().cycle().take(10) {
            n += 1;
            // One that was on its way to the dead leader may be in doubt. Nothing else is.
            match group.propose(id, &wish(n)).await {
                Ok(applied) => acknowledged.push((applied.index, format!("r{n}"))),
                Err(ProposeError::Unknown { .. }) => {}
                Err(error @ ProposeError::NotProposed { .. }) => panic!("{error}"),
            }
        }
        group.start(victim).await.unwrap();
        let mut recovered = group.city(victim).recovered();
        within(recovered.wait_for(|recovered| *recovered)).await.unwrap();
    }
    let history = group.same_history().await;
    let found: Vec<_> = history.into_iter().map(|e| (e.index, e.request_id)).collect();
    assert!(acknowledged.len() >= 24, "{}", acknowledged.len());
    assert!(acknowledged.iter().all(|a| found.contains(a)));
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_die_at_once_under_load_and_come_back_with_everything() {
    let mut group = Group::founded().await;
    let proposers: Vec<_> = (0..24u64)
        .map(|p| {
            let city = group.city(p % 3 + 1);
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for n in 0.. {
                    let wish = wish(p * 1_000_000 + n);
                    match city.propose(&wish, Duration::from_secs(2)).await {
                        Ok(applied) => acknowledged.push((applied.index, wish.request_id)),
                        Err(_) => break, // the nodes are dead
                    }
                }
                acknowledged
            })
        })
        .collect();
    within(group.city(1).applied_watch().wait_for(|applied| *applied > 300)).await.unwrap();
    for id in 1..=3 {
        group.kill(id).await;
    }
    let mut acknowledged = Vec::new();
    for proposer in proposers {
        acknowledged.extend(proposer.await.unwrap());
    }
    for id in 1..=3 {
        group.start(id).await.unwrap();
    }
    let history = group.same_history().await;
    let found: BTreeSet<_> = history.into_iter().map(|e| (e.index, e.request_id)).collect();
    assert!(acknowledged.len() > 200, "{}", acknowledged.len());
    assert!(acknowledged.iter().all(|a| found.contains(a)));
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_three_alone_says_no_and_works_again_with_two() {
    let mut group = Group::founded().await;
    group.propose(1, &wish(1)).await.unwrap();
    let (leader, follower) = (group.leader().await, group.follower().await);
    let other = 6 - leader - follower;
    for dead in [follower, other] {
        group.kill(dead).await;
    }
    let alone = group.city(leader);
    let deadline = Duration::from_secs(2);
    let mut refused = 0;
    // The first may be in doubt: the leader does not know yet that it is alone.
    while refused < 2 {
        match alone.propose(&wish(2), deadline).await.unwrap_err() {
            ProposeError::Unknown { .. } => {}
            ProposeError::NotProposed { why, .. } => {
                assert!(matches!(why, Refusal::NoQuorum | Refusal::NoLeader), "{why}");
                refused += 1;
            }
        }
    }
    let error = alone.read_barrier(deadline).await.unwrap_err();
    assert!(matches!(error, ReadError::NoQuorum | ReadError::NoLeader), "{error}");

    group.start(follower).await.unwrap();
    group.propose(follower, &wish(3)).await.unwrap();
    group.start(other).await.unwrap();
    let history = group.same_history().await;
    assert_eq!(history.iter().filter(|e| e.request_id == "r3").count(), 1);
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_waits_for_the_next_leader() {
    let mut group = Group::founded().await;
    let leader = group.leader().await;
    let survivor = group.follower().await;
    group.kill(leader).await;
    let proposed = group.city(survivor).propose(&wish(1), PATIENCE).await;
    match proposed {
        Ok(_) => {}
        // It left before the connection told of the death.
        Err(ProposeError::Unknown { .. }) => {
            group.propose(survivor, &wish(1)).await.unwrap();
        }
        Err(error @ ProposeError::NotProposed { .. }) => panic!("{error}"),
    }
    assert_ne!(group.leader().await, leader);
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_leader_holds_nobody_up_and_gives_in_when_it_wakes() {
    let group = Group::founded().await;
    let leader = group.leader().await;
    let survivor = group.follower().await;
    let thaw = group.freeze(leader).await;
    let city = group.city(survivor);
    let wishes: Vec<_> = (1..=40).map(wish).collect();
    let first = join_all(wishes.iter().map(|wish| city.propose(wish, PATIENCE))).await;
    for answer in first {
        // Those on their way when it froze are in doubt.
        assert!(matches!(answer, Ok(_) | Err(ProposeError::Unknown { .. })), "{answer:?}");
    }
    let other = 6 - leader - survivor;
    for (n, id) in [(100, survivor), (101, other)] {
        group.propose(id, &wish(n)).await.unwrap();
    }
    drop(thaw);
    let history = group.same_history().await;
    assert_eq!(history.iter().filter(|e| e.request_id == "r101").count(), 1);
    assert_ne!(group.leader().await, leader);
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_stop_hands_leadership_over_first() {
    let mut group = Group::founded().await;
    let leader = group.leader().await;
    let survivor = group.follower().await;
    let mut watch = group.city(survivor).leadership();
    let term = watch.borrow_and_update().term;
    group.shut_down(leader).await;
    let next = group.leader().await;
    assert_ne!(next, leader);
    let seen = group.city(survivor).leadership().borrow().term;
    assert!(seen <= term + 2, "no election timed out: {term} -> {seen}");
    group.propose(survivor, &wish(1)).await.unwrap();

    group.start(leader).await.unwrap();
    assert_eq!(group.same_history().await.len(), 1);
    group.end().await;
}
