//! A connection's stream: records its progress, and fails when the client reads an answer too slowly.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::places::Progress;

/// While written data waits for the client, the client has to read [`MIN_BYTES`] in each of these periods.
const PERIOD: Duration = Duration::from_secs(30);
/// 1 KiB a second: a tenth of the rate of the slowest mobile networks.
const MIN_BYTES: usize = 30 * 1024;

/// A stream that is watched.
#[derive(Debug)]
pub(super) struct WatchedStream {
    stream: TcpStream,
    progress: Arc<Progress>,
    period: Duration,
    waiting: Option<Waiting>,
    /// Something was written since the last flush.
    wrote: bool,
}

/// Written data that the client has not read completely.
#[derive(Debug)]
struct Waiting {
    period_end: Pin<Box<Sleep>>,
    /// The bytes that it has read in this period.
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

    /// Checks the result of a write. An error if the client read less than [`MIN_BYTES`] in a whole period.
    fn judge(&mut self, context: &mut Context<'_>, wrote: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
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
        self.judge(context, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.judge(context, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper flushes after the stream has accepted everything, so nothing waits for the client.
        self.waiting = None;
        // Only a complete answer counts as progress: a client that sends or reads a byte now and then must not keep others out.
        if std::mem::take(&mut self.wrote) {
            self.progress.note();
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
    use crate::web::server::places::Places;

    /// Two ends of a connection on loopback.
    async fn pair() -> (WatchedStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let address = listener.local_addr().expect("an address");
        let client = TcpStream::connect(address).await.expect("a connection");
        let (server, peer) = listener.accept().await.expect("a connection");
        let place = Places::new(1).take(peer.ip()).expect("a place");
        (WatchedStream::new(server, Arc::clone(&place.progress)), client)
    }

    #[tokio::test]
    async fn a_peer_that_reads_nothing_is_given_up() {
        let (mut server, _client) = pair().await;
        server.period = Duration::from_millis(10);
        let error = server.write_all(&vec![0; 64 << 20]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_peer_that_reads_gets_everything() {
        let (mut server, mut client) = pair().await;
        let sent = tokio::spawn(async move {
            server.write_all(&vec![7; 8 << 20]).await.expect("it is read");
            server.shutdown().await.expect("it is closed");
        });
        let mut read = Vec::new();
        client.read_to_end(&mut read).await.expect("it is sent");
        sent.await.expect("no panic");
        assert_eq!(read.len(), 8 << 20);
    }
}
