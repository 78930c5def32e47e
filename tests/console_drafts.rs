//! The console's pages of drafts: what an editor changes, two operators at one draft, test mails, approving and sending.

use daywire::delivery::control;
use daywire::domain::audit::AuditAction;
use daywire::domain::ids::IssueId;
use daywire::domain::role::Role;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::feeds::parse::Entry;
use daywire::store::newsletters::Newsletter;
use daywire::worker::Role as WorkerRole;
use reqwest::StatusCode;

use crate::support::operators::Browser;
use crate::support::site::Answer;
use crate::support::{TestApp, entry, eventually};

const PATH: &str = "/admin/drafts/daily/1";
const APPROVED: &str = "slug = \"daily\"\nname = \"Daily\"\napproval = \"required\"\n";

const KERNEL: &str = "Kernel 7.1 released with a new scheduler";
const COUNCIL: &str = "City council postpones vote on bicycle lanes";
const COMET: &str = "Observatory spots comet beyond Neptune";
const FERRY: &str = "Ferry strike ends with a wage deal";

/// A draft of four stories from four sources, the comet first and the ferry last.
async fn draft(app: &TestApp, newsletter: &Newsletter) -> IssueId {
    for (source, title) in [
        ("Wire One", FERRY),
        ("Wire Two", COUNCIL),
        ("Wire Three", KERNEL),
        ("Wire Four", COMET),
    ] {
        let article = Entry {
            title: title.to_owned(),
            own_title: title.to_owned(),
            url: Some(format!("https://wire.example/{}", title.replace(' ', "-"))),
            summary: String::new(),
            category: None,
            language: Some("en".into()),
            ..entry(title)
        };
        app.arrive(newsletter, source, &[article]).await;
    }
    app.build(newsletter).await
}

/// The headlines in the issue, in their order.
async fn headlines(app: &TestApp, issue: IssueId) -> Vec<String> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let articles = tx.articles_of_issue(issue).await.expect("the articles are listed");
    let mut placed: Vec<_> = articles
        .into_iter()
        .filter_map(|article| Some((article.position?, article.title)))
        .collect();
    placed.sort();
    placed.into_iter().map(|(_, title)| title).collect()
}

/// How many stories are in the issue.
async fn stories(app: &TestApp, issue: IssueId) -> usize {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let stories = tx.issue_stories(issue).await.expect("the stories are listed");
    stories.iter().filter(|story| story.position.is_some()).count()
}

/// The public id of the article with a headline.
async fn id(app: &TestApp, title: &str) -> String {
    app.article_titled(title).await.public_id
}

/// The version that the forms of a page carry.
fn version(page: &Answer) -> String {
    let (_, rest) = page
        .body
        .split_once("name=\"version\" value=\"")
        .unwrap_or_else(|| panic!("no form in {}", page.body));
    rest.split_once('"').expect("the value ends").0.to_owned()
}

/// An operator at the page of the draft.
struct Desk {
    browser: Browser,
    version: String,
}

impl Desk {
    async fn of(app: &mut TestApp, name: &str, role: Role) -> Self {
        app.operator_with_password(name, role).await;
        let site = app.serve_site().await;
        let mut browser = Browser::signed_in(&site, name).await;
        let page = browser.get(PATH).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        Self {
            version: version(&page),
            browser,
        }
    }

    async fn load(&mut self) -> Answer {
        let page = self.browser.get(PATH).await;
        self.version = version(&page);
        page
    }

    /// Presses a button with the version of the page that was loaded last.
    async fn press(&mut self, button: &str, story: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = vec![("version", self.version.as_str()), ("do", button), ("story", story)];
        form.extend_from_slice(fields);
        self.browser.clone().post(&format!("{PATH}/change"), &form).await
    }

