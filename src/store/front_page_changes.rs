//! Which statements change the content of the front page. The macros in `statements.rs` ask this at compile time, so that a
//! transaction that runs such a statement raises the site's revision (`site_revision.rs`) when it commits.

/// A statement that contains one of these may change the front page. They are searched anywhere in the statement, because an update can
/// follow `WITH … AS (…)`.
const WRITES: [&str; 12] = [
    "INSERT INTO articles ",
    "UPDATE articles ",
    "INSERT INTO newsletter_articles ",
    "UPDATE newsletter_articles ",
    "DELETE FROM newsletter_articles ",
    "INSERT INTO newsletters ",
    "UPDATE newsletters ",
    // An issue that is started or cancelled, and a note about an article.
    "UPDATE issues SET state ",
    "INSERT INTO corrections ",
    // Whether the pages of a feed's articles show the whole text.
    "UPDATE feeds SET full_text ",
    // Comments that are shown, or not any more. A new comment is not shown yet.
    "UPDATE comments SET state ",
    "DELETE FROM comments ",
];
/// Statements that contain one of these leave the pages unchanged: row locks, the scheduler's progress, and what no page shows.
const EXCEPTIONS: [&str; 6] = [
    "UPDATE articles SET title = title ",
    "UPDATE articles SET page_attempts ",
    "UPDATE newsletters SET slug = slug ",
    "UPDATE newsletters SET revision ",
    "UPDATE newsletters SET scheduled_through ",
    "DELETE FROM comments WHERE state = 'rejected' ",
];

/// Whether a statement, or a part of one, may change what the front page shows.
pub(crate) const fn changes_front_page(sql: &str) -> bool {
    contains_any(sql, &WRITES) && !contains_any(sql, &EXCEPTIONS)
}

/// The compiler takes minutes for hundreds of statements if it compares every part at every place. So the parts are compared only where
/// INSERT, UPDATE or DELETE may begin.
const fn contains_any(sql: &str, parts: &[&str]) -> bool {
    let text = sql.as_bytes();
    let mut start = 0;
    while start + 1 < text.len() {
        if matches!(
            (text[start], text[start + 1]),
            (b'I', b'N') | (b'U', b'P') | (b'D', b'E')
        ) {
            let mut part = 0;
            while part < parts.len() {
                if is_at(text, start, parts[part].as_bytes()) {
                    return true;
                }
                part += 1;
            }
        }
        start += 1;
    }
    false
}

/// Whether a text has a part at a position.
const fn is_at(text: &[u8], start: usize, part: &[u8]) -> bool {
    let mut offset = 0;
    while offset < part.len() {
        if start + offset == text.len() || text[start + offset] != part[offset] {
            return false;
        }
        offset += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{EXCEPTIONS, WRITES, changes_front_page};

    #[test]
    fn every_part_begins_where_parts_are_compared() {
        for part in WRITES.iter().chain(&EXCEPTIONS) {
            assert!(["IN", "UP", "DE"].contains(&&part[..2]), "{part}");
        }
    }

    #[test]
    fn writes_of_articles_and_newsletters_change_the_site_and_locks_do_not() {
        for sql in [
            "UPDATE articles SET retracted_at = $2 WHERE id = $1",
            "INSERT INTO newsletter_articles (newsletter_id) VALUES ($1)",
            "UPDATE newsletters SET name = $2",
            "WITH placed (id) AS (VALUES ($1)) UPDATE newsletter_articles SET issue_id = $2 FROM placed",
            // The part of a statement after its list of values.
            ") UPDATE newsletter_articles SET issue_id = $2 FROM placed",
            "UPDATE feeds SET full_text = $2 WHERE id = $1",
        ] {
            assert!(changes_front_page(sql), "{sql}");
        }
        for sql in [
            "UPDATE articles SET title = title WHERE id = $1",
            "UPDATE articles SET page_attempts = page_attempts + 1",
            "UPDATE newsletters SET slug = slug WHERE id = $1",
            "INSERT INTO article_keys (key_hash) VALUES ($1)",
            "SELECT id FROM articles",
            "UPDATE deliveries SET state = $1",
            "UPDATE feeds SET title = $2, etag = $3",
        ] {
            assert!(!changes_front_page(sql), "{sql}");
        }
    }
}
