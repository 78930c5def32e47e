//! `daywire doctor`: what it finds in DNS zones, at relays, at the site, in the database and in the settings, and what it advises.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::routing::post;
use chrono::TimeDelta;
use daywire::clock::{Clock, Rng};
use daywire::doctor::{Check, Examination, State};
use daywire::domain::address::EmailAddress;
use daywire::mail::relay::Relay;
use daywire::mail::server::{Options, Stage, Tls, Verdict};
use hickory_resolver::proto::rr::RecordType;
use rustls::ServerConfig;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::support::dns_server::{DnsServer, Zone};
use crate::support::feed_server::FeedServer;
use crate::support::mock_relay::MockRelay;
use crate::support::postgres::Server;
use crate::support::program::Program;
use crate::support::signatures::keys;
use crate::support::tls::{certificate_for, in_front_of};
use crate::support::{Engine, TestApp, eventually};

/// The reverse DNS of loopback addresses is `localhost`, and no server is asked for it.
const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Not public, so the site is not requested there.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);
const KEY: &str = "news._domainkey.news.example";

/// The records of an installation with which all is well.
fn sound_zone() -> Zone {
    let mut zone = Zone::default();
    zone.address("news.example", HERE)
        .address("mx.news.example", HERE)
        .mail_host("news.example", "mx.news.example")
        .text("news.example", "another-service=1")
        .text("news.example", "v=spf1 mx include:_spf.relay.example -all")
        .text("_spf.relay.example", "v=spf1 ip4:192.0.2.0/24 a:out.relay.example ~all")
        .text(
            "_dmarc.news.example",
            "v=DMARC1; p=quarantine; rua=mailto:desk@news.example",
        )
        .text(KEY, &keys()[0].public_record_value);
    zone
}

/// An installation: its site behind TLS, a relay, and a DNS server with its records.
struct Installation {
    app: TestApp,
    dns: DnsServer,
    program: Program,
    stop: CancellationToken,
}

impl Installation {
    async fn new(engine: Engine) -> Self {
        let mut app = TestApp::new(engine).await;
        let site = app.serve_site().await;
        let address = site
            .url("/")
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .parse();
        Self::behind(app, address.expect("the address of the socket")).await
    }

    /// The site is at `server`, which has no TLS.
    async fn behind(app: TestApp, server: SocketAddr) -> Self {
        Self::with_certificate(app, server, certificate_for("news.example", None)).await
    }

    /// [`behind`](Self::behind) with another certificate, which this machine trusts.
    async fn with_certificate(
        app: TestApp,
        server: SocketAddr,
        (tls, certificate): (Arc<ServerConfig>, String),
    ) -> Self {
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(app.folder(), private).expect("the scratch folder is ours");
        let stop = CancellationToken::new();
        let front = in_front_of(server, tls, stop.clone()).await;
        let dns = DnsServer::start(sound_zone()).await;
        let program = Program::of(&app);
        let roots = program.file("roots.pem", certificate);
        let key = program.file("key.pem", &keys()[0].private_pem);
        let program = program
            .with("DAYWIRE_SITE__URL", &format!("https://news.example:{}", front.port()))
            .with("DAYWIRE_DNS__SERVER", &dns.address().to_string())
            .with("DAYWIRE_MAIL__RETURN_PATH", "bounces@news.example")
            .with("DAYWIRE_INTAKE__LISTEN", "127.0.0.1:0")
            .with("DAYWIRE_OPERATORS__NOTIFY", "desk@news.example")
            .with("DAYWIRE_DKIM__DOMAIN", "news.example")
            .with("DAYWIRE_DKIM__SELECTOR", "news")
            .with("DAYWIRE_DKIM__KEY_FILE", &key)
            .with("DAYWIRE_FEEDS__ALLOW", "127.0.0.0/8")
            .with("SSL_CERT_FILE", &roots);
        Self {
            app,
            dns,
            program,
            stop,
        }
    }

    /// [`examine`] with the site's clock set to the time, so that the two clocks agree as well as the test is fast.
    fn examine(&self, program: &Program, arguments: &[&str]) -> (Vec<Value>, i32) {
        self.app.advance(Clock::System.now() - self.app.now());
        examine(program, arguments)
    }

    async fn end(self) {
        self.stop.cancel();
        let teardown = self.app.teardown();
        drop(self.app);
        teardown.finish().await;
    }
}

