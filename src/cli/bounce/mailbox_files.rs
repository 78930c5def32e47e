//! Reads returned mail from files: single messages, Maildirs, mbox files.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::bounce::read::MAX_BYTES;

/// The argument that means standard input.
const STANDARD_INPUT: &str = "-";

/// Opens a file, or standard input. The error names the file.
fn open(path: &Path) -> anyhow::Result<Box<dyn Read>> {
    if path == Path::new(STANDARD_INPUT) {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(File::open(path).with_context(|| cannot_read(path))?))
}

fn cannot_read(path: &Path) -> String {
    format!("cannot read {}", path.display())
}

/// The first [`MAX_BYTES`] of a message in a file of its own, or on standard input. More is not looked at.
pub(crate) fn read_message(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut message = Vec::new();
    let read = open(path)?.take(MAX_BYTES as u64).read_to_end(&mut message);
    read.with_context(|| cannot_read(path))?;
    if path == Path::new(STANDARD_INPUT) {
        // A mail server that pipes a message to a program may begin it like one of an mbox.
        if is_from_line(&message) {
            let end = message
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(message.len(), |end| end + 1);
            message.drain(..end);
        }
        return Ok(message);
    }
    anyhow::ensure!(
        !is_from_line(&message),
        "{0} is an mbox file; hand it over with --mbox {0}",
        path.display()
    );
    Ok(message)
}

/// Whether the text begins with the line that begins a message in an mbox.
fn is_from_line(text: &[u8]) -> bool {
    text.starts_with(b"From ") && !text.starts_with(b"From :")
}

/// The messages of a Maildir, whose other programs may move and delete them meanwhile.
pub(super) struct Maildir {
    folder: PathBuf,
    waiting: std::vec::IntoIter<PathBuf>,
    /// The names, without flags, of messages that were gone when they were read.
    gone: HashSet<String>,
    is_second_pass: bool,
}

impl Maildir {
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            waiting: messages_of(folder)?.into_iter(),
            gone: HashSet::new(),
            is_second_pass: false,
        })
    }

    /// The next message; `None` after the last. A message that is gone is looked for again at the end: a mail program that opens the
    /// folder moves all messages from `new` to `cur`.
    pub(super) fn next_message(&mut self) -> anyhow::Result<Option<Vec<u8>>> {
        loop {
            let Some(path) = self.waiting.next() else {
                if self.is_second_pass || self.gone.is_empty() {
                    return Ok(None);
                }
                self.is_second_pass = true;
                let mut moved = messages_of(&self.folder)?;
                moved.retain(|path| self.gone.contains(&name_without_flags(path)));
                self.waiting = moved.into_iter();
                continue;
            };
            let mut message = Vec::new();
            let read = File::open(&path).and_then(|file| file.take(MAX_BYTES as u64).read_to_end(&mut message));
            match read {
                Ok(_) => {
                    self.gone.remove(&name_without_flags(&path));
                    return Ok(Some(message));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.gone.insert(name_without_flags(&path));
                }
                Err(error) => return Err(error).with_context(|| cannot_read(&path)),
            }
        }
    }

    /// How many messages were gone when they were read.
    pub(super) fn gone(&self) -> usize {
        self.gone.len()
    }
}

/// The name of a message's file up to its flags, which change when a person reads it.
fn name_without_flags(path: &Path) -> String {
    let name = path.file_name().unwrap_or(OsStr::new("")).to_string_lossy();
    name.split(':').next().unwrap_or_default().to_owned()
}

/// The files in `new` and `cur` of a Maildir, in the order of their names.
fn messages_of(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut is_maildir = false;
    for part in ["new", "cur"] {
        let entries = match std::fs::read_dir(folder.join(part)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| cannot_read(&folder.join(part))),
        };
        is_maildir = true;
        for entry in entries {
            let path = entry.with_context(|| cannot_read(folder))?.path();
            if !path.is_dir() {
                found.push(path);
            }
        }
    }
    anyhow::ensure!(
        is_maildir,
        "{} is not a Maildir: it has neither the folder `new` nor `cur`",
        folder.display()
    );
    found.sort();
    Ok(found)
}

