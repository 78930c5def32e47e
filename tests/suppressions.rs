//! Suppressions: what they outlive, who lifts them, and how they are listed, exported and imported.

use chrono::TimeDelta;
use daywire::domain::address::EmailAddress;
use daywire::domain::states::{ConsentEvent, IssueState, SubscriptionState, SuppressionReason};
use daywire::mail::server::{Stage, Verdict};
use daywire::store::suppressions::Suppression;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::issues::reply;
use crate::support::program::{CONFIRMED, Program};

const ADA: &str = "ada@reader.example";

async fn suppress(app: &TestApp, address: &str, reason: SuppressionReason, evidence: &str) {
    let address = EmailAddress::parse(address).expect("the address is valid");
    let hash = app.app.keys.address_hash(address.key());
    let mut tx = app.app.store.write().await.expect("the database answers");
    let suppressed = tx.suppress(&hash, reason, evidence, app.now()).await;
    suppressed.expect("the suppression is stored");
    tx.commit().await.expect("the transaction commits");
}

async fn suppression(app: &TestApp, address: &str) -> Option<Suppression> {
    let address = EmailAddress::parse(address).expect("the address is valid");
    let hash = app.app.keys.address_hash(address.key());
    let mut tx = app.app.store.read().await.expect("the database answers");
    tx.suppression(&hash).await.expect("the suppression is read")
}

/// Whether a sign-up with this address queues a mail. The answer is the same in any case.
async fn queues_a_confirmation(app: &TestApp, address: &str) -> bool {
    let before = app.rows("transactional_mails").await.len();
    let sent = app.site().post("/subscribe", &[("email", address)]).await;
    assert_eq!(
        (sent.status, sent.header("location")),
        (StatusCode::SEE_OTHER, Some("/subscribe/sent"))
    );
    app.rows("transactional_mails").await.len() > before
}

#[apply(on_both_databases)]
async fn only_a_fresh_confirmation_lifts_a_complaint(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let reader = "reader0@reader.example";
    let other = app.apply("slug = \"other\"\nname = \"Other\"").await;
    app.readers(&other, 1).await;
    app.serve().await;
    let old_link = app.sign_up(ADA).await;
    for address in [ADA, reader] {
        suppress(&app, address, SuppressionReason::Complaint, "Feedback-Type: abuse").await;
    }

    let program = Program::of(&app);
    for command in [["suppression", "lift"], ["subscriber", "unsuppress"]] {
        let refused = program.run(&[command[0], command[1], reader]);
        assert!(refused.reason().contains("only the reader can lift"), "{refused:?}");
    }
    app.site().post(&old_link, &[]).await;
    assert_eq!(
        app.subscription_state(ADA).await,
        Some(SubscriptionState::Pending),
        "a link from before the complaint works no more"
    );
    assert!(suppression(&app, ADA).await.is_some());

    app.advance(TimeDelta::minutes(1));
    // A confirmed reader who complained gets a confirmation mail, and gets no mail that says they are subscribed.
    let link = app.sign_up(reader).await;
    assert!(
        suppression(&app, reader).await.is_some(),
        "a sign-up alone lifts nothing"
    );
    assert!(
        app.site().get(&link).await.body.contains("<button"),
        "a GET changes nothing"
    );
    assert!(suppression(&app, reader).await.is_some());
    app.advance(TimeDelta::minutes(1));
    assert_eq!(app.site().post(&link, &[]).await.status, StatusCode::OK);
    assert_eq!(suppression(&app, reader).await, None);
    let states = app
        .subscriptions(reader)
        .await
        .into_iter()
        .map(|subscription| (subscription.newsletter_slug, subscription.state));
    assert_eq!(
        states.collect::<Vec<_>>(),
        [
            ("daily".to_owned(), SubscriptionState::Confirmed),
            ("other".to_owned(), SubscriptionState::Unsubscribed)
        ],
        "the complaint is newer than the consent to the other newsletter"
    );
    let last = app.consent(reader).await.pop().expect("the consent is on record");
    assert_eq!(last.event, ConsentEvent::Confirmed);

    let ended = program.json(&["suppression", "list", "--ended"]);
    assert_eq!(
        (&ended[0]["address"], &ended[0]["reason"], &ended[0]["ended_by"]),
        (&json!(reader), &json!("complaint"), &json!("confirmation"))
    );
    assert_eq!(ended.as_array().map(Vec::len), Some(1));
}

