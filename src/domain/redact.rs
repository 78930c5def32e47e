//! Removes addresses and secrets from text for logs, such as the reply of a relay that names a recipient.

/// Replaces every word that contains an `@`. Blanks between quotation marks before an `@` belong to the address
/// ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)).
#[must_use]
pub fn without_addresses(text: &str) -> String {
    let text = with_short_local_parts(text);
    let words = text
        .split(' ')
        .map(|word| if word.contains('@') { "(address)" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// The text with `""` for each quoted local part.
fn with_short_local_parts(text: &str) -> String {
    let mut rest = text;
    let mut shortened = String::new();
    while let Some(end) = rest.find("\"@") {
        let start = rest[..end].rfind('"').unwrap_or(end);
        shortened.push_str(&rest[..start]);
        shortened.push_str("\"\"@");
        rest = &rest[end + 2..];
    }
    shortened + rest
}

/// An address of which only the first letter and the domain can be read, for a page that others may see: `a…@reader.example`.
#[must_use]
pub(crate) fn masked(address: &str) -> String {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return String::new();
    };
    let first: String = local.chars().take(1).collect();
    format!("{first}…@{domain}")
}

/// Removes mail addresses, and the user and password of a server's address. The host stays, so that an
/// operator sees which database or relay is unavailable.
#[must_use]
pub(crate) fn without_logins(text: &str) -> String {
    let words = text
        .split(' ')
        .map(|word| match (word.split_once("://"), word.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
            (None, Some(_)) => "(address)".to_owned(),
            _ => word.to_owned(),
        });
    words.collect::<Vec<_>>().join(" ")
}

/// Removes the login and the query from a feed's address for logs and lists, because they may contain a key.
#[must_use]
pub fn without_secrets(address: &str) -> String {
    let (place, query) = match address.split_once('?') {
        Some((place, _)) => (place, "?…"),
        None => (address, ""),
    };
    let (scheme, rest) = place
        .split_once("://")
        .map_or(("", place), |(scheme, rest)| (&place[..scheme.len() + 3], rest));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}{host}{path}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_shown_without_its_login() {
        let reason =
            "no server accepts writes: postgres://ada:secret@127.0.0.1:5432/daywire: refused <ada@reader.example>";
        let shown = "no server accepts writes: postgres://127.0.0.1:5432/daywire: refused (address)";
        assert_eq!(without_logins(reason), shown);
    }

    #[test]
    fn a_feeds_address_is_shown_without_login_and_query() {
        for (address, shown) in [
            ("https://wire.example/feed.xml", "https://wire.example/feed.xml"),
            (
                "https://ada:secret@wire.example:8443/feed?key=abc&n=1",
                "https://wire.example:8443/feed?…",
            ),
            ("https://wire.example?token=abc", "https://wire.example?…"),
            ("https://wire.example/@ada/feed", "https://wire.example/@ada/feed"),
        ] {
            assert_eq!(without_secrets(address), shown);
        }
    }

    #[test]
    fn a_masked_address_shows_its_first_letter_and_its_domain() {
        assert_eq!(masked("ada.l@reader.example"), "a…@reader.example");
        assert_eq!(masked("ädä@reader.example"), "ä…@reader.example");
    }

    #[test]
    fn an_address_in_a_reply_is_removed() {
        let reply = "550 5.7.1 <ada@reader.example>: not from you";
        assert_eq!(without_addresses(reply), "550 5.7.1 (address) not from you");
        let reply = "550 <\"john doe\"@reader.example> and \"ada\" \"b c\"@reader.example are unknown \"@x";
        let shown = "550 (address) and \"ada\" (address) are unknown (address)";
        assert_eq!(without_addresses(reply), shown);
    }
}
