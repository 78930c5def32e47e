//! The bytes of a message that a DKIM signature covers: headers and body in canonical form
//! ([RFC 6376 §3.4](https://www.rfc-editor.org/rfc/rfc6376#section-3.4)).

use std::fmt;
use std::iter;

use mail_auth::{
    common::{
        crypto::{HashContext, HashImpl, HashOutput, Sha256},
        headers::{HeaderStream, Writable, Writer},
    },
    dkim::{Canonicalization, Signature},
};

use super::{
    dkim_key::DkimError,
    message::MessageError,
    slots::{Slotted, field},
    tokens::{TokenPair, Tokens},
};

/// The headers to sign if a message has them. From is signed once more than it occurs, so that a second one invalidates the
/// signature ([RFC 6376 §8.15](https://www.rfc-editor.org/rfc/rfc6376#section-8.15)).
pub(super) const SIGNED: [&str; 17] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Reply-To",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Help",
    "List-Subscribe",
    "List-Archive",
    "Feedback-ID",
    "Auto-Submitted",
    "Content-Transfer-Encoding",
];

/// The bytes that a signature covers, to be signed with any key.
#[derive(Debug)]
pub(super) struct DkimInput {
    /// The names of the headers, in the order in which they are signed: `h=`.
    pub(super) names: Vec<String>,
    /// The header fields in their canonical form.
    pub(super) headers: Vec<u8>,
    /// The hash of the canonical body: `bh=`.
    pub(super) body_hash: HashOutput,
}

impl DkimInput {
    /// The bytes to sign of a message.
    pub(super) fn of(message: &[u8]) -> Result<Self, DkimError> {
        let Canonical { names, headers, body } = Canonical::of(message)?;
        let mut hash = Sha256::hasher();
        Writer::write(&mut hash, &body);
        Ok(Self {
            names,
            headers,
            body_hash: hash.complete(),
        })
    }
}

/// [`DkimInput`] of a template. What is the same for every recipient is computed once: canonical forms, and the hash of the body up to
/// the first token.
#[derive(Clone)]
pub(super) struct DkimInputTemplate {
    names: Vec<String>,
    /// The canonical headers up to Message-ID. They are signed from the last to the first.
    start: Slotted,
    /// Between Message-ID and To.
    middle: Vec<u8>,
    /// From To to the end.
    end: Vec<u8>,
    /// The hash state after the canonical body up to the first token.
    hash: <Sha256 as HashImpl>::Context,
    /// The canonical body from the first token on.
    body: Slotted,
}

impl DkimInputTemplate {
    /// Compares the template's messages for the two sets of tokens.
    pub(super) fn between(one: &[u8], two: &[u8], pair: &TokenPair<'_>) -> Result<Self, MessageError> {
        let canonical = |message| Canonical::of(message).map_err(|_| MessageError::Places);
        let (one, two) = (canonical(one)?, canonical(two)?);
        let (id, to) = (field(&one.headers, "message-id")?, field(&one.headers, "to")?);
        let mut start = Slotted::between(&one.headers, &two.headers, pair)?;
        let end = start.cut_end(to.end)?;
        let mut middle = start.cut_end(id.start)?;
        middle.truncate(to.start.checked_sub(id.start).ok_or(MessageError::Places)?);
        middle.drain(..id.len());
        let mut body = Slotted::between(&one.body, &two.body, pair)?;
        let mut hash = Sha256::hasher();
        Writer::write(&mut hash, &body.cut_start(body.first_slot())?);
        Ok(Self {
            names: one.names,
            start,
            middle,
            end,
            hash,
            body,
        })
    }

    /// The bytes to sign of the message with these headers and tokens.
    pub(super) fn fill(&self, to: &str, message_id: &str, tokens: Tokens<'_>) -> DkimInput {
        let mut headers = Vec::with_capacity(self.start.len() + self.middle.len() + self.end.len() + to.len() + 128);
        let relaxed = Canonicalization::Relaxed;
        self.start.with(tokens).for_each(|part| headers.extend_from_slice(part));
        relaxed.canonicalize_headers(fields(message_id.as_bytes()), &mut headers);
        headers.extend_from_slice(&self.middle);
        relaxed.canonicalize_headers(fields(to.as_bytes()), &mut headers);
        headers.extend_from_slice(&self.end);
        let mut hash = self.hash.clone();
        self.body.with(tokens).for_each(|part| Writer::write(&mut hash, part));
        DkimInput {
            names: self.names.clone(),
            headers,
            body_hash: hash.complete(),
        }
    }
}

impl fmt::Debug for DkimInputTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DkimInputTemplate")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

/// A message in relaxed canonical form.
struct Canonical {
    names: Vec<String>,
    headers: Vec<u8>,
    body: Vec<u8>,
}

impl Canonical {
    fn of(message: &[u8]) -> Result<Self, DkimError> {
        let wanted = Signature {
            h: headers_to_sign(message)?,
            ch: Canonicalization::Relaxed,
            cb: Canonicalization::Relaxed,
            ..Signature::default()
        };
        let (_, canonical_headers, names, canonical_body) = wanted.canonicalize(Fields::new(message));
        let (mut headers, mut body) = (Vec::new(), Vec::with_capacity(message.len()));
        canonical_headers.write(&mut headers);
        canonical_body.write(&mut body);
        Ok(Self { names, headers, body })
    }
}

/// Those headers of [`SIGNED`] that the message has, and From once more.
fn headers_to_sign(message: &[u8]) -> Result<Vec<String>, DkimError> {
    let present: Vec<_> = fields(message).map(|(name, _)| name).collect();
    let is_present = |wanted: &&str| present.iter().any(|name| name.eq_ignore_ascii_case(wanted.as_bytes()));
    let signed = SIGNED.iter().filter(|name| is_present(name)).chain(["From"].iter());
    if is_present(&"From") {
        Ok(signed.map(|name| (*name).to_owned()).collect())
    } else {
        Err(DkimError::Sign("it has no From header".to_owned()))
    }
}

/// The header fields at the beginning of a message, as name and value.
fn fields(message: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut fields = Fields::new(message);
    iter::from_fn(move || fields.next_header())
}

/// Iterates over the header fields of a message.
struct Fields<'a> {
    head: &'a [u8],
    body: &'a [u8],
}

impl<'a> Fields<'a> {
    fn new(message: &'a [u8]) -> Self {
        let end = message.windows(4).position(|window| window == b"\r\n\r\n");
        let (head, body) = message.split_at(end.map_or(message.len(), |at| at + 2));
        Self {
            head,
            body: body.strip_prefix(b"\r\n").unwrap_or(body),
        }
    }
}

impl<'a> HeaderStream<'a> for Fields<'a> {
    fn next_header(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        // A line that begins with a space or tab continues the one before
        // ([RFC 5322 §2.2.3](https://www.rfc-editor.org/rfc/rfc5322#section-2.2.3)).
        let ends = |window: &[u8]| window[0] == b'\n' && !matches!(window[1], b' ' | b'\t');
        let end = self.head.windows(2).position(ends).map_or(self.head.len(), |at| at + 1);
        let (field, rest) = self.head.split_at(end);
        let colon = field.iter().position(|b| *b == b':')?;
        self.head = rest;
        Some((&field[..colon], &field[colon + 1..]))
    }

    fn body(&mut self) -> &'a [u8] {
        self.body
    }
}
