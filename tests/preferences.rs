//! Readers change their preferences by a personal link. GET changes nothing, and POST saves as an operator's command does.

use chrono::{NaiveDate, TimeDelta};
use daywire::delivery::control;
use daywire::domain::states::{Cadence, SubscriptionState};
use daywire::domain::topics::Topics;
use daywire::feeds::parse::Entry;
use daywire::preferences::{self, ChangedBy, Pause, PreferenceChange, PreferenceError};
use daywire::store::newsletters::Newsletter;
use daywire::store::preferences::{Preferences, PreferencesUpdate};
use daywire::words::Language;
use reqwest::{Method, StatusCode};

use crate::support::dump::difference;
use crate::support::operators::actor;
use crate::support::program::Program;
use crate::support::{TestApp, entry, eventually, mock_relay};

const ADA: &str = "reader0@reader.example";

#[apply(on_both_databases)]
async fn a_reader_chooses_topics_cadence_and_time_zone(mut app: TestApp) {
    let daily = newsletter_with_a_reader(&app).await;
    let link = link(&app).await;
    let site = app.serve_site().await;
    let before = app.dump().await;
    let page = site.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Your Daily Broadcast settings") && page.body.contains("Make your choices, then save."));
    for topic in ["politics", "science"] {
        let choice = format!("type=\"checkbox\" name=\"topic\" value=\"{topic}\">");
        assert!(page.body.contains(&choice), "{topic} can be ticked: {}", page.body);
    }
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        site.send(site.request(method, &link)).await;
    }
    assert_eq!(
        difference(&before, &app.dump().await),
        Vec::<String>::new(),
        "GET, HEAD and OPTIONS change nothing"
    );

    let form = [("topic", "Science"), ("cadence", "weekly"), ("timezone", "Asia/Tokyo")];
    let saved = site.post_and_follow(&link, &form).await;
    assert_eq!(saved.status, StatusCode::OK);
    assert!(saved.body.contains("Saved.") && saved.body.contains("value=\"science\" checked>"));
    let mails = app.rows("transactional_mails").await;
    assert!(
        mails.iter().any(|mail| mail.contains("You get these topics: Science.")),
        "the mail names topics as articles write them: {mails:?}"
    );
    assert!(
        saved
            .body
            .contains("id=\"weekly\" type=\"radio\" name=\"cadence\" value=\"weekly\" checked>")
    );
    assert!(saved.body.contains("value=\"Asia/Tokyo\""));
    let wants = wants(&app).await;
    assert_eq!(
        (wants.topics.to_string().as_str(), wants.cadence),
        ("science", Cadence::Weekly)
    );
    site.post_and_follow(&link, &[("cadence", "every")]).await;
    let wants = self::wants(&app).await;
    assert_eq!(
        (wants.topics.to_string().as_str(), wants.cadence),
        ("", Cadence::Every),
        "no topic means all topics"
    );
    let page = site.get(&link).await.body;
    assert!(page.contains("value=\"Asia/Tokyo\""), "an empty field changes nothing");
    assert!(
        page.contains(">Science</label>"),
        "topics are written as in the mail: {page}"
    );
    assert_eq!(app.subscriptions(ADA).await[0].newsletter_id, daily.id);
}

#[apply(on_both_databases)]
async fn a_reader_pauses_and_resumes(mut app: TestApp) {
    let daily = newsletter_with_a_reader(&app).await;
    let link = link(&app).await;
    let site = app.serve_site().await;
    let paused = site
        .post_and_follow(&link, &[("timezone", "Europe/Berlin"), ("pause_until", "2026-12-01")])
        .await;
    assert!(
        paused.body.contains("you won’t get any issue until 1 December 2026."),
        "{}",
        paused.body
    );
    let wants = wants(&app).await;
    assert_eq!(wants.state, SubscriptionState::Paused);
    let until = wants.paused_until.map(|until| until.to_rfc3339());
    assert_eq!(
        until.as_deref(),
        Some("2026-11-30T23:00:00+00:00"),
        "midnight in Berlin"
    );
    let missed = app.send(&daily).await;
    assert_eq!(app.deliveries(missed).await.len(), 0, "nothing is sent");
    let resumed = site.post_and_follow(&link, &[("resume", "yes")]).await;
    assert!(resumed.body.contains("Saved.") && !resumed.body.contains("you won’t get any issue"));
    assert_eq!(self::wants(&app).await.state, SubscriptionState::Confirmed);
}

