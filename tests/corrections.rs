//! What is changed or taken back after readers got it is on record, marked on its page, and listed in the next issue.

use chrono::TimeDelta;
use daywire::delivery::control;
use daywire::digest::build::build;
use daywire::digest::{Compiled, NothingToSend};
use daywire::domain::ids::IssueId;
use daywire::domain::scope::Scope;
use daywire::domain::states::{ArticleField, CorrectionKind, IssueState};
use daywire::ingest::change::ArticleChange;
use daywire::ingest::edit::{ArticleEdit, edit};
use daywire::ingest::retraction::{Retraction, restore, retract};
use daywire::ingest::{Origin, store_entries};
use daywire::store::articles::Article;
use daywire::store::corrections::Correction;
use daywire::store::issues::Issue;
use daywire::store::newsletters::Newsletter;
use daywire::worker::Role;
use reqwest::StatusCode;

use crate::support::program::Program;
use crate::support::{TestApp, entry};

#[apply(on_both_databases)]
async fn a_change_after_sending_is_listed_once_in_the_next_issue(app: TestApp) {
    let daily = app.daily().await;
    let sent = sent(&app, &daily).await;
    let article = only_article(&app).await;
    let change = retitle(&app, &article, "Corrected headline", "The name was wrong.").await;
    assert_eq!(
        (change.fields, change.sent, change.drafts),
        (vec![ArticleField::Headline], 1, vec![])
    );
    app.advance(TimeDelta::seconds(1));
    let told = to_list(&app, &daily).await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].title_before.as_str(), told[0].title.as_str()),
        ("Transmission one", "Corrected headline")
    );
    assert_eq!(
        (told[0].kind, told[0].note.as_str()),
        (CorrectionKind::Corrected, "The name was wrong.")
    );
    assert_eq!(told[0].public_id, article.public_id);
    let mut tx = app.app.store.read().await.expect("the database answers");
    assert_eq!(
        tx.corrections_of_issue(sent).await.expect("an answer").len(),
        1,
        "the archive marks it"
    );
    drop(tx);
    // An issue lists it, and no other does, unless that one is cancelled before it was sent.
    let next = listing(&app, &daily, &told).await;
    assert_eq!(to_list(&app, &daily).await.len(), 0);
    control::cancel(&app.app, next).await.expect("it is cancelled");
    assert_eq!(to_list(&app, &daily).await.len(), 1);
    let next = listing(&app, &daily, &told).await;
    assert_eq!(to_list(&app, &daily).await.len(), 0);
    let mut tx = app.app.store.read().await.expect("the database answers");
    assert_eq!(tx.corrections_listed(next).await.expect("an answer").len(), 1);
    assert_eq!(tx.corrections_of_issue(next).await.expect("an answer").len(), 0);
}

#[apply(on_both_databases)]
async fn a_change_before_sending_is_no_correction(app: TestApp) {
    let daily = app.daily().await;
    arrive(&app, &[&daily], "one").await;
    let article = only_article(&app).await;
    let change = retitle(&app, &article, "A better headline", "").await;
    assert_eq!((change.sent, change.drafts), (0, vec![]));
    app.advance(TimeDelta::seconds(1));
    let issue = app.build(&daily).await;
    send(&app, issue).await;
    let html = issue_html(&app, issue).await;
    assert!(html.contains("A better headline") && !html.contains("Transmission one"));
    assert_eq!(to_list(&app, &daily).await.len(), 0);
}

#[apply(on_both_databases)]
async fn a_change_is_taken_over_into_a_draft_and_needs_no_correction(app: TestApp) {
    let daily = app.daily().await;
    arrive(&app, &[&daily], "one").await;
    let draft = app.build(&daily).await;
    app.advance(TimeDelta::seconds(1));
    let change = retitle(&app, &only_article(&app).await, "In time", "The headline was wrong.").await;
    assert_eq!((change.sent, change.drafts), (0, vec![draft]));
    let html = issue_html(&app, draft).await;
    assert!(html.contains("In time") && !html.contains("Transmission one"));
    app.advance(TimeDelta::seconds(1));
    send(&app, draft).await;
    assert_eq!(to_list(&app, &daily).await.len(), 0);
}

