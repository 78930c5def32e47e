//! Articles are compiled into issues: each article once, and every excluded article with a reason.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use daywire::app::App;
use daywire::clock::{Clock, Rng};
use daywire::config::DatabaseUrl;
use daywire::delivery::control;
use daywire::digest::build::{build, preview};
use daywire::digest::{Compiled, Draft, NothingToSend};
use daywire::domain::ids::IssueId;
use daywire::feeds::parse::Entry;
use daywire::ingest::{store_entries, store_in};
use daywire::newsletter;
use daywire::store::newsletters::Newsletter;
use daywire::text::html::sanitise;

use crate::support::articles::origin;
use crate::support::{TestApp, entry};

#[apply(on_both_databases)]
async fn an_article_at_the_end_of_the_window_is_not_in_the_issue(app: TestApp) {
    let daily = app.daily().await;
    let arrived = app.now();
    app.articles(&daily, 1).await;
    assert!(matches!(compiled(&app, &daily, arrived).await, Compiled::Nothing(_)));
    let draft = draft(&app, &daily, arrived + TimeDelta::microseconds(1)).await;
    assert_eq!(draft.decisions.len(), 1);
}

#[apply(on_both_databases)]
async fn every_article_is_in_exactly_one_issue(app: TestApp) {
    let daily = app.daily().await;
    let mut seen = BTreeSet::new();
    let mut last = None;
    for round in 1..=4 {
        app.articles(&daily, 3).await;
        let issue = app.build(&daily).await;
        for (position, _, id, _) in placed(&app, issue).await {
            assert!(position.is_some());
            assert!(seen.insert(id), "an article is in two issues");
        }
        assert_eq!(seen.len(), round * 3);
        let issue = app.issue(issue).await;
        if let Some(end) = last.replace(issue.window_to) {
            assert_eq!(issue.window_from, end, "the windows have a gap");
        }
    }
}

#[apply(on_both_databases)]
async fn an_article_that_is_stored_late_is_in_the_next_issue(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 1).await;
    let before = app.now() - TimeDelta::seconds(1);
    app.build(&daily).await;
    let mut tx = app.app.store.write().await.expect("the database answers");
    store_in(
        &mut tx,
        &app.app,
        &origin("Test Wire", &[&daily]),
        &[entry("late")],
        before,
    )
    .await
    .expect("the article is stored");
    tx.commit().await.expect("the transaction commits");
    app.advance(TimeDelta::seconds(1));
    let next = app.build(&daily).await;
    let titles: Vec<_> = placed(&app, next).await.into_iter().map(|line| line.3).collect();
    assert_eq!(titles, ["Transmission late"]);
}

#[apply(on_both_databases)]
async fn an_article_is_once_in_each_of_its_newsletters(app: TestApp) {
    let daily = app.daily().await;
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    app.store(&origin("Test Wire", &[&daily, &weekly]), &[entry("one")])
        .await;
    app.advance(TimeDelta::seconds(1));
    for newsletter in [&daily, &weekly] {
        let issue = app.build(newsletter).await;
        assert_eq!(placed(&app, issue).await.len(), 1);
        // The reason names the draft that holds the article.
        let Compiled::Nothing(NothingToSend { reason, .. }) = compiled(&app, newsletter, app.now()).await else {
            panic!("the article is in two issues");
        };
        assert!(
            reason.contains(&format!(
                "1 article waits in the unsent issue {}/1; send or cancel it",
                newsletter.slug
            )),
            "{reason}"
        );
    }
}

#[apply(on_both_databases)]
async fn stories_beyond_the_limit_are_left_out_with_a_reason(app: TestApp) {
    let short = app.apply("slug = \"short\"\nname = \"Short\"\nmax_stories = 2").await;
    app.articles(&short, 5).await;
    let issue = app.build(&short).await;
    let lines = placed(&app, issue).await;
    let places: Vec<_> = lines.iter().map(|line| line.0).collect();
    assert_eq!(places, [Some(1), Some(2), None, None, None]);
    for line in &lines[2..] {
        assert_eq!(
            line.1.as_deref(),
            Some("beyond the 2 stories of an issue (max_stories)")
        );
    }
    let html = app.issue(issue).await.html;
    for line in &lines {
        assert_eq!(html.contains(&line.3), line.0.is_some(), "{}", line.3);
    }
}

#[apply(on_both_databases)]
async fn a_retracted_article_is_left_out_with_a_reason(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 2).await;
    let wrong = app.newest_article().await;
    let mut tx = app.app.store.write().await.expect("the database answers");
    tx.retract_article(wrong.id, app.now())
        .await
        .expect("the article is retracted");
    tx.commit().await.expect("the transaction commits");
    let issue = app.build(&daily).await;
    let lines = placed(&app, issue).await;
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (lines[1].0, lines[1].1.as_deref(), &lines[1].2),
        (None, Some("retracted"), &wrong.public_id)
    );
    let html = app.issue(issue).await.html;
    assert!(!html.contains(&wrong.title));
}

#[apply(on_both_databases)]
async fn an_issue_cancelled_before_sending_releases_its_articles(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 3).await;
    let first = app.build(&daily).await;
    let before = placed(&app, first).await;
    control::cancel(&app.app, first).await.expect("the issue is cancelled");
    assert_eq!(placed(&app, first).await, []);
    let second = app.build(&daily).await;
    assert_eq!(placed(&app, second).await, before);
}

#[apply(on_both_databases)]
async fn an_issue_cancelled_during_sending_keeps_its_articles(app: TestApp) {
    let daily = app.daily().await;
    let issue = app.send(&daily).await;
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
    assert_eq!(placed(&app, issue).await.len(), 1);
    assert!(matches!(compiled(&app, &daily, app.now()).await, Compiled::Nothing(_)));
}

