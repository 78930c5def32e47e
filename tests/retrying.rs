//! Deliveries that the relay refuses, defers or does not reply to: they are retried, expire or stay in doubt, or the issue pauses.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use daywire::config::InDoubt;
use daywire::delivery::control;
use daywire::delivery::retry::{RetryPolicy, disposition};
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::mail::reply::Reply;
use daywire::mail::server::{Options, Stage, Verdict};
use daywire::mail::smtp::Outcome;
use daywire::worker::Role;
use tokio_util::sync::CancellationToken;

use crate::support::issues::{number, reply};
use crate::support::mock_relay::{MockRelay, parse};
use crate::support::node::OtherNode;
use crate::support::relay_rules::{at, at_recipient, once_at};
use crate::support::{Engine, TestApp, eventually};

/// Longer than the first wait with the most jitter.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(7);

#[apply(on_both_databases)]
async fn deferred_and_refused_deliveries_add_up(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1000).await;
    app.relay.answer(|stage, transaction, attempt| {
        let reader = transaction.recipients.last().map(|to| number(to));
        match reader {
            Some(n) if stage == Stage::Rcpt && n.is_multiple_of(10) => reply(550, "5.1.1 no such mailbox"),
            Some(n) if stage == Stage::Rcpt && n.is_multiple_of(3) && attempt == 1 => reply(451, "4.3.0 later"),
            _ => Verdict::Continue,
        }
    });
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.tried(issue, app.now()).await;
    let proof = app.delivery_report(issue).await;
    assert_eq!(proof.deliveries[&DeliveryState::Accepted], 600);
    assert_eq!(proof.deliveries[&DeliveryState::Deferred], 300);
    assert_eq!(proof.deliveries[&DeliveryState::Rejected], 100);

    app.advance(FIRST_WAIT);
    app.until(issue, IssueState::Sent).await;
    let proof = app.delivery_report(issue).await;
    assert_eq!(proof.deliveries[&DeliveryState::Accepted], 900);
    assert_eq!(proof.deliveries[&DeliveryState::Rejected], 100);
    let copies = app.relay.copies();
    assert!(copies.values().all(|copies| *copies == 1));
    assert!(copies.len() == 900 && !copies.keys().any(|to| number(to).is_multiple_of(10)));
}

#[apply(on_both_databases)]
async fn a_connection_lost_before_the_final_dot_loses_no_message(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.serve_roles(&[Role::Sender]).await;
    let mut sent = 0;
    for stage in [Stage::Mail, Stage::Rcpt, Stage::Data] {
        for verdict in [Verdict::HangUp, reply(421, "4.3.2 closing"), reply(451, "4.3.0 later")] {
            let given = verdict.clone();
            app.relay.answer(once_at(stage, verdict));
            let since = app.now();
            let issue = app.send(&daily).await;
            app.tried(issue, since).await;
            let state = app.only_delivery(issue).await.state;
            // A used connection that closes says nothing about the mail, which is sent over another one at once.
            let by_other_connection = given == Verdict::HangUp && state == DeliveryState::Accepted;
            assert!(
                by_other_connection || state == DeliveryState::Deferred,
                "{stage:?} {given:?}: {state}"
            );
            app.advance(FIRST_WAIT);
            app.until(issue, IssueState::Sent).await;
            assert_eq!(
                app.only_delivery(issue).await.state,
                DeliveryState::Accepted,
                "{stage:?} {given:?}"
            );
            sent += 1;
            assert_eq!(app.relay.received().len(), sent, "{stage:?} {given:?}");
        }
    }
}

#[apply(on_both_databases)]
async fn a_refusal_after_the_final_dot_is_not_in_doubt(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.serve_roles(&[Role::Sender]).await;
    for verdict in [reply(421, "4.3.2 closing"), reply(451, "4.3.0 later")] {
        app.relay.answer(once_at(Stage::FinalDot, verdict));
        let since = app.now();
        let issue = app.send(&daily).await;
        app.tried(issue, since).await;
        app.advance(FIRST_WAIT);
        app.until(issue, IssueState::Sent).await;
        assert_eq!(app.only_delivery(issue).await.state, DeliveryState::Accepted);
    }
    assert_eq!(app.relay.received().len(), 2);
}

