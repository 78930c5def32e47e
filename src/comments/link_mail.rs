//! The mail with the link that lets a reader comment.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::moderation::network_permits;
use super::writing::{current_subscriptions, is_suppressed};
use crate::app::App;
use crate::domain::address::{AddressError, EmailAddress};
use crate::domain::signed_links::LinkPurpose;
use crate::domain::states::MailKind;
use crate::domain::time::time_delta;
use crate::signup::mailbox_limits::MailboxLimit;
use crate::signup::subscription_mail::{self, MailCause, SubscriptionMailLink, SubscriptionMailView};
use crate::signup::subscription_mail_queue::{RenderedMail, SubscriptionMail};
use crate::store::articles::Article;
use crate::store::transactional_mails::MailLinks;
use crate::store::{StoreError, retry_on_conflict};
use crate::text::plain::one_line;
use crate::words::Words;

/// Why a request for a link was not accepted. None of the reasons reveals whether an address is known.
#[derive(Debug, thiserror::Error)]
pub enum LinkRequestError {
    /// The address cannot be mailed.
    #[error("{0}")]
    Address(#[from] AddressError),
    /// A limit is reached.
    #[error("too many requests from this network within an hour")]
    TooMany,
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail could not be rendered, which only a broken build can cause.
    #[error("the mail could not be written: {0}")]
    Template(#[from] askama::Error),
}

/// Mails a link to the address if it belongs to a reader who has confirmed a newsletter. The link opens the form for a comment on the
/// article. `words` are those of the page; the mail is in the language of the reader's subscription if that has one. The result is the
/// same for every address.
///
/// # Errors
/// [`LinkRequestError`]; then nothing is mailed.
pub async fn request_link(
    app: &App,
    words: &Words,
    address: &str,
    article: &Article,
    network: IpAddr,
) -> Result<(), LinkRequestError> {
    let address = EmailAddress::parse(address)?;
    let now = app.clock.now();
    let expires_at = now + time_delta(app.config.comments.link_ttl);
    let mut tx = app.store.read().await?;
    let subscriber = tx.subscriber_by_address(&app.keys, &address).await?;
    let (mut recipient, mut language) = (None, None);
    if let Some(subscriber) = subscriber {
        let subscriptions = current_subscriptions(&mut tx, subscriber.id).await?;
        language = subscriptions.iter().find_map(|subscription| subscription.language);
        let may_comment = !subscriptions.is_empty() && !is_suppressed(app, &mut tx, &subscriber.address).await?;
        recipient = Some(subscriber).filter(|_| may_comment);
    }
    drop(tx);
    // Rendered for every address, so that the answer for an unknown one takes as long.
    let words = language.map_or_else(|| words.clone(), |language| app.words(language));
    let mail = render(app, &words, article, expires_at)?;
    let permits = network_permits(app, network);
    let is_accepted = retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        if let Some(subscriber) = &recipient {
            SubscriptionMail {
                limit: MailboxLimit::Comments,
                kind: MailKind::Comment,
                subscriber: subscriber.id,
                recipient: &subscriber.address,
                reply_to: None,
                mail: &mail,
                links: MailLinks::Signed {
                    purpose: LinkPurpose::Comment,
                    subject: subscriber.id.0,
                },
                expires_at,
            }
            .queue(&mut tx, app, now)
            .await?;
        }
        if !tx.take_permits(&permits, now).await? {
            return Ok(false);
        }
        tx.commit().await?;
        Ok::<_, StoreError>(true)
    })
    .await?;
    if !is_accepted {
        return Err(LinkRequestError::TooMany);
    }
    app.transactional_wakeup.notify_one();
    Ok(())
}

/// Renders the mail. It contains no text that was typed into a form.
fn render(
    app: &App,
    words: &Words,
    article: &Article,
    expires_at: DateTime<Utc>,
) -> Result<RenderedMail, askama::Error> {
    let path = format!("/comment/{}/{}", subscription_mail::LINK_PLACEHOLDER, article.public_id);
    let view = SubscriptionMailView {
        subject: words.comment_mail_subject(&app.config.site.name),
        opening: words.comment_mail_opening(one_line(&article.title), words.moment(&expires_at)),
        subscriptions: Vec::new(),
        link: Some(SubscriptionMailLink {
            label: words.comment_mail_link(),
            url: app.link(&path),
        }),
        closing: words.comment_mail_closing(),
        cause: MailCause::Requested,
    };
    let (html, text) = subscription_mail::render(&app.mail_site(), words, &view)?;
    Ok(RenderedMail {
        subject: view.subject,
        html,
        text,
    })
}
