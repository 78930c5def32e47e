//! Builds a message from its parts; the same parts give the same bytes, and no part can change the structure.

use std::{fmt, time::SystemTime};

use chrono::{DateTime, Datelike, Utc};
use lettre::{
    Message,
    address::Envelope,
    message::{
        MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType},
    },
};
use sha2::{Digest, Sha256};

use super::{
    header,
    mailbox::{Mailbox, MailboxError, wire_address},
};
use crate::text::plain::without_nul;

/// The longest line a message may have, without its CRLF (RFC 5322 section 2.1.1).
const LONGEST_LINE: usize = 998;
/// The longest address in a list header: it must fit one line with its name and brackets.
const LONGEST_URL: usize = 900;

/// Everything a message is made of.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The sender.
    pub from: Mailbox,
    /// The reader.
    pub to: Mailbox,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<Mailbox>,
    /// The subject; any text.
    pub subject: String,
    /// When the message was made; whole seconds are kept.
    pub date: DateTime<Utc>,
    /// `unique@our.domain`, without the angle brackets; a retry uses the same one.
    pub message_id: String,
    /// What the boundary between the parts is derived from: the same for all readers of an issue, so that their messages
    /// differ in nothing else than what is theirs.
    pub boundary_seed: String,
    /// The plain text.
    pub text: String,
    /// The HTML, shown in place of the text where it can be; none makes a message of one part.
    pub html: Option<String>,
    /// For mail that goes to a list of readers.
    pub list: Option<ListHeaders>,
    /// For mail a program sends in answer to something: `Auto-Submitted: auto-generated` (RFC 3834 section 5).
    pub auto_generated: bool,
}

impl Mail {
    /// The mail of one reader: `token` in place of `placeholder` in the text, the HTML and the address to leave by.
    #[must_use]
    pub fn for_reader(&self, placeholder: &str, to: Mailbox, message_id: String, token: &str) -> Self {
        let personal = |text: &str| text.replace(placeholder, token);
        Self {
            to,
            message_id,
            text: personal(&self.text),
            html: self.html.as_deref().map(personal),
            list: self.list.clone().map(|list| ListHeaders {
                unsubscribe_url: personal(&list.unsubscribe_url),
                ..list
            }),
            ..self.clone()
        }
    }
}

/// The headers by which mail programs know a newsletter and offer to leave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListHeaders {
    /// The list's identifier, such as `morning.example.org` (RFC 2919).
    pub id: String,
    /// The newsletter's name, shown before the identifier.
    pub name: String,
    /// The one address by which this reader leaves; http or https (RFC 2369 section 3.2).
    pub unsubscribe_url: String,
    /// Whether a POST to that address is enough (RFC 8058).
    pub post: bool,
    /// What complaint reports are grouped by, such as `issue:newsletter:digest:daywire`.
    pub feedback_id: String,
    /// Where past issues can be read (RFC 2369 section 3.6).
    pub archive: Option<String>,
}

