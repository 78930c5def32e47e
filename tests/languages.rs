//! Pages and mails in the reader's language.

use std::collections::BTreeSet;
use std::path::Path;

use daywire::app::{App, StartError};
use daywire::clock::Rng;
use daywire::delivery::control;
use daywire::domain::states::IssueState;
use daywire::feeds::parse::Entry;
use daywire::ingest::retraction::retract;
use daywire::store::article_lists::ArticleFilter;
use daywire::words::{Language, Locales, Voice};
use daywire::worker::Role;
use fluent_syntax::ast::{self, Expression, PatternElement};
use fluent_syntax::parser::parse as parse_fluent;
use reqwest::{Method, StatusCode};

use crate::support::mock_relay::parse;
use crate::support::site::{Answer, Site};
use crate::support::{Engine, TestApp, entry, eventually};

/// A browser that asks for one language.
struct Browser {
    site: Site,
    language: &'static str,
}

impl Browser {
    async fn get(&self, path: &str) -> Answer {
        let request = self.site.request(Method::GET, path);
        self.site.send(request.header("accept-language", self.language)).await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        if path == "/subscribe" {
            body.append_pair("form", &self.site.form_token().await);
        }
        let body = body.finish();
        let request = self
            .site
            .request(Method::POST, path)
            .header("accept-language", self.language)
            .header("content-type", "application/x-www-form-urlencoded");
        self.site.send(request.body(body)).await
    }
}

/// The parts of a language's messages between their values: those with a word of at least four letters.
fn phrases(language: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(language);
    let mut phrases = BTreeSet::new();
    for file in std::fs::read_dir(folder).expect("the language has a folder") {
        let path = file.expect("the folder can be read").path();
        // Readers see no page of the console.
        if ["access.ftl", "console.ftl", "drafts.ftl"]
            .iter()
            .any(|name| path.ends_with(name))
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("the file can be read");
        let resource = parse_fluent(text).expect("the file parses");
        for entry in resource.body {
            if let ast::Entry::Message(message) = entry {
                collect(&message.value.expect("the message has a text"), &mut phrases);
            }
        }
    }
    phrases
}

fn collect(pattern: &ast::Pattern<String>, phrases: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => {
                for part in value.split(['<', '>', '\n']) {
                    let part = part.trim();
                    let has_word = part
                        .split(|c: char| !c.is_alphabetic())
                        .any(|word| word.chars().count() >= 4);
                    if has_word {
                        phrases.insert(part.to_owned());
                    }
                }
            }
            PatternElement::Placeable {
                expression: Expression::Select { variants, .. },
            } => variants.iter().for_each(|variant| collect(&variant.value, phrases)),
            PatternElement::Placeable { .. } => {}
        }
    }
}

/// The texts of HTML that people read or hear: those between tags, and the labels and titles of elements.
fn visible(html: &str) -> String {
    let mut visible = String::new();
    let body = html.split_once("</style>").map_or(html, |_| html);
    for part in body.split('<') {
        let (tag, text) = part.split_once('>').unwrap_or(("", part));
        if tag.starts_with("style") {
            continue;
        }
        for attribute in ["aria-label=\"", "title=\"", "alt=\""] {
            if let Some((_, value)) = tag.split_once(attribute) {
                visible.push_str(value.split('"').next().unwrap_or_default());
                visible.push('\n');
            }
        }
        visible.push_str(text);
    }
    for (code, character) in [
        ("&#38;", "&"),
        ("&#39;", "'"),
        ("&#34;", "\""),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&nbsp;", " "),
    ] {
        visible = visible.replace(code, character);
    }
    visible
}

/// The address in HTML that begins with `path`.
fn link_of(html: &str, path: &str) -> String {
    let (_, rest) = html.split_once(path).expect("the page has the link");
    let token = rest.split('"').next().unwrap_or_default();
    format!("{path}{token}")
}

/// Whether a text contains a phrase as whole words.
fn says(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphabetic);
        let continues = is_word(before) && phrase.starts_with(char::is_alphabetic)
            || is_word(after) && phrase.ends_with(char::is_alphabetic);
        !continues
    })
}

