//! Choosing: all newsletters on one page, joining and leaving, and the address. What a link permits depends on how it was mailed.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use daywire::domain::signed_links::LinkPurpose;
use daywire::domain::states::SubscriptionState;
use daywire::worker::Role;
use reqwest::StatusCode;

use crate::returned_mail::{send, suppression};
use crate::support::dump::assert_nothing_changed;
use crate::support::mock_relay::{parse, text};
use crate::support::program::Program;
use crate::support::reports::{complaint, ingest, report, return_path, set_return_path};
use crate::support::site::Site;
use crate::support::{Engine, TestApp, eventually};

const READER: &str = "reader0@reader.example";
const NEW: &str = "new@reader.example";

/// A reader of `daily`, and a newsletter `weekly` that the reader does not have. Returns the path of the link in the reader's digests.
async fn two_newsletters(app: &mut TestApp) -> (Site, String) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.apply("slug = \"weekly\"\nname = \"Weekly Review\"\nwelcome = true")
        .await;
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    let digest = app.unsubscribe_path(READER).await.replace("unsubscribe", "preferences");
    (app.site().clone(), digest)
}

/// The link to all subscriptions.
async fn manage_link(app: &TestApp, site: &Site) -> String {
    let answer = site.post("/lost-link", &[("email", READER)]).await;
    assert_eq!(answer.header("location"), Some("/lost-link/sent"));
    app.relay.link_for(READER, "/preferences/").await
}

