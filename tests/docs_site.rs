//! The documentation at `/docs`: who may read it, and how its pages are linked, searched and cached.

use daywire::domain::role::Role;
use reqwest::{Method, StatusCode};

use crate::support::operators::Browser;

const PAGE: &str = "/docs/explanation/delivery";
const PICTURE: &str = "/docs/pictures/console-today.png";

#[apply(on_both_databases)]
async fn only_operators_read_the_documentation_unless_it_is_public(mut app: TestApp) {
    app.operator_with_password("ada", Role::Analyst).await;
    let site = app.serve_site().await;
    for (path, next) in [
        ("/docs", "next=%2Fdocs"),
        (PAGE, "next=%2Fdocs%2Fexplanation%2Fdelivery"),
        (PICTURE, "next="),
        ("/docs/no/page", "next="),
    ] {
        let stranger = site.get(path).await;
        assert_eq!(stranger.status, StatusCode::SEE_OTHER, "{path}");
        let target = stranger.header("location").expect("it leads to another page");
        assert!(
            target.starts_with("/admin/login?") && target.contains(next),
            "{path}: {target}"
        );
    }
    let mut browser = Browser::signed_in(&site, "ada").await;
    let console = browser.get("/admin").await.body;
    assert!(console.contains("<a href=\"/docs\">Help</a>"), "{console}");
    let page = browser.get(PAGE).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body
            .contains("<article class=\"reading body\" lang=\"en\" dir=\"ltr\">\n<h1 id=\"delivery\">Delivery</h1>")
    );
    assert!(
        page.body
            .contains("<a href=\"/docs/explanation/delivery\" aria-current=\"page\">")
    );
    assert!(page.body.contains("<meta name=\"robots\" content=\"noindex\">"));
    for missing in ["/docs/no/page", "/docs/pictures/none.png"] {
        assert_eq!(browser.get(missing).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
    let guide = browser.get("/docs/how-to/console").await.body;
    assert!(guide.contains(&format!("<img src=\"{PICTURE}\"")), "{guide}");
    let picture = browser.get(PICTURE).await;
    assert_eq!(picture.status, StatusCode::OK);
    assert_eq!(picture.header("content-type"), Some("image/png"));

    app.restart(|config| config.site.public_docs = true).await;
    let site = app.serve_site().await;
    assert_eq!(site.get(PICTURE).await.status, StatusCode::OK);
    for path in ["/docs", PAGE, "/docs?q=dkim"] {
        let page = site.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.body.contains("href=\"/admin\""), "{path}: {}", page.body);
    }
}

#[apply(on_both_databases)]
async fn the_overview_leads_to_every_page_and_the_search_to_sections(mut app: TestApp) {
    app.restart(|config| config.site.public_docs = true).await;
    let site = app.serve_site().await;
    let overview = site.get("/docs").await.body;
    let pages: Vec<&str> = overview
        .split("href=\"/docs/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(pages.len() > 20, "{overview}");
    for page in pages {
        let answer = site.get(&format!("/docs/{page}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        assert!(!answer.body.contains("<script"), "{page}");
    }
    let found = site.get("/docs?q=DKIM+key").await.body;
    assert!(
        found.contains("<ol class=\"results\"") && found.contains("<mark>DKIM</mark>"),
        "{found}"
    );
    let first = found
        .split("<h2><a href=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let (path, anchor) = first
        .and_then(|link| link.split_once('#'))
        .expect("a result links a section");
    assert!(
        site.get(path).await.body.contains(&format!("id=\"{anchor}\"")),
        "{path}#{anchor}"
    );
    let none = site.get("/docs?q=xylophone%22%3E").await.body;
    assert!(
        none.contains("Nothing found") && none.contains("value=\"xylophone&#34;&#62;\""),
        "{none}"
    );
}

#[apply(on_both_databases)]
async fn a_page_that_the_client_has_is_not_sent_again(mut app: TestApp) {
    app.restart(|config| config.site.public_docs = true).await;
    let site = app.serve_site().await;
    let ask = async |path: &str, language: &str, tag: &str| {
        let request = site.request(Method::GET, path).header("accept-language", language);
        site.send(request.header("if-none-match", tag)).await
    };
    let first = ask(PAGE, "en", "").await;
    let tag = first.header("etag").expect("the page has a tag").to_owned();
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    assert_eq!(ask(PAGE, "en", &tag).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(ask(PAGE, "en", "*").await.status, StatusCode::NOT_MODIFIED);
    let german = ask(PAGE, "de", &tag).await;
    assert_eq!(german.status, StatusCode::OK);
    assert!(german.body.contains("<html lang=\"de\">") && german.body.contains("Dokumentation"));
    assert_eq!(ask("/docs/no/page", "en", "*").await.status, StatusCode::NOT_FOUND);
    let chosen = ask(&format!("{PAGE}?lang=de"), "en", "*").await;
    assert_eq!(chosen.status, StatusCode::OK);
    assert!(
        chosen
            .header("set-cookie")
            .is_some_and(|cookie| cookie.starts_with("lang=de"))
    );
}
