//! The SMTP and LMTP listener for returned mail.
//!
//! It accepts mail only to addresses with a valid tag of ours, so it relays nothing and keeps nothing that a stranger invents. A mail is
//! acknowledged after its row is committed. A sender that does not get the reply repeats the mail, and the row stays one.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use super::counter::{Counter, FORGED_TAG, OVER_BUDGET, REPEATED, UNKNOWN_RECIPIENT};
use super::read::MAX_BYTES;
use super::receive::{IntakeItem, Stored, store_within_budget};
use super::sources::LISTENER;
use super::summed_log::SummedLog;
use crate::app::{App, StartError};
use crate::domain::return_path::{Purpose, TaggedMessage};
use crate::mail::server::{self, Content, Deferral, Options, Receiver, SmtpServer, Stage, Transaction, Verdict};
use crate::store::StoreError;

/// The most connections at a time. Each may hold a message of [`MAX_BYTES`].
const MAX_CONNECTIONS: usize = 100;
/// The most connections of one network. A relay in front of the listener is one, and Postfix uses up to 20 for a destination.
const MAX_CONNECTIONS_PER_NETWORK: usize = 40;
/// The most commands before a message, and between two of them: about 100 recipients, and some that are refused.
const MAX_COMMANDS_PER_MESSAGE: usize = 500;
/// How long a client may be silent ([RFC 5321 §4.5.3.2.7](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2.7)).
const IDLE_TIMEOUT: Duration = Duration::from_mins(5);
/// [`IDLE_TIMEOUT`] while more than half of the connections are in use.
const SCARCE_IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// The most commands without an accepted recipient while more than half of the connections are in use.
const MAX_COMMANDS_WHEN_SCARCE: usize = 30;
/// While all connections are in use, a new one replaces one that has delivered no mail for this long. A slow client with an accepted
/// recipient gets more time.
const REPLACEABLE_AFTER: Duration = Duration::from_secs(5);
/// How long a connection may last. A sender that has more mail connects again.
const CONNECTION_LIFETIME: Duration = Duration::from_mins(30);
/// How long the database may take to store a message. The sender then gets a 451 and tries again, while it still waits for a reply.
const STORE_TIMEOUT: Duration = Duration::from_secs(10);
/// The most messages that are stored at the same time. A message still counts after [`STORE_TIMEOUT`], as long as its transaction runs.
const MAX_CONCURRENT_STORES: usize = 32;

/// A listener whose socket is open.
pub(crate) struct BoundListener {
    server: SmtpServer,
    listener: Arc<ReturnedMailReceiver>,
    pub(crate) address: std::net::SocketAddr,
}

/// Opens the socket of `intake.listen`. `None` if it is not set.
///
/// # Errors
/// [`StartError::Listen`] if another program listens there.
pub(crate) async fn open(app: &Arc<App>) -> Result<Option<BoundListener>, StartError> {
    let Some(address) = app.config.intake.listen else {
        return Ok(None);
    };
    let failed = |source| StartError::Listen {
        key: "intake.listen",
        address: address.to_string(),
        source,
    };
    let server = SmtpServer::bind(address).await.map_err(failed)?;
    let address = server.local_addr().map_err(failed)?;
    let server = server.with(Options {
        name: app.smtp_name().to_owned(),
        size_limit: MAX_BYTES,
        content: Content::AsReceived,
        lmtp: true,
        connections: MAX_CONNECTIONS,
        connections_per_network: MAX_CONNECTIONS_PER_NETWORK,
        commands_per_message: MAX_COMMANDS_PER_MESSAGE,
        idle: IDLE_TIMEOUT,
        idle_when_scarce: SCARCE_IDLE_TIMEOUT,
        commands_when_scarce: MAX_COMMANDS_WHEN_SCARCE,
        replaceable_after: Some(REPLACEABLE_AFTER),
        lifetime: CONNECTION_LIFETIME,
        ..Options::default()
    });
    let listener = Arc::new(ReturnedMailReceiver {
        app: Arc::clone(app),
        counter: Arc::default(),
        log: Arc::default(),
        free_transactions: Arc::new(Semaphore::new(MAX_CONCURRENT_STORES)),
    });
    Ok(Some(BoundListener {
        server,
        listener,
        address,
    }))
}

impl BoundListener {
    /// Receives mail until `stop` is cancelled, and finishes the messages that are being received then.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let (counter, app) = (Arc::clone(&self.listener.counter), Arc::clone(&self.listener.app));
        self.server.run(self.listener, stop).await;
        if let Err(error) = counter.write(&app).await {
            tracing::error!(%error, "refused and repeated mail not counted");
        }
    }
}