#[apply(on_both_databases)]
async fn a_reader_joins_one_more_newsletter_without_a_second_confirmation(mut app: TestApp) {
    let (site, _) = two_newsletters(&mut app).await;
    let link = manage_link(&app, &site).await;
    let page = site.get(&link).await;
    assert!(
        page.body.contains("Unsubscribe from Daily Broadcast") && page.body.contains("Subscribe to Weekly Review"),
        "{}",
        page.body
    );
    let joined = site
        .post_and_follow(&format!("{link}/join"), &[("newsletter", "weekly")])
        .await;
    assert!(
        joined.body.contains("Saved.") && joined.body.contains("Unsubscribe from Weekly Review"),
        "{}",
        joined.body
    );
    let subscriptions = app.subscriptions(READER).await;
    assert_eq!(subscriptions.len(), 2);
    assert!(
        subscriptions
            .iter()
            .all(|own| own.state == SubscriptionState::Confirmed)
    );
    let mut tx = app.app.store.read().await.expect("the database answers");
    let record = tx.consent_of(subscriptions[1].id).await.expect("the record is read");
    let words = record[0].words.clone().unwrap_or_default();
    assert!(
        words.contains("Subscribe to Weekly Review") && words.contains("you agree to receive"),
        "{words}"
    );
    let record: Vec<_> = record
        .iter()
        .map(|entry| format!("{} {}", entry.event, entry.source))
        .collect();
    assert_eq!(record, ["confirmed preferences"]);
    drop(tx);
    eventually("the welcome mail came", || async {
        app.relay.received_for(READER).len() == 2
    })
    .await;
    site.post(&format!("{link}/join"), &[("newsletter", "weekly")]).await;
    let left = site
        .post_and_follow(&format!("{link}/leave"), &[("newsletter", "daily")])
        .await;
    assert!(
        left.body.contains("You have unsubscribed from Daily Broadcast"),
        "{}",
        left.body
    );
    let states: Vec<_> = app
        .subscriptions(READER)
        .await
        .into_iter()
        .map(|own| own.state)
        .collect();
    assert_eq!(states, [SubscriptionState::Unsubscribed, SubscriptionState::Confirmed]);
    let unknown = site.post(&format!("{link}/join"), &[("newsletter", "secret")]).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    app.suppress(READER, "by an operator").await;
    let refused = site.post(&format!("{link}/join"), &[("newsletter", "daily")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("We don’t send to your address any more"),
        "{}",
        refused.body
    );
}

#[apply(on_both_databases)]
async fn the_link_of_a_forwarded_digest_leaves_and_pauses_at_most(mut app: TestApp) {
    let (site, digest) = two_newsletters(&mut app).await;
    let page = site.get(&digest).await;
    assert!(page.body.contains("r…@reader.example"), "{}", page.body);
    assert!(
        !page.body.contains(READER) && !page.body.contains("Weekly Review"),
        "a friend sees neither the address nor the other newsletters: {}",
        page.body
    );
    for (path, form) in [
        ("join", [("newsletter", "weekly")]),
        ("leave", [("newsletter", "daily")]),
        ("address", [("email", NEW)]),
        ("manage", [("", "")]),
        ("export", [("", "")]),
    ] {
        let answer = site.post(&format!("{digest}/{path}"), &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(
            answer.header("location"),
            Some(format!("{digest}/sent").as_str()),
            "{path}"
        );
    }
    let more = site.post(&digest, &[("cadence", "weekly")]).await;
    assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(more.body.contains("This link can only pause."), "{}", more.body);
    let settings = format!("{digest}/newsletters/daily");
    for answer in [
        site.get(&settings).await,
        site.post(&settings, &[("cadence", "weekly")]).await,
    ] {
        assert_eq!(answer.header("location"), Some(digest.as_str()));
    }
    let subscriptions = app.subscriptions(READER).await;
    assert_eq!(subscriptions.len(), 1, "nothing was joined, left or moved");
    assert_eq!(subscriptions[0].state, SubscriptionState::Confirmed);
    assert!(app.relay.received_for(NEW).is_empty());
    let full = site.post(&format!("{digest}/erase"), &[]).await;
    assert_eq!(full.status, StatusCode::TOO_MANY_REQUESTS, "five links a day");
    assert!(
        full.body.contains("Too many requests") && !full.body.contains("sign-ups"),
        "{}",
        full.body
    );
    let left = site.post(&digest.replace("/preferences/", "/unsubscribe/"), &[]).await;
    assert_eq!(left.status, StatusCode::OK);
    assert_eq!(
        app.subscription_state(READER).await,
        Some(SubscriptionState::Unsubscribed)
    );
}

#[apply(on_both_databases)]
async fn a_new_address_is_confirmed_by_its_mail_and_undone_from_the_old_one_for_a_week(mut app: TestApp) {
    let (site, _) = two_newsletters(&mut app).await;
    let link = manage_link(&app, &site).await;
    let invalid = site.post(&format!("{link}/address"), &[("email", "new@")]).await;
    assert_eq!(invalid.status, StatusCode::UNPROCESSABLE_ENTITY);
    let same = site.post(&format!("{link}/address"), &[("email", READER)]).await;
    assert!(same.body.contains("That is the address you have"), "{}", same.body);
    site.post(&format!("{link}/address"), &[("email", NEW)]).await;
    let confirm = app.relay.link_for(NEW, "/address/").await;
    let before = app.dump().await;
    assert!(site.get(&confirm).await.body.contains("Use this address"));
    assert_nothing_changed(&app, &before).await;
    assert_eq!(app.subscriptions(READER).await.len(), 1);
    app.advance(TimeDelta::seconds(1));
    let confirm_token = confirm.rsplit('/').next().expect("the link has a token");
    let forged = site.post(&format!("/address/undo/{confirm_token}"), &[]).await;
    assert_eq!(forged.status, StatusCode::NOT_FOUND, "the link has another purpose");
    for _ in 0..2 {
        let changed = site.post(&confirm, &[]).await;
        assert!(changed.body.contains("Your address has changed."), "{}", changed.body);
    }
    assert_eq!(
        (
            app.subscriptions(READER).await.len(),
            app.subscriptions(NEW).await.len()
        ),
        (0, 1)
    );
    let events: Vec<_> = app
        .consent(NEW)
        .await
        .iter()
        .map(|entry| entry.event.as_str())
        .collect();
    assert_eq!(events, ["imported", "address_changed"]);
    let undo = app.relay.link_for(READER, "/address/undo/").await;
    app.advance(TimeDelta::days(6));
    assert!(site.get(&undo).await.body.contains("Undo the change"));
    let undone = site.post(&undo, &[]).await;
    assert!(
        undone.body.contains("You have your old address again."),
        "{}",
        undone.body
    );
    assert_eq!(
        (
            app.subscriptions(READER).await.len(),
            app.subscriptions(NEW).await.len()
        ),
        (1, 0)
    );
    // Both addresses are informed, without a link.
    for address in [READER, NEW] {
        eventually("both addresses are informed", || async {
            let received = app.relay.received_for(address);
            received
                .last()
                .is_some_and(|mail| text(&mail.bytes).contains("The change of your address at"))
        })
        .await;
    }
    let again = site.post(&undo, &[]).await;
    assert!(
        again.body.contains("You have your old address again."),
        "{}",
        again.body
    );
    let expired = site.post(&confirm, &[]).await;
    assert_eq!(expired.status, StatusCode::GONE, "its link has expired");
    app.advance(TimeDelta::days(7));
    let late = site.get(&undo).await;
    assert!(
        late.body.contains("If you didn’t make the change, please tell us."),
        "{}",
        late.body
    );
    let footers = [
        (NEW, "someone asked for it on our site"),
        (READER, "came to this address until now"),
    ];
    for (address, reason) in footers {
        let mails = app.relay.received_for(address);
        let mails = mails.iter().map(|mail| text(&mail.bytes));
        let mails: Vec<_> = mails
            .map(|mail| mail.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let is_right = |mail: &String| mail.contains(reason) && !mail.contains("is subscribed there");
        assert!(mails.iter().any(is_right), "{mails:#?}");
    }
}

#[apply(on_both_databases)]
async fn an_older_request_for_an_address_does_not_replace_a_newer_one(mut app: TestApp) {
    let (site, _) = two_newsletters(&mut app).await;
    let link = manage_link(&app, &site).await;
    let other = "other@reader.example";
    for address in [other, NEW] {
        site.post(&format!("{link}/address"), &[("email", address)]).await;
    }
    site.post(&app.relay.link_for(NEW, "/address/").await, &[]).await;
    let older = site.post(&app.relay.link_for(other, "/address/").await, &[]).await;
    assert_eq!(older.status, StatusCode::GONE);
    assert!(older.body.contains("There is a newer change"), "{}", older.body);
    assert_eq!(app.subscriptions(NEW).await.len(), 1);
}

#[apply(on_both_databases)]
async fn an_address_of_a_blocked_domain_is_refused_with_the_reason(mut app: TestApp) {
    app.restart(|config| {
        assert!(config.signup.blocked_domains.add("throwaway.example"));
    })
    .await;
    let (site, _) = two_newsletters(&mut app).await;
    let link = manage_link(&app, &site).await;
    let refused = site
        .post(&format!("{link}/address"), &[("email", "a@throwaway.example")])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused
            .body
            .contains("addresses at throwaway.example. Choose another address."),
        "{}",
        refused.body
    );
}

#[apply(on_both_databases)]
async fn too_many_requests_for_lost_links_are_not_called_sign_ups(mut app: TestApp) {
    app.restart(|config| config.signup.limits.per_network_per_hour = 1)
        .await;
    let (site, _) = two_newsletters(&mut app).await;
    manage_link(&app, &site).await;
    let refused = site.post("/lost-link", &[("email", READER)]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), Some("300"));
    assert!(
        refused.body.contains("Too many requests for links") && !refused.body.contains("sign-ups"),
        "{}",
        refused.body
    );
}

#[apply(on_both_databases)]
async fn the_old_mailbox_undoes_several_changes_of_address_at_once(mut app: TestApp) {
    let (site, _) = two_newsletters(&mut app).await;
    let link = manage_link(&app, &site).await;
    site.post(&format!("{link}/address"), &[("email", NEW)]).await;
    site.post(&app.relay.link_for(NEW, "/address/").await, &[]).await;
    let undo = app.relay.link_for(READER, "/address/undo/").await;
    let old_link = site.get(&link).await;
    assert_eq!(
        old_link.status,
        StatusCode::GONE,
        "a link works for the address that it was mailed to"
    );
    assert!(
        old_link
            .body
            .contains("It was mailed to an address that has been changed since."),
        "{}",
        old_link.body
    );
    app.advance(TimeDelta::seconds(1));
    let newer = app.manage_path(NEW).await;
    let third = "third@reader.example";
    site.post(&format!("{newer}/address"), &[("email", third)]).await;
    site.post(&app.relay.link_for(third, "/address/").await, &[]).await;
    let newest = app.manage_path(third).await;
    site.post(&format!("{newest}/address"), &[("email", "fourth@reader.example")])
        .await;
    let waiting = app.relay.link_for("fourth@reader.example", "/address/").await;
    let undone = site.post(&undo, &[]).await;
    assert!(
        undone.body.contains("You have your old address again."),
        "{}",
        undone.body
    );
    assert_eq!(app.subscriptions(READER).await.len(), 1);
    let late = site.post(&waiting, &[]).await;
    assert_eq!(late.status, StatusCode::GONE);
    assert!(
        late.body.contains("This change was undone") && late.body.contains("use “Lost your link?”"),
        "{}",
        late.body
    );
    assert_eq!(site.get(&newest).await.status, StatusCode::GONE);
    assert_eq!(app.subscriptions(READER).await.len(), 1);
}

#[apply(on_both_databases)]
async fn what_comes_back_from_the_old_mailbox_concerns_the_old_address_only(engine: Engine) {
    let mut app = TestApp::with(engine, set_return_path).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    send(&mut app, &daily).await;
    let old = return_path(&app, READER);
    app.advance(TimeDelta::minutes(1));
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    let site = app.site().clone();
    let link = app.manage_path(READER).await;
    site.post(&format!("{link}/address"), &[("email", NEW)]).await;
    site.post(&app.relay.link_for(NEW, "/address/").await, &[]).await;
    assert_eq!(app.subscriptions(NEW).await.len(), 1);
    app.stop_serving().await;
    app.advance(TimeDelta::days(3));
    // A soft bounce, a hard one, and a complaint, which the report does not name the recipient of.
    ingest(&app, &report(&old, READER, "4.2.2", "452 4.2.2 Mailbox full"));
    ingest(&app, &report(&old, READER, "5.1.1", "550 5.1.1 User unknown"));
    ingest(&app, &complaint(&old, "abuse"));
    assert!(suppression(&app, READER).await.is_some());
    assert_eq!(suppression(&app, NEW).await, None);
    assert_eq!(app.subscription_state(NEW).await, Some(SubscriptionState::Confirmed));
    // What comes back from the new mailbox concerns the new address.
    send(&mut app, &daily).await;
    ingest(
        &app,
        &report(&return_path(&app, NEW), NEW, "5.1.1", "550 5.1.1 User unknown"),
    );
    assert!(suppression(&app, NEW).await.is_some());
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_change_of_address_survives_kills_of_the_sender_while_its_mails_are_sent(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let program = Program::of(&app).with("DAYWIRE_DELIVERY__LEASE", "1s");
    let web = program.serve_role("web");
    let mut sender = program.serve_role("sender");
    let site = web.site().await;
    let link = manage_link(&app, &site).await;
    let is_sending = || async { app.relay.waiting_mails().0 == 1 };
    app.relay.hold_for(NEW);
    site.post(&format!("{link}/address"), &[("email", NEW)]).await;
    eventually("the mail to the new address is being sent", is_sending).await;
    sender.kill();
    app.relay.release();
    sender = program.serve_role("sender");
    let confirm = app.relay.link_for(NEW, "/address/").await;
    eventually("the mail is sent", || async { has_no_open_mail(&app).await }).await;
    app.relay.hold_for(READER);
    let changed = site.post(&confirm, &[]).await;
    assert!(changed.body.contains("Your address has changed."), "{}", changed.body);
    eventually("the mail to the old address is being sent", is_sending).await;
    sender.kill();
    app.relay.release();
    sender = program.serve_role("sender");
    eventually("the mail is sent", || async { has_no_open_mail(&app).await }).await;
    let undo = app.relay.link_for(READER, "/address/undo/").await;
    for (address, path) in [(NEW, "/address/"), (READER, "/address/undo/")] {
        let received = app.relay.received_for(address);
        let mut ids: Vec<_> = received
            .iter()
            .filter(|mail| text(&mail.bytes).contains(path))
            .map(|mail| parse(&mail.bytes).message_id().map(str::to_owned))
            .collect();
        assert!((1..=2).contains(&ids.len()), "{address}: {ids:?}");
        ids.dedup();
        assert_eq!(ids.len(), 1, "a second copy has the same Message-ID");
    }
    let undone = site.post(&undo, &[]).await;
    assert!(
        undone.body.contains("You have your old address again."),
        "{}",
        undone.body
    );
    assert_eq!(app.subscriptions(READER).await.len(), 1);
    drop((sender, web));
}

/// Whether every transactional mail has an outcome.
async fn has_no_open_mail(app: &TestApp) -> bool {
    let rows = app.rows("transactional_mails").await;
    rows.iter()
        .all(|row| !row.contains("queued") && !row.contains("sending"))
}

#[apply(on_both_databases)]
async fn an_erasure_finds_the_earlier_address_and_leaves_that_of_another_reader(mut app: TestApp) {
    let (site, _) = two_newsletters(&mut app).await;
    let daily = app
        .app
        .store
        .read()
        .await
        .expect("the database answers")
        .newsletters()
        .await;
    let daily = daily.expect("the newsletters are listed").remove(0);
    app.readers_at(&daily, "other.example", 1).await;
    let link = app.manage_path(READER).await;
    for address in ["reader0@other.example", NEW] {
        site.post(&format!("{link}/address"), &[("email", address)]).await;
    }
    site.post(&app.relay.link_for(NEW, "/address/").await, &[]).await;
    let program = Program::of(&app);
    let export = program.json(&["subscriber", "export", NEW]);
    assert_eq!(
        export["records"]["address_changes"]["rows"].as_array().map(Vec::len),
        Some(2)
    );
    program.ok(&["subscriber", "erase", NEW]);
    for (table, rows) in app.dump().await {
        let rows = rows.join("\n");
        assert!(!rows.contains(READER) && !rows.contains(NEW), "{table}: {rows}");
    }
    let other = app.subscription_state("reader0@other.example").await;
    assert_eq!(other, Some(SubscriptionState::Confirmed));
}

#[apply(on_both_databases)]
async fn an_address_of_another_reader_and_a_suppressed_one_are_not_taken(mut app: TestApp) {
    let (site, _) = two_newsletters(&mut app).await;
    let daily = app
        .app
        .store
        .read()
        .await
        .expect("the database answers")
        .newsletters()
        .await;
    app.readers_at(&daily.expect("the newsletters are listed")[0], "other.example", 1)
        .await;
    let link = manage_link(&app, &site).await;
    let other = "reader0@other.example";
    site.post(&format!("{link}/address"), &[("email", other)]).await;
    let confirm = app.relay.link_for(other, "/address/").await;
    let taken = site.post(&confirm, &[]).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    assert!(
        taken.body.contains("It has subscriptions of its own already.")
            && taken.body.contains("Change to another address"),
        "{}",
        taken.body
    );
    assert_eq!(
        (
            app.subscriptions(READER).await.len(),
            app.subscriptions(other).await.len()
        ),
        (1, 1)
    );
    app.suppress(NEW, "by an operator").await;
    let asked = site.post(&format!("{link}/address"), &[("email", NEW)]).await;
    assert_eq!(
        asked.status,
        StatusCode::SEE_OTHER,
        "the answer does not say that it is suppressed"
    );
    let mails = app.rows("transactional_mails").await.join("\n");
    assert!(!mails.contains(NEW), "no mail is queued: {mails}");
}

#[apply(on_both_databases)]
async fn the_link_to_all_subscriptions_expires(mut app: TestApp) {
    let (site, _) = two_newsletters(&mut app).await;
    let link = manage_link(&app, &site).await;
    app.advance(TimeDelta::hours(24));
    for path in ["", "/join", "/address"] {
        let answer = site.post(&format!("{link}{path}"), &[("newsletter", "weekly")]).await;
        assert!(
            matches!(answer.status, StatusCode::GONE | StatusCode::NOT_FOUND),
            "{path}: {}",
            answer.status
        );
    }
    assert_eq!(site.get(&link).await.status, StatusCode::GONE);
    let subscriptions = app.subscriptions(READER).await;
    assert_eq!(subscriptions.len(), 1);
    let other = app
        .link_to(READER, LinkPurpose::Export, subscriptions[0].subscriber_id.0)
        .await;
    assert_eq!(
        site.get(&format!("/preferences/{other}")).await.status,
        StatusCode::NOT_FOUND,
        "another purpose"
    );
}

#[apply(on_both_databases)]
async fn a_lost_link_has_the_same_answer_for_every_address(mut app: TestApp) {
    let (site, _) = two_newsletters(&mut app).await;
    app.suppress("suppressed@reader.example", "by an operator").await;
    let mut answers = Vec::new();
    for address in [READER, "unknown@reader.example", "suppressed@reader.example"] {
        answers.push(site.post("/lost-link", &[("email", address)]).await.comparable());
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    app.relay.link_for(READER, "/preferences/").await;
    let mails = app.rows("transactional_mails").await.join("\n");
    assert!(!mails.contains("unknown@") && !mails.contains("suppressed@"), "{mails}");
}

#[apply(on_both_databases)]
async fn a_lost_link_is_answered_in_the_same_time_for_every_address(mut app: TestApp) {
    const REQUESTS: usize = 15;
    app.restart(|config| config.signup.limits.per_network_per_hour = 100_000)
        .await;
    let daily = app.daily().await;
    app.readers(&daily, 2 * REQUESTS).await;
    for number in REQUESTS..2 * REQUESTS {
        app.suppress(&format!("reader{number}@reader.example"), "by an operator")
            .await;
    }
    let site = app.serve_site().await;
    let mut times: [Vec<Duration>; 3] = Default::default();
    for number in 0..REQUESTS {
        // In turn, so that another program on the machine slows all of them down.
        let names = [
            format!("reader{number}"),
            format!("reader{}", number + REQUESTS),
            format!("unknown{number}"),
        ];
        for (name, times) in names.iter().zip(&mut times) {
            let begun = Instant::now();
            let answer = site
                .post("/lost-link", &[("email", &format!("{name}@reader.example"))])
                .await;
            times.push(begun.elapsed());
            assert_eq!(answer.header("location"), Some("/lost-link/sent"));
        }
    }
    for times in &mut times {
        times.sort();
    }
    let medians = times.each_ref().map(|times| times[REQUESTS / 2]);
    let spread = times
        .iter()
        .map(|times| times[REQUESTS - 1].saturating_sub(times[0]))
        .max();
    let difference = medians
        .iter()
        .max()
        .zip(medians.iter().min())
        .map(|(most, least)| most.saturating_sub(*least));
    assert!(difference <= spread, "{medians:?} differ by more than {spread:?}");
    assert!(
        medians.iter().all(|median| *median >= Duration::from_millis(60)),
        "{medians:?}"
    );
}

#[apply(on_both_databases)]
async fn an_export_without_an_address_lists_all_subscriptions(mut app: TestApp) {
    two_newsletters(&mut app).await;
    let exported = Program::of(&app).ok(&["subscriber", "export"]);
    let lines: Vec<&str> = exported.lines().collect();
    assert!(lines[0].starts_with("email,newsletter,status,"), "{exported}");
    assert!(
        lines[1].starts_with("reader0@reader.example,daily,confirmed,no,"),
        "{exported}"
    );
    assert_eq!(lines.len(), 2);
}
