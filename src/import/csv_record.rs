//! Splits a record at its separators, and recognises the separator of a file.

use crate::domain::address::EmailAddress;

/// Whether a field with line breaks contains an address between separators or line ends. Then it is most likely another row, and
/// the quote before it was meant to be closed.
pub(super) fn contains_another_row(fields: &[Vec<u8>], separator: u8) -> bool {
    let mut parts = fields
        .iter()
        .filter(|field| field.contains(&b'\n'))
        .flat_map(|field| field.split(move |byte| *byte == separator || *byte == b'\n'));
    parts.any(|part| EmailAddress::parse(String::from_utf8_lossy(part).trim().trim_matches('"')).is_ok())
}

/// The result of splitting a record.
pub(super) enum Split {
    Fields(Vec<Vec<u8>>),
    /// The text ends inside quotes: the record may continue on the next line.
    OpenQuote,
    /// Text follows a closing quote within the field.
    StrayQuote,
}

/// Splits a record at its separators ([RFC 4180 §2](https://www.rfc-editor.org/rfc/rfc4180#section-2)).
pub(super) fn split(text: &[u8], separator: u8) -> Split {
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        // Blanks before a quote belong to no field.
        while at < text.len() && text[at] == b' ' {
            at += 1;
        }
        let mut field = Vec::new();
        if text.get(at) == Some(&b'"') {
            at += 1;
            loop {
                match (text.get(at), text.get(at + 1)) {
                    (None, _) => return Split::OpenQuote,
                    (Some(b'"'), Some(b'"')) => {
                        field.push(b'"');
                        at += 2;
                    }
                    (Some(b'"'), _) => {
                        at += 1;
                        break;
                    }
                    (Some(byte), _) => {
                        field.push(*byte);
                        at += 1;
                    }
                }
            }
            while at < text.len() && text[at] != separator {
                if !text[at].is_ascii_whitespace() {
                    return Split::StrayQuote;
                }
                at += 1;
            }
        } else {
            let end = text[at..].iter().position(|byte| *byte == separator);
            let end = end.map_or(text.len(), |end| at + end);
            field.extend_from_slice(&text[at..end]);
            at = end;
        }
        fields.push(field);
        if at >= text.len() {
            return Split::Fields(fields);
        }
        at += 1;
    }
}

/// The most frequent separator in the header outside quotes; a comma if there is none.
pub(super) fn likely_separator(header: &[u8]) -> u8 {
    let count = |separator: u8| {
        let mut quoted = false;
        let outside = header.iter().filter(|byte| {
            quoted ^= **byte == b'"';
            !quoted && **byte == separator
        });
        outside.count()
    };
    let candidates = [b'|', b'\t', b';', b','];
    let best = candidates.into_iter().max_by_key(|separator| count(*separator));
    best.filter(|best| count(*best) > 0).unwrap_or(b',')
}
