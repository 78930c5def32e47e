//! A small SMTP server that receives mail: for the built-in inbox, and for tests of our own sender.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use rustls::ServerConfig;
use secrecy::SecretString;
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
mod session;

/// How long open connections may take to finish their message after a shutdown.
const SHUTDOWN_GRACE_PERIOD: Duration = Duration::from_secs(5);

/// A stage of a connection at which the receiver may intervene.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Before the greeting.
    Connect,
    /// Before the reply to EHLO or HELO.
    Ehlo,
    /// Before the reply to AUTH.
    Auth,
    /// Before the reply to MAIL.
    Mail,
    /// Before the reply to RCPT.
    Rcpt,
    /// Before the reply to DATA.
    Data,
    /// The whole message was read; before the receiver gets it.
    FinalDot,
    /// The receiver has accepted the message; before the reply to the sender.
    AfterAccept,
}

/// What to do at a [`Stage`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Reply as the protocol defines.
    Continue,
    /// Send this reply instead, and continue; after 421, close.
    Reply(u16, String),
    /// Close the connection without a reply.
    HangUp,
    /// Wait, then reply as the protocol defines.
    Delay(Duration),
}

/// The state of a connection and of its current message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transaction {
    /// The number of the connection, from 1.
    pub connection: u64,
    /// How many messages it has delivered so far.
    pub messages: u64,
    /// The name in EHLO or HELO.
    pub hello: Option<String>,
    /// Whether the connection is encrypted.
    pub tls: bool,
    /// The user who is logged in.
    pub user: Option<String>,
    /// The return path; empty for `<>`. At [`Stage::Mail`] it is the requested one.
    pub return_path: Option<String>,
    /// The recipients. At [`Stage::Rcpt`] the last one is the requested one.
    pub recipients: Vec<String>,
}

/// A received message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The connection and the envelope.
    pub transaction: Transaction,
    /// The message without dot-stuffing.
    pub bytes: Vec<u8>,
}

/// Decides about and stores received mail.
pub trait Receiver: Send + Sync + 'static {
    /// Intervenes at a stage; by default never.
    fn decide(&self, _stage: Stage, _transaction: &Transaction) -> Verdict {
        Verdict::Continue
    }

    /// Stores a message. The sender gets the 250 only after this returns.
    ///
    /// # Errors
    /// The reason, which the sender gets in a 451 reply, so that it retries.
    fn accept(&self, mail: Received) -> impl Future<Output = Result<(), String>> + Send;
}

/// How connections are encrypted.
#[derive(Debug, Clone, Default)]
pub enum Tls {
    /// No encryption.
    #[default]
    None,
    /// After STARTTLS, which is optional.
    StartTls(Arc<ServerConfig>),
    /// TLS from the first byte.
    Implicit(Arc<ServerConfig>),
}

/// The settings of the server.
#[derive(Debug, Clone)]
pub struct Options {
    /// The name in the greeting.
    pub name: String,
    /// The most bytes of a message. Together with `connections` this limits the memory used.
    pub size_limit: usize,
    /// The most connections at a time; further ones wait for the greeting.
    pub connections: usize,
    /// How long a connection may be silent before it is closed.
    pub idle: Duration,
    /// The user and password that are required to send mail; `None` requires no login.
    pub login: Option<(String, SecretString)>,
    /// How connections are encrypted.
    pub tls: Tls,
    /// Extensions not to offer, such as `SMTPUTF8`, to test a sender without them.
    pub withheld: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "localhost".to_owned(),
            size_limit: 2 * 1024 * 1024,
            connections: 100,
            idle: Duration::from_mins(5),
            login: None,
            tls: Tls::None,
            withheld: Vec::new(),
        }
    }
}

/// A listening server.
#[derive(Debug)]
pub struct Sink {
    listener: TcpListener,
    options: Options,
}

impl Sink {
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
