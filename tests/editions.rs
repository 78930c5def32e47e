//! Editions of an issue for readers with topics, weekly digests, pauses or a local delivery time.

use anyhow::Context;
use chrono::{NaiveDate, TimeDelta};

use daywire::config::Config;
use daywire::delivery::control;
use daywire::digest::drafts;
use daywire::digest::inputs::Edits;
use daywire::domain::ids::IssueId;
use daywire::domain::states::{Cadence, DeliveryState, IssueState, SubscriptionState};
use daywire::feeds::parse::Entry;
use daywire::ingest::retraction::retract;
use daywire::store::Store;
use daywire::store::editions::Edition;
use daywire::store::newsletters::Newsletter;
use daywire::worker::Role;

use crate::support::mock_relay::{parse, text};
use crate::support::program::Program;
use crate::support::{Engine, TestApp, entry, utc};

/// A newsletter that is sent at 07:00 of each reader's clock.
const LOCAL_TIME: &str =
    "slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 7 * * *\"\ntimezone = \"Europe/Berlin\"\nlocal_time = true";

#[apply(on_both_databases)]
async fn a_reader_with_topics_gets_only_their_stories(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 4).await;
    prefer(&app, 1, &["science"], None).await;
    prefer(&app, 2, &["Science ", "science"], None).await;
    prefer(&app, 3, &["sports"], None).await;
    arrive(&app, &daily, &[("Falcon", "Science"), ("Budget", "Politics")]).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let editions = app.editions(issue).await;
    let names: Vec<_> = editions.iter().map(|one| (one.name.as_str(), one.recipients)).collect();
    assert_eq!(names, [("topics: science", Some(2)), ("topics: sports", None)]);
    app.until(editions[0].id, IssueState::Sent).await;
    assert_eq!(app.state(editions[1].id).await, IssueState::Skipped);
    assert_eq!(stories_received(&app, 0), [(true, true)]);
    assert_eq!(stories_received(&app, 1), [(true, false)]);
    assert_eq!(stories_received(&app, 2), [(true, false)]);
    assert_eq!(stories_received(&app, 3), []);
    for issue in [issue, editions[0].id] {
        app.delivery_report(issue).await;
        let shown = Program::of(&app).json(&["issue", "show", &issue.to_string()]);
        let titles: Vec<_> = shown["articles"]
            .as_array()
            .expect("the value is a list")
            .iter()
            .map(|one| &one["title"])
            .collect();
        assert_eq!(titles.len(), 2, "{titles:?}");
        assert!(
            titles.iter().any(|title| *title == "Budget"),
            "left-out articles are shown too"
        );
    }
}

#[apply(on_both_databases)]
async fn a_draft_shows_how_many_readers_would_be_mailed(mut app: TestApp) {
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily Broadcast\"\nweekly_day = \"fri\"")
        .await;
    app.readers(&daily, 7).await;
    prefer(&app, 1, &["science"], None).await;
    prefer(&app, 2, &["sports"], None).await;
    app.suppress("reader3@reader.example", "complaint").await;
    app.pause(&reader_address(4), app.now() + TimeDelta::days(30)).await;
    prefer(&app, 5, &[], Some(Cadence::Weekly)).await;
    // Weekly readers got their edition with the first issue after Friday began.
    arrive(&app, &daily, &[("Comet", "Science")]).await;
    let first = app.build(&daily).await;
    control::send(&app.app, first).await.expect("the issue can be sent");
    app.serve_roles(&[Role::Sender]).await;
    app.until(first, IssueState::Sent).await;
    for edition in app
        .editions(first)
        .await
        .iter()
        .filter(|edition| edition.recipients.is_some())
    {
        app.until(edition.id, IssueState::Sent).await;
        let again = control::send(&app.app, edition.id).await;
        let error = again.expect_err("an edition cannot be sent twice").to_string();
        assert!(error.ends_with("has already been sent"), "{error}");
    }
    app.stop_serving().await;
    arrive(&app, &daily, &[("Falcon", "Science"), ("Budget", "Politics")]).await;
    let draft = app.build(&daily).await;
    let program = Program::of(&app);
    let shown = program.json(&["issue", "show", "last"]);
    let rehearsed = program.ok(&["issue", "send", "last", "--dry-run"]);
    let text = program.ok(&["issue", "show", "last"]);
    let frozen = control::send(&app.app, draft).await.expect("the issue can be sent");
    control::cancel(&app.app, draft).await.expect("the issue is cancelled");
    // A delivery is recorded for the suppressed reader as well.
    assert_eq!(shown["would_be_mailed"], frozen - 1);
    let not_mailed = "not mailed: 1 on the suppression list, 1 paused, 1 without a story of their topics, 1 with the weekly \
                      edition on another day";
    assert!(
        text.contains(&format!("3 readers would be mailed now; {not_mailed}")),
        "{text}"
    );
    assert!(
        rehearsed.contains("3 of 3 readers got their message") && rehearsed.contains(not_mailed),
        "{rehearsed}"
    );
}

