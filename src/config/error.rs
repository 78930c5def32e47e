//! The errors of settings. Each message is one line: the key, its origin, what was found, and what is allowed.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use toml::Value;

use crate::text::plain::escaped;

/// Why the settings cannot be used. Every message is one line and shows no secret.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The settings file does not exist or is not readable text.
    #[error("the settings file {} cannot be read: {reason}", escaped(&path.display().to_string()))]
    Unreadable {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        reason: io::Error,
    },
    /// The settings file is not TOML.
    #[error("{}, line {line}, column {column}: {reason}", escaped(&path.display().to_string()))]
    Syntax {
        /// The path of the file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The character in that line, counted from 1.
        column: usize,
        /// The error of the parser.
        reason: String,
    },
    /// The key is not a setting.
    #[error("{key} {origin} is not a setting; {hint}")]
    Unknown {
        /// The key as it was written: a dotted path, or the name of an environment variable.
        key: String,
        /// Where it was written.
        origin: Origin,
        /// The setting that was probably meant, or all settings of the section.
        hint: String,
    },
    /// The value has the wrong type or is not allowed.
    #[error("{key} {origin} is {found}; allowed is {allowed}")]
    Invalid {
        /// The path of the setting, such as `site.url`.
        key: String,
        /// Where the value was written.
        origin: Origin,
        /// The value, or its kind if it may be secret.
        found: String,
        /// The allowed values, in words.
        allowed: String,
    },
    /// The value contradicts another one, or the file that it names cannot be used.
    #[error("{key} {origin} {reason}")]
    Unusable {
        /// The path of the setting, such as `site.url`.
        key: String,
        /// Where the value was written.
        origin: Origin,
        /// The fault, and what to do.
        reason: String,
    },
    /// A relay is set, but the name, address or sender of the site is not.
    #[error("relay.url is set, but {} not; {}", listed(missing), example(missing))]
    Unnamed {
        /// The settings that are missing, each with an example of its value.
        missing: Vec<(&'static str, &'static str)>,
    },
}

/// `a is`, `a and b are`, `a, b and c are`.
fn listed(missing: &[(&str, &str)]) -> String {
    let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("{one} is"),
        [first @ .., last] => format!("{} and {last} are", first.join(", ")),
    }
}

fn example(missing: &[(&str, &str)]) -> String {
    let examples: Vec<String> = missing
        .iter()
        .map(|(name, value)| format!("{name} = \"{value}\""))
        .collect();
    format!(
        "mail to readers has to name your site and sender: set, for example, {}",
        examples.join(", ")
    )
}

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The default in `config/default.toml`.
    Default,
    /// The settings file at this path.
    File(PathBuf),
    /// In this environment variable.
    Environment(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => write!(f, "by default"),
            Self::File(path) => write!(f, "in {}", escaped(&path.display().to_string())),
            Self::Environment(name) => write!(f, "from {} in the environment", escaped(name)),
        }
    }
}

/// A fault that a section finds after all its values are read: the key within the section, and the reason that follows the key.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) key: &'static str,
    pub(super) reason: String,
}

impl Problem {
    pub(super) fn new(key: &'static str, reason: impl Into<String>) -> Self {
        Self {
            key,
            reason: reason.into(),
        }
    }
}

impl ConfigError {
    /// The error of text that is not TOML. The parser's own text quotes the line, which may contain a secret.
    pub(super) fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or(text);
        let last_line = before.rsplit('\n').next().unwrap_or_default();
        Self::Syntax {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: last_line.chars().count() + 1,
            reason: escaped(error.message()),
        }
    }
}

/// The value for an error message. Secrets are hidden, and so is all but the scheme of an address with a login or a query.
pub(super) fn shown(key: &str, value: &Value) -> String {
    let name = key.rsplit('.').next().unwrap_or(key);
    match value {
        Value::Table(table) => {
            let set = table
                .iter()
                .filter(|(_, value)| value.as_str() != Some(""))
                .map(|(key, _)| key.as_str());
            format!("a table with {}", set.collect::<Vec<_>>().join(", "))
        }
        _ if matches!(name, "password" | "key" | "secret" | "client_secret" | "refresh_token") => {
            "something not shown here".to_owned()
        }
        Value::String(text) if matches!(name, "url" | "proxy") && text.contains(['@', '?']) => {
            let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
            shortened(&format!("{scheme}://…"))
        }
        Value::String(text) => shortened(text),
        Value::Array(items) if name != "url" && items.iter().all(Value::is_str) => {
            let items: Vec<_> = items.iter().filter_map(Value::as_str).map(shortened).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Array(_) => "a list".to_owned(),
        other => other.to_string(),
    }
}

/// The text in quotes, escaped, and cut to 80 characters.
fn shortened(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("{short:?}{dots}")
}
