//! Export and erasure: everything on record about a person comes out, and after an erasure nothing of it is left anywhere.

use std::fs;

use chrono::TimeDelta;
use daywire::delivery::report::delivery_report;
use daywire::domain::address::EmailAddress;
use daywire::domain::ids::IssueId;
use daywire::domain::states::{DeliveryState, IssueState, SubscriptionState};
use daywire::mail::server::{Stage, Verdict};
use daywire::store::Store;
use daywire::store::personal_data::PERSONAL_TABLES;
use daywire::worker::Role;
use reqwest::StatusCode;
use serde_json::Value;

use crate::support::issues::reply;
use crate::support::mock_relay::{link, text};
use crate::support::operators::actor;
use crate::support::program::{Program, Serving};
use crate::support::reports::{complaint, program, report, return_path};
use crate::support::site::Site;
use crate::support::{Engine, TestApp, eventually};

const ADA: &str = "Ada.Byron@reader.example";
const ADA_KEY: &str = "ada.byron@reader.example";
const NAME: &str = "Ada Byron Lovelace";
const EVE: &str = "eve@reader.example";

/// Tables that have no data about readers.
const OTHER_TABLES: &[&str] = &[
    "_sqlx_migrations",
    // Hashes of editions.
    "approved_editions",
    "article_edits",
    "article_keys",
    "article_markdown",
    "article_redirects",
    "articles",
    // What it says about readers is masked.
    "audit_log",
    "corrections",
    "daily_counts",
    // Names and versions of templates.
    "failed_templates",
    "feed_hosts",
    "feeds",
    // Ids of subscriptions and mails, which are forgotten after a few days.
    "intake_budgets",
    "intake_counts",
    "issue_corrections",
    "issue_domains",
    // Hashes of requests to the API, and answers without a reader's address.
    "idempotency_keys",
    "issue_inputs",
    "issue_stories",
    "issue_totals",
    "issues",
    "newsletter_articles",
    "newsletter_feeds",
    "newsletters",
    "nodes",
    "operator_challenges",
    // Accounts of operators at the identity provider.
    "operator_identities",
    "operator_links",
    "operator_passkeys",
    "operator_recovery_codes",
    "operator_sessions",
    "operator_tokens",
    "operators",
    "polled_mailboxes",
    "rate_alerts",
    // Articles and issues.
    "search_documents",
    "search_rebuilds",
    // Keyed hashes of networks and domains.
    "rate_limits",
    "runs",
    "signing_keys",
    "signup_counts",
    "site_revision",
    // Keyed hashes of tokens of forms.
    "spent_tokens",
    // Exported with the rows that refer to them, and searched by an erasure.
    "texts",
    "daily_caps",
    // Addresses of other programs, and their encrypted secrets.
    "webhook_endpoints",
    // Hashes of the tokens of mail providers' requests.
    "webhook_nonces",
    // Addresses of relays.
    "token_notices",
];

#[apply(on_both_databases)]
async fn every_table_is_known_to_have_data_about_readers_or_not(app: TestApp) {
    let personal = PERSONAL_TABLES.iter().map(|table| table.name);
    let mut known: Vec<_> = personal.chain(OTHER_TABLES.iter().copied()).collect();
    known.sort_unstable();
    let dump = app.dump().await;
    // The index of the search has tables of its own on SQLite.
    let tables = dump.keys().map(String::as_str);
    let existing: Vec<_> = tables.filter(|table| !table.starts_with("search_words")).collect();
    assert_eq!(existing, known, "left: the tables of the database");
}

/// A site on which Ada and Eve subscribe, read and come back as bounces. It runs as a process, so that its log can be searched.
struct History {
    app: TestApp,
    program: Program,
    serving: Serving,
    site: Site,
    issues: Vec<IssueId>,
}

