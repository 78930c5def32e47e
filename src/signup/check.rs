//! Checks a sign-up request in a read transaction: its fields, the newsletters and topics that it names, and the state of the
//! subscriptions that it concerns and of the address's suppression, which decide on the mail.

use super::mail_cache::RequiredMail;
use super::request::{SignupError, SignupRequest};
use super::suppressed::Mailing;
use crate::app::App;
use crate::digest::topics::newsletter_topics;
use crate::domain::address::EmailAddress;
use crate::domain::states::SubscriptionState;
use crate::domain::time_zone::TimeZone;
use crate::domain::topics::{self, Topics};
use crate::store::Tx;
use crate::store::newsletters::Newsletter;
use crate::store::subscriptions::Subscription;
use crate::store::texts::SharedText;
use crate::text::html::clean_line;

/// The most characters of a name.
const MAX_NAME: usize = 100;

/// A request that passed the checks.
pub(super) struct CheckedRequest {
    pub(super) address: EmailAddress,
    pub(super) address_hash: [u8; 32],
    pub(super) name: Option<String>,
    pub(super) timezone: Option<TimeZone>,
    /// Each newsletter with the requested topics.
    pub(super) newsletters: Vec<(Newsletter, Topics)>,
    /// The words of the form, for the consent record.
    pub(super) words: Option<SharedText>,
    /// The mail that the state of the subscriptions requires.
    pub(super) mail: RequiredMail,
}

/// Checks a request. Changes nothing.
pub(super) async fn check(app: &App, request: &SignupRequest) -> Result<CheckedRequest, SignupError> {
    let address = EmailAddress::parse(&request.email)?;
    let timezone = request
        .timezone
        .as_deref()
        .map(str::trim)
        .filter(|zone| !zone.is_empty());
    let timezone = timezone
        .map(|zone| {
            zone.parse()
                .map_err(|_| SignupError::Timezone(zone.chars().take(64).collect()))
        })
        .transpose()?;
    let name = request.name.as_deref().map(clean_line).filter(|name| !name.is_empty());
    if name.as_ref().is_some_and(|name| !is_name(name)) {
        return Err(SignupError::Name);
    }
    let mut tx = app.store.read().await?;
    let newsletters = requested_newsletters(&mut tx, &request.newsletters).await?;
    let newsletters = with_topics(&mut tx, app, newsletters, &request.topics).await?;
    let address_hash = app.keys.address_hash(address.key());
    let suppression = tx.suppression(&address_hash).await?;
    let known = match tx.subscriber_by_address(&address).await? {
        Some(subscriber) => tx.subscriptions_of(subscriber.id).await?,
        None => Vec::new(),
    };
    drop(tx);
    let concerned = newsletters.iter().map(|(newsletter, _)| {
        let subscription = known.iter().find(|known| known.newsletter_id == newsletter.id);
        subscription.map_or_else(
            || Concerned {
                newsletter_name: newsletter.name.clone(),
                needs_confirmation: true,
                is_paused: false,
            },
            Concerned::from,
        )
    });
    let mailing = Mailing::of(app, suppression.as_ref());
    Ok(CheckedRequest {
        mail: required_mail(concerned, mailing),
        address_hash,
        address,
        name,
        timezone,
        words: request.words.clone().map(SharedText::new),
        newsletters,
    })
}

/// Whether a text may be a name: it is short and contains no web address. Anybody can sign up a stranger, and the name is in the `To`
/// header of the stranger's mail.
fn is_name(text: &str) -> bool {
    let lower = text.to_lowercase();
    text.chars().count() <= MAX_NAME && !lower.contains("://") && !lower.contains("www.")
}

/// A subscription that a sign-up concerns, as far as it decides on the mail.
pub(super) struct Concerned {
    pub(super) newsletter_name: String,
    pub(super) needs_confirmation: bool,
    pub(super) is_paused: bool,
}

impl From<&Subscription> for Concerned {
    fn from(subscription: &Subscription) -> Self {
        Self {
            newsletter_name: subscription.newsletter_name.clone(),
            needs_confirmation: subscription.needs_confirmation(),
            is_paused: subscription.state == SubscriptionState::Paused,
        }
    }
}

/// The mail that subscriptions require. If the address is suppressed, a confirmed subscription needs a confirmation too: only that lifts
/// the suppression.
pub(super) fn required_mail(subscriptions: impl Iterator<Item = Concerned>, mailing: Mailing) -> RequiredMail {
    let subscriptions: Vec<_> = subscriptions.collect();
    let is_suppressed = mailing == Mailing::ConfirmationOnly;
    let unconfirmed = subscriptions
        .iter()
        .filter(|concerned| concerned.needs_confirmation || is_suppressed);
    let unconfirmed: Vec<String> = unconfirmed.map(|concerned| concerned.newsletter_name.clone()).collect();
    if !unconfirmed.is_empty() {
        return RequiredMail::Confirm(unconfirmed);
    }
    let subscribed = subscriptions
        .into_iter()
        .map(|concerned| (concerned.newsletter_name, concerned.is_paused));
    RequiredMail::AlreadySubscribed(subscribed.collect())
}

async fn requested_newsletters(tx: &mut Tx, slugs: &[String]) -> Result<Vec<Newsletter>, SignupError> {
    let all = tx.public_newsletters().await?;
    if slugs.is_empty() {
        return all
            .into_iter()
            .next()
            .map(|first| vec![first])
            .ok_or(SignupError::NoNewsletter);
    }
    // The sign-up page sends an empty slug beside those that the reader chose. A request without any slug is for the first
    // newsletter. A reader who unticks all newsletters sends only the empty slug, and must not be subscribed to one.
    let slugs: Vec<_> = slugs.iter().filter(|slug| !slug.is_empty()).collect();
    if slugs.is_empty() {
        return Err(SignupError::NoneChosen);
    }
    if let Some(unknown) = slugs.iter().find(|slug| all.iter().all(|known| known.slug != ***slug)) {
        return Err(SignupError::UnknownNewsletter(unknown.chars().take(64).collect()));
    }
    // Always in the same order, so that two requests for the same reader cannot deadlock.
    let mut requested = all;
    requested.retain(|newsletter| slugs.contains(&&newsletter.slug));
    Ok(requested)
}

/// The newsletters, each with the requested topics that it offers. At least one newsletter has to offer each topic. For a newsletter
/// that offers none of them, the reader gets all topics.
async fn with_topics(
    tx: &mut Tx,
    app: &App,
    newsletters: Vec<Newsletter>,
    requested: &[String],
) -> Result<Vec<(Newsletter, Topics)>, SignupError> {
    let requested = topics::normal_list(requested);
    if requested.is_empty() {
        return Ok(newsletters
            .into_iter()
            .map(|newsletter| (newsletter, Topics::default()))
            .collect());
    }
    let mut with_offered = Vec::new();
    for newsletter in newsletters {
        let offered = newsletter_topics(tx, app, &newsletter).await?;
        with_offered.push((newsletter, offered));
    }
    let mut offered: Vec<String> = with_offered.iter().flat_map(|(_, offered)| offered.clone()).collect();
    offered.sort();
    offered.dedup();
    topics::choose(&requested, &offered)?;
    let chosen_of = |offered: &[String]| {
        let chosen: Vec<String> = requested
            .iter()
            .filter(|topic| offered.contains(topic))
            .cloned()
            .collect();
        Topics::normalised(&chosen)
    };
    Ok(with_offered
        .into_iter()
        .map(|(newsletter, offered)| {
            let chosen = chosen_of(&offered);
            (newsletter, chosen)
        })
        .collect())
}
