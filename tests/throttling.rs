//! Limits of relays, recipient domains and days. They throttle the messages that they concern and delay no others.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use daywire::config::{Config, Setting};
use daywire::delivery::{control, report};
use daywire::domain::address::EmailAddress;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::mail::relay::Relay;
use daywire::mail::server::{Stage, Verdict};
use daywire::worker::Role;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::support::issues::reply;
use crate::support::mock_relay::MockRelay;
use crate::support::network::Network;
use crate::support::relay_rules::{at, at_recipient, relay_with_login};
use crate::support::{TestApp, eventually};

#[apply(on_both_databases)]
async fn two_relays_share_an_issue_by_their_weights(mut app: TestApp) {
    let (other, _open) = add_relay(&mut app, (3, 1)).await;
    let daily = app.daily().await;
    app.readers(&daily, 400).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let (first, second) = (app.relay.received().len(), other.received().len());
    assert_eq!(first + second, 400);
    // A relay is at most 32 messages ahead of its share.
    assert!((260..=320).contains(&first), "{first} and {second}");
    assert!(app.relay.copies().keys().all(|to| !other.copies().contains_key(to)));
}

#[apply(on_both_databases)]
async fn the_other_relay_sends_everything_while_one_is_unavailable(mut app: TestApp) {
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a loopback port is free")
        .local_addr()
        .expect("the address is valid");
    let (other, _open) = add_relay(&mut app, (1, 5)).await;
    app.restart(|config| config.relays[1].url = Some(Relay::plain(closed).expect("the address is a relay")))
        .await;
    let daily = app.daily().await;
    app.readers(&daily, 300).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.relay.copies().len(), 300);
    assert_eq!((app.relay.received().len(), other.received().len()), (300, 0));
    assert_eq!(app.app.health.trouble(), None);
}

#[apply(on_both_databases)]
async fn the_other_relay_sends_the_rest_when_one_fails_during_an_issue(mut app: TestApp) {
    let (other, open) = add_relay(&mut app, (1, 1)).await;
    let daily = app.daily().await;
    app.readers(&daily, 300).await;
    let dead = Arc::new(AtomicBool::new(false));
    let died = Arc::clone(&dead);
    // It accepts the messages in flight without a reply.
    other.answer(move |stage, transaction, _| {
        if transaction.messages >= 15 && stage == Stage::AfterAccept {
            died.store(true, Ordering::SeqCst);
        }
        if died.load(Ordering::SeqCst) {
            Verdict::HangUp
        } else {
            Verdict::Continue
        }
    });
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("the relay fails", || async { dead.load(Ordering::SeqCst) }).await;
    drop(open);
    app.tried(issue, app.now()).await;
    app.delivery_report(issue).await;
    let before = app.count(issue, DeliveryState::Deferred).await;
    assert!(
        (1..=4).contains(&before),
        "{before}: one message in flight on each connection"
    );
    app.advance(TimeDelta::minutes(10));
    app.until(issue, IssueState::Sent).await;
    assert_eq!(
        app.delivery_report(issue).await.deliveries[&DeliveryState::Accepted],
        300
    );
    let (mut copies, theirs) = (app.relay.copies(), other.copies());
    let doubled = theirs.keys().filter(|to| copies.contains_key(*to)).count();
    assert!(doubled <= 4, "{doubled}: one for each connection at most");
    copies.extend(theirs);
    assert_eq!(copies.len(), 300);
}

#[apply(on_both_databases)]
async fn a_relay_that_stops_replying_does_not_delay_the_other(mut app: TestApp) {
    let (other, _open) = add_relay(&mut app, (1, 1)).await;
    let network = Network::to(other.address().to_string()).await;
    let long = Duration::from_secs(12);
    app.restart(|config| {
        let silent = &mut config.relays[1];
        silent.url = Relay::parse(&format!("smtp://{}", network.address())).ok();
        (
            silent.timeouts.greeting,
            silent.timeouts.final_dot,
            silent.timeouts.data,
        ) = (long, long, long);
        (silent.timeouts.mail, silent.timeouts.rcpt, silent.timeouts.connect) = (long, long, long);
    })
    .await;
    let daily = app.daily().await;
    app.readers(&daily, 400).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("both relays receive messages", || async {
        other.received().len() >= 20
    })
    .await;
    network.vanish();
    // Each of the silent relay's four connections holds one message in flight and one behind it. The other relay sends the rest.
    eventually("the rest is sent", || async {
        let counts = report::count(&app.app, issue).await.expect("the database answers");
        let is_sent = counts[&DeliveryState::Accepted] >= 400 - 8;
        assert!(
            !is_sent || counts[&DeliveryState::Sending] > 0,
            "the silent relay's timeouts ran out first: {counts:?}"
        );
        is_sent
    })
    .await;
    eventually("the messages to the silent relay time out", || async {
        app.count(issue, DeliveryState::Sending).await == 0
    })
    .await;
    app.until_sent_with_retries(issue).await;
    assert_eq!(
        app.delivery_report(issue).await.deliveries[&DeliveryState::Accepted],
        400
    );
}