    /// Presses a button, which must work, and loads the page again.
    async fn change(&mut self, button: &str, story: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.press(button, story, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{button}: {}", answer.body);
        self.load().await
    }
}

#[apply(on_both_databases)]
async fn every_button_changes_the_draft_and_leads_back_to_the_story(mut app: TestApp) {
    let daily = app.daily().await;
    let issue = draft(&app, &daily).await;
    let mut desk = Desk::of(&mut app, "ada", Role::Editor).await;
    assert_eq!(headlines(&app, issue).await, [COMET, KERNEL, COUNCIL, FERRY]);
    let (ferry, council) = (id(&app, FERRY).await, id(&app, COUNCIL).await);

    let answer = desk.press("up", &ferry, &[]).await;
    let location = answer.header("location").expect("a redirect");
    assert_eq!(location, format!("{PATH}?done=changed&story={ferry}#story-{ferry}"));
    desk.load().await;
    assert_eq!(headlines(&app, issue).await, [COMET, KERNEL, FERRY, COUNCIL]);
    desk.change("down", &id(&app, COMET).await, &[]).await;
    assert_eq!(headlines(&app, issue).await, [KERNEL, COMET, FERRY, COUNCIL]);
    desk.change("move", &council, &[("place", "2")]).await;
    assert_eq!(headlines(&app, issue).await, [KERNEL, COUNCIL, COMET, FERRY]);
    desk.change("pin", &ferry, &[]).await;
    assert_eq!(headlines(&app, issue).await[0], FERRY);
    desk.change("unpin", &ferry, &[]).await;
    assert_ne!(headlines(&app, issue).await[0], FERRY);

    let page = desk.change("drop", &council, &[("because", "old news")]).await;
    assert!(!headlines(&app, issue).await.contains(&COUNCIL.to_owned()));
    assert!(page.body.contains("dropped by an editor: old news"), "{}", page.body);
    desk.change("put-in", &council, &[]).await;
    assert!(headlines(&app, issue).await.contains(&COUNCIL.to_owned()));

    let page = desk.change("title", &council, &[("title", "Cyclists wait")]).await;
    assert!(page.body.contains("Cyclists wait"));
    assert!(app.issue(issue).await.text.contains("Cyclists wait"));
    desk.change("title", &council, &[("title", "")]).await;
    assert!(!app.issue(issue).await.text.contains("Cyclists wait"));

    let order = headlines(&app, issue).await;
    let with = order.iter().position(|title| title != FERRY).expect("another story") + 1;
    desk.change("join", &ferry, &[("with", &with.to_string())]).await;
    assert_eq!(stories(&app, issue).await, 3);
    desk.change("split", &ferry, &[]).await;
    assert_eq!(stories(&app, issue).await, 4);

    let texts = [("subject", "{count} stories: {lead}"), ("intro", "Good morning.")];
    let page = desk.change("texts", "", &texts).await;
    assert!(page.body.contains("Good morning."));
    assert!(app.issue(issue).await.subject.starts_with("4 stories: "));
    desk.change("reset", "", &[]).await;
    assert_eq!(headlines(&app, issue).await, [COMET, KERNEL, COUNCIL, FERRY]);
    assert!(!app.issue(issue).await.text.contains("Good morning."));

    let log = app.audit_log().await;
    let edits: Vec<_> = log
        .iter()
        .filter(|entry| entry.action == AuditAction::IssueEdited)
        .collect();
    assert_eq!(edits.len(), 13);
    assert!(
        edits
            .iter()
            .all(|entry| entry.actor == "ada" && entry.object_name == "daily/1")
    );
}

#[apply(on_both_databases)]
async fn what_is_wrong_is_said_and_what_was_typed_stays(mut app: TestApp) {
    let daily = app.daily().await;
    let issue = draft(&app, &daily).await;
    let mut desk = Desk::of(&mut app, "ada", Role::Editor).await;
    let before = app.issue(issue).await;
    let comet = id(&app, COMET).await;

    let texts = [("subject", "{weather} & more"), ("intro", "Kept words.")];
    let answer = desk.press("texts", "", &texts).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("This subject cannot be used"), "{}", answer.body);
    assert!(answer.body.contains("{weather} &#38; more") || answer.body.contains("{weather} &amp; more"));
    assert!(answer.body.contains("Kept words."));
    for (button, story, fields) in [
        ("move", comet.as_str(), vec![("place", "9")]),
        ("move", comet.as_str(), vec![("place", "first")]),
        ("join", comet.as_str(), vec![("with", "")]),
        ("pin", "TX_FFFFFF", vec![]),
        ("pin", "nonsense", vec![]),
    ] {
        let answer = desk.press(button, story, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{button} {fields:?}");
        assert!(answer.body.contains("class=\"problem\""), "{button} {fields:?}");
    }
    assert_eq!(desk.press("dance", &comet, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.issue(issue).await, before);
}

#[apply(on_both_databases)]
async fn of_two_operators_at_one_draft_nobody_overwrites_the_other(mut app: TestApp) {
    let daily = app.daily().await;
    let issue = draft(&app, &daily).await;
    let mut ada = Desk::of(&mut app, "ada", Role::Editor).await;
    let mut ben = Desk::of(&mut app, "ben", Role::Publisher).await;
    let ferry = id(&app, FERRY).await;
    ada.change("pin", &ferry, &[]).await;
    let as_ada_left_it = app.issue(issue).await;

    let texts = [("subject", "Ben's own subject"), ("intro", "Ben's words")];
    let refused = ben.press("texts", "", &texts).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.body.contains("Somebody changed this draft meanwhile"),
        "{}",
        refused.body
    );
    assert!(refused.body.contains("ada changed it"), "{}", refused.body);
    // What Ben typed is on the page, for the draft as it is now.
    assert!(refused.body.contains("Ben&#39;s words"), "{}", refused.body);
    assert_eq!(app.issue(issue).await, as_ada_left_it);
    ben.version = version(&refused);
    ben.change("texts", "", &texts).await;
    assert_eq!(app.issue(issue).await.subject, "Ben's own subject");
    assert_eq!(
        headlines(&app, issue).await[0],
        FERRY,
        "the change of the other operator stays"
    );

    // An approval is news as well: without the check, a change would withdraw it unseen.
    ada.load().await;
    let approved = ben
        .browser
        .post(&format!("{PATH}/approve"), &[("version", &ben.version)])
        .await;
    assert_eq!(approved.status, StatusCode::SEE_OTHER, "{}", approved.body);
    let refused = ada.press("unpin", &ferry, &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("ben approved it"), "{}", refused.body);
    assert_eq!(app.state(issue).await, IssueState::Approved);

    // Nobody approves or sends what they have not seen.
    ada.load().await;
    ada.change("unpin", &ferry, &[]).await;
    for what in ["approve", "send", "cancel"] {
        let answer = ben
            .browser
            .post(&format!("{PATH}/{what}"), &[("version", &ben.version)])
            .await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{what}");
    }
    assert_eq!(app.state(issue).await, IssueState::Draft);
}

#[apply(on_both_databases)]
async fn a_form_that_was_open_when_the_session_ended_is_offered_again(mut app: TestApp) {
    let daily = app.daily().await;
    let issue = draft(&app, &daily).await;
    let mut desk = Desk::of(&mut app, "ada", Role::Editor).await;
    let site = app.site().clone();
    let mut nobody = Desk {
        browser: Browser::of(&site),
        version: desk.version.clone(),
    };
    let texts = [("subject", ""), ("intro", "Typed for an hour.")];
    let answer = nobody.press("texts", "", &texts).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("Typed for an hour."), "{}", answer.body);
    assert!(
        answer.body.contains(&format!("action=\"{PATH}/change\"")),
        "{}",
        answer.body
    );
    // The same form, sent again after the sign-in.
    desk.change("texts", "", &texts).await;
    assert!(app.issue(issue).await.text.contains("Typed for an hour."));
}