/// Everything that a German reader sees from the sign-up to leaving: pages and mails, each with its place.
#[allow(clippy::too_many_lines, reason = "it is one day, in order")]
async fn a_day(app: &mut TestApp, browser_language: &'static str) -> Vec<(String, String)> {
    let name = "Morgenpost";
    let morning = app
        .apply("slug = \"morgen\"\nname = \"Morgenpost\"\ntopics = [\"Rathaus\"]\nwelcome = true\nstory_note = true\ntop_stories = 1\n")
        .await;
    app.apply("slug = \"abend\"\nname = \"Abendpost\"\n").await;
    let site = app.serve().await.clone();
    let browser = Browser {
        site,
        language: browser_language,
    };
    let address = "ada@leserin.example";
    let mut seen = Vec::new();
    let mut see = |place: &str, answer: &Answer| seen.push((place.to_owned(), answer.body.clone()));
    see("die leere Startseite", &browser.get("/").await);
    see("das Formular", &browser.get("/subscribe").await);
    for form in [
        vec![("email", "ada@"), ("newsletter", "morgen")],
        vec![("email", address), ("newsletter", "")],
        vec![("email", address), ("newsletter", "morgen"), ("topic", "kino")],
        vec![("email", address), ("newsletter", "morgen"), ("timezone", "Bonn")],
    ] {
        let refused = browser.post("/subscribe", &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}");
        see("das Formular mit einem Fehler", &refused);
    }
    let form = [("email", address), ("newsletter", "morgen"), ("newsletter", "abend")];
    let sent = browser.post("/subscribe", &form).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    see("die Antwort", &browser.get("/subscribe/sent").await);
    let confirm = app.relay.link_for(address, "/confirm/").await;
    see("die Bestätigungsseite", &browser.get(&confirm).await);
    see("nach der Bestätigung", &browser.post(&confirm, &[]).await);
    see("ein falscher Link", &browser.get("/confirm/x").await);
    app.relay.link_for(address, "/unsubscribe/").await;
    browser.post("/subscribe", &form[..2]).await;

    let reports = ["Brücke", "Bücherei"].map(|mark| Entry {
        title: format!("{mark} eröffnet"),
        own_title: format!("{mark} eröffnet"),
        summary: format!("{mark}: was geschah."),
        category: Some("Rathaus".into()),
        language: Some("de".into()),
        ..entry(mark)
    });
    app.arrive(&morning, "Nordkurier", &reports).await;
    let issue = app.build(&morning).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.until(issue, IssueState::Sent).await;
    let leave = app.relay.link_for(address, "/unsubscribe/").await;
    let preferences = leave.replace("/unsubscribe/", "/preferences/");
    let manage = app.manage_path(address).await;
    let settings = format!("{manage}/newsletters/morgen");

    see("die Startseite", &browser.get("/").await);
    let articles = {
        let mut tx = app.app.store.read().await.expect("the database answers");
        let articles = tx.articles_after(None, None, ArticleFilter::All, 10).await;
        articles.expect("the articles are listed")
    };
    see(
        "ein Artikel",
        &browser.get(&daywire::digest::article_path(&articles[0])).await,
    );
    retract(&app.app, articles[1].id, "Das stimmte nicht.")
        .await
        .expect("the article is retracted");
    for path in [
        "/archive",
        "/archive/morgen",
        "/archive/morgen/1",
        "/archive/morgen/9",
        "/archive/abend",
        "/archive/nichts",
        "/nichts",
        "/unsubscribe/x",
        &format!("/articles/{}", articles[1].public_id),
        &preferences,
        &format!("{preferences}/sent"),
        &manage,
        &format!("{manage}/address/sent"),
        &settings,
        "/lost-link",
        "/lost-link/sent",
        "/address/x",
    ] {
        see(path, &browser.get(path).await);
    }
    for form in [
        vec![("cadence", "hourly")],
        vec![("timezone", "Bonn")],
        vec![("pause_until", "morgen")],
        vec![("pause_until", "2020-01-01")],
        vec![("pause_until", "2030-01-01")],
        vec![("resume", "yes")],
        vec![("topic", "kino")],
        vec![("language", "tlh")],
    ] {
        let refused = browser.post(&settings, &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}");
        see("die Einstellungen mit einem Fehler", &refused);
    }
    let change = [
        ("cadence", "weekly"),
        ("timezone", "Europe/Berlin"),
        ("pause_until", "2027-01-31"),
        ("topic", "rathaus"),
    ];
    assert_eq!(browser.post(&settings, &change).await.status, StatusCode::SEE_OTHER);
    see(
        "die gespeicherten Einstellungen",
        &browser.get(&format!("{settings}?saved")).await,
    );
    see("die pausierten Einstellungen", &browser.get(&preferences).await);
    see(
        "der Link für andere Einstellungen",
        &browser.post(&preferences, &[("cadence", "weekly")]).await,
    );
    see("die Abmeldeseite", &browser.get(&leave).await);
    let left = browser.post(&leave, &[]).await;
    see("nach der Abmeldung", &left);
    see("Einstellungen ohne Abonnement", &browser.get(&preferences).await);
    see("ein benutzter Link", &browser.get(&confirm).await);
    let undo = link_of(&left.body, "/unsubscribe/undo/");
    see("die rückgängig gemachte Abmeldung", &browser.post(&undo, &[]).await);
    let left = browser
        .post(&format!("{manage}/leave"), &[("newsletter", "morgen")])
        .await;
    let page = left.header("location").expect("the page after leaving has an address");
    see("eine zweite Abmeldung", &browser.get(page).await);
    browser
        .post(&format!("{manage}/join"), &[("newsletter", "morgen")])
        .await;
    see("gespeichert", &browser.get(&format!("{manage}?saved")).await);
    for form in [("email", "ada@"), ("email", address)] {
        let refused = browser.post(&format!("{manage}/address"), &[form]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}");
        see("eine falsche neue Adresse", &refused);
    }
    let new = "ada@neu.example";
    browser.post(&format!("{manage}/address"), &[("email", new)]).await;
    let confirm_address = app.relay.link_for(new, "/address/").await;
    see("die neue Adresse", &browser.get(&confirm_address).await);
    see(
        "nach dem Wechsel der Adresse",
        &browser.post(&confirm_address, &[]).await,
    );
    let undo = app.relay.link_for(address, "/address/undo/").await;
    see("zurück zur alten Adresse", &browser.get(&undo).await);
    see("wieder die alte Adresse", &browser.post(&undo, &[]).await);
    see("ein überholter Wechsel", &browser.post(&confirm_address, &[]).await);
    see(
        "ein falscher verlorener Link",
        &browser.post("/lost-link", &[("email", "ada@")]).await,
    );
    browser.post("/lost-link", &[("email", address)]).await;
    // The link from before the change does not work any more.
    let manage = app.manage_path(address).await;
    for action in ["export", "erase"] {
        browser.post(&format!("{manage}/{action}"), &[]).await;
        let link = app.relay.link_for(address, &format!("/{action}/")).await;
        see(action, &browser.get(&link).await);
    }
    see("ein falscher Weg", &browser.post("/archive", &[]).await);
    // The confirmation, the welcome, the reminder, the issue, the changed preferences, the changed address, the undone change, the lost link,
    // the export and the erasure.
    eventually("ten mails arrive", || async {
        app.relay.received_for(address).len() == 10
    })
    .await;
    let mut words = Vec::new();
    for subscription in app.subscriptions(address).await {
        let mut tx = app.app.store.read().await.expect("the database answers");
        let consent = tx.consent_of(subscription.id).await.expect("the record is read");
        words.extend(consent.into_iter().filter_map(|record| record.words));
    }
    seen.push(("der Text der Einwilligungen".to_owned(), words.join("\n")));
    let mails = [app.relay.received_for(address), app.relay.received_for(new)].concat();
    for mail in mails {
        let parsed = parse(&mail.bytes);
        let subject = parsed.subject().unwrap_or_default().to_owned();
        let html = parsed.body_html(0).expect("the mail has HTML").into_owned();
        seen.push((format!("die E-Mail „{subject}“"), html));
        let text = parsed.body_text(0).expect("the mail has text").into_owned();
        seen.push((format!("der Text der E-Mail „{subject}“"), format!("{subject}\n{text}")));
    }
    let erase = app.relay.link_for(address, "/erase/").await;
    for place in ["gelöscht", "schon gelöscht"] {
        seen.push((place.to_owned(), browser.post(&erase, &[]).await.body));
    }
    assert!(
        seen.iter().any(|(place, _)| place.contains(name)),
        "a subject names the newsletter"
    );
    seen
}

