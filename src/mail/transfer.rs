//! Sends messages over a session, and determines the outcome of each.
//!
//! If the server offers PIPELINING ([RFC 2920](https://www.rfc-editor.org/rfc/rfc2920)), MAIL, RCPT and DATA of the next message
//! are sent as one group, in the same write as the text before. So each message costs one round trip, and its outcome is known
//! before the text of the next one is sent.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use lettre::transport::smtp::{
    commands::{Data, Mail, Rcpt, Rset},
    extension::{MailBodyParameter, MailParameter},
};

use super::{
    classify::classify,
    dsn,
    outcome::{Envelope, Outcome},
    outgoing::{FINAL_DOT, Outgoing},
    reply::{Class, Reply, Stage},
    session::{Session, Timeouts},
    smtp_address::SmtpAddress,
    transport::Broken,
    wire::Wire,
};

/// The outcome of a message, and the replies to the envelope of the next one.
#[derive(Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The outcome of the message.
    pub outcome: Outcome,
    /// The reply to the next envelope; `None` if none was sent, or the server did not reply.
    pub next: Option<Result<(), Outcome>>,
}

/// The commands before the text of a message: MAIL, RCPT, DATA, and RSET if `stale`.
struct Announcement {
    stale: bool,
    mail: String,
    rcpt: String,
    own_parameters: bool,
}

impl Session {
    /// Sends one message, envelope and text. If this future is dropped before it ends, the session closes.
    pub async fn send(&mut self, mail: &Outgoing) -> Outcome {
        match self.send_envelope(mail).await {
            Ok(()) => self.send_text(mail, None).await.outcome,
            Err(outcome) => outcome,
        }
    }

    /// Sends the envelope of a message (MAIL, RCPT, DATA). The server then expects its text.
    ///
    /// # Errors
    /// The outcome of the message, which is final for this attempt. The session may be closed.
    pub async fn send_envelope(&mut self, mail: &Outgoing) -> Result<(), Outcome> {
        let announcement = self.announcement(mail)?;
        let Some(mut wire) = self.wire.take() else {
            return Err(Outcome::Lost("the connection was already closed".to_owned()));
        };
        let lost = |Broken(text)| Outcome::Lost(text);
        if self.awaited.is_some() {
            // The server expects the text of another message, and no command is valid before it.
            return Err(Outcome::Lost("the server expects another message".to_owned()));
        }
        wire.expect_silence().await.map_err(lost)?;
        self.envelope_sent = Instant::now();
        if self.offers.pipelining {
            let group = announcement.group();
            wire.write(&[], group.as_bytes(), self.timeouts.block)
                .await
                .map_err(lost)?;
            self.read_group(wire, &announcement, mail).await
        } else {
            self.send_envelope_stepwise(wire, &announcement, mail).await
        }
    }

    /// Sends the text of the message that the server expects, and the envelope of the next one, and waits for the replies to both.
    pub async fn send_text(&mut self, mail: &Outgoing, next: Option<&Outgoing>) -> Delivered {
        let lost = |text: &str| Delivered {
            outcome: Outcome::Lost(text.to_owned()),
            next: None,
        };
        let Some(mut wire) = self.wire.take() else {
            return lost("the connection was already closed");
        };
        if self
            .awaited
            .take()
            .is_none_or(|awaited| awaited != mail.envelope.recipient)
        {
            return lost("the server does not expect this message");
        }
        if let Err(Broken(text)) = wire.expect_silence().await {
            return lost(&text);
        }
        let next = next.map(|next| (next, self.announcement(next)));
        let group = match &next {
            Some((_, Ok(announcement))) if self.offers.pipelining => announcement.group(),
            _ => String::new(),
        };
        // The envelope of the next message is sent in the same write.
        let envelope_sent = std::mem::replace(&mut self.envelope_sent, Instant::now());
        let text = if self.extra_headers.is_empty() {
            Cow::Borrowed(mail.wire())
        } else {
            Cow::Owned([self.extra_headers.as_bytes(), mail.wire()].concat())
        };
        if let Err(Broken(text)) = wire.write(&text, group.as_bytes(), self.timeouts.block).await {
            return lost(&text);
        }
        let (outcome, closing) = match wire.reply(self.timeouts.message).await {
            Err(Broken(text)) => (Outcome::InDoubt(text), true),
            Ok(reply) => {
                if let Some(metrics) = &self.metrics {
                    metrics.replied(envelope_sent);
                }
                let closing = reply.code == 421;
                (Outcome::of(reply, Stage::Message, mail.has_own_parameters()), closing)
            }
        };
        if closing {
            return Delivered { outcome, next: None };
        }
        let next = match next {
            None => {
                self.wire = Some(wire);
                None
            }
            Some((_, Err(unsendable))) => {
                self.wire = Some(wire);
                Some(Err(unsendable))
            }
            Some((next, Ok(announcement))) if self.offers.pipelining => {
                Some(self.read_group(wire, &announcement, next).await)
            }
            Some((next, Ok(announcement))) => {
                self.envelope_sent = Instant::now();
                Some(self.send_envelope_stepwise(wire, &announcement, next).await)
            }
        };
        // No text of the next message was sent, so a broken connection is not an outcome of it.
        let next = next.filter(|answer| !matches!(answer, Err(Outcome::Lost(_))));
        Delivered { outcome, next }
    }

