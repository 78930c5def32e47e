//! docs/reference/logging.md lists the fields of log messages, all of them and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];
const SPANS: [&str; 2] = ["error_span", "info_span"];

#[test]
fn the_documented_log_fields_are_those_of_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut used = BTreeSet::new();
    for file in rust_files(&root.join("src")) {
        used.extend(fields(&fs::read_to_string(file).expect("a source file is UTF-8")));
    }
    assert!(used.contains("issue.id") && used.len() > 20, "{used:?}");
    let text = fs::read_to_string(root.join("docs/reference/logging.md")).expect("docs/reference/logging.md exists");
    let (_, list) = text
        .split_once("## Fields")
        .expect("docs/reference/logging.md has a list of fields");
    let documented: BTreeSet<String> = list
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(
        used, documented,
        "left: fields in src/; right: fields in docs/reference/logging.md"
    );
}

#[test]
fn fields_are_found_before_the_message_only() {
    let code = r#"tracing::warn!(issue.id = %id(a, "x, y"), reason, %error, "issue {name} paused: {}", other);
        tracing::debug!("nothing to do"); tracing::info!(?state, count = [1, 2].len(), "done")"#;
    let expected = ["count", "error", "issue.id", "reason", "state"];
    assert_eq!(fields(code), expected.map(str::to_owned).into());
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("the folder can be listed").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn fields_of_spans_are_found() {
    let code = r#"tracing::error_span!("request", request.id = %id); #[tracing::instrument(name = "send", skip_all, fields(issue.id, a = %b))]"#;
    assert_eq!(fields(code), ["a", "issue.id", "request.id"].map(str::to_owned).into());
}

/// The names of the fields in all `tracing` macros of a file.
fn fields(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for call in code.split("tracing::").skip(1) {
        let fields: Vec<String> = if let Some(rest) = call.strip_prefix("instrument(") {
            let all = arguments(rest);
            let fields = all.iter().find_map(|argument| argument.strip_prefix("fields("));
            fields.map_or_else(Vec::new, arguments)
        } else if let Some((name, rest)) = call.split_once("!(") {
            // The name of a span is before its fields, and the message of an event behind them.
            let arguments = arguments(rest).into_iter().skip(usize::from(SPANS.contains(&name)));
            let is_log = LEVELS.contains(&name) || SPANS.contains(&name);
            arguments
                .take_while(|argument| is_log && !argument.starts_with('"'))
                .collect()
        } else {
            continue;
        };
        names.extend(fields.iter().map(|field| {
            let name = field.split('=').next().expect("split yields at least one part");
            name.trim().trim_start_matches(['%', '?']).to_owned()
        }));
    }
    names
}

/// The arguments of a macro call, from the text behind its opening parenthesis.
fn arguments(text: &str) -> Vec<String> {
    let mut arguments = vec![String::new()];
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            '(' | '[' | '{' if !in_text => depth += 1,
            ')' | ']' | '}' if !in_text => {
                if depth == 0 {
                    break;
                }
                depth -= 1;
            }
            ',' if !in_text && depth == 0 => {
                arguments.push(String::new());
                continue;
            }
            _ => {}
        }
        let last = arguments.last_mut().expect("there is an argument from the start");
        last.push(c);
    }
    let trimmed = arguments.iter().map(|argument| argument.trim().to_owned());
    trimmed.filter(|argument| !argument.is_empty()).collect()
}
