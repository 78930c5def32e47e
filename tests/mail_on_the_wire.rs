//! The mails that a relay receives, byte by byte: signatures, headers, parts and addresses.

use std::collections::BTreeSet;
use std::sync::Arc;

use daywire::mail::server::{Options, Stage, Verdict};
use mail_auth::DkimResult;
use mail_parser::MimeHeaders;
use reqwest::StatusCode;
use tokio_util::sync::CancellationToken;

use crate::support::mock_relay::{MockRelay, links, parse, text};
use crate::support::program::{CONFIRMED, Program, Serving};
use crate::support::signatures::{Dns, assert_flawless, second_opinion_if_installed, verify};
use crate::support::site::Site;
use crate::support::{TestApp, eventually};

const ARTICLES: &str = r#"{"title": "Café society & its <b>discontents</b>", "url": "https://wire.example/1?a=1&b=2", "text": "It closed. Then it opened again — with a plan.", "category": "Café"}
{"title": "Новости дня 🗞️", "url": "https://wire.example/2", "text": "A line that is long enough to be wrapped wherever a line is wrapped, and then some more of it to be sure."}
{"title": "Second\r\nBcc: someone@reader.example", "url": "https://wire.example/3", "text": ".\n.\r\n..\nFrom here on it is quiet."}
"#;

/// A process of the program that sends to a mock relay.
struct Newsroom {
    program: Program,
    _serving: Serving,
    site: Site,
    relay: Arc<MockRelay>,
}

impl Newsroom {
    /// Creates the newsletter `daily` with three articles and serves the site.
    async fn open(program: Program, relay: &Arc<MockRelay>) -> Self {
        let daily = "slug = \"daily\"\nname = \"Täglich, “daily”\"\n";
        program.ok(&["newsletter", "apply", &program.file("daily.toml", daily)]);
        program.ok(&["article", "import", &program.file("wire.jsonl", ARTICLES)]);
        let serving = program.serve();
        let site = serving.site().await;
        let relay = Arc::clone(relay);
        Self {
            program,
            _serving: serving,
            site,
            relay,
        }
    }

    /// Submits the sign-up form.
    async fn sign_up(&self, email: &str, name: &str) {
        let form = [("email", email), ("newsletter", "daily"), ("name", name)];
        assert_eq!(self.site.post("/subscribe", &form).await.status, StatusCode::SEE_OTHER);
    }

    /// Sends an issue to every confirmed reader. Returns its id.
    fn send(&self) -> String {
        let built = self.program.json(&["issue", "build", "--newsletter", "daily"]);
        let id = built["id"].as_str().expect("the output names the issue").to_owned();
        self.program.ok(&["issue", "send", &id]);
        id
    }

    async fn until(&self, id: &str, state: &str, count: i64) {
        eventually(&format!("{count} are {state}"), || async {
            self.program.json(&["issue", "show", id])["deliveries"][state] == count
        })
        .await;
    }

    /// The confirmation and the digest of a reader who signs up and confirms.
    async fn mails(&self, email: &str, name: &str) -> [Vec<u8>; 2] {
        self.sign_up(email, name).await;
        let link = self.relay.link_for(email, "/confirm/").await;
        assert_eq!(self.site.post(&link, &[]).await.status, StatusCode::OK);
        let id = self.send();
        self.until(&id, "accepted", 1).await;
        let taken = self.relay.received_for(email);
        assert_eq!(taken.len(), 2);
        [taken[0].bytes.clone(), taken[1].bytes.clone()]
    }
}

/// The confirmation and the digest that Ada receives.
async fn mails_of_ada(app: &TestApp) -> [Vec<u8>; 2] {
    Newsroom::open(Program::of(app), &app.relay)
        .await
        .mails("ada@reader.example", "Ada")
        .await
}

/// [`mails_of_ada`] with a signature by a key of `daywire dkim generate`. Also returns the name and the value of the DNS record.
async fn signed_mails(app: &TestApp, kind: &[&str]) -> ([Vec<u8>; 2], String, String) {
    let program = Program::of(app);
    let generate = ["dkim", "generate", "--domain", "news.example", "--selector", "news2026"];
    let key = program.json(&[&generate, kind].concat());
    let value = |field: &str| key[field].as_str().expect("the output has the field").to_owned();
    let program = program
        .with("DAYWIRE_DKIM__DOMAIN", "news.example")
        .with("DAYWIRE_DKIM__SELECTOR", "news2026")
        .with("DAYWIRE_DKIM__KEY_FILE", &value("key_file"));
    let newsroom = Newsroom::open(program, &app.relay).await;
    let mails = newsroom.mails("ada@reader.example", "Ada").await;
    (mails, value("name"), value("value"))
}