/// The checks of `daywire doctor --json`, and its exit status.
fn examine(program: &Program, arguments: &[&str]) -> (Vec<Value>, i32) {
    let ran = program.run(&[&["doctor", "--json"], arguments].concat());
    let document = ran.json();
    let checks = document["checks"].as_array().expect("a list of checks").clone();
    for check in &checks {
        let name = format!("`{}`", check["name"].as_str().expect("a name"));
        assert!(
            include_str!("../docs/reference/doctor.md").contains(&name),
            "{name} is not in docs/reference/doctor.md"
        );
    }
    let failed = checks.iter().filter(|check| check["state"] == "failed").count();
    assert_eq!(document["failed"], failed, "{document:#}");
    assert_eq!(document["sound"], failed == 0, "{document:#}");
    (checks, ran.status.expect("it was not killed"))
}

/// Name and state of the checks that found something. What depends on the machine that runs the tests is left out: its free disk, and
/// the clock, because that of the site under test stands still while it is compared.
fn findings(checks: &[Value]) -> Vec<(String, String)> {
    let word = |check: &Value, key: &str| check[key].as_str().expect("a text").to_owned();
    checks
        .iter()
        .map(|check| (word(check, "name"), word(check, "state")))
        .filter(|(name, state)| {
            matches!(state.as_str(), "failed" | "warning") && !["clock", "database.disk"].contains(&name.as_str())
        })
        .collect()
}

#[apply(on_both_databases)]
async fn a_sound_installation_has_no_finding(engine: Engine) {
    let installation = Installation::new(engine).await;
    let (checks, status) = installation.examine(&installation.program, &["--probe", "ada@reader.example"]);
    assert_eq!(findings(&checks), [], "{checks:#?}");
    assert_eq!(status, 0);
    for name in [
        "settings",
        "settings.identity",
        "database",
        "database.tables",
        "database.writes",
        "relay.connection",
        "relay.probe",
        "dns",
        "dns.dkim",
        "dns.spf",
        "dns.dmarc",
        "dns.alignment",
        "dns.mx",
        "dns.helo",
        "dns.reverse",
        "site.certificate",
        "site.https",
        "site.one_click",
    ] {
        let check = checks.iter().find(|check| check["name"] == name);
        assert_eq!(
            check.map(|check| &check["state"]),
            Some(&"ok".into()),
            "{name}: {checks:#?}"
        );
    }
    let probes = installation.app.relay.received_for("ada@reader.example");
    let text = String::from_utf8_lossy(&probes[0].bytes).into_owned();
    assert_eq!(probes.len(), 1);
    assert!(
        text.starts_with("DKIM-Signature: ") && text.contains("Auto-Submitted: auto-generated"),
        "{text}"
    );

    let shown = installation.program.ok(&["doctor"]);
    assert!(
        shown.contains("ok       dns.spf                  news.example: "),
        "{shown}"
    );
    installation.end().await;
}

/// A fault: what it is, how the zone differs, and the findings, each with a part of what was found and of what to do.
type Fault = (&'static str, fn(&mut Zone), &'static [Expected]);
/// Name, state, part of what was found, part of the advice.
type Expected = (&'static str, &'static str, &'static str, &'static str);