#[apply(on_both_databases)]
async fn each_newsletter_tells_its_own_readers(app: TestApp) {
    let daily = app.daily().await;
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    let other = app.apply("slug = \"other\"\nname = \"Other\"").await;
    app.readers(&daily, 1).await;
    arrive(&app, &[&daily, &weekly], "one").await;
    send(&app, app.build(&daily).await).await;
    app.advance(TimeDelta::seconds(1));
    retitle(&app, &only_article(&app).await, "Corrected", "Wrong.").await;
    app.advance(TimeDelta::seconds(1));
    // Its readers get the corrected text to begin with.
    send(&app, app.build(&weekly).await).await;
    assert_eq!(to_list(&app, &daily).await.len(), 1);
    assert_eq!(to_list(&app, &weekly).await.len(), 0);
    assert_eq!(to_list(&app, &other).await.len(), 0);
}

#[apply(on_both_databases)]
async fn a_retraction_after_sending_is_listed_in_place_of_what_was_corrected(app: TestApp) {
    let daily = app.daily().await;
    sent(&app, &daily).await;
    let article = only_article(&app).await;
    retitle(&app, &article, "Corrected", "A first try.").await;
    app.advance(TimeDelta::seconds(1));
    let made = take_back(&app, &article, "It never happened.").await;
    assert_eq!(
        made,
        Retraction {
            retracted: true,
            sent: 1,
            ..Retraction::default()
        }
    );
    app.advance(TimeDelta::seconds(1));
    let told = to_list(&app, &daily).await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].kind, told[0].note.as_str()),
        (CorrectionKind::Retracted, "It never happened.")
    );
    let again = take_back(&app, &article, "").await;
    assert!(!again.retracted && !again.noted);
    assert_eq!(to_list(&app, &daily).await.len(), 1);
}

#[apply(on_both_databases)]
async fn a_note_is_added_to_a_retraction_and_told_once(app: TestApp) {
    let daily = app.daily().await;
    let issue = sent(&app, &daily).await;
    let article = only_article(&app).await;
    take_back(&app, &article, "").await;
    app.advance(TimeDelta::seconds(1));
    let noted = take_back(&app, &article, "The source withdrew it.").await;
    assert_eq!(
        noted,
        Retraction {
            noted: true,
            sent: 1,
            ..Retraction::default()
        }
    );
    assert_eq!(
        take_back(&app, &article, "The source withdrew it.").await,
        Retraction {
            sent: 1,
            ..Retraction::default()
        }
    );
    app.advance(TimeDelta::seconds(1));
    let told = to_list(&app, &daily).await;
    assert_eq!(
        told.iter().map(|told| told.note.as_str()).collect::<Vec<_>>(),
        ["The source withdrew it."]
    );
    let mut tx = app.app.store.read().await.expect("the database answers");
    assert_eq!(
        tx.corrections_of_issue(issue).await.expect("an answer").len(),
        1,
        "the archive marks it once"
    );
    assert_eq!(
        tx.retraction_note(article.id).await.expect("an answer").as_deref(),
        Some("The source withdrew it.")
    );
    drop(tx);
    // Readers who were notified of a retraction without a reason get the reason.
    listing(&app, &daily, &told).await;
    app.advance(TimeDelta::seconds(1));
    take_back(&app, &article, "It was a hoax.").await;
    app.advance(TimeDelta::seconds(1));
    assert_eq!(to_list(&app, &daily).await[0].note, "It was a hoax.");
}

#[apply(on_both_databases)]
async fn a_retraction_is_undone_on_the_page_in_the_archive_and_in_the_next_issue(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    arrive(&app, &[&daily], "one").await;
    let first = app.build(&daily).await;
    control::send(&app.app, first).await.expect("it is sent");
    app.serve_roles(&[Role::Sender]).await;
    app.until(first, IssueState::Sent).await;
    app.stop_serving().await;
    app.advance(TimeDelta::seconds(1));
    let article = only_article(&app).await;
    assert!(
        !restore(&app.app, article.id, "").await.expect("an answer").restored,
        "it is not retracted"
    );
    // The retraction is undone before readers were notified of it, so they get no note about it.
    take_back(&app, &article, "Wrong.").await;
    app.advance(TimeDelta::seconds(1));
    let undone = restore(&app.app, article.id, "").await.expect("it is restored");
    assert_eq!((undone.restored, undone.sent), (true, 1));
    app.advance(TimeDelta::seconds(1));
    assert!(to_list(&app, &daily).await.is_empty());
    // The retraction is undone after an issue told them.
    take_back(&app, &article, "Wrong.").await;
    app.advance(TimeDelta::seconds(1));
    let told = to_list(&app, &daily).await;
    let next = listing(&app, &daily, &told).await;
    app.advance(TimeDelta::seconds(1));
    let site = app.serve_site().await;
    let page = format!("/articles/{}/transmission-one", article.public_id);
    assert_eq!(site.get(&page).await.status, StatusCode::GONE);
    restore(&app.app, article.id, "It was right after all.")
        .await
        .expect("it is restored");
    app.advance(TimeDelta::seconds(1));
    let shown = site.get(&page).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.body.contains("It was right after all."), "{}", shown.body);
    let archived = site.get("/archive/daily/1").await.body;
    assert!(
        archived.contains("Restored") && !archived.contains("(retracted)"),
        "{archived}"
    );
    let listed = to_list(&app, &daily).await;
    assert_eq!(
        listed.iter().map(|told| told.kind).collect::<Vec<_>>(),
        [CorrectionKind::Restored]
    );
    assert_ne!(first, next);
}

