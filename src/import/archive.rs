//! The files in a ZIP archive. They are read as they are unpacked, and nothing is written to the disk.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::input::Input;

/// The first bytes of a ZIP archive.
const MAGIC: &[u8] = b"PK\x03\x04";
/// An export of subscribers has a few files. An archive with more is probably something else.
const MAX_CSV_ENTRIES: usize = 1_000;
/// The most bytes that all files together are unpacked to: about fifty million rows.
const MAX_SIZE: u64 = 8 << 30;
/// CSV files shrink to about a fifth. A file that shrank to less than this part is a ZIP bomb: it is made to fill the memory or the disk.
const MAX_RATIO: u64 = 200;
const ENDINGS: [&str; 3] = [".csv", ".tsv", ".txt"];

/// Why an archive cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is damaged, or it is no ZIP archive.
    #[error("it is a ZIP archive that cannot be read: {0}; unpack it and import its files")]
    Damaged(#[from] zip::result::ZipError),
    /// It cannot be read.
    #[error("cannot read the archive: {0}")]
    Io(#[from] io::Error),
    /// It has more files than the given maximum.
    #[error("the archive has {0} files and at most {1} are read; unpack it and import the files that you need")]
    TooMany(usize, usize),
    /// It has none of the files that are imported.
    #[error("the archive has no CSV file; give the archive or the file that the other system exported")]
    NoCsv,
    /// A file is encrypted.
    #[error("\"{0}\" in the archive is encrypted; unpack it and import the file")]
    Encrypted(String),
    /// A file has an unknown compression.
    #[error("\"{0}\" in the archive is compressed in a way that is not supported; unpack it and import the file")]
    Compression(String),
    /// A file is too large, or was made to fill the memory of a reader.
    #[error(
        "\"{0}\" in the archive makes the archive larger than 8 GiB, or is more than {MAX_RATIO} times as large as its compressed form; is it an export?"
    )]
    TooLarge(String),
}

/// A file in an archive.
#[derive(Clone)]
pub(crate) struct ArchivedFile {
    pub(crate) name: String,
    /// Its size when it is unpacked.
    pub(crate) size: u64,
    archive: PathBuf,
    start: u64,
    compressed_size: u64,
    is_deflated: bool,
}

/// The CSV files of a ZIP archive, those of people who left first: an import never undoes that somebody left. `None` if the file is not a
/// ZIP archive.
///
/// # Errors
/// [`ArchiveError`] if one of the files cannot be used.
pub(crate) fn csv_files(path: &Path) -> Result<Option<Vec<ArchivedFile>>, ArchiveError> {
    let Some(mut files) = zip_files(path, is_csv, MAX_CSV_ENTRIES)? else {
        return Ok(None);
    };
    if files.is_empty() {
        return Err(ArchiveError::NoCsv);
    }
    // Names such as `cleaned_…` and `unsubscribed_…` before `subscribed_…`.
    let rank = |name: &str| {
        let name = base_name(name).to_lowercase();
        ["clean", "unsub", "nonsub"].iter().all(|word| !name.contains(word))
    };
    files.sort_by(|one, other| (rank(&one.name), &one.name).cmp(&(rank(&other.name), &other.name)));
    Ok(Some(files))
}

/// The files of a ZIP archive whose names are wanted, in the order of the archive. `None` if the file is not a ZIP archive.
///
/// # Errors
/// [`ArchiveError`] if one of the files cannot be used.
pub(crate) fn zip_files(
    path: &Path,
    is_wanted: impl Fn(&str) -> bool,
    max_entries: usize,
) -> Result<Option<Vec<ArchivedFile>>, ArchiveError> {
    let mut file = File::open(path)?;
    let mut magic = Vec::new();
    (&mut file).take(MAGIC.len() as u64).read_to_end(&mut magic)?;
    if magic != MAGIC {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(0))?;
    let mut archive = ZipArchive::new(BufReader::new(file))?;
    if archive.len() > max_entries {
        return Err(ArchiveError::TooMany(archive.len(), max_entries));
    }
    let mut files = Vec::new();
    let mut total = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index)?;
        let name = entry.name()?.into_owned();
        if !entry.is_file() || !is_wanted(&name) {
            continue;
        }
        if entry.encrypted() {
            return Err(ArchiveError::Encrypted(name));
        }
        let is_deflated = match entry.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            _ => return Err(ArchiveError::Compression(name)),
        };
        let (size, compressed_size) = (entry.size(), entry.compressed_size());
        total += size.min(MAX_SIZE + 1);
        if total > MAX_SIZE || size / MAX_RATIO > compressed_size {
            return Err(ArchiveError::TooLarge(name));
        }
        let Some(start) = entry.data_start() else {
            return Err(ArchiveError::Compression(name));
        };
        files.push(ArchivedFile {
            name,
            size,
            archive: path.to_owned(),
            start,
            compressed_size,
            is_deflated,
        });
    }
    Ok(Some(files))
}

/// The name without its folders.
fn base_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Whether the name is that of a CSV file. macOS adds files to archives that begin with a dot.
fn is_csv(name: &str) -> bool {
    let lower = base_name(name).to_lowercase();
    !lower.starts_with('.') && ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

impl ArchivedFile {
    /// Whether the name ends in a dot and `ending`, in small or capital letters.
    pub(crate) fn has_ending(&self, ending: &str) -> bool {
        let found = Path::new(&self.name).extension();
        found.is_some_and(|found| found.eq_ignore_ascii_case(ending))
    }

    /// The name with its folders.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The name without its folders.
    pub(crate) fn base_name(&self) -> &str {
        base_name(&self.name)
    }

    /// Opens the file. It is unpacked as it is read.
    ///
    /// # Errors
    /// If the archive cannot be opened any more.
    pub(crate) fn open(self) -> io::Result<Unpacked> {
        let content = content(&self)?;
        Ok(Unpacked {
            left: self.size,
            file: self,
            content,
        })
    }
}

fn content(file: &ArchivedFile) -> io::Result<Box<dyn Read + Send>> {
    let mut archive = File::open(&file.archive)?;
    archive.seek(SeekFrom::Start(file.start))?;
    let compressed = archive.take(file.compressed_size);
    Ok(if file.is_deflated {
        Box::new(DeflateDecoder::new(compressed))
    } else {
        Box::new(compressed)
    })
}

/// The content of a file in an archive.
pub(crate) struct Unpacked {
    file: ArchivedFile,
    content: Box<dyn Read + Send>,
    /// The bytes that should follow.
    left: u64,
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        let read_bytes = read as u64;
        // A file that is longer than the archive says could be unlimited, and a shorter one is damaged.
        if read_bytes > self.left || (read == 0 && self.left > 0 && !buffer.is_empty()) {
            return Err(io::Error::other(format!(
                "\"{}\" is damaged: its size differs from the one that the archive names; export it again",
                self.file.name
            )));
        }
        self.left -= read_bytes;
        Ok(read)
    }
}

impl Input for Unpacked {
    fn restart(&mut self) -> io::Result<()> {
        self.content = content(&self.file)?;
        self.left = self.file.size;
        Ok(())
    }
}