#[apply(on_both_databases)]
async fn the_link_of_a_mail_pauses_and_changes_nothing_else(mut app: TestApp) {
    newsletter_with_a_reader(&app).await;
    let link = mailed_link(&app).await;
    let site = app.serve_site().await;
    let page = site.get(&link).await;
    assert!(page.body.contains("r…@reader.example"), "{}", page.body);
    assert!(!page.body.contains(ADA), "a friend does not learn the address");
    assert!(!page.body.contains("name=\"topic\"") && !page.body.contains("name=\"cadence\""));
    let before = app.dump().await;
    for field in [
        ("topic", "science"),
        ("cadence", "weekly"),
        ("timezone", "Asia/Tokyo"),
        ("language", "de"),
    ] {
        let refused = site.post(&link, &[field, ("pause_until", "2026-12-01")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field:?}");
        assert!(refused.body.contains("This link can only pause."), "{}", refused.body);
    }
    assert_eq!(difference(&before, &app.dump().await), Vec::<String>::new());
    let paused = site.post_and_follow(&link, &[("pause_until", "2026-12-01")]).await;
    assert!(paused.body.contains("until 1 December 2026."), "{}", paused.body);
    assert_eq!(wants(&app).await.state, SubscriptionState::Paused);
    site.post(&link, &[("resume", "yes")]).await;
    assert_eq!(wants(&app).await.state, SubscriptionState::Confirmed);
}

#[apply(on_both_databases)]
async fn a_reader_chooses_the_language_of_mails(mut app: TestApp) {
    newsletter_with_a_reader(&app).await;
    let link = link(&app).await;
    let site = app.serve().await.clone();
    let page = site.get(&link).await;
    let english = "<option value=\"en\" lang=\"en\" selected>English</option>";
    assert!(page.body.contains(english), "{}", page.body);
    site.post(&link, &[("language", "en")]).await;
    assert_eq!(
        wants(&app).await.language,
        None,
        "the newsletter's language stays its default"
    );
    let page = site.post_and_follow(&link, &[("language", "de")]).await;
    assert!(
        page.body.contains("lang=\"de\" selected>Deutsch</option>"),
        "{}",
        page.body
    );
    assert_eq!(wants(&app).await.language, Some(Language::German));
    app.relay.link_for(ADA, "/preferences/").await;
    let text = mock_relay::text(&app.relay.received_for(ADA).remove(0).bytes);
    assert!(text.contains("in dieser Sprache: Deutsch"), "{text}");
    let unknown = site.post(&link, &[("language", "tlh")]).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unknown.body.contains("Choose one of the languages"), "{}", unknown.body);
}

#[apply(on_both_databases)]
async fn a_pause_ends_on_the_same_day_after_the_reader_moves(mut app: TestApp) {
    newsletter_with_a_reader(&app).await;
    let link = link(&app).await;
    let site = app.serve_site().await;
    site.post_and_follow(&link, &[("timezone", "Europe/Berlin"), ("pause_until", "2027-01-01")])
        .await;
    let moved = site.post_and_follow(&link, &[("timezone", "America/New_York")]).await;
    assert!(moved.body.contains("until 1 January 2027"), "{}", moved.body);
    let until = wants(&app).await.paused_until.map(|until| until.to_rfc3339());
    assert_eq!(
        until.as_deref(),
        Some("2027-01-01T05:00:00+00:00"),
        "midnight in New York"
    );
}

