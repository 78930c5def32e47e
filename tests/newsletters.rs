//! An operator hides, removes, restores and shows newsletters.

use std::pin::Pin;

use chrono::TimeDelta;
use daywire::domain::states::{IssueState, SubscriptionState};
use serde_json::json;

use crate::support::TestApp;
use crate::support::program::Program;

const MORNING: &str = "slug = \"morning\"\nname = \"Morning\"\n";
const PROBE: &str = "slug = \"probe\"\nname = \"Probe News\"\n";

#[apply(on_both_databases)]
async fn a_hidden_newsletter_is_sent_and_not_shown_on_the_site(mut app: TestApp) {
    let morning = app.apply(MORNING).await;
    let probe = app.apply(PROBE).await;
    app.articles(&morning, 1).await;
    app.readers(&probe, 1).await;
    let sent = app.send(&probe).await;
    app.serve().await;
    app.until(sent, IssueState::Sent).await;
    let site = app.site().clone();
    for path in ["/subscribe", "/archive"] {
        assert!(site.get(path).await.body.contains("Probe News"), "{path}");
    }
    assert_eq!(site.get("/archive/probe/1").await.status, 200);
    app.apply(&format!("{PROBE}public = false\n")).await;
    for path in ["/", "/subscribe", "/archive", "/feed.xml"] {
        let page = site.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("Probe News"), "{path}");
    }
    for path in ["/archive/probe", "/archive/probe/1", "/archive/probe/feed.xml"] {
        assert_eq!(site.get(path).await.status, 404, "{path}");
    }
    let asked = site
        .post(
            "/subscribe",
            &[("email", "ada@reader.example"), ("newsletter", "probe")],
        )
        .await;
    assert_eq!(asked.status, 422);
    let asked = site
        .post_json(
            "/api/v1/subscriptions",
            &json!({ "email": "ada@reader.example", "newsletters": ["probe"] }),
        )
        .await;
    assert_eq!(asked.status, 422);
    assert!(app.subscriptions("ada@reader.example").await.is_empty());
    // Its readers still get it.
    let next = app.send(&probe).await;
    app.until(next, IssueState::Sent).await;
}

#[apply(on_both_databases)]
async fn a_removed_newsletter_sends_nothing_and_keeps_its_record(app: TestApp) {
    let morning = app.apply(&format!("{MORNING}schedule = \"0 7 * * *\"\n")).await;
    app.readers(&morning, 3).await;
    let mut app = app;
    let sent = app.send(&morning).await;
    let program = Program::of(&app);
    let busy = program.run(&["newsletter", "remove", "morning", "--yes"]);
    assert!(busy.reason().contains("morning/1 is sending"), "{}", busy.err);
    app.serve().await;
    app.until(sent, IssueState::Sent).await;
    app.stop_serving().await;
    app.articles(&morning, 1).await;
    let draft = app.build(&morning).await;
    app.articles(&morning, 1).await;

    let asked = program.run(&["newsletter", "remove", "morning"]);
    assert!(
        asked.reason().contains("3 confirmed")
            && asked.reason().contains("morning/2")
            && asked.reason().contains("--yes")
    );
    assert_eq!(app.state(draft).await, IssueState::Draft, "nothing was removed");
    let removed = program.json(&["newsletter", "remove", "morning", "--yes"]);
    assert_eq!(
        (&removed["subscriptions_ended"], &removed["drafts_cancelled"]),
        (&json!(3), &json!([draft]))
    );

    // What is on record can be read.
    assert_eq!(app.state(draft).await, IssueState::Cancelled);
    assert_eq!(app.delivery_report(sent).await.recipients, 3);
    assert_eq!(program.json(&["issue", "show", "morning/1"])["state"], "sent");
    assert_eq!(
        program.json(&["subscriber", "list", "--newsletter", "morning", "--count"])["unsubscribed"],
        3
    );
    let reader = program.json(&["subscriber", "show", "reader0@reader.example"]);
    let consent = reader["subscriptions"][0]["consent"]
        .as_array()
        .expect("the output has the consent record")
        .clone();
    let last = consent.last().expect("the record has an entry");
    assert_eq!(
        (consent.len(), &last["event"], &last["source"]),
        (2, &json!("unsubscribed"), &json!("the newsletter was removed"))
    );
    assert_eq!(program.json(&["newsletter", "list"]), json!([]));
    assert_eq!(program.json(&["newsletter", "list", "--removed"])[0]["slug"], "morning");

    // Nothing more is sent.
    app.advance(TimeDelta::days(3));
    let made = app.make_due().await.expect("the due runs are made");
    assert!(made.is_empty(), "{made:?}");
    let built = program.run(&["issue", "build", "--newsletter", "morning"]);
    assert!(built.reason().contains("was removed"), "{}", built.err);
    let site = app.serve_site().await;
    assert_eq!(site.get("/archive/morning/1").await.status, 404);
    assert!(!site.get("/subscribe").await.body.contains("Morning"));
    assert!(
        program
            .run(&["newsletter", "remove", "morning", "--yes"])
            .reason()
            .contains("already removed")
    );

    // Applying its file restores it with its numbers and without readers; articles that waited stay left out.
    let file = program.file("morning.toml", MORNING);
    assert_eq!(program.json(&["newsletter", "apply", &file])["result"], "restored");
    assert_eq!(
        app.subscription_state("reader0@reader.example").await,
        Some(SubscriptionState::Unsubscribed)
    );
    let nothing = program.json(&["issue", "build", "--newsletter", "morning"]);
    assert_eq!(nothing["id"], json!(null), "{nothing}");
    app.articles(&morning, 1).await;
    app.build(&morning).await;
    assert_eq!(program.json(&["issue", "show", "last"])["name"], "morning/3");
}

