//! Sign-ups that wait at the same time are stored by one transaction, and each is stored as if it were alone.

use daywire::signup::{SignupError, Signups};
use daywire::store::Store;
use futures_util::future::join_all;

use crate::support::readers::request_by_program;
use crate::support::{Engine, TestApp};

/// Signs up the addresses at the same time.
async fn sign_up(signups: &Signups, emails: impl Iterator<Item = String>) -> Vec<Result<(), SignupError>> {
    join_all(emails.map(|email| signups.request(request_by_program(&email)))).await
}

fn reader(number: usize) -> String {
    format!("reader{number}@reader.example")
}

#[apply(on_postgres)]
async fn requests_that_wait_are_stored_by_few_transactions() {
    let app = TestApp::new(Engine::Postgres).await;
    let teardown = app.teardown();
    app.daily().await;
    let signups = Signups::new(&app.app);
    for answer in sign_up(&signups, (0..200).map(reader)).await {
        answer.expect("the request is stored");
    }
    let Store::Postgres(cluster) = &app.app.store else {
        panic!("the test runs on PostgreSQL")
    };
    let transactions = sqlx::query_as("SELECT count(DISTINCT xmin::text), count(*) FROM subscribers");
    let (transactions, subscribers): (i64, i64) = transactions
        .fetch_one(&cluster.pool())
        .await
        .expect("the query succeeds");
    assert_eq!(subscribers, 200);
    assert!(transactions <= 20, "{transactions} transactions stored 200 requests");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_damaged_row_fails_only_its_own_request(app: TestApp) {
    app.daily().await;
    let signups = Signups::new(&app.app);
    for answer in sign_up(&signups, [7, 20].into_iter().map(reader)).await {
        answer.expect("the request is stored");
    }
    app.execute(
        "UPDATE subscriptions SET state = 'damaged' WHERE subscriber_id = \
         (SELECT id FROM subscribers WHERE address = 'reader7@reader.example')",
    )
    .await;
    let answers = sign_up(&signups, (0..33).map(reader)).await;
    for (number, answer) in answers.into_iter().enumerate() {
        match answer {
            Err(SignupError::Store(error)) if number == 7 => {
                assert!(error.to_string().contains("damaged"), "{error}");
            }
            answer => answer.expect("the row of another address is damaged"),
        }
    }
    assert_eq!(app.rows("subscribers").await.len(), 33);
}

#[apply(on_both_databases)]
async fn a_request_that_is_given_up_does_not_end_the_others(app: TestApp) {
    app.daily().await;
    let signups = Signups::new(&app.app);
    let requests = (0..20).map(|number| {
        let signups = signups.clone();
        tokio::spawn(async move { signups.request(request_by_program(&reader(number))).await })
    });
    for (number, request) in requests.collect::<Vec<_>>().into_iter().enumerate() {
        if number % 5 == 0 {
            request.abort();
            continue;
        }
        let stored = request.await.expect("the request does not panic");
        stored.expect("the request is stored");
    }
}

#[apply(on_both_databases)]
async fn two_processes_store_the_same_addresses_once(app: TestApp) {
    app.daily().await;
    let other = app.another().await;
    let (here, there) = (Signups::new(&app.app), Signups::new(&other.app));
    // Each address three times in each process, in another order.
    let addresses = |step: usize| (0..150).map(move |number| reader(number * step % 50));
    let (one, two) = tokio::join!(sign_up(&here, addresses(7)), sign_up(&there, addresses(11)));
    for answer in one.into_iter().chain(two) {
        answer.expect("the request is stored");
    }
    for table in ["subscribers", "subscriptions", "transactional_mails", "consent_records"] {
        assert_eq!(app.rows(table).await.len(), 50, "{table}");
    }
}

#[apply(on_both_databases)]
async fn requests_of_one_batch_share_the_limits(mut app: TestApp) {
    app.restart(|config| config.signup.limits.per_domain_per_hour = 7).await;
    app.daily().await;
    let signups = Signups::new(&app.app);
    let answers = sign_up(&signups, (0..30).map(reader)).await;
    let stored = answers.iter().filter(|answer| answer.is_ok()).count();
    let refused = answers
        .iter()
        .filter(|answer| matches!(answer, Err(SignupError::TooMany)));
    assert_eq!((stored, refused.count()), (7, 23));
    assert_eq!(app.rows("subscribers").await.len(), 7);
}
