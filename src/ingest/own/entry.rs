//! The entry that an article of the newsroom's own is made from, and its parts.

use url::Url;

use super::Submission;
use crate::domain::article_input::MAX_AUTHORS;
use crate::feeds::image::Image;
use crate::feeds::parse::{Entry, MAX_SUMMARY};
use crate::text::excerpt::excerpt;
use crate::text::html::{first_paragraph, running_text, strip_tags};
use crate::text::language;
use crate::text::plain::plain_line;

/// Characters of a lede that is taken from the text.
const LEDE: usize = 500;

/// A file's name without its ending.
pub(super) fn stem(file_name: &str) -> &str {
    file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem)
}

/// What the links in a text are relative to: the page that it tells of, else this site.
pub(super) fn base(site: &Url, url: Option<&str>) -> Url {
    let page = url.and_then(|url| Url::parse(url).ok());
    page.unwrap_or_else(|| site.clone())
}

/// The entry that a submission is.
pub(super) fn entry(site: &Url, submission: &Submission) -> Entry {
    let input = &submission.input;
    let named = submission.file_name.as_deref().map(stem);
    let content_html = input.body.to_html(Some(&base(site, input.url.as_deref())));
    let summary = input.summary.as_deref().map(|text| excerpt(text, MAX_SUMMARY));
    let language = input.language.clone();
    let image = input.image.as_deref().and_then(|address| Image::new(address, None));
    Entry {
        id: input.id.as_deref().or(named).map(str::to_owned),
        title: input.title.clone(),
        own_title: input.title.clone(),
        url: input.url.clone(),
        own_link: input.url.clone(),
        published: input.published,
        summary: summary.unwrap_or_else(|| lede(&content_html)),
        authors: input.authors.clone(),
        category: input.category.clone(),
        language: language.or_else(|| {
            let text = format!("{}. {}", input.title, strip_tags(&content_html));
            language::detect(&text).map(str::to_owned)
        }),
        image: image.map(|image| Image {
            alt: input.image_alt.clone().unwrap_or_default(),
            ..image
        }),
        content_html,
    }
}

/// What stands for the summary of an article that has none: its first paragraph, or, without one, the beginning of its text.
pub(super) fn lede(content_html: &str) -> String {
    excerpt(
        &first_paragraph(content_html).unwrap_or_else(|| running_text(content_html)),
        LEDE,
    )
}

/// Names as an article keeps them.
pub(super) fn names(names: &[String]) -> String {
    let lines = names
        .iter()
        .map(|name| plain_line(name))
        .filter(|name| !name.is_empty());
    lines.take(MAX_AUTHORS).collect::<Vec<_>>().join("\n")
}
