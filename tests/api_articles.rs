//! Articles that programs submit by the API: authorization, what becomes of them, and the API's description.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use daywire::delivery::control;
use daywire::digest::Compiled;
use daywire::digest::build::build;
use daywire::domain::scope::Scope;
use daywire::domain::states::IssueState;
use daywire::ingest::Origin;
use daywire::ingest::adding_feeds::add_feed;
use daywire::operators;
use daywire::store::newsletters::Newsletter;
use daywire::worker::Role;
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::support::api::{ARTICLES, Api, document, fields};
use crate::support::articles::origin;
use crate::support::operators::actor;
use crate::support::program::Program;
use crate::support::routes;
use crate::support::{TestApp, entry};

fn mast() -> Value {
    json!({
        "id": "mast", "title": "Mast struck by lightning", "text": "The mast was struck **at dawn**.\n\nNobody was hurt.",
        "authors": ["Ada Lovelace"], "category": "Radio", "language": "en", "published": "2026-11-23 05:30",
    })
}

fn path(article: &Value) -> String {
    format!("{ARTICLES}/{}", article["id"].as_str().expect("the document has an id"))
}

/// Compiles the newsletter's next issue.
async fn compiled(app: &TestApp, newsletter: &Newsletter) -> Compiled {
    app.advance(TimeDelta::seconds(1));
    let compiled = build(&app.app, newsletter.id, app.now(), None).await;
    compiled.expect("it compiles")
}

/// Adds a feed to the newsletter, and stores an article of it.
async fn add_feed_with_article(app: &TestApp, newsletter: &Newsletter) {
    let mut tx = app.app.store.write().await.expect("the database answers");
    let url = "https://wire.example/rss".parse().expect("the address is valid");
    let (feed, _) = add_feed(&mut tx, &app.app, newsletter.id, &url, "Wire")
        .await
        .expect("the feed is added");
    tx.commit().await.expect("the transaction commits");
    let origin = Origin {
        scope: Scope::Feed(feed.id),
        ..origin("Wire", &[newsletter])
    };
    app.store(&origin, &[entry("one")]).await;
}

#[apply(on_both_databases)]
async fn requests_without_a_valid_token_are_refused_and_change_nothing(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let api = Api::of(&mut app).await;
    let mine = api.add(&mast()).await;
    let reader = app.subscription("reader0@reader.example").await;
    let readers_token = app.app.keys.unsubscribe_token(reader);
    let revoked = app.token("cms").await;
    operators::revoke(&app.app, &actor(), "cms", Some(&revoked))
        .await
        .expect("the token is revoked");
    let wrong = format!("{}x", api.token);
    let shown = [
        (None, None),
        (Some("Basic Y21zOng=".to_owned()), None),
        (Some("Bearer".to_owned()), None),
        (Some(format!("Bearer {wrong}")), Some("invalid_token")),
        (Some(format!("Bearer {revoked}")), Some("invalid_token")),
        (Some(format!("Bearer {readers_token}")), Some("invalid_token")),
    ];
    let before = app.dump().await;
    for (header, error) in shown {
        for (method, to) in [
            (Method::GET, ARTICLES),
            (Method::POST, ARTICLES),
            (Method::DELETE, &path(&mine)),
        ] {
            let mut request = api
                .site
                .request(method.clone(), to)
                .header("content-type", "application/json");
            if let Some(header) = &header {
                request = request.header("authorization", header);
            }
            let answer = api.site.send(request.body(mast().to_string())).await;
            assert_eq!(answer.status, 401, "{method} {to} with {header:?}");
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            let challenge = answer.header("www-authenticate").expect("the response has a challenge");
            assert!(challenge.starts_with("Bearer realm="), "{challenge}");
            assert_eq!(
                challenge.split("error=").nth(1),
                error.map(|error| format!("\"{error}\"")).as_deref()
            );
        }
    }
    assert_eq!(app.dump().await, before, "a refused request changes nothing");
    // The scheme's name ignores case.
    let request = api
        .site
        .request(Method::GET, ARTICLES)
        .header("authorization", format!("bearer {}", api.token));
    let answer = api.site.send(request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (200, Some("no-store"))
    );
}

