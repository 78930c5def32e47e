//! Sign-ups by programs: forms that no person sent, mailboxes that are bombed, domains that are blocked, and the proof of work.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use daywire::config::{ProofOfWork, Setting, WebOrigin};
use daywire::signup::{SignupError, SignupRequest, Signups};
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::program::Program;
use crate::support::readers::request_by_program;
use crate::support::site::{Answer, Site};

const WEEK: TimeDelta = TimeDelta::days(7);

/// How many requests had each outcome.
async fn outcomes(app: &TestApp) -> HashMap<String, u32> {
    let rows = app.rows("signup_counts").await;
    rows.iter()
        .map(|row| {
            let mut columns = row
                .trim_matches(['(', ')'])
                .split(',')
                .map(|column| column.trim_matches('\''));
            let outcome = columns.nth(1).expect("the second column").to_owned();
            (
                outcome,
                columns.next().expect("the third column").parse().expect("a count"),
            )
        })
        .collect()
}

/// Posts the form of an address with a token, from a network that a proxy names.
async fn post_from(site: &Site, email: &str, token: &str, network: &str) -> String {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", email), ("form", token)])
        .finish();
    let request = site
        .request(reqwest::Method::POST, "/subscribe")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-forwarded-for", network);
    site.send(request.body(form)).await.comparable()
}

async fn trust_local_proxy(app: &mut TestApp) {
    app.restart(|config| {
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().expect("the network is valid")];
        config.signup.form_min_age = Duration::from_secs(2);
    })
    .await;
    app.daily().await;
}

#[apply(on_both_databases)]
async fn a_form_that_no_person_sent_gets_the_usual_answer_and_stores_nothing(mut app: TestApp) {
    trust_local_proxy(&mut app).await;
    let site = app.serve_site().await;
    let token = site.form_token().await;
    let before = app.dump_without_counts().await;
    let too_fast = post_from(&site, "bot@reader.example", &token, "192.0.2.1").await;
    let without_token = post_from(&site, "bot@reader.example", "", "192.0.2.2").await;
    let forged = post_from(
        &site,
        "bot@reader.example",
        &token.replace(&token[..4], "AAAA"),
        "192.0.2.3",
    )
    .await;
    assert_eq!(app.dump_without_counts().await, before);
    app.advance(TimeDelta::seconds(2));
    let person = post_from(&site, "ada@reader.example", &token, "192.0.2.4").await;
    assert_eq!(
        app.subscriptions("ada@reader.example").await.len(),
        1,
        "a person needs two seconds"
    );

    let before = app.dump_without_counts().await;
    let repeated = post_from(&site, "bot@reader.example", &token, "192.0.2.5").await;
    app.advance(WEEK);
    let too_old = post_from(&site, "bot@reader.example", &token, "198.51.100.1").await;
    assert_eq!(app.dump_without_counts().await, before);
    for answer in [too_fast, without_token, forged, repeated, too_old] {
        assert_eq!(answer, person);
    }
    let expected = [
        ("accepted", 1),
        ("form_forged", 1),
        ("form_repeated", 1),
        ("form_too_fast", 1),
        ("form_too_old", 1),
        ("form_without_token", 1),
    ];
    assert_eq!(
        outcomes(&app).await,
        expected.map(|(outcome, count)| (outcome.to_owned(), count)).into()
    );
}

/// A cache may show one page to many readers.
#[apply(on_both_databases)]
async fn readers_of_different_networks_can_send_the_same_form_once(mut app: TestApp) {
    trust_local_proxy(&mut app).await;
    let site = app.serve_site().await;
    let token = site.form_token().await;
    app.advance(WEEK - TimeDelta::minutes(1));
    for n in 0..5 {
        post_from(
            &site,
            &format!("reader{n}@reader.example"),
            &token,
            &format!("192.0.{n}.1"),
        )
        .await;
    }
    assert_eq!(app.rows("subscribers").await.len(), 5);
    let other = app.another().await;
    let mut other = other;
    let elsewhere = other.serve_site().await;
    post_from(&elsewhere, "again@reader.example", &token, "192.0.3.99").await;
    assert_eq!(app.rows("subscribers").await.len(), 5, "all nodes know the used forms");
}

