//! Signing up on the pages of other sites: a form that posts here, a form in a frame, a script. And what every form asks.

use daywire::config::{Setting, WebOrigin};
use daywire::domain::states::Cadence;
use daywire::words::Language;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::TestApp;
use crate::support::site::{Answer, Site};

const PARTNER: &str = "https://www.partner.example";
const ADA: &str = "ada@reader.example";

async fn with_partner(app: &mut TestApp) -> Site {
    app.restart(|config| config.signup.origins = vec![WebOrigin::read(PARTNER).expect("it is an origin")])
        .await;
    app.daily().await;
    app.serve_site().await
}

/// Posts a form as the browser does on a page of another site.
async fn post_from(site: &Site, origin: &str, path: &str, form: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = site
        .request(Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", origin)
        .header("sec-fetch-site", "cross-site");
    site.send(request.body(body)).await
}

/// The value of a field of a form on a page.
fn value(page: &str, field: &str) -> String {
    let (_, rest) = page
        .split_once(&format!("name=\"{field}\" value=\""))
        .unwrap_or_else(|| panic!("there is no field {field} in {page}"));
    rest.split('"').next().expect("the value ends").to_owned()
}

fn policy(answer: &Answer) -> &str {
    answer
        .header("content-security-policy")
        .expect("every answer has a policy")
}

#[apply(on_both_databases)]
async fn a_form_of_a_listed_site_returns_to_a_page_of_a_listed_site(mut app: TestApp) {
    let site = with_partner(&mut app).await;
    let form = [
        ("email", ADA),
        ("next", "https://www.partner.example/thanks?a=b#top"),
        ("page", "https://www.partner.example/news/?reader=ada"),
        ("words", "Subscribe\n to  the \u{202e}Daily"),
    ];
    let sent = post_from(&site, PARTNER, "/subscribe", &form).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    assert_eq!(
        sent.header("location"),
        Some("https://www.partner.example/thanks?a=b#top")
    );
    let record = app.consent(ADA).await;
    assert_eq!(record[0].source.to_string(), "form: https://www.partner.example/news/");
    assert_eq!(record[0].words.as_deref(), Some("Subscribe to the Daily"));
}

#[apply(on_both_databases)]
async fn no_form_leads_to_another_site(mut app: TestApp) {
    let site = with_partner(&mut app).await;
    let before = app.dump_without_counts().await;
    for next in [
        "https://evil.example/",
        "//evil.example/",
        "https://www.partner.example@evil.example/",
        "https://www.partner.example\\@evil.example/",
        "http://www.partner.example/",
        "javascript:alert(1)",
        "/subscribe/sent",
    ] {
        let form = [("email", ADA), ("next", next)];
        for answer in [
            post_from(&site, PARTNER, "/subscribe", &form).await,
            site.post("/subscribe", &form).await,
        ] {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{next}");
            assert_eq!(answer.header("location"), None, "{next}");
            assert!(answer.body.contains("Its field “next” names a page"), "{}", answer.body);
        }
    }
    let form = [("email", ADA), ("next", "https://www.partner.example/")];
    let refused = post_from(&site, "https://evil.example", "/subscribe", &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    // A link to the form does not choose where it leads.
    let page = site.get("/subscribe?next=https://www.partner.example/").await;
    assert!(!page.body.contains("name=\"next\"") && !policy(&page).contains("partner.example"));
    assert_eq!(app.dump_without_counts().await, before);
}

#[apply(on_both_databases)]
async fn a_listed_site_may_only_sign_up(mut app: TestApp) {
    let site = with_partner(&mut app).await;
    let before = app.dump_without_counts().await;
    for path in [
        "/lost-link",
        "/comments/link",
        "/confirm/token/new",
        "/preferences/token",
        "/preferences/token/join",
        "/preferences/token/address",
        "/preferences/token/erase",
        "/address/token",
        "/erase/token",
        "/admin/login",
    ] {
        let answer = post_from(&site, PARTNER, path, &[("email", ADA)]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.body);
    }
    assert_eq!(app.dump_without_counts().await, before);
}

#[apply(on_both_databases)]
async fn a_reader_corrects_the_form_of_another_site_here_and_still_returns(mut app: TestApp) {
    let site = with_partner(&mut app).await;
    let next = "https://www.partner.example/thanks";
    let shown = post_from(&site, PARTNER, "/subscribe", &[("email", "ada@"), ("next", next)]).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(value(&shown.body, "next"), next);
    assert!(
        policy(&shown).contains("form-action 'self' https://www.partner.example;"),
        "browsers hold the redirect against the policy: {}",
        policy(&shown)
    );
    let form = [("email", ADA), ("next", next), ("form", &*value(&shown.body, "form"))];
    let sent = site.post("/subscribe", &form).await;
    assert_eq!(sent.header("location"), Some(next));
    let record = app.consent(ADA).await;
    assert_eq!(record[0].source.to_string(), "form", "the reader saw our words");
    assert!(record[0].words.is_some());
}

#[apply(on_both_databases)]
async fn a_proof_of_work_keeps_what_another_site_sent(mut app: TestApp) {
    app.restart(|config| {
        config.signup.origins = vec![WebOrigin::read(PARTNER).expect("it is an origin")];
        config.signup.proof_of_work.from_per_hour = 1;
    })
    .await;
    app.daily().await;
    let site = app.serve_site().await;
    let next = "https://www.partner.example/thanks";
    let form = [("email", ADA), ("next", next), ("words", "Join us")];
    post_from(&site, PARTNER, "/subscribe", &[("email", "first@reader.example")]).await;
    let asked = post_from(&site, PARTNER, "/subscribe", &form).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(policy(&asked).contains("form-action 'self' https://www.partner.example;"));
    let answer = answer_on(&asked.body);
    let sent: Vec<(&str, String)> = ["email", "next", "words", "page", "form", "question"]
        .map(|field| (field, value(&asked.body, field)))
        .into();
    let mut sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, &**value)).collect();
    sent.push(("answer", &answer));
    let done = site.post("/subscribe", &sent).await;
    assert_eq!(done.header("location"), Some(next), "{}", done.body);
    let record = app.consent(ADA).await;
    assert_eq!(record[0].source.to_string(), "form: https://www.partner.example/");
    assert_eq!(record[0].words.as_deref(), Some("Join us"));
}