#[apply(on_both_databases)]
async fn invalid_preferences_are_refused_with_the_reason_and_nothing_is_saved(mut app: TestApp) {
    newsletter_with_a_reader(&app).await;
    let link = link(&app).await;
    let site = app.serve_site().await;
    let before = app.dump().await;
    for (form, words) in [
        (
            vec![("cadence", "weekly"), ("timezone", "Mars/Base")],
            "“Mars/Base” is not a known time zone",
        ),
        (vec![("cadence", "hourly")], "Choose “Every issue” or “Once a week”."),
        (
            vec![("cadence", "weekly"), ("pause_until", "soon")],
            "“soon” is not a date",
        ),
        (
            vec![("cadence", "weekly"), ("pause_until", "2026-11-23")],
            "23 November 2026 has begun already",
        ),
        (
            vec![("cadence", "weekly"), ("pause_until", "9999-12-32")],
            "is not a date",
        ),
        (
            vec![("cadence", "weekly"), ("pause_until", "9998-12-30")],
            "A pause lasts at most a year; choose a day up to 23 November 2027",
        ),
        (
            vec![("pause_until", "2027-11-24")],
            "choose a day up to 23 November 2027",
        ),
        (
            vec![("topic", "science"), ("topic", "witchcraft")],
            "“witchcraft” is not a topic of this newsletter; its topics are: politics, science",
        ),
        (vec![("cadence", "weekly"), ("resume", "yes")], "not paused"),
        (vec![("pause_until", "2027-01-01"), ("resume", "yes")], "not both"),
    ] {
        let answer = site.post_and_follow(&link, &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}");
        assert!(
            answer.body.contains(words) && answer.body.contains("role=\"alert\""),
            "{form:?}: {}",
            answer.body
        );
    }
    let hostile = site
        .post_and_follow(&link, &[("timezone", "\"><script>alert(1)</script>")])
        .await;
    assert!(!hostile.body.contains("<script"));
    assert_eq!(difference(&before, &app.dump().await), Vec::<String>::new());
}

