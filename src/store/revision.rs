//! A number that changes with the content of the front page. A process compares it to know whether the page that it keeps in
//! memory is current, also after a change by another process.

use super::{Result, Tx, on};

impl Tx {
    /// The current revision.
    pub(crate) async fn site_revision(&mut self) -> Result<i64> {
        let (revision,) = on!(self, one as (i64,), "SELECT revision FROM site_revision WHERE id = 1")?;
        Ok(revision)
    }

    /// Adds 1 to the revision. [`Tx::commit`] runs this as the last statement, so no transaction waits for another lock while it
    /// holds this row.
    pub(super) async fn raise_site_revision(&mut self) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE site_revision SET revision = revision + 1 WHERE id = 1"
        )?;
        Ok(())
    }
}

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
/// Statements among these that do not change it: row locks, and the scheduler's progress.
const HARMLESS: [&str; 4] = [
    "UPDATE articles SET title = title ",
    "UPDATE newsletters SET slug = slug ",
    "UPDATE newsletters SET revision ",
    "UPDATE newsletters SET scheduled_through ",
];

/// Whether a statement changes what the front page shows. `on!` calls this at compile time.
pub(crate) const fn changes_site(sql: &str) -> bool {
    begins_with_any(sql, &WRITES) && !begins_with_any(sql, &HARMLESS)
}

const fn begins_with_any(sql: &str, beginnings: &[&str]) -> bool {
    let mut at = 0;
    while at < beginnings.len() {
        if begins_with(sql.as_bytes(), beginnings[at].as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn begins_with(text: &[u8], beginning: &[u8]) -> bool {
    if text.len() < beginning.len() {
        return false;
    }
    let mut at = 0;
    while at < beginning.len() {
        if text[at] != beginning[at] {
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
