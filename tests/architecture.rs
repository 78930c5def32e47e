//! Rules for the source tree: which modules may use which, which modules may name a crate, and how files are written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::source_tree::SourceTree;

/// The top-level modules of `src/` in layers, the lowest layer first. A module may use those of lower layers, and none
/// of its own layer unless it is a feature module.
const LAYERS: &[&[&str]] = &[
    &["clock", "metrics", "process", "text", "words"],
    &["domain"],
    &["templates"],
    &["feeds", "mail", "store"],
    &["config"],
    &["app"],
    FEATURES,
    &["web"],
    &["worker"],
    &["cli"],
];

/// The feature modules. They may use each other, but not in a cycle.
const FEATURES: &[&str] = &[
    "audit",
    "backup",
    "bounce",
    "comments",
    "delivery",
    "digest",
    "doctor",
    "import",
    "inbox",
    "ingest",
    "newsletter",
    "notices",
    "operators",
    "past_posts",
    "preferences",
    "preflight",
    "privacy",
    "readers",
    "schedule",
    "signup",
    "traces",
    "transfer",
    "unsubscribe",
    "webhooks",
    "write_queue",
];

/// Crates that only these modules may name.
const RESERVED_CRATES: &[(&str, &[&str])] = &[
    // Every SQL statement is in `store`; `domain` only defines how its values are stored in a column.
    ("sqlx", &["domain", "store"]),
    ("axum", &["cli", "web", "worker"]),
    ("reqwest", &["cli", "feeds"]),
    ("clap", &["cli", "worker"]),
    // The description of the API is made from what `web` reads and answers, from the articles of `ingest`, and from the ids and states of
    // `domain`.
    ("utoipa", &["domain", "ingest", "web"]),
    ("anyhow", &["cli"]),
    // Templates and features get texts and dates from `words`.
    ("fluent_syntax", &["words"]),
    ("minijinja", &["templates"]),
    ("prometheus_client", &["metrics"]),
    ("imagesize", &["config"]),
    ("icu_datetime", &["words"]),
];

const MAX_LINES: usize = 400;

/// Doc comments of three words or fewer rarely say more than the name does.
const MAX_SHORT_DOC_COMMENTS: usize = 12;

/// Folders that still have cycles between their files.
const KNOWN_CYCLES: &[&str] = &[];

/// Files that are still too long.
const KNOWN_LONG_FILES: &[&str] = &[];

/// Words that are archaic or belong to a private vocabulary.
const BANNED_WORDS: &[&str] = &[
    "anew",
    "again_if_met",
    "dawdle",
    "dawdles",
    "doings",
    "heed",
    "hence",
    "lest",
    "of late",
    "PATIENCE",
    "seldom",
    "thus",
    "wherein",
    "whatever",
    "whence",
    "whoever",
];

/// Name a limit `MAX_` or `MIN_`.
const BANNED_PREFIXES: &[&str] = &["DEEPEST_", "LARGEST_", "LEAST_", "LONGEST_", "MOST_"];

#[test]
fn every_module_belongs_to_one_layer() {
    let listed: BTreeSet<_> = LAYERS.iter().copied().flatten().map(ToString::to_string).collect();
    let existing: BTreeSet<_> = sources().into_iter().filter_map(|source| source.module).collect();
    assert_eq!(
        existing, listed,
        "left: the top-level modules of src/; right: those that LAYERS lists"
    );
}

#[test]
fn modules_use_only_lower_layers() {
    let mut violations = Vec::new();
    for (file, user, used) in uses_between_modules() {
        let both_features = [&user, &used].iter().all(|name| FEATURES.contains(&name.as_str()));
        if !both_features && layer(&used) >= layer(&user) {
            violations.push(format!("{}: {user} must not use {used}", file.display()));
        }
    }
    assert!(
        violations.is_empty(),
        "uses of a higher layer:\n{}",
        violations.join("\n")
    );
}

#[test]
fn feature_modules_use_each_other_without_a_cycle() {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, user, used) in uses_between_modules() {
        if [&user, &used].iter().all(|name| FEATURES.contains(&name.as_str())) {
            uses.entry(used.clone()).or_default();
            uses.entry(user).or_default().insert(used);
        }
    }
    let cycles = cycles(&uses);
    assert!(cycles.is_empty(), "feature modules in a cycle: {cycles:?}");
}