#[apply(on_both_databases)]
async fn addresses_of_blocked_domains_get_the_usual_answer_and_no_mail(mut app: TestApp) {
    app.restart(|config| {
        assert!(config.signup.blocked_domains.add("throwaway.example"));
    })
    .await;
    app.daily().await;
    let site = app.serve_site().await;
    let person = site
        .post("/subscribe", &[("email", "ada@reader.example")])
        .await
        .comparable();
    let before = app.dump_without_counts().await;
    for email in [
        "a@throwaway.example",
        "a@THROWAWAY.example",
        "a@\u{ff54}hrowaway\u{3002}example",
        "a@mail.throwaway.example",
    ] {
        assert_eq!(
            site.post("/subscribe", &[("email", email)]).await.comparable(),
            person,
            "{email}"
        );
        let by_api = site
            .post_json("/api/v1/subscriptions", &json!({ "email": email }))
            .await;
        assert_eq!(by_api.status, StatusCode::ACCEPTED);
    }
    assert_eq!(app.dump_without_counts().await, before);
    assert_eq!(outcomes(&app).await["blocked_domain"], 8);
}

/// The answer to the question on a page.
fn answer_on(page: &str) -> String {
    let (_, question) = page.split_once("How much is ").expect("the page asks a question");
    let (question, _) = question.split_once('?').expect("the question ends");
    let summands = question.split(" plus ").map(|number| {
        number
            .trim_matches(|c: char| !c.is_ascii_digit())
            .parse::<u32>()
            .expect("a number")
    });
    summands.sum::<u32>().to_string()
}

/// The value of a hidden field on a page.
fn field_on<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .expect("the page has the field");
    rest.split_once('"').expect("the value ends").0
}

async fn one_free_an_hour(app: &mut TestApp) -> Site {
    app.restart(|config| {
        config.signup.proof_of_work = ProofOfWork {
            from_per_hour: 1,
            cost: 3,
        };
    })
    .await;
    app.daily().await;
    app.serve_site().await
}

#[apply(on_both_databases)]
async fn without_scripts_a_reader_answers_a_question_when_there_are_many_sign_ups(mut app: TestApp) {
    let site = one_free_an_hour(&mut app).await;
    let free = site.post("/subscribe", &[("email", "first@reader.example")]).await;
    assert_eq!(free.status, StatusCode::SEE_OTHER);
    let asked = site
        .post(
            "/subscribe",
            &[
                ("email", "ada@reader.example"),
                ("newsletter", "daily"),
                ("name", "Ada"),
            ],
        )
        .await;
    assert_eq!(asked.status, StatusCode::OK);
    let policy = asked.header("content-security-policy").expect("the page has a policy");
    assert!(policy.contains("script-src 'self'"), "{policy}");
    assert_eq!(asked.header("cache-control"), Some("no-store"));
    assert_eq!(field_on(&asked.body, "email"), "ada@reader.example");
    assert_eq!(field_on(&asked.body, "name"), "Ada");

    let question = field_on(&asked.body, "question");
    let token = field_on(&asked.body, "form");
    let send = async |token: &str, answer: &str| {
        let form = [
            ("email", "ada@reader.example"),
            ("newsletter", "daily"),
            ("form", token),
            ("question", question),
            ("answer", answer),
        ];
        site.post("/subscribe", &form).await
    };
    let wrong = send(token, "1").await;
    assert!(wrong.body.contains("That answer is wrong"), "{}", wrong.body);
    assert_eq!(app.rows("subscribers").await.len(), 1);
    let right = answer_on(&asked.body);
    assert_eq!(send(token, &right).await.status, StatusCode::SEE_OTHER);
    assert_eq!(app.subscriptions("ada@reader.example").await.len(), 1);
    let repeated = send(&site.form_token().await, &right).await;
    assert_eq!(repeated.status, StatusCode::OK, "an answer works once");
    let counted = outcomes(&app).await;
    assert_eq!(
        (counted["accepted"], counted["proof_missing"], counted["proof_wrong"]),
        (2, 1, 2)
    );
}

