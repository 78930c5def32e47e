//! Joining one more newsletter from the page of a reader's subscriptions. The link of that page was mailed to the address and works for a
//! short time, so no second confirmation is mailed.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::reader_language::reader_language;
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::consent::ConsentSource;
use crate::domain::ids::{SubscriberId, SubscriptionId};
use crate::domain::states::ConsentEvent;
use crate::signup::form_words::joining_words;
use crate::signup::mailbox_limits::MailboxLimit;
use crate::signup::subscription_mail_queue::count_mail;
use crate::signup::welcome_mail::{WELCOME_INTERVAL, WelcomeError, WelcomeMail};
use crate::store::consent_records::ConsentRecord;
use crate::store::newsletters::Newsletter;
use crate::store::preferences::PreferencesUpdate;
use crate::store::subscribers::Subscriber;
use crate::store::subscriptions::Subscription;
use crate::store::texts::SharedText;
use crate::store::{StoreError, Tx, retry_on_conflict};
use crate::words::{Language, Words};

/// Whether a reader has ever confirmed the address, by a link or before an import.
#[must_use]
pub fn is_confirmed(subscriptions: &[Subscription]) -> bool {
    subscriptions
        .iter()
        .any(|subscription| subscription.confirmed_at.is_some())
}

/// What joining a newsletter stores.
struct Joining<'a> {
    subscriber_id: SubscriberId,
    newsletter: &'a Newsletter,
    /// The language of the fixed texts in its mails.
    language: Language,
    /// What the page said beside the button.
    shown: SharedText,
    welcome: Option<WelcomeMail>,
    network: Option<IpAddr>,
}

/// What came of a request to join a newsletter. Only `Joined` changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinOutcome {
    /// The subscription is in force, since now or since an earlier request.
    Joined,
    /// The subscriber was erased.
    Erased,
    /// The newsletter was removed.
    NewsletterRemoved,
    /// The address was never confirmed.
    NotConfirmed,
    /// The address is suppressed.
    Suppressed,
}

/// Subscribes a reader with a confirmed address to one more newsletter. `shown` are the words of the page.
///
/// # Errors
/// If the database fails, or a welcome mail cannot be rendered; then nothing is changed.
pub async fn join(
    app: &App,
    subscriber_id: SubscriberId,
    newsletter: &Newsletter,
    shown: &Words,
    network: Option<IpAddr>,
) -> Result<JoinOutcome, WelcomeError> {
    let language = {
        let mut tx = app.store.read().await?;
        let subscriptions = tx.subscriptions_of(subscriber_id).await?;
        let has_own = subscriptions.iter().any(|subscription| subscription.language.is_some());
        // As at a sign-up, the page's language is the reader's, unless a subscription has one.
        if has_own {
            reader_language(&mut tx, app, &subscriptions).await?
        } else {
            shown.language()
        }
    };
    let joining = Joining {
        subscriber_id,
        newsletter,
        language,
        shown: SharedText::new(joining_words(shown, newsletter, &app.config.site)),
        welcome: WelcomeMail::of(app, newsletter, &app.words(language)).await?,
        network,
    };
    let joined = retry_on_conflict(StoreError::is_conflict, || joining.store(app)).await?;
    app.transactional_wakeup.notify_one();
    Ok(joined)
}

impl Joining<'_> {
    async fn store(&self, app: &App) -> Result<JoinOutcome, StoreError> {
        let now = app.clock.now();
        let newsletter = self.newsletter.id;
        let mut tx = app.store.write().await?;
        // While an issue starts, its recipients are frozen under this lock.
        tx.lock_newsletter(newsletter).await?;
        let Some(Subscriber {
            address, address_hash, ..
        }) = tx.subscriber(self.subscriber_id).await?
        else {
            return Ok(JoinOutcome::Erased);
        };
        if tx.newsletter(newsletter).await?.removed_at.is_some() {
            return Ok(JoinOutcome::NewsletterRemoved);
        }
        if !is_confirmed(&tx.subscriptions_of(self.subscriber_id).await?) {
            return Ok(JoinOutcome::NotConfirmed);
        }
        if tx.suppression(&address_hash).await?.is_some() {
            return Ok(JoinOutcome::Suppressed);
        }
        let new_id = SubscriptionId(app.rng.uuid(now));
        let (subscription, _) = tx
            .ensure_subscription(new_id, self.subscriber_id, newsletter, now)
            .await?;
        if tx.confirm_subscription(subscription.id, now).await? {
            let preferences = PreferencesUpdate {
                language: Some(subscription.language.unwrap_or(self.language)),
                ..PreferencesUpdate::default()
            };
            tx.set_preferences(subscription.id, &preferences).await?;
            let record = ConsentRecord {
                event: ConsentEvent::Confirmed,
                at: now,
                network_address: app.recorded_network(self.network),
                source: ConsentSource::Preferences,
                words: Some(self.shown.body.clone()),
                mail_text: None,
            };
            tx.store_text(&self.shown).await?;
            tx.add_consent(app.rng.uuid(now), subscription.id, newsletter, &record)
                .await?;
            self.queue_welcome(app, &mut tx, &address, subscription.id, now).await?;
            tracing::info!(subscription.id = %subscription.id, "newsletter joined");
        }
        tx.commit().await?;
        Ok(JoinOutcome::Joined)
    }

    /// Queues the welcome mail, unless the reader got it lately or the mailbox has reached its daily cap.
    async fn queue_welcome(
        &self,
        app: &App,
        tx: &mut Tx,
        address: &EmailAddress,
        subscription: SubscriptionId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let Some(welcome) = &self.welcome else {
            return Ok(());
        };
        // First, so that a mail that is not queued does not count.
        if tx.is_welcomed(subscription, now - WELCOME_INTERVAL).await? {
            return Ok(());
        }
        if !count_mail(tx, app, MailboxLimit::Welcomes, address, now).await? {
            tracing::info!(subscription.id = %subscription, "welcome mail not sent: daily cap of the mailbox reached");
            return Ok(());
        }
        let recipient = (self.subscriber_id, address);
        welcome.queue(tx, app, recipient, subscription, now).await
    }
}
