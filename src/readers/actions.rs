//! What operators change about readers.

use serde_json::{Value, json};

use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::address::EmailAddress;
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::consent::ConsentSource;
use crate::domain::ids::SubscriptionId;
use crate::domain::redact::masked;
use crate::domain::seen::Seen;
use crate::domain::states::{SubscriptionState, SuppressionReason};
use crate::privacy::{self, Erased};
use crate::signup::{SentForm, ShownWords, SignupError, SignupRequest, Signups, confirmation_from};
use crate::store::suppressions::SuppressionVersion;
use crate::store::suppressions::{Lifted, Suppression};
use crate::store::{StoreError, retry_on_conflict};
use crate::text::html::clean_line;
use crate::text::plain::shows_nothing;
use crate::unsubscribe;

/// The outcome of suppressing an address.
#[derive(Debug)]
pub struct Suppressed {
    /// The suppression before; `None` if the address was not suppressed.
    pub before: Option<Suppression>,
    /// Whether the suppression is new, or replaced another one.
    pub changed: bool,
    /// The suppression in force.
    pub after: Option<Suppression>,
}

/// One line for the record, such as `by ada: asked by telephone`.
fn note(action: &str, actor: &Actor, reason: &str) -> String {
    let reason = if shows_nothing(reason) {
        "no reason given"
    } else {
        reason
    };
    clean_line(&format!("{action} {}: {reason}", actor.name))
}

/// Never mails an address again, until an operator lifts the suppression.
///
/// # Errors
/// If the database fails; then nothing is changed.
pub async fn suppress(
    app: &App,
    actor: &Actor,
    address: &EmailAddress,
    reason: &str,
) -> Result<Suppressed, StoreError> {
    let hash = app.keys.address_hash(address.key());
    let note = note("by", actor, reason);
    retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        let before = tx.suppression(&hash).await?;
        let changed = tx
            .suppress(&hash, SuppressionReason::Operator, &note, app.clock.now())
            .await?;
        let after = tx.suppression(&hash).await?;
        if changed {
            let object = masked(address.as_typed());
            // The reason may name the reader. It stays with the suppression, and the audit log outlives an erasure.
            let change =
                Change::of(AuditAction::SuppressionAdded, &object).to(json!({ "reason": SuppressionReason::Operator }));
            audit::record(&mut tx, app, actor, change).await?;
        }
        tx.commit().await?;
        Ok(Suppressed { before, changed, after })
    })
    .await
}

/// Allows mail to an address again ([`lift`]).
///
/// # Errors
/// If the database fails; then nothing is changed.
pub async fn lift_address(
    app: &App,
    actor: &Actor,
    address: &EmailAddress,
    reason: &str,
) -> Result<Lifted, StoreError> {
    let hash = app.keys.address_hash(address.key()).to_vec();
    let lifted = lift(app, actor, &[hash], reason, &Seen::Any).await?;
    Ok(lifted.first().copied().unwrap_or(Lifted::WasNotSuppressed))
}

/// Lifts suppressions in one transaction, by the keyed hashes of the addresses, if they are as the operator saw them. Returns the result for each.
///
/// # Errors
/// If the database fails; then nothing is changed.
pub async fn lift(
    app: &App,
    actor: &Actor,
    hashes: &[Vec<u8>],
    reason: &str,
    seen: &Seen<SuppressionVersion>,
) -> Result<Vec<Lifted>, StoreError> {
    let note = note("lifted by", actor, reason);
    retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        let mut all = Vec::new();
        for hash in hashes {
            let before = tx.suppression(hash).await?;
            let lifted = tx.lift_suppression(hash, &note, seen, app.clock.now()).await?;
            if matches!(lifted, Lifted::Lifted | Lifted::ComplaintRemains) {
                let object = hash_name(hash);
                let was = before.map(|before| before.reason);
                let change = Change::of(AuditAction::SuppressionLifted, &object).from(json!({ "reason": was }));
                audit::record(&mut tx, app, actor, change).await?;
            }
            all.push(lifted);
        }
        tx.commit().await?;
        Ok(all)
    })
    .await
}

/// The beginning of a keyed hash, by which lists and the audit log name an address that no subscriber has.
#[must_use]
fn hash_name(hash: &[u8]) -> String {
    let hex = data_encoding::HEXLOWER.encode(hash);
    hex.chars().take(16).collect()
}

