//! Webhooks: what mail providers report over HTTP about the messages that they took from us.
//!
//! A request is checked and divided into its events ([`receive`]). Each event becomes a row of `returned_mails` before the provider gets
//! its answer, and [`read`] reads it from there, so a repeated event changes nothing. Each provider has a file with all that is
//! particular to it: how it proves that a request is its own, which events it sends, where they name the recipient, the reason and
//! our message. `provider.rs` lists the providers.

mod brevo;
mod event;
mod mailgun;
mod mailjet;
mod postal;
mod postmark;
mod provider;
mod refusal;
mod request;
mod resend;
mod sendgrid;
pub(in crate::bounce) mod ses;
mod sns;
mod sparkpost;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::counter::{Counter, REPEATED};
use super::origin::{Origin, origin};
use super::read::Kind;
use super::receive::{self, ReceivedEvent};
use super::summed_log::SummedLog;
use crate::app::App;

pub(in crate::bounce) use provider::read;
pub(crate) use provider::{Provider, reference_headers};
pub(crate) use refusal::Refusal;
pub(crate) use request::{HookRequest, Sender};

use sns::Sns;

/// What the webhooks of one process share.
#[derive(Debug)]
pub(crate) struct Webhooks {
    app: Arc<App>,
    sns: Sns,
    counter: Arc<Counter>,
    log: Arc<SummedLog>,
}

impl Webhooks {
    pub(crate) fn new(app: &Arc<App>) -> Self {
        Self {
            app: Arc::clone(app),
            sns: Sns::new(&app.config),
            counter: Arc::default(),
            log: Arc::default(),
        }
    }

    /// Checks what can be checked before the body is read. Counts a refusal.
    ///
    /// # Errors
    /// When the header fields show that the request is not the provider's.
    pub(crate) fn check_headers(&self, provider: Provider, request: &HookRequest) -> Result<Sender, Refusal> {
        let checked = provider.check_headers(&self.app.config.hooks, request);
        if let Err(refusal) = &checked {
            self.record_refusal(provider, refusal);
        }
        checked
    }

    /// Stores the events of a request. When this returns, they are committed.
    ///
    /// # Errors
    /// When the request does not prove that it is the provider's, is too old, or cannot be read: nothing is stored then. When something
    /// that this needs is unavailable: the provider must send the request again.
    pub(crate) async fn receive(&self, provider: Provider, request: &HookRequest) -> Result<(), Refusal> {
        let stored = self.check_and_store(provider, request).await;
        let source = provider.name();
        match &stored {
            Ok((_, 0)) => {}
            Ok((_, repeated)) => self.counter.add(&self.app, source, REPEATED, *repeated),
            Err(refusal) => self.record_refusal(provider, refusal),
        }
        let (new, repeated) = stored?;
        if new + repeated > 0 {
            tracing::info!(
                hook.provider = source,
                event.new = new,
                event.repeated = repeated,
                "webhook events stored"
            );
        }
        Ok(())
    }

    /// Counts and logs a refusal. Anybody can cause them, so the log has one line a minute.
    fn record_refusal(&self, provider: Provider, refusal: &Refusal) {
        let (source, name) = (provider.name(), refusal.name());
        if let Refusal::Unavailable(reason) = refusal {
            let reason = reason.clone();
            self.log.add((source, name), move |count| {
                tracing::error!(
                    hook.provider = source,
                    reason,
                    request.count = count,
                    "webhook events not stored"
                );
            });
            return;
        }
        self.log.add((source, name), move |count| {
            tracing::warn!(
                hook.provider = source,
                reason = name,
                request.count = count,
                "webhook request refused"
            );
        });
        self.counter.add(&self.app, source, name, 1);
    }

    /// Returns how many events are new, and how many were stored before.
    async fn check_and_store(&self, provider: Provider, request: &HookRequest) -> Result<(u64, u64), Refusal> {
        let checked = provider.check(&self.app, &self.sns, request).await?;
        let total = checked.events.len();
        let (events, about_nobody): (Vec<_>, Vec<_>) = checked
            .events
            .into_iter()
            .partition(|event| self.is_about_somebody(provider, event));
        let count = events.len() as u64;
        let is_refused = !about_nobody.is_empty();
        let new = if events.is_empty() && (checked.nonces.is_empty() || is_refused) {
            0
        } else {
            receive::store_events(&self.app, provider.name(), &checked.nonces, events).await?
        };
        if !is_refused {
            return Ok((new, count.saturating_sub(new)));
        }
        Err(Refusal::NoRecipient {
            nobody: about_nobody.len(),
            events: total,
        })
    }

    /// Whether an event names an address, or refers to one of our messages. The one that reports a bounce, a complaint or a request to leave
    /// without either is of no use, and would be on record for nobody.
    fn is_about_somebody(&self, provider: Provider, event: &ReceivedEvent) -> bool {
        let Some(mail) = read(provider.name(), &event.content) else {
            return true;
        };
        let needs_address = matches!(
            mail.kind,
            Kind::Bounce | Kind::Complaint(_) | Kind::Delayed | Kind::Unsubscribe
        );
        let is_ours = || origin(&self.app.keys, &self.app.config, None, &mail) != Origin::Unsigned;
        !needs_address || !mail.recipients.is_empty() || is_ours()
    }
}