/// The sum that the page asks for.
fn answer_on(page: &str) -> String {
    let (_, question) = page.split_once("How much is ").expect("the page asks a question");
    let numbers = question
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty());
    let sum: u32 = numbers
        .take(2)
        .map(|number| number.parse::<u32>().expect("a number"))
        .sum();
    sum.to_string()
}

#[apply(on_both_databases)]
async fn only_listed_sites_frame_the_form_and_nothing_else(mut app: TestApp) {
    let site = with_partner(&mut app).await;
    for path in ["/embed/daily", "/embed/daily/sent", "/embed/nowhere"] {
        let page = site.get(path).await;
        assert!(
            policy(&page).ends_with("frame-ancestors https://www.partner.example"),
            "{path}: {}",
            policy(&page)
        );
        assert_eq!(page.header("x-robots-tag"), Some("noindex"), "{path}");
        assert_eq!(
            page.header("cross-origin-resource-policy"),
            Some("cross-origin"),
            "{path}"
        );
    }
    assert_eq!(site.get("/embed/nowhere").await.status, StatusCode::NOT_FOUND);
    for path in [
        "/",
        "/subscribe",
        "/subscribe/sent",
        "/embed",
        "/confirm/x",
        "/api/v1/challenge",
    ] {
        let page = site.get(path).await;
        assert!(
            policy(&page).ends_with("frame-ancestors 'self'"),
            "{path}: {}",
            policy(&page)
        );
    }
    app.restart(|config| config.signup.origins = Vec::new()).await;
    let site = app.serve_site().await;
    assert!(policy(&site.get("/embed/daily").await).ends_with("frame-ancestors 'none'"));
}

