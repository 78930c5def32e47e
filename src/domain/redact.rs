//! Keeps addresses out of logs: what a relay says may name the reader it speaks of.

/// The text with every word that holds an `@` replaced.
#[must_use]
pub fn without_addresses(text: &str) -> String {
    let words = text
        .split(' ')
        .map(|word| if word.contains('@') { "(address)" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// The text without mail addresses, and without the user and password of a server's address. The host stays, so that an
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

/// A feed's address for logs and lists, without login and query, which may contain a key.
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
    fn a_reason_names_the_server_and_no_login() {
        let reason =
            "no server takes writes: postgres://ada:secret@127.0.0.1:5432/daywire: refused <ada@reader.example>";
        let shown = "no server takes writes: postgres://127.0.0.1:5432/daywire: refused (address)";
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
    fn a_reply_that_names_a_reader_is_told_without_the_name() {
        let reply = "550 5.7.1 <ada@reader.example>: not from you";
        assert_eq!(without_addresses(reply), "550 5.7.1 (address) not from you");
    }
}
