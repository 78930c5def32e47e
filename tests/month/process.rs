//! The processes at work: they are stopped, and die wherever it strikes them; what they left is taken up by the next.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use chrono::TimeDelta;
use daywire::clock::Rng;
use daywire::delivery::{nodes, sender};
use daywire::domain::ids::IssueId;
use daywire::domain::states::IssueState;
use daywire::ingest::feed_fetch;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Outside, lock};
use crate::support::{TestApp, eventually};

/// The processes that share the work, and the dice that decide what befalls them.
pub struct Machine {
    /// Those that read feeds.
    readers: [TestApp; 2],
    /// Those that schedule and send. How often they draw a number is up to the moment in which one dies.
    desks: [TestApp; 2],
    /// Of all that read feeds: what they draw depends on nothing but what was drawn before.
    ids: Rng,
    dice: Rng,
    down: bool,
    /// How many copies of mails may be at readers twice, because who sent them died before it knew.
    pub doubles: usize,
    /// How often what happened.
    pub deeds: BTreeMap<&'static str, usize>,
}

impl Machine {
    /// Two processes for each part of the work.
    pub async fn start(app: &TestApp, ids: Rng, dice: Rng) -> Self {
        Self {
            readers: [app.another_by(ids.clone()).await, app.another_by(ids.clone()).await],
            desks: [app.another().await, app.another().await],
            ids,
            dice,
            down: false,
            doubles: 0,
            deeds: BTreeMap::new(),
        }
    }

    /// A process that reads feeds.
    pub fn reader(&self) -> &TestApp {
        &self.readers[0]
    }

    /// A process that schedules and sends.
    pub fn desk(&self) -> &TestApp {
        &self.desks[0]
    }

    /// Whether nothing runs just now.
    pub fn is_down(&self) -> bool {
        self.down
    }

