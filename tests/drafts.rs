//! Drafts: compiled before they are due, and edited and approved by an editor. A draft can be compiled again at any time with the
//! same result.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use daywire::config::{Config, Severity};
use daywire::delivery::control::{self, ControlError};
use daywire::digest::drafts::{self, EditError};
use daywire::domain::ids::IssueId;
use daywire::domain::states::IssueState;
use daywire::feeds::parse::Entry;
use daywire::schedule::RunOutcome;
use daywire::store::issues::Issue;
use daywire::store::newsletters::Newsletter;
use daywire::text::html::SanitizedHtml;
use serde_json::Value;

use crate::support::program::Program;
use crate::support::{Engine, TestApp, entry, notify_desk, utc};

/// Due an hour after each test begins, and drafted half an hour before.
const DRAFTED: &str = "slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 7 * * *\"\nlead_time = \"30m\"\n";

const KERNEL: &str = "Kernel 7.1 released with a new scheduler";
const KERNEL_TOO: &str = "Linux kernel 7.1 released: new scheduler, faster file systems";
const COUNCIL: &str = "City council postpones vote on bicycle lanes";
const COMET: &str = "Observatory spots comet beyond Neptune";
const FERRY: &str = "Ferry strike ends with a wage deal";

#[apply(on_both_databases)]
async fn an_article_that_arrives_after_the_draft_is_in_the_next_issue(app: TestApp) {
    let daily = app.apply(DRAFTED).await;
    app.silent_reader(&daily).await;
    store_reports(&app, &daily, &[("Wire One", COUNCIL)]).await;
    app.advance_to("2026-11-23T06:29:59Z");
    assert_eq!(due(&app).await, []);
    assert_eq!(issues(&app).await.len(), 0);
    app.advance_to("2026-11-23T06:30:00Z");
    assert_eq!(due(&app).await, [], "a draft is not an outcome yet");
    let draft = issues(&app).await.remove(0);
    assert_eq!(
        (draft.state, draft.due_at),
        (IssueState::Draft, Some(utc("2026-11-23T07:00:00Z")))
    );
    assert_eq!(run(&app, &daily).await, ("drafted".into(), None));
    store_reports(&app, &daily, &[("Wire One", COMET)]).await;
    app.advance_to("2026-11-23T06:59:59Z");
    assert_eq!(due(&app).await, []);
    app.advance_to("2026-11-23T07:00:00Z");
    assert_eq!(due(&app).await, [(utc("2026-11-23T07:00:00Z"), RunOutcome::Made(1))]);
    assert_eq!(due(&app).await, []);
    assert_eq!(run(&app, &daily).await, ("made".into(), None));
    assert_eq!(titles(&app, draft.id).await, [COUNCIL]);
    app.advance_to("2026-11-24T06:30:00Z");
    assert_eq!(due(&app).await, []);
    assert_eq!(titles(&app, issues(&app).await[0].id).await, [COMET]);
}

#[apply(on_both_databases)]
async fn a_run_records_that_its_draft_was_sent_or_cancelled_by_hand(app: TestApp) {
    let daily = app.apply(DRAFTED).await;
    app.silent_reader(&daily).await;
    store_reports(&app, &daily, &[("Wire One", COUNCIL)]).await;
    app.advance_to("2026-11-23T06:30:00Z");
    due(&app).await;
    let draft = issues(&app).await.remove(0).id;
    control::cancel(&app.app, draft).await.expect("the issue is cancelled");
    assert_eq!(
        run(&app, &daily).await,
        ("skipped".into(), Some("cancelled by an operator".into()))
    );
    app.advance_to("2026-11-23T07:00:00Z");
    assert_eq!(due(&app).await, []);
    app.advance_to("2026-11-24T06:30:00Z");
    due(&app).await;
    let draft = issues(&app).await.remove(0).id;
    assert_eq!(titles(&app, draft).await, [COUNCIL]);
    control::send(&app.app, draft).await.expect("the issue can be sent");
    assert_eq!(run(&app, &daily).await, ("made".into(), None));
    app.advance_to("2026-11-24T07:00:00Z");
    assert_eq!(due(&app).await, []);
}

