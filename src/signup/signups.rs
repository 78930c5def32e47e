//! Accepts sign-ups: checks a request, and stores it with others in one transaction, in the same way for every address.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::check::{CheckedRequest, InvalidRequest, Refusal, check, check_fields};
use super::decisions::{Decisions, Missing};
use super::mail_cache::MailCache;
use super::offer::{Offer, OfferCache};
use super::request::{SignupError, SignupRequest};
use super::request_limits::{ADDRESS_LIMITS, ReachedLimits, network_permits};
use super::state::State;
use super::uncounted::{TakenCounts, Uncounted};
use super::writes::Writes;
use crate::app::{App, on_blocking_pool};
use crate::audit::{self, Change};
use crate::domain::audit::AuditAction;
use crate::domain::states::SignupOutcome;
use crate::domain::topics::normal_list;
use crate::store::mailbox_histories::MailboxKey;
use crate::store::rate_limits::Permit;
use crate::store::{StoreError, Tx};
use crate::write_queue::{Group, GroupError, WriteQueue};

/// The queue that stores sign-ups and other requests of readers.
pub(crate) type ReaderWrites = WriteQueue<SignupGroup>;

/// Accepts sign-ups. Each process that serves the site has one. Its caches save work of the database.
#[derive(Clone, Debug)]
pub struct Signups(Arc<ReaderWrites>);

/// How long counts of requests that were refused without the database wait to be written.
const COUNT_INTERVAL: Duration = Duration::from_secs(1);

/// Stores the sign-ups of a batch together.
#[derive(Debug, Default)]
pub(crate) struct SignupGroup {
    reached_limits: ReachedLimits,
    mails: MailCache,
    offers: OfferCache,
    uncounted: Uncounted,
}

/// A request in a batch.
#[derive(Debug)]
pub(crate) enum BatchRequest {
    SignUp(Box<CheckedRequest>),
    /// A request that was refused before, and counts for its network.
    Count(Vec<Permit>, SignupOutcome),
    /// Only writes the counts of requests that were refused without the database.
    Recount,
}

impl BatchRequest {
    fn signup(&self) -> Option<&CheckedRequest> {
        match self {
            Self::SignUp(checked) => Some(checked),
            Self::Count(..) | Self::Recount => None,
        }
    }

    fn permits(&self) -> impl Iterator<Item = &Permit> {
        let (network, signup) = match self {
            Self::SignUp(checked) => (&checked.network_permits[..], Some(checked)),
            Self::Count(permits, _) => (&permits[..], None),
            Self::Recount => (&[][..], None),
        };
        let signup = signup.into_iter().flat_map(|checked| checked.further_permits());
        network.iter().chain(signup)
    }
}

/// What is done after the commit of a batch.
#[derive(Debug)]
pub(crate) struct StoredBatch {
    at: DateTime<Utc>,
    reached: Vec<Permit>,
    texts: Vec<[u8; 32]>,
    has_mails: bool,
    /// Counts that are written now.
    uncounted: TakenCounts,
}

impl Signups {
    /// Accepts sign-ups for this installation.
    #[must_use]
    pub fn new(app: &Arc<App>) -> Self {
        Self(WriteQueue::new(app, SignupGroup::default()))
    }

    /// The queue, for other requests of readers.
    pub(crate) fn writes(&self) -> &Arc<ReaderWrites> {
        &self.0
    }

    /// Accepts a request. A client cannot distinguish whether the address is new, pending, confirmed or suppressed.
    ///
    /// # Errors
    /// [`SignupError`]; then the request is only counted for its network.
    pub async fn request(&self, request: SignupRequest) -> Result<(), SignupError> {
        let (app, limits) = (self.0.app(), &self.0.group().reached_limits);
        let now = app.clock.now();
        // First, because checking a proof takes processor time.
        let network_permits = request
            .network
            .map_or_else(Vec::new, |network| network_permits(app, network));
        if limits.position(&network_permits, now).is_some() {
            return self.refuse_without_counting(SignupOutcome::NetworkLimit);
        }
        let checked = if request.proof.is_some() {
            let app = Arc::clone(app);
            on_blocking_pool(move || check(&app, request)).await
        } else {
            check(app, request)
        };
        let checked = match checked {
            Ok(checked) => checked,
            Err(Refusal::Invalid(invalid)) => {
                self.count(network_permits, SignupOutcome::Invalid).await?;
                return Err(self.all_errors(*invalid).await?);
            }
            Err(Refusal::Silent(outcome)) => return self.count(network_permits, outcome).await,
        };
        if let Some(position) = limits.position(&checked.address_permits, now) {
            self.count(checked.network_permits, ADDRESS_LIMITS[position]).await?;
            return Err(SignupError::TooMany);
        }
        self.0.store(BatchRequest::SignUp(Box::new(checked))).await?
    }