#[apply(on_both_databases)]
async fn all_problems_of_the_preferences_are_shown_at_once_each_beside_its_field(mut app: TestApp) {
    newsletter_with_a_reader(&app).await;
    let link = link(&app).await;
    let site = app.serve_site().await;
    let before = app.dump().await;
    let form = [
        ("topic", "witchcraft"),
        ("cadence", "hourly"),
        ("timezone", "Mars/Base"),
        ("language", "tlh"),
        ("pause_until", "2020-01-01"),
    ];
    let page = site.post(&link, &form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for (field, _) in form {
        let problem = format!("id=\"{field}-problem\" role=\"alert\"");
        let described = format!("aria-describedby=\"{field}-problem");
        assert!(
            page.body.contains(&problem) && page.body.contains(&described),
            "{field}: {}",
            page.body
        );
    }
    for part in [
        "Nothing was saved. Please check the marked fields.",
        "1 January 2020 has begun already",
        "value=\"Mars/Base\" aria-invalid=\"true\"",
        "value=\"2020-01-01\" aria-invalid=\"true\"",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert_eq!(difference(&before, &app.dump().await), Vec::<String>::new());
}

#[apply(on_both_databases)]
async fn the_reader_gets_a_mail_about_a_change_by_the_link(mut app: TestApp) {
    newsletter_with_a_reader(&app).await;
    let link = link(&app).await;
    let site = app.serve().await.clone();
    site.post_and_follow(&link, &[("pause_until", "2027-11-23"), ("timezone", "Europe/Berlin")])
        .await;
    site.post_and_follow(&link, &[("timezone", "Europe/Berlin")]).await;
    let mailed = app.relay.link_for(ADA, "/preferences/").await;
    assert!(mailed.ends_with(&mailed_link(&app).await), "{mailed}");
    let mail = app.relay.received_for(ADA).remove(0);
    let text = mock_relay::text(&mail.bytes);
    assert!(
        text.contains("Nothing is sent to you until 23 November 2027.") && text.contains("Europe/Berlin"),
        "{text}"
    );
    assert_eq!(
        mock_relay::parse(&mail.bytes).subject(),
        Some("Daily Broadcast is paused until 23 November 2027")
    );
    assert_eq!(
        app.rows("transactional_mails").await.len(),
        1,
        "saving the same again changes nothing"
    );
    let leave = mock_relay::link(&text, "/unsubscribe/").expect("the mail has the link");
    assert!(site.get(&leave).await.body.contains("<button"));
    for turn in 0..6 {
        let cadence = if turn % 2 == 0 { "weekly" } else { "every" };
        assert_eq!(
            site.post_and_follow(&link, &[("cadence", cadence)]).await.status,
            StatusCode::OK
        );
    }
    assert_eq!(
        app.rows("transactional_mails").await.len(),
        5,
        "at most five mails a day go to one address"
    );
    app.advance(TimeDelta::days(1));
    site.post_and_follow(&link, &[("resume", "yes"), ("topic", "science")])
        .await;
    eventually("the mail of the next day", || async {
        let mails = app.relay.received_for(ADA);
        mails
            .iter()
            .any(|mail| mock_relay::parse(&mail.bytes).subject() == Some("Daily Broadcast is no longer paused"))
    })
    .await;
}

#[apply(on_both_databases)]
async fn a_form_of_another_site_changes_nothing(mut app: TestApp) {
    newsletter_with_a_reader(&app).await;
    let link = link(&app).await;
    let site = app.serve_site().await;
    let before = app.dump().await;
    let request = site
        .request(Method::POST, &link)
        .header("content-type", "application/x-www-form-urlencoded");
    let foreign = request.header("origin", "https://evil.example").body("cadence=weekly");
    assert_eq!(site.send(foreign).await.status, StatusCode::FORBIDDEN);
    assert_eq!(difference(&before, &app.dump().await), Vec::<String>::new());
    // The page has the policy no-referrer, so browsers send the origin `null`.
    let request = site
        .request(Method::POST, &link)
        .header("content-type", "application/x-www-form-urlencoded");
    let own = request
        .header("origin", "null")
        .header("sec-fetch-site", "same-origin")
        .body("cadence=weekly");
    assert_eq!(site.send(own).await.status, StatusCode::SEE_OTHER);
}

#[apply(on_both_databases)]
async fn a_reader_who_saves_preferences_while_an_issue_starts_gets_it_once(mut app: TestApp) {
    let daily = newsletter_with_a_reader(&app).await;
    app.readers_at(&daily, "other.example", 30).await;
    let site = app.serve_site().await;
    let mut links = Vec::new();
    for reader in 0..30 {
        let address = format!("reader{reader}@other.example");
        links.push(app.settings_path(&address).await);
    }
    app.articles(&daily, 2).await;
    let issue = app.build(&daily).await;
    let saves = links.iter().enumerate().map(|(reader, link)| {
        let site = &site;
        async move {
            for round in 0..4 {
                let topic = if (reader + round) % 2 == 0 {
                    "science"
                } else {
                    "politics"
                };
                let cadence = if (reader + round) % 3 == 0 { "weekly" } else { "every" };
                let saved = site
                    .post_and_follow(link, &[("topic", topic), ("cadence", cadence)])
                    .await;
                assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
            }
        }
    });
    let (sent, _) = tokio::join!(control::send(&app.app, issue), futures_util::future::join_all(saves));
    sent.expect("the issue can be sent");
    app.assert_one_edition_per_reader(issue).await;
    control::cancel(&app.app, issue)
        .await
        .expect("the issue can be cancelled");
}

#[apply(on_both_databases)]
async fn topics_are_offered_until_their_last_article_is_90_days_old(mut app: TestApp) {
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily Broadcast\"\nmax_stories = 1\n[exclude]\ntopics = [\"Horoscope\"]")
        .await;
    app.readers(&daily, 1).await;
    store_by_topic(
        &app,
        &daily,
        &[("Falcon", "Science"), ("Budget", "Politics"), ("Stars", "Horoscope")],
    )
    .await;
    let link = link(&app).await;
    let site = app.serve_site().await;
    let ticked = async || {
        let page = site.get(&link).await.body;
        let boxes = page.split("name=\"topic\" value=\"").skip(1);
        boxes
            .filter_map(|rest| rest.split('"').next().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert_eq!(ticked().await, ["politics", "science"]);
    // The issue contains one of the two stories. The other one is left out of every issue.
    let issue = app.build(&daily).await;
    assert_eq!(ticked().await, ["politics", "science"]);
    control::send(&app.app, issue).await.expect("the issue can be sent");
    control::cancel(&app.app, issue)
        .await
        .expect("the issue can be cancelled");
    assert_eq!(ticked().await, ["politics", "science"]);
    let program = Program::of(&app);
    for topic in ["politics", "science"] {
        program.ok(&["subscriber", "prefer", ADA, "--newsletter", "daily", "--topics", topic]);
    }
    program.ok(&["subscriber", "prefer", ADA, "--newsletter", "daily", "--topics", ""]);
    app.advance(TimeDelta::days(89));
    store_by_topic(&app, &daily, &[("Comet", "Science")]).await;
    app.advance(TimeDelta::days(2));
    assert_eq!(ticked().await, ["science"]);
}

#[apply(on_both_databases)]
async fn a_newsletter_can_list_the_topics_that_it_offers(mut app: TestApp) {
    newsletter_with_a_reader(&app).await;
    let program = Program::of(&app);
    let file = |topics: &str| {
        program.file(
            "daily.toml",
            format!("slug = \"daily\"\nname = \"Daily Broadcast\"\n{topics}\n"),
        )
    };
    program.ok(&[
        "newsletter",
        "apply",
        &file("topics = [\"Science\", \"Kernel & Metal\", \"SCIENCE\"]"),
    ]);
    assert_eq!(
        program.json(&["newsletter", "show", "daily"])["topics"],
        serde_json::json!(["Science", "Kernel & Metal"])
    );
    assert!(
        program
            .ok(&["newsletter", "show", "daily"])
            .contains("topics = [\"Science\", \"Kernel & Metal\"]")
    );
    let link = link(&app).await;
    let page = app.serve_site().await.get(&link).await.body;
    assert!(
        page.contains("Kernel &#38; Metal</label>") && !page.contains("value=\"politics\""),
        "{page}"
    );
    let refused = program.run(&[
        "subscriber",
        "prefer",
        ADA,
        "--newsletter",
        "daily",
        "--topics",
        "politics",
    ]);
    assert!(
        refused.reason().contains("its topics are: kernel & metal, science"),
        "{}",
        refused.err
    );
    let wrong = program.run(&["newsletter", "apply", &file("topics = [\"Science\", \" \"]")]);
    assert!(wrong.reason().contains("topics: “” is not a topic"), "{}", wrong.err);
}

#[apply(on_both_databases)]
async fn stored_topics_and_pauses_are_limited(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let letter = |seed: u32| char::from_u32(0x4e00 + seed.wrapping_mul(2_654_435_761) % 20_000).unwrap_or('a');
    let wanted: Vec<String> = (0..60)
        .map(|topic| (0..60).map(|at| letter(topic * 60 + at)).collect())
        .collect();
    let subscription = app.subscriptions(ADA).await.remove(0);
    let mut tx = app.app.store.write().await.expect("the database answers");
    let many = PreferencesUpdate {
        topics: Some(Topics::normalised(&wanted)),
        ..PreferencesUpdate::default()
    };
    tx.set_preferences(subscription.id, &many)
        .await
        .expect("the write succeeds");
    let wants = tx.preferences(subscription.id).await.expect("the database answers");
    tx.commit().await.expect("the transaction commits");
    assert!(
        wants.topics.iter().count() > 5 && wants.topics.to_string().len() <= 2_000,
        "{}",
        wants.topics
    );
    for day in [NaiveDate::MIN, NaiveDate::MAX, NaiveDate::default()] {
        let change = PreferenceChange {
            pause: Some(Pause::Until(day)),
            ..PreferenceChange::default()
        };
        assert!(
            matches!(
                preferences::save(&app.app, &subscription, &change, ChangedBy::Operator(actor())).await,
                Err(PreferenceError::Begun(_) | PreferenceError::NoDay(_))
            ),
            "{day}"
        );
    }
}

#[apply(on_both_databases)]
async fn only_a_readers_own_link_opens_the_form(mut app: TestApp) {
    newsletter_with_a_reader(&app).await;
    let link = mailed_link(&app).await;
    let site = app.serve_site().await;
    let leave = site.get(&link.replace("/preferences/", "/unsubscribe/")).await;
    assert!(
        leave.body.contains(&format!("href=\"{link}\"")),
        "the unsubscribe page links the form"
    );
    for odd in [
        "/preferences/x".to_owned(),
        format!("{link}A"),
        link[..link.len() - 1].to_owned(),
    ] {
        for answer in [
            site.get(&odd).await,
            site.post_and_follow(&odd, &[("cadence", "weekly")]).await,
        ] {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{odd}");
        }
    }
    for method in [Method::GET, Method::POST] {
        let answer = site.send(site.request(method, &link)).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("x-robots-tag"), Some("noindex"));
    }
    app.leave(ADA).await;
    let after = app.dump().await;
    for answer in [
        site.get(&link).await,
        site.post_and_follow(&link, &[("cadence", "weekly")]).await,
    ] {
        assert_eq!(answer.status, StatusCode::GONE);
        assert!(answer.body.contains("aren’t subscribed to"));
    }
    assert_eq!(difference(&after, &app.dump().await), Vec::<String>::new());
}

/// Stores articles of a newsletter, each with its topic.
async fn store_by_topic(app: &TestApp, newsletter: &Newsletter, articles: &[(&str, &str)]) {
    let with_topic = |(name, topic): &(&str, &str)| Entry {
        title: format!("{name} reported"),
        summary: format!("All of {name}."),
        category: Some((*topic).to_owned()),
        ..entry(name)
    };
    let entries: Vec<Entry> = articles.iter().map(with_topic).collect();
    app.arrive(newsletter, "Test Wire", &entries).await;
}

/// Creates the newsletter `daily`, which has sent an issue with two topics and then gets a reader.
async fn newsletter_with_a_reader(app: &TestApp) -> Newsletter {
    let daily = app.daily().await;
    store_by_topic(
        app,
        &daily,
        &[("Falcon", "Science"), ("Comet", "science"), ("Budget", "Politics")],
    )
    .await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.readers(&daily, 1).await;
    daily
}

/// The page with all settings.
async fn link(app: &TestApp) -> String {
    app.settings_path(ADA).await
}

/// The page that a link in the mails of the reader opens.
async fn mailed_link(app: &TestApp) -> String {
    app.unsubscribe_path(ADA)
        .await
        .replace("/unsubscribe/", "/preferences/")
}

async fn wants(app: &TestApp) -> Preferences {
    let subscription = app.subscription(ADA).await;
    let mut tx = app.app.store.read().await.expect("the database answers");
    tx.preferences(subscription).await.expect("the database answers")
}

#[apply(on_both_databases)]
async fn unsubscribing_ends_a_pause(app: TestApp) {
    newsletter_with_a_reader(&app).await;
    app.pause(ADA, app.now() + TimeDelta::days(30)).await;
    app.leave(ADA).await;
    let ended = wants(&app).await;
    assert_eq!(
        (ended.state, ended.paused_until),
        (SubscriptionState::Unsubscribed, None)
    );
}
