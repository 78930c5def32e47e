//! An operator's own templates: what they show, what is refused, and what happens if one fails.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use daywire::digest::render::{render, with_links};
use daywire::mail::look::MailLook;
use daywire::signup::confirmation_mail;
use daywire::templates::Templates;

use crate::brand::example;
use crate::support::program::Program;
use crate::support::views::{confirmation, digest, full_digest, story};
use crate::support::{Engine, TestApp};

/// The look with templates of these names and contents.
fn look(files: &[(&str, &str)]) -> Arc<MailLook> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("the file is written");
    }
    Arc::new(MailLook {
        templates: Templates::read(folder.path()).expect("the templates parse"),
        ..MailLook::default()
    })
}

/// Writes the files into a folder, and runs `daywire template check` on it.
fn check(files: &[(&str, &str)]) -> crate::support::program::CommandOutput {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let templates = folder.path().join("templates");
    fs::create_dir(&templates).expect("the folder can be made");
    for (name, content) in files {
        fs::write(templates.join(name), content).expect("the file is written");
    }
    Program::in_folder(folder.path()).run(&["template", "check", "--folder", "templates"])
}

const LEAVE: &str = "{{ unsubscribe_url }}";

/// The name of a template, its content, and what the message about its fault contains.
const FAULTS: &[(&str, &str, &[&str])] = &[
    // A loop without end, as far as a template can write one.
    (
        "digest.txt",
        "{{ unsubscribe_url }}\n{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}\n{% endfor %}",
        &["templates.dir: digest.txt, line 2: it took more than 2 million steps"],
    ),
    (
        "digest.txt",
        "{% macro again() %}{{ again() }}{% endmacro %}\n{{ again() }}{{ unsubscribe_url }}",
        &["digest.txt, line"],
    ),
    (
        "digest.txt",
        "{{ unsubscribe_url }}{% for a in range(9000) %}{{ opening }}{{ opening }}{{ opening }}{{ opening }}{% endfor %}",
        &["digest.txt", "it writes more than 1024 KiB"],
    ),
    // Unknown variables: on the way, off the way of the sample data, of a story, and in a file that is included.
    (
        "digest.html",
        "<p>\n{{ newsletter_nam }}</p>",
        &["digest.html, line 2: there is no variable “newsletter_nam”; did you mean “newsletter_name”?"],
    ),
    (
        "digest.html",
        "{% if false %}\n{{ look.light.grund }}{% endif %}{{ unsubscribe_url }}",
        &["digest.html, line 2: there is no variable “look.light.grund”; did you mean “ground”?"],
    ),
    (
        "digest.html",
        "{{ unsubscribe_url }}\n\n{% for story in stories %}{{ story.titel }}{% endfor %}",
        &["digest.html, line 3: there is no variable “story.titel”"],
    ),
    (
        "page.html",
        "{% if is_front %}{{ site.name }}{% endif %}",
        &["page.html, line 1: there is no variable “site”"],
    ),
    // Tags that are not closed.
    ("digest.html", "<p>\n{{ opening </p>", &["digest.html, line 2"]),
    (
        "digest.html",
        "<p>\n{% if opening %}\n</p>",
        &["digest.html, line", "is not closed"],
    ),
    (
        "digest.html",
        "{% for story in stories %}\n",
        &["digest.html, line", "is not closed"],
    ),
    (
        "digest.html",
        "{{ opening|shout }}",
        &["digest.html, line 1", "filter", "shout"],
    ),
    // Messages.
    (
        "confirmation.html",
        "{{ confirm_url }}\n{{ message(\"subscribed\") }}",
        &["confirmation.html, line 2: there is no message “subscribed”; did you mean “subscribe”?"],
    ),
    (
        "confirmation.html",
        "{{ confirm_url }}{{ message(\"confirm-mail-valid\") }}",
        &["needs the variable within"],
    ),
    (
        "confirmation.html",
        "{{ confirm_url }}{{ message(\"confirm-mail-sent-by\", site=site_name) }}",
        &["write message_link("],
    ),
    // Files.
    (
        "digest.html",
        "{% include \"/etc/passwd\" %}",
        &["digest.html, line 1", "/etc/passwd"],
    ),
    (
        "digest.html",
        "{% include \"../daywire.toml\" %}",
        &["digest.html, line 1"],
    ),
    (
        "digset.html",
        "x",
        &["digset.html: no template has this name; did you mean digest.html?"],
    ),
    // What must be there.
    (
        "digest.html",
        "<html lang=\"en\"><title>x</title></html>",
        &["digest.html: it does not show {{ unsubscribe_url }}"],
    ),
    (
        "confirmation.txt",
        "Confirm!",
        &["confirmation.txt: it does not show {{ confirm_url }}"],
    ),
    (
        "page.html",
        "<html lang=\"{{ language }}\"><head>{{ head }}</head></html>",
        &["page.html: it does not show {{ main }}"],
    ),
    (
        "page.html",
        "<html><head>{{ head }}</head>{{ main }}</html>",
        &["page.html: it does not show {{ language }}: screen readers"],
    ),
    (
        "page.html",
        "<html lang=\"{{ language }}\"><head>{{ head }}<script>x</script></head>{{ main }}</html>",
        &["page.html: it has <script, which the policy of the pages forbids"],
    ),
    // What preflight finds.
    (
        "digest.html",
        "<html lang=\"en\"><head><title>x</title></head><body><p style=\"color: #ccc\">{{ opening }}</p>{{ unsubscribe_url }}</body></html>",
        &["digest.html: preflight would stop the issue"],
    ),
];

