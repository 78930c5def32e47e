//! Processes returned mail from its rows: reads it, finds the message that it is about, and changes what follows.
//!
//! Reading takes processor time and no transaction. The changes of one row and the note that it was processed are one transaction, so
//! a process that dies in between has changed nothing, and a second process that took the same row changes nothing more.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::content::read_content;
use super::counter::{FORGED_TAG, UNSIGNED};
use super::origin::{Origin, origin};
use super::read::{self, Kind, ParsedMail, ReportedRecipient, Rule};
use super::reason::{Action, Reason, status_text};
use super::soft_bounces;
use super::sources::FILE;
use super::target::Target;
use crate::app::{App, on_blocking_pool};
use crate::domain::consent::ConsentSource;
use crate::domain::ids::BounceId;
use crate::domain::redact::without_addresses;
use crate::domain::return_path::{Purpose, TaggedMessage};
use crate::domain::states::{ReturnedEffect, ReturnedKind, SuppressionReason};
use crate::store::bounces::Bounce;
use crate::store::returned_mails::{ProcessedMail, ReturnedMail};
use crate::store::{StoreError, Tx, retry_on_conflict};
use crate::unsubscribe;

/// The most rows in one transaction.
const BATCH: i64 = 100;
/// How often to look for rows without a wake-up: another process may have stored them.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Processes rows until `stop` is cancelled.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match process_waiting(&app).await {
            Ok(0) => app.metrics.work.succeeded("returned_mail", app.clock.now()),
            Ok(_) => continue,
            Err(error) => tracing::error!(%error, "returned mail not processed; trying again"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.returned_mail_wakeup.notified() => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
    }
}

/// Processes the oldest rows that wait, and returns how many they were.
///
/// # Errors
/// When the database fails: the rows wait, unchanged.
pub(crate) async fn process_waiting(app: &Arc<App>) -> Result<usize, StoreError> {
    let rows = app.store.read().await?.waiting_returned_mails(BATCH).await?;
    // This is asked every second, and nothing waits most of the time: that must not cost a write transaction.
    if rows.is_empty() {
        return Ok(0);
    }
    let shared_app = Arc::clone(app);
    let read_rows: Arc<Vec<ReadRow>> =
        Arc::new(on_blocking_pool(move || rows.into_iter().map(|row| ReadRow::of(&shared_app, row)).collect()).await);
    let processed = retry_on_conflict(StoreError::is_conflict, || apply(app, &read_rows)).await?;
    for mail in &processed {
        app.metrics.work.returned(mail.kind.as_str(), mail.effect.as_str());
        tracing::info!(returned_mail.id = %mail.id, returned_mail.kind = %mail.kind, "returned mail processed");
    }
    Ok(read_rows.len())
}

/// Does what follows from the rows that no other process has processed, in one transaction, and returns these rows.
async fn apply(app: &App, read_rows: &[ReadRow]) -> Result<Vec<ProcessedMail>, StoreError> {
    let mut tx = app.store.write().await?;
    let ids: Vec<_> = read_rows.iter().map(|read_row| read_row.row.id).collect();
    let waiting: HashSet<_> = tx.lock_waiting_returned_mails(&ids).await?.into_iter().collect();
    let mut processed = Vec::with_capacity(waiting.len());
    for read_row in read_rows.iter().filter(|read_row| waiting.contains(&read_row.row.id)) {
        let Outcome { kind, effect, note } = read_row.act(app, &mut tx).await?;
        processed.push(ProcessedMail {
            id: read_row.row.id,
            kind,
            effect,
            note,
        });
    }
    let ids: Vec<_> = processed.iter().map(|mail| mail.id).collect();
    tx.add_reports(&ids).await?;
    tx.finish_returned_mails(&processed, app.clock.now()).await?;
    tx.commit().await?;
    Ok(processed)
}

