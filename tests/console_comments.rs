//! The console's page about comments: showing, hiding and deleting them, and blocking an author.

use daywire::config::{CommentProvider, Config};
use daywire::domain::audit::AuditAction;
use daywire::domain::comment::CommentState;
use daywire::domain::role::Role;
use reqwest::StatusCode;

use crate::support::operators::Browser;
use crate::support::site::{Answer, Site};
use crate::support::{Engine, TestApp};

const ADA: &str = "reader0@reader.example";
const PATH: &str = "/admin/comments";

fn builtin(config: &mut Config) {
    config.comments.provider = CommentProvider::Builtin;
}

/// A site with an article, and the link with which Ada writes comments.
async fn open(app: &mut TestApp) -> (Site, String) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.articles(&daily, 1).await;
    app.serve().await;
    let site = app.site().clone();
    let article = app.only_article().await.public_id;
    site.post("/comments/link", &[("email", ADA), ("article", &article)])
        .await;
    let link = app.relay.link_for(ADA, "/comment/").await;
    (site, link)
}

/// Decides about a comment as the operator saw it.
async fn decide(browser: &mut Browser, comment: &str, decision: &str, seen: String) -> Answer {
    let fields = [("comment", comment), ("seen", seen.as_str()), ("decision", decision)];
    browser.post_and_follow(&format!("{PATH}/decide"), &fields).await
}

/// The value of the first field `name` in the forms of a page.
fn hidden(body: &str, name: &str) -> String {
    let found = body.split_once(&format!("name=\"{name}\" value=\""));
    let rest = found.unwrap_or_else(|| panic!("no {name}: {body}")).1;
    rest.split_once('"').expect("the value ends").0.to_owned()
}

async fn states(app: &TestApp) -> Vec<CommentState> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let listed = tx.listed_comments(None, 100).await.expect("the comments are listed");
    listed.into_iter().map(|comment| comment.state).collect()
}

#[apply(on_both_databases)]
async fn an_editor_decides_about_comments_and_sees_no_address(engine: Engine) {
    let mut app = TestApp::with(engine, builtin).await;
    app.operator_with_password("eve", Role::Editor).await;
    let (site, link) = open(&mut app).await;
    let mut eve = Browser::signed_in(&site, "eve").await;
    for (list, text) in [
        ("held", "No comment waits for you."),
        ("reported", "No reported comment waits for you."),
        ("approved", "No comment is published."),
        ("rejected", "No comment is kept off the site."),
    ] {
        let empty = eve.get(&format!("{PATH}?list={list}")).await;
        assert!(empty.body.contains(text), "{}", empty.body);
    }
    let text = "First <script>alert(1)</script>\n\nSecond";
    site.post(&link, &[("name", "Ada"), ("text", text)]).await;
    let page = eve.get(PATH).await;
    assert!(
        page.body.contains("Second") && !page.body.contains("<script>alert"),
        "{}",
        page.body
    );
    assert!(
        !page.body.contains("@reader.example") && !page.body.contains("/block"),
        "{}",
        page.body
    );
    let (comment, seen) = (hidden(&page.body, "comment"), hidden(&page.body, "seen"));
    let shown = decide(&mut eve, &comment, "show", seen.clone()).await;
    assert!(shown.body.contains("Readers see the comment now."), "{}", shown.body);
    assert_eq!(states(&app).await, [CommentState::Approved]);
    // The form of before that decision does nothing.
    let stale = decide(&mut eve, &comment, "delete", seen).await;
    assert!(stale.body.contains("Nothing was done"), "{}", stale.body);
    assert_eq!(states(&app).await, [CommentState::Approved]);
    let list = eve.get(&format!("{PATH}?list=approved")).await;
    let hid = decide(&mut eve, &comment, "hide", hidden(&list.body, "seen")).await;
    assert!(hid.body.contains("The comment is not published."), "{}", hid.body);
    let list = eve.get(&format!("{PATH}?list=rejected&after=nonsense")).await;
    let deleted = decide(&mut eve, &comment, "delete", hidden(&list.body, "seen")).await;
    assert!(deleted.body.contains("The comment is deleted."), "{}", deleted.body);
    assert_eq!(states(&app).await, []);
    let again = decide(&mut eve, &comment, "show", "held-0".to_owned()).await;
    assert!(again.body.contains("Nothing was done"), "{}", again.body);
    let logged: Vec<_> = app.audit_log().await.into_iter().map(|entry| entry.action).collect();
    for action in [
        AuditAction::CommentApproved,
        AuditAction::CommentRejected,
        AuditAction::CommentDeleted,
    ] {
        assert!(logged.contains(&action), "{action}");
    }
    let blocked = eve.post(&format!("{PATH}/{comment}/block"), &[]).await;
    assert_eq!(blocked.status, StatusCode::FORBIDDEN);
}

#[apply(on_both_databases)]
async fn a_publisher_blocks_an_author(engine: Engine) {
    let mut app = TestApp::with(engine, builtin).await;
    app.operator_with_password("ben", Role::Publisher).await;
    let (site, link) = open(&mut app).await;
    site.post(&link, &[("name", "Ada"), ("text", "Rude")]).await;
    let mut ben = Browser::signed_in(&site, "ben").await;
    let page = ben.get(PATH).await;
    let comment = hidden(&page.body, "comment");
    let question = ben.get(&format!("{PATH}/{comment}/block")).await;
    assert!(
        question.body.contains("Rude") && !question.body.contains(ADA),
        "{}",
        question.body
    );
    let blocked = ben.post_and_follow(&format!("{PATH}/{comment}/block"), &[]).await;
    assert!(
        blocked.body.contains("its author’s address is suppressed"),
        "{}",
        blocked.body
    );
    assert_eq!(states(&app).await, [CommentState::Rejected]);
    let own = site.post(&link, &[("name", "Ada"), ("text", "Again")]).await;
    assert!(
        !own.status.is_success() || !own.body.contains("Waits for an editor"),
        "{}",
        own.body
    );
    assert_eq!(states(&app).await.len(), 1);
    let logged: Vec<_> = app.audit_log().await.into_iter().map(|entry| entry.action).collect();
    assert!(logged.contains(&AuditAction::SuppressionAdded));
}

#[apply(on_both_databases)]
async fn without_a_provider_the_page_says_how_to_turn_comments_on(mut app: TestApp) {
    app.operator_with_password("eve", Role::Editor).await;
    let site = app.serve_site().await;
    let page = Browser::signed_in(&site, "eve").await.get(PATH).await;
    assert!(
        page.body.contains("the setting comments.provider is “none”"),
        "{}",
        page.body
    );
    assert!(page.body.contains("provider = &#34;builtin&#34;") || page.body.contains("provider = \"builtin\""));
}
