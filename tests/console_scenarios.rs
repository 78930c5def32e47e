//! Operators in a real browser: an owner and an editor at work in the console, and every page of it under the checks for accessibility,
//! layout and valid HTML. `tests/browser/` has the scripts.

use crate::support::Engine;
use crate::support::browser_script::{BrowserReport, run_in_browser};

/// The site is on this machine, where the console needs no HTTPS. The browser connects to the program's socket.
const SITE: (&str, &str) = ("DAYWIRE_SITE__URL", "http://localhost");
/// The program keeps the comments of readers.
const COMMENTS: (&str, &str) = ("DAYWIRE_COMMENTS__PROVIDER", "builtin");
/// A webhook to this machine, where nothing listens.
const WEBHOOKS: (&str, &str) = ("DAYWIRE_WEBHOOKS__ALLOW", "127.0.0.1:9");
/// An issue takes half a minute, so there is time to watch it and to pause it.
const SLOW_RELAY: (&str, &str) = ("DAYWIRE_RELAY__RATE_PER_SECOND", "3");

/// The pages that the operators come to, and their status.
const WAY: &[&str] = &[
    "first owner: 200",
    "first owner with a short password: 422",
    "today: 200",
    "first owner again: 404",
    "authenticator: 200",
    "recovery codes: 200",
    "authenticator in use: 200",
    "wrong password: 401",
    "code: 200",
    "wrong code: 401",
    "signed in: 200",
    "signed in by invitation: 200",
    "no drafts: 200",
    "draft: 200",
    "wrong subject: 422",
    "curated: 200",
    "test mail: 200",
    "editor at /admin/operators: 403",
    "editor at /admin/audit: 403",
    "editor at send: 403",
    "editor at cancel: 403",
    "drafts: 200",
    "approved: 200",
    "readers of the draft: 200",
    "question before cancelling: 200",
    "question before sending: 200",
    "paused: 200",
    "question before resuming: 200",
    "sent: 200",
    "proof: 200",
    "changed by another: 409",
    "changed after another: 200",
    "two sessions: 200",
    "one session: 200",
    "session ended: 401",
    "sent again: 200",
];

#[track_caller]
fn assert_whole_way(report: &BrowserReport) {
    assert_eq!(report.steps.iter().map(String::as_str).collect::<Vec<_>>(), WAY);
}

#[apply(with_browser)]
async fn operators_work_from_the_first_owner_to_a_sent_issue(engine: Engine) {
    let scenario = match engine {
        Engine::Sqlite => "console",
        Engine::Postgres => "console-again",
    };
    assert_whole_way(&run_in_browser(engine, scenario, &[SITE, SLOW_RELAY]).await);
}

#[apply(with_browser)]
async fn operators_work_from_the_first_owner_to_a_sent_issue_without_scripts() {
    assert_whole_way(&run_in_browser(Engine::Sqlite, "console-no-script", &[SITE, SLOW_RELAY]).await);
}

#[apply(with_browser)]
async fn an_owner_adds_a_passkey_and_signs_in_with_it(engine: Engine) {
    let report = run_in_browser(engine, "passkeys", &[SITE]).await;
    assert_eq!(
        report.steps,
        [
            "no passkey: 200",
            "passkey added: 200",
            "sign in: 200",
            "signed in with a passkey: 200",
            "passkey removed: 200",
            "removed passkey: 401",
        ]
    );
}

#[apply(with_browser)]
async fn a_publisher_finds_a_reader_by_address_and_sees_the_consent_record() {
    for scenario in ["console-readers", "console-readers-no-script"] {
        let report = run_in_browser(Engine::Sqlite, scenario, &[SITE]).await;
        assert_eq!(
            report.steps,
            ["readers: 200", "unknown address: 200", "reader: 200"],
            "{scenario}"
        );
    }
}

#[apply(with_browser)]
async fn an_editor_shows_one_comment_and_rejects_another() {
    for scenario in ["console-comments", "console-comments-no-script"] {
        let report = run_in_browser(Engine::Sqlite, scenario, &[SITE, COMMENTS]).await;
        assert_eq!(
            report.steps,
            [
                "to moderate: 200",
                "comment shown: 200",
                "comment hidden: 200",
                "article with the comment: 200",
                "the author’s comments: 200",
            ],
            "{scenario}"
        );
    }
}

#[apply(with_browser)]
async fn every_page_of_the_console_passes_the_checks() {
    let report = run_in_browser(Engine::Sqlite, "console-pages", &[SITE, COMMENTS, WEBHOOKS]).await;
    for page in [
        "/admin",
        "/admin/drafts/weekend/1",
        "/admin/issues/broadcast/1",
        "/admin/account",
    ] {
        report.has_step(&format!("{page}: 200"));
    }
}

#[apply(with_browser)]
async fn every_page_of_the_console_is_german_in_a_german_browser() {
    run_in_browser(Engine::Sqlite, "console-pages-german", &[SITE, COMMENTS, WEBHOOKS]).await;
}

#[apply(with_browser)]
async fn every_page_of_the_console_in_arabic_runs_from_right_to_left() {
    run_in_browser(Engine::Sqlite, "console-pages-arabic", &[SITE, COMMENTS, WEBHOOKS]).await;
}
