//! Error messages about a newsletter's file, in the terms of the file and not of Rust.

use super::error::NewsletterError;

/// A known key is suggested if an unknown one differs from it by at most this many edits.
const MAX_EDITS: usize = 3;
/// Longer unknown keys get no suggestion: comparing them would take too long.
const MAX_KEY_LENGTH: usize = 80;

/// The error as a message with the line, the key and what is expected, without Rust's type names.
pub(super) fn syntax_error(text: &str, key: &str, error: &toml::de::Error) -> NewsletterError {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = text[..start].matches('\n').count() + 1;
    let message = error.message();
    if let Some(hint) = unknown_key(message) {
        return NewsletterError::Syntax(format!("line {line}: {hint}"));
    }
    let key = match key {
        "" | "." | "?" => String::new(),
        key if message.contains(&format!("`{key}`")) => String::new(),
        key => format!("{key}: "),
    };
    let message = if message.contains("` as ") {
        message.replace("invalid type:", "too large:").replace("` as i128", "`")
    } else {
        message.to_owned()
    };
    let words = [
        ("expected a duration", "expected a duration such as 45m, 12h or 7days"),
        ("expected usize", "expected a whole number from 0"),
        ("expected f64", "expected a number"),
        ("expected a sequence", "expected a list such as [\"a\", \"b\"]"),
        ("expected a string", "expected text in quotes"),
        ("expected a boolean", "expected true or false"),
        ("floating-point number overflowed", "the number is too large"),
    ];
    let message = words
        .iter()
        .fold(message, |message, (from, to)| message.replace(from, to));
    NewsletterError::Syntax(format!("line {line}: {key}{message}"))
}

/// Turns serde's message about an unknown key into one with the most similar key, or with all keys that are allowed there.
fn unknown_key(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field `")?;
    let (unknown, rest) = rest.split_once('`')?;
    let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    let allowance = (unknown.chars().count() / 4).clamp(1, MAX_EDITS);
    let meant = known
        .iter()
        .filter(|_| unknown.len() <= MAX_KEY_LENGTH)
        .map(|known| (strsim::damerau_levenshtein(known, unknown), *known))
        .filter(|(edits, _)| *edits <= allowance)
        .min();
    Some(match meant {
        Some((_, meant)) => format!("`{unknown}` is not a key of this file; did you mean `{meant}`?"),
        None => format!(
            "`{unknown}` is not a key of this file; the keys here are {}",
            known.join(", ")
        ),
    })
}