const FAULTS: &[Fault] = &[
    (
        "no DKIM record",
        |zone| {
            zone.remove(KEY, RecordType::TXT);
        },
        &[(
            "dns.dkim",
            "failed",
            "there is no TXT record",
            "publish this record: news._domainkey.news.example. IN TXT ( \"v=DKIM1; k=rsa; p=",
        )],
    ),
    (
        "another DKIM key",
        |zone| {
            zone.remove(KEY, RecordType::TXT)
                .text(KEY, &keys()[1].public_record_value);
        },
        &[(
            "dns.dkim",
            "failed",
            "another key than the key file",
            "publish this record: ",
        )],
    ),
    (
        "a revoked DKIM key",
        |zone| {
            zone.remove(KEY, RecordType::TXT).text(KEY, "v=DKIM1; k=rsa; p=");
        },
        &[("dns.dkim", "failed", "revokes the key", "publish this record: ")],
    ),
    (
        "two DKIM records",
        |zone| {
            zone.text(KEY, &keys()[1].public_record_value);
        },
        &[(
            "dns.dkim",
            "failed",
            "there are 2 TXT records",
            "remove all but this one: news._domainkey",
        )],
    ),
    (
        "DKIM on trial",
        |zone| {
            zone.remove(KEY, RecordType::TXT)
                .text(KEY, &format!("{}; t=y", keys()[0].public_record_value));
        },
        &[("dns.dkim", "warning", "is a test (t=y)", "remove t=y")],
    ),
    (
        "no SPF record",
        |zone| {
            zone.remove("news.example", RecordType::TXT);
        },
        &[(
            "dns.spf",
            "failed",
            "news.example has no SPF record",
            "publish one TXT record at news.example",
        )],
    ),
    (
        "two SPF records",
        |zone| {
            zone.text("news.example", "v=spf1 ip4:192.0.2.1 ~all");
        },
        &[(
            "dns.spf",
            "failed",
            "news.example has 2 SPF records",
            "join them to one record",
        )],
    ),
    (
        "SPF with too many lookups",
        |zone| {
            zone.remove("_spf.relay.example", RecordType::TXT)
                .text(
                    "_spf.relay.example",
                    "v=spf1 include:more.relay.example a mx ptr exists:%{i}.relay.example ~all",
                )
                .text(
                    "more.relay.example",
                    "v=spf1 a:a.example a:b.example a:c.example a:d.example ~all",
                );
        },
        &[(
            "dns.spf",
            "failed",
            "ask the DNS more than 10 times",
            "remove services that no longer send",
        )],
    ),
    (
        "SPF records that include each other",
        |zone| {
            zone.remove("_spf.relay.example", RecordType::TXT)
                .text("_spf.relay.example", "v=spf1 include:news.example ~all");
        },
        &[(
            "dns.spf",
            "failed",
            "ask the DNS more than 10 times",
            "remove services that no longer send",
        )],
    ),
    (
        "SPF that includes nothing",
        |zone| {
            zone.remove("_spf.relay.example", RecordType::TXT);
        },
        &[(
            "dns.spf",
            "failed",
            "_spf.relay.example has no SPF record",
            "remove _spf.relay.example from the record of news.example",
        )],
    ),
    (
        "SPF for everybody",
        |zone| {
            zone.remove("news.example", RecordType::TXT)
                .text("news.example", "v=spf1 mx +all");
        },
        &[(
            "dns.spf",
            "failed",
            "ends in +all",
            "replace the end of the record by ~all",
        )],
    ),
    (
        "SPF without an end",
        |zone| {
            zone.remove("news.example", RecordType::TXT)
                .text("news.example", "v=spf1 mx");
        },
        &[("dns.spf", "warning", "does not end in -all or ~all", "add ~all")],
    ),
    (
        "SPF with a misspelt mechanism",
        |zone| {
            zone.remove("news.example", RecordType::TXT)
                .text("news.example", "v=spf1 inlcude:_spf.relay.example ~all");
        },
        &[(
            "dns.spf",
            "failed",
            "cannot be read: v=spf1 inlcude",
            "correct the record",
        )],
    ),
    (
        "no DMARC record",
        |zone| {
            zone.remove("_dmarc.news.example", RecordType::TXT);
        },
        &[(
            "dns.dmarc",
            "failed",
            "has no DMARC record",
            "publish a TXT record at _dmarc.news.example, such as \"v=DMARC1; p=none",
        )],
    ),
    (
        "two DMARC records",
        |zone| {
            zone.text("_dmarc.news.example", "v=DMARC1; p=none");
        },
        &[("dns.dmarc", "failed", "has 2 DMARC records", "keep one of them")],
    ),
    (
        "DMARC without a policy",
        |zone| {
            zone.remove("_dmarc.news.example", RecordType::TXT)
                .text("_dmarc.news.example", "v=DMARC1; rua=mailto:desk@news.example");
        },
        &[(
            "dns.dmarc",
            "failed",
            "no valid policy (p=)",
            "publish a TXT record at _dmarc.news.example",
        )],
    ),
    (
        "a domain that accepts no mail",
        |zone| {
            zone.remove("news.example", RecordType::MX)
                .mail_host("news.example", "");
        },
        &[(
            "dns.mx",
            "failed",
            "accepts no mail (null MX)",
            "publish an MX record of news.example",
        )],
    ),
    (
        "an MX record of a host without an address",
        |zone| {
            zone.remove("mx.news.example", RecordType::A);
        },
        &[(
            "dns.mx",
            "failed",
            "names mx.news.example, which has no address",
            "publish an address (A or AAAA) of mx.news.example",
        )],
    ),
    (
        "no MX record",
        |zone| {
            zone.remove("news.example", RecordType::MX);
        },
        &[(
            "dns.mx",
            "warning",
            "its own address is used",
            "publish an MX record of news.example",
        )],
    ),
    (
        "no reverse DNS",
        |zone| {
            zone.address("news.example", ELSEWHERE);
        },
        &[
            (
                "dns.reverse",
                "warning",
                "has no name in reverse DNS",
                "have your hosting provider set the reverse DNS of 192.0.2.7",
            ),
            (
                "site.https",
                "warning",
                "leads to 192.0.2.7 here",
                "publish the public address",
            ),
        ],
    ),
    (
        "reverse DNS that leads elsewhere",
        |zone| {
            zone.address("news.example", ELSEWHERE)
                .reverse(ELSEWHERE, "host-1.provider.example")
                .address("host-1.provider.example", Ipv4Addr::new(192, 0, 2, 8));
        },
        &[
            (
                "dns.reverse",
                "warning",
                "host-1.provider.example does not lead back",
                "have your hosting provider set the reverse DNS of 192.0.2.7",
            ),
            (
                "site.https",
                "warning",
                "leads to 192.0.2.7 here",
                "publish the public address",
            ),
        ],
    ),
    (
        "a site without an address",
        |zone| {
            zone.remove("news.example", RecordType::A);
        },
        &[
            (
                "dns.helo",
                "warning",
                "it has no address",
                "publish an address (A or AAAA) of news.example",
            ),
            (
                "site.https",
                "failed",
                "news.example cannot be found",
                "publish an address (A or AAAA) of news.example",
            ),
        ],
    ),
    (
        "a site with a private address",
        |zone| {
            let inside = Ipv4Addr::new(10, 0, 0, 7);
            zone.remove("news.example", RecordType::A)
                .address("news.example", inside)
                .reverse(inside, "news.example");
        },
        &[(
            "site.https",
            "warning",
            "leads to 10.0.0.7 here",
            "set dns.server to a public DNS server",
        )],
    ),
    (
        "a DNS server that fails",
        |zone| zone.is_broken = true,
        &[(
            "dns",
            "failed",
            "the DNS does not answer",
            "set dns.server to another server",
        )],
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_in_the_dns_is_found_with_what_to_do() {
    let installation = Installation::new(Engine::Sqlite).await;
    for (fault, change, expected) in FAULTS {
        let mut zone = sound_zone();
        change(&mut zone);
        installation.dns.replace(zone);
        let (checks, status) = installation.examine(&installation.program, &[]);
        let names: Vec<_> = expected
            .iter()
            .map(|(name, state, ..)| ((*name).to_owned(), (*state).to_owned()))
            .collect();
        assert_eq!(findings(&checks), names, "{fault}: {checks:#?}");
        for (name, state, found, advice) in *expected {
            let check = checks
                .iter()
                .find(|check| check["name"] == *name && check["state"] == *state)
                .expect("it was found");
            let has = |key: &str, part: &str| check[key].as_str().is_some_and(|text| text.contains(part));
            assert!(has("found", found) && has("advice", advice), "{fault}: {check:#}");
        }
        let must_be_mended = expected.iter().any(|(_, state, ..)| *state == "failed");
        assert_eq!(status, i32::from(must_be_mended), "{fault}");
    }
    installation.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_whose_domain_neither_signs_nor_gets_the_bounces_is_found() {
    let installation = Installation::new(Engine::Sqlite).await;
    let mut zone = sound_zone();
    zone.text("_dmarc.other.example", "v=DMARC1; p=reject")
        .text("_dmarc.mail.news.example", "v=DMARC1; p=reject; adkim=s; aspf=s");
    installation.dns.replace(zone);
    for (from, expected) in [
        ("News <news@other.example>", vec![("dns.alignment", "failed")]),
        ("News <news@mail.news.example>", vec![("dns.alignment", "failed")]),
        // The record of the parent domain decides for it, and is relaxed.
        ("News <news@desk.news.example>", vec![]),
    ] {
        let program = installation.program.clone().with("DAYWIRE_MAIL__FROM", from);
        let (checks, _) = installation.examine(&program, &[]);
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(name, state)| (name.to_owned(), state.to_owned()))
            .collect();
        assert_eq!(findings(&checks), expected, "{from}: {checks:#?}");
    }
    installation.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_does_not_pass_on_one_click_requests_is_found() {
    for (answer, part) in [
        (Redirect::permanent("/login").into_response(), "redirects to /login"),
        (StatusCode::FORBIDDEN.into_response(), "403 Forbidden and not with 404"),
        (StatusCode::NOT_FOUND.into_response(), "does not know links"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let address = listener.local_addr().expect("the socket is bound");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let router = Router::new().fallback(post(move || async move { (status, headers) }));
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let installation = Installation::behind(TestApp::new(Engine::Sqlite).await, address).await;
        let (checks, exit) = installation.examine(&installation.program, &[]);
        assert_eq!(exit, 1);
        assert_eq!(
            findings(&checks),
            [("site.one_click".to_owned(), "failed".to_owned())],
            "{checks:#?}"
        );
        let check = checks.iter().find(|check| check["name"] == "site.one_click");
        let found = check.expect("it was found")["found"].to_string();
        assert!(found.contains(part), "{found}");
        server.abort();
        installation.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_certificate_of_the_site_is_checked() {
    let now = Clock::System.now();
    let other = certificate_for("news.example", None).1;
    for (host, end, roots, expected) in [
        (
            "news.example",
            Some(now - TimeDelta::days(400)),
            None,
            Some(("failed", "has expired", "have it renewed now")),
        ),
        (
            "news.example",
            Some(now + TimeDelta::days(6)),
            None,
            Some(("warning", "5 more days", "have it renewed now: after that day no link")),
        ),
        ("news.example", Some(now + TimeDelta::days(60)), None, None),
        (
            "www.news.example",
            None,
            None,
            Some((
                "failed",
                "not for the name news.example",
                "a certificate that names news.example",
            )),
        ),
        (
            "news.example",
            None,
            Some(&other),
            Some(("failed", "no authority that this machine trusts", "send the full chain")),
        ),
    ] {
        let mut app = TestApp::new(Engine::Sqlite).await;
        let site = app.serve_site().await.url("/");
        let server = site.trim_start_matches("http://").trim_end_matches('/');
        let server = server.parse().expect("the address of the socket");
        let installation = Installation::with_certificate(app, server, certificate_for(host, end)).await;
        let mut program = installation.program.clone();
        if let Some(roots) = roots {
            program = program.with("SSL_CERT_FILE", &installation.program.file("other.pem", roots));
        }
        let (checks, _) = installation.examine(&program, &[]);
        let states: Vec<_> = expected
            .iter()
            .map(|(state, ..)| ("site.certificate".to_owned(), (*state).to_owned()))
            .collect();
        assert_eq!(findings(&checks), states, "{checks:#?}");
        if let Some((_, found, advice)) = expected {
            let check = checks.iter().find(|check| check["name"] == "site.certificate");
            let has = |key: &str, part: &str| {
                check
                    .and_then(|check| check[key].as_str())
                    .is_some_and(|text| text.contains(part))
            };
            assert!(has("found", found) && has("advice", advice), "{check:#?}");
        }
        installation.end().await;
    }
}

/// The checks of a relay, made by this process.
async fn of_relay(app: &TestApp, relay: Relay, probe: Option<&str>) -> Vec<Check> {
    let dns = DnsServer::start(sound_zone()).await;
    let mut config = app.app.config.clone();
    config.relays[0].url = Some(relay);
    config.dns.server = Some(dns.address());
    let probe = probe.map(|address| EmailAddress::parse(address).expect("an address"));
    let examination = Examination {
        config: &config,
        clock: &Clock::System,
        rng: &Rng::System,
        probe: probe.as_ref(),
    };
    let mut checks = Box::pin(examination.run()).await.checks;
    checks.retain(|check| check.name.starts_with("relay."));
    checks
}

/// The one check that found something.
fn only_finding(checks: &[Check]) -> (&'static str, State, String) {
    let mut found = checks
        .iter()
        .filter(|check| matches!(check.state, State::Failed | State::Warning));
    let check = found.next().unwrap_or_else(|| panic!("nothing was found: {checks:#?}"));
    assert_eq!(found.next(), None);
    let advice = check.advice.as_deref().unwrap_or_default();
    (check.name, check.state, format!("{} -> {advice}", check.found))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_age_of_a_relays_certificate_is_checked() {
    let app = TestApp::new(Engine::Sqlite).await;
    let teardown = app.teardown();
    for (end, expected) in [
        (
            Clock::System.now() - TimeDelta::days(400),
            Some((State::Failed, "expired")),
        ),
        (
            Clock::System.now() + TimeDelta::days(6),
            Some((State::Warning, "5 more days -> have it renewed now")),
        ),
        (Clock::System.now() + TimeDelta::days(60), None),
    ] {
        let stop = CancellationToken::new();
        let (config, pem) = certificate_for("127.0.0.1", Some(end));
        let options = Options {
            tls: Tls::StartTls(config),
            ..Options::default()
        };
        let server = MockRelay::open_with(options, stop.clone()).await;
        let relay = Relay::parse(&format!("smtp+starttls://{}", server.address())).expect("the address is valid");
        let relay = relay.with_roots(pem.as_bytes()).expect("the certificate is valid");
        let checks = of_relay(&app, relay, None).await;
        match expected {
            Some((state, part)) => {
                let (name, found, text) = only_finding(&checks);
                assert_eq!((name, found), ("relay.tls", state), "{text}");
                assert!(text.contains(part), "{text}");
            }
            None => assert!(checks.iter().all(|check| check.advice.is_none()), "{checks:#?}"),
        }
        stop.cancel();
    }
    teardown.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_refuses_login_connection_or_probe_is_found() {
    let app = TestApp::new(Engine::Sqlite).await;
    let teardown = app.teardown();
    let stop = CancellationToken::new();
    let options = Options {
        login: Some(("news".to_owned(), "right".into())),
        ..Options::default()
    };
    let server = MockRelay::open_with(options, stop.clone()).await;
    let with = |password: &str| {
        let relay = Relay::parse(&format!("smtp://news:{password}@{}", server.address()));
        relay.expect("the address is valid")
    };
    let (name, state, text) = only_finding(&of_relay(&app, with("wrong"), None).await);
    assert_eq!((name, state), ("relay.login", State::Failed));
    assert!(
        text.contains("refuses the login with 535") && text.contains("check the user and password"),
        "{text}"
    );
    assert!(!text.contains("wrong"), "{text}");

    let checks = of_relay(&app, with("right"), Some("ada@reader.example")).await;
    assert!(checks.iter().all(|check| check.advice.is_none()), "{checks:#?}");
    assert_eq!(server.received_for("ada@reader.example").len(), 1);

    server.answer(|stage, _, _| match stage {
        Stage::Rcpt => Verdict::Reply(550, "5.1.1 no such user".to_owned()),
        _ => Verdict::Continue,
    });
    let (name, state, text) = only_finding(&of_relay(&app, with("right"), Some("ada@reader.example")).await);
    assert_eq!((name, state), ("relay.probe", State::Failed));
    assert!(text.contains("550 5.1.1 no such user"), "{text}");
    stop.cancel();

    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let address = closed.local_addr().expect("the socket is bound");
    drop(closed);
    let (name, state, text) = only_finding(&of_relay(&app, Relay::plain(address).expect("an address"), None).await);
    assert_eq!((name, state), ("relay.connection", State::Failed));
    assert!(
        text.contains("cannot be reached") && text.contains("check relay.url"),
        "{text}"
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_feed_that_fails_is_named(app: TestApp) {
    let daily = app.daily().await;
    let server = FeedServer::start(|_, _| (500, vec![], String::new())).await;
    app.add_feed(&daily, &server.feed("broken")).await;
    assert_eq!(app.fetch().await, 1);
    let program = Program::of(&app).with("DAYWIRE_RELAY__URL", "");
    let (checks, _) = examine(&program, &[]);
    let feeds = checks
        .iter()
        .find(|check| check["name"] == "feeds")
        .expect("feeds are checked");
    let found = feeds["found"].as_str().expect("a text");
    assert!(
        found.starts_with("1 of 1 feed fail") && found.contains("500"),
        "{found}"
    );
    assert!(feeds["advice"].is_string());
}

#[apply(on_postgres)]
async fn a_clock_that_differs_from_that_of_the_database_server_is_found() {
    // The clock of a test stands still.
    let app = TestApp::new(Engine::Postgres).await;
    let teardown = app.teardown();
    app.advance_to("2026-11-24T06:00:00Z");
    let mut config = app.app.config.clone();
    config.relays[0].url = None;
    let examination = Examination {
        config: &config,
        clock: &app.app.clock,
        rng: &Rng::System,
        probe: None,
    };
    let checks = Box::pin(examination.run()).await.checks;
    let clock = checks
        .iter()
        .find(|check| check.name == "clock")
        .expect("the clock is checked");
    assert_eq!(clock.state, State::Failed, "{clock:?}");
    assert!(clock.advice.as_deref().is_some_and(|advice| advice.contains("chrony")));
    teardown.finish().await;
}

/// The state of the check of replication, and what it found with its advice.
fn replication(servers: &[&Server], user: &str) -> (String, String) {
    let folder = TempDir::new().expect("a scratch folder can be made");
    let hosts: Vec<String> = servers.iter().map(|server| server.address()).collect();
    let url = format!("postgres://{user}@{}/postgres", hosts.join(","));
    let program = Program::in_folder(folder.path()).with("DAYWIRE_DATABASE__URL", &url);
    let (checks, _) = examine(&program, &[]);
    let check = checks.iter().find(|check| check["name"] == "database.replication");
    let check = check.unwrap_or_else(|| panic!("replication is checked: {checks:#?}"));
    let word = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
    (word("state"), format!("{} -> {}", word("found"), word("advice")))
}

#[apply(on_postgres)]
async fn replication_to_a_standby_is_checked() {
    let (primary, standby) = Server::pair().await;
    let servers = [&primary, &standby];
    let (state, text) = replication(&servers, "postgres");
    assert_eq!(state, "ok", "{text}");
    assert!(text.starts_with("1 standby server, at most "), "{text}");
    // The state of a standby is hidden from users without the role pg_monitor.
    primary.execute("CREATE ROLE newsroom LOGIN").await;
    let (state, text) = replication(&servers, "newsroom");
    assert_eq!(state, "warning", "{text}");
    assert!(
        text.contains("may not read the state -> ") && text.contains("pg_monitor"),
        "{text}"
    );
    primary.execute("GRANT pg_monitor TO newsroom").await;
    assert_eq!(replication(&servers, "newsroom").0, "ok");

    standby.execute("SELECT pg_wal_replay_pause()").await;
    primary
        .execute("SELECT pg_logical_emit_message(false, 'daywire', repeat('x', 70 * 1024 * 1024))")
        .await;
    let (state, text) = replication(&servers, "postgres");
    assert_eq!(state, "warning", "{text}");
    assert!(text.contains(" MiB behind, in the state "), "{text}");

    standby.crash();
    eventually("the primary has lost its standby", async || {
        primary.ask("SELECT count(*) FROM pg_stat_replication").await == 0
    })
    .await;
    let (state, text) = replication(&servers, "postgres");
    assert_eq!(state, "failed", "{text}");
    assert!(
        text.starts_with("database.url names 2 servers, and no standby receives changes"),
        "{text}"
    );
    assert_eq!(replication(&[&primary], "postgres").0, "skipped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_settings_or_a_database_everything_else_is_still_checked() {
    let folder = TempDir::new().expect("a scratch folder can be made");
    let program = Program::in_folder(folder.path());
    let (checks, status) = examine(&program, &[]);
    assert_eq!(status, 1);
    let database = checks
        .iter()
        .find(|check| check["name"] == "database")
        .expect("it is checked");
    assert_eq!(database["state"], "failed");
    assert!(
        database["found"]
            .as_str()
            .is_some_and(|found| found.contains("there is no database"))
    );
    assert!(
        database["advice"]
            .as_str()
            .is_some_and(|advice| advice.contains("daywire migrate"))
    );
    let states_of = |name: &str| -> Vec<&Value> {
        let of_name = checks.iter().filter(|check| check["name"] == name);
        of_name.map(|check| &check["state"]).collect()
    };
    assert_eq!(states_of("settings"), ["ok"]);
    assert_eq!(states_of("settings.identity"), ["warning"]);
    for name in ["relay.connection", "dns", "feeds", "clock"] {
        assert_eq!(states_of(name), ["skipped"], "{name}: {checks:#?}");
    }
    assert!(!folder.path().join("data").exists(), "the command created a database");

    let wrong = program.with("DAYWIRE_HTTP__LISTEN", "nowhere");
    let (checks, status) = examine(&wrong, &[]);
    assert_eq!((checks.len(), status), (1, 1), "{checks:#?}");
    assert!(
        checks[0]["found"]
            .as_str()
            .is_some_and(|found| found.contains("http.listen")),
        "{checks:#?}"
    );
    let ran = wrong.run(&["doctor", "--probe", "nobody"]);
    assert_eq!(ran.status, Some(1));
    assert!(ran.reason().contains("--probe: "), "{}", ran.err);
}
