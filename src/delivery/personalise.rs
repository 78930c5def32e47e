//! One recipient's message: the issue's parts with the reader's own link, the headers of a list, the signature.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::digest::render::with_links;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::mail::dkim::DkimError;
use crate::mail::mailbox::{Mailbox, wire_address};
use crate::mail::message::{ListHeaders, Mail, MessageError, build};
use crate::mail::outgoing::Outgoing;
use crate::mail::smtp::Envelope;
use crate::mail::template::Template;
use crate::store::issues::Issue;
use crate::store::leases::LeasedDelivery;
use crate::store::newsletters::Newsletter;

/// Why a message could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PersonaliseError {
    /// The sender cannot be read.
    #[error("the sender “{0}” is no mailbox: write Name <address> in the newsletter's `from` or in mail.from")]
    Sender(String),
    /// The recipient cannot be read.
    #[error("the recipient's address cannot be mailed: {0}")]
    Recipient(#[from] crate::domain::address::AddressError),
    /// The message cannot be built.
    #[error(transparent)]
    Message(#[from] crate::mail::message::MessageError),
    /// It cannot be signed.
    #[error(transparent)]
    Dkim(#[from] DkimError),
    /// The key that made the confirmation link is missing.
    #[error(transparent)]
    Key(#[from] crate::domain::tokens::UnknownKey),
    /// It has a line end that is none.
    #[error(transparent)]
    Break(#[from] crate::mail::outgoing::BareBreak),
}

impl PersonaliseError {
    /// Whether only this recipient is concerned; otherwise the fault is ours, and every other message would fail too.
    #[must_use]
    pub const fn is_about_recipient(&self) -> bool {
        matches!(self, Self::Recipient(_) | Self::Message(MessageError::To(_)))
    }
}

/// What all messages of an issue share.
#[derive(Clone, Debug)]
pub struct IssueParts {
    /// The issue.
    pub issue: Issue,
    /// Its newsletter.
    pub newsletter: Newsletter,
    /// The sender's domain, as A-labels.
    domain: String,
    return_path: String,
    /// The mail to nobody: recipient, Message-ID and token are placeholders.
    mail: Mail,
    placeholder: String,
    template: Template,
}

impl IssueParts {
    /// Checks once what every message needs, and makes all of it that is the same for every reader.
    ///
    /// # Errors
    /// [`PersonaliseError::Sender`], or what keeps every message from being made.
    pub fn new(app: &App, issue: Issue, newsletter: Newsletter) -> Result<Self, PersonaliseError> {
        let unusable = |_| PersonaliseError::Sender(issue.sender.clone());
        let sender: Mailbox = issue.sender.parse().map_err(unusable)?;
        let domain = wire_address(&sender.address).map_err(unusable)?.domain().to_owned();
        let slug = &newsletter.slug;
        // A token of no subscription: as long as any other, and nobody can have written it into an article.
        let nobody = SubscriptionId(issue.id.0);
        let placeholder = app.keys.unsubscribe_token(nobody);
        let unsubscribe_url = app.link(&format!("/unsubscribe/{placeholder}"));
        let mail = Mail {
            to: Mailbox::bare(sender.address.clone()),
            reply_to: None,
            subject: issue.subject.clone(),
            // The day of the issue, not of the attempt: a second copy is the same mail.
            date: issue.started_at.unwrap_or_else(|| app.clock.now()),
            message_id: message_id(issue.id, nobody.0, &domain),
            boundary_seed: issue.id.to_string(),
            text: with_links(&issue.text, &app.link(""), &placeholder),
            html: Some(with_links(&issue.html, &app.link(""), &placeholder)),
            list: Some(ListHeaders {
                id: format!("{slug}.{}", app.config.site.url.host()),
                name: newsletter.name.clone(),
                unsubscribe_url,
                post: true,
                archive: newsletter.archive.then(|| app.link(&format!("/archive/{slug}"))),
                feedback_id: format!("{}:{slug}:digest:{domain}", issue.number),
            }),
            auto_generated: false,
            from: sender,
        };
        Ok(Self {
            template: Template::new(&mail, &placeholder)?,
            return_path: return_path(app, &mail.from),
            mail,
            placeholder,
            domain,
            issue,
            newsletter,
        })
    }
}

impl IssueParts {
    /// The message to nobody: as a reader would get it, unsigned, with the sender in the reader's place.
    ///
    /// # Errors
    /// [`PersonaliseError::Message`].
    pub fn sample(&self) -> Result<Vec<u8>, PersonaliseError> {
        Ok(build(&self.mail)?)
    }
}

/// A recipient as the message names it.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// The subscription, or the nil id for a test.
    pub subscription: SubscriptionId,
    /// What sets its Message-ID apart from those of the issue's other copies: the subscription's id, or for a test a new one.
    pub mark: Uuid,
    /// The address.
    pub address: &'a str,
    /// What to call the person.
    pub name: Option<&'a str>,
}

impl<'a> Recipient<'a> {
    /// Whom a delivery is for.
    #[must_use]
    pub fn of(delivery: &'a LeasedDelivery) -> Self {
        Self {
            subscription: delivery.subscription_id,
            mark: delivery.subscription_id.0,
            address: &delivery.address,
            name: delivery.name.as_deref(),
        }
    }
}

/// The finished message of one recipient, and its envelope: the issue's template filled in and signed.
///
/// # Errors
/// [`PersonaliseError`].
pub async fn message(
    app: &Arc<App>,
    parts: &Arc<IssueParts>,
    to: Recipient<'_>,
    now: DateTime<Utc>,
) -> Result<Outgoing, PersonaliseError> {
    if !app.signers.are_slow() {
        return filled(app, parts, to, now);
    }
    let parts = Arc::clone(parts);
    let (subscription, mark) = (to.subscription, to.mark);
    let (address, name) = (to.address.to_owned(), to.name.map(str::to_owned));
    elsewhere(app, move |app| {
        let to = Recipient {
            subscription,
            mark,
            address: &address,
            name: name.as_deref(),
        };
        filled(app, &parts, to, now)
    })
    .await
}

/// [`message`] on this thread.
fn filled(app: &App, parts: &IssueParts, to: Recipient<'_>, now: DateTime<Utc>) -> Result<Outgoing, PersonaliseError> {
    Signed::new(app, parts, to, now)?.outgoing(parts)
}

/// What of a message is a recipient's own, and the signatures of the whole: little to keep, and most of the work.
#[derive(Clone)]
pub struct Signed {
    own: Own,
    signatures: Vec<u8>,
}

impl Signed {
    /// Makes and signs it, on this thread.
    ///
    /// # Errors
    /// [`PersonaliseError`].
    pub fn new(app: &App, parts: &IssueParts, to: Recipient<'_>, now: DateTime<Utc>) -> Result<Self, PersonaliseError> {
        let own = Own::of(app, parts, to)?;
        let filled = parts.template.fill(&own.to, &own.message_id, &own.token)?;
        let signatures = app.signers.sign_filled(&filled, now)?;
        Ok(Self { own, signatures })
    }

    /// The finished message and its envelope, of the issue that this was made for.
    ///
    /// # Errors
    /// [`PersonaliseError`].
    pub fn outgoing(&self, parts: &IssueParts) -> Result<Outgoing, PersonaliseError> {
        let Self { own, signatures } = self;
        let filled = parts.template.fill(&own.to, &own.message_id, &own.token)?;
        let envelope = Envelope {
            return_path: Some(parts.return_path.clone()),
            recipient: own.to.address.clone(),
        };
        Ok(filled.outgoing(envelope, signatures))
    }
}

impl fmt::Debug for Signed {
    // The token is nobody's business but the reader's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed").finish_non_exhaustive()
    }
}

/// Does what takes long on a thread that no connection waits for.
///
/// # Errors
/// Those of `work`, and [`DkimError::Sign`] if it panics.
pub async fn elsewhere<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&App) -> Result<T, PersonaliseError> + Send + 'static,
) -> Result<T, PersonaliseError> {
    // Never closed.
    let _permit = app.signing.acquire().await.ok();
    let app = Arc::clone(app);
    tokio::task::spawn_blocking(move || work(&app))
        .await
        .unwrap_or_else(|error| Err(DkimError::Sign(error.to_string()).into()))
}

