//! Builds a message from its parts. Equal parts give equal bytes, and no part can change the structure of the message.

use std::{
    fmt::{self, Write},
    time::SystemTime,
};

use chrono::{DateTime, Datelike, Utc};
use lettre::{
    Message,
    address::Envelope,
    message::{
        MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderValue},
    },
};
use sha2::{Digest, Sha256};

use super::{header, mailbox::Mailbox, smtp_address::SmtpAddress, tokens::Tokens};
use crate::text::plain::without_nul;

/// The most characters of a line, without its CRLF ([RFC 5322 §2.1.1](https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1)).
const MAX_LINE: usize = 998;
/// The most characters of an address in a list header, so that it fits on one line with the header name and brackets.
const MAX_URL: usize = 900;

/// The parts of a message.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The sender, for From.
    pub from: Mailbox,
    /// The recipient, for To.
    pub to: Mailbox,
    /// The address for replies, if it is not the sender.
    pub reply_to: Option<Mailbox>,
    /// The subject; any text.
    pub subject: String,
    /// When the message was made, for Date. Fractions of a second are dropped.
    pub date: DateTime<Utc>,
    /// `unique@our.domain`, without angle brackets. A retry uses the same one.
    pub message_id: String,
    /// Header fields that repeat the left side of the Message-ID, for the mail providers that need one.
    pub reference_headers: Vec<ReferenceHeader>,
    /// The boundary between the parts is derived from this. It is the same for all recipients of an issue, so that their messages
    /// differ only in their own values.
    pub boundary_seed: String,
    /// The text of the part `text/plain`.
    pub text: String,
    /// The HTML alternative; `None` makes a message of one part.
    pub html: Option<String>,
    /// The headers of mail to a list; `None` for transactional mail.
    pub list: Option<ListHeaders>,
    /// Whether the mail answers an action of its recipient: `Auto-Submitted: auto-generated`
    /// ([RFC 3834 §5](https://www.rfc-editor.org/rfc/rfc3834#section-5)).
    pub auto_generated: bool,
}

impl Mail {
    /// The mail of one recipient: `tokens` replace `placeholders` in the text, the HTML and the unsubscribe addresses.
    #[must_use]
    pub fn for_recipient<'a>(
        &self,
        placeholders: impl Into<Tokens<'a>>,
        to: Mailbox,
        message_id: String,
        tokens: impl Into<Tokens<'a>>,
    ) -> Self {
        let (placeholders, tokens) = (placeholders.into(), tokens.into());
        let personal = |text: &str| text.replace(placeholders.link, tokens.link);
        Self {
            to,
            message_id,
            text: personal(&self.text),
            html: self.html.as_deref().map(personal),
            list: self.list.clone().map(|list| ListHeaders {
                unsubscribe_url: personal(&list.unsubscribe_url),
                // Without a tag no address is named, and an empty text would be found everywhere.
                unsubscribe_mail: list
                    .unsubscribe_mail
                    .filter(|_| !placeholders.tag.is_empty())
                    .map(|address| {
                        let local = address.local().replace(placeholders.tag, tokens.tag);
                        SmtpAddress::of_parts(&local, address.domain())
                    }),
                ..list
            }),
            ..self.clone()
        }
    }
}

/// A header field by which a mail provider learns the left side of the Message-ID, so that its events name the message. Providers replace
/// the Message-ID itself, or report it in some events only. The fields are for the provider, which removes most of them, so they are not
/// signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReferenceHeader {
    /// The name of the field.
    pub name: &'static str,
    /// What stands before the left side of the Message-ID.
    pub before: &'static str,
    /// What stands after it.
    pub after: &'static str,
}

impl ReferenceHeader {
    fn value(&self, message_id: &str) -> String {
        let (left, _) = message_id.split_once('@').unwrap_or((message_id, ""));
        format!("{}{left}{}", self.before, self.after)
    }
}

/// The headers by which mail programs recognise a newsletter and offer to unsubscribe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListHeaders {
    /// The list's identifier, such as `morning.example.org` (RFC 2919).
    pub id: String,
    /// The newsletter's name, shown before the identifier.
    pub name: String,
    /// The http or https address of the unsubscribe link ([RFC 2369 §3.2](https://www.rfc-editor.org/rfc/rfc2369#section-3.2)).
    pub unsubscribe_url: String,
    /// The address to which a mail unsubscribes ([RFC 2369 §3.2](https://www.rfc-editor.org/rfc/rfc2369#section-3.2)). `None` if
    /// nothing reads its mail.
    pub unsubscribe_mail: Option<SmtpAddress>,
    /// Whether a POST to `unsubscribe_url` unsubscribes (RFC 8058).
    pub post: bool,
    /// The `Feedback-ID`, by which complaint reports are grouped, such as `issue:newsletter:digest:daywire`.
    pub feedback_id: String,
    /// The address of help, https or mailto ([RFC 2369 §3.1](https://www.rfc-editor.org/rfc/rfc2369#section-3.1)).
    pub help: Option<String>,
    /// The address of the sign-up page ([RFC 2369 §3.3](https://www.rfc-editor.org/rfc/rfc2369#section-3.3)).
    pub subscribe: Option<String>,
    /// The address of the archive ([RFC 2369 §3.6](https://www.rfc-editor.org/rfc/rfc2369#section-3.6)).
    pub archive: Option<String>,
}

