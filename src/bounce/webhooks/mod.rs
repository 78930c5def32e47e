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
use super::receive;
use crate::app::App;

pub(in crate::bounce) use provider::read;
pub(crate) use provider::{Provider, reference_headers};
pub(crate) use refusal::Refusal;
pub(crate) use request::HookRequest;

use sns::Sns;

/// What the webhooks of one process share.
#[derive(Debug)]
pub(crate) struct Webhooks {
    app: Arc<App>,
    sns: Sns,
    counter: Arc<Counter>,
}

impl Webhooks {
    pub(crate) fn new(app: &Arc<App>) -> Self {
        Self {
            app: Arc::clone(app),
            sns: Sns::new(&app.config),
            counter: Arc::new(Counter::default()),
        }
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
            Err(Refusal::Unavailable(reason)) => {
                tracing::error!(hook.provider = source, reason, "webhook events not stored");
            }
            Err(refusal) => {
                tracing::warn!(
                    hook.provider = source,
                    reason = refusal.name(),
                    "webhook request refused"
                );
                self.counter.add(&self.app, source, refusal.name(), 1);
            }
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

    /// Returns how many events are new, and how many were stored before.
    async fn check_and_store(&self, provider: Provider, request: &HookRequest) -> Result<(u64, u64), Refusal> {
        let events = provider.check(&self.app, &self.sns, request).await?;
        let count = events.len() as u64;
        if count == 0 {
            return Ok((0, 0));
        }
        let new = receive::store_events(&self.app, provider.name(), events).await?;
        Ok((new, count.saturating_sub(new)))
    }
}
