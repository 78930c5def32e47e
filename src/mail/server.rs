//! A small SMTP server that receives mail: for the built-in inbox, and for tests of our own sender.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream, ToSocketAddrs},
    sync::Semaphore,
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::wire::Stream;

mod commands;
mod receiver;
mod session;

pub use receiver::{Options, Received, Receiver, Stage, Tls, Transaction, Verdict};

/// How long open connections may take to finish their message after a shutdown.
const SHUTDOWN_GRACE_PERIOD: Duration = Duration::from_secs(5);

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
        let slots = Arc::new(Semaphore::new(options.connections));
        let mut open = JoinSet::new();
        let mut connection = 0;
        loop {
            let arrived = tokio::select! {
                () = shutdown.cancelled() => break,
                arrived = accept(&self.listener, &slots) => arrived,
                Some(_) = open.join_next() => continue,
            };
            connection += 1;
            let transaction = Transaction {
                connection,
                ..Transaction::default()
            };
            let (options, receiver, shutdown) = (options.clone(), receiver.clone(), shutdown.clone());
            open.spawn(async move {
                let (stream, _slot) = arrived;
                serve(stream, options, receiver, shutdown, transaction).await;
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
    slots: &Arc<Semaphore>,
) -> (TcpStream, Option<tokio::sync::OwnedSemaphorePermit>) {
    let slot = slots.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, slot),
            // No free file descriptor, or the client closed already: neither ends the service.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve<R: Receiver>(
    stream: TcpStream,
    options: Arc<Options>,
    receiver: Arc<R>,
    shutdown: CancellationToken,
    mut transaction: Transaction,
) {
    let _ = stream.set_nodelay(true);
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
    let _ = session::Session::new(stream, options, receiver, shutdown, transaction)
        .run()
        .await;
}
