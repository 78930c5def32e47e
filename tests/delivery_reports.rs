//! The delivery report of an issue names a reason for every state, detects missing rows, and can be written to a file.

use daywire::delivery::report::{delivery_report, write_report};
use daywire::delivery::report_file;
use daywire::domain::ids::IssueId;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::mail::server::{Stage, Verdict};
use daywire::worker::Role;

use crate::support::TestApp;
use crate::support::issues::{number, reply};
use crate::support::program::Program;

/// Sends an issue to twelve readers, with different outcomes.
async fn mixed_issue(app: &mut TestApp) -> IssueId {
    let daily = app.daily().await;
    app.readers(&daily, 12).await;
    app.suppress("reader10@reader.example", "complained").await;
    let issue = app.send(&daily).await;
    app.leave("reader11@reader.example").await;
    app.relay
        .answer(|stage, transaction, _| match transaction.recipients.last() {
            Some(to) if stage == Stage::Rcpt && number(to) < 2 => reply(550, &format!("5.1.1 <{to}> is unknown")),
            _ => Verdict::Continue,
        });
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    issue
}

#[apply(on_both_databases)]
async fn the_report_names_a_reason_for_every_state(mut app: TestApp) {
    let issue = mixed_issue(&mut app).await;
    let report = app.delivery_report(issue).await;
    assert_eq!((report.frozen, report.recipients, report.compacted), (12, 12, 0));
    let reasons: Vec<_> = report
        .reasons
        .iter()
        .map(|r| (r.state, r.reason.as_str(), r.count))
        .collect();
    assert_eq!(
        reasons,
        [
            (DeliveryState::Accepted, "250 2.0.0", 8),
            (DeliveryState::Rejected, "550 5.1.1", 2),
            (DeliveryState::Suppressed, "operator", 1),
            (DeliveryState::Cancelled, "the subscriber left", 1),
        ]
    );
}

#[apply(on_both_databases)]
async fn a_missing_row_makes_the_report_fail(mut app: TestApp) {
    let issue = mixed_issue(&mut app).await;
    let sql = "DELETE FROM deliveries WHERE subscription_id IN \
               (SELECT subscription_id FROM deliveries ORDER BY subscription_id LIMIT 1)";
    app.execute(sql).await;
    let report = delivery_report(&app.app, issue).await.expect("the report is made");
    assert!(!report.balanced);
    assert_eq!(report.problems(), ["1 of those frozen are missing"]);
    let ran = Program::of(&app).run(&["issue", "proof", &issue.to_string()]);
    assert_eq!(ran.status, Some(1));
    assert!(ran.line().contains("1 of those frozen are missing"), "{}", ran.err);
    // A written report fails as well.
    let file = app.folder().join("account.jsonl");
    write_report(&app.app, issue, &file, false)
        .await
        .expect("the report is written");
    let wrong = report_file::check(&file)
        .expect_err("the totals do not balance")
        .to_string();
    assert!(
        wrong.contains("accounts for 11 recipients, but 12 were frozen"),
        "{wrong}"
    );
}

#[apply(on_both_databases)]
async fn a_state_without_an_explanation_makes_the_report_fail(mut app: TestApp) {
    let issue = mixed_issue(&mut app).await;
    app.execute("UPDATE deliveries SET last_reply = NULL WHERE state = 'rejected'")
        .await;
    app.execute("UPDATE deliveries SET attempts = 0 WHERE state = 'accepted'")
        .await;
    let report = delivery_report(&app.app, issue).await.expect("the report is made");
    assert_eq!((report.balanced, report.unexplained), (false, 10));
}

#[apply(on_both_databases)]
async fn a_report_file_detects_every_change(mut app: TestApp) {
    let issue = mixed_issue(&mut app).await;
    let (program, id) = (Program::of(&app), issue.to_string());
    let file = app.folder().join("account.jsonl");
    let path = file.to_str().expect("the path is UTF-8");
    let report = program.json(&["issue", "proof", &id, "--out", path]);
    let checked = program.json(&["issue", "proof", "--check", path]);
    assert_eq!(checked["sha256"], report["sha256"]);
    assert_eq!(checked["deliveries"], report["deliveries"]);
    assert_eq!(checked["recipients"], 12);

    let written = std::fs::read_to_string(&file).expect("the file is readable");
    assert_eq!(
        written.lines().count(),
        14,
        "a header, a line for each recipient, a trailer"
    );
    assert!(!written.contains('@'), "the report contains no address");
    assert!(written.contains("550 5.1.1 (address) is unknown"));

    let lines: Vec<_> = written.split_inclusive('\n').collect();
    let twice: String = lines[..3].iter().chain(&lines[2..]).copied().collect();
    let without: String = lines[..3].iter().chain(&lines[4..]).copied().collect();
    let cut: String = lines[..13].concat();
    let changes = [
        (written.replacen("rejected", "accepted", 1), "the file was changed"),
        (
            written.replacen("\"attempts\":1", "\"attempts\":2", 1),
            "the file was changed",
        ),
        (
            written.replacen("\"accepted\":8", "\"accepted\":9", 1),
            "totals in the last line do not match",
        ),
        (without, "the file was changed"),
        (twice, "line 4: the subscription occurs twice"),
        (cut, "line 13"),
        (written.trim_end().to_owned(), "the line has no line end"),
        (String::new(), "the file is empty"),
    ];
    for (changed, words) in changes {
        assert_ne!(changed, written);
        std::fs::write(&file, changed).expect("the report is written");
        let ran = program.run(&["issue", "proof", "--check", path]);
        assert!(ran.reason().contains(words), "{words}: {}", ran.err);
    }
    let left: Vec<_> = std::fs::read_dir(app.folder())
        .expect("the folder can be listed")
        .flatten()
        .collect();
    assert!(
        left.iter()
            .all(|entry| !entry.file_name().to_string_lossy().ends_with(".part"))
    );
}

#[apply(on_both_databases)]
async fn a_report_that_cannot_be_written_leaves_no_file(mut app: TestApp) {
    let issue = mixed_issue(&mut app).await;
    let nowhere = app.folder().join("nowhere").join("account.jsonl");
    let failed = write_report(&app.app, issue, &nowhere, false)
        .await
        .expect_err("the folder does not exist");
    assert!(failed.to_string().contains("nowhere"), "{failed}");
    // An issue that does not exist.
    let unknown = IssueId(uuid::Uuid::nil());
    let file = app.folder().join("account.jsonl");
    std::fs::write(&file, "an earlier report").expect("the report is written");
    assert!(write_report(&app.app, unknown, &file, false).await.is_err());
    assert_eq!(
        std::fs::read_to_string(&file).expect("the file is readable"),
        "an earlier report"
    );
    let names: Vec<_> = std::fs::read_dir(app.folder())
        .expect("the folder can be listed")
        .flatten()
        .collect();
    assert!(
        names
            .iter()
            .all(|entry| !entry.file_name().to_string_lossy().ends_with(".part"))
    );
}
