//! Editorial articles: added from Markdown files, edited, and sent like other articles.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::program::Program;

const DAILY: &str = "slug = \"daily\"\nname = \"Daily Broadcast\"\n";
const OWN: &str = "---\ntitle: \"Mast: struck by lightning\"\ndate: 2026-11-20 07:30\nauthors: [Ada Lovelace, Bob]\n\
    category: Radio\n---\n\nThe mast was struck at dawn. Nobody was *hurt*, says the [station](/archive).\n\n\
    <script>alert(1)</script>It was the third time in this year that lightning struck the mast of the station on the hill.\n";

/// A program with the newsletter `daily`.
fn newsroom(app: &TestApp) -> Program {
    let program = Program::of(app);
    program.ok(&["newsletter", "apply", &program.file("daily.toml", DAILY)]);
    program
}

fn add(program: &Program, name: &str, content: &str) -> Value {
    program.json(&["article", "add", &program.file(name, content), "--newsletter", "daily"])
}

fn shown(program: &Program, id: &Value) -> Value {
    program.json(&["article", "show", id.as_str().expect("the output has an id")])
}

#[apply(on_both_databases)]
async fn a_file_becomes_an_article_of_the_next_issue(app: TestApp) {
    let program = newsroom(&app);
    let output = program.ok(&["article", "add", &program.file("mast.md", OWN)]);
    let list = program.json(&["article", "list"]);
    let id = list[0]["id"].as_str().expect("the output has an id");
    insta::allow_duplicates! {
        insta::assert_snapshot!(output.replace(id, "[id]"), @"
        [id] added: Mast: struck by lightning
        It is at https://news.example/articles/[id]/mast-struck-by-lightning and waits for the next issue of daily.
        ");
    }
    let article = shown(&program, &list[0]["id"]);
    assert_eq!(article["title"], "Mast: struck by lightning");
    assert_eq!(article["authors"], json!(["Ada Lovelace", "Bob"]));
    assert_eq!(
        (&article["category"], &article["language"]),
        (&json!("Radio"), &json!("en"))
    );
    assert_eq!(
        (&article["source"], &article["url"]),
        (&json!("Example Wire"), &Value::Null)
    );
    assert_eq!(article["published"], "2026-11-20T07:30:00Z");
    let summary = article["summary"].as_str().expect("the article has a summary");
    assert!(
        summary.starts_with("The mast was struck at dawn. Nobody was hurt, says the station."),
        "{summary}"
    );
    let html = article["content_html"].as_str().expect("the mail has a text part");
    assert!(
        html.contains("href=\"https://news.example/archive\"") && !html.contains("script"),
        "{html}"
    );
    let preview = program.json(&["issue", "preview", "--newsletter", "daily"]);
    assert!(preview.to_string().contains("Mast: struck by lightning"), "{preview}");
}

#[apply(on_both_databases)]
async fn without_a_summary_the_first_paragraph_is_the_lede(app: TestApp) {
    let program = newsroom(&app);
    for (name, text, expected) in [
        (
            "a.md",
            "# Head\n\n- one\n- two\n\n```\ncode\n```\n\nThe *mast*\nstands.\n\nIt hums.",
            "The mast stands.",
        ),
        (
            "b.md",
            "| a | b |\n|---|---|\n| 1 | 2 |\n\n> Said somebody.\n\nThe mast hums.",
            "The mast hums.",
        ),
        ("c.md", "- one\n- two", "one; two"),
    ] {
        let added = add(&program, name, &format!("---\ntitle: Mast {name}\n---\n\n{text}\n"));
        assert_eq!(shown(&program, &added["id"])["summary"], expected, "{name}");
    }
}

#[apply(on_both_databases)]
async fn adding_the_same_file_changes_nothing_and_a_changed_file_edits_its_article(app: TestApp) {
    let program = newsroom(&app);
    let first = add(&program, "mast.md", OWN);
    assert_eq!(first["status"], "added");
    let again = add(&program, "mast.md", OWN);
    assert_eq!((&again["status"], &again["id"]), (&json!("unchanged"), &first["id"]));
    let changed = add(
        &program,
        "mast.md",
        &OWN.replace("struck by", "hit by").replace("Radio", "Weather"),
    );
    assert_eq!((&changed["status"], &changed["id"]), (&json!("changed"), &first["id"]));
    assert_eq!(changed["changed"], json!(["headline", "category"]));
    assert!(
        changed["url"]
            .as_str()
            .is_some_and(|url| url.ends_with("/mast-hit-by-lightning")),
        "{changed}"
    );
    assert_eq!(program.json(&["article", "list"]).as_array().map(Vec::len), Some(1));
}

#[apply(on_both_databases)]
async fn an_unchanged_file_does_not_undo_an_editors_correction(app: TestApp) {
    let program = newsroom(&app);
    let id = add(&program, "mast.md", OWN)["id"].clone();
    let name = id.as_str().expect("the output has an id");
    program.ok(&[
        "article",
        "edit",
        name,
        "--title",
        "Mast: hit by lightning",
        "--note",
        "It was hit.",
    ]);
    program.ok(&[
        "article",
        "edit",
        name,
        "--body",
        &program.file("new.md", "The mast was hit at noon.\n"),
    ]);
    let edited = shown(&program, &id);

    // Adding the old file reverts nothing, and the command says so.
    let again = program.ok(&["article", "add", "mast.md", "--newsletter", "daily"]);
    assert!(again.contains(&format!("{name}: unchanged")), "{again}");
    assert!(
        again.contains("headline (changed 2") && again.contains("“It was hit.”") && again.contains("text (changed"),
        "{again}"
    );
    assert!(again.contains("`daywire article add mast.md --overwrite`"), "{again}");
    assert_eq!(shown(&program, &id), edited);

    // A changed file changes what the editor did not touch.
    let changed = add(&program, "mast.md", &OWN.replace("Radio", "Weather"));
    assert_eq!(
        (&changed["changed"], &changed["kept"]),
        (&json!(["category"]), &json!(["headline", "summary", "text"]))
    );
    assert_eq!(shown(&program, &id)["title"], "Mast: hit by lightning");

    // Once the file has the correction, it decides about the headline again.
    let caught_up = add(
        &program,
        "mast.md",
        &OWN.replace("struck by lightning", "hit by lightning"),
    );
    assert_eq!(caught_up["kept"], json!(["summary", "text"]));
    let renamed = add(
        &program,
        "mast.md",
        &OWN.replace("struck by lightning", "felled by lightning"),
    );
    assert_eq!(renamed["changed"], json!(["headline"]));

    let overwritten = program.json(&["article", "add", "mast.md", "--newsletter", "daily", "--overwrite"]);
    assert_eq!(
        (&overwritten["changed"], &overwritten["kept"]),
        (&json!(["summary", "text"]), &json!([]))
    );
    assert!(
        shown(&program, &id)["content_html"]
            .as_str()
            .is_some_and(|text| text.contains("at dawn"))
    );
    assert_eq!(
        program.json(&["article", "add", "mast.md", "--newsletter", "daily"])["kept"],
        json!([])
    );
}

#[apply(on_both_databases)]
async fn a_subject_that_is_too_long_is_refused_with_its_length_and_the_limit(app: TestApp) {
    let program = newsroom(&app);
    add(&program, "mast.md", OWN);
    program.ok(&["issue", "build", "--newsletter", "daily"]);
    let subject = "Rain ".repeat(41);
    let refused = program.run(&["issue", "edit", "last", "--subject", &subject]);
    assert!(
        refused
            .reason()
            .contains("--subject: it has 204 characters; write at most 200"),
        "{}",
        refused.err
    );
    program.ok(&["issue", "edit", "last", "--subject", &"Rain ".repeat(20)]);
    let file = program.file("long.toml", format!("{DAILY}subject = \"{}\"\n", subject.trim()));
    let refused = program.run(&["newsletter", "apply", &file]);
    assert!(
        refused.reason().contains("it has 204 characters; write at most 200"),
        "{}",
        refused.err
    );
}

#[apply(on_both_databases)]
async fn adding_an_article_to_another_newsletter_reports_that_it_waits(app: TestApp) {
    let program = newsroom(&app);
    program.ok(&[
        "newsletter",
        "apply",
        &program.file("evening.toml", "slug = \"evening\"\nname = \"Evening\"\n"),
    ]);
    assert_eq!(add(&program, "mast.md", OWN)["queued"], json!(["daily"]));
    assert_eq!(add(&program, "mast.md", OWN)["queued"], json!([]));
    let output = program.ok(&["article", "add", "mast.md", "--newsletter", "evening"]);
    assert!(
        output.contains("It waits for the next issue of evening now."),
        "{output}"
    );
    let output = program.ok(&["article", "add", "mast.md", "--newsletter", "evening"]);
    assert!(!output.contains("waits"), "{output}");
}

#[apply(on_both_databases)]
async fn a_file_name_used_for_another_article_overwrites_nothing(app: TestApp) {
    let program = newsroom(&app);
    add(&program, "today.md", OWN);
    let other = "---\ntitle: Something else\n---\nAnother story.\n";
    let refused = program.run(&["article", "add", &program.file("today.md", other)]);
    assert_eq!(refused.status, Some(1));
    assert!(
        refused.err.contains("write `id: today` into the front matter"),
        "{}",
        refused.err
    );
    let named = add(
        &program,
        "today.md",
        &other.replace("---\nAnother", "id: else\n---\nAnother"),
    );
    assert_eq!(named["status"], "added");
    // An id identifies the article, even if the name of the file and all of its text have changed.
    let moved = add(&program, "else.md", "---\ntitle: All new\nid: else\n---\nNew text.\n");
    assert_eq!((&moved["status"], &moved["id"]), (&json!("changed"), &named["id"]));
}

#[apply(on_both_databases)]
async fn an_article_is_edited_by_command(app: TestApp) {
    let program = newsroom(&app);
    let id = add(&program, "mast.md", OWN)["id"].clone();
    let id = id.as_str().expect("the output has an id");
    let body = program.file("new.md", "Rain fell on the mast. It dried.\n");
    let output = program.ok(&[
        "article",
        "edit",
        id,
        "--body",
        &body,
        "--category",
        "",
        "--language",
        "EN_gb",
    ]);
    assert_eq!(
        output.trim(),
        format!("{id} changed: summary, text, category, language")
    );
    let article = program.json(&["article", "show", id]);
    assert_eq!(
        (&article["category"], &article["language"]),
        (&Value::Null, &json!("en-GB"))
    );
    assert_eq!(article["summary"], "Rain fell on the mast. It dried.");
    assert_eq!(article["content_html"], "<p>Rain fell on the mast. It dried.</p>\n");
    assert!(article["edited"].is_string() && article["corrections"] == json!([]));
    assert!(
        program
            .ok(&["article", "edit", id, "--title", "Mast: struck by lightning"])
            .contains("unchanged")
    );
    let summary = program.json(&["article", "edit", id, "--summary", "It rained."]);
    assert_eq!(summary["changed"], json!(["summary"]));
    for (arguments, status, reason) in [
        (vec![id], 2, "required"),
        (vec![id, "--title", " "], 1, "needs a headline"),
        (
            vec![id, "--language", "English"],
            1,
            "is not a language tag; write one such as en",
        ),
        (vec![id, "--body", "nowhere.md"], 1, "cannot read nowhere.md"),
        (vec!["TX_FFFFFF", "--title", "x"], 1, "there is no article “TX_FFFFFF”"),
    ] {
        let refused = program.run(&[&["article", "edit"], &arguments[..]].concat());
        assert_eq!(refused.status, Some(status), "{arguments:?}");
        assert!(refused.err.contains(reason), "{arguments:?}: {}", refused.err);
    }
}

#[apply(on_both_databases)]
async fn a_retracted_article_cannot_be_added_or_edited(app: TestApp) {
    let program = newsroom(&app);
    let id = add(&program, "mast.md", OWN)["id"].clone();
    let id = id.as_str().expect("the output has an id");
    let output = program.ok(&["article", "retract", id, "--note", "It was another mast."]);
    assert!(output.contains(&format!("{id} retracted")), "{output}");
    assert!(program.ok(&["article", "retract", id]).contains("retracted already"));
    for arguments in [vec!["add", "mast.md"], vec!["edit", id, "--title", "x"]] {
        let refused = program.run(&[&["article"], &arguments[..]].concat());
        assert_eq!(refused.status, Some(1));
        assert!(refused.err.contains(&format!("{id} is retracted")), "{}", refused.err);
    }
}

#[apply(on_both_databases)]
async fn an_invalid_file_is_refused_in_one_line(app: TestApp) {
    let program = newsroom(&app);
    for (content, reason) in [
        ("# A headline\n\nText.\n", "must begin with a line `---`"),
        ("---\nsummary: x\n---\nText.\n", "title"),
        ("---\ntitle: x\ndate: soon\n---\nText.\n", "the date is \"soon\""),
        ("---\ntitle: x\n---\n", "no text below"),
    ] {
        let file = program.file("wrong.md", content);
        let refused = program.run(&["article", "add", &file]);
        assert_eq!((refused.status, refused.out.as_str()), (Some(1), ""));
        assert!(
            refused.err.contains(reason) && refused.err.contains("wrong.md"),
            "{}",
            refused.err
        );
        assert_eq!(refused.err.trim_end().lines().count(), 1, "{}", refused.err);
    }
}
