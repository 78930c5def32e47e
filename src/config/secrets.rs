//! `[secrets]`: a key that confirmation links need besides the one in the database. Reads secrets from files.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::Deserialize;

use super::error::Problem;
use super::value::{Setting, optional};

/// The settings of the section `[secrets]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// The key, even if it is from `key_file`. `None` if links need only the key in the database.
    #[serde(deserialize_with = "optional")]
    pub key: Option<SecretKey>,
    /// The file with the key.
    #[serde(deserialize_with = "optional")]
    pub key_file: Option<PathBuf>,
}

/// A key of 32 secret bytes.
pub struct SecretKey(SecretBox<[u8; 32]>);

impl SecretKey {
    /// A key of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// The secret bytes, which must not be logged.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}

impl Clone for SecretKey {
    fn clone(&self) -> Self {
        Self::new(*self.expose())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl Setting for SecretKey {
    const ALLOWED: &'static str = "32 bytes, as 64 hexadecimal digits or as base64 (`openssl rand -hex 32` makes one)";

    fn read(text: &str) -> Option<Self> {
        let bytes = if text.len() == 64 { hex(text) } else { from_base64(text) };
        Some(Self::new(bytes?.try_into().ok()?))
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
        .iter()
        .find_map(|engine| engine.decode(text).ok())
}

impl Secrets {
    /// The bytes of the key; empty if none is set.
    #[must_use]
    pub fn pepper(&self) -> Vec<u8> {
        self.key.as_ref().map(|key| key.expose().to_vec()).unwrap_or_default()
    }

    /// Reads the key from `key_file`, if it is set.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        read_into(&mut self.key, "key", "key_file", self.key_file.as_deref())
    }
}

/// Reads `password` from `file`, if that is set. Blanks at its ends belong to it.
pub(super) fn password_or_file(password: &mut Option<SecretString>, file: Option<&Path>) -> Result<(), Problem> {
    let Some(path) = file else { return Ok(()) };
    if password.is_some() {
        return Err(Problem::new("password_file", "is set, and password too; keep one"));
    }
    *password = Some(read_secret("password_file", path)?);
    Ok(())
}

/// Reads a value from the file that the setting `file_key` names, if it is set. The value may be in the setting `key` instead.
pub(super) fn read_into<T: Setting>(
    value: &mut Option<T>,
    key: &str,
    file_key: &'static str,
    path: Option<&Path>,
) -> Result<(), Problem> {
    let Some(path) = path else { return Ok(()) };
    if value.is_some() {
        return Err(Problem::new(file_key, format!("is set, and {key} too; keep one")));
    }
    let text = read_text(file_key, path)?;
    let reason = || {
        format!(
            "names {}, which contains something other than {}",
            path.display(),
            T::ALLOWED
        )
    };
    let read = T::read(text.expose_secret().trim());
    *value = Some(read.ok_or_else(|| Problem::new(file_key, reason()))?);
    Ok(())
}

/// Reads the single line of the file that the setting `key` names, without its line end.
pub(super) fn read_secret(key: &'static str, path: &Path) -> Result<SecretString, Problem> {
    let text = read_text(key, path)?;
    SecretString::read(text.expose_secret().trim_end_matches(['\r', '\n'])).ok_or_else(|| {
        let reason = "does not contain one line of text without control characters";
        Problem::new(key, format!("names {}, which {reason}", path.display()))
    })
}

/// Reads the beginning of the file that the setting `key` names. A limit, so that a wrong path cannot fill the memory.
fn read_text(key: &'static str, path: &Path) -> Result<SecretString, Problem> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(64 * 1024).read_to_string(&mut text));
    read.map_err(|error| Problem::new(key, format!("names {}, which cannot be read: {error}", path.display())))?;
    Ok(text.into())
}