#[apply(on_both_databases)]
async fn the_note_of_a_retraction_is_shown_wherever_the_article_is_and_its_headline_is_not_repeated(mut app: TestApp) {
    let daily = app.daily().await;
    arrive(&app, &[&daily], "one").await;
    let article = only_article(&app).await;
    let (program, id) = (Program::of(&app), article.public_id.as_str());
    let site = app.serve_site().await;
    program.ok(&["article", "retract", id]);
    let page = site.get(&format!("/articles/{id}")).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(
        page.body.contains("No reason was given.") && !page.body.contains("Error 410"),
        "{}",
        page.body
    );
    assert!(program.ok(&["article", "list"]).contains("no reason was given"));
    // No issue was sent with it, so there is no correction for readers; the note is shown all the same.
    program.ok(&["article", "retract", id, "--note", "The court order was forged."]);
    let page = site.get(&format!("/articles/{id}")).await.body;
    assert!(
        page.contains("The court order was forged.") && !page.contains("Transmission one"),
        "{page}"
    );
    let listed = program.ok(&["article", "list"]);
    assert!(
        listed.contains(id) && listed.contains("The court order was forged."),
        "{listed}"
    );
    let shown = program.ok(&["article", "show", id]);
    assert!(
        shown.contains("state: retracted 2") && shown.contains("The court order was forged."),
        "{shown}"
    );
    assert_eq!(
        program.json(&["article", "show", id])["retraction_note"],
        "The court order was forged."
    );
    program.ok(&["article", "restore", id]);
    assert!(program.json(&["article", "show", id])["retraction_note"].is_null());
}

