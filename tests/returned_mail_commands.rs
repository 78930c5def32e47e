//! The commands about returned mail: how it is handed over, what became of it, and how it is listed and shown.

use std::io::Write as _;
use std::process::Stdio;

use daywire::domain::states::{IssueState, SubscriptionState};
use daywire::mail::server::{Stage, Verdict};
use daywire::worker::Role;
use serde_json::{Value, json};

use crate::returned_mail::{send, suppression};
use crate::support::issues::reply;
use crate::support::program::Program;
use crate::support::reports::{complaint, ingest, message_id_tag, program, report, return_path, set_return_path};
use crate::support::{Engine, TestApp};

const QUESTION: &str =
    "From: ada@reader.example\r\nTo: desk@news.example\r\nSubject: A question\r\n\r\nWhere is it?\r\n";

fn strings(listed: &Value, field: &str) -> Vec<String> {
    let listed = listed.as_array().expect("the command prints a list").iter();
    listed
        .map(|entry| entry[field].as_str().unwrap_or("-").to_owned())
        .collect()
}

#[apply(on_both_databases)]
async fn bounces_are_listed_with_address_issue_and_source_and_by_each_filter(engine: Engine) {
    let mut app = TestApp::with(engine, set_return_path).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 4).await;
    app.relay.answer(|stage, transaction, _| {
        let to = transaction.recipients.last().map_or("", String::as_str);
        match stage {
            Stage::Rcpt if to == "reader3@reader.example" => reply(550, "5.1.1 there is no such mailbox"),
            _ => Verdict::Continue,
        }
    });
    send(&mut app, &daily).await;
    let to = return_path(&app, "reader0@reader.example");
    ingest(&app, &report(&to, "reader0@reader.example", "5.2.2", "552 5.2.2 full"));
    send(&mut app, &daily).await;
    let to = return_path(&app, "reader1@reader.example");
    ingest(&app, &complaint(&to, "abuse"));

    let program = program(&app);
    let all = program.json(&["bounce", "list"]);
    assert_eq!(
        strings(&all, "address"),
        [
            "reader1@reader.example",
            "reader0@reader.example",
            "reader3@reader.example"
        ]
    );
    assert_eq!(strings(&all, "name"), ["daily/2", "daily/1", "daily/1"]);
    assert_eq!(strings(&all, "source"), ["file", "file", "relay"]);
    let shown = program.ok(&["bounce", "list"]);
    for words in ["reader1@reader.example", "daily/2", "relay", " file ", "mailbox_full"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let count = |filter: &[&str]| {
        let listed = program.json(&[&["bounce", "list"], filter].concat());
        listed.as_array().expect("the command prints a list").len()
    };
    for (filter, expected) in [
        (&["--issue", "daily/1"][..], 2),
        (&["--issue", "daily/2"], 1),
        (&["--newsletter", "daily"], 3),
        (&["--reason", "mailbox_full"], 1),
        (&["--reason", "abuse"], 1),
        (&["--source", "relay"], 1),
        (&["--source", "file"], 2),
        (&["--source", "postmark"], 0),
        (&["--domain", "READER.example"], 3),
        (&["--domain", "elsewhere.example"], 0),
        (&["--since", "2000-01-01"], 3),
        (&["--since", "2200-01-01T00:00:00Z"], 0),
        (
            &["--issue", "daily/1", "--source", "file", "--reason", "mailbox_full"],
            1,
        ),
        (&["--newsletter", "daily", "--limit", "2"], 2),
    ] {
        assert_eq!(count(filter), expected, "{filter:?}");
    }
    for (filter, words) in [
        (["--reason", "full"], "is not a reason"),
        (["--source", "pigeon"], "is not a source"),
        (["--since", "yesterday"], "write a day"),
        (["--newsletter", "weekly"], "there is no newsletter"),
    ] {
        let refused = program.run(&[&["bounce", "list"], &filter[..]].concat());
        assert!(refused.status != Some(0) && refused.err.contains(words), "{refused:?}");
    }

    // The address page names the source too.
    let shown = program.ok(&["subscriber", "show", "reader3@reader.example"]);
    assert!(shown.contains("the relay's reply"), "{shown}");
    let shown = program.json(&["subscriber", "show", "reader0@reader.example"]);
    assert_eq!(
        (&shown["returned"][0]["source"], &shown["returned"][0]["name"]),
        (&json!("file"), &json!("daily/1"))
    );

    // An erased subscriber is named by the hash.
    app.execute(
        "DELETE FROM consent_records; DELETE FROM deliveries; DELETE FROM subscriptions; DELETE FROM subscribers",
    )
    .await;
    let shown = program.ok(&["bounce", "list", "--reason", "abuse"]);
    assert!(shown.contains('#') && !shown.contains("reader1@"), "{shown}");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn handing_mail_over_says_what_became_of_it(engine: Engine) {
    let mut app = TestApp::with(engine, set_return_path).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 4).await;
    send(&mut app, &daily).await;
    let to = |n: u32| return_path(&app, &format!("reader{n}@reader.example"));
    let program = program(&app);
    let unsigned = report(
        "desk@news.example",
        "stranger@reader.example",
        "5.1.1",
        "550 5.1.1 unknown",
    );
    let delay = report(&to(3), "reader3@reader.example", "4.4.1", "451 4.4.1 no answer").replace("failed", "delayed");
    let messages = [
        report(&to(0), "reader0@reader.example", "5.1.1", "550 5.1.1 unknown"),
        report(&to(1), "reader1@reader.example", "5.2.2", "552 5.2.2 full"),
        complaint(&to(2), "abuse"),
        delay,
        format!(
            "From: reader3@reader.example\r\nTo: <{}>\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nUntil May.\r\n",
            to(3)
        ),
        report(
            "bounce+aaaaaaaaaaaaaaaa@news.example",
            "reader3@reader.example",
            "5.1.1",
            "550 5.1.1 unknown",
        ),
        unsigned.clone(),
        QUESTION.to_owned(),
    ];
    let files: Vec<_> = messages
        .iter()
        .enumerate()
        .map(|(n, message)| program.file(&format!("{n}.eml"), message))
        .collect();
    let mut arguments = vec!["bounce", "ingest"];
    arguments.extend(files.iter().map(String::as_str));
    let said = program.json(&arguments);
    assert_eq!(
        (&said["read"], &said["new"], &said["repeated"]),
        (&json!(8), &json!(8), &json!(0))
    );
    let expected = json!({
        "suppressed": 2, "counted": 1, "delayed": 1, "replied": 1, "forged_tag": 1, "stranger": 1, "not_understood": 1,
        "unsubscribed": 0, "paused": 0, "recorded": 0, "not_on_record": 0, "unsigned": 0,
    });
    assert_eq!(said["effects"], expected);
    assert_eq!(said["kinds"]["complaint"], 1);
    let again = program.ok(&arguments);
    assert!(
        again.contains("8 messages read: 0 stored now, 8 stored before"),
        "{again}"
    );

    // The stranger is on record nowhere as suppressed.
    assert!(suppression(&app, "stranger@reader.example").await.is_none());
    assert_eq!(
        program
            .json(&["bounce", "list", "--reason", "no_mailbox"])
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    let other = program.file("other.eml", unsigned.replace("stranger@", "another@"));
    let said = program.ok(&["bounce", "ingest", &other]);
    assert!(
        said.contains("about an address that is not a subscriber's") && said.contains("Nothing was recognised"),
        "{said}"
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_returned_mail_is_shown_whole_without_control_characters(engine: Engine) {
    let mut app = TestApp::with(engine, set_return_path).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    send(&mut app, &daily).await;
    let reader = "reader0@reader.example";
    let bounce = report(
        &return_path(&app, reader),
        reader,
        "5.1.1",
        "550 5.1.1 \u{1b}[31munknown\u{7}\u{202e}",
    );
    ingest(&app, &bounce);
    let program = program(&app);
    let listed = program.json(&["bounce", "list", "--all", "--source", "file"]);
    let id = listed[0]["id"].as_str().expect("each mail has an id");
    assert_eq!(listed[0]["effect"], "suppressed");
    let shown = program.ok(&["bounce", "show", id]);
    for words in [
        "from a file",
        "the address is suppressed",
        "Final-Recipient: rfc822; reader0@",
        "no_mailbox",
        reader,
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let is_raw = |c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}';
    assert!(!shown.contains(is_raw), "{shown:?}");
    let document = program.json(&["bounce", "show", id]);
    assert_eq!(document["recipients"][0]["address"], reader);
    assert!(
        !document["content"]
            .as_str()
            .expect("the content is kept")
            .contains(is_raw)
    );
    let unknown = program.run(&["bounce", "show", "00000000"]);
    assert!(unknown.reason().contains("bounce list --all"), "{unknown:?}");

    app.execute("UPDATE returned_mails SET content = ''").await;
    assert!(program.ok(&["bounce", "show", id]).contains("The content was deleted"));
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn files_that_cannot_be_read_stop_no_other_and_fail_the_command(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let good = program.file("good.eml", QUESTION);
    let folder = program.folder().display().to_string();
    let mbox = program.file("one.mbox", format!("From a@b Thu Jan  1 00:00:00 1970\n{QUESTION}"));
    let empty = program.file("empty.mbox", "");
    for (arguments, words) in [
        (&["missing.eml", good.as_str()][..], "cannot read missing.eml"),
        (&[good.as_str(), folder.as_str()], "cannot read /"),
        (&["--mbox", folder.as_str()], "cannot read /"),
        (&["--mbox", good.as_str()], "is not an mbox file"),
        (&[mbox.as_str()], "hand it over with --mbox"),
        (&["--maildir", folder.as_str()], "is not a Maildir"),
    ] {
        let ran = program.run(&[&["bounce", "ingest"], arguments].concat());
        assert_eq!(ran.status, Some(1), "{ran:?}");
        assert!(
            ran.err.contains(words) && ran.err.contains("What could be read was stored"),
            "{}",
            ran.err
        );
    }
    assert_eq!(
        program.json(&["bounce", "list", "--all"]).as_array().map(Vec::len),
        Some(1),
        "the good one"
    );
    let said = program.json(&["bounce", "ingest", "--mbox", &mbox, "--mbox", &empty]);
    assert_eq!((&said["read"], &said["new"]), (&json!(1), &json!(0)));
}

#[apply(on_both_databases)]
async fn a_message_that_is_moved_within_a_maildir_is_found_and_one_that_is_gone_is_reported(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let maildir = program.folder().join("Maildir");
    for part in ["new", "cur"] {
        std::fs::create_dir_all(maildir.join(part)).expect("the folder is made");
    }
    for n in 0..3 {
        let message = QUESTION.replace("Where", &format!("{n} where"));
        std::fs::write(maildir.join(format!("new/{n}.host")), message).expect("the file is written");
    }
    // A link to nothing is like a file that another program deletes after it was listed.
    std::os::unix::fs::symlink("nowhere", maildir.join("new/9.host")).expect("the link is made");
    let maildir = maildir.display().to_string();
    let said = program.json(&["bounce", "ingest", "--maildir", &maildir]);
    assert_eq!(
        (&said["read"], &said["new"], &said["gone"]),
        (&json!(3), &json!(3), &json!(1))
    );
    let said = program.ok(&["bounce", "ingest", "--maildir", &maildir]);
    assert!(said.contains("1 message of a Maildir moved away"), "{said}");
}

#[apply(on_both_databases)]
async fn a_hyphen_is_standard_input(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    for (command, words) in [
        (&["bounce", "ingest", "-"][..], "1 message read: 1 stored now"),
        (&["inspect", "bounce", "-"], "other"),
    ] {
        let mut child = program.start_with(command, Stdio::piped());
        let mut input = child.stdin.take().expect("standard input is piped");
        input.write_all(QUESTION.as_bytes()).expect("the program reads");
        drop(input);
        let output = child.wait_with_output().expect("the program ends");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.contains(words), "{said}");
    }
}

#[apply(on_both_databases)]
async fn inspecting_a_bounce_checks_its_signature_if_there_is_a_database(engine: Engine) {
    let mut app = TestApp::with(engine, set_return_path).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    send(&mut app, &daily).await;
    let reader = "reader0@reader.example";
    let to = return_path(&app, reader);
    let signed = report(&to, reader, "5.1.1", "550 5.1.1 unknown");
    let repeated = format!(
        "{}\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{}@news.example>\r\n--b--\r\n",
        report("desk@news.example", reader, "5.1.1", "550 5.1.1 unknown").trim_end_matches("--b--\r\n"),
        message_id_tag(&app, reader)
    );
    let program = program(&app);
    for (message, words, signed) in [
        (
            signed.clone(),
            "The address that it came to has a valid tag; it is about daily/1 to reader0@reader.example.",
            true,
        ),
        (repeated, "It repeats the signed Message-ID", true),
        (
            signed.replace(&to, "bounce+aaaaaaaaaaaaaaaa@news.example"),
            "has a tag that this site did not sign",
            false,
        ),
        (
            signed.replace(&to, "desk@news.example"),
            "Nothing in it is signed",
            false,
        ),
    ] {
        let file = program.file("bounce.eml", message);
        let said = program.ok(&["inspect", "bounce", &file]);
        assert!(said.contains(words), "{words}: {said}");
        let document = program.json(&["inspect", "bounce", &file]);
        assert_eq!(document["signature"]["signed"], signed);
    }
    let folder = tempfile::TempDir::new().expect("a scratch folder");
    let elsewhere = Program::in_folder(folder.path());
    let file = elsewhere.file("bounce.eml", signed);
    let said = elsewhere.ok(&["inspect", "bounce", &file]);
    assert!(
        said.contains("no_mailbox") && said.contains("was not checked"),
        "{said}"
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn the_page_of_an_address_says_how_far_a_pause_is_and_how_it_ends(engine: Engine) {
    let mut app = TestApp::with(engine, set_return_path).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    let reader = "reader0@reader.example";
    let program = program(&app);
    for day in ["2027-01-01T08:00:00Z", "2027-01-06T08:00:00Z", "2027-01-11T08:00:00Z"] {
        app.advance_to(day);
        send(&mut app, &daily).await;
        let to = return_path(&app, reader);
        ingest(&app, &report(&to, reader, "5.2.2", "552 5.2.2 full"));
    }
    let shown = program.ok(&["subscriber", "show", reader]);
    assert!(
        shown.contains(
            "soft bounces: 3 of 5 issues in a row since 2027-01-01, the last for mailbox_full; paused after 5 over at least 14 days"
        ),
        "{shown}"
    );
    let document = program.json(&["subscriber", "show", reader]);
    assert_eq!(document["subscriptions"][0]["soft_bounces"]["issues_in_a_row"], 3);
    let other = program.json(&["subscriber", "show", "reader1@reader.example"]);
    assert_eq!(other["subscriptions"][0]["soft_bounces"], Value::Null);
    for day in ["2027-01-15T08:00:00Z", "2027-01-20T08:00:00Z"] {
        app.advance_to(day);
        send(&mut app, &daily).await;
        let to = return_path(&app, reader);
        ingest(&app, &report(&to, reader, "5.2.2", "552 5.2.2 full"));
    }
    assert_eq!(app.subscription_state(reader).await, Some(SubscriptionState::Paused));
    let shown = program.ok(&["subscriber", "show", reader]);
    assert!(
        shown
            .contains("to end the pause: daywire subscriber prefer reader0@reader.example --newsletter daily --resume"),
        "{shown}"
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn rates_are_shown_for_issues_newsletters_and_domains(engine: Engine) {
    let mut app = TestApp::with(engine, set_return_path).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 20).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
    for n in 0..2 {
        let reader = format!("reader{n}@reader.example");
        let to = return_path(&app, &reader);
        ingest(&app, &report(&to, &reader, "5.1.1", "550 5.1.1 unknown"));
    }
    ingest(&app, &complaint(&return_path(&app, "reader5@reader.example"), "abuse"));
    // The program's clock shows the present, and the issue was sent at the time of the test.
    let program = program(&app).with("DAYWIRE_BOUNCES__RATE_WINDOW", "3650d");
    let rates = program.json(&["bounce", "rates"]);
    for (subject, name) in [
        ("newsletters", "daily"),
        ("issues", "daily/1"),
        ("domains", "reader.example"),
    ] {
        let expected = json!({ "name": name, "accepted": 20, "hard_bounces": 2, "complaints": 1 });
        assert_eq!(rates[subject], json!([expected]), "{subject}");
    }
    let shown = program.ok(&["bounce", "rates"]);
    assert_eq!(shown.matches("2 (10.00 %)").count(), 3, "{shown}");
    let shown = program.ok(&["issue", "show", "daily/1"]);
    assert!(
        shown.contains("of 20 accepted messages, 10.00 % are hard bounces and 5.00 % complaints"),
        "{shown}"
    );
    let proof = program.ok(&["issue", "proof", "daily/1"]);
    assert!(proof.contains("10.00 % are hard bounces"), "{proof}");
    let shown = program.ok(&["newsletter", "show", "daily"]);
    assert!(
        shown.contains(
            "# of 20 accepted messages in the last 3650 days: 2 hard bounces (10.00 %), 1 complaint (5.00 %)"
        ),
        "{shown}"
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_pending_address_is_told_apart_by_whether_a_mail_was_sent(mut app: TestApp) {
    app.daily().await;
    app.serve().await;
    let program = Program::of(&app);
    let file = program.file("pending.csv", "email\nbob@reader.example\n");
    program.ok(&["subscriber", "import", &file, "--newsletter", "daily"]);
    app.sign_up("ada@reader.example").await;
    let show = |address: &str| program.ok(&["subscriber", "show", address]);
    assert!(show("ada@reader.example").contains("gets no issue: the link of the confirmation mail was not used"));
    let bob = show("bob@reader.example");
    assert!(
        bob.contains("gets no issue: it is not confirmed, and no confirmation mail"),
        "{bob}"
    );
    program.ok(&["subscriber", "suppress", "bob@reader.example"]);
    let bob = show("bob@reader.example");
    assert!(bob.contains(", and the address is suppressed"), "{bob}");
    assert!(
        bob.contains("it ends when an operator lifts it: daywire suppression lift bob@reader.example --reason TEXT"),
        "{bob}"
    );
}

#[apply(on_both_databases)]
async fn a_start_says_that_no_bounce_comes_back(app: TestApp) {
    app.daily().await;
    let says = |program: Program| async move {
        let serving = program.serve_role("web");
        serving.site().await;
        serving
            .log()
            .iter()
            .any(|line| line.contains("returned mail is not read"))
    };
    assert!(says(Program::of(&app)).await);
    assert!(!says(program(&app)).await, "there is a return path");
    let hook = Program::of(&app).with("DAYWIRE_HOOKS__POSTMARK__SECRET", "postmark-secret");
    assert!(!says(hook).await);
    let captured = Program::of(&app).with("DAYWIRE_RELAY__URL", "");
    assert!(!says(captured).await);
}
