//! Mutual TLS between the nodes: only certificates of this city's CA that name the right node.

use crate::group::{Group, PATIENCE, wish, within};
use raft::{MembershipError, ProposeError, Refusal, Tls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::time::Duration;

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    fn certificate(&self, name: &str) -> Tls {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Tls {
            ca: self.0.pem().into(),
            certificate: certificate.pem().into(),
            key: key.serialize_pem().into(),
        }
    }
}

fn encrypted(authority: Authority) -> Group {
    let mut group = Group::new();
    group.tls = Box::new(move |id| Some(authority.certificate(&format!("node-{id}.testville.fd"))));
    group
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_with_certificates_form_a_city() {
    let mut group = encrypted(Authority::new());
    group.found().await;
    for id in 1..=3 {
        group.propose(id, &wish(id)).await.unwrap();
        group.city(id).read_barrier(PATIENCE).await.unwrap();
    }
    let leader = group.leader().await;
    group.kill(leader).await;
    let next = group.leader_but(leader).await;
    group.propose(next, &wish(10)).await.unwrap();
    group.start(leader).await.unwrap();
    assert_eq!(group.same_history().await.len(), 4);
    group.end().await;
}

/// Starts node 3 of a city of three with this certificate, and lets it try to take part.
async fn stays_outside(with: impl Fn(&Authority) -> Tls) {
    let authority = Authority::new();
    let wrong = with(&authority);
    let mut group = encrypted(authority);
    for id in 1..=2 {
        group.start(id).await.unwrap();
    }
    let mut settings = group.settings(3);
    settings.tls = Some(wrong);
    group.start_with(3, settings).await.unwrap();
    let members: Vec<_> = (1..=3).map(|id| group.member(id)).collect();
    group.city(1).bootstrap(members).await.unwrap();

    // The two others are a majority and go on; nothing reaches the third.
    let stranger = group.nodes.remove(&3).unwrap();
    group.propose(1, &wish(1)).await.unwrap();
    assert_ne!(group.leader().await, 3);
    let deadline = Duration::from_millis(500);
    let error = stranger.city.propose(&wish(2), deadline).await.unwrap_err();
    assert_eq!(error, ProposeError::NotProposed { leader: None, why: Refusal::NoLeader });
    assert_eq!((stranger.city.applied(), stranger.city.status().members.len()), (0, 0));
    group.nodes.insert(3, stranger);
    group.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_of_another_city_is_refused() {
    stays_outside(|authority| authority.certificate("node-3.elsewhere.fd")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_under_another_ones_name_is_refused() {
    stays_outside(|authority| authority.certificate("node-2.testville.fd")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_a_strange_authority_is_refused() {
    stays_outside(|_| Authority::new().certificate("node-3.testville.fd")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_a_certificate_is_refused() {
    let mut group = encrypted(Authority::new());
    group.found().await;
    let operator = group.city(group.leader().await);
    let mut plain = group.settings(4);
    plain.tls = None;
    group.start_with(4, plain).await.unwrap();
    // The leader cannot even open a connection to it, so it never catches up.
    let member = group.member(4);
    let adding = tokio::spawn(async move { operator.add_node(member).await });
    for n in 0..5 {
        group.propose(1, &wish(n)).await.unwrap();
    }
    assert!(!adding.is_finished());
    assert_eq!(group.city(4).applied(), 0);
    assert!(group.city(1).status().members.iter().all(|m| m.voter == (m.member.id != 4)));

    // An operator can give it up; who waits for it is told.
    group.city(2).remove_node(4).await.unwrap();
    let given_up = within(adding).await.unwrap().unwrap_err();
    assert_eq!(given_up, MembershipError::Invalid("node 4 was removed".into()));
    group.end().await;
}

#[test]
fn the_key_does_not_show_in_logs() {
    let tls = Authority::new().certificate("node-1.testville.fd");
    assert_eq!(format!("{tls:?}"), "Tls(..)");
}
