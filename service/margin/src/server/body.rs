//! Bodies, which must come at a pace: who is slow holds a place that others wait for.

use std::{future::poll_fn, pin::Pin, time::Duration};

use axum::body::{Body, Bytes, HttpBody};
use tokio::time::{Instant, timeout};

use super::ServerError;

/// Slowest client, in bytes a second: 11 MB in two minutes, an evaluation key in an hour.
pub(super) const SLOWEST: u64 = 100_000;
/// After which that is asked.
pub(super) const GRACE: Duration = Duration::from_secs(10);
/// Longest silence in between, however fast it was before.
const SILENCE: Duration = Duration::from_secs(30);

/// A body as it comes.
pub(super) struct Incoming {
    body: Body,
    start: Instant,
    grace: Duration,
    bytes: u64,
}

impl Incoming {
    pub fn new(body: Body) -> Self {
        Self { body, start: Instant::now(), grace: GRACE, bytes: 0 }
    }

    /// Bytes that it has at least, by its head.
    pub fn least(&self) -> u64 {
        self.body.size_hint().lower()
    }

    /// The next part; nothing at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ServerError> {
        loop {
            let due = self.grace + Duration::from_secs(self.bytes / SLOWEST);
            let left = due.saturating_sub(self.start.elapsed()).min(SILENCE);
            let frame = poll_fn(|context| Pin::new(&mut self.body).poll_frame(context));
            match timeout(left, frame).await {
                Ok(None) => return Ok(None),
                Ok(Some(Ok(frame))) => {
                    if let Ok(bytes) = frame.into_data() {
                        self.bytes += bytes.len() as u64;
                        return Ok(Some(bytes));
                    }
                }
                Ok(Some(Err(_))) | Err(_) => return Err(ServerError::Body),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        task::{Context, Poll},
    };

    use hyper::body::Frame;

    use super::*;

    const PAUSE: Duration = Duration::from_millis(50);

    /// `size` bytes at a time with a pause before each, for ever.
    struct Dripping {
        size: usize,
        pause: Pin<Box<tokio::time::Sleep>>,
    }

    impl HttpBody for Dripping {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            std::task::ready!(self.pause.as_mut().poll(context));
            self.pause = Box::pin(tokio::time::sleep(PAUSE));
            Poll::Ready(Some(Ok(Frame::data(vec![0; self.size].into()))))
        }
    }

    /// Parts that came before it was given up, of at most 60.
    fn parts(size: usize, grace: Duration) -> usize {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let body = Body::new(Dripping { size, pause: Box::pin(tokio::time::sleep(PAUSE)) });
            let mut body = Incoming { grace, ..Incoming::new(body) };
            for part in 0..60 {
                if body.next().await.is_err() {
                    return part;
                }
            }
            60
        })
    }

    #[test]
    fn who_drips_is_given_up_and_who_flows_is_not() {
        let grace = 40 * PAUSE;
        assert!((1..=40).contains(&parts(1, grace)), "one byte at a time");
        assert_eq!(parts(1 << 20, grace), 60);
    }
}
