//! Three nodes in one process, on real disks and over real gRPC: how many proposals a second?
//!
//!     cargo run --release -p raft --example throughput -- [seconds per step]
//!
//! `forwarded` proposes on the two followers, `leader` on the leader, `spread` on all three.

use domain::account::SignUp;
use domain::ids::{AccountId, CityNumber};
use domain::sealed::{Digest, Sealed};
use domain::{Actor, Command, Proposal};
use raft::{City, Limits, Member, Settings, Snapshots, Timings, WallClock};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let seconds: f64 = std::env::args().nth(1).map_or(Ok(4.0), |s| s.parse())?;
    let root = tempfile::tempdir()?;
    let mut out = std::io::stdout();
    let members: Vec<Member> = (1..=3).map(member).collect();
    let mut cities = Vec::new();
    for m in &members {
        let dir = root.path().join(m.id.to_string());
        let (writer, _) = storage::open(&dir, &storage::Settings::default())?;
        cities.push(City::start(settings(m), writer).await?);
    }
    cities[0].bootstrap(members).await?;
    let mut leadership = cities[0].leadership();
    let leader = leadership.wait_for(|l| l.leader.is_some()).await?.leader.clone();
    let leader = leader.ok_or("a leader")?.id;
    let (leading, following): (Vec<City>, Vec<City>) =
        cities.iter().cloned().partition(|c| c.status().node_id == leader);
    for (name, at) in [("leader", &leading), ("forwarded", &following), ("spread", &cities)] {
        for clients in [1, 16, 64, 256] {
            let (count, micros) = step(at, clients, seconds).await?;
            let at =
                |q: f64| micros.get((count as f64 * q) as usize).map_or(0.0, |m| *m as f64 / 1e3);
            let rate = count as f64 / seconds;
            let (p50, p99) = (at(0.5), at(0.99));
            writeln!(
                out,
                "{name:9} {clients:4} clients {rate:8.0}/s  p50 {p50:6.2} p99 {p99:6.2} ms"
            )?;
        }
    }
    for clients in [1, 64] {
        let rate = barriers(&following[0], clients, seconds).await?;
        writeln!(out, "read barrier on a follower, {clients:3} clients {rate:8.0}/s")?;
    }
    for city in &cities {
        city.shutdown().await;
    }
    Ok(())
}

async fn step(
    at: &[City],
    clients: usize,
    seconds: f64,
) -> Result<(usize, Vec<u64>), Box<dyn Error>> {
    let stop = Instant::now() + Duration::from_secs_f64(seconds);
    let salt = Instant::now().elapsed().subsec_nanos();
    let tasks: Vec<_> = (0..clients)
        .map(|client| {
            let city = at[client % at.len()].clone();
            tokio::spawn(async move {
                let mut micros = Vec::new();
                for n in 0u64.. {
                    let began = Instant::now();
                    if began >= stop {
                        break;
                    }
                    let wish =
                        wish(&[&client.to_be_bytes(), &n.to_be_bytes(), &salt.to_be_bytes()]);
                    if city.propose(&wish, DEADLINE).await.is_ok() {
                        micros.push(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
                    }
                }
                micros
            })
        })
        .collect();
    let mut micros = Vec::new();
    for task in tasks {
        micros.extend(task.await?);
    }
    micros.sort_unstable();
    Ok((micros.len(), micros))
}

async fn barriers(city: &City, clients: usize, seconds: f64) -> Result<f64, Box<dyn Error>> {
    let stop = Instant::now() + Duration::from_secs_f64(seconds);
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let city = city.clone();
            tokio::spawn(async move {
                let mut done = 0u64;
                while Instant::now() < stop {
                    done += u64::from(city.read_barrier(DEADLINE).await.is_ok());
                }
                done
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += task.await?;
    }
    Ok(done as f64 / seconds)
}

/// About as many bytes as an order.
fn wish(parts: &[&[u8]]) -> Proposal {
    let account_id = AccountId::derive(CityNumber(7), parts);
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(&account_id.0);
    let command = Command::SignUp(SignUp {
        account_id,
        login: Digest(digest),
        contact: Sealed(vec![1; 200]),
        name: Sealed(vec![2; 200]),
        password: "x".repeat(200),
        locale: None,
        request: Digest(digest),
        key: None,
    });
    Proposal { actor: Actor::Anyone, request_id: "0123456789abcdef".into(), command }
}

fn member(id: u64) -> Member {
    Member { id, raft_addr: format!("127.0.0.1:{}", 17_400 + id), http_addr: "-".into() }
}

fn settings(member: &Member) -> Settings {
    Settings {
        city_id: "bench".into(),
        node_id: member.id,
        listen: ([127, 0, 0, 1], 17_400 + u16::try_from(member.id).unwrap_or(0)).into(),
        raft_addr: member.raft_addr.clone(),
        http_addr: member.http_addr.clone(),
        dial: BTreeMap::new(),
        tls: None,
        timings: Timings::relaxed(),
        limits: Limits::default(),
        snapshots: Snapshots::default(),
        wall_clock: WallClock::default(),
    }
}
