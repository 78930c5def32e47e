//! One SMTP connection, from the greeting to the login (RFC 5321); `transfer.rs` sends messages over it.
//!
//! Commands and addresses are lettre's; the exchange is ours, because lettre's connection accepts data that was sent before
//! the TLS handshake, fails on replies that are not UTF-8, has no time limit for a reply, and waits for each reply before the
//! next command.

use std::time::{Duration, Instant};

use lettre::transport::smtp::{
    commands::{Ehlo, Quit, Starttls},
    extension::ClientId,
};
use rustls::pki_types::CertificateDer;
use secrecy::ExposeSecret;

use super::{
    extra_header::ExtraHeader,
    login::{Login, Mechanisms, NotLoggedIn, Proof},
    outcome::SendError,
    relay::{Relay, Security},
    reply::Reply,
    smtp_address::SmtpAddress,
    transport::{Broken, NotSecured, connect},
    wire::Wire,
};
use crate::metrics::{ConnectionMetrics, RelayMetrics};

/// How long to wait for each reply. The defaults are those of
/// [RFC 5321 §4.5.3.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the TCP connection, and again for the TLS handshake.
    pub connect: Duration,
    /// The time limit for the greeting.
    pub greeting: Duration,
    /// For EHLO, STARTTLS, AUTH and RSET.
    pub command: Duration,
    /// The time limit for MAIL.
    pub mail: Duration,
    /// The time limit for RCPT.
    pub rcpt: Duration,
    /// The time limit for DATA.
    pub data: Duration,
    /// For each block of the message text to be written.
    pub block: Duration,
    /// For the reply to the final dot.
    pub message: Duration,
    /// For QUIT. No outcome depends on its reply.
    pub quit: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        Self {
            connect: Duration::from_secs(30),
            greeting: minutes(5),
            command: minutes(5),
            mail: minutes(5),
            rcpt: minutes(5),
            data: minutes(2),
            block: minutes(3),
            message: minutes(10),
            quit: Duration::from_secs(5),
        }
    }
}

/// The extensions that the server lists in its EHLO reply.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one keyword that a server lists or does not"
)]
pub(super) struct Offers {
    starttls: bool,
    auth: Mechanisms,
    pub(super) pipelining: bool,
    pub(super) utf8: bool,
    pub(super) eight_bit: bool,
    /// Delivery status notifications on request ([RFC 3461](https://www.rfc-editor.org/rfc/rfc3461)).
    pub(super) dsn: bool,
    /// The most octets of a message; zero means no limit. `None` if the server does not offer SIZE.
    pub(super) size: Option<usize>,
}

impl Offers {
    fn read(lines: &[String]) -> Self {
        let mut offers = Self::default();
        for line in lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            // Old servers write `AUTH=PLAIN LOGIN`.
            let mut words = line.split([' ', '\t', '=']).filter(|word| !word.is_empty());
            match words.next() {
                Some("STARTTLS") => offers.starttls = true,
                Some("PIPELINING") => offers.pipelining = true,
                Some("SMTPUTF8") => offers.utf8 = true,
                Some("8BITMIME") => offers.eight_bit = true,
                Some("DSN") => offers.dsn = true,
                // An unreadable limit counts as no limit: the server will refuse a large message itself.
                Some("SIZE") => offers.size = Some(words.next().and_then(|limit| limit.parse().ok()).unwrap_or(0)),
                Some("AUTH") => words.for_each(|word| offers.auth.add(word)),
                _ => {}
            }
        }
        offers
    }
}

/// A connection to a relay after greeting, TLS and login. It sends one message after another.
pub struct Session {
    /// `None` during an exchange, so that an exchange that breaks or is dropped is never continued.
    pub(super) wire: Option<Wire>,
    pub(super) offers: Offers,
    pub(super) timeouts: Timeouts,
    /// The recipient of the message whose text the server expects now.
    pub(super) awaited: Option<SmtpAddress>,
    /// Whether the server has an envelope that was refused in part, so that RSET must come first.
    pub(super) stale: bool,
    /// Header fields before each message, as lines.
    pub(super) extra_headers: String,
    /// When the envelope of the last message was sent.
    pub(super) envelope_sent: Instant,
    /// `None` for a session that only tries the relay.
    pub(super) metrics: Option<ConnectionMetrics>,
}

