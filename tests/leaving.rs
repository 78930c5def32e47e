//! A reader leaves: at once, by one click, for good.

use chrono::TimeDelta;
use daywire::clock::Rng;
use daywire::delivery::{control, test_mail};
use daywire::domain::ids::SubscriptionId;
use daywire::domain::states::{DeliveryState, IssueState, SubscriptionState};
use daywire::mail::sink::{Stage, Verdict};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};

use crate::support::dump::difference;
use crate::support::{TestApp, eventually};

const READER: &str = "reader0@reader.example";

/// The unsubscribe link of a reader's subscription number `n`.
async fn link(app: &TestApp, address: &str, n: usize) -> String {
    let id = app.subscriptions(address).await[n].id;
    format!("/unsubscribe/{}", app.app.keys.unsubscribe_token(id))
}

#[apply(on_both_databases)]
async fn a_reader_leaves_by_the_link_in_an_issue(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    let site = app.serve().await.clone();
    control::send(&app.app, issue).await.expect("it is sent");
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
        .expect("a form");
    let left = site.post(action, &[]).await;
    assert_eq!(left.status, StatusCode::OK);
    assert!(
        left.body.contains("You have unsubscribed from Daily Broadcast"),
        "{}",
        left.body
    );
    assert!(left.body.contains("/subscribe?newsletter=daily"), "there is a way back");
    assert_eq!(
        app.subscription_state(READER).await,
        Some(SubscriptionState::Unsubscribed)
    );
}

#[apply(on_both_databases)]
async fn one_click_works_in_every_form_that_mail_programs_send(mut app: TestApp) {
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
            .request(Method::POST, &link(&app, &address, 0).await)
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
        "what was pressed is on record: {record}"
    );
}

#[apply(on_both_databases)]
async fn the_links_of_a_test_copy_say_that_there_is_nothing_to_leave_or_change(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    let site = app.serve_site().await;
    test_mail::send_test(&app.app, issue, "desk@reader.example")
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
        let other = site.get(&format!("{}x", &link[..link.len() - 1])).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND);
    }
}

#[apply(on_both_databases)]
async fn leaving_twice_changes_nothing_the_second_time(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let site = app.serve_site().await;
    let link = link(&app, READER, 0).await;
    let first = site.post(&link, &[]).await;
    let after = app.dump().await;
    app.advance(TimeDelta::days(1));
    let second = site.post(&link, &[]).await;
    assert_eq!((second.status, second.body), (StatusCode::OK, first.body));
    assert_eq!(difference(&after, &app.dump().await), Vec::<String>::new());
}

#[apply(on_both_databases)]
async fn leaving_one_newsletter_keeps_the_others(mut app: TestApp) {
    let daily = app.daily().await;
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly Log\"").await;
    app.readers(&daily, 1).await;
    app.readers(&weekly, 1).await;
    let site = app.serve_site().await;
    site.post(&link(&app, READER, 0).await, &[]).await;
    let states: Vec<_> = app
        .subscriptions(READER)
        .await
        .into_iter()
        .map(|there| there.state)
        .collect();
    assert_eq!(states, [SubscriptionState::Unsubscribed, SubscriptionState::Confirmed]);
}

#[apply(on_both_databases)]
async fn an_old_link_works_after_the_signing_key_was_changed(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let old = link(&app, READER, 0).await;
    let mut tx = app.app.store.write().await.expect("the database answers");
    tx.add_signing_key(2, &Rng::System.bytes::<32>(), app.now())
        .await
        .expect("a key");
    tx.commit().await.expect("it is stored");
    app.restart(|_| {}).await;
    let site = app.serve_site().await;
    assert_ne!(link(&app, READER, 0).await, old, "new links are made with the new key");
    app.advance(TimeDelta::days(3 * 365));
    assert_eq!(site.post(&old, &[]).await.status, StatusCode::OK);
    assert_eq!(
        app.subscription_state(READER).await,
        Some(SubscriptionState::Unsubscribed)
    );
}

#[apply(on_both_databases)]
async fn a_forged_link_is_no_page_and_does_nothing(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let site = app.serve_site().await;
    let before = app.dump().await;
    let good = link(&app, READER, 0).await;
    let nobody = app
        .app
        .keys
        .unsubscribe_token(SubscriptionId(Rng::System.uuid(app.now())));
    let (head, tail) = good.split_at(good.len() - 1);
    let changed = format!("{head}{}", if tail == "A" { "E" } else { "A" });
    let (longer, nobody) = (format!("{good}A"), format!("/unsubscribe/{nobody}"));
    let forged = [&changed, &longer, head, &nobody, "/unsubscribe/x"];
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
    assert_eq!(difference(&before, &app.dump().await), Vec::<String>::new());
}

#[apply(on_both_databases)]
async fn leaving_ends_what_is_queued(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("it is queued");
    let site = app.serve_site().await;
    site.post(&link(&app, READER, 0).await, &[("List-Unsubscribe", "One-Click")])
        .await;
    assert_eq!(app.count(issue, DeliveryState::Cancelled).await, 1);
    app.stop_serving().await;
    app.serve().await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.count(issue, DeliveryState::Accepted).await, 2);
    assert!(app.relay.received_for(READER).is_empty());
}

#[apply(on_both_databases)]
async fn leaving_ends_what_waits_for_another_attempt(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    app.relay.answer(|stage, _, _| match stage {
        Stage::Rcpt => Verdict::Reply(451, "4.3.0 later".into()),
        _ => Verdict::Continue,
    });
    let site = app.serve().await.clone();
    control::send(&app.app, issue).await.expect("it is sent");
    eventually("it is deferred", || async {
        app.count(issue, DeliveryState::Deferred).await == 1
    })
    .await;
    site.post(&link(&app, READER, 0).await, &[]).await;
    assert_eq!(app.count(issue, DeliveryState::Cancelled).await, 1);
    app.relay.answer(|_, _, _| Verdict::Continue);
    app.advance(TimeDelta::hours(1));
    app.until(issue, IssueState::Sent).await;
    assert!(app.relay.received_for(READER).is_empty());
}

#[apply(on_both_databases)]
async fn who_has_left_gets_no_further_issue(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    let site = app.serve().await.clone();
    site.post(&link(&app, READER, 0).await, &[]).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    assert_eq!(
        control::send(&app.app, issue).await.expect("it is sent"),
        1,
        "one recipient is frozen"
    );
    app.until(issue, IssueState::Sent).await;
    assert!(app.relay.received_for(READER).is_empty());
    assert_eq!(app.relay.received_for("reader1@reader.example").len(), 1);
}

#[apply(on_both_databases)]
async fn coming_back_needs_a_new_confirmation(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let site = app.serve().await.clone();
    site.post(&link(&app, READER, 0).await, &[]).await;
    app.advance(TimeDelta::minutes(10));
    site.post("/subscribe", &[("email", READER)]).await;
    let confirm = app.relay.link_for(READER, "/confirm/").await;
    assert_eq!(
        app.subscription_state(READER).await,
        Some(SubscriptionState::Unsubscribed),
        "asking is not enough"
    );

    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    assert_eq!(control::send(&app.app, issue).await.expect("it is sent"), 0);
    site.post(&confirm, &[]).await;
    assert_eq!(app.subscription_state(READER).await, Some(SubscriptionState::Confirmed));
    app.until(issue, IssueState::Sent).await;
    assert_eq!(
        app.relay.received_for(READER).len(),
        1,
        "the confirmation, and no issue from before"
    );
}

#[apply(on_both_databases)]
async fn a_suppressed_address_gets_not_even_the_confirmation_that_was_queued(mut app: TestApp) {
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