#[apply(on_both_databases)]
async fn a_form_in_a_frame_signs_up_without_cookies(mut app: TestApp) {
    let site = with_partner(&mut app).await;
    let request = site
        .request(Method::GET, "/embed/daily?lang=de")
        .header("referer", "https://www.partner.example/");
    let page = site.send(request).await;
    assert_eq!(page.header("set-cookie"), None);
    assert!(page.body.contains("<html lang=\"de\">") && page.body.contains("action=\"/embed/daily?lang=de\""));
    let token = value(&page.body, "form");
    let form = |email| {
        [
            ("email", email),
            ("form", &*token),
            ("page", "https://www.partner.example/"),
            ("shown_in", "de"),
            ("language", "pl"),
            ("newsletter", "other"),
        ]
    };
    let wrong = site.post("/embed/daily?lang=de", &form("ada@")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(policy(&wrong).ends_with("frame-ancestors https://www.partner.example"));
    assert_eq!(value(&wrong.body, "page"), "https://www.partner.example/");
    let sent = site.post("/embed/daily?lang=de", &form(ADA)).await;
    assert_eq!(
        sent.header("location"),
        Some("/embed/daily/sent?lang=de"),
        "{}",
        sent.body
    );
    let record = app.consent(ADA).await;
    assert_eq!(record[0].source.to_string(), "form: https://www.partner.example/");
    let words = record[0].words.clone().expect("the words are on record");
    for line in words.lines() {
        assert!(page.body.contains(line), "the form does not show “{line}”");
    }
    let refused = post_from(&site, PARTNER, "/embed/daily", &form("ben@reader.example")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[apply(on_both_databases)]
async fn a_program_names_the_words_and_the_page_for_the_record(mut app: TestApp) {
    let site = with_partner(&mut app).await;
    let before = app.dump_without_counts().await;
    let long = "a".repeat(2_001);
    for (document, reason) in [
        (json!({ "email": ADA, "words": long }), "`words` must have at most"),
        (
            json!({ "email": ADA, "page": "https://evil.example/" }),
            "`page` is of https://evil.example",
        ),
        (
            json!({ "email": ADA, "page": "javascript:alert(1)" }),
            "`page` must be the address",
        ),
        (json!({ "email": ADA, "cadence": "hourly" }), "hourly"),
    ] {
        let refused = site.post_json("/api/v1/subscriptions", &document).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains(reason), "{}", refused.body);
    }
    let foreign = site
        .request(Method::POST, "/api/v1/subscriptions")
        .header("content-type", "application/json")
        .header("origin", PARTNER)
        .body(json!({ "email": ADA, "page": "https://news.example/" }).to_string());
    let refused = site.send(foreign).await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a script names its own site only"
    );
    assert_eq!(app.dump_without_counts().await, before);

    let document = json!({
        "email": ADA,
        "words": "Get the Daily\nevery morning",
        "page": "https://www.partner.example/join?utm=x",
        "cadence": "weekly",
    });
    let accepted = site.post_json("/api/v1/subscriptions", &document).await;
    assert_eq!(accepted.status, StatusCode::ACCEPTED, "{}", accepted.body);
    let record = app.consent(ADA).await;
    assert_eq!(record[0].source.to_string(), "api: https://www.partner.example/join");
    assert_eq!(record[0].words.as_deref(), Some("Get the Daily every morning"));
}

#[apply(on_both_databases)]
async fn a_mistyped_domain_is_asked_about_once(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let asked = site.post("/subscribe", &[("email", "ada@gmial.com")]).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.body.contains("Did you mean gmail.com?"), "{}", asked.body);
    assert!(asked.body.contains("value=\"ada@gmial.com\" aria-invalid=\"true\""));
    assert!(app.subscriptions("ada@gmial.com").await.is_empty());
    let form = [
        ("email", "ada@gmial.com"),
        ("asked", &*value(&asked.body, "asked")),
        ("form", &*value(&asked.body, "form")),
    ];
    let insisted = site.post("/subscribe", &form).await;
    assert_eq!(insisted.status, StatusCode::SEE_OTHER);
    assert_eq!(app.subscriptions("ada@gmial.com").await.len(), 1);
}

