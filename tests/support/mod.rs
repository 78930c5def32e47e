//! What the tests share: [`TestApp`] is a whole Daywire with a database of its own.
//!
//! Its site listens on a real socket, and its mail goes by real SMTP to a [`MockRelay`]. Its clock moves only when the test
//! advances it.

#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(missing_docs, reason = "the names in tests say what they mean")]

// `on_both_databases`, `on_postgres`, `with_corpora`, `with_chromium`, `with_browser`, `with_dkimpy`, `with_openmetrics`, `with_promtool`, `with_schemathesis`, `with_dovecot`
// and `with_postfix`.
#[macro_use]
mod macros;

pub mod adversarial_relay;
pub mod api;
pub mod articles;
pub mod authenticator;
pub mod browser_script;
pub mod dns_server;
pub mod dovecot;
pub mod dump;
pub mod empty_database;
pub mod feed_proxy;
pub mod feed_server;
pub mod feeds;
pub mod identity_provider;
pub mod issues;
pub mod mock_relay;
pub mod network;
pub mod node;
pub mod oauth_relay;
pub mod operators;
pub mod postfix;
pub mod postgres;
pub mod program;
pub mod raw_smtp;
pub mod readers;
pub mod relay_rules;
pub mod reports;
pub mod routes;
pub mod sender;
pub mod signatures;
pub mod site;
pub mod source_tree;
pub mod tls;
pub mod views;
pub mod webhook_receiver;
pub mod webhooks;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use daywire::app::App;
use daywire::clock::{Clock, Rng};
use daywire::config::{BackCatalogue, Config, DatabaseUrl};
use daywire::delivery::report;
use daywire::domain::address::EmailAddress;
use daywire::domain::ids::IssueId;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::feeds::guard::Allowed;
use daywire::mail::SmtpAddress;
use daywire::newsletter;
use daywire::store::Store;
use daywire::store::newsletters::Newsletter;
use daywire::worker::{Role, Service};
use mock_relay::MockRelay;
use site::Site;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

pub use articles::entry;

pub fn smtp_address(text: &str) -> SmtpAddress {
    text.parse().expect("an address")
}

/// How long [`eventually`] waits before the test fails.
const WAIT_TIMEOUT: Duration = Duration::from_secs(30);

/// The database that a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A Daywire under test. No part of the service runs before [`TestApp::serve`].
pub struct TestApp {
    pub app: Arc<App>,
    pub relay: Arc<MockRelay>,
    /// `None` until the test serves the site.
    pub site: Option<Site>,
    /// Where the listener for returned mail listens, if the test started it.
    pub intake: Option<SocketAddr>,
    shared: Arc<Shared>,
}

/// What [`Teardown`] closes at the end of a test, after the [`TestApp`] was dropped.
struct Shared {
    app: Arc<App>,
    schema: Option<String>,
    folder: TempDir,
    stop: CancellationToken,
    services: tokio::sync::Mutex<Vec<Service>>,
    /// The other processes on the same database.
    others: Mutex<Vec<Arc<App>>>,
}

/// Ends a test: fails if a delivery is still open, then stops the service and drops the database.
pub struct Teardown(Arc<Shared>);

impl TestApp {
    /// Opens the program with the settings that most tests use.
    pub async fn new(engine: Engine) -> Self {
        Self::with(engine, |_| {}).await
    }