#[apply(on_both_databases)]
async fn a_relay_that_asks_us_to_slow_down_gets_fewer_connections_and_then_all_again(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 300).await;
    // How many messages were accepted before each connection that was opened after the request.
    let reconnects = Arc::new(Mutex::new(Vec::new()));
    let (accepted, must_ask) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
    let (seen, ask, asked) = (Arc::clone(&reconnects), Arc::clone(&must_ask), AtomicBool::new(false));
    app.relay.answer(move |stage, _, _| {
        let mut seen = seen.lock().expect("no test panicked while it held the lock");
        match stage {
            Stage::FinalDot if ask.swap(false, Ordering::SeqCst) => {
                asked.store(true, Ordering::SeqCst);
                return reply(421, "4.7.0 too many connections");
            }
            Stage::Connect if asked.load(Ordering::SeqCst) => seen.push(accepted.load(Ordering::SeqCst)),
            Stage::AfterAccept if !seen.is_empty() => {
                accepted.fetch_add(1, Ordering::SeqCst);
            }
            _ => {}
        }
        Verdict::Continue
    });
    app.relay.hold_after(0);
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("all four connections send", || async {
        app.relay.waiting_mails().0 == 4
    })
    .await;
    must_ask.store(true, Ordering::SeqCst);
    app.relay.hold_after(50);
    eventually("all four connections send again", || async {
        let opened = reconnects
            .lock()
            .expect("no test panicked while it held the lock")
            .len();
        opened >= 4 && app.relay.waiting_mails().0 == 4
    })
    .await;
    // The limit is halved to 2. Each accepted message raises it by the inverse of the limit: to 2.5, 2.9, 3.24, 3.55, 3.83, 4.1.
    let opened = reconnects
        .lock()
        .expect("no test panicked while it held the lock")
        .clone();
    assert!(
        opened[2] >= 3,
        "the third connection before the limit was 3: {opened:?}"
    );
    assert!(
        opened[3] >= 6,
        "the fourth connection before the limit was 4: {opened:?}"
    );
    app.relay.release();
    app.until_all_tried(issue).await;
    assert_eq!(app.count(issue, DeliveryState::Deferred).await, 1);
    app.advance(TimeDelta::minutes(10));
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.relay.received().len(), 300);
}

#[apply(on_both_databases)]
async fn domains_with_one_limit_share_it_and_delay_no_other_domain(mut app: TestApp) {
    app.restart(|config| {
        config.delivery.limits = limits("big.example sister.big.example: 2 connections");
        config.relays[0].connections = 6;
    })
    .await;
    let daily = app.daily().await;
    app.readers_at(&daily, "big.example", 60).await;
    app.readers_at(&daily, "sister.big.example", 60).await;
    app.readers(&daily, 200).await;
    app.relay.hold_for("big.example");
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    // All but those whose envelopes were sent behind the two messages that the relay holds.
    eventually("the other domains have the issue", || async {
        app.count(issue, DeliveryState::Accepted).await >= 198
    })
    .await;
    // Both may be on one connection, one behind the other.
    eventually("a message to the limited domains waits for its reply", || async {
        app.relay.waiting_mails().0 > 0
    })
    .await;
    app.relay.release();
    // Deliveries beyond the limit were released to the database with a time for their next attempt.
    app.until_sent_with_retries(issue).await;
    let (_, most) = app.relay.waiting_mails();
    assert!((1..=2).contains(&most), "{most}");
    assert_eq!(
        app.delivery_report(issue).await.deliveries[&DeliveryState::Accepted],
        320
    );
    assert!(app.relay.copies().values().all(|copies| *copies == 1));
}

