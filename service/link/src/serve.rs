//! The node's end.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use snow::Builder;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};

use crate::{
    HANDSHAKE_TIME, LinkError, LinkKey, PATTERN, PROLOGUE,
    channel::{Channel, read_frame, write_frame},
    rate::Rate,
};

/// What a node does with requests.
pub trait Handler: Send + Sync + 'static {
    /// Whether this key may open a link.
    fn accepts(&self, peer: &[u8; 32]) -> bool;

    /// Answers one request of an accepted peer.
    fn answer(&self, peer: [u8; 32], request: Vec<u8>) -> impl Future<Output = Vec<u8>> + Send;
}

/// What a node bears.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest request in bytes.
    pub message: usize,
    /// Links at once, and as many handshakes.
    pub links: usize,
    /// Links of one peer at once.
    pub links_of_one: usize,
    /// Requests per second of one peer, in the long run.
    pub per_second: u32,
    /// Requests of one peer at once.
    pub burst: u32,
    /// How long a link may be idle.
    pub idle: Duration,
}

struct Server<H> {
    key: LinkKey,
    handler: Arc<H>,
    limits: Limits,
    rate: Rate,
    open: Mutex<HashMap<[u8; 32], usize>>,
}

/// A caller whose key was accepted.
type Accepted = ([u8; 32], Channel);

/// Accepts links until the future is dropped. Beyond the limit of links new ones are closed at
/// once, so that a flood cannot hold memory. Of too many handshakes the oldest is given up: who says
/// nothing keeps nobody out, unless it opens as many as the limit within the time that an honest
/// handshake takes.
pub async fn serve<H: Handler>(listener: TcpListener, key: LinkKey, handler: Arc<H>, limits: Limits) {
    let rate = Rate::new(limits.per_second, limits.burst);
    let server = Arc::new(Server { key, handler, limits, rate, open: Mutex::default() });
    let places = Arc::new(Semaphore::new(limits.links));
    let (accepted, mut links) = mpsc::channel::<Accepted>(limits.links.max(1));
    let (mut tasks, mut handshakes) = (JoinSet::new(), VecDeque::<AbortHandle>::new());
    loop {
        while tasks.try_join_next().is_some() {}
        let server = server.clone();
        tokio::select! {
            stream = listener.accept() => {
                let Ok((stream, _)) = stream else {
                    // Out of file descriptors, most likely: others must end before new ones come.
                    sleep(Duration::from_millis(100)).await;
                    continue;
                };
                make_room(&mut handshakes, limits.links);
                let accepted = accepted.clone();
                handshakes.push_back(tasks.spawn(async move {
                    if let Ok(link) = server.shake_hands(stream).await {
                        let _ = accepted.send(link).await; // nobody waits when the node stops
                    }
                }));
            }
            Some((peer, channel)) = links.recv() => {
                let Ok(place) = places.clone().try_acquire_owned() else { continue };
                tasks.spawn(async move {
                    // Whatever ends a link is the caller's affair; the node keeps no state of it.
                    let _ended = server.attend(peer, channel).await;
                    drop(place);
                });
            }
        }
    }
}

/// Gives the oldest handshake up if there is no room for another.
fn make_room(handshakes: &mut VecDeque<AbortHandle>, most: usize) {
    handshakes.retain(|handshake| !handshake.is_finished());
    if handshakes.len() >= most
        && let Some(oldest) = handshakes.pop_front()
    {
        oldest.abort();
    }
}

impl<H: Handler> Server<H> {
    async fn shake_hands(&self, stream: TcpStream) -> Result<Accepted, LinkError> {
        timeout(HANDSHAKE_TIME, self.accept(stream)).await.unwrap_or_else(|_| Err(late()))
    }

    async fn attend(&self, peer: [u8; 32], mut channel: Channel) -> Result<(), LinkError> {
        let Some(_counted) = Counted::new(&self.open, peer, self.limits.links_of_one) else { return Ok(()) };
        loop {
            let request =
                timeout(self.limits.idle, channel.receive()).await.unwrap_or_else(|_| Err(late()))?;
            let wait = self.rate.take(peer, Instant::now());
            sleep(Duration::from_secs_f64(wait)).await;
            let answer = self.handler.answer(peer, request).await;
            timeout(self.limits.idle, channel.send(&answer)).await.unwrap_or_else(|_| Err(late()))?;
        }
    }

    async fn accept(&self, mut stream: TcpStream) -> Result<Accepted, LinkError> {
        let name = || "a caller".to_owned();
        let io = |source| LinkError::Io { peer: name(), source };
        let failed = |_| LinkError::Handshake { peer: name() };
        stream.set_nodelay(true).map_err(io)?;
        let pattern = PATTERN.parse().map_err(failed)?;
        let builder = Builder::new(pattern).local_private_key(self.key.secret()).prologue(PROLOGUE);
        let mut handshake = builder.build_responder().map_err(failed)?;
        // Longer than any handshake message of the pattern, so none is cut; longer ones fail.
        let mut buffer = [0; 256];
        let first = read_frame(&mut stream).await.map_err(io)?;
        handshake.read_message(&first, &mut buffer).map_err(failed)?;
        let length = handshake.write_message(&[], &mut buffer).map_err(failed)?;
        write_frame(&mut stream, buffer.get(..length).unwrap_or_default()).await.map_err(io)?;
        let last = read_frame(&mut stream).await.map_err(io)?;
        handshake.read_message(&last, &mut buffer).map_err(failed)?;
        let peer = handshake.get_remote_static().and_then(|key| <[u8; 32]>::try_from(key).ok());
        let peer = peer.filter(|peer| self.handler.accepts(peer));
        let peer = peer.ok_or_else(|| LinkError::Handshake { peer: name() })?;
        let session = handshake.into_transport_mode().map_err(failed)?;
        Ok((peer, Channel { stream, session, peer: name(), limit: self.limits.message }))
    }
}

fn late() -> LinkError {
    LinkError::Late { peer: "a caller".into(), deadline: HANDSHAKE_TIME }
}

/// Counts the links of one peer while they are open.
struct Counted<'a> {
    open: &'a Mutex<HashMap<[u8; 32], usize>>,
    peer: [u8; 32],
}

impl<'a> Counted<'a> {
    fn new(open: &'a Mutex<HashMap<[u8; 32], usize>>, peer: [u8; 32], limit: usize) -> Option<Self> {
        let mut counts = open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(peer).or_default();
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(Self { open, peer })
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let mut counts = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.peer) {
            *count = count.saturating_sub(1);
        }
    }
}