#[apply(on_both_databases)]
async fn an_editor_may_change_and_test_a_draft_but_neither_approve_nor_send_it(mut app: TestApp) {
    // Without a relay, mail is captured, and the site needs no name of its own.
    app.restart(|config| config.relays[0].url = None).await;
    let newsletter = app.apply(APPROVED).await;
    app.readers(&newsletter, 2).await;
    let issue = draft(&app, &newsletter).await;
    let mut editor = Desk::of(&mut app, "ada", Role::Editor).await;
    let page = editor.load().await;
    assert!(
        page.body.contains("A publisher or an owner approves it"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("/approve\"") && !page.body.contains("/send\""));
    for what in ["approve", "withdraw", "send", "cancel"] {
        let answer = editor
            .browser
            .post(&format!("{PATH}/{what}"), &[("version", &editor.version)])
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}");
    }
    assert_eq!(app.state(issue).await, IssueState::Draft);

    let mut publisher = Desk::of(&mut app, "ben", Role::Publisher).await;
    let question = publisher.browser.get(&format!("{PATH}/send")).await;
    assert!(question.body.contains("waits for approval"), "{}", question.body);
    let refused = publisher
        .browser
        .post(&format!("{PATH}/send"), &[("version", &publisher.version)])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let approved = publisher
        .browser
        .post_and_follow(&format!("{PATH}/approve"), &[("version", &publisher.version)])
        .await;
    assert!(approved.body.contains("The issue is approved"), "{}", approved.body);
    let withdrawn = publisher
        .browser
        .post_and_follow(&format!("{PATH}/withdraw"), &[])
        .await;
    assert!(
        withdrawn.body.contains("The approval was withdrawn"),
        "{}",
        withdrawn.body
    );
    publisher.load().await;
    publisher
        .browser
        .post(&format!("{PATH}/approve"), &[("version", &publisher.version)])
        .await;
    publisher.load().await;
    let question = publisher.browser.get(&format!("{PATH}/send")).await;
    assert!(question.body.contains("2 readers get it."), "{}", question.body);
    let sent = publisher
        .browser
        .post_and_follow(&format!("{PATH}/send"), &[("version", &publisher.version)])
        .await;
    assert!(sent.body.contains("The issue is being sent."), "{}", sent.body);
    assert_eq!(app.state(issue).await, IssueState::Sending);
    let actions: Vec<_> = app.audit_log().await.into_iter().map(|entry| entry.action).collect();
    assert!(actions.contains(&AuditAction::IssueSent));
    assert!(actions.contains(&AuditAction::IssueApprovalWithdrawn));
    // The page of the draft is the delivery report now.
    let moved = publisher.browser.get(PATH).await;
    assert_eq!(moved.header("location"), Some("/admin/issues/daily/1"));
    let late = editor.press("up", &id(&app, FERRY).await, &[]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("cannot be changed any more"), "{}", late.body);
    assert!(late.body.contains("ben sent it"), "{}", late.body);
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
}