#[apply(on_both_databases)]
async fn a_limit_applies_to_every_spelling_of_its_domain(mut app: TestApp) {
    app.restart(|config| {
        config.delivery.limits = limits("bücher.example grün.example Zürich.example: 1 connection");
        config.relays[0].connections = 6;
    })
    .await;
    let daily = app.daily().await;
    for domain in ["BÜCHER.Example", "GRÜN.example", "zu\u{308}rich.example"] {
        app.readers_at(&daily, domain, 4).await;
    }
    app.readers(&daily, 50).await;
    app.relay.hold_for("@xn--");
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("the other domains have the issue", || async {
        app.count(issue, DeliveryState::Accepted).await >= 49
    })
    .await;
    eventually("one message waits for its reply", || async {
        app.relay.waiting_mails().0 == 1
    })
    .await;
    app.relay.release();
    app.until_sent_with_retries(issue).await;
    assert_eq!(app.relay.waiting_mails().1, 1);
    assert_eq!(
        app.delivery_report(issue).await.deliveries[&DeliveryState::Accepted],
        62
    );
}

#[apply(on_both_databases)]
async fn a_domain_that_defers_everything_delays_no_other_domain(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers_at(&daily, "slow.example", 150).await;
    app.readers(&daily, 150).await;
    app.relay
        .answer(at_recipient(Stage::Rcpt, "@slow.example", reply(451, "4.3.0 later")));
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("the other domains have the issue", || async {
        app.count(issue, DeliveryState::Accepted).await == 150
    })
    .await;
    eventually("the slow domain has deferred deliveries", || async {
        app.count(issue, DeliveryState::Deferred).await >= 10
    })
    .await;
    let proof = app.delivery_report(issue).await;
    let (deferred, queued) = (
        proof.deliveries[&DeliveryState::Deferred],
        proof.deliveries[&DeliveryState::Queued],
    );
    let open = deferred + queued + proof.deliveries[&DeliveryState::Sending];
    assert_eq!(open, 150, "{proof:?}");
    assert!(
        deferred < 40,
        "{deferred}: a domain that defers everything gets fewer attempts"
    );
    app.relay.answer(|_, _, _| Verdict::Continue);
    app.until_sent_with_retries(issue).await;
    assert_eq!(
        app.delivery_report(issue).await.deliveries[&DeliveryState::Accepted],
        300
    );
    assert!(app.relay.copies().values().all(|copies| *copies == 1));
}

#[apply(on_both_databases)]
async fn all_processes_together_obey_the_warmup_cap_of_the_day(mut app: TestApp) {
    app.restart(warm_up).await;
    let daily = app.daily().await;
    app.readers(&daily, 40).await;
    let issue = app.send(&daily).await;
    for sent in [5, 15] {
        let other = app.another().await;
        tokio::join!(app.send_all_due(issue), other.send_all_due(issue));
        assert_eq!(app.relay.received().len(), sent);
        // The count of the day is stored, so a restart does not reset it.
        app.restart(|_| {}).await;
        app.send_all_due(issue).await;
        assert_eq!(app.relay.received().len(), sent);
        assert_eq!(
            app.delivery_report(issue).await.deliveries[&DeliveryState::Accepted],
            i64::try_from(sent).expect("the number is small")
        );
        app.advance(TimeDelta::days(1));
    }
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.relay.copies().len(), 40);
    assert_eq!(app.relay.received().len(), 40);
}

