//! Changes and retractions after sending: they are recorded, marked on the article's page, and listed in the next issue.

use chrono::TimeDelta;
use daywire::delivery::control;
use daywire::digest::build::build;
use daywire::digest::{Compiled, NothingToSend};
use daywire::domain::ids::IssueId;
use daywire::domain::states::{ArticleField, CorrectionKind, IssueState};
use daywire::ingest::change::ArticleChange;
use daywire::ingest::edit::{ArticleEdit, edit};
use daywire::ingest::retraction::{Retraction, restore, retract};
use daywire::store::articles::Article;
use daywire::store::corrections::Correction;
use daywire::store::newsletters::Newsletter;
use daywire::worker::Role;
use reqwest::{Method, StatusCode};

use crate::support::articles::origin;
use crate::support::program::Program;
use crate::support::{TestApp, entry};

#[apply(on_both_databases)]
async fn a_change_after_sending_is_listed_once_in_the_next_issue(app: TestApp) {
    let daily = app.daily().await;
    let sent = sent(&app, &daily).await;
    let article = app.only_article().await;
    let change = retitle(&app, &article, "Corrected headline", "The name was wrong.").await;
    assert_eq!(
        (change.fields, change.sent, change.drafts),
        (vec![ArticleField::Headline], 1, vec![])
    );
    app.advance(TimeDelta::seconds(1));
    let listed = to_list(&app, &daily).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].title_before.as_str(), listed[0].title.as_str()),
        ("Transmission one", "Corrected headline")
    );
    assert_eq!(
        (listed[0].kind, listed[0].note.as_str()),
        (CorrectionKind::Corrected, "The name was wrong.")
    );
    assert_eq!(listed[0].public_id, article.public_id);
    let mut tx = app.app.store.read().await.expect("the database answers");
    assert_eq!(
        tx.corrections_of_issue(sent)
            .await
            .expect("the corrections are listed")
            .len(),
        1,
        "the archive marks it"
    );
    drop(tx);
    // Only one issue lists it. If that issue is cancelled before sending, the next one does.
    let next = draft_listing(&app, &daily, &listed).await;
    assert_eq!(to_list(&app, &daily).await.len(), 0);
    control::cancel(&app.app, next).await.expect("the issue is cancelled");
    assert_eq!(to_list(&app, &daily).await.len(), 1);
    let next = draft_listing(&app, &daily, &listed).await;
    assert_eq!(to_list(&app, &daily).await.len(), 0);
    let mut tx = app.app.store.read().await.expect("the database answers");
    assert_eq!(
        tx.corrections_listed(next)
            .await
            .expect("the corrections are listed")
            .len(),
        1
    );
    assert_eq!(
        tx.corrections_of_issue(next)
            .await
            .expect("the corrections are listed")
            .len(),
        0
    );
}

#[apply(on_both_databases)]
async fn a_change_before_sending_makes_no_correction(app: TestApp) {
    let daily = app.daily().await;
    arrive(&app, &[&daily], "one").await;
    let article = app.only_article().await;
    let change = retitle(&app, &article, "A better headline", "").await;
    assert_eq!((change.sent, change.drafts), (0, vec![]));
    app.advance(TimeDelta::seconds(1));
    let issue = app.build(&daily).await;
    send(&app, issue).await;
    let html = app.issue(issue).await.html;
    assert!(html.contains("A better headline") && !html.contains("Transmission one"));
    assert_eq!(to_list(&app, &daily).await.len(), 0);
}

#[apply(on_both_databases)]
async fn a_change_of_an_article_in_a_draft_updates_the_draft_without_a_correction(app: TestApp) {
    let daily = app.daily().await;
    arrive(&app, &[&daily], "one").await;
    let draft = app.build(&daily).await;
    app.advance(TimeDelta::seconds(1));
    let change = retitle(&app, &app.only_article().await, "In time", "The headline was wrong.").await;
    assert_eq!((change.sent, change.drafts), (0, vec![draft]));
    let html = app.issue(draft).await.html;
    assert!(html.contains("In time") && !html.contains("Transmission one"));
    app.advance(TimeDelta::seconds(1));
    send(&app, draft).await;
    assert_eq!(to_list(&app, &daily).await.len(), 0);
}