/// The header section of a message, not unfolded, and its body.
fn split(message: &[u8]) -> (String, String) {
    let message = String::from_utf8(message.to_vec()).expect("the message is ASCII");
    let (head, body) = message
        .split_once("\r\n\r\n")
        .expect("the message has a header and a body");
    (head.to_owned(), body.to_owned())
}

/// The header fields, unfolded.
fn headers(message: &[u8]) -> Vec<(String, String)> {
    let head = split(message).0.replace("\r\n ", " ").replace("\r\n\t", " ");
    let field = |line: &str| {
        let (name, value) = line.split_once(": ").expect("the header field has a colon");
        (name.to_owned(), value.to_owned())
    };
    head.split("\r\n").map(field).collect()
}

/// The value of a header field. Fails if the field occurs more than once.
fn header(message: &[u8], name: &str) -> Option<String> {
    let mut found = headers(message).into_iter().filter(|(known, _)| known == name);
    let value = found.next()?.1;
    assert!(found.next().is_none(), "{name} occurs more than once");
    Some(value)
}

/// Checks the signatures of both mails with mail-auth, and with dkimpy if it is installed.
async fn assert_signed(mails: &[Vec<u8>; 2], name: &str, value: &str, algorithm: &str) {
    let dns = Dns::new(&[(name, value)]);
    for (mail, list) in mails.iter().zip([false, true]) {
        assert_eq!(verify(mail, &dns).await, [DkimResult::Pass]);
        let signature = header(mail, "DKIM-Signature")
            .expect("the message is signed")
            .replace(' ', "");
        let tag = |name: &str| {
            signature
                .split(';')
                .find_map(|tag| tag.strip_prefix(name))
                .map(str::to_owned)
        };
        assert_eq!(tag("a=").as_deref(), Some(algorithm));
        assert_eq!((tag("d=").as_deref(), tag("l=")), (Some("news.example"), None));
        let covered = tag("h=").expect("the signature has the tag h=");
        let covered: Vec<_> = covered.split(':').collect();
        assert_eq!(
            covered.iter().filter(|name| **name == "From").count(),
            2,
            "From is not oversigned"
        );
        for name in ["List-Unsubscribe", "List-Unsubscribe-Post"] {
            assert_eq!(covered.contains(&name), list, "{name}");
        }
        let message = String::from_utf8(mail.clone()).expect("the message is ASCII");
        for (name, _) in headers(mail).iter().filter(|(name, _)| name != "DKIM-Signature") {
            assert!(covered.contains(&name.as_str()), "{name} is not covered");
            let changed = message.replacen(&format!("\r\n{name}: "), &format!("\r\n{name}: z"), 1);
            assert_ne!(changed, message);
            assert_ne!(
                verify(changed.as_bytes(), &dns).await,
                [DkimResult::Pass],
                "{name} may be changed"
            );
        }
        if let Some(report) = second_opinion_if_installed(mail, &[(name, value)]) {
            assert_eq!(report["signatures"].as_array().map(Vec::len), Some(1), "{report:#}");
            assert_flawless(&report);
        }
    }
}

#[apply(on_both_databases)]
async fn an_rsa_signature_verifies_and_any_change_breaks_it(app: TestApp) {
    let (mails, name, value) = signed_mails(&app, &[]).await;
    assert_signed(&mails, &name, &value, "rsa-sha256").await;
}

#[apply(on_both_databases)]
async fn an_ed25519_signature_verifies_and_any_change_breaks_it(app: TestApp) {
    let (mails, name, value) = signed_mails(&app, &["--ed25519"]).await;
    assert_signed(&mails, &name, &value, "ed25519-sha256").await;
}

