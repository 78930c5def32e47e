//! The type of HTML that was sanitised.

use std::{fmt, ops};

use crate::text::plain::without_nul;

/// HTML that is safe to show on the web and in mail, without NUL. Only the functions of this folder make it, and the store
/// reads back what they made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SanitizedHtml(String);

impl SanitizedHtml {
    pub(super) fn new(safe: &str) -> Self {
        Self(without_nul(safe))
    }

    /// HTML that was sanitised when it was stored.
    pub(crate) const fn from_store(html: String) -> Self {
        Self(html)
    }

    /// The HTML as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ops::Deref for SanitizedHtml {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SanitizedHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<&str> for SanitizedHtml {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}
