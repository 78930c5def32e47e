//! Reads files in UTF-8 or UTF-16, with or without a byte order mark, and in the older encodings of one region, such as Latin-1.

use std::collections::VecDeque;
use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The encoding and the line ends are recognised from this many bytes.
pub(super) const PROBE_BYTES: usize = 64 * 1024;

/// UTF-16, if the first bytes of a file have that shape.
fn utf_16(start: &[u8]) -> Option<&'static Encoding> {
    let zeros = |from: usize| start.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    match Encoding::for_bom(start) {
        Some((encoding, _)) => (encoding != UTF_8).then_some(encoding),
        // Text in Latin letters has a zero in every other byte of UTF-16.
        None if start.len() > 3 && zeros(1) * 4 > start.len() => Some(UTF_16LE),
        None if start.len() > 3 && zeros(0) * 4 > start.len() => Some(UTF_16BE),
        None => None,
    }
}

/// The encoding of a file that is in neither UTF-8 nor UTF-16: the one that a detector finds most likely. `None` if it is in one of
/// these, or if only some of its lines are not. Such lines were damaged, and no encoding fits all of them.
pub(super) fn legacy_encoding(mut input: impl Read) -> io::Result<Option<&'static Encoding>> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let (mut is_first, mut has_utf8, mut has_other) = (true, false, false);
    // The bytes that are not examined yet. A character may be cut at the end of what was read.
    let mut bytes = Vec::with_capacity(PROBE_BYTES + 4);
    loop {
        let read = (&mut input).take(PROBE_BYTES as u64).read_to_end(&mut bytes)?;
        if is_first && utf_16(&bytes).is_some() {
            return Ok(None);
        }
        is_first = false;
        let mut rest = &bytes[..];
        let cut = loop {
            let error = match std::str::from_utf8(rest) {
                Ok(text) => {
                    has_utf8 |= !text.is_ascii();
                    break 0;
                }
                Err(error) => error,
            };
            let (good, bad) = rest.split_at(error.valid_up_to());
            has_utf8 |= !good.is_ascii();
            match error.error_len() {
                None if read > 0 => break bad.len(),
                None => rest = &[],
                Some(length) => rest = &bad[length..],
            }
            has_other = true;
        };
        if has_utf8 && has_other {
            return Ok(None);
        }
        let examined = bytes.len() - cut;
        // The detector is slow, and a file in UTF-8 does not need it: what came before the first other byte is ASCII.
        if has_other && !bytes[..examined].is_ascii() {
            detector.feed(&bytes[..examined], false);
        }
        bytes.drain(..examined);
        if read == 0 {
            break;
        }
    }
    detector.feed(&[], true);
    Ok(has_other.then(|| detector.guess(None, Utf8Detection::Deny)))
}

/// Converts other encodings to UTF-8, and removes a byte order mark. Other bytes pass unchanged, so that an error can name the line
/// that is not UTF-8.
pub(super) struct Utf8<R> {
    input: R,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    decoded: VecDeque<u8>,
    ended: bool,
}

impl<R: Read> Utf8<R> {
    /// `legacy` is what [`legacy_encoding`] found.
    pub(super) fn open(mut input: R, legacy: Option<&'static Encoding>) -> io::Result<Self> {
        let mut raw = Vec::new();
        (&mut input).take(PROBE_BYTES as u64).read_to_end(&mut raw)?;
        let encoding = legacy.or_else(|| utf_16(&raw));
        if let Some((_, length)) = Encoding::for_bom(&raw) {
            raw.drain(..length);
        }
        let decoder = encoding.map(Encoding::new_decoder_without_bom_handling);
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

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;

    use super::*;

    #[test]
    fn the_encoding_is_found_wherever_the_bytes_that_are_read_together_end() {
        for before in PROBE_BYTES - 24..=PROBE_BYTES {
            let start = "a".repeat(before).into_bytes();
            let latin_1 = [&start[..], b"caf\xe9 cr\xe8me br\xfbl\xe9e\n"].concat();
            let found = legacy_encoding(&latin_1[..]).expect("a slice can be read");
            assert_eq!(found, Some(WINDOWS_1252), "{before} bytes before");
            let utf_8 = [&start[..], "café crème brûlée\n".as_bytes()].concat();
            let found = legacy_encoding(&utf_8[..]).expect("a slice can be read");
            assert_eq!(found, None, "{before} bytes before");
        }
    }
}