#[apply(on_both_databases)]
async fn a_relay_that_refuses_the_connection_pauses_the_issue(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    app.relay.answer(at(Stage::Connect, reply(554, "5.7.1 not you")));
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("the health check reports the trouble", || async {
        app.app.health.trouble().is_some()
    })
    .await;
    assert!(
        app.app
            .health
            .trouble()
            .expect("the relay is unavailable")
            .reason
            .contains("not you")
    );
    app.until(issue, IssueState::Paused).await;
    assert_eq!(app.count(issue, DeliveryState::Queued).await, 3);
    app.relay.answer(|_, _, _| Verdict::Continue);
    control::resume(&app.app, issue)
        .await
        .expect("the issue can be resumed");
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.count(issue, DeliveryState::Accepted).await, 3);
}

#[apply(on_both_databases)]
async fn one_stalled_connection_does_not_make_the_relay_unavailable(mut app: TestApp) {
    app.restart(|config| {
        config.relays[0].connections = 1;
        config.relays[0].timeouts.greeting = Duration::from_secs(1);
    })
    .await;
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    let (state, reported) = (Arc::clone(&app.app), Arc::new(AtomicBool::new(false)));
    let seen = Arc::clone(&reported);
    app.relay
        .answer(move |stage, transaction, _| match (stage, transaction.connection) {
            (Stage::Connect, 1) => Verdict::Delay(Duration::from_hours(1)),
            (Stage::Connect, 2) => Verdict::HangUp,
            (Stage::Connect, _) => {
                seen.fetch_or(state.health.trouble().is_some(), Ordering::SeqCst);
                Verdict::Continue
            }
            _ => Verdict::Continue,
        });
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.count(issue, DeliveryState::Accepted).await, 3);
    assert!(
        !reported.load(Ordering::SeqCst),
        "two failed connections do not make the relay unavailable"
    );
    // If several connections in a row fail, the relay is unavailable.
    app.stop_serving().await;
    app.relay.answer(at(Stage::Connect, Verdict::HangUp));
    app.advance(TimeDelta::seconds(1));
    let next = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("the health check reports the trouble", || async {
        app.app.health.trouble().is_some()
    })
    .await;
    assert_eq!(app.count(next, DeliveryState::Queued).await, 3, "nothing is lost");
    app.relay.answer(|_, _, _| Verdict::Continue);
    app.until(next, IssueState::Sent).await;
    assert_eq!(app.app.health.trouble(), None);
}

#[apply(on_both_databases)]
async fn a_mail_in_doubt_is_sent_again_with_the_same_message_id(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.relay.answer(once_at(Stage::AfterAccept, Verdict::HangUp));
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.tried(issue, app.now()).await;
    assert_eq!(app.only_delivery(issue).await.state, DeliveryState::Deferred);
    app.advance(FIRST_WAIT);
    app.until(issue, IssueState::Sent).await;
    let taken = app.relay.received();
    assert_eq!(taken.len(), 2);
    let ids: Vec<_> = taken
        .iter()
        .map(|mail| parse(&mail.bytes).message_id().map(str::to_owned))
        .collect();
    assert!(ids[0].is_some());
    assert_eq!(ids[0], ids[1]);
    assert_eq!(parse(&taken[0].bytes).date(), parse(&taken[1].bytes).date());
}

#[apply(on_both_databases)]
async fn a_mail_that_is_always_deferred_expires(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.relay.answer(at(Stage::Rcpt, reply(451, "4.3.0 later")));
    let issue = app.send(&daily).await;
    let begun = app.now();
    app.serve_roles(&[Role::Sender]).await;
    app.tried(issue, begun).await;
    while app.only_delivery(issue).await.state.is_open() {
        assert!(app.now() - begun < TimeDelta::hours(26), "the delivery does not expire");
        app.advance(TimeDelta::hours(5));
        app.tried(issue, app.now()).await;
    }
    app.until(issue, IssueState::Sent).await;
    let line = app.only_delivery(issue).await;
    assert_eq!(line.state, DeliveryState::Expired);
    assert_eq!(line.last_reply.as_deref(), Some("451 4.3.0 later"));
    assert_eq!(line.attempts, 5);
    app.delivery_report(issue).await;
}

#[apply(on_both_databases)]
async fn a_newsletter_can_let_its_deliveries_expire_sooner(mut app: TestApp) {
    let news = app
        .apply("slug = \"news\"\nname = \"News\"\nexpire_after = \"3m\"")
        .await;
    app.readers(&news, 1).await;
    app.relay.answer(at(Stage::Rcpt, reply(451, "4.3.0 later")));
    let issue = app.send(&news).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.only_delivery(issue).await.state, DeliveryState::Expired);
}

