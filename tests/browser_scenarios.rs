//! Readers in a real browser: the whole way from sign-up to erasure, and every page and mail under checks for accessibility, layout and
//! valid HTML. `tests/browser/` has the scripts.

use crate::support::Engine;
use crate::support::browser_script::{BrowserReport, run_in_browser, run_with_brand};

/// The reader's way in every scenario, as the pages that were reached and their status.
const WAY: &[&str] = &[
    "front page: 200",
    "sign-up with a wrong address: 422",
    "check your inbox: 200",
    "confirm: 200",
    "confirmed: 200",
    "pause: 200",
    "link sent: 200",
    "subscriptions: 200",
    "settings: 200",
    "settings saved: 200",
    "joined: 200",
    "unsubscribe: 200",
    "unsubscribed: 200",
    "subscribed again: 200",
    "lost link: 200",
    "lost link sent: 200",
    "export: 200",
    "erase: 200",
    "erased: 200",
    "nothing on record: 410",
];

#[track_caller]
fn assert_whole_way(report: &BrowserReport) {
    assert_eq!(report.steps.iter().map(String::as_str).collect::<Vec<_>>(), WAY);
}

#[apply(with_browser)]
async fn a_reader_goes_from_sign_up_to_erasure_with_the_keyboard_alone(engine: Engine) {
    assert_whole_way(&run_in_browser(engine, "keyboard", &[]).await);
}

#[apply(with_browser)]
async fn a_reader_goes_from_sign_up_to_erasure_without_scripts(engine: Engine) {
    assert_whole_way(&run_in_browser(engine, "no-script", &[]).await);
}

#[apply(with_browser)]
async fn the_checks_find_the_faults_they_look_for() {
    let report = run_in_browser(Engine::Sqlite, "controls", &[]).await;
    assert!(report.steps.len() > 15, "{:#?}", report.steps);
}

/// Every page that can be reached, and both mails, with the checks of a scenario: `pages` has all, `look` all but the order of the focus.
async fn check_everything(scenario: &str, settings: &[(&str, &str)], brand: Option<&str>) {
    let report = run_with_brand(Engine::Sqlite, scenario, settings, brand).await;
    for step in WAY {
        report.has_step(step);
    }
    for page in [
        "/",
        "/archive",
        "/archive/broadcast/1",
        "/search?q=cable",
        "/topics/security",
        "/pages/about",
        "/subscribe?newsletter=weekend",
    ] {
        report.has_step(&format!("{page}: 200"));
    }
    for page in ["/no/such/page", "/archive/broadcast/999", "/confirm/unknown"] {
        report.has_step(&format!("{page}: 404"));
    }
    let mails = report.steps.iter().filter(|step| step.starts_with("mail: ")).count();
    assert!(mails >= 6, "only {mails} mails were checked");
}

#[apply(with_browser)]
async fn every_page_and_mail_in_the_plain_voice_passes_the_checks() {
    check_everything("pages", &[], None).await;
}

#[apply(with_browser)]
async fn every_page_and_mail_in_the_radio_voice_passes_the_checks() {
    check_everything("look", &[("DAYWIRE_SITE__VOICE", "radio")], None).await;
}

#[apply(with_browser)]
async fn every_page_and_mail_in_a_brand_of_settings_passes_the_checks() {
    check_everything("look", &[], Some("harbour")).await;
}

#[apply(with_browser)]
async fn every_page_and_mail_in_a_brand_of_templates_passes_the_checks() {
    check_everything("pages", &[], Some("ledger")).await;
}

#[apply(with_browser)]
async fn a_browser_set_to_german_gets_no_english_words_in_pages_and_mails() {
    let report = run_in_browser(Engine::Sqlite, "german", &[]).await;
    for step in WAY {
        report.has_step(step);
    }
}