#[apply(on_both_databases)]
async fn an_unused_part_of_a_days_cap_is_void_the_next_day(mut app: TestApp) {
    app.restart(warm_up).await;
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    app.readers_at(&weekly, "weekly.example", 3).await;
    let daily = app.daily().await;
    app.readers(&daily, 40).await;
    app.serve_roles(&[Role::Sender]).await;
    let first = app.send(&weekly).await;
    app.until(first, IssueState::Sent).await;
    app.advance(TimeDelta::days(1));
    let second = app.send(&daily).await;
    eventually("the second day's cap is used up", || async {
        app.relay.received().len() >= 3 + 10
    })
    .await;
    // Stopping returns what the process took from the cap and did not send. It took 10, sent 10 and returned nothing, so it had
    // nothing left from the first day.
    app.stop_serving().await;
    assert_eq!(app.relay.received().len(), 3 + 10);
    let mut tx = app.app.store.read().await.expect("the database answers");
    let relay = app.relay.as_relay().to_string();
    let taken = tx.used_of_cap(&relay, app.now().date_naive()).await;
    assert_eq!(taken.expect("the database answers"), 10);
    drop(tx);

    app.serve_roles(&[Role::Sender]).await;
    app.advance(TimeDelta::days(1));
    app.until(second, IssueState::Sent).await;
    assert_eq!(app.relay.received().len(), 43);
}

#[apply(on_both_databases)]
async fn a_relay_whose_cap_is_reached_gets_no_connection(mut app: TestApp) {
    app.restart(warm_up).await;
    let daily = app.daily().await;
    app.readers(&daily, 20).await;
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    app.relay.answer(move |stage, _, _| {
        if stage == Stage::Connect {
            count.fetch_add(1, Ordering::SeqCst);
        }
        Verdict::Continue
    });
    let issue = app.send(&daily).await;
    app.send_all_due(issue).await;
    assert_eq!(app.relay.received().len(), 5);
    let for_five_messages = opened.load(Ordering::SeqCst);
    assert!(for_five_messages <= 4, "{for_five_messages} connections for 5 messages");
    let other = app.another().await;
    other.send_all_due(issue).await;
    assert_eq!(opened.load(Ordering::SeqCst), for_five_messages);
    control::cancel(&app.app, issue).await.expect("the issue is being sent");
}

#[apply(on_both_databases)]
async fn an_idle_connection_is_closed(mut app: TestApp) {
    let network = Network::to(app.relay.address().to_string()).await;
    app.restart(|config| config.relays[0].url = Relay::parse(&format!("smtp://{}", network.address())).ok())
        .await;
    let daily = app.daily().await;
    app.readers(&daily, 20).await;
    app.serve_roles(&[Role::Sender]).await;
    let connections = || {
        app.relay
            .received()
            .iter()
            .map(|mail| mail.transaction.connection)
            .collect::<BTreeSet<_>>()
    };
    let sent = async || {
        let issue = app.send(&daily).await;
        app.until(issue, IssueState::Sent).await;
    };
    sent().await;
    let first = connections();
    sent().await;
    assert!(
        connections().is_subset(&first),
        "the second issue used the open connections"
    );
    eventually("every connection is closed", || async {
        network.open_connections() == 0
    })
    .await;
    sent().await;
    let all = connections();
    assert!(all.len() > first.len(), "{all:?} after {first:?}");
}

#[apply(on_both_databases)]
async fn a_refused_login_pauses_the_issue_and_rejects_no_recipient(mut app: TestApp) {
    let (guarded, _open) = guarded(&mut app).await;
    let daily = app.daily().await;
    app.readers(&daily, 20).await;
    // After a temporary refusal the sender tries again and no operator has to act.
    guarded.answer(at(Stage::Auth, reply(454, "4.7.0 try again")));
    let issue = app.send(&daily).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&asked);
    guarded.answer(move |stage, _, _| {
        if stage != Stage::Auth {
            return Verdict::Continue;
        }
        seen.fetch_add(1, Ordering::SeqCst);
        reply(454, "4.7.0 try again")
    });
    app.serve_roles(&[Role::Sender]).await;
    eventually("the login was attempted 12 times", || async {
        asked.load(Ordering::SeqCst) >= 12
    })
    .await;
    assert_eq!(app.state(issue).await, IssueState::Sending);
    assert!(
        app.app
            .health
            .trouble()
            .is_some_and(|trouble| trouble.reason.contains("454"))
    );
    guarded.answer(|_, _, _| Verdict::Continue);
    app.until(issue, IssueState::Sent).await;
    assert_eq!(guarded.received().len(), 20);
    assert_eq!(app.app.health.trouble(), None);

    // After a permanent refusal the issue pauses, because an operator must act.
    app.stop_serving().await;
    guarded.answer(at(Stage::Auth, reply(535, "5.7.8 wrong password")));
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Paused).await;
    let reason = app.issue(issue).await.reason.expect("a reason is recorded");
    // A server may repeat the command, and with it the password: only the codes are shown.
    assert!(
        reason.contains("535 5.7.8;") && !reason.contains("wrong password"),
        "{reason}"
    );
    assert_eq!(app.delivery_report(issue).await.deliveries[&DeliveryState::Queued], 20);
    guarded.answer(|_, _, _| Verdict::Continue);
    control::resume(&app.app, issue)
        .await
        .expect("the issue can be resumed");
    app.until(issue, IssueState::Sent).await;
    assert_eq!(guarded.received().len(), 40);
    for n in 0..20 {
        let address = EmailAddress::parse(&format!("reader{n}@reader.example")).expect("the address is valid");
        let mut tx = app.app.store.read().await.expect("the database answers");
        let suppressed = tx.suppression(&app.app.keys.address_hash(address.key())).await;
        assert_eq!(suppressed.expect("the database answers"), None);
    }
}