#[apply(on_both_databases)]
async fn a_restoration_names_the_retraction_that_it_undoes(mut app: TestApp) {
    let daily = app.daily().await;
    sent(&app, &daily).await;
    let article = only_article(&app).await;
    let site = app.serve_site().await;
    let page = format!("/articles/{}/transmission-one", article.public_id);
    for (reason, note, expected) in [
        ("", "", "The retraction of 23 November 2026 was a mistake."),
        (
            "It was a hoax.",
            "",
            "The retraction of 23 November 2026 (“It was a hoax.”) was a mistake.",
        ),
        (
            "It was a hoax.",
            "The source stands by it.",
            "The retraction of 23 November 2026 (“It was a hoax.”) was undone: The source stands by it.",
        ),
    ] {
        take_back(&app, &article, reason).await;
        app.advance(TimeDelta::seconds(1));
        restore(&app.app, article.id, note).await.expect("it is restored");
        app.advance(TimeDelta::seconds(1));
        let shown = site.get(&page).await.body;
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
}

#[apply(on_both_databases)]
async fn messages_call_issues_by_their_names(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    arrive(&app, &[&daily], "one").await;
    let article = only_article(&app).await;
    let program = Program::of(&app);
    let draft = app.build(&daily).await;
    let id = draft.to_string();
    let edited = program.ok(&["article", "edit", &article.public_id, "--title", "Another headline"]);
    assert!(
        edited.contains("issue daily/1 was not sent yet") && !edited.contains(&id),
        "{edited}"
    );
    let shown = program.ok(&["article", "show", &article.public_id]);
    assert!(
        shown.contains("at place 1 of issue daily/1") && !shown.contains(&id),
        "{shown}"
    );
    control::send(&app.app, draft).await.expect("it is begun");
    let taken_back = program.ok(&["article", "retract", &article.public_id]);
    assert!(
        taken_back.contains("`daywire issue cancel daily/1`") && !taken_back.contains(&id),
        "{taken_back}"
    );
    control::cancel(&app.app, draft).await.expect("the rest is cancelled");
    for command in [
        &["issue", "approve", "last"][..],
        &["issue", "pause", "last"],
        &["issue", "resume", "last"],
        &["issue", "send", "last"],
        &["issue", "send", "last", "--dry-run"],
        &["issue", "settle", "last", "--resend"],
        &["issue", "edit", "last", "--intro", "Rain."],
    ] {
        let refused = program.run(command);
        assert_ne!(refused.status, Some(0), "{command:?}");
        assert!(
            refused.err.contains("daily/1") && !refused.err.contains(&id),
            "{command:?}: {}",
            refused.err
        );
    }
}

#[apply(on_both_databases)]
async fn a_restored_article_is_back_in_the_draft_that_had_it(app: TestApp) {
    let daily = app.daily().await;
    arrive(&app, &[&daily], "one").await;
    let article = only_article(&app).await;
    arrive(&app, &[&daily], "two").await;
    let draft = app.build(&daily).await;
    take_back(&app, &article, "").await;
    assert!(!issue_html(&app, draft).await.contains("Transmission one"));
    let undone = restore(&app.app, article.id, "").await.expect("it is restored");
    assert_eq!(undone.drafts, [draft]);
    assert!(issue_html(&app, draft).await.contains("Transmission one"));
}

#[apply(on_both_databases)]
async fn corrections_are_sent_without_new_stories(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    let program = Program::of(&app);
    let corrected = ["issue", "build", "--newsletter", "daily", "--corrections"];
    sent(&app, &daily).await;
    let nothing = program.json(&corrected);
    assert!(
        nothing["id"].is_null()
            && nothing["reason"]
                .as_str()
                .is_some_and(|why| why.contains("no correction waits"))
    );
    retitle(
        &app,
        &only_article(&app).await,
        "Corrected headline",
        "The name was wrong.",
    )
    .await;
    app.advance(TimeDelta::seconds(1));
    let Compiled::Nothing(NothingToSend { reason, .. }) =
        build(&app.app, daily.id, app.now(), None).await.expect("it compiles")
    else {
        panic!("there is no new article");
    };
    assert!(
        reason.contains("1 correction waits") && reason.contains("--newsletter daily --corrections"),
        "{reason}"
    );
    arrive(&app, &[&daily], "waiting").await;
    let draft = program.json(&corrected);
    assert_eq!(draft["articles"], serde_json::json!([]));
    let id: IssueId = draft["id"].as_str().expect("an issue").parse().expect("an id");
    let only = issue(&app, id).await;
    assert_eq!(only.subject, "Daily Broadcast: a correction");
    assert!(
        only.html.contains("Corrected headline") && only.text.contains("The name was wrong."),
        "{}",
        only.text
    );
    assert!(!only.html.contains("waiting") && only.text.contains("There are no new stories in this issue."));
    program.ok(&["issue", "edit", "last", "--intro", "We were wrong."]);
    assert!(issue(&app, id).await.text.contains("We were wrong."));
    program.ok(&["issue", "rebuild", "last", "--check"]);
    control::send(&app.app, id).await.expect("it is sent");
    app.serve_roles(&[Role::Sender]).await;
    app.until(id, IssueState::Sent).await;
    assert_eq!(app.delivery_report(id).await.recipients, 2);
    let site = app.serve_site().await;
    assert!(site.get("/archive/daily/2").await.body.contains("Corrected headline"));
    assert!(to_list(&app, &daily).await.is_empty());
    // The waiting articles are in the next issue.
    app.advance(TimeDelta::seconds(1));
    let next = app.build(&daily).await;
    assert!(issue_html(&app, next).await.contains("Transmission waiting"));
}

#[apply(on_both_databases)]
async fn a_retracted_article_is_in_no_issue_that_was_not_sent(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    arrive(&app, &[&daily], "one").await;
    let article = only_article(&app).await;
    arrive(&app, &[&daily], "two").await;
    let draft = app.build(&daily).await;
    let made = take_back(&app, &article, "").await;
    assert_eq!(
        made,
        Retraction {
            retracted: true,
            drafts: vec![draft],
            ..Retraction::default()
        }
    );
    assert_eq!(app.state(draft).await, IssueState::Draft);
    let html = issue_html(&app, draft).await;
    assert!(html.contains("Transmission two") && !html.contains("Transmission one"));
    app.advance(TimeDelta::seconds(1));
    assert_eq!(to_list(&app, &daily).await.len(), 0, "nobody has read it");
}

#[apply(on_both_databases)]
async fn an_issue_that_is_on_its_way_with_a_retracted_article_is_named(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    arrive(&app, &[&daily], "one").await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("it is begun");
    let made = take_back(&app, &only_article(&app).await, "").await;
    assert_eq!(
        made,
        Retraction {
            retracted: true,
            sent: 1,
            sending: vec![issue],
            ..Retraction::default()
        }
    );
    control::cancel(&app.app, issue).await.expect("the rest is cancelled");
}

#[apply(on_both_databases)]
async fn a_page_marks_what_was_corrected_after_sending(mut app: TestApp) {
    let daily = app.daily().await;
    sent(&app, &daily).await;
    let article = only_article(&app).await;
    retitle(&app, &article, "Corrected headline", "The <name> was wrong.").await;
    let site = app.serve_site().await;
    let page = site
        .get(&format!("/articles/{}/corrected-headline", article.public_id))
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("<h1 lang=\"\">Corrected headline</h1>"),
        "{}",
        page.body
    );
    assert!(page.body.contains("Corrections</h2>") && page.body.contains("The &#60;name&#62; was wrong."));
    assert!(
        page.body.contains("<time datetime=\"2026-11-23T06:00:0"),
        "{}",
        page.body
    );
}

