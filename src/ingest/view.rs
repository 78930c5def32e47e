//! Articles as JSON, the same for `--json` of the commands and for the API.

use serde_json::{Value, json};

use super::retraction::{Restoration, Retraction};
use crate::app::App;
use crate::digest::article_path;
use crate::store::arrivals::Arrival;
use crate::store::articles::Article;
use crate::store::{StoreError, Tx};

/// An article without its text, as lists contain it.
#[must_use]
pub fn brief(app: &App, article: &Article) -> Value {
    json!({
        "id": article.public_id,
        "title": article.title,
        "url": article.url,
        "page": app.link(&article_path(article)),
        "summary": article.summary,
        "authors": article.authors.lines().collect::<Vec<_>>(),
        "category": article.category,
        "source": article.source_name,
        "language": article.language,
        "image": article.image_url,
        "image_alt": article.image_alt,
        "published": article.published_at,
        "arrived": article.arrived_at,
        "edited": article.edited_at,
        "retracted": article.retracted_at,
    })
}

/// The result of retracting an article.
#[must_use]
pub fn retraction(article: &Article, made: &Retraction) -> Value {
    json!({
        "id": article.public_id,
        "retracted": made.retracted,
        "noted": made.noted,
        "sent": made.sent,
        "sending": made.sending,
        "drafts": made.drafts,
        "cancelled": made.cancelled,
    })
}

/// The result of undoing a retraction.
#[must_use]
pub fn restoration(article: &Article, made: &Restoration) -> Value {
    json!({
        "id": article.public_id,
        "restored": made.restored,
        "sent": made.sent,
        "drafts": made.drafts,
    })
}

/// The state of an article in each newsletter in which it arrived: whether it waits, its issue and position, or why it was left out.
#[must_use]
pub fn newsletter_states(article: &Article, arrivals: &[Arrival]) -> Value {
    let of = |arrival: &Arrival| {
        json!({
            "newsletter": arrival.slug,
            "waiting": arrival.issue_id.is_none() && arrival.reason.is_none() && article.retracted_at.is_none(),
            "issue": arrival.issue_id,
            "position": arrival.position,
            "reason": arrival.reason,
        })
    };
    arrivals.iter().map(of).collect()
}

/// An article with its text, its corrections, and its state in each newsletter.
///
/// # Errors
/// When the database fails.
pub async fn whole(tx: &mut Tx, app: &App, article: &Article) -> Result<Value, StoreError> {
    let corrections = tx.corrections_of_article(article.id).await?;
    let arrivals = tx.arrivals_of_article(article.id).await?;
    let mut shown = brief(app, article);
    shown["content_html"] = json!(article.content_html.as_str());
    shown["retraction_note"] = match article.retracted_at {
        Some(_) => json!(tx.retraction_note(article.id).await?),
        None => Value::Null,
    };
    shown["corrections"] = corrections
        .iter()
        .map(|c| json!({ "at": c.at, "kind": c.kind.as_str(), "note": c.note, "title_before": c.title_before }))
        .collect();
    shown["newsletters"] = newsletter_states(article, &arrivals);
    Ok(shown)
}
