//! What other sites read of an article's page: [schema.org](https://schema.org/NewsArticle) data for search engines.

use serde_json::{Value, json};

use super::state::Web;
use crate::store::articles::Article;
use crate::text::excerpt::excerpt;

/// Search engines cut longer descriptions.
const DESCRIPTION_CHARS: usize = 200;

/// The beginning of a summary, for `<meta name="description">` and the like.
pub(super) fn description(summary: &str) -> String {
    excerpt(summary, DESCRIPTION_CHARS)
}

/// The content of a `<script type="application/ld+json">`. Browsers do not run such an element, so the policy against scripts does not
/// forbid it.
pub(super) fn news_article(
    web: &Web,
    article: &Article,
    page: &str,
    topic: Option<&str>,
    original: Option<&str>,
) -> String {
    let site = &web.app.config.site;
    let authors = article.authors.lines().filter(|name| !name.is_empty());
    let authors: Vec<Value> = authors.map(|name| json!({ "@type": "Person", "name": name })).collect();
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": article.listed_at().to_rfc3339(),
        "dateModified": article.edited_at.unwrap_or_else(|| article.listed_at()).to_rfc3339(),
        "mainEntityOfPage": page,
        "publisher": { "@type": "Organization", "name": site.name, "url": web.app.link("/") },
    });
    if let Some(logo) = &web.app.config.brand.page.logo {
        data["publisher"]["logo"] = json!({ "@type": "ImageObject", "url": web.app.link(&logo.file.path()) });
    }
    let optional = [
        (
            "description",
            Some(description(&article.summary))
                .filter(|text| !text.is_empty())
                .map(Value::from),
        ),
        (
            "inLanguage",
            article
                .language
                .as_deref()
                .filter(|tag| !tag.is_empty())
                .map(Value::from),
        ),
        ("articleSection", topic.map(Value::from)),
        ("isBasedOn", original.map(Value::from)),
        (
            "author",
            Some(authors).filter(|authors| !authors.is_empty()).map(Value::from),
        ),
        (
            "image",
            article
                .image_url
                .as_deref()
                .filter(|_| web.app.config.digest.images)
                .map(Value::from),
        ),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            data[key] = value;
        }
    }
    in_html(&data)
}

/// JSON whose texts cannot end the element or begin a comment. `<` is allowed in JSON only inside of a text, where it can
/// be escaped.
fn in_html(data: &Value) -> String {
    data.to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_element() {
        let data = json!({ "headline": "</script><!-- <script>" });
        let html = in_html(&data);
        assert!(!html.contains('<'), "{html}");
        assert_eq!(serde_json::from_str::<Value>(&html).expect("it is JSON"), data);
    }
}
