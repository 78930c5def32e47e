//! The copy that is rehearsed on: the issue, its newsletter, and whoever would get it now.

use std::collections::HashMap;

use uuid::Uuid;

use crate::app::App;
use crate::delivery::control::{ControlError, find};
use crate::delivery::expected::Expected;
use crate::digest::editions::Snapshot;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::states::Approval;

/// Readers copied at once.
const PAGE: i64 = 2_000;

/// Who would get the issue.
#[derive(Clone, Debug, Default)]
pub struct Audience {
    /// How many readers would be mailed, and why the others not.
    pub expected: Expected,
    /// How many of those mailed are at the domains of each entry of `delivery.limits`.
    pub by_limit: Vec<u64>,
    /// Groups of them that would get an edition of the issue instead of it.
    pub groups: usize,
}

/// Copies an issue from one database to another, which is empty. The first is only read, and at one moment.
///
/// # Errors
/// [`ControlError`].
pub async fn copy(from: &App, to: &App, id: IssueId) -> Result<Audience, ControlError> {
    let mut source = from.store.read_snapshot().await?;
    let issue = find(&mut source, id).await?;
    let mut newsletter = source.newsletter(issue.newsletter_id).await?;
    // It is the draft that is tried, not whether somebody approved it.
    newsletter.approval = Approval::Auto;
    let mut tx = to.store.write().await?;
    tx.put_newsletter(&newsletter).await?;
    tx.add_issue(&issue).await?;
    tx.commit().await?;

    let plan = Snapshot::read(&mut source, from, &newsletter, &issue)
        .await?
        .compile(from, &issue)?;
    let limits = from.config.delivery.limits.iter().enumerate();
    let limits: HashMap<_, _> = limits
        .flat_map(|(index, limit)| limit.domains.iter().map(move |domain| (domain.as_str(), index)))
        .collect();
    let mut audience = Audience {
        by_limit: vec![0; from.config.delivery.limits.len()],
        groups: source
            .reader_groups(newsletter.id)
            .await?
            .iter()
            .filter(|group| !group.is_plain() && plan.no_mail(&group.key()).is_none())
            .count(),
        expected: Expected::by(&mut source, &newsletter, &plan).await?,
    };
    let mut after = SubscriptionId(Uuid::nil());
    loop {
        let page = source.audience_after(newsletter.id, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.subscription_id;
        let mut tx = to.store.write().await?;
        for listener in page.iter().filter(|listener| plan.no_mail(&listener.group()).is_none()) {
            tx.add_listener(newsletter.id, listener, to.clock.now()).await?;
            // An address that cannot be parsed is not sent to.
            if listener.suppressed.is_none()
                && let Ok(address) = EmailAddress::parse(&listener.address)
                && let Some(index) = limits.get(address.domain())
            {
                audience.by_limit[*index] += 1;
            }
        }
        tx.commit().await?;
    }
    Ok(audience)
}
