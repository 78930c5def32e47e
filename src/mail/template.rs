//! An issue's message, made once and filled in for each reader.
//!
//! The whole message is built, encoded and dot-stuffed for two readers that do not exist. Where the two differ is where a
//! reader's token goes, however often it occurs, and wherever quoted-printable breaks a line inside it. That holds for every
//! token of the same length, because each of its characters is written as itself (RFC 2045 section 6.7).

use super::{
    dots,
    fillable::{Fillable, field},
    mailbox::Mailbox,
    message::{Mail, MessageError, build, own_headers},
    outcome::Envelope,
    outgoing::{FINAL_DOT, Outgoing},
    signable::{Signable, SignableTemplate},
};

/// The message of an issue with places for what is a reader's own.
#[derive(Debug, Clone)]
pub struct Template {
    /// Up to the To header.
    start: Vec<u8>,
    /// Between To and Message-ID.
    middle: Vec<u8>,
    /// From Message-ID to the final dot, stuffed.
    rest: Fillable,
    /// How many dots the stuffing put in.
    dots: usize,
    /// Whether all of it is ASCII.
    ascii: bool,
    /// What signatures cover.
    signable: SignableTemplate,
    token_length: usize,
}

/// A template with one reader's values, not yet put together.
#[derive(Debug, Clone)]
pub struct Filled<'a> {
    template: &'a Template,
    to: String,
    message_id: String,
    token: &'a str,
}

impl Template {
    /// Builds `mail`, in which `token` stands for the reader's own wherever it occurs in the text, the HTML and the address
    /// to leave by; recipient and Message-ID are placeholders too. It must be a token that nobody can have written.
    ///
    /// # Errors
    /// What [`build`] refuses, and [`MessageError::Token`] for a placeholder that is no token itself.
    pub fn new(mail: &Mail, token: &str) -> Result<Self, MessageError> {
        let other: String = token.chars().map(|c| if c == 'A' { 'B' } else { 'A' }).collect();
        check_token(token, token.len())?;
        let one = build(mail)?;
        let two = build(&mail.for_reader(token, mail.to.clone(), mail.message_id.clone(), &other))?;
        let wire = dots::stuff(&one);
        let dots = wire.len() - one.len() - FINAL_DOT.len();
        let (to, id) = (field(&one, "To")?, field(&one, "Message-ID")?);
        // No header begins with a dot, so these are where they were before the stuffing.
        let mut rest = Fillable::between(&wire, &dots::stuff(&two), token, &other)?;
        let mut start = rest.cut_start(id.end)?;
        start.truncate(id.start);
        let mut middle = start.split_off(to.start);
        middle.drain(..to.len());
        Ok(Self {
            start,
            middle,
            rest,
            dots,
            ascii: one.is_ascii(),
            signable: SignableTemplate::between(&one, &two, token, &other)?,
            token_length: token.len(),
        })
    }

    /// The message of one reader: what [`build`] would make of it, and of `token` where the placeholder was.
    ///
    /// # Errors
    /// What [`build`] refuses in the recipient and the Message-ID, and [`MessageError::Token`].
    pub fn fill<'a>(&'a self, to: &Mailbox, message_id: &str, token: &'a str) -> Result<Filled<'a>, MessageError> {
        check_token(token, self.token_length)?;
        let (to, message_id) = own_headers(to, message_id)?;
        Ok(Filled {
            template: self,
            to,
            message_id,
            token,
        })
    }
}

impl Filled<'_> {
    /// What signatures of it cover.
    pub(super) fn signable(&self) -> Signable {
        self.template.signable.fill(&self.to, &self.message_id, self.token)
    }

    /// The finished message, with `signatures` (whole header fields, or nothing) in front.
    #[must_use]
    pub fn outgoing(&self, envelope: Envelope, signatures: &[u8]) -> Outgoing {
        let template = self.template;
        let head = [
            signatures,
            &template.start,
            self.to.as_bytes(),
            &template.middle,
            self.message_id.as_bytes(),
        ];
        let length = head.iter().map(|part| part.len()).sum::<usize>() + template.rest.len();
        let mut wire = Vec::with_capacity(length);
        head.into_iter()
            .chain(template.rest.with(self.token))
            .for_each(|part| wire.extend_from_slice(part));
        let ascii = template.ascii && self.to.is_ascii();
        Outgoing::stuffed(envelope, wire, template.dots, ascii)
    }
}

/// A token is written as itself everywhere, and never breaks a line: base64url (RFC 4648 section 5), of a fixed length.
fn check_token(token: &str, length: usize) -> Result<(), MessageError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if token.len() == length && !token.is_empty() && token.bytes().all(plain) {
        Ok(())
    } else {
        Err(MessageError::Token(length))
    }
}
