//! `daywire init`: asks for what a new site needs, writes its settings file and keys, and prints the DNS records to publish.
//!
//! Passwords and keys get files of their own in the folder `credentials` beside the settings file, which the service manager can hand
//! over. So the settings file usually contains no secret.

mod answers;
mod dns;
mod files;
mod questions;
mod secrets;
mod settings;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use lettre::message::Mailbox;
use serde_json::json;

pub(crate) use self::answers::Args;
use self::dns::Record;
use self::files::{NewFiles, SECRETS_FOLDER};
use self::settings::Settings;
use super::context::Context;
use super::dkim::{RSA, new_key};
use super::output;
use crate::config::{self, Setting};
use crate::mail::SmtpAddress;
use crate::mail::dkim::KeyKind;

pub(crate) fn run(context: &Context, args: Args) -> anyhow::Result<()> {
    let file = context.config_file.clone();
    let file = file.unwrap_or_else(|| PathBuf::from(config::SEARCH[0]));
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut new_files = NewFiles::with_secrets_in(folder.join(SECRETS_FOLDER));
    NewFiles::require_absent(&file)?;
    let answers = answers::ask(args, folder)?;
    let sender: Mailbox = value(&answers.from)?;
    let sender: SmtpAddress = sender.email.to_string().parse().context("the sender's address")?;

    let mut records = Vec::new();
    for (name, selector, kind) in [
        ("dkim.pem", "daywire", RSA),
        ("dkim-ed25519.pem", "daywire-ed25519", KeyKind::Ed25519),
    ] {
        let key = new_key(sender.domain(), selector, kind)?;
        new_files.add_secret(name, key.private_pem);
        records.push(Record::dkim(sender.domain(), selector, &key.public_record_value));
    }
    let relay = (!answers.relay.is_empty()).then(|| value(&answers.relay)).transpose()?;
    let return_path: Option<SmtpAddress> = (!answers.return_path.is_empty())
        .then(|| value(&answers.return_path))
        .transpose()?;
    let sending = dns::for_sending(
        sender.domain(),
        return_path.as_ref().map(SmtpAddress::domain),
        relay.as_ref(),
        &value(&answers.url)?,
    );
    records.extend(sending.records);
    let settings = Settings::of(&answers, sender.domain(), &mut new_files);
    new_files.add_settings(&file, settings.text, settings.has_secret);
    new_files.write(|| {
        let config = config::load(Some(&file), [], config::SEARCH)?;
        Ok(config.require_identity(false)?)
    })?;

    let next = next_commands(context.config_file.as_deref());
    if context.json {
        let records: Vec<_> = records.iter().map(Record::document).collect();
        return output::json(&json!({
            "settings_file": file,
            "secret_files": new_files.secrets(),
            "records": records,
            "without_spf": sending.without_spf,
            "next": next,
        }));
    }
    let mut lines = vec![format!(
        "# The settings are in {}. Keys and passwords are in:",
        file.display()
    )];
    let secrets = new_files.secrets().into_iter();
    lines.extend(secrets.map(|path| format!("#   {}", path.display())));
    lines.push("# Publish these records in the DNS:".to_owned());
    lines.extend(records.iter().map(Record::text));
    lines.extend(sending.without_spf.map(|reason| format!("; {reason}")));
    lines.push(
        "# Then create a newsletter from its file (docs/how-to/newsletters.md), and start the service:".to_owned(),
    );
    lines.extend(next);
    output::text(&lines.join("\n"))
}

/// The two commands that follow.
fn next_commands(config_file: Option<&Path>) -> [String; 2] {
    let searched = config_file.is_none_or(|file| config::SEARCH.iter().any(|path| file == Path::new(path)));
    let config = match config_file {
        Some(file) if !searched => format!(" --config {}", file.display()),
        _ => String::new(),
    };
    let is_installed = config_file == Some(Path::new(config::SEARCH[1]));
    let serve = if is_installed && Path::new("/run/systemd/system").is_dir() {
        "systemctl enable --now daywire".to_owned()
    } else {
        format!("daywire{config} serve")
    };
    [format!("daywire{config} newsletter apply FILE"), serve]
}

/// Parses a text that was found to be allowed.
fn value<T: Setting>(text: &str) -> anyhow::Result<T> {
    T::read(text).with_context(|| format!("allowed is {}", T::ALLOWED))
}
