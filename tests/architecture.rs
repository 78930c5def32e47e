//! The rooms of `src/` know only those below them: read from the paths that the code itself writes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, the lowest floor first. A room knows those on lower floors, and nobody beside it.
const FLOORS: &[&[&str]] = &[
    &["clock", "process", "text", "words"],
    &["domain"],
    &["feeds", "mail", "store"],
    &["config"],
    &["app"],
    STORIES,
    &["web"],
    &["worker"],
    &["cli"],
];

/// What happens, told room by room: these may know each other, though not in a circle.
const STORIES: &[&str] = &[
    "delivery",
    "digest",
    "import",
    "inbox",
    "ingest",
    "newsletter",
    "notices",
    "operators",
    "preferences",
    "preflight",
    "schedule",
    "signup",
    "unsubscribe",
];

/// Crates that only some rooms may name.
const RESERVED: &[(&str, &[&str])] = &[
    // The store holds every statement; domain only says how its values stand in a column.
    ("sqlx", &["domain", "store"]),
    ("axum", &["cli", "web", "worker"]),
    ("reqwest", &["cli", "feeds"]),
    ("clap", &["cli", "worker"]),
    ("anyhow", &["cli"]),
];

#[test]
fn every_room_has_its_floor() {
    let placed: BTreeSet<_> = FLOORS.iter().copied().flatten().map(ToString::to_string).collect();
    let there: BTreeSet<_> = sources().into_iter().filter_map(|file| file.room).collect();
    assert_eq!(
        there, placed,
        "the rooms of src/ on the left, those of this test on the right"
    );
}

#[test]
fn rooms_know_only_what_is_below_them() {
    let mut upward = Vec::new();
    for file in sources() {
        let Some(room) = &file.room else { continue };
        for known in known_by(&file.text) {
            let beside = floor(&known) == floor(room) && STORIES.contains(&room.as_str());
            if known != *room && !beside && floor(&known) >= floor(room) {
                upward.push(format!("{}: {room} must not know {known}", file.path.display()));
            }
        }
    }
    assert!(upward.is_empty(), "arrows upward:\n{}", upward.join("\n"));
}

#[test]
fn stories_know_each_other_without_a_circle() {
    let mut open: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in sources() {
        let Some(room) = file.room.filter(|room| STORIES.contains(&room.as_str())) else {
            continue;
        };
        let known = known_by(&file.text).into_iter();
        let known = known.filter(|known| *known != room && STORIES.contains(&known.as_str()));
        open.entry(room.clone()).or_default().extend(known);
    }
    // Rooms that wait for no other are taken away until none is left, or only those of a circle are.
    while let Some(free) = open
        .iter()
        .find(|(_, known)| known.is_empty())
        .map(|(room, _)| room.clone())
    {
        open.remove(&free);
        for known in open.values_mut() {
            known.remove(&free);
        }
    }
    assert!(open.is_empty(), "these know each other in a circle: {open:?}");
}

#[test]
fn no_path_leaves_its_room_by_the_back_door() {
    for file in sources() {
        let depth = file.path.components().count() - usize::from(file.path.ends_with("mod.rs"));
        for line in file.text.lines().filter(|line| line.starts_with("use super::")) {
            let climbed = line.matches("super::").count();
            assert!(
                climbed < depth,
                "{}: write crate:: instead: {line}",
                file.path.display()
            );
        }
    }
}

#[test]
fn what_speaks_to_the_outside_is_named_only_where_it_belongs() {
    let mut strays = Vec::new();
    for file in sources() {
        for (krate, rooms) in RESERVED {
            let at_home = file.room.as_deref().is_some_and(|room| rooms.contains(&room));
            if !at_home && names(&file.text, krate) {
                strays.push(format!("{} names {krate}", file.path.display()));
            }
        }
    }
    assert!(strays.is_empty(), "{}", strays.join("\n"));
}

#[test]
fn the_domain_waits_for_nothing_and_asks_no_database() {
    for file in sources().iter().filter(|file| file.room.as_deref() == Some("domain")) {
        for word in ["tokio", "std::fs", "std::net::Tcp", "async fn", "sqlx::query"] {
            assert!(!file.text.contains(word), "{} has {word}", file.path.display());
        }
    }
}

/// A file of `src/`.
struct Source {
    /// Within `src/`.
    path: PathBuf,
    /// Its first folder or its own name; none for `lib.rs` and `main.rs`, which only open the doors.
    room: Option<String>,
    /// Without its comments.
    text: String,
}

fn sources() -> Vec<Source> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![folder.clone()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("src can be listed") {
            let path = entry.expect("src can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("source is text");
                let path = path.strip_prefix(&folder).expect("it is inside").to_owned();
                let room = path
                    .iter()
                    .next()
                    .and_then(|first| Path::new(first).file_stem()?.to_str());
                found.push(Source {
                    room: room.filter(|room| !["lib", "main"].contains(room)).map(str::to_owned),
                    text: text.lines().map(without_comment).collect::<Vec<_>>().join("\n"),
                    path,
                });
            }
        }
    }
    assert!(found.len() > 100, "only {} files were found", found.len());
    found
}

fn without_comment(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

fn floor(room: &str) -> usize {
    FLOORS
        .iter()
        .position(|rooms| rooms.contains(&room))
        .unwrap_or_else(|| panic!("{room} has no floor"))
}

/// The rooms that paths beginning with `crate::` lead to.
fn known_by(text: &str) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for (at, found) in text.match_indices("crate::") {
        let path = &text[at + found.len()..];
        if let Some(group) = path.strip_prefix('{') {
            known.extend(first_names(group));
        } else {
            known.insert(first_name(path));
        }
    }
    known
}

/// What the members of `a::b, c::{d, e}, f}` begin with.
fn first_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut begins) = (0, Vec::new(), 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                names.push(first_name(group[begins..at].trim_start()));
                begins = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn first_name(path: &str) -> String {
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Whether `krate` stands there as a word that a path begins with.
fn names(text: &str, krate: &str) -> bool {
    text.match_indices(krate).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = &text[at + krate.len()..];
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':') && after.starts_with("::")
    })
}

#[test]
fn paths_are_read_in_every_form() {
    let text = "use crate::app::{App, x};\nuse crate::{a, b::{c, d}, e::f};\nlet _ = crate::clock::now();";
    let known: Vec<_> = known_by(text).into_iter().collect();
    assert_eq!(known, ["a", "app", "b", "clock", "e"]);
    assert!(names("sqlx::query(1)", "sqlx") && names(" <sqlx::Pg>", "sqlx"));
    assert!(!names("my_sqlx::query(1)", "sqlx") && !names("the sqlx crate", "sqlx"));
}
