//! The page of a draft.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::super::console::Console;
use super::super::field_texts::Problem;
use super::super::issue_path::{IssuePath, NamedIssue};
use super::super::times::DueTime;
use super::conflict::Conflict;
use super::story_row::StoryRow;
use crate::config::Severity;
use crate::delivery::preflight;
use crate::digest::draft_view::DraftView;
use crate::digest::drafts::EditError;
use crate::digest::with_links_of;
use crate::domain::role::Permission;
use crate::domain::states::{Approval, DeliveryState, IssueState};
use crate::operators::SignedIn;
use crate::preflight::{Finding, Rule};
use crate::store::transactional_mails::TestMailSummary;
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::{Shared, Web};
use crate::words::Words;

/// Unless asked for all, the page shows this many of the stories that are left out.
const LEFT_OUT: usize = 30;
/// The page shows at most this many of the stories that are left out.
const MAX_LEFT_OUT: usize = 2000;
/// How many test mails are listed.
const TEST_MAILS: i64 = 5;

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct DraftQuery {
    /// Show all stories that are left out.
    all: Option<String>,
    /// Show this story in any case.
    story: Option<String>,
}

#[derive(Debug, Template)]
#[template(path = "admin/draft.html")]
#[expect(clippy::struct_excessive_bools, reason = "the template shows each by itself")]
pub(super) struct DraftPage {
    console: Console,
    path: String,
    newsletter: String,
    number: i64,
    state: IssueState,
    /// Why it is held back.
    held_back: Option<String>,
    subject: String,
    due: Option<DueTime>,
    needs_approval: bool,
    /// The version that the forms carry.
    version: String,
    stories: Vec<StoryRow>,
    left_out: Vec<StoryRow>,
    /// How many more stories are left out.
    not_shown: usize,
    subject_template: String,
    intro: String,
    is_edited: bool,
    findings: Vec<Finding>,
    text: String,
    tests: Vec<TestMailSummary>,
    test_to: String,
    may_edit: bool,
    may_send: bool,
    conflict: Option<Conflict>,
    problem: Option<Problem>,
}

impl DraftPage {
    fn is_approved(&self) -> bool {
        self.state == IssueState::Approved
    }

    fn problem_at(&self, field: &str) -> Option<&str> {
        Problem::at(self.problem.as_ref(), field)
    }

    /// A problem of a field of a story. The page shows it above the stories, because it loads with their fields collapsed.
    fn problem_of_story(&self) -> Option<&str> {
        ["story", "place", "with"]
            .iter()
            .find_map(|field| self.problem_at(field))
    }

    /// What is wrong, in the language of the page.
    fn rule(&self, finding: &Finding) -> String {
        let words: &Words = &self.console.words;
        match finding.rule {
            Rule::Size => words.finding_size(),
            Rule::Headers => words.finding_headers(),
            Rule::Unsubscribe => words.finding_unsubscribe(),
            Rule::Https => words.finding_https(),
            Rule::Text => words.finding_text(),
            Rule::Links => words.finding_links(),
            Rule::Images => words.finding_images(),
            Rule::Contrast => words.finding_contrast(),
            Rule::Subject => words.finding_subject(),
            Rule::PostalAddress => words.finding_postal_address(),
            Rule::Document => words.finding_document(),
            Rule::HiddenText => words.finding_hidden_text(),
            Rule::Support => words.finding_support(),
        }
    }

    /// What became of a test mail.
    fn test_text(&self, test: &TestMailSummary) -> String {
        let words: &Words = &self.console.words;
        let to = test.recipient.as_typed();
        let time = Stamp::utc(test.updated_at).shown(words);
        let reply = test.last_reply.as_deref().unwrap_or_default();
        let outcome = match test.state {
            DeliveryState::Accepted => words.draft_test_accepted(to, time),
            state if state.is_open() && reply.is_empty() => words.draft_test_waits(to),
            state if state.is_open() => words.draft_test_retried(to, reply),
            _ => words.draft_test_failed(to, reply),
        };
        match test.interrupted_at {
            Some(at) => words.draft_test_interrupted(outcome, Stamp::utc(at).shown(words)),
            None => outcome,
        }
    }
}

