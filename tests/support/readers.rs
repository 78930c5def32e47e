//! Readers: imported, asked to confirm, paused, suppressed and gone.

use std::io::Cursor;

use chrono::{DateTime, TimeDelta, Utc};
use daywire::domain::address::EmailAddress;
use daywire::domain::consent::ConsentSource;
use daywire::domain::ids::SubscriptionId;
use daywire::domain::signed_links::LinkPurpose;
use daywire::domain::states::{Cadence, SubscriptionState, SuppressionReason};
use daywire::domain::topics::Topics;
use daywire::import::{Options, import};
use daywire::signup::{SentForm, ShownWords, SignupRequest};
use daywire::store::consent_records::ConsentRecord;
use daywire::store::newsletters::Newsletter;
use daywire::store::preferences::PreferencesUpdate;
use daywire::store::subscriptions::Subscription;
use daywire::words::Language;
use uuid::Uuid;

use super::TestApp;

/// A sign-up for the first newsletter, as a program makes it through the API.
pub fn request_by_program(email: &str) -> SignupRequest {
    SignupRequest {
        email: email.to_owned(),
        newsletters: Vec::new(),
        name: None,
        timezone: None,
        topics: Vec::new(),
        cadence: None,
        language: None,
        source: ConsentSource::Api,
        words: ShownWords::Unknown,
        network: None,
        honeypot_filled: false,
        form: SentForm::NotOurs,
        proof: None,
    }
}

impl TestApp {
    /// Imports `count` confirmed readers, `reader0@reader.example` and on.
    pub async fn readers(&self, newsletter: &Newsletter, count: usize) {
        self.readers_at(newsletter, "reader.example", count).await;
    }

    /// [`readers`](Self::readers) at another domain.
    pub async fn readers_at(&self, newsletter: &Newsletter, domain: &str, count: usize) {
        let csv: String = std::iter::once("email".to_owned())
            .chain((0..count).map(|n| format!("reader{n}@{domain}")))
            .collect::<Vec<_>>()
            .join("\n");
        let options = Options {
            confirmed: true,
            provenance: Some("the test says so".into()),
            ..Options::default()
        };
        let report = import(&self.app, newsletter, Cursor::new(csv), &options).await;
        assert_eq!(report.expect("the readers are imported").added, count);
    }

    /// Adds a confirmed reader whose address is suppressed, so that an issue has a recipient and sends no mail.
    pub async fn silent_reader(&self, newsletter: &Newsletter) {
        self.readers_at(newsletter, "silent.example", 1).await;
        self.suppress("reader0@silent.example", "the test says so").await;
    }

    /// Signs an address up to the first newsletter. Returns the confirmation link of the mail.
    pub async fn sign_up(&self, address: &str) -> String {
        self.site().post("/subscribe", &[("email", address)]).await;
        self.relay.link_for(address, "/confirm/").await
    }

    /// The subscriptions of an address, ordered by the slug of the newsletter.
    pub async fn subscriptions(&self, address: &str) -> Vec<Subscription> {
        let address = EmailAddress::parse(address).expect("the address is valid");
        let mut tx = self.app.store.read().await.expect("the database answers");
        let subscriber = tx.subscriber_by_address(&self.app.keys, &address).await;
        match subscriber.expect("the subscriber is read") {
            Some(subscriber) => {
                let subscriptions = tx.subscriptions_of(subscriber.id).await;
                subscriptions.expect("the subscriptions are listed")
            }
            None => Vec::new(),
        }
    }

    /// The first subscription of an address, which must have one.
    pub async fn subscription(&self, address: &str) -> SubscriptionId {
        let subscriptions = self.subscriptions(address).await;
        subscriptions.first().expect("the address has a subscription").id
    }

    /// The state of an address's first subscription.
    pub async fn subscription_state(&self, address: &str) -> Option<SubscriptionState> {
        let subscriptions = self.subscriptions(address).await;
        subscriptions.first().map(|subscription| subscription.state)
    }

    /// The consent record of an address's first subscription.
    pub async fn consent(&self, address: &str) -> Vec<ConsentRecord> {
        let subscription = self.subscription(address).await;
        let mut tx = self.app.store.read().await.expect("the database answers");
        tx.consent_of(subscription).await.expect("the record is read")
    }