#[test]
fn files_use_each_other_without_a_cycle() {
    let tree = SourceTree::of_daywire();
    assert!(
        tree.file_count() > 100,
        "the tree has {} files, so parts of it were not read",
        tree.file_count()
    );
    let dependencies = tree.dependencies();
    let report: Vec<String> = cycles(&dependencies)
        .iter()
        .filter(|cycle| {
            !cycle.iter().all(|file| {
                KNOWN_CYCLES
                    .iter()
                    .any(|known| file.to_string_lossy().starts_with(known))
            })
        })
        .flat_map(|cycle| {
            let members = cycle.iter().map(|file| {
                let used: Vec<_> = dependencies[file]
                    .intersection(cycle)
                    .map(|used| used.display().to_string())
                    .collect();
                format!("  {} uses {}", file.display(), used.join(", "))
            });
            std::iter::once(format!("a cycle of {} files:", cycle.len())).chain(members)
        })
        .collect();
    assert!(report.is_empty(), "{}", report.join("\n"));
}

#[test]
fn super_never_leads_to_the_root_of_the_crate() {
    for source in sources() {
        let depth = source.path.components().count() - usize::from(source.path.ends_with("mod.rs"));
        for line in source.code.lines().filter(|line| line.starts_with("use super::")) {
            assert!(
                line.matches("super::").count() < depth,
                "{}: write crate:: instead: {line}",
                source.path.display()
            );
        }
    }
}

