//! The console's pages of newsletters: creating and changing one, its schedule, two operators at one, and its removal.

use daywire::domain::audit::AuditAction;
use daywire::domain::role::Role;
use daywire::store::newsletters::Newsletter;
use reqwest::StatusCode;

use crate::support::TestApp;
use crate::support::operators::Browser;
use crate::support::site::Answer;

async fn desk(app: &mut TestApp, name: &str, role: Role) -> Browser {
    app.operator_with_password(name, role).await;
    let site = app.serve_site().await;
    Browser::signed_in(&site, name).await
}

fn hidden(page: &Answer, name: &str) -> String {
    let (_, rest) = page
        .body
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no {name} in {}", page.body));
    rest.split_once('"').expect("the value ends").0.to_owned()
}

async fn stored(app: &TestApp) -> Newsletter {
    let mut tx = app.app.store.read().await.expect("the database answers");
    tx.newsletters().await.expect("the newsletters are read").swap_remove(0)
}

/// The fields of the form in their order, as a browser would send them.
fn fields<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("slug", "morning"),
        ("name", "Morning"),
        ("public", "true"),
        ("archive", "true"),
        ("timezone", "Europe/Berlin"),
        ("weekly_day", "mon"),
        ("approval", "auto"),
        ("lead_time", "45m"),
        ("grace", "6h"),
        ("subject", "{newsletter}: {lead}"),
        ("language", "en"),
        ("min_stories", "1"),
        ("max_stories", "20"),
        ("top_stories", "3"),
        ("topics", "Kernel\r\nSecurity = infosec"),
        ("ranking.half_life", "12h"),
        ("ranking.memory", "7days"),
        ("mode", "days"),
        ("time", "07:00"),
    ];
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = usual.into_iter().filter(|(name, _)| !is_changed(name));
    kept.chain(changes.iter().copied()).collect()
}

#[apply(on_both_databases)]
async fn a_newsletter_is_created_changed_and_removed(mut app: TestApp) {
    let mut pia = desk(&mut app, "pia", Role::Publisher).await;
    let empty = pia.get("/admin/newsletters").await;
    assert!(empty.body.contains("There is no newsletter yet"), "{}", empty.body);
    let created = pia
        .post("/admin/newsletters", &fields(&[("day", "MON"), ("day", "FRI")]))
        .await;
    assert_eq!(created.status, StatusCode::SEE_OTHER, "{}", created.body);
    let newsletter = stored(&app).await;
    assert_eq!(
        newsletter.schedule.as_ref().map(ToString::to_string).as_deref(),
        Some("0 7 * * MON,FRI")
    );
    assert_eq!(
        (newsletter.lead_seconds, newsletter.timezone.to_string().as_str()),
        (45 * 60, "Europe/Berlin")
    );
    let taken = pia
        .post("/admin/newsletters", &fields(&[("mode", "none"), ("name", "Another")]))
        .await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        taken.body.contains("Another newsletter has this short name"),
        "{}",
        taken.body
    );
    assert_eq!(stored(&app).await.name, "Morning");

    let page = pia.get("/admin/newsletters/morning").await;
    assert!(page.body.contains("daywire newsletter apply"), "{}", page.body);
    assert!(page.body.contains("&#34;Security&#34;"), "its file: {}", page.body);
    assert!(
        page.body.contains("Subscriptions in force"),
        "its growth: {}",
        page.body
    );
    let form = pia.get("/admin/newsletters/morning/edit").await;
    let seen = hidden(&form, "seen");
    assert!(
        form.body.contains("value=\"07:00\"") && form.body.contains("Security = infosec"),
        "{}",
        form.body
    );
    let unchanged = fields(&[("seen", &seen), ("day", "MON"), ("day", "FRI")]);
    let answer = pia.post("/admin/newsletters/morning/edit", &unchanged).await;
    assert!(
        answer
            .header("location")
            .is_some_and(|to| to.ends_with("article-unchanged")),
        "{}",
        answer.body
    );
    let changed = fields(&[
        ("seen", &seen),
        ("mode", "cron"),
        ("schedule", "30 6 1 * *"),
        ("public", ""),
        ("description", "Early."),
    ]);
    let answer = pia.post("/admin/newsletters/morning/edit", &changed).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let newsletter = stored(&app).await;
    assert_eq!(
        newsletter.schedule.as_ref().map(ToString::to_string).as_deref(),
        Some("30 6 1 * *")
    );
    assert!(!newsletter.public && newsletter.description == "Early.");

    let question = pia.get("/admin/newsletters/morning/remove").await;
    assert!(question.body.contains("Remove “Morning”?"), "{}", question.body);
    let removed = pia.post("/admin/newsletters/morning/remove", &[]).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER, "{}", removed.body);
    let list = pia.get("/admin/newsletters").await;
    assert!(list.body.contains("Removed"), "{}", list.body);
    let page = pia.get("/admin/newsletters/morning").await;
    assert!(page.body.contains("This newsletter was removed"), "{}", page.body);
    // Entries of one instant have no order.
    let log = app.audit_log().await;
    for action in [
        AuditAction::NewsletterCreated,
        AuditAction::NewsletterChanged,
        AuditAction::NewsletterRemoved,
    ] {
        let made = log.iter().filter(|entry| entry.action == action);
        assert_eq!(made.count(), 1, "{action}");
    }
}

