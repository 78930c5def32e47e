//! Suggests the setting that was probably meant by an unknown key.

use toml::{Table, Value};

use super::error::{ConfigError, Origin};
use crate::text::plain::escaped;

/// The error of an unknown key, with the most similar setting or else all settings of the section.
pub(super) fn unknown(schema: &Table, path: &str, origin: Origin) -> ConfigError {
    let plain = without_index(path);
    let as_written = |path: &str| match &origin {
        Origin::Environment(_) => variable(path),
        _ => path.to_owned(),
    };
    let hint = nearest(schema, &plain).map_or_else(
        || {
            let (place, keys) = siblings(schema, &plain);
            format!("{place} {}", keys.join(", "))
        },
        |meant| format!("did you mean {}?", as_written(&meant)),
    );
    ConfigError::Unknown {
        key: escaped(path),
        origin,
        hint,
    }
}

/// Refuses a variable that is the name of a setting with one underscore instead of two. Other variables are ignored.
pub(super) fn joined_by_one(schema: &Table, path: &str, origin: Origin) -> Result<(), ConfigError> {
    let meant = paths(schema)
        .into_iter()
        .find(|known| known.contains('.') && known.replace('.', "_") == path);
    meant.map_or(Ok(()), |meant| {
        let hint = format!("did you mean {}, with two underscores?", variable(&meant));
        Err(ConfigError::Unknown {
            key: path.to_owned(),
            origin,
            hint,
        })
    })
}

/// The environment variable of the setting at this path.
fn variable(path: &str) -> String {
    format!("DAYWIRE_{}", path.to_uppercase().replace('.', "__"))
}

fn nearest(schema: &Table, path: &str) -> Option<String> {
    // A longer key is not a typing error, and the distance takes quadratic time.
    if path.len() > 80 {
        return None;
    }
    let depth = |path: &str| path.matches('.').count();
    let known = paths(schema);
    let allowance = (path.chars().count() / 4).clamp(1, 3);
    let distance = |known: &String| strsim::damerau_levenshtein(known, path);
    let level = known.iter().filter(|known| depth(known) == depth(path));
    let nearest = level
        .min_by_key(|known| distance(known))
        .filter(|known| distance(known) <= allowance);
    // The section of the key may be missing.
    let tail = format!(".{}", path.rsplit('.').next().unwrap_or(path));
    nearest
        .or_else(|| known.iter().find(|known| known.ends_with(&tail)))
        .cloned()
}

/// The known keys of the section of the unknown key.
fn siblings(schema: &Table, path: &str) -> (String, Vec<String>) {
    let mut table = schema;
    let mut section = Vec::new();
    for key in path.split('.') {
        match table.get(key) {
            Some(Value::Table(below)) => {
                table = below;
                section.push(key);
            }
            _ => break,
        }
    }
    let place = if section.is_empty() {
        "the sections are".to_owned()
    } else {
        format!("[{}] has", section.join("."))
    };
    (place, table.keys().cloned().collect())
}

/// The dotted paths of all sections and settings.
pub(super) fn paths(schema: &Table) -> Vec<String> {
    let mut paths = Vec::new();
    for (key, value) in schema {
        paths.push(key.clone());
        if let Value::Table(below) = value {
            paths.extend(self::paths(below).into_iter().map(|path| format!("{key}.{path}")));
        }
    }
    paths
}

/// The path in the defaults: `relay.url` for `relay[1].url`.
fn without_index(path: &str) -> String {
    match path.split_once('[').zip(path.split_once(']')) {
        Some(((before, _), (_, after))) if before == "relay" => format!("{before}{after}"),
        _ => path.to_owned(),
    }
}