#[test]
fn crates_for_the_outside_world_are_named_only_in_their_modules() {
    let mut violations = Vec::new();
    for source in sources() {
        for (name, modules) in RESERVED_CRATES {
            let allowed = source.module.as_deref().is_some_and(|module| modules.contains(&module));
            if !allowed && names_crate(&source.code, name) {
                violations.push(format!("{} names {name}", source.path.display()));
            }
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn the_domain_does_no_input_or_output() {
    for source in sources()
        .iter()
        .filter(|source| source.module.as_deref() == Some("domain"))
    {
        for word in ["tokio", "std::fs", "std::net::Tcp", "async fn", "sqlx::query"] {
            assert!(!source.code.contains(word), "{} has {word}", source.path.display());
        }
    }
}

/// A newer version of the program may add a column while this one runs. See the macro `on!` in `src/store/statements.rs`.
#[test]
fn statements_name_their_columns() {
    for source in sources() {
        // The columns of arrays that the statement itself contains.
        let code = source.code.replace("SELECT * FROM UNNEST", "");
        for all in ["SELECT * ", ".* FROM ", "RETURNING *"] {
            assert!(!code.contains(all), "{} has “{all}”", source.path.display());
        }
    }
}

#[test]
fn no_source_file_is_too_long() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|source| (source.text.lines().count(), source.path))
        .filter(|(lines, path)| *lines > MAX_LINES && !KNOWN_LONG_FILES.iter().any(|known| path.ends_with(known)))
        .collect();
    assert!(long.is_empty(), "files of more than {MAX_LINES} lines: {long:?}");
}

#[test]
fn doc_comments_say_more_than_a_name() {
    let sources = sources();
    // Comments on the arguments of a command are printed by `--help`, and those on a schema are in the description of the API.
    let short: Vec<String> = sources
        .iter()
        .filter(|source| {
            !["Args", "Parser", "Subcommand", "ToSchema"]
                .iter()
                .any(|derive| source.code.contains(derive))
        })
        .flat_map(|source| {
            let comments = doc_comments(&source.text).into_iter();
            comments
                .filter(|comment| comment.split_whitespace().count() <= 3)
                .map(|comment| format!("{}: {comment}", source.path.display()))
        })
        .collect();
    assert!(
        short.len() <= MAX_SHORT_DOC_COMMENTS,
        "{} doc comments have three words or fewer:\n{}",
        short.len(),
        short.join("\n")
    );
}

#[test]
fn names_and_texts_use_plain_words() {
    let mut found = Vec::new();
    for folder in [
        "src",
        "tests",
        "benches",
        "docs",
        "config",
        "ha",
        "migrations",
        "templates",
        ".ci",
    ] {
        for path in files_below(&root().join(folder)) {
            // Some sample files are not UTF-8, and this file lists the words.
            let Some(text) = fs::read_to_string(&path).ok().filter(|_| !path.ends_with(file!())) else {
                continue;
            };
            for (number, line) in text.lines().enumerate() {
                let lower = line.to_lowercase();
                let words = BANNED_WORDS
                    .iter()
                    .filter(|word| has_word(if word.starts_with('P') { line } else { &lower }, word, true));
                let prefixes = BANNED_PREFIXES.iter().filter(|prefix| has_word(line, prefix, false));
                found.extend(
                    words
                        .chain(prefixes)
                        .map(|word| format!("{}:{}: {word}", path.display(), number + 1)),
                );
            }
        }
    }
    assert!(
        found.is_empty(),
        "{} words to replace:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn cycles_and_words_are_found() {
    let uses = BTreeMap::from([
        ("a", BTreeSet::from(["b"])),
        ("b", BTreeSet::from(["c"])),
        ("c", BTreeSet::from(["b", "d"])),
    ]);
    assert_eq!(cycles(&uses), [BTreeSet::from(["b", "c"])]);
    assert!(names_crate("sqlx::query(1)", "sqlx") && names_crate(" <sqlx::Pg>", "sqlx"));
    assert!(!names_crate("my_sqlx::query(1)", "sqlx") && !names_crate("the sqlx crate", "sqlx"));
    assert!(has_word("start it anew.", "anew", true) && !has_word("renewed", "anew", true));
    assert!(has_word("const MOST_ROWS", "MOST_", false) && !has_word("UTMOST_CARE", "MOST_", false));
    assert_eq!(
        doc_comments("/// One\n/// two.\nx: u8,\n/// Three.\n"),
        ["One two.", "Three."]
    );
}

/// A file of `src/`.
struct Source {
    /// Relative to `src/`.
    path: PathBuf,
    /// The top-level module that it belongs to; `None` for `lib.rs` and `main.rs`.
    module: Option<String>,
    text: String,
    /// The text without its comments.
    code: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let folder = root().join("src");
    let rust_files = files_below(&folder)
        .into_iter()
        .filter(|path| has_extension(path, "rs"));
    let sources: Vec<Source> = rust_files
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a source file is UTF-8");
            let path = path.strip_prefix(&folder).expect("the file is in src/").to_owned();
            Source {
                module: top_level_module(&path),
                code: text.lines().map(without_comment).collect::<Vec<_>>().join("\n"),
                text,
                path,
            }
        })
        .collect();
    assert!(sources.len() > 100, "only {} files were found", sources.len());
    sources
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be listed") {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                // npm installs the packages of other authors there.
                if path.file_name().is_none_or(|name| name != "node_modules") {
                    folders.push(path);
                }
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn top_level_module(path: &Path) -> Option<String> {
    let first = Path::new(path.iter().next()?).file_stem()?.to_str()?;
    (!["lib", "main"].contains(&first)).then(|| first.to_owned())
}

fn without_comment(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

/// The texts of the `///` comments; adjacent lines make one comment.
fn doc_comments(text: &str) -> Vec<String> {
    let mut comments = Vec::new();
    let mut current: Vec<&str> = Vec::new();
    for line in text.lines().chain([""]) {
        if let Some(part) = line.trim_start().strip_prefix("///") {
            current.push(part.trim());
        } else if !current.is_empty() {
            comments.push(current.join(" "));
            current.clear();
        }
    }
    comments
}

/// Each use of one top-level module by another: the file, the module that it belongs to, and the module it uses.
fn uses_between_modules() -> Vec<(PathBuf, String, String)> {
    let tree = SourceTree::of_daywire();
    let mut found = Vec::new();
    for (path, file, named) in tree.named_modules() {
        let Some(module) = path.first() else { continue };
        let others: BTreeSet<String> = named.into_iter().filter_map(|path| path.into_iter().next()).collect();
        found.extend(
            others
                .into_iter()
                .filter(|other| other != module)
                .map(|other| (file.to_owned(), module.clone(), other)),
        );
    }
    assert!(found.len() > 100, "only {} uses were found", found.len());
    found
}

fn layer(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|modules| modules.contains(&module))
        .unwrap_or_else(|| panic!("LAYERS does not list {module}"))
}

/// The groups of nodes that reach each other. A group of one node that uses itself is not a cycle here.
fn cycles<T: Ord + Clone>(uses: &BTreeMap<T, BTreeSet<T>>) -> Vec<BTreeSet<T>> {
    let reachable = |from: &T| {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            for used in uses.get(node).into_iter().flatten() {
                if seen.insert(used.clone()) {
                    open.push(used);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&T, BTreeSet<T>> = uses.keys().map(|node| (node, reachable(node))).collect();
    let mut cycles: Vec<BTreeSet<T>> = Vec::new();
    for (node, seen) in &reached {
        let members = seen
            .iter()
            .filter(|other| reached.get(other).is_some_and(|back| back.contains(*node)));
        let cycle: BTreeSet<T> = members.cloned().collect();
        if cycle.len() > 1 && !cycles.contains(&cycle) {
            cycles.push(cycle);
        }
    }
    cycles
}

/// Whether a path in `code` begins with the crate's name.
fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + name.len()..];
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':') && after.starts_with("::")
    })
}

/// Whether `word` occurs at the beginning of a word, and if `whole`, also ends there.
fn has_word(line: &str, word: &str, whole: bool) -> bool {
    let belongs = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !(before.is_some_and(belongs) || whole && after.is_some_and(belongs))
    })
}