async fn arrive(app: &TestApp, newsletters: &[&Newsletter], mark: &str) {
    let origin = Origin {
        scope: Scope::file("test"),
        source_name: "Test Wire".into(),
        newsletters: newsletters.iter().map(|newsletter| newsletter.id).collect(),
        full_text: false,
    };
    store_entries(&app.app, &origin, &[entry(mark)])
        .await
        .expect("it is stored");
    app.advance(TimeDelta::seconds(1));
}

/// The issue with Transmission one in it, which nobody waits for and which was sent all the same.
async fn sent(app: &TestApp, newsletter: &Newsletter) -> IssueId {
    arrive(app, &[newsletter], "one").await;
    let issue = app.build(newsletter).await;
    send(app, issue).await;
    app.advance(TimeDelta::seconds(1));
    issue
}

/// Begins an issue, and cancels what is open of it: that readers may have it is what counts here.
async fn send(app: &TestApp, issue: IssueId) {
    control::send(&app.app, issue).await.expect("it is begun");
    control::cancel(&app.app, issue).await.expect("the rest is cancelled");
}

async fn only_article(app: &TestApp) -> Article {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let mut articles = tx.articles_after(None, None, false, 10).await.expect("articles");
    assert_eq!(articles.len(), 1);
    articles.remove(0)
}

async fn retitle(app: &TestApp, article: &Article, title: &str, note: &str) -> ArticleChange {
    let wanted = ArticleEdit {
        title: Some(title.into()),
        ..ArticleEdit::default()
    };
    edit(&app.app, article, &wanted, note).await.expect("it is changed")
}

async fn take_back(app: &TestApp, article: &Article, note: &str) -> Retraction {
    retract(&app.app, article.id, note).await.expect("it is retracted")
}

async fn to_list(app: &TestApp, newsletter: &Newsletter) -> Vec<Correction> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    tx.corrections_to_list(newsletter.id, app.now())
        .await
        .expect("an answer")
}

/// A draft that lists corrections.
async fn listing(app: &TestApp, newsletter: &Newsletter, corrections: &[Correction]) -> IssueId {
    arrive(app, &[newsletter], &app.now().timestamp().to_string()).await;
    let compiled = build(&app.app, newsletter.id, app.now(), None)
        .await
        .expect("it compiles");
    let mut tx = app.app.store.write().await.expect("the database answers");
    let Compiled::Issue(draft) = compiled else {
        panic!("nothing to send")
    };
    for correction in corrections {
        tx.list_correction(draft.issue.id, correction.id)
            .await
            .expect("it is noted");
    }
    tx.commit().await.expect("it is stored");
    draft.issue.id
}

async fn issue_html(app: &TestApp, id: IssueId) -> String {
    issue(app, id).await.html
}

async fn issue(app: &TestApp, id: IssueId) -> Issue {
    let mut tx = app.app.store.read().await.expect("the database answers");
    control::find(&mut tx, id).await.expect("an issue")
}
