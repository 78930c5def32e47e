//! What a template must show.

/// A value that the output of a template must show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Required<'a> {
    /// The variable with the value.
    pub(crate) variable: &'static str,
    pub(crate) value: &'a str,
    /// Why it must be there, as the end of a sentence about the template.
    pub(crate) reason: &'static str,
}