#[apply(on_both_databases)]
async fn skipped_days_are_days_of_the_newsletters_time_zone(app: TestApp) {
    let daily = app.apply(&format!("{DRAFTED}skip = [\"mon\"]")).await;
    app.silent_reader(&daily).await;
    store_reports(&app, &daily, &[("Wire One", COUNCIL)]).await;
    app.advance_to("2026-11-23T06:30:00Z");
    let skipped = RunOutcome::Skipped("no issue on mon (skip)".into());
    assert_eq!(due(&app).await, [(utc("2026-11-23T07:00:00Z"), skipped)]);
    app.advance_to("2026-11-24T07:00:00Z");
    assert_eq!(due(&app).await, [(utc("2026-11-24T07:00:00Z"), RunOutcome::Made(1))]);
    assert_eq!(titles(&app, issues(&app).await[0].id).await, [COUNCIL]);

    let nightly = "slug = \"nightly\"\nname = \"Nightly\"\nschedule = \"30 0 * * *\"\ntimezone = \"Europe/Berlin\"\n";
    let nightly = app.apply(&format!("{nightly}skip = [\"2026-11-25\"]")).await;
    store_reports(&app, &nightly, &[("Wire One", COMET)]).await;
    app.advance_to("2026-11-24T23:30:00Z");
    let skipped = RunOutcome::Skipped("no issue on 2026-11-25 (skip)".into());
    assert_eq!(due(&app).await, [(utc("2026-11-24T23:30:00Z"), skipped)]);
}

#[apply(on_both_databases)]
async fn a_draft_that_is_late_beyond_the_grace_period_releases_its_articles(app: TestApp) {
    let daily = app.apply(&format!("{DRAFTED}grace = \"2h\"")).await;
    app.silent_reader(&daily).await;
    store_reports(&app, &daily, &[("Wire One", COUNCIL)]).await;
    app.advance_to("2026-11-23T06:30:00Z");
    due(&app).await;
    let draft = issues(&app).await.remove(0).id;
    app.advance_to("2026-11-23T09:01:00Z");
    let reason = "121 minutes late, the grace is 120 minutes";
    assert_eq!(
        due(&app).await,
        [(utc("2026-11-23T07:00:00Z"), RunOutcome::Skipped(reason.into()))]
    );
    assert_eq!(app.state(draft).await, IssueState::Skipped);
    assert_eq!(run(&app, &daily).await, ("skipped".into(), Some(reason.into())));
    assert_eq!(titles(&app, draft).await, Vec::<String>::new());

    // If the next run is due as well, its issue has the articles.
    app.advance_to("2026-11-24T06:30:00Z");
    due(&app).await;
    let draft = issues(&app).await.remove(0).id;
    assert_eq!(titles(&app, draft).await, [COUNCIL]);
    app.advance_to("2026-11-25T07:01:00Z");
    let late = RunOutcome::Skipped("1441 minutes late, the grace is 120 minutes".into());
    assert_eq!(
        due(&app).await,
        [
            (utc("2026-11-24T07:00:00Z"), late),
            (utc("2026-11-25T07:00:00Z"), RunOutcome::Made(1))
        ]
    );
    assert_eq!(titles(&app, issues(&app).await[0].id).await, [COUNCIL]);
}

#[apply(on_both_databases)]
async fn an_issue_with_too_few_stories_is_not_made(app: TestApp) {
    let daily = app
        .apply(&DRAFTED.replace("lead_time = \"30m\"", "min_stories = 2"))
        .await;
    app.silent_reader(&daily).await;
    store_reports(&app, &daily, &[("Wire One", KERNEL), ("Wire Two", KERNEL_TOO)]).await;
    app.advance_to("2026-11-23T07:00:00Z");
    let reason = "1 story waits, an issue has at least 2 (min_stories)";
    assert_eq!(
        due(&app).await,
        [(utc("2026-11-23T07:00:00Z"), RunOutcome::Empty(reason.into()))]
    );
    store_reports(&app, &daily, &[("Wire One", COUNCIL)]).await;
    app.advance_to("2026-11-24T07:00:00Z");
    assert_eq!(due(&app).await, [(utc("2026-11-24T07:00:00Z"), RunOutcome::Made(1))]);
    assert_eq!(titles(&app, issues(&app).await[0].id).await.len(), 3);
}