#[apply(on_both_databases)]
async fn a_clock_that_is_set_back_during_an_issue_delays_no_delivery(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 100).await;
    app.relay.answer(|stage, transaction, attempt| {
        let later = transaction.recipients.last().is_some_and(|to| to.contains('3'));
        if stage == Stage::Rcpt && later && attempt == 1 {
            reply(451, "4.3.0 later")
        } else {
            Verdict::Continue
        }
    });
    app.relay.hold_after(40);
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("40 mails are accepted and one is deferred", || async {
        app.relay.received().len() == 40 && app.count(issue, DeliveryState::Deferred).await > 0
    })
    .await;
    app.advance(TimeDelta::days(-1));
    app.relay.release();
    // Deliveries that were deferred before and after the change are due by the new time.
    eventually("the other domains have the issue", || async {
        app.count(issue, DeliveryState::Queued).await == 0
    })
    .await;
    app.advance(TimeDelta::minutes(10));
    app.until(issue, IssueState::Sent).await;
    assert_eq!(
        app.delivery_report(issue).await.deliveries[&DeliveryState::Accepted],
        100
    );
    assert_eq!(app.relay.copies().len(), 100);
    assert!(app.relay.copies().values().all(|copies| *copies == 1));
}

/// Adds a second relay, with weights for the two.
async fn add_relay(app: &mut TestApp, (own, other): (u32, u32)) -> (Arc<MockRelay>, DropGuard) {
    let stop = CancellationToken::new();
    let relay = MockRelay::open(stop.clone()).await;
    app.restart(|config| {
        let mut second = config.relays[0].clone();
        second.url = Some(relay.as_relay());
        second.weight = other;
        config.relays[0].weight = own;
        config.relays.push(second);
    })
    .await;
    (relay, stop.drop_guard())
}

/// Replaces the app's relay by one that asks for a login.
async fn guarded(app: &mut TestApp) -> (Arc<MockRelay>, DropGuard) {
    let stop = CancellationToken::new();
    let relay = relay_with_login("desk", "hunter2", stop.clone()).await;
    let url = format!("smtp://desk:hunter2@{}", relay.address());
    app.restart(|config| config.relays[0].url = Relay::parse(&url).ok())
        .await;
    (relay, stop.drop_guard())
}

fn limits(text: &str) -> Vec<daywire::config::DomainLimit> {
    vec![Setting::read(text).expect("the limit is valid")]
}

/// A warm-up of 5 messages on the first day and 10 on the second.
fn warm_up(config: &mut Config) {
    config.relays[0].warmup.started = NaiveDate::from_ymd_opt(2026, 11, 23);
    config.relays[0].warmup.plan = vec![5, 10];
    config.delivery.expire_after = Duration::from_hours(24 * 30);
}

impl TestApp {
    /// Waits until nothing is queued or on the wire.
    async fn until_all_tried(&self, issue: daywire::domain::ids::IssueId) {
        eventually("nothing is due", || async {
            self.count(issue, DeliveryState::Sending).await == 0 && {
                let mut tx = self.app.store.read().await.expect("the database answers");
                let state = tx.count_deliveries(issue).await.expect("the value is a count");
                state
                    .iter()
                    .all(|(state, count)| *state != DeliveryState::Queued || *count == 0)
            }
        })
        .await;
    }
}
