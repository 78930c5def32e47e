//! What is compared of an article.

/// The parts of an article that are compared with those of others.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The headline.
    pub title: &'a str,
    /// The excerpt; may be empty.
    pub text: &'a str,
    /// The declared language (BCP 47).
    pub language: Option<&'a str>,
}
