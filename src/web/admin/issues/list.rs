//! The list of issues that are no drafts any more.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::super::console::Console;
use super::super::drafts::count;
use super::super::issue_path::report_path;
use crate::domain::ids::IssueId;
use crate::domain::states::IssueState;
use crate::store::issue_lists::StartedIssue;
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::Shared;

/// How many issues one page lists.
const PAGE: i64 = 30;

/// The query of the list.
#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    /// The last issue of the page before.
    before: Option<IssueId>,
}

#[derive(Debug, Template)]
#[template(path = "admin/issues.html")]
struct IssuesPage {
    console: Console,
    issues: Vec<IssueLine>,
    /// The address of the next page.
    older: Option<String>,
}

/// An issue in the list.
#[derive(Debug)]
pub(crate) struct IssueLine {
    pub(crate) path: String,
    pub(crate) newsletter: String,
    pub(crate) number: i64,
    pub(crate) subject: String,
    pub(crate) state: IssueState,
    pub(crate) reason: Option<String>,
    pub(crate) time: Stamp,
    pub(crate) recipients: u64,
}

impl From<StartedIssue> for IssueLine {
    fn from(issue: StartedIssue) -> Self {
        Self {
            path: report_path(&issue.newsletter_slug, issue.number),
            time: Stamp::in_zone(issue.started_at.unwrap_or(issue.created_at), issue.timezone),
            newsletter: issue.newsletter_name,
            number: issue.number,
            subject: issue.subject,
            state: issue.state,
            reason: issue.reason,
            recipients: count(issue.recipients),
        }
    }
}

pub(super) async fn page(
    State(web): Shared,
    console: Console,
    Query(query): Query<ListQuery>,
) -> Result<Html<String>, WebError> {
    let mut issues = web
        .app
        .store
        .read()
        .await?
        .started_issues(query.before, PAGE + 1)
        .await?;
    let has_more = issues.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    if has_more {
        issues.pop();
    }
    let last = issues.last().filter(|_| has_more);
    render(&IssuesPage {
        console,
        older: last.map(|last| format!("/admin/issues?before={}", last.id)),
        issues: issues.into_iter().map(IssueLine::from).collect(),
    })
}