/// A row with what was read in it, and the message that it is about.
struct ReadRow {
    row: ReturnedMail,
    mail: ParsedMail,
    origin: Origin,
    /// Whether it is the event of a mail provider. A webhook was checked, so the addresses that its events name are believed.
    is_event: bool,
}

/// What was done about a row.
struct Outcome {
    kind: ReturnedKind,
    effect: ReturnedEffect,
    note: String,
}

impl ReadRow {
    fn of(app: &App, row: ReturnedMail) -> Self {
        let (mail, is_event) = read_content(&row);
        let origin = origin(&app.keys, &app.config, row.recipient.as_deref(), &mail);
        Self {
            row,
            mail,
            origin,
            is_event,
        }
    }

    async fn act(&self, app: &App, tx: &mut Tx) -> Result<Outcome, StoreError> {
        let nothing = |effect, note: &str| Outcome {
            kind: self.mail.kind.returned(),
            effect,
            note: note.to_owned(),
        };
        match self.origin {
            Origin::ForgedTag => {
                tracing::warn!(returned_mail.id = %self.row.id, "returned mail has a forged tag");
                self.count(app, tx, FORGED_TAG).await?;
                Ok(nothing(
                    ReturnedEffect::ForgedTag,
                    "the address it came to has a tag that this site did not make",
                ))
            }
            Origin::Tag(Purpose::Unsubscribe, TaggedMessage::Delivery { subscription, .. }) => {
                if matches!(self.mail.kind, Kind::Bounce | Kind::Delayed) {
                    return Ok(nothing(
                        ReturnedEffect::NotUnderstood,
                        "a report came to the address for unsubscribing",
                    ));
                }
                let ended = unsubscribe::end(app, tx, subscription, &ConsentSource::UnsubscribeMail, None).await?;
                let (effect, note) = if ended {
                    (ReturnedEffect::Unsubscribed, "the subscription ended")
                } else {
                    (
                        ReturnedEffect::NotOnRecord,
                        "the subscription had ended before, or is not on record",
                    )
                };
                Ok(Outcome {
                    kind: ReturnedKind::Unsubscribe,
                    effect,
                    note: note.to_owned(),
                })
            }
            Origin::Tag(Purpose::Unsubscribe, TaggedMessage::Transactional(_)) => Ok(nothing(
                ReturnedEffect::NotOnRecord,
                "a transactional mail has no subscription to end",
            )),
            Origin::Tag(Purpose::Bounce | Purpose::MessageId, _) => {
                match Target::of(tx, self.origin, &self.mail.recipients).await? {
                    Some(target) => self.act_on(app, tx, &target).await,
                    // The address was mailed, and was erased since. The event still names it.
                    None if self.is_event => self.act_on_addresses(app, tx, true).await,
                    None => Ok(nothing(
                        ReturnedEffect::NotOnRecord,
                        "the message that it is about is not on record any more",
                    )),
                }
            }
            Origin::QuotedLink { .. } => match Target::of(tx, self.origin, &self.mail.recipients).await? {
                Some(target) => self.act_on(app, tx, &target).await,
                None => Ok(nothing(
                    ReturnedEffect::NotOnRecord,
                    "the subscription that it is about is not on record any more",
                )),
            },
            Origin::Unsigned if self.is_event || self.row.source == FILE => self.act_on_addresses(app, tx, false).await,
            Origin::Unsigned => {
                self.count(app, tx, UNSIGNED).await?;
                Ok(nothing(
                    ReturnedEffect::Unsigned,
                    "nothing in it proves that it is about a message of this site",
                ))
            }
        }
    }

    /// Adds 1 to today's count of this outcome.
    async fn count(&self, app: &App, tx: &mut Tx, outcome: &str) -> Result<(), StoreError> {
        tx.count_intake(app.clock.now(), &self.row.source, outcome, 1).await
    }