#[apply(on_both_databases)]
async fn a_correction_is_listed_only_in_newsletters_that_sent_the_article(app: TestApp) {
    let daily = app.daily().await;
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    let other = app.apply("slug = \"other\"\nname = \"Other\"").await;
    app.readers(&daily, 1).await;
    arrive(&app, &[&daily, &weekly], "one").await;
    send(&app, app.build(&daily).await).await;
    app.advance(TimeDelta::seconds(1));
    retitle(&app, &app.only_article().await, "Corrected", "Wrong.").await;
    app.advance(TimeDelta::seconds(1));
    // The readers of the weekly only ever get the corrected text.
    send(&app, app.build(&weekly).await).await;
    assert_eq!(to_list(&app, &daily).await.len(), 1);
    assert_eq!(to_list(&app, &weekly).await.len(), 0);
    assert_eq!(to_list(&app, &other).await.len(), 0);
}

#[apply(on_both_databases)]
async fn a_retraction_after_sending_is_listed_instead_of_earlier_corrections(app: TestApp) {
    let daily = app.daily().await;
    sent(&app, &daily).await;
    let article = app.only_article().await;
    retitle(&app, &article, "Corrected", "A first try.").await;
    app.advance(TimeDelta::seconds(1));
    let made = retract_article(&app, &article, "It never happened.").await;
    assert_eq!(
        made,
        Retraction {
            retracted: true,
            sent: 1,
            ..Retraction::default()
        }
    );
    app.advance(TimeDelta::seconds(1));
    let listed = to_list(&app, &daily).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].kind, listed[0].note.as_str()),
        (CorrectionKind::Retracted, "It never happened.")
    );
    let again = retract_article(&app, &article, "").await;
    assert!(!again.retracted && !again.noted);
    assert_eq!(to_list(&app, &daily).await.len(), 1);
}

#[apply(on_both_databases)]
async fn a_note_added_to_a_retraction_is_listed_once(app: TestApp) {
    let daily = app.daily().await;
    let issue = sent(&app, &daily).await;
    let article = app.only_article().await;
    retract_article(&app, &article, "").await;
    app.advance(TimeDelta::seconds(1));
    let noted = retract_article(&app, &article, "The source withdrew it.").await;
    assert_eq!(
        noted,
        Retraction {
            noted: true,
            sent: 1,
            ..Retraction::default()
        }
    );
    assert_eq!(
        retract_article(&app, &article, "The source withdrew it.").await,
        Retraction {
            sent: 1,
            ..Retraction::default()
        }
    );
    app.advance(TimeDelta::seconds(1));
    let listed = to_list(&app, &daily).await;
    assert_eq!(
        listed
            .iter()
            .map(|correction| correction.note.as_str())
            .collect::<Vec<_>>(),
        ["The source withdrew it."]
    );
    let mut tx = app.app.store.read().await.expect("the database answers");
    assert_eq!(
        tx.corrections_of_issue(issue)
            .await
            .expect("the corrections are listed")
            .len(),
        1,
        "the archive marks it once"
    );
    assert_eq!(
        tx.retraction_note(article.id)
            .await
            .expect("the query succeeds")
            .as_deref(),
        Some("The source withdrew it.")
    );
    drop(tx);
    // Readers who were notified of a retraction without a reason get the reason.
    draft_listing(&app, &daily, &listed).await;
    app.advance(TimeDelta::seconds(1));
    retract_article(&app, &article, "It was a hoax.").await;
    app.advance(TimeDelta::seconds(1));
    assert_eq!(to_list(&app, &daily).await[0].note, "It was a hoax.");
}

#[apply(on_both_databases)]
async fn a_restored_article_is_shown_on_its_page_in_the_archive_and_in_the_next_issue(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    arrive(&app, &[&daily], "one").await;
    let first = app.build(&daily).await;
    control::send(&app.app, first).await.expect("the issue can be sent");
    app.serve_roles(&[Role::Sender]).await;
    app.until(first, IssueState::Sent).await;
    app.stop_serving().await;
    app.advance(TimeDelta::seconds(1));
    let article = app.only_article().await;
    assert!(
        !restore(&app.app, article.id, "")
            .await
            .expect("the article is restored")
            .restored,
        "an article that is not retracted cannot be restored"
    );
    // The retraction is undone before readers were notified of it, so they get no note about it.
    retract_article(&app, &article, "Wrong.").await;
    app.advance(TimeDelta::seconds(1));
    let undone = restore(&app.app, article.id, "")
        .await
        .expect("the article is restored");
    assert_eq!((undone.restored, undone.sent), (true, 1));
    app.advance(TimeDelta::seconds(1));
    assert!(to_list(&app, &daily).await.is_empty());
    // The retraction is undone after an issue listed it.
    retract_article(&app, &article, "Wrong.").await;
    app.advance(TimeDelta::seconds(1));
    let listed = to_list(&app, &daily).await;
    let next = draft_listing(&app, &daily, &listed).await;
    app.advance(TimeDelta::seconds(1));
    let site = app.serve_site().await;
    let page = format!("/articles/{}/transmission-one", article.public_id);
    assert_eq!(site.get(&page).await.status, StatusCode::GONE);
    restore(&app.app, article.id, "It was right after all.")
        .await
        .expect("the article is restored");
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
        listed.iter().map(|correction| correction.kind).collect::<Vec<_>>(),
        [CorrectionKind::Restored]
    );
    assert_ne!(first, next);
}

