//! What `daywire subscriber import` writes while it runs: the file of `--report`, and a bar on a terminal.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write as _};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::files;
use crate::import::{Cells, Observer};

const COLUMNS: [&str; 5] = ["file", "line", "address", "outcome", "reason"];

/// The file and the bar.
pub(crate) struct ImportReport {
    file: Option<csv::Writer<BufWriter<File>>>,
    /// The name of the file that is imported now.
    imported: String,
    bar: ProgressBar,
}

impl ImportReport {
    pub(crate) fn new(file: Option<&Path>) -> anyhow::Result<Self> {
        let file = file.map(|path| {
            let mut csv = csv::Writer::from_writer(BufWriter::new(files::create_private(path)?));
            csv.write_record(COLUMNS)?;
            anyhow::Ok(csv)
        });
        let bar = if io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {eta} left")?;
            ProgressBar::new(0).with_style(style)
        } else {
            ProgressBar::hidden()
        };
        Ok(Self {
            file: file.transpose()?,
            imported: String::new(),
            bar,
        })
    }

    /// The import of a file begins, which has this many bytes.
    pub(crate) fn begin(&mut self, name: &str, bytes: u64) {
        name.clone_into(&mut self.imported);
        self.bar.reset();
        self.bar.set_length(bytes);
    }

    /// Writes the end of the file, and removes the bar.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        self.bar.finish_and_clear();
        if let Some(file) = self.file {
            let mut file = file.into_inner().map_err(csv::IntoInnerError::into_error)?;
            file.flush()?;
        }
        Ok(())
    }
}

impl Observer for ImportReport {
    fn row(&mut self, line: u64, address: Option<&str>, outcome: &str, reason: &str) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let cells = [&self.imported, address.unwrap_or_default(), reason].map(Cells::guarded);
        let [name, address, reason] = &cells;
        file.write_record([name, &line.to_string(), address, outcome, reason])
            .map_err(|error| io::Error::other(format!("the file of --report cannot be written: {error}")))
    }

    fn progress(&mut self, bytes: u64) {
        self.bar.set_position(bytes);
    }
}