#[apply(on_both_databases)]
async fn a_request_with_two_authorization_fields_is_refused(mut app: TestApp) {
    let api = Api::of(&mut app).await;
    for tokens in [
        ["daywire_no", &api.token],
        [&api.token, "daywire_no"],
        [&api.token, &api.token],
    ] {
        let mut request = api.site.request(Method::GET, ARTICLES);
        for token in tokens {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        assert_eq!(api.site.send(request).await.status, 401, "{tokens:?}");
    }
}

#[apply(on_both_databases)]
async fn concurrent_posts_and_changes_of_one_article_keep_it_one_article(mut app: TestApp) {
    app.daily().await;
    app.apply("slug = \"evening\"\nname = \"Evening Broadcast\"").await;
    let api = Api::of(&mut app).await;
    let mine = path(&api.add(&mast()).await);
    let change = |number: usize| {
        let (api, mine) = (&api, mine.as_str());
        async move {
            let mut article = mast();
            article["title"] = json!(format!("Mast struck, no. {number}"));
            article["newsletters"] = json!(["daily", "evening"][number % 2]);
            article["weight"] = json!(2);
            match number % 3 {
                0 => {
                    api.ask(
                        Method::PATCH,
                        mine,
                        &json!({ "title": format!("Mast hit, no. {number}") }),
                        200,
                    )
                    .await
                }
                _ => api.ask(Method::POST, ARTICLES, &article, 200).await,
            }
        }
    };
    let shown = futures_util::future::join_all((0..24).map(change)).await;
    assert!(
        shown
            .iter()
            .all(|shown| mine.ends_with(shown["id"].as_str().expect("the document has an id")))
    );
    assert_eq!(api.get(ARTICLES).await["items"].as_array().map(Vec::len), Some(1));
}

#[apply(on_both_databases)]
async fn a_token_is_stored_as_a_hash_and_never_logged(app: TestApp) {
    let program = Program::of(&app).with("DAYWIRE_LOG__LEVEL", "trace");
    assert_eq!(program.json(&["operator", "add", "CMS"])["name"], "cms");
    let made = program.run(&["operator", "token", "cms", "--label", "staging"]);
    let token = made.out.trim().to_owned();
    assert!(token.starts_with("daywire_") && token.len() == 51, "{token}");
    assert!(
        made.err.contains("not shown again") && !made.err.contains(&token),
        "{}",
        made.err
    );
    let secret = &token["daywire_".len()..];
    let rows: Vec<_> = app.dump().await.into_values().flatten().collect();
    assert!(!rows.iter().any(|row| row.contains(secret)));

    let serving = program.serve();
    let site = serving.site().await;
    for token in [token.clone(), format!("{token}wrong")] {
        let request = site
            .request(Method::POST, ARTICLES)
            .bearer_auth(&token)
            .header("content-type", "application/json");
        let status = site.send(request.body(mast().to_string())).await.status;
        assert_eq!(status == 201, !token.ends_with("wrong"), "{status}");
    }
    let log = serving.log().join("\n");
    serving.kill();
    assert!(
        log.contains("article received by the API") && !log.contains(secret),
        "{log}"
    );

    let list = program.json(&["operator", "list"]);
    assert_eq!(
        (&list[0]["name"], &list[0]["tokens"][0]["label"]),
        (&json!("cms"), &json!("staging"))
    );
    assert!(!list.to_string().contains(secret));
    let prefix = list[0]["tokens"][0]["prefix"]
        .as_str()
        .expect("the token has a prefix")
        .to_owned();
    assert!(token.starts_with(&prefix));
    for (arguments, reason) in [
        (vec!["add", "cms"], "there is an operator cms already"),
        (vec!["add", "Ada Lovelace"], "no operator's name"),
        (vec!["token", "nobody"], "daywire operator add"),
        (vec!["revoke", "nobody"], "there is no operator"),
        (
            vec!["revoke", "cms", "--token", "zzzzzzzz"],
            "no token that begins with",
        ),
    ] {
        let refused = program.run(&[&["operator"], &arguments[..]].concat());
        assert!(refused.reason().contains(reason), "{arguments:?}: {}", refused.err);
    }
    assert_eq!(
        program.json(&["operator", "revoke", "cms", "--token", &prefix])["revoked"],
        json!([prefix])
    );
    assert!(
        program
            .ok(&["operator", "revoke", "cms"])
            .contains("no token to revoke")
    );
    assert!(program.ok(&["operator", "list"]).contains("revoked"));
}

#[apply(on_both_databases)]
async fn a_submitted_article_is_in_the_next_issue_and_in_no_other(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let api = Api::of(&mut app).await;
    let answer = api
        .raw(Method::POST, ARTICLES, "application/json", mast().to_string())
        .await;
    let added = document(&answer);
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (201, Some(path(&added).as_str()))
    );
    assert_eq!(
        added["content_html"],
        "<p>The mast was struck <strong>at dawn</strong>.</p>\n<p>Nobody was hurt.</p>\n"
    );
    assert_eq!(
        (&added["published"], &added["source"]),
        (&json!("2026-11-23T05:30:00Z"), &json!("Daywire"))
    );
    assert_eq!(added["newsletters"][0]["waiting"], true);
    // The same article again changes nothing. Other values under the same id change the article; nothing was sent yet, so there is
    // no correction.
    app.advance(TimeDelta::seconds(1));
    let again = api.ask(Method::POST, ARTICLES, &mast(), 200).await;
    assert_eq!(
        (&again["id"], &again["changed"], &again["edited"]),
        (&added["id"], &json!([]), &Value::Null)
    );
    let mut changed = mast();
    changed["title"] = json!("Mast hit by lightning");
    changed["url"] = json!("https://wire.example/mast");
    let changed = api.ask(Method::POST, ARTICLES, &changed, 200).await;
    assert_eq!(
        (&changed["id"], &changed["changed"]),
        (&added["id"], &json!(["headline", "address"]))
    );

    let Compiled::Issue(draft) = compiled(&app, &daily).await else {
        panic!("an issue can be compiled")
    };
    let html = app.issue(draft.issue.id).await.html;
    assert!(
        html.contains("Mast hit by lightning") && !html.contains("Mast struck"),
        "{html}"
    );
    let shown = api.get(&path(&added)).await;
    let newsletter = &shown["newsletters"][0];
    assert_eq!(
        (&newsletter["issue"], &newsletter["position"]),
        (&json!(draft.issue.id), &json!(1))
    );
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    control::send(&app.app, draft.issue.id).await.expect("it can be sent");
    app.until(draft.issue.id, IssueState::Sent).await;
    assert!(
        matches!(compiled(&app, &daily).await, Compiled::Nothing(_)),
        "the article is in one issue only"
    );
    api.ask(Method::POST, ARTICLES, &mast(), 200).await;
    // After sending, a change is a correction that the next issue lists.
    app.advance(TimeDelta::seconds(1));
    let change = json!({ "text": "Lightning struck it at noon.", "note": "The hour\u{0} was wrong." });
    let edited = api.ask(Method::PATCH, &path(&added), &change, 200).await;
    assert_eq!(
        (&edited["changed"], &edited["sent"]),
        (&json!(["summary", "text"]), &json!(1))
    );
    let last = edited["corrections"]
        .as_array()
        .and_then(|all| all.last())
        .expect("the change is a correction")
        .clone();
    assert_eq!(
        (&last["kind"], &last["note"]),
        (&json!("corrected"), &json!("The hour was wrong."))
    );
    app.advance(TimeDelta::seconds(1));
    let mut tx = app.app.store.read().await.expect("the database answers");
    let corrections = tx
        .corrections_to_list(daily.id, app.now())
        .await
        .expect("the corrections are listed");
    assert!(
        corrections
            .iter()
            .any(|correction| correction.note == "The hour was wrong.")
    );
}

