//! The HTTP server: a bounded number of connections, each with time limits for reading and for writing.
//!
//! A slow or idle client must not keep others out. So a connection holds a slot ([`slots`]), which a new connection can take over
//! from a stalled one, and its stream ([`stream`]) fails if the client reads too slowly. While all slots are in use, a small reserve
//! of further connections still answers health checks.

mod slots;
mod stream;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use slots::{ConnectionSlots, Slot};
use stream::WatchedStream;

use crate::metrics::{ConnectionGauges, Gauge, InUse};

/// Tells handlers with an answer that does not end by itself that the server stops. Each request has it as an extension.
#[derive(Clone, Debug)]
pub(super) struct ServerStop(CancellationToken);

impl ServerStop {
    /// Waits until the server stops.
    pub(super) async fn stopped(&self) {
        self.0.cancelled().await;
    }
}

/// The maximum numbers of open connections.
#[derive(Clone, Copy, Debug)]
struct Capacity {
    site: usize,
    /// Further ones for health checks only, while all connections of the site are in use.
    reserve: usize,
}

const CAPACITY: Capacity = Capacity { site: 512, reserve: 32 };
/// How long a request's head may take to arrive, and how long a connection may wait for its next request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// [`HEAD_TIMEOUT`] for a connection of the reserve.
const RESERVE_HEAD_TIMEOUT: Duration = Duration::from_secs(2);
/// The most bytes that a connection holds of what a client has sent and no handler has read. A request's head must fit in.
const MAX_BUFFER_BYTES: usize = 64 * 1024;
/// How long requests in progress may take after `stop` was cancelled.
const SHUTDOWN_GRACE_PERIOD: Duration = Duration::from_secs(5);

/// Serves `router` until `stop` is cancelled. Then it accepts no new connection and waits up to 5 seconds for the open ones.
/// While all connections are in use, `overload` serves further ones: it should answer health checks and refuse everything else.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    overload: Router,
    connections: ConnectionGauges,
    stop: CancellationToken,
) {
    serve_at_most(CAPACITY, listener, router, overload, connections, stop).await;
}

async fn serve_at_most(
    capacity: Capacity,
    listener: TcpListener,
    router: Router,
    overload: Router,
    connections: ConnectionGauges,
    stop: CancellationToken,
) {
    let site = ConnectionPool {
        slots: ConnectionSlots::new(capacity.site),
        router,
        head_timeout: HEAD_TIMEOUT,
        keep_alive: true,
        open: connections.site,
        stop: ServerStop(stop.clone()),
    };
    let reserve = ConnectionPool {
        slots: ConnectionSlots::new(capacity.reserve),
        router: overload,
        head_timeout: RESERVE_HEAD_TIMEOUT,
        keep_alive: false,
        open: connections.reserve,
        stop: ServerStop(stop.clone()),
    };
    let open = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener) => accepted,
        };
        if let Some(slot) = site.slots.acquire(peer.ip()) {
            site.serve(stream, peer, slot, &open);
        } else if let Some(slot) = reserve.slots.acquire(peer.ip()) {
            reserve.serve(stream, peer, slot, &open);
        }
        // If the reserve is full too, the stream is dropped here, which closes the connection.
    }
    drop(listener);
    if tokio::time::timeout(SHUTDOWN_GRACE_PERIOD, open.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("connections still open at shutdown were closed");
    }
}

/// The connections of the site or of the reserve, and how they are served.
struct ConnectionPool {
    slots: Arc<ConnectionSlots>,
    router: Router,
    head_timeout: Duration,
    keep_alive: bool,
    open: Gauge,
    stop: ServerStop,
}

