//! Subject lines from a template with variables, such as `{newsletter}: {lead}`.

use serde::{Deserialize, Serialize};

use crate::text::html::clean_line;
use crate::text::plain::shorten;

/// A subject from the newsletter's template has at most this many characters. Most mail programs cut off longer ones in their lists.
pub(super) const MAX_SUBJECT_CHARS: usize = 120;

/// A template has at most this many characters. An editor's subject is not cut, so its template is limited instead.
const MAX_TEMPLATE_CHARS: usize = 200;

/// The variables: the names that a template can contain in braces.
const VARIABLES: [&str; 5] = ["lead", "date", "count", "newsletter", "number"];

/// A subject line with variables. Only known variables parse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubjectTemplate(String);

/// The values of the variables.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// The headline of the first story.
    pub lead: &'a str,
    /// The date of the issue, such as `Sunday 23 November 2025`.
    pub date: &'a str,
    /// The number of stories in the issue.
    pub count: usize,
    /// The newsletter's name for subscribers.
    pub newsletter: &'a str,
    /// The number in its newsletter.
    pub number: i64,
}

impl Default for SubjectTemplate {
    fn default() -> Self {
        Self("{newsletter}: {lead}".into())
    }
}

impl From<SubjectTemplate> for String {
    fn from(template: SubjectTemplate) -> Self {
        template.0
    }
}

impl TryFrom<String> for SubjectTemplate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.trim().is_empty() || clean_line(&text) != text {
            return Err("write one line of plain text".into());
        }
        let length = text.chars().count();
        if length > MAX_TEMPLATE_CHARS {
            return Err(format!(
                "it has {length} characters; write at most {MAX_TEMPLATE_CHARS}"
            ));
        }
        let known = format!("{{{}}}", VARIABLES.join("}, {"));
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let variable = rest[at..].strip_prefix('{').and_then(|after| after.split_once('}'));
            match variable {
                Some((name, after)) if VARIABLES.contains(&name) => rest = after,
                _ => return Err(format!("only {known} can be in braces")),
            }
        }
        Ok(Self(text))
    }
}

impl SubjectTemplate {
    /// Fills the variables, and shortens the subject to 120 characters.
    #[must_use]
    pub fn fill(&self, values: &Values<'_>) -> String {
        shorten(&self.fill_whole(values), MAX_SUBJECT_CHARS).0
    }

    /// Fills the variables. The subject can be longer than 120 characters.
    #[must_use]
    pub fn fill_whole(&self, values: &Values<'_>) -> String {
        let mut subject = String::new();
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            subject.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            match name {
                "lead" => subject.push_str(values.lead),
                "date" => subject.push_str(values.date),
                "count" => subject.push_str(&values.count.to_string()),
                "newsletter" => subject.push_str(values.newsletter),
                _ => subject.push_str(&values.number.to_string()),
            }
            rest = after;
        }
        subject.push_str(rest);
        subject
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, lead: &str) -> String {
        let template = SubjectTemplate::try_from(template.to_owned()).expect("the template parses");
        template.fill(&Values {
            lead,
            date: "Monday 2 March 2026",
            count: 7,
            newsletter: "Daily",
            number: 12,
        })
    }

    #[test]
    fn placeholders_are_filled_once() {
        assert_eq!(
            filled("{newsletter} {number}: {lead} and {count}", "{count}"),
            "Daily 12: {count} and 7"
        );
        assert_eq!(filled("{date}", ""), "Monday 2 March 2026");
    }

    #[test]
    fn an_unknown_placeholder_or_a_second_line_is_an_error() {
        for wrong in ["{title}", "{lead", "lead}", "{{lead}}", "", " ", "a\nb"] {
            assert!(SubjectTemplate::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_long_subject_is_cut_at_a_word() {
        let subject = filled("{lead}", &"signal, ".repeat(40));
        assert!(
            subject.chars().count() <= MAX_SUBJECT_CHARS && subject.ends_with("signal…"),
            "{subject}"
        );
    }

    #[test]
    fn a_long_subject_without_spaces_is_cut_at_the_limit() {
        let headline = "東京都議会は来年度の予算案を可決し橋の修理と学校の改築に充てることを決めた".repeat(4);
        let subject = filled("{newsletter}: {lead}", &headline);
        assert_eq!(subject.chars().count(), MAX_SUBJECT_CHARS);
        assert!(
            format!("Daily: {headline}").starts_with(subject.trim_end_matches('…')),
            "{subject}"
        );
    }
}
