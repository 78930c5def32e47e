//! Collects the inputs of the next issue in one transaction: candidates, their ratings, earlier coverage, corrections, rules.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::compiled::NonCandidate;
use super::error::CompileError;
use super::exclusion::exclusion;
use super::inputs::{Candidate, Edits, Inputs, PreviousCoverage, Site};
use super::links::{archived_issue_path, headline_url, page_path, source_name};
use super::rules::{Rules, rules_of};
use super::view::{CorrectionView, ImageView};
use crate::app::App;
use crate::domain::ids::ArticleId;
use crate::domain::newsletter_topic::topic_of;
use crate::domain::time::time_delta;
use crate::store::Tx;
use crate::store::articles::ArticleHead;
use crate::store::corrections::Correction;
use crate::store::newsletters::Newsletter;

/// Waiting articles are read in pages of `digest.max_candidates`. At most this many pages are read, however many articles the rules
/// exclude, so that the time to compile stays bounded.
const MAX_PAGES: usize = 10;

/// Reads the inputs of issue `number`, and the waiting articles that are not candidates.
///
/// Articles that arrived before `window_to` are candidates; ages are measured from `at`. `corrections` are those to list.
pub(super) async fn gather(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    number: i64,
    window_to: DateTime<Utc>,
    at: DateTime<Utc>,
    corrections: &[Correction],
) -> Result<(Inputs, Vec<NonCandidate>), CompileError> {
    let rules = rules_of(newsletter)?;
    let language = app.language_of(&rules.language);
    let (candidates, non_candidates) = candidates(tx, app, newsletter, &rules, window_to).await?;
    let covered_since = at - time_delta(rules.ranking.memory);
    let covered = tx
        .articles_in_issues_since(newsletter.id, covered_since)
        .await?
        .into_iter();
    let corrections = corrections.iter().cloned();
    let inputs = Inputs {
        site: Site {
            voice: app.config.site.voice,
            name: app.config.site.name.clone(),
            url: app.link("/"),
            postal_address: app.config.site.postal_address.clone(),
        },
        newsletter_name: newsletter.name.clone(),
        timezone: newsletter.timezone,
        rules,
        issue_number: number,
        at,
        candidates,
        previous_coverage: covered
            .map(|(issue, article)| previous_coverage(app, issue, article))
            .collect(),
        corrections: corrections.map(|correction| correction_view(app, correction)).collect(),
        corrections_only: false,
        edits: Edits::default(),
        topics: Vec::new(),
        language,
        combined_issues: None,
        page_url: (newsletter.archive && newsletter.public)
            .then(|| app.link(&archived_issue_path(&newsletter.slug, number))),
    };
    Ok((inputs, non_candidates))
}

/// The candidates in the order of arrival, and the waiting articles that are not candidates.
///
/// The newest page of articles are candidates, including those that the rules exclude, so that a preview shows why. Older articles
/// that the rules let in are candidates in place of excluded ones, up to `digest.max_candidates`. Otherwise a feed whose articles are
/// all excluded would keep other feeds' articles out.
async fn candidates(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    rules: &Rules,
    window_to: DateTime<Utc>,
) -> Result<(Vec<Candidate>, Vec<NonCandidate>), CompileError> {
    let ratings: HashMap<ArticleId, (bool, i64)> = tx.rated_articles(newsletter.id).await?;
    let max = app.config.digest.max_candidates;
    let page_size = i64::try_from(max).unwrap_or(i64::MAX);
    let too_many: Arc<str> =
        format!("beyond the {max} newest articles that an issue is compiled from (digest.max_candidates)").into();
    let (mut candidates, mut non_candidates): (Vec<Candidate>, Vec<NonCandidate>) = (Vec::new(), Vec::new());
    let (mut let_in, mut offset) = (0, 0);
    for page in 0..MAX_PAGES {
        let waiting = tx.waiting_articles(newsletter.id, window_to, page_size, offset).await?;
        offset = offset.saturating_add(page_size);
        let is_last = waiting.len() < max;
        let mut of_page = Vec::new();
        // A page is in the order of arrival; its newest articles have precedence.
        for article in waiting.into_iter().rev() {
            // An article without a rating is not pinned and has the neutral weight.
            let (pinned, percent) = ratings.get(&article.id).copied().unwrap_or((false, 100));
            #[expect(clippy::cast_precision_loss, reason = "a percentage")]
            let weight = percent as f64 / 100.0;
            let candidate = candidate(app, article, rules, pinned, weight);
            let non_candidate = |reason| NonCandidate {
                article: candidate.id,
                reason,
            };
            match exclusion(rules, &candidate) {
                None if let_in == max => non_candidates.push(non_candidate(Arc::clone(&too_many))),
                // Beyond the first page, an excluded article would only enlarge the preview.
                Some(reason) if page > 0 => non_candidates.push(non_candidate(reason.into())),
                reason => {
                    let_in += usize::from(reason.is_none());
                    of_page.push(candidate);
                }
            }
        }
        of_page.reverse();
        // Each page is older than the pages before it.
        candidates.splice(0..0, of_page);
        if is_last || let_in == max {
            break;
        }
    }
    let unread = tx.waiting_article_ids_from(newsletter.id, window_to, offset).await?;
    non_candidates.extend(unread.into_iter().map(|article| NonCandidate {
        article,
        reason: Arc::clone(&too_many),
    }));
    Ok((candidates, non_candidates))
}

/// An article as a candidate of a newsletter with these rules, with an editor's rating of it.
pub(super) fn candidate(app: &App, article: ArticleHead, rules: &Rules, pinned: bool, weight: f64) -> Candidate {
    let feed_category = article.category.clone().filter(|category| !category.is_empty());
    let topic = feed_category.as_deref();
    let topic = topic.and_then(|category| topic_of(&rules.topics, category));
    Candidate {
        category: topic.map(str::to_owned),
        feed_category,
        image: image(app, &article),
        source_name: source_name(app, &article),
        url: headline_url(app, &article),
        is_editorial: article.is_editorial(),
        closeness: article.closeness,
        feed_id: article.feed_id,
        id: article.id,
        public_id: article.public_id,
        title: article.title,
        summary: article.summary,
        language: article.language,
        published_at: article.published_at,
        arrived_at: article.arrived_at,
        retracted: article.retracted_at.is_some(),
        pinned,
        weight,
    }
}

fn previous_coverage(app: &App, issue_number: i64, article: ArticleHead) -> PreviousCoverage {
    PreviousCoverage {
        url: headline_url(app, &article),
        feed_id: article.feed_id,
        public_id: article.public_id,
        title: article.title,
        summary: article.summary,
        language: article.language,
        issue_number,
    }
}

/// The article's picture, if `digest.images` allows pictures. Mail programs need its size to reserve space for it, so a picture of
/// unknown size is left out.
fn image(app: &App, article: &ArticleHead) -> Option<ImageView> {
    let size = |pixels: Option<i64>| {
        pixels
            .and_then(|pixels| u32::try_from(pixels).ok())
            .filter(|pixels| *pixels > 0)
    };
    let url = article.image_url.as_ref().filter(|_| app.config.digest.images)?;
    Some(ImageView {
        url: url.clone(),
        alt: article.image_alt.clone(),
        width: size(article.image_width)?,
        height: size(article.image_height)?,
    })
}

fn correction_view(app: &App, correction: Correction) -> CorrectionView {
    CorrectionView {
        url: Some(app.link(&page_path(&correction.public_id, &correction.title))),
        title: correction.title,
        note: correction.note,
        kind: correction.kind,
    }
}
