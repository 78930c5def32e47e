//! The simulated relay of a rehearsal: accepts mail by SMTP, counts it, keeps the first message, and makes the faults that were asked
//! for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mail_parser::MessageParser;
use serde::Serialize;
use tokio::time::Instant;

use super::faults::{Fault, Faults};
use crate::mail::server::{Deferral, Received, Receiver, Stage, Transaction, Verdict};

/// The simulated relay, and what it has counted.
#[derive(Debug)]
pub(super) struct SimulatedRelay {
    faults: Faults,
    seed: u64,
    accepted: AtomicU64,
    bytes: AtomicU64,
    deferred: AtomicU64,
    refused: AtomicU64,
    hung_up: AtomicU64,
    /// For each recipient with a fault, how many attempts had one.
    failed_attempts: Mutex<HashMap<String, u32>>,
    /// When the first and the last message were accepted, and the first message.
    first_and_last: Mutex<Option<(Instant, Instant, Vec<u8>)>>,
}

/// How many faults a simulated relay has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SimulatedFaults {
    /// Temporary refusals of a recipient.
    pub deferred: u64,
    /// Permanent refusals of a recipient.
    pub refused: u64,
    /// Connections closed after the final dot without a reply.
    pub hung_up: u64,
}

/// The first accepted message, as a mail program parses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// The subject without encoded words.
    pub subject: String,
    /// The size on the wire without dot-stuffing, in bytes.
    pub bytes: usize,
    /// The number of text and HTML parts.
    pub parts: usize,
    /// The number of `DKIM-Signature` fields.
    pub signatures: usize,
    /// Whether it offers one-click unsubscription ([RFC 8058](https://www.rfc-editor.org/rfc/rfc8058)).
    pub one_click: bool,
}

impl SimulatedRelay {
    pub(super) fn new(faults: Faults, seed: u64) -> Self {
        Self {
            faults,
            seed,
            accepted: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            deferred: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            hung_up: AtomicU64::new(0),
            failed_attempts: Mutex::default(),
            first_and_last: Mutex::default(),
        }
    }

    pub(super) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// The mean size of the accepted messages.
    pub(super) fn bytes_per_message(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed) / self.accepted().max(1)
    }

    /// The time between the first and the last message, in seconds.
    pub(super) fn seconds(&self) -> f64 {
        let seen = lock(&self.first_and_last);
        seen.as_ref()
            .map_or(0.0, |(first, last, _)| (*last - *first).as_secs_f64())
    }

    pub(super) fn faults(&self) -> SimulatedFaults {
        SimulatedFaults {
            deferred: self.deferred.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            hung_up: self.hung_up.load(Ordering::Relaxed),
        }
    }

    /// The first message; `None` if none was accepted, or it cannot be parsed.
    pub(super) fn sample(&self) -> Option<Sample> {
        let seen = lock(&self.first_and_last);
        let (_, _, bytes) = seen.as_ref()?;
        let message = MessageParser::default().parse(bytes)?;
        let named = |name: &'static str| message.headers().iter().filter(move |header| header.name() == name);
        Some(Sample {
            subject: message.subject()?.to_owned(),
            bytes: bytes.len(),
            parts: message.text_body_count() + message.html_body_count(),
            signatures: named("DKIM-Signature").count(),
            one_click: named("List-Unsubscribe").count() == 1 && named("List-Unsubscribe-Post").count() == 1,
        })
    }

    /// The fault of this attempt for a recipient, if it has one.
    fn fault(&self, recipient: &str) -> Option<Fault> {
        let attempt = lock(&self.failed_attempts).get(recipient).copied().unwrap_or(0);
        self.faults.pick(self.seed, recipient, attempt)
    }

    /// Counts a fault. The next attempt for the recipient has its own chance of one.
    fn count_fault(&self, recipient: &str, counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
        *lock(&self.failed_attempts).entry(recipient.to_owned()).or_default() += 1;
    }
}

impl Receiver for SimulatedRelay {
    fn decide(&self, stage: Stage, transaction: &Transaction) -> Verdict {
        let Some(to) = transaction.recipients.last() else {
            return Verdict::Continue;
        };
        match (stage, self.fault(to)) {
            (Stage::Rcpt, Some(Fault::Defer)) => {
                self.count_fault(to, &self.deferred);
                Verdict::Reply(451, "4.2.0 deferred by the rehearsal".into())
            }
            (Stage::Rcpt, Some(Fault::Refuse)) => {
                self.count_fault(to, &self.refused);
                Verdict::Reply(550, "5.1.1 refused by the rehearsal".into())
            }
            (Stage::FinalDot, Some(Fault::HangUp)) => {
                self.count_fault(to, &self.hung_up);
                Verdict::HangUp
            }
            _ => Verdict::Continue,
        }
    }

    async fn accept(&self, mail: Received) -> Result<(), Deferral> {
        let now = Instant::now();
        self.accepted.fetch_add(1, Ordering::Relaxed);
        self.bytes
            .fetch_add(u64::try_from(mail.bytes.len()).unwrap_or(0), Ordering::Relaxed);
        let mut seen = lock(&self.first_and_last);
        match &mut *seen {
            Some((_, last, _)) => *last = now,
            None => *seen = Some((now, now, mail.bytes)),
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
