//! Accepts sign-ups: checks a request, counts it against the limits and stores it, in the same way for every address.

use chrono::{DateTime, Utc};

use super::check::check;
use super::mail_cache::MailCache;
use super::request::{SignupError, SignupRequest};
use super::request_limits::{ReachedLimits, address_permits, network_permits};
use super::storing::{Stored, Storing};
use crate::app::App;
use crate::store::rate_limits::Permit;
use crate::store::{StoreError, retry_on_conflict};

/// A request is tried this often if one of its subscriptions changes at the same time.
const MAX_ATTEMPTS: usize = 5;

/// Accepts sign-ups. Each process that serves the site has one. Its caches save work of the database.
#[derive(Debug, Default)]
pub struct Signups {
    reached_limits: ReachedLimits,
    mails: MailCache,
}

impl Signups {
    /// Accepts a request. A client cannot distinguish whether the address is new, pending, confirmed or suppressed.
    ///
    /// # Errors
    /// [`SignupError`]; then the request is only counted for its network.
    pub async fn request(&self, app: &App, request: &SignupRequest) -> Result<(), SignupError> {
        let now = app.clock.now();
        let network = match request.network {
            Some(address) => network_permits(app, address),
            None => Vec::new(),
        };
        if self.reached_limits.includes(&network, now) {
            return Err(SignupError::TooMany);
        }
        for _ in 0..MAX_ATTEMPTS {
            let checked = match check(app, request).await {
                Ok(checked) => checked,
                Err(error) if error.is_ours() => return Err(error),
                Err(error) => {
                    self.count(app, &network, now).await?;
                    return Err(error);
                }
            };
            let address = address_permits(app, &checked.address);
            if self.reached_limits.includes(&address, now) {
                self.count(app, &network, now).await?;
                return Err(SignupError::TooMany);
            }
            let permits = [&network[..], &address].concat();
            // Rendered before the transaction, for the state of the subscriptions that was just read.
            let mail = self.mails.of(app, &checked.mail)?;
            let storing = Storing {
                app,
                now,
                request,
                checked: &checked,
                mail: &mail,
                mails: &self.mails,
                permits: &permits,
            };
            match retry_on_conflict(StoreError::is_conflict, || storing.store()).await? {
                Stored::Done => {
                    app.transactional_wakeup.notify_one();
                    return Ok(());
                }
                // Another mail is required: check again.
                Stored::Changed => {}
                // The request is counted like any other, and not stored.
                Stored::MailboxFull => return self.count(app, &permits, now).await,
                Stored::LimitReached(reached) => {
                    self.reached_limits.note(&permits, &reached, now);
                    // The transaction that took the permits was not committed, but the network has to pay for its request.
                    if network.iter().all(|permit| !reached.contains(&permit.key)) {
                        self.count(app, &network, now).await?;
                    }
                    return Err(SignupError::TooMany);
                }
            }
        }
        // A subscription changed at each attempt, so other requests for this address were stored at the same time.
        Ok(())
    }

    /// Counts a request that was refused before this, for its network only.
    ///
    /// # Errors
    /// [`SignupError::TooMany`], and if the database fails.
    pub async fn count_refused(&self, app: &App, network: std::net::IpAddr) -> Result<(), SignupError> {
        let now = app.clock.now();
        let network = network_permits(app, network);
        if self.reached_limits.includes(&network, now) {
            return Err(SignupError::TooMany);
        }
        self.count(app, &network, now).await
    }

    /// Takes the permits, or returns [`SignupError::TooMany`].
    async fn count(&self, app: &App, permits: &[Permit], now: DateTime<Utc>) -> Result<(), SignupError> {
        let work = || async {
            let mut tx = app.store.write().await?;
            let reached = tx.take_permits(permits, now).await?;
            tx.commit().await?;
            Ok::<_, StoreError>(reached)
        };
        let reached = retry_on_conflict(StoreError::is_conflict, work).await?;
        if reached.is_empty() {
            return Ok(());
        }
        self.reached_limits.note(permits, &reached, now);
        Err(SignupError::TooMany)
    }
}