    /// A number below `most`.
    pub fn roll(&self, most: usize) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is below `most`"
        )]
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let number = (self.dice.fraction() * most as f64) as usize;
        number
    }

    fn note(&mut self, deed: &'static str) {
        *self.deeds.entry(deed).or_default() += 1;
    }

    /// How long until the next look: minutes, or, now and then, hours in which nothing runs.
    pub fn pause(&mut self) -> TimeDelta {
        let minutes = if self.roll(120) == 0 {
            self.note("down for hours");
            30 + self.roll(700)
        } else {
            5 + self.roll(35)
        };
        TimeDelta::minutes(i64::try_from(minutes).expect("few")) + TimeDelta::seconds(1)
    }

    /// Ends a process of each part of the work and starts another in its place.
    pub async fn restart_sometimes(&mut self, app: &TestApp) {
        self.down = self.roll(40) == 0;
        if self.down || self.roll(30) == 0 {
            self.note("restart");
            let reader = app.another_by(self.ids.clone()).await;
            for (all, opened) in [(&mut self.readers, reader), (&mut self.desks, app.another().await)] {
                std::mem::replace(&mut all[0], opened).app.store.close().await;
                all.reverse();
            }
        }
    }

    /// Reads the feeds that are due.
    pub async fn read(&mut self, outside: &Mutex<Outside>, waits: &Notify) {
        if self.down {
            return;
        }
        match self.roll(20) {
            0..2 => {
                self.note("two processes read");
                tokio::join!(self.readers[0].fetch(), self.readers[1].fetch());
            }
            2..4 => {
                lock(outside).dies_at = Some(self.roll(12));
                let died = tokio::select! {
                    biased;
                    () = waits.notified() => true,
                    _ = self.readers[0].fetch() => false,
                };
                lock(outside).dies_at = None;
                if died {
                    self.note("died between two feeds");
                }
            }
            4..6 => {
                Box::pin(self.read_and_die()).await;
                self.readers[0].fetch().await;
            }
            _ => {
                self.readers[0].fetch().await;
            }
        }
    }

    /// Some feeds are read by processes that die anywhere while they do; whether or not it was before the commit, it has
    /// been read once in the end.
    async fn read_and_die(&mut self) {
        let now = self.readers[0].now();
        let mut tx = self.readers[0].app.store.read().await.expect("the database answers");
        let mut due = tx.feeds().await.expect("feeds");
        drop(tx);
        due.retain(|feed| feed.next_fetch_at <= now);
        due.sort_by_key(|feed| (feed.next_fetch_at, feed.id));
        for feed in due.into_iter().take(3) {
            let state = Arc::new(Mutex::new(0));
            let seed = u64::from_le_bytes(self.dice.bytes());
            let doomed = self.readers[0].another_by(Rng::Seeded(Arc::clone(&state))).await;
            let polls = 1 + self.roll(60);
            *state.lock().expect("no test panicked here") = seed;
            let read = die_after(polls, Box::pin(feed_fetch::fetch(&doomed.app, feed.clone()))).await;
            if read.is_none() {
                self.note("died reading");
            }
            // What the dead one had under way ends before this does.
            doomed.execute("UPDATE feeds SET title = title").await;
            if read.is_none() && doomed.feed(feed.id).await.last_fetched_at != Some(now) {
                // The same generator, so that the ids are the same.
                *state.lock().expect("no test panicked here") = seed;
                feed_fetch::fetch(&doomed.app, feed)
                    .await
                    .expect("the database answers");
            }
            doomed.app.store.close().await;
        }
    }

    /// Makes what is due: by one process, by two at once, or by one that dies anywhere and another that takes it up.
    pub async fn make_due(&mut self, something_is: bool) {
        if something_is {
            match self.roll(3) {
                0 => {
                    let (one, two) = tokio::join!(self.desks[0].make_due(), self.desks[1].make_due());
                    one.and(two).expect("the schedule is followed");
                    self.note("two processes schedule");
                }
                1 => {
                    let polls = 1 + self.roll(80);
                    if die_after(polls, Box::pin(self.desks[1].make_due())).await.is_none() {
                        self.note("died scheduling");
                    }
                }
                _ => {}
            }
        }
        self.desks[0].make_due().await.expect("the schedule is followed");
    }

    /// Sends what is to be sent, or leaves it for later.
    pub async fn send_sometimes(&mut self, last: bool) {
        let mut tx = self.desks[0].app.store.read().await.expect("the database answers");
        let sending = tx.issues_sending().await.expect("issues");
        drop(tx);
        if !sending.is_empty() && (last || self.roll(4) > 0) {
            let dies = self.roll(5) == 0;
            let app = self.desks[0].another().await;
            self.send(&app, dies).await;
            app.app.store.close().await;
        }
    }

    /// Sends every issue that is being sent; by a process that dies on the way, if so, and another that takes over.
    pub async fn send(&mut self, app: &TestApp, dies: bool) {
        let mut tx = app.app.store.read().await.expect("the database answers");
        let sending = tx.issues_sending().await.expect("issues");
        drop(tx);
        for (id, _) in sending {
            if dies {
                self.send_and_die(app, id).await;
            }
            match self.roll(3) {
                0 => {
                    let (one, two) = (Sending::start(&self.desks[0], id), Sending::start(&self.desks[1], id));
                    one.stop().await;
                    two.finish(app, id).await;
                    self.note("one of two senders stopped");
                }
                _ => Sending::start(&self.desks[0], id).finish(app, id).await,
            }
        }
    }

    async fn send_and_die(&mut self, app: &TestApp, id: IssueId) {
        app.relay.hold_after(self.roll(4));
        let doomed = app.another().await;
        let sending = Sending::start(&doomed, id);
        eventually("mails are on the wire", || async { app.relay.waiting_mails().0 > 0 }).await;
        sending.die().await;
        self.doubles += doomed.app.config.relays[0].connections;
        app.relay.release();
        self.note("died sending");
    }
}

/// A sender and its heartbeat.
struct Sending {
    stop: CancellationToken,
    alive: CancellationToken,
    keeper: tokio::task::JoinHandle<()>,
    sender: tokio::task::JoinHandle<()>,
}

impl Sending {
    fn start(process: &TestApp, id: IssueId) -> Self {
        let (stop, alive) = (CancellationToken::new(), CancellationToken::new());
        let app = &process.app;
        Self {
            keeper: tokio::spawn(nodes::run_heartbeat(Arc::clone(app), alive.clone())),
            sender: tokio::spawn(sender::run(
                Arc::clone(app),
                sender::StopCondition::IssueEnded(id),
                stop.clone(),
            )),
            stop,
            alive,
        }
    }

    /// Ends it in order.
    async fn stop(self) {
        self.stop.cancel();
        self.sender.await.expect("it ends well");
        self.alive.cancel();
        self.keeper.await.expect("it ends well");
    }

    /// Lets it work until the issue is sent.
    async fn finish(self, app: &TestApp, id: IssueId) {
        app.until(id, IssueState::Sent).await;
        self.stop().await;
    }

    /// Ends it at once.
    async fn die(self) {
        self.sender.abort();
        self.keeper.abort();
        assert!(
            self.sender.await.is_err_and(|error| error.is_cancelled()),
            "it was at work"
        );
        assert!(
            self.keeper.await.is_err_and(|error| error.is_cancelled()),
            "it was at work"
        );
    }
}

/// Lets something go on until it has been woken so often, then ends it where it stands; none when that was before its end.
async fn die_after<F: Future>(polls: usize, work: F) -> Option<F::Output> {
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
