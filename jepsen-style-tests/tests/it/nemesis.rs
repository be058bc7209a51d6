//! Each sort of fault against real nodes: it happens, there is proof, and the city is whole again.
//! What this machine has not the means for is skipped, with a word.

use crate::root;
use anyhow::{Context, Result, ensure};
use api::client::Client;
use jepsen_style_tests::cluster::{READY_WITHIN, Setup, until};
use jepsen_style_tests::nemesis::{
    Clock, Cuts, Damage, Disk, Fault, Kind, Manner, Packets, Store, Who, World,
};
use jepsen_style_tests::transport::Choice;
use serde_json::Value;
use std::time::Duration;

/// A city without customers, whose operator can look at it.
async fn city(name: &str, setup: Setup) -> Result<World> {
    let dir = root().join(format!("nemesis-{name}"));
    if dir.exists() {
        std::fs::remove_dir_all(&dir).with_context(|| dir.display().to_string())?;
    }
    let mut world = World::start(&dir, setup).await?;
    log_in(&mut world).await?;
    world.cluster.leader().await?;
    Ok(world)
}

/// The operator's login, at whichever node answers.
async fn log_in(world: &mut World) -> Result<()> {
    let doors = world.cluster.doors();
    let urls = doors.read().expect("nobody panics with the doors in hand").clone();
    let founder = Client::new(urls.into_iter().map(|(_, url)| url).collect())?;
    let (login, password) = world.cluster.founder();
    let founded = until(READY_WITHIN, "the founder's login", async || {
        founder.login(login, password).await.ok()
    });
    let login = founded.await?;
    world.cluster.set_operator(login.tokens.access_token);
    Ok(())
}

/// Begins and ends it; what was seen, which must be something.
async fn happens(world: &mut World, fault: Fault) -> Result<(Value, Value)> {
    let before = disturbed(world).await;
    let details = world.begin(&fault).await?;
    if matches!(fault, Fault::Packets(..)) {
        // Heartbeats flow all the time.
        let met = until(READY_WITHIN, "packets that meet it", async || {
            (disturbed(world).await > before).then_some(())
        });
        met.await?;
    }
    let observed = world.end(&fault).await?;
    eprintln!("{}: {details} {observed}", fault.name());
    ensure!(observed["count"].as_u64() > Some(0), "{fault:?} has not happened: {observed}");
    world.cluster.leader().await?;
    Ok((details, observed))
}

/// Packets, or bytes, that had something done to them so far, whatever node they belong to.
async fn disturbed(world: &World) -> u64 {
    let all = world.cluster.ids();
    let mut sum = 0;
    for node in &all {
        let others: Vec<_> = all.iter().copied().filter(|other| other != node).collect();
        sum += world.cluster.transport().disturbed(*node, &others).await.unwrap_or(0);
    }
    sum
}

fn skipped(why: Result<(), String>) -> bool {
    if let Err(why) = &why {
        eprintln!("skipped: {why}");
    }
    why.is_err()
}

/// What every laptop can do: nothing here needs root.
#[tokio::test]
async fn lines_and_processes_break_without_root() -> Result<()> {
    let setup = Setup { transport: Choice::Proxy, seed: 7, ..Setup::default() };
    let mut world = city("proxy", setup).await?;
    let old = world.cluster.leader().await?;
    // The leader alone: the others go on without it.
    let isolated = Fault::Cut(Cuts::of([(0, 1), (0, 2), (1, 0), (2, 0)]), Manner::Silent);
    let details = world.begin(&isolated).await?;
    ensure!(details["leader"] == old && details["class"] == 9, "{details}");
    ensure!(details["quorum"] == true && world.quorum());
    until(READY_WITHIN, "another leader", async || {
        let sights = world.cluster.sights().await;
        let leads = |id: u64| sights.get(&id).is_some_and(|sight| sight.role == "leader");
        sights.keys().any(|id| *id != old && leads(*id)).then_some(())
    })
    .await?;
    let observed = world.end(&isolated).await?;
    ensure!(observed["bytes"].as_u64() > Some(0), "{observed}");
    world.cluster.leader().await?;

    let nobody = Fault::Cut(Cuts::of([(0, 1), (0, 2), (1, 2)]), Manner::Loud);
    let details = world.begin(&nobody).await?;
    ensure!(details["class"] == 10 && details["quorum"] == false, "{details}");
    world.end(&nobody).await?;
    world.cluster.leader().await?;

    let delay = Packets::Delay { delay_ms: 30, jitter_ms: 10 };
    happens(&mut world, Fault::Packets(Who::All, delay)).await?;
    happens(&mut world, Fault::Packets(Who::Leader, Packets::Rate { kbit_s: 800 })).await?;
    happens(&mut world, Fault::Kill(Who::Two(0))).await?;
    happens(&mut world, Fault::Pause(Who::Leader)).await?;
    let strobe = Fault::Strobe(Who::Follower(1), Duration::from_millis(200));
    happens(&mut world, strobe).await?;
    happens(&mut world, Fault::RollingRestart).await?;
    happens(&mut world, Fault::Join).await?;
    happens(&mut world, Fault::Remove(Who::Follower(0))).await?;
    let (_, observed) = happens(&mut world, Fault::Wipe(Who::Leader)).await?;
    ensure!(world.cluster.ids().len() == 3 && world.cluster.next_id() == 7, "{observed}");
    world.cluster.check_healthy()
}

