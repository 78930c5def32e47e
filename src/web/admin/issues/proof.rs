//! The delivery report of an issue, counted recipient by recipient: every one in one state, each with its reason, and whether it adds up.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;

use super::super::console::Console;
use super::super::drafts::{count, web_error};
use super::super::issue_path::IssuePath;
use crate::delivery::report::{DeliveryReport, delivery_report};
use crate::domain::states::DeliveryState;
use crate::web::error::{WebError, page as render};
use crate::web::state::Shared;

#[derive(Debug, Template)]
#[template(path = "admin/proof.html")]
struct ProofPage {
    console: Console,
    path: String,
    newsletter: String,
    number: i64,
    report: DeliveryReport,
}

impl ProofPage {
    /// The reasons in the order of their states, those with the most deliveries first.
    fn reasons(&self) -> Vec<(DeliveryState, &str, u64)> {
        let mut reasons: Vec<_> = self.report.reasons.iter().collect();
        reasons.sort_by_key(|reason| (reason.state, -reason.count, &reason.reason));
        let rows = reasons.into_iter();
        rows.map(|reason| (reason.state, reason.reason.as_str(), count(reason.count)))
            .collect()
    }

    fn recipients(&self) -> u64 {
        count(self.report.recipients)
    }

    fn frozen(&self) -> u64 {
        count(self.report.frozen)
    }
}

pub(super) async fn page(
    State(web): Shared,
    console: Console,
    Path(path): Path<IssuePath>,
) -> Result<Html<String>, WebError> {
    let mut tx = web.app.store.read().await?;
    let named = path.find(&mut tx).await?;
    let issue = tx.issue(named.id).await?.ok_or(WebError::NotFound)?;
    let newsletter = tx.newsletter(issue.newsletter_id).await?.name;
    drop(tx);
    let report = delivery_report(&web.app, named.id).await.map_err(web_error)?;
    render(&ProofPage {
        console,
        path: named.report_path(),
        newsletter,
        number: issue.number,
        report,
    })
}