#[apply(on_both_databases)]
async fn two_processes_compile_the_same_bytes(app: TestApp) {
    let other = app.another().await;
    let daily = app.daily().await;
    app.articles(&daily, 30).await;
    let (one, two) = (
        draft(&app, &daily, app.now()).await,
        draft(&other, &daily, app.now()).await,
    );
    assert_eq!(one.issue.html, two.issue.html);
    assert_eq!(one.issue.text, two.issue.text);
    assert_eq!(one.issue.subject, two.issue.subject);
    let ids = |draft: Draft| {
        draft
            .decisions
            .into_iter()
            .map(|d| (d.id, d.position))
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(one), ids(two));
}

#[apply(on_both_databases)]
async fn two_processes_that_build_at_once_make_one_issue(app: TestApp) {
    let other = app.another().await;
    let daily = app.daily().await;
    app.articles(&daily, 10).await;
    let (one, two) = tokio::join!(built(&app, &daily), built(&other, &daily));
    let made: Vec<_> = [one, two].into_iter().flatten().collect();
    assert_eq!(made.len(), 1, "the articles are in two issues");
    assert_eq!(placed(&app, made[0]).await.len(), 10);
}

#[apply(on_both_databases)]
async fn an_issue_of_500_huge_articles_stays_below_the_clipping_size(app: TestApp) {
    let huge = app.apply("slug = \"huge\"\nname = \"Huge\"\nmax_stories = 500").await;
    let long = |n: usize| Entry {
        title: format!("{n} {}", "Überlänge & <mehr> ".repeat(40)),
        summary: "Ein sehr langer Satz über „Nachrichten“ & <Technik>. ".repeat(40),
        content_html: sanitise(&format!("<p>{}</p>", "Text. ".repeat(2000))),
        url: Some(format!("https://wire.example/{n}?{}", "parameter=value&".repeat(50))),
        ..entry(&n.to_string())
    };
    let entries: Vec<_> = (0..500).map(long).collect();
    app.arrive(&huge, "Test Wire", &entries).await;
    let draft = draft(&app, &huge, app.now()).await;
    assert_eq!(draft.decisions.len(), 500);
    assert!(draft.issue.html.len() < 100_000, "{} bytes", draft.issue.html.len());
    assert!(draft.issue.html.contains("</html>"));
    assert!(draft.issue.subject.chars().count() <= 120);
}

#[apply(on_both_databases)]
async fn a_story_links_to_its_source_and_an_editorial_article_to_its_page(app: TestApp) {
    let daily = app.daily().await;
    let own = Entry {
        url: None,
        title: "Our own report".into(),
        ..entry("own")
    };
    app.arrive(&daily, "Test Wire", &[entry("theirs"), own]).await;
    let draft = draft(&app, &daily, app.now()).await;
    let id = &draft
        .decisions
        .iter()
        .find(|d| d.title == "Our own report")
        .expect("the story is in the issue")
        .id;
    let page = format!("https://news.example/articles/{id}/our-own-report");
    for part in [&draft.issue.html, &draft.issue.text] {
        assert!(part.contains(&page));
        assert!(part.contains("https://wire.example/theirs"));
    }
}

#[tokio::test]
async fn equal_inputs_and_seeds_compile_to_equal_bytes() {
    let folder = tempfile::TempDir::new().expect("a scratch folder can be made");
    let mut made = Vec::new();
    for name in ["one.db", "two.db"] {
        let mut config = daywire::config::Config::default();
        config.database.url = DatabaseUrl::Sqlite(folder.path().join(name));
        let start = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
        let app = App::open(config, Clock::fixed(start), Rng::seeded(7))
            .await
            .expect("the program opens");
        let file = newsletter::parse("slug = \"daily\"\nname = \"Daily\"").expect("the newsletter's file is valid");
        let (daily, _) = newsletter::apply(&app, &file).await.expect("the newsletter is applied");
        let entries: Vec<_> = (0..25).map(|n| entry(&n.to_string())).collect();
        store_entries(&app, &origin("Test Wire", &[&daily]), &entries)
            .await
            .expect("the articles are stored");
        app.clock.advance(TimeDelta::seconds(1));
        let compiled = preview(&app, daily.id, app.clock.now(), None)
            .await
            .expect("the issue compiles");
        let Compiled::Issue(draft) = compiled else {
            panic!("nothing to send")
        };
        made.push((draft.issue.subject, draft.issue.html, draft.issue.text));
        app.store.close().await;
    }
    assert_eq!(made[0], made[1]);
}

async fn compiled(app: &TestApp, newsletter: &Newsletter, window_to: DateTime<Utc>) -> Compiled {
    preview(&app.app, newsletter.id, window_to, None)
        .await
        .expect("the issue compiles")
}

async fn draft(app: &TestApp, newsletter: &Newsletter, window_to: DateTime<Utc>) -> Draft {
    match compiled(app, newsletter, window_to).await {
        Compiled::Issue(draft) => *draft,
        Compiled::Nothing(nothing) => panic!("nothing to send: {}", nothing.reason),
    }
}

async fn built(app: &TestApp, newsletter: &Newsletter) -> Option<IssueId> {
    let made = build(&app.app, newsletter.id, app.now(), None).await;
    match made.expect("it compiles") {
        Compiled::Issue(draft) => Some(draft.issue.id),
        Compiled::Nothing(_) => None,
    }
}

/// Position, reason, public id and title of every article that was considered.
async fn placed(app: &TestApp, issue: IssueId) -> Vec<(Option<i64>, Option<String>, String, String)> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let lines = tx.articles_of_issue(issue).await.expect("the articles are listed");
    lines
        .into_iter()
        .map(|article| (article.position, article.reason, article.public_id, article.title))
        .collect()
}
