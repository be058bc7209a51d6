//! A simulated node: the real log and the real state over a simulated disk, a door, and the tasks
//! that a leader does.

use super::disk::Disk;
use super::door;
use super::stage::{Living, Order, Phase, Stage, proposal};
use domain::payment::{GatewayAnswer, RecordGatewayAnswer, Work, WorkId};
use domain::time::Timestamp;
use domain::{Actor, Command};
use raft::{City, Limits, Member, Settings};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use storage::{LogDb, Reader};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Where the other nodes knock.
const RAFT_PORT: u16 = 7_000;
const LOOK_EVERY: Duration = Duration::from_millis(150);
const AT_ONCE: usize = 16;
const PATIENCE: Duration = Duration::from_secs(2);

/// As the other nodes know it.
pub(super) fn member(id: u64) -> Member {
    Member {
        id,
        raft_addr: format!("{}:{RAFT_PORT}", super::host(id)),
        http_addr: format!("{}:80", super::host(id)),
    }
}

/// One life of a node, from its start until it is killed or stops by itself.
pub(super) async fn live(stage: Arc<Stage>, disk: Disk, id: u64) -> turmoil::Result {
    let dir = stage.root.join(super::host(id));
    let (writer, reader) = match disk.open(&dir) {
        Ok(opened) => opened,
        Err(error) => {
            stage.complain(format!("node {id} cannot open its disk: {error}"));
            return Ok(());
        }
    };
    let log = writer.log();
    keeps_its_promise(&stage, &log, id);
    let city = match City::start(settings(&stage, id), writer).await {
        Ok(city) => city,
        Err(error) => {
            let injected = disk.take_injected_error();
            if !injected {
                stage.complain(format!("node {id} does not start: {error}"));
            }
            return Ok(());
        }
    };
    let (orders, mut told) = mpsc::unbounded_channel();
    let living = Living { city: city.clone(), reader: reader.clone(), log, orders };
    stage.living().insert(id, living);
    if id == 1 && stage.phase() == Phase::Furnishing {
        let (city, founders) = (city.clone(), (1..=3).map(member).collect());
        tokio::spawn(async move { city.bootstrap(founders).await });
    }
    tokio::spawn(door::serve(city.clone(), reader.clone()));
    tokio::spawn(lead(stage.clone(), city.clone(), reader, id));
    let mut stopped = city.stopped();
    loop {
        tokio::select! {
            biased;
            why = stopped.wait_for(Option::is_some) => {
                let why = why.ok().and_then(|why| why.clone()).unwrap_or_default();
                if !disk.take_injected_error() {
                    stage.complain(format!("node {id} stopped by itself: {why}"));
                }
                stage.living().remove(&id);
                return Ok(());
            }
            Some(order) = told.recv() => {
                tokio::spawn(obey(city.clone(), order));
            }
        }
    }
}

/// Whom a node has promised its vote to is on its disk before anybody hears of it, or a majority
/// could be found twice.
fn keeps_its_promise(stage: &Stage, log: &LogDb, id: u64) {
    let promised = raft::promise_of(id);
    match raft::stored_vote(log) {
        Ok(stored) if stored >= promised => {}
        Ok(stored) => stage.complain(format!(
            "vote forgotten: node {id} has promised its vote to {promised:?}, and its disk says \
             {stored:?}"
        )),
        Err(error) => stage.complain(format!("node {id} cannot read its vote: {error}")),
    }
}

fn settings(stage: &Stage, id: u64) -> Settings {
    let member = member(id);
    Settings {
        city_id: "simville".to_owned(),
        node_id: id,
        listen: (std::net::Ipv4Addr::LOCALHOST, RAFT_PORT).into(),
        raft_addr: member.raft_addr,
        http_addr: member.http_addr,
        dial: BTreeMap::new(),
        tls: None,
        timings: stage.plan.timings,
        // How full the disk of this machine is says nothing about the code.
        limits: Limits { free_disk_percent: 0, ..Limits::default() },
        snapshots: stage.plan.snapshots,
        wall_clock: stage.wall_clock(id),
    }
}

/// What an operator wants may fail; what must hold then is watched by others.
async fn obey(city: City, order: Order) {
    match order {
        Order::Snapshot => drop(city.snapshot(PATIENCE).await),
        Order::Transfer(to) => drop(city.transfer_leader(to).await),
        Order::Add(member) => drop(city.add_node(member).await),
        Order::Remove(id) => drop(city.remove_node(id).await),
    }
}

/// What a leader does: proposes what is due by its clock, and what the gateway says.
async fn lead(stage: Arc<Stage>, city: City, reader: Reader, id: u64) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    let leadership = city.leadership();
    loop {
        ticks.tick().await;
        // Whoever finds a full hand looks again at once: a clock that runs thirty times as fast
        // makes more due than one hand for each look.
        while leadership.borrow().leads && look(&stage, &city, &reader, id).await == Hand::Full {}
    }
}

#[derive(PartialEq)]
enum Hand {
    /// All that was due, or nothing that was asked for came to be.
    Enough,
    /// There may be more.
    Full,
}

async fn look(stage: &Stage, city: &City, reader: &Reader, id: u64) -> Hand {
    let now = Timestamp(stage.clock(id).load(Ordering::Relaxed));
    let mut wishes = Vec::new();
    match reader.deadlines_due(now, AT_ONCE) {
        Ok(due) => wishes.extend(due.into_iter().map(Command::FireDeadline)),
        Err(error) => stage.complain(format!("node {id} cannot read deadlines: {error}")),
    }
    match reader.outbox(None, AT_ONCE) {
        Ok(work) => wishes.extend(work.into_iter().filter_map(gateway)),
        Err(error) => stage.complain(format!("node {id} cannot read its outbox: {error}")),
    }
    let full = wishes.len() >= AT_ONCE;
    // All at once, or a backlog grows behind a slow disk. A no or an unknown is settled by the
    // next look.
    let mut proposed = JoinSet::new();
    for wish in wishes {
        let (city, wish) = (city.clone(), proposal((Actor::System, wish), "leader"));
        proposed.spawn(async move { city.propose(&wish, PATIENCE).await.is_ok() });
    }
    let done = proposed.join_all().await;
    if full && done.contains(&true) { Hand::Full } else { Hand::Enough }
}

/// A gateway that says no to every fifth card, and always the same to the same question.
fn gateway((work_id, work): (WorkId, Work)) -> Option<Command> {
    let lot = work.payment_id().0[0] % 5;
    let declines = lot == 0 && matches!(work, Work::Authorize { .. });
    let answer = if declines {
        GatewayAnswer::Declined { reason: "no funds".to_owned() }
    } else {
        GatewayAnswer::Done { gateway_ref: format!("ch-{}", work.payment_id()), amount: None }
    };
    Some(Command::RecordGatewayAnswer(RecordGatewayAnswer { work_id, answer }))
}
