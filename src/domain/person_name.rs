//! What may be the name of a person.

/// Whether a text may be a name: it has at most `max_chars` characters and contains no web address. Names are shown to people who did not
/// type them: anybody can sign up a stranger, whose mail then has the name in its `To` header, and a comment has one above it.
pub(crate) fn is_person_name(text: &str, max_chars: usize) -> bool {
    let lower = text.to_lowercase();
    text.chars().count() <= max_chars && !lower.contains("://") && !lower.contains("www.")
}