#[apply(on_both_databases)]
async fn terms_and_reason_are_recorded_for_every_story(app: TestApp) {
    let daily = app
        .apply(&format!("{DRAFTED}max_stories = 1\n[exclude]\nwords = [\"comet\"]"))
        .await;
    let reports = [
        ("Wire One", KERNEL),
        ("Wire Two", KERNEL_TOO),
        ("Wire One", COUNCIL),
        ("Wire One", COMET),
    ];
    store_reports(&app, &daily, &reports).await;
    let issue = app.build(&daily).await;
    let mut tx = app.app.store.read().await.expect("the database answers");
    let stories = tx.issue_stories(issue).await.expect("the stories are listed");
    let articles = tx.articles_of_issue(issue).await.expect("the articles are listed");
    drop(tx);
    let reasons: Vec<_> = stories
        .iter()
        .map(|story| (story.story, story.position, story.reason.as_str()))
        .collect();
    assert_eq!(reasons[0], (1, Some(1), "number 1 by score"));
    assert_eq!(reasons[1], (2, None, "excluded by the words “comet” (exclude)"));
    assert_eq!(reasons[2], (3, None, "beyond the one story of an issue (max_stories)"));
    for story in &stories {
        let terms: Value = serde_json::from_str(&story.terms).expect("the terms are JSON");
        assert!(
            terms["freshness"].as_f64().is_some_and(|points| points > 0.0),
            "{terms}"
        );
        assert_eq!(terms["sources"] == 1.0, story.story == 1, "{terms}");
    }
    assert_eq!(articles.len(), 4);
    for article in articles {
        let row = stories
            .iter()
            .find(|row| Some(row.story) == article.story)
            .expect("each article is in a story");
        assert_eq!(
            (article.position, article.reason.as_deref()),
            (row.position, Some(row.reason.as_str())),
            "{}",
            article.title
        );
    }
}

#[apply(on_both_databases)]
async fn stories_sent_within_the_memory_period_count_as_old_news(app: TestApp) {
    let daily = app.apply(&format!("{DRAFTED}[ranking]\nmemory = \"2days\"")).await;
    store_reports(&app, &daily, &[("Wire One", KERNEL)]).await;
    let first = app.build(&daily).await;
    control::send(&app.app, first).await.expect("the issue can be sent");
    let copied = &article_ids(&app, first).await[0].0;
    app.advance(TimeDelta::days(1));
    store_reports(&app, &daily, &[("Wire Two", KERNEL), ("Wire Three", KERNEL_TOO)]).await;
    let second = app.build(&daily).await;
    let decided = reasons(&app, second).await;
    assert_eq!(decided[0].1, "number 1 by score");
    assert_eq!(
        decided[1],
        (KERNEL.into(), format!("a copy of {copied}, which was in issue 1"))
    );
    let terms = terms(&app, second).await;
    assert_eq!(
        (terms[0]["novelty"].as_f64(), terms[1]["novelty"].as_f64()),
        (Some(-1.0), Some(-1.0))
    );
    // No reader got the cancelled draft.
    control::cancel(&app.app, second).await.expect("the issue is cancelled");
    app.advance(TimeDelta::days(2));
    let third = app.build(&daily).await;
    assert_eq!(titles(&app, third).await.len(), 2);
    assert_eq!(self::terms(&app, third).await[0]["novelty"].as_f64(), Some(0.0));
}

