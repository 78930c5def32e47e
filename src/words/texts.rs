//! The list of texts that every voice has, and the values that are filled into them.

/// The language of all texts here and in the templates, as a BCP 47 tag.
pub const LANGUAGE: &str = "en";

/// The texts of one voice. A page leaves out an empty text.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    /// Label above the sign-up form and the pages about subscriptions.
    pub(crate) signup_label: &'static str,
    pub(super) subscribe_to: &'static str,
    pub(crate) latest: &'static str,
    pub(crate) nothing_yet: &'static str,
    pub(crate) read_latest: &'static str,
    pub(super) article_id: &'static str,
    pub(crate) comments_label: &'static str,
    pub(crate) comments_status: &'static str,
    pub(crate) no_such_page: &'static str,
    pub(crate) check_address: &'static str,
    pub(crate) unavailable: &'static str,
    pub(super) opening_none: &'static str,
    pub(super) opening_one: &'static str,
    pub(super) opening_many: &'static str,
    pub(super) opening_by_hand: &'static str,
    pub(crate) also_in_issue: &'static str,
    pub(crate) other_topic: &'static str,
    pub(crate) corrections: &'static str,
    pub(crate) end_of_issue: &'static str,
}

impl Words {
    /// The heading of the sign-up form. `name` is the newsletter's, or the site's if there are several.
    #[must_use]
    pub fn subscribe_to(&self, name: &str) -> String {
        fill(self.subscribe_to, &[("name", name)])
    }

    /// An article's id, as the foot of its page shows it.
    #[must_use]
    pub fn article_id(&self, id: &str) -> String {
        fill(self.article_id, &[("id", id)])
    }

    /// The number of stories of an issue, and, if the score alone ordered them, that the most important come first.
    #[must_use]
    pub fn opening(&self, stories: usize, by_score: bool) -> String {
        let text = match (stories, by_score) {
            (0, _) => self.opening_none,
            (1, _) => self.opening_one,
            (_, true) => self.opening_many,
            (_, false) => self.opening_by_hand,
        };
        fill(text, &[("count", &stories.to_string())])
    }
}

/// Replaces `{key}` by its value. One pass, so braces within a value stay as they are.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((key, behind)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == key) {
            filled.push_str(value);
        }
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_and_their_own_braces_stay() {
        assert_eq!(fill("To {name}!", &[("name", "{count} {name}")]), "To {count} {name}!");
        assert_eq!(fill("{count}{name}", &[("count", "1"), ("name", "A")]), "1A");
        assert_eq!(fill("open {", &[]), "open {");
    }
}