    /// Whether the server expects the text of a message.
    #[must_use]
    pub fn awaits_message(&self) -> bool {
        self.wire.is_some() && self.awaited.is_some()
    }

    /// Reads the replies to a group. The server may accept DATA although it refused MAIL or RCPT, and then expects a message.
    async fn read_group(&mut self, wire: Wire, announcement: &Announcement, mail: &Outgoing) -> Result<(), Outcome> {
        let mut wire = wire;
        let mut refusal = None;
        for (stage, limit) in announcement.stages(&self.timeouts) {
            let reply = match wire.reply(limit).await {
                Ok(reply) => reply,
                Err(Broken(text)) => return Err(refusal.unwrap_or(Outcome::Lost(text))),
            };
            let closing = ends_session(stage, &reply);
            let taken = announcement.judge(stage, reply);
            if let Ok(true) = taken
                && refusal.is_some()
                && stage == Some(Stage::Data)
            {
                // End the message without text or recipient ([RFC 2920 §3.1](https://www.rfc-editor.org/rfc/rfc2920#section-3.1)).
                let ended = wire.write(FINAL_DOT, &[], self.timeouts.block).await;
                if ended.is_err() || wire.reply(self.timeouts.message).await.is_err() {
                    return Err(refusal.unwrap_or(Outcome::Lost("the connection broke".to_owned())));
                }
            }
            match taken {
                Err(outcome) if closing => return Err(refusal.unwrap_or(outcome)),
                Err(outcome) => refusal = refusal.or(Some(outcome)),
                // After a 2xx to DATA each side would wait for the other.
                Ok(false) => return Err(refusal.unwrap_or_else(unexpected)),
                Ok(true) => {}
            }
        }
        self.finish(wire, mail, refusal)
    }

    /// Sends one command at a time, up to the first refusal.
    async fn send_envelope_stepwise(
        &mut self,
        mut wire: Wire,
        announcement: &Announcement,
        mail: &Outgoing,
    ) -> Result<(), Outcome> {
        let data = Data.to_string();
        let rset = Rset.to_string();
        for (stage, limit) in announcement.stages(&self.timeouts) {
            let command = match stage {
                None => &rset,
                Some(Stage::Mail) => &announcement.mail,
                Some(Stage::Rcpt) => &announcement.rcpt,
                Some(_) => &data,
            };
            let lost = |Broken(text)| Outcome::Lost(text);
            wire.expect_silence().await.map_err(lost)?;
            let reply = wire.ask(command, limit).await.map_err(lost)?;
            let closing = ends_session(stage, &reply);
            match announcement.judge(stage, reply) {
                Ok(true) => {}
                Ok(false) => return Err(unexpected()),
                Err(outcome) if closing => return Err(outcome),
                Err(outcome) => return self.finish(wire, mail, Some(outcome)),
            }
        }
        self.finish(wire, mail, None)
    }

    /// Ends the exchange: the session can be used again.
    fn finish(&mut self, wire: Wire, mail: &Outgoing, refusal: Option<Outcome>) -> Result<(), Outcome> {
        self.wire = Some(wire);
        self.stale = refusal.is_some();
        if let Some(outcome) = refusal {
            return Err(outcome);
        }
        self.awaited = Some(mail.envelope.recipient.clone());
        Ok(())
    }

