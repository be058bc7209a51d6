//! What only the leader does: call the outside world and propose what happened.
//!
//! Every task finds its work in hard state, so a task that dies here is started again by the next
//! leader and goes on. Two leaders at once do no harm: `apply` refuses the second word.

mod deadlines;
mod deliveries;
mod dispatcher;
mod notifier;
mod payments;
mod reconciler;
mod retention;
mod sink;
mod webhooks;

use crate::clock::Clock;
use crate::gateways::Gateway;
use crate::metrics::Metrics;
use crate::node::Facts;
use crate::notices::Providers;
use crate::sinks::Nats;
use crate::vault::Vault;
use crate::webhooks::Sender;
use domain::{Actor, Command, Proposal, Verdict};
use geo_index::Couriers;
use raft::City;
use std::sync::Arc;
use std::time::Duration;
use storage::Reader;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long a task waits for the verdict on its own proposal.
const VERDICT_WITHIN: Duration = Duration::from_secs(5);

/// What the tasks need.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    /// Where they propose.
    pub city: City,
    /// Where they find their work.
    pub reader: Reader,
    /// Where the couriers are.
    pub couriers: Arc<Couriers>,
    /// Who takes messages.
    pub providers: Providers,
    /// How they tell webhooks.
    pub webhooks: Sender,
    /// The broker that the feed is published to, if there is one.
    pub sink: Option<Nats>,
    /// Opens contacts, addresses and secrets, to send something there.
    pub vault: Vault,
    /// What messages and events say of the city.
    pub facts: Arc<Facts>,
    /// Whom they ask for money.
    pub gateway: Gateway,
    /// How often their side is compared with ours, in seconds.
    pub reconcile_s: u32,
    /// What time it is.
    pub clock: Clock,
    /// How long an event stays in the feed, in days.
    pub keep_days: u32,
    /// What they count.
    pub metrics: Metrics,
}

impl Desk {
    /// Proposes in the name of the system. `None`: no verdict now; the work is still there later.
    async fn propose(&self, task: &'static str, command: Command) -> Option<Verdict> {
        let name = command.name();
        let request_id = task.to_owned();
        let proposal = Proposal { actor: Actor::System, request_id, command };
        match self.city.propose(&proposal, VERDICT_WITHIN).await {
            Ok(applied) => {
                if let Verdict::No(why) = &applied.verdict {
                    tracing::debug!(task, name, %why, "refused");
                }
                Some(applied.verdict)
            }
            Err(error) => {
                tracing::debug!(task, name, %error, "no verdict");
                None
            }
        }
    }
}

/// Runs the tasks whenever this node leads, until `stop`.
pub(crate) async fn run_while_leading(desk: Desk, stop: CancellationToken) {
    let mut leadership = desk.city.leadership();
    loop {
        let leads = leadership.borrow_and_update().leads;
        let changed = if leads {
            tracing::info!("this node leads: tasks start");
            let tasks = stop.child_token();
            let mut running = start(&desk, &tasks);
            let changed = next_change(&mut leadership, &stop).await;
            tasks.cancel();
            while running.join_next().await.is_some() {}
            tracing::info!("tasks have stopped");
            changed
        } else {
            next_change(&mut leadership, &stop).await
        };
        if !changed {
            return;
        }
    }
}

/// Waits until leading begins or ends. False at the end of the node.
async fn next_change(
    leadership: &mut tokio::sync::watch::Receiver<raft::Leadership>,
    stop: &CancellationToken,
) -> bool {
    let led = leadership.borrow().leads;
    tokio::select! {
        () = stop.cancelled() => false,
        changed = leadership.wait_for(|now| now.leads != led) => changed.is_ok(),
    }
}

fn start(desk: &Desk, stop: &CancellationToken) -> JoinSet<()> {
    let mut running = JoinSet::new();
    running.spawn(deadlines::run(desk.clone(), stop.clone()));
    running.spawn(dispatcher::run(desk.clone(), stop.clone()));
    running.spawn(notifier::run(desk.clone(), stop.clone()));
    running.spawn(payments::run(desk.clone(), stop.clone()));
    running.spawn(reconciler::run(desk.clone(), stop.clone()));
    running.spawn(retention::run(desk.clone(), desk.keep_days, stop.clone()));
    running.spawn(webhooks::run(desk.clone(), stop.clone()));
    running.spawn(sink::run(desk.clone(), stop.clone()));
    running
}
