//! What is wrong with the fields of a form. A page shows all problems at once, each beside its field.

use crate::words::Words;

/// The problems of a form; none if the form is shown for the first time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldProblems {
    /// What is wrong with the request and not with a field, a sentence.
    pub of_page: Option<String>,
    /// At most one for each field.
    pub of_fields: Vec<FieldProblem>,
}

/// What is wrong with a field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The name of the field.
    pub field: &'static str,
    /// A sentence that says what is wrong and what to write.
    pub text: String,
}

impl FieldProblems {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of_page.is_none() && self.of_fields.is_empty()
    }

    /// Adds the problem of a field, unless the field has one already.
    pub(in crate::web) fn add(&mut self, field: &'static str, text: String) {
        if self.at(field).is_none() {
            self.of_fields.push(FieldProblem { field, text });
        }
    }

    /// What is wrong with a field.
    pub(in crate::web) fn at(&self, field: &str) -> Option<&str> {
        let problem = self.of_fields.iter().find(|problem| problem.field == field)?;
        Some(&problem.text)
    }

    /// The sentence above a form that was not saved.
    pub(in crate::web) fn above(&self, words: &Words) -> String {
        self.of_page.clone().unwrap_or_else(|| words.nothing_saved())
    }
}
