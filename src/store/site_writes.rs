//! Which statements change the content of the front page. The macros in `statements.rs` ask this at compile time, so that a
//! transaction that runs such a statement raises the site's revision (`site_revision.rs`) when it commits.

/// The prefixes of statements that may change the front page.
const WRITES: [&str; 7] = [
    "INSERT INTO articles ",
    "UPDATE articles ",
    "INSERT INTO newsletter_articles ",
    "UPDATE newsletter_articles ",
    "DELETE FROM newsletter_articles ",
    "INSERT INTO newsletters ",
    "UPDATE newsletters ",
];
/// Statements with such a prefix that leave the front page unchanged: row locks, and the scheduler's progress.
const EXCEPTIONS: [&str; 4] = [
    "UPDATE articles SET title = title ",
    "UPDATE newsletters SET slug = slug ",
    "UPDATE newsletters SET revision ",
    "UPDATE newsletters SET scheduled_through ",
];

/// Whether a statement may change what the front page shows.
pub(crate) const fn changes_site(sql: &str) -> bool {
    has_prefix_in(sql, &WRITES) && !has_prefix_in(sql, &EXCEPTIONS)
}

const fn has_prefix_in(sql: &str, prefixes: &[&str]) -> bool {
    let mut at = 0;
    while at < prefixes.len() {
        if has_prefix(sql.as_bytes(), prefixes[at].as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn has_prefix(text: &[u8], prefix: &[u8]) -> bool {
    if text.len() < prefix.len() {
        return false;
    }
    let mut at = 0;
    while at < prefix.len() {
        if text[at] != prefix[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::changes_site;

    #[test]
    fn writes_of_articles_and_newsletters_change_the_site_and_locks_do_not() {
        for sql in [
            "UPDATE articles SET retracted_at = $2 WHERE id = $1",
            "INSERT INTO newsletter_articles (newsletter_id) VALUES ($1)",
            "UPDATE newsletters SET name = $2",
        ] {
            assert!(changes_site(sql), "{sql}");
        }
        for sql in [
            "UPDATE articles SET title = title WHERE id = $1",
            "UPDATE newsletters SET slug = slug WHERE id = $1",
            "INSERT INTO article_keys (key_hash) VALUES ($1)",
            "SELECT * FROM articles",
            "UPDATE deliveries SET state = $1",
        ] {
            assert!(!changes_site(sql), "{sql}");
        }
    }
}
