//! Decides what each request of a batch leads to. Pure: it works on what the transaction has read, and collects what it has to write.
//!
//! The requests are decided one after the other, and each sees what those before it changed. So a batch has the same result as its
//! requests one by one.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::check::CheckedRequest;
use super::mail_cache::{MailCache, MailContent, RequiredMail, SharedMail};
use super::offer::{Offer, OfferError};
use super::request::{ShownWords, SignupError};
use super::requested::{Requested, is_concerned, reply_to, required_mail};
use super::state::{KnownSubscription, Person, State, SubscriptionChange};
use super::suppressed::Mailing;
use super::writes::{QueuedMail, Writes};
use crate::app::App;
use crate::domain::ids::{SubscriberId, SubscriptionId, TransactionalMailId};
use crate::domain::states::{ConsentEvent, MailKind};
use crate::domain::time::time_delta;
use crate::domain::tokens::token_hash;
use crate::store::confirmations::NewConfirmation;
use crate::store::consent_records::NewConsent;
use crate::store::mailbox_histories::MailboxHistory;
use crate::store::newsletters::Newsletter;
use crate::store::rate_limits::Permit;
use crate::store::transactional_mails::{MailLinks, NONCE_LENGTH, TransactionalMail};

/// What has to be read or rendered before the batch can be decided.
#[derive(Debug, Default)]
pub(crate) struct Missing {
    pub(super) offer: bool,
    pub(super) topics: bool,
    pub(super) mails: Vec<RequiredMail>,
}

impl Missing {
    pub(super) fn is_empty(&self) -> bool {
        !self.offer && !self.topics && self.mails.is_empty()
    }
}

/// Decides the requests of one batch.
pub(super) struct Decisions<'a> {
    pub(super) app: &'a App,
    pub(super) now: DateTime<Utc>,
    pub(super) offer: &'a Offer,
    pub(super) mails: &'a MailCache,
    pub(super) state: State<'a>,
    pub(super) writes: Writes,
    /// The permits that requests found used up.
    pub(super) reached: Vec<Permit>,
    pub(super) missing: Missing,
}

/// What a request leads to.
enum Plan {
    /// The mailbox has reached its daily cap: nothing is stored.
    MailboxFull,
    /// The subscriptions are stored, without a mail.
    NoMail,
    /// The reader has a valid link for each subscription, and gets no further mail during the wait.
    HasLinks,
    /// A mail is queued.
    Mail(Arc<SharedMail>, DateTime<Utc>),
}

impl<'a> Decisions<'a> {
    pub(super) fn sign_up(&mut self, request: &'a CheckedRequest) -> Result<(), SignupError> {
        let requested = match self.requested(request) {
            Ok(requested) => requested,
            Err(OfferError::TopicsUnread) => {
                self.missing.topics = true;
                return Ok(());
            }
            Err(OfferError::Refused(error)) => {
                self.count(&request.network_permits)?;
                return Err(error);
            }
        };
        self.check_limits(&request.network_permits)?;
        if let Err(error) = self.check_limits(&request.address_permits) {
            // The network has to pay for its request.
            self.state.limits.take(&request.network_permits, self.now);
            return Err(error);
        }
        let suppression = self.state.suppressions.get(&request.address_hash);
        let mailing = Mailing::of(self.app, suppression);
        let required = required_mail(self.app, &requested, mailing, request.language);
        // Without a mail, the answer and the counts are the same.
        let plan = match (&required.content, mailing) {
            (_, Mailing::Nothing) => Some(Plan::NoMail),
            (MailContent::Confirm(_), _) => self.plan_confirmation(request, &requested, mailing, &required)?,
            (MailContent::AlreadySubscribed(_), _) => self.plan_reminder(request, &required)?,
        };
        let Some(plan) = plan else {
            // The mail has to be rendered first.
            self.missing.mails.push(required);
            return Ok(());
        };
        self.state.limits.take(&request.network_permits, self.now);
        self.state.limits.take(&request.address_permits, self.now);
        self.make(request, requested, mailing, &required, plan);
        Ok(())
    }

    /// Counts a request that was refused before, for its network only.
    pub(super) fn count(&mut self, permits: &[Permit]) -> Result<(), SignupError> {
        self.check_limits(permits)?;
        self.state.limits.take(permits, self.now);
        Ok(())
    }

    fn check_limits(&mut self, permits: &[Permit]) -> Result<(), SignupError> {
        let used_up = self.state.limits.used_up(permits, self.now);
        if used_up.is_empty() {
            return Ok(());
        }
        let reached = permits.iter().filter(|permit| used_up.contains(&permit.key));
        self.reached.extend(reached);
        Err(SignupError::TooMany)
    }

