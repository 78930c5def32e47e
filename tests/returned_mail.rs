//! Returned mail: what comes back about our messages, and what follows for the subscriber.

use daywire::bounce::retention::drop_due;
use daywire::delivery::control;
use daywire::domain::address::EmailAddress;
use daywire::domain::ids::IssueId;
use daywire::domain::states::{DeliveryState, IssueState, SubscriptionState, SuppressionReason};
use daywire::mail::server::{Stage, Verdict};
use daywire::store::newsletters::Newsletter;
use daywire::store::suppressions::Suppression;
use daywire::worker::Role;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::issues::reply;
use crate::support::reports::{
    UNREADABLE, complaint, ingest, ingest_all, program, report, return_path, set_return_path,
};
use crate::support::{Engine, TestApp, eventually};

/// An app whose first issue was sent to `readers` readers.
async fn with_sent_issue(engine: Engine, readers: usize) -> (TestApp, Newsletter) {
    let mut app = TestApp::with(engine, set_return_path).await;
    let daily = app.daily().await;
    app.readers(&daily, readers).await;
    send(&mut app, &daily).await;
    (app, daily)
}

/// Sends an issue to its end, with every process stopped afterwards.
pub async fn send(app: &mut TestApp, newsletter: &Newsletter) -> IssueId {
    let issue = app.send(newsletter).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
    issue
}

/// What came back, as `kind reason action`, in alphabetical order.
pub fn bounces(app: &TestApp) -> Vec<String> {
    let listed = program(app).json(&["bounce", "list"]);
    let text = |bounce: &Value, field: &str| bounce[field].as_str().unwrap_or("-").to_owned();
    let listed = listed.as_array().expect("the command prints a list").iter();
    let line = |bounce: &Value| ["kind", "reason", "action"].map(|field| text(bounce, field)).join(" ");
    let mut lines: Vec<String> = listed.map(line).collect();
    lines.sort();
    lines
}

/// Why an address is suppressed.
pub async fn suppression(app: &TestApp, address: &str) -> Option<Suppression> {
    let address = EmailAddress::parse(address).expect("the address is valid");
    let mut tx = app.app.store.read().await.expect("the database answers");
    let hash = app.app.keys.address_hash(address.key());
    tx.suppression(&hash).await.expect("the suppression is read")
}

