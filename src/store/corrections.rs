//! Corrections: what was changed in articles or taken back, and which issues tell their readers.
//!
//! Each change by hand is a row. It concerns the readers of an issue if that has the article in it and was begun before
//! the change: they have the former text.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::{ArticleId, CorrectionId, IssueId, NewsletterId};
use crate::domain::states::{ArticleField, CorrectionKind, IssueState};

/// A correction to be put on record.
#[derive(Clone, Debug)]
pub struct NewCorrection<'a> {
    /// Its id.
    pub id: CorrectionId,
    /// What was changed.
    pub article: ArticleId,
    /// When.
    pub at: DateTime<Utc>,
    /// Changed, or taken back.
    pub kind: CorrectionKind,
    /// What was corrected, in an editor's words; may be empty.
    pub note: &'a str,
    /// The headline until then.
    pub title_before: &'a str,
}

row! {
    /// A correction with the article that it is about.
    #[derive(Clone, Debug)]
    pub struct Correction {
        /// Its id.
        pub id: CorrectionId,
        /// The article's id.
        pub article_id: ArticleId,
        /// The article's id that readers see.
        pub public_id: String,
        /// The headline as it is now.
        pub title: String,
        /// The headline until this correction.
        pub title_before: String,
        /// Changed, or taken back.
        pub kind: CorrectionKind,
        /// What was corrected, in an editor's words; may be empty.
        pub note: String,
        /// When.
        pub at: DateTime<Utc>,
    }
}

row! {
    /// A field of an article that an editor changed.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct FieldEdit {
        /// The field.
        pub field: ArticleField,
        /// When it was last changed.
        pub at: DateTime<Utc>,
        /// The editor's note; may be empty.
        pub note: String,
    }
}

/// `SELECT` of [`Correction`]s, with what follows `WHERE`.
macro_rules! corrections {
    ($($rest:expr),+) => {
        concat!(
            "SELECT c.id, c.article_id, a.public_id, a.title, c.title_before, c.kind, c.note, c.at \
             FROM corrections c JOIN articles a ON a.id = c.article_id WHERE ",
            $($rest),+,
            " ORDER BY c.at, c.id"
        )
    };
}

/// That some issue gave its readers the text before the correction.
macro_rules! was_read {
    ($more:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM newsletter_articles w JOIN issues i ON i.id = w.issue_id \
             WHERE w.article_id = c.article_id AND w.position IS NOT NULL AND i.started_at <= c.at",
            $more,
            ")"
        )
    };
}

/// Condition: no later entry about the article replaces this one. A later retraction, which has the newer note, and a
/// restoration replace a retraction. A later retraction replaces a restoration.
macro_rules! still_holds {
    ($more:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM corrections later WHERE later.article_id = c.article_id \
             AND (later.at, later.id) > (c.at, c.id) \
             AND ((c.kind = 'retracted' AND later.kind IN ('retracted', 'restored')) \
             OR (c.kind = 'restored' AND later.kind = 'retracted'))",
            $more,
            ")"
        )
    };
}

