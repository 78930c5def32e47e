//! An issue's message, made once and filled in for each reader.
//!
//! The whole message is built, encoded and dot-stuffed for two readers that do not exist. Where the two differ is where a
//! reader's token goes, however often it occurs, and wherever quoted-printable breaks a line inside it. That holds for every
//! token of the same length, because each of its characters is written as itself (RFC 2045 section 6.7).

use std::ops::Range;

use super::{
    dots,
    mailbox::Mailbox,
    message::{Mail, MessageError, build, own_headers},
    outcome::Envelope,
    outgoing::{FINAL_DOT, Outgoing},
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
        let ascii = one.is_ascii();
        let wire = dots::stuff(&one);
        let dots = wire.len() - one.len() - FINAL_DOT.len();
        let to = field(&one, "To").ok_or(MessageError::Places)?;
        let id = field(&one, "Message-ID")
            .filter(|id| id.start >= to.end)
            .ok_or(MessageError::Places)?;
        // No header begins with a dot, so these are where they were before the stuffing.
        let rest = Fillable::between(&wire, &dots::stuff(&two), token, &other)?;
        let rest = rest.from(id.end).ok_or(MessageError::Places)?;
        Ok(Self {
            start: wire[..to.start].to_vec(),
            middle: wire[to.end..id.start].to_vec(),
            rest,
            dots,
            ascii,
        })
    }

    /// The message of one reader: what [`build`] would make of it, and of `token` where the placeholder was.
    ///
    /// # Errors
    /// What [`build`] refuses in the recipient and the Message-ID, and [`MessageError::Token`].
    pub fn fill<'a>(&'a self, to: &Mailbox, message_id: &str, token: &'a str) -> Result<Filled<'a>, MessageError> {
        check_token(token, self.rest.token_length)?;
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
        let length = head.iter().map(|part| part.len()).sum::<usize>() + template.rest.bytes.len();
        let mut wire = Vec::with_capacity(length);
        head.into_iter()
            .chain(template.rest.with(self.token))
            .for_each(|part| wire.extend_from_slice(part));
        let ascii = template.ascii && self.to.is_ascii();
        Outgoing::stuffed(envelope, wire, template.dots, ascii)
    }
}

/// Bytes with places for a token.
#[derive(Debug, Clone)]
struct Fillable {
    bytes: Vec<u8>,
    /// Where a part of the token stands, and which part it is, in order.
    places: Vec<(usize, Range<usize>)>,
    token_length: usize,
}

impl Fillable {
    /// The places of the token, seen from where `one`, which has the token `a`, differs from `two`, which has `b`.
    fn between(one: &[u8], two: &[u8], a: &str, b: &str) -> Result<Self, MessageError> {
        let mut places: Vec<(usize, Range<usize>)> = Vec::new();
        let mut next = 0;
        let differing = one.iter().zip(two).enumerate().filter(|(_, (x, y))| x != y);
        for (at, (x, y)) in differing {
            if (*x, *y) != (a.as_bytes()[next], b.as_bytes()[next]) {
                return Err(MessageError::Places);
            }
            match places.last_mut() {
                Some((start, part)) if *start + part.len() == at && part.end == next => part.end += 1,
                _ => places.push((at, next..next + 1)),
            }
            next = (next + 1) % a.len();
        }
        if next != 0 || one.len() != two.len() {
            return Err(MessageError::Places);
        }
        Ok(Self {
            bytes: one.to_vec(),
            places,
            token_length: a.len(),
        })
    }

    /// What follows `start`, if no place is before it.
    fn from(mut self, start: usize) -> Option<Self> {
        self.bytes.drain(..start);
        for (at, _) in &mut self.places {
            *at = at.checked_sub(start)?;
        }
        Some(self)
    }

    /// The bytes with `token` in its places, in parts.
    fn with<'a>(&'a self, token: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let mut done = 0;
        let filled = self.places.iter().flat_map(move |(at, part)| {
            let fixed = &self.bytes[done..*at];
            done = at + part.len();
            [fixed, &token.as_bytes()[part.clone()]]
        });
        let tail = self.places.last().map_or(0, |(at, part)| at + part.len());
        filled.chain([&self.bytes[tail..]])
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

/// Where the first header of that name stands, with its line ends.
fn field(message: &[u8], name: &str) -> Option<Range<usize>> {
    let mut start = 0;
    loop {
        let rest = &message[start..];
        // A line that begins with a space or tab continues the one before (RFC 5322 section 2.2.3).
        let ends = |pair: &[u8]| pair[0] == b'\n' && !matches!(pair[1], b' ' | b'\t');
        let end = start + rest.windows(2).position(ends)? + 1;
        let line = &message[start..end];
        if line
            .strip_prefix(name.as_bytes())
            .is_some_and(|value| value.starts_with(b":"))
        {
            return Some(start..end);
        }
        if line == b"\r\n" {
            return None;
        }
        start = end;
    }
}
