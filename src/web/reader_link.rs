//! The reader that a link belongs to, and mailing a link that permits more.
//!
//! Two kinds of links open the pages of a reader. The one in a digest permits to leave and to pause, because a digest may have been
//! forwarded. The other is mailed for the purpose, works for `privacy.link_ttl`, and opens all subscriptions.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};

use super::error::WebError;
use super::error_pages::explained;
use super::links::{encode, erased, no_subscription};
use super::pages::Site;
use super::state::Web;
use crate::domain::address::EmailAddress;
use crate::domain::ids::SubscriberId;
use crate::domain::signed_links::{LinkPurpose, SignedLink, SignedLinkError};
use crate::privacy::{self, LinkMailError, LinkRefusal, MailedLink, RequestedBy};
use crate::store::StoreError;
use crate::store::subscribers::Subscriber;
use crate::store::subscriptions::Subscription;
use crate::unsubscribe;

/// The reader of a link, and how much the link permits.
pub(super) struct LinkSubscriber {
    pub(super) id: SubscriberId,
    pub(super) address: EmailAddress,
    /// The subscription whose mails have the link. `None` for a link to all subscriptions.
    pub(super) subscription: Option<Subscription>,
}

impl LinkSubscriber {
    pub(super) const fn may_change_all(&self) -> bool {
        self.subscription.is_none()
    }
}

/// Why a mailed link does not work.
enum LinkFailure {
    Expired,
    /// It was not made here for this purpose.
    Unknown,
    /// It was mailed to an address that the subscriber does not have any more.
    FormerAddress,
    /// It was made here, and the subscriber is not on record any more.
    Erased,
    /// It exports or erases, and the address was changed. The old address can undo that until then.
    AddressChanged(DateTime<Utc>),
}

impl From<LinkRefusal> for LinkFailure {
    fn from(refusal: LinkRefusal) -> Self {
        match refusal {
            LinkRefusal::FormerAddress => Self::FormerAddress,
            LinkRefusal::Erased => Self::Erased,
            LinkRefusal::AddressChanged { until } => Self::AddressChanged(until),
        }
    }
}

/// Opens a link that was mailed for one purpose. Its subscriber may have another address by now.
fn open_link(web: &Web, purpose: LinkPurpose, token: &str) -> Result<SignedLink, LinkFailure> {
    let opened = web.app.keys.open_link_token(purpose, token, web.app.clock.now());
    opened.map_err(|error| match error {
        SignedLinkError::Expired => LinkFailure::Expired,
        SignedLinkError::Unknown => LinkFailure::Unknown,
    })
}

/// A link that was mailed for one purpose, or the page that says why it does not work.
pub(super) fn link_of(web: &Web, site: &Site, purpose: LinkPurpose, token: &str) -> Result<SignedLink, WebError> {
    match open_link(web, purpose, token) {
        Ok(link) => Ok(link),
        Err(failure) => Err(failed_link(web, site, purpose, &failure)?),
    }
}

/// The page for a link that was made here and does not export or erase now.
pub(super) fn refused(
    web: &Web,
    site: &Site,
    purpose: LinkPurpose,
    refusal: LinkRefusal,
) -> Result<WebError, WebError> {
    failed_link(web, site, purpose, &refusal.into())
}

/// The subscriber of a link to all subscriptions.
async fn open_mailed_link(
    web: &Web,
    purpose: LinkPurpose,
    token: &str,
) -> Result<Result<Subscriber, LinkFailure>, StoreError> {
    let keys = &web.app.keys;
    let link = match open_link(web, purpose, token) {
        Ok(link) => link,
        Err(failure) => return Ok(Err(failure)),
    };
    let found = web
        .app
        .store
        .read()
        .await?
        .subscriber(SubscriberId(link.subject))
        .await?;
    Ok(match found {
        Some(subscriber) if keys.was_mailed_to(&link, subscriber.link_recipient()) => Ok(subscriber),
        Some(_) => Err(LinkFailure::FormerAddress),
        None => Err(LinkFailure::Erased),
    })
}

