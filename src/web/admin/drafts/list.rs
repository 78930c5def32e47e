//! The list of drafts: issues that are compiled and not sent yet.

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::super::console::Console;
use super::super::issue_path::draft_path;
use super::super::times::DueTime;
use crate::domain::role::Permission;
use crate::domain::states::{Approval, IssueState};
use crate::operators::SignedIn;
use crate::store::issue_lists::DraftSummary;
use crate::web::error::{WebError, page as render};
use crate::web::state::{Shared, Web};

/// The list shows at most this many drafts.
const MAX_DRAFTS: i64 = 200;

#[derive(Debug, Template)]
#[template(path = "admin/drafts.html")]
pub(super) struct DraftsPage {
    console: Console,
    drafts: Vec<DraftLine>,
    /// The newsletters of which a draft can be compiled now: slug and name. Empty for operators who may not.
    newsletters: Vec<(String, String)>,
    /// Why the last request compiled no draft: the newsletter and the reason.
    nothing: Option<(String, String)>,
}

/// A draft in the list.
#[derive(Debug)]
pub(crate) struct DraftLine {
    pub(crate) path: String,
    pub(crate) newsletter: String,
    pub(crate) number: i64,
    pub(crate) subject: String,
    pub(crate) state: IssueState,
    /// Why it is held back.
    pub(crate) reason: Option<String>,
    pub(crate) waits_for_approval: bool,
    pub(crate) due: Option<DueTime>,
}

impl DraftLine {
    pub(crate) fn new(draft: DraftSummary, web: &Web) -> Self {
        let now = web.app.clock.now();
        Self {
            path: draft_path(&draft.newsletter_slug, draft.number),
            due: draft.due_at.map(|at| DueTime::new(at, draft.timezone, now)),
            waits_for_approval: draft.approval == Approval::Required && draft.state == IssueState::Draft,
            newsletter: draft.newsletter_name,
            number: draft.number,
            subject: draft.subject,
            state: draft.state,
            reason: draft.reason,
        }
    }
}

pub(super) async fn page(State(web): Shared, console: Console, signed_in: SignedIn) -> Result<Html<String>, WebError> {
    show(&web, console, &signed_in, None).await
}

/// Shows the list, after a request that compiled no draft with the reason.
pub(super) async fn show(
    web: &Web,
    console: Console,
    signed_in: &SignedIn,
    nothing: Option<(String, String)>,
) -> Result<Html<String>, WebError> {
    let mut tx = web.app.store.read().await?;
    let drafts = tx.open_drafts(MAX_DRAFTS).await?;
    let newsletters = if signed_in.may(Permission::EditDrafts) {
        tx.newsletters().await?
    } else {
        Vec::new()
    };
    drop(tx);
    render(&DraftsPage {
        console,
        drafts: drafts.into_iter().map(|draft| DraftLine::new(draft, web)).collect(),
        newsletters: newsletters
            .into_iter()
            .map(|newsletter| (newsletter.slug, newsletter.name))
            .collect(),
        nothing,
    })
}
