//! What programs read by the API: newsletters and their next runs, feeds, statistics, returned mail.

use chrono::{DateTime, Utc};
use daywire::ingest::adding_feeds::add_feed;
use serde_json::{Value, json};

use crate::support::api::Api;

#[apply(on_both_databases)]
async fn newsletters_have_settings_counts_and_next_runs(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.apply("slug = \"evening\"\nname = \"Evening\"\nschedule = \"0 18 * * *\"\ntimezone = \"Europe/Berlin\"\nskip = [\"sat\"]")
        .await;
    let api = Api::of(&mut app).await;
    let first = api.get("/api/v1/newsletters?limit=1").await;
    assert_eq!(
        (&first["items"][0]["slug"], &first["next"]),
        (&json!("daily"), &json!("daily"))
    );
    let second = api.get("/api/v1/newsletters?limit=1&after=daily").await;
    assert_eq!(
        (&second["items"][0]["schedule"], &second["next"]),
        (&json!("0 18 * * *"), &Value::Null)
    );

    let shown = api.get("/api/v1/newsletters/daily").await;
    assert_eq!(
        (&shown["settings"]["name"], &shown["subscriptions"]["confirmed"]),
        (&json!("Daily Broadcast"), &json!(2))
    );
    let evening = api.get("/api/v1/newsletters/evening").await;
    assert_eq!(
        (&evening["settings"]["timezone"], &evening["settings"]["approval"]),
        (&json!("Europe/Berlin"), &json!("auto"))
    );
    let runs = api.get("/api/v1/newsletters/evening/runs?count=3").await;
    let runs = runs["items"].as_array().expect("a list of runs");
    assert_eq!(runs.len(), 3);
    for run in runs {
        let time = |name: &str| run[name].as_str().expect("a time").to_owned();
        let due: DateTime<Utc> = time("due").parse().expect("a time");
        assert!(due > app.now(), "{run}");
        assert!(time("local").contains("T18:00:00+0"), "{run}");
    }
    assert_eq!(api.get("/api/v1/newsletters/daily/runs").await["items"], json!([]));
    for path in ["/api/v1/newsletters/none", "/api/v1/newsletters/none/runs"] {
        api.json(reqwest::Method::GET, path, &[], &Value::Null, 404).await;
    }
}

#[apply(on_both_databases)]
async fn feeds_are_listed_in_the_order_in_which_they_were_added(mut app: TestApp) {
    let daily = app.daily().await;
    let mut tx = app.app.store.write().await.expect("the database answers");
    for name in ["one", "two", "three"] {
        let url = format!("https://{name}.example/rss")
            .parse()
            .expect("the address is valid");
        add_feed(&mut tx, &app.app, daily.id, &url, name)
            .await
            .expect("the feed is added");
        app.advance(chrono::TimeDelta::seconds(1));
    }
    tx.commit().await.expect("the transaction commits");
    let api = Api::of(&mut app).await;
    let (mut titles, mut path) = (Vec::new(), "/api/v1/feeds?limit=2".to_owned());
    loop {
        let page = api.get(&path).await;
        for feed in page["items"].as_array().expect("a list of feeds") {
            assert_eq!(feed["newsletters"], json!(["daily"]), "{feed}");
            let shown = api
                .get(&format!("/api/v1/feeds/{}", feed["id"].as_str().expect("an id")))
                .await;
            assert_eq!(shown, *feed);
            titles.push(feed["title"].clone());
        }
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/feeds?limit=2&after={next}");
    }
    assert_eq!(titles, ["one", "two", "three"]);
}

#[apply(on_both_databases)]
async fn statistics_count_by_day_and_newsletter(mut app: TestApp) {
    app.daily().await;
    app.serve().await;
    app.sign_up("ada@reader.example").await;
    let api = Api::of(&mut app).await;
    let today = api.get("/api/v1/statistics?days=1").await;
    let day = &today["items"][0];
    assert_eq!(
        (&day["newsletter"], &day["events"]["asked"]),
        (&json!("daily"), &json!(1)),
        "{today}"
    );
    assert_eq!(day["day"], app.now().format("%Y-%m-%d").to_string());
    assert_eq!(
        api.get("/api/v1/returned-mail").await,
        json!({ "items": [], "next": null })
    );
}