/// Nobody should be sent to a node that can confirm nothing: it says so, although it knows who
/// leads and can still be heard.
#[tokio::test]
async fn a_node_that_hears_nothing_from_the_leader_is_not_ready() -> Result<()> {
    let setup = Setup { transport: Choice::Proxy, seed: 14, ..Setup::default() };
    let mut world = city("deaf", setup).await?;
    let one_way = Fault::Cut(Cuts::of([(0, 1)]), Manner::Silent);
    let details = world.begin(&one_way).await?;
    let link = details["links"][0].as_str().context("one link is cut")?;
    let deaf: u64 = link.rsplit('>').next().context("a link has an end")?.parse()?;
    let doors = world.cluster.doors().read().expect("nobody panics with it in hand").clone();
    let (_, url) = doors.into_iter().find(|(id, _)| *id == deaf).context("it has a door")?;
    let what = "a node that hears nothing and says so";
    let missing = until(READY_WITHIN, what, async || {
        let health = reqwest::get(format!("{url}/ready")).await.ok()?;
        (health.status() == 503).then_some(health)
    });
    let health: Value = missing.await?.json().await?;
    ensure!(health["leader_id"] == details["leader"], "{health}");
    world.end(&one_way).await?;
    world.cluster.wait_ready(deaf).await?;
    world.cluster.check_healthy()
}

/// Two faults at once: what both hold down comes back when both are over.
#[tokio::test]
async fn faults_overlap_and_all_of_them_heal() -> Result<()> {
    let setup = Setup { transport: Choice::Proxy, seed: 8, ..Setup::default() };
    let mut world = city("overlap", setup).await?;
    world.begin(&Fault::Pause(Who::Leader)).await?;
    ensure!(world.quorum());
    world.begin(&Fault::Kill(Who::All)).await?;
    ensure!(!world.quorum());
    world.begin(&Fault::Cut(Cuts::of([(1, 2)]), Manner::Silent)).await?;
    let healed = world.heal_all().await?;
    let names: Vec<_> = healed.iter().map(|(fault, _)| fault.name()).collect();
    ensure!(names == ["cut", "kill", "pause"], "{names:?}");
    world.cluster.leader().await?;
    world.cluster.check_healthy()
}

#[tokio::test]
async fn packets_are_dropped_between_namespaces() -> Result<()> {
    let setup = Setup { transport: Choice::Namespaces, seed: 9, ..Setup::default() };
    if skipped(setup.transport.possible()) {
        return Ok(());
    }
    let mut world = city("namespaces", setup.ready_for(Kind::Partition)).await?;
    for manner in [Manner::Silent, Manner::Loud] {
        // One way only, and only from the leader.
        let one_way = Fault::Cut(Cuts::of([(0, 1)]), manner);
        let (details, observed) = happens(&mut world, one_way).await?;
        ensure!(details["class"] == 2, "{details}");
        ensure!(observed["dropped"].as_u64() > Some(0), "the kernel counts it: {observed}");
    }
    let percent = 20;
    for packets in [
        Packets::Loss { percent },
        Packets::Duplicate { percent },
        Packets::Reorder { percent },
        Packets::Rate { kbit_s: 20 },
    ] {
        happens(&mut world, Fault::Packets(Who::All, packets)).await?;
    }
    world.cluster.leader().await?;
    world.cluster.check_healthy()
}