#[apply(on_both_databases)]
async fn an_edition_is_stored_as_its_difference_from_the_issue(app: TestApp) -> anyhow::Result<()> {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    prefer(&app, 1, &["science"], None).await;
    let names = [
        "Falcon", "Budget", "Comet", "Harbour", "Lantern", "Meadow", "Orchid", "Pebble", "Quarry", "Saddle",
    ];
    let topic = |n: usize| if n.is_multiple_of(2) { "Science" } else { "Politics" };
    let articles: Vec<_> = names.iter().enumerate().map(|(n, name)| (*name, topic(n))).collect();
    arrive(&app, &daily, &articles).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await?;
    let edition = app.editions(issue).await[0].id;
    let mut tx = app.app.store.read().await?;
    let whole = tx.issue(issue).await?.context("the issue exists")?;
    let shown = tx.issue(edition).await?.context("the edition exists")?;
    assert!(
        shown.html.contains(names[0]) && !shown.html.contains(names[1]),
        "{}",
        shown.html
    );
    assert!(shown.html.ends_with("</html>") && shown.text.contains(names[0]));
    let inputs = tx.issue_inputs(edition).await?.context("the edition has inputs")?;
    assert!(inputs.len() < 200, "{inputs}");
    assert_eq!(tx.issue_stories(edition).await?.len(), 0);
    drop(tx);
    let bytes = bytes_of_edition(&app).await;
    // The leading story has another layout, so it is stored again.
    assert!(
        bytes < 2500,
        "{bytes} bytes, {} in the issue",
        whole.html.len() + whole.text.len()
    );
    control::cancel(&app.app, issue).await?;
    Ok(())
}

#[apply(on_both_databases)]
async fn the_page_of_an_edition_shows_what_its_readers_got(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    prefer(&app, 1, &["science"], None).await;
    prefer(&app, 2, &["science"], None).await;
    arrive(&app, &daily, &[("Falcon", "Science"), ("Budget", "Politics")]).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let edition = app.editions(issue).await[0].id;
    app.until(edition, IssueState::Sent).await;
    app.stop_serving().await;
    let pages_in = |reader: usize| {
        let mail = &app.relay.received_for(&reader_address(reader))[0];
        let text = text(&mail.bytes);
        let html = parse(&mail.bytes).body_html(0).expect("it has HTML").into_owned();
        let line = text.lines().find(|line| line.starts_with("View in browser:"));
        let address = line
            .expect("the text links the page")
            .rsplit(' ')
            .next()
            .unwrap_or_default();
        assert!(html.contains(&format!("href=\"{address}\"")), "{html}");
        assert!(!html.contains("DAYWIRE_") && !text.contains("DAYWIRE_"), "{text}");
        address.to_owned()
    };
    assert_eq!(pages_in(0), "https://news.example/archive/daily/1");
    let link = pages_in(1);
    assert_eq!(link, pages_in(2), "the link does not tell whose mail it was");
    let path = link.strip_prefix("https://news.example").expect("it is on the site");
    let site = app.serve_site().await;
    let page = site.get(path).await;
    assert_eq!(page.status, 200, "{path}");
    assert!(
        page.body.contains("Falcon") && !page.body.contains("Budget"),
        "{}",
        page.body
    );
    assert!(page.body.contains("href=\"/archive/daily/1\""), "{}", page.body);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("x-robots-tag"), Some("noindex"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));

    // A correction after the sending is marked, as on the issue's page.
    let article = app.article_titled("Falcon").await;
    retract(&app.app, article.id, "It was a hoax.")
        .await
        .expect("it is retracted");
    let marked = site.get(path).await.body;
    assert!(marked.contains("It was a hoax.") && marked.contains("<s>"), "{marked}");

    let token = path.strip_prefix("/editions/").expect("it is the page of an edition");
    for other in ["/export/", "/erase/", "/unsubscribe/", "/preferences/"] {
        let answer = site.get(&format!("{other}{token}")).await;
        assert_ne!(answer.status, 200, "{other}");
    }
    assert_eq!(site.get(&path.replace(&token[30..36], "AAAAAA")).await.status, 404);
    app.advance(TimeDelta::days(367));
    assert_eq!(site.get(path).await.status, 410);
}

