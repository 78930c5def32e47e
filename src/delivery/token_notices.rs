//! Mails the operators about a relay that has got no access token for an hour: at most one mail a day for each relay.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::domain::redact::without_addresses;
use crate::feeds::access_token::TokenError;
use crate::notices::{NoticeError, notify};

/// A failure that ends within this time needs no operator.
const NOTICE_AFTER: TimeDelta = TimeDelta::hours(1);
const NOTICE_INTERVAL: TimeDelta = TimeDelta::days(1);

/// The relays without an access token, by their index in the settings.
#[derive(Debug, Default)]
pub(super) struct TokenNotices(BTreeMap<usize, Failing>);

#[derive(Debug)]
struct Failing {
    since: DateTime<Utc>,
    /// When this process last asked the database whether a notice is due.
    noted_at: Option<DateTime<Utc>>,
}

impl TokenNotices {
    /// Queues the notices that are due.
    ///
    /// # Errors
    /// [`NoticeError`]; then the next call tries again.
    pub(super) async fn notify_operators(&mut self, app: &App) -> Result<(), NoticeError> {
        let now = app.clock.now();
        for (index, (relay, _)) in app.relays().enumerate() {
            let failure = match app.access_tokens.get(index) {
                Some(Some(tokens)) => tokens.failure().await,
                Some(None) | None => None,
            };
            let Some(error) = failure else {
                self.0.remove(&index);
                continue;
            };
            let failing = self.0.entry(index).or_insert(Failing {
                since: now,
                noted_at: None,
            });
            let was_noted = failing.noted_at.is_some_and(|at| now - at < NOTICE_INTERVAL);
            if now - failing.since < NOTICE_AFTER || was_noted {
                continue;
            }
            queue(app, &relay.to_string(), &error, failing.since, now).await?;
            failing.noted_at = Some(now);
        }
        Ok(())
    }
}

/// Queues the notice about one relay, unless another process did so within a day.
async fn queue(
    app: &App,
    relay: &str,
    error: &TokenError,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), NoticeError> {
    let mut tx = app.store.write().await?;
    if !tx.note_token_notice(relay, now - NOTICE_INTERVAL, now).await? {
        return Ok(());
    }
    let since = since.format("%Y-%m-%d %H:%M UTC");
    let text = format!(
        "Since {since}: {error}\n\nWithout an access token Daywire cannot log in to the relay {relay}. Mail that only this relay sends \
         waits.\n\nExamine the relays:\ndaywire doctor\n\nIf the provider revoked the refresh token, get another one, set it in \
         [relay.oauth], and restart the service. While the failure lasts, you get at most one such mail a day."
    );
    let subject = format!("The relay {relay} gets no access token");
    notify(&mut tx, app, &subject, &without_addresses(&text)).await?;
    tx.commit().await?;
    app.transactional_wakeup.notify_one();
    Ok(())
}