fn blocks(finding: &Finding) -> bool {
    finding.severity == Severity::Block
}

/// What is added to the page after a request that changed nothing.
#[derive(Debug, Default)]
pub(super) struct Refused {
    pub(super) conflict: Option<Conflict>,
    pub(super) problem: Option<Problem>,
    /// What was typed: the name of the field and its value.
    pub(super) typed: Vec<(String, String)>,
}

pub(super) async fn page(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(path): Path<IssuePath>,
    Query(query): Query<DraftQuery>,
) -> Result<Response, WebError> {
    let issue = path.find(&mut web.app.store.read().await?).await?;
    show(&web, console, &signed_in, &issue, query, Refused::default()).await
}

/// The page of a draft. An issue that is no draft any more has its delivery report.
pub(super) async fn show(
    web: &Arc<Web>,
    console: Console,
    signed_in: &SignedIn,
    named: &NamedIssue,
    query: DraftQuery,
    refused: Refused,
) -> Result<Response, WebError> {
    let app = &web.app;
    let mut tx = app.store.read_snapshot().await?;
    let draft = DraftView::read(&mut tx, named.id).await.map_err(unreadable)?;
    let is_draft = matches!(draft.issue.state, IssueState::Draft | IssueState::Approved);
    if !is_draft && refused.conflict.is_none() {
        return Ok(Redirect::to(&named.report_path()).into_response());
    }
    let tests = tx.test_mails(named.id, TEST_MAILS).await?;
    let operator = tx.operator(signed_in.operator_id).await?;
    drop(tx);
    let DraftView {
        ref issue,
        ref newsletter,
        ..
    } = draft;
    let findings = preflight::check_on_blocking_pool(app, newsletter, issue).await;
    let stories = draft.stories.len();
    let shown = if query.all.is_some() { MAX_LEFT_OUT } else { LEFT_OUT };
    let all_left_out = draft.left_out.len();
    let is_named = |row: &StoryRow| query.story.as_deref() == Some(row.id.as_str());
    let left_out = draft.left_out.into_iter().map(|story| StoryRow::new(story, stories));
    let left_out = left_out
        .enumerate()
        .filter(|(index, row)| *index < shown || is_named(row));
    let left_out: Vec<_> = left_out.map(|(_, row)| row).collect();
    let typed = |name: &str, stored: &str| {
        let typed = refused.typed.iter().find(|(field, _)| field == name);
        typed.map_or_else(|| stored.to_owned(), |(_, value)| value.clone())
    };
    let own_address = operator.and_then(|operator| operator.email);
    let own_address = own_address.map_or(String::new(), |email| email.as_typed().to_owned());
    let shown = DraftPage {
        path: named.draft_path(),
        newsletter: newsletter.name.clone(),
        number: issue.number,
        state: issue.state,
        held_back: issue.reason.clone(),
        due: issue
            .due_at
            .map(|at| DueTime::new(at, newsletter.timezone, app.clock.now())),
        needs_approval: newsletter.approval == Approval::Required,
        version: format!("{}-{}", issue.revision, issue.state),
        not_shown: all_left_out - left_out.len(),
        left_out,
        stories: draft
            .stories
            .into_iter()
            .map(|story| StoryRow::new(story, stories))
            .collect(),
        subject_template: typed(
            "subject",
            if draft.has_own_subject {
                &draft.subject_template
            } else {
                ""
            },
        ),
        intro: typed("intro", &draft.intro),
        is_edited: draft.is_edited,
        findings: findings.all().to_vec(),
        text: with_links_of(app, issue, &issue.text, "TOKEN"),
        subject: issue.subject.clone(),
        tests,
        test_to: typed("to", &own_address),
        may_edit: is_draft && signed_in.may(Permission::EditDrafts),
        may_send: is_draft && signed_in.may(Permission::Send),
        conflict: refused.conflict,
        problem: refused.problem,
        console,
    };
    Ok(render(&shown)?.into_response())
}

/// An error that reading a draft can give.
pub(super) fn unreadable(error: EditError) -> WebError {
    match error {
        EditError::Compile(error) => error.into(),
        _ => WebError::NotFound,
    }
}