#[apply(on_both_databases)]
async fn the_editions_of_a_draft_are_shown_as_they_are_sent(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    prefer(&app, 1, &["science"], None).await;
    prefer(&app, 2, &["politics"], None).await;
    arrive(&app, &daily, &[("Falcon", "Science"), ("Budget", "Politics")]).await;
    let program = Program::of(&app);
    let folder = tempfile::tempdir().expect("a scratch folder can be made");
    let out = folder.path().to_str().expect("the path is text");
    let preview = program.json(&["issue", "preview", "--newsletter", "daily", "--out", out]);
    let planned = &preview["planned_editions"];
    assert_eq!(planned[0]["edition"], "topics: politics");
    assert_eq!(
        (&planned[1]["number"], &planned[1]["would_be_mailed"]),
        (&2.into(), &1.into())
    );
    let written = std::fs::read_to_string(folder.path().join("edition-2.txt")).expect("it is written");
    assert!(written.contains("Falcon") && !written.contains("Budget"), "{written}");

    let issue = app.build(&daily).await;
    let listed = program.ok(&["issue", "show", "last"]);
    assert!(
        listed.contains("topics: science") && listed.contains("1 reader"),
        "{listed}"
    );
    let shown = program.ok(&["issue", "show", "last", "--edition", "2", "--text"]);
    let without_links = |text: &str| {
        let lines = text.lines().filter(|line| !line.contains("https://news.example/"));
        lines.map(str::trim_end).collect::<Vec<_>>().join("\n")
    };
    program.ok(&["issue", "test", "last", "--edition", "2", "--to", "desk@reader.example"]);
    let refused = program.run(&["issue", "show", "last", "--edition", "3", "--html"]);
    assert!(
        refused.reason().contains("issue daily/1 has no edition 3"),
        "{refused:?}"
    );
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let edition = app.editions(issue).await[1].id;
    app.until(edition, IssueState::Sent).await;
    for address in [reader_address(1), "desk@reader.example".to_owned()] {
        let sent = text(&app.relay.received_for(&address)[0].bytes);
        assert_eq!(without_links(&sent), without_links(shown.trim_end()), "{address}");
    }
}

#[apply(on_both_databases)]
async fn an_edition_that_nobody_approved_is_not_sent(mut app: TestApp) {
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily Broadcast\"\napproval = \"required\"")
        .await;
    app.readers(&daily, 5).await;
    prefer(&app, 1, &["science"], None).await;
    arrive(&app, &daily, &[("Falcon", "Science"), ("Budget", "Politics")]).await;
    let issue = app.build(&daily).await;
    control::approve(&app.app, issue).await.expect("the draft is approved");
    // Afterwards two readers choose what nobody has read, one chooses what was approved, and one a mail a week.
    prefer(&app, 2, &["politics"], None).await;
    prefer(&app, 3, &["science"], None).await;
    prefer(&app, 4, &[], Some(Cadence::Weekly)).await;
    let shown = Program::of(&app).ok(&["issue", "show", "last"]);
    assert!(
        shown.contains("not approved: not sent") && shown.contains("approved"),
        "{shown}"
    );
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    for edition in app.editions(issue).await {
        if edition.recipients.is_some() {
            app.until(edition.id, IssueState::Sent).await;
        }
    }
    let both = (true, true);
    assert_eq!(stories_received(&app, 0), [both]);
    assert_eq!(stories_received(&app, 1), [(true, false)]);
    assert_eq!(stories_received(&app, 2), [both], "the approved issue");
    assert_eq!(stories_received(&app, 3), [(true, false)]);
    assert_eq!(stories_received(&app, 4), [], "the week's mail waits");

    app.stop_serving().await;
    arrive(&app, &daily, &[("Comet", "Science")]).await;
    let next = app.build(&daily).await;
    control::approve(&app.app, next).await.expect("the draft is approved");
    control::send(&app.app, next).await.expect("the issue can be sent");
    app.serve_roles(&[Role::Sender]).await;
    app.until(next, IssueState::Sent).await;
    for edition in app.editions(next).await {
        if edition.recipients.is_some() {
            app.until(edition.id, IssueState::Sent).await;
        }
    }
    assert_eq!(stories_received(&app, 4), [both], "with the stories of both issues");
}

