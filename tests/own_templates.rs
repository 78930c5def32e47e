//! An operator's own templates: what they show, what is refused, and what happens if one fails.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use daywire::digest::render::{render, with_links};
use daywire::feeds::parse::Entry;
use daywire::mail::look::MailLook;
use daywire::notices;
use daywire::signup::confirmation_mail;
use daywire::templates::Templates;

use crate::brand::example;
use crate::support::program::Program;
use crate::support::views::{confirmation, digest, full_digest, story};
use crate::support::{Engine, TestApp, entry, eventually, notify_desk};

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
        "welcome.md",
        "x",
        &["welcome.md: it is no template, which ends in .html or .txt; did you mean welcome.html?"],
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

/// The files of a folder, and what the message about each of its faults contains.
type Folder<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

const FAULTS_OFF_THE_WAY: &[Folder<'_>] = &[
    (
        &[(
            "digest.txt",
            "{{ unsubscribe_url }}\n{% if false %}{% for story in stories %}\n{{ story.titel }}{% endfor %}{% endif %}",
        )],
        &["digest.txt, line 3: there is no variable “story.titel”; did you mean “title”?"],
    ),
    // In a file that is included in a loop, and in one that this file includes.
    (
        &[
            (
                "digest.txt",
                "{{ unsubscribe_url }}{% for story in stories %}{% include \"_story.txt\" %}{% endfor %}",
            ),
            (
                "_story.txt",
                "{% if story.url == \"never\" %}\n{{ story.picture.hight }}{% include \"_more.txt\" %}{% endif %}",
            ),
            (
                "_more.txt",
                "{% if false %}{{ story.nothing }}\n\n{{ site_nam }}{% endif %}",
            ),
        ],
        &[
            "_story.txt, line 2: there is no variable “story.picture.hight”; did you mean “height”?",
            "_more.txt, line 1: there is no variable “story.nothing”",
            "_more.txt, line 3: there is no variable “site_nam”; did you mean “site_name”?",
        ],
    ),
    // In macros: of the file, imported, called by another macro, and called by nothing.
    (
        &[
            (
                "digest.txt",
                "{% from \"_m.txt\" import item as one %}{% import \"_m.txt\" as m %}{{ unsubscribe_url }}\n\
                 {% for story in stories %}{{ one(story) }}{% for source in story.also %}{{ m.outer(source=source) }}{% endfor %}{% endfor %}",
            ),
            (
                "_m.txt",
                "{% macro item(story) %}{% if false %}\n{{ story.excerp }}{% endif %}{% endmacro %}\n\
                 {% macro outer(source) %}{{ inner(source) }}{% endmacro %}\n\
                 {% macro inner(from) %}{% if false %}{{ from.title }}{% endif %}{% endmacro %}\n\
                 {% macro uncalled() %}{{ newsletter }}{% endmacro %}",
            ),
        ],
        &[
            "_m.txt, line 2: there is no variable “story.excerp”; did you mean “excerpt”?",
            "_m.txt, line 4: there is no variable “from.title”",
            "_m.txt, line 5: there is no variable “newsletter”; did you mean “newsletter_name”?",
        ],
    ),
    // Under other names, and of a list instead of its elements.
    (
        &[(
            "digest.txt",
            "{{ unsubscribe_url }}{% set top = stories|first %}{% if false %}{{ top.headline }}\n{{ stories.title }}\n\
             {% with colours = look.light %}{{ colours.grond }}{% endwith %}{{ stories[0].lead }}{% endif %}",
        )],
        &[
            "line 1: there is no variable “top.headline”",
            "line 2: there is no variable “stories.title”",
            "line 3: there is no variable “colours.grond”; did you mean “ground”?",
            "line 3: there is no variable “stories[…].lead”",
        ],
    ),
    // In a layout and its blocks.
    (
        &[
            (
                "welcome.txt",
                "{% extends \"_base.txt\" %}{% block body %}{% if false %}{{ latest.title }}{% endif %}{% endblock %}",
            ),
            (
                "_base.txt",
                "{% block body %}{% endblock %}{% if false %}{{ stories }}{% endif %}{{ unsubscribe_url }}",
            ),
        ],
        &[
            "welcome.txt, line 1: there is no variable “latest.title”",
            "_base.txt, line 1: there is no variable “stories”",
        ],
    ),
    // In a file that no template includes, and a file that does not exist.
    (
        &[("_spare.html", "{{ stories }}\n{{ nonsense }}")],
        &["_spare.html, line 2: there is no variable “nonsense”"],
    ),
    (
        &[(
            "notice.txt",
            "{{ subject }}{% if false %}\n{% include \"_gone.txt\" %}{% endif %}",
        )],
        &["notice.txt, line 2: it needs “_gone.txt”, and there is no such file in the folder"],
    ),
];