/// Why a message cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// The Message-ID is invalid.
    #[error("the message id must look like unique@example.org, printable ASCII of at most 250 characters")]
    MessageId,
    /// The year cannot be written in a Date header.
    #[error("the date must lie between the years 1970 and 9999")]
    Date,
    /// The list identifier is invalid.
    #[error("the list id must look like morning.example.org: letters, digits, dots and hyphens")]
    ListId,
    /// An address in a list header is invalid. It is not shown, because it may contain a token.
    #[error("the address for {header} must be http or https in printable ASCII, at most {MAX_URL} characters")]
    Url {
        /// The name of the header.
        header: &'static str,
    },
    /// The feedback identifier is invalid.
    #[error("the feedback id must be printable ASCII without spaces, at most 200 characters")]
    FeedbackId,
    /// A token has another length or other characters than its slot.
    #[error("a subscriber's token must have {0} characters, each a letter, a digit, - or _")]
    Token(usize),
    /// The slots of the token cannot be determined.
    #[error(
        "the slots for the subscriber's token could not be found; this is a fault of the program, please report it"
    )]
    Places,
    /// A line is longer than [`MAX_LINE`].
    #[error("a line of the message is longer than {MAX_LINE} characters")]
    Line,
    /// Encoding a header failed.
    #[error("a header could not be written")]
    Format(#[from] fmt::Error),
    /// lettre refused the parts.
    #[error("the message could not be assembled: {0}")]
    Build(#[from] lettre::error::Error),
}

/// Builds the message: CRLF lines, headers encoded, the plain text before the HTML, both quoted-printable.
///
/// # Errors
/// [`MessageError`] names the part that mail cannot carry.
pub fn build(mail: &Mail) -> Result<Vec<u8>, MessageError> {
    let mut builder = Message::builder()
        .raw_header(mailbox_header("From", &mail.from)?)
        .raw_header(mailbox_header("To", &mail.to)?)
        .raw_header(header::text("Subject", &mail.subject)?)
        .date(date(mail.date)?)
        .raw_header(header::verbatim(
            "Message-ID",
            format!("<{}>", message_id(&mail.message_id)?),
        ));
    for reference in &mail.reference_headers {
        builder = builder.raw_header(header::verbatim(reference.name, reference.value(&mail.message_id)));
    }
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.raw_header(mailbox_header("Reply-To", reply_to)?);
    }
    if let Some(list) = &mail.list {
        builder = builder
            .raw_header(header::phrase("List-Id", Some(&list.name), list_id(&list.id)?)?)
            .raw_header(header::verbatim("List-Unsubscribe", unsubscribe_addresses(list)?));
        if list.post {
            builder = builder.raw_header(header::verbatim(
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click".to_owned(),
            ));
        }
        let addresses = [
            ("List-Help", &list.help),
            ("List-Subscribe", &list.subscribe),
            ("List-Archive", &list.archive),
        ];
        for (name, address) in addresses {
            if let Some(address) = address {
                builder = builder.raw_header(header::verbatim(name, url(name, address)?));
            }
        }
        builder = builder.raw_header(header::verbatim(
            "Feedback-ID",
            feedback_id(&list.feedback_id)?.to_owned(),
        ));
    }
    if mail.auto_generated {
        builder = builder.raw_header(header::verbatim("Auto-Submitted", "auto-generated".to_owned()));
    }
    let builder = builder.envelope(Envelope::new(
        Some(mail.from.address.to_lettre()),
        vec![mail.to.address.to_lettre()],
    )?);
    let text = part(ContentType::TEXT_PLAIN, &mail.text);
    let message = match &mail.html {
        None => builder.singlepart(text)?,
        Some(html) => builder.multipart(
            MultiPart::alternative()
                .boundary(boundary(&mail.boundary_seed))
                .singlepart(text)
                .singlepart(part(ContentType::TEXT_HTML, html)),
        )?,
    };
    let bytes = message.formatted();
    // The builder folds only at spaces, so a line can still be too long.
    check_lines(&bytes)?;
    Ok(bytes)
}

