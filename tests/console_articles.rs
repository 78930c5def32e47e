//! The console's pages of articles: finding one, writing and changing one, two editors at one, retraction, and hostile input.

use daywire::domain::audit::AuditAction;
use daywire::domain::role::Role;
use daywire::feeds::parse::Entry;
use reqwest::StatusCode;

use crate::support::articles::origin;
use crate::support::operators::Browser;
use crate::support::site::Answer;
use crate::support::{TestApp, entry};

const TEXT: &str = "The mast was struck **at dawn**.\n\nNobody was hurt.";

/// A browser in which an operator has signed in.
async fn desk(app: &mut TestApp, name: &str, role: Role) -> Browser {
    app.operator_with_password(name, role).await;
    let site = app.serve_site().await;
    Browser::signed_in(&site, name).await
}

/// The value of a hidden field of a page's form.
fn hidden(page: &Answer, name: &str) -> String {
    let (_, rest) = page
        .body
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no {name} in {}", page.body));
    rest.split_once('"').expect("the value ends").0.to_owned()
}

/// Publishes an article in the console. Returns the address of its page.
async fn publish(browser: &mut Browser, title: &str, text: &str) -> String {
    let form = browser.get("/admin/articles/new").await;
    let key = hidden(&form, "key");
    let fields = [
        ("key", key.as_str()),
        ("title", title),
        ("text", text),
        ("format", "markdown"),
        ("newsletter", "daily"),
        ("language", "en"),
    ];
    let answer = browser.post("/admin/articles", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let location = answer.header("location").expect("a redirect");
    location.split('?').next().expect("a path").to_owned()
}

/// The fields of the form of a stored article, as a browser would send them.
fn fields_of<'a>(seen: &'a str, title: &'a str, text: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("seen", seen),
        ("loaded", "0"),
        ("title", title),
        ("summary", "The mast was struck at dawn."),
        ("text", text),
        ("format", "markdown"),
        ("authors", ""),
        ("category", ""),
        ("language", "en"),
        ("note", ""),
    ]
}

