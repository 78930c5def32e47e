//! What `daywire init` needs to know: its options, and the questions for those that are not given.

use std::path::Path;

use lettre::message::Mailbox;
use secrecy::SecretString;

use super::questions::{Question, Questions};
use super::secrets;
use crate::config::{BaseUrl, DatabaseUrl};
use crate::mail::SmtpAddress;
use crate::mail::relay::Relay;

/// Options of `daywire init`. What is not given is asked for, or read from standard input: one answer a line, in the order of the options.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The name of the publication, such as "Example Wire".
    #[arg(long)]
    name: Option<String>,
    /// The address at which readers reach the site, such as `https://news.example.org`.
    #[arg(long)]
    url: Option<String>,
    /// The sender of mails, such as "Example Wire <news@example.org>".
    #[arg(long)]
    from: Option<String>,
    /// The SMTP server that accepts the mails, such as `smtps://USER@mail.example.org`; "" is the inbox inside the program.
    ///
    /// If it names a user and no password, the password is asked for, or it is the next line of standard input.
    #[arg(long)]
    relay: Option<String>,
    /// The database: sqlite:PATH, or `postgres://USER@HOST/DB`.
    #[arg(long)]
    database: Option<String>,
    /// The mailbox to which other servers return mail, such as bounce@news.example.org; may be left out.
    #[arg(long, value_name = "ADDRESS")]
    return_path: Option<String>,
}

/// The answers. All texts are allowed values of their settings.
pub(super) struct Answers {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) from: String,
    /// Without its password. Empty: none.
    pub(super) relay: String,
    pub(super) relay_password: Option<SecretString>,
    /// Without its password.
    pub(super) database: String,
    pub(super) database_password: Option<SecretString>,
    /// Empty: none.
    pub(super) return_path: String,
}

/// Takes the answers from the options, and from standard input. `folder` is that of the settings file.
pub(super) fn ask(args: Args, folder: &Path) -> anyhow::Result<Answers> {
    // The service may write only below /var, and a person's own folder is easier to keep together.
    let database = if folder.starts_with("/etc") {
        "sqlite:/var/lib/daywire/daywire.db"
    } else {
        "sqlite:data/daywire.db"
    };
    let mut questions = Questions::new();
    let name = questions.answer::<String>(&Question::required("--name", "Name of the publication"), args.name)?;
    let url = Question::required(
        "--url",
        "Address at which readers reach the site, such as https://news.example.org",
    );
    let url = questions.answer::<BaseUrl>(&url, args.url)?;
    let from = Question::required("--from", "Sender of mails, such as Example Wire <news@example.org>");
    let from = questions.answer::<Mailbox>(&from, args.from)?;
    let relay =
        "SMTP server that accepts the mails, such as smtps://USER@mail.example.org; empty for none, to try it out";
    let relay = questions.answer::<Relay>(&Question::required_or_empty("--relay", relay), args.relay)?;
    let (relay, mut relay_password) = secrets::split_relay(&relay)?;
    if relay_password.is_none() && secrets::needs_password(&relay) {
        relay_password = Some(questions.password("--relay", "Password at that server")?);
    }
    let question = Question::with_default(
        "--database",
        "Database: sqlite:PATH or postgres://USER@HOST/DB",
        database,
    );
    let database = questions.answer::<DatabaseUrl>(&question, args.database)?;
    let (database, database_password) = secrets::split_database(&database)?;
    let text = "Mailbox to which other servers return mail, such as bounce@news.example.org; may be empty";
    let return_path = Question::with_default("--return-path", text, "");
    let return_path = questions.answer::<SmtpAddress>(&return_path, args.return_path)?;
    questions.require_all()?;
    Ok(Answers {
        name,
        url,
        from,
        relay,
        relay_password,
        database,
        database_password,
        return_path,
    })
}
