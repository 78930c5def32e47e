//! The console's pages about readers: searching, the page that explains an address, and what operators do there.

use chrono::TimeDelta;
use daywire::domain::audit::AuditAction;
use daywire::domain::role::Role;
use daywire::domain::states::SubscriptionState;
use daywire::worker::Role as WorkerRole;
use reqwest::StatusCode;

use crate::support::TestApp;
use crate::support::operators::Browser;
use crate::support::program::Program;

const ADA: &str = "ada@reader.example";
const PATH: &str = "/admin/readers";

async fn publisher(app: &mut TestApp) -> Browser {
    app.operator_with_password("ben", Role::Publisher).await;
    let site = app.serve_site().await;
    Browser::signed_in(&site, "ben").await
}

/// The path of a reader's page, which the search for the whole address leads to.
async fn page_of(browser: &mut Browser, address: &str) -> String {
    let answer = browser.post(PATH, &[("search", address)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header("location").expect("it redirects").to_owned()
}

async fn actions(app: &TestApp) -> Vec<AuditAction> {
    app.audit_log().await.into_iter().map(|entry| entry.action).collect()
}

/// The value of the field `name` in the form of a page.
fn hidden(body: &str, name: &str) -> String {
    let rest = body
        .split_once(&format!("name=\"{name}\" value=\""))
        .expect("the page has the field")
        .1;
    rest.split_once('"').expect("the value ends").0.to_owned()
}

#[apply(on_both_databases)]
async fn a_search_finds_readers_and_no_address_is_in_a_url(mut app: TestApp) {
    let daily = app.daily().await;
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    app.readers(&daily, 120).await;
    app.advance(TimeDelta::seconds(1));
    app.readers_at(&weekly, "other.example", 3).await;
    app.leave("reader1@reader.example").await;
    app.suppress("reader2@reader.example", "asked by telephone").await;
    let mut ben = publisher(&mut app).await;

    let first = ben.get(PATH).await;
    assert!(
        first.body.contains("reader2@other.example"),
        "the newest come first: {}",
        first.body
    );
    let next = first
        .body
        .split_once("href=\"/admin/readers?before=")
        .expect("there is a next page")
        .1;
    let next = format!("/admin/readers?before={}", next.split_once('"').expect("it ends").0);
    let second = ben.get(&next).await;
    assert!(!second.body.contains("reader2@other.example") && second.body.contains("@reader.example"));
    assert!(!next.contains('@') && !next.contains("%40"));

    for (newsletter, state, expected) in [
        ("weekly", "", 3),
        ("weekly", "confirmed", 3),
        ("", "unsubscribed", 1),
        ("daily", "unsubscribed", 1),
        ("weekly", "unsubscribed", 0),
    ] {
        let page = ben.get(&format!("{PATH}?newsletter={newsletter}&state={state}")).await;
        let shown = page.body.matches("<li><div><p><a href=\"/admin/readers/").count();
        assert_eq!(shown, expected, "{newsletter} {state}");
        let fields = [("search", "example"), ("newsletter", newsletter), ("state", state)];
        let found = ben.post(PATH, &fields).await;
        let shown = found.body.matches("<li><div><p><a href=\"/admin/readers/").count();
        assert_eq!(shown, expected, "a search for {newsletter} {state}");
    }
    let found = ben.post(PATH, &[("search", "reader1 reader.example")]).await;
    // reader1, reader10 to reader19, reader100 to reader119, and reader1 at the other domain: “reader” begins a word of that address.
    assert!(found.body.contains("Readers found: 32"), "{}", found.body);
    let many = ben.post(PATH, &[("search", "reader.example")]).await;
    assert!(many.body.contains("Readers found: 123"), "{}", many.body);
    let after = hidden(&many.body, "after");
    let rest = ben.post(PATH, &[("search", "reader.example"), ("after", &after)]).await;
    assert!(rest.status == StatusCode::OK && rest.body.contains("@reader.example"));
    for nonsense in [
        "<script>alert(1)</script>",
        "\" OR 1=1 --",
        "'; DROP TABLE subscribers",
        "%00",
        "@",
        "\u{0}",
    ] {
        let answer = ben
            .post(PATH, &[("search", nonsense), ("after", "wnonsense"), ("state", "x")])
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{nonsense}: {}", answer.body);
        assert!(!answer.body.contains("<script>alert"), "{}", answer.body);
    }
    let suppressed = ben.post(PATH, &[("search", "reader2 daily reader.example")]).await;
    assert!(
        suppressed.body.contains("No reader matches"),
        "a newsletter is no word of a reader"
    );
    let page = page_of(&mut ben, "READER2@reader.example").await;
    assert!(!page.contains("reader2"), "{page}");
    let unknown = ben.post(PATH, &[("search", "nobody@reader.example")]).await;
    assert!(
        unknown.body.contains("Nothing is on record about it."),
        "{}",
        unknown.body
    );
    assert!(
        unknown.body.contains("value=\"nobody@reader.example\""),
        "the form below has the address"
    );
}

#[apply(on_both_databases)]
async fn one_page_explains_an_address(mut app: TestApp) {
    app.daily().await;
    app.operator_with_password("ben", Role::Publisher).await;
    app.serve_roles(&[WorkerRole::Web, WorkerRole::Sender]).await;
    let site = app.site().clone();
    let mut ben = Browser::signed_in(&site, "ben").await;
    let link = app.sign_up(ADA).await;
    let path = page_of(&mut ben, ADA).await;
    let pending = ben.get(&path).await;
    assert!(
        pending
            .body
            .contains("Gets no issue: the link of the confirmation mail was not used"),
        "{}",
        pending.body
    );
    site.post(&link, &[]).await;
    let page = ben.get(&path).await.body;
    for text in [
        ADA,
        "Gets the next issue",
        "Consent record",
        "By subscribing, you agree",
        "What the mail said",
        "Other mails",
        "Nothing came back.",
        "No delivery is on record.",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let suppressed = ben
        .post_and_follow(&format!("{path}/suppress"), &[("reason", "asked <b>twice</b>")])
        .await;
    for text in [
        "The address is suppressed.",
        "by ben: asked twice",
        "Gets no issue: the address is suppressed",
        "It ends when an operator lifts it.",
    ] {
        assert!(suppressed.body.contains(text), "{text}: {}", suppressed.body);
    }
    let again = ben.post_and_follow(&format!("{path}/suppress"), &[]).await;
    assert!(again.body.contains("Nothing was changed."), "{}", again.body);
    let refused = ben.post(&format!("{path}/subscribe"), &[("newsletter", "daily")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let lifted = ben.post_and_follow(&format!("{path}/lift"), &[]).await;
    assert!(lifted.body.contains("The suppression was lifted."), "{}", lifted.body);
    assert!(
        lifted.body.contains("lifted by ben: no reason given"),
        "{}",
        lifted.body
    );
    let slower = ben.post_and_follow(&format!("{path}/lift"), &[]).await;
    assert!(slower.body.contains("Nothing was done"), "{}", slower.body);

    let export = ben.post(&format!("{path}/export"), &[]).await;
    assert_eq!(
        export.header("content-disposition"),
        Some("attachment; filename=\"reader.json\"")
    );
    let document: serde_json::Value = serde_json::from_str(&export.body).expect("it is JSON");
    assert_eq!(document["address"], ADA);

    let log = app.audit_log().await;
    let logged: Vec<_> = log.iter().map(|entry| entry.action).collect();
    for action in [
        AuditAction::SuppressionAdded,
        AuditAction::SuppressionLifted,
        AuditAction::ReaderExported,
    ] {
        assert!(logged.contains(&action), "{action}");
    }
    assert!(!format!("{log:?}").contains(ADA), "{log:?}");
}

#[apply(on_both_databases)]
async fn an_operator_unsubscribes_and_changes_preferences_and_overwrites_nobody(mut app: TestApp) {
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily\"\ntopics = [{ name = \"Sport\" }, { name = \"Politics\" }]")
        .await;
    app.readers(&daily, 1).await;
    let address = "reader0@reader.example";
    let mut ben = publisher(&mut app).await;
    let path = page_of(&mut ben, address).await;
    let page = ben.get(&path).await;
    let subscription = hidden(&page.body, "subscription");
    let seen = hidden(&page.body, "seen");
    let fields = [
        ("subscription", subscription.as_str()),
        ("seen", seen.as_str()),
        ("topic", "sport"),
        ("cadence", "weekly"),
        ("timezone", "Europe/Paris"),
        ("language", "fr"),
    ];
    let saved = ben.post_and_follow(&format!("{path}/preferences"), &fields).await;
    assert!(saved.body.contains("The preferences were saved."), "{}", saved.body);
    assert!(saved.body.contains("Europe/Paris"), "{}", saved.body);
    // The same form again is of before the change.
    let before = app.dump().await;
    let stale = ben.post(&format!("{path}/preferences"), &fields).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.body.contains("nothing was overwritten"), "{}", stale.body);
    let seen = hidden(&stale.body, "seen");
    let day = (app.now() - TimeDelta::days(2)).format("%Y-%m-%d").to_string();
    let wrong = [
        ("subscription", subscription.as_str()),
        ("seen", seen.as_str()),
        ("topic", "<i>gossip</i>"),
        ("cadence", "hourly"),
        ("timezone", "Mars/Base"),
        ("pause_until", day.as_str()),
    ];
    let refused = ben.post(&format!("{path}/preferences"), &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("value=\"Mars/Base\"") && !refused.body.contains("<i>gossip"));
    crate::support::dump::assert_nothing_changed(&app, &before).await;

    let pause = (app.now() + TimeDelta::days(9)).format("%Y-%m-%d").to_string();
    let fields = [
        ("subscription", subscription.as_str()),
        ("seen", seen.as_str()),
        ("cadence", "every"),
        ("pause_until", pause.as_str()),
    ];
    let paused = ben.post_and_follow(&format!("{path}/preferences"), &fields).await;
    assert!(paused.body.contains("Gets no issue: it is paused"), "{}", paused.body);
    let seen = hidden(&paused.body, "seen");
    let fields = [
        ("subscription", subscription.as_str()),
        ("seen", seen.as_str()),
        ("resume", "1"),
    ];
    let resumed = ben.post_and_follow(&format!("{path}/preferences"), &fields).await;
    assert!(resumed.body.contains("Gets the next issue"), "{}", resumed.body);
    let ended = ben
        .post_and_follow(&format!("{path}/unsubscribe"), &[("subscription", &subscription)])
        .await;
    assert!(ended.body.contains("The subscription ended."), "{}", ended.body);
    assert_eq!(
        app.subscription_state(address).await,
        Some(SubscriptionState::Unsubscribed)
    );
    let slower = ben
        .post_and_follow(&format!("{path}/unsubscribe"), &[("subscription", &subscription)])
        .await;
    assert!(slower.body.contains("Nothing was done"), "{}", slower.body);
    let logged = actions(&app).await;
    assert_eq!(
        logged
            .iter()
            .filter(|action| **action == AuditAction::ReaderPreferencesChanged)
            .count(),
        3
    );
    assert!(logged.contains(&AuditAction::ReaderUnsubscribed));

    // A form cannot name the subscription of another reader.
    app.readers_at(&daily, "other.example", 1).await;
    let other = app.subscription("reader0@other.example").await.to_string();
    let foreign = ben
        .post(&format!("{path}/unsubscribe"), &[("subscription", &other)])
        .await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(
        app.subscription_state("reader0@other.example").await,
        Some(SubscriptionState::Confirmed)
    );
}

#[apply(on_both_databases)]
async fn an_operator_signs_a_reader_up_by_a_mailed_confirmation(mut app: TestApp) {
    app.daily().await;
    app.operator_with_password("ben", Role::Publisher).await;
    app.serve_roles(&[WorkerRole::Web, WorkerRole::Sender]).await;
    let site = app.site().clone();
    let mut ben = Browser::signed_in(&site, "ben").await;
    let empty = ben.get(PATH).await;
    assert!(empty.body.contains("Nobody has subscribed yet"), "{}", empty.body);
    let wrong = ben
        .post(
            "/admin/readers/subscribe",
            &[
                ("address", "ada@reader"),
                ("newsletter", "daily"),
                ("how", "by telephone"),
            ],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("value=\"ada@reader\"") && wrong.body.contains("value=\"by telephone\""));
    let asked = ben
        .post_and_follow(
            "/admin/readers/subscribe",
            &[("address", ADA), ("newsletter", "daily"), ("how", "by telephone")],
        )
        .await;
    assert!(
        asked.body.contains("Requested. The subscription begins"),
        "{}",
        asked.body
    );
    assert_eq!(app.subscription_state(ADA).await, Some(SubscriptionState::Pending));
    assert!(asked.body.contains("typed by ben: by telephone"), "{}", asked.body);
    let link = app.relay.link_for(ADA, "/confirm/").await;
    site.post(&link, &[]).await;
    assert_eq!(app.subscription_state(ADA).await, Some(SubscriptionState::Confirmed));
    let again = ben
        .post("/admin/readers/subscribe", &[("address", ADA), ("newsletter", "daily")])
        .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        again.body.contains("subscribed to this newsletter already"),
        "{}",
        again.body
    );
    let log = app.audit_log().await;
    let entry = log
        .iter()
        .find(|entry| entry.action == AuditAction::ReaderSignupRequested);
    let entry = entry.expect("the request is in the log");
    assert_eq!(entry.actor, "ben");
    assert!(!format!("{log:?}").contains(ADA), "{log:?}");
}

#[apply(on_both_databases)]
async fn a_reader_is_erased_after_the_address_was_typed(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.suppress("reader1@reader.example", "asked").await;
    let mut ben = publisher(&mut app).await;
    let path = page_of(&mut ben, "reader0@reader.example").await;
    let question = ben.get(&format!("{path}/erase")).await;
    assert!(
        question.body.contains("Erase reader0@reader.example?"),
        "{}",
        question.body
    );
    let before = app.dump().await;
    let wrong = ben
        .post(&format!("{path}/erase"), &[("address", "reader1@reader.example")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("Nothing was erased."), "{}", wrong.body);
    crate::support::dump::assert_nothing_changed(&app, &before).await;
    let erased = ben
        .post_and_follow(&format!("{path}/erase"), &[("address", " Reader0@reader.example ")])
        .await;
    assert!(erased.body.contains("The reader is erased."), "{}", erased.body);
    let gone = ben.get(&path).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.body.contains("This reader is not on record"), "{}", gone.body);
    for action in [
        "suppress",
        "lift",
        "export",
        "unsubscribe",
        "subscribe",
        "preferences",
        "erase",
    ] {
        let answer = ben.post(&format!("{path}/{action}"), &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{action}");
    }
    assert!(actions(&app).await.contains(&AuditAction::ReaderErased));
    // What stays of a suppressed reader has a page, too, without an id.
    let second = page_of(&mut ben, "reader1@reader.example").await;
    ben.post(&format!("{second}/erase"), &[("address", "reader1@reader.example")])
        .await;
    let rest = ben.post(PATH, &[("search", "reader1@reader.example")]).await;
    assert!(rest.body.contains("No subscriber has this address."), "{}", rest.body);
    assert!(
        rest.body.contains("Suppressed: this address is never mailed"),
        "{}",
        rest.body
    );
}

#[apply(on_both_databases)]
async fn an_editor_sees_no_reader(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.operator_with_password("eve", Role::Editor).await;
    let site = app.serve_site().await;
    let mut eve = Browser::signed_in(&site, "eve").await;
    let id = app.subscriptions("reader0@reader.example").await[0].subscriber_id;
    for path in [PATH.to_owned(), format!("{PATH}/{id}"), format!("{PATH}/{id}/erase")] {
        let answer = eve.get(&path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(!answer.body.contains("reader0@"), "{}", answer.body);
    }
    assert!(!eve.get("/admin").await.body.contains("href=\"/admin/readers\""));
}

/// Commands change the same things, and the log names who ran them.
#[apply(on_both_databases)]
async fn commands_about_readers_are_in_the_audit_log(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let address = "reader0@reader.example";
    let program = Program::of(&app);
    program.ok(&[
        "subscriber",
        "prefer",
        address,
        "--newsletter",
        "daily",
        "--cadence",
        "weekly",
    ]);
    program.ok(&["subscriber", "suppress", address, "--reason", "asked", "--by", "zoe"]);
    program.ok(&["suppression", "lift", address, "--by", "zoe"]);
    program.ok(&["subscriber", "export", address]);
    program.ok(&["subscriber", "erase", address]);
    let log = app.audit_log().await;
    let newest_first: Vec<_> = log.iter().map(|entry| entry.action).collect();
    assert_eq!(
        newest_first,
        [
            AuditAction::ReaderErased,
            AuditAction::ReaderExported,
            AuditAction::SuppressionLifted,
            AuditAction::SuppressionAdded,
            AuditAction::ReaderPreferencesChanged,
        ]
    );
    assert_eq!(log[2].actor, "zoe");
    assert!(!format!("{log:?}").contains(address), "{log:?}");
}
