//! The delivery report as a file of JSON lines: a header, a line for each recipient, and a trailer with the totals and a digest of all
//! lines before it. Recipients are named by the ids of their subscriptions, and by addresses only on request. Only the owner can read
//! the file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::states::{DeliveryState, IssueState};

/// How many deliveries are in each state; 0 for states without deliveries.
pub type Counts = BTreeMap<DeliveryState, i64>;

/// The longest line that [`check`] reads; written lines are far shorter.
const MAX_LINE_LENGTH: u64 = 1024 * 1024;

/// The first line of a report file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    pub(crate) issue: IssueId,
    /// The slug of the newsletter.
    pub(crate) newsletter: String,
    pub(crate) number: i64,
    pub(crate) state: IssueState,
    /// How many recipients were frozen.
    pub recipients: i64,
    /// Compacted deliveries, which have no line.
    pub compacted: Counts,
}

/// The line of a recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecipientLine {
    pub(super) subscription: SubscriptionId,
    /// The address, if addresses were requested and it is still known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<String>,
    /// The number of the edition that the recipient was sent; 0, which is left out, for the issue itself.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) edition: i64,
    pub(super) state: DeliveryState,
    pub(super) attempts: i64,
    /// The relay's last reply, or why nothing was sent, without addresses.
    pub(super) reply: Option<String>,
    /// When the delivery entered this state.
    pub(super) at: DateTime<Utc>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde requires this signature")]
fn is_zero(edition: &i64) -> bool {
    *edition == 0
}

/// The totals of all lines and of the compacted deliveries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// The number of frozen recipients.
    pub recipients: i64,
    /// How many deliveries are in each state.
    pub deliveries: Counts,
}

/// The last line of a report file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Trailer {
    #[serde(flatten)]
    totals: Totals,
    /// SHA-256 of all lines before this one, with their line ends, in hexadecimal.
    sha256: String,
}

/// Why a report file cannot be written, or cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub enum ReportFileError {
    /// The file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The path of the report file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A line cannot be parsed or is in the wrong place.
    #[error("{}, line {line}: {reason}", path.display())]
    Line {
        /// The path of the report file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: u64,
        /// What is wrong with the file.
        reason: String,
    },
    /// The file was changed, or its totals are wrong.
    #[error("{}: {reason}", path.display())]
    Invalid {
        /// The path of the report file.
        path: PathBuf,
        /// What is wrong with the file.
        reason: String,
    },
}

/// Writes a report to a temporary file beside `path`, which is renamed once it is complete. An existing file stays until then.
#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    temporary: PathBuf,
    output: BufWriter<File>,
    hash: Sha256,
    is_complete: bool,
}

impl Writer {
    pub(super) fn create(path: &Path) -> Result<Self, ReportFileError> {
        // A path without a file name, such as `..`, names a folder. Then the rename in `finish` fails.
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let temporary = path.with_file_name(name);
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        // Other users of this machine must not see who was mailed.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&temporary).map_err(failed(&temporary))?;
        Ok(Self {
            path: path.to_owned(),
            temporary,
            output: BufWriter::new(file),
            hash: Sha256::new(),
            is_complete: false,
        })
    }

    pub(super) fn header(&mut self, header: &Header) -> Result<(), ReportFileError> {
        self.write(header)
    }

    /// Writes the line of a recipient. The caller must pass the lines in the order of their subscriptions, as [`check`] requires.
    pub(super) fn line(&mut self, line: &RecipientLine) -> Result<(), ReportFileError> {
        self.write(line)
    }

    /// Writes the trailer and renames the file. Returns the digest.
    pub(super) fn finish(mut self, totals: &Totals) -> Result<String, ReportFileError> {
        let sha256 = hexadecimal(&std::mem::take(&mut self.hash));
        self.write(&Trailer {
            totals: totals.clone(),
            sha256: sha256.clone(),
        })?;
        let renamed = self
            .output
            .flush()
            .and_then(|()| self.output.get_ref().sync_all())
            .and_then(|()| std::fs::rename(&self.temporary, &self.path));
        renamed.map_err(failed(&self.path))?;
        self.is_complete = true;
        Ok(sha256)
    }

