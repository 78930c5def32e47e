//! Preflight of an issue: builds its message as for a recipient and checks it.

use std::sync::Arc;

use super::personalise::{IssueTemplate, PersonaliseError};
use crate::app::{App, on_blocking_pool};
use crate::preflight::{Findings, check_bytes};
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;

/// Checks the message that a recipient of the issue would get. An issue whose message cannot be built is always blocked.
#[must_use]
pub fn check(app: &App, newsletter: &Newsletter, issue: &Issue) -> Findings {
    match message(app, newsletter, issue) {
        Ok(message) => check_bytes(&message, &app.config),
        Err(error) => Findings::unbuildable(&error.to_string()),
    }
}

/// [`check`] on the blocking pool: building and checking the message takes tens of milliseconds.
pub async fn check_on_blocking_pool(app: &Arc<App>, newsletter: &Newsletter, issue: &Issue) -> Findings {
    let (app, newsletter, issue) = (Arc::clone(app), newsletter.clone(), issue.clone());
    on_blocking_pool(move || check(&app, &newsletter, &issue)).await
}

fn message(app: &App, newsletter: &Newsletter, issue: &Issue) -> Result<Vec<u8>, PersonaliseError> {
    IssueTemplate::new(app, issue.clone(), newsletter.clone())?.sample()
}