#[apply(on_both_databases)]
async fn an_edited_draft_compiles_to_the_same_bytes_and_a_reset_restores_it(app: TestApp) {
    let daily = app.apply(DRAFTED).await;
    let reports = [
        ("Wire One", KERNEL),
        ("Wire Two", KERNEL_TOO),
        ("Wire One", COUNCIL),
        ("Wire One", COMET),
        ("Wire One", FERRY),
    ];
    store_reports(&app, &daily, &reports).await;
    let issue = app.build(&daily).await;
    let program = Program::of(&app);
    let id = issue.to_string();
    let edit = |changes: &[&str]| {
        let ran = program.run(&[&["issue", "edit", &id], changes].concat());
        assert_eq!(ran.status, Some(0), "{changes:?}: {}", ran.err);
        assert!(
            program
                .ok(&["issue", "rebuild", &id, "--check"])
                .contains("the same, to the byte"),
            "{changes:?}"
        );
    };
    let ids = article_ids(&app, issue).await;
    let id_of = |title: &str| {
        ids.iter()
            .find(|(_, known)| known == title)
            .expect("the article is in the draft")
            .0
            .clone()
    };
    let [kernel, kernel_too, council, comet, ferry] = [KERNEL, KERNEL_TOO, COUNCIL, COMET, FERRY].map(id_of);
    let before = app.issue(issue).await;
    assert_eq!(leads(&app, issue).await[0], KERNEL, "two sources outrank one");

    edit(&["--pin", &comet, "--pin", &ferry]);
    assert_eq!(leads(&app, issue).await[..3], [COMET, FERRY, KERNEL]);
    edit(&[
        "--unpin",
        &comet,
        "--drop",
        &kernel,
        "--because",
        "embargoed until noon",
    ]);
    assert_eq!(leads(&app, issue).await.len(), 3);
    assert_eq!(leads(&app, issue).await[0], FERRY);
    let decided = reasons(&app, issue).await;
    assert_eq!(decided[3].1, "dropped by an editor: embargoed until noon");
    // An edit can name any article of a story.
    edit(&[
        "--keep",
        &kernel_too,
        "--unpin",
        &ferry,
        "--title",
        &format!("{kernel}=The kernel is out <now>"),
    ]);
    assert_eq!(leads(&app, issue).await[0], KERNEL);
    edit(&[
        "--title",
        &format!("{kernel_too}=Kernel & all"),
        "--move",
        &format!("{council}=1"),
    ]);
    assert_eq!(leads(&app, issue).await[..2], [COUNCIL, KERNEL]);
    assert_eq!(reasons(&app, issue).await[0].1, "moved by an editor");
    edit(&["--intro", "A quiet night.", "--subject", "The night's log of {number}"]);
    let edited = app.issue(issue).await;
    assert_eq!(edited.subject, "The night's log of 1");
    let read = program.ok(&["issue", "show", &id, "--text"]);
    assert!(
        read.contains("A quiet night.") && read.contains("/unsubscribe/TOKEN"),
        "{read}"
    );
    assert!(
        program.ok(&["issue", "show", &id]).contains("Kernel & all"),
        "the issue's headline, not the article's"
    );
    assert!(edited.html.contains("A quiet night.") && edited.text.contains("A quiet night."));
    assert!(
        edited.html.contains("Kernel &#38; all") || edited.html.contains("Kernel &amp; all"),
        "escaped"
    );
    assert!(edited.text.contains("Kernel & all") && !edited.text.contains("<now>"));

    // A refused edit changes nothing.
    let refused = |changes: &[&str], words: &str| {
        let ran = program.run(&[&["issue", "edit", &id], changes].concat());
        assert!(ran.reason().contains(words), "{changes:?}: {}", ran.err);
    };
    for flag in ["--pin", "--unpin", "--drop", "--keep"] {
        refused(&[flag, "TX_FFFFFF"], "no article TX_FFFFFF");
    }
    refused(&["--move", "TX_FFFFFF=1"], "no article TX_FFFFFF");
    refused(&["--title", "TX_FFFFFF=New"], "no article TX_FFFFFF");
    refused(
        &[
            "--drop", &kernel, "--drop", &council, "--drop", &comet, "--drop", &ferry,
        ],
        "no story would be left",
    );
    assert_eq!(
        program
            .run(&["issue", "edit", &id, "--move", &format!("{council}=0")])
            .status,
        Some(2)
    );
    assert_eq!(
        program.run(&["issue", "edit", &id]).status,
        Some(2),
        "an edit without a change is refused"
    );
    refused(&["--subject", "{weather}"], "only {lead}");
    assert_eq!(app.issue(issue).await, edited);

    // Articles can be split from a story and joined to another.
    edit(&["--reset", "--split", &kernel_too]);
    assert_eq!(leads(&app, issue).await.len(), 5);
    edit(&["--join", &format!("{ferry}={comet}")]);
    let split = leads(&app, issue).await;
    assert_eq!(split.len(), 4);
    assert!(split.iter().any(|title| title == KERNEL) && split.iter().any(|title| title == KERNEL_TOO));
    edit(&["--join", &format!("{kernel_too}={kernel}"), "--split", &ferry]);
    assert_eq!(leads(&app, issue).await.len(), 4);
    edit(&["--drop", &council]);
    let pinned = program.run(&["issue", "edit", &id, "--pin", &council]);
    assert!(
        pinned.err.contains("is not in the issue: dropped by an editor"),
        "{}",
        pinned.err
    );
    edit(&["--keep", &council, "--unpin", &council]);
    edit(&["--join", &format!("{kernel}={kernel}")]);
    assert_eq!(leads(&app, issue).await.len(), 4);
    refused(&["--split", "TX_FFFFFF"], "no article TX_FFFFFF");
    refused(&["--join", &format!("{kernel}=TX_FFFFFF")], "no article TX_FFFFFF");

    edit(&["--reset"]);
    let after = Issue {
        revision: before.revision,
        ..app.issue(issue).await
    };
    assert_eq!(after, before, "a reset restores the draft");
}