/// Reads an mbox file ([RFC 4155](https://www.rfc-editor.org/rfc/rfc4155)) message by message: each begins after a line `From …`, and
/// `>From` in a message stands for `From`. Of each message the first [`MAX_BYTES`] are kept.
pub(super) struct Mbox<R> {
    path: PathBuf,
    file: R,
    line: Vec<u8>,
    /// Whether the `From` line of the next message was read.
    is_at_message: bool,
    /// Whether there is text before the first message.
    has_other_text: bool,
}

impl Mbox<BufReader<Box<dyn Read>>> {
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        Ok(Self::new(path, BufReader::new(open(path)?)))
    }
}

impl<R: BufRead> Mbox<R> {
    fn new(path: &Path, file: R) -> Self {
        Self {
            path: path.to_owned(),
            file,
            line: Vec::new(),
            is_at_message: false,
            has_other_text: false,
        }
    }

    /// The next message; `None` after the last. Fails if the file does not begin with a message.
    pub(super) fn next_message(&mut self) -> anyhow::Result<Option<Vec<u8>>> {
        let message = self.read_message().with_context(|| cannot_read(&self.path))?;
        anyhow::ensure!(
            !self.has_other_text,
            "{0} is not an mbox file: it does not begin with a line `From …`; hand a single message over as `daywire bounce ingest {0}`",
            self.path.display()
        );
        Ok(message)
    }

    fn read_message(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut message = Vec::new();
        let mut is_after_blank = true;
        loop {
            self.line.clear();
            // A line without an end must not fill the memory: it is read in pieces.
            let mut piece = self.file.by_ref().take(MAX_BYTES as u64);
            if piece.read_until(b'\n', &mut self.line)? == 0 {
                let is_last = std::mem::take(&mut self.is_at_message);
                return Ok(is_last.then_some(message));
            }
            if is_after_blank && self.line.starts_with(b"From ") {
                if std::mem::replace(&mut self.is_at_message, true) {
                    return Ok(Some(message));
                }
                is_after_blank = false;
                continue;
            }
            is_after_blank = self.line.iter().all(u8::is_ascii_whitespace);
            if !self.is_at_message && !is_after_blank {
                self.has_other_text = true;
                return Ok(None);
            }
            if self.is_at_message && message.len() < MAX_BYTES {
                let is_quoted = is_quoted_from(&self.line);
                message.extend_from_slice(&self.line[usize::from(is_quoted)..]);
            }
        }
    }
}

/// Whether a line is `From ` behind one or more `>`.
fn is_quoted_from(line: &[u8]) -> bool {
    let quotes = line.iter().take_while(|byte| **byte == b'>').count();
    quotes > 0 && line[quotes..].starts_with(b"From ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(mbox: &[u8]) -> Vec<Vec<u8>> {
        let mut mbox = Mbox::new(Path::new("mbox"), mbox);
        std::iter::from_fn(|| mbox.next_message().expect("it is an mbox")).collect()
    }

    #[test]
    fn an_mbox_is_divided_at_from_lines_after_a_blank_line() {
        let text = b"From a@b Thu Jan  1 00:00:00 1970\nSubject: 1\n\n>From me\n>>From us\nFrom you\n\nFrom c@d Thu\nSubject: 2\n\nx\n";
        let messages = messages(text);
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[0], b"Subject: 1\n\nFrom me\n>From us\nFrom you\n\n");
        assert_eq!(messages[1], b"Subject: 2\n\nx\n");
    }

    #[test]
    fn a_file_that_does_not_begin_with_a_from_line_is_no_mbox() {
        assert!(messages(b"").is_empty());
        assert_eq!(messages(b"\nFrom a@b\n"), [b""]);
        let mut single = Mbox::new(
            Path::new("a.eml"),
            b"Subject: 1\n\nFrom me\n\nFrom a@b Thu\n".as_slice(),
        );
        let error = single.next_message().expect_err("it is a message").to_string();
        assert!(error.starts_with("a.eml is not an mbox file"), "{error}");
    }
}