#[apply(on_both_databases)]
async fn an_edition_equal_to_its_issue_is_not_made(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    prefer(&app, 1, &["science"], None).await;
    arrive(&app, &daily, &[("Falcon", "Science")]).await;
    let issue = app.build(&daily).await;
    assert_eq!(control::send(&app.app, issue).await.expect("the issue can be sent"), 3);
    assert_eq!(app.editions(issue).await, []);
    assert_eq!(app.count(issue, DeliveryState::Queued).await, 3);
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
}

#[apply(on_both_databases)]
async fn a_weekly_reader_gets_the_best_of_the_week_once(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    prefer(&app, 1, &[], Some(Cadence::Weekly)).await;
    // A topic called “weekly …” must not be taken for the weekly edition.
    app.readers_at(&daily, "other.example", 1).await;
    app.prefer("reader0@other.example", &["weekly deals"], None).await;
    app.serve_roles(&[Role::Sender]).await;
    // From Monday to the Monday after, and one day more.
    app.advance_to("2026-11-30T06:00:00Z");
    let mut weekly = Vec::new();
    for day in 0..9 {
        let name = [
            "Falcon", "Budget", "Comet", "Harbour", "Lantern", "Meadow", "Orchid", "Pebble", "Quarry",
        ][day];
        arrive(&app, &daily, &[(name, "Test")]).await;
        let issue = app.build(&daily).await;
        if name == "Comet" {
            let mut tx = app.app.store.read().await.expect("the database answers");
            let line = tx
                .articles_of_issue(issue)
                .await
                .expect("the articles are listed")
                .remove(0);
            drop(tx);
            let headline = |edits: &mut Edits| {
                drop(
                    edits
                        .titles
                        .insert(line.public_id.clone(), "Comet seen by an editor".into()),
                );
            };
            drafts::edit(&app.app, issue, headline)
                .await
                .expect("the draft is edited");
        }
        control::send(&app.app, issue).await.expect("the issue can be sent");
        app.until(issue, IssueState::Sent).await;
        for Edition { id: edition, name, .. } in app.editions(issue).await {
            if name.starts_with("weekly") {
                app.until(edition, IssueState::Sent).await;
                weekly.push(day);
            }
        }
        app.advance(TimeDelta::days(1));
    }
    assert_eq!(weekly, [0, 7]);
    let mails = app.relay.received_for("reader1@reader.example");
    assert_eq!(app.relay.received_for("reader0@reader.example").len(), 9);
    assert_eq!(mails.len(), 2, "the first week's, and the second's");
    let digest = text(&mails[1].bytes);
    for name in ["Budget", "Comet", "Harbour", "Lantern", "Meadow", "Orchid", "Pebble"] {
        assert!(digest.contains(name), "{name}: {digest}");
    }
    assert!(digest.contains("Comet seen by an editor"), "{digest}");
    assert!(
        digest.contains("The best of the week") && !digest.contains("Quarry"),
        "{digest}"
    );
}

