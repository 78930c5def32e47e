//! One SMTP connection as a state machine. Each state is a type that offers only the commands that SMTP permits in it.
//!
//! What to send, when to connect, and what a reply means for a delivery is decided in `connection_task.rs`.

use tokio_util::sync::CancellationToken;

use super::job::Job;
use crate::mail::smtp::{Delivered, Outcome, Outgoing, Session};

/// A delivery whose message is built and signed.
#[derive(Debug)]
pub(super) struct PreparedMessage {
    pub(super) job: Job,
    pub(super) mail: Outgoing,
}

/// The state of a connection between two steps of its task.
pub(super) enum ConnectionState {
    Closed,
    /// The relay awaits a command: an envelope (MAIL, RCPT, DATA) or QUIT.
    Idle(IdleConnection),
    /// The relay has replied 354 to DATA and awaits the message text. No command is valid.
    EnvelopeAccepted(AcceptedEnvelope),
}

/// What became of an envelope.
pub(super) enum EnvelopeReply {
    Accepted,
    /// The relay rejected it, or the connection broke.
    Failed(Job, Outcome),
    /// The delivery was not attempted: the relay had closed the connection after earlier messages, or this process is stopping. The
    /// first case counts as an attempt after some repetitions ([`Job::may_be_interrupted`]).
    NotAttempted(Job),
}

/// What became of a message.
pub(super) struct MessageReply {
    pub(super) job: Job,
    pub(super) outcome: Outcome,
    /// What became of the envelope that was sent behind it; `None` if there was none.
    pub(super) next_envelope: Option<EnvelopeReply>,
}

/// A connection over which the relay awaits a command.
pub(super) struct IdleConnection {
    session: Session,
    /// How many messages this connection has sent.
    messages_sent: usize,
}

impl IdleConnection {
    pub(super) const fn new(session: Session) -> Self {
        Self {
            session,
            messages_sent: 0,
        }
    }

    /// Sends the envelope of a message. Nothing has been started for this delivery, so `stop` ends the wait for the reply.
    pub(super) async fn send_envelope(
        mut self,
        mut message: Box<PreparedMessage>,
        stop: &CancellationToken,
    ) -> (ConnectionState, EnvelopeReply) {
        let reply = tokio::select! {
            biased;
            reply = self.session.send_envelope(&message.mail) => reply,
            () = stop.cancelled() => {
                return (ConnectionState::Closed, EnvelopeReply::NotAttempted(message.job));
            }
        };
        match reply {
            Ok(()) => {
                let accepted = AcceptedEnvelope { idle: self, message };
                (ConnectionState::EnvelopeAccepted(accepted), EnvelopeReply::Accepted)
            }
            // Relays close idle connections, and we notice it at the next command. That is no fault of the delivery, unless it happens
            // again and again.
            Err(Outcome::Lost(_)) if self.messages_sent > 0 && message.job.may_be_interrupted() => {
                (self.into_state(), EnvelopeReply::NotAttempted(message.job))
            }
            Err(outcome) => (self.into_state(), EnvelopeReply::Failed(message.job, outcome)),
        }
    }

    pub(super) async fn quit(self) {
        self.session.quit().await;
    }

    /// The state after an exchange in which the connection may have broken.
    fn into_state(self) -> ConnectionState {
        if self.session.is_open() {
            ConnectionState::Idle(self)
        } else {
            ConnectionState::Closed
        }
    }
}

/// A connection over which the relay awaits the text of a message.
pub(super) struct AcceptedEnvelope {
    idle: IdleConnection,
    message: Box<PreparedMessage>,
}

impl AcceptedEnvelope {
    pub(super) const fn job(&self) -> &Job {
        &self.message.job
    }

    /// How many messages this connection will have sent after this one.
    pub(super) const fn messages_with_this(&self) -> usize {
        self.idle.messages_sent + 1
    }

    /// Sends the message text, and behind it the envelope of the `next` message: in the same write if the relay offers PIPELINING
    /// ([RFC 2920](https://www.rfc-editor.org/rfc/rfc2920)).
    pub(super) async fn send_message(self, next: Option<Box<PreparedMessage>>) -> (ConnectionState, MessageReply) {
        let Self { mut idle, message } = self;
        let next_mail = next.as_ref().map(|next| &next.mail);
        let Delivered {
            outcome,
            next: next_reply,
        } = idle.session.send_text(&message.mail, next_mail).await;
        idle.messages_sent += 1;
        let (state, next_envelope) = match (next, next_reply) {
            (Some(message), Some(Ok(()))) => {
                let accepted = AcceptedEnvelope { idle, message };
                let state = ConnectionState::EnvelopeAccepted(accepted);
                (state, Some(EnvelopeReply::Accepted))
            }
            (Some(next), Some(Err(outcome))) => (idle.into_state(), Some(EnvelopeReply::Failed(next.job, outcome))),
            (Some(mut next), None) => {
                let reply = if next.job.may_be_interrupted() {
                    EnvelopeReply::NotAttempted(next.job)
                } else {
                    let reason = "the relay closed several connections at this envelope";
                    EnvelopeReply::Failed(next.job, Outcome::Lost(reason.to_owned()))
                };
                (idle.into_state(), Some(reply))
            }
            (None, _) => (idle.into_state(), None),
        };
        let reply = MessageReply {
            job: message.job,
            outcome,
            next_envelope,
        };
        (state, reply)
    }

    /// Closes the socket without sending the text, and returns the delivery. QUIT is not valid after the 354 reply
    /// ([RFC 5321 §4.1.1.4](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.4)): the relay would read it as part of the text.
    pub(super) fn abandon(self) -> Job {
        self.message.job
    }
}
