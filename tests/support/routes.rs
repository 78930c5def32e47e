//! The routes of the site, read from the source text: axum does not list those of a router.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The path of every route in `src/web/`, with its parameters in braces, such as `/confirm/{token}`.
pub fn all() -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be listed") {
            let path: PathBuf = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let source = fs::read_to_string(&path).expect("the file can be read");
                routes.extend(routes_of(&source));
            }
        }
    }
    assert!(routes.len() > 50, "{routes:?}");
    routes
}

fn routes_of(source: &str) -> impl Iterator<Item = String> {
    let calls = source.split(".route(").skip(1);
    let quoted = calls.filter_map(|call| call.trim_start().strip_prefix('"')?.split('"').next());
    let paths = quoted.filter(|path| path.starts_with('/'));
    paths
        .map(str::to_owned)
        .chain(operations_of(source))
        .collect::<Vec<_>>()
        .into_iter()
}

/// The paths in the list of the API's operations.
fn operations_of(source: &str) -> impl Iterator<Item = String> {
    let list = source.split_once("\noperations! {").map_or("", |(_, list)| list);
    let list = list.split_once("\n}").map_or("", |(list, _)| list);
    let lines = list
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix('"')?.split('"').next());
    lines.map(str::to_owned)
}

/// The path of every route of the API.
pub fn of_the_api() -> BTreeSet<String> {
    all().into_iter().filter(|path| path.starts_with("/api/")).collect()
}

/// The path with each parameter replaced by `value`.
pub fn with_parameters(route: &str, value: &str) -> String {
    let mut path = String::new();
    for (index, part) in route.split(['{', '}']).enumerate() {
        path.push_str(if index % 2 == 1 { value } else { part });
    }
    path
}
