//! A small server that receives mail by SMTP and LMTP: for the built-in inbox, for returned mail, and for tests of our own sender.
//! The [`Receiver`] decides about the mail.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream, ToSocketAddrs},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::transport::Stream;

mod commands;
mod connections;
mod receiver;
mod session;

use connections::{Connections, Context, Place};

pub use receiver::{Content, Deferral, Options, Received, Receiver, Stage, Tls, Transaction, Verdict};

/// How long open connections may take to finish their message after a shutdown.
const SHUTDOWN_GRACE_PERIOD: Duration = Duration::from_secs(5);
/// How long sending 421 to a surplus connection may take.
/// How long a connection whose place another one got may take to read the reply.
const REPLACED_GRACE_PERIOD: Duration = Duration::from_secs(2);
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
            let (mut stream, peer) = tokio::select! {
                () = shutdown.cancelled() => break,
                accepted = accept(&self.listener) => accepted,
                Some(_) = open.join_next() => continue,
            };
            let place = tokio::select! {
                () = shutdown.cancelled() => break,
                place = connections.place(peer.ip()) => place,
            };
            let Some(place) = place else {
                // The client may be gone, which is as good.
                open.spawn(async move {
                    let _ = timeout(REFUSAL_TIMEOUT, stream.write_all(TOO_MANY_CONNECTIONS)).await;
                });
                continue;
            };
            connection += 1;
            let transaction = Transaction {
                connection,
                ..Transaction::default()
            };
            let context = Context {
                options: options.clone(),
                receiver: receiver.clone(),
                shutdown: shutdown.clone(),
            };
            open.spawn(async move {
                let replaced = place.replaced.clone();
                tokio::select! {
                    () = serve(stream, place, context, transaction) => {}
                    () = async {
                        replaced.cancelled().await;
                        sleep(REPLACED_GRACE_PERIOD).await;
                    } => {}
                }
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

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // No free file descriptor, or the client closed already: neither ends the service.
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve<R: Receiver>(stream: TcpStream, place: Place, context: Context<R>, mut transaction: Transaction) {
    let _ = stream.set_nodelay(true);
    let options = &context.options;
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
    let _ = session::Session::new(stream, place, context, transaction).run().await;
}