fn mailbox_header(name: &'static str, mailbox: &Mailbox) -> Result<HeaderValue, MessageError> {
    Ok(header::phrase(name, mailbox.name.as_deref(), mailbox.address.as_str())?)
}

/// Checks that no line is longer than [`MAX_LINE`].
pub(super) fn check_lines(bytes: &[u8]) -> Result<(), MessageError> {
    if bytes.split(|b| *b == b'\n').any(|line| line.len() > MAX_LINE + 1) {
        Err(MessageError::Line)
    } else {
        Ok(())
    }
}

/// The headers `To` and `Message-ID`, each with its line end.
pub(super) fn own_headers(to: &Mailbox, message_id: &str) -> Result<(String, String), MessageError> {
    let to = header::encoded_phrase("To", to.name.as_deref(), to.address.as_str())?;
    let own = (
        format!("To: {to}\r\n"),
        format!("Message-ID: <{}>\r\n", self::message_id(message_id)?),
    );
    check_lines(own.0.as_bytes())?;
    Ok(own)
}

/// The fields that follow the Message-ID in a message, each with its line end.
pub(super) fn reference_lines(references: &[ReferenceHeader], message_id: &str) -> String {
    let lines = references
        .iter()
        .map(|reference| format!("{}: {}\r\n", reference.name, reference.value(message_id)));
    lines.collect()
}

/// One text part, always quoted-printable. By default lettre would encode mostly non-ASCII text as base64.
fn part(kind: ContentType, text: &str) -> SinglePart {
    let lines = without_nul(text).replace("\r\n", "\n").replace('\r', "\n");
    let body = lines.trim_end_matches('\n').replace('\n', "\r\n");
    SinglePart::builder()
        .header(kind)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(body)
}

/// Derives the boundary, so that equal messages have equal bytes. `=_` never occurs in quoted-printable text
/// ([RFC 2045 §6.7](https://www.rfc-editor.org/rfc/rfc2045#section-6.7)).
fn boundary(seed: &str) -> String {
    let digest = Sha256::digest(seed.as_bytes());
    digest
        .iter()
        .take(16)
        .fold("=_daywire_".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

fn date(date: DateTime<Utc>) -> Result<SystemTime, MessageError> {
    if (1970..=9999).contains(&date.year()) {
        Ok(date.into())
    } else {
        Err(MessageError::Date)
    }
}

fn message_id(id: &str) -> Result<&str, MessageError> {
    let sides = id
        .split_once('@')
        .filter(|(left, right)| !left.is_empty() && !right.is_empty());
    let safe = id.len() <= 250
        && id
            .bytes()
            .all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"' | b','));
    if safe && sides.is_some_and(|(_, right)| !right.contains('@')) {
        Ok(id)
    } else {
        Err(MessageError::MessageId)
    }
}

fn list_id(id: &str) -> Result<&str, MessageError> {
    let safe = id.len() <= 200
        && id.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        });
    if safe { Ok(id) } else { Err(MessageError::ListId) }
}

fn feedback_id(id: &str) -> Result<&str, MessageError> {
    let safe = !id.is_empty() && id.len() <= 200 && id.bytes().all(|b| b.is_ascii_graphic());
    if safe { Ok(id) } else { Err(MessageError::FeedbackId) }
}

/// The web address, and after it the mail address if there is one: mail programs use the first that they support. The line is folded
/// between the two.
fn unsubscribe_addresses(list: &ListHeaders) -> Result<String, MessageError> {
    let url = url("List-Unsubscribe", &list.unsubscribe_url)?;
    Ok(match &list.unsubscribe_mail {
        Some(address) => format!("{url},\r\n <{}>", mailto(address)),
        None => url,
    })
}

/// The mailto address of a mailbox ([RFC 6068 §2](https://www.rfc-editor.org/rfc/rfc6068#section-2)).
pub(crate) fn mailto(address: &SmtpAddress) -> String {
    let mut uri = String::from("mailto:");
    for byte in address.local().bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~+".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri.push('@');
    uri.push_str(address.domain());
    uri
}

/// `<url>`, which must not be folded or encoded inside the brackets ([RFC 2369 §2](https://www.rfc-editor.org/rfc/rfc2369#section-2)).
fn url(header: &'static str, url: &str) -> Result<String, MessageError> {
    let safe = url.len() <= MAX_URL && url.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>'));
    let is_mail = header == "List-Help" && url.starts_with("mailto:");
    if safe && (is_mail || url.starts_with("https://") || url.starts_with("http://")) {
        Ok(format!("<{url}>"))
    } else {
        Err(MessageError::Url { header })
    }
}
