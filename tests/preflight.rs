//! Preflight: the checks of a message before it is sent, and how operators see the findings.

use chrono::DateTime;
use daywire::config::{Config, Severity};
use daywire::delivery::preflight::check;
use daywire::digest::Compiled;
use daywire::digest::build::preview;
use daywire::digest::render::{DigestView, render, with_links};
use daywire::mail::Mailbox;
use daywire::mail::message::{ListHeaders, Mail, build};
use daywire::preflight::{Findings, Rule, check_bytes};
use serde_json::{Value, json};

use crate::support::program::Program;
use crate::support::signatures::{keys, signers};
use crate::support::smtp_address;
use crate::support::views::{digest, full_digest, sample_digest, story};

const BASE: &str = "https://news.example";
const TOKEN: &str = "AbCdEfGhIjKlMnOpQrStUvWxYz012345";
const LEAVE: &str = "https://news.example/unsubscribe/AbCdEfGhIjKlMnOpQrStUvWxYz012345";

pub fn config() -> Config {
    let mut config = Config::default();
    config.site.postal_address = Some("STATION ONE, 1 Mast Road, 10115 Berlin".into());
    config
}

/// A digest as one reader would get it.
pub fn mail(view: &DigestView) -> Mail {
    let rendered = render(view).expect("the template renders");
    Mail {
        from: Mailbox::named("STATION ONE", smtp_address("desk@news.example")),
        to: Mailbox::bare(smtp_address("ada@reader.example")),
        reply_to: None,
        subject: "Daily broadcast: Large bank bans AI coding tool".into(),
        date: DateTime::from_timestamp(1_760_000_000, 0).expect("the timestamp is valid"),
        message_id: "0190c0de.42@news.example".into(),
        reference_headers: Vec::new(),
        boundary_seed: "42".into(),
        text: with_links(&rendered.text, BASE, TOKEN),
        html: Some(with_links(&rendered.html, BASE, TOKEN)),
        list: Some(ListHeaders {
            id: "daily.news.example".into(),
            name: "Daily broadcast".into(),
            unsubscribe_url: LEAVE.into(),
            unsubscribe_mail: None,
            post: true,
            feedback_id: "12:daily:digest:news.example".into(),
            help: None,
            subscribe: None,
            archive: None,
        }),
        auto_generated: false,
    }
}

fn found(mail: &Mail) -> Findings {
    check_bytes(&build(mail).expect("the message is built"), &config())
}

/// The findings of a digest whose HTML was changed.
fn with_html(change: impl Fn(&str) -> String) -> Findings {
    let mut mail = mail(&sample_digest());
    let html = mail.html.as_deref().map(&change);
    assert_ne!(html, mail.html, "the change changes something");
    mail.html = html;
    found(&mail)
}

/// A digest with this HTML before its last paragraph.
fn with(extra: &str) -> Findings {
    with_html(|html| html.replace("<p class=\"mono end\"", &format!("{extra}<p class=\"mono end\"")))
}

fn rules(findings: &Findings) -> Vec<Rule> {
    let mut rules: Vec<Rule> = findings.all().iter().map(|finding| finding.rule).collect();
    rules.dedup();
    rules
}

#[test]
fn our_own_digests_have_no_findings() {
    let huge = (0..500).map(|n| daywire::digest::render::StoryView {
        title: "A long headline & more. ".repeat(9),
        ..story(n)
    });
    for view in [
        digest(vec![story(0)]),
        sample_digest(),
        full_digest(),
        digest(huge.collect()),
    ] {
        assert_eq!(found(&mail(&view)), Findings::default());
    }
}