#[apply(on_both_databases)]
async fn an_article_stays_in_the_story_it_was_joined_to_when_another_leaves(app: TestApp) {
    let daily = app.apply(DRAFTED).await;
    let reports = [
        ("Wire One", KERNEL),
        ("Wire Two", KERNEL_TOO),
        ("Wire One", COUNCIL),
        ("Wire One", COMET),
        ("Wire One", FERRY),
    ];
    store_reports(&app, &daily, &reports).await;
    let issue = app.build(&daily).await;
    let before = app.issue(issue).await;
    let program = Program::of(&app);
    let ids = article_ids(&app, issue).await;
    let id_of = |title: &str| {
        ids.iter()
            .find(|(_, known)| known == title)
            .expect("the article is in the draft")
            .0
            .clone()
    };
    let id = issue.to_string();
    let join = |one: &str, other: &str| {
        let ran = program.run(&[
            "issue",
            "edit",
            &id,
            "--join",
            &format!("{}={}", id_of(one), id_of(other)),
        ]);
        assert_eq!(ran.status, Some(0), "{}", ran.err);
    };
    join(KERNEL_TOO, COMET);
    join(FERRY, KERNEL_TOO);
    assert_eq!(
        headlines_by_story(&app, issue).await,
        sorted(&[&[COMET, FERRY, KERNEL_TOO], &[COUNCIL], &[KERNEL]])
    );
    join(KERNEL_TOO, COUNCIL);
    assert_eq!(
        headlines_by_story(&app, issue).await,
        sorted(&[&[COMET, FERRY], &[COUNCIL, KERNEL_TOO], &[KERNEL]])
    );
    // Joined in a cycle, and to a retracted article.
    join(COMET, FERRY);
    join(FERRY, COMET);
    assert_eq!(headlines_by_story(&app, issue).await.len(), 3);
    assert_eq!(differences(&app, issue).await, Vec::<String>::new());
    program.ok(&["article", "retract", &id_of(COUNCIL)]);
    assert_eq!(
        headlines_by_story(&app, issue).await.concat().len(),
        5,
        "each article is in one story"
    );
    join(KERNEL, COUNCIL);
    assert_eq!(differences(&app, issue).await, Vec::<String>::new());
    assert_eq!(
        headlines_by_story(&app, issue).await.concat().len(),
        5,
        "each article is in one story"
    );
    program.ok(&["issue", "edit", &id, "--reset"]);
    assert_ne!(
        app.issue(issue).await.html,
        before.html,
        "a reset does not undo the retraction"
    );
    assert_eq!(differences(&app, issue).await, Vec::<String>::new());
}

#[apply(on_both_databases)]
async fn an_issue_compiles_to_the_same_bytes_after_later_changes(app: TestApp) {
    let daily = app.apply(DRAFTED).await;
    store_reports(
        &app,
        &daily,
        &[("Wire One", KERNEL), ("Wire Two", KERNEL_TOO), ("Wire One", COUNCIL)],
    )
    .await;
    let issue = app.build(&daily).await;
    let program = Program::of(&app);
    let id = issue.to_string();
    let ids = article_ids(&app, issue).await;
    let council = &ids
        .iter()
        .find(|(_, title)| title == COUNCIL)
        .expect("the article is in the draft")
        .0;
    app.apply(&format!(
        "{DRAFTED}max_stories = 1\nsubject = \"{{count}} stories\"\n[exclude]\nwords = [\"kernel\"]"
    ))
    .await;
    assert_eq!(differences(&app, issue).await, Vec::<String>::new());
    // An edit of an article updates the draft, and changes nothing else in it.
    program.ok(&[
        "article",
        "edit",
        council,
        "--title",
        "Council votes on bicycle lanes after all",
    ]);
    assert_eq!(differences(&app, issue).await, Vec::<String>::new());
    let sent = app.issue(issue).await;
    assert!(sent.html.contains("after all") && sent.html.contains("Kernel 7.1"));
    control::send(&app.app, issue).await.expect("the issue can be sent");
    program.ok(&["article", "edit", council, "--title", "Council votes at last"]);
    program.ok(&["article", "retract", council]);
    assert_eq!(differences(&app, issue).await, Vec::<String>::new());
    assert_eq!(app.issue(issue).await.html, sent.html);
    let late = drafts::edit(&app.app, issue, |edits| edits.intro = Some("Late.".into())).await;
    assert!(matches!(late, Err(EditError::NotDraft(_, _))), "{late:?}");

    app.execute("UPDATE issues SET text = replace(text, 'ernel', 'Ernel')")
        .await;
    let ran = program.run(&["issue", "rebuild", &id, "--check", "--json"]);
    assert_eq!((ran.status, ran.json()["same"].as_bool()), (Some(1), Some(false)));
    let found = differences(&app, issue).await;
    assert!(found.len() == 1 && found[0].starts_with("text: "), "{found:?}");
    app.execute("UPDATE issues SET text = replace(text, 'Ernel', 'ernel'), subject = 'Another'")
        .await;
    app.execute("UPDATE issue_stories SET reason = 'because' WHERE story = 1")
        .await;
    let found = differences(&app, issue).await;
    assert!(
        found.len() == 2 && found[0].starts_with("subject: ") && found[1].starts_with("stories: "),
        "{found:?}"
    );
}

