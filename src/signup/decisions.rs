//! Decides what each request of a batch leads to. Pure: it works on what the transaction has read, and collects what it has to write.
//!
//! The requests are decided one after the other, and each sees what those before it changed. So a batch has the same result as its
//! requests one by one.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::check::CheckedRequest;
use super::mail_cache::{MailCache, MailContent, RequiredMail, SharedMail};
use super::offer::{Offer, OfferError};
use super::proof::Proof;
use super::request::SignupError;
use super::request_limits::ADDRESS_LIMITS;
use super::requested::{Requested, is_concerned, required_mail};
use super::state::State;
use super::suppressed::Mailing;
use super::writes::Writes;
use crate::app::App;
use crate::domain::states::SignupOutcome;
use crate::domain::time::time_delta;
use crate::store::mailbox_histories::MailboxHistory;
use crate::store::newsletters::Newsletter;
use crate::store::rate_limits::Permit;

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
    /// How many requests had each outcome.
    pub(super) outcomes: BTreeMap<SignupOutcome, i64>,
    pub(super) missing: Missing,
}

/// What a request leads to.
pub(super) enum Plan {
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
                self.count(&request.network_permits, SignupOutcome::Invalid)?;
                return Err(error);
            }
        };
        self.check_limits(&request.network_permits, SignupOutcome::NetworkLimit)?;
        if request
            .form_token
            .is_some_and(|(key, _)| self.state.spent.contains(&key))
        {
            return self.count(&request.network_permits, SignupOutcome::FormRepeated);
        }
        if let Some(outcome) = request.form_refusal
            && self.accepted_proof(request).is_none()
        {
            return self.count(&request.network_permits, outcome);
        }
        let refusal = self
            .check_address_limits(request)
            .and_then(|()| self.check_proof(request));
        let proof_permits = match refusal {
            Ok(permits) => permits,
            Err(error) => {
                // A refused request still counts for its network.
                self.state.limits.take(&request.network_permits, self.now);
                return Err(error);
            }
        };
        let suppression = self.state.suppressions.get(&request.address_hash);
        let mailing = Mailing::of(self.app, suppression);
        let required = required_mail(self.app, &requested, mailing, request.language);
        // Without a mail, the answer and the counts are the same.
        let plan = match (&required.content, mailing) {
            (_, Mailing::Nothing) => Some(Plan::NoMail),
            (MailContent::Confirm(..), _) => self.plan_confirmation(request, &requested, mailing, &required)?,
            (MailContent::AlreadySubscribed(_), _) => self.plan_reminder(request, &required)?,
        };
        let Some(plan) = plan else {
            // The mail has to be rendered first.
            self.missing.mails.push(required);
            return Ok(());
        };
        self.state.limits.take(&request.network_permits, self.now);
        self.state.limits.take(&request.address_permits, self.now);
        self.state.limits.take(&proof_permits, self.now);
        for token in request.tokens() {
            if self.state.spent.insert(token.0) {
                self.writes.spent.push(*token);
            }
        }
        self.note(match plan {
            Plan::MailboxFull => SignupOutcome::MailboxFull,
            Plan::NoMail | Plan::HasLinks | Plan::Mail(..) => SignupOutcome::Accepted,
        });
        self.make(request, requested, mailing, &required, plan);
        Ok(())
    }

    /// Counts a request that is refused for another reason than a limit, for its network only.
    pub(super) fn count(&mut self, permits: &[Permit], outcome: SignupOutcome) -> Result<(), SignupError> {
        self.check_limits(permits, SignupOutcome::NetworkLimit)?;
        self.state.limits.take(permits, self.now);
        self.note(outcome);
        Ok(())
    }

    fn note(&mut self, outcome: SignupOutcome) {
        *self.outcomes.entry(outcome).or_default() += 1;
    }

    /// Refuses a request if one of the permits is used up, with this outcome.
    fn check_limits(&mut self, permits: &[Permit], outcome: SignupOutcome) -> Result<(), SignupError> {
        let used_up = self.state.limits.used_up(permits, self.now);
        if used_up.is_empty() {
            return Ok(());
        }
        let reached = permits.iter().filter(|permit| used_up.contains(&permit.key));
        self.reached.extend(reached);
        self.note(outcome);
        Err(SignupError::TooMany)
    }

    fn check_address_limits(&mut self, request: &CheckedRequest) -> Result<(), SignupError> {
        for (permit, outcome) in request.address_permits.iter().zip(ADDRESS_LIMITS) {
            self.check_limits(&[*permit], outcome)?;
        }
        Ok(())
    }

    /// The permits that a request takes for its proof, or because it needs none.
    fn check_proof(&mut self, request: &CheckedRequest) -> Result<Vec<Permit>, SignupError> {
        let Some(free) = request.free_permit else {
            return Ok(Vec::new());
        };
        if let Some(permits) = self.accepted_proof(request) {
            return Ok(permits);
        }
        if self.state.limits.used_up(&[free], self.now).is_empty() {
            return Ok(vec![free]);
        }
        self.note(match request.proof {
            Proof::Missing => SignupOutcome::ProofMissing,
            Proof::Wrong | Proof::Valid { .. } => SignupOutcome::ProofWrong,
        });
        Err(SignupError::ProofRequired)
    }

    /// The permits that a request takes for its proof; `None` if the proof is missing or wrong, was used before, or is over a limit.
    fn accepted_proof(&self, request: &CheckedRequest) -> Option<Vec<Permit>> {
        let Proof::Valid { token, permit } = &request.proof else {
            return None;
        };
        let permits: Vec<Permit> = permit.iter().copied().collect();
        let is_accepted =
            !self.state.spent.contains(&token.0) && self.state.limits.used_up(&permits, self.now).is_empty();
        is_accepted.then_some(permits)
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

    pub(super) fn history(&self, request: &CheckedRequest) -> MailboxHistory {
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
}