#[test]
fn each_fault_of_the_html_is_found_by_its_rule() {
    let link = |address: &str| with(&format!("<p><a href=\"{address}\">more</a></p>"));
    let styled = |style: &str| with(&format!("<p style=\"{style}\">words</p>"));
    for (findings, rule, words) in [
        (with(&"<!-- room -->".repeat(8_000)), Rule::Size, "clip"),
        (link("/about"), Rule::Links, "relative"),
        (link("https://exa mple.org/"), Rule::Links, "white space"),
        (link("http://[::1"), Rule::Links, "malformed"),
        (link("javascript:alert(1)"), Rule::Links, "do not open"),
        (link("https://elsewhere.example/"), Rule::Text, "missing in the text"),
        (
            with("<img src=\"https://pictures.example/a.png\" width=\"4\" height=\"4\">"),
            Rule::Images,
            "no alt",
        ),
        (
            with("<img src=\"https://pictures.example/a.png\" alt=\"A\">"),
            Rule::Images,
            "no width and no height",
        ),
        (
            with("<img src=\"a.png\" alt=\"A\" width=\"4\" height=\"4\">"),
            Rule::Images,
            "not absolute",
        ),
        (
            styled("color: #999"),
            Rule::Contrast,
            "in light mode “words” is #999999 on #fffdf8",
        ),
        (
            styled("color: #1c211e"),
            Rule::Contrast,
            "in dark mode “words” is #1c211e on #141a18",
        ),
        (
            styled("background: #ebe7da; color: #ebe7da"),
            Rule::Contrast,
            "contrast of 1.0",
        ),
        (styled("display: none"), Rule::HiddenText, "“words” is hidden"),
        (
            with("<div hidden><b>words</b></div>"),
            Rule::HiddenText,
            "“words” is hidden",
        ),
        (
            with("<p style=\"font-size:0\">words</p>"),
            Rule::HiddenText,
            "“words” is hidden",
        ),
        (
            with_html(|html| html.replace(" lang=\"en\"", "")),
            Rule::Document,
            "language",
        ),
        (
            with_html(|html| html.replace("<title>Daily broadcast, issue 12</title>", "")),
            Rule::Document,
            "title",
        ),
        (
            with_html(|html| html.replace("1 Mast Road", "")),
            Rule::PostalAddress,
            "the HTML lacks",
        ),
        (
            with_html(|html| html.replace(LEAVE, "https://news.example/")),
            Rule::Unsubscribe,
            "the HTML has no link",
        ),
        (
            styled("display: grid"),
            Rule::Support,
            "Gmail, Outlook for Windows and Yahoo Mail",
        ),
        (styled("width: calc(100% - 4px)"), Rule::Support, "calc(…)"),
        (styled("margin: 1.5rem"), Rule::Support, "the unit rem"),
        (
            with("<script>1</script>"),
            Rule::Support,
            "removed by every mail program",
        ),
        (with("<form><input name=a></form>"), Rule::Support, "<form>"),
        (
            with_html(|html| html.replace("@media (max", "p::before { content: \"x\" } @media (max")),
            Rule::Support,
            "::before",
        ),
    ] {
        assert!(
            findings
                .all()
                .iter()
                .any(|finding| finding.rule == rule && finding.what.contains(words)),
            "{rule:?}, {words}: {findings:#?}"
        );
    }
}

#[test]
fn large_text_needs_less_contrast() {
    let pale = |size: &str| {
        rules(&with(&format!(
            "<p class=\"id\" style=\"color: #8b8f86; {size}\">words</p>"
        )))
    };
    assert_eq!(pale("font-size: 16px"), [Rule::Contrast]);
    assert_eq!(pale("font-size: 24px"), []);
    assert_eq!(pale("font-size: 14pt; font-weight: bold"), []);
    assert_eq!(pale("font-size: 14pt"), [Rule::Contrast]);
}