#[apply(on_both_databases)]
async fn an_editor_rates_waiting_articles(app: TestApp) {
    let daily = app.daily().await;
    app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    store_reports(
        &app,
        &daily,
        &[("Wire One", COUNCIL), ("Wire One", COMET), ("Wire One", FERRY)],
    )
    .await;
    let first = app.build(&daily).await;
    let ids = article_ids(&app, first).await;
    control::cancel(&app.app, first).await.expect("the issue is cancelled");
    let id_of = |title: &str| {
        ids.iter()
            .find(|(_, known)| known == title)
            .expect("the article is in the draft")
            .0
            .clone()
    };
    let [council, comet, ferry] = [COUNCIL, COMET, FERRY].map(id_of);
    let program = Program::of(&app);
    let rate =
        |id: &str, rest: &[&str]| program.json(&[&["article", "rate", id, "--newsletter", "daily"], rest].concat());
    assert_eq!(rate(&comet, &["--weight", "2.0"])["weight"], 2.0);
    assert_eq!(rate(&ferry, &["--pin", "--weight", "0.01"])["pinned"], true);
    assert_eq!(rate(&council, &["--pin"])["weight"], 1.0);
    assert_eq!(rate(&council, &["--unpin"])["pinned"], false);
    assert_eq!(
        rate(&ferry, &["--weight", "0.5"])["pinned"],
        true,
        "an option that is not given keeps its value"
    );
    let issue = app.build(&daily).await;
    assert_eq!(leads(&app, issue).await, [FERRY, COMET, COUNCIL]);
    let points: Vec<_> = terms(&app, issue)
        .await
        .iter()
        .map(|terms| terms["editor"].as_f64())
        .collect();
    assert_eq!(points, [Some(-1.0), Some(1.0), Some(0.0)]);

    let refused = |newsletter: &str, id: &str, rest: &[&str]| {
        let ran = program.run(&[&["article", "rate", id, "--newsletter", newsletter], rest].concat());
        assert_ne!(ran.status, Some(0), "{rest:?}");
        ran.err
    };
    let err = refused("daily", &comet, &["--pin"]);
    assert!(
        err.contains("it is in the draft daily/2; `daywire issue edit daily/2 --pin`"),
        "{err}"
    );
    let err = refused("weekly", &comet, &["--pin"]);
    assert!(
        err.contains("does not wait for weekly") && err.contains("issue preview"),
        "{err}"
    );
    for weight in ["0", "0.001", "101", "NaN", "heavy"] {
        assert!(
            refused("daily", &comet, &["--weight", weight]).contains("from 0.01 to 100"),
            "{weight}"
        );
    }
    assert!(refused("daily", &comet, &[]).contains("--weight"));
}

