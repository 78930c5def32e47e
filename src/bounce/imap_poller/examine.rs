//! Examines messages of a mailbox: which are about a message of ours. Those are stored and then moved.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::poll_error::PollError;
use crate::app::{App, on_blocking_pool};
use crate::bounce::content::read_mail;
use crate::bounce::counter::FORGED_TAG;
use crate::bounce::origin::{Origin, origin};
use crate::bounce::read::{Kind, MAX_BYTES};
use crate::bounce::receive::{IntakeItem, store};
use crate::bounce::sources::IMAP;
use crate::bounce::summed_log::SummedLog;
use crate::domain::return_path::Purpose;
use crate::mail::imap::{Fetched, ImapError, Session};
use crate::store::{StoreError, retry_on_conflict};

/// The most messages fetched at once: 16 of at most 256 KiB are 4 MiB.
const MAX_FETCHED_AT_ONCE: usize = 16;
/// A message that could not be fetched this often, while others could, is left in the mailbox. Before, the failure may be temporary.
const MAX_FAILURES: u32 = 4;

pub(super) struct Examiner {
    app: Arc<App>,
    log: Arc<SummedLog>,
    /// The UIDVALIDITY under which the UIDs below count.
    uid_validity: u32,
    /// Messages that the server refused to give out, or at which it broke the connection, by UID.
    failed_fetches: BTreeMap<u32, FailedFetch>,
    /// Messages up to this UID are fetched one by one, because a group with one of them could not be fetched.
    one_by_one: u32,
}

/// A message that could not be fetched.
#[derive(Debug, Default)]
pub(super) struct FailedFetch {
    failures: u32,
    /// Whether another message was fetched since. If not, the server may be what fails.
    others_were_fetched: bool,
}

/// What a message means for this site.
enum MessageClass {
    /// It is about a message of ours.
    Ours(IntakeItem),
    /// It came to an address of ours whose tag none of our keys made.
    Forged,
    Foreign,
    /// The parser panics on it.
    Unreadable,
}

impl Examiner {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self {
            app,
            log: Arc::default(),
            uid_validity: 0,
            failed_fetches: BTreeMap::new(),
            one_by_one: 0,
        }
    }

    /// Prepares for a mailbox with this UIDVALIDITY.
    pub(super) fn open(&mut self, uid_validity: u32) {
        if self.uid_validity != uid_validity {
            self.uid_validity = uid_validity;
            self.failed_fetches.clear();
            self.one_by_one = 0;
        }
    }

    pub(super) const fn failed_fetches(&self) -> &BTreeMap<u32, FailedFetch> {
        &self.failed_fetches
    }

    /// How many messages to examine at once, beginning with `first`.
    pub(super) const fn group_size(&self, first: u32) -> usize {
        if first <= self.one_by_one {
            1
        } else {
            MAX_FETCHED_AT_ONCE
        }
    }

    /// Examines messages. When it returns without an error, those of ours are stored and moved.
    pub(super) async fn examine(&mut self, session: &mut Session, uids: &[u32]) -> Result<(), PollError> {
        let fetched = match self.fetch(session, uids).await {
            Ok(fetched) => fetched,
            Err(error) => {
                self.note_failed_fetch(uids);
                return Err(error.into());
            }
        };
        let app = Arc::clone(&self.app);
        let classified = on_blocking_pool(move || {
            let classify = |message: Fetched| (message.uid, class_of(&app, message.content));
            fetched.into_iter().map(classify).collect::<Vec<_>>()
        });
        let (mut ours, mut received, mut forged) = (Vec::new(), Vec::new(), 0);
        for (uid, class) in classified.await {
            match class {
                MessageClass::Ours(mail) => {
                    ours.push(uid);
                    received.push(mail);
                }
                MessageClass::Forged => {
                    forged += 1;
                    // Anybody can send such mail, so the log has one line a minute.
                    self.log.add((IMAP, FORGED_TAG), |count| {
                        tracing::warn!(
                            mail.count = count,
                            "message in the mailbox has a forged tag; it stays there"
                        );
                    });
                }
                MessageClass::Unreadable => {
                    tracing::error!(
                        mailbox.uid = uid,
                        "message in the mailbox cannot be read; it stays there"
                    );
                }
                MessageClass::Foreign => {}
            }
        }
        if forged > 0 {
            self.count_forged(forged).await?;
        }
        if ours.is_empty() {
            return Ok(());
        }
        // The rows are committed before the server may remove the messages from the mailbox.
        store(&self.app, received).await?;
        let move_to = &self.app.config.intake.imap.move_to;
        session.move_messages(&ours, move_to).await?;
        tracing::info!(
            mail.count = ours.len(),
            "returned mail stored and moved out of the mailbox"
        );
        Ok(())
    }

    async fn count_forged(&self, count: i64) -> Result<(), StoreError> {
        retry_on_conflict(StoreError::is_conflict, || async {
            let mut tx = self.app.store.write().await?;
            tx.count_intake(self.app.clock.now(), IMAP, FORGED_TAG, count).await?;
            tx.commit().await
        })
        .await
    }

    async fn fetch(&mut self, session: &mut Session, uids: &[u32]) -> Result<Vec<Fetched>, ImapError> {
        if let [uid] = uids
            && let Some(failed) = self.failed_fetches.get(uid)
            && failed.failures >= MAX_FAILURES
            && failed.others_were_fetched
        {
            tracing::warn!(
                mailbox.uid = uid,
                "message in the mailbox cannot be fetched; it stays there"
            );
            self.failed_fetches.remove(uid);
            return Ok(Vec::new());
        }
        let fetched = session.fetch(uids, MAX_BYTES).await?;
        for uid in uids {
            self.failed_fetches.remove(uid);
        }
        for failed in self.failed_fetches.values_mut() {
            failed.others_were_fetched = true;
        }
        Ok(fetched)
    }

    /// Notes that messages could not be fetched. Some servers end the connection at a message that they cannot read.
    fn note_failed_fetch(&mut self, uids: &[u32]) {
        match uids {
            [uid] => self.failed_fetches.entry(*uid).or_default().failures += 1,
            _ => self.one_by_one = uids.last().copied().unwrap_or(0),
        }
    }
}

fn class_of(app: &App, content: Vec<u8>) -> MessageClass {
    let Some(mail) = read_mail(&content) else {
        return MessageClass::Unreadable;
    };
    let is_report = matches!(mail.kind, Kind::Bounce | Kind::Complaint(_) | Kind::Delayed);
    let is_ours = match origin(&app.keys, &app.config, None, &mail) {
        Origin::Tag(Purpose::Bounce | Purpose::Unsubscribe, _) => true,
        // A person who forwards a digest quotes its Message-ID and its link too.
        Origin::Tag(Purpose::MessageId, _) | Origin::QuotedLink { .. } => is_report,
        Origin::ForgedTag => return MessageClass::Forged,
        Origin::Unsigned => false,
    };
    if is_ours {
        MessageClass::Ours(IntakeItem {
            source: IMAP,
            recipient: None,
            content,
        })
    } else {
        MessageClass::Foreign
    }
}