#[apply(on_both_databases)]
async fn two_keys_make_two_signatures_that_both_verify(app: TestApp) {
    let mut program = Program::of(&app).with("DAYWIRE_DKIM__DOMAIN", "news.example");
    let mut records = Vec::new();
    for (kind, prefix) in [(None, ""), (Some("--ed25519"), "ED25519_")] {
        let mut generate = vec!["dkim", "generate", "--domain", "news.example"];
        generate.extend(kind);
        let key = Program::of(&app).json(&generate);
        let value = |field: &str| key[field].as_str().expect("the output has the field").to_owned();
        let selector = value("name").replace("._domainkey.news.example", "");
        program = program
            .with(&format!("DAYWIRE_DKIM__{prefix}SELECTOR"), &selector)
            .with(&format!("DAYWIRE_DKIM__{prefix}KEY_FILE"), &value("key_file"));
        records.push((value("name"), value("value")));
    }
    let records: Vec<_> = records
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    for mail in Newsroom::open(program, &app.relay)
        .await
        .mails("ada@reader.example", "Ada")
        .await
    {
        assert_eq!(
            verify(&mail, &Dns::new(&records)).await,
            [DkimResult::Pass, DkimResult::Pass]
        );
        if let Some(report) = second_opinion_if_installed(&mail, &records) {
            let algorithms: Vec<_> = report["signatures"]
                .as_array()
                .expect("the value is a list")
                .iter()
                .collect();
            let algorithms: Vec<_> = algorithms.iter().map(|signature| &signature["algorithm"]).collect();
            assert_eq!(algorithms, ["ed25519-sha256", "rsa-sha256"], "{report:#}");
            assert_flawless(&report);
        }
    }
}

#[apply(on_both_databases)]
async fn every_mail_has_short_lines_and_one_of_each_header(app: TestApp) {
    for mail in mails_of_ada(&app).await {
        let (head, body) = split(&mail);
        let whole = format!("{head}\r\n\r\n{body}");
        assert!(
            !whole.replace("\r\n", "").contains(['\r', '\n', '\0']),
            "a bare CR or LF"
        );
        assert!(head.split("\r\n").all(|line| line.len() <= 998));
        assert!(
            body.split("\r\n").all(|line| line.len() <= 76),
            "a line is longer than 76"
        );
        for name in [
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "MIME-Version",
            "Content-Type",
        ] {
            assert!(header(&mail, name).is_some(), "{name} is missing");
        }
        for name in ["Bcc", "Cc", "Sender", "Return-Path", "X-Mailer"] {
            assert!(header(&mail, name).is_none(), "{name} is present");
        }
        assert!(header(&mail, "Message-ID").is_some_and(|id| id.ends_with("@news.example>")));
        let parsed = parse(&mail);
        assert_eq!(parsed.text_body_count(), 1);
        assert_eq!(parsed.html_body_count(), 1);
        assert!(parsed.is_content_type("multipart", "alternative"));
        assert_eq!(body.matches("Content-Transfer-Encoding: quoted-printable").count(), 2);
    }
}

