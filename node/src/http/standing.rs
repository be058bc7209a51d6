//! Whether somebody may go on: a stream outlives its token, and must not outlive a ban, a logout or
//! the end of a role.

use super::auth::{Acting, may_view, still_there};
use super::error::Fail;
use super::orders::visible;
use crate::live::{Live, Told};
use api::codes::Code;
use domain::Viewer;
use domain::ids::OrderId;
use std::sync::Arc;
use std::time::Duration;
use storage::Reader;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Standing is looked at when something happens to the account, and this often in any case.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The right to a stream, looked at again while it runs.
#[derive(Debug)]
pub(super) struct Standing {
    live: Live,
    reader: Reader,
    caller: Acting,
    viewer: Viewer,
    order: Option<OrderId>,
    events: broadcast::Receiver<Arc<Told>>,
}

impl Standing {
    /// Of this caller, who reads as `viewer`, and of one order if there is one.
    pub(super) fn new(
        live: &Live,
        reader: &Reader,
        caller: Acting,
        viewer: Viewer,
        order: Option<OrderId>,
    ) -> Self {
        let events = live.subscribe_account(caller.account_id());
        Self { live: live.clone(), reader: reader.clone(), caller, viewer, order, events }
    }

    /// Waits until something has happened to the account.
    pub(super) async fn stirs(&mut self) {
        let account = Some(self.caller.account_id());
        loop {
            match self.events.recv().await {
                Ok(told) if told.event().account_id() != account => {}
                Ok(_) | Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => {
                    self.events = self.live.subscribe_account(self.caller.account_id());
                    return;
                }
            }
        }
    }

    /// Looks whether they may go on.
    ///
    /// # Errors
    /// `banned`, `token_expired` if the login has ended, `forbidden` if the role has,
    /// `order_unknown` if the order is not theirs any more.
    pub(super) fn look(&self) -> Result<(), Fail> {
        let account = still_there(&self.reader, &self.caller)?;
        if let Some(order) = self.order {
            return visible(&self.reader.view(), &account, &order.to_string()).map(|_| ());
        }
        match may_view(&account, self.viewer) {
            true => Ok(()),
            false => Err(Fail::because(Code::Forbidden, "this role has ended")),
        }
    }
}
