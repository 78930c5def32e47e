//! Bytes with slots for a token. The slots are found by comparing the bytes for two different tokens.

use std::ops::Range;

use super::message::MessageError;

/// Bytes with slots for a token.
#[derive(Debug, Clone)]
pub(super) struct Slotted {
    bytes: Vec<u8>,
    /// Offset of each slot, and the part of the token that it takes, in order.
    slots: Vec<(usize, Range<usize>)>,
}

impl Slotted {
    /// Finds the slots by comparing `one`, which has the token `a`, with `two`, which has `b`. The two tokens must differ in every
    /// character.
    pub(super) fn between(one: &[u8], two: &[u8], a: &str, b: &str) -> Result<Self, MessageError> {
        let mut slots: Vec<(usize, Range<usize>)> = Vec::new();
        let mut next = 0;
        let differing = one.iter().zip(two).enumerate().filter(|(_, (x, y))| x != y);
        for (at, (x, y)) in differing {
            if (*x, *y) != (a.as_bytes()[next], b.as_bytes()[next]) {
                return Err(MessageError::Places);
            }
            match slots.last_mut() {
                Some((start, part)) if *start + part.len() == at && part.end == next => part.end += 1,
                _ => slots.push((at, next..next + 1)),
            }
            next = (next + 1) % a.len();
        }
        if next != 0 || one.len() != two.len() {
            return Err(MessageError::Places);
        }
        let bytes = one.to_vec();
        Ok(Self { bytes, slots })
    }

    /// Offset of the first slot; the length if there is no slot.
    pub(super) fn first_slot(&self) -> usize {
        self.slots.first().map_or(self.bytes.len(), |(at, _)| *at)
    }

    /// Cuts off and returns the bytes before `end`, which must not contain a slot.
    pub(super) fn cut_start(&mut self, end: usize) -> Result<Vec<u8>, MessageError> {
        for (at, _) in &mut self.slots {
            *at = at.checked_sub(end).ok_or(MessageError::Places)?;
        }
        let rest = self.bytes.split_off(end);
        Ok(std::mem::replace(&mut self.bytes, rest))
    }

    /// Cuts off and returns the bytes from `start` on, which must not contain a slot.
    pub(super) fn cut_end(&mut self, start: usize) -> Result<Vec<u8>, MessageError> {
        if self.last_slot_end() > start {
            return Err(MessageError::Places);
        }
        Ok(self.bytes.split_off(start))
    }

    /// The offset after the last slot.
    fn last_slot_end(&self) -> usize {
        self.slots.last().map_or(0, |(at, part)| at + part.len())
    }

    /// The length, which is the same with every token.
    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes with `token` in the slots, in parts.
    pub(super) fn with<'a>(&'a self, token: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let mut done = 0;
        let filled = self.slots.iter().flat_map(move |(at, part)| {
            let fixed = &self.bytes[done..*at];
            done = at + part.len();
            [fixed, &token.as_bytes()[part.clone()]]
        });
        filled.chain([&self.bytes[self.last_slot_end()..]])
    }
}

/// The range of the first header with this name, including its line ends.
pub(super) fn field(message: &[u8], name: &str) -> Result<Range<usize>, MessageError> {
    let mut start = 0;
    loop {
        // A line that begins with a space or tab continues the one before
        // ([RFC 5322 §2.2.3](https://www.rfc-editor.org/rfc/rfc5322#section-2.2.3)).
        let ends = |pair: &[u8]| pair[0] == b'\n' && !matches!(pair[1], b' ' | b'\t');
        let rest = &message[start..];
        let end = rest.windows(2).position(ends).map_or(rest.len(), |at| at + 1);
        let line = &rest[..end];
        let value = line.strip_prefix(name.as_bytes());
        if value.is_some_and(|value| value.starts_with(b":")) {
            return Ok(start..start + end);
        }
        if matches!(line, b"" | b"\r\n") {
            return Err(MessageError::Places);
        }
        start += end;
    }
}