#[tokio::test]
async fn power_is_lost_and_disks_run_full() -> Result<()> {
    let setup = Setup { seed: 10, ..Setup::default() }.ready_for(Kind::Power);
    let mut world = city("power", setup).await?;
    if skipped(world.possible(Kind::Power)) {
        return Ok(());
    }
    for who in [Who::Leader, Who::Two(1), Who::All] {
        let (_, lost) = happens(&mut world, Fault::PowerLoss(who)).await?;
        ensure!(lost["canary"] == true, "{lost}");
    }
    happens(&mut world, Fault::Disk(Who::Follower(0), Disk::Full)).await?;
    // A leader without room lets somebody else lead, who says yes.
    let before = world.cluster.leader().await?;
    let full = Fault::Disk(Who::Leader, Disk::Full);
    world.begin(&full).await?;
    let another = until(READY_WITHIN, "somebody else to lead", async || {
        world.cluster.leader().await.is_ok_and(|now| now != before).then_some(())
    });
    another.await?;
    log_in(&mut world).await?;
    let observed = world.end(&full).await?;
    ensure!(observed["count"].as_u64() > Some(0), "{observed}");
    world.cluster.leader().await?;
    world.cluster.check_healthy()
}

#[tokio::test]
async fn clocks_and_disks_are_steered() -> Result<()> {
    let setup = Setup { seed: 11, ..Setup::default() }.ready_for(Kind::Clock);
    let mut world = city("steered", setup).await?;
    if skipped(world.possible(Kind::Clock)) {
        return Ok(());
    }
    for clock in [
        Clock::Step { by_s: 3_600 },
        Clock::Step { by_s: -3_600 },
        Clock::Strobe { by_s: 3_600, every_ms: 50 },
        Clock::Drift { thousandths: 2_000 },
    ] {
        let fault = Fault::Clock(Who::Leader, clock);
        world.begin(&fault).await?;
        // Heads turn, so that somebody asks what time it is.
        world.cluster.transfer(None).await.ok();
        let observed = world.end(&fault).await?;
        ensure!(observed["count"].as_u64() > Some(0), "{clock:?}: {observed}");
    }
    for disk in [Disk::Slow { delay_ms: 100 }, Disk::Broken, Disk::Torn] {
        let fault = Fault::Disk(Who::Follower(0), disk);
        world.begin(&fault).await?;
        // A login is written by all: the second one comes when the first was everywhere, or failed.
        log_in(&mut world).await?;
        log_in(&mut world).await?;
        let observed = world.end(&fault).await?;
        eprintln!("{disk:?}: {observed}");
        ensure!(observed["count"].as_u64() > Some(0), "{disk:?}: {observed}");
        world.cluster.leader().await?;
    }
    world.cluster.check_healthy()
}

/// The proof that a run would notice a database that does not sync: the same power loss, over disks
/// that only say that they did.
#[tokio::test]
async fn disks_that_lie_about_syncs_lose_what_was_acknowledged() -> Result<()> {
    let setup = Setup { lying_disks: true, seed: 13, ..Setup::default() };
    let setup = setup.ready_for(Kind::Swarm);
    if setup.volume_mb.is_none() || !setup.preload {
        eprintln!("skipped: it needs volumes and what is loaded before nodes");
        return Ok(());
    }
    let mut world = city("lying", setup).await?;
    let leader = world.cluster.leader().await?;
    let written = async |world: &World| {
        let sight = world.cluster.sight(leader).await.context("the leader answers")?;
        sight.last_log.context("it has a log")
    };
    // A login is an entry, acknowledged when it answers.
    log_in(&mut world).await?;
    let before = written(&world).await?;
    match world.power_cycle(Who::All).await {
        // The nodes notice by themselves that they have lost what they promised, ...
        Err(error) => eprintln!("a node does not come back: {error:#}"),
        // ... or they have lost so much that they know of no promise.
        Ok((_, lost)) => {
            world.cluster.leader().await?;
            let after = written(&world).await?;
            ensure!(after < before, "nothing is lost: {before} entries, then {after}; {lost}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_damaged_node_is_rebuilt() -> Result<()> {
    let setup = Setup { transport: Choice::Proxy, seed: 12, ..Setup::default() };
    let mut world = city("corrupt", setup).await?;
    for (store, damage) in [
        (Store::Wal, Damage::Flip),
        (Store::Manifest, Damage::Truncate),
        (Store::Table, Damage::RollBack),
    ] {
        let fault = Fault::Corrupt(Who::Follower(0), store, damage);
        happens(&mut world, fault).await?;
    }
    world.cluster.check_healthy()
}
