//! The page of one article: the whole text, or an excerpt with a link to its publisher, or the notice of its retraction.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::comments::{CommentsQuery, allow_comments, comments_box};
use super::error::{WebError, page};
use super::pages::{
    ArticlePage, CorrectionLine, ErrorPage, Headline, LEDE_CHARS, LatestArticle, Picture, ShareData, Site, Source,
    Stamp, TopicLink,
};
use super::signup_form::box_form;
use super::state::{Shared, Web};
use super::story_lists::{ListKey, StoryList};
use super::structured_data::{description, news_article};
use crate::digest::{article_path, source_name};
use crate::domain::correction_note::shown_note;
use crate::domain::public_id::PublicId;
use crate::domain::scope::Scope;
use crate::domain::topics::slug;
use crate::store::articles::Article;
use crate::store::{StoreError, Tx};
use crate::text::excerpt::excerpt;
use crate::text::html::{SanitizedHtml, first_paragraph, running_text, strip_tags, without_pictures};

/// The maximum characters of the excerpt of another publisher's article.
const EXCERPT_CHARS: usize = 600;
/// The most other stories that the page lists.
const MAX_MORE: usize = 5;
/// An article's text counts as repeating the lede if it contains the lede's first letters, this many.
const COMPARED_LETTERS: usize = 60;

/// GET `/articles/{id}`: redirects to the address with the slug.
pub(super) async fn article_without_slug(
    State(web): Shared,
    site: Site,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let article = find(&web, &id).await?;
    if let Some(at) = article.retracted_at {
        return retracted(&web, site, &article, at).await;
    }
    Ok(Redirect::permanent(&article_path(&article)).into_response())
}

/// GET `/articles/{id}/{slug}`. An outdated slug redirects to the current one.
pub(super) async fn article(
    State(web): Shared,
    site: Site,
    Path((id, slug)): Path<(String, String)>,
    Query(query): Query<CommentsQuery>,
) -> Result<Response, WebError> {
    let article = find(&web, &id).await?;
    if let Some(at) = article.retracted_at {
        return retracted(&web, site, &article, at).await;
    }
    let path = article_path(&article);
    if path.rsplit('/').next() != Some(slug.as_str()) {
        return Ok(Redirect::permanent(&path).into_response());
    }
    let mut tx = web.app.store.read().await?;
    let corrections = tx.corrections_of_article(article.id).await?;
    let is_whole = is_whole(&mut tx, &article).await?;
    drop(tx);
    let source = article.url.clone().map(|url| Source {
        name: source_name(&web.app, &article.head()),
        url,
    });
    let authors = article.authors.lines().collect::<Vec<_>>().join(", ");
    let (lede, body_html) = if is_whole {
        without_repeats(&article.summary, body(&web, &article))
    } else {
        let beginning = Some(article.summary.clone()).filter(|summary| !summary.is_empty());
        let beginning = beginning.unwrap_or_else(|| running_text(&article.content_html));
        (excerpt(&beginning, EXCERPT_CHARS), SanitizedHtml::default())
    };
    let own_address = web.app.link(&path);
    // The publisher's page is the original, also of an article that this page shows whole.
    let original = source
        .as_ref()
        .filter(|source| article.scope != Scope::Editorial && source.has_web_address());
    let content = web.lists.current_or_empty(&web.app).await;
    let comments = comments_box(&web, &article, content.zone, &query).await?;
    let language = article.language.clone().filter(|language| !language.is_empty());
    let is_own = article.url.is_none() && article.feed_id.is_none();
    let category = article.category.as_deref().filter(|category| !category.is_empty());
    let topic = category
        .and_then(|category| content.topics.topic_of(category))
        .map(TopicLink::new);
    let neighbours = Neighbours::find(&web, &content.front, &article.public_id);
    let share = ShareData {
        structured: news_article(
            &web,
            &article,
            &own_address,
            topic.as_ref().map(|topic| topic.name.as_str()),
            original.map(|source| source.url.as_str()),
        ),
        description: description(&article.summary),
        image: article.image_url.clone().filter(|_| web.app.config.digest.images),
        published: article.listed_at().to_rfc3339(),
        mailto: mailto(&article.title, &own_address),
        address: own_address.clone(),
    };
    let shown = ArticlePage {
        share,
        more: more_on(&web, topic.as_ref(), &article).await,
        also: neighbours.also,
        newer: neighbours.newer,
        earlier: neighbours.earlier,
        topics: Arc::clone(&content.topic_links),
        topic,
        public_id: article.public_id.clone(),
        language: language.unwrap_or_else(|| if is_own { web.app.config.site.language.tag() } else { "" }.to_owned()),
        canonical: original.map_or(own_address, |source| source.url.clone()),
        headline: article.title.clone(),
        lede: Some(lede).filter(|lede| !lede.is_empty() && letters(lede) != letters(&article.title)),
        byline: Some(authors).filter(|authors| !authors.is_empty()),
        time: Stamp::in_zone(article.listed_at(), content.zone),
        picture: picture(&web, &article),
        corrections: corrections
            .into_iter()
            .map(|correction| CorrectionLine {
                time: Stamp::in_zone(correction.at, content.zone),
                note: shown_note(correction.note, &site.words),
            })
            .collect(),
        body_html,
        is_excerpt: !is_whole,
        sources: source.into_iter().collect(),
        comments,
        form: box_form(&web, &site).await?,
        site,
    };
    let mut response = page(&shown)?.into_response();
    allow_comments(&web, &shown.comments, &mut response);
    Ok(response)
}

