//! Feeds whose server asks for a login, a key or another program: set by the API, in the console and by commands, stored encrypted, and sent
//! to no other server.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::Stdio;

use daywire::domain::role::Role;
use daywire::store::feeds::Feed;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use crate::support::api::{Api, document, fields};
use crate::support::feed_proxy::{FeedProxy, Way};
use crate::support::feed_server::{FeedServer, path, rss};
use crate::support::operators::Browser;
use crate::support::program::{Program, finish};
use crate::support::{Engine, TestApp};

const FEEDS: &str = "/api/v1/feeds";
/// What `ada` and `open sesame` are as HTTP Basic.
const BASIC: &str = "Basic YWRhOm9wZW4gc2VzYW1l";

/// A server that sends its feed only to `ada` with a key, and nothing to other programs.
async fn server() -> FeedServer {
    FeedServer::start(|headers, _| {
        let is = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
        if !is("authorization", BASIC) || !is("x-api-key", "quartz") {
            return (401, vec![], String::new());
        }
        match path(headers) {
            "/page" => {
                let links = ["/feed", "http://127.0.0.1:9/feed"];
                let link = |to| format!("<link rel=alternate type='application/rss+xml' href='{to}'>");
                let links = links.map(link).concat();
                (200, vec![], format!("<!doctype html><html><head>{links}</head></html>"))
            }
            "/here" => (301, vec![("location", "/feed".into())], String::new()),
            _ => (200, vec![], rss(&["one", "two"])),
        }
    })
    .await
}

async fn only_feed(app: &TestApp) -> Feed {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let mut feeds = tx.feeds().await.expect("the feeds are listed");
    assert_eq!(feeds.len(), 1);
    feeds.remove(0)
}

/// Fails if a secret is in the database, or in the audit log of a feed's changes.
async fn assert_secrets_are_hidden(app: &TestApp) {
    for (table, rows) in app.dump().await {
        for row in rows {
            for secret in ["open sesame", "6f70656e20736573616d65", BASIC] {
                assert!(!row.contains(secret), "{table}: {row}");
            }
        }
    }
}

#[apply(on_both_databases)]
async fn the_api_sets_how_a_feed_is_requested_and_shows_no_secret(mut app: TestApp) {
    app.daily().await;
    let server = server().await;
    let api = Api::of(&mut app).await;
    let mut new = json!({ "url": server.feed("page"), "newsletter": "daily" });
    let refused = api.json(Method::POST, FEEDS, &[], &new, 422).await;
    assert!(refused.body.contains("401"), "{}", refused.body);
    new["user_agent"] = json!("Newsroom/1");
    new["login_name"] = json!("ada");
    new["login_password"] = json!("open sesame");
    new["headers"] = json!(["X-Api-Key: quartz"]);
    let added = api.json(Method::POST, FEEDS, &[], &new, 201).await;
    let feed = document(&added);
    // The other feed that the page links is on another server, which must not get the login.
    assert_eq!(feed["url"], json!(server.feed("feed")));
    assert_eq!(
        (&feed["user_agent"], &feed["login_name"], &feed["headers"]),
        (&json!("Newsroom/1"), &json!("ada"), &json!(["X-Api-Key:"]))
    );
    assert!(
        !added.body.contains("sesame") && !added.body.contains("quartz"),
        "{}",
        added.body
    );
    let one = added.header("location").expect("the feed has an address").to_owned();
    assert_eq!(api.get(&one).await["headers"], feed["headers"]);
    assert_eq!(app.fetch().await, 1);
    assert_eq!(only_feed(&app).await.last_error, None);
    let sent = server.requests().pop().expect("the server was asked");
    assert_eq!(
        (&sent["user-agent"], &sent["authorization"], &sent["x-api-key"]),
        (
            &"Newsroom/1".parse().expect("a value"),
            &BASIC.parse().expect("a value"),
            &"quartz".parse().expect("a value")
        )
    );

    // What an answer shows can be sent back, and what is left out stays.
    let same = json!({ "headers": feed["headers"], "user_agent": null });
    let changed = api.ask(Method::PATCH, &one, &same, 200).await;
    assert_eq!(
        (&changed["user_agent"], &changed["login_name"], &changed["headers"]),
        (&Value::Null, &json!("ada"), &json!(["X-Api-Key:"]))
    );
    app.advance(chrono::TimeDelta::seconds(5));
    assert_eq!(app.fetch().await, 1, "the change makes it due");
    assert_eq!(only_feed(&app).await.last_error, None, "key and password are as before");
    for (patch, field) in [
        (json!({ "headers": ["Host: a.example"] }), "headers"),
        (json!({ "headers": ["X-Other:"] }), "headers"),
        (json!({ "headers": ["Authorization: x"] }), "headers"),
        (json!({ "headers": ["X-A: a\nHost: b"] }), "headers"),
        (json!({ "user_agent": "a\u{0}b" }), "user_agent"),
        (json!({ "login_name": "a:b" }), "login_name"),
        (json!({ "login_password": "x".repeat(201) }), "login_password"),
        (json!({ "login_name": null, "login_password": "x" }), "login_name"),
        (json!({ "login_name": 1 }), "login_name"),
    ] {
        let refused = api.json(Method::PATCH, &one, &[("if-match", "*")], &patch, 422).await;
        assert_eq!(fields(&document(&refused)), [field], "{}", refused.body);
    }
    assert_secrets_are_hidden(&app).await;

    let none = json!({ "login_name": null, "headers": [] });
    let changed = api.ask(Method::PATCH, &one, &none, 200).await;
    assert_eq!(
        (&changed["login_name"], &changed["headers"]),
        (&Value::Null, &json!([]))
    );
    app.advance(chrono::TimeDelta::seconds(5));
    app.fetch().await;
    let error = only_feed(&app).await.last_error.expect("the server asks for a login");
    assert!(error.contains("401"), "{error}");
    let log = app.audit_log().await;
    let mut entries: Vec<_> = log
        .iter()
        .filter(|entry| entry.action.to_string() == "feed.changed")
        .filter_map(|entry| entry.new_values.clone())
        .collect();
    entries.sort();
    assert_eq!(entries.len(), 3, "{entries:?}");
    assert!(
        entries
            .iter()
            .all(|values| !values.contains("quartz") && !values.contains("ada")),
        "{entries:?}"
    );
}