#[apply(on_both_databases)]
async fn every_edition_compiles_to_the_same_bytes_when_it_is_compiled_alone(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 8).await;
    prefer(&app, 1, &["science"], None).await;
    prefer(&app, 2, &["politics", "sports"], None).await;
    app.advance_to("2026-11-30T06:00:00Z");
    let names = [
        "Falcon lands in Lisbon",
        "Budget vote fails",
        "Comet passes by",
        "Harbour bridge closes",
    ];
    for (day, name) in names.iter().enumerate() {
        // These readers come back on the last day, and have missed two, three or four issues.
        let away = [None, Some(5), Some(6), Some(7)][day];
        if let Some(reader) = away {
            app.pause(&reader_address(reader), app.now() + TimeDelta::days(20))
                .await;
        }
        arrive(
            &app,
            &daily,
            &[
                (name, "Science"),
                (&format!("{name} again"), "Sports"),
                (&format!("Match {day} begins"), "Politics"),
            ],
        )
        .await;
        arrive(
            &app,
            &daily,
            &[
                ("Falcon lands in Lisbon early", "Sports"),
                (&format!("Lone {day} meadow"), "Science"),
            ],
        )
        .await;
        let issue = app.build(&daily).await;
        let mut tx = app.app.store.read().await.expect("the database answers");
        let ids: Vec<_> = tx
            .articles_of_issue(issue)
            .await
            .expect("the articles are listed")
            .into_iter()
            .map(|article| article.public_id)
            .collect();
        drop(tx);
        drafts::edit(&app.app, issue, |edits| {
            edits.regrouped.push((ids[0].clone(), None));
            edits.regrouped.push((ids[4].clone(), Some(ids[2].clone())));
            edits.titles.insert(ids[2].clone(), format!("Retitled {day}"));
            edits.pinned.push(ids[3].clone());
            edits.dropped.insert(ids[1].clone(), "dropped by an editor".into());
        })
        .await
        .expect("it is edited");
        if day == 3 {
            prefer(&app, 3, &[], Some(Cadence::Weekly)).await;
            prefer(&app, 4, &["science"], Some(Cadence::Weekly)).await;
            prefer(&app, 7, &["sports"], Some(Cadence::Weekly)).await;
            app.advance(TimeDelta::days(20));
            let mut tx = app.app.store.write().await.expect("the database answers");
            tx.end_pauses(app.now()).await.expect("the pauses end");
            tx.commit().await.expect("the transaction commits");
        }
        control::send(&app.app, issue).await.expect("the issue can be sent");
        let editions = app.editions(issue).await;
        assert!(editions.len() >= if day == 3 { 6 } else { 1 }, "{editions:?}");
        for id in editions.iter().map(|edition| edition.id).chain([issue]) {
            assert_eq!(
                drafts::differences_from_stored(&app.app, id)
                    .await
                    .expect("it compiles"),
                Vec::<String>::new(),
                "{editions:?}"
            );
        }
        app.assert_one_edition_per_reader(issue).await;
        control::cancel(&app.app, issue).await.expect("the issue is cancelled");
        app.advance(TimeDelta::days(1));
    }
}

#[apply(on_both_databases)]
async fn a_reader_who_comes_back_gets_the_missed_stories_once(mut app: TestApp) {
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 7 * * *\"")
        .await;
    app.readers(&daily, 2).await;
    app.serve_roles(&[Role::Sender]).await;
    app.advance_to("2026-11-30T06:00:00Z");
    app.pause("reader1@reader.example", utc("2026-12-03T00:00:00Z")).await;
    assert_eq!(
        app.subscription_state("reader1@reader.example").await,
        Some(SubscriptionState::Paused)
    );
    for name in ["Falcon", "Budget", "Comet", "Harbour", "Lantern"] {
        arrive(&app, &daily, &[(name, "Test")]).await;
        let date: NaiveDate = app.now().date_naive();
        app.advance_to(&format!("{date}T07:00:00Z"));
        app.make_due().await.expect("due runs are made");
        for issue in issues(&app, &daily).await {
            app.until(issue, IssueState::Sent).await;
        }
        app.advance(TimeDelta::hours(23));
    }
    assert_eq!(app.relay.received_for("reader0@reader.example").len(), 5);
    let mails = app.relay.received_for("reader1@reader.example");
    assert_eq!(mails.len(), 2);
    let (back, after) = (text(&mails[0].bytes), text(&mails[1].bytes));
    for name in ["Falcon", "Budget", "Comet", "Harbour"] {
        assert!(back.contains(name), "{name}: {back}");
    }
    assert!(back.contains("What you missed"), "{back}");
    assert!(
        after.contains("Lantern") && !after.contains("What you missed") && !after.contains("Harbour"),
        "{after}"
    );
}

