//! Changes of address under attack: a person who read one link mailed to the reader must neither keep the address nor silence the reader.

use chrono::TimeDelta;
use daywire::comments;
use daywire::config::CommentProvider;
use daywire::domain::address::EmailAddress;
use daywire::domain::signed_links::LinkPurpose;
use daywire::domain::states::{SubscriptionState, SuppressionReason};
use daywire::mail::server::{Stage, Verdict};
use daywire::worker::Role;
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::issues::reply;
use crate::support::program::Program;
use crate::support::site::{Answer, Site};
use crate::support::{Engine, TestApp, eventually};

const READER: &str = "reader0@reader.example";
const EVIL: &str = "evil@other.example";

/// A reader of `daily`, whom `weekly` welcomes. Returns the site and the link to all subscriptions, as somebody stole it.
async fn stolen(app: &mut TestApp) -> (Site, String) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.apply("slug = \"weekly\"\nname = \"Weekly Review\"\nwelcome = true")
        .await;
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    let site = app.site().clone();
    site.post("/lost-link", &[("email", READER)]).await;
    let link = app.relay.link_for(READER, "/preferences/").await;
    (site, link)
}

async fn ask(app: &TestApp, site: &Site, link: &str, to: &str) -> String {
    let asked = site.post(&format!("{link}/address"), &[("email", to)]).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
    app.relay.link_for(to, "/address/").await
}

/// Changes the address, and returns the link that undoes it.
async fn change(app: &TestApp, site: &Site, link: &str, to: &str) -> String {
    let confirm = ask(app, site, link, to).await;
    let changed = site.post(&confirm, &[]).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    app.relay.link_for(READER, "/address/undo/").await
}

async fn sign_up_by_anybody(site: &Site, address: &str) {
    let asked = site
        .post_json("/api/v1/subscriptions", &json!({ "email": address }))
        .await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
}

async fn states(app: &TestApp, address: &str) -> Vec<(String, SubscriptionState)> {
    let subscriptions = app.subscriptions(address).await.into_iter();
    subscriptions.map(|own| (own.newsletter_slug, own.state)).collect()
}

fn daily(state: SubscriptionState) -> Vec<(String, SubscriptionState)> {
    vec![("daily".to_owned(), state)]
}

/// Posts to a link many times at once.
async fn press(site: &Site, link: &str, times: usize) -> Vec<StatusCode> {
    let pressed = (0..times).map(|_| site.post(link, &[]));
    join_all(pressed).await.iter().map(|answer| answer.status).collect()
}

#[apply(on_both_databases)]
async fn a_sign_up_by_anybody_does_not_prevent_undoing_a_change(mut app: TestApp) {
    let (site, link) = stolen(&mut app).await;
    let undo = change(&app, &site, &link, EVIL).await;
    sign_up_by_anybody(&site, READER).await;
    let confirmation = app.relay.link_for(READER, "/confirm/").await;
    let undone = site.post(&undo, &[]).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.body);
    assert_eq!(states(&app, READER).await, daily(SubscriptionState::Confirmed));
    assert_eq!(states(&app, EVIL).await, []);
    assert_eq!(app.rows("subscribers").await.len(), 1);
    let old = site.get(&confirmation).await;
    assert_eq!(
        old.status,
        StatusCode::OK,
        "its newsletter is confirmed already: {}",
        old.body
    );
}

