//! The relays: connection, TLS and its certificate, login, and on request one message to an address.

use std::net::IpAddr;
use std::time::Duration;

use super::certificate;
use super::check::Check;
use super::database::Database;
use super::examination::Examination;
use crate::config::{Config, Relay as RelaySettings};
use crate::delivery::relay_login::connect;
use crate::domain::address::EmailAddress;
use crate::feeds::fetch::Fetcher;
use crate::mail::Mailbox;
use crate::mail::dkim::Signers;
use crate::mail::message::{Mail, build};
use crate::mail::relay::Relay;
use crate::mail::smtp::{Envelope, Outcome, Outgoing, SendError, Session, Timeouts};

/// The longest wait for a reply. A relay that needs more than this fails the check even if the settings allow more.
const MAX_WAIT: Duration = Duration::from_secs(20);
const TLS: &str = "relay.tls";

/// Checks every relay of the settings.
pub(super) async fn check(examination: Examination<'_>, signers: &Signers) -> Vec<Check> {
    let config = examination.config;
    let mut checks = Vec::new();
    for set in &config.relays {
        let Some(relay) = &set.url else { continue };
        let found = check_one(examination, signers, relay, set).await;
        checks.extend(found.into_iter().map(|check| check.of(relay.to_string())));
    }
    if checks.is_empty() {
        let reason = "no relay is set (relay.url), so mail goes to the inbox inside the program";
        checks.push(Check::skipped("relay.connection", reason));
    }
    checks
}

/// Warns about newsletters that a relay names and that do not exist: the mail that is meant goes by other relays.
pub(super) async fn newsletters(config: &Config, database: Option<&Database>) -> Vec<Check> {
    const NAME: &str = "relay.newsletters";
    let named: Vec<_> = config.relays.iter().flat_map(|relay| &relay.newsletters).collect();
    let Some(database) = database.filter(|database| database.has_tables && !named.is_empty()) else {
        return Vec::new();
    };
    // An error of the database is reported by the checks of the database.
    let Ok(mut tx) = database.store.read().await else {
        return Vec::new();
    };
    let Ok(existing) = tx.newsletter_slugs().await else {
        return Vec::new();
    };
    let is_unknown = |named: &&&String| existing.iter().all(|(_, slug)| slug != **named);
    let unknown: Vec<_> = named.iter().filter(is_unknown).map(|named| named.as_str()).collect();
    vec![if unknown.is_empty() {
        Check::ok(NAME, "every newsletter that a relay names exists")
    } else {
        Check::warning(
            NAME,
            format!(
                "there is no newsletter {}, which relay.newsletters names",
                unknown.join(", ")
            ),
            "correct the slugs; `daywire newsletter list` shows them",
        )
    }]
}

async fn check_one(
    examination: Examination<'_>,
    signers: &Signers,
    relay: &Relay,
    settings: &RelaySettings,
) -> Vec<Check> {
    let name = settings.helo_name(examination.config.site.url.smtp_name());
    let fetcher = Fetcher::new(examination.config.feeds.fetch_settings());
    let tokens = settings.oauth.access_tokens(&fetcher);
    let mut session = match connect(relay, tokens.as_ref(), &capped(settings.timeouts.into()), name).await {
        Ok(session) => session.with_headers(&settings.transactional_headers),
        Err(error) => return vec![not_connected(relay, &error)],
    };
    let mut checks = vec![Check::ok("relay.connection", "the relay accepts connections")];
    checks.push(match session.certificate() {
        Some(certificate) => certificate::lasts(TLS, certificate, examination.clock.now(), "nothing can be sent"),
        None => unencrypted(relay),
    });
    checks.push(if relay.login().is_some() {
        Check::ok(
            "relay.login",
            match tokens {
                Some(_) => "the relay accepts user and access token",
                None => "the relay accepts user and password",
            },
        )
    } else {
        Check::skipped("relay.login", "relay.url names no user")
    });
    if let Some(to) = examination.probe {
        checks.push(probe(examination, signers, &mut session, to).await);
    }
    session.quit().await;
    checks
}

