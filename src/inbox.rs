//! The built-in inbox. Without a relay in the settings, mail is sent by real SMTP to a server in this process, which stores it for the
//! page `/inbox`.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::{App, StartError};
use crate::domain::ids::CapturedMailId;
use crate::mail::relay::Relay;
use crate::mail::server::{Deferral, Received, Receiver, SmtpServer};
use crate::store::captured_mails::CapturedMail;

/// Starts the inbox and makes it the relay of this process, if no relay is set. It runs until `stop` is cancelled.
///
/// # Errors
/// [`StartError::Listen`] if another program listens on `inbox.listen`.
pub async fn start(app: &Arc<App>, stop: CancellationToken) -> Result<Option<JoinHandle<()>>, StartError> {
    if !app.config.captures_mail() {
        return Ok(None);
    }
    let address = app.config.inbox.listen;
    let failed = |source| StartError::Listen {
        key: "inbox.listen",
        address: address.to_string(),
        source,
    };
    let server = SmtpServer::bind(address).await.map_err(failed)?;
    let address = server.local_addr().map_err(failed)?;
    app.capture_with(Relay::plain(address).map_err(|error| StartError::Tls(error.to_string()))?);
    tracing::warn!("no relay is set: mail is captured by the built-in inbox, not delivered");
    let receiver = Arc::new(Inbox(Arc::clone(app)));
    Ok(Some(tokio::spawn(server.run(receiver, stop))))
}

/// Stores received mail in the database, so that every process of an installation shows the same inbox.
#[derive(Debug)]
struct Inbox(Arc<App>);

impl Receiver for Inbox {
    async fn accept(&self, mail: Received) -> Result<(), Deferral> {
        let app = &self.0;
        let now = app.clock.now();
        let stored = async {
            let mut tx = app.store.write().await?;
            for recipient in &mail.transaction.recipients {
                let captured = CapturedMail {
                    id: CapturedMailId(app.rng.uuid(now)),
                    // The path is set once MAIL was accepted, and empty for `<>`.
                    return_path: mail.transaction.return_path.clone().unwrap_or_default(),
                    recipient: recipient.clone(),
                    message: mail.bytes.clone(),
                    received_at: now,
                };
                tx.add_captured_mail(&captured, i64::try_from(app.config.inbox.keep).unwrap_or(i64::MAX))
                    .await?;
            }
            tx.commit().await
        };
        stored.await.map_err(|error| {
            tracing::error!(%error, "captured mail not stored; its sender will try again");
            "the inbox cannot keep it just now".to_owned().into()
        })
    }
}