#[apply(on_both_databases)]
async fn a_cancelled_draft_releases_its_articles(mut app: TestApp) {
    // Without a relay, mail is captured, and the site needs no name of its own.
    app.restart(|config| config.relays[0].url = None).await;
    let daily = app.daily().await;
    let issue = draft(&app, &daily).await;
    let mut desk = Desk::of(&mut app, "ben", Role::Publisher).await;
    let question = desk.browser.get(&format!("{PATH}/cancel")).await;
    assert!(
        question.body.contains("Its articles wait for the next issue."),
        "{}",
        question.body
    );
    let list = desk
        .browser
        .post_and_follow(&format!("{PATH}/cancel"), &[("version", &desk.version)])
        .await;
    assert!(list.body.contains("The issue was cancelled."), "{}", list.body);
    assert_eq!(app.state(issue).await, IssueState::Cancelled);
    let built = desk
        .browser
        .post_and_follow("/admin/drafts/build", &[("newsletter", "daily")])
        .await;
    assert!(built.body.contains("The draft is compiled."), "{}", built.body);
    assert!(built.body.contains(COMET));
    let nothing = desk
        .browser
        .post("/admin/drafts/build", &[("newsletter", "daily")])
        .await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        nothing.body.contains("There is nothing to send in Daily Broadcast"),
        "{}",
        nothing.body
    );
}

#[apply(on_both_databases)]
async fn a_test_mail_outlives_a_restart(mut app: TestApp) {
    let daily = app.daily().await;
    let issue = draft(&app, &daily).await;
    let mut desk = Desk::of(&mut app, "ada", Role::Editor).await;
    let wrong = desk.browser.post(&format!("{PATH}/test"), &[("to", "nobody")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("value=\"nobody\""), "{}", wrong.body);
    // Nothing sends: as if the program were stopped right after the button was pressed.
    let queued = desk
        .browser
        .post_and_follow(&format!("{PATH}/test"), &[("to", "ada@station.example")])
        .await;
    assert!(queued.body.contains("The test is on its way."), "{}", queued.body);
    assert!(
        queued.body.contains("ada@station.example: waits to be sent"),
        "{}",
        queued.body
    );
    app.restart(|_| {}).await;
    // The mail has the text of the moment when the button was pressed.
    let mut desk = {
        let site = app.serve_site().await;
        let mut browser = Browser::signed_in(&site, "ada").await;
        let version = version(&browser.get(PATH).await);
        Desk { browser, version }
    };
    desk.change("title", &id(&app, COMET).await, &[("title", "Changed later")])
        .await;
    app.serve_roles(&[WorkerRole::Sender]).await;
    eventually("the relay has the mail", || async { app.relay.received().len() == 1 }).await;
    let message = app.relay.received().remove(0);
    let text = String::from_utf8_lossy(&message.bytes).into_owned();
    assert!(text.contains("[test]") && text.contains("List-Unsubscribe:"), "{text}");
    assert!(!text.contains("Changed later"), "{text}");
    assert_eq!(
        app.count(issue, DeliveryState::Accepted).await,
        0,
        "no report counts it"
    );
    // The relay has the mail before its reply is stored.
    eventually("the reply is stored", || async {
        let mut tx = app.app.store.read().await.expect("the database answers");
        let tests = tx.test_mails(issue, 5).await.expect("the tests are listed");
        tests[0].state == DeliveryState::Accepted
    })
    .await;
}

#[apply(on_both_databases)]
async fn the_preview_is_the_mail_and_runs_nothing(mut app: TestApp) {
    let daily = app.daily().await;
    draft(&app, &daily).await;
    app.operator_with_password("nora", Role::Analyst).await;
    let site = app.serve_site().await;
    let mut nora = Browser::signed_in(&site, "nora").await;
    let mail = nora.get(&format!("{PATH}/mail")).await;
    assert_eq!(mail.status, StatusCode::OK);
    assert!(mail.body.contains(COMET));
    let policy = mail.header("content-security-policy").expect("a policy");
    assert!(
        policy.starts_with("sandbox;") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
    let readers = nora.get(&format!("{PATH}/readers")).await;
    assert!(
        readers.body.contains("Every reader gets the same issue."),
        "{}",
        readers.body
    );
    // An analyst sees the draft without buttons.
    let page = nora.get(PATH).await;
    assert!(
        !page.body.contains("name=\"do\"") && page.body.contains("1 by score"),
        "{}",
        page.body
    );
}
