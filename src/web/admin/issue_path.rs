//! The part of an address that names an issue: the slug of its newsletter and its number.

use serde::Deserialize;

use crate::domain::ids::IssueId;
use crate::store::Tx;
use crate::web::error::WebError;

/// The parameters `{newsletter}/{number}` of a route.
#[derive(Debug, Deserialize)]
pub(super) struct IssuePath {
    newsletter: String,
    number: String,
}

/// An issue that a route names.
#[derive(Clone, Debug)]
pub(super) struct NamedIssue {
    pub(super) id: IssueId,
    slug: String,
    number: i64,
}

impl IssuePath {
    /// Finds the issue.
    ///
    /// # Errors
    /// [`WebError::NotFound`] if there is no such issue.
    pub(super) async fn find(&self, tx: &mut Tx) -> Result<NamedIssue, WebError> {
        let number: i64 = self.number.parse().map_err(|_| WebError::NotFound)?;
        let newsletters = tx.newsletter_slugs().await?;
        let newsletter = newsletters.into_iter().find(|(_, slug)| *slug == self.newsletter);
        let (newsletter, slug) = newsletter.ok_or(WebError::NotFound)?;
        let found = tx.issues_numbered(Some(newsletter), number, 0).await?;
        let id = found.first().ok_or(WebError::NotFound)?.id;
        Ok(NamedIssue { id, slug, number })
    }
}

impl NamedIssue {
    /// The address of its page while it is a draft.
    pub(super) fn draft_path(&self) -> String {
        draft_path(&self.slug, self.number)
    }

    /// The address of its delivery report.
    pub(super) fn report_path(&self) -> String {
        report_path(&self.slug, self.number)
    }

    /// The name by which the audit log calls it, such as `morning/7`.
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.slug, self.number)
    }
}

pub(super) fn draft_path(slug: &str, number: i64) -> String {
    format!("/admin/drafts/{slug}/{number}")
}

pub(super) fn report_path(slug: &str, number: i64) -> String {
    format!("/admin/issues/{slug}/{number}")
}