#[test]
fn every_kind_of_fault_is_named_with_its_file_and_line() {
    for (name, content, expected) in FAULTS {
        let checked = check(&[(name, content)]);
        assert_eq!(
            (checked.status, checked.out.as_str()),
            (Some(1), ""),
            "{content}: {checked:?}"
        );
        for part in *expected {
            assert!(
                checked.err.contains(part),
                "{content}\nexpected: {part}\ngot: {}",
                checked.err
            );
        }
    }
}

#[test]
fn a_template_with_a_fault_stops_the_service_and_a_sound_one_does_not() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let program = Program::in_folder(folder.path()).with("DAYWIRE_HTTP__LISTEN", "127.0.0.1:0");
    fs::create_dir(folder.path().join("templates")).expect("the folder can be made");
    let settings = program.file("daywire.toml", "[templates]\ndir = \"templates\"\n");
    program.file("templates/digest.txt", "{{ unsubscribe_url }}\n{{ issue_nr }}");
    let stopped = program.run(&["--config", &settings, "serve"]);
    assert!(
        stopped.err.contains(
            "templates.dir: digest.txt, line 2: there is no variable “issue_nr”; did you mean “issue_number”?"
        ),
        "{stopped:?}"
    );
    assert_eq!(stopped.status, Some(1));
    let json = program.run(&["--config", &settings, "template", "check", "--json"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(json["faults"][0]["file"], "digest.txt");
    assert_eq!(json["faults"][0]["line"], 2);
    program.file(
        "templates/digest.txt",
        "{{ opening|wrap }}\n{{ unsubscribe_url }} {{ preferences_url }}\n",
    );
    let sound = program.ok(&["--config", &settings, "template", "check"]);
    assert_eq!(sound, "digest.txt: no fault found\n");
}

#[test]
fn the_example_of_the_docs_is_sound_and_shows_the_issue() {
    let example_folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/brands/ledger");
    let settings = example_folder.join("daywire.toml");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let program = Program::in_folder(folder.path());
    let settings = settings.to_str().expect("the path is UTF-8");
    let checked = program.ok(&["--config", settings, "template", "check"]);
    assert_eq!(checked, "page.html, digest.html, confirmation.html: no fault found\n");

    let config = example("ledger");
    let mut look = config.brand.mail_look(&config.site.url);
    look.templates = Templates::read(&example_folder.join("templates")).expect("the templates parse");
    let mut view = full_digest();
    view.look = Arc::new(look);
    let rendered = render(&view).expect("the template renders");
    for story in &view.stories {
        assert!(
            rendered.html.contains(&story.title.replace('&', "&amp;")),
            "{}",
            story.title
        );
    }
    assert!(rendered.html.contains("STATION ONE, 1 Mast Road, 10115 Berlin") && rendered.html.contains("#990f3d"));
    let html = with_links(&rendered.html, "https://news.example", "TOKEN");
    assert!(
        html.contains("href=\"https://news.example/unsubscribe/TOKEN\""),
        "{html}"
    );
}

#[test]
fn what_readers_typed_or_feeds_sent_is_escaped() {
    let look = look(&[
        (
            "digest.html",
            &format!(
                "<html lang=\"en\"><title>x</title>{{% for story in stories %}}<p>{{{{ story.title }}}}</p>{{% endfor %}}{LEAVE} {{{{ postal_address }}}}</html>"
            ),
        ),
        (
            "digest.txt",
            &format!(
                "{{% for story in stories %}}{{{{ story.title }}}}{{% endfor %}} {LEAVE} {{{{ postal_address }}}}"
            ),
        ),
    ]);
    let mut view = digest(vec![story(0)]);
    view.stories[0].title = "<script>alert(1)</script> & {{ unsubscribe_url }}".into();
    view.look = look;
    let rendered = render(&view).expect("the template renders");
    assert!(
        rendered
            .html
            .contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; {{ unsubscribe_url }}"),
        "{}",
        rendered.html
    );
    assert!(
        rendered
            .text
            .contains("<script>alert(1)</script> & {{ unsubscribe_url }}"),
        "{}",
        rendered.text
    );
}

#[test]
fn a_template_that_fails_on_real_data_is_replaced_by_the_built_in_one() {
    let built_in = confirmation_mail::render(&confirmation()).expect("the template renders");
    let mut view = confirmation();
    view.look = look(&[
        ("confirmation.html", "{{ confirm_url }} {{ newsletters[7].name }}"),
        ("confirmation.txt", "no link"),
    ]);
    assert_eq!(
        confirmation_mail::render(&view).expect("the template renders"),
        built_in
    );
}

#[apply(on_both_databases)]
async fn the_operators_frame_is_around_every_page_and_forms_still_work(engine: Engine) {
    let mut app = TestApp::with(engine, |config| {
        let example = example("ledger");
        config.brand = example.brand;
        config.templates = example.templates;
    })
    .await;
    let teardown = app.teardown();
    app.daily().await;
    let site = app.serve_site().await;
    for path in ["/", "/archive", "/search", "/subscribe", "/nowhere"] {
        let answer = site.get(path).await;
        let page = &answer.body;
        assert!(
            page.contains("<header class=\"ledger-mast\">") && !page.contains("class=\"mast\""),
            "{path}: {page}"
        );
        assert!(
            !page.contains("[part ") && page.matches("<main ").count() == 1,
            "{path}: {page}"
        );
        assert!(
            page.contains("<link rel=\"stylesheet\" href=\"/assets/brand-"),
            "{path}"
        );
        assert_eq!(page.matches("<title>").count(), 1, "{path}");
        assert!(answer.header("content-security-policy").is_some());
    }
    assert!(site.get("/").await.body.contains("<h1 class=\"ledger-name\">"));
    assert!(site.get("/archive").await.body.contains("aria-current=\"page\""));
    let german = site.get("/archive?lang=de").await.body;
    assert!(
        german.contains("<html lang=\"de\" dir=\"ltr\">") && german.contains("Abonnieren"),
        "{german}"
    );
    assert!(
        site.get("/archive?lang=ar")
            .await
            .body
            .contains("<html lang=\"ar\" dir=\"rtl\">")
    );
    let tag = site.get("/search").await;
    let tag = tag.header("etag").expect("the page has a tag");
    let request = site
        .request(reqwest::Method::GET, "/search")
        .header("if-none-match", tag);
    assert_eq!(site.send(request).await.status, 304);
    let answer = site.post("/subscribe", &[("email", "ada@reader.example")]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, Some("/subscribe/sent"))
    );
    teardown.finish().await;
}
