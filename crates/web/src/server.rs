//! The listening side: limits on connections, headers and time, and a clean stop.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::session::ClientAddress;

/// Open connections at once; further ones wait in the listening queue of the system.
const CONNECTIONS: usize = 4096;
/// Time to send the whole head of a request.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// Largest head of a request, in bytes.
const HEADER_BYTES: usize = 16 * 1024;
/// Time left to requests under way when the server stops.
const STOP_TIME: Duration = Duration::from_secs(10);

/// Serves until `stop` ends, then lets requests under way finish.
///
/// # Errors
/// Never for one connection; only when the listener itself fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
            break;
        };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(pair) => pair,
                Err(error) => {
                    // Out of descriptors, or a client gone before it was taken: neither ends the service.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let _ = stream.set_nodelay(true);
        let address = ClientAddress(peer.ip());
        let service = router.clone().map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(address);
            request
        });
        let service = TowerToHyperService::new(service);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME)
            .max_buf_size(HEADER_BYTES)
            .serve_connection(TokioIo::new(stream), service);
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(permit);
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(STOP_TIME) => tracing::warn!("requests under way were cut after ten seconds"),
    }
    Ok(())
}
