//! Asks imported readers by mail to confirm, at the rate of `signup.asks_per_hour`, which all processes keep together.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::confirmation_mail::ConfirmationCause;
use super::mail_cache::{MailCache, MailContent, RequiredMail, SharedMail};
use crate::app::App;
use crate::digest::rules::language_of;
use crate::domain::consent::ConsentSource;
use crate::domain::ids::{NewsletterId, TransactionalMailId};
use crate::domain::states::{ConsentEvent, MailKind};
use crate::domain::time::time_delta;
use crate::domain::tokens::token_hash;
use crate::store::confirmation_asks::WaitingAsk;
use crate::store::confirmations::NewConfirmation;
use crate::store::consent_records::NewConsent;
use crate::store::new_transactional_mails::NewTransactionalMail;
use crate::store::newsletters::Newsletter;
use crate::store::transactional_mails::{MailLinks, NONCE_LENGTH, TransactionalMail};
use crate::store::{StoreError, Tx};

/// At most this many times an hour readers are asked. With a higher rate, several are asked at a time.
const MAX_TURNS_PER_HOUR: u32 = 360;
const HOUR: TimeDelta = TimeDelta::hours(1);
/// The requester of the mails. Their turns in the queue of mails do not delay those of people who sign up.
const REQUESTER: &str = "import";

/// Why readers were not asked. They still wait.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A mail could not be rendered.
    #[error("the mail could not be written: {0}")]
    Template(Arc<askama::Error>),
}

/// How many readers are asked at a time, and how long after the last ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Turn {
    readers: u32,
    interval: TimeDelta,
}

impl Turn {
    /// `None` if nobody is asked.
    fn of_rate(per_hour: u32) -> Option<Self> {
        let readers = per_hour.div_ceil(MAX_TURNS_PER_HOUR);
        let turns_per_hour = per_hour.checked_div(readers)?;
        Some(Self {
            readers,
            interval: HOUR / i32::try_from(turns_per_hour).ok()?,
        })
    }

    /// Whether the last turn was so recent that it is too early for the next one.
    fn is_early(self, last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        last.is_some_and(|last| last > now - self.interval)
    }
}

/// Asks readers, and keeps the rendered mails.
#[derive(Debug, Default)]
pub(crate) struct Asker {
    mails: MailCache,
}

impl Asker {
    /// Asks the next readers if it is time.
    ///
    /// # Errors
    /// [`AskError`]; then nobody was asked.
    pub(crate) async fn ask_due(&self, app: &App) -> Result<(), AskError> {
        let Some(turn) = Turn::of_rate(app.config.signup.asks_per_hour) else {
            return Ok(());
        };
        let now = app.clock.now();
        let mut tx = app.store.read().await?;
        if turn.is_early(tx.last_asked_at(now).await?, now) {
            return Ok(());
        }
        let next = tx.waiting_asks(turn.readers.into()).await?;
        let mut newsletters = HashMap::new();
        for ask in &next {
            if ask.subscription_id.is_some() && !newsletters.contains_key(&ask.newsletter_id) {
                newsletters.insert(ask.newsletter_id, tx.newsletter(ask.newsletter_id).await?);
            }
        }
        drop(tx);
        if next.is_empty() {
            return Ok(());
        }
        for ask in &next {
            if let Some(required) = required_mail(app, &newsletters, ask)
                && self.mails.get(&required).is_none()
            {
                self.mails.render(app, required);
            }
        }
        let mut tx = app.store.write().await?;
        // The row only keeps a second process waiting until this one has asked.
        let lock = app.keys.limit_key("confirmation asks", &[]);
        tx.lock_rate_limits(vec![lock], now).await?;
        if turn.is_early(tx.last_asked_at(now).await?, now) {
            return Ok(());
        }
        let mut asked = Asked::default();
        let mut needless = Vec::new();
        for ask in tx.waiting_asks(turn.readers.into()).await? {
            if ask.subscription_id.is_none() {
                needless.push(ask);
            } else if let Some(required) = required_mail(app, &newsletters, &ask)
                && let Some(mail) = self.mails.get(&required)
            {
                let newsletter = &newsletters[&ask.newsletter_id];
                asked.add(app, ask, newsletter, mail.map_err(AskError::Template)?, now);
            }
            // Another process has asked since this one rendered mails. The others wait for the next turn.
        }
        tx.delete_waiting_asks(&needless).await?;
        let count = asked.asks.len();
        asked.write(&mut tx, now).await?;
        tx.commit().await?;
        if count > 0 {
            tracing::info!(subscription.count = count, "imported readers asked to confirm");
            app.transactional_wakeup.notify_one();
        }
        Ok(())
    }
}

