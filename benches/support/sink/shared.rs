//! State that all connections of the sink share: counts, log, faults and buffer.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};

use super::Options;
use super::faults::Faults;

/// The most bytes of one read.
const BUFFER: usize = 256 * 1024;

/// The sink's counts since the last reset.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct Totals {
    /// Messages accepted.
    pub messages: u64,
    /// Bytes of the smallest message, from the first header to the final line end, with stuffed dots.
    pub smallest: u64,
    /// Bytes of the largest message.
    pub largest: u64,
    /// Connections opened.
    pub connections: u64,
    /// Recipients refused.
    pub denied: u64,
    /// Times it hung up on purpose.
    pub hung_up: u64,
    /// Times it stopped answering on purpose.
    pub silent: u64,
    /// Messages accepted without a reply.
    pub dropped: u64,
    /// Seconds from the first message to the last.
    pub seconds: f64,
    /// Average seconds from a command to its reply, if replies are delayed.
    pub delay: f64,
}

/// The totals, with what depends on them.
#[derive(Default)]
pub struct Tally {
    pub totals: Totals,
    pub first: Option<Instant>,
    pub delays: (u64, Duration),
    /// Print a line when this many messages are accepted.
    pub notify_at: Option<u64>,
    pub log: Option<BufWriter<File>>,
}

impl Tally {
    /// Prints `reached N` if the requested number of messages is accepted.
    pub fn notify_if_reached(&mut self) {
        if self.notify_at.is_some_and(|count| self.totals.messages >= count) {
            self.notify_at = None;
            println!("reached {}", self.totals.messages);
        }
    }
}

/// The tally. The control thread reads it, too.
#[derive(Clone, Default)]
pub struct SharedTally(Arc<Mutex<Tally>>);

impl SharedTally {
    pub fn lock(&self) -> MutexGuard<'_, Tally> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message that the sink accepts.
#[derive(Clone, Copy, Debug)]
pub struct AcceptedMessage<'a> {
    pub connection: u64,
    /// The bytes of the message, without the final dot.
    pub size: u64,
    /// Empty if the envelope has none.
    pub return_path: &'a str,
    pub recipients: &'a [String],
    pub message_id: &'a str,
}

/// Everything that the connections share.
pub struct Shared {
    pub options: Options,
    pub faults: RefCell<Faults>,
    pub buffer: RefCell<Vec<u8>>,
    pub end_of_message: Finder<'static>,
    /// When the next message may be accepted (`--rate`).
    pub next_slot: Cell<Instant>,
    tally: SharedTally,
}

impl Shared {
    pub fn new(options: Options) -> anyhow::Result<Self> {
        let tally = SharedTally::default();
        if let Some(path) = &options.log {
            let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
            tally.lock().log = Some(BufWriter::with_capacity(1 << 20, file));
        }
        Ok(Self {
            faults: RefCell::new(Faults::new(&options)),
            buffer: RefCell::new(vec![0; BUFFER]),
            end_of_message: Finder::new(b"\r\n.\r\n"),
            next_slot: Cell::new(Instant::now()),
            options,
            tally,
        })
    }

    /// The tally, for the control thread.
    pub fn shared_tally(&self) -> SharedTally {
        self.tally.clone()
    }

    pub fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock()
    }

    /// Whether replies are sent without delay.
    pub fn is_prompt(&self) -> bool {
        self.options.delay == 0 && self.options.slow == 0 && self.options.rate.is_none()
    }

    /// When to send the replies to input that arrived at `came`. They accept `accepted` messages.
    pub fn due(&self, came: Instant, accepted: u32) -> Instant {
        let lag = self.faults.borrow_mut().lag();
        let mut due = came + Duration::from_millis(self.options.delay) + lag;
        if let Some(rate) = self.options.rate.filter(|_| accepted > 0) {
            let slot = self.next_slot.get().max(came) + Duration::from_secs_f64(f64::from(accepted) / rate);
            self.next_slot.set(slot);
            due = due.max(slot);
        }
        due
    }

    /// Whether sessions must keep the headers, because the log needs the Message-ID.
    pub fn reads_headers(&self) -> bool {
        self.options.log.is_some()
    }

    /// Counts and logs a message. Called before its reply is sent.
    pub fn record_accepted(&self, message: &AcceptedMessage<'_>) {
        let AcceptedMessage { size, recipients, .. } = *message;
        let now = Instant::now();
        let mut tally = self.tally();
        let first = *tally.first.get_or_insert(now);
        let totals = &mut tally.totals;
        totals.messages += 1;
        totals.seconds = now.duration_since(first).as_secs_f64();
        totals.largest = totals.largest.max(size);
        totals.smallest = if totals.smallest == 0 {
            size
        } else {
            totals.smallest.min(size)
        };
        if let Some(log) = &mut tally.log {
            for recipient in recipients {
                let line = writeln!(
                    log,
                    "{} {recipient} {} {}",
                    message.connection, message.message_id, message.return_path
                );
                if let Err(error) = line {
                    // With a gap in the log, the sender would seem to have lost mail.
                    eprintln!("sink: the log cannot be written: {error}");
                    std::process::exit(1);
                }
            }
        }
        if let Some(watched) = &self.options.watch_domain {
            for recipient in recipients.iter().filter(|recipient| is_of(recipient, watched)) {
                println!("seen {recipient}");
            }
        }
        tally.notify_if_reached();
    }

    /// Whether the sink refuses this recipient (`--deny-domain`).
    pub fn denies(&self, recipient: &str) -> bool {
        self.options
            .deny_domain
            .as_deref()
            .is_some_and(|domain| is_of(recipient, domain))
    }
}

fn is_of(address: &str, domain: &str) -> bool {
    address
        .rsplit_once('@')
        .is_some_and(|(_, of)| of.eq_ignore_ascii_case(domain))
}
