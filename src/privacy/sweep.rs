//! The second step of an erasure: what other rows quote, what was being sent, and the files of the database.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::traces::Traces;
use crate::app::{App, on_blocking_pool};
use crate::delivery::report::reason_of_reply;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{CapturedMailId, ReturnedMailId, SubscriptionId, TransactionalMailId};
use crate::store::erasure::Erasure;
use crate::store::quoting_rows::{CapturedContent, ReturnedContent};
use crate::store::{Overwritten, StoreError, retry_on_conflict};

/// How often to look for erasures without a wake-up: another process may have begun one.
const CHECK_INTERVAL: Duration = Duration::from_mins(1);
/// How soon an erasure is tried again that has to wait.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// Returned mails that are searched at once. Each has up to 256 KiB.
const RETURNED_PAGE: i64 = 32;
/// Mails of the built-in inbox that are searched at once.
const CAPTURED_PAGE: i64 = 16;

/// The progress of an erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// Nothing about the person is left.
    Done,
    /// Something else has the same text, such as an article or an issue. What was on record about the person is erased.
    QuotedElsewhere,
    /// A message to the person is being sent, or a returned mail waits to be processed. Try again in a moment.
    Waiting,
    /// Another process has kept a transaction open for long. Try again later.
    InUse,
}

impl Completion {
    /// The word for this state.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::QuotedElsewhere => "quoted_elsewhere",
            Self::Waiting => "waiting",
            Self::InUse => "in_use",
        }
    }
}

/// Completes all erasures, as far as possible now. Returns the least complete one's state. With `rewrite` the database is written again
/// as a whole, also where it is not necessary.
///
/// # Errors
/// If the database fails. The erasure is tried again, by this or another process.
pub async fn complete_all(app: &App, rewrite: bool) -> Result<Completion, StoreError> {
    let erasures = app.store.read().await?.erasures().await?;
    let mut worst = Completion::Done;
    for erasure in erasures {
        let completion = complete_one(app, &erasure, rewrite).await?;
        tracing::info!(erasure.id = %erasure.id, erasure.state = completion.as_str(), "erasure searched");
        worst = match (worst, completion) {
            (Completion::Waiting, _) | (_, Completion::Waiting) => Completion::Waiting,
            (Completion::InUse, _) | (_, Completion::InUse) => Completion::InUse,
            (Completion::QuotedElsewhere, _) | (_, Completion::QuotedElsewhere) => Completion::QuotedElsewhere,
            (Completion::Done, Completion::Done) => Completion::Done,
        };
    }
    Ok(worst)
}

/// Completes erasures until `stop` is cancelled. Several processes may run this at once.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let interval = match complete_all(&app, false).await {
            Ok(Completion::Waiting | Completion::InUse) => RETRY_INTERVAL,
            Ok(Completion::Done | Completion::QuotedElsewhere) => CHECK_INTERVAL,
            Err(error) => {
                tracing::error!(%error, "erasure not completed; trying again");
                RETRY_INTERVAL
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.erasure_wakeup.notified() => {}
            () = tokio::time::sleep(interval) => {}
        }
    }
}

async fn complete_one(app: &App, erasure: &Erasure, rewrite: bool) -> Result<Completion, StoreError> {
    let traces = traces_of(erasure);
    if !erasure.is_empty() {
        let mut waits = false;
        for subscription in ids(&erasure.subscriptions).map(SubscriptionId) {
            let detached = || detach_deliveries(app, subscription, &traces);
            waits |= retry_on_conflict(StoreError::is_conflict, detached).await?;
        }
        waits |= delete_mails(app, erasure, &traces).await?;
        waits |= empty_returned_mails(app, &traces).await?;
        delete_captured_mails(app, &traces).await?;
        redact_texts(app, &traces).await?;
        if waits {
            return Ok(Completion::Waiting);
        }
        let mut tx = app.store.write().await?;
        tx.empty_erasure(erasure.id).await?;
        tx.commit().await?;
    }
    let overwritten = app.store.overwrite_deleted(&traces.needles(), rewrite).await?;
    if overwritten == Overwritten::InUse {
        return Ok(Completion::InUse);
    }
    let mut tx = app.store.write().await?;
    tx.delete_erasure(erasure.id).await?;
    tx.commit().await?;
    Ok(match overwritten {
        Overwritten::QuotedElsewhere => Completion::QuotedElsewhere,
        Overwritten::Done | Overwritten::InUse => Completion::Done,
    })
}

fn traces_of(erasure: &Erasure) -> Traces {
    // A row that this program wrote has addresses that it parses.
    let addresses = erasure
        .addresses
        .lines()
        .filter_map(|line| EmailAddress::parse(line).ok());
    Traces::new(
        addresses,
        erasure.names.lines().map(ToOwned::to_owned).collect(),
        ids(&erasure.subscriptions).map(SubscriptionId),
        ids(&erasure.mails).map(TransactionalMailId),
    )
}

fn ids(bytes: &[u8]) -> impl Iterator<Item = Uuid> {
    bytes.as_chunks::<16>().0.iter().map(|id| Uuid::from_bytes(*id))
}

