//! Limits on sign-ups by network, domain and overall, and which proxies may name the client's address.

use chrono::TimeDelta;
use daywire::domain::states::SubscriptionState;
use daywire::worker::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{TestApp, eventually};

/// Serves a site that allows two sign-ups an hour from a network. If `trusted`, it trusts a local proxy.
async fn two_an_hour(app: &mut TestApp, trusted: bool) {
    app.restart(|config| {
        config.signup.limits.per_network_per_hour = 2;
        if trusted {
            config.http.trusted_proxies = vec!["127.0.0.0/8".parse().expect("the network is valid")];
        }
    })
    .await;
    app.daily().await;
    app.serve_site().await;
}

#[apply(on_both_databases)]
async fn a_network_above_its_limit_gets_a_retry_time(mut app: TestApp) {
    two_an_hour(&mut app, false).await;
    let site = app.site();
    for n in 0..2 {
        let taken = site
            .post("/subscribe", &[("email", &format!("reader{n}@reader.example"))])
            .await;
        assert_eq!(taken.status, StatusCode::SEE_OTHER);
    }
    let before = app.dump_without_counts().await;
    let refused = site.post("/subscribe", &[("email", "ada@reader.example")]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), Some("300"));
    assert!(refused.body.contains("Too many sign-ups"), "{}", refused.body);

    let refused = site
        .post_json("/api/v1/subscriptions", &json!({ "email": "ada@reader.example" }))
        .await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), Some("300"));
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    assert_eq!(app.dump_without_counts().await, before);
}

#[apply(on_both_databases)]
async fn sign_ups_of_one_domain_are_limited(mut app: TestApp) {
    app.restart(|config| config.signup.limits.per_domain_per_hour = 1).await;
    app.daily().await;
    let site = app.serve_site().await;
    let mut statuses = Vec::new();
    for email in ["a@victim.example", "b@VICTIM.example", "c@reader.example"] {
        statuses.push(site.post("/subscribe", &[("email", email)]).await.status.as_u16());
    }
    assert_eq!(statuses, [303, 429, 303]);
}

#[apply(on_both_databases)]
async fn a_trusted_proxy_names_the_address_of_the_client(mut app: TestApp) {
    two_an_hour(&mut app, true).await;
    for (n, network) in ["192.0.2.1", "192.0.2.2", "198.51.100.1"].iter().enumerate() {
        let taken = app
            .site()
            .sign_up_for(&format!("reader{n}@reader.example"), network)
            .await;
        assert_eq!(taken.status, StatusCode::SEE_OTHER);
    }
    // A client can forge the addresses to the left of the one that the proxy adds.
    let forged = app
        .site()
        .sign_up_for("ada@reader.example", "203.0.113.9, 192.0.2.3")
        .await;
    assert_eq!(forged.status, StatusCode::TOO_MANY_REQUESTS);
    let consent = app.rows("consent_records").await;
    for address in ["192.0.2.1", "192.0.2.2", "198.51.100.1"] {
        assert!(consent.iter().any(|row| row.contains(address)), "{address} is recorded");
    }
}

#[apply(on_both_databases)]
async fn an_untrusted_client_cannot_name_its_address(mut app: TestApp) {
    two_an_hour(&mut app, false).await;
    let mut statuses = Vec::new();
    for (n, network) in ["192.0.2.1", "198.51.100.1", "203.0.113.1"].iter().enumerate() {
        let answer = app
            .site()
            .sign_up_for(&format!("reader{n}@reader.example"), network)
            .await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses, [303, 303, 429]);
    let consent = app.rows("consent_records").await.join("\n");
    assert!(
        consent.contains("127.0.0.1") && !consent.contains("192.0.2.1"),
        "{consent}"
    );
}

#[apply(on_both_databases)]
async fn refused_requests_do_not_use_up_the_limits_of_others(mut app: TestApp) {
    app.restart(|config| {
        config.signup.limits.per_domain_per_hour = 2;
        config.signup.limits.per_hour = 4;
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().expect("the network is valid")];
    })
    .await;
    app.daily().await;
    let site = app.serve_site().await;
    for n in 0..20 {
        let refused = site
            .sign_up_for("a b@victim.example", &format!("2001:db8:{n}::1"))
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let request = site
            .request(Method::POST, "/subscribe")
            .header("x-forwarded-for", format!("198.51.{n}.1"));
        let trapped = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body("email=bot%40victim.example&website=x");
        assert_eq!(site.send(trapped).await.status, StatusCode::SEE_OTHER);
    }
    let mut statuses = Vec::new();
    for (n, email) in [
        "a@victim.example",
        "b@victim.example",
        "c@victim.example",
        "d@other.example",
        "e@third.example",
        "f@fourth.example",
    ]
    .iter()
    .enumerate()
    {
        statuses.push(site.sign_up_for(email, &format!("203.0.{n}.1")).await.status.as_u16());
    }
    assert_eq!(
        statuses,
        [303, 303, 429, 303, 303, 429],
        "a refused request counts only for its network"
    );
}