impl Tx {
    /// Puts a correction on record.
    pub async fn add_correction(&mut self, correction: &NewCorrection<'_>) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO corrections (id, article_id, at, kind, note, title_before) VALUES ($1, $2, $3, $4, $5, $6)",
            correction.id,
            correction.article,
            correction.at,
            correction.kind,
            correction.note,
            correction.title_before
        )?;
        Ok(())
    }

    /// The corrections of an article that concern readers of some issue, the oldest first.
    pub async fn corrections_of_article(&mut self, article: ArticleId) -> Result<Vec<Correction>> {
        Ok(on!(
            self,
            all as Correction,
            corrections!("c.article_id = $1 AND ", still_holds!(""), " AND ", was_read!("")),
            article
        )?)
    }

    /// When anything was last corrected or taken back.
    pub async fn latest_correction(&mut self) -> Result<Option<DateTime<Utc>>> {
        let last = on!(
            self,
            optional as (DateTime<Utc>,),
            "SELECT at FROM corrections ORDER BY at DESC LIMIT 1"
        )?;
        Ok(last.map(|(at,)| at))
    }

    /// Why an article was taken back, in an editor's words; may be empty.
    pub async fn retraction_note(&mut self, article: ArticleId) -> Result<Option<String>> {
        let note = on!(
            self,
            optional as (String,),
            "SELECT note FROM corrections WHERE article_id = $1 AND kind = 'retracted' ORDER BY at DESC, id DESC LIMIT 1",
            article
        )?;
        Ok(note.map(|(note,)| note))
    }

    /// Records that an editor changed a field of an article.
    pub(crate) async fn put_article_edit(&mut self, article: ArticleId, edit: &FieldEdit) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO article_edits (article_id, field, at, note) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (article_id, field) DO UPDATE SET at = excluded.at, note = excluded.note",
            article,
            &edit.field,
            edit.at,
            &edit.note
        )?;
        Ok(())
    }

    /// The fields of an article that an editor changed and no file has replaced since.
    pub(crate) async fn article_edits(&mut self, article: ArticleId) -> Result<Vec<FieldEdit>> {
        Ok(on!(
            self,
            all as FieldEdit,
            "SELECT field, at, note FROM article_edits WHERE article_id = $1 ORDER BY field",
            article
        )?)
    }

    /// Forgets that an editor changed a field.
    pub(crate) async fn remove_article_edit(&mut self, article: ArticleId, field: ArticleField) -> Result<()> {
        on!(
            self,
            execute,
            "DELETE FROM article_edits WHERE article_id = $1 AND field = $2",
            article,
            field
        )?;
        Ok(())
    }

    /// What was corrected in the articles of an issue after it was compiled, the oldest first: what the archive marks.
    pub async fn corrections_of_issue(&mut self, issue: IssueId) -> Result<Vec<Correction>> {
        Ok(on!(
            self,
            all as Correction,
            corrections!(still_holds!(""), " AND ", was_read!(" AND i.id = $1")),
            issue
        )?)
    }

    /// The corrections before `before` that readers of a newsletter are still to be told: of articles that an issue of it
    /// brought them, and that none lists. Of an article that was taken back, that alone. That a retraction was undone concerns
    /// them only if an issue told them of the retraction.
    pub async fn corrections_to_list(
        &mut self,
        newsletter: NewsletterId,
        before: DateTime<Utc>,
    ) -> Result<Vec<Correction>> {
        Ok(on!(
            self,
            all as Correction,
            corrections!(
                "c.at < $2 AND (c.kind = 'retracted' OR a.retracted_at IS NULL) AND ",
                still_holds!(" AND later.at < $2"),
                " AND (c.kind <> 'restored' OR EXISTS (SELECT 1 FROM corrections told \
                 JOIN issue_corrections l ON l.correction_id = told.id JOIN issues listing ON listing.id = l.issue_id \
                 WHERE told.article_id = c.article_id AND told.kind = 'retracted' AND told.at <= c.at \
                 AND listing.newsletter_id = $1)) AND ",
                was_read!(" AND w.newsletter_id = $1"),
                " AND NOT EXISTS (SELECT 1 FROM issue_corrections l JOIN issues listing ON listing.id = l.issue_id \
                 WHERE l.correction_id = c.id AND listing.newsletter_id = $1)"
            ),
            newsletter,
            before
        )?)
    }

    /// Notes that an issue lists a correction.
    pub async fn list_correction(&mut self, issue: IssueId, correction: CorrectionId) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO issue_corrections (issue_id, correction_id) VALUES ($1, $2) \
             ON CONFLICT (issue_id, correction_id) DO NOTHING",
            issue,
            correction
        )?;
        Ok(())
    }

    /// The corrections that an issue lists, the oldest first.
    pub async fn corrections_listed(&mut self, issue: IssueId) -> Result<Vec<Correction>> {
        Ok(on!(
            self,
            all as Correction,
            corrections!("c.id IN (SELECT l.correction_id FROM issue_corrections l WHERE l.issue_id = $1)"),
            issue
        )?)
    }

    /// The issues that were begun and brought an article to readers, or are bringing it, with their states.
    pub async fn started_issues_containing(&mut self, article: ArticleId) -> Result<Vec<(IssueId, IssueState)>> {
        Ok(on!(
            self,
            all as (IssueId, IssueState),
            "SELECT i.id, i.state FROM issues i JOIN newsletter_articles w ON w.issue_id = i.id \
             WHERE w.article_id = $1 AND w.position IS NOT NULL AND i.started_at IS NOT NULL ORDER BY i.id",
            article
        )?)
    }
}