#[apply(on_both_databases)]
async fn undoing_a_change_merges_what_the_reader_confirmed_again_meanwhile(mut app: TestApp) {
    let (site, link) = stolen(&mut app).await;
    site.post(&format!("{link}/join"), &[("newsletter", "weekly")]).await;
    let before = app.subscriptions(READER).await;
    let undo = change(&app, &site, &link, EVIL).await;
    let confirmation = app.sign_up(READER).await;
    assert_eq!(site.post(&confirmation, &[]).await.status, StatusCode::OK);
    let again = app.subscription(READER).await;
    let undone = site.post(&undo, &[]).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.body);
    let after = app.subscriptions(READER).await;
    assert_eq!(
        after.iter().map(|own| own.id).collect::<Vec<_>>(),
        [again, before[1].id],
        "the subscription that was confirmed with this address is kept"
    );
    assert!(after.iter().all(|own| own.state == SubscriptionState::Confirmed));
    assert_eq!(app.rows("subscribers").await.len(), 1);
    let events: Vec<_> = app
        .consent(READER)
        .await
        .iter()
        .map(|entry| entry.event.as_str().to_owned())
        .collect();
    assert!(
        ["imported", "requested", "confirmed"]
            .iter()
            .all(|event| events.iter().any(|e| e == event)),
        "the record of both is kept: {events:?}"
    );
    Program::of(&app).ok(&["subscriber", "erase", READER]);
    assert_eq!(app.rows("erasures").await, Vec::<String>::new());
    assert_eq!(app.rows("subscribers").await, Vec::<String>::new());
}

#[apply(on_both_databases)]
async fn a_sign_up_by_anybody_does_not_keep_a_reader_from_moving_to_the_address(mut app: TestApp) {
    let (site, link) = stolen(&mut app).await;
    let new = "new@reader.example";
    sign_up_by_anybody(&site, new).await;
    let confirmation = app.relay.link_for(new, "/confirm/").await;
    change(&app, &site, &link, new).await;
    assert_eq!(states(&app, new).await, daily(SubscriptionState::Confirmed));
    assert_eq!(app.rows("subscribers").await.len(), 1);
    let undo = app.relay.link_for(READER, "/address/undo/").await;
    assert_eq!(site.post(&undo, &[]).await.status, StatusCode::OK);
    site.post(&confirmation, &[]).await;
    assert_eq!(states(&app, READER).await, daily(SubscriptionState::Confirmed));
}

#[apply(on_both_databases)]
async fn an_undone_change_leaves_no_link_of_the_other_person_that_works(mut app: TestApp) {
    let (site, link) = stolen(&mut app).await;
    let mut waiting = Vec::new();
    for number in 0..3 {
        waiting.push(ask(&app, &site, &link, &format!("evil{number}@other.example")).await);
        app.advance(TimeDelta::seconds(1));
    }
    let undo = change(&app, &site, &link, EVIL).await;
    assert_eq!(site.post(&undo, &[]).await.status, StatusCode::OK);
    for confirm in &waiting {
        let refused = site.post(confirm, &[]).await;
        assert_eq!(refused.status, StatusCode::GONE, "{}", refused.body);
    }
    assert_eq!(states(&app, READER).await, daily(SubscriptionState::Confirmed));
    let reused = site.post(&format!("{link}/address"), &[("email", EVIL)]).await;
    assert_eq!(reused.status, StatusCode::GONE, "the stolen link does not work again");
    assert_eq!(site.get(&undo).await.status, StatusCode::OK);
    // The reader herself changes the address afterwards.
    site.post("/lost-link", &[("email", READER)]).await;
    eventually("the second link came", || async {
        app.relay.link_for(READER, "/preferences/").await != link
    })
    .await;
    let own = app.relay.link_for(READER, "/preferences/").await;
    change(&app, &site, &own, "new@reader.example").await;
    for answer in [site.get(&undo).await, site.post(&undo, &[]).await] {
        assert_eq!(
            answer.status,
            StatusCode::GONE,
            "the page does not say that the old address is back"
        );
    }
}

