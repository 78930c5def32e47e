//! Writing comments, with the link that was mailed.

use std::net::IpAddr;

use super::moderation::{announce, network_permits};
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::comment::{CommentError, CommentState, CommentText};
use crate::domain::ids::{ArticleId, CommentId, SubscriberId};
use crate::domain::signed_links::{LinkPurpose, SignedLink, SignedLinkError};
use crate::domain::states::SubscriptionState;
use crate::notices::NoticeError;
use crate::store::comments::Comment;
use crate::store::rate_limits::Permit;
use crate::store::subscriptions::Subscription;
use crate::store::{StoreError, Tx, retry_on_conflict};

/// The most comments of one reader that may wait for an operator. More would hide those of others in the list.
pub const MAX_HELD: i64 = 20;

/// A reader who may comment.
#[derive(Clone, Debug)]
pub struct Author {
    /// The subscriber, to whom the link was mailed.
    pub id: SubscriberId,
    /// The name that the reader gave at the sign-up.
    pub name: Option<String>,
    /// The link, which is checked again when something is stored.
    link: SignedLink,
}

/// Why a comment was not stored.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The text or the name is not accepted.
    #[error("the comment is not accepted: {0:?}")]
    Text(Vec<CommentError>),
    /// The reader has left all newsletters or was suppressed since the page was shown.
    #[error("this reader cannot comment any more")]
    NotSubscribed,
    /// The reader, their network or all readers together wrote many comments within an hour.
    #[error("too many comments within an hour")]
    TooMany,
    /// [`MAX_HELD`] comments of the reader wait for an operator.
    #[error("{MAX_HELD} comments of this reader wait for an operator")]
    TooManyHeld,
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The notice to the operators could not be written.
    #[error(transparent)]
    Notice(#[from] NoticeError),
}

/// The reader whom a link lets comment; `None` if the reader has left all newsletters or was suppressed since.
///
/// # Errors
/// If the link was not made for this purpose, was mailed to an earlier address or has expired, or if the database fails.
pub async fn author(app: &App, token: &str) -> Result<Result<Option<Author>, SignedLinkError>, StoreError> {
    let link = match app.keys.open_link_token(LinkPurpose::Comment, token, app.clock.now()) {
        Ok(link) => link,
        Err(error) => return Ok(Err(error)),
    };
    let mut tx = app.store.read().await?;
    if let Some(subscriber) = tx.subscriber(SubscriberId(link.subject)).await?
        && !app.keys.was_mailed_to(&link, subscriber.link_recipient())
    {
        return Ok(Err(SignedLinkError::Unknown));
    }
    Ok(Ok(find_author(app, &mut tx, &link).await?))
}

/// The reader of a link. A reader may change the address because somebody else reads the old mailbox, so a link that was mailed before
/// permits nothing.
async fn find_author(app: &App, tx: &mut Tx, link: &SignedLink) -> Result<Option<Author>, StoreError> {
    let Some(subscriber) = tx.subscriber(SubscriberId(link.subject)).await? else {
        return Ok(None);
    };
    let has_subscription = !current_subscriptions(tx, subscriber.id).await?.is_empty();
    let may_comment = has_subscription
        && app.keys.was_mailed_to(link, subscriber.link_recipient())
        && !is_suppressed(app, tx, &subscriber.address).await?;
    Ok(may_comment.then_some(Author {
        id: subscriber.id,
        name: subscriber.name,
        link: *link,
    }))
}

/// The subscriptions that a subscriber has confirmed and not ended.
pub(super) async fn current_subscriptions(tx: &mut Tx, id: SubscriberId) -> Result<Vec<Subscription>, StoreError> {
    let is_current = |state| matches!(state, SubscriptionState::Confirmed | SubscriptionState::Paused);
    let subscriptions = tx.subscriptions_of(id).await?.into_iter();
    Ok(subscriptions
        .filter(|subscription| is_current(subscription.state))
        .collect())
}

/// Whether an address is suppressed. Operators suppress the address of a reader whose comments they do not want.
pub(super) async fn is_suppressed(app: &App, tx: &mut Tx, address: &EmailAddress) -> Result<bool, StoreError> {
    let suppression = tx.suppression(&app.keys.address_hash(address.key())).await?;
    Ok(suppression.is_some())
}

/// Stores a comment, which is held for an operator.
///
/// # Errors
/// [`WriteError`]; then nothing is stored.
pub async fn write(
    app: &App,
    author: &Author,
    article: ArticleId,
    name: &str,
    body: &str,
    network: IpAddr,
) -> Result<CommentId, WriteError> {
    let limits = &app.config.comments;
    let text = CommentText::parse(name, body, limits.max_length).map_err(WriteError::Text)?;
    let now = app.clock.now();
    let mut permits = network_permits(app, network);
    permits.extend([
        Permit {
            key: app.keys.limit_key("comment", &[author.id.0.as_bytes()]),
            per_hour: limits.per_reader_per_hour,
        },
        Permit {
            key: app.keys.limit_key("comments", &[]),
            per_hour: limits.per_hour,
        },
    ]);
    let comment = Comment {
        id: CommentId(app.rng.uuid(now)),
        article_id: article,
        subscriber_id: author.id,
        name: text.name().to_owned(),
        body: text.body().to_owned(),
        state: CommentState::Held,
        created_at: now,
        decided_at: None,
        reports: 0,
    };
    // The reader may be erased meanwhile.
    let is_race = |error: &WriteError| match error {
        WriteError::Store(error) | WriteError::Notice(NoticeError::Store(error)) => error.is_race(),
        _ => false,
    };
    retry_on_conflict(is_race, || async {
        let mut tx = app.store.write().await?;
        if find_author(app, &mut tx, &author.link).await?.is_none() {
            return Err(WriteError::NotSubscribed);
        }
        if tx.held_comments_of(author.id).await? >= MAX_HELD {
            return Err(WriteError::TooManyHeld);
        }
        tx.add_comment(&comment).await?;
        if !tx.take_permits(&permits, now).await? {
            return Err(WriteError::TooMany);
        }
        announce(&mut tx, app).await?;
        tx.commit().await?;
        Ok(())
    })
    .await?;
    app.transactional_wakeup.notify_one();
    tracing::info!(comment.id = %comment.id, "comment held");
    Ok(comment.id)
}

/// Deletes a comment of this reader. Returns false if there is no such comment.
///
/// # Errors
/// If the database fails.
pub async fn delete_own(app: &App, author: &Author, id: CommentId) -> Result<bool, StoreError> {
    let mut tx = app.store.write().await?;
    if find_author(app, &mut tx, &author.link).await?.is_none() {
        return Ok(false);
    }
    let deleted = tx.delete_own_comment(id, author.id).await?;
    tx.commit().await?;
    if deleted {
        tracing::info!(comment.id = %id, "comment deleted by its author");
    }
    Ok(deleted)
}
