//! The account of an issue as a file of JSON lines: a header, a line for each recipient, and last the sums with a digest
//! over all lines before. It names subscriptions by id, and by address only where that was asked for; nobody but the owner of
//! the file may read it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::proof::Counts;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::states::{DeliveryState, IssueState};

/// No line that was written here is longer.
const LONGEST_LINE: u64 = 1024 * 1024;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The issue.
    pub issue: IssueId,
    /// Its newsletter's slug.
    pub newsletter: String,
    /// Its number there.
    pub number: i64,
    /// Where it stands.
    pub state: IssueState,
    /// How many recipients were frozen.
    pub recipients: i64,
    /// Recipients without a line, because only their number is still known.
    pub compacted: Counts,
}

/// The line of a recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// Its address, if addresses were asked for and it is still known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The edition that the recipient was sent; left out, and 0, for the issue itself.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub edition: i64,
    /// What became of the delivery.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// The relay's last words, or why nothing was sent, without addresses.
    pub reply: Option<String>,
    /// When it came into this state.
    pub at: DateTime<Utc>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(edition: &i64) -> bool {
    *edition == 0
}

/// What the lines and the compacted ones come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// All of them.
    pub recipients: i64,
    /// How many are in each state.
    pub deliveries: Counts,
}

/// The last line.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Seal {
    #[serde(flatten)]
    sums: Sums,
    /// SHA-256 over all lines before this one, line ends included, in hexadecimal.
    sha256: String,
}

/// Why a record cannot be written, or is not to be believed.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file system.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line cannot be read.
    #[error("{}, line {line}: {reason}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// It was changed, or does not add up.
    #[error("{}: {reason}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// Writes a record: to a file beside the one wanted, which takes its name when it is whole.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    part: PathBuf,
    out: BufWriter<File>,
    hash: Sha256,
    whole: bool,
}

