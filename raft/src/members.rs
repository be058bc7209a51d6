//! Who belongs to the city: only an operator changes it, one node at a time.
//!
//! Ids are never used again: an empty node under an old id would replay old memberships and could
//! become a majority of one. So a new node gets an id above those of all members.

use crate::city::Node;
use crate::error::{MembershipError, Refusal};
use crate::member::Member;
use crate::propose::{read_refusal, why_forward, write_refusal};
use crate::types::{CityNode, StoredMembership, TypeConfig};
use crate::wire::proto;
use openraft::async_runtime::WatchReceiver;
use openraft::errors::{ChangeMembershipError, ClientWriteError, InitializeError, RaftError};
use openraft::{ChangeMembers, Precondition};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::MutexGuard;
use tokio::time::timeout;

/// How long a hand-over may take, in leases of a leader.
const TRANSFER_LEASES: u32 = 3;
/// How long a new node may take to get all there is.
const CATCH_UP: Duration = Duration::from_secs(30 * 60);

/// What an operator asks of the leader.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Add(Member),
    Remove(u64),
    Transfer(Option<u64>),
}

type Done = Result<(), MembershipError>;

impl Node {
    pub(crate) async fn bootstrap(&self, members: Vec<Member>) -> Done {
        let count = members.len();
        let members: BTreeMap<u64, CityNode> = members.iter().map(|m| (m.id, m.node())).collect();
        if members.len() != count || !members.contains_key(&self.settings.node_id) {
            let what = "the members must have different ids and include this node";
            return Err(MembershipError::Invalid(what.into()));
        }
        match self.raft.initialize(members).await {
            // Somebody has done it before: the city exists, which is what was asked for.
            Ok(()) | Err(RaftError::APIError(InitializeError::NotAllowed(_))) => Ok(()),
            Err(RaftError::APIError(InitializeError::NotInMembers(e))) => {
                Err(MembershipError::Invalid(e.to_string()))
            }
            Err(RaftError::Fatal(_)) => Err(self.not_changed(Refusal::Stopped)),
        }
    }

    /// Does it here if this node leads, asks the leader otherwise.
    pub(crate) async fn operate(self: &Arc<Self>, action: Action) -> Done {
        let Some(leader) = self.leader() else {
            return Err(self.not_changed(Refusal::NoLeader));
        };
        if leader.id != self.settings.node_id {
            return self.ask_leader_to(&leader, action).await;
        }
        // On its own task: an operator who goes away must not leave half a change behind.
        let node = self.clone();
        let doing = tokio::spawn(async move { node.operate_here(action).await });
        doing.await.unwrap_or_else(|e| Err(MembershipError::Unknown(e.to_string())))
    }

    pub(crate) async fn operate_here(self: &Arc<Self>, action: Action) -> Done {
        match action {
            Action::Add(member) => self.add_node(member).await,
            Action::Remove(id) if id == self.settings.node_id => self.remove_myself(id).await,
            Action::Remove(id) => self.remove_node(id).await,
            Action::Transfer(to) => self.transfer_leader(to).await,
        }
    }