/// Solves a challenge as a browser does.
fn solve(challenge: &Value) -> String {
    let parameters = &challenge["parameters"];
    let bytes = |name: &str| {
        let text = parameters[name].as_str().expect("the parameter is text");
        data_encoding::HEXLOWER
            .decode(text.as_bytes())
            .expect("it is hexadecimal")
    };
    let cost = u32::try_from(parameters["cost"].as_u64().expect("a number")).expect("it is small");
    for counter in 0_u32.. {
        let password = [&bytes("nonce")[..], &counter.to_be_bytes()].concat();
        let mut key = [0; 32];
        let rounds = cost.try_into().expect("at least one round");
        ring::pbkdf2::derive(
            ring::pbkdf2::PBKDF2_HMAC_SHA256,
            rounds,
            &bytes("salt"),
            &password,
            &mut key,
        );
        let key = data_encoding::HEXLOWER.encode(&key);
        if key.starts_with(parameters["keyPrefix"].as_str().expect("text")) {
            let solution = json!({ "counter": counter, "derivedKey": key });
            return STANDARD.encode(json!({ "challenge": challenge, "solution": solution }).to_string());
        }
    }
    unreachable!("one of 256 keys has the prefix")
}

#[apply(on_both_databases)]
async fn a_program_sends_a_proof_of_work_when_there_are_many_sign_ups(mut app: TestApp) {
    let site = one_free_an_hour(&mut app).await;
    let sign_up = async |email: &str, altcha: Option<&str>| {
        let document = json!({ "email": email, "altcha": altcha });
        site.post_json("/api/v1/subscriptions", &document).await
    };
    assert_eq!(sign_up("first@reader.example", None).await.status, StatusCode::ACCEPTED);
    let refused = sign_up("ada@reader.example", None).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.body.contains("/api/v1/challenge"), "{}", refused.body);
    let challenge = site.get("/api/v1/challenge").await.body;
    let solution = solve(&serde_json::from_str(&challenge).expect("the challenge is JSON"));
    assert_eq!(
        sign_up("ada@reader.example", Some(&solution)).await.status,
        StatusCode::ACCEPTED
    );
    let repeated = sign_up("ben@reader.example", Some(&solution)).await;
    assert_eq!(repeated.status, StatusCode::TOO_MANY_REQUESTS, "a solution works once");
    // A browser sends it with the form.
    let challenge = site.get("/api/v1/challenge").await.body;
    let solution = solve(&serde_json::from_str(&challenge).expect("the challenge is JSON"));
    let form = [("email", "cai@reader.example"), ("altcha", &*solution)];
    assert_eq!(site.post("/subscribe", &form).await.status, StatusCode::SEE_OTHER);
    app.advance(TimeDelta::minutes(16));
    let late = solve(&serde_json::from_str(&challenge).expect("the challenge is JSON"));
    assert_eq!(
        sign_up("dora@reader.example", Some(&late)).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(app.rows("subscribers").await.len(), 3);
}

