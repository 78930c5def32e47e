//! The processes under test: two that fetch feeds, and two that schedule and send. They are restarted and killed at random moments,
//! and another process continues their work.
//!
//! A fetching process stores articles, whose ids are in the issues. So all of them draw from one sequence of random numbers, and a
//! fetch that was killed is repeated from the same state. The others may draw numbers in any order.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use chrono::TimeDelta;
use daywire::clock::Rng;
use daywire::domain::ids::IssueId;
use daywire::domain::states::IssueState;
use daywire::ingest::feed_fetch;
use tokio::sync::Notify;

use super::{Scenario, lock};
use crate::support::sender::{SenderProcess, StopCondition};
use crate::support::{TestApp, eventually};

/// The processes, and the random numbers that decide what happens to them.
pub struct Processes {
    fetchers: [TestApp; 2],
    schedulers: [TestApp; 2],
    /// The random numbers of all fetchers.
    fetcher_rng: Rng,
    /// The random numbers of the test itself.
    rng: Rng,
    down: bool,
    /// How many mails may have come twice, because their sender was killed before it recorded them.
    pub max_duplicates: usize,
    /// How often each kind of event happened.
    pub counts: BTreeMap<&'static str, usize>,
}

impl Processes {
    pub async fn start(app: &TestApp, fetcher_rng: Rng, rng: Rng) -> Self {
        let fetcher = async || app.another_by(fetcher_rng.clone()).await;
        Self {
            fetchers: [fetcher().await, fetcher().await],
            schedulers: [app.another().await, app.another().await],
            fetcher_rng: fetcher_rng.clone(),
            rng,
            down: false,
            max_duplicates: 0,
            counts: BTreeMap::new(),
        }
    }

    /// A process that fetches feeds.
    pub fn fetcher(&self) -> &TestApp {
        &self.fetchers[0]
    }

    /// A process that schedules and sends.
    pub fn scheduler(&self) -> &TestApp {
        &self.schedulers[0]
    }

    /// Whether no process runs at this time.
    pub fn are_down(&self) -> bool {
        self.down
    }

