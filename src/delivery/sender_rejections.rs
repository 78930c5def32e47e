//! Counts the rejections of the sender ([`Outcome::SenderRefused`]) for each issue, and decides whether they concern one recipient, one
//! domain, or everybody.
//!
//! [`Outcome::SenderRefused`]: crate::mail::smtp::Outcome::SenderRefused

use std::collections::HashSet;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::job::Job;
use super::per_issue::PerIssue;
use crate::app::App;
use crate::domain::address::domain_of_key;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::store::StoreError;

/// One rejection may concern its recipient only. At least this many, without an accepted message between them, concern everybody.
const MIN_REJECTIONS: usize = 3;
/// They must come from at least this many organisations, so that no single domain can pause an issue.
const MIN_ORGANISATIONS: usize = 3;
/// The same once any process had a message of the issue accepted, which shows that some servers accept the sender.
const MIN_ORGANISATIONS_AFTER_SUCCESS: usize = 6;
/// How long the answer that no message of the issue was accepted stays valid: other processes may send the issue as well, and the query
/// is slow in a large issue.
const NOT_ACCEPTED_VALID_FOR: Duration = Duration::from_secs(10);
const RECIPIENTS_PER_QUERY: i64 = 1_000;
/// Second-level names under which countries register organisations.
const COUNTRY_SECOND_LEVELS: [&str; 12] = [
    "ac", "co", "com", "edu", "go", "gob", "gov", "ltd", "ne", "net", "or", "org",
];

/// The rejections of every issue that this process sends.
#[derive(Debug, Default)]
pub(super) struct SenderRejections(PerIssue<Counts>);

/// The rejections of one issue since the last message of it that this process had accepted.
#[derive(Clone, Debug, Default)]
struct Counts {
    rejections: usize,
    organisations: HashSet<String>,
    /// Whether a message of the issue was ever accepted, as far as this process knows.
    is_accepted: bool,
    /// When the database last answered that no message was accepted.
    not_accepted_at: Option<Instant>,
    /// The issue has no recipients outside `organisations`. Its recipients are frozen, so this stays true.
    no_others: bool,
}

impl Counts {
    fn reset(&mut self) {
        self.rejections = 0;
        self.organisations.clear();
        self.no_others = false;
    }

    /// Whether a message of the issue was accepted; `None` if the database must be asked.
    fn known_acceptance(&self) -> Option<bool> {
        if self.is_accepted {
            return Some(true);
        }
        let is_valid = self
            .not_accepted_at
            .is_some_and(|at| at.elapsed() < NOT_ACCEPTED_VALID_FOR);
        is_valid.then_some(false)
    }

    const fn min_organisations(&self) -> usize {
        if self.is_accepted {
            MIN_ORGANISATIONS_AFTER_SUCCESS
        } else {
            MIN_ORGANISATIONS
        }
    }
}

impl SenderRejections {
    /// A message of the issue was accepted.
    pub(super) fn message_accepted(&self, issue: IssueId) {
        self.0.with(issue, |counts| {
            counts.reset();
            counts.is_accepted = true;
        });
    }

    /// Starts the count again, after the issue was paused.
    pub(super) fn reset(&self, issue: IssueId) {
        self.0.with(issue, Counts::reset);
    }

    /// Forgets issues that are not being sent.
    pub(super) fn retain(&self, sending: &[IssueId]) {
        self.0.retain(sending);
    }

    /// Counts a rejection of the sender or the message. Returns whether it concerns everybody: enough organisations rejected in a row, or
    /// every organisation that the issue goes to did.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn concern_everybody(&self, app: &App, job: &Job) -> Result<bool, StoreError> {
        let issue = job.delivery.issue_id;
        // Deferred deliveries are tried again at about the same time, so their repeated rejections come without accepted messages between
        // them. They are no reason to pause if other messages of the issue were accepted.
        if job.delivery.attempts > 0 && self.was_accepted(app, issue).await? {
            return Ok(false);
        }
        let mut counts = self.count(issue, job.domain());
        if counts.rejections < MIN_REJECTIONS {
            // An issue with fewer recipients than that cannot reach the minimum. There, the rejections of all recipients are enough.
            let limit = i64::try_from(MIN_REJECTIONS).unwrap_or(i64::MAX);
            let first_recipients = recipients(app, issue, SubscriptionId(Uuid::nil()), limit).await?;
            if first_recipients.len() > counts.rejections {
                return Ok(false);
            }
        }
        if counts.organisations.len() >= MIN_ORGANISATIONS {
            // This process may have started after other processes had messages of the issue accepted.
            counts.is_accepted = self.was_accepted(app, issue).await?;
        }
        if counts.organisations.len() >= counts.min_organisations() || counts.no_others {
            return Ok(true);
        }
        if self.has_others(app, issue, &counts).await? {
            return Ok(false);
        }
        self.0.with(issue, |counts| counts.no_others = true);
        Ok(true)
    }

    /// Counts a rejection by a domain, and returns the counts of its issue.
    fn count(&self, issue: IssueId, domain: &str) -> Counts {
        self.0.with(issue, |counts| {
            counts.rejections += 1;
            if counts.organisations.insert(organisation(domain).to_owned()) {
                counts.no_others = false;
            }
            counts.clone()
        })
    }

    /// Whether a message of the issue was ever accepted, in any process.
    async fn was_accepted(&self, app: &App, issue: IssueId) -> Result<bool, StoreError> {
        if let Some(is_accepted) = self.0.with(issue, |counts| counts.known_acceptance()) {
            return Ok(is_accepted);
        }
        let is_accepted = app.store.read().await?.has_accepted_deliveries(issue).await?;
        Ok(self.0.with(issue, |counts| {
            counts.is_accepted |= is_accepted;
            counts.not_accepted_at = Some(Instant::now());
            counts.is_accepted
        }))
    }

    /// Whether the issue has recipients at organisations that have not rejected. In a large issue the first page usually answers this.
    async fn has_others(&self, app: &App, issue: IssueId, counts: &Counts) -> Result<bool, StoreError> {
        let mut after = SubscriptionId(Uuid::nil());
        loop {
            let page = recipients(app, issue, after, RECIPIENTS_PER_QUERY).await?;
            let Some((last, _)) = page.last() else { return Ok(false) };
            after = *last;
            let is_other = |key: &str| !counts.organisations.contains(organisation(domain_of_key(key)));
            if page.iter().any(|(_, key)| is_other(key)) {
                return Ok(true);
            }
        }
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