/// The page for a mailed link that does not work.
fn failed_link(web: &Web, site: &Site, purpose: LinkPurpose, failure: &LinkFailure) -> Result<WebError, WebError> {
    let words = &site.words;
    let new_link = || match purpose {
        LinkPurpose::Manage => words.new_link_next(),
        // The lost link opens the page that mails links to export and to erase.
        _ => words.new_data_link_next(),
    };
    let (status, texts) = match failure {
        LinkFailure::Expired => {
            let happened = words.short_link_expired_happened(words.within(web.app.config.privacy.link_ttl));
            (
                StatusCode::GONE,
                [words.short_link_expired_title(), happened, new_link()],
            )
        }
        LinkFailure::Unknown => {
            let texts = [
                words.bad_link_title(),
                words.bad_link_happened(),
                words.open_link_again_next(),
            ];
            (StatusCode::NOT_FOUND, texts)
        }
        LinkFailure::FormerAddress => {
            let happened = words.link_former_address_happened();
            (StatusCode::GONE, [words.bad_link_title(), happened, new_link()])
        }
        LinkFailure::Erased => return Ok(WebError::answered(erased(site.clone())?)),
        LinkFailure::AddressChanged(until) => return Ok(WebError::answered(address_changed(site, *until)?)),
    };
    Ok(WebError::answered(explained(site.clone(), status, texts)?))
}

/// The page that says until when nobody exports or erases, because the address was changed.
fn address_changed(site: &Site, until: DateTime<Utc>) -> Result<Response, WebError> {
    let words = &site.words;
    let texts = [
        words.data_held_title(),
        words.data_held_happened(words.moment(&until)),
        words.data_held_next(),
    ];
    explained(site.clone(), StatusCode::CONFLICT, texts)
}

/// The reader of a link, or the page that says why it does not work.
pub(super) async fn reader_of(web: &Web, site: &Site, token: &str) -> Result<LinkSubscriber, WebError> {
    if let Some(subscription) = unsubscribe::look_up(&web.app, token).await? {
        return Ok(LinkSubscriber {
            id: subscription.subscriber_id,
            address: subscription.address.clone(),
            subscription: Some(subscription),
        });
    }
    match open_mailed_link(web, LinkPurpose::Manage, token).await? {
        Ok(subscriber) => Ok(LinkSubscriber {
            id: subscriber.id,
            address: subscriber.address,
            subscription: None,
        }),
        // The page says how to unsubscribe: the link may be a damaged one of a digest.
        Err(LinkFailure::Unknown) => Err(WebError::answered(no_subscription(web, site.clone(), token)?)),
        Err(failure) => Err(failed_link(web, site, LinkPurpose::Manage, &failure)?),
    }
}

/// The reader of a link to all subscriptions. For the link of a digest, that link is mailed, and the answer says so.
pub(super) async fn managing_reader_of(web: &Web, site: &Site, token: &str) -> Result<LinkSubscriber, WebError> {
    let reader = reader_of(web, site, token).await?;
    if reader.may_change_all() {
        return Ok(reader);
    }
    let answer = mail_link(web, site.clone(), token, &reader, MailedLink::Manage).await?;
    Err(WebError::answered(answer))
}

/// Mails a link to the reader, and shows where to look for it.
pub(super) async fn mail_link(
    web: &Web,
    site: Site,
    token: &str,
    reader: &LinkSubscriber,
    link: MailedLink,
) -> Result<Response, WebError> {
    let by = if reader.may_change_all() {
        RequestedBy::MailedLink
    } else {
        RequestedBy::DigestLink
    };
    match privacy::request_link(&web.app, reader.id, by, link).await {
        // A page that is loaded again must not mail again.
        Ok(()) => Ok(Redirect::to(&format!("/preferences/{}/sent", encode(token))).into_response()),
        Err(LinkMailError::Store(error)) => Err(error.into()),
        Err(LinkMailError::Template(error)) => Err(error.into()),
        Err(LinkMailError::Refused(refusal)) => Err(refused(web, &site, link.purpose(), refusal)?),
        Err(LinkMailError::TooMany) => {
            let words = &site.words;
            let texts = [
                words.too_many_requests_title(),
                words.too_many_links_happened(),
                words.too_many_links_next(),
            ];
            explained(site, StatusCode::TOO_MANY_REQUESTS, texts)
        }
    }
}
