//! An operator's own templates of mails and of the page layout (`templates.dir`), in the language of
//! [minijinja](https://docs.rs/minijinja/latest/minijinja/syntax/).
//!
//! All files are read and parsed at the start, so rendering opens no file. A template gets values only, and it may not run for ever: its
//! steps, its recursion and its output are limited. If one fails on real data, the built-in one is used, because a mail in the wrong
//! look is better than none; the log says why, and the operators get a notice. `daywire template check` and `daywire serve` render all of them with sample data before
//! that.

mod engine;
mod failures;
mod fault;
mod folder;
mod message;
mod names;
mod required;
mod scope;
mod static_check;
mod variables;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;

use crate::words::Words;
use engine::Engine;
use failures::Failures;
pub use fault::TemplateFault;
pub use names::{NAMES, PAGE};
pub(crate) use required::Required;
#[cfg(test)]
pub(crate) use variables::Variables;

/// The operator's templates. Cheap to clone. The default has none.
#[derive(Debug, Clone, Default)]
pub struct Templates {
    engine: Option<Arc<Engine>>,
    /// What failed on real data.
    failures: Arc<Failures>,
    /// What a check has found so far.
    check: Option<Arc<Mutex<Check>>>,
}

/// What a check collects.
#[derive(Debug, Default)]
pub(crate) struct Check {
    pub(crate) faults: Vec<TemplateFault>,
    /// The variables that each template was given, such as `stories[].title`.
    pub(crate) variables: BTreeMap<&'static str, BTreeSet<String>>,
}

/// Equal if the files are.
impl PartialEq for Templates {
    fn eq(&self, other: &Self) -> bool {
        self.version() == other.version()
    }
}

impl Eq for Templates {}

/// HTML that a template prints without escaping it.
#[derive(Debug, Clone)]
pub(crate) struct SafeHtml(minijinja::Value);

impl SafeHtml {
    pub(crate) fn new(html: &str) -> Self {
        Self(minijinja::Value::from_safe_string(html.to_owned()))
    }
}

impl Serialize for SafeHtml {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Templates {
    /// Reads and parses every file of the folder.
    ///
    /// # Errors
    /// [`TemplateFault`] of the first file that cannot be used.
    pub fn read(folder: &Path) -> Result<Self, TemplateFault> {
        let files = folder::read(folder)?;
        let engine = Engine::new(files)?;
        Ok(Self {
            engine: Some(Arc::new(engine)),
            failures: Arc::default(),
            check: None,
        })
    }

    /// Whether the operator replaces this template.
    #[must_use]
    pub fn replaces(&self, name: &str) -> bool {
        self.engine.as_ref().is_some_and(|engine| engine.has(name))
    }

    /// The names of the replaced templates.
    #[must_use]
    pub fn replaced(&self) -> Vec<&'static str> {
        NAMES.into_iter().filter(|name| self.replaces(name)).collect()
    }

    /// Differs if the files differ.
    pub(crate) fn version(&self) -> &str {
        self.engine.as_ref().map_or("", |engine| engine.version())
    }

    /// The same templates, which collect faults for [`Self::take_check`] instead of logging them.
    #[must_use]
    pub(crate) fn for_check(&self) -> Self {
        Self {
            engine: self.engine.clone(),
            failures: Arc::default(),
            check: Some(Arc::default()),
        }
    }

    /// Names that do not exist, in every file and every branch.
    pub(crate) fn unknown_names(&self) -> Vec<TemplateFault> {
        self.engine
            .as_ref()
            .map_or_else(Vec::new, |engine| engine.unknown_names())
    }

    /// What was found since the last call.
    pub(crate) fn take_check(&self) -> Check {
        let check = self
            .check
            .as_ref()
            .map(|check| check.lock().unwrap_or_else(PoisonError::into_inner));
        check.map(|mut check| std::mem::take(&mut *check)).unwrap_or_default()
    }

    /// A template that failed on real data, each once; `None` if no other one has.
    pub(crate) fn take_failure(&self) -> Option<(&'static str, TemplateFault)> {
        self.failures.take()
    }

    /// Gives back a failure that could not be reported.
    pub(crate) fn put_back_failure(&self, name: &'static str, fault: TemplateFault) {
        self.failures.put_back(name, fault);
    }

    /// The operator's version of a template, finished by `finish`. `None` if there is none, or if it failed: then the built-in one is used.
    pub(crate) fn render<T, E: Display>(
        &self,
        name: &'static str,
        words: &Words,
        context: &impl Serialize,
        required: &[Required<'_>],
        finish: impl FnOnce(String) -> Result<T, E>,
    ) -> Option<T> {
        let engine = self.engine.as_ref().filter(|engine| engine.has(name))?;
        let rendered = engine.render(name, words, context).and_then(|output| {
            Engine::require(name, &output, required)?;
            finish(output).map_err(|error| TemplateFault::new(name, error))
        });
        if let Some(check) = &self.check {
            let mut check = check.lock().unwrap_or_else(PoisonError::into_inner);
            let values = serde_json::to_value(context).unwrap_or_default();
            add_paths("", &values, check.variables.entry(name).or_default());
            return rendered.map_err(|fault| check.faults.push(fault)).ok();
        }
        rendered
            .map_err(|fault| {
                tracing::error!(template.name = name, error = %fault, "template failed, so the built-in one is used");
                self.failures.add(name, fault);
            })
            .ok()
    }
}

/// Adds the names of all variables in `values`, such as `stories[].title`.
fn add_paths(prefix: &str, values: &Value, paths: &mut BTreeSet<String>) {
    match values {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if prefix.is_empty() {
                    name.clone()
                } else {
                    format!("{prefix}.{name}")
                };
                add_paths(&path, value, paths);
                paths.insert(path);
            }
        }
        Value::Array(items) => {
            for item in items {
                add_paths(&format!("{prefix}[]"), item, paths);
            }
        }
        _ => {}
    }
}