/// A valid proof replaces the token of a form, but only the first time.
#[apply(on_both_databases)]
async fn a_used_proof_does_not_replace_the_token_of_a_form(mut app: TestApp) {
    app.restart(|config| {
        config.signup.form_min_age = Duration::from_secs(2);
        config.signup.proof_of_work = ProofOfWork {
            from_per_hour: 1_000,
            cost: 3,
        };
    })
    .await;
    app.daily().await;
    let site = app.serve_site().await;
    let challenge = site.get("/api/v1/challenge").await.body;
    let solution = solve(&serde_json::from_str(&challenge).expect("the challenge is JSON"));
    let mut answers = Vec::new();
    for email in ["ada@reader.example", "ben@reader.example", "cai@reader.example"] {
        let form = [("email", email), ("form", "junk"), ("altcha", &*solution)];
        answers.push(site.post("/subscribe", &form).await.comparable());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(app.subscriptions("ada@reader.example").await.len(), 1);
    assert_eq!(app.rows("subscribers").await.len(), 1, "the proof was used");
    let outcomes = outcomes(&app).await;
    assert_eq!(outcomes.get("form_forged"), Some(&2), "{outcomes:?}");
}

/// Only the receiving server knows whether case matters. So the links of a reader go to the address that the reader confirmed.
#[apply(on_both_databases)]
async fn mails_about_a_subscription_go_to_the_spelling_that_was_confirmed(mut app: TestApp) {
    app.daily().await;
    app.serve().await;
    let link = app.sign_up("ada@reader.example").await;
    app.site().post(&link, &[]).await;
    app.advance(WEEK);
    app.site().post("/subscribe", &[("email", "ADA@reader.example")]).await;
    app.relay.link_for("ada@reader.example", "/preferences/").await;
    assert!(app.relay.received_for("ADA@reader.example").is_empty());
}

/// Thirty spellings of one Gmail address.
fn spellings() -> Vec<String> {
    let locals = [
        "vera.victim",
        "veravictim",
        "VERA.VICTIM",
        "v.e.r.a.victim",
        "vera.victim+news",
        "VeraVictim+x",
        "vera\u{ff0e}victim",
        "vera\u{3002}victim",
        "\u{ff56}era.victim",
        "veravictim\u{ff0b}tag",
    ];
    let domains = ["gmail.com", "GOOGLEMAIL.com", "\u{ff47}mail\u{3002}com"];
    let spellings = locals
        .iter()
        .flat_map(|local| domains.map(|domain| format!("{local}@{domain}")));
    spellings.collect()
}

#[apply(on_both_databases)]
async fn ten_thousand_sign_ups_for_one_victim_send_few_mails(mut app: TestApp) {
    app.restart(|config| {
        // Only the limit of the mailbox is left.
        config.signup.limits.per_domain_per_hour = 1_000_000;
        config.signup.limits.per_hour = 1_000_000;
        config.signup.proof_of_work.from_per_hour = 0;
    })
    .await;
    app.daily().await;
    app.apply("slug = \"weekly\"\nname = \"Weekly Log\"").await;
    let other = app.another().await;
    let nodes = [Signups::new(&app.app), Signups::new(&other.app)];
    let spellings = spellings();
    assert_eq!(spellings.len(), 30);
    for start in (0..10_000_u32).step_by(500) {
        let requests = (start..start + 500).map(|number| {
            let request = SignupRequest {
                newsletters: vec![["daily", "weekly"][number as usize % 7 % 2].to_owned()],
                network: Some(IpAddr::V4(Ipv4Addr::from_bits(0xC000_0000 + (number % 1_000) * 256))),
                ..request_by_program(&spellings[number as usize % 30])
            };
            nodes[number as usize / 30 % 2].request(request)
        });
        for answer in join_all(requests).await {
            answer.expect("every request gets the usual answer");
        }
    }
    let mails = app.rows("transactional_mails").await.len();
    let most = app.app.config.signup.confirmations_per_day as usize;
    assert!((1..=most).contains(&mails), "{mails} mails were queued");
    let counted = outcomes(&app).await;
    assert_eq!(counted["accepted"] + counted["mailbox_full"], 10_000);
}

const PARTNER: &str = "https://www.partner.example";

/// The ways to sign up: on our page, by a program, with the form of a listed site, in a frame, by a script of a listed site.
const WAYS: [&str; 5] = ["page", "program", "form", "frame", "script"];

/// How many addresses of each status are tried in each way.
const OF_EACH_STATUS: usize = 60;

async fn sign_up_by(site: &Site, way: &str, email: &str) -> Answer {
    let page = "https://www.partner.example/join";
    let token = if ["page", "frame"].contains(&way) {
        site.form_token().await
    } else {
        String::new()
    };
    let path = match way {
        "frame" => "/embed/daily?lang=de",
        "program" | "script" => "/api/v1/subscriptions",
        _ => "/subscribe",
    };
    let mut request = site.request(Method::POST, path);
    if ["form", "script"].contains(&way) {
        request = request.header("origin", PARTNER).header("sec-fetch-site", "cross-site");
    }
    let (kind, body) = match way {
        "program" => ("json", json!({ "email": email }).to_string()),
        "script" => (
            "json",
            json!({ "email": email, "words": "Join us", "page": page }).to_string(),
        ),
        _ => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.append_pair("email", email).append_pair("form", &token);
            if way == "form" {
                form.append_pair("next", page).append_pair("words", "Join us");
            }
            ("x-www-form-urlencoded", form.finish())
        }
    };
    site.send(request.header("content-type", format!("application/{kind}")).body(body))
        .await
}

