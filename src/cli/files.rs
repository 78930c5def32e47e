//! Files that commands read.

use std::fs::File;
use std::path::Path;

use crate::text::plain::counted;

/// Reads a file. The error names it.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| anyhow::anyhow!("cannot read {}: {error}", path.display()))
}

/// Opens a file that is read twice, as an import does. The error names it.
pub(crate) fn open_twice_readable(path: &Path) -> anyhow::Result<File> {
    let file = File::open(path).map_err(|error| anyhow::anyhow!("cannot read {}: {error}", path.display()))?;
    // A pipe or a device can be read only once.
    anyhow::ensure!(
        file.metadata()?.is_file(),
        "{} is not a regular file; save the export to one and give its path",
        path.display()
    );
    Ok(file)
}

/// Creates or replaces a file that contains addresses: only the user that runs the program may read it. The error names it.
pub(crate) fn create_private(path: &Path) -> anyhow::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let created = options.open(path);
    created.map_err(|error| anyhow::anyhow!("cannot write {}: {error}", path.display()))
}

/// The name of a file without its folder.
pub(crate) fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// Reads a file of UTF-8 text. The error names it.
pub(crate) fn read_text(path: &Path) -> anyhow::Result<String> {
    String::from_utf8(read(path)?).map_err(|_| anyhow::anyhow!("{} is not UTF-8 text", path.display()))
}

/// The note about a feed's file that ends in the middle of an element.
pub(crate) fn ends_early_note(file: &Path, entries: usize) -> String {
    format!(
        "{} breaks off before its end; what is whole was read: {}",
        file.display(),
        counted(entries, "entry", "entries")
    )
}
