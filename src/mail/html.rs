//! Moves the `<style>` of our own mail templates into the elements, since many mail readers drop it.

use css_inline::{CSSInliner, InlineError};

/// Inlines every `<style>` of `html` but those marked `data-css-inline="keep"`, which stay for dark mode and narrow screens.
///
/// Only for our own templates: the inliner's stack grows with the depth of the elements, so what outsiders wrote
/// must have been escaped to text before. Nothing is ever loaded from a file or the network.
///
/// # Errors
/// [`InlineError`] if one of our style sheets cannot be parsed.
pub fn inline_styles(html: &str) -> Result<String, InlineError> {
    CSSInliner::options()
        .load_remote_stylesheets(false)
        .build()
        .inline(html)
}