impl History {
    async fn of(engine: Engine) -> Self {
        let app = TestApp::with(engine, crate::support::reports::set_return_path).await;
        let program = program(&app)
            .with("DAYWIRE_LOG__LEVEL", "debug")
            .with("DAYWIRE_COMMENTS__PROVIDER", "builtin")
            .with("DAYWIRE_DELIVERY__RETRY_AFTER", "1h");
        let newsletter = program.file("daily.toml", "slug = \"daily\"\nname = \"Daily Broadcast\"");
        program.ok(&["newsletter", "apply", &newsletter]);
        let serving = program.serve();
        let site = serving.site().await;
        let mut history = Self {
            app,
            program,
            serving,
            site,
            issues: Vec::new(),
        };
        history.sign_up(ADA, NAME).await;
        history.sign_up(EVE, "Eve").await;
        history.send("first").await;
        let settings = history.app.settings_path(ADA).await;
        let form = [("cadence", "every"), ("timezone", "Asia/Tokyo")];
        let saved = history.site.post_and_follow(&settings, &form).await;
        assert_eq!(saved.status, StatusCode::OK);
        history.comment().await;
        history.bounce();
        // The second issue is deferred for Ada, with a reply that names her.
        history.app.relay.answer(|stage, transaction, _| {
            let to = transaction.recipients.last().map(String::as_str).unwrap_or_default();
            if stage == Stage::Rcpt && to.eq_ignore_ascii_case(ADA) {
                reply(450, &format!("4.2.1 <{to}> {NAME} is busy"))
            } else {
                Verdict::Continue
            }
        });
        history.send("second").await;
        history
    }

    async fn sign_up(&self, address: &str, name: &str) {
        let form = [("email", address), ("name", name), ("timezone", "Europe/Berlin")];
        let before = self.app.relay.received_for(address).len();
        self.site.post("/subscribe", &form).await;
        eventually("the confirmation mail came", || async {
            self.app.relay.received_for(address).len() > before
        })
        .await;
        let link = self.link_in_last_mail(address, "/confirm/");
        assert_eq!(self.site.post(&link, &[]).await.status, StatusCode::OK);
    }

    /// Ada comments on the newest article, and signs with her name and her address.
    async fn comment(&self) {
        let article = self.app.newest_article().await.public_id;
        self.site
            .post("/comments/link", &[("email", ADA), ("article", &article)])
            .await;
        let link = self.app.relay.link_for(ADA, "/comment/").await;
        let comment = [("name", NAME), ("text", &*format!("Write to {ADA}"))];
        assert_eq!(self.site.post(&link, &comment).await.status, StatusCode::SEE_OTHER);
    }

    fn link_in_last_mail(&self, address: &str, path: &str) -> String {
        let received = self.app.relay.received_for(address);
        let last = received.last().expect("the reader got a mail");
        link(&text(&last.bytes), path).expect("the mail has the link")
    }

    /// Publishes an article and sends an issue with it to Eve, and to Ada if the relay lets it.
    async fn send(&mut self, headline: &str) {
        let article = format!("---\ntitle: The {headline} article\n---\nIts text.\n");
        let article = self.program.file(&format!("{headline}.md"), article);
        self.program.ok(&["article", "add", &article, "--newsletter", "daily"]);
        let built = self.program.json(&["issue", "build", "--newsletter", "daily"]);
        let id = built["id"].as_str().expect("an issue was built").to_owned();
        let before = self.app.relay.received_for(EVE).len();
        self.program.ok(&["issue", "send", &id]);
        let issue: IssueId = id.parse().expect("an id");
        eventually("the issue was tried for both readers", || async {
            let deliveries = self.app.deliveries(issue).await;
            let tried = |delivery: &daywire::store::deliveries::ReportedDelivery| {
                delivery.state != DeliveryState::Sending && delivery.last_reply.is_some()
            };
            deliveries.len() == 2 && deliveries.iter().all(tried)
        })
        .await;
        assert_eq!(self.app.relay.received_for(EVE).len(), before + 1);
        self.issues.push(issue);
    }

    /// Hands over a bounce, a complaint about Eve, and an out-of-office reply that quotes Ada in base64.
    fn bounce(&self) {
        let to = return_path(&self.app, ADA);
        let bounce = report(
            &to,
            ADA,
            "4.2.2",
            &format!("452 4.2.2 <{ADA}>: the mailbox of {NAME} is full"),
        );
        let quoted = data_encoding::BASE64.encode(format!("{ADA_KEY} is on holiday").as_bytes());
        let reply = format!(
            "From: {NAME} <other@reader.example>\r\nTo: <{to}>\r\nSubject: Away\r\nAuto-Submitted: auto-replied\r\n\
             Content-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\n{quoted}\r\n"
        );
        for message in [bounce, reply, complaint(&return_path(&self.app, EVE), "not-spam")] {
            let file = self.program.file("returned.eml", message);
            self.program.ok(&["bounce", "ingest", &file]);
        }
    }