impl ConnectionPool {
    fn serve(&self, stream: TcpStream, peer: SocketAddr, slot: Slot, open: &GracefulShutdown) {
        let router = TowerToHyperService::new(self.router.clone());
        let stop = self.stop.clone();
        // Not layers of the router: for each connection, they would be built again around each of its hundreds of routes.
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(stop.clone());
            router.call(request)
        });
        let stream = WatchedStream::new(stream, Arc::clone(&slot.progress));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.head_timeout)
            .keep_alive(self.keep_alive)
            .max_buf_size(MAX_BUFFER_BYTES)
            // hyper panics on a date from the year 10000 on; `headers::secure` writes the Date header from our clock.
            .auto_date_header(false)
            .serve_connection(TokioIo::new(stream), service);
        let connection = open.watch(connection);
        let in_use = InUse::of(&self.open);
        tokio::spawn(async move {
            let _in_use = in_use;
            tokio::select! {
                // An error here is the client's: it disconnected, was too slow, or does not speak HTTP.
                _ = connection => {}
                () = slot.end.cancelled() => {}
            }
        });
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Without TCP_NODELAY answers are only slower.
                let _ = stream.set_nodelay(true);
                return (stream, peer);
            }
            // The client has disconnected already, or file descriptors have run out. Neither may end the service.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// A site of four connections with a large page and a slow one, `/slow`.
    async fn small_site(stop: &CancellationToken) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback socket");
        let address = listener.local_addr().expect("the socket is bound");
        let never = || async { std::future::pending::<&str>().await };
        let site = Router::new()
            .route("/", get(|| async { "page ".repeat(100_000) }))
            .route("/slow", get(never))
            .route("/healthz", get(|| async { "alive" }));
        let overload = Router::new().route("/healthz", get(|| async { "alive" }));
        let capacity = Capacity { site: 4, reserve: 2 };
        let connections = ConnectionGauges::default();
        tokio::spawn(serve_at_most(
            capacity,
            listener,
            site,
            overload,
            connections,
            stop.clone(),
        ));
        address
    }

    async fn send(address: SocketAddr, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address)
            .await
            .expect("the server accepts connections");
        stream
            .write_all(text.as_bytes())
            .await
            .expect("the server reads the request");
        stream
    }

    /// The status line of the answer; empty if the server closes the connection without an answer.
    async fn status(address: SocketAddr, path: &str) -> String {
        let text = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let mut answer = Vec::new();
        // The server may reset the connection.
        let _ = send(address, &text).await.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    /// Sends the request again until the answer is 200: a connection counts as stalled only after `MIN_STALL`.
    async fn eventually_ok(address: SocketAddr, path: &str) {
        let answered = tokio::time::timeout(Duration::from_secs(10), async {
            while status(address, path).await != "HTTP/1.1 200 OK" {
                tokio::task::yield_now().await;
            }
        });
        answered.await.unwrap_or_else(|_| panic!("{path} was not answered"));
    }

    #[tokio::test]
    async fn clients_that_read_nothing_do_not_keep_others_out() {
        let stop = CancellationToken::new();
        let address = small_site(&stop).await;
        let mut held = Vec::new();
        for _ in 0..12 {
            held.push(send(address, &"GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200)).await);
        }
        eventually_ok(address, "/healthz").await;
        eventually_ok(address, "/").await;
        drop(held);
        stop.cancel();
    }

    #[tokio::test]
    async fn clients_that_send_single_bytes_do_not_keep_others_out() {
        let stop = CancellationToken::new();
        let address = small_site(&stop).await;
        for start in [
            "GET / HTTP/1.1\r\nHost: x\r\nX-A: ",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n",
        ] {
            let mut held = tokio::task::JoinSet::new();
            for _ in 0..12 {
                let mut stream = send(address, start).await;
                held.spawn(async move {
                    let mut every = tokio::time::interval(Duration::from_millis(20));
                    while stream.write_all(b"a").await.is_ok() {
                        every.tick().await;
                    }
                });
            }
            eventually_ok(address, "/healthz").await;
            eventually_ok(address, "/").await;
            held.shutdown().await;
        }
        stop.cancel();
    }

    #[tokio::test]
    async fn slow_heads_and_slow_answers_do_not_keep_others_out() {
        let stop = CancellationToken::new();
        let address = small_site(&stop).await;
        for text in ["GET / HT", "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"] {
            let mut held = Vec::new();
            for _ in 0..12 {
                held.push(send(address, text).await);
            }
            eventually_ok(address, "/healthz").await;
            eventually_ok(address, "/").await;
        }
        stop.cancel();
    }
}
