//! Questions between nodes that are not consensus: one member asks, the other answers or does not.
//!
//! For what must not stand in the log, and still has to be at more than one node before somebody
//! is told yes. What the bytes mean is the node's business.

use crate::city::{City, Node};
use crate::wire::proto;
use bytes::Bytes;
use parking_lot::Mutex;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// One question or answer, in bytes.
pub const QUESTION_BYTES: usize = 1 << 20;
/// Questions that wait to be answered; whoever comes later is not answered.
const WAITING: usize = 256;

/// Something that another member wants to know.
#[derive(Debug)]
pub struct Question {
    /// The question, in the words of that node.
    pub body: Bytes,
    /// Where the answer goes. Dropped: there is none.
    pub reply: oneshot::Sender<Bytes>,
}

/// The questions of others on their way to whoever answers them.
#[derive(Debug)]
pub(crate) struct Asked {
    sender: mpsc::Sender<Question>,
    /// Until somebody takes it.
    receiver: Mutex<Option<mpsc::Receiver<Question>>>,
}

impl Default for Asked {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self { sender, receiver: Mutex::new(Some(receiver)) }
    }
}

impl City {
    /// Asks another member. Nothing if the question is larger than [`QUESTION_BYTES`], if that is
    /// no member, does not answer, or not within `deadline`; it may have heard the question all
    /// the same.
    pub async fn ask(&self, id: u64, question: Bytes, deadline: Duration) -> Option<Bytes> {
        if question.len() > QUESTION_BYTES {
            tracing::warn!(bytes = question.len(), "a question is too large");
            return None;
        }
        let node = &self.node;
        let stored = node.membership();
        let member = stored.membership().get_node(&id)?;
        let mut client = node.peers.links(id, &member.raft_addr)?.soft;
        let message =
            proto::AskRequest { route: Some(node.peers.route(id)), question: question.into() };
        match tokio::time::timeout(deadline, client.ask(message)).await {
            Ok(Ok(response)) => Some(response.into_inner().answer.into()),
            Ok(Err(error)) => {
                tracing::debug!(id, %error, "a member did not answer");
                None
            }
            Err(_) => None,
        }
    }

    /// What the other members ask. Once: there is one who answers, and later calls get nothing.
    pub fn questions(&self) -> Option<mpsc::Receiver<Question>> {
        self.node.asked.receiver.lock().take()
    }
}

impl Node {
    /// Lets whoever answers questions answer this one.
    pub(crate) async fn answer(&self, body: Bytes) -> Option<Bytes> {
        let (reply, answer) = oneshot::channel();
        // A full queue means that nobody keeps up: asking again later is the caller's part.
        self.asked.sender.try_send(Question { body, reply }).ok()?;
        answer.await.ok()
    }
}