#[apply(on_both_databases)]
async fn refused_requests_count_for_their_network(mut app: TestApp) {
    two_an_hour(&mut app, true).await;
    let site = app.site().clone();
    let mut statuses = Vec::new();
    for email in [
        "a b@reader.example",
        "a@reader.example",
        "b@reader.example",
        "a b@reader.example",
    ] {
        statuses.push(site.sign_up_for(email, "192.0.2.1").await.status.as_u16());
    }
    assert_eq!(statuses, [422, 303, 429, 429]);
    assert_eq!(
        site.sign_up_for("b@reader.example", "192.0.3.1").await.status,
        StatusCode::SEE_OTHER
    );
}

#[apply(on_both_databases)]
async fn larger_ipv6_networks_have_limits_of_their_own(mut app: TestApp) {
    two_an_hour(&mut app, true).await;
    let site = app.site().clone();
    let mut statuses = Vec::new();
    for (n, address) in [
        // Two of a /64, four of a /56, eight of a /48.
        "2001:db8:1:1::1",
        "2001:db8:1:1::2",
        "2001:db8:1:1::3",
        "2001:db8:1:2::1",
        "2001:db8:1:3::1",
        "2001:db8:1:4::1",
        "2001:db8:1:101::1",
        "2001:db8:1:201::1",
        "2001:db8:1:301::1",
        "2001:db8:1:401::1",
        "2001:db8:1:501::1",
        "2001:db8:2:1::1",
    ]
    .iter()
    .enumerate()
    {
        statuses.push(
            site.sign_up_for(&format!("r{n}@reader.example"), address)
                .await
                .status
                .as_u16(),
        );
    }
    assert_eq!(statuses, [303, 303, 429, 303, 303, 429, 303, 303, 303, 303, 429, 303]);
}

#[apply(on_both_databases)]
async fn a_domain_has_one_limit_for_all_its_spellings(mut app: TestApp) {
    app.restart(|config| config.signup.limits.per_domain_per_hour = 3).await;
    app.daily().await;
    let site = app.serve_site().await;
    let mut statuses = Vec::new();
    for (n, domain) in [
        "victim.example",
        "VICTIM.EXAMPLE",
        "\u{ff56}ictim.example",
        "\u{1d42f}\u{1d422}ctim.example",
        "victim\u{3002}example",
        "victim\u{ff0e}example",
        "\u{24cb}ictim.example",
        "\u{2174}ictim.example",
        "\u{1d5b}ictim.example",
    ]
    .iter()
    .enumerate()
    {
        let asked = json!({ "email": format!("r{n}@{domain}") });
        statuses.push(site.post_json("/api/v1/subscriptions", &asked).await.status.as_u16());
    }
    assert_eq!(statuses, [202, 202, 202, 429, 429, 429, 429, 429, 429]);
}

#[apply(on_both_databases)]
async fn all_nodes_share_the_limits_and_a_restart_keeps_them(mut app: TestApp) {
    two_an_hour(&mut app, false).await;
    let mut other = app.another().await;
    other.serve_site().await;
    assert_eq!(
        app.site()
            .post("/subscribe", &[("email", "a@reader.example")])
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        other
            .site()
            .post("/subscribe", &[("email", "b@reader.example")])
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    for site in [app.site(), other.site()] {
        let refused = site.post("/subscribe", &[("email", "c@reader.example")]).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    }
    app.restart(|_| {}).await;
    app.serve_site().await;
    let refused = app.site().post("/subscribe", &[("email", "c@reader.example")]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    app.advance(TimeDelta::minutes(30));
    assert_eq!(
        app.site()
            .post("/subscribe", &[("email", "c@reader.example")])
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    let counts = [app.rows("rate_limits").await, app.rows("mailbox_histories").await]
        .concat()
        .join("\n");
    assert!(
        !counts.is_empty() && !counts.contains("reader") && !counts.contains("127.0.0"),
        "{counts}"
    );
}

#[apply(on_both_databases)]
async fn expired_counts_are_deleted(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    site.post("/subscribe", &[("email", "a@reader.example")]).await;
    assert_eq!(
        (
            app.rows("rate_limits").await.len(),
            app.rows("mailbox_histories").await.len()
        ),
        (4, 1)
    );
    app.stop_serving().await;
    app.advance(TimeDelta::days(8));
    app.serve_roles(&[Role::Scheduler]).await;
    eventually("the counts are deleted", || async {
        app.rows("rate_limits").await.is_empty() && app.rows("mailbox_histories").await.is_empty()
    })
    .await;
}

#[apply(on_both_databases)]
async fn opening_pages_is_not_limited(mut app: TestApp) {
    two_an_hour(&mut app, false).await;
    for _ in 0..20 {
        assert_eq!(app.site().get("/subscribe").await.status, StatusCode::OK);
    }
    app.site().post("/subscribe", &[("email", "ada@reader.example")]).await;
    assert_eq!(
        app.subscription_state("ada@reader.example").await,
        Some(SubscriptionState::Pending)
    );
}