#[apply(on_both_databases)]
async fn a_recipient_who_refuses_our_mail_does_not_stop_the_others(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 30).await;
    app.relay.answer(at_recipient(
        Stage::Rcpt,
        "reader7@reader.example",
        reply(554, "5.7.1 not from you"),
    ));
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("all others have it", || async {
        app.count(issue, DeliveryState::Accepted).await == 29
    })
    .await;
    assert_eq!(app.state(issue).await, IssueState::Sending);
    app.advance(TimeDelta::hours(25));
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.count(issue, DeliveryState::Expired).await, 1);
}

#[apply(on_both_databases)]
async fn policy_refusals_by_one_domain_do_not_pause_the_issue(mut app: TestApp) {
    app.restart(|config| config.relays[0].connections = 1).await;
    let daily = app.daily().await;
    // Deliveries start in the order in which readers subscribed, so these are the first.
    for domain in ["evil.example", "a.evil.example", "b.evil.example"] {
        app.readers_at(&daily, domain, 4).await;
    }
    app.advance(TimeDelta::seconds(1));
    app.readers_at(&daily, "one.example", 20).await;
    app.readers_at(&daily, "two.example", 20).await;
    for (stage, code, text) in [
        (
            Stage::FinalDot,
            554,
            "5.7.1 Message rejected as spam by Content Filtering",
        ),
        (Stage::Rcpt, 550, "5.7.1 not from you"),
        (Stage::FinalDot, 552, "5.3.4 Message too big for system"),
    ] {
        app.serve_roles(&[Role::Sender]).await;
        app.relay.answer(at_recipient(stage, "evil.example", reply(code, text)));
        let issue = app.send(&daily).await;
        eventually("all others have it", || async {
            app.count(issue, DeliveryState::Accepted).await == 40
        })
        .await;
        assert_eq!(app.state(issue).await, IssueState::Sending, "{text}");
        assert_eq!(app.count(issue, DeliveryState::Rejected).await, 0, "{text}");
        // The second attempts do not pause the issue, either.
        let now = app.now() + FIRST_WAIT;
        app.advance(FIRST_WAIT);
        eventually("a delivery is attempted again", || async {
            app.deliveries(issue)
                .await
                .iter()
                .any(|line| line.attempts == 2 && line.updated_at >= now)
        })
        .await;
        assert_eq!(app.state(issue).await, IssueState::Sending, "{text}");
        app.stop_serving().await;
        control::cancel(&app.app, issue)
            .await
            .expect("the issue can be cancelled");
    }
}

#[apply(on_both_databases)]
async fn three_organisations_do_not_pause_an_issue_that_another_process_delivered(mut app: TestApp) {
    app.restart(|config| config.relays[0].connections = 1).await;
    let daily = app.daily().await;
    // Deliveries start in the order in which readers subscribed.
    app.readers_at(&daily, "first.example", 1).await;
    for domain in ["one.example", "two.example", "three.example", "other.example"] {
        app.advance(TimeDelta::seconds(1));
        app.readers_at(&daily, domain, 1).await;
    }
    let issue = app.send(&daily).await;
    let other = OtherNode::alive(&app, 1);
    let leased = other.lease(issue, 1).await;
    assert!(other.begin(&leased[0]).await && other.record(&leased[0], DeliveryState::Accepted).await);
    app.relay.answer(|stage, transaction, _| {
        let refuses = |to: &String| {
            ["@one.example", "@two.example", "@three.example"]
                .iter()
                .any(|end| to.ends_with(end))
        };
        if stage == Stage::Rcpt && transaction.recipients.last().is_some_and(refuses) {
            reply(550, "5.7.1 not from you")
        } else {
            Verdict::Continue
        }
    });
    app.serve_roles(&[Role::Sender]).await;
    eventually("every delivery was attempted", || async {
        app.count(issue, DeliveryState::Accepted).await == 2 && app.count(issue, DeliveryState::Deferred).await == 3
    })
    .await;
    assert_eq!(app.state(issue).await, IssueState::Sending);
    app.relay.answer(|_, _, _| Verdict::Continue);
    app.advance(FIRST_WAIT);
    app.until(issue, IssueState::Sent).await;
}

#[apply(on_both_databases)]
async fn a_delivery_whose_envelope_closes_every_connection_counts_as_attempted(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 100).await;
    app.relay
        .answer(at_recipient(Stage::Rcpt, "reader50@reader.example", Verdict::HangUp));
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("the others have it", || async {
        app.count(issue, DeliveryState::Accepted).await == 99 && app.count(issue, DeliveryState::Deferred).await == 1
    })
    .await;
    app.relay.answer(|_, _, _| Verdict::Continue);
    app.advance(FIRST_WAIT);
    app.until(issue, IssueState::Sent).await;
}