#[apply(on_both_databases)]
async fn an_article_is_previewed_published_once_and_found(mut app: TestApp) {
    let daily = app.daily().await;
    let mut ada = desk(&mut app, "ada", Role::Editor).await;
    let empty = ada.get("/admin/articles").await;
    assert!(empty.body.contains("There is no article yet"), "{}", empty.body);

    let form = ada.get("/admin/articles/new").await;
    let key = hidden(&form, "key");
    let text = format!("{TEXT}\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))");
    let mut fields = vec![
        ("key", key.as_str()),
        ("title", "Mast <b>struck</b> by lightning"),
        ("text", text.as_str()),
        ("format", "markdown"),
        ("authors", "Ada Lovelace\r\nBen"),
        ("category", "Radio"),
        ("newsletter", "daily"),
        ("published", "2025-11-23T06:30"),
        ("do", "preview"),
    ];
    let before = app.dump_without_counts().await;
    let preview = ada.post("/admin/articles", &fields).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.body);
    assert!(
        preview.body.contains("&#60;strong&#62;at dawn&#60;/strong&#62;"),
        "{}",
        preview.body
    );
    assert!(
        preview.body.contains("value=\"Mast &#60;b&#62;struck"),
        "what was typed stays: {}",
        preview.body
    );
    fields.pop();
    fields.push(("do", "fragment"));
    let fragment = ada.post("/admin/articles", &fields).await;
    assert!(fragment.body.contains("<strong>at dawn</strong>"), "{}", fragment.body);
    assert!(
        !fragment.body.contains("script") && !fragment.body.contains("<h1"),
        "{}",
        fragment.body
    );
    assert_eq!(app.dump_without_counts().await, before, "a preview changes nothing");

    fields.pop();
    for _ in 0..2 {
        let answer = ada.post("/admin/articles", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
    let article = app.only_article().await;
    assert_eq!(article.title, "Mast <b>struck</b> by lightning");
    assert_eq!(article.authors, "Ada Lovelace\nBen");
    assert_eq!(app.waiting_titles(&daily).await, std::slice::from_ref(&article.title));
    let page = ada.get(&format!("/admin/articles/{}", article.public_id)).await;
    assert!(page.body.contains("Mast &#60;b&#62;struck"), "{}", page.body);
    assert!(page.body.contains("waits for an issue"), "{}", page.body);
    assert_eq!(page.body.matches("<h1").count(), 1, "{}", page.body);

    let added: Vec<_> = app.audit_log().await;
    let added: Vec<_> = added
        .iter()
        .filter(|entry| entry.action == AuditAction::ArticleAdded)
        .collect();
    assert_eq!(added.len(), 1, "sending the form twice adds one article");
    assert_eq!(
        (added[0].actor.as_str(), added[0].object_name.as_str()),
        ("ada", article.public_id.as_str())
    );

    for (query, is_found) in [
        ("q=lightning", true),
        ("q=thunder", false),
        ("q=TX_", true),
        (&*format!("q={}", article.public_id.to_lowercase()), true),
        ("state=waiting", true),
        ("state=waiting&newsletter=daily&q=mast", true),
        ("state=left_out", false),
        ("state=editorial", true),
        ("state=retracted", false),
        ("state=nonsense&newsletter=nonsense&feed=nonsense&after=nonsense", true),
    ] {
        let list = ada.get(&format!("/admin/articles?{query}")).await;
        assert_eq!(list.status, StatusCode::OK, "{query}");
        assert_eq!(
            list.body.contains(&article.public_id),
            is_found,
            "{query}: {}",
            list.body
        );
    }
}

#[apply(on_both_databases)]
async fn the_list_comes_in_pages_and_names_the_state_in_each_newsletter(mut app: TestApp) {
    let daily = app.daily().await;
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    let entries: Vec<Entry> = (0..70).map(|n| entry(&format!("n{n}"))).collect();
    for entries in entries.chunks(10) {
        app.store(&origin("Wire", &[&daily, &weekly]), entries).await;
        app.advance(chrono::TimeDelta::seconds(1));
    }
    app.build(&daily).await;
    let mut analyst = desk(&mut app, "ana", Role::Analyst).await;
    let mut link = "/admin/articles?q=happened&newsletter=weekly&state=waiting".to_owned();
    let mut ids = std::collections::BTreeSet::new();
    let mut pages = 0;
    loop {
        let page = analyst.get(&link).await;
        pages += 1;
        let found = page.body.match_indices("<code dir=\"ltr\">TX_");
        ids.extend(found.map(|(at, _)| page.body[at + 16..at + 25].to_owned()));
        assert!(page.body.contains("waits for weekly"), "{}", page.body);
        assert!(!page.body.contains("/admin/articles/new"), "an analyst writes nothing");
        let Some((before, _)) = page.body.split_once("\">Older articles") else {
            break;
        };
        let (_, older) = before.rsplit_once("href=\"").expect("a link");
        link = older.replace("&#38;", "&").replace("&amp;", "&");
    }
    assert_eq!((pages, ids.len()), (2, 70));
    let list = analyst.get("/admin/articles?state=in_issue").await;
    assert!(list.body.contains("in an issue of daily"), "{}", list.body);
}

#[apply(on_both_databases)]
async fn a_mistake_stands_at_its_field_and_what_was_typed_stays(mut app: TestApp) {
    app.daily().await;
    let mut ada = desk(&mut app, "ada", Role::Editor).await;
    let long = "x".repeat(1024 * 1024);
    let (title, text) = ("Kept headline", "Kept text");
    for (field, value, message) in [
        ("title", " ", "Write a headline"),
        ("text", "\n", "Write a text"),
        ("text", long.as_str(), "longer than 200 KiB"),
        ("title", &long[..30_000], "This is too long"),
        ("language", "English!", "Write a tag such as"),
        ("url", "javascript:alert(1)", "https:// or http://"),
        ("image", "http://img.example/a.jpg", "begins with https://"),
        ("published", "soon", "2026-11-23 07:30"),
    ] {
        let mut fields = vec![("title", title), ("text", text), ("format", "markdown")];
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let answer = ada.post("/admin/articles", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(answer.body.contains(message), "{field}: no {message}");
        assert!(answer.body.contains(&format!("id=\"{field}-problem\"")), "{field}");
        assert!(field == "title" || answer.body.contains(title), "{field}");
        assert!(field == "text" || answer.body.contains(text), "{field}");
    }
    assert_eq!(app.count_rows("articles").await, 0);
    let path = publish(&mut ada, "Mast struck", TEXT).await;
    let form = ada.get(&format!("{path}/edit")).await;
    assert!(form.body.contains(TEXT), "the editor's own Markdown: {}", form.body);
    let seen = hidden(&form, "seen");
    for (title, text, message) in [("", TEXT, "Write a headline"), ("Mast", " ", "Write a text")] {
        let answer = ada.post(&format!("{path}/edit"), &fields_of(&seen, title, text)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(message), "{}", answer.body);
    }
    assert_eq!(app.only_article().await.title, "Mast struck");
}

#[apply(on_both_databases)]
async fn of_two_editors_nobody_overwrites_the_other(mut app: TestApp) {
    app.daily().await;
    let mut ada = desk(&mut app, "ada", Role::Editor).await;
    let mut ben = desk(&mut app, "ben", Role::Editor).await;
    let path = publish(&mut ada, "Mast struck", TEXT).await;
    let edit = format!("{path}/edit");
    let seen = hidden(&ada.get(&edit).await, "seen");

    let unchanged = ada
        .post(&edit, &fields_of(&seen, "Mast struck", &TEXT.replace('\n', "\r\n")))
        .await;
    assert!(
        unchanged
            .header("location")
            .is_some_and(|to| to.ends_with("done=article-unchanged")),
        "{unchanged:?}"
    );
    let saved = ada.post(&edit, &fields_of(&seen, "Ada's headline", TEXT)).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);

    // Ben saw the former headline and changes only the text.
    let refused = ben.post(&edit, &fields_of(&seen, "Mast struck", "Ben's text.")).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.body.contains("This article was changed meanwhile"),
        "{}",
        refused.body
    );
    assert!(refused.body.contains("ada changed it"), "{}", refused.body);
    assert!(
        refused.body.contains("value=\"Ada&#39;s headline\"") && refused.body.contains("Ben&#39;s text."),
        "{}",
        refused.body
    );
    assert_eq!(app.only_article().await.title, "Ada's headline");
    let seen_now = hidden(&refused, "seen");
    let saved = ben
        .post(&edit, &fields_of(&seen_now, "Ada's headline", "Ben's text."))
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let article = app.only_article().await;
    assert_eq!(article.title, "Ada's headline");
    assert!(article.content_html.contains("Ben"), "{}", article.content_html);

    // Both changed the headline: the stored one is shown beside what was typed.
    let refused = ada.post(&edit, &fields_of(&seen, "Another headline", TEXT)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("Headline, as stored now"), "{}", refused.body);
    assert!(refused.body.contains("value=\"Another headline\""), "{}", refused.body);

    let retracted = ben
        .post(&format!("{path}/retract"), &[("note", "It was another mast.")])
        .await;
    assert_eq!(retracted.status, StatusCode::SEE_OTHER);
    let refused = ada
        .post(
            &edit,
            &fields_of(&hidden(&refused, "seen"), "Typed for an hour", "Ben's text."),
        )
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.body.contains("ben retracted it") && refused.body.contains("Typed for an hour"),
        "{}",
        refused.body
    );

    let log = app.audit_log().await;
    let edits: Vec<_> = log
        .iter()
        .filter(|entry| entry.action == AuditAction::ArticleEdited)
        .collect();
    assert_eq!(edits.len(), 2);
    let has = |values: &Option<String>, part: &str| values.as_deref().is_some_and(|values| values.contains(part));
    assert!(
        edits
            .iter()
            .any(|entry| has(&entry.old_values, "Mast struck") && has(&entry.new_values, "Ada's headline")),
        "{edits:?}"
    );
}

