//! The message of one recipient: the issue's template with the recipient's slots filled in, signed, and its envelope.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use tracing::Span;
use tracing::field::display;
use uuid::Uuid;

use super::list_headers::{ListAddresses, list_headers};
pub use super::personalise_error::PersonaliseError;
use super::routes::{Route, Routes};
use crate::app::App;
use crate::bounce::webhooks::reference_headers;
use crate::digest::with_links_of;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{IssueId, SubscriptionId, TransactionalMailId};
use crate::domain::return_path::{Purpose, TaggedMessage};
use crate::mail::dkim::DkimError;
use crate::mail::mailbox::Mailbox;
use crate::mail::message::{Mail, build};
use crate::mail::outgoing::Outgoing;
use crate::mail::smtp::Envelope;
use crate::mail::smtp_address::SmtpAddress;
use crate::mail::template::{Template, Tokens};
use crate::store::issue_lists::issue_name;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;

/// What all messages of an issue share.
#[derive(Clone, Debug)]
pub struct IssueTemplate {
    pub(super) issue: Issue,
    pub(super) newsletter: Newsletter,
    /// Which relays send the messages.
    pub(super) route: Route,
    /// The domain of the From address, as A-labels ([RFC 5890 §2.3.2.1](https://www.rfc-editor.org/rfc/rfc5890#section-2.3.2.1)).
    domain: String,
    /// The return path of the test messages and of all messages while no tagged address is set.
    return_path: SmtpAddress,
    /// The mail with placeholders for recipient, Message-ID and token.
    mail: Mail,
    /// The placeholder of the link token.
    placeholder: String,
    /// The placeholder of the unsubscribe address's tag; empty if messages name no such address.
    tag_placeholder: String,
    template: Template,
}

impl IssueTemplate {
    /// Builds everything that is the same for every recipient.
    ///
    /// # Errors
    /// If no message of the issue can be built.
    pub fn new(app: &App, issue: Issue, newsletter: Newsletter) -> Result<Self, PersonaliseError> {
        let unusable = |_| PersonaliseError::From(issue.sender.clone());
        let from: Mailbox = issue.sender.parse().map_err(unusable)?;
        let reply_to = newsletter.reply_to.as_deref().map(reply_to).transpose()?;
        let domain = from.address.domain().to_owned();
        // The placeholder is the signed token of a subscription that does not exist. It has the length of a real token, so `Template` can
        // replace it in place. Nobody can guess a signed token, so no article contains it.
        let no_subscription = SubscriptionId(issue.id.0);
        let placeholder = app.keys.unsubscribe_token(no_subscription);
        let unsubscribe_url = app.link(&format!("/unsubscribe/{placeholder}"));
        let tag_placeholder = unsubscribe_tag(app, &issue, no_subscription);
        let mail = Mail {
            to: Mailbox::bare(from.address.clone()),
            reply_to: reply_to.clone(),
            subject: issue.subject.clone(),
            // The date of the issue and not of the attempt: a second copy is the same mail.
            date: issue.started_at.unwrap_or_else(|| app.clock.now()),
            message_id: format!("{}@{domain}", message_uuid(issue.id, no_subscription.0).simple()),
            reference_headers: reference_headers(&app.config),
            boundary_seed: issue.id.to_string(),
            text: with_links_of(app, &issue, &issue.text, &placeholder),
            html: Some(with_links_of(app, &issue, &issue.html, &placeholder)),
            list: Some(list_headers(
                app,
                &issue,
                &newsletter,
                ListAddresses {
                    domain: &domain,
                    reply_to: reply_to.as_ref(),
                    unsubscribe_url,
                    tag: &tag_placeholder,
                },
            )),
            auto_generated: false,
            from,
        };
        Ok(Self {
            template: Template::new(
                &mail,
                Tokens {
                    link: &placeholder,
                    tag: &tag_placeholder,
                },
            )?,
            return_path: return_path(app, &mail.from),
            mail,
            placeholder,
            tag_placeholder,
            route: Routes::new(&app.config).of_newsletter(&newsletter.slug, &domain),
            domain,
            issue,
            newsletter,
        })
    }

    /// The span of a batch of deliveries, from their lease until the outcome of the last one is known.
    pub(super) fn batch_span(&self, deliveries: usize) -> Span {
        let issue = &self.issue;
        let edition_of = issue.edition_of.map(display);
        tracing::error_span!(
            "send", issue.id = %issue.id, issue.name = self.issue_name(), edition.of = edition_of, delivery.count = deliveries
        )
    }

    /// Makes the span of the whole life of an issue that was sent.
    pub(super) fn end_life(&self) {
        let issue = &self.issue;
        let edition_of = issue.edition_of.map(display);
        let created_at = issue.created_at.to_rfc3339();
        drop(tracing::error_span!(
            "issue", issue.id = %issue.id, issue.name = self.issue_name(), edition.of = edition_of, issue.created_at = created_at
        ));
    }

