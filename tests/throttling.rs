//! Limits of relays, recipient domains and days: messages are shared and throttled, and nothing else is delayed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use daywire::config::{Config, Setting};
use daywire::delivery::control;
use daywire::domain::address::EmailAddress;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::mail::relay::Relay;
use daywire::mail::sink::{Options, Stage, Verdict};
use daywire::worker::Role;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::support::issues::reply;
use crate::support::mock_relay::MockRelay;
use crate::support::network::Network;
use crate::support::{TestApp, eventually};

#[apply(on_both_databases)]
async fn two_relays_share_an_issue_by_their_weights(mut app: TestApp) {
    let (other, _open) = beside(&mut app, (3, 1)).await;
    let daily = app.daily().await;
    app.readers(&daily, 400).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let (first, second) = (app.relay.received().len(), other.received().len());
    println!("{first} and {second}");
    assert_eq!(first + second, 400);
    // Neither is further ahead than some 32 messages.
    assert!((260..=320).contains(&first), "{first} and {second}");
    assert!(app.relay.copies().keys().all(|to| !other.copies().contains_key(to)));
}

#[apply(on_both_databases)]
async fn the_other_relay_sends_everything_while_one_is_unavailable(mut app: TestApp) {
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port")
        .local_addr()
        .expect("an address");
    let (other, _open) = beside(&mut app, (1, 5)).await;
    app.restart(|config| config.relays[1].url = Some(Relay::plain(closed).expect("a relay")))
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
    let (other, open) = beside(&mut app, (1, 1)).await;
    let daily = app.daily().await;
    app.readers(&daily, 300).await;
    let dead = Arc::new(AtomicBool::new(false));
    let died = Arc::clone(&dead);
    // It takes the mails on the wire, and nobody hears of it.
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
    eventually("it dies", || async { dead.load(Ordering::SeqCst) }).await;
    drop(open);
    app.tried(issue, app.now()).await;
    app.delivery_report(issue).await;
    let before = app.count(issue, DeliveryState::Deferred).await;
    assert!(
        (1..=4).contains(&before),
        "{before}: what each connection had on the wire"
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
    let (other, _open) = beside(&mut app, (1, 1)).await;
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
    eventually("both work", || async { other.received().len() >= 20 }).await;
    network.vanish();
    let begun = tokio::time::Instant::now();
    // What four connections had on the wire and behind it is waited for; all else goes by the other relay.
    eventually("the rest is sent", || async {
        app.count(issue, DeliveryState::Accepted).await >= 400 - 8
    })
    .await;
    println!("within {:?}", begun.elapsed());
    assert!(begun.elapsed() < long, "it waited for the relay that is silent");
    eventually("it is given up", || async {
        app.count(issue, DeliveryState::Sending).await == 0
    })
    .await;
    while app.state(issue).await != IssueState::Sent {
        app.tried(issue, app.now()).await;
        app.advance(TimeDelta::minutes(10));
    }
    assert_eq!(
        app.delivery_report(issue).await.deliveries[&DeliveryState::Accepted],
        400
    );
}

#[apply(on_both_databases)]
async fn a_relay_that_asks_us_to_slow_down_gets_fewer_connections_and_then_all_again(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 300).await;
    let (mails, told) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let once = Arc::clone(&told);
    app.relay.answer(move |stage, _, _| match stage {
        // Long enough to meet others.
        Stage::FinalDot if mails.fetch_add(1, Ordering::SeqCst) != 50 => Verdict::Delay(Duration::from_millis(3)),
        Stage::FinalDot => {
            once.store(true, Ordering::SeqCst);
            reply(421, "4.7.0 too many connections")
        }
        _ => Verdict::Continue,
    });
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("it is told, and nothing is on the wire", || async {
        told.load(Ordering::SeqCst) && app.count(issue, DeliveryState::Sending).await == 0
    })
    .await;
    assert_eq!(app.count(issue, DeliveryState::Deferred).await, 1);
    app.relay.hold_after(0);
    app.relay.at_work();
    eventually("two are at work", || async { app.relay.at_work().0 == 2 }).await;
    let mut looks = 0;
    eventually("and stay two", || {
        let (now, most) = app.relay.at_work();
        assert!(now <= 2 && most <= 2, "{now}, {most}");
        looks += 1;
        async move { looks > 60 }
    })
    .await;
    app.relay.hold_after(50);
    eventually("it recovers", || async { app.relay.at_work().0 == 4 }).await;
    app.relay.release();
    app.until_all_tried(issue).await;
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
    // But for those that are announced behind the two that are held.
    eventually("all others have it", || async {
        app.count(issue, DeliveryState::Accepted).await >= 198
    })
    .await;
    // One of the two may be announced behind the other, on the same connection.
    eventually("they wait for an answer", || async { app.relay.at_work().0 > 0 }).await;
    app.relay.release();
    // What was too much to wait here went back, and comes when its time has come.
    while app.state(issue).await != IssueState::Sent {
        app.advance(TimeDelta::seconds(30));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (_, most) = app.relay.at_work();
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
    eventually("all others have it", || async {
        app.count(issue, DeliveryState::Accepted).await >= 49
    })
    .await;
    eventually("one waits for an answer", || async { app.relay.at_work().0 == 1 }).await;
    app.relay.release();
    while app.state(issue).await != IssueState::Sent {
        app.advance(TimeDelta::seconds(30));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(app.relay.at_work().1, 1);
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
    app.relay.answer(|stage, transaction, _| {
        let slow = transaction
            .recipients
            .last()
            .is_some_and(|to| to.ends_with("@slow.example"));
        if stage == Stage::Rcpt && slow {
            reply(451, "4.3.0 later")
        } else {
            Verdict::Continue
        }
    });
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("all others have it", || async {
        app.count(issue, DeliveryState::Accepted).await == 150
    })
    .await;
    eventually("its readers wait", || async {
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
        "{deferred}: a domain that takes nothing is asked less and less"
    );
    app.relay.answer(|_, _, _| Verdict::Continue);
    while app.state(issue).await != IssueState::Sent {
        app.advance(TimeDelta::minutes(1));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        app.delivery_report(issue).await.deliveries[&DeliveryState::Accepted],
        300
    );
    assert!(app.relay.copies().values().all(|copies| *copies == 1));
}

#[apply(on_both_databases)]
async fn all_processes_together_keep_to_the_warmup_cap_of_the_day(mut app: TestApp) {
    app.restart(warm_up).await;
    let mut other = app.another().await;
    let daily = app.daily().await;
    app.readers(&daily, 40).await;
    let issue = app.send(&daily).await;
    for sent in [5, 15] {
        app.serve_roles(&[Role::Sender]).await;
        other.serve_roles(&[Role::Sender]).await;
        app.stays_at(sent).await;
        app.stop_serving().await;
        // A start anew does not begin the day anew.
        app.restart(|_| {}).await;
        app.serve_roles(&[Role::Sender]).await;
        app.stays_at(sent).await;
        app.stop_serving().await;
        assert_eq!(
            app.count(issue, DeliveryState::Accepted).await,
            i64::try_from(sent).expect("few")
        );
        app.delivery_report(issue).await;
        app.advance(TimeDelta::days(1));
        other = app.another().await;
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
    app.stays_at(3 + 10).await;
    app.advance(TimeDelta::days(1));
    app.until(second, IssueState::Sent).await;
    assert_eq!(app.relay.received().len(), 43);
}

#[apply(on_both_databases)]
async fn a_relay_whose_cap_is_reached_gets_no_connection(mut app: TestApp) {
    app.restart(warm_up).await;
    let daily = app.daily().await;
    app.readers(&daily, 20).await;
    let connections = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&connections);
    app.relay.answer(move |stage, _, _| {
        if stage == Stage::Connect {
            seen.fetch_add(1, Ordering::SeqCst);
        }
        Verdict::Continue
    });
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.stays_at(5).await;
    idle().await;
    let connections = connections.load(Ordering::SeqCst);
    // Four to send by, and what asks how the relay is.
    assert!(connections <= 4 + 2, "{connections} connections for 5 messages");
    control::cancel(&app.app, issue).await.expect("it is ended");
}

#[apply(on_both_databases)]
async fn an_idle_connection_is_closed(mut app: TestApp) {
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
    assert_eq!(
        connections().difference(&first).count().min(1),
        0,
        "they are used again"
    );
    idle().await;
    sent().await;
    let all = connections();
    assert!(all.len() > first.len(), "{all:?} after {first:?}");
}

#[apply(on_both_databases)]
async fn a_refused_login_pauses_the_issue_and_rejects_no_recipient(mut app: TestApp) {
    let (guarded, _open) = guarded(&mut app).await;
    let daily = app.daily().await;
    app.readers(&daily, 20).await;
    // For now: it is asked again and again, and nobody is bothered.
    guarded.answer(|stage, _, _| {
        if stage == Stage::Auth {
            reply(454, "4.7.0 try again")
        } else {
            Verdict::Continue
        }
    });
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
    eventually("it was asked often", || async { asked.load(Ordering::SeqCst) >= 12 }).await;
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

    // For good: an operator must look.
    app.stop_serving().await;
    guarded.answer(|stage, _, _| {
        if stage == Stage::Auth {
            reply(535, "5.7.8 wrong password")
        } else {
            Verdict::Continue
        }
    });
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Paused).await;
    let mut tx = app.app.store.read().await.expect("the database answers");
    let reason = control::find(&mut tx, issue)
        .await
        .expect("an issue")
        .reason
        .expect("a reason");
    drop(tx);
    // A server may repeat the command, and with it the password: only the codes are shown.
    assert!(
        reason.contains("535 5.7.8;") && !reason.contains("wrong password"),
        "{reason}"
    );
    assert_eq!(app.delivery_report(issue).await.deliveries[&DeliveryState::Queued], 20);
    guarded.answer(|_, _, _| Verdict::Continue);
    control::resume(&app.app, issue).await.expect("it goes on");
    app.until(issue, IssueState::Sent).await;
    assert_eq!(guarded.received().len(), 40);
    for n in 0..20 {
        let address = EmailAddress::parse(&format!("reader{n}@reader.example")).expect("an address");
        let mut tx = app.app.store.read().await.expect("the database answers");
        let suppressed = tx.suppression(&app.app.keys.address_hash(address.key())).await;
        assert_eq!(suppressed.expect("an answer"), None);
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
    eventually("it is in the middle", || async {
        app.relay.received().len() == 40 && app.count(issue, DeliveryState::Deferred).await > 0
    })
    .await;
    app.advance(TimeDelta::days(-1));
    app.relay.release();
    // What is deferred before and after comes in its time, counted from the new one.
    eventually("all others have it", || async {
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

/// Longer than a connection with nothing to do is kept.
async fn idle() {
    let begun = tokio::time::Instant::now();
    eventually("time passes", || async { begun.elapsed() > Duration::from_secs(7) }).await;
}

/// Another relay beside the app's own, with weights for the two.
async fn beside(app: &mut TestApp, (own, other): (u32, u32)) -> (Arc<MockRelay>, DropGuard) {
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

/// A relay that asks for a login, instead of the app's own.
async fn guarded(app: &mut TestApp) -> (Arc<MockRelay>, DropGuard) {
    let stop = CancellationToken::new();
    let options = Options {
        login: Some(("desk".into(), SecretString::from("hunter2"))),
        ..Options::default()
    };
    let relay = MockRelay::open_with(options, stop.clone()).await;
    let url = format!("smtp://desk:hunter2@{}", relay.address());
    app.restart(|config| config.relays[0].url = Relay::parse(&url).ok())
        .await;
    (relay, stop.drop_guard())
}

fn limits(text: &str) -> Vec<daywire::config::DomainLimit> {
    vec![Setting::read(text).expect("a limit")]
}

/// Five on the first day, ten on the second.
fn warm_up(config: &mut Config) {
    config.relays[0].warmup.started = NaiveDate::from_ymd_opt(2026, 11, 23);
    config.relays[0].warmup.plan = vec![5, 10];
    config.delivery.expire_after = Duration::from_hours(24 * 30);
}

impl TestApp {
    /// Waits until so many mails were taken, and looks for a while that it stays so.
    async fn stays_at(&self, mails: usize) {
        eventually(&format!("{mails} mails are taken"), || async {
            self.relay.received().len() >= mails
        })
        .await;
        let mut looks = 0;
        eventually("it stays so", || {
            assert_eq!(self.relay.received().len(), mails);
            looks += 1;
            async move { looks > 80 }
        })
        .await;
    }

    /// Waits until nothing is queued or on the wire.
    async fn until_all_tried(&self, issue: daywire::domain::ids::IssueId) {
        eventually("nothing is due", || async {
            self.count(issue, DeliveryState::Sending).await == 0 && {
                let mut tx = self.app.store.read().await.expect("the database answers");
                let state = tx.count_deliveries(issue).await.expect("a count");
                state
                    .iter()
                    .all(|(state, count)| *state != DeliveryState::Queued || *count == 0)
            }
        })
        .await;
    }
}