    /// [`new`](Self::new) with changed settings.
    pub async fn with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        // Boxed: the settings are large, and every test's future would hold them.
        Box::pin(Self::open(engine, change)).await
    }

    async fn open(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().expect("a scratch folder can be made");
        let (url, schema) = match engine {
            Engine::Sqlite => (DatabaseUrl::Sqlite(folder.path().join("test.db")), None),
            Engine::Postgres => {
                let server: DatabaseUrl = postgres::server()
                    .parse()
                    .expect("DAYWIRE_TEST_POSTGRES is a database address");
                let schema = format!("test_{:032x}", u128::from_be_bytes(Rng::System.bytes()));
                let mut config = Config::default();
                config.database.url = server.clone();
                config.database.connections = 2;
                let store = Store::open(&config.database.store_options())
                    .await
                    .expect("the test server answers");
                store.create_schema(&schema).await.expect("a schema can be made");
                store.close().await;
                (server.in_schema(&schema), Some(schema))
            }
        };
        let stop = CancellationToken::new();
        let relay = MockRelay::open(stop.clone()).await;
        let mut config = Config::default();
        config.database.url = url;
        config.database.connections = 4;
        config.http.listen = "127.0.0.1:0".parse().expect("an address");
        config.site.url = "https://news.example".parse().expect("an address");
        config.mail.from = "Daywire <news@news.example>".parse().expect("a mailbox");
        // Publishers' servers are on loopback here.
        config.feeds.allow = vec![Allowed::parse("127.0.0.0/8").expect("a network")];
        // The first fetch of a feed brings all its articles. Tests of the back catalogue set this otherwise.
        config.feeds.back_catalogue = BackCatalogue::All;
        config.relays[0].url = Some(relay.as_relay());
        config.relays[0].connections = 4;
        // The clock moves only when a test advances it, so every form is sent at the time at which it was made.
        config.signup.form_min_age = Duration::ZERO;
        change(&mut config);
        let start = utc("2026-11-23T06:00:00Z");
        let app = Box::pin(App::open(config, Clock::fixed(start), Rng::System))
            .await
            .expect("the program opens");
        let shared = Arc::new(Shared {
            app: Arc::clone(&app),
            schema,
            folder,
            stop,
            services: tokio::sync::Mutex::default(),
            others: Mutex::default(),
        });
        Self {
            app,
            relay,
            site: None,
            intake: None,
            shared,
        }
    }

    /// Opens another process on the same database, with the same clock and relay.
    pub async fn another(&self) -> Self {
        self.another_by(Rng::System).await
    }

    /// [`another`](Self::another) with a random generator of its own.
    pub async fn another_by(&self, rng: Rng) -> Self {
        let app = Box::pin(App::open(self.app.config.clone(), self.app.clock.clone(), rng))
            .await
            .expect("the program opens again");
        let others = &self.shared.others;
        others.lock().expect("no test panicked here").push(Arc::clone(&app));
        Self {
            app,
            relay: Arc::clone(&self.relay),
            site: None,
            intake: None,
            shared: Arc::clone(&self.shared),
        }
    }

    pub fn teardown(&self) -> Teardown {
        Teardown(Arc::clone(&self.shared))
    }

    /// A scratch folder that is removed after the test.
    pub fn folder(&self) -> &Path {
        self.shared.folder.path()
    }

    /// The schema of the test on PostgreSQL.
    pub fn schema(&self) -> Option<&str> {
        self.shared.schema.as_deref()
    }

    /// The address of the test's database, for a process that the test starts.
    pub fn database_url(&self) -> String {
        match (&self.shared.schema, std::env::var("DAYWIRE_TEST_POSTGRES")) {
            (Some(schema), Ok(server)) => {
                let joint = if server.contains('?') { '&' } else { '?' };
                format!("{server}{joint}options[search_path]={schema}")
            }
            _ => self.app.config.database.url.to_string(),
        }
    }

    /// Starts the whole service.
    pub async fn serve(&mut self) -> &Site {
        self.serve_roles(&[Role::Web, Role::Scheduler, Role::Fetcher, Role::Sender])
            .await;
        self.site.as_ref().expect("the site is served")
    }

    /// Starts parts of the service.
    pub async fn serve_roles(&mut self, roles: &[Role]) {
        let service = Service::start(&self.app, &roles.iter().copied().collect())
            .await
            .expect("the service starts");
        self.site = service.http.map(Site::at);
        self.intake = service.intake;
        self.shared.services.lock().await.push(service);
    }

    /// Starts the site alone, so that no background task changes the database.
    pub async fn serve_site(&mut self) -> Site {
        self.serve_roles(&[Role::Web]).await;
        self.site().clone()
    }

    /// Stops every service of every process as SIGTERM does: work in progress ends first.
    pub async fn stop_serving(&self) {
        self.shared.stop_serving().await;
    }

    /// Stops the service and opens the program again on the same database, with changed settings.
    pub async fn restart(&mut self, change: impl FnOnce(&mut Config)) {
        self.stop_serving().await;
        let mut config = self.app.config.clone();
        change(&mut config);
        self.app = Box::pin(App::open(config, self.app.clock.clone(), Rng::System))
            .await
            .expect("the program opens again");
    }

    /// The site; the test must have started it.
    pub fn site(&self) -> &Site {
        self.site.as_ref().expect("`serve` was called")
    }

    /// The time of the program's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    pub fn advance(&self, by: TimeDelta) {
        self.app.clock.advance(by);
    }

    /// Advances the clock to a time in RFC 3339.
    pub fn advance_to(&self, time: &str) {
        self.advance(utc(time) - self.now());
    }

    /// Creates or changes a newsletter by its TOML file.
    pub async fn apply(&self, toml: &str) -> Newsletter {
        let file = newsletter::parse(toml).expect("the newsletter's file is valid");
        let applied = newsletter::apply(&self.app, &file).await;
        applied.expect("the newsletter is applied").0
    }

    /// The newsletter `daily`, which has no schedule.
    pub async fn daily(&self) -> Newsletter {
        self.apply("slug = \"daily\"\nname = \"Daily Broadcast\"").await
    }

    pub async fn state(&self, id: IssueId) -> IssueState {
        self.issue(id).await.state
    }

    /// The number of an issue's deliveries in a state.
    pub async fn count(&self, id: IssueId, state: DeliveryState) -> i64 {
        report::count(&self.app, id).await.expect("the deliveries are counted")[&state]
    }

    /// Waits until an issue is in a state.
    pub async fn until(&self, id: IssueId, state: IssueState) {
        eventually(&format!("issue is {state}"), || async { self.state(id).await == state }).await;
    }
}

