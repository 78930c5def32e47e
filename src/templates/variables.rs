//! The variables that each template gets: those in the tables of `docs/reference/templates.md`. A test compares the tables with what the program
//! gives.

use std::collections::BTreeSet;

use super::names::{NAMES, PAGE};

const DOCUMENT: &str = include_str!("../../docs/reference/templates.md");
/// The heading of the variables that every template but the page layout gets.
const EVERY_MAIL: &str = "Variables of every mail";

/// The paths of variables, such as `stories[].also[].name`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Variables(pub(crate) BTreeSet<String>);

impl Variables {
    /// The variables of one template.
    pub(crate) fn of(template: &str) -> Self {
        documented(|names| names.contains(&template))
    }

    /// The variables of all templates together, for files of which no template is known that includes them.
    pub(super) fn of_any() -> Self {
        documented(|_| true)
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.0.contains(path)
    }

    /// The path of the elements of a list; `None` if it is no list, or if its elements are not described.
    pub(super) fn element(&self, path: &str) -> Option<String> {
        let element = format!("{path}[]");
        let has_parts = self.parts(&element).next().is_some();
        has_parts.then_some(element)
    }

    /// The names of the parts of a variable, or of the variables themselves if `path` is empty.
    pub(super) fn parts<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a str> {
        let below = move |variable: &'a String| {
            if path.is_empty() {
                return Some(variable.as_str());
            }
            variable.strip_prefix(path)?.strip_prefix('.')
        };
        self.0
            .iter()
            .filter_map(below)
            .filter(|name| !name.contains(['.', '[']))
    }
}

/// The variables in the tables below the headings whose templates `is_wanted`.
fn documented(is_wanted: impl Fn(&[&str]) -> bool) -> Variables {
    let mut variables = BTreeSet::new();
    let mut is_below_wanted = false;
    for line in DOCUMENT.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            let names: Vec<&str> = if heading == EVERY_MAIL {
                NAMES.into_iter().filter(|name| *name != PAGE).collect()
            } else {
                heading.split('`').filter(|name| NAMES.contains(name)).collect()
            };
            is_below_wanted = !names.is_empty() && is_wanted(&names);
        } else if is_below_wanted
            && let Some(variable) = line.strip_prefix("| `").and_then(|rest| rest.split('`').next())
        {
            variables.insert(variable.to_owned());
        }
    }
    Variables(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_from_the_tables() {
        let digest = Variables::of("digest.html");
        assert!(digest.has("site_name") && digest.has("stories[].also[].url") && !digest.has("main"));
        assert_eq!(digest.element("stories").as_deref(), Some("stories[]"));
        assert_eq!(digest.element("opening"), None);
        assert_eq!(
            digest.parts("stories[].picture").collect::<Vec<_>>(),
            ["alt", "height", "url", "width"]
        );
        assert!(digest.parts("").any(|name| name == "look"));
        assert!(Variables::of(PAGE).has("main") && !Variables::of(PAGE).has("look"));
        assert!(Variables::of_any().has("main") && Variables::of_any().has("stories[].title"));
    }
}
