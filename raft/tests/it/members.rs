//! Nodes that come and go, snapshots, and leaders that are told to.

use crate::group::{Group, PATIENCE, wish};
use raft::MembershipError;

/// Proposals enough that a snapshot and a purge leave nothing of them in the log.
async fn fill(group: &Group, from: u64, count: u64) {
    for n in from..from + count {
        group.propose(n % 3 + 1, &wish(n)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_node_is_replaced_through_a_snapshot_of_a_purged_log() {
    let mut group = Group::new();
    group.kept_entries = 0;
    group.found().await;
    fill(&group, 0, 60).await;
    for id in 1..=3 {
        let made = group.city(id).snapshot(PATIENCE).await.unwrap();
        let status = group.city(id).status();
        assert!(made >= 60 && status.snapshot == Some(made), "{status:?}");
    }
    let leader = group.leader().await;
    let lost = group.follower().await;
    let status = group.city(leader).status();
    assert!(status.purged >= Some(60), "{status:?}");

    group.kill(lost).await;
    group.start(4).await.unwrap();
    let operator = group.city(leader);
    operator.add_node(group.member(4)).await.unwrap();
    operator.remove_node(lost).await.unwrap();
    let status = operator.status();
    let members: Vec<_> = status.members.iter().map(|m| (m.member.id, m.voter)).collect();
    let mut expected: Vec<_> = [1, 2, 3, 4].into_iter().filter(|id| *id != lost).collect();
    expected.sort_unstable();
    assert_eq!(members, expected.into_iter().map(|id| (id, true)).collect::<Vec<_>>());

    let installed = group.city(4).status();
    assert!(installed.snapshot >= Some(60), "{installed:?}");
    assert!(group.same_history().await.len() >= 60);

    // A node that installed a snapshot can be restarted, killed, and can lead.
    group.propose(4, &wish(1_000)).await.unwrap();
    group.kill(4).await;
    group.start(4).await.unwrap();
    group.leader().await;
    group.city(4).transfer_leader(Some(4)).await.unwrap();
    assert_eq!(group.leader().await, 4);
    group.propose(4, &wish(1_001)).await.unwrap();
    assert_eq!(group.same_history().await.last().unwrap().request_id, "r1001");
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_away_for_long_comes_back_through_a_snapshot() {
    let mut group = Group::new();
    group.kept_entries = 0;
    group.found().await;
    let away = group.follower().await;
    group.kill(away).await;
    let leader = group.leader().await;
    for n in 0..40 {
        group.propose(leader, &wish(n)).await.unwrap();
    }
    let other = 6 - leader - away;
    for id in [leader, other] {
        group.city(id).snapshot(PATIENCE).await.unwrap();
    }
    // The other one had no reason to keep the entries that the absent one lacks.
    group.city(leader).transfer_leader(Some(other)).await.unwrap();
    group.start(away).await.unwrap();
    assert_eq!(group.same_history().await.len(), 40);
    assert!(group.city(away).status().snapshot >= Some(40));
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_may_ask_any_node_and_mistakes_are_refused() {
    let mut group = Group::founded().await;
    let follower = group.city(group.follower().await);
    let invalid = |done: Result<(), MembershipError>| {
        let error = done.unwrap_err();
        let MembershipError::Invalid(why) = error else { panic!("{error}") };
        why
    };
    let mut moved = group.member(1);
    moved.raft_addr = "127.0.0.1:1".into();
    assert_eq!(invalid(follower.add_node(moved).await), "node 1 is a member with another address");
    follower.add_node(group.member(2)).await.expect("a repeat is fine");
    follower.remove_node(77).await.expect("it is gone, as asked");
    assert_eq!(invalid(follower.transfer_leader(Some(9)).await), "node 9 has no vote");

    group.start(5).await.unwrap();
    follower.add_node(group.member(5)).await.unwrap();
    group.propose(5, &wish(1)).await.unwrap();
    follower.remove_node(5).await.unwrap();
    assert_eq!(follower.status().members.len(), 3);
    group.kill(5).await;
    let reused = invalid(group.city(1).add_node(group.member(0)).await);
    assert_eq!(reused, "ids are never used again: take one above 3");
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_leader_itself_is_removed() {
    let mut group = Group::founded().await;
    let leader = group.leader().await;
    group.city(leader).remove_node(leader).await.unwrap();
    group.kill(leader).await;
    let next = group.leader().await;
    assert_ne!(next, leader);
    group.propose(next, &wish(1)).await.unwrap();
    assert_eq!(group.city(next).status().members.len(), 2);
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leadership_goes_where_it_is_told_while_proposals_go_on() {
    let group = Group::founded().await;
    let cities: Vec<_> = (1..=3).map(|id| group.city(id)).collect();
    let proposer = tokio::spawn({
        let city = cities[0].clone();
        async move {
            let mut indexes = Vec::new();
            for n in 0..200 {
                indexes.push(city.propose(&wish(n), PATIENCE).await.unwrap().index);
            }
            indexes
        }
    });
    for to in [2, 3, 1] {
        let now = cities[0].applied();
        cities[0].wait_applied(now + 10, PATIENCE).await.unwrap();
        cities[0].transfer_leader(Some(to)).await.unwrap();
        assert_eq!(group.leader().await, to);
    }
    let indexes = proposer.await.unwrap();
    let history = group.same_history().await;
    assert_eq!(history.iter().map(|e| e.index).collect::<Vec<_>>(), indexes);
    group.end().await;
}
