//! Unsubscribing: by link and by one click, with effect at once.

use chrono::TimeDelta;
use daywire::clock::Rng;
use daywire::delivery::{control, test_mail};
use daywire::domain::address::EmailAddress;
use daywire::domain::ids::SubscriptionId;
use daywire::domain::states::{DeliveryState, IssueState, SubscriptionState};
use daywire::mail::server::{Stage, Verdict};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};

use crate::support::dump::difference;
use crate::support::eventually;
use crate::support::operators::actor;
use crate::support::program::Program;

const READER: &str = "reader0@reader.example";

#[apply(on_both_databases)]
async fn a_reader_unsubscribes_by_the_link_in_an_issue(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    let site = app.serve().await.clone();
    control::send(&app.app, issue).await.expect("the issue can be sent");
    let link = app.relay.link_for(READER, "/unsubscribe/").await;
    assert!(link.starts_with("https://news.example/unsubscribe/"), "{link}");
    app.until(issue, IssueState::Sent).await;

    let page = site.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Unsubscribe from Daily Broadcast?") && page.body.contains("<button"));
    assert_eq!(app.subscription_state(READER).await, Some(SubscriptionState::Confirmed));
    let action = page
        .body
        .split("action=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("the page has a form");
    let left = site.post(action, &[]).await;
    assert_eq!(left.status, StatusCode::OK);
    assert!(
        left.body.contains("You have unsubscribed from Daily Broadcast"),
        "{}",
        left.body
    );
    assert!(
        left.body.contains("/unsubscribe/undo/") && !left.body.contains("/subscribe?newsletter=daily"),
        "one offer is enough: {}",
        left.body
    );
    assert_eq!(
        app.subscription_state(READER).await,
        Some(SubscriptionState::Unsubscribed)
    );
}

#[apply(on_both_databases)]
async fn one_click_works_in_every_form_of_mail_programs(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 4).await;
    let site = app.serve_site().await;
    let field = "Content-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click";
    let multipart = format!("--b\r\n{field}\r\n--b--\r\n");
    for (n, (kind, body)) in [
        (Some("application/x-www-form-urlencoded"), "List-Unsubscribe=One-Click"),
        (Some("multipart/form-data; boundary=b"), multipart.as_str()),
        (Some("application/x-www-form-urlencoded"), ""),
        (None, ""),
    ]
    .into_iter()
    .enumerate()
    {
        let address = format!("reader{n}@reader.example");
        let mut request = site
            .request(Method::POST, &app.unsubscribe_path(&address).await)
            .body(body.to_owned());
        if let Some(kind) = kind {
            request = request.header(CONTENT_TYPE, kind);
        }
        let answer = site.send(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{kind:?}");
        assert_eq!(
            (answer.header("location"), answer.header("set-cookie")),
            (None, None),
            "{kind:?}"
        );
        assert_eq!(
            app.subscription_state(&address).await,
            Some(SubscriptionState::Unsubscribed),
            "{kind:?}"
        );
    }
    let record = app.rows("consent_records").await.join("\n");
    assert_eq!(
        record.matches("one-click").count(),
        2,
        "the record tells one click from the button: {record}"
    );
}

#[apply(on_both_databases)]
async fn links_of_a_test_copy_explain_that_they_belong_to_no_subscription(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    let site = app.serve_site().await;
    test_mail::send_test(&app.app, issue, None, "desk@reader.example")
        .await
        .expect("it is sent");
    for kind in ["/unsubscribe/", "/preferences/"] {
        let link = app.relay.link_for("desk@reader.example", kind).await;
        let before = app.dump().await;
        for page in [site.get(&link).await, site.post(&link, &[("cadence", "weekly")]).await] {
            assert_eq!(page.status, StatusCode::OK, "{}", page.body);
            assert!(page.body.contains("It belongs to no subscription"), "{}", page.body);
            assert!(!page.body.contains("<button"), "{}", page.body);
        }
        assert_eq!(difference(&before, &app.dump().await), Vec::<String>::new());
        let (head, last) = link.split_at(link.len() - 1);
        let other = site
            .get(&format!("{head}{}", if last == "A" { "E" } else { "A" }))
            .await;
        assert_eq!(other.status, StatusCode::NOT_FOUND);
    }
}

#[apply(on_both_databases)]
async fn unsubscribing_again_changes_nothing(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let site = app.serve_site().await;
    let link = app.unsubscribe_path(READER).await;
    let first = site.post(&link, &[]).await;
    let after = app.dump().await;
    app.advance(TimeDelta::days(1));
    let second = site.post(&link, &[]).await;
    for page in [first, second] {
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.body.contains("You have unsubscribed from Daily Broadcast."),
            "{}",
            page.body
        );
    }
    assert_eq!(difference(&after, &app.dump().await), Vec::<String>::new());
}

