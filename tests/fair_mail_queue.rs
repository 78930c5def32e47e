//! Transactional mails take turns by requester, so that many mails for one do not delay those for another.

use chrono::TimeDelta;
use daywire::domain::address::EmailAddress;
use daywire::domain::ids::TransactionalMailId;
use daywire::domain::states::{DeliveryState, MailKind};
use daywire::mail::server::{Stage, Verdict};
use daywire::store::transactional_mails::{MailLinks, TransactionalMail, TransactionalOutcome};
use daywire::worker::Role;

use crate::support::issues::reply;
use crate::support::{TestApp, eventually};

#[apply(on_both_databases)]
async fn many_sign_ups_from_one_network_do_not_delay_another_readers_confirmation(mut app: TestApp) {
    for n in 0..40 {
        app.queue_mail("192.0.2.0/24", &format!("machine{n}@flood.example"))
            .await;
    }
    app.queue_mail("198.51.100.0/24", "ada@reader.example").await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("all mails are sent", || async { app.relay.received().len() == 41 }).await;
    let place = app
        .relay
        .received()
        .iter()
        .position(|mail| mail.transaction.recipients == ["ada@reader.example"]);
    // The first two mails go to the two connections before it.
    assert!(place.is_some_and(|place| place < 4), "{place:?}");
}

#[apply(on_both_databases)]
async fn mails_that_were_deferred_together_are_retried_in_turns(mut app: TestApp) {
    app.relay.answer(|stage, _, _| {
        if stage == Stage::Rcpt {
            reply(451, "4.3.0 later")
        } else {
            Verdict::Continue
        }
    });
    for n in 0..150 {
        app.queue_mail("192.0.2.0/24", &format!("machine{n}@flood.example"))
            .await;
    }
    app.serve_roles(&[Role::Sender]).await;
    eventually("all mails are deferred", || async {
        app.rows("transactional_mails")
            .await
            .iter()
            .filter(|row| row.contains("4.3.0 later"))
            .count()
            == 150
    })
    .await;
    app.stop_serving().await;
    // All are due by now, but the turns of the last ones are in the future.
    app.advance(TimeDelta::seconds(361));
    app.queue_mail("198.51.100.0/24", "ada@reader.example").await;
    let mut order = Vec::new();
    let mut tx = app.app.store.write().await.expect("the database answers");
    tx.heartbeat(app.app.node, None).await.expect("the heartbeat is stored");
    while let Some(mail) = tx
        .lease_transactional_mails(app.app.node, app.now(), 1)
        .await
        .expect("a mail is claimed")
        .pop()
    {
        let mail = mail.mail.expect("the row is readable");
        let outcome = TransactionalOutcome {
            state: DeliveryState::Accepted,
            next_attempt_at: app.now(),
            turn_at: mail.turn_at,
            attempted: true,
            reply: "250 ok",
        };
        tx.record_transactional_mail(mail.id, app.app.node, &outcome, app.now())
            .await
            .expect("the outcome is recorded");
        order.push(mail.recipient);
    }
    tx.commit().await.expect("the transaction commits");
    assert_eq!(order.len(), 151);
    let place = order
        .iter()
        .position(|recipient| recipient.as_typed() == "ada@reader.example");
    assert!(place.is_some_and(|place| place < 125), "{order:?}");
}

impl TestApp {
    async fn queue_mail(&self, requester: &str, recipient: &str) {
        let now = self.now();
        let mut tx = self.app.store.write().await.expect("the database answers");
        let mail = TransactionalMail {
            id: TransactionalMailId(self.app.rng.uuid(now)),
            kind: MailKind::Notice,
            subscriber_id: None,
            recipient: EmailAddress::parse(recipient).expect("the address is valid"),
            reply_to: None,
            subject: "Please confirm".into(),
            html: "<p>Please confirm</p>".into(),
            text: "Please confirm".into(),
            links: MailLinks::None,
            requester: requester.into(),
            turn_at: now,
            attempts: 0,
            expires_at: now + TimeDelta::days(2),
            created_at: now,
        };
        tx.add_transactional_mail(&mail).await.expect("the mail is queued");
        tx.commit().await.expect("the transaction commits");
    }
}

#[apply(on_both_databases)]
async fn mails_are_leased_in_the_order_of_their_turns(app: TestApp) {
    for name in ["ada", "ben", "cai"] {
        app.queue_mail(name, &format!("{name}@reader.example")).await;
        app.advance(TimeDelta::seconds(1));
    }
    app.execute(
        "UPDATE transactional_mails SET turn_at = '2026-01-01T00:00:00+00:00' WHERE recipient = 'cai@reader.example'",
    )
    .await;
    let mut tx = app.app.store.write().await.expect("the database answers");
    let node = app.app.node;
    tx.heartbeat(node, None).await.expect("the heartbeat is stored");
    let leased = tx.lease_transactional_mails(node, app.now(), 10).await;
    tx.commit().await.expect("the transaction commits");
    let recipients: Vec<_> = leased
        .expect("the mails are leased")
        .into_iter()
        .map(|leased| leased.mail.expect("the row is intact").recipient.as_typed().to_owned())
        .collect();
    assert_eq!(
        recipients,
        ["cai@reader.example", "ada@reader.example", "ben@reader.example"]
    );
}