#[test]
fn each_fault_of_the_headers_is_found_by_its_rule() {
    let changed = |change: &dyn Fn(&mut Mail)| {
        let mut mail = mail(&sample_digest());
        change(&mut mail);
        found(&mail)
    };
    let bytes = build(&mail(&sample_digest())).expect("the message is built");
    let text = String::from_utf8(bytes).expect("the message is ASCII");
    let rewritten = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        check_bytes(text.replacen(from, to, 1).as_bytes(), &config())
    };
    for (findings, rule, words) in [
        (changed(&|mail| mail.list = None), Rule::Unsubscribe, "no web address"),
        (
            changed(&|mail| mail.list.iter_mut().for_each(|list| list.post = false)),
            Rule::Unsubscribe,
            "One-Click",
        ),
        (
            changed(&|mail| {
                mail.text = mail.text.replace(LEAVE, "");
            }),
            Rule::Unsubscribe,
            "the text has no link",
        ),
        (
            changed(&|mail| mail.subject = "ß".repeat(121)),
            Rule::Subject,
            "121 characters",
        ),
        (changed(&|mail| mail.subject = " ".into()), Rule::Subject, "empty"),
        (
            changed(&|mail| mail.text = mail.text.replace("1 Mast Road", "")),
            Rule::PostalAddress,
            "the text lacks",
        ),
        (
            changed(&|mail| mail.text += "\nhttps://only-here.example/\n"),
            Rule::Text,
            "missing in the HTML",
        ),
        (
            rewritten("Subject: ", "Date: again\r\nSubject: "),
            Rule::Headers,
            "Date occurs 2 times",
        ),
        (rewritten("From: ", "X-From: "), Rule::Headers, "From is missing"),
        (rewritten("\r\nSubject", "\nSubject"), Rule::Headers, "CRLF"),
        (
            rewritten("Content-Type: text/plain", "Content-Type: application/octet-stream"),
            Rule::Text,
            "no text part",
        ),
        (
            check_bytes(
                text.replace("https://news.example/unsubscribe", "http://news.example/unsubscribe")
                    .as_bytes(),
                &config(),
            ),
            Rule::Https,
            "not https",
        ),
    ] {
        assert!(
            findings
                .all()
                .iter()
                .any(|finding| finding.rule == rule && finding.what.contains(words)),
            "{rule:?}, {words}: {findings:#?}"
        );
    }
}

#[test]
fn each_rule_has_the_severity_of_the_settings() {
    let mut config = config();
    let mut mail = mail(&sample_digest());
    mail.subject = "ß".repeat(130);
    mail.list = None;
    let message = build(&mail).expect("the message is built");
    let findings = check_bytes(&message, &config);
    assert_eq!(findings.all()[0].severity, Severity::Block, "what blocks comes first");
    let reason = findings.blocking().expect("a finding blocks the message");
    assert!(
        reason.starts_with("preflight: ") && reason.contains("unsubscribe"),
        "{reason}"
    );
    assert!(!reason.contains("130 characters") && !reason.contains('\n'), "{reason}");

    config.preflight.unsubscribe = Severity::Warn;
    config.preflight.headers = Severity::Off;
    let findings = check_bytes(&message, &config);
    assert_eq!(findings.blocking(), None);
    assert_eq!(rules(&findings), [Rule::Subject, Rule::Unsubscribe]);
}

#[test]
fn a_message_that_is_slow_to_parse_is_blocked_with_a_reason() {
    let html = |html: &str| format!("From: desk@news.example\r\nContent-Type: text/html\r\n\r\n{html}");
    let parts = format!(
        "From: desk@news.example\r\n{}",
        "Content-Type: message/rfc822\r\n\r\n".repeat(50_000)
    );
    for (message, reason) in [
        (
            html(&"<div style='color:red'>".repeat(60_000)),
            "elements are nested 250 deep",
        ),
        (html(&format!("<p {}>", "a='".repeat(10_000))), "the HTML has no title"),
        (
            html(&format!("<style>{}</style>", "@media{".repeat(3_000))),
            "the HTML has no title",
        ),
        (parts, "it cannot be read as a message"),
        (String::new(), "it cannot be read as a message"),
        ("\0".into(), "it cannot be read as a message"),
        ("no headers at all".into(), "it cannot be read as a message"),
    ] {
        let findings = check_bytes(message.as_bytes(), &config());
        let start = &message[..message.len().min(80)];
        assert!(findings.blocking().is_some(), "{start}: {findings:#?}");
        assert!(
            findings.all().iter().any(|finding| finding.what.contains(reason)),
            "{start}: {findings:#?}"
        );
    }
}

#[apply(on_both_databases)]
async fn an_issue_is_checked_in_the_form_that_readers_get(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 3).await;
    let Compiled::Issue(mut draft) = preview(&app.app, daily.id, app.now(), None)
        .await
        .expect("the issue compiles")
    else {
        panic!("nothing to send")
    };
    assert_eq!(check(&app.app, &daily, &draft.issue), Findings::default());
    draft.issue.html = draft.issue.html.replace("https://", "");
    assert!(rules(&check(&app.app, &daily, &draft.issue)).contains(&Rule::Links));
    draft.issue.sender = "nobody".into();
    let reason = check(&app.app, &daily, &draft.issue)
        .blocking()
        .expect("a finding blocks the message");
    assert!(
        reason.contains("cannot be built") && reason.contains("nobody"),
        "{reason}"
    );
}

