//! Reads an HTML file of an archive.

use super::limited_file::read_limited;
use crate::import::ArchivedFile;

/// The most bytes of one HTML file. An article has less text than this.
const MAX_PAGE_BYTES: u64 = 8 << 20;

/// The text of a file, or why it cannot be used.
pub(super) fn read_text(file: ArchivedFile) -> Result<String, String> {
    let bytes = read_limited(file, MAX_PAGE_BYTES)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The content of the first element with a name, such as `title`.
pub(super) fn element<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let lower = html.to_ascii_lowercase();
    let name_end = lower
        .match_indices(&format!("<{name}"))
        .map(|(at, tag)| at + tag.len())
        .find(|end| lower[*end..].starts_with(['>', ' ', '\n', '\r', '\t']))?;
    let opened = name_end + lower[name_end..].find('>')? + 1;
    let end = lower[opened..]
        .find(&format!("</{name}"))
        .map_or(html.len(), |end| opened + end);
    html.get(opened..end)
}
