//! What all connections of the sink share: the count, the log, the faults, the buffer.

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

/// Bytes read at once.
const BUFFER: usize = 256 * 1024;

/// What the sink has seen since it was last reset.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct Totals {
    /// Messages taken.
    pub messages: u64,
    /// Bytes of the smallest of them, from the first header to the final line end, dots stuffed.
    pub smallest: u64,
    /// Bytes of the largest.
    pub largest: u64,
    /// Connections opened.
    pub connections: u64,
    /// Recipients refused.
    pub denied: u64,
    /// Times it hung up on purpose.
    pub hung_up: u64,
    /// Times it fell silent on purpose.
    pub silent: u64,
    /// Messages taken without saying so.
    pub dropped: u64,
    /// Seconds from the first message to the last.
    pub seconds: f64,
    /// Seconds from input to reply, on average, where replies are delayed.
    pub delay: f64,
}

/// The totals and what is done when they change.
#[derive(Default)]
pub struct Tally {
    pub totals: Totals,
    pub first: Option<Instant>,
    pub delays: (u64, Duration),
    /// Say so when so many messages are there.
    pub tell_at: Option<u64>,
    pub log: Option<BufWriter<File>>,
}

impl Tally {
    /// Tells when as many messages are there as were asked for.
    pub fn tell(&mut self) {
        if self.tell_at.is_some_and(|count| self.totals.messages >= count) {
            self.tell_at = None;
            println!("reached {}", self.totals.messages);
        }
    }
}

/// The tally, which the thread of the control reads too.
#[derive(Clone, Default)]
pub struct SharedTally(Arc<Mutex<Tally>>);

impl SharedTally {
    pub fn lock(&self) -> MutexGuard<'_, Tally> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What every connection works with.
pub struct Shared {
    pub options: Options,
    pub faults: RefCell<Faults>,
    pub buffer: RefCell<Vec<u8>>,
    pub end_of_message: Finder<'static>,
    /// When the next message may be taken, where that is limited.
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

    /// The tally, for the thread of the control.
    pub fn shared_tally(&self) -> SharedTally {
        self.tally.clone()
    }

    pub fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock()
    }

    /// Whether replies leave as soon as they are known.
    pub fn is_prompt(&self) -> bool {
        self.options.delay == 0 && self.options.slow == 0 && self.options.rate.is_none()
    }

    /// When the reply to what came in at `came` leaves; `taken` messages are in it.
    pub fn due(&self, came: Instant, taken: u32) -> Instant {
        let lag = self.faults.borrow_mut().lag();
        let mut due = came + Duration::from_millis(self.options.delay) + lag;
        if let Some(rate) = self.options.rate.filter(|_| taken > 0) {
            let slot = self.next_slot.get().max(came) + Duration::from_secs_f64(f64::from(taken) / rate);
            self.next_slot.set(slot);
            due = due.max(slot);
        }
        due
    }

    /// Whether headers have to be kept to see the Message-ID.
    pub fn reads_headers(&self) -> bool {
        self.options.log.is_some()
    }

    /// Counts a message and puts it on record, before anybody hears that it was taken.
    pub fn take(&self, connection: u64, size: u64, recipients: &[String], message_id: &str) {
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
                if let Err(error) = writeln!(log, "{connection} {recipient} {message_id}") {
                    // A log with gaps would accuse the sender of losing mail.
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
        tally.tell();
    }

    /// Whether this recipient is refused.
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