#[apply(on_both_databases)]
async fn unsubscribing_from_one_newsletter_keeps_the_others(mut app: TestApp) {
    let daily = app.daily().await;
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly Log\"").await;
    app.readers(&daily, 1).await;
    app.readers(&weekly, 1).await;
    let site = app.serve_site().await;
    site.post(&app.unsubscribe_path(READER).await, &[]).await;
    let states: Vec<_> = app
        .subscriptions(READER)
        .await
        .into_iter()
        .map(|subscription| subscription.state)
        .collect();
    assert_eq!(states, [SubscriptionState::Unsubscribed, SubscriptionState::Confirmed]);
}

#[apply(on_both_databases)]
async fn an_old_link_works_after_a_change_of_the_signing_key(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let old = app.unsubscribe_path(READER).await;
    let mut tx = app.app.store.write().await.expect("the database answers");
    tx.add_signing_key(2, &Rng::System.bytes::<32>(), app.now())
        .await
        .expect("the key is stored");
    tx.commit().await.expect("the transaction commits");
    app.restart(|_| {}).await;
    let site = app.serve_site().await;
    assert_ne!(
        app.unsubscribe_path(READER).await,
        old,
        "new links are made with the new key"
    );
    app.advance(TimeDelta::days(3 * 365));
    assert_eq!(site.post(&old, &[]).await.status, StatusCode::OK);
    assert_eq!(
        app.subscription_state(READER).await,
        Some(SubscriptionState::Unsubscribed)
    );
}

#[apply(on_both_databases)]
async fn a_forged_link_is_not_found_and_changes_nothing(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let site = app.serve_site().await;
    let before = app.dump().await;
    let good = app.unsubscribe_path(READER).await;
    let unknown = app
        .app
        .keys
        .unsubscribe_token(SubscriptionId(Rng::System.uuid(app.now())));
    let (head, tail) = good.split_at(good.len() - 1);
    let changed = format!("{head}{}", if tail == "A" { "E" } else { "A" });
    let longer = format!("{good}A");
    let forged = [&changed, &longer, head, "/unsubscribe/x"];
    for link in forged {
        for method in [Method::GET, Method::POST] {
            let answer = site.send(site.request(method, link)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{link}");
            assert!(
                answer.body.contains("This link doesn’t work") && answer.body.contains(">Daywire<"),
                "{}",
                answer.body
            );
        }
    }
    // Made here, for a subscription that is not on record any more.
    for method in [Method::GET, Method::POST] {
        let answer = site
            .send(site.request(method, &format!("/unsubscribe/{unknown}")))
            .await;
        assert_eq!(answer.status, StatusCode::GONE, "{}", answer.body);
        assert!(
            answer.body.contains("Everything about you was erased."),
            "{}",
            answer.body
        );
    }
    assert_eq!(difference(&before, &app.dump().await), Vec::<String>::new());
}

#[apply(on_both_databases)]
async fn unsubscribing_cancels_queued_deliveries(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    let site = app.serve_site().await;
    site.post(
        &app.unsubscribe_path(READER).await,
        &[("List-Unsubscribe", "One-Click")],
    )
    .await;
    assert_eq!(app.count(issue, DeliveryState::Cancelled).await, 1);
    app.stop_serving().await;
    app.serve().await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.count(issue, DeliveryState::Accepted).await, 2);
    assert!(app.relay.received_for(READER).is_empty());
}