    /// A random number from 0 up to `limit`, exclusive.
    pub fn below(&self, limit: usize) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the product is below `limit`"
        )]
        #[expect(clippy::cast_precision_loss, reason = "limits are small")]
        let number = (self.rng.fraction() * limit as f64) as usize;
        number
    }

    /// Counts an event.
    pub fn count(&mut self, event: &'static str) {
        *self.counts.entry(event).or_default() += 1;
    }

    /// How long until the processes work again: minutes, or sometimes hours.
    pub fn next_interval(&mut self) -> TimeDelta {
        let minutes = if self.below(120) == 0 {
            self.count("down for hours");
            30 + self.below(700)
        } else {
            5 + self.below(35)
        };
        TimeDelta::minutes(i64::try_from(minutes).expect("the number of minutes is small")) + TimeDelta::seconds(1)
    }

    /// Sometimes replaces one process of each kind, and sometimes lets none run until the next interval.
    pub async fn restart_sometimes(&mut self, app: &TestApp) {
        self.down = self.below(40) == 0;
        if self.down || self.below(30) == 0 {
            self.count("restart");
            let fetcher = app.another_by(self.fetcher_rng.clone()).await;
            for (pair, new) in [
                (&mut self.fetchers, fetcher),
                (&mut self.schedulers, app.another().await),
            ] {
                std::mem::replace(&mut pair[0], new).app.store.close().await;
                pair.reverse();
            }
        }
    }

    /// Fetches the feeds that are due: with one process, with two at once, or with one that is killed.
    pub async fn fetch(&mut self, scenario: &Mutex<Scenario>, hangs: &Notify) {
        if self.down {
            return;
        }
        match self.below(20) {
            0..2 => {
                self.count("two processes fetch");
                tokio::join!(self.fetchers[0].fetch(), self.fetchers[1].fetch());
            }
            2..4 => {
                lock(scenario).hang_after = Some(self.below(12));
                let was_killed = tokio::select! {
                    biased;
                    () = hangs.notified() => true,
                    _ = self.fetchers[0].fetch() => false,
                };
                lock(scenario).hang_after = None;
                if was_killed {
                    self.count("killed between two feeds");
                }
            }
            4..6 => {
                Box::pin(self.fetch_and_kill()).await;
                self.fetchers[0].fetch().await;
            }
            _ => {
                self.fetchers[0].fetch().await;
            }
        }
    }

    /// Fetches some feeds with processes that are killed at any point. A fetch that was killed before its commit is repeated with the
    /// same random numbers, so each feed is fetched once in the end.
    async fn fetch_and_kill(&mut self) {
        let now = self.fetchers[0].now();
        let mut tx = self.fetchers[0].app.store.read().await.expect("the database answers");
        let mut due = tx.feeds().await.expect("the feeds are listed");
        drop(tx);
        due.retain(|feed| feed.next_fetch_at <= now);
        due.sort_by_key(|feed| (feed.next_fetch_at, feed.id));
        for feed in due.into_iter().take(3) {
            let state = Arc::new(Mutex::new(0));
            let seed = u64::from_le_bytes(self.rng.bytes());
            let doomed = self.fetchers[0].another_by(Rng::Seeded(Arc::clone(&state))).await;
            let polls = 1 + self.below(60);
            *state.lock().expect("no test panicked while it held the lock") = seed;
            let fetched = kill_after(polls, Box::pin(feed_fetch::fetch(&doomed.app, feed.clone()))).await;
            if fetched.is_none() {
                self.count("killed while fetching");
            }
            // This statement waits for the transaction that the killed process may have left.
            doomed.execute("UPDATE feeds SET title = title").await;
            if fetched.is_none() && doomed.feed(feed.id).await.last_fetched_at != Some(now) {
                *state.lock().expect("no test panicked while it held the lock") = seed;
                feed_fetch::fetch(&doomed.app, feed)
                    .await
                    .expect("the database answers");
            }
            doomed.app.store.close().await;
        }
    }

    /// Makes the due runs: with one process, with two at once, or with one that is killed and another that continues.
    pub async fn make_due(&mut self, any_due: bool) {
        if any_due {
            match self.below(3) {
                0 => {
                    let (one, two) = tokio::join!(self.schedulers[0].make_due(), self.schedulers[1].make_due());
                    one.and(two).expect("the due runs are made");
                    self.count("two processes schedule");
                }
                1 => {
                    let polls = 1 + self.below(80);
                    let made = kill_after(polls, Box::pin(self.schedulers[1].make_due())).await;
                    if made.is_none() {
                        self.count("killed while scheduling");
                    }
                }
                _ => {}
            }
        }
        self.schedulers[0].make_due().await.expect("the due runs are made");
    }

    /// Sends the issues that are being sent, or leaves them for later. With `last`, it leaves none.
    pub async fn send_or_wait(&mut self, last: bool) {
        if !self.issues_sending().await.is_empty() && (last || self.below(4) > 0) {
            let kill = self.below(5) == 0;
            let app = self.schedulers[0].another().await;
            self.send(&app, kill).await;
            app.app.store.close().await;
        }
    }

    async fn issues_sending(&self) -> Vec<IssueId> {
        let mut tx = self.schedulers[0].app.store.read().await.expect("the database answers");
        let sending = tx.issues_sending().await.expect("the issues are listed");
        sending.into_iter().map(|(id, _)| id).collect()
    }

    /// Sends every issue that is being sent. With `kill`, a first process is killed on the way and another one takes over.
    pub async fn send(&mut self, app: &TestApp, kill: bool) {
        for id in self.issues_sending().await {
            if kill {
                self.send_and_kill(app, id).await;
            }
            let until = StopCondition::IssueEnded(id);
            let first = SenderProcess::start(&self.schedulers[0], until);
            if self.below(3) == 0 {
                let second = SenderProcess::start(&self.schedulers[1], until);
                first.stop().await;
                app.until(id, IssueState::Sent).await;
                second.stop().await;
                self.count("one of two senders stopped");
            } else {
                app.until(id, IssueState::Sent).await;
                first.stop().await;
            }
        }
    }

    async fn send_and_kill(&mut self, app: &TestApp, id: IssueId) {
        app.relay.hold_after(self.below(4));
        let doomed = app.another().await;
        let sender = SenderProcess::start(&doomed, StopCondition::IssueEnded(id));
        eventually("a message is in flight", || async { app.relay.waiting_mails().0 > 0 }).await;
        sender.kill().await;
        self.max_duplicates += doomed.app.config.relays[0].connections;
        app.relay.release();
        self.count("killed while sending");
    }
}

/// Polls `work` at most `polls` times and then drops it, as if its process had been killed at that point. Returns `None` if it was
/// dropped.
async fn kill_after<F: Future>(polls: usize, work: F) -> Option<F::Output> {
    let (mut work, mut left) = (pin!(work), polls);
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}