    /// Acts on the recipient of one message. The report names one recipient, or several if a server collected them.
    async fn act_on(&self, app: &App, tx: &mut Tx, target: &Target) -> Result<Outcome, StoreError> {
        let recipients = &self.mail.recipients;
        let reported = recipients.iter().find(|reported| reported.address == target.address);
        if let Some((effect, note)) = self.why_not_about(target, reported) {
            return Ok(Outcome {
                kind: self.mail.kind.returned(),
                effect,
                note: note.to_owned(),
            });
        }
        let (effect, note) = match reported.or(recipients.first()) {
            Some(reported) => self.record(app, tx, target, reported).await?,
            None if matches!(self.mail.kind, Kind::Complaint(_) | Kind::Unsubscribe) => {
                self.record(app, tx, target, &unnamed_complaint(target)).await?
            }
            None => (
                self.mail.kind.effect_without_recipient(),
                "it reports nothing about the recipient".to_owned(),
            ),
        };
        Ok(Outcome {
            kind: self.mail.kind.returned(),
            effect,
            note,
        })
    }

    /// Why a report of failures does not concern the recipient of the message, although it came to its return path.
    fn why_not_about(
        &self,
        target: &Target,
        reported: Option<&ReportedRecipient>,
    ) -> Option<(ReturnedEffect, &'static str)> {
        if self.mail.kind != Kind::Bounce {
            return None;
        }
        if reported.is_none() && self.mail.delivered.contains(&target.address) {
            return Some((
                ReturnedEffect::Recorded,
                "the message was delivered to the recipient; another address failed",
            ));
        }
        let is_from_fields = |reported: &ReportedRecipient| reported.rule == Rule::DeliveryStatus;
        let from_fields = self.mail.recipients.iter().any(is_from_fields);
        if !from_fields && self.mail.from.contains(&target.address) {
            return Some((
                ReturnedEffect::Replied,
                "it is a mail of the recipient, who may quote anything",
            ));
        }
        None
    }

    /// Acts on the addresses that a report names, without a signature of ours: an operator handed it over, or a webhook was checked.
    /// Without `are_ours` only those of subscribers count: an account at a provider may send mail of other programs too.
    async fn act_on_addresses(&self, app: &App, tx: &mut Tx, are_ours: bool) -> Result<Outcome, StoreError> {
        let mut notes = Vec::new();
        let mut effects = Vec::new();
        for reported in &self.mail.recipients {
            let target = Target {
                address: reported.address.clone(),
                subscription: None,
                issue: None,
            };
            let (effect, note) = if are_ours || tx.subscriber_by_address(&app.keys, &reported.address).await?.is_some()
            {
                self.record(app, tx, &target, reported).await?
            } else {
                (ReturnedEffect::Stranger, "its recipient is not a subscriber".to_owned())
            };
            effects.push(effect);
            notes.push(note);
        }
        if notes.is_empty() {
            notes.push("it reports nothing about a recipient".to_owned());
        }
        let most_serious = effects.into_iter().min();
        Ok(Outcome {
            kind: self.mail.kind.returned(),
            effect: most_serious.unwrap_or_else(|| self.mail.kind.effect_without_recipient()),
            note: notes.join("; "),
        })
    }

