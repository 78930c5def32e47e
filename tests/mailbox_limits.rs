//! Sign-ups with the addresses of one mailbox: how many mails it gets, their content, and what is stored.

use chrono::TimeDelta;
use daywire::domain::states::SubscriptionState;
use daywire::store::Store;
use futures_util::future::join_all;
use reqwest::StatusCode;

use crate::support::{TestApp, eventually, mock_relay};

const VERA: &str = "vera@victim.example";

/// Adds `count` newsletters, `n0` and so on.
async fn newsletters(app: &TestApp, count: usize) {
    for n in 0..count {
        app.apply(&format!("slug = \"n{n}\"\nname = \"Newsletter {n}\"")).await;
    }
}

/// Minutes from now until each queued mail is due, in order.
async fn waits(app: &TestApp) -> Vec<i64> {
    const SQL: &str = "SELECT next_attempt_at FROM transactional_mails ORDER BY next_attempt_at";
    let times: Vec<chrono::DateTime<chrono::Utc>> = match &app.app.store {
        Store::Sqlite { read, .. } => sqlx::query_scalar(SQL).fetch_all(read).await,
        Store::Postgres(cluster) => sqlx::query_scalar(SQL).fetch_all(&cluster.pool()).await,
    }
    .expect("the database answers");
    times.iter().map(|time| (*time - app.now()).num_minutes()).collect()
}

