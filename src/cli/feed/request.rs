//! The options that say how a feed is requested. A password and header fields are read from files, because other users of the machine can
//! see the arguments of a command.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use secrecy::{ExposeSecret, SecretString};

use crate::cli::files;
use crate::feeds::request_settings::RequestChange;
use crate::ingest::requesting_feeds::secret_lines;

/// The most bytes of a file with secrets.
const MAX_SECRET_BYTES: u64 = 256 * 1024;

#[derive(Debug, clap::Args)]
pub(crate) struct RequestArgs {
    /// The User-Agent of the feed's requests; an empty text: `feeds.user_agent`.
    #[arg(long, value_name = "TEXT")]
    user_agent: Option<String>,
    /// The name of a login at the feed's server (HTTP Basic); an empty text removes the login.
    #[arg(long, value_name = "NAME")]
    login: Option<String>,
    /// The file with the password of the login on its first line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// The file with all further header fields, one a line as `Name: value`; `-` reads standard input. `Name:` keeps the value that is
    /// set. An empty file removes all fields.
    #[arg(long, value_name = "FILE")]
    headers_file: Option<PathBuf>,
}

impl RequestArgs {
    /// The change that the options ask for.
    pub(crate) fn change(&self) -> anyhow::Result<RequestChange> {
        let files = [self.password_file.as_deref(), self.headers_file.as_deref()];
        anyhow::ensure!(
            files != [Some(Path::new("-")); 2],
            "only one of --password-file and --headers-file can be standard input; put the other into a file"
        );
        let password = self.password_file.as_deref().map(read_secrets).transpose()?;
        let login_password = match (&password, &self.password_file) {
            (Some(text), Some(file)) => {
                let line = text.expose_secret().lines().next().unwrap_or_default();
                anyhow::ensure!(!line.is_empty(), "{} has no password on its first line", file.display());
                Some(SecretString::from(line))
            }
            _ => None,
        };
        let fields = self.headers_file.as_deref().map(read_secrets).transpose()?;
        Ok(RequestChange {
            user_agent: self.user_agent.clone(),
            login_name: self.login.clone(),
            login_password,
            fields: fields.map(|text| secret_lines(text.expose_secret())),
        })
    }
}

/// The text of a file, or of standard input.
fn read_secrets(path: &Path) -> anyhow::Result<SecretString> {
    if path != Path::new("-") {
        return Ok(files::read_text(path)?.into());
    }
    let mut text = String::new();
    let mut input = std::io::stdin().lock().take(MAX_SECRET_BYTES);
    input
        .read_to_string(&mut text)
        .context("standard input, from which secrets are read, is not UTF-8 text")?;
    Ok(text.into())
}