#[apply(on_both_databases)]
async fn a_draft_that_requires_approval_waits_for_it_and_the_operators_are_mailed_once(engine: Engine) {
    let app = TestApp::with(engine, notify_desk).await;
    let teardown = app.teardown();
    let daily = app.apply(&format!("{DRAFTED}approval = \"required\"")).await;
    app.silent_reader(&daily).await;
    store_reports(&app, &daily, &[("Wire One", COUNCIL)]).await;
    app.advance_to("2026-11-23T06:30:00Z");
    for time in ["2026-11-23T06:30:00Z", "2026-11-23T07:00:00Z", "2026-11-23T20:00:00Z"] {
        app.advance_to(time);
        assert_eq!(due(&app).await, [], "{time}");
    }
    let draft = issues(&app).await.remove(0).id;
    assert_eq!(app.state(draft).await, IssueState::Draft);
    let mails = app.rows("transactional_mails").await;
    assert_eq!(mails.len(), 1, "one mail for one draft");
    assert!(mails[0].contains("waits for approval") && mails[0].contains("issue approve daily/1"));
    let sent = control::send(&app.app, draft).await;
    assert!(matches!(sent, Err(ControlError::Unapproved(_))), "{sent:?}");
    control::approve(&app.app, draft).await.expect("the draft is approved");
    assert_eq!(
        due(&app).await,
        [(utc("2026-11-23T07:00:00Z"), RunOutcome::Made(1))],
        "an overdue draft is sent once it is approved"
    );

    store_reports(&app, &daily, &[("Wire One", COMET)]).await;
    app.advance_to("2026-11-24T06:30:00Z");
    due(&app).await;
    let draft = issues(&app).await.remove(0).id;
    control::approve(&app.app, draft).await.expect("the draft is approved");
    assert_eq!(due(&app).await, [], "it is not due yet");
    app.advance_to("2026-11-24T07:00:00Z");
    assert_eq!(due(&app).await, [(utc("2026-11-24T07:00:00Z"), RunOutcome::Made(1))]);
    assert_eq!(app.rows("transactional_mails").await.len(), 2);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_draft_that_preflight_blocks_waits_and_the_operators_are_mailed_once_an_edit(engine: Engine) {
    let strict = |config: &mut Config| {
        notify_desk(config);
        config.preflight.subject = Severity::Block;
        config.preflight.https = Severity::Block;
        config.site.url = "http://news.example".parse().expect("the address is valid");
    };
    let mut app = TestApp::with(engine, strict).await;
    let teardown = app.teardown();
    let daily = app.apply(DRAFTED).await;
    app.silent_reader(&daily).await;
    store_reports(&app, &daily, &[("Wire One", COUNCIL)]).await;
    for time in ["2026-11-23T06:30:00Z", "2026-11-23T07:00:00Z", "2026-11-24T05:00:00Z"] {
        app.advance_to(time);
        assert_eq!(due(&app).await, [], "{time}");
    }
    let draft = issues(&app).await.remove(0).id;
    let reason = app.issue(draft).await.reason.expect("the draft has a reason");
    assert!(reason.contains("https"), "{reason}");
    let mails = app.rows("transactional_mails").await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("is held back") && mails[0].contains("issue edit daily/1"));

    // The settings allow the address now, but preflight blocks the subject that the editor wrote.
    app.restart(|config| config.preflight.https = Severity::Warn).await;
    let subject = |text: String| {
        drafts::edit(&app.app, draft, move |edits| {
            edits.subject = text.clone().try_into().ok();
        })
    };
    subject("A long night. ".repeat(12).trim().into())
        .await
        .expect("the draft is edited");
    assert_eq!(app.issue(draft).await.reason, None);
    app.advance_to("2026-11-23T12:00:00Z");
    for _ in 0..3 {
        assert_eq!(due(&app).await, []);
    }
    assert_eq!(app.state(draft).await, IssueState::Draft);
    assert_eq!(
        app.rows("transactional_mails").await.len(),
        2,
        "the operators are mailed once more"
    );
    subject("A short night".into()).await.expect("the draft is edited");
    assert_eq!(due(&app).await, [(utc("2026-11-23T07:00:00Z"), RunOutcome::Made(1))]);
    assert_eq!(run(&app, &daily).await, ("made".into(), None));
    teardown.finish().await;
}

async fn due(app: &TestApp) -> Vec<(DateTime<Utc>, RunOutcome)> {
    let made = app.make_due().await.expect("due runs are made");
    made.into_iter().map(|(_, due, outcome)| (due, outcome)).collect()
}

/// Stores reports as `(source, headline)`, one a second. The last one arrived a second ago.
async fn store_reports(app: &TestApp, newsletter: &Newsletter, reports: &[(&str, &str)]) {
    for (source, title) in reports {
        let mark = format!("{source} {title} {}", app.now().timestamp());
        let entry = Entry {
            title: (*title).to_owned(),
            own_title: (*title).to_owned(),
            url: Some(format!("https://wire.example/{}", mark.replace(' ', "-"))),
            summary: String::new(),
            content_html: SanitizedHtml::default(),
            category: None,
            language: Some("en".into()),
            ..entry(&mark)
        };
        app.arrive(newsletter, source, &[entry]).await;
    }
}

