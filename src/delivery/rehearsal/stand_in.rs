//! The stand-in for the relay: takes mail by real SMTP, counts it, keeps one message to look at, and does wrong what it is
//! told to.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mail_parser::MessageParser;
use serde::Serialize;
use tokio::time::Instant;

use super::faults::{Fault, Faults};
use crate::mail::sink::{Received, Receiver, Stage, Transaction, Verdict};

/// What came in, and what was done wrong.
#[derive(Debug)]
pub struct StandIn {
    faults: Faults,
    seed: u64,
    taken: AtomicU64,
    octets: AtomicU64,
    deferred: AtomicU64,
    refused: AtomicU64,
    hung_up: AtomicU64,
    /// How often something went wrong with those whom it did.
    attempts: Mutex<HashMap<String, u32>>,
    /// When the first and the last message were taken, and the first itself.
    seen: Mutex<Option<(Instant, Instant, Vec<u8>)>>,
}

/// What was done wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Recipients put off, counting each time.
    pub deferred: u64,
    /// Recipients refused.
    pub refused: u64,
    /// Connections closed after the final dot.
    pub hung_up: u64,
}

/// The first message that was taken, as a mail reader sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// The subject, decoded.
    pub subject: String,
    /// Octets on the wire, without dot-stuffing.
    pub octets: usize,
    /// Parts of text and of HTML.
    pub parts: usize,
    /// `DKIM-Signature` fields.
    pub signatures: usize,
    /// Whether it can be left by one click (RFC 8058).
    pub one_click: bool,
}

impl StandIn {
    /// One that has taken nothing yet.
    pub fn new(faults: Faults, seed: u64) -> Self {
        Self {
            faults,
            seed,
            taken: AtomicU64::new(0),
            octets: AtomicU64::new(0),
            deferred: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            hung_up: AtomicU64::new(0),
            attempts: Mutex::default(),
            seen: Mutex::default(),
        }
    }

    /// How many messages were taken.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// The mean size of a message, in octets.
    pub fn octets_per_message(&self) -> u64 {
        self.octets.load(Ordering::Relaxed) / self.taken().max(1)
    }

    /// Seconds between the first and the last message.
    pub fn seconds(&self) -> f64 {
        let seen = lock(&self.seen);
        seen.as_ref()
            .map_or(0.0, |(first, last, _)| (*last - *first).as_secs_f64())
    }

    /// What was done wrong.
    pub fn done(&self) -> Done {
        Done {
            deferred: self.deferred.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            hung_up: self.hung_up.load(Ordering::Relaxed),
        }
    }

    /// The first message; none if none was taken, or it cannot be read as one.
    pub fn sample(&self) -> Option<Sample> {
        let seen = lock(&self.seen);
        let (_, _, octets) = seen.as_ref()?;
        let message = MessageParser::default().parse(octets)?;
        let named = |name: &'static str| message.headers().iter().filter(move |header| header.name() == name);
        Some(Sample {
            subject: message.subject()?.to_owned(),
            octets: octets.len(),
            parts: message.text_body_count() + message.html_body_count(),
            signatures: named("DKIM-Signature").count(),
            one_click: named("List-Unsubscribe").count() == 1 && named("List-Unsubscribe-Post").count() == 1,
        })
    }

    /// What goes wrong at this attempt for this recipient.
    fn fault(&self, recipient: &str) -> Option<Fault> {
        let attempt = lock(&self.attempts).get(recipient).copied().unwrap_or(0);
        self.faults.pick(self.seed, recipient, attempt)
    }

    /// It did: the next attempt is another one.
    fn went_wrong(&self, recipient: &str, counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
        *lock(&self.attempts).entry(recipient.to_owned()).or_default() += 1;
    }
}

impl Receiver for StandIn {
    fn decide(&self, stage: Stage, transaction: &Transaction) -> Verdict {
        let Some(to) = transaction.recipients.last() else {
            return Verdict::Continue;
        };
        match (stage, self.fault(to)) {
            (Stage::Rcpt, Some(Fault::Defer)) => {
                self.went_wrong(to, &self.deferred);
                Verdict::Reply(451, "4.2.0 not now, the rehearsal says".into())
            }
            (Stage::Rcpt, Some(Fault::Refuse)) => {
                self.went_wrong(to, &self.refused);
                Verdict::Reply(550, "5.1.1 no such mailbox, the rehearsal says".into())
            }
            (Stage::FinalDot, Some(Fault::HangUp)) => {
                self.went_wrong(to, &self.hung_up);
                Verdict::HangUp
            }
            _ => Verdict::Continue,
        }
    }

    async fn accept(&self, mail: Received) -> Result<(), String> {
        let now = Instant::now();
        self.taken.fetch_add(1, Ordering::Relaxed);
        self.octets
            .fetch_add(u64::try_from(mail.bytes.len()).unwrap_or(0), Ordering::Relaxed);
        let mut seen = lock(&self.seen);
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
