//! The lease of a polled mailbox, and what is recorded with it.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use crate::app::App;
use crate::domain::redact::without_addresses;
use crate::domain::time::time_delta;
use crate::notices::{NoticeError, notify};
use crate::process;
use crate::store::polled_mailboxes::ExaminedMessages;
use crate::store::{StoreError, Tx};

/// How long a lease is valid. A process of the same machine takes it at once from one that has ended.
const LEASE_DURATION: Duration = Duration::from_mins(1);
/// How often it is renewed.
pub(super) const RENEWAL_INTERVAL: Duration = Duration::from_secs(20);
/// The operators get a notice of a mailbox that could not be read for this long.
const NOTICE_AFTER: TimeDelta = TimeDelta::hours(1);

/// The lease of the mailbox that the settings name.
pub(super) struct Lease {
    app: Arc<App>,
    /// The key of its row: user, server and mailbox.
    mailbox: String,
    process: Option<String>,
}

impl Lease {
    /// `None` if the settings name no mailbox.
    pub(super) fn of_settings(app: &Arc<App>) -> Option<Self> {
        let imap = &app.config.intake.imap;
        let server = imap.server()?;
        let (user, host, port) = (&server.username, &server.host, server.port);
        Some(Self {
            app: Arc::clone(app),
            mailbox: format!("{user} {host}:{port} {}", imap.mailbox),
            process: process::current(),
        })
    }

    /// Takes or renews the lease; false if another process holds it.
    pub(super) async fn take(&self) -> Result<bool, StoreError> {
        let now = self.app.clock.now();
        let held = self.app.store.read().await?.mailbox_lease(&self.mailbox).await?;
        let ended = held
            .filter(|lease| lease.lease_process.as_deref().is_some_and(process::has_ended))
            .and_then(|lease| lease.lease_owner);
        let mut tx = self.app.store.write().await?;
        let holder = (self.app.node, self.process.as_deref());
        let until = now + time_delta(LEASE_DURATION);
        let taken = tx.lease_mailbox(&self.mailbox, holder, ended, now, until).await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// Releases the lease, so that another process need not wait for its end.
    pub(super) async fn release(&self) {
        let release = async {
            let mut tx = self.app.store.write().await?;
            tx.release_mailbox(&self.mailbox, self.app.node).await?;
            tx.commit().await
        };
        if let Err(error) = release.await {
            tracing::warn!(%error, "lease of the mailbox not released; it ends within a minute");
        }
    }

    /// Which messages were examined under this UIDVALIDITY. If it has changed, UIDs mean other messages: all are examined again.
    pub(super) async fn examined(&self, uid_validity: u32) -> Result<ExaminedMessages, StoreError> {
        let recorded = self.app.store.read().await?.examined_messages(&self.mailbox).await?;
        let uid_validity = Some(i64::from(uid_validity));
        if recorded.uid_validity == uid_validity {
            return Ok(recorded);
        }
        Ok(ExaminedMessages {
            uid_validity,
            last_uid: 0,
        })
    }

    /// Records which messages were examined, and renews the lease; false if another process holds it.
    pub(super) async fn set_examined(&self, examined: ExaminedMessages) -> Result<bool, StoreError> {
        let until = self.app.clock.now() + time_delta(LEASE_DURATION);
        let mut tx = self.app.store.write().await?;
        let set = tx
            .set_examined_messages(&self.mailbox, self.app.node, examined, until)
            .await?;
        tx.commit().await?;
        Ok(set)
    }

    /// Records why the mailbox cannot be read. Sends the operators one notice if that lasts.
    pub(super) async fn record_failure(&self, reason: &str) -> Result<(), NoticeError> {
        let reason = without_addresses(reason);
        let mut tx = self.app.store.write().await?;
        tx.set_mailbox_failure(&self.mailbox, &reason, self.app.clock.now())
            .await?;
        self.notify_operators(&mut tx, &reason).await?;
        tx.commit().await?;
        self.app.transactional_wakeup.notify_one();
        Ok(())
    }

    async fn notify_operators(&self, tx: &mut Tx, reason: &str) -> Result<(), NoticeError> {
        let now = self.app.clock.now();
        let began = tx
            .mark_mailbox_failure_notified(&self.mailbox, now - NOTICE_AFTER, now)
            .await?;
        let Some(began) = began else { return Ok(()) };
        let text = format!(
            "Daywire has not been able to read the mailbox for returned mail since {}. Until it can, dead addresses and complaints \
             that are reported there have no effect. No mail is lost: it waits in the mailbox.\n\n{reason}\n\n\
             Daywire tries again by itself. Restart it after you have changed a setting.",
            began.format("%Y-%m-%d %H:%M UTC")
        );
        notify(tx, &self.app, "The mailbox for returned mail cannot be read", &text).await
    }

    /// Records that the mailbox can be read.
    pub(super) async fn clear_failure(&self) -> Result<(), StoreError> {
        let mut tx = self.app.store.write().await?;
        tx.clear_mailbox_failure(&self.mailbox).await?;
        tx.commit().await
    }
}
