//! Counts refusals of the sender for each issue, and decides whether they concern one recipient, one domain, or everybody.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::job::Job;
use crate::app::App;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::store::StoreError;

/// A single refusal may concern its recipient only. At least this many, without an accepted message between them, concern
/// everybody.
const MIN_REFUSALS: usize = 3;
/// They must come from at least this many organisations, so that no single domain can pause an issue.
const MIN_ORGANISATIONS: usize = 3;
/// The same once a message of the issue was accepted, which shows that some servers accept the sender.
const MIN_ORGANISATIONS_AFTER_SUCCESS: usize = 6;
/// Recipients read by one query.
const PAGE: i64 = 1_000;
/// Second-level names under which countries register organisations.
const COUNTRY_SECOND_LEVELS: [&str; 12] = [
    "ac", "co", "com", "edu", "go", "gob", "gov", "ltd", "ne", "net", "or", "org",
];

/// The refusals of every issue that this process sends.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashMap<IssueId, IssueRefusals>>);

/// Refusals of one issue since its last accepted message.
#[derive(Clone, Debug, Default)]
struct IssueRefusals {
    refusals: usize,
    organisations: HashSet<String>,
    /// Whether a message of the issue was ever accepted; `None` before the database was asked.
    accepted: Option<bool>,
    /// The issue has no recipients outside `organisations`. Its recipients are frozen, so this stays true.
    no_others: bool,
}

impl IssueRefusals {
    fn reset(&mut self) {
        self.refusals = 0;
        self.organisations.clear();
        self.no_others = false;
    }

    const fn min_organisations(&self) -> usize {
        if matches!(self.accepted, Some(true)) {
            MIN_ORGANISATIONS_AFTER_SUCCESS
        } else {
            MIN_ORGANISATIONS
        }
    }
}

impl Refusals {
    /// A message of the issue was accepted.
    pub(super) fn accepted(&self, issue: IssueId) {
        let mut runs = self.lock();
        let run = runs.entry(issue).or_default();
        run.reset();
        run.accepted = Some(true);
    }

    /// Starts the count again, after the issue was paused.
    pub(super) fn reset(&self, issue: IssueId) {
        self.lock().entry(issue).or_default().reset();
    }

    /// Forgets issues that are not being sent.
    pub(super) fn retain(&self, sending: &[IssueId]) {
        self.lock().retain(|issue, _| sending.contains(issue));
    }

    /// Counts a refusal of the sender or the message. Returns whether it concerns everybody: enough organisations refused in a
    /// row, or every organisation that the issue goes to did.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn concern_everybody(&self, app: &App, job: &Job) -> Result<bool, StoreError> {
        let issue = job.delivery.issue_id;
        // Deferred deliveries are tried again at about the same time. If the relay has accepted other messages of the issue, their
        // repeated refusals are not a new reason to pause.
        if job.delivery.attempts > 0 && self.was_accepted(app, issue).await? {
            return Ok(false);
        }
        let run = {
            let mut runs = self.lock();
            let run = runs.entry(issue).or_default();
            run.refusals += 1;
            if run.organisations.insert(organisation(job.domain()).to_owned()) {
                run.no_others = false;
            }
            run.clone()
        };
        if run.refusals < MIN_REFUSALS {
            let some = recipients(app, issue, SubscriptionId(Uuid::nil()), 3).await?;
            if some.len() > run.refusals {
                return Ok(false);
            }
        }
        if run.organisations.len() >= run.min_organisations() || run.no_others {
            return Ok(true);
        }
        if self.has_others(app, issue, &run).await? {
            return Ok(false);
        }
        self.lock().entry(issue).or_default().no_others = true;
        Ok(true)
    }

    /// Whether a message of the issue was ever accepted, in any process.
    async fn was_accepted(&self, app: &App, issue: IssueId) -> Result<bool, StoreError> {
        let known = self.lock().get(&issue).and_then(|run| run.accepted);
        if let Some(accepted) = known {
            return Ok(accepted);
        }
        let accepted = app.store.read().await?.has_accepted_deliveries(issue).await?;
        let mut runs = self.lock();
        Ok(*runs.entry(issue).or_default().accepted.get_or_insert(accepted))
    }

    /// Whether the issue has recipients at organisations that have not refused. In a large issue the first page usually answers this.
    async fn has_others(&self, app: &App, issue: IssueId, run: &IssueRefusals) -> Result<bool, StoreError> {
        let mut after = SubscriptionId(Uuid::nil());
        loop {
            let page = recipients(app, issue, after, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(false) };
            after = *last;
            let is_other = |key: &str| {
                let domain = key.rsplit_once('@').map_or("", |(_, domain)| domain);
                !run.organisations.contains(organisation(domain))
            };
            if page.iter().any(|(_, key)| is_other(key)) {
                return Ok(true);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IssueId, IssueRefusals>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn recipients(
    app: &App,
    issue: IssueId,
    after: SubscriptionId,
    limit: i64,
) -> Result<Vec<(SubscriptionId, String)>, StoreError> {
    app.store.read().await?.recipients_after(issue, after, limit).await
}

/// The registered domain, as a guess at the organisation: the last two labels, or three under a country's `co`, `com` and
/// similar. Anybody can add subdomains, so they do not count as different organisations.
fn organisation(domain: &str) -> &str {
    let mut dots = domain.rmatch_indices('.').map(|(at, _)| at);
    let Some(top) = dots.next() else { return domain };
    let Some(second) = dots.next() else { return domain };
    let is_country = domain.len() - top - 1 == 2;
    if is_country && COUNTRY_SECOND_LEVELS.contains(&&domain[second + 1..top]) {
        return dots.next().map_or(domain, |third| &domain[third + 1..]);
    }
    &domain[second + 1..]
}

#[cfg(test)]
mod tests {
    use super::organisation;

    #[test]
    fn subdomains_are_of_one_organisation() {
        for (domain, expected) in [
            ("evil.example", "evil.example"),
            ("a.evil.example", "evil.example"),
            ("b.a.evil.example", "evil.example"),
            ("mail.paper.co.uk", "paper.co.uk"),
            ("paper.co.uk", "paper.co.uk"),
            ("co.uk", "co.uk"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(organisation(domain), expected, "{domain}");
        }
    }
}
