//! The mail with the link that exports or erases a subscriber. The link of a digest alone must not do that, because digests are forwarded.

use crate::app::App;
use crate::domain::signed_links::LinkPurpose;
use crate::domain::states::MailKind;
use crate::domain::time::time_delta;
use crate::signup::account_mail::{self, AccountLink, AccountView};
use crate::signup::account_queue::{AccountMail, RenderedMail};
use crate::store::subscriptions::Subscription;
use crate::store::transactional_mails::MailLinks;
use crate::store::{StoreError, retry_on_conflict};
use crate::words::Language;

/// Why no link was mailed.
#[derive(Debug, thiserror::Error)]
pub enum LinkMailError {
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
    /// It downloads everything on record about the subscriber.
    Export,
    /// It erases the subscriber.
    Erasure,
}

impl MailedLink {
    const fn purpose(self) -> LinkPurpose {
        match self {
            Self::Export => LinkPurpose::Export,
            Self::Erasure => LinkPurpose::Erasure,
        }
    }

    const fn kind(self) -> MailKind {
        match self {
            Self::Export => MailKind::Export,
            Self::Erasure => MailKind::Erasure,
        }
    }

    fn render(self, app: &App) -> Result<RenderedMail, askama::Error> {
        let site = &app.config.site.name;
        let valid_for = humantime::format_duration(app.config.privacy.link_ttl);
        let (subject, asked, label, path) = match self {
            Self::Export => (
                format!("Download your data from {site}"),
                "to download everything that is on record about you",
                "Download my data",
                "export",
            ),
            Self::Erasure => (
                format!("Erase your data at {site}"),
                "to erase everything that is on record about you",
                "Erase my data",
                "erase",
            ),
        };
        let view = AccountView {
            subject,
            opening: format!(
                "Someone, most likely you, used the link in one of your mails {asked}. Press the button on the page behind this link. It \
                 works for {valid_for}."
            ),
            subscriptions: Vec::new(),
            link: Some(AccountLink {
                label: label.to_owned(),
                url: app.link(&format!("/{path}/{}", account_mail::LINK_PLACEHOLDER)),
            }),
            closing: "If it wasn’t you, do nothing: nothing has happened. Somebody has a mail of yours, so cut the links at the foot of \
                      mails that you pass on."
                .to_owned(),
        };
        let (html, text) = account_mail::render(app, &app.words(Language::English), &view)?;
        Ok(RenderedMail {
            subject: view.subject,
            html,
            text,
        })
    }
}

/// Mails the link to the address of a subscription.
///
/// # Errors
/// [`LinkMailError`]; then nothing is mailed.
pub async fn request_link(app: &App, subscription: &Subscription, link: MailedLink) -> Result<(), LinkMailError> {
    let now = app.clock.now();
    let mail = link.render(app)?;
    let queued = retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        let queued = AccountMail {
            kind: link.kind(),
            subscriber: subscription.subscriber_id,
            recipient: &subscription.address,
            reply_to: None,
            mail: &mail,
            links: MailLinks::Signed {
                purpose: link.purpose(),
                subject: subscription.subscriber_id.0,
            },
            expires_at: now + time_delta(app.config.privacy.link_ttl),
        }
        .queue(&mut tx, app, now)
        .await?;
        tx.commit().await?;
        Ok::<_, StoreError>(queued)
    })
    .await?;
    if !queued {
        return Err(LinkMailError::TooMany);
    }
    app.transactional_wakeup.notify_one();
    Ok(())
}
