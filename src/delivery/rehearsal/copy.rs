//! Copies an issue, its newsletter and its recipients into the scratch database of a rehearsal.

use std::collections::HashMap;

use uuid::Uuid;

use crate::app::App;
use crate::delivery::control::{ControlError, require_issue};
use crate::delivery::expected_audience::{AudienceCounts, ExpectedAudience};
use crate::digest::editions::EditionSnapshot;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::states::Approval;
use crate::store::audience::AudienceMember;

const RECIPIENTS_PER_TRANSACTION: i64 = 2_000;

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

/// Copies an issue from one database to an empty one. The first is only read.
///
/// The editions are compiled between two read transactions. A group of subscribers that first appears in between counts as mailed.
pub(super) async fn copy_issue(from: &App, to: &App, id: IssueId) -> Result<Audience, ControlError> {
    let mut source = from.store.read_snapshot().await?;
    let issue = require_issue(&mut source, id).await?;
    let mut newsletter = source.newsletter(issue.newsletter_id).await?;
    // The rehearsal is of the draft, whether it is approved or not.
    newsletter.approval = Approval::Auto;
    let mut tx = to.store.write().await?;
    tx.put_newsletter(&newsletter).await?;
    tx.add_issue(&issue).await?;
    tx.commit().await?;

    let snapshot = EditionSnapshot::read(&mut source, from, &newsletter, &issue).await?;
    drop(source);
    let plan = snapshot.compile_editions(from, &issue)?;
    let mut source = from.store.read_snapshot().await?;
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
            .filter(|group| !plan.is_plain(group) && plan.no_mail(&group.key).is_none())
            .count(),
        expected: ExpectedAudience::new(&AudienceCounts::read(&mut source, &newsletter).await?, &plan),
    };
    let mut after = SubscriptionId(Uuid::nil());
    loop {
        let page = source
            .audience_after(newsletter.id, after, RECIPIENTS_PER_TRANSACTION)
            .await?;
        let Some(last) = page.last() else { break };
        after = last.subscription_id;
        let mut tx = to.store.write().await?;
        let is_mailed = |subscriber: &&AudienceMember| plan.no_mail(&subscriber.group()).is_none();
        for subscriber in page.iter().filter(is_mailed) {
            tx.add_audience_member(newsletter.id, subscriber, to.clock.now())
                .await?;
            // An address that cannot be parsed is not sent to.
            if subscriber.suppressed.is_none()
                && let Ok(address) = EmailAddress::parse(&subscriber.address)
                && let Some(index) = limits.get(address.domain())
            {
                audience.by_limit[*index] += 1;
            }
        }
        tx.commit().await?;
    }
    Ok(audience)
}