    /// Ends the service, and returns its log.
    fn stop(self) -> (TestApp, Program, Vec<IssueId>, String) {
        let log = self.serving.log().join("\n");
        self.serving.terminate();
        (self.app, self.program, self.issues, log)
    }
}

/// The forms in which the text of a dump, a file or a log may have what identifies Ada.
fn traces() -> Vec<String> {
    let texts = [ADA, ADA_KEY, NAME];
    let hexadecimal = texts.map(|text| data_encoding::HEXLOWER.encode(text.as_bytes()));
    texts.map(str::to_lowercase).into_iter().chain(hexadecimal).collect()
}

fn assert_no_trace(place: &str, content: &[u8]) {
    let lower = content.to_ascii_lowercase();
    for trace in traces() {
        let found = memchr::memmem::find(&lower, trace.as_bytes());
        let around = found.map(|at| {
            let part = &lower[at.saturating_sub(200)..lower.len().min(at + 200)];
            String::from_utf8_lossy(part).into_owned()
        });
        assert_eq!(around, None, "{place} still has “{trace}”");
    }
}

fn contains(content: &[u8], lower: &str) -> bool {
    memchr::memmem::find(&content.to_ascii_lowercase(), lower.as_bytes()).is_some()
}

/// The files of the tables of a PostgreSQL schema, as they are on its disk.
async fn table_files(app: &TestApp) -> Vec<(String, Vec<u8>)> {
    let Store::Postgres(cluster) = &app.app.store else {
        return Vec::new();
    };
    app.execute("CHECKPOINT").await;
    let sql = "SELECT c.relname::text, pg_read_binary_file(pg_relation_filepath(c.oid)) FROM pg_class c \
               LEFT JOIN pg_class o ON o.reltoastrelid = c.oid \
               WHERE COALESCE(o.relnamespace, c.relnamespace) = current_schema()::regnamespace AND c.relkind IN ('r', 'i', 't')";
    let files = sqlx::query_as(sql).fetch_all(&cluster.pool()).await;
    files.expect("the test's user may read the files")
}

async fn assert_erased(app: &TestApp, hash: Option<[u8; 32]>) {
    let own_hash = data_encoding::HEXLOWER.encode(&app.app.keys.address_hash(ADA_KEY));
    for (table, rows) in app.dump().await {
        let rows = rows.join("\n");
        assert_no_trace(&format!("the table {table}"), rows.as_bytes());
        let may_have_hash = hash.is_some() && table == "suppressions";
        assert_eq!(rows.contains(&own_hash), may_have_hash, "the hash in {table}");
    }
    assert_eq!(app.rows("erasures").await, Vec::<String>::new());
    for entry in fs::read_dir(app.folder()).expect("the folder can be listed") {
        let path = entry.expect("an entry").path();
        if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("test.db"))
        {
            let content = fs::read(&path).expect("the file can be read");
            assert_no_trace(&path.display().to_string(), &content);
        }
    }
    // Tests share the server. While one of them reads, PostgreSQL keeps the rows that were deleted since, and VACUUM leaves them.
    eventually("VACUUM may remove the deleted rows", || async {
        let files = table_files(app).await;
        let is_left = files
            .iter()
            .any(|(_, content)| traces().iter().any(|trace| contains(content, trace)));
        if is_left {
            let Store::Postgres(cluster) = &app.app.store else {
                return false;
            };
            for table in PERSONAL_TABLES {
                let vacuum = format!("VACUUM FULL {}", table.name);
                let done = sqlx::query(sqlx::AssertSqlSafe(vacuum)).execute(&cluster.pool()).await;
                done.expect("the test's user owns the table");
            }
        }
        !is_left
    })
    .await;
    for (name, content) in table_files(app).await {
        assert_no_trace(&format!("the file of {name}"), &content);
    }
}

