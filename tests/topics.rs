//! The topics of the site: categories of feeds mapped to a newsletter's own, and the pages and feeds of topics.

use std::collections::BTreeSet;

use daywire::feeds::parse::Entry;
use daywire::store::newsletters::Newsletter;
use reqwest::StatusCode;

use crate::support::program::Program;
use crate::support::site::Site;
use crate::support::{TestApp, entry};

const FILE: &str = "slug = \"daily\"\nname = \"Daily Broadcast\"\ntop_stories = 0\n";

/// Headlines without a common word.
const TITLES: [(&str, &str); 6] = [
    ("one", "City council postpones vote on bicycle lanes"),
    ("two", "Brewery recalls lager after glass was found"),
    ("three", "Observatory spots comet beyond Neptune"),
    ("four", "Ferry strike ends with a wage deal"),
    ("five", "Museum returns bronze statue to Benin"),
    ("six", "Chess champion resigns in forty moves"),
];

fn about(mark: &str, category: &str) -> Entry {
    let known = TITLES.into_iter().find(|(known, _)| *known == mark);
    let (_, title) = known.expect("the mark is known");
    Entry {
        title: title.into(),
        summary: String::new(),
        category: Some(category.into()),
        ..entry(mark)
    }
}

async fn arrive(app: &TestApp, newsletter: &Newsletter) {
    let entries = [
        about("one", "InfoSec"),
        about("two", "Sicherheit"),
        about("three", "Kernel"),
        about("four", "Sport"),
    ];
    app.arrive(newsletter, "Wire", &entries).await;
}

/// Which of the marks a page has.
fn marks(page: &str) -> Vec<&'static str> {
    let shown = TITLES
        .into_iter()
        .filter(|(_, title)| page.contains(&format!("{title}<")));
    shown.map(|(mark, _)| mark).collect()
}

async fn get(site: &Site, path: &str) -> String {
    let answer = site.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    answer.body
}

#[apply(on_both_databases)]
async fn categories_of_feeds_become_the_topics_of_the_newsletter(mut app: TestApp) {
    let mapped = "topics = [\"Kernel\", { name = \"Security\", categories = [\"infosec\", \"Sicherheit\"] }]";
    let daily = app.apply(&format!("{FILE}{mapped}")).await;
    arrive(&app, &daily).await;
    let site = app.serve_site().await;
    assert_eq!(marks(&get(&site, "/topics/security").await), ["one", "two"]);
    assert_eq!(marks(&get(&site, "/topics/kernel").await), ["three"]);
    for gone in ["/topics/sport", "/topics/infosec", "/topics", "/topics/x%00y"] {
        assert_eq!(site.get(gone).await.status, StatusCode::NOT_FOUND, "{gone}");
    }
    let front = get(&site, "/").await;
    let kernel = front
        .find("<li><a href=\"/topics/kernel\">Kernel</a></li>")
        .expect("it is in the navigation");
    let security = front.find("<li><a href=\"/topics/security\">Security</a></li>");
    assert!(security.is_some_and(|security| security > kernel), "{front}");
    assert!(!front.contains("Sport") && !front.contains("InfoSec"), "{front}");
    let feed = site.get("/topics/security/feed.xml").await;
    assert_eq!(feed.header("content-type"), Some("application/atom+xml; charset=utf-8"));
    assert_eq!(
        (
            marks(&feed.body),
            feed.body.matches("<category term=\"Security\"/>").count()
        ),
        (vec!["one", "two"], 2)
    );
    // Issues have the same topics as headings, and other categories have none.
    let draft = app.build(&daily).await;
    let html = app.issue(draft).await.html;
    let headings = html.matches(">Security<").count();
    assert!(
        headings >= 1 && !html.contains("Sicherheit") && !html.contains("Sport"),
        "{html}"
    );
}

#[apply(on_both_databases)]
async fn without_own_topics_each_category_has_a_page(mut app: TestApp) {
    let daily = app.apply(FILE).await;
    arrive(&app, &daily).await;
    app.arrive(&daily, "Wire", &[about("five", "سحابة"), about("six", "infosec")])
        .await;
    let site = app.serve_site().await;
    assert_eq!(marks(&get(&site, "/topics/sport").await), ["four"]);
    assert_eq!(marks(&get(&site, "/topics/infosec").await), ["one", "six"]);
    assert_eq!(
        marks(&get(&site, "/topics/%D8%B3%D8%AD%D8%A7%D8%A8%D8%A9").await),
        ["five"]
    );
    // Only categories of several articles are in the navigation.
    let front = get(&site, "/").await;
    assert!(front.contains("<li><a href=\"/topics/infosec\">"), "{front}");
    assert!(!front.contains("<li><a href=\"/topics/sport\">"), "{front}");
}

/// The paths of the topics that a page links.
fn topic_links(page: &str) -> BTreeSet<String> {
    let links = page.split("href=\"/topics/").skip(1);
    links
        .filter_map(|rest| rest.split('"').next())
        .map(|slug| format!("/topics/{slug}"))
        .collect()
}