    /// Puts on record what came back about a recipient, and does what it leads to. Returns what was done.
    async fn record(
        &self,
        app: &App,
        tx: &mut Tx,
        target: &Target,
        reported: &ReportedRecipient,
    ) -> Result<(ReturnedEffect, String), StoreError> {
        let now = app.clock.now();
        let action = match self.mail.action(reported) {
            // The rule of soft bounces compares issues.
            Action::Count if target.issue.is_none() => Action::None,
            action => action,
        };
        let hash = app.keys.address_hash(target.address.key());
        // What is on record outlives the erasure of the subscriber.
        let evidence = without_addresses(&reported.evidence);
        let is_complaint = matches!(self.mail.kind, Kind::Complaint(_));
        if matches!(self.mail.kind, Kind::Bounce | Kind::Complaint(_)) {
            let bounce = Bounce {
                id: BounceId(app.rng.uuid(now)),
                returned_mail_id: Some(self.row.id),
                address_hash: hash.to_vec(),
                domain: target.address.domain().to_owned(),
                subscription_id: target.subscription.as_ref().map(|subscription| subscription.id),
                issue_id: target.issue,
                kind: self.mail.kind.returned(),
                reason: self.mail.reason(reported).to_owned(),
                action: action.name().to_owned(),
                status: reported.status.map(status_text),
                evidence: evidence.clone(),
                source: self.row.source.clone(),
                at: now,
            };
            tx.add_bounce(&bounce).await?;
        }
        match action {
            Action::Suppress => {
                let reason = if is_complaint {
                    SuppressionReason::Complaint
                } else {
                    SuppressionReason::HardBounce
                };
                let is_new = tx.suppress(&hash, reason, &evidence, now).await?;
                if is_complaint {
                    self.end_subscriptions(app, tx, target).await?;
                }
                let note = if is_new {
                    "the address is suppressed"
                } else {
                    "the address was suppressed before"
                };
                Ok((ReturnedEffect::Suppressed, note.to_owned()))
            }
            Action::Unsubscribe => match self.end_subscriptions(app, tx, target).await? {
                0 => Ok((ReturnedEffect::Recorded, "there was no subscription to end".to_owned())),
                1 => Ok((ReturnedEffect::Unsubscribed, "the subscription ended".to_owned())),
                ended => Ok((ReturnedEffect::Unsubscribed, format!("{ended} subscriptions ended"))),
            },
            Action::Count => {
                let paused = match &target.subscription {
                    Some(subscription) => soft_bounces::pause_if_due(app, tx, subscription.id).await?,
                    None => None,
                };
                Ok(paused.map_or_else(
                    || (ReturnedEffect::Counted, "the failure counts".to_owned()),
                    |reason| (ReturnedEffect::Paused, format!("the subscription is paused: {reason}")),
                ))
            }
            Action::Wait => Ok((ReturnedEffect::Delayed, "a server still tries".to_owned())),
            Action::None if self.mail.kind == Kind::AutoReply => Ok((
                ReturnedEffect::Replied,
                "it changes nothing for the recipient".to_owned(),
            )),
            Action::None => Ok((
                ReturnedEffect::Recorded,
                "it changes nothing for the recipient".to_owned(),
            )),
        }
    }

    /// Ends the subscription that the report is about. If only its address is known, that is every subscription of the address. Returns how
    /// many ended.
    async fn end_subscriptions(&self, app: &App, tx: &mut Tx, target: &Target) -> Result<usize, StoreError> {
        let subscriptions = match &target.subscription {
            Some(subscription) => vec![subscription.id],
            None => match tx.subscriber_by_address(&app.keys, &target.address).await? {
                Some(subscriber) => {
                    let subscriptions = tx.subscriptions_of(subscriber.id).await?;
                    subscriptions.iter().map(|subscription| subscription.id).collect()
                }
                None => Vec::new(),
            },
        };
        let source = match self.mail.kind {
            Kind::Unsubscribe => ConsentSource::Provider(self.row.source.clone()),
            _ => ConsentSource::Complaint,
        };
        let mut ended = 0;
        for subscription in subscriptions {
            ended += usize::from(unsubscribe::end(app, tx, subscription, &source, None).await?);
        }
        Ok(ended)
    }
}

/// A complaint or a request to leave whose provider removed the recipient: the tag names it.
fn unnamed_complaint(target: &Target) -> ReportedRecipient {
    ReportedRecipient {
        address: target.address.clone(),
        forwarded_to: None,
        reason: Reason::Unclear,
        status: None,
        evidence: "a report without a recipient".to_owned(),
        rule: read::Rule::FeedbackReport,
    }
}