fn not_connected(relay: &Relay, error: &SendError) -> Check {
    let (name, advice) = match error {
        SendError::NoRelay | SendError::Unreachable { .. } | SendError::Lost { .. } | SendError::Hello(_) => (
            "relay.connection",
            "check the port in relay.url, and that no firewall or limit of connections is in the way",
        ),
        SendError::Refused { .. } => (
            "relay.connection",
            "ask the operator of the relay whether it accepts connections from this machine",
        ),
        SendError::NoStartTls { .. } => (TLS, "use smtps:// if it uses TLS from the start"),
        SendError::Tls { .. } => (
            TLS,
            "have its certificate renewed, or use the name of the certificate as the host in relay.url",
        ),
        SendError::NoLogin { .. } | SendError::Login { .. } => {
            ("relay.login", "check the user and password of the relay")
        }
        SendError::NoToken { .. } | SendError::TokenRefused { .. } => {
            ("relay.login", "check the user in relay.url and [relay.oauth]")
        }
    };
    // The relay is the subject of the check already.
    let text = error.to_string();
    let text = text.strip_prefix(&format!("{relay} ")).unwrap_or(&text);
    Check::failed_by(name, &text, advice)
}

fn unencrypted(relay: &Relay) -> Check {
    let is_here = relay.host() == "localhost" || relay.host().parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if is_here {
        Check::skipped(TLS, "the relay is on this machine and is used without TLS")
    } else if relay.login().is_some() {
        Check::failed(
            TLS,
            "the password goes to the relay unencrypted",
            "use smtp+starttls:// or smtps:// in relay.url",
        )
    } else {
        Check::warning(
            TLS,
            "mail goes to the relay unencrypted",
            "use smtp+starttls:// or smtps:// in relay.url, unless the network between is yours",
        )
    }
}

/// Sends one message, which is signed like every other.
async fn probe(examination: Examination<'_>, signers: &Signers, session: &mut Session, to: &EmailAddress) -> Check {
    const NAME: &str = "relay.probe";
    let outgoing = match probe_message(examination, signers, to) {
        Ok(outgoing) => outgoing,
        Err(error) => return Check::failed_by(NAME, &error, "check mail.from and [dkim]"),
    };
    let advice = "look at the reply, and at the log of the relay";
    match session.send(&outgoing).await {
        Outcome::Accepted(reply) => Check::ok(NAME, format!("the relay accepted the message: {reply}")),
        Outcome::Rejected(reply)
        | Outcome::Deferred(reply)
        | Outcome::Slow { reply, .. }
        | Outcome::SenderRefused(reply) => {
            Check::failed(NAME, format!("the relay did not accept the message: {reply}"), advice)
        }
        Outcome::RelayTrouble { text: reason, .. } | Outcome::Lost(reason) | Outcome::InDoubt(reason) => {
            Check::failed(NAME, format!("the relay did not accept the message: {reason}"), advice)
        }
    }
}

/// Why there is no message to send.
#[derive(Debug, thiserror::Error)]
enum ProbeError {
    #[error("mail.from cannot be used as a sender: {0}")]
    From(#[from] crate::mail::smtp_address::SmtpAddressError),
    #[error(transparent)]
    Message(#[from] crate::mail::message::MessageError),
    #[error(transparent)]
    Dkim(#[from] crate::mail::dkim::DkimError),
    #[error(transparent)]
    BareBreak(#[from] crate::mail::outgoing::BareBreak),
}

fn probe_message(examination: Examination<'_>, signers: &Signers, to: &EmailAddress) -> Result<Outgoing, ProbeError> {
    let config = examination.config;
    let now = examination.clock.now();
    let id = examination.rng.uuid(now);
    let from = Mailbox::try_from(&config.mail.from)?;
    let mail = Mail {
        to: Mailbox::bare(to.into()),
        reply_to: None,
        subject: format!("Test of the relay of {}", config.site.name),
        date: now,
        message_id: format!("{}@{}", id.simple(), from.address.domain()),
        reference_headers: Vec::new(),
        boundary_seed: id.to_string(),
        text: "`daywire doctor --probe` sent this message to find out whether mail arrives.\n\nLook at its header: \
               Authentication-Results should say pass for spf, dkim and dmarc.\n"
            .to_owned(),
        html: None,
        list: None,
        auto_generated: true,
        from,
    };
    let envelope = Envelope {
        return_path: Some(config.mail.return_path.as_ref().unwrap_or(&mail.from.address).clone()),
        recipient: to.into(),
    };
    let message = signers.sign(build(&mail)?, now)?;
    Ok(Outgoing::new(envelope, &message)?.identified_by(id))
}

/// The same time limits, and none longer than [`MAX_WAIT`].
fn capped(set: Timeouts) -> Timeouts {
    let capped = |time: Duration| time.min(MAX_WAIT);
    Timeouts {
        connect: capped(set.connect),
        greeting: capped(set.greeting),
        command: capped(set.command),
        mail: capped(set.mail),
        rcpt: capped(set.rcpt),
        data: capped(set.data),
        block: capped(set.block),
        message: set.message.min(3 * MAX_WAIT),
        quit: capped(set.quit),
    }
}