#[apply(with_browser)]
async fn every_page_and_mail_in_arabic_runs_from_right_to_left() {
    let report = run_in_browser(Engine::Sqlite, "arabic", &[("DAYWIRE_SITE__LANGUAGE", "ar")]).await;
    for step in WAY {
        report.has_step(step);
    }
}

#[apply(with_browser)]
async fn the_navigation_is_one_line_on_a_phone_in_every_language_and_voice() {
    for voice in ["plain", "radio"] {
        let report = run_in_browser(Engine::Sqlite, "navigation", &[("DAYWIRE_SITE__VOICE", voice)]).await;
        let languages = ["en", "de", "fr", "es", "pt", "it", "pl", "zh-Hans", "ja", "ar"];
        assert_eq!(
            report.steps,
            languages.map(|language| format!("navigation in {language}: 1 line"))
        );
    }
}

#[apply(with_browser)]
async fn readers_sign_up_on_listed_sites_in_a_frame_and_with_a_form() {
    let origins = [("DAYWIRE_SIGNUP__ORIGINS", "http://www.partner.example")];
    for scenario in ["elsewhere", "elsewhere-no-script"] {
        let report = run_in_browser(Engine::Sqlite, scenario, &origins).await;
        assert_eq!(report.steps, ["/embed/weekend: 200", "/embed/broadcast/sent: 200"]);
    }
}

/// A comment from the mailed link to its deletion, as the pages that were reached and their status.
const COMMENT: &[&str] = &[
    "article without comments: 200",
    "link to comment sent: 200",
    "form for a comment: 200",
    "empty comment: 422",
    "comment held: 200",
    "article with a comment: 200",
    "comment reported: 200",
    "comment deleted: 200",
];

#[apply(with_browser)]
async fn a_reader_comments_and_is_reported_on_pages_that_pass_the_checks() {
    for scenario in ["commenting", "commenting-german"] {
        let report = run_in_browser(Engine::Sqlite, scenario, &[("DAYWIRE_COMMENTS__PROVIDER", "builtin")]).await;
        assert_eq!(report.steps.iter().map(String::as_str).collect::<Vec<_>>(), COMMENT);
    }
}

#[apply(with_browser)]
async fn a_reader_signs_up_with_a_proof_of_work_or_with_the_answer_to_a_question(engine: Engine) {
    let report = run_in_browser(
        engine,
        "proof-of-work",
        &[("DAYWIRE_SIGNUP__PROOF_OF_WORK__FROM_PER_HOUR", "1")],
    )
    .await;
    assert_eq!(
        report.steps,
        [
            "without a proof: 200",
            "question: 200",
            "question again: 200",
            "answered: 200",
            "answered without scripts: /subscribe/sent",
            "computed: /subscribe/sent",
            "four mails",
        ]
    );
}

#[apply(with_browser)]
async fn the_policy_of_an_article_lets_each_comment_service_work() {
    for (provider, settings) in [
        (
            "giscus",
            &[
                ("DAYWIRE_COMMENTS__GISCUS__REPO", "wire/news"),
                ("DAYWIRE_COMMENTS__GISCUS__REPO_ID", "R_1"),
                ("DAYWIRE_COMMENTS__GISCUS__CATEGORY", "Comments"),
                ("DAYWIRE_COMMENTS__GISCUS__CATEGORY_ID", "DIC_1"),
            ][..],
        ),
        ("remark42", &[("DAYWIRE_COMMENTS__REMARK42__SITE_ID", "news")][..]),
        ("isso", &[][..]),
    ] {
        let url = format!("DAYWIRE_COMMENTS__{}__URL", provider.to_uppercase());
        let mut all = vec![
            ("DAYWIRE_COMMENTS__PROVIDER", provider),
            (url.as_str(), "https://comments.example"),
        ];
        all.extend(settings);
        let report = run_in_browser(Engine::Sqlite, "comments", &all).await;
        assert!(report.steps.len() >= 2, "{:?}", report.steps);
    }
}
