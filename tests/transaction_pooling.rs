//! PostgreSQL behind a pooler: what may stay from one transaction to the next.

use daywire::config::Pooling;
use daywire::domain::states::IssueState;
use daywire::store::Store;
use daywire::worker::Role;

use crate::support::{Engine, TestApp};

#[apply(on_postgres)]
async fn with_transaction_pooling_no_statement_stays_prepared() {
    let prepared = prepared_after_an_issue(Pooling::Transaction).await;
    assert_eq!(prepared, 0);
}

#[apply(on_postgres)]
async fn with_session_pooling_statements_stay_prepared() {
    let prepared = prepared_after_an_issue(Pooling::Session).await;
    assert!(prepared > 0);
}

/// How many statements the connections have prepared, once an issue was sent over them.
async fn prepared_after_an_issue(pooling: Pooling) -> i64 {
    let mut app = TestApp::with(Engine::Postgres, |config| config.database.pooling = pooling).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
    let Store::Postgres(cluster) = &app.app.store else {
        unreachable!("it is PostgreSQL")
    };
    let pool = cluster.pool();
    let mut connections = Vec::new();
    let mut prepared = 0;
    for _ in 0..pool.size() {
        let mut connection = pool.acquire().await.expect("a connection can be made");
        let row = sqlx::raw_sql("SELECT count(*) FROM pg_prepared_statements")
            .fetch_one(&mut *connection)
            .await;
        prepared += sqlx::Row::get::<i64, _>(&row.expect("the database answers"), 0);
        connections.push(connection);
    }
    drop(connections);
    teardown.finish().await;
    prepared
}