#[apply(on_both_databases)]
async fn an_issue_sent_during_a_pause_counts_as_missed_if_it_was_compiled_before(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.serve_roles(&[Role::Sender]).await;
    arrive(&app, &daily, &[("Falcon", "Test")]).await;
    let first = app.build(&daily).await;
    app.advance(TimeDelta::minutes(5));
    app.pause("reader1@reader.example", app.now() + TimeDelta::days(1))
        .await;
    control::send(&app.app, first).await.expect("the issue can be sent");
    app.until(first, IssueState::Sent).await;
    app.advance(TimeDelta::days(1));
    app.make_due().await.expect("due runs are made");
    arrive(&app, &daily, &[("Comet", "Test")]).await;
    let second = app.build(&daily).await;
    control::send(&app.app, second).await.expect("the issue can be sent");
    app.until(second, IssueState::Sent).await;
    let edition = app.editions(second).await[0].id;
    app.until(edition, IssueState::Sent).await;
    let mails = app.relay.received_for("reader1@reader.example");
    assert_eq!(mails.len(), 1);
    let back = text(&mails[0].bytes);
    assert!(back.contains("Falcon") && back.contains("Comet"), "{back}");
}

/// Readers with these time zones, reader0 first, and one more whose time zone is unknown.
async fn readers_in(app: &TestApp, newsletter: &Newsletter, zones: &[&str]) {
    app.readers(newsletter, zones.len() + 1).await;
    let mut tx = app.app.store.write().await.expect("the database answers");
    for (n, zone) in zones.iter().enumerate() {
        let subscription = tx
            .subscription(app.subscription(&reader_address(n)).await)
            .await
            .expect("the database answers")
            .expect("the subscription exists");
        tx.set_timezone(subscription.subscriber_id, zone.parse().expect("the zone exists"))
            .await
            .expect("the time zone is stored");
    }
    tx.commit().await.expect("the transaction commits");
}

/// The readers who have got a mail by each of these times.
async fn assert_received_at(app: &TestApp, issue: IssueId, times: &[(&str, &[usize])]) {
    for (at, readers) in times {
        app.advance_to(at);
        let count = i64::try_from(readers.len()).expect("the count fits");
        crate::support::eventually("the due deliveries are accepted", || async {
            app.count(issue, DeliveryState::Accepted).await == count
        })
        .await;
        let received: Vec<usize> = (0..=3)
            .filter(|n| !app.relay.received_for(&reader_address(*n)).is_empty())
            .collect();
        assert_eq!(received, *readers, "{at}");
    }
    app.until(issue, IssueState::Sent).await;
}

#[apply(on_both_databases)]
async fn an_issue_is_sent_at_its_hour_in_each_readers_time_zone(mut app: TestApp) {
    let daily = app.apply(LOCAL_TIME).await;
    readers_in(&app, &daily, &["Europe/Berlin", "America/New_York", "Asia/Tokyo"]).await;
    arrive(&app, &daily, &[("Falcon", "Test")]).await;
    app.serve_roles(&[Role::Sender]).await;
    app.advance_to("2026-11-24T06:00:00Z");
    app.make_due().await.expect("due runs are made");
    let issue = issues(&app, &daily).await[0];
    // A starting sender moves up deliveries that a clock set back would delay. These wait for their hour on purpose.
    app.restart(|_| {}).await;
    app.serve_roles(&[Role::Sender]).await;
    let times: [(&str, &[usize]); 4] = [
        ("2026-11-24T06:00:00Z", &[0, 3]),
        ("2026-11-24T11:59:00Z", &[0, 3]),
        ("2026-11-24T12:00:00Z", &[0, 1, 3]),
        ("2026-11-24T22:00:00Z", &[0, 1, 2, 3]),
    ];
    assert_received_at(&app, issue, &times).await;
}

