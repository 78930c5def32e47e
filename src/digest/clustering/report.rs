//! The parts of an article that clustering compares.

/// An article as clustering sees it.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The headline as plain text.
    pub title: &'a str,
    /// The excerpt; may be empty.
    pub text: &'a str,
    /// The declared language (BCP 47).
    pub language: Option<&'a str>,
}

#[cfg(test)]
impl<'a> Report<'a> {
    /// A report without an excerpt.
    pub(super) fn with_title(title: &'a str, language: Option<&'a str>) -> Self {
        Self {
            title,
            text: "",
            language,
        }
    }
}
