//! Subject lines from a template, such as `{newsletter}: {lead}`.

use serde::{Deserialize, Serialize};

use crate::text::html::clean_line;
use crate::text::plain::shorten;

/// Characters of a subject: what comes after is cut by most lists of mails anyway.
pub const LONGEST: usize = 120;

/// Characters of a template. No subject of more has a use, and an editor's own words are not cut.
const MAX_TEMPLATE: usize = 200;

/// What may stand in braces.
const PLACES: [&str; 5] = ["lead", "date", "count", "newsletter", "number"];

/// A subject with places in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubjectTemplate(String);

/// What goes into the places.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// Headline of the first story.
    pub lead: &'a str,
    /// The day.
    pub date: &'a str,
    /// How many stories there are.
    pub count: usize,
    /// The newsletter's name.
    pub newsletter: &'a str,
    /// The number.
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
        if length > MAX_TEMPLATE {
            return Err(format!("it has {length} characters; write at most {MAX_TEMPLATE}"));
        }
        let known = format!("{{{}}}", PLACES.join("}, {"));
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let place = rest[at..].strip_prefix('{').and_then(|after| after.split_once('}'));
            match place {
                Some((name, after)) if PLACES.contains(&name) => rest = after,
                _ => return Err(format!("only {known} may stand in braces")),
            }
        }
        Ok(Self(text))
    }
}

impl SubjectTemplate {
    /// The subject, at most [`LONGEST`] characters.
    #[must_use]
    pub fn fill(&self, values: &Values<'_>) -> String {
        shorten(&self.fill_whole(values), LONGEST).0
    }

    /// The subject, however long.
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
        let template = SubjectTemplate::try_from(template.to_owned()).expect("a template");
        template.fill(&Values {
            lead,
            date: "Monday 2 March 2026",
            count: 7,
            newsletter: "Daily",
            number: 12,
        })
    }

    #[test]
    fn places_are_filled_once() {
        assert_eq!(
            filled("{newsletter} {number}: {lead} and {count}", "{count}"),
            "Daily 12: {count} and 7"
        );
        assert_eq!(filled("{date}", ""), "Monday 2 March 2026");
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for wrong in ["{title}", "{lead", "lead}", "{{lead}}", "", " ", "a\nb"] {
            assert!(SubjectTemplate::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_long_one_ends_at_a_word() {
        let subject = filled("{lead}", &"signal, ".repeat(40));
        assert!(
            subject.chars().count() <= LONGEST && subject.ends_with("signal…"),
            "{subject}"
        );
    }

    #[test]
    fn a_long_one_without_spaces_fills_its_room() {
        let headline = "東京都議会は来年度の予算案を可決し橋の修理と学校の改築に充てることを決めた".repeat(4);
        let subject = filled("{newsletter}: {lead}", &headline);
        assert_eq!(subject.chars().count(), LONGEST);
        assert!(
            format!("Daily: {headline}").starts_with(subject.trim_end_matches('…')),
            "{subject}"
        );
    }
}
