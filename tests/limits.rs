//! How many sign-ups are taken, and whose word counts about where they come from.

use daywire::domain::states::SubscriptionState;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::TestApp;

/// A site that takes two sign-ups an hour from a network, behind a proxy on this machine or not.
async fn two_an_hour(app: &mut TestApp, trusted: bool) {
    app.restart(|config| {
        config.signup.limits.per_network_per_hour = 2;
        if trusted {
            config.http.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
        }
    })
    .await;
    app.daily().await;
    app.serve_site().await;
}

stories! {
    async fn a_network_that_asks_too_often_is_told_when_to_come_back(app: TestApp) {
        let mut app = app;
        two_an_hour(&mut app, false).await;
        let site = app.site();
        for n in 0..2 {
            let taken = site.post("/subscribe", &[("email", &format!("reader{n}@reader.example"))]).await;
            assert_eq!(taken.status, StatusCode::SEE_OTHER);
        }
        let before = app.dump().await;
        let refused = site.post("/subscribe", &[("email", "ada@reader.example")]).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.header("retry-after"), Some("300"));
        assert!(refused.body.contains("Too many requests"), "{}", refused.body);

        let refused = site.post_json("/api/v1/subscriptions", &json!({ "email": "ada@reader.example" })).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.header("retry-after"), Some("300"));
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        assert_eq!(app.dump().await, before);
    }

    async fn a_flood_of_addresses_of_one_domain_is_stopped(app: TestApp) {
        let mut app = app;
        app.restart(|config| config.signup.limits.per_domain_per_hour = 1).await;
        app.daily().await;
        let site = app.serve_site().await;
        let mut statuses = Vec::new();
        for email in ["a@victim.example", "b@VICTIM.example", "c@reader.example"] {
            statuses.push(site.post("/subscribe", &[("email", email)]).await.status.as_u16());
        }
        assert_eq!(statuses, [303, 429, 303]);
    }

    async fn a_trusted_proxy_is_believed_about_who_asks(app: TestApp) {
        let mut app = app;
        two_an_hour(&mut app, true).await;
        for (n, network) in ["192.0.2.1", "192.0.2.2", "198.51.100.1"].iter().enumerate() {
            let taken = app.site().sign_up_for(&format!("reader{n}@reader.example"), network).await;
            assert_eq!(taken.status, StatusCode::SEE_OTHER);
        }
        // Who asks may write what they like to the left of what the proxy adds.
        let forged = app.site().sign_up_for("ada@reader.example", "203.0.113.9, 192.0.2.3").await;
        assert_eq!(forged.status, StatusCode::TOO_MANY_REQUESTS);
        let consent = app.rows("consent_records").await;
        for address in ["192.0.2.1", "192.0.2.2", "198.51.100.1"] {
            assert!(consent.iter().any(|row| row.contains(address)), "{address} is on record");
        }
    }

    async fn a_stranger_is_not_believed_about_who_asks(app: TestApp) {
        let mut app = app;
        two_an_hour(&mut app, false).await;
        let mut statuses = Vec::new();
        for (n, network) in ["192.0.2.1", "198.51.100.1", "203.0.113.1"].iter().enumerate() {
            let answer = app.site().sign_up_for(&format!("reader{n}@reader.example"), network).await;
            statuses.push(answer.status.as_u16());
        }
        assert_eq!(statuses, [303, 303, 429]);
        let consent = app.rows("consent_records").await.join("\n");
        assert!(consent.contains("127.0.0.1") && !consent.contains("192.0.2.1"), "{consent}");
    }

    async fn opening_pages_is_not_limited(app: TestApp) {
        let mut app = app;
        two_an_hour(&mut app, false).await;
        for _ in 0..20 {
            assert_eq!(app.site().get("/subscribe").await.status, StatusCode::OK);
        }
        app.site().post("/subscribe", &[("email", "ada@reader.example")]).await;
        assert_eq!(app.standing("ada@reader.example").await, Some(SubscriptionState::Pending));
    }
}
