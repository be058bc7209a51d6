//! The network of a run without root: one TCP proxy for each ordered pair of dialler and dialled.
//!
//! The directed link a->b is what flows forward through the proxy in front of b that a dials, and
//! what flows backward through the one in front of a that b dials. A cut link holds its bytes back
//! and hands them over when it heals, as retransmission would; so a one-way cut is a true one-way
//! cut of bytes, which packets cannot give: there the acknowledgements get lost too.

use crate::nemesis::Manner;
use crate::random::Random;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

/// Ports of proxies: above those of nodes and gateways, below those that the system hands out.
const PORTS: std::ops::Range<u16> = 24_000..32_000;
/// What is read at once.
const CHUNK: usize = 16 * 1024;
/// Chunks under way on one connection and direction: what a cut link holds at most before the
/// sender feels it, as with the buffers of a real connection.
const CHUNKS: usize = 64;
/// Between two attempts to listen again after a loud cut.
const LISTEN_AGAIN: Duration = Duration::from_millis(20);
/// A node on the same machine takes a connection within this time, or not at all.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// How a working link carries bytes. All zero: as fast as it can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Each byte takes so long.
    pub delay: Duration,
    /// And up to so much longer, by chance; bytes never overtake each other.
    pub jitter: Duration,
    /// Bytes a second; without a limit if absent.
    pub rate: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Open(Shape),
    Cut(Manner),
}

/// One directed link.
#[derive(Debug)]
struct Link {
    mode: watch::Sender<Mode>,
    counts: Counts,
}

/// What a link did.
#[derive(Debug, Default)]
struct Counts {
    passed: AtomicU64,
    held: AtomicU64,
    delayed: AtomicU64,
    /// Connections that could not be made, or were reset, because of it.
    connections: AtomicU64,
}

/// What a link has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes that arrived.
    pub passed: u64,
    /// Bytes that were held back by a cut.
    pub held: u64,
    /// Bytes that took longer than without a delay or a rate.
    pub delayed: u64,
    /// Connections that were held back or reset.
    pub connections: u64,
}

/// All proxies of a run. They end with this value.
#[derive(Debug)]
pub struct Mesh {
    links: BTreeMap<(u64, u64), Arc<Link>>,
    doors: BTreeMap<(u64, u64), SocketAddr>,
    /// Only kept: what it holds ends when it is dropped.
    _proxies: JoinSet<()>,
}

/// One dialler and one dialled: what a connection of theirs depends on.
#[derive(Clone, Debug)]
struct Pair {
    listen: SocketAddr,
    target: SocketAddr,
    forward: Arc<Link>,
    backward: Arc<Link>,
    chance: Arc<Mutex<Random>>,
}

impl Mesh {
    /// Proxies between all of these nodes, whether they run already or will some day; `targets` are
    /// the addresses at which they listen.
    ///
    /// # Errors
    /// There are not enough free ports.
    pub fn start(targets: &BTreeMap<u64, SocketAddr>, mut random: Random) -> Result<Self> {
        let pairs: Vec<_> = targets
            .keys()
            .flat_map(|from| targets.keys().map(move |to| (*from, *to)))
            .filter(|(from, to)| from != to)
            .collect();
        let new = || Link { mode: watch::Sender::new(OPEN), counts: Counts::default() };
        let links: BTreeMap<_, _> = pairs.iter().map(|pair| (*pair, Arc::new(new()))).collect();
        let mut ports = free_ports();
        let (mut doors, mut proxies) = (BTreeMap::new(), JoinSet::new());
        for (from, to) in pairs {
            let (port, listener) = ports.next().context("there are no free ports for proxies")?;
            let pair = Pair {
                listen: local(port),
                target: targets[&to],
                forward: Arc::clone(&links[&(from, to)]),
                backward: Arc::clone(&links[&(to, from)]),
                chance: Arc::new(Mutex::new(random.fork())),
            };
            doors.insert((from, to), pair.listen);
            listener.set_nonblocking(true)?;
            let listener = TcpListener::from_std(listener)?;
            proxies.spawn(async move { pair.serve(listener).await });
        }
        Ok(Self { links, doors, _proxies: proxies })
    }

