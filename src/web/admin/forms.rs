//! Reading the forms of the console.

/// The largest form with a long text or a file. A browser encodes a character such as `€` in nine bytes.
pub(super) const MAX_LARGE_FORM_BYTES: usize = 2 * 1024 * 1024;

/// A field of a posted form or a query; empty if it is missing. A repeated field counts once, with its first value.
pub(super) fn field(body: &[u8], name: &str) -> String {
    let mut fields = url::form_urlencoded::parse(body);
    let found = fields.find(|(found, _)| found == name);
    found.map_or(String::new(), |(_, value)| value.into_owned())
}

/// Every value of a repeated field.
pub(super) fn fields(body: &[u8], name: &str) -> Vec<String> {
    url::form_urlencoded::parse(body)
        .filter(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
        .collect()
}

/// The page to which the browser is redirected after a sign-in: always a page of the console or the documentation, never another site.
pub(super) fn destination(next: &str) -> &str {
    let rest = ["/admin", "/docs"]
        .iter()
        .find_map(|beginning| next.strip_prefix(beginning));
    let is_of_console = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest.starts_with('?'));
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && !next.split(['/', '?']).any(|segment| segment == "..")
        && !next.starts_with("/admin/log");
    if is_of_console && is_plain { next } else { "/admin" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_to_pages_of_the_console_only() {
        for (next, expected) in [
            ("/admin/account?x=1", "/admin/account?x=1"),
            ("/admin", "/admin"),
            ("/admin?done=password", "/admin?done=password"),
            ("", "/admin"),
            ("//evil.example", "/admin"),
            ("https://evil.example/admin", "/admin"),
            ("/docs/delivery", "/docs/delivery"),
            ("/docs?q=relay", "/docs?q=relay"),
            ("/docstore", "/admin"),
            ("/administrator", "/admin"),
            ("/admin\\..\\x", "/admin"),
            ("/admin/../subscribe", "/admin"),
            ("/admin/\u{b}foo", "/admin"),
            ("/admin/\u{e4}", "/admin"),
            (
                "/admin/readers?q=ada%40reader.example",
                "/admin/readers?q=ada%40reader.example",
            ),
            ("/admin/logout", "/admin"),
            ("/subscribe", "/admin"),
        ] {
            assert_eq!(destination(next), expected, "{next}");
        }
    }
}
