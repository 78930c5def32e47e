//! The settings: whether the program would start with them, and what they lack for sending to readers.

use super::check::Check;
use crate::app;
use crate::config::Config;
use crate::mail::dkim::Signers;
use crate::templates::Templates;
use crate::words::Locales;

/// Checks the settings. Returns the signers too, which are none if a key cannot be used.
pub(super) fn check(config: &Config) -> (Signers, Vec<Check>) {
    let mut checks = vec![Check::ok("settings", "every setting has an allowed value")];
    checks.push(match config.require_identity(false) {
        Err(error) => Check::failed_by("settings.identity", &error, "set site.url, site.name and mail.from"),
        Ok(()) if config.captures_mail() => Check::warning(
            "settings.identity",
            "no relay is set (relay.url), so no mail reaches a reader",
            "set relay.url, site.url, site.name and mail.from before the first sign-up",
        ),
        Ok(()) => Check::ok(
            "settings.identity",
            format!("{} at {}", config.site.name, config.site.url),
        ),
    });
    checks.push(returned_mail(config));
    checks.push(if config.operators.notify.is_empty() {
        Check::warning(
            "settings.notices",
            "operators.notify is empty, so nobody gets mail about a paused issue or a failing feed",
            "set operators.notify to the addresses of the people who look after the newsletters",
        )
    } else {
        Check::ok("settings.notices", "notices go to the addresses of operators.notify")
    });
    if let Some(folder) = &config.site.locales {
        let read = Locales::with_overrides(folder).map(drop);
        checks.push(readable(
            "settings.locales",
            read,
            "correct the file (docs/how-to/languages.md)",
        ));
    }
    if let Some(folder) = &config.templates.dir {
        let read = Templates::read(folder).map(drop);
        checks.push(readable("settings.templates", read, "run `daywire template check`"));
    }
    let signers = app::signers(config).unwrap_or_else(|error| {
        let advice = "correct dkim.key_file, or make a key with `daywire dkim generate`";
        checks.push(Check::failed_by("settings.dkim_key", &error, advice));
        Signers::default()
    });
    (signers, checks)
}

fn returned_mail(config: &Config) -> Check {
    const NAME: &str = "settings.returned_mail";
    if config.captures_mail() {
        Check::skipped(NAME, "no relay is set (relay.url)")
    } else if config.gets_returned_mail() {
        Check::ok(NAME, "bounces come back by a way that the settings name")
    } else if config.mail.return_path.is_some() {
        Check::warning(
            NAME,
            "bounces go to mail.return_path, and no setting says how they get from there to Daywire",
            "set [intake], or let the mail server of that address run `daywire bounce ingest`; in the second case this is fine \
             (docs/reference/returned-mail.md)",
        )
    } else {
        Check::warning(
            NAME,
            "bounces and complaints are not read, so dead addresses are mailed for ever",
            "set mail.return_path and a way by which it comes back, or the webhook of your mail provider (docs/reference/returned-mail.md)",
        )
    }
}

fn readable<E: std::fmt::Display>(name: &'static str, read: Result<(), E>, advice: &str) -> Check {
    match read {
        Ok(()) => Check::ok(name, "every file can be used"),
        Err(error) => Check::failed_by(name, &error, advice),
    }
}
