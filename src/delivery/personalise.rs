//! One recipient's message: the issue's parts with the reader's own link, the headers of a list, the signature.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::digest::render::UNSUBSCRIBE_PLACEHOLDER;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::mail::mailbox::{Mailbox, wire_address};
use crate::mail::message::{ListHeaders, Mail, MessageError, build};
use crate::mail::smtp::Envelope;
use crate::store::issues::Issue;
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
    Dkim(#[from] crate::mail::dkim::DkimError),
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
    sender: Mailbox,
    /// The sender's domain, as A-labels.
    domain: String,
}

impl IssueParts {
    /// Checks once what every message needs.
    ///
    /// # Errors
    /// [`PersonaliseError::Sender`].
    pub fn new(issue: Issue, newsletter: Newsletter) -> Result<Self, PersonaliseError> {
        let unusable = |_| PersonaliseError::Sender(issue.sender.clone());
        let sender: Mailbox = issue.sender.parse().map_err(unusable)?;
        let domain = wire_address(&sender.address).map_err(unusable)?.domain().to_owned();
        Ok(Self {
            issue,
            newsletter,
            sender,
            domain,
        })
    }
}

/// A recipient as the message names it.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// The subscription, or the nil id for a test.
    pub subscription: SubscriptionId,
    /// The address.
    pub address: &'a str,
    /// What to call the person.
    pub name: Option<&'a str>,
}

/// The finished message of one recipient, and its envelope.
///
/// # Errors
/// [`PersonaliseError`].
pub fn message(
    app: &App,
    parts: &IssueParts,
    to: Recipient<'_>,
    now: DateTime<Utc>,
) -> Result<(Envelope, Vec<u8>), PersonaliseError> {
    let address = EmailAddress::parse(to.address)?;
    let unsubscribe_url = app.link(&format!("/unsubscribe/{}", app.keys.unsubscribe_token(to.subscription)));
    let domain = &parts.domain;
    let slug = &parts.newsletter.slug;
    let mail = Mail {
        from: parts.sender.clone(),
        to: Mailbox {
            name: to.name.map(str::to_owned),
            address: address.to_smtp(),
        },
        reply_to: None,
        subject: parts.issue.subject.clone(),
        // The day of the issue, not of the attempt: a second copy is the same mail.
        date: parts.issue.started_at.unwrap_or(now),
        message_id: message_id(parts.issue.id, to.subscription, domain),
        text: parts.issue.text.replace(UNSUBSCRIBE_PLACEHOLDER, &unsubscribe_url),
        html: Some(parts.issue.html.replace(UNSUBSCRIBE_PLACEHOLDER, &unsubscribe_url)),
        list: Some(ListHeaders {
            id: format!("{slug}.{}", app.config.site.url.host()),
            name: parts.newsletter.name.clone(),
            unsubscribe_url,
            post: true,
            archive: None,
            feedback_id: format!("{}:{slug}:digest:{domain}", parts.issue.number),
        }),
        auto_generated: false,
    };
    finish(app, &mail, &address, now)
}

/// Builds and signs a mail, and makes its envelope.
///
/// # Errors
/// [`PersonaliseError`].
pub fn finish(
    app: &App,
    mail: &Mail,
    to: &EmailAddress,
    now: DateTime<Utc>,
) -> Result<(Envelope, Vec<u8>), PersonaliseError> {
    let mut message = build(mail)?;
    if let Some(signer) = &app.signer {
        message = signer.sign(&message, now)?;
    }
    let return_path = app
        .config
        .mail
        .return_path
        .as_ref()
        .map_or_else(|| mail.from.address.clone(), ToString::to_string);
    Ok((
        Envelope {
            return_path: Some(return_path),
            recipient: to.to_smtp(),
        },
        message,
    ))
}

/// The Message-ID of an issue for a subscription: always the same, so that a second copy is known as the same mail.
#[must_use]
pub fn message_id(issue: IssueId, subscription: SubscriptionId, domain: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(issue.0.as_bytes());
    hash.update(subscription.0.as_bytes());
    let hash = hash.finalize();
    let id = Uuid::from_slice(&hash[..16]).unwrap_or_default();
    format!("{}@{domain}", id.simple())
}
