//! The built-in inbox: with no relay set, mail goes by real SMTP to a server in this process, which keeps it to be read.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::{App, StartError};
use crate::domain::ids::CapturedMailId;
use crate::mail::relay::Relay;
use crate::mail::sink::{Received, Receiver, Sink};
use crate::store::captured_mails::CapturedMail;

/// Starts the inbox and makes it the program's relay, if no relay is set. It runs until told to stop.
///
/// # Errors
/// [`StartError::Listen`] when `inbox.listen` is taken.
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
    let sink = Sink::bind(address).await.map_err(failed)?;
    let address = sink.local_addr().map_err(failed)?;
    app.capture_with(Relay::plain(address).map_err(|error| StartError::Tls(error.to_string()))?);
    tracing::warn!("no relay is set: mail is captured by the built-in inbox, not delivered");
    let receiver = Arc::new(Inbox(Arc::clone(app)));
    Ok(Some(tokio::spawn(sink.run(receiver, stop))))
}

/// Keeps what comes in in the database, so that every process of this Daywire shows the same inbox.
#[derive(Debug)]
struct Inbox(Arc<App>);

impl Receiver for Inbox {
    async fn accept(&self, mail: Received) -> Result<(), String> {
        let app = &self.0;
        let now = app.clock.now();
        let kept = async {
            let mut tx = app.store.write().await?;
            for recipient in &mail.transaction.recipients {
                let captured = CapturedMail {
                    id: CapturedMailId(app.rng.uuid(now)),
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
        kept.await.map_err(|error| {
            tracing::error!(%error, "a captured mail could not be kept; its sender will try again");
            "the inbox cannot keep it just now".to_owned()
        })
    }
}