#[apply(on_both_databases)]
async fn a_retracted_article_is_in_no_issue(mut app: TestApp) {
    let daily = app.daily().await;
    let api = Api::of(&mut app).await;
    let added = api.add(&mast()).await;
    let kept = api
        .add(&json!({ "title": "A different day at the harbour", "text": "Ships came in." }))
        .await;
    let made = api
        .ask(
            Method::DELETE,
            &format!("{}?note=Another%20mast.", path(&added)),
            &Value::Null,
            200,
        )
        .await;
    assert_eq!((&made["retracted"], &made["sent"]), (&json!(true), &json!(0)));
    let again = api.raw(Method::DELETE, &path(&added), "application/json", "").await;
    assert_eq!((again.status.as_u16(), again.body.as_str()), (204, ""));
    let Compiled::Issue(draft) = compiled(&app, &daily).await else {
        panic!("an issue can be compiled")
    };
    let html = app.issue(draft.issue.id).await.html;
    assert!(html.contains("at the harbour") && !html.contains("lightning"), "{html}");
    let shown = api.get(&path(&added)).await;
    assert!(shown["retracted"].is_string());
    assert!(
        shown["newsletters"][0]["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("retracted")),
        "{shown}"
    );
    let list = api.get(ARTICLES).await;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(list["items"][0]["id"], kept["id"]);
    for (method, to) in [(Method::POST, ARTICLES), (Method::PATCH, &path(&added))] {
        let refused = if method == Method::POST {
            mast()
        } else {
            json!({ "title": "x" })
        };
        let refused = api.ask(method, to, &refused, 409).await;
        assert!(
            refused["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains("is retracted")),
            "{refused}"
        );
    }
    assert_eq!(
        api.site
            .get(shown["page"].as_str().expect("the article has a page"))
            .await
            .status,
        410
    );
}

#[apply(on_both_databases)]
async fn an_article_is_recognised_by_id_then_address_then_text(mut app: TestApp) {
    let daily = app.daily().await;
    add_feed_with_article(&app, &daily).await;
    let api = Api::of(&mut app).await;
    let of_feed = api.get(ARTICLES).await["items"][0].clone();
    // An editorial article at the address of a feed's article is a separate article.
    for id in [Value::Null, json!("special")] {
        let mut ours =
            json!({ "title": format!("Special {id}"), "url": of_feed["url"], "text": format!("Words of {id}.") });
        if !id.is_null() {
            ours["id"] = id;
        }
        let added = api.add(&ours).await;
        assert_ne!(added["id"], of_feed["id"]);
        assert_eq!((&added["title"], &added["source"]), (&ours["title"], &json!("Daywire")));
        assert_eq!(api.ask(Method::POST, ARTICLES, &ours, 200).await["id"], added["id"]);
    }

    let page = |id: Value, title: &str| json!({ "id": id, "title": title, "url": "https://live.example/ticker" });
    let one = api.add(&page(json!(17), "Goal in the first half")).await;
    let two = api.add(&page(json!(18), "Goal in the second half")).await;
    assert_ne!(one["id"], two["id"], "each id is an article of its own");
    let again = api
        .ask(
            Method::POST,
            ARTICLES,
            &page(json!("17"), "Goal in the first half"),
            200,
        )
        .await;
    assert_eq!(again["id"], one["id"]);
    let without = json!({ "title": "Rain", "text": "It rained." });
    let first = api.add(&without).await;
    assert_eq!(api.ask(Method::POST, ARTICLES, &without, 200).await["id"], first["id"]);
    // Concurrent requests make one article.
    let at_once: Vec<_> = (0..4)
        .map(|_| api.raw(Method::POST, ARTICLES, "application/json", mast().to_string()))
        .collect();
    let answers = futures_util::future::join_all(at_once).await;
    let ids: BTreeSet<_> = answers
        .iter()
        .map(|answer| document(answer)["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
}

#[apply(on_both_databases)]
async fn the_list_goes_back_in_time_page_by_page(mut app: TestApp) {
    app.daily().await;
    app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    let api = Api::of(&mut app).await;
    for n in 0..5 {
        let newsletters = if n == 4 {
            json!("weekly")
        } else {
            json!(["daily", "daily"])
        };
        api.add(&json!({ "id": n, "title": format!("Number {n}"), "text": "Words.", "newsletters": newsletters }))
            .await;
        app.advance(TimeDelta::seconds(i64::from(n % 2)));
    }
    let mut seen = Vec::new();
    let mut next = format!("{ARTICLES}?newsletter=daily&waiting=true&limit=3");
    loop {
        let page = api.get(&next).await;
        seen.extend(
            page["items"]
                .as_array()
                .expect("the value is a list")
                .iter()
                .map(|article| article["title"].clone()),
        );
        let Some(after) = page["next"].as_str() else { break };
        next = format!("{ARTICLES}?newsletter=daily&waiting=true&limit=3&after={after}");
    }
    let distinct: BTreeSet<_> = seen.iter().map(ToString::to_string).collect();
    assert_eq!((seen.len(), distinct.len()), (4, 4), "{seen:?}");
    // These two arrived at the same moment, so either may be the last.
    assert!(seen[3] == "Number 0" || seen[3] == "Number 1", "{seen:?}");
    assert_eq!(api.get(ARTICLES).await["items"].as_array().map(Vec::len), Some(5));
    let huge = "9".repeat(400);
    for (query, field) in [
        ("limit=0".to_owned(), "limit"),
        (format!("limit={huge}"), "limit"),
        ("after=TX_FFFFFF".to_owned(), "after"),
        ("newsletter=none%00".to_owned(), "newsletter"),
        ("waiting=maybe".to_owned(), "waiting"),
        ("page=2".to_owned(), "page"),
        ("limit=1&limit=2".to_owned(), "limit"),
    ] {
        let refused = api
            .ask(Method::GET, &format!("{ARTICLES}?{query}"), &Value::Null, 422)
            .await;
        assert_eq!(fields(&refused), [field]);
    }
}

#[apply(on_both_databases)]
async fn every_wrong_field_is_reported(mut app: TestApp) {
    app.daily().await;
    let api = Api::of(&mut app).await;
    let before = app.rows("articles").await;
    let wrong = json!({
        "title": "\u{0} ", "text": 1, "url": "javascript:alert(1)", "published": "soon", "language": "English",
        "image": "http://a.example/b.jpg", "newsletters": ["daily", "nightly"], "weight": 1e300, "pinned": "perhaps",
        "authors": [1], "id": 12_345_678_901_234_567_890_123_f64, "headline": "x", "text_html": null,
    });
    let refused = api.ask(Method::POST, ARTICLES, &wrong, 422).await;
    let reported: BTreeSet<_> = fields(&refused).into_iter().collect();
    assert_eq!(
        reported,
        BTreeSet::from([
            "title",
            "text",
            "url",
            "published",
            "language",
            "image",
            "newsletters",
            "weight",
            "pinned",
            "authors",
            "id",
            "headline",
            "text_html",
        ]),
        "{refused}"
    );
    let long = "a ".repeat(110_000);
    for (body, named) in [
        (json!({ "title": "x" }), "text"),
        (json!([]), ""),
        (json!("x"), ""),
        (json!({ "text": "x" }), "title"),
        (
            json!({ "title": "x", "text": "y", "content_html": "z" }),
            "content_html",
        ),
        (json!({ "title": "x", "text": long }), "text"),
        (json!({ "title": "x", "content_html": " " }), "content_html"),
        (json!({ "title": "x", "text": "y", "newsletters": [] }), "newsletters"),
    ] {
        assert_eq!(fields(&api.ask(Method::POST, ARTICLES, &body, 422).await), [named]);
    }
    for (kind, body, status) in [
        ("application/json", b"{".to_vec(), 400),
        ("application/json", b"{\"title\": \"\xff\"}".to_vec(), 400),
        (
            "application/json",
            b"{\"title\": \"x\", \"weight\": 1e999}".to_vec(),
            400,
        ),
        ("application/json", "[".repeat(100_000).into_bytes(), 400),
        ("text/markdown", b"# x".to_vec(), 415),
        ("application/x-www-form-urlencoded", b"title=x".to_vec(), 415),
        ("application/json", vec![b' '; 1024 * 1024 + 1], 413),
        ("application/x-ndjson", vec![b'x'; 3 * 1024 * 1024], 413),
    ] {
        let answer = api.raw(Method::POST, ARTICLES, kind, body).await;
        assert_eq!(answer.status, status, "{kind}: {}", answer.body);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(document(&answer)["status"], status);
    }
    assert_eq!(app.rows("articles").await, before, "a refused request stores nothing");

    let added = api.add(&mast()).await;
    for (body, named) in [
        (json!({}), ""),
        (json!({ "note": "x" }), ""),
        (json!({ "title": " " }), "title"),
        (json!({ "text": " " }), "text"),
        (json!({ "language": "English" }), "language"),
        (json!({ "title": "x", "url": "https://a.example" }), "url"),
    ] {
        assert_eq!(
            fields(&api.ask(Method::PATCH, &path(&added), &body, 422).await),
            [named]
        );
    }
    for id in ["TX_FFFFFF", "mast", "%00", "%FF"] {
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            let answer = api
                .raw(
                    method,
                    &format!("{ARTICLES}/{id}"),
                    "application/json",
                    "{\"title\": \"x\"}",
                )
                .await;
            assert!(matches!(answer.status.as_u16(), 400 | 404), "{id}: {}", answer.status);
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        }
    }
}

#[apply(on_both_databases)]
async fn the_number_of_reported_fields_is_limited(mut app: TestApp) {
    let api = Api::of(&mut app).await;
    let fields = (0..50_000).map(|number| (format!("f{number}"), Value::Null)).collect();
    let answer = api
        .raw(
            Method::POST,
            ARTICLES,
            "application/json",
            Value::Object(fields).to_string(),
        )
        .await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.len() < 50_000, "{} bytes", answer.body.len());
    let mut many = mast();
    many["authors"] = (0..1_000).map(|number| format!("Author {number}")).collect();
    assert_eq!(api.add(&many).await["authors"].as_array().map(Vec::len), Some(50));
}

#[apply(on_both_databases)]
async fn submitted_articles_are_sanitised_like_those_of_feeds(mut app: TestApp) {
    let daily = app.daily().await;
    let api = Api::of(&mut app).await;
    let hostile = "<p onclick=alert(1)>Grüße \u{1f4e1}\u{0}<script>alert(2)</script><a href='javascript:alert(3)'>x</a>\
        <a href='/more'>more</a><img src=x onerror=alert(4)><style>p{}</style></p>";
    let added = api.add(&json!({
        "title": "Łódź <b>radio</b>\u{0}\r\nBcc: x", "content_html": hostile, "authors": "Zoë\u{0}\nŻak", "category": "Új\u{0}",
        "summary": "Sum\u{0}mary\u{7}", "source": "Our\u{0} desk", "image": "https://img.example/a.jpg", "image_alt": "A\u{0}mast",
        "note": "n\u{0}", "newsletters": ["daily\u{0}"], "pinned": true, "weight": 2.5, "id": "\u{0}ü",
    })).await;
    assert_eq!(added["title"], "Łódź <b>radio</b> Bcc: x");
    assert_eq!(
        (&added["authors"], &added["category"]),
        (&json!(["Zoë Żak"]), &json!("Új"))
    );
    let html = added["content_html"].as_str().expect("the field is text");
    assert!(
        html.contains("Grüße \u{1f4e1}") && html.contains("https://news.example/more"),
        "{html}"
    );
    for bad in ["script", "onclick", "onerror", "javascript", "style", "\u{0}"] {
        assert!(!html.contains(bad), "{bad}: {html}");
    }
    let mut tx = app.app.store.read().await.expect("the database answers");
    let rated = tx.rated_articles(daily.id).await.expect("the query succeeds");
    assert_eq!(rated.values().copied().collect::<Vec<_>>(), [(true, 250)]);
    drop(tx);
    let edited = json!({ "content_html": hostile.replace("Gr", "gr"), "authors": ["B\u{0}ob"], "category": null });
    let edited = api.ask(Method::PATCH, &path(&added), &edited, 200).await;
    assert_eq!(
        (&edited["authors"], &edited["category"]),
        (&json!(["Bob"]), &Value::Null)
    );
    assert!(
        !edited["content_html"]
            .as_str()
            .expect("the field is text")
            .contains("script")
    );
}

#[apply(on_both_databases)]
async fn posted_json_lines_are_imported_like_a_file(mut app: TestApp) {
    app.daily().await;
    app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    let api = Api::of(&mut app).await;
    let lines = "{\"title\": \"One\", \"url\": \"https://a.example/1\"}\nnot json\n\n\
        {\"title\": \"Two\", \"id\": 2, \"text\": \"It is two\\u0000.\"}\n{\"title\": \" \"}\n";
    let made = api.lines(&format!("{ARTICLES}?newsletter=daily"), lines).await;
    assert_eq!((&made["new"], &made["known"]), (&json!(2), &json!(0)));
    let refused = made["refused"].as_array().expect("the value is a list");
    assert_eq!(
        (&refused[0]["line"], &refused[1]["line"], refused.len()),
        (&json!(2), &json!(5), 2)
    );
    let again = api.lines(ARTICLES, lines).await;
    assert_eq!((&again["new"], &again["known"]), (&json!(0), &json!(2)));
    let program = Program::of(&app);
    let file = program.json(&["article", "import", &program.file("two.jsonl", lines), "--partial"]);
    assert_eq!(file, again);
    let weekly = api.get(&format!("{ARTICLES}?newsletter=weekly")).await;
    assert_eq!(
        weekly["items"].as_array().map(Vec::len),
        Some(2),
        "without a newsletter the lines are imported for all"
    );
    let answer = api
        .raw(
            Method::POST,
            &format!("{ARTICLES}?newsletter=none"),
            "application/jsonl",
            lines,
        )
        .await;
    assert_eq!(answer.status, 422);
}

#[apply(on_both_databases)]
async fn a_duplicate_field_is_refused(mut app: TestApp) {
    app.daily().await;
    let api = Api::of(&mut app).await;
    let added = api.add(&mast()).await;
    let before = app.dump().await;
    for (method, to, body) in [
        (
            Method::POST,
            ARTICLES.to_owned(),
            r#"{"title": "One", "text": "A.", "title": "Two"}"#,
        ),
        (
            Method::PATCH,
            path(&added),
            r#"{"note": "a", "title": "One", "note": "b"}"#,
        ),
    ] {
        let refused = api.raw(method, &to, "application/json", body).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert!(refused.body.contains("duplicate field `"), "{}", refused.body);
    }
    let lines = "{\"title\": \"One\", \"title\": \"Two\"}";
    let refused = api.lines(ARTICLES, lines).await;
    assert_eq!(
        (&refused["new"], refused["refused"][0]["line"].as_u64()),
        (&json!(0), Some(1)),
        "{refused}"
    );
    assert_eq!(app.dump().await, before);
}

#[apply(on_both_databases)]
async fn the_api_description_matches_routes_and_responses(mut app: TestApp) {
    app.daily().await;
    let api = Api::of(&mut app).await;
    let answer = api.site.get("/api/v1/openapi.json").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, Some("application/json"))
    );
    let description = document(&answer);
    assert_eq!(description["openapi"], "3.1.0");
    let paths = description["paths"].as_object().expect("the description has paths");
    assert_eq!(
        paths.keys().cloned().collect::<BTreeSet<_>>(),
        routes::of_the_api(),
        "left: the described paths; right: the routed paths"
    );
    for (path, item) in paths {
        let methods = ["get", "put", "post", "delete", "patch"]
            .into_iter()
            .filter(|method| item.get(method).is_some());
        let mut described: BTreeSet<_> = methods.map(str::to_uppercase).collect();
        if described.contains("GET") {
            described.insert("HEAD".into());
        }
        let answer = api
            .raw(
                Method::TRACE,
                &path.replace("{id}", "TX_000000"),
                "application/json",
                "",
            )
            .await;
        assert_eq!(answer.status, 405, "{path}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let allowed = answer.header("allow").expect("the response lists the allowed methods");
        let allowed: BTreeSet<_> = allowed.split(',').map(|method| method.trim().to_owned()).collect();
        assert_eq!(
            allowed, described,
            "{path}: left: the allowed methods; right: the described methods"
        );
    }
    let holds = |name: &str, value: &Value| {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        let mut wrong = Vec::new();
        check(&description, &schema, value, name, &mut wrong);
        assert!(wrong.is_empty(), "{wrong:?}: {value}");
    };
    holds("NewArticle", &mast());
    let added = api.add(&mast()).await;
    holds("ChangedArticle", &added);
    holds("Article", &api.get(&path(&added)).await);
    api.lines(ARTICLES, "{\"title\": \"One\"}").await;
    holds("Page_ArticleBrief", &api.get(&format!("{ARTICLES}?limit=1")).await);
    holds("Imported", &api.lines(ARTICLES, "{\"title\": \"One\"}\nno").await);
    holds(
        "Invalid",
        &api.ask(Method::POST, ARTICLES, &json!({ "x": 1 }), 422).await,
    );
    holds(
        "Problem",
        &api.ask(Method::GET, "/api/v1/articles/TX_000000", &Value::Null, 404)
            .await,
    );
    app.advance(TimeDelta::seconds(1));
    let issue = app.build(&app.daily().await).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.advance(TimeDelta::seconds(1));
    let changed = json!({ "title": "x", "summary": "y", "text": "z", "authors": "a", "category": null, "language": "de", "note": "n" });
    holds("ArticleChange", &changed);
    let changed = api.ask(Method::PATCH, &path(&added), &changed, 200).await;
    holds("ChangedArticle", &changed);
    assert_eq!(changed["corrections"].as_array().map(Vec::len), Some(1), "{changed}");
    holds(
        "Retraction",
        &api.ask(Method::DELETE, &path(&added), &Value::Null, 200).await,
    );
    let asked = json!({ "email": "ada@reader.example" });
    holds("SubscriptionRequest", &asked);
    holds(
        "Accepted",
        &api.ask(Method::POST, "/api/v1/subscriptions", &asked, 202).await,
    );
    // The API accepts every described field, and no other.
    let described = |name: &str| description["components"]["schemas"][name]["properties"].clone();
    for (name, method, to) in [
        ("NewArticle", Method::POST, ARTICLES.to_owned()),
        ("ArticleChange", Method::PATCH, path(&added)),
    ] {
        let mut all: Value = described(name)
            .as_object()
            .expect("the schema has properties")
            .keys()
            .map(|field| (field.clone(), json!({})))
            .collect();
        all["stranger"] = json!({});
        let refused = api.ask(method, &to, &all, 422).await;
        let detail = refused["detail"].as_str().expect("the problem has a detail");
        assert_eq!(detail.matches("there is no `").count(), 1, "{detail}");
        for field in described(name).as_object().expect("the schema has properties").keys() {
            assert!(fields(&refused).contains(&field.as_str()), "{field}: {refused}");
        }
    }
}

/// Collects in `wrong` where a value violates its schema: types, required and unknown members, enums.
fn check(description: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let found = description
            .pointer(name.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("no {name}"));
        return check(description, found, value, at, wrong);
    }
    let is = |kind: &str| match kind {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{at}: no type {other}"),
    };
    let fits = match &schema["type"] {
        Value::Null if schema["allOf"].is_array() => is("object"),
        Value::String(kind) => is(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).any(is),
        other => panic!("{at}: the type is {other}"),
    };
    if !fits || schema["enum"].as_array().is_some_and(|all| !all.contains(value)) {
        wrong.push(format!("{at} is {value}"));
    }
    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
        check(description, &schema["items"], item, &format!("{at}[{n}]"), wrong);
    }
    let Some(members) = value.as_object() else { return };
    let (properties, required) = described_members(description, schema);
    for name in required {
        if !members.contains_key(&name) {
            wrong.push(format!("{at} lacks {name}"));
        }
    }
    for (name, member) in members {
        match properties.get(name) {
            Some(schema) => check(description, schema, member, &format!("{at}.{name}"), wrong),
            None => wrong.push(format!("{at}.{name} is not described")),
        }
    }
}