#[apply(on_both_databases)]
async fn a_complainer_gets_one_confirmation_a_day_and_a_bounced_address_one_in_thirty_days(mut app: TestApp) {
    app.daily().await;
    app.serve_site().await;
    for (address, reason) in [
        ("complaint@reader.example", SuppressionReason::Complaint),
        ("import@reader.example", SuppressionReason::Import),
        ("bounce@reader.example", SuppressionReason::HardBounce),
        ("operator@reader.example", SuppressionReason::Operator),
    ] {
        suppress(&app, address, reason, "evidence").await;
    }
    let days = |days: i64| TimeDelta::days(days) + TimeDelta::minutes(1);
    // How long after the last step, and who gets a confirmation mail then.
    for (wait, mailed) in [
        (TimeDelta::zero(), ["complaint", "import"].as_slice()),
        (TimeDelta::hours(23), &[]),
        (TimeDelta::hours(2), &["complaint", "import"]),
        (days(29), &["complaint", "import", "bounce"]),
        (days(29), &["complaint", "import"]),
        (days(1), &["complaint", "import", "bounce"]),
    ] {
        app.advance(wait);
        for who in ["complaint", "import", "bounce", "operator"] {
            let is_mailed = queues_a_confirmation(&app, &format!("{who}@reader.example")).await;
            assert_eq!(is_mailed, mailed.contains(&who), "{who} after {wait}");
        }
    }
}

#[apply(on_both_databases)]
async fn a_mailbox_that_exists_again_lifts_its_bounce(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let reader = "reader0@reader.example";
    suppress(&app, reader, SuppressionReason::HardBounce, "550 5.1.1 unknown").await;
    app.serve().await;
    app.advance(TimeDelta::days(31));
    let link = app.sign_up(reader).await;
    app.site().post(&link, &[]).await;
    assert_eq!(suppression(&app, reader).await, None);
    let issue = app.send(&daily).await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(
        app.relay.received_for(reader).len(),
        2,
        "the confirmation and the issue"
    );
}

#[apply(on_both_databases)]
async fn an_operator_lifts_what_is_no_complaint_and_it_is_on_record(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    suppress(&app, ADA, SuppressionReason::HardBounce, "550 5.1.1 unknown").await;
    let lift = [
        "suppression",
        "lift",
        ADA,
        "--reason",
        "the mailbox is back",
        "--by",
        "bea",
    ];
    assert_eq!(
        program.ok(&lift),
        "ada@reader.example is no longer suppressed. It was: hard_bounce: 550 5.1.1 unknown. On record: lifted by bea: the mailbox is \
         back\n"
    );
    assert_eq!(
        program.ok(&lift),
        "ada@reader.example is not suppressed; nothing was changed\n"
    );
    let ended = program.json(&["suppression", "list", "--ended"]);
    assert_eq!(ended[0]["note"], "lifted by bea: the mailbox is back");
    assert_eq!(ended[0]["evidence"], "550 5.1.1 unknown");

    // An operator's suppression and a complaint each need their own lifting, whichever came first.
    for reasons in [
        [SuppressionReason::Complaint, SuppressionReason::Operator],
        [SuppressionReason::Operator, SuppressionReason::Complaint],
    ] {
        for reason in reasons {
            suppress(&app, "bob@reader.example", reason, reason.as_str()).await;
        }
        let now = suppression(&app, "bob@reader.example").await.expect("it is suppressed");
        assert_eq!(
            (now.reason, now.complaint.as_deref()),
            (SuppressionReason::Operator, Some("complaint"))
        );
    }
    let lifted = program.ok(&["suppression", "lift", "bob@reader.example"]);
    assert!(lifted.contains("stays suppressed"), "{lifted}");
    let rest = suppression(&app, "bob@reader.example").await.expect("it is suppressed");
    assert_eq!((rest.reason, rest.complaint), (SuppressionReason::Complaint, None));
}

#[apply(on_both_databases)]
async fn a_suppression_outlives_its_subscriber_and_is_listed_by_its_hash(mut app: TestApp) {
    app.daily().await;
    app.serve_site().await;
    assert!(queues_a_confirmation(&app, ADA).await);
    suppress(&app, ADA, SuppressionReason::Operator, "asked by post").await;
    let program = Program::of(&app);
    let listed = program.ok(&["suppression", "list"]);
    assert!(listed.contains(ADA) && listed.contains("asked by post"), "{listed}");

    app.advance(TimeDelta::days(40));
    // What erasing a subscriber deletes.
    app.execute(
        "DELETE FROM confirmation_tokens; DELETE FROM consent_records; DELETE FROM transactional_mails; \
         DELETE FROM subscriptions; DELETE FROM subscribers",
    )
    .await;
    assert!(app.subscriptions(ADA).await.is_empty());
    for (table, rows) in app.dump().await {
        assert!(!rows.join("\n").contains("ada@"), "{table} keeps the address");
    }
    let listed = program.ok(&["suppression", "list"]);
    assert!(
        !listed.contains(ADA) && listed.contains('#') && listed.contains("asked by post"),
        "{listed}"
    );
    assert!(!queues_a_confirmation(&app, ADA).await, "it still holds");
    assert_eq!(program.json(&["suppression", "list"])[0]["address"], ADA);
}

