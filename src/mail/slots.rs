//! Bytes with slots for a recipient's tokens. The slots are found by comparing the bytes for two sets of tokens.

use std::ops::Range;

use super::message::MessageError;
use super::tokens::{TokenPair, Tokens, Which};

/// Bytes with slots for tokens.
#[derive(Debug, Clone)]
pub(super) struct Slotted {
    bytes: Vec<u8>,
    slots: Vec<Slot>,
}

/// A place in the bytes that a part of a token takes.
#[derive(Debug, Clone)]
struct Slot {
    offset: usize,
    which: Which,
    part: Range<usize>,
}

impl Slot {
    fn end(&self) -> usize {
        self.offset + self.part.len()
    }
}

impl Slotted {
    /// Finds the slots by comparing `one`, which has the first tokens of `pair`, with `two`, which has the second ones.
    pub(super) fn between(one: &[u8], two: &[u8], pair: &TokenPair<'_>) -> Result<Self, MessageError> {
        let mut slots: Vec<Slot> = Vec::new();
        // The token that the bytes are in, and the index of its next character.
        let mut inside: Option<(Which, usize)> = None;
        let differing = one.iter().zip(two).enumerate().filter(|(_, (x, y))| x != y);
        for (at, (x, y)) in differing {
            let is_here = |which: Which, index: usize| pair.characters(which, index) == Some((*x, *y));
            let begun = || [Which::Link, Which::Tag].into_iter().find(|which| is_here(*which, 0));
            let (which, index) = match inside {
                Some(inside) => inside,
                None => (begun().ok_or(MessageError::Places)?, 0),
            };
            if !is_here(which, index) {
                return Err(MessageError::Places);
            }
            match slots.last_mut() {
                Some(slot) if slot.end() == at && slot.which == which && slot.part.end == index => slot.part.end += 1,
                _ => slots.push(Slot {
                    offset: at,
                    which,
                    part: index..index + 1,
                }),
            }
            inside = pair.characters(which, index + 1).map(|_| (which, index + 1));
        }
        if inside.is_some() || one.len() != two.len() {
            return Err(MessageError::Places);
        }
        let bytes = one.to_vec();
        Ok(Self { bytes, slots })
    }

    /// Offset of the first slot; the length if there is no slot.
    pub(super) fn first_slot(&self) -> usize {
        self.slots.first().map_or(self.bytes.len(), |slot| slot.offset)
    }

    /// Cuts off and returns the bytes before `end`, which must not contain a slot.
    pub(super) fn cut_start(&mut self, end: usize) -> Result<Vec<u8>, MessageError> {
        for slot in &mut self.slots {
            slot.offset = slot.offset.checked_sub(end).ok_or(MessageError::Places)?;
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
        self.slots.last().map_or(0, Slot::end)
    }

    /// The length, which is the same with every set of tokens.
    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes with `tokens` in the slots, in parts.
    pub(super) fn with<'a>(&'a self, tokens: Tokens<'a>) -> impl Iterator<Item = &'a [u8]> {
        let mut done = 0;
        let filled = self.slots.iter().flat_map(move |slot| {
            let fixed = &self.bytes[done..slot.offset];
            done = slot.end();
            [fixed, &tokens.get(slot.which).as_bytes()[slot.part.clone()]]
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