#[apply(on_both_databases)]
async fn a_refusal_that_concerns_every_recipient_pauses_the_issue_and_rejects_nobody(mut app: TestApp) {
    app.restart(|config| config.relays[0].connections = 1).await;
    let daily = app.daily().await;
    for domain in ["one.example", "two.example", "three.example"] {
        app.readers_at(&daily, domain, 1).await;
    }
    for stage in [Stage::Mail, Stage::Rcpt, Stage::Data, Stage::FinalDot] {
        for (code, text) in [
            (550, "5.4.5 Daily user sending quota exceeded"),
            (550, "5.7.1 sending limit exceeded"),
            (552, "5.3.4 Message size exceeds fixed limit"),
            (554, "5.6.1 line too long"),
            (550, "5.6.0 bare CR in the message"),
            (554, "5.7.1 refused by policy"),
        ] {
            app.relay.answer(at(stage, reply(code, text)));
            // Each case has a new sender, because the relay asked the last one to slow down.
            app.serve_roles(&[Role::Sender]).await;
            let issue = app.send(&daily).await;
            app.until(issue, IssueState::Paused).await;
            assert_eq!(
                app.count(issue, DeliveryState::Rejected).await,
                0,
                "{text} at {stage:?}"
            );
            let reason = app.issue(issue).await.reason;
            assert!(
                reason.is_some_and(|reason| reason.contains(text)),
                "{text} at {stage:?}"
            );
            app.stop_serving().await;
            control::cancel(&app.app, issue)
                .await
                .expect("the issue can be cancelled");
        }
    }
    assert!(app.relay.received().is_empty());
}

#[apply(on_both_databases)]
async fn a_message_larger_than_the_relay_accepts_pauses_the_issue(mut app: TestApp) {
    let stop = CancellationToken::new();
    let _open = stop.clone().drop_guard();
    let small = MockRelay::open_with(
        Options {
            size_limit: 1000,
            ..Options::default()
        },
        stop,
    )
    .await;
    app.restart(|config| config.relays[0].url = Some(small.as_relay()))
        .await;
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Paused).await;
    let account = app.delivery_report(issue).await.deliveries;
    assert_eq!(account[&DeliveryState::Queued] + account[&DeliveryState::Deferred], 2);
    let reason = app.issue(issue).await.reason.expect("a reason is recorded");
    assert!(reason.contains("bytes and the relay takes at most 1000"), "{reason}");
}

#[apply(on_both_databases)]
async fn a_refused_confirmation_does_not_make_the_relay_unavailable(mut app: TestApp) {
    app.daily().await;
    app.relay.answer(at_recipient(
        Stage::FinalDot,
        "leaky@reader.example",
        reply(554, "5.7.1 <leaky@reader.example>: Access denied by policy"),
    ));
    let site = app.serve().await.clone();
    for email in ["leaky@reader.example", "ada@reader.example"] {
        site.post("/subscribe", &[("email", email)]).await;
    }
    app.relay.link_for("ada@reader.example", "/confirm/").await;
    eventually("the refusal is on record", || async {
        app.rows("transactional_mails")
            .await
            .iter()
            .any(|row| row.contains("Access denied by policy"))
    })
    .await;
    assert_eq!(app.app.health.trouble(), None);
    assert!(app.relay.received_for("leaky@reader.example").is_empty());
}