    /// The commands for a message, or the outcome if this server cannot accept it.
    fn announcement(&self, outgoing: &Outgoing) -> Result<Announcement, Outcome> {
        let Envelope { return_path, recipient } = &outgoing.envelope;
        let parameters = self.parameters(outgoing)?;
        let mut mail = Mail::new(return_path.as_ref().map(SmtpAddress::to_lettre), parameters).to_string();
        let mut rcpt = Rcpt::new(recipient.to_lettre(), Vec::new()).to_string();
        // A message without a return path gets no notification.
        if self.offers.dsn && return_path.is_some() {
            dsn::add_to_mail(&mut mail, outgoing.envelope_id);
            dsn::add_to_rcpt(&mut rcpt, recipient);
        }
        Ok(Announcement {
            stale: self.stale,
            mail,
            rcpt,
            own_parameters: outgoing.has_own_parameters(),
        })
    }

    /// The parameters of MAIL that the message needs, or the outcome if the server does not support them.
    fn parameters(&self, outgoing: &Outgoing) -> Result<Vec<MailParameter>, Outcome> {
        // If only this recipient needs the missing extension, no other message is concerned. Otherwise all messages are.
        let missing = |code, enhanced, own: &str, ours: &str| {
            if outgoing.has_own_parameters() {
                Outcome::Rejected(Reply::ours(code, enhanced, own))
            } else {
                let text = ours.to_owned();
                Outcome::RelayTrouble { reply: None, text }
            }
        };
        let mut parameters = Vec::new();
        let return_path = outgoing.envelope.return_path.as_ref();
        let addresses_fit = outgoing.envelope.recipient.is_ascii() && return_path.is_none_or(SmtpAddress::is_ascii);
        if !addresses_fit || (self.offers.utf8 && !outgoing.is_head_ascii()) {
            if !self.offers.utf8 {
                return Err(missing(
                    553,
                    (5, 6, 7),
                    "the address is not ASCII and the server does not offer SMTPUTF8",
                    "the relay cannot carry the sender's address: it is not ASCII before the @ and the relay does not offer \
                     SMTPUTF8; set a sender and a return path in ASCII",
                ));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !outgoing.is_ascii() {
            if !self.offers.eight_bit {
                return Err(missing(
                    554,
                    (5, 6, 3),
                    "the message is not ASCII and the server does not offer 8BITMIME",
                    "the relay cannot carry the message: it is not ASCII and the relay does not offer 8BITMIME; set a sender \
                     in ASCII, or use another relay",
                ));
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        if let Some(limit) = self.offers.size {
            let size = self.extra_headers.len() + outgoing.size();
            // Zero means no limit ([RFC 1870 §4](https://www.rfc-editor.org/rfc/rfc1870#section-4)).
            if limit > 0 && size > limit {
                let text = format!("the message has {size} bytes and the relay takes at most {limit}");
                return Err(Outcome::SenderRefused(Reply::ours(552, (5, 3, 4), &text)));
            }
            parameters.push(MailParameter::Size(size));
        }
        Ok(parameters)
    }
}

impl Announcement {
    fn group(&self) -> String {
        let rset = if self.stale { Rset.to_string() } else { String::new() };
        format!("{rset}{}{}{Data}", self.mail, self.rcpt)
    }

    /// The expected replies in their order, with their time limits. `None` stands for RSET.
    fn stages(&self, timeouts: &Timeouts) -> impl Iterator<Item = (Option<Stage>, Duration)> + use<> {
        let rset = self.stale.then_some((None, timeouts.command));
        rset.into_iter().chain([
            (Some(Stage::Mail), timeouts.mail),
            (Some(Stage::Rcpt), timeouts.rcpt),
            (Some(Stage::Data), timeouts.data),
        ])
    }

    /// Whether the exchange can continue. `Ok(false)` is a reply to DATA that RFC 5321 does not define.
    fn judge(&self, stage: Option<Stage>, reply: Reply) -> Result<bool, Outcome> {
        let Some(stage) = stage else {
            return match reply.code {
                200..=299 => Ok(true),
                421 => Err(Outcome::of(reply, Stage::Session, false)),
                _ => Err(Outcome::Lost(format!(
                    "the server refused RSET after a refused message: {reply}"
                ))),
            };
        };
        if classify(&reply, stage) != Class::Accepted {
            return Err(Outcome::of(reply, stage, self.own_parameters));
        }
        Ok(stage != Stage::Data || reply.code == 354)
    }
}

/// Whether no more commands are possible: the server closes, or its state is unknown because it refused RSET.
fn ends_session(stage: Option<Stage>, reply: &Reply) -> bool {
    reply.code == 421 || (stage.is_none() && !(200..=299).contains(&reply.code))
}

fn unexpected() -> Outcome {
    Outcome::RelayTrouble {
        reply: None,
        text: "the server answered DATA with neither 354 nor a refusal".to_owned(),
    }
}
