//! Which statements return all columns of a table. The macros in `statements.rs` ask this at compile time.

use super::front_page_changes::is_at;

/// Whether a statement returns all columns of a table, also those that a newer version of the program may add while this one runs.
/// Such a statement must not stay prepared: PostgreSQL refuses to run it again ("cached plan must not change result type"), and the driver
/// of SQLite panics at a column that it does not know.
pub(crate) const fn selects_all_columns(sql: &str) -> bool {
    let text = sql.as_bytes();
    let mut at = 0;
    while at < text.len() {
        // Few statements have an asterisk, so the compiler compares little.
        if text[at] == b'*' {
            let (before, after) = text.split_at(at);
            let is_selected = ends_with(before, b"SELECT ") && after.len() > 1 && after[1] == b' ';
            let is_of_table = ends_with(before, b".") && is_at(after, 0, b"* FROM ");
            let is_returned = ends_with(before, b"RETURNING ") && after.len() == 1;
            if is_selected || is_of_table || is_returned {
                return true;
            }
        }
        at += 1;
    }
    false
}

const fn ends_with(text: &[u8], part: &[u8]) -> bool {
    text.len() >= part.len() && is_at(text, text.len() - part.len(), part)
}

#[cfg(test)]
mod tests {
    use super::selects_all_columns;

    #[test]
    fn statements_that_return_all_columns_are_recognised() {
        for sql in [
            "SELECT * FROM issues WHERE id = $1",
            "SELECT x.id, i.* FROM issues i",
            "UPDATE issues SET state = $1 RETURNING *",
        ] {
            assert!(selects_all_columns(sql), "{sql}");
        }
        for sql in [
            "SELECT COUNT(*) FROM issues",
            "SELECT 2 * number FROM issues",
            "UPDATE issues SET number = number * 2 RETURNING id",
            "",
        ] {
            assert!(!selects_all_columns(sql), "{sql}");
        }
    }
}