    fn alone(&self) -> Result<MutexGuard<'_, ()>, MembershipError> {
        let another = |_| MembershipError::Invalid("another change is under way".into());
        self.changing.try_lock().map_err(another)
    }

    /// A new leader must commit what it found before it may change anything.
    async fn settled(&self) -> Done {
        let mut metrics = self.raft.server_metrics();
        let settled = async {
            loop {
                let settled = {
                    let m = metrics.borrow_and_update();
                    m.committed_membership_config == m.membership_config
                };
                if settled {
                    return Ok(());
                }
                metrics.changed().await.map_err(|_| self.not_changed(Refusal::Stopped))?;
            }
        };
        let limit = self.settings.timings.lease() * TRANSFER_LEASES;
        timeout(limit, settled).await.unwrap_or_else(|_| Err(self.not_changed(Refusal::NoQuorum)))
    }

    /// First a learner, which catches up while the others go on; then a voter.
    async fn add_node(&self, member: Member) -> Done {
        let before = self.membership();
        let known = before.membership().get_node(&member.id);
        let newest = before.membership().nodes().map(|(id, _)| *id).max().unwrap_or(0);
        if known.is_some_and(|node| *node != member.node()) {
            let what = format!("node {} is a member with another address", member.id);
            return Err(MembershipError::Invalid(what));
        }
        if known.is_none() && member.id <= newest {
            let what = format!("ids are never used again: take one above {newest}");
            return Err(MembershipError::Invalid(what));
        }
        if before.voter_ids().any(|voter| voter == member.id) {
            return Ok(()); // as asked, and maybe a repeat
        }
        let learner = {
            let _alone = self.alone()?;
            self.settled().await?;
            let added = self.raft.add_learner(member.id, member.node(), false).await;
            added.map_err(|e| self.explain(e))?
        };
        let caught_up = self.catch_up(member.id, learner.log_id.index());
        timeout(CATCH_UP, caught_up).await.unwrap_or_else(|_| {
            let what = format!("node {} has not caught up and is a learner", member.id);
            Err(MembershipError::Unknown(what))
        })?;
        let _alone = self.alone()?;
        self.change(ChangeMembers::AddVoterIds(BTreeSet::from([member.id]))).await
    }

    /// Until a learner holds all that there was when it was added. openraft's own wait would be
    /// content with any learner, since its measure of lag is the one for sending snapshots.
    async fn catch_up(&self, id: u64, index: u64) -> Done {
        let mut metrics = self.raft.metrics();
        loop {
            let matched = {
                let m = metrics.borrow_and_update();
                let Some(replication) = &m.replication else {
                    return Err(MembershipError::Unknown("the leader changed meanwhile".into()));
                };
                replication.get(&id).copied()
            };
            match matched {
                Some(matched) if matched.is_some_and(|m| m.index() >= index) => return Ok(()),
                Some(_) => {}
                None if self.membership().membership().get_node(&id).is_some() => {}
                None => return Err(MembershipError::Invalid(format!("node {id} was removed"))),
            }
            metrics.changed().await.map_err(|_| self.not_changed(Refusal::Stopped))?;
        }
    }

    async fn remove_node(&self, id: u64) -> Done {
        let _alone = self.alone()?;
        self.settled().await?;
        let membership = self.membership();
        let voters: BTreeSet<u64> = membership.voter_ids().collect();
        if membership.membership().get_node(&id).is_none() {
            return Ok(()); // it is gone, as asked
        }
        if !voters.contains(&id) {
            return self.change(ChangeMembers::RemoveNodes(BTreeSet::from([id]))).await;
        }
        if voters.len() == 1 {
            return Err(MembershipError::Invalid("the last voter cannot leave".into()));
        }
        self.change(ChangeMembers::RemoveVoters(BTreeSet::from([id]))).await
    }

    /// Another one takes over first, and removes this node.
    async fn remove_myself(&self, id: u64) -> Done {
        self.transfer_leader(None).await?;
        match self.leader().filter(|leader| leader.id != id) {
            Some(leader) => self.ask_leader_to(&leader, Action::Remove(id)).await,
            None => Err(self.not_changed(Refusal::NoLeader)),
        }
    }

    async fn change(&self, change: ChangeMembers<u64, CityNode>) -> Done {
        let last_membership_log_id = *self.membership().log_id();
        let unchanged = Precondition::LastMembershipLogId { last_membership_log_id };
        let changed = self.raft.change_membership_if(change, false, [unchanged]).await;
        changed.map(|_| ()).map_err(|e| self.explain(e))
    }

    /// From here until another one leads, writes are refused. A dead target costs one ordinary
    /// failover.
    pub(crate) async fn transfer_leader(&self, to: Option<u64>) -> Done {
        let me = self.settings.node_id;
        if to == Some(me) {
            return Ok(());
        }
        let Some(to) = to.or_else(|| self.best_successor()) else {
            return Err(MembershipError::Invalid("there is nobody to hand over to".into()));
        };
        if !self.membership().voter_ids().any(|id| id == to) {
            return Err(MembershipError::Invalid(format!("node {to} has no vote")));
        }
        let mut leadership = self.leadership.subscribe();
        let triggered = self.raft.trigger().transfer_leader(to).await;
        triggered.map_err(|_| self.not_changed(Refusal::Stopped))?;
        let other = leadership.wait_for(|l| l.leader.as_ref().is_some_and(|l| l.id != me));
        match timeout(self.settings.timings.lease() * TRANSFER_LEASES, other).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(self.not_changed(Refusal::Stopped)),
            Err(_) => Err(MembershipError::Unknown(format!("node {to} has not taken over yet"))),
        }
    }

    /// The voter with the most of the log.
    fn best_successor(&self) -> Option<u64> {
        let voters: BTreeSet<u64> = self.membership().voter_ids().collect();
        let metrics = self.raft.metrics();
        let metrics = metrics.borrow_watched();
        let matched = metrics.replication.as_ref()?.iter();
        matched
            .filter(|(id, _)| voters.contains(id) && **id != self.settings.node_id)
            .max_by_key(|(_, matched)| matched.map(|m| m.index()))
            .map(|(id, _)| *id)
    }

    pub(crate) fn membership(&self) -> Arc<StoredMembership> {
        self.raft.server_metrics().borrow_watched().membership_config.clone()
    }

    fn not_changed(&self, why: Refusal) -> MembershipError {
        MembershipError::NotProposed { leader: self.leader(), why }
    }

    fn explain(
        &self,
        error: RaftError<TypeConfig, ClientWriteError<TypeConfig>>,
    ) -> MembershipError {
        match error {
            RaftError::Fatal(e) => MembershipError::Unknown(e.to_string()),
            RaftError::APIError(ClientWriteError::ForwardToLeader(forward)) => {
                let (leader, why) = why_forward(forward);
                MembershipError::NotProposed { leader, why }
            }
            RaftError::APIError(ClientWriteError::LogEntryDiscarded(_)) => {
                MembershipError::Unknown("the leader changed meanwhile".into())
            }
            RaftError::APIError(ClientWriteError::PreconditionFailed(_)) => {
                MembershipError::Unknown("the members were changed by somebody else".into())
            }
            RaftError::APIError(ClientWriteError::ChangeMembershipError(e)) => match e {
                ChangeMembershipError::InProgress(_)
                | ChangeMembershipError::EmptyMembership(_)
                | ChangeMembershipError::LearnerNotFound(_)
                | ChangeMembershipError::UnsupportedMembershipTransition(_)
                | ChangeMembershipError::UncommittedLeaderLog(_)
                | ChangeMembershipError::NodeMetadataChanged(_) => {
                    MembershipError::Invalid(e.to_string())
                }
            },
        }
    }

    async fn ask_leader_to(&self, leader: &Member, action: Action) -> Done {
        use proto::operate_request::Action as Asked;
        let Some(mut links) = self.peers.links(leader.id, &leader.raft_addr) else {
            return Err(self.not_changed(Refusal::NoLeader));
        };
        let action = match action {
            Action::Add(member) => Asked::AddNode((&member).into()),
            Action::Remove(id) => Asked::RemoveNode(id),
            Action::Transfer(to) => Asked::TransferLeader(proto::TransferLeader { to }),
        };
        let route = Some(self.peers.route(leader.id));
        let request = proto::OperateRequest { route, action: Some(action) };
        match links.urgent.operate(request).await {
            Ok(response) => read_done(response.into_inner()),
            Err(status) if crate::transport::was_not_sent(&status) => {
                Err(self.not_changed(Refusal::NoLeader))
            }
            Err(status) => Err(MembershipError::Unknown(status.to_string())),
        }
    }
}