#[apply(on_both_databases)]
async fn unsubscribing_cancels_deferred_deliveries(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    app.relay.answer(|stage, _, _| match stage {
        Stage::Rcpt => Verdict::Reply(451, "4.3.0 later".into()),
        _ => Verdict::Continue,
    });
    let site = app.serve().await.clone();
    control::send(&app.app, issue).await.expect("the issue can be sent");
    eventually("the delivery is deferred", || async {
        app.count(issue, DeliveryState::Deferred).await == 1
    })
    .await;
    site.post(&app.unsubscribe_path(READER).await, &[]).await;
    assert_eq!(app.count(issue, DeliveryState::Cancelled).await, 1);
    app.relay.answer(|_, _, _| Verdict::Continue);
    app.advance(TimeDelta::hours(1));
    app.until(issue, IssueState::Sent).await;
    assert!(app.relay.received_for(READER).is_empty());
}

#[apply(on_both_databases)]
async fn an_unsubscribed_reader_gets_no_further_issue(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    let site = app.serve().await.clone();
    site.post(&app.unsubscribe_path(READER).await, &[]).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    assert_eq!(
        control::send(&app.app, issue).await.expect("the issue can be sent"),
        1,
        "one recipient is frozen"
    );
    app.until(issue, IssueState::Sent).await;
    assert!(app.relay.received_for(READER).is_empty());
    assert_eq!(app.relay.received_for("reader1@reader.example").len(), 1);
}

#[apply(on_both_databases)]
async fn an_unsubscribed_reader_needs_a_new_confirmation(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let site = app.serve().await.clone();
    site.post(&app.unsubscribe_path(READER).await, &[]).await;
    app.advance(TimeDelta::minutes(10));
    site.post("/subscribe", &[("email", READER)]).await;
    let confirm = app.relay.link_for(READER, "/confirm/").await;
    assert_eq!(
        app.subscription_state(READER).await,
        Some(SubscriptionState::Unsubscribed),
        "a request does not confirm"
    );

    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    assert_eq!(control::send(&app.app, issue).await.expect("the issue can be sent"), 0);
    site.post(&confirm, &[]).await;
    assert_eq!(app.subscription_state(READER).await, Some(SubscriptionState::Confirmed));
    app.until(issue, IssueState::Sent).await;
    assert_eq!(
        app.relay.received_for(READER).len(),
        1,
        "only the confirmation mail is sent"
    );
}

#[apply(on_both_databases)]
async fn a_queued_confirmation_is_not_sent_to_a_suppressed_address(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    site.post("/subscribe", &[("email", "ada@reader.example")]).await;
    app.suppress("ada@reader.example", "complained").await;
    site.post("/subscribe", &[("email", "eve@reader.example")]).await;
    app.stop_serving().await;
    app.serve().await;
    app.relay.link_for("eve@reader.example", "/confirm/").await;
    assert!(app.relay.received_for("ada@reader.example").is_empty());
}

#[apply(on_both_databases)]
async fn suppressing_an_address_deletes_the_content_of_its_waiting_mails(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    site.post("/subscribe", &[("email", "ada@reader.example")]).await;
    assert_eq!(app.rows("transactional_mails").await.len(), 1);
    app.suppress("ada@reader.example", "complained").await;
    app.execute(
        "DELETE FROM transactional_mails WHERE state = 'suppressed' AND token_nonce IS NULL \
         AND linked_subscriptions IS NULL AND html = '' AND text = ''",
    )
    .await;
    let kept = app.rows("transactional_mails").await;
    assert!(kept.is_empty(), "a suppressed mail keeps no content: {kept:?}");
}

