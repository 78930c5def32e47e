//! The language of mails to a reader that concern no single newsletter.

use crate::app::App;
use crate::digest::rules::language_of;
use crate::domain::states::SubscriptionState;
use crate::store::subscriptions::Subscription;
use crate::store::{StoreError, Tx};
use crate::words::Language;

/// The language of a reader's subscriptions, those in force first. If none has a language, that of a newsletter of theirs.
pub(crate) async fn reader_language(
    tx: &mut Tx,
    app: &App,
    subscriptions: &[Subscription],
) -> Result<Language, StoreError> {
    let mut ordered: Vec<_> = subscriptions.iter().collect();
    ordered.sort_by_key(|subscription| match subscription.state {
        SubscriptionState::Confirmed | SubscriptionState::Paused => 0,
        SubscriptionState::Pending | SubscriptionState::Unsubscribed => 1,
    });
    if let Some(language) = ordered.iter().find_map(|subscription| subscription.language) {
        return Ok(language);
    }
    match ordered.first() {
        Some(first) => Ok(language_of(app, &tx.newsletter(first.newsletter_id).await?)),
        None => Ok(app.config.site.language),
    }
}