#[apply(on_both_databases)]
async fn a_day_in_german_contains_no_english_text(engine: Engine) {
    let mut app = TestApp::with(engine, |config| {
        config.site.name = "Nordlicht".into();
        config.site.tagline = "Neues aus dem Norden.".into();
    })
    .await;
    let teardown = app.teardown();
    let seen = a_day(&mut app, "de-AT,de;q=0.9,en;q=0.5").await;
    let (english, german) = (phrases("en"), phrases("de"));
    // Some words are the same in both: “dieses Newsletters”.
    let is_german = |phrase: &String| german.iter().any(|other| says(other, phrase));
    let only_english: Vec<&String> = english.iter().filter(|phrase| !is_german(phrase)).collect();
    assert!(only_english.len() > 250, "{}", only_english.len());
    for (place, body) in &seen {
        let is_html = body.starts_with("<!DOCTYPE html>");
        assert!(is_html || place.starts_with("der Text"), "{place}: {body}");
        assert!(!is_html || body.contains("<html lang=\"de\">"), "{place}: {body}");
        let text = if is_html { visible(body) } else { body.clone() };
        // Addresses contain English words, and lines are broken anywhere.
        let words = text.split_whitespace().filter(|word| !word.starts_with("https://"));
        let text = words.collect::<Vec<_>>().join(" ");
        for phrase in &only_english {
            assert!(!says(&text, phrase), "“{phrase}” is in {place}: {text}");
        }
    }
    let used = |phrase: &&String| seen.iter().any(|(_, body)| visible(body).contains(phrase.as_str()));
    let used = german.iter().filter(used).count();
    assert!(used > 190, "only {used} German phrases were seen");
    let (_, words) = seen
        .iter()
        .find(|(place, _)| place == "der Text der Einwilligungen")
        .expect("the words are on record");
    assert!(words.contains("Mit dem Abonnieren stimmen Sie zu"), "{words}");
    assert!(words.contains("Morgenpost abonnieren"), "{words}");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn arabic_pages_and_mails_run_from_right_to_left(engine: Engine) {
    let mut app = TestApp::new(engine).await;
    let teardown = app.teardown();
    for (place, body) in a_day(&mut app, "ar").await {
        if body.starts_with("<!DOCTYPE html>") {
            assert!(body.contains("<html lang=\"ar\" dir=\"rtl\">"), "{place}: {body}");
        }
        if place.starts_with("die E-Mail") {
            let style = body.replace(": ", ":");
            assert!(style.contains("text-align:right"), "{place}: {body}");
        }
    }
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn the_readers_choice_precedes_the_browsers_language(mut app: TestApp) {
    app.daily().await;
    let site = app.serve_site().await;
    let browser = Browser {
        site: site.clone(),
        language: "fr, de;q=0.5",
    };
    let page = browser.get("/").await;
    assert!(page.body.contains("<html lang=\"fr\">"));
    assert_eq!(page.header("vary"), Some("Accept-Language, Cookie"));
    assert_eq!(page.header("content-language"), Some("fr"));
    assert_eq!(page.header("set-cookie"), None);
    assert!(
        page.body
            .contains("<a href=\"?lang=pl\" hreflang=\"pl\" lang=\"pl\" rel=\"nofollow\">Polski</a>")
    );
    let chosen = browser
        .get("/archive?before=6d3ad1d2-0000-7000-8000-000000000000&lang=pl")
        .await;
    assert!(chosen.body.contains("<html lang=\"pl\">"), "{}", chosen.body);
    assert!(
        chosen
            .body
            .contains("href=\"?before=6d3ad1d2-0000-7000-8000-000000000000&#38;lang=de\""),
        "{}",
        chosen.body
    );
    let cookie = chosen.header("set-cookie").expect("the choice is kept");
    assert_eq!(
        cookie,
        "lang=pl; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure"
    );
    let request = site.request(Method::GET, "/nowhere").header("accept-language", "fr");
    let later = site.send(request.header("cookie", "lang=pl")).await;
    assert_eq!(later.status, StatusCode::NOT_FOUND);
    assert!(
        later.body.contains("<html lang=\"pl\">"),
        "error pages too: {}",
        later.body
    );
    let unknown = browser.get("/?lang=tlh").await;
    assert!(unknown.body.contains("<html lang=\"fr\">"));
    assert_eq!(unknown.header("set-cookie"), None);
    let feed = browser.get("/feed.xml").await;
    assert_eq!(feed.header("vary"), None, "a feed is the same for all");
}

#[apply(on_both_databases)]
async fn without_a_choice_pages_and_mails_are_in_the_sites_language(engine: Engine) {
    let mut app = TestApp::with(engine, |config| config.site.language = Language::Italian).await;
    let teardown = app.teardown();
    app.daily().await;
    app.serve().await;
    assert!(app.site().get("/").await.body.contains("<html lang=\"it\">"));
    app.site()
        .post_json(
            "/api/v1/subscriptions",
            &serde_json::json!({"email": "ada@reader.example"}),
        )
        .await;
    app.site()
        .post_json(
            "/api/v1/subscriptions",
            &serde_json::json!({"email": "ben@reader.example", "language": "ja-JP"}),
        )
        .await;
    for (address, subject) in [
        ("ada@reader.example", "Conferma l’iscrizione"),
        ("ben@reader.example", "購読の確認"),
    ] {
        app.relay.link_for(address, "/confirm/").await;
        let mails = app.relay.received_for(address);
        let parsed = parse(&mails[0].bytes);
        assert!(
            parsed.subject().unwrap_or_default().starts_with(subject),
            "{:?}",
            parsed.subject()
        );
    }
    let refused = app
        .site()
        .post_json(
            "/api/v1/subscriptions",
            &serde_json::json!({"email": "ada@reader.example", "language": "tlh"}),
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("is not a language of Daywire"),
        "{}",
        refused.body
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn readers_of_another_language_get_the_same_stories_with_their_fixed_texts(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.speak("reader1@reader.example", Language::German).await;
    app.articles(&daily, 2).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let editions = app.editions(issue).await;
    let names: Vec<_> = editions.iter().map(|one| (one.name.as_str(), one.recipients)).collect();
    assert_eq!(names, [("language: de", Some(1))]);
    app.until(editions[0].id, IssueState::Sent).await;
    let html = |reader: usize| {
        let mails = app.relay.received_for(&format!("reader{reader}@reader.example"));
        assert_eq!(mails.len(), 1);
        parse(&mails[0].bytes)
            .body_html(0)
            .expect("the mail has HTML")
            .into_owned()
    };
    let (english, german) = (html(0), html(1));
    assert!(english.contains("In this issue: 2 stories") && english.contains("<html lang=\"en\">"));
    assert!(german.contains("In dieser Ausgabe: 2 Meldungen") && german.contains("<html lang=\"de\">"));
    assert!(german.contains("Montag, 23. November 2026"), "{german}");
    for story in english
        .match_indices("wire.example/")
        .map(|(at, _)| &english[at..at + 20])
    {
        assert!(german.contains(story), "{story}");
    }
    app.delivery_report(editions[0].id).await;
}

#[apply(on_both_databases)]
async fn readers_who_want_the_newsletters_language_get_the_issue_itself(mut app: TestApp) {
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily\"\nlanguage = \"de-CH\"\n")
        .await;
    app.readers(&daily, 2).await;
    app.speak("reader1@reader.example", Language::German).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    control::send(&app.app, issue).await.expect("the issue can be sent");
    assert_eq!(app.editions(issue).await, []);
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    for mail in app.relay.received() {
        let html = parse(&mail.bytes).body_html(0).expect("the mail has HTML").into_owned();
        assert!(html.contains("<html lang=\"de\">"), "{html}");
    }
}

#[apply(on_both_databases)]
async fn an_operators_file_replaces_single_messages_and_is_checked_at_the_start(engine: Engine) {
    let mut app = TestApp::new(engine).await;
    let teardown = app.teardown();
    app.daily().await;
    let folder = app.folder().join("locales");
    std::fs::create_dir(&folder).expect("the folder can be made");
    let write = |file: &str, text: &str| std::fs::write(folder.join(file), text).expect("the file can be written");
    let mut config = app.app.config.clone();
    config.site.locales = Some(folder.clone());
    for (file, text, expected) in [
        (
            "de.ftl",
            "subscribe = Los\n\nsubscribed = Da\n",
            "de.ftl, line 3: the message “subscribed” does not exist",
        ),
        (
            "de.ftl",
            "subscribe = { $name } los\n",
            "de.ftl, line 1: the message “subscribe” has no variable $name",
        ),
        ("de.ftl", "subscribe = Los\nsave { x\n", "de.ftl, line 2"),
        (
            "klingon.ftl",
            "subscribe = Qapla\n",
            "klingon.ftl is not named after a language",
        ),
    ] {
        write(file, text);
        let error = App::open(config.clone(), app.app.clock.clone(), Rng::System)
            .await
            .expect_err("the file is invalid");
        assert!(matches!(error, StartError::Locales(_)));
        assert!(error.to_string().contains(expected), "{error}");
        std::fs::remove_file(folder.join(file)).expect("the file can be removed");
    }
    write("de.ftl", "subscribe = Los geht’s\n");
    write("notes.txt", "not a file of messages");
    app.restart(|config| config.site.locales = Some(folder)).await;
    let site = app.serve_site().await;
    let page = Browser {
        site: site.clone(),
        language: "de",
    }
    .get("/")
    .await
    .body;
    assert!(page.contains("<button type=\"submit\">Los geht’s</button>"), "{page}");
    assert!(page.contains("Neueste Meldungen"), "other messages stay: {page}");
    assert!(
        site.get("/")
            .await
            .body
            .contains("<button type=\"submit\">Subscribe</button>")
    );
    teardown.finish().await;
}

#[test]
fn a_name_against_the_direction_of_a_page_is_isolated() {
    let arabic = Locales::default().words(Language::Arabic, Voice::Plain);
    assert_eq!(arabic.language().tag(), "ar");
    let site = daywire::web::pages::Site {
        name: "C++ Weekly!".into(),
        words: arabic,
        ..crate::support::views::site()
    };
    let page = daywire::web::pages::ConfirmPage {
        site,
        newsletters: vec!["C++ Weekly!".into()],
        action: "/confirm/x".into(),
    };
    let page = askama::Template::render(&page).expect("the template renders");
    assert!(page.contains("\u{2068}C++ Weekly!\u{2069}"), "{page}");
}

/// The text of a template outside tags, expressions and statements, and outside the blocks that only set attributes.
fn literal_text(template: &str) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['<', '{']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = match &rest[..2.min(rest.len())] {
            "{{" => "}}",
            "{%" => "%}",
            "{#" => "#}",
            _ => ">",
        };
        let only_attributes = ["main_class", "language", "turned", "at_"];
        let is_attribute = rest
            .strip_prefix("{% block ")
            .is_some_and(|name| only_attributes.iter().any(|block| name.starts_with(block)));
        let end = if is_attribute { "{% endblock %}" } else { end };
        let Some((_, after)) = rest.split_once(end) else { break };
        text.push(' ');
        rest = after;
    }
    text + rest
}

#[test]
fn readers_pages_and_mails_have_no_words_outside_the_messages() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut checked = 0;
    for folder in ["templates/pages", "templates/pages/parts", "templates/emails"] {
        for file in std::fs::read_dir(root.join(folder)).expect("the folder can be read") {
            let path = file.expect("the folder can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // Notices go to operators, in English.
            let is_template = path.extension().is_some_and(|kind| kind == "html" || kind == "txt");
            if !is_template || name.starts_with("notice.") {
                continue;
            }
            let template = std::fs::read_to_string(&path).expect("the template can be read");
            let text = literal_text(&template).replace("&nbsp;", " ");
            let words = text
                .split_whitespace()
                .filter(|part| !part.starts_with('/') && !part.contains('='));
            let mut words = words.filter(|word| word.chars().filter(|letter| letter.is_alphabetic()).count() > 1);
            assert_eq!(words.next(), None, "{name} has a word that is in no message");
            checked += 1;
        }
    }
    assert!(checked > 40, "only {checked} templates were checked");
    for file in std::fs::read_dir(root.join("src/web")).expect("the folder can be read") {
        let path = file.expect("the folder can be read").path();
        let Ok(source) = std::fs::read_to_string(&path) else {
            continue;
        };
        for field in ["title", "happened", "next", "problem", "heading", "label"] {
            let literal = format!(" {field}: \"");
            assert!(!source.contains(&literal), "{}: {field} is no message", path.display());
        }
    }
}
