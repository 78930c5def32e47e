//! Makes the entry of an editorial article from what its author submitted.

use url::Url;

use crate::domain::article_input::{ArticleInput, MAX_AUTHORS};
use crate::feeds::image::Image;
use crate::feeds::parse::{Entry, MAX_SUMMARY};
use crate::text::excerpt::excerpt;
use crate::text::html::{first_paragraph, running_text, strip_tags};
use crate::text::language;
use crate::text::plain::plain_line;

/// The most characters of a lede that is taken from the text.
const MAX_LEDE: usize = 500;

/// A file's name without its extension.
pub(super) fn stem(file_name: &str) -> &str {
    file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem)
}

/// The address against which relative links in a text are resolved: that of the page that the article reports on, else the site's.
pub(super) fn base_url(site: &Url, url: Option<&str>) -> Url {
    let page = url.and_then(|url| Url::parse(url).ok());
    page.unwrap_or_else(|| site.clone())
}

/// The entry of an editorial article. Without an `id`, the name of its file identifies it.
pub(super) fn editorial_entry(site: &Url, input: &ArticleInput, file_name: Option<&str>) -> Entry {
    let base = base_url(site, input.url.as_deref());
    let content_html = input.body.to_html(Some(&base));
    let summary = input.summary.as_deref().map(|text| excerpt(text, MAX_SUMMARY));
    let image = input.image.as_deref().and_then(|address| Image::new(address, None));
    Entry {
        id: input.id.as_deref().or(file_name.map(stem)).map(str::to_owned),
        title: input.title.clone(),
        own_title: input.title.clone(),
        url: input.url.clone(),
        own_link: input.url.clone(),
        published: input.published,
        summary: summary.unwrap_or_else(|| lede(&content_html)),
        authors: input.authors.clone(),
        category: input.category.clone(),
        language: input.language.clone().or_else(|| {
            let text = format!("{}. {}", input.title, strip_tags(&content_html));
            language::detect(&text).map(str::to_owned)
        }),
        image: image.map(|image| Image {
            // A picture may have no description.
            alt: input.image_alt.clone().unwrap_or_default(),
            ..image
        }),
        content_html,
    }
}

/// The lede of an article that has no summary: its first paragraph, or the beginning of its text.
pub(super) fn lede(content_html: &str) -> String {
    let first = first_paragraph(content_html).unwrap_or_else(|| running_text(content_html));
    excerpt(&first, MAX_LEDE)
}

/// The names of the authors as an article stores them: one clean line each.
pub(super) fn authors_text(names: &[String]) -> String {
    let lines = names
        .iter()
        .map(|name| plain_line(name))
        .filter(|name| !name.is_empty());
    lines.take(MAX_AUTHORS).collect::<Vec<_>>().join("\n")
}
