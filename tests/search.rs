//! The site's search: what it finds, in which order, and what it no longer finds.

use chrono::TimeDelta;
use daywire::delivery::control;
use daywire::feeds::parse::Entry;
use daywire::ingest::edit::{ArticleEdit, edit};
use daywire::ingest::retraction::{restore, retract};
use daywire::text::html::sanitise;
use reqwest::StatusCode;

use crate::support::articles::origin;
use crate::support::entry;
use crate::support::site::Site;

fn article(title: &str, summary: &str, body: &str) -> Entry {
    Entry {
        title: title.into(),
        summary: summary.into(),
        content_html: sanitise(body),
        category: None,
        authors: Vec::new(),
        ..entry(title)
    }
}

async fn page(site: &Site, query: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("q", query)
        .finish();
    let answer = site.get(&format!("/search?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}");
    answer.body
}

/// The headlines that a query finds, with the marks of found words in brackets.
async fn found(site: &Site, query: &str) -> Vec<String> {
    let page = page(site, query).await;
    let headlines = page.split("<h2><a href=\"").skip(1).map(|rest| {
        let headline = rest.split_once("\">").and_then(|(_, rest)| rest.split_once("</a>"));
        let (headline, _) = headline.expect("the headline is a link");
        headline.replace("<mark>", "[").replace("</mark>", "]")
    });
    headlines.collect()
}

#[apply(on_both_databases)]
async fn words_of_every_script_are_found_and_titles_come_first(mut app: TestApp) {
    let daily = app.daily().await;
    let entries = [
        article("Cable ship reaches the break", "The patch worked.", ""),
        article("A scheduler PATCH, again", "Slow.", ""),
        article("Straßenbahn in Łódź", "", "<p>Zürich neidet.</p>"),
        article("東京都が株式市場を発表", "要約です。", ""),
        article("مدرسة أحمد", "", ""),
    ];
    app.arrive(&daily, "Wire & Co", &entries).await;
    let site = app.serve_site().await;
    for (query, expected) in [
        (
            "patch",
            vec!["A scheduler [PATCH], again", "Cable ship reaches the break"],
        ),
        ("PATCHES", vec![]),
        ("sched pat", vec!["A [scheduler] [PATCH], again"]),
        ("patch ship", vec!["Cable [ship] reaches the break"]),
        ("strassenbahn lodz", vec!["[Straßenbahn] in [Łódź]"]),
        ("zurich", vec!["Straßenbahn in Łódź"]),
        ("株式市場", vec!["東京都が[株式市場]を発表"]),
        ("市株", vec![]),
        ("مدرسه احمد", vec!["[مدرسة] [أحمد]"]),
    ] {
        assert_eq!(found(&site, query).await, expected, "{query}");
    }
    assert_eq!(found(&site, "wire").await.len(), 5, "the name of the publisher counts");
    let page = page(&site, "patch").await;
    assert!(
        page.contains("The <mark>patch</mark> worked.") && page.contains("Wire &#38; Co"),
        "{page}"
    );
    assert!(page.contains("2 results") && page.contains("value=\"patch\""), "{page}");
}

#[apply(on_both_databases)]
async fn any_input_is_answered(mut app: TestApp) {
    let daily = app.daily().await;
    app.arrive(&daily, "Wire", &[article("Near miss", "", "")]).await;
    let site = app.serve_site().await;
    for odd in [
        "",
        "\"",
        "near\" OR title:*",
        "NEAR(a b)",
        "' & | ! <-> :*",
        "\\",
        "\0",
        "a\0b",
        "<script>alert(1)</script>",
        "☃",
        "-",
        &"x".repeat(5_000),
        &"many words ".repeat(500),
    ] {
        let page = page(&site, odd).await;
        assert!(!page.contains("<script"), "{odd}");
    }
    assert_eq!(found(&site, "\"near\" & miss:*").await, ["[Near] [miss]"]);
    for odd in [
        "/search?q=near&page=0",
        "/search?q=near&page=99999999999999999999",
        "/search?q=near&page=-1",
        "/search?page=x",
    ] {
        assert_eq!(site.get(odd).await.status, StatusCode::OK, "{odd}");
    }
    assert_eq!(site.get("/search?q=%FF").await.status, StatusCode::OK);
}

#[apply(on_both_databases)]
async fn changes_retractions_and_restorations_reach_the_index_at_once(mut app: TestApp) {
    let daily = app.daily().await;
    app.arrive(&daily, "Wire", &[article("Mast struck by lightning", "At dawn.", "")])
        .await;
    let site = app.serve_site().await;
    let stored = app.only_article().await;
    let change = ArticleEdit {
        title: Some("Mast felled by storm".into()),
        ..ArticleEdit::default()
    };
    edit(&app.app, stored.id, &change, "")
        .await
        .expect("the article is edited");
    assert_eq!(found(&site, "lightning").await, [""; 0]);
    assert_eq!(found(&site, "storm dawn").await, ["Mast felled by [storm]"]);
    let retracted = retract(&app.app, stored.id, "")
        .await
        .expect("the article is retracted");
    assert!(retracted.retracted);
    assert_eq!(found(&site, "mast").await, [""; 0]);
    let words: Vec<String> = app.dump().await.remove("search_documents").expect("the table exists");
    assert_eq!(words, [""; 0], "the words are removed, not only hidden");
    restore(&app.app, stored.id, "").await.expect("the article is restored");
    assert_eq!(found(&site, "storm").await, ["Mast felled by [storm]"]);
}

#[apply(on_both_databases)]
async fn an_issue_is_found_once_its_sending_begins(mut app: TestApp) {
    let daily = app.daily().await;
    let entries = [
        article("Brewery recalls lager", "Glass.", ""),
        article("Comet beyond Neptune", "Ice.", ""),
    ];
    app.arrive(&daily, "Wire", &entries).await;
    let issue = app.build(&daily).await;
    let site = app.serve_site().await;
    assert_eq!(found(&site, "neptune").await.len(), 1, "a draft is not found");
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.advance(TimeDelta::seconds(1));
    let both = page(&site, "neptune").await;
    assert!(
        both.contains("2 results") && both.contains("href=\"/archive/daily/1\""),
        "{both}"
    );
    // A retraction removes the words from the issue, too.
    let id = app.article_titled("Comet beyond Neptune").await.id;
    retract(&app.app, id, "").await.expect("the article is retracted");
    assert!(!page(&site, "ice").await.contains("/archive/daily/1"));
    app.advance(TimeDelta::seconds(1));
    restore(&app.app, id, "").await.expect("the article is restored");
    assert!(page(&site, "ice").await.contains("/archive/daily/1"));
}

#[apply(on_both_databases)]
async fn only_what_the_site_lists_is_found(mut app: TestApp) {
    let hidden = app.apply("slug = \"hidden\"\nname = \"Hidden\"\npublic = false").await;
    let strict = app
        .apply("slug = \"strict\"\nname = \"Strict\"\n[exclude]\nwords = [\"horoscope\"]")
        .await;
    app.store(&origin("A", &[&hidden]), &[article("Secret comet", "", "")])
        .await;
    app.store(&origin("B", &[&strict]), &[article("Horoscope of the comet", "", "")])
        .await;
    app.store(&origin("C", &[]), &[article("Comet for the site alone", "", "")])
        .await;
    let site = app.serve_site().await;
    assert_eq!(found(&site, "comet").await, ["[Comet] for the site alone"]);
}

#[apply(on_both_databases)]
async fn results_come_in_pages(mut app: TestApp) {
    let daily = app.daily().await;
    let entries: Vec<Entry> = (0..45).map(|n| article(&format!("Comet {n}"), "", "")).collect();
    app.arrive(&daily, "Wire", &entries).await;
    let site = app.serve_site().await;
    let mut seen = Vec::new();
    let mut path = "/search?q=comet".to_owned();
    for expected in [20, 20, 5] {
        let page = site.get(&path).await.body;
        let titles: Vec<String> = page
            .split("<mark>Comet</mark> ")
            .skip(1)
            .filter_map(|rest| rest.split('<').next().map(str::to_owned))
            .collect();
        assert_eq!(titles.len(), expected, "{path}");
        seen.extend(titles);
        if let Some((_, rest)) = page.split_once("rel=\"next\" href=\"") {
            let (next, _) = rest.split_once('"').expect("the attribute ends");
            path = next.replace("&#38;", "&");
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 45);
}

#[apply(on_both_databases)]
async fn an_article_is_found_by_its_id(mut app: TestApp) {
    let daily = app.daily().await;
    app.arrive(
        &daily,
        "Wire",
        &[article("Cable cut", "", ""), article("Tram stops", "", "")],
    )
    .await;
    let named = app.article_titled("Tram stops").await;
    let site = app.serve_site().await;
    let id = named.public_id.as_str();
    let digits = id.strip_prefix("TX_").expect("an id has its prefix");
    let other_spellings = [id.to_lowercase(), digits.to_lowercase(), format!(" {id} ")];
    for query in [id, digits]
        .into_iter()
        .chain(other_spellings.iter().map(String::as_str))
    {
        assert_eq!(found(&site, query).await, ["Tram stops"], "{query}");
    }
    retract(&app.app, named.id, "").await.expect("the article is retracted");
    assert_eq!(found(&site, id).await, [""; 0]);
}
