//! How long a request that carries a file may take: as long as it goes forward. A slow line is waited for, one that
//! stands still is not.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use hyper::body::{Frame, SizeHint};

/// What a request must bring, and how often this is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Time between two looks; also the time left to the handler once everything came.
    pub window: Duration,
    /// Bytes that must have come between two looks.
    pub least: u64,
}

/// What has come.
#[derive(Debug, Default)]
struct Come {
    bytes: AtomicU64,
    whole: AtomicBool,
}

/// A body whose bytes are counted as they are read.
struct Counted {
    body: Body,
    come: Arc<Come>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                self.come
                    .bytes
                    .fetch_add(u64::try_from(length).unwrap_or(0), Ordering::Relaxed);
            }
            Poll::Ready(None) => self.come.whole.store(true, Ordering::Relaxed),
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Waits for an answer while the body of the request goes forward; nothing when it stands still.
pub async fn while_it_moves<F, A>(
    request: Request,
    pace: Pace,
    answer: impl FnOnce(Request) -> F,
) -> Option<A>
where
    F: Future<Output = A>,
{
    let come = Arc::new(Come::default());
    let counted = Arc::clone(&come);
    let request = request.map(|body| Body::new(Counted { body, come: counted }));
    let mut answer = std::pin::pin!(answer(request));
    let (mut before, mut was_whole) = (0, false);
    loop {
        if let Ok(answer) = tokio::time::timeout(pace.window, &mut answer).await {
            return Some(answer);
        }
        let (now, whole) = (
            come.bytes.load(Ordering::Relaxed),
            come.whole.load(Ordering::Relaxed),
        );
        // Once all of it came, the handler has one whole window.
        if was_whole || (!whole && now.saturating_sub(before) < pace.least) {
            return None;
        }
        (before, was_whole) = (now, whole);
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    const PACE: Pace = Pace {
        window: Duration::from_millis(60),
        least: 100,
    };

    /// A body of so many bytes every ten milliseconds.
    fn dripping(bytes: usize, times: usize) -> Request {
        let (send, receive) = tokio::sync::mpsc::channel::<Bytes>(1);
        tokio::spawn(async move {
            for _ in 0..times {
                tokio::time::sleep(Duration::from_millis(10)).await;
                if send.send(Bytes::from(vec![0; bytes])).await.is_err() {
                    return;
                }
            }
        });
        struct Drip(tokio::sync::mpsc::Receiver<Bytes>);
        impl HttpBody for Drip {
            type Data = Bytes;
            type Error = std::convert::Infallible;

            fn poll_frame(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
                self.0
                    .poll_recv(context)
                    .map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
            }
        }
        Request::new(Body::new(Drip(receive)))
    }

    async fn read(request: Request) -> usize {
        request.into_body().collect().await.unwrap().to_bytes().len()
    }

    #[tokio::test]
    async fn a_slow_body_that_moves_is_read_to_its_end() {
        // Five windows in all.
        assert_eq!(while_it_moves(dripping(100, 30), PACE, read).await, Some(3000));
    }

    #[tokio::test]
    async fn a_body_that_hardly_moves_and_a_handler_that_does_not_end_are_given_up() {
        assert_eq!(while_it_moves(dripping(1, 300), PACE, read).await, None);
        let never = async |request: Request| {
            read(request).await;
            tokio::time::sleep(Duration::from_secs(60)).await;
        };
        assert_eq!(while_it_moves(dripping(100, 1), PACE, never).await, None);
        let long = async |request: Request| {
            let length = read(request).await;
            tokio::time::sleep(Duration::from_millis(70)).await;
            length
        };
        assert_eq!(while_it_moves(dripping(1, 1), PACE, long).await, Some(1));
    }
}