#[apply(on_both_databases)]
async fn a_preview_lists_the_findings(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 3).await;
    let program = Program::of(&app);
    let preview = ["issue", "preview", "--newsletter", &daily.slug];
    assert!(program.ok(&preview).contains("preflight: nothing found"));
    assert_eq!(program.json(&preview)["findings"], json!([]));
    let program = program
        .with("DAYWIRE_SITE__URL", "http://127.0.0.1:8080")
        .with("DAYWIRE_PREFLIGHT__HTTPS", "block");
    assert!(
        program
            .ok(&preview)
            .contains("  block  the unsubscribe link is not https, so one-click unsubscribe won’t work (https: ")
    );
    let finding = &program.json(&preview)["findings"][0];
    assert_eq!(
        (&finding["rule"], &finding["severity"]),
        (&json!("https"), &json!("block"))
    );
}

#[test]
fn inspect_message_shows_parts_links_and_findings() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let program = Program::in_folder(folder.path());
    let file = program.file(
        "digest.eml",
        build(&mail(&full_digest())).expect("the message is built"),
    );
    let report = program.json(&["inspect", "message", &file]);
    assert_eq!(report["subject"], "Daily broadcast: Large bank bans AI coding tool");
    let kinds: Vec<&Value> = report["parts"]
        .as_array()
        .expect("the report lists the parts")
        .iter()
        .map(|part| &part["type"])
        .collect();
    assert_eq!(kinds, ["text/plain", "text/html"]);
    assert!(report["size"].as_u64().is_some_and(|size| size > 10_000));
    assert_eq!(report["links"]["html"], report["links"]["text"]);
    assert_eq!((&report["dkim"], &report["findings"]), (&json!([]), &json!([])));
    let names: Vec<&str> = report["headers"]
        .as_array()
        .expect("the report lists the headers")
        .iter()
        .filter_map(|header| header["name"].as_str())
        .collect();
    assert!(
        names.contains(&"List-Unsubscribe-Post") && names.contains(&"Message-ID"),
        "{names:?}"
    );
    let output = program.ok(&["inspect", "message", &file]);
    assert!(
        output.contains("text/html") && output.contains(LEAVE) && output.contains("preflight: nothing found"),
        "{output}"
    );
    let other = program.file("note.txt", "no message");
    let reason = program.run(&["inspect", "message", &other]);
    assert!(reason.reason().contains("it is not a message"));
}

#[test]
fn signatures_are_checked_with_our_own_keys_and_no_network() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let [rsa, _] = keys();
    let program = Program::in_folder(folder.path());
    let pem = program.file("news.pem", &rsa.private_pem);
    let program = program
        .with("DAYWIRE_DKIM__DOMAIN", "example.org")
        .with("DAYWIRE_DKIM__SELECTOR", "news")
        .with("DAYWIRE_DKIM__KEY_FILE", &pem);
    let mut message = build(&mail(&sample_digest())).expect("the message is built");
    let now = DateTime::from_timestamp(1_760_000_000, 0).expect("the timestamp is valid");
    for signer in signers() {
        message = signer.sign(&message, now).expect("the message is signed");
    }
    let results = |message: &[u8]| {
        let file = program.file("signed.eml", message);
        let report = program.json(&["inspect", "message", &file]);
        let output = program.ok(&["inspect", "message", &file]);
        let dkim = report["dkim"]
            .as_array()
            .expect("the report lists the signatures")
            .clone();
        let result = |selector: &str| {
            let found = dkim.iter().find(|signature| signature["selector"] == selector);
            found.expect("the signature is listed")["result"].clone()
        };
        (result("news"), result("edw"), output)
    };
    let (ours, other, output) = results(&message);
    assert_eq!((ours, other), (json!("pass"), json!("unknown")));
    assert!(output.contains("example.org with the key news: valid"), "{output}");
    assert!(output.contains("key edw: not checked"), "{output}");
    let changed = String::from_utf8(message)
        .expect("the message is ASCII")
        .replace("Large bank", "Small bank");
    let (ours, _, output) = results(changed.as_bytes());
    assert_eq!(ours, json!("fail"));
    assert!(output.contains("key news: not valid: "), "{output}");
}