#[apply(on_both_databases)]
async fn the_console_sets_a_login_and_does_not_show_it_again(mut app: TestApp) {
    app.daily().await;
    let server = server().await;
    app.operator_with_password("ada", Role::Editor).await;
    let site = app.serve_site().await;
    let mut ada = Browser::signed_in(&site, "ada").await;
    let url = server.feed("here");
    let form = |password: &'static str, headers: &'static str| {
        [
            ("url", url.clone()),
            ("newsletter", "daily".to_owned()),
            ("login_name", "ada".to_owned()),
            ("login_password", password.to_owned()),
            ("headers", headers.to_owned()),
        ]
    };
    let post = async |browser: &mut Browser, link: &str, form: &[(&str, String)]| {
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post(link, &form).await
    };
    for (password, headers, text) in [
        ("", "", "a login needs a password"),
        ("open sesame", "Host: quartz", "Host is set by Daywire itself"),
        ("open sesame", "X-Api-Key: other", "no feed can be read there now"),
    ] {
        let refused = post(&mut ada, "/admin/feeds/add", &form(password, headers)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains(text), "{text}: {}", refused.body);
        assert!(refused.body.contains("<details open>") && refused.body.contains("value=\"ada\""));
        assert!(
            !refused.body.contains("sesame") && !refused.body.contains("quartz"),
            "{}",
            refused.body
        );
    }
    let added = post(&mut ada, "/admin/feeds/add", &form("open sesame", "X-Api-Key: quartz")).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let feed = only_feed(&app).await;
    assert_eq!(feed.url, server.feed("feed"), "it moved within its server");
    let page = format!("/admin/feeds/{}", feed.id);
    let shown = ada.get(&page).await;
    assert!(
        shown.body.contains("A password is set") && shown.body.contains("X-Api-Key:</textarea>"),
        "{}",
        shown.body
    );
    assert!(
        !shown.body.contains("sesame") && !shown.body.contains("quartz"),
        "{}",
        shown.body
    );

    // An empty password and a name without a value keep what is set.
    let request = format!("{page}/request");
    let kept = form("", "X-Api-Key:\r\n");
    assert_eq!(post(&mut ada, &request, &kept).await.status, StatusCode::SEE_OTHER);
    assert_eq!(app.fetch().await, 1);
    assert_eq!(only_feed(&app).await.last_error, None);
    let refused = post(&mut ada, &request, &form("", "X-Api-Key: quartz\r\nnonsense")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("line 2 is not a header field"),
        "{}",
        refused.body
    );
    assert!(!refused.body.contains("quartz") && !refused.body.contains("nonsense"));
    assert_secrets_are_hidden(&app).await;

    let removed = ada.post(&request, &[]).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    let feed = only_feed(&app).await;
    assert_eq!((feed.login_name, feed.header_names.as_str()), (None, ""));
}