/// The action of the form on a page whose path begins so.
fn action(page: &str, path: &str) -> String {
    let from = page.find(&format!("action=\"{path}")).expect("the page has the form");
    let rest = &page[from + 8..];
    rest[..rest.find('"').expect("the attribute ends")].to_owned()
}

#[apply(on_both_databases)]
async fn a_reader_undoes_leaving_and_everything_is_as_before(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.prefer(READER, &["science"], None).await;
    let until = app.now() + TimeDelta::days(10);
    app.pause(READER, until).await;
    let before = app.rows("subscriptions").await;
    app.advance(TimeDelta::seconds(10));
    let site = app.serve_site().await;
    let link = app.unsubscribe_path(READER).await;
    let left = site.post(&link, &[]).await;
    assert_eq!(
        app.subscription_state(READER).await,
        Some(SubscriptionState::Unsubscribed)
    );
    let undo = action(&left.body, "/unsubscribe/undo/");
    app.advance(TimeDelta::milliseconds(10));
    assert!(
        !site.post(&link, &[]).await.body.contains("/undo/"),
        "only the page after leaving has the button"
    );
    assert!(!site.get(&link).await.body.contains("/undo/"));
    for _ in 0..2 {
        let undone = site.post(&undo, &[]).await;
        assert_eq!(undone.status, StatusCode::OK);
        assert!(
            undone.body.contains("You’re subscribed to Daily Broadcast again."),
            "{}",
            undone.body
        );
    }
    assert_eq!(app.rows("subscriptions").await, before);
    let events: Vec<_> = app
        .consent(READER)
        .await
        .iter()
        .map(|entry| entry.event.as_str())
        .collect();
    assert_eq!(events, ["imported", "unsubscribed", "restored"]);

    site.post(&link, &[]).await;
    assert_eq!(
        site.post(&undo, &[]).await.status,
        StatusCode::OK,
        "the same second is the same end"
    );
    app.advance(TimeDelta::seconds(1));
    site.post(&link, &[]).await;
    let refused = site.post(&undo, &[]).await;
    assert_eq!(
        refused.status,
        StatusCode::GONE,
        "the button is for one end of the subscription"
    );
    assert!(
        refused
            .body
            .contains("Your subscription to Daily Broadcast has changed since.")
            && refused.body.contains("To get it, use Subscribe"),
        "{}",
        refused.body
    );
    assert_eq!(
        app.subscription_state(READER).await,
        Some(SubscriptionState::Unsubscribed)
    );
}

#[apply(on_both_databases)]
async fn undoing_ends_after_its_time_and_with_a_suppression(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    let site = app.serve_site().await;
    let left = site.post(&app.unsubscribe_path(READER).await, &[]).await;
    let undo = action(&left.body, "/unsubscribe/undo/");
    let forged = undo.replace("/undo/", "/undo/A");
    assert_eq!(site.post(&forged, &[]).await.status, StatusCode::NOT_FOUND);
    let other = "reader1@reader.example";
    let left = site.post(&app.unsubscribe_path(other).await, &[]).await;
    app.suppress(other, "by an operator").await;
    let refused = site.post(&action(&left.body, "/unsubscribe/undo/"), &[]).await;
    assert_eq!(refused.status, StatusCode::GONE);
    assert!(
        refused.body.contains("We don’t send to your address any more"),
        "{}",
        refused.body
    );
    app.advance(TimeDelta::hours(1));
    let late = site.post(&undo, &[]).await;
    assert_eq!(late.status, StatusCode::GONE);
    assert!(
        late.body.contains("To subscribe again, use “Subscribe”"),
        "{}",
        late.body
    );
    for reader in [READER, other] {
        assert_eq!(
            app.subscription_state(reader).await,
            Some(SubscriptionState::Unsubscribed)
        );
    }
}

#[apply(on_both_databases)]
async fn leaving_a_newsletter_that_was_removed_since_is_not_undone(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let site = app.serve_site().await;
    let left = site.post(&app.unsubscribe_path(READER).await, &[]).await;
    Program::of(&app).ok(&["newsletter", "remove", "daily", "--yes"]);
    let refused = site.post(&action(&left.body, "/unsubscribe/undo/"), &[]).await;
    assert_eq!(refused.status, StatusCode::GONE);
    assert!(
        refused.body.contains("Daily Broadcast doesn’t appear any more.")
            && refused.body.contains("shows our newsletters"),
        "{}",
        refused.body
    );
}