    /// The name of the issue, such as `morning/7`.
    pub(super) fn issue_name(&self) -> String {
        issue_name(&self.newsletter.slug, self.issue.number, self.issue.edition)
    }

    /// The return path of one recipient's message: it names issue and subscription.
    fn tagged_return_path(&self, app: &App, subscription: SubscriptionId) -> SmtpAddress {
        let tagged = tag(app, &self.issue, Purpose::Bounce, subscription);
        tagged
            .and_then(|tag| app.config.tagged_address(&tag))
            .unwrap_or_else(|| self.return_path.clone())
    }

    /// The Message-ID of one recipient's message. Its left side is a tag, so a report that repeats it proves which message it is about.
    fn message_id(&self, app: &App, to: Recipient<'_>) -> String {
        // A test mail has no subscription, and each of them needs another Message-ID.
        let tag = if to.subscription.0.is_nil() {
            None
        } else {
            tag(app, &self.issue, Purpose::MessageId, to.subscription)
        };
        let id = tag.unwrap_or_else(|| {
            let id = message_uuid(self.issue.id, to.message_id_seed);
            id.simple().to_string()
        });
        format!("{id}@{}", self.domain)
    }

    /// The unsigned message that a recipient would get, with the From address as the recipient.
    pub(super) fn sample(&self) -> Result<Vec<u8>, PersonaliseError> {
        Ok(build(&self.mail)?)
    }
}

/// A recipient as the message names it.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// The subscription that the unsubscribe link ends; the nil id for a test mail.
    pub subscription: SubscriptionId,
    /// Makes the Message-ID unique within the issue: the subscription's id, or a new id for each test mail.
    pub message_id_seed: Uuid,
    /// The recipient's address for the To field.
    pub address: &'a EmailAddress,
    /// The display name in `To`, if it is known.
    pub name: Option<&'a str>,
}

/// Builds and signs the message of one recipient. Slow signatures are made on another thread.
///
/// # Errors
/// If this message, or any message of the issue, cannot be built or signed.
pub async fn message(
    app: &Arc<App>,
    template: &Arc<IssueTemplate>,
    to: Recipient<'_>,
    now: DateTime<Utc>,
) -> Result<Outgoing, PersonaliseError> {
    if !app.signers.are_slow() {
        return SignedSlots::new(app, template, to, now)?.outgoing(template);
    }
    let template = Arc::clone(template);
    let slots = Slots::new(app, &template, to);
    on_signing_thread(app, move |app| slots.sign(app, &template, now)?.outgoing(&template)).await
}

/// The values of the template slots that differ for each recipient.
#[derive(Clone)]
struct Slots {
    to: Mailbox,
    message_id: String,
    /// Names the message in delivery status notifications.
    id: Uuid,
    token: String,
    /// The tag of the unsubscribe address; empty if messages name no such address.
    unsubscribe_tag: String,
    return_path: SmtpAddress,
}

impl Slots {
    fn new(app: &App, template: &IssueTemplate, to: Recipient<'_>) -> Self {
        Self {
            to: Mailbox {
                name: to.name.map(str::to_owned),
                address: to.address.into(),
            },
            message_id: template.message_id(app, to),
            id: message_uuid(template.issue.id, to.message_id_seed),
            token: app.keys.unsubscribe_token(to.subscription),
            unsubscribe_tag: unsubscribe_tag(app, &template.issue, to.subscription),
            return_path: template.tagged_return_path(app, to.subscription),
        }
    }

    fn tokens(&self) -> Tokens<'_> {
        Tokens {
            link: &self.token,
            tag: &self.unsubscribe_tag,
        }
    }

    fn sign(self, app: &App, template: &IssueTemplate, now: DateTime<Utc>) -> Result<SignedSlots, PersonaliseError> {
        let mut signatures = Vec::new();
        if !app.signers.is_empty() {
            let filled = template.template.fill(&self.to, &self.message_id, self.tokens())?;
            signatures = app.signers.sign_template(&filled, now)?;
        }
        Ok(SignedSlots {
            slots: self,
            signatures,
        })
    }
}

/// A recipient's slots and the signatures of the whole message: small to keep, and most of the work of building it.
#[derive(Clone)]
pub(super) struct SignedSlots {
    slots: Slots,
    signatures: Vec<u8>,
}

impl SignedSlots {
    /// Fills the slots and signs the message on this thread.
    pub(super) fn new(
        app: &App,
        template: &IssueTemplate,
        to: Recipient<'_>,
        now: DateTime<Utc>,
    ) -> Result<Self, PersonaliseError> {
        Slots::new(app, template, to).sign(app, template, now)
    }

    /// The message and its envelope. `template` must be the one that was signed.
    pub(super) fn outgoing(&self, template: &IssueTemplate) -> Result<Outgoing, PersonaliseError> {
        let Self { slots, signatures } = self;
        let filled = template.template.fill(&slots.to, &slots.message_id, slots.tokens())?;
        let envelope = Envelope {
            return_path: Some(slots.return_path.clone()),
            recipient: slots.to.address.clone(),
        };
        Ok(filled.outgoing(envelope, signatures).identified_by(slots.id))
    }
}