#[apply(on_both_databases)]
async fn after_an_erasure_nothing_of_the_person_is_left_and_every_report_balances(engine: Engine) {
    let history = History::of(engine).await;
    let (app, program) = (&history.app, &history.program);
    program.ok(&[
        "subscriber",
        "suppress",
        ADA,
        "--reason",
        &format!("{NAME} <{ADA}> phoned"),
    ]);
    let before = program.json(&["subscriber", "export", ADA]);
    for table in PERSONAL_TABLES.iter().map(|table| table.name) {
        let is_empty = [
            "address_changes",
            "captured_mails",
            // No import asked her to confirm.
            "confirmation_asks",
            "ended_suppressions",
            "erasures",
            "leaving_reasons",
            // There is no webhook.
            "webhook_messages",
        ]
        .contains(&table);
        assert_eq!(before["records"][table].is_null(), is_empty, "{table}: {before:#}");
    }
    let reports = [
        delivery_report(&app.app, history.issues[0]).await,
        delivery_report(&app.app, history.issues[1]).await,
    ];
    let reports = reports.map(|report| report.expect("the report is made"));
    let eve = program.json(&["subscriber", "export", EVE]);

    let erased = program.json(&["subscriber", "erase", ADA, "--rewrite"]);
    assert_eq!(
        erased,
        serde_json::json!({ "known": true, "state": "done", "now_at": [] })
    );

    let (app, program, issues, log) = history.stop();
    assert_no_trace("the log", log.as_bytes());
    assert_erased(&app, Some(app.app.keys.address_hash(ADA_KEY))).await;
    let export = program.json(&["subscriber", "export", ADA]);
    let tables: Vec<_> = export["records"]
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    assert_eq!(tables, ["suppressions"], "{export:#}");
    for (issue, before) in issues.into_iter().zip(reports) {
        let after = app.delivery_report(issue).await;
        assert_eq!(
            (after.recipients, after.bounces.soft),
            (before.recipients, before.bounces.soft)
        );
        let accepted = |report: &daywire::delivery::report::DeliveryReport| report.deliveries[&DeliveryState::Accepted];
        assert_eq!(accepted(&after), accepted(&before));
        assert!(after.balanced, "{:?}", after.problems());
    }
    let without_time = |mut export: Value| {
        export["exported_at"].take();
        export
    };
    let eve_after = program.json(&["subscriber", "export", EVE]);
    assert_eq!(without_time(eve_after), without_time(eve), "Eve's data is as it was");
}

#[apply(on_both_databases)]
async fn without_a_suppression_nothing_stays_and_the_person_can_come_back(engine: Engine) {
    let history = History::of(engine).await;
    let rewrite = (engine == Engine::Postgres).then_some("--rewrite");
    let arguments: Vec<_> = ["subscriber", "erase", ADA].into_iter().chain(rewrite).collect();
    assert_eq!(history.program.json(&arguments)["state"], "done");
    let log = history.serving.log().join("\n");
    assert_no_trace("the log", log.as_bytes());
    assert_erased(&history.app, None).await;
    history.app.relay.answer(|_, _, _| Verdict::Continue);
    history.sign_up(ADA, NAME).await;
    let state = history.app.subscription_state(ADA).await;
    assert_eq!(state, Some(SubscriptionState::Confirmed));
    history.stop();
}

