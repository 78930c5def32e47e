//! The built-in inbox: with no relay set, mail goes by real SMTP to a page of our own.

use daywire::worker::Role;
use reqwest::StatusCode;

use crate::support::{TestApp, eventually};

/// A Daywire without a relay, and one confirmation mail in its inbox. Returns the mail's page.
async fn captured(app: &mut TestApp) -> String {
    app.restart(|config| config.relays[0].url = None).await;
    app.daily().await;
    let site = app.serve().await.clone();
    site.post("/subscribe", &[("email", "ada@reader.example")]).await;
    eventually("the mail is in the inbox", || async {
        site.get("/inbox").await.body.contains("href=\"/inbox/")
    })
    .await;
    let list = site.get("/inbox").await.body;
    let mut places = list.split('"').filter(|part| part.starts_with("/inbox/"));
    places.next().expect("a mail").to_owned()
}

stories! {
    async fn captured_mail_is_listed_and_shown(app: TestApp) {
        let mut app = app;
        let page = captured(&mut app).await;
        let site = app.site();
        let list = site.get("/inbox").await;
        assert!(list.body.contains("Confirm your subscription to Daily Broadcast"), "{}", list.body);
        assert!(list.body.contains("ada@reader.example"));
        let shown = site.get(&page).await.body;
        assert!(shown.contains("<iframe") && shown.contains("sandbox"), "{shown}");
        assert!(shown.contains("https://news.example/confirm/"), "its links can be followed");
        let text = site.get(&format!("{page}?show=text")).await.body;
        assert!(text.contains("Someone, most likely you"), "{text}");
        let source = site.get(&format!("{page}?show=source")).await.body;
        assert!(source.contains("Auto-Submitted: auto-generated"), "{source}");
        assert!(app.post.taken().is_empty(), "nothing left the machine");
    }

    async fn a_captured_mail_runs_nothing(app: TestApp) {
        let mut app = app;
        let page = captured(&mut app).await;
        let html = app.site().get(&format!("{page}/html")).await;
        assert_eq!(html.status, StatusCode::OK);
        assert_eq!(html.header("content-type"), Some("text/html; charset=utf-8"));
        let policies: Vec<_> = html.headers.get_all("content-security-policy").iter().collect();
        assert_eq!(policies.len(), 1, "one policy, not two");
        let policy = html.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("sandbox; default-src 'none'") && !policy.contains("script"), "{policy}");
    }

    async fn the_inbox_is_neither_kept_nor_passed_on(app: TestApp) {
        let mut app = app;
        let page = captured(&mut app).await;
        for path in ["/inbox".to_owned(), page.clone(), format!("{page}/html")] {
            let answer = app.site().get(&path).await;
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
            assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        }
    }

    async fn every_page_says_that_mail_is_captured(app: TestApp) {
        let mut app = app;
        captured(&mut app).await;
        for path in ["/", "/subscribe/sent"] {
            assert!(app.site().get(path).await.body.contains("href=\"/inbox\""), "{path}");
        }
    }

    async fn with_a_relay_there_is_no_inbox(app: TestApp) {
        let mut app = app;
        let page = captured(&mut app).await;
        let relay = app.post.relay();
        app.restart(|config| config.relays[0].url = Some(relay)).await;
        app.serve_roles(&[Role::Web]).await;
        for path in ["/inbox".to_owned(), page.clone(), format!("{page}/html"), format!("{page}?show=source")] {
            assert_eq!(app.site().get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert!(!app.site().get("/").await.body.contains("/inbox"));
    }

    async fn a_mail_that_is_not_there_is_no_page(app: TestApp) {
        let mut app = app;
        let page = captured(&mut app).await;
        for path in ["/inbox/x", "/inbox/00000000-0000-0000-0000-000000000000", &format!("{page}/pdf")] {
            assert_eq!(app.site().get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let odd = app.site().get(&format!("{page}?show=html&show=text")).await;
        assert!(odd.status.is_client_error(), "an odd question is answered, not dropped");
    }
}
