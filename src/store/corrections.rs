//! Corrections: what editors changed in articles or retracted, and which issues list it.
//!
//! Each change is a row and is never deleted. It concerns the recipients of an issue that has the article and was started before the
//! change: they have the former text. The next issue of that newsletter lists the correction, once.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::{ArticleId, CorrectionId, IssueId, NewsletterId};
use crate::domain::states::CorrectionKind;

/// A correction to be recorded.
#[derive(Clone, Debug)]
pub(crate) struct NewCorrection<'a> {
    pub(crate) id: CorrectionId,
    pub(crate) article: ArticleId,
    pub(crate) at: DateTime<Utc>,
    pub(crate) kind: CorrectionKind,
    /// The editor's note; may be empty.
    pub(crate) note: &'a str,
    /// The headline before the correction.
    pub(crate) title_before: &'a str,
}

row! {
    /// A correction and its article.
    #[derive(Clone, Debug)]
    pub struct Correction {
        /// The id of the correction.
        pub id: CorrectionId,
        /// The internal id of the article.
        pub article_id: ArticleId,
        /// The article's id in addresses of the site.
        pub public_id: String,
        /// The article's current headline.
        pub title: String,
        /// The headline before this correction.
        pub title_before: String,
        /// What the editor did.
        pub kind: CorrectionKind,
        /// The editor's note; may be empty.
        pub note: String,
        /// When the editor did it.
        pub at: DateTime<Utc>,
    }
}

/// Selects [`Correction`]s by a condition, oldest first.
macro_rules! corrections_where {
    ($($condition:expr),+) => {
        concat!(
            "SELECT c.id, c.article_id, a.public_id, a.title, c.title_before, c.kind, c.note, c.at \
             FROM corrections c JOIN articles a ON a.id = c.article_id WHERE ",
            $($condition),+,
            " ORDER BY c.at, c.id"
        )
    };
}

/// Condition on correction `c`: an issue with its article was started before the correction, so the issue's recipients have the former
/// text. `$and` is a further condition on that issue, which has the alias `i`, and on its `newsletter_articles` row `na`.
macro_rules! has_recipients_of_former_text {
    ($and:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM newsletter_articles na JOIN issues i ON i.id = na.issue_id \
             WHERE na.article_id = c.article_id AND na.position IS NOT NULL AND i.started_at <= c.at",
            $and,
            ")"
        )
    };
}

/// Condition: no later correction of the article replaces the correction `c`. A retraction is replaced by a later restoration, and by a
/// later retraction, which has the newer note. A restoration is replaced by a later retraction. A change is never replaced. `$and` is a
/// further condition on the later correction, which has the alias `later`.
macro_rules! is_not_replaced {
    ($and:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM corrections later WHERE later.article_id = c.article_id \
             AND (later.at, later.id) > (c.at, c.id) \
             AND ((c.kind = 'retracted' AND later.kind IN ('retracted', 'restored')) \
             OR (c.kind = 'restored' AND later.kind = 'retracted'))",
            $and,
            ")"
        )
    };
}

/// Condition: an issue of newsletter `$1` lists a correction. The parameter is the alias of `corrections`: `c` or `retraction`.
macro_rules! is_listed {
    ($correction:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM issue_corrections l JOIN issues listing ON listing.id = l.issue_id \
             WHERE l.correction_id = ",
            $correction,
            ".id AND listing.newsletter_id = $1)"
        )
    };
}

impl Tx {
    pub(crate) async fn add_correction(&mut self, correction: &NewCorrection<'_>) -> Result<()> {
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

    /// The corrections of an article that concern the recipients of an issue, oldest first.
    pub(crate) async fn corrections_of_article(&mut self, article: ArticleId) -> Result<Vec<Correction>> {
        Ok(on!(
            self,
            all as Correction,
            corrections_where!(
                "c.article_id = $1 AND ",
                is_not_replaced!(""),
                " AND ",
                has_recipients_of_former_text!("")
            ),
            article
        )?)
    }

    /// The corrections of an article from `since` on, oldest first. An edition can have an article that its issue has not.
    pub(crate) async fn corrections_since(
        &mut self,
        article: ArticleId,
        since: DateTime<Utc>,
    ) -> Result<Vec<Correction>> {
        Ok(on!(
            self,
            all as Correction,
            corrections_where!("c.article_id = $1 AND c.at >= $2 AND ", is_not_replaced!("")),
            article,
            since
        )?)
    }

    /// The time of the last correction of any article.
    pub(crate) async fn latest_correction(&mut self) -> Result<Option<DateTime<Utc>>> {
        let last = on!(
            self,
            optional as (DateTime<Utc>,),
            "SELECT at FROM corrections ORDER BY at DESC LIMIT 1"
        )?;
        Ok(last.map(|(at,)| at))
    }

    /// The editor's note of an article's last retraction, which may be empty; `None` if it was never retracted.
    pub async fn retraction_note(&mut self, article: ArticleId) -> Result<Option<String>> {
        let note = on!(
            self,
            optional as (String,),
            "SELECT note FROM corrections WHERE article_id = $1 AND kind = 'retracted' ORDER BY at DESC, id DESC LIMIT 1",
            article
        )?;
        Ok(note.map(|(note,)| note))
    }

    /// The corrections of an issue's articles after it was started, oldest first. The archive marks them.
    pub async fn corrections_of_issue(&mut self, issue: IssueId) -> Result<Vec<Correction>> {
        Ok(on!(
            self,
            all as Correction,
            corrections_where!(
                is_not_replaced!(""),
                " AND ",
                has_recipients_of_former_text!(" AND i.id = $1")
            ),
            issue
        )?)
    }

    /// The corrections before `before` that the next issue of a newsletter must list: an issue of it was sent with the former text, and
    /// none has listed the correction. Of a retracted article only the retraction is listed.
    pub async fn corrections_to_list(
        &mut self,
        newsletter: NewsletterId,
        before: DateTime<Utc>,
    ) -> Result<Vec<Correction>> {
        Ok(on!(
            self,
            all as Correction,
            corrections_where!(
                "c.at < $2 AND (c.kind = 'retracted' OR a.retracted_at IS NULL) AND ",
                is_not_replaced!(" AND later.at < $2"),
                // A restoration makes sense only to recipients of an issue that listed the retraction.
                " AND (c.kind <> 'restored' OR EXISTS (SELECT 1 FROM corrections retraction \
                 WHERE retraction.article_id = c.article_id AND retraction.kind = 'retracted' AND retraction.at <= c.at AND ",
                is_listed!("retraction"),
                ")) AND ",
                has_recipients_of_former_text!(" AND na.newsletter_id = $1"),
                " AND NOT ",
                is_listed!("c")
            ),
            newsletter,
            before
        )?)
    }

    /// Whether an issue lists a retraction of the article.
    pub(crate) async fn is_retraction_listed(&mut self, article: ArticleId) -> Result<bool> {
        let (listed,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM issue_corrections l JOIN corrections c ON c.id = l.correction_id \
             WHERE c.article_id = $1 AND c.kind = 'retracted')",
            article
        )?;
        Ok(listed)
    }

    /// Records that an issue lists a correction.
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

    /// The corrections that an issue lists, oldest first.
    pub async fn corrections_listed(&mut self, issue: IssueId) -> Result<Vec<Correction>> {
        Ok(on!(
            self,
            all as Correction,
            corrections_where!("c.id IN (SELECT l.correction_id FROM issue_corrections l WHERE l.issue_id = $1)"),
            issue
        )?)
    }
}