/// The issues, the latest first.
async fn issues(app: &TestApp) -> Vec<Issue> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let lines = tx.issues(None, 100).await.expect("the issues are listed");
    let mut issues = Vec::new();
    for line in lines {
        issues.push(tx.issue(line.id).await.expect("the query succeeds").expect("an issue"));
    }
    issues
}

/// Outcome and reason of the latest run.
async fn run(app: &TestApp, newsletter: &Newsletter) -> (String, Option<String>) {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let run = tx.runs(newsletter.id, 1).await.expect("the runs are listed").remove(0);
    assert!(run.issue_id.is_some());
    (run.state.to_string(), run.reason)
}

/// Public ids and headlines of every article that was considered.
async fn article_ids(app: &TestApp, issue: IssueId) -> Vec<(String, String)> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let lines = tx.articles_of_issue(issue).await.expect("the articles are listed");
    lines
        .into_iter()
        .map(|article| (article.public_id, article.title))
        .collect()
}

async fn titles(app: &TestApp, issue: IssueId) -> Vec<String> {
    article_ids(app, issue)
        .await
        .into_iter()
        .map(|(_, title)| title)
        .collect()
}

/// Headlines and reasons of every story that was considered.
async fn reasons(app: &TestApp, issue: IssueId) -> Vec<(String, String)> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let mut stories = Vec::new();
    for story in tx.issue_stories(issue).await.expect("the stories are listed") {
        let lead = tx
            .article(story.lead_article_id)
            .await
            .expect("the query succeeds")
            .expect("the article exists");
        stories.push((lead.title, story.reason));
    }
    stories
}

/// Headlines of the leading articles of the stories in the issue, in their order.
async fn leads(app: &TestApp, issue: IssueId) -> Vec<String> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let stories = tx
        .issue_stories(issue)
        .await
        .expect("the stories are listed")
        .into_iter();
    let mut leads = Vec::new();
    for story in stories.filter(|story| story.position.is_some()) {
        let lead = tx.article(story.lead_article_id).await.expect("the query succeeds");
        leads.push(lead.expect("the article exists").title);
    }
    leads
}

fn sorted(stories: &[&[&str]]) -> Vec<Vec<String>> {
    let owned = |story: &&[&str]| story.iter().map(|title| (*title).to_owned()).collect();
    let mut stories: Vec<Vec<String>> = stories.iter().map(owned).collect();
    for story in &mut stories {
        story.sort();
    }
    stories.sort();
    stories
}

/// The headlines of each story's articles, sorted.
async fn headlines_by_story(app: &TestApp, issue: IssueId) -> Vec<Vec<String>> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let mut stories: BTreeMap<Option<i64>, Vec<String>> = BTreeMap::new();
    for article in tx.articles_of_issue(issue).await.expect("the articles are listed") {
        stories.entry(article.story).or_default().push(article.title);
    }
    let mut stories: Vec<_> = stories.into_values().collect();
    for story in &mut stories {
        story.sort();
    }
    stories.sort();
    stories
}

/// The terms of each story.
async fn terms(app: &TestApp, issue: IssueId) -> Vec<Value> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let stories = tx
        .issue_stories(issue)
        .await
        .expect("the stories are listed")
        .into_iter();
    stories
        .map(|story| serde_json::from_str(&story.terms).expect("the terms are JSON"))
        .collect()
}

async fn differences(app: &TestApp, issue: IssueId) -> Vec<String> {
    let differences = drafts::differences_from_stored(&app.app, issue).await;
    differences.expect("the issue compiles")
}

#[apply(on_both_databases)]
async fn a_stored_story_that_was_not_compiled_is_a_difference(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 2).await;
    let issue = app.build(&daily).await;
    assert_eq!(differences(&app, issue).await, Vec::<String>::new());
    app.execute(
        "INSERT INTO issue_stories (issue_id, story, position, lead_article_id, terms, reason, reports, heading) \
         SELECT issue_id, 99, NULL, lead_article_id, terms, reason, reports, heading FROM issue_stories WHERE story = 1",
    )
    .await;
    let found = differences(&app, issue).await;
    assert_eq!(
        found,
        ["stories: 3 are stored and 2 were compiled; their contents differ"]
    );
}