/// The schemas of an object's members and the names of the required ones, with those of the schemas that `allOf` names.
fn described_members(description: &Value, schema: &Value) -> (Map<String, Value>, BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let found = description.pointer(name.trim_start_matches('#'));
        return described_members(description, found.unwrap_or_else(|| panic!("no {name}")));
    }
    let mut properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let required = schema["required"].as_array().into_iter().flatten();
    let mut required: BTreeSet<_> = required.filter_map(Value::as_str).map(str::to_owned).collect();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        let (more, more_required) = described_members(description, part);
        properties.extend(more);
        required.extend(more_required);
    }
    (properties, required)
}

#[apply(on_both_databases)]
async fn a_retracted_article_is_restored_by_the_version_that_was_seen(mut app: TestApp) {
    app.daily().await;
    let api = Api::of(&mut app).await;
    let added = api
        .raw(Method::POST, ARTICLES, "application/json", mast().to_string())
        .await;
    let seen = added.header("etag").expect("an article has a tag").to_owned();
    let path = path(&document(&added));
    let restore = format!("{path}/restore");
    let any = [("if-match", "*")];
    api.json(Method::POST, &restore, &any, &json!({}), 204).await;
    api.raw(Method::DELETE, &path, "application/json", "").await;
    let note = json!({ "note": "It was the same mast." });
    api.json(Method::POST, &restore, &[("if-match", &seen)], &note, 412)
        .await;
    api.json(Method::POST, &restore, &[], &note, 428).await;
    let restored = document(&api.json(Method::POST, &restore, &any, &note, 200).await);
    assert_eq!((&restored["restored"], &restored["sent"]), (&json!(true), &json!(0)));
    let shown = api.get(&path).await;
    assert_eq!(
        (&shown["retracted"], &shown["newsletters"][0]["waiting"]),
        (&Value::Null, &json!(true))
    );
    let unknown = format!("{ARTICLES}/none/restore");
    api.json(Method::POST, &unknown, &any, &json!({}), 404).await;
}