#[apply(on_both_databases)]
async fn an_article_is_corrected_retracted_and_restored(mut app: TestApp) {
    let daily = app.daily().await;
    app.silent_reader(&daily).await;
    app.arrive(&daily, "Wire", &[entry("a"), entry("b")]).await;
    let mut ada = desk(&mut app, "ada", Role::Editor).await;
    let article = app.article_titled("Transmission a").await;
    let path = format!("/admin/articles/{}", article.public_id);
    for (button, notice) in [
        ("pin", "article-pinned"),
        ("unpin", "article-unpinned"),
        ("pin", "article-pinned"),
    ] {
        let answer = ada
            .post(&format!("{path}/pin"), &[("newsletter", "daily"), ("do", button)])
            .await;
        assert_eq!(answer.header("location"), Some(&*format!("{path}?done={notice}")));
    }
    let form = ada.get(&format!("{path}/edit")).await;
    assert!(
        form.body.contains("value=\"html\" checked"),
        "a feed's text is HTML: {}",
        form.body
    );
    app.send(&daily).await;
    let answer = ada
        .post(&format!("{path}/pin"), &[("newsletter", "daily"), ("do", "pin")])
        .await;
    assert!(
        answer
            .header("location")
            .is_some_and(|to| to.ends_with("article-not-waiting"))
    );

    let page = ada
        .post_and_follow(&format!("{path}/retract"), &[("note", "It <never> was.")])
        .await;
    assert!(page.body.contains("The article is retracted"), "{}", page.body);
    assert!(page.body.contains("It &#60;never&#62; was."), "{}", page.body);
    assert!(
        page.body.contains("daily/1"),
        "the issue with it is named: {}",
        page.body
    );
    app.advance(chrono::TimeDelta::seconds(1));
    let list = ada.get("/admin/articles?state=retracted").await;
    assert!(list.body.contains(&article.public_id), "{}", list.body);
    let page = ada
        .post_and_follow(&format!("{path}/retract"), &[("note", "It was another one.")])
        .await;
    assert!(page.body.contains("It was another one."), "{}", page.body);
    let page = ada.post_and_follow(&format!("{path}/restore"), &[("note", "")]).await;
    assert!(page.body.contains("The retraction is undone"), "{}", page.body);
    let again = ada.post(&format!("{path}/restore"), &[("note", "")]).await;
    assert!(
        again
            .header("location")
            .is_some_and(|to| to.ends_with("article-unchanged"))
    );

    let log = app.audit_log().await;
    // Entries of one instant have no order.
    let count = |action| {
        let named = log.iter().filter(|entry| entry.object_name == article.public_id);
        named.filter(|entry| entry.action == action).count()
    };
    assert_eq!(count(AuditAction::ArticleRated), 3);
    assert_eq!(count(AuditAction::ArticleRetracted), 2);
    assert_eq!(count(AuditAction::ArticleRestored), 1);
}

#[apply(on_both_databases)]
async fn a_long_text_survives_the_end_of_the_session(mut app: TestApp) {
    app.daily().await;
    let mut ada = desk(&mut app, "ada", Role::Editor).await;
    let path = publish(&mut ada, "Mast struck", TEXT).await;
    let mut nobody = Browser::of(app.site());
    let text = format!("{} the end", "word ".repeat(40_000));
    let answer = nobody
        .post(&format!("{path}/edit"), &fields_of("", "Mast", &text))
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("the end"), "what was typed is on the page");
}