#[test]
fn unknown_names_are_found_where_no_sample_leads_to() {
    for (files, expected) in FAULTS_OFF_THE_WAY {
        let checked = check(files);
        assert_eq!(checked.status, Some(1), "{files:?}: {checked:?}");
        for part in *expected {
            assert!(
                checked.err.contains(part),
                "{files:?}\nexpected: {part}\ngot: {}",
                checked.err
            );
        }
        // And nothing else, besides the line that counts them.
        assert_eq!(checked.err.lines().count(), expected.len() + 1, "{}", checked.err);
    }
}

#[test]
fn names_that_a_template_makes_itself_are_no_fault() {
    let digest = "{% extends \"_base.txt\" %}
{% from \"_m.txt\" import item, separator %}
{% macro local(story, depth=0) %}{{ depth }}{{ story.title }}{% if depth < 1 %}{{ local(story, depth=depth + 1) }}{% endif %}{% endmacro %}
{% block body %}{{ super() }}
{% set ns = namespace(count=0) %}{% set shown = stories|sort(attribute=\"title\") %}
{% for story in shown if story.title %}{% set ns.count = ns.count + 1 %}{{ loop.index }}{{ item(story) }}{{ local(story) }}{{ separator }}
{% for name, value in story|items %}{{ name }}{% endfor %}{% else %}{{ intro or opening }}{% endfor %}
{% for a, b in [(1, 2)] %}{{ a }}{{ b }}{% endfor %}{% for word in range(3) %}{{ word }}{% endfor %}
{% if ns.count %}{% set note = \"x\" %}{% else %}{% set note = \"y\" %}{% endif %}{{ note }}
{% if stories %}{% with last = stories|last %}{{ last.title }}{% endwith %}{% endif %}
{% call(text) wrapped() %}{{ text }}{% endcall %}
{% include [\"_missing.txt\", \"_foot.txt\"] %}{% include \"_other.txt\" ignore missing %}
{{ look.light[\"ground\"] }}{{ message(\"unsubscribe\") }}
{% endblock %}
{% macro wrapped() %}{{ caller(\"a\") }}{% endmacro %}";
    let checked = check(&[
        ("digest.txt", digest),
        (
            "_base.txt",
            "{% block body %}{{ newsletter_name }}{% endblock %}{{ postal_address or \"\" }}",
        ),
        (
            "_m.txt",
            "{% set separator = \"--\" %}{% macro item(story) %}{{ separator }}{{ story.title }}{% endmacro %}",
        ),
        ("_foot.txt", "{{ unsubscribe_url }}"),
    ]);
    assert_eq!((checked.status, checked.err.as_str()), (Some(0), ""), "{checked:?}");
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
async fn operators_get_one_notice_of_a_template_that_fails(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    // It fails as soon as a reader wants more than one newsletter.
    let fragile = "{{ confirm_url }} {% if newsletters|length > 1 %}{{ newsletters[7].name }}{% endif %}";
    fs::write(folder.path().join("confirmation.txt"), fragile).expect("the file is written");
    let dir = folder.path().to_owned();
    let mut app = TestApp::with(engine, move |config| {
        notify_desk(config);
        config.templates.dir = Some(dir);
    })
    .await;
    let teardown = app.teardown();
    let mut other = app.another().await;
    app.daily().await;
    app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    app.serve().await;
    other.serve().await;
    // Both processes find the failure, and both readers get the built-in mail.
    for (node, reader) in [(&app, "ada@reader.example"), (&other, "ben@reader.example")] {
        let fields = [("email", reader), ("newsletter", "daily"), ("newsletter", "weekly")];
        node.site().post("/subscribe", &fields).await;
        app.relay.link_for(reader, "/confirm/").await;
    }
    eventually("the notice is mailed", || async {
        !app.relay.received_for("desk@news.example").is_empty()
    })
    .await;
    for node in [&app, &other] {
        notices::failed_templates(&node.app)
            .await
            .expect("the database answers");
    }
    let received = app.relay.received_for("desk@news.example");
    assert_eq!(received.len(), 1);
    let notice = String::from_utf8_lossy(&received[0].bytes).replace("=\r\n", "");
    for part in [
        "Subject: Your template confirmation.txt failed",
        "templates.dir: confirmation.txt, line 1: there is no variable",
        "daywire template check --issue last",
    ] {
        assert!(notice.contains(part), "{part}: {notice}");
    }
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_template_is_checked_with_the_stories_of_an_issue(app: TestApp) {
    let daily = app.daily().await;
    let unusual = Entry {
        title: "A headline of eleven words that no sample has, not one".into(),
        ..entry("one")
    };
    app.arrive(&daily, "Wire", &[unusual]).await;
    app.build(&daily).await;
    let program = Program::of(&app);
    fs::create_dir(program.folder().join("templates")).expect("the folder can be made");
    program.file(
        "templates/digest.txt",
        "{{ unsubscribe_url }} {{ preferences_url }} {{ page_url }}\n\
         {% for story in stories %}{% if \"eleven words\" in story.title %}\n{{ story.also[3].name }}{% endif %}{% endfor %}",
    );
    let check = ["template", "check", "--folder", "templates"];
    assert_eq!(program.ok(&check), "digest.txt: no fault found\n");
    let checked = program.run(&[&check[..], &["--issue", "last"]].concat());
    assert_eq!(checked.status, Some(1), "{checked:?}");
    assert!(
        checked
            .err
            .contains("digest.txt, line 3: there is no variable “[3].name”, or it has no value"),
        "{checked:?}"
    );
    let unknown = program.run(&[&check[..], &["--issue", "daily/9"]].concat());
    assert!(unknown.err.contains("daily/9"), "{unknown:?}");
}

#[test]
fn preflight_checks_every_mail() {
    // A path leads nowhere in a mail.
    let start =
        "<!DOCTYPE html><html lang=\"{{ language }}\"><head><title>x</title></head><body><a href=\"/archive\">y</a>";
    for (name, rest) in [
        ("confirmation.html", "<a href=\"{{ confirm_url }}\">x</a>"),
        (
            "welcome.html",
            "<a href=\"{{ preferences_url }}\">x</a><a href=\"{{ unsubscribe_url }}\">y</a>",
        ),
        (
            "subscription.html",
            "{% for subscription in subscriptions %}<a href=\"{{ subscription.unsubscribe_url }}\">x</a>{% endfor %}\
             {% if link %}<a href=\"{{ link.url }}\">y</a>{% endif %}",
        ),
        ("notice.html", "{{ subject }}"),
    ] {
        let checked = check(&[(name, &format!("{start}{rest}</body></html>"))]);
        let expected = format!("templates.dir: {name}: preflight finds a fault: ");
        assert!(
            checked.err.contains(&expected) && checked.err.contains("(links: "),
            "{checked:?}"
        );
    }
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