#[apply(on_both_databases)]
async fn a_permanent_reply_about_the_recipient_suppresses_the_address(engine: Engine) {
    let mut app = TestApp::with(engine, set_return_path).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    app.relay.answer(|stage, transaction, _| {
        let recipient = transaction.recipients.last().map_or("", String::as_str);
        match (stage, recipient) {
            (Stage::Rcpt, "reader1@reader.example") => reply(550, "5.1.1 <reader1@reader.example> is unknown"),
            (Stage::Rcpt, "reader2@reader.example") => reply(552, "5.2.2 the mailbox is full"),
            _ => Verdict::Continue,
        }
    });
    let issue = send(&mut app, &daily).await;
    assert_eq!(app.count(issue, DeliveryState::Rejected).await, 2);

    let suppressed = suppression(&app, "reader1@reader.example")
        .await
        .expect("the address is suppressed");
    assert_eq!(suppressed.reason, SuppressionReason::HardBounce);
    assert_eq!(suppressed.evidence, "550 5.1.1 (address) is unknown");
    assert_eq!(suppression(&app, "reader2@reader.example").await, None);
    assert_eq!(
        bounces(&app),
        ["bounce mailbox_full count", "bounce no_mailbox suppress"]
    );

    let next = send(&mut app, &daily).await;
    assert_eq!(app.count(next, DeliveryState::Suppressed).await, 1);
    assert_eq!(app.delivery_report(next).await.recipients, 3);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_permanent_reply_to_a_confirmation_mail_suppresses_the_address(mut app: TestApp) {
    app.daily().await;
    app.relay.answer(|stage, transaction, _| {
        let recipient = transaction.recipients.last().map_or("", String::as_str);
        match (stage, recipient) {
            (Stage::Rcpt, "ada@reader.example") => reply(550, "5.1.1 <ada@reader.example> is unknown"),
            (Stage::Rcpt, "bob@reader.example") => reply(550, "5.7.1 refused by local policy"),
            _ => Verdict::Continue,
        }
    });
    app.serve().await;
    for address in ["ada@reader.example", "bob@reader.example"] {
        app.site().post("/subscribe", &[("email", address)]).await;
    }
    eventually(
        "one mail is rejected, and the other waits for a relay that accepts the sender",
        || async {
            let mails = app.rows("transactional_mails").await;
            let count = |state: &str| mails.iter().filter(|mail| mail.contains(state)).count();
            count("rejected") == 1 && count("local policy") == 1
        },
    )
    .await;

    let suppressed = suppression(&app, "ada@reader.example")
        .await
        .expect("the address is suppressed");
    assert_eq!(suppressed.reason, SuppressionReason::HardBounce);
    assert_eq!(suppressed.evidence, "550 5.1.1 (address) is unknown");
    assert_eq!(suppression(&app, "bob@reader.example").await, None);
    assert_eq!(bounces(&app), ["bounce no_mailbox suppress"]);
}

#[apply(on_both_databases)]
async fn a_refusal_of_the_sender_suppresses_nobody(engine: Engine) {
    let app = TestApp::with(engine, set_return_path).await;
    let teardown = app.teardown();
    let mut app = app;
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    app.relay.answer(|stage, _, _| match stage {
        Stage::Rcpt => reply(550, "5.7.1 rejected by local policy"),
        _ => Verdict::Continue,
    });
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Paused).await;
    app.stop_serving().await;
    assert!(bounces(&app).is_empty());
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_bounce_to_the_signed_return_path_suppresses_the_address_once(engine: Engine) {
    let (app, _) = with_sent_issue(engine, 2).await;
    let teardown = app.teardown();
    let to = return_path(&app, "reader1@reader.example");
    assert!(to.starts_with("bounce+") && to.ends_with("@news.example"), "{to}");
    // The report names another address: the tag is what counts.
    let bounce = report(&to, "somebody@elsewhere.example", "5.1.1", "550 5.1.1 User unknown");
    ingest(&app, &bounce);
    ingest(&app, &bounce);
    let suppressed = suppression(&app, "reader1@reader.example")
        .await
        .expect("the address is suppressed");
    assert_eq!(suppressed.reason, SuppressionReason::HardBounce);
    assert_eq!(bounces(&app), ["bounce no_mailbox suppress"]);
    assert_eq!(suppression(&app, "reader0@reader.example").await, None);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_forged_or_truncated_tag_changes_nothing(engine: Engine) {
    let (app, _) = with_sent_issue(engine, 1).await;
    let teardown = app.teardown();
    let to = return_path(&app, "reader0@reader.example");
    let tag = to
        .strip_prefix("bounce+")
        .and_then(|rest| rest.strip_suffix("@news.example"));
    let tag = tag.expect("the return path has a tag");
    let last = if tag.ends_with('a') { 'b' } else { 'a' };
    let forged = format!("{}{last}", &tag[..tag.len() - 1]);
    for tag in [forged.as_str(), &tag[..tag.len() - 1], "x"] {
        let to = format!("bounce+{tag}@news.example");
        ingest(
            &app,
            &report(&to, "reader0@reader.example", "5.1.1", "550 5.1.1 User unknown"),
        );
    }
    assert_eq!(suppression(&app, "reader0@reader.example").await, None);
    assert!(bounces(&app).is_empty());
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_complaint_ends_the_subscription_and_suppresses_the_address(engine: Engine) {
    let (app, _) = with_sent_issue(engine, 1).await;
    let teardown = app.teardown();
    let to = return_path(&app, "reader0@reader.example");
    for harmless in ["auth-failure", "not-spam"] {
        ingest(&app, &complaint(&to, harmless));
        assert_eq!(
            app.subscription_state("reader0@reader.example").await,
            Some(SubscriptionState::Confirmed)
        );
    }
    ingest(&app, &complaint(&to, "abuse"));
    assert_eq!(
        app.subscription_state("reader0@reader.example").await,
        Some(SubscriptionState::Unsubscribed)
    );
    let suppressed = suppression(&app, "reader0@reader.example")
        .await
        .expect("the address is suppressed");
    assert_eq!(suppressed.reason, SuppressionReason::Complaint);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn delays_automatic_replies_and_policy_failures_change_nothing(engine: Engine) {
    let (app, _) = with_sent_issue(engine, 1).await;
    let teardown = app.teardown();
    let to = return_path(&app, "reader0@reader.example");
    let delayed = report(&to, "reader0@reader.example", "4.4.1", "451 timeout").replace("failed", "delayed");
    ingest(&app, &delayed);
    ingest(
        &app,
        &report(&to, "reader0@reader.example", "5.7.1", "550 5.7.1 blocked by policy"),
    );
    ingest(
        &app,
        &format!(
            "From: reader0@reader.example\r\nTo: <{to}>\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nUser unknown until May.\r\n"
        ),
    );
    assert_eq!(suppression(&app, "reader0@reader.example").await, None);
    assert_eq!(bounces(&app), ["bounce policy none"]);
    assert_eq!(
        app.subscription_state("reader0@reader.example").await,
        Some(SubscriptionState::Confirmed)
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn replies_of_the_recipient_and_failures_of_other_addresses_change_nothing(engine: Engine) {
    let (app, _) = with_sent_issue(engine, 1).await;
    let teardown = app.teardown();
    let to = return_path(&app, "reader0@reader.example");
    let text = |header: &str, body: &str| format!("{header}\r\nTo: <{to}>\r\n\r\n{body}\r\n");
    let absent = text(
        "Return-Path: <>\r\nFrom: Eva <reader0@reader.example>\r\nSubject: Abwesenheitsnotiz\r\nAuto-Submitted: auto-replied",
        "Ich bin bis Mai nicht im Haus, vertretung@reader.example hilft weiter. 550 5.1.1 user unknown",
    );
    let absent_by_postmaster = text(
        "Return-Path: <>\r\nFrom: postmaster@reader.example\r\nSubject: Automatic reply: Morning Wire",
        "This mailbox no longer exists. 550 5.1.1 user unknown",
    );
    let letter = text(
        "From: reader0@reader.example\r\nSubject: delivery of your newsletter",
        "My colleague bob@corp.example does not get it: 550 5.1.1 user unknown",
    );
    let success = text(
        "Return-Path: <>\r\nFrom: Mail Delivery System <mailer-daemon@mx.example>\r\n\
         Subject: Delivery Status Notification (Success)",
        "Your message was successfully delivered to reader0@reader.example",
    );
    let expanded = report(&to, "bob@corp.example", "5.1.1", "550 5.1.1 User unknown").replace(
        "Final-Recipient: rfc822; bob@corp.example",
        "Final-Recipient: rfc822; reader0@reader.example\r\nAction: expanded\r\nStatus: 2.0.0\r\n\r\n\
         Final-Recipient: rfc822; bob@corp.example",
    );
    assert!(expanded.contains("expanded"), "{expanded}");
    ingest_all(
        &program(&app),
        &[absent, absent_by_postmaster, letter, success, expanded],
    );
    assert_eq!(app.rows("returned_mails").await.len(), 5);
    assert_eq!(suppression(&app, "reader0@reader.example").await, None);
    assert!(bounces(&app).is_empty(), "{:?}", bounces(&app));

    // A server that could not ask whether the mailbox exists gives 4.1.1.
    let unverified = report(
        &to,
        "reader0@reader.example",
        "4.1.1",
        "450 4.1.1 Address verification in progress",
    );
    ingest(&app, &unverified);
    assert_eq!(suppression(&app, "reader0@reader.example").await, None);
    assert_eq!(bounces(&app), ["bounce expired count"]);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn contents_are_deleted_after_a_time_and_what_they_led_to_stays(engine: Engine) {
    let (app, _) = with_sent_issue(engine, 1).await;
    let teardown = app.teardown();
    let to = return_path(&app, "reader0@reader.example");
    ingest(
        &app,
        &report(&to, "reader0@reader.example", "5.1.1", "550 5.1.1 User unknown"),
    );
    let drop = || async {
        let dropped = drop_due(&app.app, &CancellationToken::new()).await;
        dropped.expect("the database answers")
    };
    // The dump shows octets in hexadecimal: this is the word "multipart".
    let has_content = |row: &String| row.contains("6d756c746970617274");
    assert_eq!(drop().await, 0);
    assert!(app.rows("returned_mails").await.iter().all(has_content));
    // The program processed it at the present time, so this is long after that in any case.
    app.advance_to("2200-01-01T00:00:00Z");
    assert_eq!((drop().await, drop().await), (1, 0));
    let kept = app.rows("returned_mails").await;
    assert!(kept.len() == 1 && !kept.iter().any(has_content), "{kept:?}");
    let suppressed = suppression(&app, "reader0@reader.example").await;
    assert!(suppressed.is_some_and(|suppression| suppression.evidence.contains("5.1.1")));
    assert_eq!(bounces(&app), ["bounce no_mailbox suppress"]);
    // Handed over again, it is still known.
    ingest(
        &app,
        &report(&to, "reader0@reader.example", "5.1.1", "550 5.1.1 User unknown"),
    );
    assert_eq!(app.rows("returned_mails").await.len(), 1);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn mail_that_changes_nothing_is_listed_with_all_and_says_why(engine: Engine) {
    let (app, _) = with_sent_issue(engine, 1).await;
    let teardown = app.teardown();
    let reader = "reader0@reader.example";
    let to = return_path(&app, reader);
    let program = program(&app);
    assert_eq!(program.json(&["bounce", "list", "--all"]), json!([]));
    let bounce = report(&to, reader, "5.1.1", "550 5.1.1 unknown user");
    let delay = report(&to, reader, "4.4.1", "451 4.4.1 no answer").replace("Action: failed", "Action: delayed");
    ingest(&app, &delay);
    ingest(&app, &bounce.replace(&to, "bounce+aaaaaaaaaaaaaaaa@news.example"));
    ingest(&app, &bounce);
    let listed = program.json(&["bounce", "list", "--all"]);
    let notes: Vec<_> = listed
        .as_array()
        .expect("the command prints a list")
        .iter()
        .map(|mail| (mail["kind"].as_str(), mail["note"].as_str()))
        .collect();
    let expected = [
        ("bounce", "the address is suppressed"),
        ("bounce", "the address it came to has a tag that this site did not make"),
        ("delayed", "a server still tries"),
    ];
    assert_eq!(notes, expected.map(|(kind, note)| (Some(kind), Some(note))));
    let table = program.ok(&["bounce", "list", "--all", "--limit", "1"]);
    assert!(
        table.contains("the address is suppressed") && !table.contains("still tries"),
        "{table}"
    );
    assert_eq!(bounces(&app), ["bounce no_mailbox suppress"]);

    let file = program.file("delay.eml", &delay);
    let inspected = program.json(&["inspect", "bounce", &file]);
    assert_eq!(
        (&inspected["kind"], &inspected["recipients"][0]["action"]),
        (&json!("delayed"), &json!("retry"))
    );
    let inspected = program.ok(&["inspect", "bounce", &file]);
    assert!(
        inspected.contains("retry") && !inspected.contains("expired") && !inspected.contains("server_failure"),
        "{inspected}"
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_mail_on_which_the_parser_panics_stops_no_other(engine: Engine) {
    let (app, _) = with_sent_issue(engine, 1).await;
    let teardown = app.teardown();
    ingest(&app, UNREADABLE);
    let to = return_path(&app, "reader0@reader.example");
    ingest(
        &app,
        &report(&to, "reader0@reader.example", "5.1.1", "550 5.1.1 unknown user"),
    );
    assert!(suppression(&app, "reader0@reader.example").await.is_some());
    assert_eq!(bounces(&app), ["bounce no_mailbox suppress"]);
    teardown.finish().await;
}
