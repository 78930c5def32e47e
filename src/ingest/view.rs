//! An article in JSON, the same in `--json` output and in the API. The API's description is made from these structs.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::retraction::{Restoration, Retraction};
use crate::app::App;
use crate::digest::article_path;
use crate::domain::ids::IssueId;
use crate::domain::states::CorrectionKind;
use crate::store::arrivals::Arrival;
use crate::store::articles::Article;
use crate::store::corrections::Correction;
use crate::store::{StoreError, Tx};

/// An article as lists have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ArticleBrief {
    /// The id that readers see
    #[schema(pattern = "^TX_[0-9A-F]{6}$")]
    id: String,
    /// The headline
    title: String,
    /// The address of the page that the article reports on; null: it has its page on this site
    #[schema(required)]
    url: Option<String>,
    /// The address of its page on this site
    page: String,
    /// The lede, plain text
    summary: String,
    authors: Vec<String>,
    #[schema(required)]
    category: Option<String>,
    /// The publisher
    source: String,
    /// The tag of its language (BCP 47)
    #[schema(required)]
    language: Option<String>,
    /// The https address of its picture
    #[schema(required)]
    image: Option<String>,
    /// The text alternative of the picture; may be empty
    image_alt: String,
    /// When it was published, as it says itself
    #[schema(required)]
    published: Option<DateTime<Utc>>,
    /// When it arrived here
    arrived: DateTime<Utc>,
    /// When an editor last changed it
    #[schema(required)]
    edited: Option<DateTime<Utc>>,
    /// When it was retracted
    #[schema(required)]
    retracted: Option<DateTime<Utc>>,
}

/// An article with its text, its corrections, and its state in each newsletter.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Article)]
pub(crate) struct ArticleView {
    #[serde(flatten)]
    brief: ArticleBrief,
    /// The text, sanitised
    content_html: String,
    /// The editor's reason of the retraction; may be empty. null: the article is not retracted
    #[schema(required)]
    retraction_note: Option<String>,
    /// The changes after an issue with the article was sent
    corrections: Vec<CorrectionView>,
    /// The newsletters that it arrived in
    newsletters: Vec<ArrivalView>,
}

/// A change of an article that readers had already.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Correction)]
pub(crate) struct CorrectionView {
    at: DateTime<Utc>,
    #[schema(schema_with = kind_schema)]
    kind: CorrectionKind,
    /// The editor's note
    note: String,
    /// The headline before the change
    title_before: String,
}

/// The state of an article in a newsletter.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Arrival)]
pub(crate) struct ArrivalView {
    /// The newsletter's slug
    newsletter: String,
    /// Whether the article waits for the next issue
    waiting: bool,
    /// The issue that considered it
    #[schema(required, value_type = Option<Uuid>)]
    issue: Option<IssueId>,
    /// The 1-based position of its story in that issue; null: it was left out
    #[schema(required)]
    position: Option<i64>,
    /// Why it is in the issue, or was left out
    #[schema(required)]
    reason: Option<String>,
}

/// The result of retracting an article.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Retraction)]
pub(crate) struct RetractionView {
    /// The article's id
    id: String,
    /// false: the article was retracted before
    retracted: bool,
    /// The article was retracted before, and its page gives this reason now
    noted: bool,
    /// How many sent issues had it; the next issue of each newsletter lists the retraction
    sent: usize,
    /// Issues with it that are being sent or are paused; only `daywire issue cancel` stops the rest
    #[schema(value_type = Vec<Uuid>)]
    sending: Vec<IssueId>,
    /// Issues not sent yet that were compiled again without it
    #[schema(value_type = Vec<Uuid>)]
    drafts: Vec<IssueId>,
    /// Issues that had no other story and were cancelled
    #[schema(value_type = Vec<Uuid>)]
    cancelled: Vec<IssueId>,
}

/// The result of undoing a retraction.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RestorationView {
    id: String,
    /// Whether it is restored by this request
    restored: bool,
    /// How many sent issues have it
    sent: usize,
    /// Issues not sent yet that were compiled again with it
    #[schema(value_type = Vec<Uuid>)]
    drafts: Vec<IssueId>,
}

/// The schema of [`CorrectionKind`] in JSON.
fn kind_schema() -> Schema {
    let words = CorrectionKind::ALL.iter().map(|kind| kind.as_str());
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
        .into()
}

pub(crate) fn brief(app: &App, article: &Article) -> ArticleBrief {
    ArticleBrief {
        id: article.public_id.clone(),
        title: article.title.clone(),
        url: article.url.clone(),
        page: app.link(&article_path(article)),
        summary: article.summary.clone(),
        authors: article.authors.lines().map(str::to_owned).collect(),
        category: article.category.clone(),
        source: article.source_name.clone(),
        language: article.language.clone(),
        image: article.image_url.clone(),
        image_alt: article.image_alt.clone(),
        published: article.published_at,
        arrived: article.arrived_at,
        edited: article.edited_at,
        retracted: article.retracted_at,
    }
}

pub(crate) fn retraction(article: &Article, made: &Retraction) -> RetractionView {
    RetractionView {
        id: article.public_id.clone(),
        retracted: made.retracted,
        noted: made.noted,
        sent: made.sent,
        sending: made.sending.clone(),
        drafts: made.drafts.clone(),
        cancelled: made.cancelled.clone(),
    }
}

pub(crate) fn restoration(article: &Article, made: &Restoration) -> RestorationView {
    RestorationView {
        id: article.public_id.clone(),
        restored: made.restored,
        sent: made.sent,
        drafts: made.drafts.clone(),
    }
}

pub(crate) fn newsletter_states(article: &Article, arrivals: &[Arrival]) -> Vec<ArrivalView> {
    let view = |arrival: &Arrival| ArrivalView {
        newsletter: arrival.slug.clone(),
        waiting: arrival.issue_id.is_none() && arrival.reason.is_none() && article.retracted_at.is_none(),
        issue: arrival.issue_id,
        position: arrival.position,
        reason: arrival.reason.clone(),
    };
    arrivals.iter().map(view).collect()
}

/// The article with what the database has about it.
pub(crate) async fn whole(tx: &mut Tx, app: &App, article: &Article) -> Result<ArticleView, StoreError> {
    let corrections = tx.corrections_of_article(article.id).await?;
    let arrivals = tx.arrivals_of_article(article.id).await?;
    Ok(ArticleView {
        brief: brief(app, article),
        content_html: article.content_html.as_str().to_owned(),
        retraction_note: match article.retracted_at {
            Some(_) => tx.retraction_note(article.id).await?,
            None => None,
        },
        corrections: corrections.into_iter().map(correction).collect(),
        newsletters: newsletter_states(article, &arrivals),
    })
}

fn correction(correction: Correction) -> CorrectionView {
    CorrectionView {
        at: correction.at,
        kind: correction.kind,
        note: correction.note,
        title_before: correction.title_before,
    }
}