/// Why no message can be made of these parts.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// The sender's address.
    #[error("the sender's address cannot be used: {0}")]
    From(MailboxError),
    /// The reader's address.
    #[error("the recipient's address cannot be used: {0}")]
    To(MailboxError),
    /// The address for answers.
    #[error("the reply address cannot be used: {0}")]
    ReplyTo(MailboxError),
    /// The message identifier.
    #[error("the message id must look like unique@example.org, printable ASCII of at most 250 characters")]
    MessageId,
    /// The year is one that mail cannot say.
    #[error("the date must lie between the years 1970 and 9999")]
    Date,
    /// The list's identifier.
    #[error("the list id must look like morning.example.org: letters, digits, dots and hyphens")]
    ListId,
    /// An address in a list header; not shown, as it may hold a reader's token.
    #[error("the address for {header} must be http or https in printable ASCII, at most {LONGEST_URL} characters")]
    Url {
        /// The header it was meant for.
        header: &'static str,
    },
    /// The feedback identifier.
    #[error("the feedback id must be printable ASCII without spaces, at most 200 characters")]
    FeedbackId,
    /// A reader's token that does not fit the place kept for it.
    #[error("a reader's token must have {0} characters, each a letter, a digit, - or _")]
    Token(usize),
    /// The places kept for the reader's token are not where the token was put.
    #[error("the places for the reader's token could not be found; this is a fault of the program, please report it")]
    Places,
    /// A line came out longer than mail allows.
    #[error("a line of the message is longer than {LONGEST_LINE} characters")]
    Line,
    /// A header could not be written.
    #[error("a header could not be written")]
    Format(#[from] fmt::Error),
    /// The library that puts the parts together refused them.
    #[error("the message could not be put together: {0}")]
    Build(#[from] lettre::error::Error),
}

/// Makes the message: CRLF lines, headers encoded, the plain text before the HTML, both quoted-printable.
///
/// # Errors
/// [`MessageError`] names the part that mail cannot carry.
pub fn build(mail: &Mail) -> Result<Vec<u8>, MessageError> {
    let from = wire_address(&mail.from.address).map_err(MessageError::From)?;
    let to = wire_address(&mail.to.address).map_err(MessageError::To)?;
    let mut builder = Message::builder()
        .raw_header(header::phrase("From", mail.from.name.as_deref(), from.as_ref())?)
        .raw_header(header::phrase("To", mail.to.name.as_deref(), to.as_ref())?)
        .raw_header(header::text("Subject", &mail.subject)?)
        .date(date(mail.date)?)
        .raw_header(header::verbatim(
            "Message-ID",
            format!("<{}>", message_id(&mail.message_id)?),
        ));
    if let Some(reply_to) = &mail.reply_to {
        let address = wire_address(&reply_to.address).map_err(MessageError::ReplyTo)?;
        builder = builder.raw_header(header::phrase("Reply-To", reply_to.name.as_deref(), address.as_ref())?);
    }
    if let Some(list) = &mail.list {
        builder = builder
            .raw_header(header::phrase("List-Id", Some(&list.name), list_id(&list.id)?)?)
            .raw_header(header::verbatim(
                "List-Unsubscribe",
                url("List-Unsubscribe", &list.unsubscribe_url)?,
            ));
        if list.post {
            builder = builder.raw_header(header::verbatim(
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click".to_owned(),
            ));
        }
        if let Some(archive) = &list.archive {
            builder = builder.raw_header(header::verbatim("List-Archive", url("List-Archive", archive)?));
        }
        builder = builder.raw_header(header::verbatim(
            "Feedback-ID",
            feedback_id(&list.feedback_id)?.to_owned(),
        ));
    }
    if mail.auto_generated {
        builder = builder.raw_header(header::verbatim("Auto-Submitted", "auto-generated".to_owned()));
    }
    let builder = builder.envelope(Envelope::new(Some(from), vec![to])?);
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
    // The builder folds only at spaces, so this is the one place that can promise the limit.
    check_lines(&bytes)?;
    Ok(bytes)
}

/// Whether no line is longer than mail allows.
pub(super) fn check_lines(bytes: &[u8]) -> Result<(), MessageError> {
    if bytes.split(|b| *b == b'\n').any(|line| line.len() > LONGEST_LINE + 1) {
        Err(MessageError::Line)
    } else {
        Ok(())
    }
}

/// The two headers that name the reader and the mail, as they stand in a message: `To: …`, `Message-ID: …`, each with
/// its line end.
pub(super) fn own_headers(to: &Mailbox, message_id: &str) -> Result<(String, String), MessageError> {
    let address = wire_address(&to.address).map_err(MessageError::To)?;
    let to = header::encoded_phrase("To", to.name.as_deref(), address.as_ref())?;
    let own = (
        format!("To: {to}\r\n"),
        format!("Message-ID: <{}>\r\n", self::message_id(message_id)?),
    );
    check_lines(own.0.as_bytes())?;
    Ok(own)
}

/// One text, always quoted-printable: left to itself the library turns mostly non-ASCII text into base64.
fn part(kind: ContentType, text: &str) -> SinglePart {
    let lines = without_nul(text).replace("\r\n", "\n").replace('\r', "\n");
    let body = lines.trim_end_matches('\n').replace('\n', "\r\n");
    SinglePart::builder()
        .header(kind)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(body)
}

/// Derived, so that the same message has the same bytes; `=_` never occurs in quoted-printable text (RFC 2045 section 6.7).
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

/// `<url>`: a line of its own, never folded or encoded inside the brackets (RFC 2369 section 2).
fn url(header: &'static str, url: &str) -> Result<String, MessageError> {
    let safe = url.len() <= LONGEST_URL && url.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>'));
    if safe && (url.starts_with("https://") || url.starts_with("http://")) {
        Ok(format!("<{url}>"))
    } else {
        Err(MessageError::Url { header })
    }
}
