//! Gets the answers: from an option, from a person at a terminal, or from the lines of standard input.

use std::io::{BufRead as _, IsTerminal as _, Read as _};

use anyhow::Context as _;
use secrecy::SecretString;

use crate::config::Setting;

/// The most bytes of an answer, so that a wrong file on standard input cannot fill the memory.
const MAX_ANSWER: u64 = 16 * 1024;

/// A question, and the option that answers it.
pub(super) struct Question {
    option: &'static str,
    text: &'static str,
    /// The value if the answer is empty; `None` if it must not be empty.
    if_empty: Option<&'static str>,
    /// Whether the end of standard input counts as an empty answer.
    may_be_left_out: bool,
}

impl Question {
    pub(super) fn required(option: &'static str, text: &'static str) -> Self {
        Self {
            option,
            text,
            if_empty: None,
            may_be_left_out: false,
        }
    }

    /// It must be answered, but the answer may be empty.
    pub(super) fn required_or_empty(option: &'static str, text: &'static str) -> Self {
        Self {
            if_empty: Some(""),
            ..Self::required(option, text)
        }
    }

    /// Without an answer the value is `default`.
    pub(super) fn with_default(option: &'static str, text: &'static str, default: &'static str) -> Self {
        Self {
            if_empty: Some(default),
            may_be_left_out: true,
            ..Self::required(option, text)
        }
    }
}

/// Asks questions and collects the options that are missing.
pub(super) struct Questions {
    /// Whether a person answers.
    is_terminal: bool,
    missing: Vec<&'static str>,
}

impl Questions {
    pub(super) fn new() -> Self {
        Self {
            is_terminal: std::io::stdin().is_terminal(),
            missing: Vec::new(),
        }
    }

    /// The value of the option if it is given, otherwise the answer. If there is none, the value is empty, and
    /// [`require_all`](Self::require_all) fails.
    pub(super) fn answer<T: Setting>(&mut self, question: &Question, option: Option<String>) -> anyhow::Result<String> {
        let Question { option: name, .. } = question;
        // The text itself is not shown: it may contain a password.
        let refused = || anyhow::anyhow!("{name} cannot be used; allowed is {}", T::ALLOWED);
        if let Some(text) = option {
            return accepted::<T>(question, &text).with_context(refused);
        }
        loop {
            let Some(line) = self.line(question)? else {
                if !question.may_be_left_out {
                    self.missing.push(question.option);
                }
                return Ok(question.if_empty.unwrap_or_default().to_owned());
            };
            match accepted::<T>(question, &line) {
                Some(text) => return Ok(text),
                None if self.is_terminal => prompt(&format!("Allowed is {}.\n", T::ALLOWED))?,
                // An empty line for a value that must not be empty.
                None if line.trim().is_empty() => {
                    self.missing.push(question.option);
                    return Ok(String::new());
                }
                None => return Err(refused()),
            }
        }
    }

    /// A password, which a terminal does not show. `option` is the option to whose value it belongs.
    pub(super) fn password(&mut self, option: &'static str, text: &str) -> anyhow::Result<SecretString> {
        let line = if self.is_terminal {
            prompt(&format!("{text}: "))?;
            Some(console::Term::stderr().read_secure_line()?)
        } else {
            read_line()?
        };
        line.and_then(|line| SecretString::read(&line)).with_context(|| {
            format!(
                "{option} names a user but no password; write the password on the next line of standard input, or run the command in \
                 a terminal, which asks for it"
            )
        })
    }

    /// Fails if answers are missing, and names their options.
    pub(super) fn require_all(self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.missing.is_empty(),
            "nothing was written, because answers are missing: give {}, or write the answers on standard input, one a line",
            self.missing.join(", ")
        );
        Ok(())
    }

    /// The next answer; `None` at the end of standard input.
    fn line(&self, question: &Question) -> anyhow::Result<Option<String>> {
        if self.is_terminal {
            let default = question.if_empty.filter(|default| !default.is_empty());
            let default = default.map(|default| format!(" [{default}]")).unwrap_or_default();
            prompt(&format!("{}{default}: ", question.text))?;
        }
        read_line()
    }
}

/// The value that an answer stands for; `None` if it is not allowed.
fn accepted<T: Setting>(question: &Question, text: &str) -> Option<String> {
    match (text.trim(), question.if_empty) {
        ("", Some(if_empty)) => Some(if_empty.to_owned()),
        (text, _) => T::read(text).map(|_| text.to_owned()),
    }
}

/// Writes on standard error, so that standard output has only the result.
fn prompt(text: &str) -> std::io::Result<()> {
    console::Term::stderr().write_str(text)
}

/// A line of standard input without its end; `None` at the end of the input.
fn read_line() -> anyhow::Result<Option<String>> {
    let mut line = String::new();
    let read = std::io::stdin()
        .lock()
        .take(MAX_ANSWER)
        .read_line(&mut line)
        .context("standard input, from which the answers are read, is not UTF-8 text")?;
    Ok((read > 0).then(|| line.trim_end_matches(['\n', '\r']).to_owned()))
}