#[apply(on_both_databases)]
async fn the_form_asks_what_the_newsletter_uses_and_the_link_stores_it(mut app: TestApp) {
    app.apply(
        "slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 7 * * *\"\ntimezone = \"Europe/Berlin\"\nlocal_time = true\n\
         topics = [\"Science\", \"Arts\"]",
    )
    .await;
    let site = app.serve().await.clone();
    let page = site.get("/subscribe").await;
    for asked in [
        "name=\"topic\" value=\"science\"",
        "name=\"cadence\" value=\"weekly\"",
        "<option>Asia/Tokyo</option>",
        "<select id=\"language\"",
        "<script src=\"/assets/time-zone.js\" defer></script>",
    ] {
        assert!(page.body.contains(asked), "{asked}: {}", page.body);
    }
    assert!(policy(&page).contains("script-src 'self'"));
    let wrong = [
        ("email", ADA),
        ("topic", "sports"),
        ("cadence", "weekly"),
        ("timezone", "Asia/Tokyo"),
    ];
    let shown = site.post("/subscribe", &wrong).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        shown
            .body
            .contains("<fieldset aria-describedby=\"topic-problem\">\n<legend>Topics"),
        "{}",
        shown.body
    );
    assert!(shown.body.contains("value=\"weekly\" checked") && shown.body.contains("<option selected>Asia/Tokyo"));
    assert!(!shown.body.contains("email-problem"), "the address is right");

    let right = [
        ("email", ADA),
        ("topic", "Arts"),
        ("cadence", "weekly"),
        ("timezone", "Asia/Tokyo"),
        ("language", "pl"),
    ];
    assert_eq!(site.post("/subscribe", &right).await.status, StatusCode::SEE_OTHER);
    site.post(&app.relay.link_for(ADA, "/confirm/").await, &[]).await;
    let subscription = &app.subscriptions(ADA).await[0];
    let mut tx = app.app.store.read().await.expect("the database answers");
    let preferences = tx.preferences(subscription.id).await.expect("they can be read");
    assert_eq!(
        (
            preferences.topics.to_string().as_str(),
            preferences.cadence,
            subscription.language
        ),
        ("arts", Cadence::Weekly, Some(Language::Polish))
    );
}

#[apply(on_both_databases)]
async fn a_form_asks_nothing_that_no_newsletter_uses(mut app: TestApp) {
    app.apply("slug = \"weekly\"\nname = \"Weekly\"\nschedule = \"0 9 * * SAT\"")
        .await;
    let site = app.serve_site().await;
    let page = site.get("/subscribe").await;
    for field in ["topic", "cadence", "timezone"] {
        assert!(!page.body.contains(&format!("name=\"{field}\"")), "{field}");
    }
    assert!(!page.body.contains("<script") && !policy(&page).contains("script-src"));
}

#[apply(on_both_databases)]
async fn every_error_stands_beside_its_field(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    for (field, text, at) in [
        ("email", "ada@", "<label for=\"email\">"),
        (
            "newsletter",
            "",
            "<fieldset aria-describedby=\"newsletter-problem\">\n<legend>Newsletters",
        ),
        ("name", "www.shop.example", "<label for=\"name\">"),
    ] {
        let mut form = vec![("email", ADA), ("newsletter", "daily")];
        form.retain(|(name, _)| *name != field);
        form.push((field, text));
        let shown = site.post("/subscribe", &form).await;
        assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        let id = format!("id=\"{field}-problem\"");
        let (before, problem) = shown.body.split_once(&id).expect("a problem is shown");
        assert_eq!(shown.body.matches("class=\"problem\"").count(), 1, "only one");
        assert!(!before.contains(at) && problem.contains(at), "{field}: {}", shown.body);
        assert_eq!(
            problem
                .matches(&format!("aria-describedby=\"{field}-problem\""))
                .count(),
            1,
            "{field}"
        );
    }
}
