//! The door of a simulated node: what the HTTP server is to a real one. A length, and a message in
//! storage's encoding, each way; one question for each connection.

use super::records::{Record, Which};
use domain::{Cursor, Event, Proposal};
use raft::{Applied, ProposeError, ReadError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io;
use std::time::Duration;
use storage::Reader;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use turmoil::net::{TcpListener, TcpStream};

/// Where every door is.
pub(super) const PORT: u16 = 8_000;
/// A longer message is a fault of this program.
const FRAME_BYTES: usize = 4 << 20;
/// How long a node tries.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Events in one answer.
const FEED_PAGE: usize = 50;

/// What is asked at a door.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Question {
    /// Get it into the log.
    Propose(Box<Proposal>),
    /// Records of one moment, after every write that was acknowledged before.
    Read(Vec<Which>),
    /// The same without asking anybody: this may be old.
    ReadHere(Vec<Which>),
    /// What happened after a cursor, as far as this node knows.
    Feed(Cursor),
}

/// What a door answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Answer {
    /// Decided at this index.
    Applied(u64, domain::Verdict),
    /// What the records were after this index.
    Records(u64, Vec<Record>),
    /// Events, and the cursor to go on with.
    Feed(Vec<(Cursor, Event)>, Cursor),
    /// The feed has forgotten that; everything behind this cursor is there.
    Resync(Cursor),
    /// It certainly had no effect.
    NotDone(String),
    /// It may have had one.
    Unknown(String),
}

/// Answers whoever comes, as long as the node lives.
pub(super) async fn serve(city: raft::City, reader: Reader) -> io::Result<()> {
    let listener = TcpListener::bind((std::net::Ipv4Addr::UNSPECIFIED, PORT)).await?;
    loop {
        let (mut stream, _) = listener.accept().await?;
        let (city, reader) = (city.clone(), reader.clone());
        tokio::spawn(async move {
            let Ok(question) = receive(&mut stream).await else { return };
            let answer = answer(&city, &reader, question).await;
            // Whoever asked may be gone.
            let _ = send(&mut stream, &answer).await;
        });
    }
}

async fn answer(city: &raft::City, reader: &Reader, question: Question) -> Answer {
    match question {
        Question::Propose(proposal) => match city.propose(&proposal, PATIENCE).await {
            Ok(Applied { index, verdict }) => Answer::Applied(index, verdict),
            Err(ProposeError::NotProposed { why, .. }) => Answer::NotDone(why.to_string()),
            Err(ProposeError::Unknown { why }) => Answer::Unknown(why.to_string()),
        },
        Question::Read(which) => match city.read_barrier(PATIENCE).await {
            Ok(_) => records(city, reader, &which),
            Err(error) => Answer::NotDone(not_read(error)),
        },
        Question::ReadHere(which) => records(city, reader, &which),
        Question::Feed(after) => match reader.view().feed(after, FEED_PAGE) {
            Ok(page) => {
                let told = page.events.into_iter().map(|told| (told.cursor, told.event));
                Answer::Feed(told.collect(), page.next)
            }
            Err(storage::Error::BehindRetention { oldest }) => Answer::Resync(oldest),
            Err(error) => Answer::NotDone(error.to_string()),
        },
    }
}

fn not_read(error: ReadError) -> String {
    error.to_string()
}

/// Nothing is applied between the two looks: nobody else has a turn.
fn records(city: &raft::City, reader: &Reader, which: &[Which]) -> Answer {
    let (index, view) = (city.applied(), reader.view());
    let read = which.iter().map(|which| which.of(&view)).collect::<Result<_, _>>();
    match read {
        Ok(records) => Answer::Records(index, records),
        Err(error) => Answer::NotDone(error.to_string()),
    }
}

/// Asks at a node's door. An error before the question was sent is `NotDone`, one after it leaves
/// everything open.
pub(super) async fn ask(node: u64, question: &Question, patience: Duration) -> Answer {
    let connecting = TcpStream::connect((super::host(node), PORT));
    let mut stream = match tokio::time::timeout(patience, connecting).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Answer::NotDone(error.to_string()),
        Err(_) => return Answer::NotDone("no connection in time".to_owned()),
    };
    let asking = async {
        send(&mut stream, question).await?;
        receive(&mut stream).await
    };
    match tokio::time::timeout(patience, asking).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => Answer::Unknown(error.to_string()),
        Err(_) => Answer::Unknown("no answer in time".to_owned()),
    }
}

async fn send<T: Serialize>(stream: &mut TcpStream, message: &T) -> io::Result<()> {
    let bytes = storage::codec::encode(message);
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    let frame = [&length.to_be_bytes(), bytes.as_slice()].concat();
    stream.write_all(&frame).await
}

async fn receive<T: DeserializeOwned>(stream: &mut TcpStream) -> io::Result<T> {
    let length = usize::try_from(stream.read_u32().await?).map_err(io::Error::other)?;
    if length > FRAME_BYTES {
        return Err(io::Error::other("a frame that is too long"));
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await?;
    storage::codec::decode(&bytes).map_err(io::Error::other)
}
