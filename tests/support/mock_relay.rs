//! A relay that records the messages it receives, and accepts, defers, refuses or hangs up by a rule of the test.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use daywire::mail::relay::Relay;
use daywire::mail::server::{Deferral, Options, Received, Receiver, SmtpServer, Stage, Transaction, Verdict};
use mail_parser::{Message, MessageParser};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Decides the reply at a stage. `attempt` counts the RCPT commands for this recipient, from 1.
type Rule = Box<dyn Fn(Stage, &Transaction, usize) -> Verdict + Send + Sync>;

pub struct MockRelay {
    address: SocketAddr,
    accepted: Mutex<Vec<Received>>,
    rule: Mutex<Rule>,
    attempts: Mutex<HashMap<String, usize>>,
    /// Each mail takes one permit before it is accepted; see [`MockRelay::hold_after`].
    gate: Semaphore,
    /// A part of the recipient's address. Only such mail waits at the gate.
    held: Mutex<String>,
    waiting: AtomicUsize,
    max_waiting: AtomicUsize,
}

impl MockRelay {
    /// Listens on a free port, and accepts every message.
    pub async fn open(stop: CancellationToken) -> Arc<Self> {
        Self::open_with(Options::default(), stop).await
    }

    /// [`open`](Self::open) with a login, other extensions and the like.
    pub async fn open_with(options: Options, stop: CancellationToken) -> Arc<Self> {
        let server = SmtpServer::bind("127.0.0.1:0")
            .await
            .expect("a loopback port is free")
            .with(options);
        let relay = Arc::new(Self {
            address: server.local_addr().expect("the socket is bound"),
            accepted: Mutex::default(),
            rule: Mutex::new(Box::new(|_, _, _| Verdict::Continue)),
            attempts: Mutex::default(),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
            held: Mutex::default(),
            waiting: AtomicUsize::new(0),
            max_waiting: AtomicUsize::new(0),
        });
        tokio::spawn(server.run(Arc::clone(&relay), stop));
        relay
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The relay as the settings name it.
    pub fn as_relay(&self) -> Relay {
        Relay::plain(self.address).expect("the address is valid")
    }

    /// Replaces the rule.
    pub fn answer(&self, rule: impl Fn(Stage, &Transaction, usize) -> Verdict + Send + Sync + 'static) {
        *self.rule.lock().expect("no thread panicked with the lock") = Box::new(rule);
    }

    /// Accepts `mails` more mails. Later ones wait after their final dot, without a reply, until [`MockRelay::release`].
    pub fn hold_after(&self, mails: usize) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
        self.gate.add_permits(mails);
    }

    /// Mail to addresses that contain `part` waits after its final dot until [`MockRelay::release`]; other mail is accepted.
    pub fn hold_for(&self, part: &str) {
        part.clone_into(&mut self.held.lock().expect("no thread panicked with the lock"));
        self.hold_after(0);
    }

    /// The number of mails that wait after their final dot, and the highest such number since the last call.
    pub fn waiting_mails(&self) -> (usize, usize) {
        let now = self.waiting.load(Ordering::SeqCst);
        (now, self.max_waiting.swap(now, Ordering::SeqCst))
    }

    /// Accepts the waiting mails and all later ones.
    pub fn release(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
        self.gate.add_permits(Semaphore::MAX_PERMITS);
    }

    /// The number of accepted mails by recipient.
    pub fn copies(&self) -> HashMap<String, usize> {
        let mut copies = HashMap::new();
        for to in self.received().iter().flat_map(|mail| &mail.transaction.recipients) {
            *copies.entry(to.clone()).or_default() += 1;
        }
        copies
    }

    /// The accepted mails, in order.
    pub fn received(&self) -> Vec<Received> {
        self.accepted.lock().expect("no thread panicked with the lock").clone()
    }

    /// The accepted mails for an address.
    pub fn received_for(&self, address: &str) -> Vec<Received> {
        let mine = |mail: &Received| mail.transaction.recipients.iter().any(|to| to == address);
        self.received().into_iter().filter(mine).collect()
    }

    /// Waits for a mail to an address with a link that contains `path`. Returns the link of the latest such mail.
    pub async fn link_for(&self, address: &str, path: &str) -> String {
        let mut found = None;
        super::eventually(&format!("a mail to {address} with a link to {path}"), || {
            found = self
                .received_for(address)
                .iter()
                .rev()
                .find_map(|mail| link(&text(&mail.bytes), path));
            let is_found = found.is_some();
            async move { is_found }
        })
        .await;
        found.expect("the loop ends when a link is found")
    }
}

/// The decoded text part of a message.
pub fn text(message: &[u8]) -> String {
    parse(message)
        .body_text(0)
        .expect("the message has a text part")
        .into_owned()
}

pub fn parse(message: &[u8]) -> Message<'_> {
    MessageParser::default().parse(message).expect("the message is valid")
}

/// The first address in a text that contains `path`.
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
        let mut attempts = self.attempts.lock().expect("no thread panicked with the lock");
        let attempt = attempts.entry(to).or_default();
        if stage == Stage::Rcpt {
            *attempt += 1;
        }
        let attempt = *attempt;
        drop(attempts);
        self.rule.lock().expect("no thread panicked with the lock")(stage, transaction, attempt)
    }

    async fn accept(&self, mail: Received) -> Result<(), Deferral> {
        let part = self.held.lock().expect("no thread panicked with the lock").clone();
        let held = mail.transaction.recipients.iter().any(|to| to.contains(&part));
        if held {
            let waiting = self.waiting.fetch_add(1, Ordering::SeqCst) + 1;
            self.max_waiting.fetch_max(waiting, Ordering::SeqCst);
            self.gate.acquire().await.map_err(|e| e.to_string())?.forget();
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        }
        self.accepted
            .lock()
            .expect("no thread panicked with the lock")
            .push(mail);
        Ok(())
    }
}
