//! A browser parses sanitised HTML in a live page, and clicks every element of it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use daywire::text::html::{sanitise, sanitise_at};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::sanitise::{ATTRIBUTES, ELEMENTS};
use crate::support::browser_script::chromium;

/// Markup that the check must find, and the number of dialogs that it opens. It shows that the check itself works.
const CONTROLS: [(&str, usize); 5] = [
    ("<img src=x: onerror=alert(1)>", 1),
    ("<p onclick='confirm(2)'>words</p>", 1),
    ("<a href='javascript:prompt(3)'>words</a>", 1),
    ("<svg><a xlink:href='https://example.org'></a></svg>", 0),
    ("<!-- words -->", 0),
];

/// Opens documents in the browser. Returns pairs of a document's index and what is wrong with it.
fn findings(browser: &PathBuf, documents: &[String]) -> Vec<(usize, String)> {
    let folder = TempDir::new().expect("a scratch folder can be made");
    let lists = |list: &'static str| list.split_whitespace().collect::<Vec<_>>();
    let material = json!({ "documents": documents, "elements": lists(ELEMENTS), "attributes": lists(ATTRIBUTES) });
    // A script's text must contain neither `</script>` nor `<!--`, so `<` is escaped.
    let material = material.to_string().replace('<', "\\u003c");
    let page = include_str!("support/reparse.html").replace("MATERIAL", &material);
    let file = folder.path().join("reparse.html");
    fs::write(&file, page).expect("the scratch folder takes files");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            // The browser must not fetch what the documents refer to.
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--virtual-time-budget=600000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(Url::from_file_path(&file).expect("the path is absolute").as_str())
        .output()
        .expect("the browser starts");
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    let result = dom
        .split_once("<pre id=\"result\">")
        .and_then(|(_, rest)| rest.split_once("</pre>"))
        .map(|(result, _)| result.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
        .filter(|result| !result.is_empty())
        .unwrap_or_else(|| panic!("the page did not finish: {}", String::from_utf8_lossy(&output.stderr)));
    let result: Value = serde_json::from_str(&result).expect("the result is JSON");
    assert_eq!(result["read"], documents.len());
    serde_json::from_value(result["findings"].clone()).expect("the findings are pairs")
}

#[apply(with_chromium_and_corpora)]
fn sanitised_attack_vectors_contain_nothing_forbidden_and_open_no_dialog() {
    let (browser, folder) = (chromium(), crate::support::corpora("sanitizer"));
    let vectors = fs::read_to_string(folder.join("vectors.jsonl")).expect("the vectors are readable");
    let base = Url::parse("https://wire.example/a/").ok();
    let mut payloads = Vec::new();
    for line in vectors.lines() {
        let row: Value = serde_json::from_str(line).expect("each line is JSON");
        payloads.extend(row["payload"].as_str().map(str::to_owned));
    }
    assert!(payloads.len() > 4_000);
    let mut documents: Vec<String> = payloads.iter().map(|payload| sanitise(payload).to_string()).collect();
    documents.extend(
        payloads
            .iter()
            .map(|payload| sanitise_at(payload, base.as_ref()).to_string()),
    );
    let found = findings(&browser, &documents);
    let examples = found
        .iter()
        .take(10)
        .map(|(n, what)| format!("{what}\n{}\n{}", payloads[n % payloads.len()], documents[*n]));
    assert!(
        found.is_empty(),
        "{} findings:\n{}",
        found.len(),
        examples.collect::<Vec<_>>().join("\n\n")
    );
    println!("{} documents of {} vectors", documents.len(), payloads.len());
}

#[apply(with_chromium)]
fn the_check_finds_forbidden_markup_that_is_not_sanitised() {
    let browser = chromium();
    let documents = CONTROLS.map(|(html, _)| html.to_owned());
    let found = findings(&browser, &documents);
    for (number, (html, dialogs)) in CONTROLS.iter().enumerate() {
        let here: Vec<_> = found
            .iter()
            .filter(|(n, _)| *n == number)
            .map(|(_, what)| what)
            .collect();
        let opened = here.iter().filter(|what| what.starts_with("dialog: ")).count();
        assert!(here.len() > opened, "nothing was found in {html}");
        assert!(opened >= *dialogs, "{html} opened {opened} dialogs: {here:?}");
    }
    assert_eq!(
        findings(&browser, &[sanitise("<p>words <b>and</b></p><hr>").to_string()]),
        []
    );
}