#[apply(on_both_databases)]
async fn applying_a_file_lists_the_changes_and_a_shown_file_changes_nothing(app: TestApp) {
    let program = Program::of(&app);
    let full = format!(
        "{MORNING}schedule = \"0 7 * * 1-5\"\ntimezone = \"Europe/Berlin\"\ngrace = \"90m\"\nskip = [\"12-25\"]\nmin_stories = 2\n\
         from = \"Morning <morning@example.org>\"\ndescription = \"It is “new”.\"\n\
         [exclude]\nwords = [\"sponsored\"]\n[caps]\nper_topic = 5\ntopics = {{ \"Free Software\" = 2 }}\n[ranking]\nhalf_life = \"6h\"\n"
    );
    let file = program.file("morning.toml", &full);
    program.ok(&["newsletter", "apply", &file]);
    let shown = program.file("shown.toml", program.ok(&["newsletter", "show", "morning"]));
    assert_eq!(program.json(&["newsletter", "apply", &shown])["result"], "unchanged");
    program.file(
        "morning.toml",
        full.replace("schedule = \"0 7 * * 1-5\"\n", "").replace("6h", "8h"),
    );
    let changed = program.ok(&["newsletter", "apply", &file]);
    insta::allow_duplicates! {
        insta::assert_snapshot!(changed, @r#"
        morning: changed
          schedule: "0 7 * * 1-5" → not set: from now on it is sent on demand only
          ranking.half_life: "6h" → "8h"
        "#);
    }
}

#[apply(on_both_databases)]
async fn an_invalid_file_is_refused_with_the_key_and_a_suggestion(app: TestApp) {
    let program = Program::of(&app).with("DAYWIRE_DIGEST__MAX_STORIES", "5");
    for (line, words) in [
        (
            "shedule = \"0 7 * * *\"",
            &["`shedule`", "did you mean `schedule`?"][..],
        ),
        ("[rankings]\nsources = 1.0", &["did you mean `ranking`?"]),
        ("[ranking]\nfreshnes = 1.0", &["did you mean `freshness`?"]),
        (
            "colour = \"red\"",
            &["`colour` is not a key of this file; the keys here are slug"],
        ),
        ("min_stories = 9", &["min_stories", "max_stories"]),
        (
            "skip = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]",
            &["skip", "all seven weekdays"],
        ),
        ("schedule = \"0 7 * * FRI-MON\"", &["FRI-SUN,MON"]),
    ] {
        let ran = program.run(&[
            "newsletter",
            "apply",
            &program.file("wrong.toml", format!("{MORNING}{line}\n")),
        ]);
        assert!(ran.reason().contains("wrong.toml"), "{line}: {}", ran.err);
        for word in words {
            assert!(ran.reason().contains(word), "{line}: {}", ran.err);
        }
    }
}

#[apply(on_both_databases)]
async fn pages_of_a_hidden_newsletter_do_not_offer_to_subscribe(app: TestApp) {
    links_offer_to_subscribe_only_until(app, |app, _| {
        Box::pin(async move {
            app.apply(&format!("{PROBE}public = false\n")).await;
        })
    })
    .await;
}

#[apply(on_both_databases)]
async fn pages_of_a_removed_newsletter_do_not_offer_to_subscribe(app: TestApp) {
    links_offer_to_subscribe_only_until(app, |_, program| {
        Box::pin(async move {
            program.ok(&["newsletter", "remove", "probe", "--yes"]);
        })
    })
    .await;
}

/// Checks the pages behind mailed links before and after `close`, which ends sign-ups for `probe`.
async fn links_offer_to_subscribe_only_until(
    mut app: TestApp,
    close: impl for<'a> FnOnce(&'a TestApp, &'a Program) -> Pin<Box<dyn Future<Output = ()> + 'a>>,
) {
    app.apply(MORNING).await;
    let probe = app.apply(PROBE).await;
    app.readers(&probe, 1).await;
    let site = app.serve().await.clone();
    site.post(
        "/subscribe",
        &[("email", "ada@reader.example"), ("newsletter", "probe")],
    )
    .await;
    let confirm = app.relay.link_for("ada@reader.example", "/confirm/").await;
    let subscription = app.subscriptions("reader0@reader.example").await[0].id;
    let token = app.app.keys.unsubscribe_token(subscription);
    let (unsubscribe, preferences) = (format!("/unsubscribe/{token}"), format!("/preferences/{token}"));
    site.post(&unsubscribe, &[]).await;
    app.advance(TimeDelta::days(3));
    let pages = [
        (unsubscribe.as_str(), 200, "Subscribe again"),
        (preferences.as_str(), 410, "use Subscribe"),
        (confirm.as_str(), 410, "Send me a new link"),
    ];
    for (path, status, offer) in pages {
        let page = site.get(path).await;
        assert!(
            page.status == status && page.body.contains(offer),
            "{path}: {}",
            page.body
        );
    }
    close(&app, &Program::of(&app)).await;
    for (path, status, offer) in pages {
        let page = site.get(path).await;
        assert!(
            page.status == status && !page.body.contains(offer),
            "{path}: {}",
            page.body
        );
    }
    // Nobody knows which newsletter a link was for that this site did not make.
    assert!(site.get("/confirm/unknown").await.body.contains("sign up again"));
}
