//! A reader signs up and confirms by the mailed link.

use daywire::domain::address::EmailAddress;
use daywire::domain::states::SubscriptionState;
use reqwest::StatusCode;

use crate::support::TestApp;

stories! {
    async fn a_reader_signs_up_and_confirms_by_the_mailed_link(app: TestApp) {
        let mut app = app;
        app.daily().await;
        let site = app.serve().await.clone();
        let sent = site.post("/subscribe", &[("email", "Ada@Reader.example"), ("newsletter", "daily")]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
        assert_eq!(sent.header("location"), Some("/subscribe/sent"));

        let link = app.post.link_for("Ada@reader.example", "/confirm/").await;
        assert!(site.get(&link).await.body.contains("<button"));
        assert_eq!(state(&app, "ada@reader.example").await, Some(SubscriptionState::Pending));
        assert_eq!(site.post(&link, &[]).await.status, StatusCode::OK);
        assert_eq!(state(&app, "ada@reader.example").await, Some(SubscriptionState::Confirmed));
    }
}

async fn state(app: &TestApp, address: &str) -> Option<SubscriptionState> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let address = EmailAddress::parse(address).expect("an address");
    let subscriber = tx.subscriber_by_address(&address).await.expect("an answer")?;
    tx.subscriptions_of(subscriber.id)
        .await
        .expect("an answer")
        .first()
        .map(|subscription| subscription.state)
}