#[apply(on_both_databases)]
async fn a_reason_for_leaving_is_kept_without_the_reader(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let site = app.serve_site().await;
    let left = site.post(&app.unsubscribe_path(READER).await, &[]).await;
    let reason = action(&left.body, "/unsubscribe/reason/");
    let note = "mail me at reader0@reader.example instead";
    let thanked = site
        .post_and_follow(&reason, &[("reason", "too_long"), ("note", note)])
        .await;
    assert!(thanked.body.contains("Thank you."), "{}", thanked.body);
    site.post(&reason, &[("reason", "too_often"), ("note", note)]).await;
    let rows = app.rows("leaving_reasons").await;
    assert_eq!(rows.len(), 1, "a second answer replaces the first: {rows:?}");
    assert!(
        rows[0].contains("too_often") && rows[0].contains("mail me at (address) instead"),
        "{rows:?}"
    );
    let address = EmailAddress::parse(READER).expect("an address");
    daywire::privacy::erase(&app.app, &actor(), &address)
        .await
        .expect("it is erased");
    let rows = app.rows("leaving_reasons").await;
    assert!(
        rows[0].contains("too_often") && !rows[0].contains("mail me"),
        "{rows:?}"
    );
    let mut tx = app.app.store.read().await.expect("the database answers");
    let counts = tx
        .leaving_reasons_by_day(app.now())
        .await
        .expect("the reasons are counted");
    assert_eq!((counts.len(), counts[0].count), (1, 1));
}

#[apply(on_both_databases)]
async fn after_leaving_by_the_button_a_page_offers_to_undo_it_and_the_readers_data(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let site = app.serve_site().await;
    let leave = app.unsubscribe_path(READER).await;
    assert!(site.get(&leave).await.body.contains("name=\"button\""));
    let left = site.post(&leave, &[("button", "leave")]).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    let undo = left.header("location").expect("the page has an address").to_owned();
    let page = site.get(&format!("{undo}?lang=de")).await;
    assert_eq!(page.status, StatusCode::OK);
    let preferences = leave.replace("/unsubscribe/", "/preferences/");
    assert!(page.body.contains(&format!("href=\"{preferences}\"")), "{}", page.body);
    let reason = action(&page.body, "/unsubscribe/reason/");
    assert_eq!(site.get(&reason).await.header("location"), Some(undo.as_str()));
    let nothing = site.post(&reason, &[("note", " ")]).await;
    assert_eq!(nothing.header("location"), Some(undo.as_str()));
    assert_eq!(app.rows("leaving_reasons").await.len(), 0);
    let thanked = site.post_and_follow(&reason, &[("note", "Too loud.")]).await;
    assert!(thanked.body.contains("Thank you."), "{}", thanked.body);
    assert_eq!(app.rows("leaving_reasons").await.len(), 1);
    let data = site.get(&preferences).await;
    assert_eq!(data.status, StatusCode::GONE);
    for form in ["/export\"", "/erase\"", "/manage\""] {
        assert!(data.body.contains(form), "{form}: {}", data.body);
    }
    let sent = site.post(&format!("{preferences}/export"), &[]).await;
    assert_eq!(sent.header("location"), Some(format!("{preferences}/sent").as_str()));
    for posted in ["export", "erase", "manage", "join", "leave", "address"] {
        let answer = site.get(&format!("{preferences}/{posted}?lang=de")).await;
        assert_eq!(answer.header("location"), Some(preferences.as_str()), "{posted}");
    }
    site.post(&undo, &[]).await;
    assert_eq!(app.subscription_state(READER).await, Some(SubscriptionState::Confirmed));
    assert!(site.get(&undo).await.body.contains("again."));
}