#[apply(on_both_databases)]
async fn an_issue_sent_days_early_waits_for_the_next_such_hour_and_does_not_expire(mut app: TestApp) {
    let weekly = LOCAL_TIME.replace("0 7 * * *", "0 7 * * SUN") + "\nlead_time = \"7days\"\nexpire_after = \"1h\"";
    let weekly = app.apply(&weekly).await;
    readers_in(&app, &weekly, &["Europe/Berlin", "America/New_York", "Asia/Tokyo"]).await;
    arrive(&app, &weekly, &[("Falcon", "Test")]).await;
    // A Monday, 18:00 in Berlin. The draft is due on Sunday at 07:00.
    app.advance_to("2026-11-23T17:00:00Z");
    app.make_due().await.expect("due runs are made");
    let issue = issues(&app, &weekly).await[0];
    control::send(&app.app, issue).await.expect("the draft can be sent");
    app.serve_roles(&[Role::Sender]).await;
    let times: [(&str, &[usize]); 5] = [
        ("2026-11-23T17:00:00Z", &[3]),
        ("2026-11-23T22:00:00Z", &[2, 3]),
        ("2026-11-24T05:59:00Z", &[2, 3]),
        ("2026-11-24T06:00:00Z", &[0, 2, 3]),
        ("2026-11-24T12:00:00Z", &[0, 1, 2, 3]),
    ];
    assert_received_at(&app, issue, &times).await;
}

#[apply(on_both_databases)]
async fn an_issue_that_was_built_on_demand_waits_for_no_hour(mut app: TestApp) {
    let daily = app.apply(LOCAL_TIME).await;
    readers_in(&app, &daily, &["Europe/Berlin", "America/New_York", "Africa/Cairo"]).await;
    arrive(&app, &daily, &[("Falcon", "Test")]).await;
    app.advance_to("2026-11-24T18:50:00Z");
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.serve_roles(&[Role::Sender]).await;
    assert_received_at(&app, issue, &[("2026-11-24T18:50:00Z", &[0, 1, 2, 3])]).await;
}

#[apply(on_both_databases)]
async fn pausing_and_cancelling_an_issue_includes_its_editions(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    prefer(&app, 1, &["science"], None).await;
    arrive(&app, &daily, &[("Falcon", "Science"), ("Budget", "Politics")]).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    let edition = app.editions(issue).await[0].id;
    control::pause(&app.app, issue, "for a moment")
        .await
        .expect("it is paused");
    assert_eq!(app.state(edition).await, IssueState::Paused);
    control::resume(&app.app, issue).await.expect("it is resumed");
    assert_eq!(app.state(edition).await, IssueState::Sending);
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
    assert_eq!(app.state(edition).await, IssueState::Cancelled);
    assert_eq!(app.count(edition, DeliveryState::Cancelled).await, 1);
}

#[apply(on_both_databases)]
async fn an_issue_has_no_more_editions_than_the_settings_allow(engine: Engine) {
    let two = |config: &mut Config| config.digest.max_editions = 2;
    let app = TestApp::with(engine, two).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 8).await;
    for (reader, topic) in [
        (1, "arts"),
        (2, "science"),
        (3, "science"),
        (4, "sports"),
        (5, "sports"),
    ] {
        prefer(&app, reader, &[topic], None).await;
    }
    let all = [
        ("Falcon", "Science"),
        ("Budget", "Politics"),
        ("Opera", "Arts"),
        ("Match", "Sports"),
    ];
    arrive(&app, &daily, &all).await;
    let issue = app.build(&daily).await;
    assert_eq!(control::send(&app.app, issue).await.expect("the issue can be sent"), 8);
    // The editions with the most readers are made.
    let made = app.editions(issue).await;
    let made: Vec<_> = made.iter().map(|one| (one.name.as_str(), one.recipients)).collect();
    assert_eq!(made, [("topics: science", Some(2)), ("topics: sports", Some(2))]);
    assert_eq!(app.count(issue, DeliveryState::Queued).await, 4);
    let shown = Program::of(&app);
    assert_eq!(
        shown.json(&["issue", "show", &issue.to_string()])["groups_without_edition"],
        1
    );
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");

    // Weekly readers get the weekly edition, and no other one before the next week.
    prefer(&app, 1, &["arts"], Some(Cadence::Weekly)).await;
    arrive(
        &app,
        &daily,
        &[("Comet", "Science"), ("Derby", "Sports"), ("Vote", "Politics")],
    )
    .await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    let made = app.editions(issue).await;
    let weekly = made
        .iter()
        .find(|one| one.name == "weekly")
        .expect("the weekly edition exists");
    assert_eq!((made.len(), weekly.recipients), (2, Some(1)));
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
    teardown.finish().await;
}

