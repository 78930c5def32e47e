//! Tests of the documents: three reference pages are made from the program, and every command and setting that a document names exists.

mod made;
mod mails;
mod named;
mod notices;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The documents: their paths and texts. CHANGELOG.md is not among them, because it names what was removed.
fn documents() -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "ha/README.md"]
        .iter()
        .map(|name| root().join(name))
        .collect();
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be listed") {
            let path = entry.expect("an entry").path();
            let is_example = path.ends_with("docs/brands");
            if path.is_dir() && !is_example {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a document is UTF-8");
        let name = path.strip_prefix(root()).expect("it is below the root");
        (name.display().to_string(), text)
    };
    let documents: Vec<_> = paths.into_iter().map(read).collect();
    assert!(documents.len() > 20, "only {} documents were found", documents.len());
    documents
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a fenced block, and the words after its first fence.
struct Block<'a> {
    kind: &'a str,
    lines: Vec<&'a str>,
}

/// The fenced blocks of a document, and the texts between backticks outside of them.
fn code_of(text: &str) -> (Vec<Block<'_>>, Vec<String>) {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut spans = Vec::new();
    let mut is_in_block = false;
    // A text between backticks may go on in the next line, but not in the next paragraph.
    let mut paragraph = String::new();
    for line in text.lines().chain([""]) {
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            is_in_block = !is_in_block;
            if is_in_block {
                let lines = Vec::new();
                blocks.push(Block { kind, lines });
            }
        } else if is_in_block {
            blocks.last_mut().expect("a block has begun").lines.push(line);
        } else if line.is_empty() {
            spans.extend(paragraph.split('`').skip(1).step_by(2).map(str::to_owned));
            paragraph.clear();
        } else {
            paragraph.push_str(line.trim_start());
            paragraph.push(' ');
        }
    }
    (blocks, spans)
}

/// Each document that text of the program, of its settings or of its tests names exists.
#[test]
fn documents_that_the_program_names_exist() {
    let mut missing = BTreeSet::new();
    let mut folders: Vec<PathBuf> = ["src", "config", "locales", "tests", "docs"]
        .map(|name| root().join(name))
        .into();
    folders.push(root().join("ha"));
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                if !path.ends_with("node_modules") {
                    folders.push(path);
                }
                continue;
            }
            // Pictures are no text.
            let Ok(text) = fs::read_to_string(&path) else { continue };
            for (at, _) in text.match_indices("docs/") {
                let rest = &text[at..];
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "/-_.".contains(c)));
                let named = rest[..end.unwrap_or(rest.len())].trim_end_matches('.');
                if Path::new(named).extension().is_some_and(|ending| ending == "md") && !root().join(named).exists() {
                    missing.insert(format!("{}: {named}", path.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