pub(crate) fn read_action(request: proto::OperateRequest) -> Option<Action> {
    use proto::operate_request::Action as Asked;
    Some(match request.action? {
        Asked::AddNode(member) => Action::Add(member.into()),
        Asked::RemoveNode(id) => Action::Remove(id),
        Asked::TransferLeader(proto::TransferLeader { to }) => Action::Transfer(to),
    })
}

pub(crate) fn write_done(done: Done) -> proto::OperateResponse {
    use proto::operate_response::Result;
    let result = match done {
        Ok(()) => Result::Done(true),
        Err(MembershipError::NotProposed { leader, why }) => {
            Result::Refused(write_refusal(leader.as_ref(), why))
        }
        Err(MembershipError::Invalid(why)) => Result::Invalid(why),
        Err(MembershipError::Unknown(why)) => Result::Unknown(why),
    };
    proto::OperateResponse { result: Some(result) }
}

fn read_done(response: proto::OperateResponse) -> Done {
    use proto::operate_response::Result;
    match response.result {
        Some(Result::Done(_)) => Ok(()),
        Some(Result::Refused(refusal)) => Err(match read_refusal(refusal) {
            Some((leader, why)) => MembershipError::NotProposed { leader, why },
            None => MembershipError::Unknown("the leader refused for a reason unknown here".into()),
        }),
        Some(Result::Invalid(why)) => Err(MembershipError::Invalid(why)),
        Some(Result::Unknown(why)) => Err(MembershipError::Unknown(why)),
        None => Err(MembershipError::Unknown("the leader's answer says nothing".into())),
    }
}