    /// Where `from` dials each of the others.
    pub fn dials(&self, from: u64) -> BTreeMap<u64, SocketAddr> {
        let mine = self.doors.iter().filter(|((dialler, _), _)| *dialler == from);
        mine.map(|((_, to), door)| (*to, *door)).collect()
    }

    /// From now on nothing gets from the one to the other.
    ///
    /// # Errors
    /// There is no such link.
    pub fn cut(&self, link: (u64, u64), manner: Manner) -> Result<()> {
        self.set(link, Mode::Cut(manner))
    }

    /// It works again; what it held back arrives.
    ///
    /// # Errors
    /// There is no such link.
    pub fn open(&self, link: (u64, u64), shape: Shape) -> Result<()> {
        self.set(link, Mode::Open(shape))
    }

    /// What a link has done so far.
    pub fn traffic(&self, link: (u64, u64)) -> Traffic {
        let Some(link) = self.links.get(&link) else { return Traffic::default() };
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let Counts { passed, held, delayed, connections } = &link.counts;
        Traffic {
            passed: read(passed),
            held: read(held),
            delayed: read(delayed),
            connections: read(connections),
        }
    }

    /// Whether a new connection from the one to the other gets an answer within this time: it sends
    /// what `hello` says and waits for a byte.
    pub async fn reaches(&self, link: (u64, u64), hello: &[u8], within: Duration) -> bool {
        let Some(door) = self.doors.get(&link) else { return false };
        timeout(within, answers(*door, hello)).await.is_ok_and(|answer| answer)
    }

    fn set(&self, link: (u64, u64), mode: Mode) -> Result<()> {
        let (from, to) = link;
        let found = self.links.get(&link);
        let link = found.with_context(|| format!("there is no link {from} -> {to}"))?;
        link.mode.send_replace(mode);
        Ok(())
    }
}

/// Whether somebody listens there who says something to this.
pub(crate) async fn answers(door: SocketAddr, hello: &[u8]) -> bool {
    let said = async {
        let mut stream = TcpStream::connect(door).await?;
        stream.write_all(hello).await?;
        stream.read(&mut [0; 1]).await
    };
    said.await.is_ok_and(|read| read > 0)
}

const OPEN: Mode = Mode::Open(Shape { delay: Duration::ZERO, jitter: Duration::ZERO, rate: None });

impl Link {
    fn mode(&self) -> Mode {
        *self.mode.borrow()
    }

    /// Until it works.
    async fn opened(&self) {
        let open = |mode: &Mode| matches!(mode, Mode::Open(_));
        let mut changes = self.mode.subscribe();
        changes.wait_for(open).await.map(drop).expect("the link itself holds the sender");
    }

    /// Until it is cut loudly.
    async fn severed(&self) {
        let loud = |mode: &Mode| *mode == Mode::Cut(Manner::Loud);
        let mut changes = self.mode.subscribe();
        changes.wait_for(loud).await.map(drop).expect("the link itself holds the sender");
    }

    fn is_open(&self) -> bool {
        matches!(self.mode(), Mode::Open(_))
    }
}

