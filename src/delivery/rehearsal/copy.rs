//! Copies an issue, its newsletter and its recipients into the scratch database of a rehearsal.

use std::collections::HashMap;

use uuid::Uuid;

use crate::app::App;
use crate::delivery::control::{ControlError, find};
use crate::delivery::expected::ExpectedAudience;
use crate::digest::editions::EditionSnapshot;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::states::Approval;

/// Recipients in one transaction.
const PAGE: i64 = 2_000;

/// The recipients of a copied issue.
#[derive(Clone, Debug, Default)]
pub(super) struct Audience {
    /// How many subscribers would be mailed, and why the others would not.
    pub(super) expected: ExpectedAudience,
    /// For each entry of `delivery.limits`, how many mailed recipients are at its domains.
    pub(super) by_limit: Vec<u64>,
    /// Groups of recipients who would get an edition instead of the issue.
    pub(super) groups: usize,
}

/// Copies an issue from one database to an empty one. The first is only read, in one snapshot.
pub(super) async fn copy(from: &App, to: &App, id: IssueId) -> Result<Audience, ControlError> {
    let mut source = from.store.read_snapshot().await?;
    let issue = find(&mut source, id).await?;
    let mut newsletter = source.newsletter(issue.newsletter_id).await?;
    // The rehearsal is of the draft, whether it is approved or not.
    newsletter.approval = Approval::Auto;
    let mut tx = to.store.write().await?;
    tx.put_newsletter(&newsletter).await?;
    tx.add_issue(&issue).await?;
    tx.commit().await?;

    let plan = EditionSnapshot::read(&mut source, from, &newsletter, &issue)
        .await?
        .compile_editions(from, &issue)?;
    let limits = from.config.delivery.limits.iter().enumerate();
    let limits: HashMap<_, _> = limits
        .flat_map(|(index, limit)| limit.domains.iter().map(move |domain| (domain.as_str(), index)))
        .collect();
    let mut audience = Audience {
        by_limit: vec![0; from.config.delivery.limits.len()],
        groups: source
            .subscriber_groups(newsletter.id)
            .await?
            .iter()
            .filter(|group| !group.is_plain() && plan.no_mail(&group.key).is_none())
            .count(),
        expected: ExpectedAudience::from_plan(&mut source, &newsletter, &plan).await?,
    };
    let mut after = SubscriptionId(Uuid::nil());
    loop {
        let page = source.audience_after(newsletter.id, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.subscription_id;
        let mut tx = to.store.write().await?;
        for member in page.iter().filter(|member| plan.no_mail(&member.group()).is_none()) {
            tx.add_audience_member(newsletter.id, member, to.clock.now()).await?;
            // An address that cannot be parsed is not sent to.
            if member.suppressed.is_none()
                && let Ok(address) = EmailAddress::parse(&member.address)
                && let Some(index) = limits.get(address.domain())
            {
                audience.by_limit[*index] += 1;
            }
        }
        tx.commit().await?;
    }
    Ok(audience)
}