#[apply(on_both_databases)]
async fn a_reader_exports_and_erases_by_mailed_links(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    let reader = "reader0@reader.example";
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    let site = app.site().clone();
    let preferences = app.unsubscribe_path(reader).await.replace("unsubscribe", "preferences");
    for (action, path) in [("export", "/export/"), ("erase", "/erase/")] {
        let sent = site.post(&format!("{preferences}/{action}"), &[]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
        assert_eq!(sent.header("location"), Some(format!("{preferences}/sent").as_str()));
        assert_eq!(site.get(&format!("{preferences}/sent")).await.status, StatusCode::OK);
        let link = app.relay.link_for(reader, path).await;
        let before = app.dump().await;
        let page = site.get(&link).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.body.contains(reader) && page.body.contains("<button"),
            "{}",
            page.body
        );
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        crate::support::dump::assert_nothing_changed(&app, &before).await;
    }
    let export = app.relay.link_for(reader, "/export/").await;
    let downloaded = site.post(&export, &[]).await;
    assert_eq!(downloaded.header("content-type"), Some("application/json"));
    let document: Value = serde_json::from_str(&downloaded.body).expect("the export is JSON");
    assert_eq!(document["address"], reader);
    assert_eq!(document["records"]["consent_records"]["rows"][0]["event"], "imported");

    let erasure = app.relay.link_for(reader, "/erase/").await;
    let wrong_purpose = erasure.replace("/erase/", "/export/");
    assert_eq!(site.post(&wrong_purpose, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        site.post(&preferences.replace("/preferences/", "/erase/"), &[])
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let erased = site.post(&erasure, &[]).await;
    assert_eq!(erased.status, StatusCode::OK);
    assert_eq!(app.subscriptions(reader).await.len(), 0);
    assert_eq!(
        app.subscription_state("reader1@reader.example").await,
        Some(SubscriptionState::Confirmed)
    );
    assert_eq!(site.post(&erasure, &[]).await.status, StatusCode::GONE, "a second time");
    assert_eq!(site.post(&export, &[]).await.status, StatusCode::GONE);
    let digest = site.get(&preferences).await;
    assert_eq!(digest.status, StatusCode::GONE);
    assert!(
        digest.body.contains("Everything about you was erased.")
            && digest.body.contains("To subscribe again, use “Subscribe”"),
        "{}",
        digest.body
    );
}

#[apply(on_both_databases)]
async fn a_mailed_link_expires(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let reader = "reader0@reader.example";
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    let site = app.site().clone();
    let preferences = app.unsubscribe_path(reader).await.replace("unsubscribe", "preferences");
    site.post(&format!("{preferences}/erase"), &[]).await;
    let link = app.relay.link_for(reader, "/erase/").await;
    app.advance(TimeDelta::hours(24));
    assert_eq!(site.post(&link, &[]).await.status, StatusCode::GONE);
    assert_eq!(app.subscription_state(reader).await, Some(SubscriptionState::Confirmed));
}

#[apply(on_both_databases)]
async fn the_service_completes_an_erasure_after_a_message_was_sent(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let reader = "reader0@reader.example";
    let issue = app.send(&daily).await;
    app.relay.hold_after(0);
    app.serve_roles(&[Role::Web, Role::Sender, Role::Scheduler]).await;
    eventually("the message is being sent", || async {
        app.count(issue, DeliveryState::Sending).await == 1 && app.relay.waiting_mails().0 == 1
    })
    .await;
    let address = EmailAddress::parse(reader).expect("an address");
    let erased = daywire::privacy::erase(&app.app, &actor(), &address)
        .await
        .expect("it is erased");
    assert_eq!(erased, daywire::privacy::Erased::Subscriber);
    let completion = daywire::privacy::complete_all(&app.app, false).await;
    assert_eq!(
        completion.expect("the database answers"),
        daywire::privacy::Completion::Waiting
    );
    app.relay.release();
    app.until(issue, IssueState::Sent).await;
    eventually("the erasure is complete", || async {
        daywire::privacy::complete_all(&app.app, false)
            .await
            .expect("the database answers")
            == daywire::privacy::Completion::Done
    })
    .await;
    assert_eq!(app.rows("erasures").await, Vec::<String>::new());
    let report = app.delivery_report(issue).await;
    assert_eq!(report.deliveries[&DeliveryState::Accepted], 1);
    for (table, rows) in app.dump().await {
        assert!(!rows.join("\n").contains(reader), "{table} has the address");
    }
}

#[apply(on_both_databases)]
async fn without_network_addresses_none_is_stored(engine: Engine) {
    let mut app = TestApp::with(engine, |config| config.privacy.keep_network_addresses = false).await;
    app.daily().await;
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    let site = app.site().clone();
    site.sign_up_for(EVE, "192.0.2.7").await;
    let link = app.relay.link_for(EVE, "/confirm/").await;
    site.post(&link, &[]).await;
    site.post(&app.unsubscribe_path(EVE).await, &[]).await;
    assert_eq!(app.consent(EVE).await.len(), 3);
    // A node's row names the relay, which is on this address too.
    for (table, rows) in app.dump().await.into_iter().filter(|(table, _)| table != "nodes") {
        let rows = rows.join("\n");
        assert!(
            !rows.contains("127.0.0.1") && !rows.contains("192.0.2."),
            "{table}: {rows}"
        );
    }
}
