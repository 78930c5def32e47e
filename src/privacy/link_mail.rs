//! The mail with a link that permits more than the link of a digest: to change everything, to export or to erase. Digests are forwarded, so
//! their links alone must not do that.

use super::reader_link::{LinkRefusal, held_until};
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::ids::SubscriberId;
use crate::domain::signed_links::LinkPurpose;
use crate::domain::states::MailKind;
use crate::domain::time::time_delta;
use crate::preferences::reader_language;
use crate::signup::mailbox_limits::MailboxLimit;
use crate::signup::subscription_mail::{self, MailCause, SubscriptionMailLink, SubscriptionMailView};
use crate::signup::subscription_mail_queue::{RenderedMail, SubscriptionMail};
use crate::store::transactional_mails::MailLinks;
use crate::store::{StoreError, retry_on_conflict};
use crate::words::Words;

/// Why no link was mailed.
#[derive(Debug, thiserror::Error)]
pub enum LinkMailError {
    /// The subscriber is not on record any more, or the address was changed and the old one can still undo that.
    #[error("the link cannot be mailed now")]
    Refused(LinkRefusal),
    /// The mailbox gets no more mails today.
    #[error("this mailbox got too many mails today; try again tomorrow")]
    TooMany,
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail could not be rendered, which only a broken build can cause.
    #[error("the mail could not be written: {0}")]
    Template(#[from] askama::Error),
}

/// What a mailed link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailedLink {
    /// It opens the page on which the reader changes everything.
    Manage,
    /// It downloads everything on record about the subscriber.
    Export,
    /// It erases the subscriber.
    Erasure,
}

/// Which link a reader used to request another one. Mails for each are counted by themselves, so that a person to whom a digest was
/// forwarded cannot use up those of the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestedBy {
    /// The link in a digest or another mail.
    DigestLink,
    /// The link to all subscriptions, which was mailed for the purpose.
    MailedLink,
}

impl MailedLink {
    pub(crate) const fn purpose(self) -> LinkPurpose {
        match self {
            Self::Manage => LinkPurpose::Manage,
            Self::Export => LinkPurpose::Export,
            Self::Erasure => LinkPurpose::Erasure,
        }
    }

    const fn kind(self) -> MailKind {
        match self {
            Self::Manage => MailKind::Manage,
            Self::Export => MailKind::Export,
            Self::Erasure => MailKind::Erasure,
        }
    }

    pub(super) fn render(self, app: &App, words: &Words) -> Result<RenderedMail, askama::Error> {
        let site = &app.config.site.name;
        let within = words.within(app.config.privacy.link_ttl);
        let (subject, opening, label, path) = match self {
            Self::Manage => (
                words.manage_mail_subject(site),
                words.manage_mail_opening(within),
                words.your_subscriptions(),
                "preferences",
            ),
            Self::Export => (
                words.export_mail_subject(site),
                words.export_mail_opening(within),
                words.request_export(),
                "export",
            ),
            Self::Erasure => (
                words.erase_mail_subject(site),
                words.erase_mail_opening(within),
                words.request_erasure(),
                "erase",
            ),
        };
        let view = SubscriptionMailView {
            subject,
            opening,
            subscriptions: Vec::new(),
            link: Some(SubscriptionMailLink {
                label,
                url: app.link(&format!("/{path}/{}", subscription_mail::LINK_PLACEHOLDER)),
            }),
            closing: words.link_mail_closing(),
            cause: MailCause::Requested,
        };
        let (html, text) = subscription_mail::render(&app.mail_site(), words, &view)?;
        Ok(RenderedMail {
            subject: view.subject,
            html,
            text,
        })
    }

    /// The mail with the link to a reader, ready to be queued.
    pub(super) fn mail_to<'a>(
        self,
        app: &App,
        (reader, recipient): (SubscriberId, &'a EmailAddress),
        mail: &'a RenderedMail,
        limit: MailboxLimit,
    ) -> SubscriptionMail<'a> {
        SubscriptionMail {
            limit,
            kind: self.kind(),
            subscriber: reader,
            recipient,
            reply_to: None,
            mail,
            links: MailLinks::Signed {
                purpose: self.purpose(),
                subject: reader.0,
            },
            expires_at: app.clock.now() + time_delta(app.config.privacy.link_ttl),
        }
    }
}

/// Mails a link to the address that a reader has now.
///
/// # Errors
/// [`LinkMailError`]; then nothing is mailed.
pub async fn request_link(
    app: &App,
    reader: SubscriberId,
    by: RequestedBy,
    link: MailedLink,
) -> Result<(), LinkMailError> {
    let language = {
        let mut tx = app.store.read().await?;
        let subscriptions = tx.subscriptions_of(reader).await?;
        reader_language(&mut tx, app, &subscriptions).await?
    };
    let mail = link.render(app, &app.words(language))?;
    let limit = match by {
        RequestedBy::DigestLink => MailboxLimit::LinksByDigest,
        RequestedBy::MailedLink => MailboxLimit::Links,
    };
    let is_conflict = |error: &LinkMailError| matches!(error, LinkMailError::Store(error) if error.is_conflict());
    retry_on_conflict(is_conflict, || async {
        let mut tx = app.store.write().await?;
        let subscriber = tx.subscriber(reader).await?;
        let subscriber = subscriber.ok_or(LinkMailError::Refused(LinkRefusal::Erased))?;
        if link != MailedLink::Manage
            && let Some(until) = held_until(app, &mut tx, reader).await?
        {
            return Err(LinkMailError::Refused(LinkRefusal::AddressChanged { until }));
        }
        let mail = link.mail_to(app, (reader, &subscriber.address), &mail, limit);
        if !mail.queue(&mut tx, app, app.clock.now()).await? {
            return Err(LinkMailError::TooMany);
        }
        tx.commit().await?;
        Ok(())
    })
    .await?;
    app.transactional_wakeup.notify_one();
    Ok(())
}
