//! Names that commands accept in place of an id: a number, `last`, a prefix of an id, a feed's address.

use crate::support::TestApp;
use crate::support::program::Program;

/// Newsletters `morning` and `evening`, each with `issues` issues.
async fn two_newsletters(app: &TestApp, issues: usize) -> Program {
    for slug in ["morning", "evening"] {
        let newsletter = app.apply(&format!("slug = \"{slug}\"\nname = \"{slug}\"")).await;
        for _ in 0..issues {
            app.articles(&newsletter, 1).await;
            app.build(&newsletter).await;
        }
    }
    Program::of(app)
}

#[apply(on_both_databases)]
async fn an_issue_is_found_by_number_or_by_a_prefix_of_its_id(app: TestApp) {
    let program = two_newsletters(&app, 2).await;
    let shown = |name: &str| program.json(&["issue", "show", name]);
    let first = shown("morning/1");
    assert_eq!(
        (&first["newsletter"], &first["number"], &first["name"]),
        (&"morning".into(), &1.into(), &"morning/1".into())
    );
    let id = first["id"].as_str().expect("the output has an id").to_owned();
    assert_eq!(shown(&id)["id"], id.as_str());
    // Ids of issues that were compiled at different seconds differ in their first 12 digits.
    assert_eq!(shown(&id[..13])["id"], id.as_str());
    assert_eq!(shown("last")["name"], "evening/2");
    assert_eq!(shown("morning/last")["name"], "morning/2");
    assert!(program.ok(&["issue", "list"]).contains("morning/2"));
    program.ok(&["issue", "cancel", "morning/2"]);
    assert_eq!(shown("morning/2")["state"], "cancelled");
    assert!(
        program
            .ok(&["issue", "cancel", "evening/last"])
            .starts_with("evening/2: cancelled")
    );
}

#[apply(on_both_databases)]
async fn an_ambiguous_issue_name_lists_the_matches(app: TestApp) {
    let program = two_newsletters(&app, 1).await;
    let ran = program.run(&["issue", "show", "1"]);
    assert!(
        ran.reason().contains("morning/1") && ran.reason().contains("evening/1"),
        "{}",
        ran.err
    );
    let id = program.json(&["issue", "show", "morning/1"])["id"]
        .as_str()
        .expect("the output has an id")
        .to_owned();
    let ran = program.run(&["issue", "cancel", &id[..4]]);
    assert!(
        ran.reason().contains(&id) && ran.reason().contains("evening/1"),
        "{}",
        ran.err
    );
    assert_eq!(
        program.json(&["issue", "show", "morning/1"])["state"],
        "draft",
        "nothing was cancelled"
    );
    for (name, word) in [
        ("7", "issue list"),
        ("morning/7", "issue list"),
        ("ffff", "issue list"),
        ("noon/1", "newsletter list"),
    ] {
        assert!(program.run(&["issue", "show", name]).reason().contains(word), "{name}");
    }
}

#[apply(on_both_databases)]
async fn with_one_newsletter_a_number_names_an_issue(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 1).await;
    app.build(&daily).await;
    assert_eq!(Program::of(&app).json(&["issue", "show", "1"])["name"], "daily/1");
}

#[apply(on_both_databases)]
async fn a_feed_is_found_by_its_address_or_id(app: TestApp) {
    let daily = app.daily().await;
    let program = Program::of(&app);
    for path in ["a", "b?key=secret"] {
        let mut tx = app.app.store.write().await.expect("the database answers");
        let url = format!("https://wire.example/{path}")
            .parse()
            .expect("the address is valid");
        daywire::ingest::adding_feeds::add_feed(&mut tx, &app.app, daily.id, &url, "Wire")
            .await
            .expect("the feed is added");
        tx.commit().await.expect("the transaction commits");
    }
    let resumed = program.json(&["feed", "resume", "wire.example/a"]);
    let id = resumed["id"].as_str().expect("the output has an id").to_owned();
    assert_eq!(program.json(&["feed", "resume", &id])["id"], id.as_str());
    let several = program.run(&["feed", "resume", &id[..6]]);
    assert!(
        several.reason().contains("https://wire.example/a") && several.reason().contains(&id),
        "{}",
        several.err
    );
    assert!(!several.err.contains("secret"), "{}", several.err);
    let removed = program.json(&["feed", "remove", "http://wire.example/a/", "--newsletter", "daily"]);
    assert_eq!(removed["url"], "https://wire.example/a");
    let unknown = program.run(&["feed", "fetch", "--feed", "https://ada:secret@other.example/feed"]);
    assert!(
        unknown.reason().contains("daywire feed list") && !unknown.err.contains("secret"),
        "{}",
        unknown.err
    );
}

#[apply(on_both_databases)]
async fn an_article_is_found_by_a_prefix_of_its_id(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 1).await;
    let program = Program::of(&app);
    let id = program.json(&["article", "list"])[0]["id"]
        .as_str()
        .expect("the output has an id")
        .to_owned();
    let digits = id.trim_start_matches("TX_");
    for name in [id.as_str(), digits, &digits.to_lowercase(), &id[..6]] {
        assert_eq!(program.json(&["article", "show", name])["id"], id.as_str(), "{name}");
    }
    assert!(program.run(&["article", "show", "TX_"]).reason().contains("TX_080089"));
}
