//! Decodes the entities of XML, and those of HTML that feeds use without declaring them.

use encoding_rs::WINDOWS_1252;
use quick_xml::escape::{resolve_html5_entity, resolve_xml_entity};

/// The length in bytes of the longest entity name of HTML.
const MAX_NAME: usize = 32;

/// Decodes references one by one. It has state because two references can be one character.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The first half of a surrogate pair; JavaScript writes an emoji as two references.
    high: Option<u32>,
}

impl Decoder {
    /// Appends the text of a reference, which is given without `&` and `;`. An unknown reference is kept unchanged: entities that
    /// a document declares are never expanded.
    pub(super) fn reference(&mut self, name: &str, out: &mut String) {
        let Some(code) = code(name) else {
            self.flush(out);
            let known = resolve_xml_entity(name).or_else(|| {
                // A reference that could become markup is kept for the HTML parser.
                resolve_html5_entity(name).filter(|text| !text.contains(['<', '>', '&']))
            });
            match known {
                Some(text) => out.push_str(text),
                None => out.extend(["&", name, ";"]),
            }
            return;
        };
        match (self.high.take(), code) {
            (Some(high), 0xdc00..=0xdfff) => {
                let joined = 0x1_0000 + ((high - 0xd800) << 10) + (code - 0xdc00);
                out.push(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (high, _) => {
                out.extend(high.map(|_| char::REPLACEMENT_CHARACTER));
                match code {
                    0xd800..=0xdbff => self.high = Some(code),
                    _ => out.push(character(code)),
                }
            }
        }
    }

    /// Ends an incomplete surrogate pair.
    pub(super) fn flush(&mut self, out: &mut String) {
        out.extend(self.high.take().map(|_| char::REPLACEMENT_CHARACTER));
    }

    /// Whether the first half of a surrogate pair was read.
    pub(super) fn is_pending(&self) -> bool {
        self.high.is_some()
    }
}

/// Decodes the references in the value of an attribute. An `&` that does not begin a reference is kept.
pub(super) fn unescaped(text: &str) -> String {
    let (mut out, mut rest, mut decoder) = (String::with_capacity(text.len()), text, Decoder::default());
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            decoder.flush(&mut out);
        }
        out.push_str(before);
        let behind = from.get(1..).unwrap_or_default();
        let end = behind
            .bytes()
            .take(MAX_NAME)
            .position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'#'));
        if let Some(end) = end.filter(|&end| end > 0 && behind.as_bytes().get(end) == Some(&b';')) {
            decoder.reference(behind.get(..end).unwrap_or_default(), &mut out);
            rest = behind.get(end + 1..).unwrap_or_default();
        } else {
            decoder.flush(&mut out);
            out.push('&');
            rest = behind;
        }
    }
    decoder.flush(&mut out);
    out.push_str(rest);
    out
}

/// The code of a numeric reference, `#233` or `#xe9`.
fn code(name: &str) -> Option<u32> {
    let number = name.strip_prefix('#')?;
    match number.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok(),
        None => number.parse().ok(),
    }
}

/// The character of a code. Those from 128 to 159 mean Windows-1252, as in HTML.
fn character(code: u32) -> char {
    match u8::try_from(code) {
        Ok(byte @ 0x80..=0x9f) => {
            let text = WINDOWS_1252.decode_without_bom_handling(&[byte]).0.into_owned();
            text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        Ok(0) => char::REPLACEMENT_CHARACTER,
        _ => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_of_xml_and_html_are_decoded_and_others_are_kept() {
        for (text, expected) in [
            (
                "a &amp; b &lt;&#233;&#xE9;&eacute;&ndash;&nbsp;&gt;",
                "a & b <éé\u{e9}–\u{a0}>",
            ),
            ("?a=1&b=2&amp;c=3&copy=4&", "?a=1&b=2&c=3&copy=4&"),
            ("&bogus; &LT;b&GT; &;", "&bogus; &LT;b&GT; &;"),
            ("don&#146;t &#128;", "don’t €"),
            ("&#55357;&#56832;!", "😀!"),
            (
                "&#xd83d;&#x41;&#xde00;&#xd83d; &#xd83d;",
                "\u{fffd}A\u{fffd}\u{fffd} \u{fffd}",
            ),
            ("&#0;&#1114112;", "\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(unescaped(text), expected, "{text}");
        }
    }
}