impl Session {
    /// Connects, sends `hello` (our host name) in EHLO, starts TLS if the relay's address requires it, and logs in if it names a user.
    ///
    /// # Errors
    /// [`SendError`]. No message was sent.
    pub async fn connect(relay: &Relay, timeouts: &Timeouts, hello: &str) -> Result<Self, SendError> {
        let hello = client_id(hello)?;
        let name = || relay.to_string();
        let lost = |Broken(reason)| SendError::Lost { relay: name(), reason };
        let untrusted = |error| match error {
            NotSecured::Stalled(broken) => lost(broken),
            NotSecured::Failed(Broken(reason)) => SendError::Tls { relay: name(), reason },
        };
        let refused = |reply| SendError::Refused { relay: name(), reply };

        let tcp = connect(&relay.host, relay.port, timeouts.connect)
            .await
            .map_err(|Broken(reason)| SendError::Unreachable { relay: name(), reason })?;
        let mut wire = Wire::new(tcp);
        if relay.security == Security::Tls {
            wire = wire
                .secure(relay.tls.clone(), &relay.host, timeouts.connect)
                .await
                .map_err(untrusted)?;
        }
        let greeting = wire.reply(timeouts.greeting).await.map_err(lost)?;
        if greeting.code != 220 {
            return Err(refused(greeting));
        }
        let mut offers = ehlo(&mut wire, &hello, timeouts)
            .await
            .map_err(lost)?
            .map_err(refused)?;
        if relay.security == Security::StartTls {
            if !offers.starttls {
                return Err(SendError::NoStartTls { relay: name() });
            }
            let reply = wire.ask(&Starttls.to_string(), timeouts.command).await.map_err(lost)?;
            if reply.code != 220 {
                return Err(refused(reply));
            }
            wire = wire
                .secure(relay.tls.clone(), &relay.host, timeouts.connect)
                .await
                .map_err(untrusted)?;
            // Extensions that were offered before TLS are discarded
            // ([RFC 3207 §4.2](https://www.rfc-editor.org/rfc/rfc3207#section-4.2)).
            offers = ehlo(&mut wire, &hello, timeouts)
                .await
                .map_err(lost)?
                .map_err(refused)?;
        }
        if let Some(user) = &relay.user {
            let proof = match &relay.access_token {
                Some(token) => Proof::AccessToken(token.expose_secret()),
                None => Proof::Password(relay.password.as_ref().map_or("", |p| p.expose_secret())),
            };
            let mechanisms = proof.mechanisms();
            let login = Login {
                user,
                proof,
                host: &relay.host,
                port: relay.port,
            };
            match login
                .run(&mut wire, offers.auth, timeouts.command)
                .await
                .map_err(lost)?
            {
                Ok(()) => {}
                Err(NotLoggedIn::NoMechanism) => {
                    let relay = name();
                    return Err(SendError::NoLogin { relay, mechanisms });
                }
                Err(NotLoggedIn::Refused(reply)) if relay.access_token.is_some() => {
                    return Err(SendError::TokenRefused { relay: name(), reply });
                }
                Err(NotLoggedIn::Refused(reply)) => return Err(SendError::Login { relay: name(), reply }),
            }
        }
        Ok(Self {
            wire: Some(wire),
            offers,
            timeouts: *timeouts,
            awaited: None,
            stale: false,
            extra_headers: String::new(),
            envelope_sent: Instant::now(),
            metrics: None,
        })
    }

    /// Adds these header fields to each message. No signature covers them.
    #[must_use]
    pub fn with_headers(mut self, headers: &[ExtraHeader]) -> Self {
        self.extra_headers = ExtraHeader::lines(headers);
        self
    }

    /// The session counts as open, and its messages are measured, until it is dropped.
    pub(crate) fn measured_for(mut self, relay: &RelayMetrics) -> Self {
        self.metrics = Some(relay.connection());
        self
    }

    /// The metrics of the relay, if the session is measured.
    pub(crate) fn relay_metrics(&self) -> Option<&RelayMetrics> {
        self.metrics.as_ref().map(ConnectionMetrics::relay)
    }

    /// Whether another message can be sent. If not, open another session.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.wire.is_some()
    }

    /// The certificate of the relay; `None` without TLS, or after the session broke.
    #[must_use]
    pub fn certificate(&self) -> Option<&CertificateDer<'static>> {
        self.wire.as_ref()?.certificate()
    }

    /// Sends QUIT and closes the session after any reply.
    pub async fn quit(mut self) {
        if let Some(mut wire) = self.wire.take() {
            let _ = wire.ask(&Quit.to_string(), self.timeouts.quit).await;
        }
    }
}

/// Our name in EHLO: a host name, or an IP address in brackets
/// ([RFC 5321 §4.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.3)).
fn client_id(hello: &str) -> Result<ClientId, SendError> {
    let safe = !hello.is_empty()
        && hello.len() <= 255
        && hello
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':'));
    match hello.parse() {
        _ if !safe => Err(SendError::Hello(hello.to_owned())),
        Ok(std::net::IpAddr::V4(ip)) => Ok(ClientId::Ipv4(ip)),
        Ok(std::net::IpAddr::V6(ip)) => Ok(ClientId::Ipv6(ip)),
        Err(_) => Ok(ClientId::Domain(hello.to_owned())),
    }
}

/// EHLO, or HELO with a server that refuses EHLO for good with any code
/// ([RFC 5321 §3.2](https://www.rfc-editor.org/rfc/rfc5321#section-3.2)). Returns the first refusal if it accepts neither.
async fn ehlo(wire: &mut Wire, hello: &ClientId, timeouts: &Timeouts) -> Result<Result<Offers, Reply>, Broken> {
    let (code, lines) = wire
        .ask_lines(&Ehlo::new(hello.clone()).to_string(), timeouts.command)
        .await?;
    if code == 250 {
        return Ok(Ok(Offers::read(&lines)));
    }
    let refusal = Reply::new(code, &lines);
    if code < 500 {
        return Ok(Err(refusal));
    }
    // If the server closes the connection after its refusal, the refusal is the reason to report.
    match wire.ask(&format!("HELO {hello}\r\n"), timeouts.command).await {
        Ok(reply) if reply.code == 250 => Ok(Ok(Offers::default())),
        _ => Ok(Err(refusal)),
    }
}