#[apply(on_both_databases)]
async fn a_mistake_stands_at_its_field_and_nothing_is_stored(mut app: TestApp) {
    let mut pia = desk(&mut app, "pia", Role::Publisher).await;
    for (field, value, id) in [
        ("name", "", "name"),
        ("slug", "Not A Slug", "slug"),
        ("from", "<script>", "from"),
        ("grace", "soon", "grace"),
        ("min_stories", "30", "min_stories"),
        ("max_stories", "many", "max_stories"),
        ("ranking.half_life", "0s", "ranking-half_life"),
        ("timezone", "Mars/Olympus", "timezone"),
        ("skip", "someday", "skip"),
        ("time", "25:00", "schedule"),
    ] {
        let answer = pia
            .post("/admin/newsletters", &fields(&[(field, value), ("day", "MON")]))
            .await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{field}: {}",
            answer.body
        );
        assert!(
            answer.body.contains(&format!("id=\"{id}-problem\"")),
            "{field}: {}",
            answer.body
        );
        assert!(answer.body.contains("Security = infosec"), "what was typed stays");
        assert!(!answer.body.contains("<script>\""), "{field}");
    }
    let no_day = pia.post("/admin/newsletters", &fields(&[])).await;
    assert!(no_day.body.contains("Choose at least one day"), "{}", no_day.body);
    let long = "x".repeat(1024 * 1024);
    let answer = pia
        .post("/admin/newsletters", &fields(&[("welcome", &long), ("day", "MON")]))
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.count_rows("newsletters").await, 0);
    let mut eve = desk(&mut app, "eve", Role::Editor).await;
    let refused = eve.post("/admin/newsletters", &fields(&[("day", "MON")])).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[apply(on_both_databases)]
async fn the_coming_runs_are_shown_across_changes_of_the_clock(mut app: TestApp) {
    app.advance_to("2026-10-23T12:00:00Z");
    let mut pia = desk(&mut app, "pia", Role::Publisher).await;
    let at_half_past_two = [
        ("time", "02:30"),
        ("day", "SAT"),
        ("day", "SUN"),
        ("skip", "10-31"),
        ("do", "fragment"),
    ];
    let runs = pia.post("/admin/newsletters", &fields(&at_half_past_two)).await;
    assert_eq!(runs.status, StatusCode::OK, "{}", runs.body);
    assert_eq!(
        runs.body.matches("<tr>").count(),
        12,
        "the head, ten issues and a skipped day: {}",
        runs.body
    );
    assert!(runs.body.contains("The clock shows this time twice"), "{}", runs.body);
    assert!(runs.body.contains("no issue: 10-31"), "{}", runs.body);
    assert!(!runs.body.contains("<html"), "{}", runs.body);
    app.advance_to("2027-03-27T12:00:00Z");
    // The session has ended meanwhile.
    let mut pia = Browser::signed_in(app.site(), "pia").await;
    let shown = pia
        .post(
            "/admin/newsletters",
            &fields(&[("time", "02:30"), ("day", "SUN"), ("do", "runs")]),
        )
        .await;
    assert!(shown.body.contains("The clock skips this time"), "{}", shown.body);
    assert!(
        shown.body.contains("<html") && shown.body.contains("value=\"02:30\""),
        "without scripts, the whole page"
    );
    let wrong = pia
        .post(
            "/admin/newsletters",
            &fields(&[("mode", "cron"), ("schedule", "61 * * * *"), ("do", "fragment")]),
        )
        .await;
    assert!(wrong.body.contains("class=\"problem\""), "{}", wrong.body);
    assert_eq!(app.count_rows("newsletters").await, 0);
}

#[apply(on_both_databases)]
async fn of_two_operators_nobody_overwrites_the_other(mut app: TestApp) {
    let mut pia = desk(&mut app, "pia", Role::Publisher).await;
    let mut oda = desk(&mut app, "oda", Role::Owner).await;
    let days = [("day", "MON"), ("day", "FRI")];
    let created = pia.post("/admin/newsletters", &fields(&days)).await;
    assert_eq!(created.status, StatusCode::SEE_OTHER, "{}", created.body);
    let edit = "/admin/newsletters/morning/edit";
    let seen = hidden(&pia.get(edit).await, "seen");
    let by_pia = [
        ("seen", seen.as_str()),
        ("loaded", "0"),
        days[0],
        days[1],
        ("description", "Pia's"),
    ];
    assert_eq!(pia.post(edit, &fields(&by_pia)).await.status, StatusCode::SEE_OTHER);

    let by_oda = [
        ("seen", seen.as_str()),
        ("loaded", "0"),
        days[0],
        days[1],
        ("name", "Oda's name"),
        ("description", ""),
    ];
    let refused = oda.post(edit, &fields(&by_oda)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("pia changed it"), "{}", refused.body);
    assert!(
        refused.body.contains("value=\"Oda&#39;s name\"") && refused.body.contains("value=\"Pia&#39;s\""),
        "{}",
        refused.body
    );
    assert_eq!(stored(&app).await.name, "Morning");
    let seen = hidden(&refused, "seen");
    let again = [
        ("seen", seen.as_str()),
        days[0],
        days[1],
        ("name", "Oda's name"),
        ("description", "Pia's"),
    ];
    assert_eq!(oda.post(edit, &fields(&again)).await.status, StatusCode::SEE_OTHER);
    let newsletter = stored(&app).await;
    assert_eq!(
        (newsletter.name.as_str(), newsletter.description.as_str()),
        ("Oda's name", "Pia's")
    );
}