#[apply(on_both_databases)]
async fn a_retracted_article_shows_the_note_and_not_the_headline(mut app: TestApp) {
    let daily = app.daily().await;
    arrive(&app, &[&daily], "one").await;
    let article = app.only_article().await;
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
async fn a_restoration_quotes_the_retraction_that_it_undoes(mut app: TestApp) {
    let daily = app.daily().await;
    sent(&app, &daily).await;
    let article = app.only_article().await;
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
        retract_article(&app, &article, reason).await;
        app.advance(TimeDelta::seconds(1));
        restore(&app.app, article.id, note)
            .await
            .expect("the article is restored");
        app.advance(TimeDelta::seconds(1));
        let shown = site.get(&page).await.body;
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
}

#[apply(on_both_databases)]
async fn messages_name_issues_by_slug_and_number(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    arrive(&app, &[&daily], "one").await;
    let article = app.only_article().await;
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
    control::send(&app.app, draft).await.expect("the issue can be sent");
    let retracted = program.ok(&["article", "retract", &article.public_id]);
    assert!(
        retracted.contains("`daywire issue cancel daily/1`") && !retracted.contains(&id),
        "{retracted}"
    );
    control::cancel(&app.app, draft).await.expect("the issue is cancelled");
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
async fn a_restored_article_returns_to_its_draft(app: TestApp) {
    let daily = app.daily().await;
    arrive(&app, &[&daily], "one").await;
    let article = app.only_article().await;
    arrive(&app, &[&daily], "two").await;
    let draft = app.build(&daily).await;
    retract_article(&app, &article, "").await;
    assert!(!app.issue(draft).await.html.contains("Transmission one"));
    let undone = restore(&app.app, article.id, "")
        .await
        .expect("the article is restored");
    assert_eq!(undone.drafts, [draft]);
    assert!(app.issue(draft).await.html.contains("Transmission one"));
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
        &app.only_article().await,
        "Corrected headline",
        "The name was wrong.",
    )
    .await;
    app.advance(TimeDelta::seconds(1));
    let Compiled::Nothing(NothingToSend { reason, .. }) = build(&app.app, daily.id, app.now(), None)
        .await
        .expect("the issue compiles")
    else {
        panic!("an issue without a new article was compiled");
    };
    assert!(
        reason.contains("1 correction waits") && reason.contains("--newsletter daily --corrections"),
        "{reason}"
    );
    arrive(&app, &[&daily], "waiting").await;
    let draft = program.json(&corrected);
    assert_eq!(draft["articles"], serde_json::json!([]));
    let id: IssueId = draft["id"]
        .as_str()
        .expect("an issue is built")
        .parse()
        .expect("the id is valid");
    let only = app.issue(id).await;
    assert_eq!(only.subject, "Daily Broadcast: a correction");
    assert!(
        only.html.contains("Corrected headline") && only.text.contains("The name was wrong."),
        "{}",
        only.text
    );
    assert!(!only.html.contains("waiting") && only.text.contains("There are no new stories in this issue."));
    program.ok(&["issue", "edit", "last", "--intro", "We were wrong."]);
    assert!(app.issue(id).await.text.contains("We were wrong."));
    program.ok(&["issue", "rebuild", "last", "--check"]);
    control::send(&app.app, id).await.expect("the issue can be sent");
    app.serve_roles(&[Role::Sender]).await;
    app.until(id, IssueState::Sent).await;
    assert_eq!(app.delivery_report(id).await.recipients, 2);
    let site = app.serve_site().await;
    assert!(site.get("/archive/daily/2").await.body.contains("Corrected headline"));
    assert!(to_list(&app, &daily).await.is_empty());
    // The waiting articles are in the next issue.
    app.advance(TimeDelta::seconds(1));
    let next = app.build(&daily).await;
    assert!(app.issue(next).await.html.contains("Transmission waiting"));
}

#[apply(on_both_databases)]
async fn a_retracted_article_is_removed_from_unsent_issues(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    arrive(&app, &[&daily], "one").await;
    let article = app.only_article().await;
    arrive(&app, &[&daily], "two").await;
    let draft = app.build(&daily).await;
    let made = retract_article(&app, &article, "").await;
    assert_eq!(
        made,
        Retraction {
            retracted: true,
            drafts: vec![draft],
            ..Retraction::default()
        }
    );
    assert_eq!(app.state(draft).await, IssueState::Draft);
    let html = app.issue(draft).await.html;
    assert!(html.contains("Transmission two") && !html.contains("Transmission one"));
    app.advance(TimeDelta::seconds(1));
    assert_eq!(to_list(&app, &daily).await.len(), 0, "no reader got the article");
}

#[apply(on_both_databases)]
async fn a_retraction_names_the_issues_that_are_being_sent(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    arrive(&app, &[&daily], "one").await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    let made = retract_article(&app, &app.only_article().await, "").await;
    assert_eq!(
        made,
        Retraction {
            retracted: true,
            sent: 1,
            sending: vec![issue],
            ..Retraction::default()
        }
    );
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
}

#[apply(on_both_databases)]
async fn an_articles_page_lists_its_corrections(mut app: TestApp) {
    let daily = app.daily().await;
    sent(&app, &daily).await;
    let article = app.only_article().await;
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

#[apply(on_both_databases)]
async fn a_correction_without_a_note_names_what_was_changed_in_the_readers_language(mut app: TestApp) {
    let daily = app.daily().await;
    sent(&app, &daily).await;
    let article = app.only_article().await;
    retitle(&app, &article, "Corrected headline", "").await;
    let site = app.serve_site().await;
    let path = format!("/articles/{}/corrected-headline", article.public_id);
    for (language, note) in [
        ("en", "Changed: the headline"),
        ("de", "Geändert: Überschrift"),
        ("ja", "変更箇所：見出し"),
    ] {
        let request = site.request(Method::GET, &path).header("accept-language", language);
        let page = site.send(request).await.body;
        assert!(page.contains(note), "{language}: {page}");
    }
}

async fn arrive(app: &TestApp, newsletters: &[&Newsletter], mark: &str) {
    app.store(&origin("Test Wire", newsletters), &[entry(mark)]).await;
    app.advance(TimeDelta::seconds(1));
}

/// An issue with Transmission one in it, whose sending began.
async fn sent(app: &TestApp, newsletter: &Newsletter) -> IssueId {
    arrive(app, &[newsletter], "one").await;
    let issue = app.build(newsletter).await;
    send(app, issue).await;
    app.advance(TimeDelta::seconds(1));
    issue
}

/// Begins to send an issue, and cancels its open deliveries. The issue counts as one that readers may have.
async fn send(app: &TestApp, issue: IssueId) {
    control::send(&app.app, issue).await.expect("the issue can be sent");
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
}

async fn retitle(app: &TestApp, article: &Article, title: &str, note: &str) -> ArticleChange {
    let change = ArticleEdit {
        title: Some(title.into()),
        ..ArticleEdit::default()
    };
    edit(&app.app, article.id, &change, note)
        .await
        .expect("the article is edited")
}

async fn retract_article(app: &TestApp, article: &Article, note: &str) -> Retraction {
    retract(&app.app, article.id, note)
        .await
        .expect("the article is retracted")
}

async fn to_list(app: &TestApp, newsletter: &Newsletter) -> Vec<Correction> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    tx.corrections_to_list(newsletter.id, app.now())
        .await
        .expect("the corrections are listed")
}

/// Builds a draft that lists these corrections.
async fn draft_listing(app: &TestApp, newsletter: &Newsletter, corrections: &[Correction]) -> IssueId {
    arrive(app, &[newsletter], &app.now().timestamp().to_string()).await;
    let compiled = build(&app.app, newsletter.id, app.now(), None)
        .await
        .expect("the issue compiles");
    let mut tx = app.app.store.write().await.expect("the database answers");
    let Compiled::Issue(draft) = compiled else {
        panic!("nothing to send")
    };
    for correction in corrections {
        tx.list_correction(draft.issue.id, correction.id)
            .await
            .expect("the correction is listed");
    }
    tx.commit().await.expect("the transaction commits");
    draft.issue.id
}
