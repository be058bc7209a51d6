//! The feed in somebody's broker, which is a real one: killed, restarted, emptied, and published to
//! by one leader after the other.

use crate::city::{City, Setup, until};
use async_nats::jetstream;
use serde_json::Value;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A broker on loopback that keeps its files, whatever happens to it.
struct Broker {
    dir: PathBuf,
    port: u16,
    child: Option<Child>,
}

impl Broker {
    /// Nothing, where the machine has none.
    async fn start(dir: PathBuf) -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut broker = Self { dir, port: free, child: None };
        if !broker.run().await {
            eprintln!("skipped: no nats-server (cargo xtask test installs it)");
            return None;
        }
        Some(broker)
    }

    async fn run(&mut self) -> bool {
        let port = self.port.to_string();
        let mut command = Command::new("nats-server");
        command.args(["-a", "127.0.0.1", "-p", &port, "-js", "-sd"]).arg(&self.dir);
        let Ok(child) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
            return false;
        };
        self.child = Some(child);
        until("the broker answers", async || async_nats::connect(self.url()).await.ok()).await;
        true
    }

    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    async fn jetstream(&self) -> jetstream::Context {
        jetstream::new(async_nats::connect(self.url()).await.unwrap())
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The stream is what the feed is: the same events, in the same order, each once.
async fn stream_is_the_feed(city: &City, broker: &Broker, token: &str) -> usize {
    let node = city.running()[0];
    let page = city.at(node).with(token).get("/v1/events").await.ok(200);
    let events = page["events"].as_array().unwrap().clone();
    let stream = until("the stream has what the feed has", async || {
        let stream = broker.jetstream().await.get_stream("marisol").await.ok()?;
        let last = stream.get_info().await.ok()?.state.last_sequence;
        (last as usize >= events.len()).then_some(stream)
    })
    .await;
    for (sequence, event) in (1..).zip(&events) {
        let message = stream.get_raw_message(sequence).await.unwrap();
        let told: Value = serde_json::from_slice(&message.payload).unwrap();
        assert_eq!(&told, event, "message {sequence}");
        let kind = event["type"].as_str().unwrap();
        assert_eq!(message.subject.as_str(), format!("city.{kind}"));
        let id = message.headers.get("Nats-Msg-Id").unwrap().as_str();
        assert_eq!(id, event["id"].as_str().unwrap());
    }
    events.len()
}

/// A broker that was away for longer than the feed is kept is told what it lacks.
#[tokio::test(flavor = "multi_thread")]
async fn r32_what_was_forgotten_unpublished_is_a_gap_in_the_stream() {
    let dir = tempfile::tempdir().unwrap();
    let Some(mut broker) = Broker::start(dir.path().to_owned()).await else { return };
    let tables = tables(&broker) + "\n[feed]\nkeep_days = 1";
    let setup = Setup { tables, ..Setup::default() };
    let city = City::start_as(&setup).await;
    let founder = city.founder().await;
    let first = stream_is_the_feed(&city, &broker, &founder.token).await as u64;
    broker.kill();
    city.somebody().await;
    setup.clock.forward(std::time::Duration::from_secs(2 * 24 * 3_600));
    let by_founder = city.by(1, &founder);
    let late = until("the feed is trimmed", async || {
        let late = by_founder.get("/v1/events?after=0").await;
        (late.status == 410).then_some(late)
    })
    .await;
    let oldest = late.json()["oldest"].clone();
    city.somebody().await;
    assert!(broker.run().await);
    let page = by_founder.get(&format!("/v1/events?after={}", oldest.as_str().unwrap())).await;
    let events = page.ok(200)["events"].as_array().unwrap().clone();
    let stream = broker.jetstream().await.get_stream("marisol").await.unwrap();
    let (gap, after) = until("the stream goes on", async || {
        let last = stream.get_info().await.ok()?.state.last_sequence;
        let mut messages = Vec::new();
        for sequence in first + 1..=last {
            let message = stream.get_raw_message(sequence).await.unwrap();
            messages.push(serde_json::from_slice::<Value>(&message.payload).unwrap());
        }
        let gap = messages.iter().position(|message| message["type"] == "gap")?;
        let after = messages.split_off(gap + 1);
        (after.len() >= events.len()).then(|| (messages[gap].clone(), after))
    })
    .await;
    assert_eq!(gap["oldest"], oldest);
    assert_eq!(after, events);
    city.end().await;
}

/// Where the nodes find the broker.
fn tables(broker: &Broker) -> String {
    let url = broker.url();
    format!(
        "[sinks.nats]\nenabled = true\nurl = \"{url}\"\nstream = \"marisol\"\n\
         subject_prefix = \"city\""
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_is_the_feed_through_failures_of_the_broker_and_of_leaders() {
    let dir = tempfile::tempdir().unwrap();
    let Some(mut broker) = Broker::start(dir.path().to_owned()).await else { return };
    let tables = tables(&broker);
    let mut city = City::start_as(&Setup { tables, ..Setup::default() }).await;
    let founder = city.founder().await;
    city.kitchen(&founder, "Casa Marisol").await;
    let first = stream_is_the_feed(&city, &broker, &founder.token).await;

    // The broker dies in the middle, and comes back with what it had.
    for round in 0..10 {
        if round == 5 {
            broker.kill();
        }
        city.somebody().await;
    }
    assert!(broker.run().await);
    let second = stream_is_the_feed(&city, &broker, &founder.token).await;
    assert!(second >= first + 10);

    // The leader goes, while much is on its way.
    let people = async {
        for _ in 0..10 {
            city.somebody().await;
        }
    };
    people.await;
    let leader = city.leader().await;
    city.stop_node(leader).await;
    let next = city.leader().await;
    city.at(next).with(&founder.token).get("/v1/me").await.ok(200);
    let third = stream_is_the_feed(&city, &broker, &founder.token).await;
    assert!(third >= second + 10);

    // A broker that lost its files gets all of it again.
    broker.kill();
    std::fs::remove_dir_all(&broker.dir).unwrap();
    assert!(broker.run().await);
    let login =
        serde_json::json!({"login": founder.login, "password": crate::city::FOUNDER_PASSWORD});
    city.at(next).post("/login", login).await.ok(200);
    let fourth = stream_is_the_feed(&city, &broker, &founder.token).await;
    assert!(fourth > third);
    city.end().await;
}