#[apply(on_both_databases)]
async fn the_new_address_neither_exports_nor_erases_while_the_old_one_can_undo(mut app: TestApp) {
    let (site, link) = stolen(&mut app).await;
    app.relay.answer(|stage, transaction, _| {
        let to = transaction.recipients.last().map(String::as_str).unwrap_or_default();
        if stage == Stage::Rcpt && to == READER {
            reply(451, "4.7.1 greylisted, try again later")
        } else {
            Verdict::Continue
        }
    });
    let confirm = ask(&app, &site, &link, EVIL).await;
    assert_eq!(site.post(&confirm, &[]).await.status, StatusCode::OK);
    let manage = app.manage_path(EVIL).await;
    let subscriber = app.subscriptions(EVIL).await[0].subscriber_id;
    for (purpose, action) in [(LinkPurpose::Export, "export"), (LinkPurpose::Erasure, "erase")] {
        let asked = site.post(&format!("{manage}/{action}"), &[]).await;
        assert_eq!(asked.status, StatusCode::CONFLICT, "{}", asked.body);
        assert!(asked.body.contains("This has to wait"), "{}", asked.body);
        let made = app.link_to(EVIL, purpose, subscriber.0).await;
        let path = format!("/{action}/{made}");
        for answer in [site.get(&path).await, site.post(&path, &[]).await] {
            assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
        }
    }
    assert_eq!(states(&app, EVIL).await, daily(SubscriptionState::Confirmed));
    // The new mailbox is suppressed, which must not stop the mail to the old one either.
    app.suppress(EVIL, "it bounced").await;
    app.relay.answer(|_, _, _| Verdict::Continue);
    app.advance(TimeDelta::hours(2));
    app.app.transactional_wakeup.notify_one();
    let undo = app.relay.link_for(READER, "/address/undo/").await;
    assert_eq!(site.post(&undo, &[]).await.status, StatusCode::OK);
    assert_eq!(states(&app, READER).await, daily(SubscriptionState::Confirmed));
    // The reader who has the old address again can export and erase at once.
    let manage = app.manage_path(READER).await;
    assert_eq!(
        site.post(&format!("{manage}/export"), &[]).await.status,
        StatusCode::SEE_OTHER
    );
}

#[apply(on_both_databases)]
async fn after_the_week_the_new_address_erases(mut app: TestApp) {
    let (site, link) = stolen(&mut app).await;
    change(&app, &site, &link, "new@reader.example").await;
    app.advance(TimeDelta::days(7));
    let manage = app.manage_path("new@reader.example").await;
    site.post(&format!("{manage}/erase"), &[]).await;
    let erase = app.relay.link_for("new@reader.example", "/erase/").await;
    assert_eq!(site.post(&erase, &[]).await.status, StatusCode::OK);
    assert_eq!(app.rows("subscribers").await, Vec::<String>::new());
}

#[apply(on_both_databases)]
async fn an_erasure_during_a_change_says_what_happened(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 12).await;
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    let site = app.site().clone();
    for number in 0..12 {
        let reader = format!("reader{number}@reader.example");
        let new = format!("new{number}@reader.example");
        let subscriber = app.subscriptions(&reader).await[0].subscriber_id;
        let manage = app.manage_path(&reader).await;
        let confirm = ask(&app, &site, &manage, &new).await;
        let erase = format!(
            "/erase/{}",
            app.link_to(&reader, LinkPurpose::Erasure, subscriber.0).await
        );
        let (erased, changed) = tokio::join!(site.post(&erase, &[]), site.post(&confirm, &[]));
        let is_erased = erased.status == StatusCode::OK;
        assert_ne!(
            is_erased,
            changed.status == StatusCode::OK,
            "one of them happens, and says so"
        );
        assert_eq!(app.subscriptions(&reader).await.len(), 0);
        assert_eq!(app.subscriptions(&new).await.len(), usize::from(!is_erased));
    }
}

#[apply(on_both_databases)]
async fn joining_and_leaving_again_and_again_mails_one_welcome(mut app: TestApp) {
    let (site, link) = stolen(&mut app).await;
    for _ in 0..8 {
        for action in ["join", "leave"] {
            site.post(&format!("{link}/{action}"), &[("newsletter", "weekly")])
                .await;
        }
    }
    let welcomes = |rows: Vec<String>| {
        rows.iter()
            .filter(|row| row.contains("Welcome to Weekly Review"))
            .count()
    };
    assert_eq!(welcomes(app.rows("transactional_mails").await), 1);
    app.advance(TimeDelta::days(31));
    let later = app.manage_path(READER).await;
    site.post(&format!("{later}/join"), &[("newsletter", "weekly")]).await;
    assert_eq!(
        welcomes(app.rows("transactional_mails").await),
        2,
        "a month later it is a new beginning"
    );
}