/// Ends a subscription at once. Returns false, and changes nothing, if it had ended before.
///
/// # Errors
/// If the database fails; then nothing is changed.
pub async fn unsubscribe(app: &App, actor: &Actor, id: SubscriptionId) -> Result<bool, StoreError> {
    retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        let Some(subscription) = tx.subscription(id).await? else {
            return Ok(false);
        };
        let ended = unsubscribe::end(app, &mut tx, id, &ConsentSource::Operator, None).await?;
        if ended {
            let object = subscription.subscriber_id.to_string();
            let state =
                |state: SubscriptionState| json!({ "newsletter": subscription.newsletter_slug, "state": state });
            let change = Change::of(AuditAction::ReaderUnsubscribed, &object)
                .from(state(subscription.state))
                .to(state(SubscriptionState::Unsubscribed));
            audit::record(&mut tx, app, actor, change).await?;
        }
        tx.commit().await?;
        Ok(ended)
    })
    .await
}

/// Everything on record about an address ([`privacy::export`]). The audit log has who downloaded it.
///
/// # Errors
/// If the database fails.
pub async fn export(app: &App, actor: &Actor, address: &EmailAddress) -> Result<Value, StoreError> {
    let document = privacy::export(app, address).await?;
    let mut tx = app.store.write().await?;
    let subscriber = tx.subscriber_by_address(&app.keys, address).await?;
    let object = subscriber
        .map(|subscriber| subscriber.id.to_string())
        .unwrap_or_default();
    audit::record(&mut tx, app, actor, Change::of(AuditAction::ReaderExported, &object)).await?;
    tx.commit().await?;
    Ok(document)
}

/// Erases everything on record about an address ([`privacy::erase`]).
///
/// # Errors
/// If the database fails; then nothing is changed.
pub async fn erase(app: &App, actor: &Actor, address: &EmailAddress) -> Result<Erased, StoreError> {
    privacy::erase(app, actor, address).await
}

/// Why no confirmation mail was queued.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// The address is confirmed for the newsletter already, or its subscriber paused it.
    #[error("the address is subscribed to this newsletter already, so no mail was queued")]
    Subscribed,
    /// The address is suppressed, and no sign-up may cause a mail now.
    #[error(
        "the address is suppressed, so no mail was queued; if the reader wants mail again, lift the suppression first"
    )]
    Suppressed,
    /// The domain is in `signup.blocked_domains`.
    #[error("signup.blocked_domains contains the domain of this address, so no mail was queued")]
    BlockedDomain,
    /// The sign-up was refused.
    #[error(transparent)]
    Refused(#[from] SignupError),
}

impl From<StoreError> for SubscribeError {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

/// Asks an address by mail to confirm a subscription. Nothing else is mailed before the link in it is used.
///
/// # Errors
/// [`SubscribeError`]; then no mail is queued.
pub async fn subscribe(
    app: &App,
    signups: &Signups,
    actor: &Actor,
    (address, newsletter): (&EmailAddress, &str),
    how_asked: &str,
) -> Result<(), SubscribeError> {
    // An operator learns what the answer to a reader would not reveal.
    if app.config.signup.blocked_domains.contains(address) {
        return Err(SubscribeError::BlockedDomain);
    }
    let mut tx = app.store.read().await?;
    let suppression = tx.suppression(&app.keys.address_hash(address.key())).await?;
    if suppression.is_some_and(|suppression| {
        confirmation_from(&app.config.signup, &suppression).is_none_or(|from| from > app.clock.now())
    }) {
        return Err(SubscribeError::Suppressed);
    }
    if let Some(subscriber) = tx.subscriber_by_address(&app.keys, address).await? {
        let subscriptions = tx.subscriptions_of(subscriber.id).await?;
        let is_subscribed = subscriptions.iter().any(|subscription| {
            subscription.newsletter_slug == newsletter
                && matches!(
                    subscription.state,
                    SubscriptionState::Confirmed | SubscriptionState::Paused
                )
        });
        if is_subscribed {
            return Err(SubscribeError::Subscribed);
        }
    }
    drop(tx);
    let request = SignupRequest {
        email: address.as_typed().to_owned(),
        newsletters: vec![newsletter.to_owned()],
        name: None,
        timezone: None,
        topics: Vec::new(),
        cadence: None,
        language: None,
        source: ConsentSource::Operator,
        words: ShownWords::Given(note("typed by", actor, how_asked)),
        network: None,
        honeypot_filled: false,
        form: SentForm::Operator(actor.clone()),
        proof: None,
    };
    Ok(signups.request(request).await?)
}