/// Gives the deliveries and bounces of an erased subscription random ids that belong to no subscription. Returns whether one is still being sent.
async fn detach_deliveries(app: &App, subscription: SubscriptionId, traces: &Traces) -> Result<bool, StoreError> {
    let mut tx = app.store.write().await?;
    tx.end_erased_deliveries(subscription, app.clock.now()).await?;
    let mut is_sending = false;
    for delivery in tx.erased_deliveries(subscription).await? {
        if delivery.state.is_open() {
            is_sending = true;
            continue;
        }
        let reply = delivery.last_reply.as_deref();
        // The delivery report shows this much of a reply. The rest may name the recipient.
        let reply = reply.map(|reply| traces.redact(&reason_of_reply(delivery.state, reply)));
        tx.detach_delivery(delivery.issue_id, subscription, unassigned_id(app), reply.as_deref())
            .await?;
    }
    if !is_sending {
        for issue in tx.issues_of_bounces(subscription).await? {
            tx.detach_bounces(issue, subscription, unassigned_id(app)).await?;
        }
    }
    tx.commit().await?;
    Ok(is_sending)
}

/// A random id that belongs to no subscription. Each delivery gets another one, so that they do not show what one person got.
fn unassigned_id(app: &App) -> SubscriptionId {
    SubscriptionId(uuid::Builder::from_random_bytes(app.rng.bytes()).into_uuid())
}

/// Deletes mails to the person that were being sent. Returns whether one still is.
async fn delete_mails(app: &App, erasure: &Erasure, traces: &Traces) -> Result<bool, StoreError> {
    let mut tx = app.store.write().await?;
    let mut is_sending = false;
    for mail in ids(&erasure.mails).map(TransactionalMailId) {
        is_sending |= tx.delete_erased_mail(mail).await?;
    }
    for address in traces.addresses() {
        tx.delete_operator_mails_to(address).await?;
    }
    tx.commit().await?;
    Ok(is_sending)
}

/// Empties returned mails that name the person. Returns whether one of them waits to be processed.
async fn empty_returned_mails(app: &App, traces: &Traces) -> Result<bool, StoreError> {
    let found = returned_mails(app, traces).await?;
    let mut tx = app.store.write().await?;
    for (id, _) in &found {
        tx.empty_returned_mail(*id).await?;
    }
    tx.commit().await?;
    Ok(found.iter().any(|(_, is_processed)| !is_processed))
}

/// The returned mails that name the person, and whether each was processed.
pub(super) async fn returned_mails(app: &App, traces: &Traces) -> Result<Vec<(ReturnedMailId, bool)>, StoreError> {
    let mut found = Vec::new();
    let mut after = ReturnedMailId(Uuid::nil());
    loop {
        let page = app
            .store
            .read()
            .await?
            .returned_contents_after(after, RETURNED_PAGE)
            .await?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        after = last.id;
        let is_own = |mail: &ReturnedContent| {
            let recipient = mail.recipient.as_deref();
            recipient.is_some_and(|recipient| traces.is_tagged(&app.config, &app.keys, recipient))
        };
        let (own, others): (Vec<_>, Vec<_>) = page.into_iter().partition(is_own);
        found.extend(own.iter().map(|mail| (mail.id, mail.is_processed)));
        let traces = traces.clone();
        let quoting = on_blocking_pool(move || {
            let quoting = others.into_iter().filter(|mail| traces.are_in(&mail.content));
            quoting.map(|mail| (mail.id, mail.is_processed)).collect::<Vec<_>>()
        });
        found.extend(quoting.await);
    }
}

/// Deletes mails in the built-in inbox that were sent to the person or name them.
async fn delete_captured_mails(app: &App, traces: &Traces) -> Result<(), StoreError> {
    let found = captured_mails(app, traces).await?;
    let mut tx = app.store.write().await?;
    for id in found {
        tx.delete_captured_mail(id).await?;
    }
    tx.commit().await
}

/// The mails in the built-in inbox that were sent to the person or name them.
pub(super) async fn captured_mails(app: &App, traces: &Traces) -> Result<Vec<CapturedMailId>, StoreError> {
    let mut found = Vec::new();
    let mut after = CapturedMailId(Uuid::nil());
    loop {
        let page = app
            .store
            .read()
            .await?
            .captured_contents_after(after, CAPTURED_PAGE)
            .await?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        after = last.id;
        let traces = traces.clone();
        let is_about = move |mail: &CapturedContent| traces.is_address(&mail.recipient) || traces.are_in(&mail.message);
        let named = on_blocking_pool(move || {
            page.into_iter()
                .filter(is_about)
                .map(|mail| mail.id)
                .collect::<Vec<_>>()
        });
        found.extend(named.await);
    }
}

/// Removes the person from texts that rows share, such as the words of another program's form.
async fn redact_texts(app: &App, traces: &Traces) -> Result<(), StoreError> {
    for address in traces.addresses() {
        let found = app.store.read().await?.texts_with(address).await?;
        if found.is_empty() {
            continue;
        }
        let mut tx = app.store.write().await?;
        for (hash, body) in found {
            tx.replace_text(&hash, &traces.redact(&body)).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}
