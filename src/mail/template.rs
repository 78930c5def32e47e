//! The message of an issue, built once and filled in for each recipient.
//!
//! The whole message is built, encoded and dot-stuffed for two sets of placeholder tokens. The bytes in which the two results differ
//! are the slots of the tokens, even where quoted-printable breaks a line inside one. They are the same for every token of the same
//! length, because each of its characters is encoded as itself
//! ([RFC 2045 §6.7](https://www.rfc-editor.org/rfc/rfc2045#section-6.7)).

use super::{
    dkim_input::{DkimInput, DkimInputTemplate},
    dot_stuffing,
    mailbox::Mailbox,
    message::{Mail, MessageError, ReferenceHeader, build, own_headers, reference_lines},
    outcome::Envelope,
    outgoing::{FINAL_DOT, Outgoing},
    slots::{Slotted, field},
    tokens::TokenPair,
};

pub use super::tokens::Tokens;

/// The message of an issue with slots for the recipient's address, Message-ID and tokens.
#[derive(Debug, Clone)]
pub struct Template {
    /// The bytes before the To header.
    start: Vec<u8>,
    /// The bytes between the headers To and Message-ID.
    middle: Vec<u8>,
    /// The dot-stuffed bytes from Message-ID and the fields that repeat it to the final dot.
    rest: Slotted,
    references: Vec<ReferenceHeader>,
    /// How many dots the stuffing added.
    dots: usize,
    /// Whether every byte is ASCII.
    ascii: bool,
    dkim_input: DkimInputTemplate,
    /// The lengths of the link token and of the tag.
    token_lengths: [usize; 2],
}

/// A template with the values of one recipient, not yet assembled.
#[derive(Debug, Clone)]
pub struct FilledTemplate<'a> {
    template: &'a Template,
    to: String,
    message_id: String,
    /// The fields that repeat the Message-ID.
    references: String,
    tokens: Tokens<'a>,
}

impl Template {
    /// Builds `mail`. Every one of `tokens` in its text, HTML and unsubscribe addresses becomes a slot, and so do recipient and
    /// Message-ID. The tokens must not occur in the mail by chance.
    ///
    /// # Errors
    /// The errors of [`build`], and [`MessageError::Token`] if a placeholder is not a valid token.
    pub fn new<'a>(mail: &Mail, tokens: impl Into<Tokens<'a>>) -> Result<Self, MessageError> {
        let tokens = tokens.into();
        let token_lengths = [tokens.link.len(), tokens.tag.len()];
        check_tokens(tokens, token_lengths)?;
        let pair = TokenPair::of(tokens);
        let one = build(mail)?;
        let two = build(&mail.for_recipient(tokens, mail.to.clone(), mail.message_id.clone(), pair.second()))?;
        let wire = dot_stuffing::stuff(&one);
        let dots = wire.len() - one.len() - FINAL_DOT.len();
        let (to, id) = (field(&one, "To")?, field(&one, "Message-ID")?);
        // No header line begins with a dot, so stuffing does not move these headers.
        let mut rest = Slotted::between(&wire, &dot_stuffing::stuff(&two), &pair)?;
        let references = reference_lines(&mail.reference_headers, &mail.message_id);
        if !one[id.end..].starts_with(references.as_bytes()) {
            return Err(MessageError::Places);
        }
        let mut start = rest.cut_start(id.end + references.len())?;
        start.truncate(id.start);
        let mut middle = start.split_off(to.start);
        middle.drain(..to.len());
        Ok(Self {
            start,
            middle,
            rest,
            references: mail.reference_headers.clone(),
            dots,
            ascii: one.is_ascii(),
            dkim_input: DkimInputTemplate::between(&one, &two, &pair)?,
            token_lengths,
        })
    }

    /// Fills in the values of one recipient. The result equals what [`build`] would make of them.
    ///
    /// # Errors
    /// The errors of [`build`] about the Message-ID, and [`MessageError::Token`].
    pub fn fill<'a>(
        &'a self,
        to: &Mailbox,
        message_id: &str,
        tokens: impl Into<Tokens<'a>>,
    ) -> Result<FilledTemplate<'a>, MessageError> {
        let tokens = tokens.into();
        check_tokens(tokens, self.token_lengths)?;
        let references = reference_lines(&self.references, message_id);
        let (to, message_id) = own_headers(to, message_id)?;
        Ok(FilledTemplate {
            template: self,
            to,
            message_id,
            references,
            tokens,
        })
    }
}

impl FilledTemplate<'_> {
    /// The bytes that DKIM signatures cover.
    pub(super) fn dkim_input(&self) -> DkimInput {
        self.template.dkim_input.fill(&self.to, &self.message_id, self.tokens)
    }

    /// The assembled message. `signatures` are whole header fields, or empty, and come first.
    #[must_use]
    pub fn outgoing(&self, envelope: Envelope, signatures: &[u8]) -> Outgoing {
        let template = self.template;
        let head = [
            signatures,
            &template.start,
            self.to.as_bytes(),
            &template.middle,
            self.message_id.as_bytes(),
            self.references.as_bytes(),
        ];
        let length = head.iter().map(|part| part.len()).sum::<usize>() + template.rest.len();
        let mut wire = Vec::with_capacity(length);
        head.into_iter()
            .chain(template.rest.with(self.tokens))
            .for_each(|part| wire.extend_from_slice(part));
        let ascii = template.ascii && self.to.is_ascii();
        Outgoing::stuffed(envelope, wire, template.dots, ascii)
    }
}

/// Checks that every encoding writes the tokens as they are, and never breaks a line inside one: base64url
/// ([RFC 4648 §5](https://www.rfc-editor.org/rfc/rfc4648#section-5)), each of a fixed length. Only the tag may be empty.
fn check_tokens(tokens: Tokens<'_>, lengths: [usize; 2]) -> Result<(), MessageError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    for (token, length, may_be_empty) in [(tokens.link, lengths[0], false), (tokens.tag, lengths[1], true)] {
        let is_valid = token.len() == length && (may_be_empty || !token.is_empty()) && token.bytes().all(plain);
        if !is_valid {
            return Err(MessageError::Token(length));
        }
    }
    Ok(())
}
