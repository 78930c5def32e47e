//! Recognises which system made an export.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use tokio::sync::mpsc;

use super::error::{MAX_FILE_BYTES, PastPostsError};
use super::post::Read;
use super::{ghost, mailchimp, substack, wordpress};
use crate::import::{ArchivedFile, zip_files};

/// How much of a file is read to recognise it.
const BEGINNING: u64 = 64 << 10;
/// The most files of an archive.
const MAX_FILES: usize = 200_000;

/// The system that made an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// The JSON file of Ghost.
    Ghost,
    /// The ZIP archive of Substack.
    Substack,
    /// A ZIP archive with the campaigns of Mailchimp.
    Mailchimp,
    /// The WXR file of `WordPress`.
    WordPress,
}

impl ExportFormat {
    /// The name of the system.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ghost => "Ghost",
            Self::Substack => "Substack",
            Self::Mailchimp => "Mailchimp",
            Self::WordPress => "WordPress",
        }
    }
}

/// The system that made an export; `None` if the file is not an export of posts.
///
/// # Errors
/// If the file cannot be read, or is a ZIP archive that cannot be used.
pub fn detect(path: &Path) -> Result<Option<ExportFormat>, PastPostsError> {
    if let Some(files) = archived(path)? {
        let has = |name: &str| files.iter().any(|file| file.base_name() == name);
        let has_pages = files.iter().any(|file| file.has_ending("html"));
        return Ok(if has("posts.csv") {
            Some(ExportFormat::Substack)
        } else {
            has_pages.then_some(ExportFormat::Mailchimp)
        });
    }
    let mut beginning = Vec::new();
    File::open(path)?.take(BEGINNING).read_to_end(&mut beginning)?;
    let text = String::from_utf8_lossy(&beginning);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('{') && ghost::looks_like(text) {
        return Ok(Some(ExportFormat::Ghost));
    }
    Ok((text.starts_with('<') && wordpress::looks_like(text)).then_some(ExportFormat::WordPress))
}

/// The HTML and CSV files of a ZIP archive; `None` if the file is none.
fn archived(path: &Path) -> Result<Option<Vec<ArchivedFile>>, PastPostsError> {
    let is_wanted = |name: &str| {
        let name = name.to_lowercase();
        let is_hidden = name.rsplit('/').next().is_some_and(|base| base.starts_with('.'));
        !is_hidden && !name.contains("__macosx/") && [".html", ".csv"].iter().any(|ending| name.ends_with(ending))
    };
    Ok(zip_files(path, is_wanted, MAX_FILES)?)
}

/// Reads the posts of an export, and passes each to `posts`. Blocks, and ends early if nobody receives them.
pub(super) fn read(path: &Path, format: ExportFormat, posts: &mpsc::Sender<Read>) -> Result<(), PastPostsError> {
    match format {
        ExportFormat::Substack => substack::read(archived(path)?.unwrap_or_default(), posts),
        ExportFormat::Mailchimp => mailchimp::read(archived(path)?.unwrap_or_default(), posts),
        ExportFormat::Ghost | ExportFormat::WordPress => {
            let file = File::open(path)?;
            if file.metadata()?.len() > MAX_FILE_BYTES {
                return Err(PastPostsError::TooLarge);
            }
            match format {
                ExportFormat::Ghost => ghost::read(file, posts),
                _ => wordpress::read(file, posts),
            }
        }
    }
}