#[apply(on_both_databases)]
async fn a_waiting_article_is_pinned_and_weighed(mut app: TestApp) {
    let daily = app.daily().await;
    let api = Api::of(&mut app).await;
    let added = api.add(&mast()).await;
    let rate = format!("{}/rate", path(&added));
    let pin = json!({ "newsletter": "daily", "pinned": true });
    let rated = api.ask(Method::POST, &rate, &pin, 200).await;
    assert_eq!(rated, json!({ "newsletter": "daily", "pinned": true, "weight": 1.0 }));
    let weigh = json!({ "newsletter": "daily", "weight": 2.5 });
    let rated = api.ask(Method::POST, &rate, &weigh, 200).await;
    assert_eq!(rated, json!({ "newsletter": "daily", "pinned": true, "weight": 2.5 }));
    for (body, wrong) in [
        (json!({ "newsletter": "daily" }), ""),
        (json!({ "newsletter": "none", "pinned": true }), "newsletter"),
        (json!({ "newsletter": "daily", "weight": 0 }), "weight"),
        (json!({ "pinned": true }), "newsletter"),
    ] {
        let problem = api.ask(Method::POST, &rate, &body, 422).await;
        assert_eq!(fields(&problem), [wrong], "{body}: {problem}");
    }
    api.ask(Method::POST, &format!("{ARTICLES}/none/rate"), &pin, 404).await;
    compiled(&app, &daily).await;
    api.ask(Method::POST, &rate, &pin, 409).await;
}
