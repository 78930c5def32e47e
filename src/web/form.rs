//! The fields of a posted form, or of the query of a page with a form.

/// The fields in the order in which they were sent.
#[derive(Debug)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn read(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().collect())
    }

    /// The value of a field that was sent last; empty if none was sent.
    pub(super) fn text(&self, name: &str) -> String {
        let mut last_first = self.0.iter().rev();
        let found = last_first.find(|(key, _)| key == name);
        found.map_or_else(String::new, |(_, value)| value.clone())
    }

    /// The same without spaces around it, and with at most `max_chars` characters.
    pub(super) fn trimmed(&self, name: &str, max_chars: usize) -> String {
        self.text(name).trim().chars().take(max_chars).collect()
    }

    /// The values of a field that can be sent several times.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let fields = self.0.iter().filter(|(key, _)| key == name);
        fields.map(|(_, value)| value.clone()).collect()
    }

    /// Whether a field was sent, such as a ticked box.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_and_the_last_value_counts() {
        let form = Form::read(b"a=1&b=x+y&a=%C3%A4+&c&a=+2+");
        assert_eq!(
            (form.text("a"), form.text("b"), form.text("d")),
            (" 2 ".into(), "x y".into(), String::new())
        );
        assert_eq!(form.trimmed("a", 9), "2");
        assert_eq!(form.trimmed("b", 2), "x ");
        assert_eq!(form.texts("a"), ["1", "\u{e4} ", " 2 "]);
        assert!(form.has("c") && !form.has("d"));
    }
}
