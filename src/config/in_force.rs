//! The settings in force as text: each value, where it comes from, and what it means.

use std::collections::BTreeMap;
use std::path::PathBuf;

use toml::Value;

use super::error::Origin;
use super::layers::{DEFAULTS, Layers, is_path};
use crate::domain::redact::without_secrets;

/// The names of settings whose values are never shown.
const SECRETS: [&str; 6] = ["password", "secret", "key", "token", "client_secret", "refresh_token"];

/// A setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingInForce {
    /// The path, such as `site.url`; with several relays `relay[1].url`.
    pub path: String,
    /// The value as it is written in a settings file; `None` if it is secret and set.
    pub value: Option<String>,
    /// Where the value was written.
    pub origin: Origin,
    /// What it means, from the comment in `config/default.toml`.
    pub about: String,
}

impl SettingInForce {
    /// The section, such as `site` or `brand.light`.
    #[must_use]
    pub fn section(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(section, _)| section)
    }

    /// The file or folder that it names; `None` if it is another setting or empty.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        let name = self.path.rsplit('.').next().filter(|name| is_path(name));
        match name.and(self.value.as_ref())?.parse() {
            Ok(Value::String(path)) if !path.is_empty() => Some(path.into()),
            _ => None,
        }
    }

    /// Whether its path, value or meaning contains a text, which must be in lower case.
    pub(crate) fn contains(&self, text: &str) -> bool {
        let value = self.value.as_deref().unwrap_or_default();
        [self.path.as_str(), value, self.about.as_str()]
            .iter()
            .any(|part| part.to_lowercase().contains(text))
    }
}

/// All settings, in the order of their sections.
pub(super) fn in_force(layers: &Layers) -> Vec<SettingInForce> {
    let comments = comments();
    let mut all = Vec::new();
    for (section, value) in &layers.table {
        collect(layers, &comments, section, value, &mut all);
    }
    all
}

fn collect(
    layers: &Layers,
    comments: &BTreeMap<String, String>,
    path: &str,
    value: &Value,
    all: &mut Vec<SettingInForce>,
) {
    match value {
        Value::Table(table) => {
            // The values of a section come before the sections below it.
            let (sections, values): (Vec<_>, Vec<_>) = table.iter().partition(|(_, value)| value.is_table());
            for (key, value) in values.into_iter().chain(sections) {
                collect(layers, comments, &format!("{path}.{key}"), value, all);
            }
        }
        Value::Array(tables) if tables.iter().any(Value::is_table) => {
            for (index, table) in tables.iter().enumerate() {
                collect(layers, comments, &format!("{path}[{index}]"), table, all);
            }
        }
        value => {
            let path = layers.written(path);
            let without_index: String = path
                .chars()
                .filter(|c| !matches!(c, '[' | ']') && !c.is_ascii_digit())
                .collect();
            let about = comments.get(&path).or_else(|| comments.get(&without_index));
            all.push(SettingInForce {
                value: shown(&path, value),
                origin: layers.origin(&path),
                about: about.cloned().unwrap_or_default(),
                path,
            });
        }
    }
}

/// The value as text; `None` if it is secret and set.
fn shown(path: &str, value: &Value) -> Option<String> {
    let name = path.rsplit('.').next().unwrap_or(path);
    match value {
        Value::String(text) if SECRETS.contains(&name) && !text.is_empty() => None,
        // A login in an address is a secret, too.
        Value::String(text) if text.contains("://") => Some(format!("{:?}", without_secrets(text))),
        value => Some(value.to_string()),
    }
}

/// The comments of `config/default.toml`, by the path of the setting below them.
fn comments() -> BTreeMap<String, String> {
    let (mut comments, mut section, mut lines) = (BTreeMap::new(), String::new(), Vec::new());
    for line in DEFAULTS.lines() {
        if let Some(comment) = line.strip_prefix('#') {
            lines.push(comment.trim());
        } else if let Some(name) = line.strip_prefix('[') {
            name.trim_end_matches(']').clone_into(&mut section);
            lines.clear();
        } else if let Some((key, _)) = line.split_once(" = ") {
            if !lines.is_empty() {
                comments.insert(format!("{section}.{key}"), lines.join(" "));
            }
            lines.clear();
        } else if line.is_empty() {
            lines.clear();
        }
    }
    comments
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn settings(file: &str, variables: &[(&str, &str)]) -> Vec<SettingInForce> {
        let mut layers = Layers::defaults().expect("the defaults are valid");
        layers
            .add_file(Path::new("/etc/daywire.toml"), file)
            .expect("the file is valid");
        for (name, text) in variables {
            layers.add_variable(name, text).expect("it is a setting");
        }
        in_force(&layers)
    }

    fn find<'a>(all: &'a [SettingInForce], path: &str) -> &'a SettingInForce {
        let mut found = all.iter().filter(|setting| setting.path == path);
        found.next().unwrap_or_else(|| panic!("{path} is listed"))
    }

    #[test]
    fn each_value_names_its_origin_and_its_meaning() {
        let all = settings(
            "[site]\nname = \"Daily\"\n[relay]\nurl = \"smtp://user:hunter2@mx.example:587?x=hunter2\"\npassword = \"hunter2\"\n",
            &[
                ("DAYWIRE_LOG__LEVEL", "debug"),
                ("DAYWIRE_SECRETS__KEY", "hunter2"),
                ("DAYWIRE_SECRETS__KEY_FILE", "/etc/it's"),
            ],
        );
        assert_eq!(find(&all, "site.name").value.as_deref(), Some("\"Daily\""));
        assert!(matches!(find(&all, "site.name").origin, Origin::File(_)));
        assert_eq!(find(&all, "site.voice").origin, Origin::Default);
        assert!(find(&all, "site.voice").about.contains("wording of pages and mails"));
        assert_eq!(
            find(&all, "log.level").origin,
            Origin::Environment("DAYWIRE_LOG__LEVEL".into())
        );
        assert_eq!(find(&all, "site.name").file(), None);
        assert_eq!(find(&all, "secrets.key_file").file(), Some("/etc/it's".into()));
        assert_eq!(find(&all, "relay.password").value, None);
        assert_eq!(find(&all, "secrets.key").value, None);
        assert!(!format!("{all:?}").contains("hunter2"), "{all:?}");
        assert!(all.iter().filter(|setting| setting.about.is_empty()).count() < all.len() / 3);
    }

    #[test]
    fn each_of_several_relays_is_listed() {
        let all = settings(
            "[[relay]]\nurl = \"smtp://a.example\"\n[[relay]]\nurl = \"smtp://b.example\"\n",
            &[],
        );
        assert_eq!(
            find(&all, "relay[1].url").value.as_deref(),
            Some("\"smtp://b.example\"")
        );
        assert!(!find(&all, "relay[1].connections").about.is_empty());
        assert_eq!(find(&all, "relay[1].connections").section(), "relay[1]");
    }
}