#[apply(on_both_databases)]
async fn any_number_of_categories_have_pages(mut app: TestApp) {
    let mapped = "topics = [{ name = \"Zoning\", categories = [\"zz-planning\"] }]";
    let daily = app.apply(&format!("{FILE}{mapped}")).await;
    app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    // More categories than any list of them should hold. All sort before those that are asked for.
    let with_category = |mark: &str, category: String| Entry {
        category: Some(category),
        ..entry(mark)
    };
    for hundred in 0..21 {
        let entries: Vec<Entry> = (0..100)
            .map(|n| hundred * 100 + n)
            .map(|n| with_category(&format!("m{n}"), format!("aa{n}")))
            .collect();
        app.arrive(&daily, "Tags", &entries).await;
    }
    app.arrive(
        &daily,
        "Wire",
        &[
            about("one", "ZZ-Planning"),
            about("two", "zzz"),
            about("three", "Über uns"),
        ],
    )
    .await;
    let site = app.serve_site().await;
    assert_eq!(marks(&get(&site, "/topics/zoning").await), ["one"]);
    assert_eq!(marks(&get(&site, "/topics/zzz").await), ["two"]);
    assert_eq!(marks(&get(&site, "/topics/uber-uns").await), ["three"]);
    let front = get(&site, "/").await;
    let links = topic_links(&front);
    assert!(links.contains("/topics/zzz") && links.len() > 3, "{links:?}");
    for link in links {
        get(&site, &link).await;
    }
    assert_eq!(site.get("/topics/zz-planning").await.status, StatusCode::NOT_FOUND);
}

#[apply(on_both_databases)]
async fn a_topic_with_the_slug_of_another_category_has_only_its_own_articles(mut app: TestApp) {
    let daily = app
        .apply(&format!(
            "{FILE}topics = [\"C++\", {{ name = \"Games\", categories = [\"🎮\"] }}]"
        ))
        .await;
    let entries = [about("one", "c++"), about("two", "C#"), about("three", "🎮")];
    app.arrive(&daily, "Wire", &entries).await;
    let site = app.serve_site().await;
    assert_eq!(marks(&get(&site, "/topics/c").await), ["one"]);
    assert_eq!(marks(&get(&site, "/topics/games").await), ["three"]);
    // As soon as a newsletter has no topics of its own, categories that no other newsletter names are topics.
    app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    assert_eq!(marks(&get(&site, "/topics/c").await), ["one", "two"]);
    for none in ["/topics/%F0%9F%8E%AE", "/topics/c%23", "/topics/C"] {
        assert_eq!(site.get(none).await.status, StatusCode::NOT_FOUND, "{none}");
    }
    // A category of another topic stays with that topic, although its slug is the same.
    app.apply(&format!(
        "{FILE}topics = [{{ name = \"Code\", categories = [\"C++\"] }}]"
    ))
    .await;
    assert_eq!(marks(&get(&site, "/topics/c").await), ["two"]);
    assert_eq!(marks(&get(&site, "/topics/code").await), ["one"]);
}

#[apply(on_both_databases)]
async fn an_article_moves_to_the_page_of_its_new_category(mut app: TestApp) {
    let daily = app.apply(FILE).await;
    app.arrive(&daily, "Wire", &[about("one", "Sport")]).await;
    let site = app.serve_site().await;
    assert_eq!(marks(&get(&site, "/topics/sport").await), ["one"]);
    let article = app.only_article().await;
    let program = Program::of(&app);
    program.ok(&["article", "edit", &article.public_id, "--category", "Traffic"]);
    assert_eq!(marks(&get(&site, "/topics/traffic").await), ["one"]);
    assert_eq!(site.get("/topics/sport").await.status, StatusCode::NOT_FOUND);
    program.ok(&["article", "edit", &article.public_id, "--category", ""]);
    assert_eq!(site.get("/topics/traffic").await.status, StatusCode::NOT_FOUND);
}

#[apply(on_both_databases)]
async fn a_category_belongs_to_one_topic(app: TestApp) {
    for (topics, reason) in [
        (
            "[\"A\", { name = \"B\", categories = [\"a\"] }]",
            "“a” belongs to two topics",
        ),
        ("[{ name = \"A\", categories = [\" \"] }]", "“” is not a topic"),
        ("[{ name = \"A\", category = \"b\" }]", "category"),
        ("[1]", "topics"),
    ] {
        let file = daywire::newsletter::parse(&format!("{FILE}topics = {topics}"));
        let error = file.expect_err("the topics are invalid").to_string();
        assert!(error.contains(reason), "{error}");
    }
    let valid = "topics = [{ name = \"A\", categories = [\"a\", \"B\", \"b\"] }]";
    let daily = app.apply(&format!("{FILE}{valid}")).await;
    assert!(
        daily.rules.contains("\"categories\":[\"a\",\"B\",\"b\"]"),
        "{}",
        daily.rules
    );
}

#[apply(on_both_databases)]
async fn every_article_is_on_one_page_of_the_list(mut app: TestApp) {
    let daily = app.apply(FILE).await;
    // More than one part of the list, each of which has several pages.
    for _ in 0..3 {
        app.articles(&daily, 60).await;
    }
    let site = app.serve_site().await;
    let mut seen = Vec::new();
    let mut path = "/".to_owned();
    for _ in 0..60 {
        let page = get(&site, &path).await;
        let content = page
            .split_once("<div class=\"content\">")
            .expect("the page has content")
            .1;
        let content = content.split("<div class=\"side\">").next().unwrap_or_default();
        let links = content.split("<a href=\"/articles/").skip(1);
        seen.extend(links.filter_map(|rest| rest.split('/').next().map(str::to_owned)));
        let Some((_, rest)) = page.split_once("rel=\"next\" href=\"") else {
            break;
        };
        let (next, _) = rest.split_once('"').expect("the attribute ends");
        path = next.replace("&#38;", "&");
    }
    let shown = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), shown, "no article is shown twice");
    assert!(path.contains("after="), "{path}");
    for odd in ["/?after=TX_FFFFFF", "/?after=x", "/?page=99"] {
        assert_eq!(site.get(odd).await.status, StatusCode::NOT_FOUND, "{odd}");
    }
    for odd in ["/?page=0", "/?page=x", "/?page=-1"] {
        assert_eq!(site.get(odd).await.status, StatusCode::OK, "{odd}");
    }
}
