//! The names that are known at a place of a template.

use std::collections::BTreeMap;

/// What a name stands for, as far as that is known without rendering.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Binding {
    /// The variable with this path, such as `stories[]`.
    Variable(String),
    /// A macro of a file.
    Macro { file: String, name: String },
    /// A file that was imported.
    Module(String),
    /// A value that the template computes.
    Computed,
}

/// The names of a template and of its open blocks, the innermost last.
#[derive(Clone, Debug)]
pub(super) struct Scope(Vec<BTreeMap<String, Binding>>);

impl Default for Scope {
    fn default() -> Self {
        Self::with(BTreeMap::new())
    }
}

impl Scope {
    /// A scope in which these names are known.
    pub(super) fn with(names: BTreeMap<String, Binding>) -> Self {
        Self(vec![names])
    }

    pub(super) fn open(&mut self) {
        self.0.push(BTreeMap::new());
    }

    pub(super) fn close(&mut self) {
        self.0.pop();
    }

    pub(super) fn find(&self, name: &str) -> Option<&Binding> {
        self.0.iter().rev().find_map(|names| names.get(name))
    }

    /// Binds a name in the innermost block. A name that is set twice there can have either value, so nothing is known of it.
    pub(super) fn bind(&mut self, name: &str, binding: Binding) {
        let Some(names) = self.0.last_mut() else { return };
        let is_other = names.get(name).is_some_and(|before| *before != binding);
        names.insert(name.to_owned(), if is_other { Binding::Computed } else { binding });
    }

    /// All names with their innermost bindings.
    pub(super) fn names(&self) -> BTreeMap<String, Binding> {
        self.0
            .iter()
            .flatten()
            .map(|(name, binding)| (name.clone(), binding.clone()))
            .collect()
    }
}
