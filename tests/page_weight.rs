//! How heavy the pages of a busy site are, and that they work without scripts.

use daywire::delivery::control;
use daywire::feeds::parse::Entry;
use reqwest::StatusCode;

use crate::support::entry;

/// The most bytes of a page without its pictures.
const MAX_BYTES: usize = 60_000;
/// The style sheet, which a browser loads once for all pages.
const MAX_STYLE_BYTES: usize = 22_000;

const CATEGORIES: [&str; 8] = [
    "Security", "Systems", "Networks", "Science", "Economy", "Culture", "Weather", "Sports",
];

/// An article with a long headline, a long summary and its whole text. No two have a word of the headline in common.
fn long(number: usize) -> Entry {
    let words = (0..14)
        .map(|word| format!("harbourmaster{number}x{word}"))
        .collect::<Vec<_>>();
    let summary = format!("What happened near pier {number}, and why it took the council so long. ").repeat(10);
    Entry {
        title: words.join(" ").chars().take(200).collect(),
        content_html: daywire::text::html::sanitise(&format!("<p>{summary}</p>").repeat(16)),
        summary,
        category: Some(CATEGORIES[number % CATEGORIES.len()].into()),
        authors: vec!["Ada Lovelace".into(), "Grace Hopper".into()],
        ..entry(&format!("n{number}"))
    }
}

#[apply(on_both_databases)]
async fn no_page_is_over_60_kb_and_none_needs_a_script(mut app: TestApp) {
    let topics = CATEGORIES.map(|topic| format!("\"{topic}\"")).join(", ");
    let daily = app
        .apply(&format!(
            "slug = \"daily\"\nname = \"Daily\"\nmax_stories = 40\nschedule = \"0 7 * * *\"\ntopics = [{topics}]"
        ))
        .await;
    for issue in 0..4 {
        let entries: Vec<Entry> = (issue * 40..issue * 40 + 40).map(long).collect();
        app.arrive(&daily, "Wire", &entries).await;
        let issue = app.build(&daily).await;
        control::send(&app.app, issue).await.expect("the issue can be sent");
    }
    let site = app.serve_site().await;
    let front = site.get("/").await.body;
    let linked = |start: &str| {
        let mut links = front.split('"').filter(|part| part.starts_with(start));
        links.next().expect("the front page has such a link").to_owned()
    };
    let style = site.get("/assets/site.css").await.body.len();
    assert!(style <= MAX_STYLE_BYTES, "the style sheet has {style} bytes");
    for path in [
        "/",
        "/?page=2",
        &linked("/articles/"),
        &linked("/topics/"),
        "/archive",
        "/archive/daily",
        "/archive/daily/4",
        "/search?q=council",
        "/subscribe",
        "/subscribe/sent",
        "/no/such/page",
    ] {
        for language in ["en", "ar"] {
            let request = site
                .request(reqwest::Method::GET, path)
                .header("accept-language", language);
            let page = site.send(request).await;
            let is_found = page.status == StatusCode::OK || path == "/no/such/page";
            assert!(is_found, "{path}: {}", page.status);
            assert!(page.body.len() <= MAX_BYTES, "{path} has {} bytes", page.body.len());
            let scripts = page.body.matches("<script").count();
            let data = page.body.matches("<script type=\"application/ld+json\">").count();
            assert_eq!(scripts, data, "{path} has a script");
            let policy = page.header("content-security-policy").expect("the page has a policy");
            assert!(
                !policy.contains("script-src") && policy.starts_with("default-src 'none'"),
                "{policy}"
            );
        }
    }
}

/// A browser ignores a rule with a variable that nobody sets, so a renamed variable would go unnoticed.
#[test]
fn style_sheets_use_only_variables_that_they_set() {
    for sheet in ["site.css", "admin.css"] {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/assets/");
        let css = std::fs::read_to_string(format!("{path}{sheet}")).expect("the style sheet can be read");
        let used = css.split("var(--").skip(1).map(|rest| {
            let end = rest.find([',', ')']).expect("the variable ends");
            rest[..end].trim()
        });
        let unset: Vec<&str> = used.filter(|name| !css.contains(&format!("--{name}:"))).collect();
        assert_eq!(unset, [""; 0], "{sheet}");
    }
}
