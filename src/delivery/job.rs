//! A leased delivery on its way through this process.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::personalise::{IssueParts, PersonaliseError, Recipient, SignedSlots, message};
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::mail::smtp::Outgoing;
use crate::store::deliveries::DeliveryKey;
use crate::store::leases::LeasedDelivery;

#[derive(Clone, Debug)]
pub(super) struct Job {
    /// What all messages of the issue share.
    pub(super) parts: Arc<IssueParts>,
    pub(super) delivery: LeasedDelivery,
    /// The recipient's slots and signatures, if they were made in advance.
    signed: Option<Box<SignedSlots>>,
}

impl Job {
    pub(super) const fn new(parts: Arc<IssueParts>, delivery: LeasedDelivery) -> Self {
        Self {
            parts,
            delivery,
            signed: None,
        }
    }

    pub(super) const fn key(&self) -> DeliveryKey {
        (self.delivery.issue_id, self.delivery.subscription_id)
    }

    /// The recipient's domain as A-labels in lower case; empty if the address cannot be parsed.
    pub(super) fn domain(&self) -> &str {
        self.delivery.address.as_ref().map_or("", EmailAddress::domain)
    }

    /// Signs the message in advance, on this thread. If that fails, [`Self::message`] tries again and returns the error.
    pub(super) fn sign(&mut self, app: &App, now: DateTime<Utc>) {
        let signed = self
            .recipient()
            .and_then(|recipient| SignedSlots::new(app, &self.parts, recipient, now));
        self.signed = signed.ok().map(Box::new);
    }

    pub(super) async fn message(&self, app: &Arc<App>) -> Result<Outgoing, PersonaliseError> {
        if let Some(signed) = &self.signed {
            return signed.outgoing(&self.parts);
        }
        message(app, &self.parts, self.recipient()?, app.clock.now()).await
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
