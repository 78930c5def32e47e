//! The TCP stream of a connection. It records each complete answer, and fails if the client reads an answer too slowly.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::slots::Progress;

/// While written data waits for the client, the client must read at least [`MIN_BYTES`] in each of these periods.
const PERIOD: Duration = Duration::from_secs(30);
/// 1 KiB a second: a tenth of the rate of the slowest mobile networks.
const MIN_BYTES: usize = 30 * 1024;

/// A TCP stream that reports progress and enforces the minimum read rate.
#[derive(Debug)]
pub(super) struct WatchedStream {
    stream: TcpStream,
    progress: Arc<Progress>,
    period: Duration,
    waiting: Option<Waiting>,
    /// Whether bytes were written since the last flush.
    wrote: bool,
}

/// The state while written data waits for the client to read it.
#[derive(Debug)]
struct Waiting {
    period_end: Pin<Box<Sleep>>,
    /// The bytes that the client has read in this period.
    bytes: usize,
}

impl WatchedStream {
    pub(super) fn new(stream: TcpStream, progress: Arc<Progress>) -> Self {
        Self {
            stream,
            progress,
            period: PERIOD,
            waiting: None,
            wrote: false,
        }
    }

    /// Passes on the result of a write. Fails if the client read less than [`MIN_BYTES`] in a whole period.
    fn check_rate(&mut self, context: &mut Context<'_>, wrote: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = &wrote {
            self.wrote = true;
            if let Some(waiting) = &mut self.waiting {
                waiting.bytes += bytes;
            }
            return wrote;
        }
        if wrote.is_ready() {
            return wrote;
        }
        let period = self.period;
        let waiting = self.waiting.get_or_insert_with(|| Waiting {
            period_end: Box::pin(sleep_until(Instant::now() + period)),
            bytes: 0,
        });
        while waiting.period_end.as_mut().poll(context).is_ready() {
            if waiting.bytes < MIN_BYTES {
                return Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the answer is read too slowly",
                )));
            }
            waiting.bytes = 0;
            waiting.period_end.as_mut().reset(Instant::now() + period);
        }
        Poll::Pending
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.check_rate(context, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.check_rate(context, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper flushes after the stream has accepted everything, so nothing waits for the client.
        self.waiting = None;
        // Only a complete answer counts as progress: a client that sends or reads a byte now and then must not keep others out.
        if std::mem::take(&mut self.wrote) {
            self.progress.record_answer();
        }
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::web::server::slots::ConnectionSlots;

    /// Both ends of a connection on loopback.
    async fn pair() -> (WatchedStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback socket");
        let address = listener.local_addr().expect("the socket is bound");
        let client = TcpStream::connect(address).await.expect("a connection");
        let (server, peer) = listener.accept().await.expect("a connection");
        let slot = ConnectionSlots::new(1).acquire(peer.ip()).expect("a free slot");
        (WatchedStream::new(server, Arc::clone(&slot.progress)), client)
    }

    #[tokio::test]
    async fn a_connection_fails_if_the_client_reads_nothing() {
        let (mut server, _client) = pair().await;
        server.period = Duration::from_millis(10);
        let error = server
            .write_all(&vec![0; 64 << 20])
            .await
            .expect_err("the client reads nothing");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_client_that_reads_gets_everything() {
        let (mut server, mut client) = pair().await;
        let sent = tokio::spawn(async move {
            server
                .write_all(&vec![7; 8 << 20])
                .await
                .expect("the client reads everything");
            server.shutdown().await.expect("the client is still connected");
        });
        let mut read = Vec::new();
        client
            .read_to_end(&mut read)
            .await
            .expect("the server closes the connection");
        sent.await.expect("the writer did not panic");
        assert_eq!(read.len(), 8 << 20);
    }
}
