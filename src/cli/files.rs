//! Files that commands read.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::text::plain::counted;

/// The most bytes of a file that is read into memory.
const MAX_BYTES: u64 = 64 << 20;

/// Reads a file into memory. The error names it.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot_read = |error: io::Error| anyhow::anyhow!("cannot read {}: {error}", path.display());
    let file = File::open(path).map_err(cannot_read)?;
    let length = file.metadata().map_err(cannot_read)?.len();
    let mut bytes = Vec::new();
    if length <= MAX_BYTES {
        // A pipe has no length.
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(cannot_read)?;
    }
    anyhow::ensure!(
        length.max(bytes.len() as u64) <= MAX_BYTES,
        "{} has more than {} MiB, which is the maximum; split it into several files",
        path.display(),
        MAX_BYTES >> 20
    );
    Ok(bytes)
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
    created.map_err(|error| {
        let path = path.display();
        if error.kind() == std::io::ErrorKind::NotFound {
            anyhow::anyhow!("cannot write {path}: its folder does not exist; create it, or name a file elsewhere")
        } else {
            anyhow::anyhow!("cannot write {path}: {error}")
        }
    })
}

/// The name of a file without its folder.
pub(crate) fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// Reads a file of UTF-8 text. The error names it.
pub(crate) fn read_text(path: &Path) -> anyhow::Result<String> {
    String::from_utf8(read(path)?)
        .map_err(|_| anyhow::anyhow!("{} is not UTF-8 text; save it as UTF-8", path.display()))
}

/// The note about a feed's file that ends in the middle of an element.
pub(crate) fn ends_early_note(file: &Path, entries: usize) -> String {
    format!(
        "{} breaks off before its end; what is whole was read: {}",
        file.display(),
        counted(entries, "entry", "entries")
    )
}
