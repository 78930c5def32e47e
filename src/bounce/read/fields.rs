//! Lists of `Name: value` lines: the header of a message, and the groups of a report.

use mail_parser::Message;

/// Header fields in their order, unfolded ([RFC 5322 §2.2.3](https://www.rfc-editor.org/rfc/rfc5322#section-2.2.3)).
#[derive(Debug, Default, Clone)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The header of a message, with encoded words as they stand.
    pub(super) fn of_message(message: &Message<'_>) -> Self {
        let fields = message.headers_raw();
        Self(fields.map(|(name, value)| (name.to_owned(), unfold(value))).collect())
    }

    /// The fields of one group, up to the first blank line.
    pub(super) fn parse(text: &str) -> Self {
        Self::groups(text).into_iter().next().unwrap_or_default()
    }

    /// Groups of fields that are separated by blank lines ([RFC 3464 §2.1](https://www.rfc-editor.org/rfc/rfc3464#section-2.1)). A line
    /// that is not a field continues the field before, because some servers lose the space of a folded line.
    pub(super) fn groups(text: &str) -> Vec<Self> {
        let mut groups = Vec::new();
        let mut group = Self::default();
        for line in text.lines() {
            if line.trim().is_empty() {
                if !group.0.is_empty() {
                    groups.push(std::mem::take(&mut group));
                }
                continue;
            }
            let field = line
                .split_once(':')
                .filter(|(name, _)| !name.is_empty() && !name.contains(char::is_whitespace));
            match (field, group.0.last_mut()) {
                (Some((name, value)), _) => group.0.push((name.to_owned(), value.trim().to_owned())),
                (None, Some((_, value))) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                (None, None) => {}
            }
        }
        if !group.0.is_empty() {
            groups.push(group);
        }
        groups
    }

    /// Divides the fields so that no part has this field twice.
    pub(super) fn split_before(&self, name: &'static str) -> Vec<Self> {
        let mut parts = vec![Self::default()];
        for field in &self.0 {
            let part = parts.last().expect("there is always a part");
            if field.0.eq_ignore_ascii_case(name) && part.values(name).next().is_some() {
                parts.push(Self::default());
            }
            parts.last_mut().expect("there is always a part").0.push(field.clone());
        }
        parts
    }

    /// The value of the first field with this name; empty if there is none.
    pub(super) fn value(&self, name: &'static str) -> &str {
        self.values(name).next().unwrap_or("")
    }

    pub(super) fn values(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let fields = self.0.iter();
        fields.filter_map(move |(field, value)| field.eq_ignore_ascii_case(name).then_some(value.as_str()))
    }
}

fn unfold(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}
