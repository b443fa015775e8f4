//! Connections: bounded in number, closed when they say nothing, and given a while to end.

use std::{pin::pin, sync::Arc, time::Duration};

use hyper::server::conn::http1::Builder;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::TcpListener,
    sync::Semaphore,
    time::{sleep, timeout},
};

use super::{Server, router};

/// Connections that are open at the same time; more wait in the system's queue.
const MOST: usize = 256;
/// In which a client must send the head of a request, the next one of a connection too.
const HEAD: Duration = Duration::from_secs(30);
/// For requests that are being answered when the server is told to stop.
const FAREWELL: Duration = Duration::from_secs(10);
/// Before the next try, where the system opens no connection.
const PAUSE: Duration = Duration::from_secs(1);

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
    let service = TowerToHyperService::new(router(Arc::clone(&server)));
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head);
    let (open, places) = (GracefulShutdown::new(), Arc::new(Semaphore::new(MOST)));
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accepted => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = builder.serve_connection(TokioIo::new(stream), service.clone());
                let connection = open.watch(connection);
                tokio::spawn(async move {
                    // What went wrong is told to the client; one that is gone needs nothing.
                    let _ = connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no connection was opened");
                sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    let _ = timeout(FAREWELL, open.shutdown()).await;
    server.stop();
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
    const ASK: &[u8] = b"GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n";

    struct Running {
        address: std::net::SocketAddr,
        stop: oneshot::Sender<()>,
        thread: JoinHandle<()>,
    }

    fn start(folder: &std::path::Path) -> Running {
        let (server, _workers) = Server::start(settings(folder)).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let (address, (stop, stopped)) = (listener.local_addr().unwrap(), oneshot::channel());
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let stopped = async { stopped.await.unwrap() };
            runtime.block_on(async {
                serve_with(TcpListener::from_std(listener).unwrap(), server, stopped, SHORT).await;
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
        let running = start(folder.path());
        let silent = say(&running, b"");
        let slow = say(&running, &ASK[..20]);
        let idle = say(&running, ASK);
        assert_eq!(hear(silent), "");
        assert!(!hear(slow).contains("200 OK"));
        assert!(hear(idle).starts_with("HTTP/1.1 200 OK"));
    }

    #[test]
    fn more_connections_than_there_are_places_wait_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let running = start(folder.path());
        let crowd: Vec<_> = (0..MOST).map(|_| say(&running, b"")).collect();
        assert!(hear(say(&running, ASK)).starts_with("HTTP/1.1 200 OK"));
        assert!(crowd.into_iter().all(|stream| hear(stream).is_empty()));
    }

    #[test]
    fn an_idle_connection_does_not_keep_a_stopped_server() {
        let folder = tempfile::tempdir().unwrap();
        let running = start(folder.path());
        let mut idle = say(&running, ASK);
        assert_ne!(idle.read(&mut [0; 1000]).unwrap(), 0);
        running.stop.send(()).unwrap();
        running.thread.join().unwrap();
        assert_eq!(hear(idle), "");
        assert!(TcpStream::connect(running.address).is_err());
    }
}