#[apply(on_both_databases)]
async fn joining_many_newsletters_mails_no_more_welcomes_than_the_mailbox_may_get(mut app: TestApp) {
    let (site, link) = stolen(&mut app).await;
    for number in 0..7 {
        app.apply(&format!(
            "slug = \"more{number}\"\nname = \"More {number}\"\nwelcome = true"
        ))
        .await;
        let joined = site
            .post(&format!("{link}/join"), &[("newsletter", &format!("more{number}"))])
            .await;
        assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.body);
    }
    let mails = app.rows("transactional_mails").await;
    let welcomes = mails.iter().filter(|row| row.contains("Welcome to More")).count();
    assert_eq!((welcomes, app.subscriptions(READER).await.len()), (5, 8));
}

#[apply(on_both_databases)]
async fn a_link_to_comment_works_for_the_address_that_it_was_mailed_to(engine: Engine) {
    let mut app = TestApp::with(engine, |config| config.comments.provider = CommentProvider::Builtin).await;
    let (site, link) = stolen(&mut app).await;
    let subscriber = app.subscriptions(READER).await[0].subscriber_id;
    let old = app.link_to(READER, LinkPurpose::Comment, subscriber.0).await;
    let permits = async |token: &str| {
        comments::author(&app.app, token)
            .await
            .expect("the database answers")
            .is_ok()
    };
    assert!(permits(&old).await);
    let undo = change(&app, &site, &link, EVIL).await;
    let evil = app.link_to(EVIL, LinkPurpose::Comment, subscriber.0).await;
    assert!(permits(&evil).await && !permits(&old).await);
    site.post(&undo, &[]).await;
    let new = app.link_to(READER, LinkPurpose::Comment, subscriber.0).await;
    assert!(permits(&new).await && !permits(&evil).await && !permits(&old).await);
}

