//! Merges the layers of settings: defaults, file, environment. Each value has its origin.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::database::DatabaseUrl;
use super::error::{ConfigError, Origin, shown};
use super::suggest;

/// The file that contains every setting with its default and a comment.
pub(super) const DEFAULTS: &str = include_str!("../../config/default.toml");

/// All settings as TOML, and the origin of each value that is not a default.
pub(super) struct Layers {
    /// The defaults, which are also the list of all settings and of their types.
    schema: Table,
    /// The merged values. Here `relay` is a list of at least one table.
    pub(super) table: Table,
    /// By the path that [`Layers::written`] returns.
    origins: BTreeMap<String, Origin>,
}

impl Layers {
    /// Only the defaults, without files and environment.
    pub(super) fn defaults() -> Result<Self, ConfigError> {
        let schema = parse(Path::new("config/default.toml"), DEFAULTS)?;
        let mut layers = Self {
            table: schema.clone(),
            schema,
            origins: BTreeMap::new(),
        };
        layers.set_relays(1);
        Ok(layers)
    }

    /// Overrides values by those of a settings file.
    pub(super) fn add_file(&mut self, path: &Path, text: &str) -> Result<(), ConfigError> {
        let origin = Origin::File(path.to_owned());
        let folder = path.parent().unwrap_or(Path::new(""));
        for (section, mut value) in parse(path, text)? {
            root_paths(folder, &section, &mut value);
            match value {
                Value::Array(relays) if section == "relay" && !relays.is_empty() => {
                    self.set_relays(relays.len());
                    for (index, relay) in relays.into_iter().enumerate() {
                        self.add(&section, index, relay, &origin)?;
                    }
                }
                value => self.add(&section, 0, value, &origin)?,
            }
        }
        Ok(())
    }

    /// Resolves the default database's relative path against the settings file's folder.
    pub(super) fn root_default_database(&mut self, folder: &Path) {
        if let (Origin::Default, Some(section)) = (self.origin("database.url"), self.table.get_mut("database")) {
            root_paths(folder, "database", section);
        }
    }

    /// Overrides a value by an environment variable, if it is a setting: `DAYWIRE_` and a path joined by `__`. Of several relays it
    /// sets the first.
    pub(super) fn add_variable(&mut self, name: &str, text: &str) -> Result<(), ConfigError> {
        let Some(path) = name
            .strip_prefix("DAYWIRE_")
            .map(|rest| rest.to_lowercase().replace("__", "."))
        else {
            return Ok(());
        };
        let origin = Origin::Environment(name.to_owned());
        let Some((section, rest)) = path.split_once('.') else {
            // Variables of other programs may have the same prefix. But a name like a setting with one underscore is a typing error.
            return suggest::joined_by_one(&self.schema, &path, origin);
        };
        if !self.schema.contains_key(section) {
            return Err(suggest::unknown(&self.schema, &path, origin));
        }
        let default = rest
            .split('.')
            .try_fold(self.schema.get(section), |at, key| Some(at?.get(key)))
            .flatten();
        let value = match typed(default, text) {
            Ok(value) => value,
            Err(allowed) => {
                let found = shown(&path, &Value::from(text));
                return Err(ConfigError::Invalid {
                    key: path,
                    origin,
                    found,
                    allowed: allowed.to_owned(),
                });
            }
        };
        let nested = rest
            .rsplit('.')
            .fold(value, |value, key| Table::from_iter([(key.to_owned(), value)]).into());
        self.add(section, 0, nested, &origin)
    }

