//! Proposals and reads while all is well, and what is refused.

use crate::group::{Group, PATIENCE, found_city, is_yes, wish};
use domain::Verdict;
use futures_util::future::join_all;
use raft::{Limits, PROPOSAL_BYTES, ProposeError, Refusal};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn every_node_proposes_and_all_decide_the_same() {
    let group = Group::founded().await;
    let mut indexes = Vec::new();
    for round in 0..5 {
        let wishes: Vec<_> = (1..=3).map(|id| wish(10 * round + id)).collect();
        let proposed = (1..=3).zip(&wishes).map(|(id, wish)| group.propose(id, wish));
        for applied in join_all(proposed).await {
            indexes.push(applied.unwrap().index);
        }
    }
    indexes.sort_unstable();
    let history = group.same_history().await;
    assert_eq!(history.iter().map(|e| e.index).collect::<Vec<_>>(), indexes);
    assert!(history.is_sorted_by_key(|e| e.at), "time never moves back");
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_on_any_node_sees_what_was_acknowledged_on_another() {
    let group = Group::founded().await;
    for n in 0..30 {
        let (at, reader) = (n % 3 + 1, (n + 1) % 3 + 1);
        let applied = group.propose(at, &wish(n)).await.unwrap();
        let seen = group.city(reader).read_barrier(PATIENCE).await.unwrap();
        assert!(seen >= applied.index);
        let view = group.nodes[&reader].reader.view();
        let entry = view.audit(applied.index).unwrap().unwrap();
        assert_eq!(entry.request_id, format!("r{n}"));
    }
    // Many at once share their way to the leader.
    let follower = group.city(group.follower().await);
    let barriers = (0..500).map(|_| follower.read_barrier(PATIENCE));
    assert!(join_all(barriers).await.iter().all(Result::is_ok));
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_wish_a_hundred_times_at_once_happens_once() {
    let group = Group::founded().await;
    assert!(is_yes(&group.propose(2, &found_city()).await.unwrap()));
    let wish = wish(1);
    let repeats = (0..100).map(|n| group.propose(n % 3 + 1, &wish));
    let answers: Vec<_> = join_all(repeats).await.into_iter().map(Result::unwrap).collect();
    let first = answers.iter().map(|a| a.index).min().unwrap();
    for answer in answers {
        let changed = answer.index == first;
        assert_eq!(answer.verdict, Verdict::Yes { changed, index: first });
    }
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_before_it_is_proposed() {
    let group = Group::founded().await;
    let mut large = wish(1);
    large.request_id = "x".repeat(PROPOSAL_BYTES);
    for id in 1..=3 {
        let error = group.propose(id, &large).await.unwrap_err();
        let ProposeError::NotProposed { why: Refusal::TooLarge, .. } = error else {
            panic!("{error}");
        };
    }
    assert_eq!(group.same_history().await, []);
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_is_refused_and_the_rest_happens() {
    let mut group = Group::new();
    group.limits = Limits { proposals_in_flight: 8, ..group.limits };
    group.found().await;
    let city = group.city(group.follower().await);
    let wishes: Vec<_> = (0..200).map(wish).collect();
    let answers = join_all(wishes.iter().map(|wish| city.propose(wish, PATIENCE))).await;
    let happened = answers.iter().filter(|a| a.is_ok()).count();
    for error in answers.iter().filter_map(|a| a.as_ref().err()) {
        let ProposeError::NotProposed { why: Refusal::Overloaded, .. } = error else {
            panic!("{error}");
        };
    }
    assert!((8..200).contains(&happened), "{happened}");
    assert_eq!(group.same_history().await.len(), happened);
    assert_eq!(city.status().proposals_in_flight, 0);
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_an_index_that_does_not_come_ends() {
    let group = Group::founded().await;
    let city = group.city(1);
    let error = city.wait_applied(1_000_000, Duration::from_millis(50)).await.unwrap_err();
    let applied = city.applied();
    assert_eq!(error, raft::ReadError::Behind { applied, wanted: 1_000_000 });
    group.end().await;
}