#[apply(on_both_databases)]
async fn a_digest_has_list_unsubscribe_on_one_line_and_a_confirmation_is_auto_generated(app: TestApp) {
    let [confirmation, digest] = mails_of_ada(&app).await;
    let head = split(&digest).0;
    let line = head
        .split("\r\n")
        .find(|line| line.starts_with("List-Unsubscribe:"))
        .expect("the header");
    let url = line
        .strip_prefix("List-Unsubscribe: <")
        .and_then(|rest| rest.strip_suffix('>'))
        .expect("one address");
    assert!(
        url.starts_with("https://news.example/unsubscribe/") && !url.contains([' ', ',', '=', '<']),
        "{url}"
    );
    let value = |name: &str| header(&digest, name).expect("the header");
    assert_eq!(value("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert!(
        value("List-Id").ends_with("<daily.news.example>"),
        "{}",
        value("List-Id")
    );
    assert_eq!(value("Feedback-ID"), "1:daily:digest:news.example");
    assert_eq!(header(&digest, "Auto-Submitted"), None);
    assert!(text(&digest).contains(url), "the text has no way to leave");
    assert_eq!(
        header(&confirmation, "Auto-Submitted").as_deref(),
        Some("auto-generated")
    );
    for name in ["List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Feedback-ID"] {
        assert_eq!(header(&confirmation, name), None);
    }
}

#[apply(on_both_databases)]
async fn one_click_unsubscribe_works_and_its_page_confirms_it(app: TestApp) {
    let newsroom = Newsroom::open(Program::of(&app), &app.relay).await;
    let [_, digest] = newsroom.mails("ada@reader.example", "Ada").await;
    let url = header(&digest, "List-Unsubscribe").expect("the header");
    let url = url.trim_matches(['<', '>']);
    assert!(newsroom.site.get(url).await.body.contains("<button"));
    let left = newsroom.site.post(url, &[("List-Unsubscribe", "One-Click")]).await;
    assert_eq!((left.status, left.header("set-cookie")), (StatusCode::OK, None));
    let after = newsroom.site.get(url).await;
    assert_eq!(after.status, StatusCode::OK);
    assert!(
        after.body.contains("You have unsubscribed") && !after.body.contains("<button"),
        "{}",
        after.body
    );
}

#[apply(on_both_databases)]
async fn the_text_part_has_the_same_links_as_the_html_part(app: TestApp) {
    for mail in mails_of_ada(&app).await {
        let parsed = parse(&mail);
        let html = parsed.body_html(0).expect("the mail has an HTML part");
        let linked: BTreeSet<String> = html
            .split("href=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .map(|link| link.replace("&amp;", "&").replace("&#38;", "&"))
            .filter(|link| link.starts_with("http"))
            .map(|link| link.trim_end_matches('/').to_owned())
            .collect();
        let written: BTreeSet<String> = links(&text(&mail))
            .into_iter()
            .map(|link| link.trim_end_matches('/').to_owned())
            .collect();
        assert!(!linked.is_empty());
        assert_eq!(linked, written);
        assert!(
            !html.contains("src=\"http"),
            "the HTML loads something from another server"
        );
    }
}

#[apply(on_both_databases)]
async fn no_text_typed_at_sign_up_is_in_the_confirmation(app: TestApp) {
    let newsroom = Newsroom::open(Program::of(&app), &app.relay).await;
    let hostile = [
        "evil.example, winning a car",
        "Adalbert\r\nBcc: victim@reader.example",
        "<a href=\"//evil.example\">winning</a>",
        "=?utf-8?q?evil=0D=0ABcc:_victim=40reader.example?=",
        "evil.example/\u{202e}nim",
    ];
    for (number, name) in hostile.iter().enumerate() {
        let address = format!("reader{number}@reader.example");
        newsroom.sign_up(&address, name).await;
        newsroom.relay.link_for(&address, "/confirm/").await;
        let mail = newsroom.relay.received_for(&address).remove(0).bytes;
        let parsed = parse(&mail);
        let all = format!(
            "{} {} {} {}",
            split(&mail).0,
            parsed.subject().expect("the mail has a subject"),
            parsed.body_text(0).expect("the mail has a text part"),
            parsed.body_html(0).expect("the mail has an HTML part")
        );
        // Long enough that the token of a link and a signature, which are random, do not contain them by chance.
        for word in ["evil.", "evil=", "winning", "Adalbert", "victim", "Bcc:"] {
            assert!(!all.contains(word), "“{word}” of “{name}” is in the mail");
        }
        assert_eq!(header(&mail, "To").as_deref(), Some(format!("<{address}>").as_str()));
    }
}

#[apply(on_both_databases)]
async fn a_hostile_name_adds_no_header_and_no_recipient(app: TestApp) {
    let newsroom = Newsroom::open(Program::of(&app), &app.relay).await;
    let names = [
        "Ada\" <victim@reader.example>, \"",
        "Ada\r\nBcc: victim@reader.example\r\n\r\n<b>body</b>",
        "=?utf-8?q?Ada=0D=0ABcc:_victim=40reader.example?=",
        "Ada, Bob; Eve: victim@reader.example",
        "Ада Лавлейс ".repeat(8).trim().to_owned().leak(),
        "(comment) \\ \"",
    ];
    for (number, name) in names.iter().enumerate() {
        let address = format!("reader{number}@reader.example");
        newsroom.sign_up(&address, name).await;
        let link = newsroom.relay.link_for(&address, "/confirm/").await;
        newsroom.site.post(&link, &[]).await;
    }
    let id = newsroom.send();
    newsroom
        .until(
            &id,
            "accepted",
            i64::try_from(names.len()).expect("the number is small"),
        )
        .await;
    let mut shapes = BTreeSet::new();
    for number in 0..names.len() {
        let address = format!("reader{number}@reader.example");
        let taken = newsroom.relay.received_for(&address);
        assert_eq!(taken.len(), 2);
        let mail = &taken[1].bytes;
        assert_eq!(taken[1].transaction.recipients, [address.as_str()]);
        shapes.insert(headers(mail).into_iter().map(|(name, _)| name).collect::<Vec<_>>());
        let parsed = parse(mail);
        let to: Vec<_> = parsed
            .to()
            .expect("the mail has a To header")
            .iter()
            .filter_map(|to| to.address())
            .collect();
        assert_eq!(to, [address.as_str()], "{:?}", header(mail, "To"));
        let words = header(mail, "To").expect("the mail has a To header");
        assert!(
            words
                .split(' ')
                .filter(|word| word.starts_with("=?"))
                .all(|word| word.len() <= 75)
        );
    }
    assert_eq!(shapes.len(), 1, "a name made a header");
    assert!(newsroom.relay.received_for("victim@reader.example").is_empty());
}

#[apply(on_both_databases)]
async fn a_name_in_any_script_can_be_read_from_the_digest(app: TestApp) {
    let newsroom = Newsroom::open(Program::of(&app), &app.relay).await;
    let [_, digest] = newsroom.mails("ada@reader.example", "Ада Лавлейс 🗞️").await;
    let parsed = parse(&digest);
    let to = parsed.to().and_then(|to| to.first()).expect("the mail has a To header");
    assert_eq!(to.name(), Some("Ада Лавлейс 🗞️"));
    assert!(digest.is_ascii());
}

#[apply(on_both_databases)]
async fn a_second_copy_carries_the_same_message_id(app: TestApp) {
    // The relay accepts each message and replies the first time that it did not.
    app.relay.answer(|stage, _, attempt| match stage {
        Stage::AfterAccept if attempt == 1 || attempt == 3 => Verdict::Reply(451, "4.3.0 try again".into()),
        _ => Verdict::Continue,
    });
    let program = Program::of(&app).with("DAYWIRE_DELIVERY__RETRY_AFTER", "1s");
    let newsroom = Newsroom::open(program, &app.relay).await;
    newsroom.sign_up("ada@reader.example", "Ada").await;
    let taken = || app.relay.received_for("ada@reader.example");
    eventually("the confirmation came twice", || async { taken().len() == 2 }).await;
    let link = app.relay.link_for("ada@reader.example", "/confirm/").await;
    assert_eq!(newsroom.site.post(&link, &[]).await.status, StatusCode::OK);
    let id = newsroom.send();
    newsroom.until(&id, "accepted", 1).await;
    let ids: Vec<_> = taken().iter().map(|mail| header(&mail.bytes, "Message-ID")).collect();
    assert_eq!(ids.len(), 4);
    assert_eq!((&ids[0], &ids[2]), (&ids[1], &ids[3]));
    assert_ne!(ids[0], ids[2]);
    assert_eq!(taken()[2].bytes, taken()[3].bytes);
}

#[apply(on_both_databases)]
async fn an_international_domain_is_sent_as_a_labels(app: TestApp) {
    let newsroom = Newsroom::open(Program::of(&app), &app.relay).await;
    newsroom.sign_up("jorg@bücher.example", "Jörg").await;
    newsroom.relay.link_for("jorg@xn--bcher-kva.example", "/confirm/").await;
    let mail = newsroom
        .relay
        .received_for("jorg@xn--bcher-kva.example")
        .remove(0)
        .bytes;
    assert!(header(&mail, "To").is_some_and(|to| to.contains("jorg@xn--bcher-kva.example")));
    assert!(mail.is_ascii());
}

#[apply(on_both_databases)]
async fn a_unicode_local_part_is_sent_to_a_relay_with_smtputf8(app: TestApp) {
    let newsroom = Newsroom::open(Program::of(&app), &app.relay).await;
    import(&newsroom.program, "jörg@bücher.example");
    let id = newsroom.send();
    newsroom.until(&id, "accepted", 1).await;
    let taken = newsroom.relay.received_for("jörg@xn--bcher-kva.example");
    assert_eq!(taken.len(), 1);
}

#[apply(on_both_databases)]
async fn a_unicode_local_part_is_rejected_for_a_relay_without_smtputf8(app: TestApp) {
    let stop = CancellationToken::new();
    let withheld = vec!["SMTPUTF8".to_owned()];
    let relay = MockRelay::open_with(
        Options {
            withheld,
            ..Options::default()
        },
        stop.clone(),
    )
    .await;
    let program = Program::of(&app).with("DAYWIRE_RELAY__URL", &format!("smtp://{}", relay.address()));
    let newsroom = Newsroom::open(program, &relay).await;
    import(&newsroom.program, "jörg@bücher.example\nada@reader.example");
    let id = newsroom.send();
    newsroom.until(&id, "rejected", 1).await;
    newsroom.until(&id, "accepted", 1).await;
    assert_eq!(relay.received().len(), 1);
    let shown = newsroom.program.json(&["subscriber", "show", "jörg@bücher.example"]);
    assert_eq!(shown["suppressed"], serde_json::Value::Null);
    stop.cancel();
}

fn import(program: &Program, addresses: &str) {
    let csv = program.file("readers.csv", format!("email\n{addresses}\n"));
    program.ok(&[&["subscriber", "import", &csv], &CONFIRMED[..]].concat());
}
