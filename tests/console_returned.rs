//! The console's pages about suppressions and returned mail.

use daywire::domain::audit::AuditAction;
use daywire::domain::role::Role;
use daywire::domain::states::IssueState;
use daywire::worker::Role as WorkerRole;
use reqwest::StatusCode;

use crate::support::TestApp;
use crate::support::operators::Browser;
use crate::support::reports::{ingest, report, return_path, set_return_path};

const SUPPRESSIONS: &str = "/admin/suppressions";
const RETURNED: &str = "/admin/returned-mail";

async fn publisher(app: &mut TestApp) -> Browser {
    app.operator_with_password("ben", Role::Publisher).await;
    let site = app.serve_site().await;
    Browser::signed_in(&site, "ben").await
}

#[apply(on_both_databases)]
async fn suppressions_are_found_added_lifted_and_downloaded(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let mut ben = publisher(&mut app).await;
    let empty = ben.get(SUPPRESSIONS).await;
    assert!(empty.body.contains("No address is suppressed."), "{}", empty.body);
    let wrong = ben
        .post(
            &format!("{SUPPRESSIONS}/add"),
            &[("address", "<b>@x"), ("reason", "asked")],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("value=\"asked\"") && !wrong.body.contains("<b>@x"),
        "{}",
        wrong.body
    );
    for address in ["reader0@reader.example", "stranger@other.example"] {
        let added = ben
            .post_and_follow(
                &format!("{SUPPRESSIONS}/add"),
                &[("address", address), ("reason", "=cmd|' /C calc'!A0")],
            )
            .await;
        assert!(added.body.contains("The address is suppressed."), "{}", added.body);
        app.advance(chrono::TimeDelta::seconds(1));
    }
    let list = ben.get(SUPPRESSIONS).await;
    assert!(list.body.contains("reader0@reader.example"), "{}", list.body);
    assert!(
        list.body.contains("no reader on record") && !list.body.contains("stranger@other.example"),
        "only the hash of a stranger is stored"
    );
    let found = ben
        .post(&format!("{SUPPRESSIONS}/find"), &[("find", "Stranger@Other.example")])
        .await;
    assert!(found.body.contains("An operator suppressed it"), "{}", found.body);
    let not = ben
        .post(&format!("{SUPPRESSIONS}/find"), &[("find", "ada@other.example")])
        .await;
    assert!(not.body.contains("This address is not suppressed."), "{}", not.body);
    let nonsense = ben.post(&format!("{SUPPRESSIONS}/find"), &[("find", "' OR 1=1")]).await;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);

    let csv = ben.post(&format!("{SUPPRESSIONS}/export"), &[]).await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(csv.body.lines().count(), 3, "{}", csv.body);
    assert!(!csv.body.contains(",=cmd"), "{}", csv.body);

    let hash = found
        .body
        .split_once("name=\"hash\" value=\"")
        .expect("a form lifts it")
        .1;
    let hash = hash.split_once('"').expect("the hash ends").0.to_owned();
    let lifted = ben
        .post_and_follow(&format!("{SUPPRESSIONS}/lift"), &[("hash", &hash)])
        .await;
    assert!(lifted.body.contains("The suppression was lifted."), "{}", lifted.body);
    let slower = ben
        .post_and_follow(&format!("{SUPPRESSIONS}/lift"), &[("hash", &hash)])
        .await;
    assert!(slower.body.contains("Nothing was done"), "{}", slower.body);
    assert_eq!(
        ben.post(&format!("{SUPPRESSIONS}/lift"), &[("hash", "zz")])
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let log = app.audit_log().await;
    for action in [
        AuditAction::SuppressionAdded,
        AuditAction::SuppressionLifted,
        AuditAction::SuppressionsExported,
    ] {
        assert!(log.iter().any(|entry| entry.action == action), "{action}");
    }
    assert!(!format!("{log:?}").contains("stranger@other.example"), "{log:?}");
}

#[apply(on_both_databases)]
async fn many_suppressions_come_in_pages(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 60).await;
    for number in 0..60 {
        app.suppress(&format!("reader{number}@reader.example"), "asked").await;
    }
    let mut ben = publisher(&mut app).await;
    let mut link = Some(format!("{SUPPRESSIONS}?reason=operator"));
    let mut seen = std::collections::BTreeSet::new();
    let mut pages = 0;
    while let Some(path) = link {
        let page = ben.get(&path).await.body;
        pages += 1;
        seen.extend(
            page.split("<bdi>reader")
                .skip(1)
                .map(|rest| rest.split_once('@').expect("an address").0.to_owned()),
        );
        link = page
            .split_once("<a class=\"action\" href=\"/admin/suppressions?")
            .map(|(_, rest)| {
                rest.split_once('"')
                    .expect("the link ends")
                    .0
                    .replace("&#38;", "&")
                    .replace("&amp;", "&")
            })
            .map(|query| format!("{SUPPRESSIONS}?{query}"));
    }
    assert_eq!((seen.len(), pages), (60, 2));
    let none = ben
        .get(&format!("{SUPPRESSIONS}?reason=complaint&before=nonsense"))
        .await;
    assert!(none.body.contains("No address is suppressed."), "{}", none.body);
}

#[apply(on_both_databases)]
async fn a_report_is_explained_with_its_text_and_what_was_done(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.restart(set_return_path).await;
    app.articles(&daily, 2).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[WorkerRole::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let address = "reader0@reader.example";
    let path = return_path(&app, address);
    ingest(&app, &report(&path, address, "5.1.1", "550 5.1.1 no such <i>user</i>"));
    let mut ben = publisher(&mut app).await;
    let page = ben.get(RETURNED).await.body;
    for text in [
        address,
        "The mailbox does not exist.",
        "The address is suppressed.",
        "No limit of bounces or complaints is reached.",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("<i>user"), "{page}");
    for (query, is_listed) in [
        ("?domain=reader.example", true),
        ("?domain=other.example", false),
        ("?reason=no_mailbox", true),
        ("?reason=policy", false),
        (
            "?before=2999-01-01T00:00:00Z_ffffffff-ffff-ffff-ffff-ffffffffffff",
            true,
        ),
        (
            "?before=2001-01-01T00:00:00Z_ffffffff-ffff-ffff-ffff-ffffffffffff",
            false,
        ),
        ("?before=%27&domain=%27&reason=%27", false),
        ("?domain=%00", true),
    ] {
        let page = ben.get(&format!("{RETURNED}{query}")).await.body;
        assert_eq!(page.contains(address), is_listed, "{query}: {page}");
    }
    let link = page
        .split_once(&format!("href=\"{RETURNED}/"))
        .expect("the report has a page")
        .1;
    let id = link.split_once('"').expect("the id ends").0;
    let whole = ben.get(&format!("{RETURNED}/{id}")).await.body;
    assert!(
        whole.contains("Final-Recipient") && !whole.contains("<i>user"),
        "{whole}"
    );
    let reader = ben.post("/admin/readers", &[("search", address)]).await;
    let reader = ben
        .get(reader.header("location").expect("the reader has a page"))
        .await
        .body;
    assert!(reader.contains("The mailbox does not exist."), "{reader}");
    app.operator_with_password("eve", Role::Editor).await;
    let site = app.site().clone();
    let mut eve = Browser::signed_in(&site, "eve").await;
    for path in [SUPPRESSIONS.to_owned(), RETURNED.to_owned(), format!("{RETURNED}/{id}")] {
        assert_eq!(eve.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}