impl Shared {
    async fn stop_serving(&self) {
        let mut services = self.services.lock().await;
        futures_util::future::join_all(services.drain(..).map(Service::stop)).await;
    }
}

impl Teardown {
    /// Fails if an issue that is not paused still has open deliveries; then closes everything.
    pub async fn finish(self) {
        let shared = self.0;
        shared.stop_serving().await;
        let issues = shared
            .app
            .store
            .read()
            .await
            .expect("the database answers")
            .issues(None, 1000)
            .await
            .expect("the issues are listed");
        for issue in issues.iter().filter(|issue| issue.state != IssueState::Paused) {
            let counts = report::count(&shared.app, issue.id)
                .await
                .expect("the deliveries are counted");
            let open: i64 = counts
                .iter()
                .filter(|(state, _)| state.is_open())
                .map(|(_, count)| count)
                .sum();
            assert_eq!(
                open, 0,
                "issue {} ({}) was left with open deliveries",
                issue.number, issue.state
            );
        }
        shared.stop.cancel();
        let others = std::mem::take(&mut *shared.others.lock().expect("no test panicked here"));
        for other in others {
            other.store.close().await;
        }
        // Closing waits for transactions of tasks that were given up. A schema that they still use could not be dropped.
        shared.app.store.close().await;
        if let Some(schema) = &shared.schema {
            let store = Store::open(&shared.app.config.database.store_options())
                .await
                .expect("the database can be opened");
            store.drop_schema(schema).await.expect("the schema can be dropped");
            store.close().await;
        }
    }
}

/// A time in RFC 3339.
pub fn utc(time: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(time)
        .expect("the time is in RFC 3339")
        .to_utc()
}

/// Sends the operators' notices to `desk@news.example`.
pub fn notify_desk(config: &mut Config) {
    config.operators.notify = vec![EmailAddress::parse("desk@news.example").expect("the address is valid")];
}

/// Waits until `condition` holds; `what` says in a failure what did not happen.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + WAIT_TIMEOUT;
    while !condition().await {
        assert!(
            tokio::time::Instant::now() < deadline,
            "did not happen within {} s: {what}",
            WAIT_TIMEOUT.as_secs()
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A folder of the test material, which is not part of this repository.
pub fn corpora(name: &str) -> std::path::PathBuf {
    let folder = std::env::var_os("DAYWIRE_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"),
        Into::into,
    );
    let folder = folder.join(name);
    assert!(
        folder.exists(),
        "{} is missing; DAYWIRE_CORPORA names another folder",
        folder.display()
    );
    folder
}