    fn write(&mut self, value: &impl Serialize) -> Result<(), ReportFileError> {
        let mut line = serde_json::to_vec(value).map_err(|error| failed(&self.temporary)(error.into()))?;
        line.push(b'\n');
        self.hash.update(&line);
        self.output.write_all(&line).map_err(failed(&self.temporary))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.is_complete {
            // The incomplete file is useless. If removing it fails, it stays beside the report, and the next report does not read it.
            let _ = std::fs::remove_file(&self.temporary);
        }
    }
}

/// Checks a report file without the database: its digest, every line, that no recipient occurs twice, and that the totals match
/// the lines and the number frozen. Returns the header, the totals and the digest.
///
/// # Errors
/// [`ReportFileError`] names the first problem and its line.
pub fn check(path: &Path) -> Result<(Header, Totals, String), ReportFileError> {
    let invalid = |reason: String| ReportFileError::Invalid {
        path: path.to_owned(),
        reason,
    };
    let mut lines = LineReader {
        path,
        input: BufReader::new(File::open(path).map_err(failed(path))?),
        number: 0,
    };
    let mut hash = Sha256::new();
    let Some(first) = lines.next()? else {
        return Err(invalid("the file is empty".into()));
    };
    let header: Header = lines.parse(&first)?;
    hash.update(&first);
    let mut counts: BTreeMap<_, _> = DeliveryState::ALL.iter().map(|state| (*state, 0)).collect();
    for (state, count) in &header.compacted {
        *counts.entry(*state).or_default() += count;
    }
    let mut before: Option<SubscriptionId> = None;
    let Some(mut line) = lines.next()? else {
        return Err(invalid("the file ends after its first line".into()));
    };
    // The trailer is the line that no other follows.
    while let Some(next) = lines.next()? {
        let number = lines.number - 1;
        let recipient: RecipientLine = lines.parse_at(&line, number)?;
        if before.is_some_and(|before| before >= recipient.subscription) {
            return Err(lines.line_error(number, "the subscription occurs twice or is out of order"));
        }
        before = Some(recipient.subscription);
        *counts.entry(recipient.state).or_default() += 1;
        hash.update(&line);
        line = next;
    }
    let trailer: Trailer = lines.parse(&line)?;
    let digest = hexadecimal(&hash);
    if trailer.sha256 != digest {
        return Err(invalid(format!(
            "the file was changed: the digest of its lines is {digest}, but its last line names {}",
            trailer.sha256
        )));
    }
    let recipients: i64 = counts.values().sum();
    if trailer.totals.deliveries != counts || trailer.totals.recipients != recipients {
        return Err(invalid(
            "the totals in the last line do not match the lines before it".into(),
        ));
    }
    if recipients != header.recipients {
        let frozen = header.recipients;
        return Err(invalid(format!(
            "the file accounts for {recipients} recipients, but {frozen} were frozen"
        )));
    }
    Ok((header, trailer.totals, digest))
}

/// Reads a file of any size line by line.
struct LineReader<'a> {
    path: &'a Path,
    input: BufReader<File>,
    number: u64,
}

impl LineReader<'_> {
    /// The next line with its line end; `None` at the end of the file.
    fn next(&mut self) -> Result<Option<Vec<u8>>, ReportFileError> {
        let mut line = Vec::new();
        let read = (&mut self.input).take(MAX_LINE_LENGTH).read_until(b'\n', &mut line);
        if read.map_err(failed(self.path))? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if line.last() != Some(&b'\n') {
            return Err(self.line_error(self.number, "the line has no line end, or is longer than 1 MiB"));
        }
        Ok(Some(line))
    }

    fn parse<T: for<'de> Deserialize<'de>>(&self, line: &[u8]) -> Result<T, ReportFileError> {
        self.parse_at(line, self.number)
    }

    fn parse_at<T: for<'de> Deserialize<'de>>(&self, line: &[u8], number: u64) -> Result<T, ReportFileError> {
        serde_json::from_slice(line).map_err(|error| self.line_error(number, &error.to_string()))
    }

    fn line_error(&self, line: u64, reason: &str) -> ReportFileError {
        ReportFileError::Line {
            path: self.path.to_owned(),
            line,
            reason: reason.to_owned(),
        }
    }
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> ReportFileError + use<> {
    let path = path.to_owned();
    move |source| ReportFileError::File { path, source }
}

fn hexadecimal(hash: &Sha256) -> String {
    let octets = hash.clone().finalize();
    let mut text = String::with_capacity(2 * octets.len());
    for octet in &octets {
        // Writing to a string cannot fail.
        let _ = write!(text, "{octet:02x}");
    }
    text
}
