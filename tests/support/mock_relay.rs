//! A relay for tests: keeps the messages it receives, and accepts, defers, refuses or hangs up by a rule.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use daywire::mail::relay::Relay;
use daywire::mail::sink::{Options, Received, Receiver, Sink, Stage, Transaction, Verdict};
use mail_parser::{Message, MessageParser};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// What to answer at a stage; `attempt` counts from 1 how often this recipient was named.
type Rule = Box<dyn Fn(Stage, &Transaction, usize) -> Verdict + Send + Sync>;

/// A relay that a test controls.
pub struct MockRelay {
    address: SocketAddr,
    taken: Mutex<Vec<Received>>,
    rule: Mutex<Rule>,
    attempts: Mutex<HashMap<String, usize>>,
    /// A mail passes for each permit; see [`MockRelay::hold_after`].
    gate: Semaphore,
    /// Whose mail is held at the gate, by a part of the address.
    held: Mutex<String>,
    at_work: AtomicUsize,
    most_at_work: AtomicUsize,
}

impl MockRelay {
    /// Opens on any port, and takes everything.
    pub async fn open(stop: CancellationToken) -> Arc<Self> {
        Self::open_with(Options::default(), stop).await
    }

    /// Opens with a login, without an extension, and so on.
    pub async fn open_with(options: Options, stop: CancellationToken) -> Arc<Self> {
        let sink = Sink::bind("127.0.0.1:0").await.expect("a port").with(options);
        let relay = Arc::new(Self {
            address: sink.local_addr().expect("an address"),
            taken: Mutex::default(),
            rule: Mutex::new(Box::new(|_, _, _| Verdict::Continue)),
            attempts: Mutex::default(),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
            held: Mutex::default(),
            at_work: AtomicUsize::new(0),
            most_at_work: AtomicUsize::new(0),
        });
        tokio::spawn(sink.run(Arc::clone(&relay), stop));
        relay
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it is, as a relay.
    pub fn as_relay(&self) -> Relay {
        Relay::plain(self.address).expect("a relay")
    }

    /// Answers by another rule from now on.
    pub fn answer(&self, rule: impl Fn(Stage, &Transaction, usize) -> Verdict + Send + Sync + 'static) {
        *self.rule.lock().expect("no test panicked here") = Box::new(rule);
    }

    /// Takes so many more mails, then leaves the next ones without an answer after the final dot until [`MockRelay::release`].
    pub fn hold_after(&self, mails: usize) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
        self.gate.add_permits(mails);
    }

    /// Leaves mail to such addresses without an answer after the final dot until [`MockRelay::release`]; takes the rest.
    pub fn hold_for(&self, part: &str) {
        part.clone_into(&mut self.held.lock().expect("no test panicked here"));
        self.hold_after(0);
    }

    /// How many mails that [`MockRelay::hold_for`] names are between their final dot and its answer, and how many were at
    /// most since this was asked last.
    pub fn at_work(&self) -> (usize, usize) {
        let now = self.at_work.load(Ordering::SeqCst);
        (now, self.most_at_work.swap(now, Ordering::SeqCst))
    }

    /// Takes what waits, and everything from now on.
    pub fn release(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
        self.gate.add_permits(Semaphore::MAX_PERMITS);
    }

    /// How often each recipient's mail was taken.
    pub fn copies(&self) -> HashMap<String, usize> {
        let mut copies = HashMap::new();
        for to in self.received().iter().flat_map(|mail| &mail.transaction.recipients) {
            *copies.entry(to.clone()).or_default() += 1;
        }
        copies
    }

    /// Everything that was taken, in order.
    pub fn received(&self) -> Vec<Received> {
        self.taken.lock().expect("no test panicked here").clone()
    }

    /// What was taken for an address.
    pub fn received_for(&self, address: &str) -> Vec<Received> {
        let mine = |mail: &Received| mail.transaction.recipients.iter().any(|to| to == address);
        self.received().into_iter().filter(mine).collect()
    }

    /// Waits for the first mail to an address, and for one with a link to a path in it.
    pub async fn link_for(&self, address: &str, path: &str) -> String {
        let mut found = None;
        super::eventually(&format!("a mail to {address} with a link to {path}"), || {
            found = self
                .received_for(address)
                .iter()
                .rev()
                .find_map(|mail| link(&text(&mail.bytes), path));
            let there = found.is_some();
            async move { there }
        })
        .await;
        found.expect("it was found")
    }
}

/// The text part of a message, decoded.
pub fn text(message: &[u8]) -> String {
    parse(message).body_text(0).expect("a text part").into_owned()
}

/// A message, parsed.
pub fn parse(message: &[u8]) -> Message<'_> {
    MessageParser::default().parse(message).expect("a message")
}

/// The first address in a text whose path begins so.
pub fn link(text: &str, path: &str) -> Option<String> {
    links(text).into_iter().find(|link| link.contains(path))
}

/// Every http and https address in a text.
pub fn links(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '(' | ')'));
    words
        .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
        .map(str::to_owned)
        .collect()
}

impl Receiver for MockRelay {
    fn decide(&self, stage: Stage, transaction: &Transaction) -> Verdict {
        let to = transaction.recipients.last().cloned().unwrap_or_default();
        let mut attempts = self.attempts.lock().expect("no test panicked here");
        let attempt = attempts.entry(to).or_default();
        if stage == Stage::Rcpt {
            *attempt += 1;
        }
        let attempt = *attempt;
        drop(attempts);
        self.rule.lock().expect("no test panicked here")(stage, transaction, attempt)
    }

    async fn accept(&self, mail: Received) -> Result<(), String> {
        let part = self.held.lock().expect("no test panicked here").clone();
        let held = mail.transaction.recipients.iter().any(|to| to.contains(&part));
        if held {
            let at_work = self.at_work.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_at_work.fetch_max(at_work, Ordering::SeqCst);
            self.gate.acquire().await.map_err(|e| e.to_string())?.forget();
            self.at_work.fetch_sub(1, Ordering::SeqCst);
        }
        self.taken.lock().expect("no test panicked here").push(mail);
        Ok(())
    }
}
