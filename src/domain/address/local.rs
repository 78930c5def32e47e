//! Parses the part before the at-sign: a dot-string or a quoted string
//! ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)), with RFC 6531's characters.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup as Group, UnicodeGeneralCategory};

use super::AddressError;
use crate::text::invisible::is_invisible;

const MAX_LOCAL: usize = 64;

/// The offset of the at-sign, where the local part ends.
pub(super) fn end(address: &str) -> Result<usize, AddressError> {
    if address.starts_with('"') {
        let mut escaped = false;
        for (index, c) in address.char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' if address[index + 1..].starts_with('@') => return Ok(index + 1),
                '"' => break,
                _ => {}
            }
        }
        return Err(AddressError::LocalQuotes);
    }
    let (local, _) = address.rsplit_once('@').ok_or(AddressError::NoAt)?;
    // A backslash escapes inside quotes only ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)), so two
    // at-signs are two at-signs.
    if local.contains('@') {
        Err(AddressError::SeveralAts)
    } else {
        Ok(local.len())
    }
}

/// The local part in NFC, with quotes only if it needs them.
pub(super) fn canonical(local: &str) -> Result<String, AddressError> {
    if local.is_empty() {
        return Err(AddressError::LocalEmpty);
    }
    let quoted = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    // NFC turns a few similar characters into ASCII, so the checks follow it.
    let content = quoted.map_or_else(|| Ok(local.to_owned()), unescape)?;
    let content = if content.is_ascii() {
        content
    } else {
        content.nfc().collect()
    };
    // A combining mark at the beginning would combine with the text before the address.
    if let Some(mark) = content
        .chars()
        .next()
        .filter(|c| c.general_category_group() == Group::Mark)
    {
        return Err(AddressError::LocalCharacter(mark));
    }
    if quoted.is_some() {
        check_quoted(&content)?;
    } else {
        check_dot_string(&content)?;
    }
    let canonical = quote_if_needed(content);
    // NFC can lengthen a text. The typed form must fit too.
    if canonical.len().max(local.len()) > MAX_LOCAL {
        return Err(AddressError::LocalTooLong);
    }
    Ok(canonical)
}

/// A canonical local part in lower case, for comparison.
pub(super) fn folded(canonical: &str) -> String {
    canonical.to_lowercase().nfc().collect()
}

/// A folded local part with compatible characters replaced ([NFKC](https://www.unicode.org/reports/tr15/)): full-width letters, the plus
/// signs and dots of other scripts.
pub(super) fn compatible(folded: &str) -> Cow<'_, str> {
    if folded.is_ascii() {
        return Cow::Borrowed(folded);
    }
    // NFKC keeps the ideographic full stop. Domains treat it as a dot, and so may a mail service.
    let dots = folded.replace(['\u{3002}', '\u{ff61}'], ".");
    let compatible: String = dots.nfkc().collect();
    Cow::Owned(compatible.to_lowercase().nfkc().collect())
}

/// Removes the backslashes of a quoted string. Only ASCII may be escaped (quoted-pairSMTP).
fn unescape(quoted: &str) -> Result<String, AddressError> {
    let mut content = String::with_capacity(quoted.len());
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match if c == '\\' { chars.next() } else { None } {
            None => content.push(c),
            Some(escaped) if escaped.is_ascii() => content.push(escaped),
            Some(escaped) => return Err(AddressError::LocalCharacter(escaped)),
        }
    }
    Ok(content)
}

fn quote_if_needed(content: String) -> String {
    if check_dot_string(&content).is_ok() {
        return content;
    }
    format!("\"{}\"", content.replace('\\', r"\\").replace('"', "\\\""))
}

fn check_quoted(content: &str) -> Result<(), AddressError> {
    if content.is_empty() {
        return Err(AddressError::LocalEmpty);
    }
    // RFC 5321 allows them in quotes. But many programs look for the end of `<address>` without parsing quotes, and our
    // message builder refuses it.
    if let Some(bracket) = content.chars().find(|c| matches!(c, '<' | '>')) {
        return Err(AddressError::LocalCharacter(bracket));
    }
    content
        .chars()
        .filter(|&c| c != ' ' && !c.is_ascii_graphic())
        .try_for_each(check_beyond_ascii)
}

fn check_dot_string(content: &str) -> Result<(), AddressError> {
    if content.contains(char::is_whitespace) {
        return Err(AddressError::Space);
    }
    if content.contains(['(', ')']) {
        return Err(AddressError::Comment);
    }
    if content.split('.').any(str::is_empty) {
        return Err(AddressError::LocalDots);
    }
    content
        .chars()
        .filter(|&c| c != '.' && !is_atext(c))
        .try_for_each(check_beyond_ascii)
}

/// [RFC 5322 §3.2.3](https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3).
fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

fn check_beyond_ascii(c: char) -> Result<(), AddressError> {
    // Box-drawing characters and the replacement character occur only in text that was decoded from the wrong charset.
    let garbled = matches!(c, '\u{2500}'..='\u{259f}' | '\u{fffd}');
    let printable = !matches!(c.general_category_group(), Group::Other | Group::Separator);
    if is_refused(c) {
        Err(AddressError::Invisible)
    } else if c.is_ascii() || garbled || !printable {
        Err(AddressError::LocalCharacter(c))
    } else {
        Ok(())
    }
}

/// Whether a character must not be in an address: it is invisible, or a format character, which changes the text around it.
pub(super) fn is_refused(c: char) -> bool {
    c.general_category() == GeneralCategory::Format || is_invisible(c)
}
