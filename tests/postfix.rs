//! A real Postfix between the program and its readers: it gets the issue, cannot deliver it, and returns it to the listener.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use daywire::config::{Config, DatabaseUrl};
use daywire::domain::states::{IssueState, SuppressionReason};
use daywire::mail::relay::Relay;
use daywire::mail::server::{Stage, Verdict};
use daywire::store::bounces::Bounce;
use daywire::worker::Role;

use crate::returned_mail::suppression;
use crate::support::issues::{number, reply};
use crate::support::postfix::{Postfix, free_port};
use crate::support::postgres::Server;
use crate::support::program::{Program, Serving};
use crate::support::raw_smtp::RawSmtp;
use crate::support::reports::{program, return_path, set_return_path};
use crate::support::{Engine, TestApp, eventually};

/// How many readers their server refuses in each part of the test.
const PART: usize = 15;
const PARTS: usize = 3;
const READERS: usize = PART * PARTS + 5;
/// How long the database is unavailable.
const OUTAGE: Duration = Duration::from_secs(10);

/// Settings as `docs/reference/returned-mail.md` describes them, for the readers' server and the listener.
fn settings(readers: u16, intake: u16) -> String {
    format!(
        "relay_domains = reader.example, bounces.news.example\n\
         mydestination = news.example\n\
         alias_maps = inline:{{ bounce=root }}\n\
         recipient_delimiter = +\n\
         transport_maps = inline:{{ reader.example=smtp:[127.0.0.1]:{readers}, \
         bounces.news.example=lmtp:inet:127.0.0.1:{intake}, bounce@news.example=lmtp:inet:127.0.0.1:{intake} }}\n\
         smtpd_recipient_restrictions = check_recipient_access inline:{{ \
         bounces.news.example=reject_unverified_recipient, bounce@news.example=reject_unverified_recipient }}\n\
         unverified_recipient_reject_code = 550\n"
    )
}

/// The intake process, which the test kills and starts again.
struct Intake {
    program: Program,
    process: Option<Serving>,
}

impl Intake {
    async fn start(app: &TestApp, port: u16) -> Self {
        let program = program(app).with("DAYWIRE_INTAKE__LISTEN", &format!("127.0.0.1:{port}"));
        let mut intake = Self { program, process: None };
        intake.start_again().await;
        intake
    }

    async fn start_again(&mut self) {
        let process = self.program.serve_role("intake");
        process.intake().await;
        self.process = Some(process);
    }

    fn kill(&mut self) {
        self.process.take().expect("the process runs").kill();
    }
}

/// The database that stops.
enum Database {
    Sqlite,
    Postgres(Server),
}

impl Database {
    fn start(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::Sqlite,
            Engine::Postgres => Self::Postgres(Server::alone()),
        }
    }

    fn set(&self, config: &mut Config) {
        if let Self::Postgres(server) = self {
            let url = format!("postgres://postgres@{}/postgres", server.address());
            config.database.url = url.parse::<DatabaseUrl>().expect("the address is valid");
        }
    }

    /// Makes the database unavailable to every other process while `during` runs. Nobody can stop SQLite, but another process can lock it.
    async fn while_unavailable<F: Future<Output = ()>>(&self, app: &TestApp, during: F) {
        match self {
            Self::Sqlite => {
                let lock = app.app.store.write().await.expect("the database answers");
                during.await;
                drop(lock);
            }
            Self::Postgres(server) => {
                tokio::task::block_in_place(|| server.crash());
                during.await;
                tokio::task::block_in_place(|| server.start());
            }
        }
    }
}

async fn all_bounces(app: &TestApp) -> Vec<Bounce> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    tx.latest_bounces(1000).await.expect("they are listed")
}

/// Sends an issue by Postfix to readers who get it only after `released` was raised: until then their server defers them.
async fn send_by_postfix(app: &mut TestApp, released: &Arc<AtomicUsize>) {
    let released = Arc::clone(released);
    app.relay.answer(move |stage, transaction, _| match stage {
        Stage::Rcpt => {
            let reader = transaction.recipients.last().map_or(0, |recipient| number(recipient));
            if reader >= PART * PARTS {
                Verdict::Continue
            } else if reader < released.load(Ordering::SeqCst) {
                reply(550, "5.1.1 this reader is unknown")
            } else {
                reply(450, "4.2.0 come back later")
            }
        }
        _ => Verdict::Continue,
    });
    let daily = app.daily().await;
    app.readers(&daily, READERS).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
}

