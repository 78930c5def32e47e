//! Readers comment by a mailed link, operators decide, and other services show their comments only when a reader asks.

use chrono::TimeDelta;
use daywire::comments::{Decision, MAX_HELD, decide};
use daywire::config::{CommentProvider, CommentServer, CommentService, Config, Setting};
use daywire::domain::address::EmailAddress;
use daywire::domain::comment::CommentState;
use daywire::domain::ids::CommentId;
use daywire::domain::seen::Seen;
use daywire::words::Voice;
use reqwest::{Method, StatusCode};

use crate::support::dump::assert_nothing_changed;
use crate::support::operators::actor;
use crate::support::program::Program;
use crate::support::site::{Answer, Site};
use crate::support::{Engine, TestApp};

const ADA: &str = "reader0@reader.example";

/// The default policy of a page, up to `extra` directives and sources.
const POLICY: &str = "default-src 'none'; connect-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-src 'self'; base-uri 'none'; \
                      frame-ancestors 'self'";

fn builtin(config: &mut Config) {
    config.comments.provider = CommentProvider::Builtin;
}

/// A site with one article, and Ada, who has confirmed the only newsletter. Returns the path of the article.
async fn open(app: &mut TestApp) -> (Site, String) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.articles(&daily, 1).await;
    app.serve().await;
    let site = app.site().clone();
    let article = app.only_article().await;
    let found = site.get(&format!("/articles/{}", article.public_id)).await;
    let path = found
        .header("location")
        .expect("it redirects to the address with the slug")
        .to_owned();
    (site, path)
}

/// Asks for a link, and returns the one that is mailed.
async fn link(app: &TestApp, site: &Site) -> String {
    ask(app, site, ADA).await;
    app.relay.link_for(ADA, "/comment/").await
}

async fn ask(app: &TestApp, site: &Site, address: &str) -> Answer {
    let article = app.only_article().await.public_id;
    site.post("/comments/link", &[("email", address), ("article", &article)])
        .await
}

/// The ids in a state, or in all states.
async fn ids(app: &TestApp, state: Option<CommentState>) -> Vec<CommentId> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let listed = tx.listed_comments(state, 100).await.expect("the comments are listed");
    listed.into_iter().map(|comment| comment.id).collect()
}

