//! Test mails: on their way to the relay when the program stops in order or is killed, to suppressed addresses, and in great numbers.

use std::collections::HashSet;

use daywire::domain::role::Role;
use reqwest::StatusCode;

use crate::support::mock_relay::parse;
use crate::support::operators::Browser;
use crate::support::program::{Program, Serving};
use crate::support::{TestApp, eventually};

const PATH: &str = "/admin/drafts/daily/1";
const TO: &str = "ada@station.example";
/// The most tests for which an operator may ask in an hour.
const MAX_TESTS_PER_HOUR: usize = 60;
const INTERRUPTED: &str = "The program ended while it was sending this test.";

/// The running program, and the relay with a test mail after its final dot: an editor has pressed the button, and the relay has not replied.
async fn held_test_mail(app: &TestApp) -> (Program, Serving) {
    let daily = app.daily().await;
    app.articles(&daily, 1).await;
    app.build(&daily).await;
    app.operator_with_password("ada", Role::Editor).await;
    app.relay.hold_after(0);
    let program = Program::of(app);
    let serving = program.serve();
    let mut browser = Browser::signed_in(&serving.site().await, "ada").await;
    let queued = browser.post(&format!("{PATH}/test"), &[("to", TO)]).await;
    assert_eq!(queued.status, StatusCode::SEE_OTHER, "{}", queued.body);
    eventually("the relay has the test", || async { app.relay.waiting_mails().0 == 1 }).await;
    (program, serving)
}

/// Waits until the page of the draft contains a text. Returns the page.
async fn page_with(browser: &mut Browser, text: &str) -> String {
    let mut page = String::new();
    eventually(text, async || {
        page = browser.get(PATH).await.body;
        page.contains(text)
    })
    .await;
    page
}

#[apply(on_both_databases)]
async fn a_test_mail_in_flight_when_the_program_is_killed_is_sent_again_and_the_page_says_so(app: TestApp) {
    let (program, serving) = held_test_mail(&app).await;
    serving.kill();
    let serving = program.serve();
    let mut browser = Browser::signed_in(&serving.site().await, "ada").await;
    eventually("the relay has it again", || async { app.relay.waiting_mails().0 == 2 }).await;
    page_with(&mut browser, &format!("{TO}: waits to be sent. {INTERRUPTED}")).await;

    app.relay.release();
    let page = page_with(&mut browser, &format!("{TO}: sent ")).await;
    assert!(
        page.contains(INTERRUPTED) && page.contains("it may arrive twice"),
        "{page}"
    );
    eventually("the relay has accepted both copies", || async {
        app.relay.received_for(TO).len() == 2
    })
    .await;
    // Mail programs and mailboxes know by the Message-ID that both are one mail.
    let copies = app.relay.received_for(TO);
    let ids: HashSet<_> = copies
        .iter()
        .map(|mail| parse(&mail.bytes).message_id().map(str::to_owned))
        .collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert!(serving.terminate().0.success());
    assert_eq!(app.rows("transactional_mails").await.len(), 1);
}

#[apply(on_both_databases)]
async fn a_test_mail_in_flight_when_the_program_stops_in_order_is_sent_once(app: TestApp) {
    let (program, serving) = held_test_mail(&app).await;
    let status = serving.terminate_while(async { app.relay.release() }).await;
    assert!(status.success(), "the program ended with {status}");

    let serving = program.serve();
    let mut browser = Browser::signed_in(&serving.site().await, "ada").await;
    let page = page_with(&mut browser, &format!("{TO}: sent ")).await;
    assert!(!page.contains(INTERRUPTED), "{page}");
    // A second test goes out, and the first is not sent again with it.
    browser.post(&format!("{PATH}/test"), &[("to", TO)]).await;
    eventually("the second test is sent", || async {
        app.relay.received_for(TO).len() >= 2
    })
    .await;
    assert!(serving.terminate().0.success());
    assert_eq!(app.relay.received_for(TO).len(), 2);
}

/// A draft, and the browser of an editor of the site.
async fn editor(app: &mut TestApp) -> Browser {
    let daily = app.daily().await;
    app.articles(&daily, 1).await;
    app.build(&daily).await;
    app.operator_with_password("ada", Role::Editor).await;
    let site = app.serve_site().await;
    Browser::signed_in(&site, "ada").await
}

#[apply(on_both_databases)]
async fn a_suppressed_address_gets_no_test_mail(mut app: TestApp) {
    let mut browser = editor(&mut app).await;
    app.suppress(TO, "asked by letter").await;
    let refused = browser.post(&format!("{PATH}/test"), &[("to", TO)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("the address is suppressed"), "{}", refused.body);
    // An editor may not see which addresses are suppressed, so asking about many takes hours.
    for number in 0..MAX_TESTS_PER_HOUR {
        let other = format!("reader{number}@station.example");
        browser.post(&format!("{PATH}/test"), &[("to", &other)]).await;
    }
    let refused = browser.post(&format!("{PATH}/test"), &[("to", TO)]).await;
    assert!(!refused.body.contains("the address is suppressed"), "{}", refused.body);
}

#[apply(on_both_databases)]
async fn test_mails_to_one_address_are_limited(mut app: TestApp) {
    let mut browser = editor(&mut app).await;
    for _ in 0..20 {
        let queued = browser.post(&format!("{PATH}/test"), &[("to", TO)]).await;
        assert_eq!(queued.status, StatusCode::SEE_OTHER, "{}", queued.body);
    }
    let refused = browser.post(&format!("{PATH}/test"), &[("to", TO)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let other = browser
        .post(&format!("{PATH}/test"), &[("to", "ben@station.example")])
        .await;
    assert_eq!(other.status, StatusCode::SEE_OTHER);
}