    /// The origin of the value at this path; for a section, the origin of its latest value.
    pub(super) fn origin(&self, path: &str) -> Origin {
        let below = |key: &str| {
            key.strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let origins = self
            .origins
            .iter()
            .filter(|(key, _)| below(key))
            .map(|(_, origin)| origin);
        origins
            .max_by_key(|origin| matches!(origin, Origin::Environment(_)))
            .cloned()
            .unwrap_or(Origin::Default)
    }

    /// Those of `paths` whose value is an empty string.
    pub(super) fn unset<const N: usize>(&self, paths: [&'static str; N]) -> Vec<&'static str> {
        let is_empty = |path: &&str| {
            let value = path
                .split_once('.')
                .and_then(|(section, key)| self.table.get(section)?.get(key));
            value.and_then(Value::as_str) == Some("")
        };
        paths.into_iter().filter(is_empty).collect()
    }

    /// The path as people write it: with one relay, `relay[0].url` is `relay.url`.
    pub(super) fn written(&self, path: &str) -> String {
        match self.table.get("relay") {
            Some(Value::Array(relays)) if relays.len() > 1 => path.to_owned(),
            _ => path.replacen("relay[0]", "relay", 1),
        }
    }

    /// Sets the number of relays, each with the defaults.
    fn set_relays(&mut self, count: usize) {
        if let Some(default) = self.schema.get("relay") {
            self.table
                .insert("relay".to_owned(), Value::Array(vec![default.clone(); count]));
        }
    }

    /// Overrides a section, or the relay `index`, by `value`.
    fn add(&mut self, section: &str, index: usize, value: Value, origin: &Origin) -> Result<(), ConfigError> {
        let path = if section == "relay" {
            self.written(&format!("relay[{index}]"))
        } else {
            section.to_owned()
        };
        let target = match self.table.get_mut(section) {
            Some(Value::Array(relays)) => relays.get_mut(index),
            other => other,
        };
        match (self.schema.get(section), target) {
            (Some(default), Some(target)) => Overlay {
                schema: &self.schema,
                origin,
                origins: &mut self.origins,
            }
            .merge(default, target, value, path),
            _ => Err(suggest::unknown(&self.schema, section, origin.clone())),
        }
    }
}

/// Merges one layer into another.
struct Overlay<'a> {
    schema: &'a Table,
    origin: &'a Origin,
    origins: &'a mut BTreeMap<String, Origin>,
}

impl Overlay<'_> {
    /// Replaces `target` by `value`, key by key if they are tables. `value` must have the type of `default`.
    fn merge(&mut self, default: &Value, target: &mut Value, value: Value, path: String) -> Result<(), ConfigError> {
        match (default, target, value) {
            (Value::Table(defaults), Value::Table(targets), Value::Table(values)) => {
                for (key, value) in values {
                    let path = format!("{path}.{key}");
                    match (defaults.get(&key), targets.get_mut(&key)) {
                        (Some(default), Some(target)) => self.merge(default, target, value, path)?,
                        _ => return Err(suggest::unknown(self.schema, &path, self.origin.clone())),
                    }
                }
            }
            (default, target, value) if of_one_kind(default, &value) => {
                *target = value;
                self.origins.insert(path, self.origin.clone());
            }
            (default, _, value) => {
                // Instead of a section there can be any text, even a password, so the value is not shown.
                let found = if default.is_table() {
                    kind(&value).to_owned()
                } else {
                    shown(&path, &value)
                };
                let allowed = kind(default).to_owned();
                return Err(ConfigError::Invalid {
                    key: path,
                    origin: self.origin.clone(),
                    found,
                    allowed,
                });
            }
        }
        Ok(())
    }
}

/// Resolves the relative paths of a settings file against its folder, so that the file means the same in any working folder.
fn root_paths(folder: &Path, key: &str, value: &mut Value) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                root_paths(folder, key, value);
            }
        }
        Value::Array(tables) => tables.iter_mut().for_each(|value| root_paths(folder, key, value)),
        Value::String(path) if is_path(key) && !path.is_empty() => {
            if let Some(rooted) = folder.join(&*path).to_str() {
                rooted.clone_into(path);
            }
        }
        Value::String(url) if key == "url" => {
            if let Some(rooted) = DatabaseUrl::rooted(url, folder) {
                *url = rooted;
            }
        }
        _ => {}
    }
}

/// Whether a setting is the path of a file or folder.
pub(super) fn is_path(key: &str) -> bool {
    key.ends_with("_file") || matches!(key, "dir" | "locales" | "pages")
}

fn parse(path: &Path, text: &str) -> Result<Table, ConfigError> {
    toml::from_str(text).map_err(|error| ConfigError::syntax(path, text, &error))
}

fn of_one_kind(default: &Value, value: &Value) -> bool {
    match value {
        // All lists in the settings are lists of texts.
        Value::Array(items) => default.is_array() && items.iter().all(Value::is_str),
        _ => default.same_type(value),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text in quotes",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a fraction",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list of texts such as [\"a\", \"b\"]",
        Value::Table(_) => "a table of settings",
    }
}

/// Parses the text of an environment variable as a value of the default's type.
fn typed(default: Option<&Value>, text: &str) -> Result<Value, &'static str> {
    match default {
        Some(Value::Integer(_)) => text.trim().parse().map(Value::Integer).map_err(|_| "a whole number"),
        Some(Value::Boolean(_)) => text.trim().parse().map(Value::Boolean).map_err(|_| "true or false"),
        Some(Value::Array(_)) if text.trim_start().starts_with('[') => {
            toml::from_str::<Table>(&format!("list = {text}"))
                .ok()
                .filter(|table| table.len() == 1)
                .and_then(|mut table| table.remove("list"))
                .ok_or("a list: a, b or [\"a\", \"b\"]")
        }
        Some(Value::Array(_)) => Ok(text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(Value::from)
            .collect::<Vec<_>>()
            .into()),
        _ => Ok(Value::from(text)),
    }
}