#[apply(on_both_databases)]
async fn erasing_a_former_address_leaves_no_trace_of_it(mut app: TestApp) {
    let (site, link) = stolen(&mut app).await;
    let undo = change(&app, &site, &link, "new@reader.example").await;
    let program = Program::of(&app);
    let erased = program.json(&["subscriber", "erase", "Reader0@Reader.example"]);
    assert_eq!(
        erased,
        json!({ "known": false, "state": "done", "now_at": ["new@reader.example"] })
    );
    for (table, rows) in app.dump().await {
        assert!(!rows.join("\n").to_lowercase().contains(READER), "{table}");
    }
    assert_eq!(site.post(&undo, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        states(&app, "new@reader.example").await,
        daily(SubscriptionState::Confirmed)
    );
    // An address that somebody else typed and nobody confirmed.
    let manage = app.manage_path("new@reader.example").await;
    ask(&app, &site, &manage, "stranger@other.example").await;
    let erased = program.json(&["subscriber", "erase", "stranger@other.example"]);
    assert_eq!(erased["now_at"], json!([]));
    for (table, rows) in app.dump().await {
        assert!(!rows.join("\n").contains("stranger@other.example"), "{table}");
    }
}

#[apply(on_both_databases)]
async fn a_digest_does_not_pause_if_the_reader_cannot_be_informed(engine: Engine) {
    let mut app = TestApp::with(engine, |config| config.signup.confirmations_per_day = 4).await;
    let (site, _) = stolen(&mut app).await;
    let digest = app.unsubscribe_path(READER).await.replace("unsubscribe", "preferences");
    let until = (app.now() + TimeDelta::days(90)).format("%Y-%m-%d").to_string();
    let mut saved = 0;
    for _ in 0..4 {
        for form in [("pause_until", &*until), ("resume", "1")] {
            let answer = site.post(&digest, &[form]).await;
            if answer.status == StatusCode::SEE_OTHER {
                saved += 1;
            } else {
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
            }
        }
    }
    let mails = app.rows("transactional_mails").await;
    let informed = mails.iter().filter(|row| row.contains("preferences")).count();
    assert_eq!((saved, informed), (4, 4), "the reader is informed of each change");
    assert_eq!(states(&app, READER).await, daily(SubscriptionState::Confirmed));
    // The link that was mailed to the reader has a count of its own.
    let settings = app.settings_path(READER).await;
    let own = site.post(&settings, &[("cadence", "weekly")]).await;
    assert_eq!(own.status, StatusCode::SEE_OTHER, "{}", own.body);
    let mails = app.rows("transactional_mails").await;
    assert_eq!(mails.iter().filter(|row| row.contains("preferences")).count(), 5);
}

#[apply(on_both_databases)]
async fn requests_by_a_digest_do_not_use_up_the_readers_own(mut app: TestApp) {
    let (site, link) = stolen(&mut app).await;
    let digest = app.unsubscribe_path(READER).await.replace("unsubscribe", "preferences");
    for _ in 0..5 {
        site.post(&format!("{digest}/manage"), &[]).await;
    }
    let refused = site.post(&format!("{digest}/manage"), &[]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    for action in ["export", "erase"] {
        let asked = site.post(&format!("{link}/{action}"), &[]).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
    }
}

#[apply(on_both_databases)]
async fn a_button_that_is_pressed_many_times_at_once_changes_the_address_once(mut app: TestApp) {
    let (site, link) = stolen(&mut app).await;
    let confirm = ask(&app, &site, &link, EVIL).await;
    assert_eq!(press(&site, &confirm, 12).await, [StatusCode::OK; 12]);
    let undo = app.relay.link_for(READER, "/address/undo/").await;
    assert_eq!(press(&site, &undo, 12).await, [StatusCode::OK; 12]);
    let mut events: Vec<_> = app
        .consent(READER)
        .await
        .iter()
        .map(|entry| entry.event.as_str().to_owned())
        .collect();
    // All have the same time.
    events.sort_unstable();
    assert_eq!(events, ["address_changed", "address_changed", "imported"]);
    let mails = app.rows("transactional_mails").await;
    let undoing = mails.iter().filter(|row| row.contains("undo_address")).count();
    assert_eq!(undoing, 1, "{mails:?}");
}

#[apply(on_both_databases)]
async fn requests_at_the_same_time_mail_no_more_links_than_may_be(mut app: TestApp) {
    let (site, link) = stolen(&mut app).await;
    let address = format!("{link}/address");
    let forms: Vec<_> = (0..40)
        .map(|number| format!("new{number}@other{number}.example"))
        .collect();
    let asked = forms.iter().map(|to| {
        let (site, address) = (&site, &address);
        async move { site.post(address, &[("email", to)]).await }
    });
    let asked: Vec<Answer> = join_all(asked).await;
    let accepted = asked
        .iter()
        .filter(|answer| answer.status == StatusCode::SEE_OTHER)
        .count();
    assert_eq!((accepted, app.rows("address_changes").await.len()), (5, 5));
}

#[apply(on_both_databases)]
async fn a_suppressed_reader_does_not_evade_that_by_another_address(mut app: TestApp) {
    let (site, link) = stolen(&mut app).await;
    let confirm = ask(&app, &site, &link, "new@reader.example").await;
    app.suppress(READER, "wrote abuse").await;
    let asked = site
        .post(&format!("{link}/address"), &[("email", "third@reader.example")])
        .await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", asked.body);
    let confirmed = site.post(&confirm, &[]).await;
    assert_eq!(confirmed.status, StatusCode::CONFLICT, "{}", confirmed.body);
    assert_eq!(states(&app, "new@reader.example").await, []);
    // A mailbox that does not exist any more is a reason to change the address.
    let bounced = EmailAddress::parse(READER).expect("an address");
    let hash = app.app.keys.address_hash(bounced.key());
    Program::of(&app).ok(&["suppression", "lift", READER, "--reason", "sorted out"]);
    let mut tx = app.app.store.write().await.expect("the database answers");
    tx.suppress(&hash, SuppressionReason::HardBounce, "550", app.now())
        .await
        .expect("the suppression is stored");
    tx.commit().await.expect("the transaction commits");
    assert_eq!(site.post(&confirm, &[]).await.status, StatusCode::OK);
}
