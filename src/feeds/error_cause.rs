//! The cause of a failure, for people.

use std::error::Error;

/// The text of the innermost cause of a failure, which says most; its own text if it has no cause.
pub(super) fn innermost_cause(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(inner) = innermost.source() {
        innermost = inner;
    }
    innermost.to_string()
}
