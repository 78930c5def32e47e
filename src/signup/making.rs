//! Collects what a decided request writes: rows for the subscriber, the subscriptions, the consent and the mail.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::check::{CheckedRequest, CheckedWords};
use super::decisions::{Decisions, Plan};
use super::mail_cache::{MailContent, RequiredMail, SharedMail};
use super::requested::{Requested, is_concerned, reply_to};
use super::state::{KnownSubscription, Person, SubscriptionChange};
use super::suppressed::Mailing;
use super::writes::QueuedMail;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{SubscriberId, SubscriptionId, TransactionalMailId};
use crate::domain::states::{ConsentEvent, MailKind};
use crate::domain::time::time_delta;
use crate::domain::tokens::token_hash;
use crate::store::confirmations::NewConfirmation;
use crate::store::consent_records::NewConsent;
use crate::store::transactional_mails::{MailLinks, NONCE_LENGTH, TransactionalMail};

/// The subscriber whom a mail goes to.
struct Recipient {
    id: SubscriberId,
    address: EmailAddress,
}

impl<'a> Decisions<'a> {
    /// Adds to the writes what the plan needs.
    pub(super) fn make(
        &mut self,
        request: &'a CheckedRequest,
        requested: Vec<Requested<'a>>,
        mailing: Mailing,
        required: &RequiredMail,
        plan: Plan,
    ) {
        if matches!(plan, Plan::MailboxFull) {
            return;
        }
        let is_confirmation = matches!(required.content, MailContent::Confirm(..));
        if is_confirmation && mailing == Mailing::ConfirmationOnly {
            self.writes.suppressed_and_mailed.insert(request.address_hash);
            if let Some(suppression) = self.state.suppressions.get_mut(&request.address_hash) {
                suppression.confirmation_mailed_at = Some(self.now);
            }
        }
        let reply_to = reply_to(&requested);
        let (subscriber, subscriptions) = self.ensure(request, &requested);
        let mut concerned = Vec::new();
        for (requested, subscription) in requested.into_iter().zip(subscriptions) {
            if !is_confirmation || is_concerned(&requested, mailing) {
                concerned.push((subscription, requested));
            }
        }
        match plan {
            Plan::MailboxFull | Plan::NoMail => {}
            Plan::HasLinks => {
                for (subscription, _) in &concerned {
                    self.writes.dispute(*subscription, request);
                }
            }
            Plan::Mail(mail, _) if !is_confirmation => {
                let links = MailLinks::Subscriptions(concerned.iter().map(|(id, _)| *id).collect());
                self.count_mail(request, self.now, true);
                let head = (MailKind::SubscribedAlready, links, reply_to);
                self.queue(request, subscriber, head, mail, self.now);
            }
            Plan::Mail(mail, send_at) => {
                let links = self.confirm(request, concerned, &mail, send_at);
                let head = (MailKind::Confirmation, links, reply_to);
                self.queue(request, subscriber, head, mail, send_at);
            }
        }
    }