/// The bytes of HTML and text that are stored for the only edition.
async fn bytes_of_edition(app: &TestApp) -> i64 {
    let sql = "SELECT CAST(LENGTH(html) + LENGTH(text) AS BIGINT) FROM issues WHERE edition = 1";
    let bytes: Result<(i64,), _> = match &app.app.store {
        Store::Sqlite { read, .. } => sqlx::query_as(sql).fetch_one(read).await,
        Store::Postgres(cluster) => sqlx::query_as(sql).fetch_one(&cluster.pool()).await,
    };
    bytes.expect("the query succeeds").0
}

/// Whether each mail to a reader contains the stories Falcon and Budget.
fn stories_received(app: &TestApp, reader: usize) -> Vec<(bool, bool)> {
    let mails = app.relay.received_for(&reader_address(reader));
    let texts = mails.iter().map(|mail| text(&mail.bytes));
    texts
        .map(|text| (text.contains("Falcon"), text.contains("Budget")))
        .collect()
}

fn reader_address(reader: usize) -> String {
    format!("reader{reader}@reader.example")
}

async fn prefer(app: &TestApp, reader: usize, topics: &[&str], cadence: Option<Cadence>) {
    app.prefer(&reader_address(reader), topics, cadence).await;
}

/// The issues of a newsletter with their editions, the latest first.
async fn issues(app: &TestApp, newsletter: &Newsletter) -> Vec<IssueId> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let issues = tx
        .issues(Some(newsletter.id), 100)
        .await
        .expect("the issues are listed");
    issues.into_iter().map(|issue| issue.id).collect()
}

/// Stores articles as `(headline, topic)`. The first is the newest, so it leads.
async fn arrive(app: &TestApp, newsletter: &Newsletter, articles: &[(&str, &str)]) {
    let entries: Vec<Entry> = (0..)
        .zip(articles)
        .map(|(seconds, (name, topic))| Entry {
            title: (*name).to_owned(),
            summary: format!("All of {name}."),
            category: Some((*topic).to_owned()),
            published: Some(app.now() - TimeDelta::seconds(seconds)),
            ..entry(&format!("{name}-{}", app.now().timestamp()))
        })
        .collect();
    app.arrive(newsletter, "Test Wire", &entries).await;
}

#[apply(on_both_databases)]
async fn an_issue_that_was_being_sent_when_a_pause_began_counts_as_missed(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    arrive(&app, &daily, &[("Falcon", "Test")]).await;
    let first = app.build(&daily).await;
    control::send(&app.app, first).await.expect("the issue can be sent");
    app.advance(TimeDelta::minutes(5));
    app.pause("reader1@reader.example", app.now() + TimeDelta::days(1))
        .await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(first, IssueState::Sent).await;
    let cancelled = app.deliveries(first).await;
    let cancelled: Vec<_> = cancelled
        .iter()
        .filter(|delivery| delivery.state == DeliveryState::Cancelled)
        .map(|delivery| delivery.last_reply.as_deref())
        .collect();
    assert_eq!(cancelled, [Some("the subscriber paused")]);
    app.advance(TimeDelta::days(1));
    app.make_due().await.expect("due runs are made");
    arrive(&app, &daily, &[("Comet", "Test")]).await;
    let second = app.build(&daily).await;
    control::send(&app.app, second).await.expect("the issue can be sent");
    app.until(second, IssueState::Sent).await;
    let edition = app.editions(second).await[0].id;
    app.until(edition, IssueState::Sent).await;
    let mails = app.relay.received_for("reader1@reader.example");
    assert_eq!(mails.len(), 1);
    let back = text(&mails[0].bytes);
    assert!(back.contains("Falcon") && back.contains("Comet"), "{back}");
}