impl Writer {
    /// Begins a record that will be at `path`; what is there stays until the new one is whole.
    ///
    /// # Errors
    /// [`RecordError::File`].
    pub fn create(path: &Path) -> Result<Self, RecordError> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let part = path.with_file_name(name);
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        // Other users of this machine must not read who was mailed.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&part).map_err(failed(&part))?;
        Ok(Self {
            path: path.to_owned(),
            part,
            out: BufWriter::new(file),
            hash: Sha256::new(),
            whole: false,
        })
    }

    /// Writes the first line.
    ///
    /// # Errors
    /// [`RecordError::File`].
    pub fn header(&mut self, header: &Header) -> Result<(), RecordError> {
        self.write(header)
    }

    /// Writes a recipient's line. They come in the order of their subscriptions.
    ///
    /// # Errors
    /// [`RecordError::File`].
    pub fn line(&mut self, line: &Line) -> Result<(), RecordError> {
        self.write(line)
    }

    /// Writes the last line, and gives the file its name. Returns the digest.
    ///
    /// # Errors
    /// [`RecordError::File`].
    pub fn finish(mut self, sums: &Sums) -> Result<String, RecordError> {
        let sha256 = hexadecimal(&std::mem::take(&mut self.hash));
        self.write(&Seal {
            sums: sums.clone(),
            sha256: sha256.clone(),
        })?;
        let kept = self
            .out
            .flush()
            .and_then(|()| self.out.get_ref().sync_all())
            .and_then(|()| std::fs::rename(&self.part, &self.path));
        kept.map_err(failed(&self.path))?;
        self.whole = true;
        Ok(sha256)
    }

    fn write(&mut self, value: &impl Serialize) -> Result<(), RecordError> {
        let mut line = serde_json::to_vec(value).map_err(|error| failed(&self.part)(error.into()))?;
        line.push(b'\n');
        self.hash.update(&line);
        self.out.write_all(&line).map_err(failed(&self.part))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.whole {
            // Nobody waits for half an account.
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// Checks a record by itself: the digest, that every line reads, that no recipient stands there twice, and that the sums
/// are those of the lines and of the number frozen. Returns its header, its sums and its digest.
///
/// # Errors
/// [`RecordError`] says what is wrong and where.
pub fn check(path: &Path) -> Result<(Header, Sums, String), RecordError> {
    let wrong = |reason: String| RecordError::Wrong {
        path: path.to_owned(),
        reason,
    };
    let mut reader = Reader {
        path,
        input: BufReader::new(File::open(path).map_err(failed(path))?),
        number: 0,
    };
    let mut hash = Sha256::new();
    let Some(first) = reader.next()? else {
        return Err(wrong("it is empty".into()));
    };
    let header: Header = reader.parse(&first)?;
    hash.update(&first);
    let mut counts: BTreeMap<_, _> = DeliveryState::ALL.iter().map(|state| (*state, 0)).collect();
    for (state, count) in &header.compacted {
        *counts.entry(*state).or_default() += count;
    }
    let mut before: Option<SubscriptionId> = None;
    let Some(mut line) = reader.next()? else {
        return Err(wrong("it ends after the first line".into()));
    };
    // The last line is known by nothing following it.
    while let Some(next) = reader.next()? {
        let number = reader.number - 1;
        let recipient: Line = reader.parse_at(&line, number)?;
        if before.is_some_and(|before| before >= recipient.subscription) {
            return Err(reader.fault(number, "its subscription stands there already, or out of order"));
        }
        before = Some(recipient.subscription);
        *counts.entry(recipient.state).or_default() += 1;
        hash.update(&line);
        line = next;
    }
    let seal: Seal = reader.parse(&line)?;
    let digest = hexadecimal(&hash);
    if seal.sha256 != digest {
        return Err(wrong(format!(
            "it was changed: its digest is {digest}, and it names {}",
            seal.sha256
        )));
    }
    let recipients: i64 = counts.values().sum();
    if seal.sums.deliveries != counts || seal.sums.recipients != recipients {
        return Err(wrong("its sums are not those of its lines".into()));
    }
    if recipients != header.recipients {
        let frozen = header.recipients;
        return Err(wrong(format!(
            "it accounts for {recipients} of {frozen} recipients that were frozen"
        )));
    }
    Ok((header, seal.sums, digest))
}

/// Reads line by line, however large the file is.
struct Reader<'a> {
    path: &'a Path,
    input: BufReader<File>,
    number: u64,
}

impl Reader<'_> {
    /// The next line with its end; none at the end of the file.
    fn next(&mut self) -> Result<Option<Vec<u8>>, RecordError> {
        let mut line = Vec::new();
        let read = (&mut self.input).take(LONGEST_LINE).read_until(b'\n', &mut line);
        if read.map_err(failed(self.path))? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if line.last() != Some(&b'\n') {
            return Err(self.fault(self.number, "it has no end"));
        }
        Ok(Some(line))
    }

    fn parse<T: for<'de> Deserialize<'de>>(&self, line: &[u8]) -> Result<T, RecordError> {
        self.parse_at(line, self.number)
    }

    fn parse_at<T: for<'de> Deserialize<'de>>(&self, line: &[u8], number: u64) -> Result<T, RecordError> {
        serde_json::from_slice(line).map_err(|error| self.fault(number, &error.to_string()))
    }

    fn fault(&self, line: u64, reason: &str) -> RecordError {
        RecordError::Line {
            path: self.path.to_owned(),
            line,
            reason: reason.to_owned(),
        }
    }
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> RecordError + use<> {
    let path = path.to_owned();
    move |source| RecordError::File { path, source }
}

fn hexadecimal(hash: &Sha256) -> String {
    let octets = hash.clone().finalize();
    let mut text = String::with_capacity(2 * octets.len());
    for octet in &octets {
        // Into a string, this cannot fail.
        let _ = write!(text, "{octet:02x}");
    }
    text
}
