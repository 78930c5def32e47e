//! Two versions of the program use one database: a newer one has added columns and a table while an issue is sent.

use daywire::clock::Clock;
use daywire::store::{MIGRATIONS, Migration};
use daywire::worker::Role;

use crate::support::eventually;
use crate::support::program::{Program, Serving};

const READERS: usize = 240;

const EXPANDING: Migration = Migration {
    version: 2,
    description: "moods",
    oldest_program: 1,
    sql: "ALTER TABLE issues ADD COLUMN mood TEXT;\n\
          ALTER TABLE newsletters ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm';\n\
          ALTER TABLE articles ADD COLUMN mood TEXT;\n\
          ALTER TABLE deliveries ADD COLUMN mood TEXT;\n\
          ALTER TABLE transactional_mails ADD COLUMN mood TEXT;\n\
          CREATE TABLE moods (\n    issue_id UUID NOT NULL PRIMARY KEY REFERENCES issues (id)\n);",
};

const CONTRACTING: Migration = Migration {
    version: 3,
    description: "less",
    oldest_program: 2,
    sql: "DROP TABLE moods;",
};

/// The lines of a log that report a fault.
fn faults(serving: &Serving) -> Vec<String> {
    let is_fault = |line: &String| line.contains("\"level\":\"ERROR\"");
    serving.log().into_iter().filter(is_fault).collect()
}

#[apply(on_both_databases)]
async fn an_older_and_a_newer_program_send_an_issue_together(mut app: TestApp) {
    app.advance(Clock::System.now() - app.now());
    let daily = app.daily().await;
    app.readers(&daily, READERS).await;
    app.relay.hold_after(60);
    let issue = app.send(&daily).await;
    let program = Program::of(&app);
    let first = program.serve();
    let site = first.site().await;
    // Statements are prepared before the tables change.
    let pages = ["/", "/archive", "/search?q=article", "/subscribe"];
    for page in pages.iter().cycle().take(40) {
        assert!(site.get(page).await.status.is_success(), "{page}");
    }
    eventually("a part is sent", || async { app.relay.received().len() >= 60 }).await;

    let newer = [MIGRATIONS, &[EXPANDING]].concat();
    app.app
        .store
        .migrate_with(&newer)
        .await
        .expect("the tables are expanded");
    app.execute("INSERT INTO moods SELECT id FROM issues; UPDATE issues SET mood = 'calm'")
        .await;
    // This process stands for the newer program, and another older one starts.
    app.serve_roles(&[Role::Sender]).await;
    let second = program.serve_role("sender");
    eventually("three processes send", || async { app.count_rows("nodes").await == 3 }).await;
    app.relay.release();
    for page in pages.iter().cycle().take(40) {
        assert!(site.get(page).await.status.is_success(), "{page} after the expansion");
    }
    site.post("/subscribe", &[("email", "new@reader.example")]).await;
    app.relay.link_for("new@reader.example", "/confirm/").await;
    eventually("the issue is sent", || async {
        program.json(&["issue", "show", &issue.to_string()])["state"] == "sent"
    })
    .await;
    let copies = app.relay.copies();
    assert_eq!(copies.len(), READERS + 1);
    assert_eq!(copies.values().max(), Some(&1), "a recipient got the issue twice");
    program.ok(&["issue", "proof", &issue.to_string()]);
    assert!(program.ok(&["migrate"]).contains("is set up"));
    assert_eq!(faults(&first), Vec::<String>::new());
    assert_eq!(faults(&second), Vec::<String>::new());
    assert!(first.terminate().0.success());
    assert!(second.terminate().0.success());

    let contracted = [MIGRATIONS, &[EXPANDING, CONTRACTING]].concat();
    app.app
        .store
        .migrate_with(&contracted)
        .await
        .expect("the table is removed");
    for command in [&["serve"][..], &["migrate"], &["issue", "list"]] {
        let refused = program.run(command);
        assert!(
            refused.err.contains(
                "need a program for version 2 or newer, and this program is for version 1; run the newer program"
            ),
            "{command:?}: {}",
            refused.err
        );
        assert_eq!(refused.err.lines().count(), 1, "{}", refused.err);
    }
}