#[apply(on_both_databases)]
async fn a_comment_by_a_mailed_link_is_shown_once_an_operator_approves_it(engine: Engine) {
    let mut app = TestApp::with(engine, builtin).await;
    let teardown = app.teardown();
    let (site, article) = open(&mut app).await;
    let empty = site.get(&article).await;
    assert!(empty.body.contains("No comments yet."), "{}", empty.body);
    assert_eq!(empty.header("content-security-policy"), Some(POLICY));

    let sent = ask(&app, &site, ADA).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(
        site.get(sent.header("location").expect("it redirects")).await.status,
        StatusCode::OK
    );
    let link = app.relay.link_for(ADA, "/comment/").await;
    let before = app.dump().await;
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        site.send(site.request(method, &link)).await;
    }
    assert_nothing_changed(&app, &before).await;

    let text = "First <b>line</b>\nhttps://shop.example\n\nSecond & last";
    let written = site.post(&link, &[("name", "Ada"), ("text", text)]).await;
    assert_eq!(written.status, StatusCode::SEE_OTHER, "{}", written.body);
    let own = site.get(&link).await;
    assert!(own.body.contains("Waits for an editor"), "{}", own.body);
    assert!(
        !site.get(&article).await.body.contains("First"),
        "a held comment is not shown"
    );

    let held = ids(&app, Some(CommentState::Held)).await;
    decide(&app.app, &actor(), &held, Decision::Approve, &Seen::Any)
        .await
        .expect("it is approved");
    let shown = site.get(&article).await.body;
    assert!(
        shown.contains("First &#60;b&#62;line&#60;/b&#62;\nhttps://shop.example</p>"),
        "{shown}"
    );
    assert!(shown.contains("Second &#38; last</p>") && shown.contains(">Ada</strong>"));
    assert!(!shown.contains("href=\"https://shop.example"));
    assert!(site.get(&link).await.body.contains("Published"));

    decide(&app.app, &actor(), &held, Decision::Reject, &Seen::Any)
        .await
        .expect("it is rejected");
    assert!(!site.get(&article).await.body.contains("First"));
    assert!(site.get(&link).await.body.contains("Not published"));
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_reader_deletes_only_own_comments(engine: Engine) {
    let mut app = TestApp::with(engine, builtin).await;
    let teardown = app.teardown();
    let (site, _) = open(&mut app).await;
    let link = link(&app, &site).await;
    site.post(&link, &[("name", "Ada"), ("text", "Mine")]).await;
    let [id] = ids(&app, None).await[..] else {
        panic!("there is one comment")
    };

    let daily = app.daily().await;
    app.readers_at(&daily, "other.example", 1).await;
    ask(&app, &site, "reader0@other.example").await;
    let other = app.relay.link_for("reader0@other.example", "/comment/").await;
    for token in [&other, &link.replace("/comment/", "/comment/x")] {
        site.post(&format!("{token}/delete"), &[("id", &id.to_string())]).await;
        assert_eq!(ids(&app, None).await, [id]);
    }
    let deleted = site.post(&format!("{link}/delete"), &[("id", &id.to_string())]).await;
    assert_eq!(deleted.status, StatusCode::SEE_OTHER);
    assert_eq!(ids(&app, None).await, []);
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn only_a_confirmed_reader_gets_a_link_and_every_address_the_same_answer(engine: Engine) {
    let mut app = TestApp::with(engine, builtin).await;
    let teardown = app.teardown();
    let (site, _) = open(&mut app).await;
    let daily = app.daily().await;
    app.sign_up("pending@reader.example").await;
    app.readers_at(&daily, "left.example", 1).await;
    app.leave("reader0@left.example").await;
    let mut answers = Vec::new();
    for address in [
        "nobody@reader.example",
        "pending@reader.example",
        "reader0@left.example",
        ADA,
    ] {
        answers.push(ask(&app, &site, address).await.comparable());
    }
    // The mail to Ada was queued last, so the others would have arrived.
    app.relay.link_for(ADA, "/comment/").await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    for address in [
        "nobody@reader.example",
        "pending@reader.example",
        "reader0@left.example",
    ] {
        let mails = app.relay.received_for(address);
        let has_link = mails
            .iter()
            .any(|mail| crate::support::mock_relay::text(&mail.bytes).contains("/comment/"));
        assert!(!has_link, "{address}");
    }
    // A link stops to work when its reader has left.
    let link = app.relay.link_for(ADA, "/comment/").await;
    app.leave(ADA).await;
    assert_eq!(site.get(&link).await.status, StatusCode::FORBIDDEN);
    let refused = site.post(&link, &[("name", "Ada"), ("text", "Late")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(ids(&app, None).await, []);
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_link_expires_and_opens_nothing_else(engine: Engine) {
    let mut app = TestApp::with(engine, builtin).await;
    let teardown = app.teardown();
    let (site, _) = open(&mut app).await;
    let link = link(&app, &site).await;
    let token = link
        .split('/')
        .nth_back(1)
        .expect("the token is the second part")
        .to_owned();
    let article = app.only_article().await.public_id;
    for wrong in [
        format!("/unsubscribe/{token}"),
        format!("/preferences/{token}"),
        format!("/confirm/{token}"),
    ] {
        assert_eq!(site.get(&wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    let unsubscribe = app.unsubscribe_path(ADA).await.replace("/unsubscribe/", "");
    let forwarded = site.get(&format!("/comment/{unsubscribe}/{article}")).await;
    assert_eq!(
        forwarded.status,
        StatusCode::NOT_FOUND,
        "the link of a digest does not let anyone comment"
    );
    assert_eq!(
        site.get(&format!("/comment/{token}/TX_000000")).await.status,
        StatusCode::NOT_FOUND
    );
    app.advance(TimeDelta::hours(2));
    assert_eq!(site.get(&link).await.status, StatusCode::GONE);
    let late = site.post(&link, &[("name", "Ada"), ("text", "<b>Late</b>")]).await;
    assert_eq!(late.status, StatusCode::GONE);
    assert!(
        late.body.contains("&lt;b&gt;Late&lt;/b&gt;") || late.body.contains("&#60;b&#62;Late"),
        "the typed text is shown: {}",
        late.body
    );
    assert!(
        late.body.contains(&format!("/articles/{article}")),
        "the article is linked: {}",
        late.body
    );
    assert_eq!(ids(&app, None).await, []);
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_link_stops_working_when_the_reader_changes_the_address(engine: Engine) {
    let mut app = TestApp::with(engine, builtin).await;
    let teardown = app.teardown();
    let (site, _) = open(&mut app).await;
    let link = link(&app, &site).await;
    let manage = app.manage_path(ADA).await;
    let new = "ada@reader.example";
    site.post(&format!("{manage}/address"), &[("email", new)]).await;
    assert_eq!(site.get(&link).await.status, StatusCode::OK);
    site.post(&app.relay.link_for(new, "/address/").await, &[]).await;
    for answer in [
        site.get(&link).await,
        site.post(&link, &[("name", "Ada"), ("text", "Mine")]).await,
    ] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(ids(&app, None).await, []);
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn comments_links_and_reports_have_limits(engine: Engine) {
    let mut app = TestApp::with(engine, |config| {
        builtin(config);
        config.comments.per_reader_per_hour = 2;
        config.comments.per_network_per_hour = 8;
        config.operators.notify = vec![EmailAddress::parse("desk@news.example").expect("the address is valid")];
    })
    .await;
    let teardown = app.teardown();
    let (site, _) = open(&mut app).await;
    let link = link(&app, &site).await;
    let mut answers = Vec::new();
    for text in ["One", "Two", "Three"] {
        answers.push(site.post(&link, &[("name", "Ada"), ("text", text)]).await.status);
    }
    assert_eq!(
        answers,
        [
            StatusCode::SEE_OTHER,
            StatusCode::SEE_OTHER,
            StatusCode::TOO_MANY_REQUESTS
        ]
    );
    let held = ids(&app, Some(CommentState::Held)).await;
    assert_eq!(held.len(), 2);

    let report = format!("/comments/{}/report", held[0]);
    site.post(&report, &[]).await;
    decide(&app.app, &actor(), &held, Decision::Approve, &Seen::Any)
        .await
        .expect("they are approved");
    for _ in 0..2 {
        assert_eq!(site.post(&report, &[]).await.status, StatusCode::SEE_OTHER);
    }
    let mut tx = app.app.store.read().await.expect("the database answers");
    let reported = tx.listed_comments(None, 10).await.expect("the comments are listed");
    drop(tx);
    let reports: Vec<_> = reported.iter().map(|comment| (comment.id, comment.reports)).collect();
    assert_eq!(
        reports,
        [(held[0], 1), (held[1], 0)],
        "a network reports a comment once, and only if it is shown"
    );
    let second = format!("/comments/{}/report", held[1]);
    // A report counts for its network also if it changes nothing.
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(site.post(&second, &[]).await.status.as_u16());
    }
    assert_eq!(answers, [303, 303, 429]);
    assert_eq!(ask(&app, &site, ADA).await.status, StatusCode::TOO_MANY_REQUESTS);
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn one_reader_cannot_flood_the_list_of_what_waits(engine: Engine) {
    let mut app = TestApp::with(engine, |config| {
        builtin(config);
        config.comments.per_reader_per_hour = 1000;
        config.comments.per_network_per_hour = 1000;
    })
    .await;
    let teardown = app.teardown();
    let (site, _) = open(&mut app).await;
    let link = link(&app, &site).await;
    for number in 0..MAX_HELD {
        let written = site
            .post(&link, &[("name", "Ada"), ("text", &number.to_string())])
            .await;
        assert_eq!(written.status, StatusCode::SEE_OTHER, "{number}");
    }
    let refused = site.post(&link, &[("name", "Ada"), ("text", "One more")]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(
        refused.body.contains("20 of your comments wait for an editor"),
        "{}",
        refused.body
    );
    let held = ids(&app, Some(CommentState::Held)).await;
    decide(&app.app, &actor(), &held[..1], Decision::Approve, &Seen::Any)
        .await
        .expect("it is approved");
    let written = site.post(&link, &[("name", "Ada"), ("text", "One more")]).await;
    assert_eq!(written.status, StatusCode::SEE_OTHER);
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn operators_get_one_notice_an_hour_and_miss_no_comment(engine: Engine) {
    let mut app = TestApp::with(engine, |config| {
        builtin(config);
        config.operators.notify = vec![EmailAddress::parse("desk@news.example").expect("the address is valid")];
    })
    .await;
    let teardown = app.teardown();
    let (site, _) = open(&mut app).await;
    let link = link(&app, &site).await;
    site.post(&link, &[("name", "Ada"), ("text", "First")]).await;
    assert_eq!(notices(&app).await, 1);
    // Without the hour, a reader who writes and deletes would cause a notice each time.
    for text in ["Second", "Third"] {
        let [id] = ids(&app, Some(CommentState::Held)).await[..] else {
            panic!("one comment waits");
        };
        site.post(&format!("{link}/delete"), &[("id", &id.to_string())]).await;
        site.post(&link, &[("name", "Ada"), ("text", text)]).await;
        daywire::comments::announce_waiting(&app.app)
            .await
            .expect("it is tried");
        assert_eq!(notices(&app).await, 1);
    }
    app.advance(TimeDelta::minutes(61));
    daywire::comments::announce_waiting(&app.app)
        .await
        .expect("the notice is queued");
    assert_eq!(notices(&app).await, 2, "the third comment is announced");
    // A report of a comment that is shown is announced like one that waits.
    let held = ids(&app, Some(CommentState::Held)).await;
    decide(&app.app, &actor(), &held, Decision::Approve, &Seen::Any)
        .await
        .expect("it is approved");
    app.advance(TimeDelta::minutes(61));
    site.post(&format!("/comments/{}/report", held[0]), &[]).await;
    assert_eq!(notices(&app).await, 3);
    drop(app);
    teardown.finish().await;
}

/// How many notices were queued for the operators.
async fn notices(app: &TestApp) -> usize {
    let mails = app.rows("transactional_mails").await;
    mails.iter().filter(|mail| mail.contains("notice")).count()
}

#[apply(on_both_databases)]
async fn all_readers_together_have_a_limit(engine: Engine) {
    let mut app = TestApp::with(engine, |config| {
        builtin(config);
        config.comments.per_hour = 1;
    })
    .await;
    let teardown = app.teardown();
    let (site, _) = open(&mut app).await;
    let own = link(&app, &site).await;
    let daily = app.daily().await;
    app.readers_at(&daily, "other.example", 1).await;
    ask(&app, &site, "reader0@other.example").await;
    let other = app.relay.link_for("reader0@other.example", "/comment/").await;
    let comment = [("name", "Ada"), ("text", "Text")];
    assert_eq!(site.post(&own, &comment).await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.post(&other, &comment).await.status, StatusCode::TOO_MANY_REQUESTS);
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_suppressed_reader_gets_no_link_and_cannot_use_one(engine: Engine) {
    let mut app = TestApp::with(engine, builtin).await;
    let teardown = app.teardown();
    let (site, _) = open(&mut app).await;
    let link = link(&app, &site).await;
    app.suppress(ADA, "writes insults").await;
    assert_eq!(site.get(&link).await.status, StatusCode::FORBIDDEN);
    let refused = site.post(&link, &[("name", "Ada"), ("text", "Text")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(ids(&app, None).await, []);

    let before = app.rows("transactional_mails").await;
    assert_eq!(ask(&app, &site, ADA).await.status, StatusCode::SEE_OTHER);
    assert_eq!(app.rows("transactional_mails").await, before, "no mail is queued");
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn an_erasure_takes_the_comments_with_it(engine: Engine) {
    let mut app = TestApp::with(engine, builtin).await;
    let teardown = app.teardown();
    let (site, article) = open(&mut app).await;
    let link = link(&app, &site).await;
    for text in ["A waiting word", "A shown word"] {
        site.post(&link, &[("name", "Ada Lovelace"), ("text", text)]).await;
    }
    let held = ids(&app, Some(CommentState::Held)).await;
    decide(&app.app, &actor(), &held[1..], Decision::Approve, &Seen::Any)
        .await
        .expect("it is approved");
    let program = Program::of(&app).with("DAYWIRE_COMMENTS__PROVIDER", "builtin");
    let exported = program.ok(&["subscriber", "export", ADA]);
    assert!(
        exported.contains("A waiting word") && exported.contains("A shown word"),
        "{exported}"
    );

    program.ok(&["subscriber", "erase", ADA]);
    let page = site.get(&article).await.body;
    assert!(
        page.contains("No comments yet.") && !page.contains("Lovelace"),
        "{page}"
    );
    assert_eq!(app.rows("comments").await, Vec::<String>::new());
    assert_eq!(site.get(&link).await.status, StatusCode::FORBIDDEN);
    let refused = site.post(&link, &[("name", "Ada"), ("text", "Again")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(app.rows("comments").await, Vec::<String>::new());
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_wrong_comment_keeps_what_was_typed(engine: Engine) {
    let mut app = TestApp::with(engine, builtin).await;
    let teardown = app.teardown();
    let (site, _) = open(&mut app).await;
    let link = link(&app, &site).await;
    let long = "word ".repeat(500);
    for (name, text, field) in [
        ("", "Some text", "name"),
        ("Ada", " \r\n ", "text"),
        ("Ada", long.as_str(), "text"),
    ] {
        let refused = site.post(&link, &[("name", name), ("text", text)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.body.contains(&format!("aria-describedby=\"{field}-problem\"")),
            "{}",
            refused.body
        );
        assert!(refused.body.contains(text.trim()) && refused.body.contains(&format!("value=\"{name}\"")));
    }
    let both = site.post(&link, &[("name", "***"), ("text", " ")]).await.body;
    for field in ["name", "text"] {
        assert!(
            both.contains(&format!("aria-invalid=\"true\" aria-describedby=\"{field}-problem\"")),
            "{both}"
        );
    }
    assert_eq!(ids(&app, None).await, []);
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn operators_decide_by_commands(engine: Engine) {
    let mut app = TestApp::with(engine, builtin).await;
    let teardown = app.teardown();
    let (site, _) = open(&mut app).await;
    let link = link(&app, &site).await;
    let program = Program::of(&app).with("DAYWIRE_COMMENTS__PROVIDER", "builtin");
    assert_eq!(program.ok(&["comment", "list", "--all"]).trim(), "no comments");
    assert_eq!(
        program.ok(&["comment", "list", "--state", "approved"]).trim(),
        "no approved comments; `daywire comment list --all` shows those in other states"
    );
    for text in ["One\n\nheld 0000", "Two"] {
        site.post(&link, &[("name", "Ada"), ("text", text)]).await;
    }
    let listed = program.json(&["comment", "list"]);
    let first = listed[0]["id"].as_str().expect("it has an id").to_owned();
    let second = listed[1]["id"].as_str().expect("it has an id").to_owned();
    assert_eq!(
        (&listed[0]["state"], &listed[0]["name"], &listed[0]["address"]),
        (&"held".into(), &"Ada".into(), &ADA.into())
    );
    assert!(
        program
            .ok(&["comment", "list"])
            .contains("\n  Ada: One\n  \n  held 0000")
    );

    let unknown = "01a2077f-8b8a-7e38-8883-88624038db7d";
    let failed = program.run(&["comment", "approve", &first, unknown]);
    assert!(failed.reason().contains(unknown) && failed.reason().contains("nothing was changed"));
    assert_eq!(ids(&app, Some(CommentState::Held)).await.len(), 2, "all or none");
    assert_eq!(program.ok(&["comment", "approve", &first]), "1 comment approved\n");
    assert_eq!(program.ok(&["comment", "reject", &second]), "1 comment rejected\n");
    assert_eq!(program.json(&["comment", "list"]), serde_json::json!([]));
    assert_eq!(
        program.json(&["comment", "list", "--state", "approved"])[0]["id"],
        first.as_str()
    );
    assert_eq!(
        program.ok(&["comment", "delete", &first, &second]),
        "2 comments deleted\n"
    );
    assert_eq!(ids(&app, None).await, []);
    drop(app);
    teardown.finish().await;
}

fn server(text: &str) -> CommentServer {
    CommentServer::read(text).expect("the address is valid")
}

/// A setting, the policy that the page needs, and a part of the page, for each service.
fn services() -> [(CommentService, &'static str, &'static str); 3] {
    [
        (
            CommentService::Giscus {
                server: server("https://giscus.app"),
                repo: "wire/news".into(),
                repo_id: "R_1".into(),
                category: "Comments".into(),
                category_id: "DIC_1".into(),
            },
            "default-src 'none'; script-src https://giscus.app; connect-src 'self'; style-src 'self' https://giscus.app; img-src 'self' data:; \
             form-action 'self'; frame-src 'self' https://giscus.app; base-uri 'none'; frame-ancestors 'self'",
            "<script src=\"https://giscus.app/client.js\" data-repo=\"wire/news\"",
        ),
        (
            CommentService::Remark42 {
                server: server("https://talk.example:8443/remark/"),
                site_id: "news".into(),
            },
            "default-src 'none'; script-src 'self' https://talk.example:8443; connect-src 'self'; style-src 'self'; img-src 'self' data:; \
             form-action 'self'; frame-src 'self' https://talk.example:8443; base-uri 'none'; frame-ancestors 'self'",
            "<script src=\"https://talk.example:8443/remark/web/embed.js\" defer>",
        ),
        (
            CommentService::Isso {
                server: server("https://isso.example"),
            },
            "default-src 'none'; script-src https://isso.example; connect-src 'self' https://isso.example; \
             style-src 'self' https://isso.example; img-src 'self' data:; form-action 'self'; frame-src 'self'; base-uri 'none'; \
             frame-ancestors 'self'",
            "<script src=\"https://isso.example/js/embed.min.js\" data-isso=\"https://isso.example/\"",
        ),
    ]
}

#[tokio::test]
async fn another_service_is_loaded_only_when_the_reader_asks() {
    for (service, policy, script) in services() {
        let is_remark42 = matches!(service, CommentService::Remark42 { .. });
        let mut app = TestApp::with(Engine::Sqlite, |config| config.comments.service = Some(service)).await;
        let teardown = app.teardown();
        let (site, article) = open(&mut app).await;
        let page = site.get(&article).await;
        assert!(!page.body.contains("<script src") && page.body.contains("href=\"?comments=show#comments\""));
        assert_eq!(page.header("content-security-policy"), Some(POLICY));
        let shown = site.get(&format!("{article}?comments=show")).await;
        assert!(shown.body.contains(script), "{}", shown.body);
        assert_eq!(shown.header("content-security-policy"), Some(policy));
        let opener = if is_remark42 {
            "same-origin-allow-popups"
        } else {
            "same-origin"
        };
        assert_eq!(shown.header("cross-origin-opener-policy"), Some(opener));
        for other in ["/?comments=show", "/archive?comments=show", "/subscribe?comments=show"] {
            let page = site.get(other).await;
            assert_eq!(page.header("content-security-policy"), Some(POLICY), "{other}");
            assert!(!page.body.contains("<script src"));
        }
        let no_form = ask(&app, &site, ADA).await;
        assert_eq!(
            no_form.status,
            StatusCode::NOT_FOUND,
            "the program keeps no comments itself"
        );
        drop(app);
        teardown.finish().await;
    }
}

#[tokio::test]
async fn without_comments_only_the_radio_voice_says_so() {
    for (voice, is_shown) in [(Voice::Plain, false), (Voice::Radio, true)] {
        let mut app = TestApp::with(Engine::Sqlite, |config| config.site.voice = voice).await;
        let teardown = app.teardown();
        let (site, article) = open(&mut app).await;
        let page = site.get(&article).await.body;
        assert_eq!(page.contains("operator_channel"), is_shown);
        assert_eq!(page.contains("comments_offline · provider_not_configured"), is_shown);
        assert!(!page.contains("/comments/link"));
        drop(app);
        teardown.finish().await;
    }
}