    /// The path of the link by which an address leaves its first newsletter.
    pub async fn unsubscribe_path(&self, address: &str) -> String {
        let token = self.app.keys.unsubscribe_token(self.subscription(address).await);
        format!("/unsubscribe/{token}")
    }

    /// The path of the page on which an address changes everything. The link works for a year.
    pub async fn manage_path(&self, address: &str) -> String {
        let subscriptions = self.subscriptions(address).await;
        let subscription = subscriptions.first().expect("the address has a subscription");
        let token = self
            .link_to(address, LinkPurpose::Manage, subscription.subscriber_id.0)
            .await;
        format!("/preferences/{token}")
    }

    /// The token of a link for one purpose that is mailed to an address now. It works for a year.
    pub async fn link_to(&self, address: &str, purpose: LinkPurpose, subject: Uuid) -> String {
        let address = EmailAddress::parse(address).expect("the address is valid");
        let mut tx = self.app.store.read().await.expect("the database answers");
        let found = tx
            .subscriber_by_address(&self.app.keys, &address)
            .await
            .expect("the subscriber is read");
        let subscriber = found.expect("the address has a subscriber");
        let expires_at = self.now() + TimeDelta::days(365);
        self.app
            .keys
            .link_token(purpose, subject, Some(subscriber.link_recipient()), expires_at)
    }

    /// The path of the page with all settings of an address's first newsletter.
    pub async fn settings_path(&self, address: &str) -> String {
        let subscriptions = self.subscriptions(address).await;
        let subscription = subscriptions.first().expect("the address has a subscription");
        format!(
            "{}/newsletters/{}",
            self.manage_path(address).await,
            subscription.newsletter_slug
        )
    }

    /// Sets the topics and the cadence of an address's first subscription.
    pub async fn prefer(&self, address: &str, topics: &[&str], cadence: Option<Cadence>) {
        let topics: Vec<String> = topics.iter().map(|topic| (*topic).to_owned()).collect();
        let preferences = PreferencesUpdate {
            topics: Some(Topics::normalised(&topics)),
            cadence,
            language: None,
        };
        let subscription = self.subscription(address).await;
        let mut tx = self.app.store.write().await.expect("the database answers");
        let set = tx.set_preferences(subscription, &preferences).await;
        set.expect("the preferences are stored");
        tx.commit().await.expect("the transaction commits");
    }

    /// Sets the language of an address's first subscription.
    pub async fn speak(&self, address: &str, language: Language) {
        let preferences = PreferencesUpdate {
            language: Some(language),
            ..PreferencesUpdate::default()
        };
        let subscription = self.subscription(address).await;
        let mut tx = self.app.store.write().await.expect("the database answers");
        let set = tx.set_preferences(subscription, &preferences).await;
        set.expect("the language is stored");
        tx.commit().await.expect("the transaction commits");
    }

    /// Pauses an address's first subscription.
    pub async fn pause(&self, address: &str, until: DateTime<Utc>) {
        let subscription = self.subscription(address).await;
        let mut tx = self.app.store.write().await.expect("the database answers");
        let paused = tx.pause_subscription(subscription, until, self.now()).await;
        assert!(paused.expect("the pause is stored"), "{address} was not confirmed");
        tx.commit().await.expect("the transaction commits");
    }

    pub async fn suppress(&self, address: &str, reason: &str) {
        let address = EmailAddress::parse(address).expect("the address is valid");
        let hash = self.app.keys.address_hash(address.key());
        let mut tx = self.app.store.write().await.expect("the database answers");
        let suppressed = tx
            .suppress(&hash, SuppressionReason::Operator, reason, self.now())
            .await;
        suppressed.expect("the suppression is stored");
        tx.commit().await.expect("the transaction commits");
    }

    /// Unsubscribes an address from its first newsletter.
    pub async fn leave(&self, address: &str) {
        let subscription = self.subscription(address).await;
        let source = ConsentSource::Other("test".to_owned());
        let left = daywire::unsubscribe::unsubscribe(&self.app, subscription, &source, None).await;
        assert!(left.expect("the request is stored"), "{address} left before");
    }
}
