//! Preflight of an issue: its message is built as for a reader, and looked at.

use std::sync::Arc;

use super::personalise::{IssueParts, PersonaliseError};
use crate::app::{App, on_blocking_pool};
use crate::preflight::{Findings, inspect};
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;

/// What is wrong with an issue, as a reader of the newsletter would get it. One whose message cannot even be made is
/// blocked, whatever the settings.
#[must_use]
pub fn check(app: &App, newsletter: &Newsletter, issue: &Issue) -> Findings {
    match message(app, newsletter, issue) {
        Ok(message) => inspect(&message, &app.config),
        Err(error) => Findings::unmade(&error.to_string()),
    }
}

/// [`check`] on the blocking pool: building and checking the message takes tens of milliseconds.
pub async fn check_on_blocking_pool(app: &Arc<App>, newsletter: &Newsletter, issue: &Issue) -> Findings {
    let (app, newsletter, issue) = (Arc::clone(app), newsletter.clone(), issue.clone());
    on_blocking_pool(move || check(&app, &newsletter, &issue)).await
}

fn message(app: &App, newsletter: &Newsletter, issue: &Issue) -> Result<Vec<u8>, PersonaliseError> {
    IssueParts::new(app, issue.clone(), newsletter.clone())?.sample()
}