#[apply(on_both_databases)]
async fn commands_read_secrets_from_files_and_standard_input(app: TestApp) {
    app.daily().await;
    let server = server().await;
    let program = Program::of(&app).with("DAYWIRE_FEEDS__ALLOW", "127.0.0.1");
    let password = program.file("password", "open sesame\nanother line\n");
    let headers = program.file("headers", "X-Api-Key: quartz\n");
    let url = server.feed("feed");
    let add = ["feed", "add", &url, "--newsletter", "daily", "--login", "ada"];
    let refused = program.run(&add);
    assert!(refused.reason().contains("a login needs a password"), "{}", refused.err);
    let secrets = ["--password-file", password.as_str(), "--headers-file", headers.as_str()];
    let added = program.json(&[&add[..], &secrets].concat());
    let id = added["id"].as_str().expect("the document has an id");
    let fetched = program.json(&["feed", "fetch", "--feed", id]);
    assert_eq!(fetched[0]["new"], 2, "{fetched}");
    let listed = program.json(&["feed", "list"]);
    assert_eq!(
        (&listed[0]["login_name"], &listed[0]["headers"]),
        (&json!("ada"), &json!(["X-Api-Key:"]))
    );

    let run = |arguments: &[&str], input: &str| {
        let mut child = program.start_with(arguments, Stdio::piped());
        let mut pipe = child.stdin.take().expect("the input is piped");
        pipe.write_all(input.as_bytes()).expect("the command reads its input");
        drop(pipe);
        tokio::task::block_in_place(|| finish(child, std::time::Duration::from_mins(1)))
    };
    let edit = ["feed", "edit", id];
    let from_input = [
        &edit[..],
        &["--headers-file", "-", "--user-agent", "Newsroom/1", "--json"],
    ]
    .concat();
    let ran = run(&from_input, "X-Api-Key:\nX-More: m1\n");
    assert_eq!(ran.json()["headers"], json!(["X-Api-Key:", "X-More:"]), "{}", ran.err);
    program.ok(&["feed", "fetch", "--feed", id]);
    let sent = server.requests().pop().expect("the server was asked");
    assert_eq!(
        (&sent["x-more"], &sent["user-agent"]),
        (&"m1".parse().expect("a value"), &"Newsroom/1".parse().expect("a value"))
    );
    let both = [&edit[..], &["--headers-file", "-", "--password-file", "-"]].concat();
    assert!(run(&both, "").reason().contains("only one of"));
    let wrong = run(&[&edit[..], &["--headers-file", "-"]].concat(), "Host: quartz\n");
    assert!(wrong.reason().contains("Host is set by Daywire itself") && !wrong.err.contains("quartz"));
    assert_ne!(program.run(&edit).status, Some(0), "it changes nothing");
    program.ok(&[&edit[..], &["--login", "", "--full-text", "true"]].concat());
    let feed = only_feed(&app).await;
    assert_eq!((feed.login_name, feed.full_text), (None, true));
    assert_secrets_are_hidden(&app).await;

    // With another key nothing can be decrypted, and the error says what to do.
    let other = program.with("DAYWIRE_SECRETS__KEY", &"0f".repeat(32));
    let ran = other.run(&["feed", "fetch", "--json"]);
    let error = ran.json()[0]["error"]
        .as_str()
        .expect("the feed has an error")
        .to_owned();
    assert!(
        error.contains("encrypted with another secrets.key; set them again"),
        "{error}"
    );
    let again = [
        "feed",
        "edit",
        id,
        "--login",
        "ada",
        "--password-file",
        &password,
        "--headers-file",
        &headers,
    ];
    other.ok(&again);
    assert!(other.ok(&["feed", "fetch", "--feed", id]).contains("2 known"));
}

/// The socket of a server.
fn socket(server: &FeedServer) -> SocketAddr {
    let url = Url::parse(&server.feed("")).expect("the address is valid");
    url.socket_addrs(|| None).expect("an address")[0]
}