/// What [`message`] makes, made from the beginning: slow, and what the tests hold against it.
///
/// # Errors
/// [`PersonaliseError`].
pub async fn message_from_scratch(
    app: &Arc<App>,
    parts: &IssueParts,
    to: Recipient<'_>,
    now: DateTime<Utc>,
) -> Result<Outgoing, PersonaliseError> {
    let own = Own::of(app, parts, to)?;
    let mail = parts
        .mail
        .for_reader(&parts.placeholder, own.to, own.message_id, &own.token);
    finish(app, mail, &EmailAddress::parse(to.address)?, now).await
}

/// What is a recipient's own in the message of an issue.
#[derive(Clone)]
struct Own {
    to: Mailbox,
    message_id: String,
    token: String,
}

impl Own {
    fn of(app: &App, parts: &IssueParts, to: Recipient<'_>) -> Result<Self, PersonaliseError> {
        Ok(Self {
            to: Mailbox {
                name: to.name.map(str::to_owned),
                address: EmailAddress::parse(to.address)?.to_smtp(),
            },
            message_id: message_id(parts.issue.id, to.mark, &parts.domain),
            token: app.keys.unsubscribe_token(to.subscription),
        })
    }
}

/// Builds and signs a mail, and makes its envelope.
///
/// # Errors
/// [`PersonaliseError`].
pub async fn finish(
    app: &Arc<App>,
    mail: Mail,
    to: &EmailAddress,
    now: DateTime<Utc>,
) -> Result<Outgoing, PersonaliseError> {
    let envelope = Envelope {
        return_path: Some(return_path(app, &mail.from)),
        recipient: to.to_smtp(),
    };
    let signed = move |app: &App| Ok(app.signers.sign(build(&mail)?, now)?);
    let message = if app.signers.are_slow() {
        elsewhere(app, signed).await?
    } else {
        signed(app)?
    };
    Ok(Outgoing::new(envelope, &message)?)
}

/// Where failures are returned to: `mail.return_path`, else the sender.
fn return_path(app: &App, from: &Mailbox) -> String {
    let set = app.config.mail.return_path.as_ref();
    set.map_or_else(|| from.address.clone(), ToString::to_string)
}

/// The Message-ID of an issue for a subscription, or for a test with a mark of its own: always the same, so that a second copy
/// is known as the same mail.
#[must_use]
pub fn message_id(issue: IssueId, mark: Uuid, domain: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(issue.0.as_bytes());
    hash.update(mark.as_bytes());
    let hash = hash.finalize();
    let id = Uuid::from_slice(&hash[..16]).unwrap_or_default();
    format!("{}@{domain}", id.simple())
}
