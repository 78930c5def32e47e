//! A small SMTP server that takes in mail: behind the built-in inbox, and across the table from our own sender in tests.

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

/// How long open connections may finish what they are at after a shutdown.
const GRACE: Duration = Duration::from_secs(5);

/// A moment of a connection at which the receiver may step in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Before the greeting.
    Connect,
    /// Before the answer to EHLO or HELO.
    Ehlo,
    /// Before the answer to AUTH.
    Auth,
    /// Before the answer to MAIL.
    Mail,
    /// Before the answer to RCPT.
    Rcpt,
    /// Before the answer to DATA.
    Data,
    /// The message is there whole; before it is given to the receiver.
    FinalDot,
    /// The receiver has accepted the message; before the sender is told.
    AfterAccept,
}

/// What to do at a [`Stage`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// What the protocol says.
    Continue,
    /// Answer this instead, and go on from there; with 421, close.
    Reply(u16, String),
    /// Close the connection without a word.
    HangUp,
    /// Wait, then go on as the protocol says.
    Delay(Duration),
}

/// What is known of a connection and of the message under way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transaction {
    /// Which connection, counted from 1.
    pub connection: u64,
    /// How many messages it has brought so far.
    pub messages: u64,
    /// The name the sender gave itself.
    pub hello: Option<String>,
    /// Whether the connection is encrypted.
    pub tls: bool,
    /// Who is logged in.
    pub user: Option<String>,
    /// The return path; empty for `<>`. At [`Stage::Mail`] it is the one being asked for.
    pub return_path: Option<String>,
    /// The recipients. At [`Stage::Rcpt`] the last one is the one being asked for.
    pub recipients: Vec<String>,
}

/// A message that has come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The connection and the envelope.
    pub transaction: Transaction,
    /// The message as it was before dot-stuffing.
    pub bytes: Vec<u8>,
}

/// Whoever the mail is for.
pub trait Receiver: Send + Sync + 'static {
    /// Steps in at a stage; by default never.
    fn decide(&self, _stage: Stage, _transaction: &Transaction) -> Verdict {
        Verdict::Continue
    }

    /// Takes a message. The sender is told that it was taken only after this returns.
    ///
    /// # Errors
    /// The reason, which makes the sender try again later.
    fn accept(&self, mail: Received) -> impl Future<Output = Result<(), String>> + Send;
}

/// How connections are encrypted.
#[derive(Debug, Clone, Default)]
pub enum Tls {
    /// Not at all.
    #[default]
    None,
    /// If the sender asks by STARTTLS.
    StartTls(Arc<ServerConfig>),
    /// From the first byte.
    Implicit(Arc<ServerConfig>),
}

/// What the server calls itself, offers and allows.
#[derive(Debug, Clone)]
pub struct Options {
    /// The name in the greeting.
    pub name: String,
    /// The largest message, in bytes. With `connections` it bounds the memory used.
    pub size_limit: usize,
    /// The most connections at a time; others wait to be greeted.
    pub connections: usize,
    /// How long a silent connection is kept.
    pub idle: Duration,
    /// The user and password without which no mail is taken.
    pub login: Option<(String, SecretString)>,
    /// How connections are encrypted.
    pub tls: Tls,
    /// Extensions not to offer, such as `SMTPUTF8`, to see how a sender gets by without them.
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
    /// Listens at an address; port 0 takes any free one.
    ///
    /// # Errors
    /// Those of the system, such as the address being in use.
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

    /// Where it listens.
    ///
    /// # Errors
    /// Those of the system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the token is cancelled; then refuses new mail, lets messages under way end, and returns.
    pub async fn run<R: Receiver>(self, receiver: Arc<R>, shutdown: CancellationToken) {
        let options = Arc::new(self.options);
        let room = Arc::new(Semaphore::new(options.connections));
        let mut open = JoinSet::new();
        let mut connection = 0;
        loop {
            let arrived = tokio::select! {
                () = shutdown.cancelled() => break,
                arrived = accept(&self.listener, &room) => arrived,
                Some(_) = open.join_next() => continue,
            };
            connection += 1;
            let transaction = Transaction {
                connection,
                ..Transaction::default()
            };
            let (options, receiver, shutdown) = (options.clone(), receiver.clone(), shutdown.clone());
            open.spawn(async move {
                let (stream, _place) = arrived;
                serve(stream, options, receiver, shutdown, transaction).await;
            });
        }
        drop(self.listener);
        let _ = timeout(GRACE, async { while open.join_next().await.is_some() {} }).await;
        open.shutdown().await;
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, Option<tokio::sync::OwnedSemaphorePermit>) {
    let place = room.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            // Out of file descriptors, or the peer is gone already: neither ends the service.
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
    // The sender sees the connection close; there is nobody else to tell.
    let _ = session::Session::new(stream, options, receiver, shutdown, transaction)
        .run()
        .await;
}