/// The mail for a reader; `None` if the newsletter was not read.
fn required_mail(app: &App, newsletters: &HashMap<NewsletterId, Newsletter>, ask: &WaitingAsk) -> Option<RequiredMail> {
    let newsletter = newsletters.get(&ask.newsletter_id)?;
    Some(RequiredMail {
        content: MailContent::Confirm(ConfirmationCause::Import, vec![newsletter.name.clone()]),
        language: ask.language.unwrap_or_else(|| language_of(app, newsletter)),
    })
}

/// What the asking of readers writes.
#[derive(Debug, Default)]
struct Asked {
    asks: Vec<WaitingAsk>,
    confirmations: Vec<NewConfirmation>,
    consents: Vec<NewConsent>,
    mails: Vec<(TransactionalMail, Arc<SharedMail>)>,
}

impl Asked {
    fn add(
        &mut self,
        app: &App,
        ask: WaitingAsk,
        newsletter: &Newsletter,
        shared: Arc<SharedMail>,
        now: DateTime<Utc>,
    ) {
        let (Some(subscription_id), Some(recipient)) = (ask.subscription_id, ask.address.clone()) else {
            return;
        };
        let expires_at = now + time_delta(app.config.signup.token_ttl);
        let nonce = app.rng.bytes::<NONCE_LENGTH>();
        let (signing_key_id, token) = app.keys.new_confirmation_token(&nonce);
        self.confirmations.push(NewConfirmation {
            token_hash: token_hash(&token),
            subscription_id,
            created_at: now,
            expires_at,
            name: None,
            timezone: None,
            // What the import has set stays.
            topics: ask.topics.clone().unwrap_or_default(),
            cadence: None,
            language: ask.language,
        });
        self.consents.push(NewConsent {
            id: app.rng.uuid(now),
            subscription_id,
            newsletter_id: ask.newsletter_id,
            event: ConsentEvent::Asked,
            at: now,
            network_address: None,
            source: ConsentSource::Import(ask.note.clone()),
            words_hash: None,
            mail_text_hash: Some(shared.text.hash),
        });
        let mail = TransactionalMail {
            id: TransactionalMailId(app.rng.uuid(now)),
            kind: MailKind::Confirmation,
            subscriber_id: ask.subscriber_id,
            recipient,
            reply_to: newsletter.reply_to.clone(),
            subject: shared.subject.clone(),
            html: String::new(),
            text: String::new(),
            links: MailLinks::Confirmation { signing_key_id, nonce },
            requester: REQUESTER.to_owned(),
            turn_at: now,
            attempts: 0,
            expires_at,
            created_at: now,
        };
        self.mails.push((mail, shared));
        self.asks.push(ask);
    }

    async fn write(self, tx: &mut Tx, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut texts: HashMap<[u8; 32], _> = HashMap::new();
        for (_, shared) in &self.mails {
            texts.extend([&shared.html, &shared.text].map(|text| (text.hash, text)));
        }
        for text in texts.into_values() {
            tx.store_text(text).await?;
        }
        let mut subscriptions: Vec<_> = self.confirmations.iter().map(|new| new.subscription_id).collect();
        subscriptions.sort_unstable();
        tx.set_mailed_at(&subscriptions, now).await?;
        tx.add_confirmations(&self.confirmations).await?;
        tx.add_consents(&self.consents).await?;
        tx.set_asked(&self.asks, now).await?;
        let mut turns = tx.last_turns(&[REQUESTER]).await?;
        let mails = self.mails.iter().map(|(mail, shared)| NewTransactionalMail {
            mail,
            turn_at: turns.take(REQUESTER, now),
            shared: Some([&shared.html, &shared.text]),
        });
        let mails: Vec<_> = mails.collect();
        tx.add_transactional_mails(&mails).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rate_is_exceeded() {
        assert_eq!(Turn::of_rate(0), None);
        for (per_hour, readers, seconds) in [(1, 1, 3600), (100, 1, 36), (360, 1, 10), (720, 2, 10), (3_600, 10, 10)] {
            let turn = Turn::of_rate(per_hour).expect("readers are asked");
            assert_eq!(
                (turn.readers, turn.interval.num_seconds()),
                (readers, seconds),
                "{per_hour}"
            );
        }
        for per_hour in 1..5_000 {
            let turn = Turn::of_rate(per_hour).expect("readers are asked");
            let turns = u32::try_from(HOUR.num_milliseconds() / turn.interval.num_milliseconds()).expect("it is small");
            let asked = turns * turn.readers;
            assert!(
                asked <= per_hour && asked * 10 >= per_hour * 9,
                "{asked} instead of {per_hour}"
            );
        }
    }
}