#[apply(on_both_databases)]
async fn login_and_header_fields_are_not_sent_to_another_server(engine: Engine) {
    // A server redirects to private addresses in vain, so public ones stand for the servers of the test behind a proxy.
    let elsewhere = FeedServer::start(|headers, _| match path(headers) {
        "/back" => (302, vec![("location", "http://8.8.8.8/chosen".into())], String::new()),
        _ => (200, vec![], rss(&["a"])),
    })
    .await;
    let own = FeedServer::start(|headers, _| match path(headers) {
        "/away" => (302, vec![("location", "http://8.8.4.4/feed".into())], String::new()),
        "/gone" => (301, vec![("location", "http://8.8.4.4/feed".into())], String::new()),
        "/port" => (
            302,
            vec![("location", "http://8.8.8.8:8080/feed".into())],
            String::new(),
        ),
        "/back" => (302, vec![("location", "http://8.8.4.4/back".into())], String::new()),
        "/chosen" => (200, vec![], rss(&["a"])),
        _ => (302, vec![("location", "/away".into())], String::new()),
    })
    .await;
    let (to_own, to_elsewhere) = (socket(&own), socket(&elsewhere));
    let proxy = FeedProxy::start(move |address| match address {
        "8.8.8.8:80" => Way::To(to_own),
        _ => Way::To(to_elsewhere),
    })
    .await;
    let mut app = TestApp::with(engine, |config| {
        config.feeds.proxy = Some(proxy.with_login());
        config.feeds.host_pause = std::time::Duration::from_millis(1);
    })
    .await;
    app.daily().await;
    let api = Api::of(&mut app).await;
    for name in ["away", "gone", "port", "home", "back"] {
        let new = json!({
            "url": format!("http://8.8.8.8/{name}"), "newsletter": "daily", "user_agent": "Newsroom/1",
            "login_name": "ada", "login_password": "open sesame", "headers": ["X-Api-Key: quartz", "Cookie: session=s1"],
        });
        let added = api.ask(Method::POST, FEEDS, &new, 201).await;
        // A feed with a login does not move to another server.
        assert_eq!(added["url"], new["url"]);
    }
    for _ in 0..5 {
        app.advance(chrono::TimeDelta::seconds(2));
        assert_eq!(app.fetch().await, 1);
    }
    let mut tx = app.app.store.read().await.expect("the database answers");
    for feed in tx.feeds().await.expect("the feeds are listed") {
        assert!(feed.url.starts_with("http://8.8.8.8/"), "{}", feed.url);
        assert_eq!(feed.last_error, None, "{}", feed.url);
    }
    drop(tx);
    for request in own.requests() {
        // Another server cannot choose a page that is requested with the login.
        let is_own = path(&request) != "/chosen";
        for name in ["authorization", "x-api-key", "cookie"] {
            assert_eq!(request.contains_key(name), is_own, "{name}: {request:?}");
        }
        assert_eq!(request["user-agent"], "Newsroom/1");
        assert!(!request.contains_key("proxy-authorization"), "{request:?}");
    }
    let asked = elsewhere.requests();
    assert_eq!(asked.len(), 10, "once when it was added, and once when it was fetched");
    for request in asked {
        assert_eq!(request["user-agent"], "Newsroom/1");
        for name in ["authorization", "x-api-key", "cookie", "proxy-authorization"] {
            assert!(!request.contains_key(name), "{name}: {request:?}");
        }
    }
    assert!(
        proxy
            .asked()
            .iter()
            .all(|head| !head.contains("x-api-key") && !head.contains("quartz"))
    );
    let teardown = app.teardown();
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn the_login_is_kept_while_an_operator_chooses_one_of_several_feeds(mut app: TestApp) {
    app.daily().await;
    let server = FeedServer::start(|headers, _| {
        let is = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
        if !is("authorization", BASIC) || !is("x-api-key", "quartz") {
            return (401, vec![], String::new());
        }
        let links =
            ["/feed", "/other"].map(|to| format!("<link rel=alternate type='application/rss+xml' href='{to}'>"));
        match path(headers) {
            "/page" => (
                200,
                vec![],
                format!("<!doctype html><html><head>{}</head></html>", links.concat()),
            ),
            _ => (200, vec![], rss(&["one"])),
        }
    })
    .await;
    for name in ["ada", "ben"] {
        app.operator_with_password(name, Role::Editor).await;
    }
    let site = app.serve_site().await;
    let mut ada = Browser::signed_in(&site, "ada").await;
    let url = server.feed("page");
    let form = [
        ("url", url.as_str()),
        ("newsletter", "daily"),
        ("text_from", "page"),
        ("login_name", "ada"),
        ("login_password", "open sesame"),
        ("headers", "X-Api-Key: quartz"),
    ];
    let found = ada.post("/admin/feeds/add", &form).await;
    assert!(found.body.contains("This page links several feeds"), "{}", found.body);
    for secret in ["sesame", "quartz"] {
        assert!(!found.body.contains(secret), "{}", found.body);
    }
    let (_, kept) = found
        .body
        .split_once("name=\"request\" value=\"")
        .expect("what was typed is kept");
    let (kept, _) = kept.split_once('"').expect("the value ends");
    let feed = server.feed("feed");
    let chosen = [
        ("url", feed.as_str()),
        ("newsletter", "daily"),
        ("text_from", "page"),
        ("request", kept),
    ];
    // Another operator's session cannot use it, and the server asks for the login.
    let mut ben = Browser::signed_in(&site, "ben").await;
    let refused = ben.post("/admin/feeds/add", &chosen).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    let added = ada.post("/admin/feeds/add", &chosen).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let stored = only_feed(&app).await;
    assert_eq!((stored.url, stored.login_name.as_deref()), (feed, Some("ada")));
    assert_eq!(app.fetch().await, 1);
    assert_eq!(only_feed(&app).await.last_error, None);
    assert_secrets_are_hidden(&app).await;
}
