//! Connections: bounded in number, one request each, and closed where they say nothing. Where no place is
//! left, the one that has waited longest without having said who it is gives way: whoever wants to hold
//! all places must come again as often as others do.

use std::{
    collections::BTreeMap,
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::Extension;
use hyper::server::conn::http1::Builder;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::AbortHandle,
    time::{sleep, timeout},
};

use super::{Server, locked, router};

/// Connections that are open at the same time.
const MOST: usize = 256;
/// In which a client must send the head of its request.
const HEAD: Duration = Duration::from_secs(30);
/// For requests that are being answered when the server is told to stop.
const FAREWELL: Duration = Duration::from_secs(10);
/// Before the next try, where the system opens no connection.
const PAUSE: Duration = Duration::from_secs(1);

/// Connections of which nobody knows yet whose they are, oldest first.
type Strangers = Arc<Mutex<BTreeMap<u64, AbortHandle>>>;

/// The connection of a request.
#[derive(Clone)]
pub(super) struct Connection {
    number: u64,
    strangers: Strangers,
}

impl Connection {
    /// It does not give way any more: its client has a place of its own for what it sends.
    pub fn is_known(&self) {
        locked(&self.strangers).remove(&self.number);
    }
}

/// Held while a connection is open.
struct Open {
    connection: Connection,
    _place: Option<OwnedSemaphorePermit>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.connection.is_known();
    }
}

/// Serves until `shutdown` is ready.
pub async fn serve(listener: TcpListener, server: Arc<Server>, shutdown: impl Future<Output = ()>) {
    serve_with(listener, server, shutdown, HEAD).await;
}

pub(super) async fn serve_with(
    listener: TcpListener,
    server: Arc<Server>,
    shutdown: impl Future<Output = ()>,
    head: Duration,
) {
    let routes = router(Arc::clone(&server));
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head).keep_alive(false);
    let (open, strangers) = (GracefulShutdown::new(), Strangers::default());
    let places = Arc::new(Semaphore::new(MOST));
    let mut shutdown = pin!(shutdown);
    for number in 0.. {
        let (stream, place) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &places, &strangers) => accepted,
        };
        let connection = Connection { number, strangers: Arc::clone(&strangers) };
        let service = TowerToHyperService::new(routes.clone().layer(Extension(connection.clone())));
        let served = open.watch(builder.serve_connection(TokioIo::new(stream), service));
        let held = Open { connection, _place: place };
        let mut strangers = locked(&strangers); // its task takes it off, not before it is there
        let task = tokio::spawn(async move {
            let _held = held;
            // What went wrong is told to the client; one that is gone needs nothing.
            let _ = served.await;
        });
        strangers.insert(number, task.abort_handle());
    }
    drop(listener);
    let _ = timeout(FAREWELL, open.shutdown()).await;
    server.stop();
}

/// The next connection, and a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    strangers: &Strangers,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    let stream = loop {
        match listener.accept().await {
            Ok((stream, _)) => break stream,
            Err(error) => {
                tracing::warn!(%error, "no connection was opened");
                sleep(PAUSE).await;
            }
        }
    };
    if places.available_permits() == 0 {
        let oldest = locked(strangers).pop_first();
        oldest.inspect(|(_, task)| task.abort());
    }
    // Nobody closes the semaphore.
    (stream, Arc::clone(places).acquire_owned().await.ok())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpStream,
        thread::{self, JoinHandle},
    };

    use tokio::sync::oneshot;

    use super::{super::tests::settings, *};

    const SHORT: Duration = Duration::from_millis(300);
    const LONG: Duration = Duration::from_secs(3600);
    const ASK: &[u8] = b"GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n";

    struct Running {
        address: std::net::SocketAddr,
        stop: oneshot::Sender<()>,
        thread: JoinHandle<()>,
    }

    fn start(folder: &std::path::Path, head: Duration) -> Running {
        let (server, _workers) = Server::start(settings(folder)).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let (address, (stop, stopped)) = (listener.local_addr().unwrap(), oneshot::channel());
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let stopped = async { stopped.await.unwrap() };
            runtime.block_on(async {
                serve_with(TcpListener::from_std(listener).unwrap(), server, stopped, head).await;
            });
        });
        Running { address, stop, thread }
    }

    /// A connection on which `bytes` were sent.
    fn say(running: &Running, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(running.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(bytes).unwrap();
        stream
    }

    /// All that comes until the server closes.
    fn hear(mut stream: TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn who_says_nothing_is_hung_up_on() {
        let folder = tempfile::tempdir().unwrap();
        let running = start(folder.path(), SHORT);
        let silent = say(&running, b"");
        let slow = say(&running, &ASK[..20]);
        assert_eq!(hear(silent), "");
        assert!(!hear(slow).contains("200 OK"));
    }

    #[test]
    fn a_connection_is_for_one_request() {
        let folder = tempfile::tempdir().unwrap();
        let running = start(folder.path(), LONG);
        let answers = hear(say(&running, &ASK.repeat(20)));
        assert!(answers.starts_with("HTTP/1.1 200 OK") && answers.contains("connection: close"));
        assert_eq!(answers.matches("HTTP/1.1").count(), 1);
    }

    #[test]
    fn where_all_places_are_taken_the_oldest_stranger_gives_way() {
        let folder = tempfile::tempdir().unwrap();
        let running = start(folder.path(), LONG);
        // Neither a silent one nor one that promises a query holds a place.
        let promise = b"POST /v1/queries HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n";
        let mut crowd: Vec<_> =
            (0..MOST).map(|number| say(&running, [&b""[..], promise][number % 2])).collect();
        for _ in 0..4 {
            assert!(hear(say(&running, ASK)).starts_with("HTTP/1.1 200 OK"));
        }
        assert_eq!(hear(crowd.remove(0)), "");
        // The youngest is still heard.
        let mut youngest = crowd.swap_remove(MOST - 3);
        youngest.write_all(ASK).unwrap();
        assert!(hear(youngest).starts_with("HTTP/1.1 200 OK"));
    }

    #[test]
    fn an_idle_connection_does_not_keep_a_stopped_server() {
        let folder = tempfile::tempdir().unwrap();
        let running = start(folder.path(), LONG);
        let idle = say(&running, b"");
        assert!(hear(say(&running, ASK)).starts_with("HTTP/1.1 200 OK"), "both are there");
        running.stop.send(()).unwrap();
        running.thread.join().unwrap();
        assert_eq!(hear(idle), "");
        assert!(TcpStream::connect(running.address).is_err());
    }
}