    /// The newsletters and topics that a request names, and the subscriptions to them.
    fn requested(&self, request: &CheckedRequest) -> Result<Vec<Requested<'a>>, OfferError> {
        let newsletters = self.offer.requested(&request.newsletters)?;
        let topics = self.offer.topics(&newsletters, &request.topics)?;
        let person = self.state.people.get(request.address.key());
        let known = |newsletter: &Newsletter| {
            let mut subscriptions = person.iter().flat_map(|person| &person.subscriptions);
            subscriptions
                .find(|known| known.newsletter_id == newsletter.id)
                .cloned()
        };
        let requested = newsletters.into_iter().zip(topics);
        Ok(requested
            .map(|(newsletter, topics)| Requested {
                newsletter,
                topics,
                known: known(newsletter),
            })
            .collect())
    }

    /// When the next mail to the mailbox may be sent; `None` if the mailbox has reached its daily cap.
    fn next_mail_at(&self, request: &CheckedRequest) -> Option<DateTime<Utc>> {
        let settings = &self.app.config.signup;
        self.history(request).next(
            self.now,
            request.address.spelling(),
            settings.confirmations_per_day,
            settings.resend_after,
        )
    }

    fn history(&self, request: &CheckedRequest) -> MailboxHistory {
        let stored = self.state.mailboxes.get(&request.mailbox);
        stored
            .cloned()
            .map_or_else(MailboxHistory::default, |history| history.current(self.now))
    }

    /// The mail; `None` if it has to be rendered first.
    fn mail(&self, required: &RequiredMail) -> Result<Option<Arc<SharedMail>>, SignupError> {
        self.mails.get(required).transpose().map_err(SignupError::Template)
    }

    /// Plans the mail whose link confirms the subscriptions, unless a queued mail already has such a link.
    fn plan_confirmation(
        &self,
        request: &CheckedRequest,
        requested: &[Requested<'_>],
        mailing: Mailing,
        required: &RequiredMail,
    ) -> Result<Option<Plan>, SignupError> {
        let settings = &self.app.config.signup;
        let Some(send_at) = self.next_mail_at(request) else {
            return Ok(Some(Plan::MailboxFull));
        };
        let mut concerned = requested.iter().filter(|requested| is_concerned(requested, mailing));
        // During the wait, a reader with a valid link for each of them gets no further mail. Without one, the mail is queued for
        // the end of the wait, so that the request is not lost.
        let token_ttl = time_delta(settings.token_ttl);
        if send_at > self.now
            && concerned
                .clone()
                .all(|requested| requested.has_link(self.now, token_ttl))
        {
            return Ok(Some(Plan::HasLinks));
        }
        let resend_after = time_delta(settings.resend_after);
        if !concerned.any(|requested| requested.is_due(self.now, resend_after)) {
            return Ok(Some(Plan::NoMail));
        }
        Ok(self.mail(required)?.map(|mail| Plan::Mail(mail, send_at)))
    }

    /// Plans the mail that says that the address is already subscribed, at most once a day.
    fn plan_reminder(&self, request: &CheckedRequest, required: &RequiredMail) -> Result<Option<Plan>, SignupError> {
        let reminded_at = self.history(request).reminded_at;
        if reminded_at.is_some_and(|reminded| reminded > self.now - TimeDelta::days(1)) {
            return Ok(Some(Plan::NoMail));
        }
        match self.next_mail_at(request) {
            None => Ok(Some(Plan::MailboxFull)),
            Some(send_at) if send_at > self.now => Ok(Some(Plan::NoMail)),
            Some(_) => Ok(self.mail(required)?.map(|mail| Plan::Mail(mail, self.now))),
        }
    }

    /// Adds to the writes what the plan needs.
    fn make(
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
        let is_confirmation = matches!(required.content, MailContent::Confirm(_));
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
    fn ensure(
        &mut self,
        request: &'a CheckedRequest,
        requested: &[Requested<'_>],
    ) -> (SubscriberId, Vec<SubscriptionId>) {
        let (app, now) = (self.app, self.now);
        let key = request.address.key();
        if !self.state.people.contains_key(key) {
            let person = Person {
                id: SubscriberId(app.rng.uuid(now)),
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
        (person.id, ids)
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
        let words = match request.words {
            ShownWords::OurForm(language) => Some(self.writes.refer_to(self.offer.words(app, language))),
            ShownWords::Unknown => None,
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
                language: request.language,
            });
            self.writes.consents.push(NewConsent {
                id: app.rng.uuid(now),
                subscription_id: subscription,
                event: ConsentEvent::Requested,
                at: now,
                network_address: request.network.map(|address| address.to_string()),
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
        subscriber: SubscriberId,
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
            subscriber_id: Some(subscriber),
            recipient: request.address.clone(),
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