#[apply(on_both_databases)]
async fn requests_for_many_newsletters_send_few_mails_to_one_mailbox(mut app: TestApp) {
    newsletters(&app, 10).await;
    let site = app.serve_site().await;
    for n in 0..10 {
        let form = [("email", VERA), ("newsletter", &format!("n{n}"))];
        assert_eq!(site.post("/subscribe", &form).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(
        waits(&app).await,
        [0, 10, 30, 70, 150],
        "each wait is twice the one before, five mails a day"
    );
    app.advance(TimeDelta::minutes(24 * 60 + 1));
    site.post("/subscribe", &[("email", VERA), ("newsletter", "n9")]).await;
    assert_eq!(waits(&app).await.last(), Some(&0), "the next day has its own limit");
}

#[apply(on_both_databases)]
async fn each_repeated_request_waits_longer(mut app: TestApp) {
    app.restart(|config| config.signup.resend_after = std::time::Duration::from_secs(1))
        .await;
    app.daily().await;
    let site = app.serve_site().await;
    for _ in 0..12 {
        site.post("/subscribe", &[("email", VERA)]).await;
        app.advance(TimeDelta::milliseconds(1_200));
    }
    assert_eq!(
        app.rows("transactional_mails").await.len(),
        4,
        "after 0, 1.2, 3.6 and 8.4 s"
    );
}

#[apply(on_both_databases)]
async fn spellings_of_one_mailbox_share_its_limit(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    for n in 0..12 {
        let dots = if n % 2 == 0 { "ver.a" } else { "v.era" };
        let domain = if n % 3 == 0 { "googlemail.com" } else { "GMail.com" };
        let email = format!("{dots}+{n}@{domain}");
        assert_eq!(
            site.post("/subscribe", &[("email", &email)]).await.status,
            StatusCode::SEE_OTHER
        );
    }
    assert_eq!(
        app.rows("transactional_mails").await.len(),
        3,
        "the rest of the limit is reserved for spellings without a tag"
    );
    for n in 0..6 {
        let email = if n % 2 == 0 {
            "ve.ra@gmail.com"
        } else {
            "v.e.r.a@googlemail.com"
        };
        site.post("/subscribe", &[("email", email)]).await;
    }
    assert_eq!(
        app.rows("transactional_mails").await.len(),
        4,
        "the last mail is reserved for the spelling without dots"
    );
    for _ in 0..3 {
        site.post("/subscribe", &[("email", "vera@gmail.com")]).await;
    }
    assert_eq!(app.rows("transactional_mails").await.len(), 5);
}

#[apply(on_both_databases)]
async fn spellings_at_proton_are_one_mailbox(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    for local in ["ve.ra", "ve-ra", "v_era", "v.e-r_a", "VE.RA"] {
        for domain in ["proton.me", "protonmail.com", "pm.me"] {
            let email = format!("{local}@{domain}");
            assert_eq!(
                site.post("/subscribe", &[("email", &email)]).await.status,
                StatusCode::SEE_OTHER
            );
        }
    }
    assert_eq!(app.rows("transactional_mails").await.len(), 4);
}

#[apply(on_both_databases)]
async fn requests_with_other_spellings_do_not_delay_the_owners_mail(mut app: TestApp) {
    newsletters(&app, 3).await;
    let site = app.serve().await.clone();
    for n in 0..12 {
        let email = format!("vera+{n}@victim.example");
        site.post("/subscribe", &[("email", &email), ("newsletter", "n0")])
            .await;
    }
    assert_eq!(waits(&app).await, [0, 10, 30]);
    site.post("/subscribe", &[("email", VERA), ("newsletter", "n1")]).await;
    let link = app.relay.link_for(VERA, "/confirm/").await;
    site.post(&link, &[]).await;
    assert_eq!(app.subscription_state(VERA).await, Some(SubscriptionState::Confirmed));
    // The total for one mailbox stays bounded.
    for n in 0..3 {
        site.post("/subscribe", &[("email", VERA), ("newsletter", &format!("n{n}"))])
            .await;
        site.post("/subscribe", &[("email", &format!("vera+new{n}@victim.example"))])
            .await;
    }
    assert_eq!(app.rows("transactional_mails").await.len(), 5);
}

#[apply(on_both_databases)]
async fn all_nodes_share_the_limit_of_a_mailbox(mut app: TestApp) {
    newsletters(&app, 12).await;
    let mut other = app.another().await;
    let sites = [app.serve_site().await, other.serve_site().await];
    let asked = (0..12).map(|n| {
        let site = &sites[n % 2];
        async move {
            let form = [
                ("email", format!("vera+{n}@victim.example")),
                ("newsletter", format!("n{n}")),
            ];
            let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
            site.post("/subscribe", &form).await.status
        }
    });
    for status in join_all(asked).await {
        assert_eq!(status, StatusCode::SEE_OTHER);
    }
    assert_eq!(waits(&app).await, [0, 10, 30]);
}

#[apply(on_both_databases)]
async fn confirming_sends_the_mail_about_a_second_newsletter_at_once(mut app: TestApp) {
    newsletters(&app, 2).await;
    let site = app.serve().await.clone();
    site.post("/subscribe", &[("email", VERA), ("newsletter", "n0")]).await;
    let first = app.relay.link_for(VERA, "/confirm/").await;
    app.advance(TimeDelta::minutes(1));
    site.post("/subscribe", &[("email", VERA), ("newsletter", "n1")]).await;
    assert_eq!(waits(&app).await.last(), Some(&9), "the wait of the first mail");
    site.post(&first, &[]).await;
    eventually("the second mail", || async { app.relay.received_for(VERA).len() == 2 }).await;
    let second = app.relay.link_for(VERA, "/confirm/").await;
    assert_ne!(first, second);
    site.post(&second, &[]).await;
    let states: Vec<_> = app
        .subscriptions(VERA)
        .await
        .iter()
        .map(|subscription| subscription.state)
        .collect();
    assert_eq!(states, [SubscriptionState::Confirmed; 2]);
}

#[apply(on_both_databases)]
async fn a_subscriber_who_signs_up_again_gets_one_mail_a_day(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let site = app.serve().await.clone();
    let form = [
        ("email", "reader0@reader.example"),
        ("name", "Claim your prize"),
        ("timezone", "Pacific/Apia"),
    ];
    let answer = site.post("/subscribe", &form).await;
    assert_eq!(answer.header("location"), Some("/subscribe/sent"));
    let leave = app.relay.link_for("reader0@reader.example", "/unsubscribe/").await;
    for _ in 0..3 {
        site.post("/subscribe", &form).await;
    }
    app.advance(TimeDelta::hours(23));
    site.post("/subscribe", &form).await;
    let mails = app.relay.received_for("reader0@reader.example");
    assert_eq!((mails.len(), app.rows("transactional_mails").await.len()), (1, 1));
    let mail = &mails[0].bytes;
    assert_eq!(
        mock_relay::parse(mail).subject(),
        Some("You are already subscribed to Daily Broadcast")
    );
    let source = String::from_utf8_lossy(mail).into_owned();
    assert!(
        source.contains("Auto-Submitted: auto-generated") && !source.contains("prize"),
        "{source}"
    );
    assert!(!source.contains("DAYWIRE_"), "every place is filled: {source}");
    let html = mock_relay::parse(mail)
        .body_html(0)
        .expect("the mail has an HTML part")
        .into_owned();
    let preferences = mock_relay::link(&mock_relay::text(mail), "/preferences/").expect("the mail has the link");
    assert!(
        html.contains(&preferences) && html.contains(&leave),
        "the same links in both parts"
    );
    assert!(
        site.get(&preferences)
            .await
            .body
            .contains("Your Daily Broadcast settings")
    );
    app.advance(TimeDelta::hours(2));
    site.post("/subscribe", &form).await;
    eventually("the next day’s mail", || async {
        app.relay.received_for("reader0@reader.example").len() == 2
    })
    .await;
    assert_eq!(site.post(&leave, &[]).await.status, StatusCode::OK);
    assert_eq!(
        app.subscription_state("reader0@reader.example").await,
        Some(SubscriptionState::Unsubscribed)
    );
}

#[apply(on_both_databases)]
async fn a_sign_up_stores_little(app: TestApp) {
    const READERS: usize = 200;
    let mut app = app;
    app.restart(|config| {
        config.signup.limits.per_network_per_hour = 1_000_000;
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().expect("the network is valid")];
    })
    .await;
    app.daily().await;
    let site = app.serve().await.clone();
    let sign_up = async |email: String, network: String| {
        site.sign_up_for(&email, &network).await;
        let link = app.relay.link_for(&email, "/confirm/").await;
        site.post(&link, &[]).await;
    };
    // The texts that all share.
    sign_up("first@reader.example".into(), "192.0.2.1".into()).await;
    let before = size(&app).await;
    for batch in 0..READERS / 20 {
        let some = (0..20).map(|n| {
            sign_up(
                format!("reader.{batch}.{n}@reader.example"),
                format!("198.51.{batch}.{n}"),
            )
        });
        join_all(some).await;
    }
    let open = "'queued'";
    eventually("each mail is recorded as sent", || async {
        app.rows("transactional_mails")
            .await
            .iter()
            .all(|row| row.contains("accepted") && !row.contains(open))
    })
    .await;
    let bytes = (size(&app).await - before) / READERS;
    println!("{bytes} bytes a sign-up that was confirmed");
    assert!(bytes <= 2_048, "{bytes} bytes a sign-up");
    let mails = app.rows("transactional_mails").await.join("\n");
    assert!(
        !mails.contains("<table") && !mails.contains("CONFIRM YOUR"),
        "no mail is stored in full"
    );
    assert_eq!(
        app.rows("texts").await.len(),
        3,
        "the words of the form, the HTML and the text of the mail"
    );
}

/// Bytes of the database: its pages on SQLite, its rows as text on PostgreSQL, which leaves dead rows in its files for a while.
async fn size(app: &TestApp) -> usize {
    match &app.app.store {
        Store::Sqlite { write, .. } => {
            let pages: i64 =
                sqlx::query_scalar("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
                    .fetch_one(write)
                    .await
                    .expect("the database answers");
            usize::try_from(pages).expect("a size")
        }
        Store::Postgres(_) => app.dump().await.values().flatten().map(String::len).sum(),
    }
}