    /// The subscriber and the subscriptions of a request. Those that do not exist are added.
    fn ensure(&mut self, request: &'a CheckedRequest, requested: &[Requested<'_>]) -> (Recipient, Vec<SubscriptionId>) {
        let (app, now) = (self.app, self.now);
        let key = request.address.key();
        if !self.state.people.contains_key(key) {
            let person = Person {
                id: SubscriberId(app.rng.uuid(now)),
                address: request.address.clone(),
                added_by: Some(request),
                subscriptions: Vec::new(),
            };
            self.state.people.insert(key.to_owned(), person);
        }
        let person = self.state.people.get_mut(key).expect("the person was added");
        let mut ids = Vec::with_capacity(requested.len());
        for requested in requested {
            if let Some(known) = &requested.known {
                ids.push(known.id);
                continue;
            }
            let id = SubscriptionId(app.rng.uuid(now));
            let added = KnownSubscription::added(id, requested.newsletter.id);
            person.subscriptions.push(added);
            ids.push(id);
        }
        let recipient = Recipient {
            id: person.id,
            address: person.address.clone(),
        };
        (recipient, ids)
    }

    /// Adds the token and the consent records of a confirmation. Returns the data of its link.
    fn confirm(
        &mut self,
        request: &'a CheckedRequest,
        concerned: Vec<(SubscriptionId, Requested<'a>)>,
        mail: &SharedMail,
        send_at: DateTime<Utc>,
    ) -> MailLinks {
        let (app, now) = (self.app, self.now);
        let settings = &app.config.signup;
        self.count_mail(request, send_at, false);
        let nonce = app.rng.bytes::<NONCE_LENGTH>();
        let (signing_key_id, token) = app.keys.new_confirmation_token(&nonce);
        let token_hash = token_hash(&token);
        let words = match &request.words {
            CheckedWords::OurForm(language) => Some(self.writes.refer_to(self.offer.words(app, *language))),
            CheckedWords::Given(text) => Some(self.writes.refer_to(text)),
            CheckedWords::Unknown => None,
        };
        let person = self
            .state
            .people
            .get_mut(request.address.key())
            .expect("the person was added");
        for (subscription, requested) in concerned {
            let known = person.subscriptions.iter_mut().find(|known| known.id == subscription);
            if let Some(known) = known.filter(|_| requested.is_due(now, time_delta(settings.resend_after))) {
                known.mailed_at = Some(now);
                known.change.get_or_insert(SubscriptionChange::Mailed);
            }
            self.writes.confirmations.push(NewConfirmation {
                token_hash,
                subscription_id: subscription,
                created_at: now,
                expires_at: send_at + time_delta(settings.token_ttl),
                name: request.name.clone(),
                timezone: request.timezone,
                topics: requested.topics,
                cadence: request.cadence,
                language: request.language,
            });
            self.writes.consents.push(NewConsent {
                id: app.rng.uuid(now),
                subscription_id: subscription,
                newsletter_id: requested.newsletter.id,
                event: ConsentEvent::Requested,
                at: now,
                network_address: app.recorded_network(request.network),
                source: request.source.clone(),
                words_hash: words,
                mail_text_hash: Some(mail.text.hash),
            });
        }
        MailLinks::Confirmation { signing_key_id, nonce }
    }

    /// Counts a mail that is sent at `send_at` in the history of its mailbox.
    fn count_mail(&mut self, request: &CheckedRequest, send_at: DateTime<Utc>, is_reminder: bool) {
        let mut history = self.history(request);
        let per_day = self.app.config.signup.confirmations_per_day;
        history.count(send_at, request.address.spelling(), per_day);
        history.updated_at = Some(self.now);
        if is_reminder {
            history.reminded_at = Some(self.now);
        }
        self.state.mailboxes.insert(request.mailbox, history);
        self.writes.mailboxes.insert(request.mailbox);
    }

    /// Queues the mail, to be sent at `send_at`.
    fn queue(
        &mut self,
        request: &CheckedRequest,
        subscriber: Recipient,
        (kind, links, reply_to): (MailKind, MailLinks, Option<String>),
        shared: Arc<SharedMail>,
        send_at: DateTime<Utc>,
    ) {
        let id = TransactionalMailId(self.app.rng.uuid(self.now));
        let requester = if send_at > self.now {
            // This mail is sent later, and later mails of this requester must not wait for it.
            id.to_string()
        } else {
            request.requester.clone()
        };
        let turn_at = self.state.turns.take(&requester, send_at);
        self.writes.refer_to(&shared.html);
        self.writes.refer_to(&shared.text);
        let mail = TransactionalMail {
            id,
            kind,
            subscriber_id: Some(subscriber.id),
            recipient: subscriber.address,
            reply_to,
            subject: shared.subject.clone(),
            html: String::new(),
            text: String::new(),
            links,
            requester,
            turn_at,
            attempts: 0,
            expires_at: send_at + time_delta(self.app.config.signup.token_ttl),
            created_at: send_at,
        };
        self.writes.mails.push(QueuedMail { mail, shared });
    }
}