#[apply(with_postfix)]
async fn every_bounce_counts_once_although_the_database_stops_and_the_process_is_killed(engine: Engine) {
    let database = Database::start(engine);
    let (smtp_port, intake_port) = (free_port(), free_port());
    let mut app = TestApp::with(Engine::Sqlite, |config| {
        set_return_path(config);
        database.set(config);
        let relay = Relay::plain((Ipv4Addr::LOCALHOST, smtp_port).into());
        config.relays[0].url = Some(relay.expect("the address is valid"));
    })
    .await;
    let teardown = app.teardown();
    let postfix = Postfix::start(smtp_port, &settings(app.relay.address().port(), intake_port));
    let mut intake = Intake::start(&app, intake_port).await;
    let released = Arc::new(AtomicUsize::new(0));
    send_by_postfix(&mut app, &released).await;

    released.store(PART, Ordering::SeqCst);
    eventually("a bounce arrives", || async { !all_bounces(&app).await.is_empty() }).await;
    intake.kill();
    intake.start_again().await;

    database
        .while_unavailable(&app, async {
            let stopped = Instant::now();
            released.store(PART * 2, Ordering::SeqCst);
            eventually("Postfix gets a temporary refusal", || async {
                postfix.log().contains("451 4.3.0") && stopped.elapsed() >= OUTAGE
            })
            .await;
            intake.kill();
        })
        .await;
    intake.start_again().await;

    let before = all_bounces(&app).await.len();
    released.store(PART * 3, Ordering::SeqCst);
    eventually("more bounces arrive", || async {
        all_bounces(&app).await.len() > before
    })
    .await;
    intake.kill();
    intake.start_again().await;

    eventually("every bounce has arrived", || async {
        all_bounces(&app).await.len() >= PART * PARTS
    })
    .await;
    eventually("Postfix has nothing left to deliver", || async { postfix.is_done() }).await;
    let mut times: HashMap<Option<_>, usize> = HashMap::new();
    for bounce in all_bounces(&app).await {
        *times.entry(bounce.subscription_id).or_default() += 1;
    }
    assert_eq!(times.len(), PART * PARTS);
    assert!(
        times
            .iter()
            .all(|(subscription, times)| subscription.is_some() && *times == 1)
    );
    assert_eq!(app.rows("returned_mails").await.len(), PART * PARTS);
    for reader in 0..READERS {
        let suppressed = suppression(&app, &format!("reader{reader}@reader.example")).await;
        let is_refused = reader < PART * PARTS;
        assert_eq!(
            suppressed.map(|suppressed| suppressed.reason),
            is_refused.then_some(SuppressionReason::HardBounce)
        );
    }
    drop(postfix);
    intake.kill();
    teardown.finish().await;
}

#[apply(with_postfix)]
async fn a_postfix_in_front_refuses_forged_tags_itself(engine: Engine) {
    let (smtp_port, intake_port) = (free_port(), free_port());
    let mut app = TestApp::with(engine, |config| {
        set_return_path(config);
        config.intake.listen = Some((Ipv4Addr::LOCALHOST, intake_port).into());
    })
    .await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.restart(|config| config.intake.domain = Some("bounces.news.example".to_owned()))
        .await;
    app.serve_roles(&[Role::Intake]).await;
    let postfix = Postfix::start(smtp_port, &settings(app.relay.address().port(), intake_port));

    let by_mailbox = return_path(&app, "reader0@reader.example");
    let by_domain = by_mailbox
        .replace("bounce+", "")
        .replace("@news.example", "@bounces.news.example");
    let mut connection = RawSmtp::connect(postfix.address()).await;
    connection.ask("EHLO mx.example\r\n").await;
    connection.ask("MAIL FROM:<>\r\n").await;
    for valid in [&by_mailbox, &by_domain] {
        let reply = connection.ask(&format!("RCPT TO:<{valid}>\r\n")).await;
        assert!(reply.starts_with("250 "), "{reply}");
        let (start, end) = valid.split_at(20);
        let forged = format!("{start}x{}", &end[1..]).replace("xx", "yx");
        let reply = connection.ask(&format!("RCPT TO:<{forged}>\r\n")).await;
        assert!(
            reply.starts_with("550 5.1.1 ") && reply.contains("does not exist"),
            "{reply}"
        );
    }
    drop(postfix);
    teardown.finish().await;
}
