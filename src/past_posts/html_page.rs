//! Reads an HTML file of an archive.

use std::io::Read as _;

use crate::import::ArchivedFile;

/// The most bytes of one HTML file. An article has less text than this.
const MAX_PAGE_BYTES: u64 = 8 << 20;

/// The text of a file, or why it cannot be used.
pub(super) fn read_text(file: ArchivedFile) -> Result<String, String> {
    let mut bytes = Vec::new();
    let opened = file.open().map_err(|error| error.to_string())?;
    opened
        .take(MAX_PAGE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_PAGE_BYTES {
        return Err(format!("its text has more than {} MiB", MAX_PAGE_BYTES >> 20));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The content of the first element with a name, such as `title`.
pub(super) fn element<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let lower = html.to_ascii_lowercase();
    let opened = lower.match_indices(&format!("<{name}")).find_map(|(at, tag)| {
        let rest = &lower[at + tag.len()..];
        let is_whole_name = rest.starts_with(['>', ' ', '\n', '\r', '\t']);
        Some(at + tag.len() + rest.find('>')? + 1).filter(|_| is_whole_name)
    })?;
    let end = lower[opened..]
        .find(&format!("</{name}"))
        .map_or(html.len(), |end| opened + end);
    html.get(opened..end)
}