impl Pair {
    /// Takes connections for ever. While it is cut loudly nobody listens.
    async fn serve(self, listener: TcpListener) {
        let mut listener = Some(listener);
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            let Some(open) = &listener else {
                self.not_severed().await;
                listener = TcpListener::bind(self.listen).await.ok();
                if listener.is_none() {
                    sleep_until(Instant::now() + LISTEN_AGAIN).await;
                }
                continue;
            };
            tokio::select! {
                () = self.severed() => listener = None,
                accepted = open.accept() => if let Ok((client, _)) = accepted {
                    let pair = self.clone();
                    connections.spawn(async move { pair.connection(client).await });
                },
            }
        }
    }

    async fn severed(&self) {
        tokio::select! {
            () = self.forward.severed() => {}
            () = self.backward.severed() => {}
        }
    }

    async fn not_severed(&self) {
        let quiet = |mode: &Mode| *mode != Mode::Cut(Manner::Loud);
        for link in [&self.forward, &self.backward] {
            let mut changes = link.mode.subscribe();
            changes.wait_for(quiet).await.map(drop).expect("the link itself holds the sender");
        }
    }

    async fn connection(&self, mut client: TcpStream) {
        self.count_connection();
        let dialled = tokio::select! {
            () = self.severed() => None,
            server = self.dial() => server,
        };
        let Some(mut server) = dialled else { return reset(&client) };
        let broken = tokio::select! {
            () = self.severed() => {
                self.count_connection();
                true
            }
            ended = self.carry(&mut client, &mut server) => ended.is_err(),
        };
        if broken {
            reset(&client);
            reset(&server);
        }
    }

    /// Notes that a connection suffers from whichever link is cut.
    fn count_connection(&self) {
        for link in [&self.forward, &self.backward].into_iter().filter(|link| !link.is_open()) {
            link.counts.connections.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A connection needs both ways to come about. Nothing if nobody listens there.
    async fn dial(&self) -> Option<TcpStream> {
        self.forward.opened().await;
        self.backward.opened().await;
        timeout(CONNECT_WITHIN, TcpStream::connect(self.target)).await.ok()?.ok()
    }

    /// An error ends both ways; an orderly end only its own.
    async fn carry(&self, client: &mut TcpStream, server: &mut TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let forward = self.pump(from_client, to_server, &self.forward);
        let backward = self.pump(from_server, to_client, &self.backward);
        tokio::try_join!(forward, backward).map(drop)
    }

    async fn pump(
        &self,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
        link: &Link,
    ) -> io::Result<()> {
        let (arrive, mut arrived) = mpsc::channel::<(Instant, Vec<u8>)>(CHUNKS);
        let read = async move {
            let mut buffer = vec![0; CHUNK];
            let mut last = Instant::now();
            loop {
                let read = from.read(&mut buffer).await?;
                if read == 0 {
                    return io::Result::Ok(());
                }
                last = self.due(link, read, last);
                if arrive.send((last, buffer[..read].to_vec())).await.is_err() {
                    return Ok(());
                }
            }
        };
        let write = async move {
            while let Some((due, bytes)) = arrived.recv().await {
                sleep_until(due).await;
                if !link.is_open() {
                    link.counts.held.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                    link.opened().await;
                }
                to.write_all(&bytes).await?;
                link.counts.passed.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            }
            // The other side hears of the end as late as of everything else.
            link.opened().await;
            to.shutdown().await
        };
        tokio::try_join!(read, write).map(drop)
    }

    /// When bytes that are read now arrive: never before those that were read before them.
    fn due(&self, link: &Link, bytes: usize, last: Instant) -> Instant {
        let now = Instant::now();
        let Mode::Open(shape) = link.mode() else { return now.max(last) };
        if shape == Shape::default() {
            return now.max(last);
        }
        link.counts.delayed.fetch_add(bytes as u64, Ordering::Relaxed);
        let most = usize::try_from(shape.jitter.as_micros()).unwrap_or(usize::MAX);
        let jitter = self.chance.lock().expect("nobody panics with chance in hand").below(most);
        let takes = shape.rate.map_or(Duration::ZERO, |rate| {
            Duration::from_secs_f64(bytes as f64 / f64::from(rate.max(1)))
        });
        (now + shape.delay + Duration::from_micros(jitter as u64)).max(last) + takes
    }
}

/// Whoever is at the other end learns at once that the connection is gone.
fn reset(stream: &TcpStream) {
    // A connection that is gone already needs no reset.
    stream.set_zero_linger().unwrap_or_default();
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// Ports that nobody listens on, taken at once. Two runs begin to look at different places.
fn free_ports() -> impl Iterator<Item = (u16, StdListener)> {
    let first = std::process::id() as usize * CHUNKS % PORTS.len();
    let tried = PORTS.cycle().skip(first).take(PORTS.len());
    tried.filter_map(|port| StdListener::bind(local(port)).ok().map(|taken| (port, taken)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(300);
    const HELLO: &[u8] = b"hello";

    /// Three servers that send back what they hear, and the proxies between them.
    async fn mesh() -> (Mesh, JoinSet<()>) {
        let (mut targets, mut servers) = (BTreeMap::new(), JoinSet::new());
        for id in 1..=3 {
            let listener = TcpListener::bind(local(0)).await.expect("a free port");
            targets.insert(id, listener.local_addr().expect("it listens"));
            servers.spawn(async move {
                let mut echoes = JoinSet::new();
                while let Ok((mut stream, _)) = listener.accept().await {
                    echoes.spawn(async move {
                        let (mut read, mut write) = stream.split();
                        tokio::io::copy(&mut read, &mut write).await.map(drop).unwrap_or_default();
                    });
                }
            });
        }
        (Mesh::start(&targets, Random::new(1)).expect("free ports"), servers)
    }

    async fn dial(mesh: &Mesh, from: u64, to: u64) -> TcpStream {
        TcpStream::connect(mesh.dials(from)[&to]).await.expect("a proxy listens")
    }

    /// How many bytes come back within a moment.
    async fn heard(stream: &mut TcpStream) -> usize {
        let mut buffer = [0; 64];
        timeout(SOON, stream.read(&mut buffer)).await.map_or(0, |read| read.unwrap_or(0))
    }

    #[tokio::test]
    async fn a_cut_is_one_way_holds_what_was_sent_and_hands_it_over_later() {
        let (mesh, _servers) = mesh().await;
        let mut stream = dial(&mesh, 1, 2).await;
        stream.write_all(HELLO).await.expect("it is open");
        assert_eq!(heard(&mut stream).await, HELLO.len());

        // Backward: 2 hears, and its answer does not arrive.
        mesh.cut((2, 1), Manner::Silent).expect("a link");
        let passed = mesh.traffic((1, 2)).passed;
        stream.write_all(HELLO).await.expect("it is open");
        assert_eq!(heard(&mut stream).await, 0);
        assert_eq!(mesh.traffic((1, 2)).passed, passed + HELLO.len() as u64);
        assert_eq!(mesh.traffic((2, 1)).held, HELLO.len() as u64);

        // Other links know nothing of it, and a new connection needs both ways.
        assert!(mesh.reaches((2, 3), HELLO, SOON).await);
        assert!(!mesh.reaches((2, 1), HELLO, SOON).await);
        assert!(!mesh.reaches((1, 2), HELLO, SOON).await);
        assert_eq!(mesh.traffic((2, 1)).connections, 2);

        mesh.open((2, 1), Shape::default()).expect("a link");
        assert_eq!(heard(&mut stream).await, HELLO.len());
        assert!(mesh.reaches((1, 2), HELLO, SOON).await);
    }

    #[tokio::test]
    async fn a_loud_cut_resets_and_refuses_until_it_heals() {
        let (mesh, _servers) = mesh().await;
        let mut stream = dial(&mesh, 1, 2).await;
        stream.write_all(HELLO).await.expect("it is open");
        assert_eq!(heard(&mut stream).await, HELLO.len());
        mesh.cut((1, 2), Manner::Loud).expect("a link");
        let reset = stream.read(&mut [0; 8]).await.map_err(|error| error.kind());
        assert_eq!(reset, Err(io::ErrorKind::ConnectionReset));
        let door = mesh.dials(1)[&2];
        let refused = TcpStream::connect(door).await.map(drop).map_err(|error| error.kind());
        assert_eq!(refused, Err(io::ErrorKind::ConnectionRefused));
        mesh.open((1, 2), Shape::default()).expect("a link");
        let listens = crate::cluster::until(CONNECT_WITHIN, "the proxy", async || {
            mesh.reaches((1, 2), HELLO, SOON).await.then_some(())
        });
        listens.await.expect("it listens again");
    }

    #[tokio::test]
    async fn a_delay_is_felt_and_a_rate_is_kept() {
        let (mesh, _servers) = mesh().await;
        let mut stream = dial(&mesh, 1, 3).await;
        let shape = Shape { delay: Duration::from_millis(80), ..Shape::default() };
        mesh.open((1, 3), shape).expect("a link");
        let sent = Instant::now();
        stream.write_all(HELLO).await.expect("it is open");
        stream.read_exact(&mut [0; 5]).await.expect("it comes back");
        assert!(sent.elapsed() >= shape.delay, "{:?}", sent.elapsed());
        assert_eq!(mesh.traffic((1, 3)).delayed, HELLO.len() as u64);

        mesh.open((1, 3), Shape { rate: Some(20_000), ..Shape::default() }).expect("a link");
        let sent = Instant::now();
        stream.write_all(&[7; 4_000]).await.expect("it is open");
        stream.read_exact(&mut [0; 4_000]).await.expect("it comes back");
        assert!(sent.elapsed() >= Duration::from_millis(200), "{:?}", sent.elapsed());
    }
}
