//! A small server that receives mail by SMTP and LMTP: for the built-in inbox, for returned mail, and for tests of our own sender.
//! The [`Receiver`] decides about the mail.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream, ToSocketAddrs},
    sync::OwnedSemaphorePermit,
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::transport::Stream;

mod commands;
mod connections;
mod receiver;
mod session;

use connections::{Connections, Context};

pub use receiver::{Content, Options, Received, Receiver, Stage, Tls, Transaction, Verdict};

/// How long open connections may take to finish their message after a shutdown.
const SHUTDOWN_GRACE_PERIOD: Duration = Duration::from_secs(5);
/// How long sending 421 to a surplus connection may take.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(5);
const TOO_MANY_CONNECTIONS: &[u8] = b"421 4.7.0 too many connections from your network; try again later\r\n";

/// A server that listens on a socket.
#[derive(Debug)]
pub struct SmtpServer {
    listener: TcpListener,
    options: Options,
}

impl SmtpServer {
    /// Listens at an address. Port 0 means any free port.
    pub async fn bind(address: impl ToSocketAddrs) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            options: Options::default(),
        })
    }

    /// The same server with other options.
    #[must_use]
    pub fn with(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// The address at which it listens.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the token is cancelled. Then it refuses new mail, finishes current messages, and returns.
    pub async fn run<R: Receiver>(self, receiver: Arc<R>, shutdown: CancellationToken) {
        let options = Arc::new(self.options);
        let connections = Connections::new(&options);
        let mut open = JoinSet::new();
        let mut connection = 0;
        loop {
            let (stream, peer, slot) = tokio::select! {
                () = shutdown.cancelled() => break,
                accepted = accept(&self.listener, &connections) => accepted,
                Some(_) = open.join_next() => continue,
            };
            connection += 1;
            let transaction = Transaction {
                connection,
                ..Transaction::default()
            };
            let context = Context {
                options: options.clone(),
                connections: connections.clone(),
                receiver: receiver.clone(),
                shutdown: shutdown.clone(),
            };
            open.spawn(async move {
                let _slot = slot;
                serve(stream, peer, context, transaction).await;
            });
        }
        drop(self.listener);
        let _ = timeout(SHUTDOWN_GRACE_PERIOD, async {
            while open.join_next().await.is_some() {}
        })
        .await;
        open.shutdown().await;
    }
}

/// The next connection, as soon as fewer than the maximum are open.
async fn accept(
    listener: &TcpListener,
    connections: &Connections,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    let slot = connections.acquire().await;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, slot),
            // No free file descriptor, or the client closed already: neither ends the service.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve<R: Receiver>(
    mut stream: TcpStream,
    peer: SocketAddr,
    context: Context<R>,
    mut transaction: Transaction,
) {
    let _ = stream.set_nodelay(true);
    let options = &context.options;
    let Some(_place) = context.connections.enter(peer.ip()) else {
        // The client may be gone, which is as good.
        let _ = timeout(REFUSAL_TIMEOUT, stream.write_all(TOO_MANY_CONNECTIONS)).await;
        return;
    };
    let stream: Box<dyn Stream> = match &options.tls {
        Tls::Implicit(config) => {
            let handshake = timeout(options.idle, TlsAcceptor::from(config.clone()).accept(stream));
            let Ok(Ok(stream)) = handshake.await else { return };
            transaction.tls = true;
            Box::new(stream)
        }
        Tls::None | Tls::StartTls(_) => Box::new(stream),
    };
    // On an I/O error the connection closes, which the sender notices.
    let _ = session::Session::new(stream, context, transaction).run().await;
}
