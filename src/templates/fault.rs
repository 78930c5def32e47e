//! The faults of templates.

use std::fmt;

/// What is wrong with a template: file, line, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("templates.dir: {file}{}: {reason}", line_of(*line))]
pub struct TemplateFault {
    /// The file below the folder, or the folder itself.
    pub file: String,
    /// The line, from 1, if it is known.
    pub line: Option<usize>,
    /// What is wrong, and what to do.
    pub reason: String,
}

fn line_of(line: Option<usize>) -> String {
    line.map(|line| format!(", line {line}")).unwrap_or_default()
}

impl TemplateFault {
    pub(super) fn new(file: impl fmt::Display, reason: impl fmt::Display) -> Self {
        Self {
            file: file.to_string(),
            line: None,
            reason: reason.to_string(),
        }
    }

    pub(super) fn at(mut self, line: Option<usize>) -> Self {
        self.line = line;
        self
    }
}
