//! What a node must refuse before it runs.

use crate::group::{Group, wish};
use raft::{Member, MembershipError, StartError};

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_belongs_to_one_node_of_one_city() {
    let mut group = Group::new();
    group.start(1).await.unwrap();
    group.kill(1).await;
    for (city, node) in [("testville", 2), ("elsewhere", 1)] {
        let mut wrong = group.settings(1);
        (wrong.city_id, wrong.node_id) = (city.into(), node);
        let error = group.start_with(1, wrong).await.unwrap_err();
        let expected = format!(
            "the data directory is of city testville, node 1, not of city {city}, node {node}"
        );
        assert_eq!(error.to_string(), expected);
    }
    group.start(1).await.expect("the right one starts");
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_stop_the_directory_is_free_in_the_same_process() {
    let mut group = Group::founded().await;
    group.propose(3, &wish(1)).await.unwrap();
    // The runtime and the peers' connections to it live on.
    let runtime = group.stop_in_place(3).await;
    group.start(3).await.expect("nothing holds the databases open");
    group.propose(3, &wish(2)).await.unwrap();
    assert_eq!(group.same_history().await.len(), 2);
    group.end().await;
    runtime.shutdown_background();
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_make_no_sense() {
    let mut group = Group::new();
    let mut refused = Vec::new();
    for change in 0..4 {
        let mut settings = group.settings(1);
        match change {
            0 => settings.listen = "0.0.0.0:0".parse().unwrap(),
            1 => settings.city_id = "São Paulo".into(),
            2 => settings.node_id = 0,
            _ => settings.timings.election_min_ms = settings.timings.election_max_ms,
        }
        let error = group.start_with(1, settings).await.unwrap_err();
        let StartError::Settings(why) = error else { panic!("{error}") };
        refused.push(why);
    }
    expect_test::expect![[r#"
        without TLS only loopback can be listened on, not 0.0.0.0:0
        the city id "São Paulo" is not of a-z, 0-9 and -
        node ids begin at 1
        election timeout: min(900) must be < max(900)"#]]
    .assert_eq(&refused.join("\n"));
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_told() {
    let mut group = Group::new();
    group.start(1).await.unwrap();
    let mut second = group.settings(2);
    second.listen = group.settings(1).listen;
    let error = group.start_with(2, second).await.unwrap_err();
    assert!(matches!(error, StartError::Listen { .. }), "{error}");
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_is_founded_once() {
    let mut group = Group::founded().await;
    let members: Vec<Member> = (1..=3).map(|id| group.member(id)).collect();
    group.city(1).bootstrap(members.clone()).await.expect("a repeat is fine");
    group.city(3).bootstrap(members).await.expect("on another node too");
    assert_eq!(group.leader().await, group.leader().await);

    group.start(9).await.unwrap();
    let without = group.city(9).bootstrap(vec![group.member(8)]).await.unwrap_err();
    assert!(matches!(without, MembershipError::Invalid(_)), "{without}");
    group.end().await;
}
