//! A damaged row fails alone: the other rows of the same query are processed, and the error names the row.

use daywire::domain::states::{DeliveryState, IssueState};
use daywire::worker::Role;

use crate::support::eventually;

#[apply(on_both_databases)]
async fn a_damaged_address_rejects_only_its_own_delivery(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 6).await;
    let issue = app.send(&daily).await;
    app.execute("UPDATE subscribers SET address = 'damaged' WHERE address = 'reader3@reader.example'")
        .await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let report = app.delivery_report(issue).await;
    assert_eq!(report.deliveries[&DeliveryState::Accepted], 5);
    assert_eq!(report.deliveries[&DeliveryState::Rejected], 1);
    let deliveries = app.rows("deliveries").await;
    let rejected: Vec<_> = deliveries.iter().filter(|row| row.contains("rejected")).collect();
    assert_eq!(rejected.len(), 1);
    assert!(
        rejected[0].contains("address cannot be mailed: the address has no @ sign"),
        "{}",
        rejected[0]
    );
}

#[apply(on_both_databases)]
async fn a_damaged_transactional_mail_does_not_keep_the_others_from_being_sent(mut app: TestApp) {
    app.daily().await;
    app.serve_site().await;
    for (name, damage) in [
        (
            "ada",
            "UPDATE transactional_mails SET recipient = 'damaged' WHERE recipient = 'ada@reader.example'",
        ),
        (
            "ben",
            "UPDATE transactional_mails SET kind = 'damaged' WHERE recipient = 'ben@reader.example'",
        ),
        (
            "cai",
            "UPDATE transactional_mails SET token_nonce = NULL WHERE recipient = 'cai@reader.example'",
        ),
    ] {
        let address = format!("{name}@reader.example");
        app.site().post("/subscribe", &[("email", &address)]).await;
        app.execute(damage).await;
    }
    app.site().post("/subscribe", &[("email", "dora@reader.example")]).await;
    app.stop_serving().await;
    app.serve().await;
    app.relay.link_for("dora@reader.example", "/confirm/").await;
    eventually("no mail waits", || async {
        let mails = app.rows("transactional_mails").await;
        mails
            .iter()
            .all(|mail| !mail.contains("queued") && !mail.contains("sending"))
    })
    .await;
    let mails = app.rows("transactional_mails").await;
    for reason in [
        "the address has no @ sign",
        "is none of confirmation",
        "the columns for the links",
    ] {
        let says_why = |mail: &&String| mail.contains(reason) && mail.contains("TransactionalMailRow");
        let failed = mails.iter().filter(says_why).filter(|mail| mail.contains("rejected"));
        assert_eq!(failed.count(), 1, "{reason}: {mails:#?}");
    }
}