#[apply(on_both_databases)]
async fn sign_ups_of_every_status_get_the_same_answer(mut app: TestApp) {
    app.restart(|config| {
        config.signup.limits.per_network_per_hour = 100_000;
        config.signup.limits.per_domain_per_hour = 100_000;
        config.signup.proof_of_work.from_per_hour = 0;
        config.signup.origins = vec![WebOrigin::read(PARTNER).expect("it is an origin")];
    })
    .await;
    let daily = app.daily().await;
    app.readers(&daily, 2 * OF_EACH_STATUS).await;
    for number in OF_EACH_STATUS..2 * OF_EACH_STATUS {
        app.leave(&format!("reader{number}@reader.example")).await;
        app.suppress(&format!("suppressed{number}@reader.example"), "complained")
            .await;
    }
    let signups = Signups::new(&app.app);
    let pending = (0..OF_EACH_STATUS)
        .map(|number| signups.request(request_by_program(&format!("pending{number}@reader.example"))));
    assert!(join_all(pending).await.iter().all(Result::is_ok));
    let site = app.serve_site().await;
    let mut first = HashMap::new();
    for (way, start) in WAYS
        .into_iter()
        .flat_map(|way| (0..OF_EACH_STATUS).step_by(20).map(move |start| (way, start)))
    {
        let requests = (start..start + 20).flat_map(|number| {
            let left = number + OF_EACH_STATUS;
            let emails = [
                format!("new-by-{way}{number}@reader.example"),
                format!("pending{number}@reader.example"),
                format!("reader{number}@reader.example"),
                format!("reader{left}@reader.example"),
                format!("suppressed{left}@reader.example"),
            ];
            emails.map(|email| {
                let site = site.clone();
                async move { sign_up_by(&site, way, &email).await }
            })
        });
        let answers: Vec<_> = join_all(requests).await.iter().map(Answer::comparable).collect();
        let first = first.entry(way).or_insert_with(|| answers[0].clone());
        assert!(first.starts_with("202") || first.starts_with("303"), "{first}");
        assert!(answers.iter().all(|answer| answer == first), "{way}: {answers:#?}");
    }
}

#[apply(on_both_databases)]
async fn the_report_counts_what_was_refused_and_why(mut app: TestApp) {
    app.restart(|config| config.signup.limits.per_domain_per_hour = 1).await;
    app.daily().await;
    let signups = Signups::new(&app.app);
    let request = |email: &str, honeypot_filled| SignupRequest {
        honeypot_filled,
        ..request_by_program(email)
    };
    signups
        .request(request("ada@reader.example", false))
        .await
        .expect("it is stored");
    signups
        .request(request("bot@other.example", true))
        .await
        .expect("it gets the usual answer");
    let refused = signups.request(request("ben@reader.example", false)).await;
    assert!(matches!(refused, Err(SignupError::TooMany)), "{refused:?}");
    let refused = signups.request(request("no address", false)).await;
    assert!(matches!(refused, Err(SignupError::Address(_))), "{refused:?}");
    let program = Program::of(&app);
    let report = program.json(&["signup", "report", "--days", "36500"]);
    let counts: Vec<_> = report
        .as_array()
        .expect("a list")
        .iter()
        .map(|count| {
            (
                count["outcome"].as_str().expect("text"),
                count["count"].as_i64().expect("a number"),
            )
        })
        .collect();
    assert_eq!(
        counts,
        [("accepted", 1), ("domain_limit", 1), ("honeypot", 1), ("invalid", 1)]
    );
    let shown = program.ok(&["signup", "report", "--days", "36500"]);
    assert!(shown.contains("too many for one domain"), "{shown}");
}