    /// All that is wrong with the fields of a request; `None` if nothing is. Stores and counts nothing.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn field_errors(&self, request: &SignupRequest) -> Result<Option<SignupError>, StoreError> {
        let mut errors = check_fields(request).err().unwrap_or_default();
        errors.extend(self.offer_error(request).await?);
        Ok(SignupError::of_all(errors))
    }

    /// The errors of a request together with what only the newsletters show to be wrong.
    async fn all_errors(&self, invalid: InvalidRequest) -> Result<SignupError, StoreError> {
        let InvalidRequest { request, mut errors } = invalid;
        errors.extend(self.offer_error(&request).await?);
        Ok(SignupError::of_all(errors).unwrap_or(SignupError::NoneChosen))
    }

    async fn offer_error(&self, request: &SignupRequest) -> Result<Option<SignupError>, StoreError> {
        let topics = normal_list(&request.topics);
        let offer = self.0.group().read_offer(self.0.app(), !topics.is_empty()).await?;
        Ok(offer.and_then(|offer| offer.refusal(&request.newsletters, &topics)))
    }

    /// Counts an invalid request for its network.
    ///
    /// # Errors
    /// [`SignupError::TooMany`], and if the database fails.
    pub async fn count_invalid(&self, network: IpAddr) -> Result<(), SignupError> {
        self.count_refused(Some(network), SignupOutcome::Invalid).await
    }

    /// Counts a request for a lost link for its network.
    ///
    /// # Errors
    /// [`SignupError::TooMany`], and if the database fails.
    pub(crate) async fn count_lost_link(&self, network: IpAddr) -> Result<(), SignupError> {
        self.count_refused(Some(network), SignupOutcome::LostLink).await
    }

    /// Counts a request that is no sign-up, or was refused before this, for its network only.
    async fn count_refused(&self, network: Option<IpAddr>, outcome: SignupOutcome) -> Result<(), SignupError> {
        let app = self.0.app();
        let permits = network.map_or_else(Vec::new, |network| network_permits(app, network));
        if self
            .0
            .group()
            .reached_limits
            .position(&permits, app.clock.now())
            .is_some()
        {
            return self.refuse_without_counting(SignupOutcome::NetworkLimit);
        }
        self.count(permits, outcome).await
    }

    async fn count(&self, permits: Vec<Permit>, outcome: SignupOutcome) -> Result<(), SignupError> {
        self.0.store(BatchRequest::Count(permits, outcome)).await?
    }

    /// Refuses a request over a limit that is known to be reached. So a flood of such requests does not load the database: the next
    /// batch writes how many there were.
    fn refuse_without_counting(&self, outcome: SignupOutcome) -> Result<(), SignupError> {
        if self.0.group().uncounted.add(outcome) {
            let signups = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(COUNT_INTERVAL).await;
                // If it fails, the counts wait for the next batch.
                let _ = signups.0.store(BatchRequest::Recount).await;
            });
        }
        Err(SignupError::TooMany)
    }
}

impl Group for SignupGroup {
    type Request = BatchRequest;
    type Answer = Result<(), SignupError>;
    type Missing = Missing;
    type Stored = StoredBatch;

    fn mailbox(&self, request: &BatchRequest) -> Option<MailboxKey> {
        request.signup().map(|checked| checked.mailbox)
    }

