//! Reads files in UTF-8 or UTF-16, with or without a byte order mark.

use std::collections::VecDeque;
use std::io::{self, Read};

use encoding_rs::{Decoder, UTF_8, UTF_16BE, UTF_16LE};

/// The encoding and the line ends are recognised from this many bytes.
pub(super) const PROBE_BYTES: usize = 64 * 1024;

/// Converts UTF-16 to UTF-8, and removes a byte order mark. Other bytes pass unchanged, so that an error can name the line
/// that is not UTF-8.
pub(super) struct Utf8<R> {
    input: R,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    decoded: VecDeque<u8>,
    ended: bool,
}

impl<R: Read> Utf8<R> {
    pub(super) fn open(mut input: R) -> io::Result<Self> {
        let mut raw = Vec::new();
        (&mut input).take(PROBE_BYTES as u64).read_to_end(&mut raw)?;
        let zeros = |from: usize| raw.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
        let decoder = match encoding_rs::Encoding::for_bom(&raw) {
            Some((encoding, length)) => {
                raw.drain(..length);
                (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling())
            }
            // Text in Latin letters has a zero in every other byte of UTF-16.
            None if raw.len() > 3 && zeros(1) * 4 > raw.len() => Some(UTF_16LE.new_decoder_without_bom_handling()),
            None if raw.len() > 3 && zeros(0) * 4 > raw.len() => Some(UTF_16BE.new_decoder_without_bom_handling()),
            None => None,
        };
        let mut this = Self {
            input,
            decoder,
            raw: Vec::new(),
            decoded: VecDeque::new(),
            ended: false,
        };
        this.decode(&raw, false);
        Ok(this)
    }

    fn decode(&mut self, raw: &[u8], last: bool) {
        let Some(decoder) = &mut self.decoder else {
            self.decoded.extend(raw);
            return;
        };
        let mut text = String::with_capacity(decoder.max_utf8_buffer_length(raw.len()).unwrap_or(raw.len() * 3 + 16));
        let (_result, _read, _replaced) = decoder.decode_to_string(raw, &mut text, last);
        self.decoded.extend(text.as_bytes());
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.decoded.is_empty() && !self.ended {
            let mut raw = std::mem::take(&mut self.raw);
            raw.resize(PROBE_BYTES, 0);
            let read = self.input.read(&mut raw)?;
            self.ended = read == 0;
            self.decode(&raw[..read], self.ended);
            self.raw = raw;
        }
        self.decoded.read(buffer)
    }
}