/// Decides which recipients are accepted, and stores their mail.
#[derive(Debug)]
struct ReturnedMailReceiver {
    app: Arc<App>,
    counter: Arc<Counter>,
    log: Arc<SummedLog>,
    free_transactions: Arc<Semaphore>,
}

impl ReturnedMailReceiver {
    /// The message whose tag the address has, or why no mail is accepted for it.
    fn message(&self, recipient: &str) -> Result<TaggedMessage, &'static str> {
        let Some(tag) = self.app.config.tag_of(recipient) else {
            return Err(UNKNOWN_RECIPIENT);
        };
        match self.app.keys.open_tag(tag) {
            Some((Purpose::Bounce | Purpose::Unsubscribe, message)) => Ok(message),
            // The recipient of a message sees its Message-ID. That must not make an address.
            Some((Purpose::MessageId, _)) | None => Err(FORGED_TAG),
        }
    }

    /// Stores the mail for each recipient, or fails.
    async fn store(&self, mail: server::Received) -> Result<(), NotStored> {
        let permit = Arc::clone(&self.free_transactions).acquire_owned().await;
        let (app, counter) = (Arc::clone(&self.app), Arc::clone(&self.counter));
        let recipients = mail.transaction.recipients.into_iter();
        let recipients: Vec<_> = recipients
            .filter_map(|recipient| Some((self.message(&recipient).ok()?, recipient)))
            .collect();
        // A task of its own: if the time is over, the transaction still ends by itself, with or without a row. The repeated mail is found
        // by its content then.
        let stored = tokio::spawn(async move {
            let _permit = permit;
            let mut content = mail.bytes;
            let last = recipients.len().saturating_sub(1);
            let mut over_budget = 0;
            // One after the other: a transaction for all of them would need a copy of the content for each.
            for (index, (message, recipient)) in recipients.into_iter().enumerate() {
                let received = IntakeItem {
                    source: LISTENER,
                    recipient: Some(recipient),
                    content: if index == last {
                        std::mem::take(&mut content)
                    } else {
                        content.clone()
                    },
                };
                match store_within_budget(&app, received, message).await? {
                    Stored::New => {}
                    Stored::Repeated => counter.add(&app, LISTENER, REPEATED, 1),
                    Stored::OverBudget => over_budget += 1,
                }
            }
            Ok::<u64, StoreError>(over_budget)
        });
        match stored.await?? {
            0 => Ok(()),
            recipients => Err(NotStored::OverBudget { recipients }),
        }
    }

    /// Counts a refusal. Anybody can cause them, so the log has one line a minute.
    fn record_refusal(&self, reason: &'static str, recipients: u64) {
        // Other addresses are tried all the time, which concerns nobody.
        if reason != UNKNOWN_RECIPIENT {
            self.log.add((LISTENER, reason), move |count| {
                tracing::warn!(reason, recipient.count = count, "recipient of returned mail refused");
            });
        }
        self.counter.add(&self.app, LISTENER, reason, recipients);
    }
}

impl Receiver for ReturnedMailReceiver {
    fn decide(&self, stage: Stage, transaction: &Transaction) -> Verdict {
        let (Stage::Rcpt, Some(recipient)) = (stage, transaction.recipients.last()) else {
            return Verdict::Continue;
        };
        match self.message(recipient) {
            Err(reason) => {
                self.record_refusal(reason, 1);
                Verdict::Reply(550, "5.1.1 this address does not exist".to_owned())
            }
            Ok(_) => Verdict::Continue,
        }
    }

    async fn accept(&self, mail: server::Received) -> Result<(), Deferral> {
        // Boxed, because the compiler would walk through everything inside to prove that it is `Send`, which takes more than a minute.
        let stored: BoxFuture<'_, _> = Box::pin(self.store(mail));
        let stored = tokio::time::timeout(STORE_TIMEOUT, stored).await;
        match stored.unwrap_or(Err(NotStored::TooSlow)) {
            Ok(()) => Ok(()),
            Err(NotStored::OverBudget { recipients }) => {
                self.record_refusal(OVER_BUDGET, recipients);
                let reason = "this recipient has received too much today; try again tomorrow";
                Err(Deferral::Recipient(reason.to_owned()))
            }
            Err(error) => {
                tracing::error!(%error, "returned mail not stored; its sender will try again");
                let reason = "the message cannot be stored now; try again later";
                Err(Deferral::System(reason.to_owned()))
            }
        }
    }
}

/// Why a mail is not stored.
#[derive(Debug, thiserror::Error)]
enum NotStored {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("more mail came to the tags of {recipients} of its recipients than is stored on a day")]
    OverBudget { recipients: u64 },
    #[error("the database did not store it within {} s", STORE_TIMEOUT.as_secs())]
    TooSlow,
    #[error("storing it failed, which is a fault in daywire: {0}")]
    Fault(#[from] JoinError),
}
