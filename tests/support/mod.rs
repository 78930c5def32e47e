//! What every story is told with: a whole Daywire on a database of its own, its site on a real socket, its mail by real
//! SMTP into a sink that does as it is told, and a clock that moves only when it is moved.

#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(missing_docs, reason = "a test says what it means")]

pub mod adversarial_relay;
pub mod dump;
pub mod feed_server;
pub mod feeds;
pub mod issues;
pub mod mock_relay;
pub mod network;
pub mod node;
pub mod postgres;
pub mod program;
pub mod signatures;
pub mod site;
pub mod views;

use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use daywire::app::App;
use daywire::clock::{Clock, Rng};
use daywire::config::{BackCatalogue, Config, DatabaseUrl};
use daywire::delivery::{control, report};
use daywire::digest::Compiled;
use daywire::digest::build::build;
use daywire::domain::address::EmailAddress;
use daywire::domain::ids::IssueId;
use daywire::domain::states::{DeliveryState, IssueState, SubscriptionState};
use daywire::feeds::guard::Allowed;
use daywire::feeds::parse::Entry;
use daywire::import::{Options, import};
use daywire::ingest::{Origin, store_entries};
use daywire::newsletter;
use daywire::store::Store;
use daywire::store::newsletters::Newsletter;
use daywire::store::subscriptions::Subscription;
use daywire::worker::{Role, Service};
use mock_relay::MockRelay;
use site::Site;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// How long a thing that must happen is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a test on SQLite and on PostgreSQL, as `#[apply(on_both_databases)] async fn name(app: TestApp)`. A test that needs
/// other settings takes `engine: Engine` and opens a [`TestApp`] itself.
///
/// What a test needs beside the program itself is in the name of its last part: `./test` runs those parts whose need is met, and
/// a plain `cargo test` shows them as ignored.
macro_rules! on_both_databases {
    ($(#[$meta:meta])* async fn $name:ident(mut $app:ident: TestApp) $(-> $output:ty)? $body:block) => {
        on_both_databases! { @app [$(#[$meta])*] $name [mut $app] [$(-> $output)?] $body }
    };
    ($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $(-> $output:ty)? $body:block) => {
        on_both_databases! { @app [$(#[$meta])*] $name [$app] [$(-> $output)?] $body }
    };
    ($(#[$meta:meta])* async fn $name:ident($engine:ident: Engine) $(-> $output:ty)? $body:block) => {
        on_both_databases! {
            @tests [$(#[$meta])*] $name [$(-> $output)?] {
                #[allow(clippy::too_many_lines, reason = "a test may follow a long course of events")]
                async fn run_on($engine: Engine) $(-> $output)? $body
            }
        }
    };
    (@app [$($meta:tt)*] $name:ident [$($app:tt)*] [$($output:tt)*] $body:block) => {
        on_both_databases! { @tests [$($meta)*] $name [$($output)*] {
            #[allow(clippy::too_many_lines, reason = "a test may follow a long course of events")]
            async fn run_with($($app)*: $crate::support::TestApp) $($output)* $body

            async fn run_on(engine: $crate::support::Engine) $($output)* {
                let app = $crate::support::TestApp::new(engine).await;
                let teardown = app.teardown();
                let result = run_with(app).await;
                teardown.finish().await;
                result
            }
        } }
    };
    (@tests [$($meta:tt)*] $name:ident [$($output:tt)*] { $($run:item)* }) => {
        mod $name {
            #[allow(unused_imports, reason = "a test may need nothing from outside")]
            use super::*;

            $($run)*

            $($meta)*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() $($output)* {
                run_on($crate::support::Engine::Sqlite).await
            }

            $($meta)*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs PostgreSQL: run ./test"]
            async fn on_postgres() $($output)* {
                run_on($crate::support::Engine::Postgres).await
            }
        }
    };
}

/// Runs a test that needs PostgreSQL, as `#[apply(on_postgres)] async fn name()`.
macro_rules! on_postgres {
    ($(#[$meta:meta])* async fn $name:ident() $body:block) => {
        mod $name {
            use super::*;

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs PostgreSQL: run ./test"]
            async fn on_postgres() $body
        }
    };
}

/// Runs a test that reads the test material, as `#[apply(with_corpora)] fn name()`.
macro_rules! with_corpora {
    ($($test:tt)*) => {
        test_with! { with_corpora "needs the folder of test material: set DAYWIRE_CORPORA and run ./test" $($test)* }
    };
}

/// Runs a test that reads the test material and shows pages in a browser.
macro_rules! with_chromium_and_corpora {
    ($($test:tt)*) => {
        test_with! {
            with_chromium_and_corpora "needs Chromium and the folder of test material: set DAYWIRE_CORPORA and run ./test" $($test)*
        }
    };
}

/// Runs a test that shows pages in a browser, as `#[apply(with_chromium)] fn name()`.
macro_rules! with_chromium {
    ($($test:tt)*) => {
        test_with! { with_chromium "needs Chromium: install it and run ./test" $($test)* }
    };
}

/// Runs a test that has dkimpy check signatures, as `#[apply(with_dkimpy)] fn name()`.
macro_rules! with_dkimpy {
    ($($test:tt)*) => {
        test_with! { with_dkimpy "needs Python with dkimpy and pynacl: run ./test" $($test)* }
    };
}

macro_rules! test_with {
    ($need:ident $reason:literal $(#[$meta:meta])* fn $name:ident() $body:block) => {
        mod $name {
            #[allow(unused_imports, reason = "a test may need nothing from outside")]
            use super::*;

            $(#[$meta])*
            #[test]
            #[ignore = $reason]
            fn $need() $body
        }
    };
    ($need:ident $reason:literal $(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block) => {
        mod $name {
            use super::*;

            async fn run_with($app: $crate::support::TestApp) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = $reason]
            async fn $need() {
                for engine in [$crate::support::Engine::Sqlite, $crate::support::Engine::Postgres] {
                    let app = $crate::support::TestApp::new(engine).await;
                    let teardown = app.teardown();
                    run_with(app).await;
                    teardown.finish().await;
                }
            }
        }
    };
}

/// The database that a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A Daywire under test. Nothing runs until it is told to: see [`TestApp::serve`].
pub struct TestApp {
    /// The program.
    pub app: Arc<App>,
    /// What the sink got, and how it answers.
    pub relay: Arc<MockRelay>,
    /// The site, once it is served.
    pub site: Option<Site>,
    shared: Arc<Shared>,
}

/// What must be taken down at the end, whoever still holds the rest.
struct Shared {
    app: Arc<App>,
    schema: Option<String>,
    folder: TempDir,
    stop: CancellationToken,
    services: tokio::sync::Mutex<Vec<Service>>,
    /// Further processes on the same database.
    others: Mutex<Vec<Arc<App>>>,
}

/// Ends the story: checks that nothing was left, and takes everything down.
pub struct Teardown(Arc<Shared>);

impl TestApp {
    /// With the usual settings.
    pub async fn new(engine: Engine) -> Self {
        Self::with(engine, |_| {}).await
    }

    /// With other settings.
    pub async fn with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        // Boxed: the settings are large, and every test's future would hold them.
        Box::pin(Self::open(engine, change)).await
    }

    async fn open(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().expect("a scratch folder");
        let (url, schema) = match engine {
            Engine::Sqlite => (DatabaseUrl::Sqlite(folder.path().join("test.db")), None),
            Engine::Postgres => {
                let server: DatabaseUrl = postgres::server().parse().expect("DAYWIRE_TEST_POSTGRES is an address");
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
        // What a feed holds already is news here; the stories about that say otherwise.
        config.feeds.back_catalogue = BackCatalogue::All;
        config.relays[0].url = Some(relay.as_relay());
        config.relays[0].connections = 4;
        change(&mut config);
        let start = DateTime::parse_from_rfc3339("2026-11-23T06:00:00Z")
            .expect("a time")
            .with_timezone(&Utc);
        let app = App::open(config, Clock::fixed(start), Rng::System)
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
            shared,
        }
    }

    /// Another process on the same database, with the same clock and relay.
    pub async fn another(&self) -> Self {
        self.another_by(Rng::System).await
    }

    /// [`another`](Self::another) with its own generator.
    pub async fn another_by(&self, rng: Rng) -> Self {
        let app = App::open(self.app.config.clone(), self.app.clock.clone(), rng)
            .await
            .expect("the program opens again");
        let others = &self.shared.others;
        others.lock().expect("no test panicked here").push(Arc::clone(&app));
        Self {
            app,
            relay: Arc::clone(&self.relay),
            site: None,
            shared: Arc::clone(&self.shared),
        }
    }

    /// What takes it down.
    pub fn teardown(&self) -> Teardown {
        Teardown(Arc::clone(&self.shared))
    }

    /// A scratch folder that goes with the story.
    pub fn folder(&self) -> &Path {
        self.shared.folder.path()
    }

    /// The address of this story's database, for a process of its own.
    pub fn database_url(&self) -> String {
        match (&self.shared.schema, std::env::var("DAYWIRE_TEST_POSTGRES")) {
            (Some(schema), Ok(server)) => {
                let joint = if server.contains('?') { '&' } else { '?' };
                format!("{server}{joint}options[search_path]={schema}")
            }
            _ => self.app.config.database.url.to_string(),
        }
    }

    /// Runs the whole service.
    pub async fn serve(&mut self) -> &Site {
        self.serve_roles(&[Role::Web, Role::Scheduler, Role::Fetcher, Role::Sender])
            .await;
        self.site.as_ref().expect("the site is served")
    }

    /// Runs parts of the service.
    pub async fn serve_roles(&mut self, roles: &[Role]) {
        let service = Service::start(&self.app, &roles.iter().copied().collect())
            .await
            .expect("the service starts");
        self.site = service.http.map(Site::at);
        self.shared.services.lock().await.push(service);
    }

    /// Runs the site and nothing else: what is asked of it changes nothing by itself later.
    pub async fn serve_site(&mut self) -> Site {
        self.serve_roles(&[Role::Web]).await;
        self.site().clone()
    }

    /// Ends what is served, by every process, in order, as SIGTERM does.
    pub async fn stop_serving(&self) {
        self.shared.stop_serving().await;
    }

    /// Starts the program anew on the same database, with other settings. Nothing runs until it is told to.
    pub async fn restart(&mut self, change: impl FnOnce(&mut Config)) {
        self.stop_serving().await;
        let mut config = self.app.config.clone();
        change(&mut config);
        self.app = App::open(config, self.app.clock.clone(), Rng::System)
            .await
            .expect("the program opens again");
    }

    /// The site that is served.
    pub fn site(&self) -> &Site {
        self.site.as_ref().expect("`serve` was called")
    }

    /// What time it is here.
    pub fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    /// Moves the clock on.
    pub fn advance(&self, by: TimeDelta) {
        self.app.clock.advance(by);
    }

    /// A newsletter from its TOML.
    pub async fn apply(&self, toml: &str) -> Newsletter {
        let file = newsletter::parse(toml).expect("the newsletter's file is right");
        newsletter::apply(&self.app, &file).await.expect("it is applied").0
    }

    /// The newsletter `daily`, on demand.
    pub async fn daily(&self) -> Newsletter {
        self.apply("slug = \"daily\"\nname = \"Daily Broadcast\"").await
    }

    /// So many articles arrive for a newsletter, a second ago.
    pub async fn articles(&self, newsletter: &Newsletter, count: usize) {
        let entries: Vec<Entry> = (0..count)
            .map(|n| entry(&format!("{}-{n}", self.now().timestamp())))
            .collect();
        let origin = Origin {
            feed: None,
            scope: "test".into(),
            source_name: "Test Wire".into(),
            newsletters: vec![newsletter.id],
            full_text: true,
        };
        store_entries(&self.app, &origin, &entries)
            .await
            .expect("articles are stored");
        self.advance(TimeDelta::seconds(1));
    }

    /// So many confirmed readers, `reader0@reader.example` and on.
    pub async fn readers(&self, newsletter: &Newsletter, count: usize) {
        self.readers_at(newsletter, "reader.example", count).await;
    }

    /// The same at another domain.
    pub async fn readers_at(&self, newsletter: &Newsletter, domain: &str, count: usize) {
        let csv: String = std::iter::once("email".to_owned())
            .chain((0..count).map(|n| format!("reader{n}@{domain}")))
            .collect::<Vec<_>>()
            .join("\n");
        let options = Options {
            confirmed: true,
            provenance: Some("the test says so".into()),
            ..Options::default()
        };
        let report = import(&self.app, newsletter, std::io::Cursor::new(csv), &options)
            .await
            .expect("readers are imported");
        assert_eq!(report.added, count);
    }

    /// What an address is subscribed to, or was, by the newsletters' slugs.
    pub async fn subscriptions(&self, address: &str) -> Vec<Subscription> {
        let address = EmailAddress::parse(address).expect("an address");
        let mut tx = self.app.store.read().await.expect("the database answers");
        match tx.subscriber_by_address(&address).await.expect("an answer") {
            Some(subscriber) => tx.subscriptions_of(subscriber.id).await.expect("an answer"),
            None => Vec::new(),
        }
    }

    /// Where an address stands in the first of its newsletters.
    pub async fn standing(&self, address: &str) -> Option<SubscriptionState> {
        self.subscriptions(address).await.first().map(|there| there.state)
    }

    /// A draft of what waits.
    pub async fn build(&self, newsletter: &Newsletter) -> IssueId {
        let compiled = build(&self.app, newsletter.id, self.now(), None).await;
        match compiled.expect("it compiles") {
            Compiled::Issue(draft) => draft.issue.id,
            Compiled::Nothing(reason) => panic!("nothing to send: {reason}"),
        }
    }

    /// An issue's state.
    pub async fn state(&self, id: IssueId) -> IssueState {
        control::find(&mut self.app.store.read().await.expect("the database answers"), id)
            .await
            .expect("an issue")
            .state
    }

    /// How many deliveries of an issue are in a state.
    pub async fn count(&self, id: IssueId, state: DeliveryState) -> i64 {
        report::count(&self.app, id).await.expect("a count")[&state]
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
    /// Checks that no delivery was left queued, and takes everything down.
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
            .expect("issues");
        for issue in issues.iter().filter(|issue| issue.state != IssueState::Paused) {
            let counts = report::count(&shared.app, issue.id).await.expect("a count");
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
        if let Some(schema) = &shared.schema {
            shared
                .app
                .store
                .drop_schema(schema)
                .await
                .expect("the schema can be dropped");
        }
        shared.app.store.close().await;
    }
}

/// An entry of its own.
pub fn entry(mark: &str) -> Entry {
    Entry {
        id: Some(format!("guid-{mark}")),
        title: format!("Transmission {mark}"),
        own_title: format!("Transmission {mark}"),
        url: Some(format!("https://wire.example/{mark}")),
        own_link: None,
        published: None,
        summary: format!("What happened in {mark}."),
        content_html: format!("<p>What happened in {mark}.</p>"),
        authors: vec!["Ada".into()],
        category: Some("Test".into()),
        language: None,
        image: None,
    }
}

/// Waits until something is so.
pub async fn eventually<F, W>(what: &str, mut is_so: F)
where
    F: FnMut() -> W,
    W: Future<Output = bool>,
{
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(
            tokio::time::Instant::now() < deadline,
            "it did not happen in time: {what}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A folder of the test material.
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
