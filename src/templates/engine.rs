//! The template engine with its limits, and what is said about a template that fails.

use std::error::Error as _;
use std::fmt;
use std::io;

use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind, HtmlEscape, UndefinedBehavior, context};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::fault::TemplateFault;
use super::folder::Files;
use super::message::{message, message_link};
use super::required::Required;
use super::static_check;
use crate::text::plain;
use crate::words::Words;

/// The most steps of one rendering. The largest digest takes some 50,000.
const MAX_STEPS: u64 = 2_000_000;
/// How deep macros and includes may call each other.
const MAX_RECURSION: usize = 60;
/// The most bytes that a template may write.
const MAX_OUTPUT: usize = 1024 * 1024;

/// The templates of the operator, parsed.
pub(super) struct Engine {
    environment: Environment<'static>,
    files: Files,
    version: String,
}

impl Engine {
    pub(super) fn new(files: Files) -> Result<Self, TemplateFault> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_debug(true);
        environment.set_fuel(Some(MAX_STEPS));
        environment.set_recursion_limit(MAX_RECURSION);
        environment.add_filter("wrap", |text: &str| plain::wrap(text));
        // It prints every variable, also into a mail.
        environment.remove_global("debug");
        let mut hash = Sha256::new();
        for (name, content) in &files {
            hash.update(name.as_bytes());
            hash.update(content.as_bytes());
            check_words(name, content)?;
            environment
                .add_template_owned(name.clone(), content.clone())
                .map_err(|error| fault(&error, ""))?;
        }
        Ok(Self {
            environment,
            files,
            version: data_encoding::HEXLOWER.encode(&hash.finalize()),
        })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    pub(super) fn render(&self, name: &str, words: &Words, context: &impl Serialize) -> Result<String, TemplateFault> {
        let values = Value::from(Serde(context));
        let template = self
            .environment
            .get_template(name)
            .map_err(|error| fault(&error, name))?;
        let functions = context! { message => message(words.clone()), message_link => message_link(words.clone()) };
        let mut output = LimitedOutput(Vec::new());
        let rendered = template.render_captured_to(context! { ..functions, ..values }, &mut output);
        rendered.map_err(|error| fault(&error, name))?;
        String::from_utf8(output.0).map_err(|_| TemplateFault::new(name, "its output is not UTF-8"))
    }

    /// Names that do not exist, in all files.
    pub(super) fn unknown_names(&self) -> Vec<TemplateFault> {
        let files = self
            .files
            .iter()
            .map(|(name, content)| (name.as_str(), content.as_str()));
        static_check::faults(&files.collect())
    }

    /// Checks that the output shows what it must show.
    pub(super) fn require(name: &str, output: &str, required: &[Required<'_>]) -> Result<(), TemplateFault> {
        let missing = required.iter().find(|required| {
            let value = required.value;
            !output.contains(value) && !output.contains(&HtmlEscape(value).to_string())
        });
        match missing {
            Some(Required { variable, reason, .. }) => Err(TemplateFault::new(
                name,
                format!("it does not show {{{{ {variable} }}}}: {reason}"),
            )),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.files.keys()).finish()
    }
}

/// Refuses to grow beyond the limit.
struct LimitedOutput(Vec<u8>);

impl io::Write for LimitedOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            return Err(io::Error::other(format!(
                "it writes more than {} KiB",
                MAX_OUTPUT / 1024
            )));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Refuses calls of unknown messages, even in a branch that the sample data never reaches.
fn check_words(name: &str, source: &str) -> Result<(), TemplateFault> {
    for call in ["message(", "message_link("] {
        for (at, _) in source.match_indices(call) {
            let rest = source[at + call.len()..].trim_start();
            let id = rest
                .strip_prefix(['"', '\''])
                .and_then(|rest| rest.split(['"', '\'']).next());
            if let Some(Err(unknown)) = id.map(Words::check_id) {
                let line = source[..at].matches('\n').count() + 1;
                return Err(TemplateFault::new(name, unknown).at(Some(line)));
            }
        }
    }
    Ok(())
}

/// The innermost error with file, line, and the part of the template that it is about.
fn fault(error: &Error, name: &str) -> TemplateFault {
    // An error in a file that is included, extended or imported is the source of an error that names the tag.
    let mut innermost = error;
    while let Some(source) = innermost.source().and_then(|source| source.downcast_ref::<Error>()) {
        innermost = source;
    }
    let is_output = innermost.source().and_then(|source| source.downcast_ref::<io::Error>());
    let quoted = innermost
        .template_source()
        .zip(innermost.range())
        .and_then(|(source, range)| source.get(range))
        .map(plain::one_line)
        .filter(|part| !part.is_empty() && part.chars().count() <= 80);
    let detail = innermost.detail().unwrap_or_default();
    let reason = match (innermost.kind(), quoted) {
        (ErrorKind::OutOfFuel, _) => {
            format!(
                "it took more than {} million steps; look for a loop or a macro that repeats too often",
                MAX_STEPS / 1_000_000
            )
        }
        (ErrorKind::UndefinedError, Some(part)) => {
            format!(
                "there is no variable “{part}”, or it has no value; docs/reference/templates.md lists all variables"
            )
        }
        (ErrorKind::SyntaxError, _) if detail.contains("unexpected end of input") => {
            format!("a tag or a block is not closed: {detail}; close it with %}}, }}}} or the end of the block")
        }
        (ErrorKind::WriteFailure, _) if is_output.is_some() => {
            format!(
                "{}; look for a loop that repeats too much",
                is_output.map(ToString::to_string).unwrap_or_default()
            )
        }
        (kind, Some(part)) if detail.is_empty() => format!("{kind} at “{part}”"),
        (kind, None) if detail.is_empty() => kind.to_string(),
        (ErrorKind::InvalidOperation, _) => detail.to_owned(),
        (kind, _) => format!("{kind}: {detail}"),
    };
    TemplateFault::new(innermost.name().unwrap_or(name), reason).at(innermost.line())
}