async fn find(web: &Web, id: &str) -> Result<Article, WebError> {
    let id = PublicId::parse(id).map_err(|_| WebError::NotFound)?;
    let found = web.app.store.read().await?.article_by_public_id(id.as_str()).await?;
    found.ok_or(WebError::NotFound)
}

/// The page of a retracted article: that it was retracted, when, and the editor's reason. It repeats no words of the article, not
/// even the headline, because they may do the same harm again.
async fn retracted(web: &Web, site: Site, article: &Article, at: DateTime<Utc>) -> Result<Response, WebError> {
    let note = web.app.store.read().await?.retraction_note(article.id).await?;
    let why = note.filter(|note| !note.is_empty());
    let words = site.words.clone();
    let page = ErrorPage {
        status: StatusCode::GONE.as_u16(),
        title: words.retracted_title(),
        happened: words.retracted_happened(&article.public_id, words.moment(&at)),
        next: why.map_or_else(|| words.retracted_without_reason(), |why| words.retracted_reason(why)),
        site,
    };
    Ok((StatusCode::GONE, Html(page.render()?)).into_response())
}

/// The article's text, without pictures if `digest.images` is off: each picture would show its server who reads the page.
fn body(web: &Web, article: &Article) -> SanitizedHtml {
    if web.app.config.digest.images {
        article.content_html.clone()
    } else {
        without_pictures(&article.content_html)
    }
}

/// The article's picture, if `digest.images` is on.
fn picture(web: &Web, article: &Article) -> Option<Picture> {
    let url = article.image_url.clone().filter(|_| web.app.config.digest.images)?;
    Some(Picture {
        url,
        alt: article.image_alt.clone(),
        size: article.image_width.zip(article.image_height),
    })
}

/// A link that begins a mail about the page.
fn mailto(headline: &str, address: &str) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    format!("mailto:?subject={}&body={}", encode(headline), encode(address))
}

/// What the list of the front page says about an article's story. Empty for an article that is too old for it.
#[derive(Default)]
struct Neighbours {
    /// The publishers of the other reports.
    also: Vec<Source>,
    newer: Option<Headline>,
    earlier: Option<Headline>,
}

impl Neighbours {
    fn find(web: &Web, list: &StoryList, public_id: &str) -> Self {
        let Some(index) = list.story_of.get(public_id).copied() else {
            return Self::default();
        };
        let at = |index: usize| list.stories.get(index).map(headline);
        let also = list.stories.get(index).map(|story| {
            let lead = Source {
                name: story.source.clone().unwrap_or_default(),
                url: web.app.link(&story.href),
            };
            let is_lead = story.public_id == public_id;
            let lead = Some(lead).filter(|lead| !is_lead && !lead.name.is_empty());
            lead.into_iter().chain(story.also.iter().cloned()).collect()
        });
        Self {
            also: also.unwrap_or_default(),
            newer: index.checked_sub(1).and_then(at),
            earlier: at(index + 1),
        }
    }
}