/// The suppressions as `address reason since evidence`, without those whose address is unknown.
fn listed(program: &Program) -> Vec<String> {
    let listed = program.json(&["suppression", "list"]);
    let text = |row: &Value, field: &str| row[field].as_str().unwrap_or("-").to_owned();
    let rows = listed.as_array().expect("the command prints a list").iter();
    let mut rows: Vec<String> = rows
        .map(|row| {
            ["address_hash", "reason", "since", "evidence", "complaint"]
                .map(|field| text(row, field))
                .join(" ")
        })
        .collect();
    rows.sort();
    rows
}

#[apply(on_both_databases)]
async fn an_export_is_read_back_and_starts_no_formula(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    for (address, reason, evidence) in [
        (
            "reader0@reader.example",
            SuppressionReason::HardBounce,
            "=HYPERLINK(\"x\")",
        ),
        (
            "reader1@reader.example",
            SuppressionReason::Operator,
            "'+ by post, \"urgent\"",
        ),
        ("reader1@reader.example", SuppressionReason::Complaint, "-abuse"),
        ("=cmd@reader.example", SuppressionReason::Import, "@x"),
    ] {
        suppress(&app, address, reason, evidence).await;
    }
    let program = Program::of(&app);
    let exported = program.ok(&["suppression", "export"]);
    let mut cells = csv::ReaderBuilder::new().from_reader(exported.as_bytes());
    for record in cells.records() {
        for cell in &record.expect("the CSV is valid") {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
    let before = listed(&program);
    let file = program.file("suppressions.csv", &exported);
    let again = program.ok(&["suppression", "import", &file]);
    assert!(
        again.contains("4 rows in 5 lines: 0 added, 0 got a more serious reason"),
        "{again}"
    );
    app.execute("DELETE FROM suppressions").await;
    let dry = program.json(&["suppression", "import", &file, "--dry-run"]);
    assert_eq!((&dry["added"], &dry["dry_run"]), (&json!(3), &json!(true)));
    assert!(app.rows("suppressions").await.is_empty());
    program.ok(&["suppression", "import", &file]);
    assert_eq!(listed(&program), before, "also of an address that never subscribed");

    let foreign = exported.replace(
        &exported
            .lines()
            .nth(1)
            .expect("the export has a row")
            .split(',')
            .nth(2)
            .expect("the row has a hash_key")
            .to_owned(),
        "0f",
    );
    let file = program.file("foreign.csv", foreign);
    let refused = program.run(&["suppression", "import", &file]);
    assert_eq!(refused.status, Some(1));
    assert!(refused.err.contains("another installation"), "{}", refused.err);
}

#[apply(on_both_databases)]
async fn plain_lists_and_exports_of_mail_providers_are_imported(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    // Content of the file, further arguments, and the expected reason and beginning of the time.
    for (name, content, arguments, expected) in [
        (
            "plain.txt",
            "Ada <ada@reader.example>\n\nbob@reader.example\n",
            &["--reason", "complaint"][..],
            ["complaint", ""],
        ),
        ("words.txt", "ada@reader.example;complained\n", &[], ["complaint", ""]),
        (
            "postmark.csv",
            "EmailAddress,SuppressionReason,Origin,CreatedAt\nada@reader.example,HardBounce,Recipient,2019-12-17T08:58:33-05:00\n",
            &[],
            ["hard_bounce", "2019-12-17T13:58:33"],
        ),
        (
            "postmark-spam.csv",
            "EmailAddress,SuppressionReason,Origin,CreatedAt\nada@reader.example,SpamComplaint,Recipient,2019-12-17T08:58:33-05:00\n",
            &[],
            ["complaint", "2019-12-17T13:58:33"],
        ),
        (
            "sendgrid.csv",
            "status,reason,email,created\n5.1.1,\"550 5.1.1 The account is blocked as spam\",ada@reader.example,1443651125\n",
            &[],
            ["hard_bounce", "2015-09-30T22:12:05"],
        ),
        (
            "mailgun.csv",
            "address,code,error,created_at\nada@reader.example,550,No such mailbox,\"Fri, 21 Oct 2011 11:02:55 GMT\"\n",
            &[],
            ["hard_bounce", "2011-10-21T11:02:55"],
        ),
        (
            "mailchimp-cleaned.csv",
            "Email Address,First Name,OPTIN_TIME,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,LEID,TAGS\n\
             ada@reader.example,Ada,2018-01-01 10:00:00,2020-03-23 17:30:05,Spring,7,\"\"\"Editors\"\"\"\n",
            &[],
            ["hard_bounce", "2020-03-23T17:30:05"],
        ),
        (
            "keila.csv",
            "\u{feff}Email;First name;Status\nada@reader.example;Ada;unreachable\n",
            &[],
            ["hard_bounce", ""],
        ),
        (
            "odd.csv",
            "email,reason,since\nada@reader.example,\"left, angrily\",yesterday\n",
            &[],
            ["import", ""],
        ),
    ] {
        app.execute("DELETE FROM suppressions").await;
        let file = program.file(name, content);
        program.ok(&[&["suppression", "import", file.as_str()][..], arguments].concat());
        let suppressed = suppression(&app, ADA)
            .await
            .unwrap_or_else(|| panic!("{name} suppresses Ada"));
        assert_eq!(suppressed.reason.as_str(), expected[0], "{name}");
        assert!(
            suppressed.created_at.to_rfc3339().starts_with(expected[1]),
            "{name}: {suppressed:?}"
        );
        assert!(suppressed.evidence.starts_with(name), "{name}: {suppressed:?}");
        assert!(!suppressed.evidence.contains(ADA), "{name}: {suppressed:?}");
    }
    let odd = suppression(&app, ADA).await.expect("it is suppressed");
    assert!(
        odd.evidence.contains("left, angrily") && odd.evidence.contains("yesterday"),
        "{odd:?}"
    );
}

/// A cell may contain what a terminal acts on, or what a database does not store.
#[apply(on_both_databases)]
async fn control_characters_of_a_suppression_list_are_not_kept_and_not_printed(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let hostile = "550 5.1.1 \u{1b}[2Jgone\u{202e}\u{9b}31m\u{7}";
    let file = program.file(
        "list.csv",
        format!("email,error\nada@reader.example,{hostile}\nbob@reader.example,a\0b\ncy@reader.example,fine\n"),
    );
    let ran = program.run(&["suppression", "import", &file]);
    assert_eq!(ran.status, Some(1));
    assert!(ran.err.contains("line 3: it contains a NUL character"), "{}", ran.err);
    assert!(
        ran.err.contains("1 of 3 rows was refused and the others were imported"),
        "{}",
        ran.err
    );
    let ada = suppression(&app, ADA).await.expect("it is suppressed");
    assert!(ada.evidence.ends_with("550 5.1.1 [2Jgone31m"), "{ada:?}");
    assert!(suppression(&app, "cy@reader.example").await.is_some());

    // Older rows, and rows of an export, may have them too.
    suppress(&app, "dan@reader.example", SuppressionReason::Operator, hostile).await;
    for command in [
        &["suppression", "list"][..],
        &["--json", "suppression", "list"],
        &["suppression", "export"],
        &["subscriber", "show", "dan@reader.example"],
    ] {
        let printed = program.ok(command);
        let unsafe_character = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(
            printed.contains("5.1.1") && !printed.contains(unsafe_character),
            "{printed:?}"
        );
    }
    let exported = program
        .ok(&["suppression", "export"])
        .replace("5.1.1 ", "5.1.1 \u{1b}[2J");
    let file = program.file("export.csv", exported);
    app.execute("DELETE FROM suppressions").await;
    program.ok(&["suppression", "import", &file]);
    let dan = suppression(&app, "dan@reader.example").await.expect("it is suppressed");
    assert!(!dan.evidence.contains('\u{1b}'), "{dan:?}");
}

#[apply(on_both_databases)]
async fn a_suppression_from_before_1970_is_listed_and_an_import_makes_none(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let file = program.file(
        "old.csv",
        "email,reason,since\nada@reader.example,bounced,1969-12-31T23:59:59Z\nbob@reader.example,bounced,2999-01-01\n",
    );
    let ran = program.run(&["suppression", "import", &file]);
    assert!(ran.err.contains("before 1970 (line 2)"), "{}", ran.err);
    assert!(ran.err.contains("in the future (line 3)"), "{}", ran.err);
    for address in [ADA, "bob@reader.example"] {
        let found = suppression(&app, address).await.expect("it is suppressed");
        let year = found.created_at.format("%Y").to_string();
        assert!(("2020".."2999").contains(&year.as_str()), "{found:?}");
    }

    app.execute("UPDATE suppressions SET created_at = '1911-05-06 07:08:09.000000+00:00'")
        .await;
    assert_eq!(listed(&program).len(), 2);
    assert_eq!(program.ok(&["suppression", "export"]).lines().count(), 3);
}

#[apply(on_both_databases)]
async fn bad_rows_of_a_suppression_list_are_refused_by_line(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let file = program.file(
        "list.csv",
        "email,status\nada@reader.example,bounced\nnot an address,bounced\nbob@reader.example,subscribed\ncy@reader.example\n",
    );
    let ran = program.run(&["suppression", "import", &file]);
    assert_eq!(ran.status, Some(1));
    for words in [
        "line 3: \"not an address\"",
        "line 4: \"bob@reader.example\": \"status: subscribed\" says",
        "line 5: \"cy@reader.example\"",
        "3 of 4 rows were refused and the others were imported",
    ] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    assert!(suppression(&app, ADA).await.is_some() && suppression(&app, "bob@reader.example").await.is_none());
    assert_eq!(
        program.run(&["suppression", "import", &file, "--partial"]).status,
        Some(0)
    );
    let empty = program.file("empty.csv", "");
    assert!(
        program
            .run(&["suppression", "import", &empty])
            .reason()
            .contains("empty")
    );
    let nothing = program.file("nothing.csv", "name,phone\nAda,1\n");
    assert!(
        program
            .run(&["suppression", "import", &nothing])
            .reason()
            .contains("no column is named email")
    );
}

#[apply(on_both_databases)]
async fn every_address_is_explained_in_one_page(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.relay.answer(|stage, transaction, _| {
        let to = transaction.recipients.last().map_or("", String::as_str);
        match stage {
            Stage::Rcpt if to == "reader0@reader.example" => reply(550, "5.1.1 there is no such mailbox"),
            _ => Verdict::Continue,
        }
    });
    app.serve().await;
    let issue = app.send(&daily).await;
    app.until(issue, IssueState::Sent).await;
    app.sign_up(ADA).await;
    let program = Program::of(&app);
    let show = |address: &str| program.ok(&["subscriber", "show", address]);

    let bounced = show("reader0@reader.example");
    for words in [
        "SUPPRESSED, never mailed: hard_bounce",
        "evidence: 550 5.1.1 there is no such mailbox",
        "it ends when the reader signs up again and confirms, or an operator lifts it",
        "gets no issue: the address is suppressed",
        "imported",
        "daily/1",
        "rejected",
        "no_mailbox",
        "the relay's reply",
    ] {
        assert!(bounced.contains(words), "{words}: {bounced}");
    }
    let document = program.json(&["subscriber", "show", "reader0@reader.example"]);
    assert_eq!(document["suppression"]["reason"], "hard_bounce");
    assert_eq!(document["returned"][0]["name"], "daily/1");
    assert_eq!(document["returned"][0]["reason"], "no_mailbox");

    let good = show("reader1@reader.example");
    assert!(
        good.contains("gets the next issue") && good.contains("nothing came back"),
        "{good}"
    );
    let pending = show(ADA);
    assert!(
        pending.contains("gets no issue: the link of the confirmation mail was not used"),
        "{pending}"
    );
    assert!(
        pending.contains("confirmation") && pending.contains("accepted"),
        "{pending}"
    );

    program.ok(&[
        "suppression",
        "lift",
        "reader0@reader.example",
        "--by",
        "bea",
        "--reason",
        "moved back",
    ]);
    let lifted = show("reader0@reader.example");
    assert!(
        lifted.contains("lifted by bea: moved back") && lifted.contains("gets the next issue"),
        "{lifted}"
    );

    suppress(
        &app,
        "eve@reader.example",
        SuppressionReason::Complaint,
        "Feedback-Type: abuse",
    )
    .await;
    let stranger = show("eve@reader.example");
    assert!(
        stranger.contains("No subscriber has this address") && stranger.contains("Feedback-Type: abuse"),
        "{stranger}"
    );
    let unknown = show("reader10@reader.example");
    assert!(unknown.contains("Nothing is on record about this address"), "{unknown}");
    assert!(
        !unknown.contains("reader1@"),
        "similar addresses are not named: {unknown}"
    );
    let document = program.json(&["subscriber", "show", "reader10@reader.example"]);
    assert_eq!(
        (&document["known"], &document["suppressed"]),
        (&json!(false), &Value::Null)
    );
}

/// The name of a file, its header line, a row, and the expected reason with its evidence.
type Export = (
    &'static str,
    &'static str,
    &'static str,
    Option<(&'static str, &'static str)>,
);

/// Header lines of other systems' exports, each with a row. None of these people may be mailed, and those who bounced, complained or were
/// blocked never again.
const EXPORTS: [Export; 9] = [
    (
        "mailchimp-cleaned.csv",
        "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,\
         TIMEZONE,CC,REGION,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES,TAGS",
        "ada@reader.example,Ada,L,2,,,2018-05-01 08:00:00,192.0.2.7,,,,,,,,2020-03-23 17:30:05,Spring,a1,7,b2,,\"\"\"Editors\"\"\"",
        Some(("hard_bounce", "CLEAN_TIME: 2020-03-23 17:30:05")),
    ),
    (
        "mailchimp-unsubscribed.csv",
        "Email Address,First Name,OPTIN_TIME,CONFIRM_TIME,REGION,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,\
         UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS",
        "ada@reader.example,Ada,,2018-05-01 08:00:00,,2020-03-23 17:30:05,Spring,a1,Other,too much spam in my inbox,7,b2,,",
        None,
    ),
    (
        "listmonk.csv",
        "uuid,email,name,attributes,status,created_at,updated_at",
        "5f7b,ada@reader.example,Ada,{},blocklisted,2020-01-01T00:00:00Z,2021-01-01T00:00:00Z",
        Some(("import", "status: blocklisted")),
    ),
    (
        "keila.csv",
        "Email,First name,Last name,Data,Status,External ID",
        "ada@reader.example,Ada,L,\"{\"\"a\"\": 1}\",unreachable,7",
        Some(("hard_bounce", "Status: unreachable")),
    ),
    (
        "substack.csv",
        "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at",
        "ada@reader.example,false,,,true,2021-01-01T00:00:00Z,",
        None,
    ),
    (
        "beehiiv.csv",
        "email,First Name,Last Name,status,tier,created_at,stripe_customer_id,unsubscribed_at",
        " ada@reader.example , Ada , L , inactive , free , 2021-01-01 , , 2022-01-01",
        None,
    ),
    (
        "postmark.csv",
        "EmailAddress,SuppressionReason,Origin,CreatedAt",
        "ada@reader.example,SpamComplaint,Recipient,2019-12-17T08:58:33-05:00",
        Some(("complaint", "SuppressionReason: SpamComplaint")),
    ),
    (
        "brevo.csv",
        "EMAIL;FIRSTNAME;LASTNAME;Blocklisted;Status",
        "ada@reader.example;Ada;L;yes;hardBounce",
        Some(("hard_bounce", "Status: hardBounce")),
    ),
    (
        "other.csv",
        "Email Address,Spam complaint,Number of bounces",
        "ada@reader.example,2022-05-05 10:00:00,0",
        Some(("complaint", "Spam complaint: 2022-05-05 10:00:00")),
    ),
];

#[apply(on_both_databases)]
async fn rows_that_other_systems_call_bounced_complained_or_blocked_are_suppressed(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    for (name, header, row, expected) in EXPORTS {
        app.execute(
            "DELETE FROM suppressions; DELETE FROM consent_records; DELETE FROM subscriptions; DELETE FROM subscribers",
        )
        .await;
        let file = program.file(name, format!("{header}\r\n{row}\r\n"));
        let enabled = ["--value", "status:enabled=confirmed"];
        let more = if name == "listmonk.csv" { &enabled[..] } else { &[] };
        program.ok(&[&["subscriber", "import", file.as_str()][..], &CONFIRMED, more].concat());
        assert_eq!(
            app.subscription_state(ADA).await,
            Some(SubscriptionState::Unsubscribed),
            "{name}"
        );
        let suppressed = suppression(&app, ADA).await;
        let found = suppressed
            .as_ref()
            .map(|found| (found.reason.as_str(), found.evidence.as_str()));
        let evidence = expected.map(|(_, words)| format!("{name}, line 2: {words}"));
        let expected = expected.map(|(reason, _)| reason).zip(evidence.as_deref());
        assert_eq!(found, expected, "{name}");
        // The same rows in `suppression import`, which takes a list of people who left too.
        app.execute("DELETE FROM suppressions").await;
        program.ok(&["suppression", "import", &file]);
        let reason = suppression(&app, ADA).await.expect("the address is suppressed").reason;
        assert_eq!(
            reason.as_str(),
            expected.map_or("import", |(reason, _)| reason),
            "{name}"
        );
    }
}

#[apply(on_both_databases)]
async fn a_providers_list_of_bounces_is_not_imported_as_confirmed_readers(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let mailgun =
        "address,code,error,created_at\nada@reader.example,550,No such mailbox,\"Fri, 21 Oct 2011 11:02:55 GMT\"\n";
    let file = program.file("mailgun.csv", mailgun);
    let stopped = program.run(&[&["subscriber", "import", file.as_str()][..], &CONFIRMED].concat());
    assert!(stopped.reason().contains("\"error\""), "{stopped:?}");
    let sendgrid = "status,reason,email,created\n5.1.1,550 5.1.1 unknown,ada@reader.example,1443651125\n";
    let file = program.file("sendgrid.csv", sendgrid);
    program.ok(&[&["subscriber", "import", file.as_str()][..], &CONFIRMED].concat());
    assert_eq!(app.subscription_state(ADA).await, Some(SubscriptionState::Pending));
}

#[apply(on_both_databases)]
async fn a_complaint_keeps_its_time_behind_an_operators_suppression(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    suppress(&app, ADA, SuppressionReason::Complaint, "Feedback-Type: abuse").await;
    let complained_at = app.now();
    app.advance(TimeDelta::days(3));
    suppress(&app, ADA, SuppressionReason::Operator, "asked by post").await;
    // The second complaint, beside an operator's suppression.
    let bob = "bob@reader.example";
    suppress(&app, bob, SuppressionReason::Operator, "asked by post").await;
    app.advance(TimeDelta::days(3));
    suppress(&app, bob, SuppressionReason::Complaint, "Feedback-Type: fraud").await;
    let bob_complained_at = app.now();

    let both = suppression(&app, ADA).await.expect("the address is suppressed");
    assert_eq!(both.complained_at, Some(complained_at));
    let complaints = program.json(&["suppression", "list", "--reason", "complaint"]);
    assert_eq!(complaints.as_array().map(Vec::len), Some(2), "{complaints}");
    let shown = program.ok(&["suppression", "list", "--reason", "complaint"]);
    assert!(shown.contains("the reader also complained on 20"), "{shown}");
    assert!(
        program
            .ok(&["suppression", "list", "--reason", "import"])
            .contains("no address is suppressed for this reason (import)")
    );

    program.ok(&["suppression", "lift", ADA]);
    program.ok(&[
        "subscriber",
        "unsuppress",
        bob,
        "--reason",
        "asked again",
        "--by",
        "bea",
    ]);
    for (address, since) in [(ADA, complained_at), (bob, bob_complained_at)] {
        let rest = suppression(&app, address).await.expect("the complaint remains");
        assert_eq!((rest.reason, rest.created_at), (SuppressionReason::Complaint, since));
        assert_eq!((rest.complaint, rest.complained_at), (None, None));
    }
    let ended = program.json(&["suppression", "list", "--ended", "--reason", "operator"]);
    assert_eq!(ended[1]["note"], "lifted by bea: asked again");
}

#[apply(on_both_databases)]
async fn lifting_an_operators_suppression_of_a_dead_address_says_so(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    suppress(&app, ADA, SuppressionReason::HardBounce, "550 5.1.1 unknown").await;
    let suppressed = program.ok(&[
        "subscriber",
        "suppress",
        ADA,
        "--reason",
        "asked by post",
        "--by",
        "bea",
    ]);
    assert!(
        suppressed.starts_with("ada@reader.example is suppressed: by bea: asked by post. This replaces")
            && suppressed.contains("(hard_bounce: 550 5.1.1 unknown)"),
        "{suppressed}"
    );
    let lifted = program.ok(&["suppression", "lift", ADA]);
    assert!(
        lifted.contains("Its mailbox did not exist on") && lifted.contains("550 5.1.1 unknown"),
        "{lifted}"
    );
}

#[apply(on_both_databases)]
async fn an_import_accounts_for_each_row_and_a_dry_run_gives_the_same_sums(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    suppress(&app, "old@reader.example", SuppressionReason::HardBounce, "550 5.1.1").await;
    suppress(
        &app,
        "stopped@reader.example",
        SuppressionReason::Operator,
        "asked by post",
    )
    .await;
    let file = program.file(
        "list.csv",
        "email,reason\nada@reader.example,bounced\nada@reader.example,bounced\nada@reader.example,complained\n\
         old@reader.example,bounced\nstopped@reader.example,complained\nstopped@reader.example,complained\nbroken,bounced\n\
         bob@reader.example,operator\nbob@reader.example,complained\n",
    );
    let sums = |report: &Value| {
        ["rows", "added", "replaced", "unchanged", "repeated"].map(|field| report[field].as_i64().expect("a number"))
    };
    let dry = program.json(&["suppression", "import", &file, "--dry-run", "--partial"]);
    assert_eq!(sums(&dry), [9, 2, 3, 1, 2]);
    let real = program.json(&["suppression", "import", &file, "--partial"]);
    assert_eq!(sums(&real), sums(&dry));
    let again = program.ok(&["suppression", "import", &file, "--partial"]);
    assert!(
        again.contains(
            "9 rows in 10 lines: 0 added, 0 got a more serious reason, 4 suppressed before, 4 repeated in the file, 1 refused"
        ),
        "{again}"
    );
}

#[apply(on_both_databases)]
async fn a_row_keeps_the_time_and_the_cell_that_suppressed_it(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let file = program.file(
        "mailchimp.csv",
        "Email Address,OPTIN_TIME,CLEAN_TIME,UNSUB_TIME,LAST_CHANGED\n\
         ada@reader.example,2018-01-01 10:00:00,,2020-03-23 17:30:05,2021-01-01 00:00:00\n\
         bob@reader.example,2018-01-01 10:00:00,2019-02-02 02:02:02,,2021-01-01 00:00:00\n",
    );
    program.ok(&["suppression", "import", &file]);
    for (address, time, evidence, reason) in [
        (
            ADA,
            "2020-03-23T17:30:05",
            "mailchimp.csv, line 2: UNSUB_TIME: 2020-03-23 17:30:05",
            SuppressionReason::Import,
        ),
        (
            "bob@reader.example",
            "2019-02-02T02:02:02",
            "mailchimp.csv, line 3: CLEAN_TIME: 2019-02-02 02:02:02",
            SuppressionReason::HardBounce,
        ),
    ] {
        let row = suppression(&app, address).await.expect("the address is suppressed");
        assert!(row.created_at.to_rfc3339().starts_with(time), "{row:?}");
        assert_eq!((row.evidence.as_str(), row.reason), (evidence, reason));
    }
}

#[apply(on_both_databases)]
async fn many_suppressions_are_one_line_for_each_reason(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 60).await;
    app.articles(&daily, 1).await;
    let program = Program::of(&app);
    let rows: Vec<_> = (0..40)
        .map(|n| format!("reader{n}@reader.example,blocked {n}\n"))
        .collect();
    let file = program.file("list.csv", format!("email,description\n{}", rows.concat()));
    program.ok(&["suppression", "import", &file]);
    suppress(
        &app,
        "reader41@reader.example",
        SuppressionReason::HardBounce,
        "550 5.1.1",
    )
    .await;
    let counted = program.ok(&["subscriber", "list", "--count"]);
    assert_eq!(counted, "60 confirmed, of whom 41 are suppressed\n");
    let counted = program.json(&["subscriber", "list", "--count"]);
    assert_eq!(
        (&counted["confirmed"], &counted["confirmed_and_suppressed"]),
        (&json!(60), &json!(41))
    );
    let listed = program.ok(&["subscriber", "list"]);
    assert_eq!(listed.matches("confirmed, suppressed").count(), 41, "{listed}");
    let shown = program.ok(&["newsletter", "show", "daily"]);
    assert!(
        shown.contains("# readers: 60 confirmed, of whom 41 are suppressed"),
        "{shown}"
    );
    assert_eq!(program.json(&["newsletter", "show", "daily"])["suppressed_readers"], 41);

    let issue = app.build(&daily).await;
    let rehearsed = program.ok(&["issue", "send", &issue.to_string(), "--dry-run"]);
    app.serve().await;
    let issue = app.send(&daily).await;
    app.until(issue, IssueState::Sent).await;
    let proof = program.ok(&["issue", "proof", &issue.to_string()]);
    for report in [rehearsed, proof] {
        let reasons: Vec<Vec<&str>> = report
            .lines()
            .filter(|line| line.trim_start().starts_with("suppressed "))
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(
            reasons,
            [
                ["suppressed", "import", "40"],
                ["suppressed", "hard_bounce", "1"],
                ["suppressed", "all", "41"]
            ],
            "{report}"
        );
    }
}

#[apply(on_both_databases)]
async fn a_file_that_is_no_list_is_refused_without_control_characters(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let database = [b"SQLite format 3\0\x10\x00\x01\x01".as_slice(), &[0x1b; 5_000]].concat();
    let long = format!("{}\u{1b}[31m,b\nx,y\n", "a".repeat(5_000));
    for content in [database, long.into_bytes()] {
        let file = program.file("list.db", content);
        for command in [
            &["suppression", "import", file.as_str()][..],
            &["subscriber", "import", file.as_str(), "--newsletter", "daily"],
        ] {
            let refused = program.run(command);
            assert_eq!(refused.status, Some(1));
            assert!(
                refused.err.len() < 500 && !refused.err.trim_end().contains(char::is_control),
                "{:?}",
                refused.err
            );
        }
    }
}

#[apply(on_both_databases)]
async fn an_export_has_a_row_for_each_reason_with_its_time(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    suppress(&app, ADA, SuppressionReason::Complaint, "Feedback-Type: abuse").await;
    app.advance(TimeDelta::days(3));
    suppress(&app, ADA, SuppressionReason::Operator, "asked by post").await;
    let file = program.folder().join("out.csv").display().to_string();
    let written = program.ok(&["suppression", "export", "--out", &file]);
    assert!(written.starts_with("2 rows of 1 address written to "), "{written}");
    // The program's clock shows the present, and a time in the future is not imported.
    let exported = std::fs::read_to_string(&file).expect("the file is written");
    let past = |row: &str, year: &str| {
        let time = row.split(',').nth(4).expect("a row has a time").to_owned();
        row.replace(&time, &format!("{year}{}", &time[4..]))
    };
    let mut lines = exported.lines();
    let header = lines.next().expect("the columns are named");
    let operator = past(lines.next().expect("a row"), "2021");
    let complaint = past(lines.next().expect("a second row"), "2020");
    let file = program.file("past.csv", format!("{header}\n{operator}\n{complaint}\n"));
    app.execute("DELETE FROM suppressions").await;
    program.ok(&["suppression", "import", &file]);
    let both = suppression(&app, ADA).await.expect("the address is suppressed");
    assert_eq!(both.reason, SuppressionReason::Operator);
    assert!(both.created_at.to_rfc3339().starts_with("2021-"), "{both:?}");
    let complained_at = both.complained_at.expect("the complaint has a time").to_rfc3339();
    assert!(complained_at.starts_with("2020-"), "{both:?}");
}