impl fmt::Debug for SignedSlots {
    // Shows neither the address nor the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedSlots").finish_non_exhaustive()
    }
}

/// Runs slow work on a blocking thread. At most as many run at once as there are processors (`App::signing`).
///
/// # Errors
/// Those of `work`, and [`DkimError::Sign`] if it panics.
pub(super) async fn on_signing_thread<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&App) -> Result<T, PersonaliseError> + Send + 'static,
) -> Result<T, PersonaliseError> {
    // `acquire` fails only if the semaphore is closed, and nothing closes this one.
    let _permit = app.signing.acquire().await.ok();
    let app = Arc::clone(app);
    tokio::task::spawn_blocking(move || work(&app))
        .await
        .unwrap_or_else(|error| Err(DkimError::Sign(error.to_string()).into()))
}

/// Builds the same message as [`message`] without the template. It is slow; tests compare the two.
///
/// # Errors
/// As [`message`].
pub async fn message_without_template(
    app: &Arc<App>,
    template: &IssueTemplate,
    to: Recipient<'_>,
    now: DateTime<Utc>,
) -> Result<Outgoing, PersonaliseError> {
    let slots = Slots::new(app, template, to);
    let placeholders = Tokens {
        link: &template.placeholder,
        tag: &template.tag_placeholder,
    };
    let mail = template
        .mail
        .for_recipient(placeholders, slots.to.clone(), slots.message_id.clone(), slots.tokens());
    sign_single(app, slots.id, mail, to.address, Some(slots.return_path), now).await
}

/// Builds and signs a transactional mail, and makes its envelope.
pub(super) async fn build_and_sign(
    app: &Arc<App>,
    id: TransactionalMailId,
    mail: Mail,
    to: &EmailAddress,
    now: DateTime<Utc>,
) -> Result<Outgoing, PersonaliseError> {
    let tag = app.keys.tag(Purpose::Bounce, TaggedMessage::Transactional(id));
    let tagged = app.config.tagged_address(&tag);
    sign_single(app, id.0, mail, to, tagged, now).await
}

/// Builds and signs a single mail, which `id` names in delivery status notifications.
async fn sign_single(
    app: &Arc<App>,
    id: Uuid,
    mail: Mail,
    to: &EmailAddress,
    tagged_return_path: Option<SmtpAddress>,
    now: DateTime<Utc>,
) -> Result<Outgoing, PersonaliseError> {
    let envelope = Envelope {
        return_path: Some(tagged_return_path.unwrap_or_else(|| return_path(app, &mail.from))),
        recipient: to.into(),
    };
    let build_signed = move |app: &App| Ok(app.signers.sign(build(&mail)?, now)?);
    let message = if app.signers.are_slow() {
        on_signing_thread(app, build_signed).await?
    } else {
        build_signed(app)?
    };
    Ok(Outgoing::new(envelope, &message)?.identified_by(id))
}

/// The tag of an issue's message to a subscription; `None` if the issue's number is too high for a tag.
fn tag(app: &App, issue: &Issue, purpose: Purpose, subscription: SubscriptionId) -> Option<String> {
    let message = TaggedMessage::Delivery {
        subscription,
        number: u32::try_from(issue.number).ok()?,
        edition: u16::try_from(issue.edition).ok()?,
    };
    Some(app.keys.tag(purpose, message))
}

/// The tag of the address to which a mail ends this subscription; empty if nothing reads the mail to such an address.
fn unsubscribe_tag(app: &App, issue: &Issue, subscription: SubscriptionId) -> String {
    if !app.config.reads_unsubscribe_mail() {
        return String::new();
    }
    tag(app, issue, Purpose::Unsubscribe, subscription).unwrap_or_default()
}

/// Parses an address for replies.
pub(super) fn reply_to(text: &str) -> Result<Mailbox, PersonaliseError> {
    text.parse().map_err(|_| PersonaliseError::ReplyTo(text.to_owned()))
}

/// The return path of a message without a tag: `mail.return_path`, or the From address if that is not set.
fn return_path(app: &App, from: &Mailbox) -> SmtpAddress {
    let configured = app.config.mail.return_path.as_ref();
    configured.unwrap_or(&from.address).clone()
}

/// Names an issue's message, and neither its recipient nor a secret: for a Message-ID without a tag, and for delivery status
/// notifications. The same issue and seed give the same id.
fn message_uuid(issue: IssueId, seed: Uuid) -> Uuid {
    let hash = Sha256::new()
        .chain_update(issue.0.as_bytes())
        .chain_update(seed.as_bytes())
        .finalize();
    let (id, _) = hash
        .split_first_chunk()
        .expect("a SHA-256 hash has more than 16 octets");
    Uuid::from_bytes(*id)
}