fn headline(story: &LatestArticle) -> Headline {
    Headline {
        text: story.headline.clone(),
        href: story.href.clone(),
        language: story.language.clone(),
    }
}

/// The newest other stories of a topic; without a topic, of all topics.
async fn more_on(web: &Web, topic: Option<&TopicLink>, article: &Article) -> Vec<Headline> {
    let key = ListKey {
        topic: topic.map(|topic| slug(&topic.name)),
        after: None,
    };
    // If the lists cannot be read, `current_or_empty` has logged why.
    let list = web.lists.list(&web.app, &key).await.ok().flatten();
    let stories = list.iter().flat_map(|list| &list.stories);
    let others = stories.filter(|story| story.public_id != article.public_id);
    others.take(MAX_MORE).map(headline).collect()
}

/// Whether the site may show the whole text: the article is the newsroom's own, or its feed has `full_text`.
async fn is_whole(tx: &mut Tx, article: &Article) -> Result<bool, StoreError> {
    let Some(feed) = article.feed_id else {
        return Ok(article.full_text || article.url.is_none());
    };
    Ok(article.full_text || tx.feed(feed).await?.is_some_and(|feed| feed.full_text))
}

/// The lede and the body of an article without repetition. Removes the lede if the body repeats it, and the body if it has nothing
/// beyond the summary.
fn without_repeats(summary: &str, body_html: SanitizedHtml) -> (String, SanitizedHtml) {
    let lede = excerpt(summary, LEDE_CHARS);
    let text = letters(&strip_tags(&body_html));
    // Feeds cut summaries and append "Continue reading", so only the beginning is compared.
    let beginning: String = letters(&lede).chars().take(COMPARED_LETTERS).collect();
    if text.contains(&beginning) {
        return (String::new(), body_html);
    }
    let has_more = body_html.contains("<img") || body_html.contains("<a ");
    if !has_more && letters(summary).contains(&text) {
        return (summary.to_owned(), SanitizedHtml::default());
    }
    let paragraph = letters(&first_paragraph(&body_html).unwrap_or_default());
    if !paragraph.is_empty() && letters(&lede).starts_with(&paragraph) {
        return (String::new(), body_html);
    }
    (lede, body_html)
}

/// The letters and digits of a text, to compare texts that differ in punctuation and markup.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::html::sanitise;

    #[test]
    fn the_page_shows_no_paragraph_twice() {
        for (summary, body, lede_is_shown, body_is_shown) in [
            ("One.", "<p>One.</p><p>Two.</p>", false, true),
            ("One.", "<p><b>One</b>.</p>", false, true),
            ("One; two.", "<ul><li>One</li><li>two</li></ul>", false, true),
            ("Two.", "<h2>Head</h2><p>One.</p><p>Two.</p>", false, true),
            ("Another beginning.", "<p>One.</p>", true, true),
            ("One. Two.", "<p>One.</p>", true, false),
            (
                "One. Two.",
                "<p>One.</p><img src='https://a.example/i.png' alt=''>",
                false,
                true,
            ),
            ("One. Two.", "<p>One.</p><p>Three.</p>", false, true),
            ("", "<p>One.</p>", false, true),
            ("One.", "", true, false),
        ] {
            let (lede, kept) = without_repeats(summary, sanitise(body));
            assert_eq!(
                (!lede.is_empty(), !kept.is_empty()),
                (lede_is_shown, body_is_shown),
                "{summary} / {body}"
            );
        }
        let long = "A sentence of the first paragraph. ".repeat(20);
        let (lede, _) = without_repeats(&long, sanitise(&format!("<p>{long}</p><p>More.</p>")));
        assert_eq!(lede, "");
        let cut = format!("{} Continue reading", &long[..200]);
        let (lede, _) = without_repeats(&cut, sanitise(&format!("<p>{long}</p>")));
        assert_eq!(lede, "");
    }
}