#[apply(on_both_databases)]
async fn a_refusal_of_our_reputation_pauses_the_issue_and_suppresses_nobody(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 50).await;
    app.serve_roles(&[Role::Sender]).await;
    let refusals = [
        (Stage::Mail, reply(550, "5.7.1 sender refused by policy")),
        (Stage::Mail, reply(530, "5.7.0 Authentication required")),
        (Stage::Rcpt, reply(554, "5.7.1 you are listed")),
        (Stage::FinalDot, reply(550, "5.7.20 no valid DKIM signature")),
    ];
    for (stage, verdict) in refusals {
        let Verdict::Reply(_, words) = verdict.clone() else {
            unreachable!()
        };
        app.relay.answer(at(stage, verdict));
        let before = app.relay.received().len();
        let issue = app.send(&daily).await;
        app.until(issue, IssueState::Paused).await;
        eventually("the process has no lease", || async {
            let mut tx = app.app.store.read().await.expect("the database answers");
            tx.leases_of(app.app.node)
                .await
                .expect("the database answers")
                .is_empty()
        })
        .await;
        // A refusal at RCPT or of a message may concern one recipient only, so the first few deliveries are deferred.
        let of_one = matches!(stage, Stage::Rcpt | Stage::FinalDot);
        if of_one {
            eventually("three deliveries are deferred", || async {
                app.count(issue, DeliveryState::Deferred).await >= 3
            })
            .await;
        }
        let account = app.delivery_report(issue).await.deliveries;
        let deferred = account[&DeliveryState::Deferred];
        assert!(
            if of_one {
                (3..20).contains(&deferred)
            } else {
                deferred == 0
            },
            "{words}: {deferred}"
        );
        assert_eq!(account[&DeliveryState::Queued] + deferred, 50, "{words}");
        let reason = app.issue(issue).await.reason;
        assert!(reason.expect("a reason is recorded").contains(&words));
        assert_eq!(app.relay.received().len(), before);

        app.relay.answer(|_, _, _| Verdict::Continue);
        control::resume(&app.app, issue)
            .await
            .expect("the issue can be resumed");
        app.advance(TimeDelta::minutes(10));
        app.until(issue, IssueState::Sent).await;
        assert_eq!(
            app.delivery_report(issue).await.deliveries[&DeliveryState::Accepted],
            50
        );
        assert_eq!(app.relay.received().len(), before + 50);
    }
    assert!(app.relay.copies().values().all(|copies| *copies == 4));
    for n in 0..50 {
        let address = format!("reader{n}@reader.example");
        let address = daywire::domain::address::EmailAddress::parse(&address).expect("the address is valid");
        let hash = app.app.keys.address_hash(address.key());
        let mut tx = app.app.store.read().await.expect("the database answers");
        assert_eq!(tx.suppression(&hash).await.expect("the database answers"), None);
    }
}

#[apply(on_both_databases)]
async fn with_in_doubt_hold_a_mail_in_doubt_is_not_sent_again(engine: Engine) {
    let hold = |config: &mut daywire::config::Config| config.delivery.in_doubt = InDoubt::Hold;
    let mut app = TestApp::with(engine, hold).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.relay.answer(once_at(Stage::AfterAccept, Verdict::HangUp));
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let proof = app.delivery_report(issue).await;
    assert_eq!(proof.deliveries[&DeliveryState::InDoubt], 1);
    assert_eq!(proof.deliveries[&DeliveryState::Accepted], 1);
    assert_eq!(app.relay.received().len(), 2);
    assert!(app.relay.copies().values().all(|copies| *copies == 1));
    teardown.finish().await;
}

fn policy() -> RetryPolicy {
    let minutes = [5, 15, 30, 60, 120, 240];
    RetryPolicy {
        waits: minutes.map(TimeDelta::minutes).into(),
        expire_after: TimeDelta::hours(24),
        resend_in_doubt: true,
    }
}

#[test]
fn each_wait_is_longer_than_the_one_before_until_the_last_repeats() {
    let now = DateTime::<Utc>::UNIX_EPOCH;
    let later = || Outcome::Deferred(Reply::new(451, &["4.3.0 later"]));
    let wait = |attempts, jitter| {
        let disposition = disposition(later(), attempts, now, &policy(), jitter, now);
        disposition.next_attempt_at.expect("the delivery is retried") - now
    };
    for attempts in 0..5 {
        assert!(wait(attempts, 1.0) < wait(attempts + 1, 0.0));
        assert!(wait(attempts, 0.0) < wait(attempts, 1.0));
    }
    assert_eq!(wait(5, 0.0), TimeDelta::hours(4));
    assert_eq!(wait(500, 0.0), TimeDelta::hours(4));
}

#[test]
fn a_delivery_expires_when_the_relay_is_in_trouble_for_too_long() {
    let since = DateTime::<Utc>::UNIX_EPOCH;
    let trouble = |code, text: &str| Outcome::RelayTrouble {
        reply: Some(Reply::new(code, &[text])),
        text: text.into(),
    };
    let at = |hours, outcome| disposition(outcome, 0, since, &policy(), 0.0, since + TimeDelta::hours(hours));
    assert_eq!(at(1, trouble(421, "busy")).state, DeliveryState::Deferred);
    assert_eq!(at(24, trouble(421, "busy")).state, DeliveryState::Expired);
    // A refusal that only an operator can end waits for the operator.
    let refused = at(24, trouble(550, "5.7.1 policy"));
    assert_eq!(refused.state, DeliveryState::Queued);
    assert_eq!(refused.pause.as_deref(), Some("5.7.1 policy"));
}
