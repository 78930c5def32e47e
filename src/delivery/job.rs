//! A leased delivery on its way through this process.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tracing::Span;

use super::personalise::{IssueTemplate, PersonaliseError, Recipient, SignedSlots, message};
use super::routes::Route;
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::states::DeliveryState;
use crate::mail::smtp::Outgoing;
use crate::store::deliveries::DeliveryKey;
use crate::store::delivery_transitions::DeliveryTransition;
use crate::store::leases::LeasedDelivery;

/// How often a relay may close a used connection at the envelope of one delivery before that counts as an attempt. Relays close used
/// connections for reasons of their own, and busy connections may meet that several times in a row. A delivery whose envelope makes the
/// relay close every connection must not block the queue for ever.
const MAX_INTERRUPTIONS: u8 = 10;

#[derive(Clone, Debug)]
pub(super) struct Job {
    /// What all messages of the issue share.
    pub(super) template: Arc<IssueTemplate>,
    pub(super) delivery: LeasedDelivery,
    /// The span of the batch with which it was leased. It ends with the last delivery of the batch.
    pub(super) batch: Arc<Span>,
    /// The recipient's slots and signatures, if they were made in advance.
    signed_slots: Option<Box<SignedSlots>>,
    interruptions: u8,
}

impl Job {
    pub(super) const fn new(template: Arc<IssueTemplate>, delivery: LeasedDelivery, batch: Arc<Span>) -> Self {
        Self {
            template,
            delivery,
            batch,
            signed_slots: None,
            interruptions: 0,
        }
    }

    pub(super) const fn key(&self) -> DeliveryKey {
        (self.delivery.issue_id, self.delivery.subscription_id)
    }

    pub(super) fn route(&self) -> Route {
        self.template.route
    }

    /// The recipient's domain as A-labels ([RFC 5890 §2.3.2.1](https://www.rfc-editor.org/rfc/rfc5890#section-2.3.2.1)) in lower case;
    /// empty if the address cannot be parsed.
    pub(super) fn domain(&self) -> &str {
        self.delivery.address.as_ref().map_or("", EmailAddress::domain)
    }

    /// Signs the message in advance, on this thread. If that fails, [`Self::message`] tries again and returns the error.
    pub(super) fn sign(&mut self, app: &App, now: DateTime<Utc>) {
        let signed_slots = self
            .recipient()
            .and_then(|recipient| SignedSlots::new(app, &self.template, recipient, now));
        self.signed_slots = signed_slots.ok().map(Box::new);
    }

    /// The transition that starts an attempt.
    pub(super) const fn start(&self) -> DeliveryTransition {
        self.transition(DeliveryState::Sending, self.delivery.next_attempt_at, None)
    }

    /// A transition of this delivery that counts no attempt.
    pub(super) const fn transition(
        &self,
        state: DeliveryState,
        next_attempt_at: Option<DateTime<Utc>>,
        reply: Option<String>,
    ) -> DeliveryTransition {
        DeliveryTransition {
            key: self.key(),
            state,
            next_attempt_at,
            attempts: self.delivery.attempts,
            reply,
        }
    }

    /// Counts that a relay closed a used connection at this delivery's envelope. Returns whether that may happen once more without
    /// counting as an attempt.
    pub(super) const fn may_be_interrupted(&mut self) -> bool {
        self.interruptions = self.interruptions.saturating_add(1);
        self.interruptions <= MAX_INTERRUPTIONS
    }

    pub(super) async fn message(&self, app: &Arc<App>) -> Result<Outgoing, PersonaliseError> {
        if let Some(signed_slots) = &self.signed_slots {
            return signed_slots.outgoing(&self.template);
        }
        message(app, &self.template, self.recipient()?, app.clock.now()).await
    }

    fn recipient(&self) -> Result<Recipient<'_>, PersonaliseError> {
        // An address that cannot be parsed rejects its delivery, with the error as the reason.
        let address = self.delivery.address.as_ref();
        let address = address.map_err(|error| PersonaliseError::Recipient(error.clone()))?;
        Ok(Recipient {
            subscription: self.delivery.subscription_id,
            message_id_seed: self.delivery.subscription_id.0,
            address,
            name: self.delivery.name.as_deref(),
        })
    }
}