    async fn store(
        &self,
        app: &App,
        tx: &mut Tx,
        requests: &[&BatchRequest],
        is_prepared: bool,
    ) -> Result<(Vec<Self::Answer>, StoredBatch), GroupError<Missing>> {
        let now = app.clock.now();
        let Some(offer) = self.current_offer(tx, now, is_prepared).await? else {
            return Err(GroupError::Missing(Missing {
                offer: true,
                ..Missing::default()
            }));
        };
        let signups: Vec<&CheckedRequest> = requests.iter().filter_map(|request| request.signup()).collect();
        let permits = requests.iter().flat_map(|request| request.permits());
        let state = State::read(tx, &signups, permits.map(|permit| permit.key).collect(), now).await?;
        let mut decisions = Decisions {
            app,
            now,
            offer: &offer,
            mails: &self.mails,
            state,
            writes: Writes::default(),
            reached: Vec::new(),
            outcomes: BTreeMap::new(),
            missing: Missing::default(),
        };
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests.iter().copied() {
            answers.push(match request {
                BatchRequest::SignUp(checked) => decisions.sign_up(checked),
                BatchRequest::Count(permits, outcome) => decisions.count(permits, *outcome),
                BatchRequest::Recount => Ok(()),
            });
        }
        if !decisions.missing.is_empty() {
            return Err(GroupError::Missing(decisions.missing));
        }
        let uncounted = self.uncounted.take();
        let writes = &decisions.writes;
        let counts = uncounted.with(&decisions.outcomes);
        let mut words = offer.needed_words();
        words.extend(signups.iter().filter_map(|request| request.given_words()));
        let texts = writes.write(tx, &decisions.state, &words, &self.mails, now).await?;
        tx.count_signups(&counts, now).await?;
        for request in &signups {
            record_for_operator(app, tx, request, &decisions.state).await?;
        }
        let stored = StoredBatch {
            at: now,
            texts,
            has_mails: !writes.mails.is_empty(),
            reached: decisions.reached,
            uncounted,
        };
        Ok((answers, stored))
    }

    async fn prepare(&self, app: &App, missing: Missing) -> Result<(), StoreError> {
        if missing.offer || missing.topics {
            self.offers.read(app, missing.topics).await?;
        }
        for mail in missing.mails {
            self.mails.render(app, mail);
        }
        Ok(())
    }

    fn committed(&self, app: &App, stored: StoredBatch) {
        stored.uncounted.written();
        self.reached_limits.note(&stored.reached, stored.at);
        self.mails.note_stored(stored.texts);
        if stored.has_mails {
            app.transactional_wakeup.notify_one();
        }
    }
}

/// Adds an entry of the audit log if an operator typed the address. The entry is also made if a limit refuses the request.
async fn record_for_operator(
    app: &App,
    tx: &mut Tx,
    request: &CheckedRequest,
    state: &State<'_>,
) -> Result<(), StoreError> {
    let Some(operator) = &request.operator else {
        return Ok(());
    };
    let person = state.people.get(request.address.key());
    let object = person.map(|person| person.id.to_string()).unwrap_or_default();
    let fields = json!({ "address": request.address.as_typed(), "newsletters": request.newsletters });
    let change = Change::of(AuditAction::ReaderSignupRequested, &object).to(fields);
    audit::record(tx, app, operator, change).await
}

impl SignupGroup {
    /// The current offer, outside of a batch.
    async fn read_offer(&self, app: &App, with_topics: bool) -> Result<Option<Arc<Offer>>, StoreError> {
        let mut tx = app.store.read().await?;
        let kept = self.current_offer(&mut tx, app.clock.now(), false).await?;
        drop(tx);
        if kept.as_ref().is_some_and(|offer| !with_topics || offer.has_topics()) {
            return Ok(kept);
        }
        self.offers.read(app, with_topics).await?;
        Ok(self.offers.latest())
    }

    /// The offer, if this process has read it since it last changed.
    async fn current_offer(
        &self,
        tx: &mut Tx,
        now: DateTime<Utc>,
        is_prepared: bool,
    ) -> Result<Option<Arc<Offer>>, StoreError> {
        let Some(offer) = self.offers.latest() else {
            return Ok(None);
        };
        // If it was read immediately before, a change since then does not matter.
        let is_current = is_prepared || offer.is_current(tx.site_revision().await?, now);
        Ok(is_current.then_some(offer))
    }
}
