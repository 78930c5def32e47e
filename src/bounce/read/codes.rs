//! Finds addresses and status codes in text.

use crate::bounce::reason::StatusCode;
use crate::domain::address::EmailAddress;

/// The characters of a local part that is not quoted ([RFC 5322 §3.2.3](https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3)).
const LOCAL_CHARACTERS: &str = "!#$%&'*+-/=?^_`{|}~.";

/// The most addresses that are taken from one text. Our messages have one recipient each, and comparing many costs time.
pub(super) const MAX_ADDRESSES: usize = 200;

/// The first addresses in a text, in their order.
pub(in crate::bounce) fn addresses(text: &str) -> Vec<EmailAddress> {
    let at_signs = text.match_indices('@').map(|(at, _)| at);
    let addresses = at_signs.filter_map(|at| address_around(text, at));
    addresses.take(MAX_ADDRESSES).collect()
}

fn address_around(text: &str, at: usize) -> Option<EmailAddress> {
    let (before, after) = (&text[..at], &text[at + 1..]);
    let local = if let Some(quoted) = before.strip_suffix('"') {
        &before[quoted.rfind('"')?..]
    } else {
        let is_local = |c: char| c.is_ascii_alphanumeric() || LOCAL_CHARACTERS.contains(c);
        let local = before.rsplit(|c| !is_local(c)).next().unwrap_or_default();
        let local = local.trim_start_matches(['\'', '=', '`', '.', '/']);
        // `to=ada@reader.example`, as in the log of a server.
        local.strip_prefix("to=").unwrap_or(local)
    };
    let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || "-.".contains(c)));
    let domain = after[..end.unwrap_or(after.len())].trim_end_matches(['-', '.']);
    // `ada@reader.example...User unknown`: what follows several dots is not the domain.
    let domain = domain.split("..").next().unwrap_or(domain);
    EmailAddress::parse(&format!("{local}@{domain}")).ok()
}

/// The address of a field such as `rfc822; ada@reader.example` ([RFC 3464 §2.3.2](https://www.rfc-editor.org/rfc/rfc3464#section-2.3.2)).
pub(super) fn typed_address(value: &str) -> Option<EmailAddress> {
    let value = value.split_once(';').map_or(value, |(_, address)| address);
    // A source route, `@relay.example:ada@reader.example`: the last address is the recipient's.
    addresses(value).pop()
}

/// The status code at the beginning of a field such as `5.1.1 (bad destination mailbox address)`.
pub(in crate::bounce) fn status_code(value: &str) -> Option<StatusCode> {
    let code = value.trim_start();
    let end = code.find(|c: char| !(c.is_ascii_digit() || c == '.'));
    let mut numbers = code[..end.unwrap_or(code.len())].split('.');
    let mut number = |longest| {
        numbers
            .next()
            .filter(|digits| digits.len() <= longest)?
            .parse::<u16>()
            .ok()
    };
    let (class, subject, detail) = (number(1)?, number(3)?, number(3)?);
    let class = u8::try_from(class).ok().filter(|class| matches!(class, 2 | 4 | 5))?;
    numbers.next().is_none().then_some((class, subject, detail))
}

/// The first SMTP reply code and the first enhanced status code in a text.
pub(crate) fn codes(text: &str) -> (Option<u16>, Option<StatusCode>) {
    let (mut reply, mut status) = (None, None);
    for token in text.split(|c: char| c.is_whitespace() || "()[]<>,;:\"'#=".contains(c)) {
        let token = token.trim_matches('.');
        if status.is_none() && token.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            status = status_code(token);
        }
        // `550-5.1.1`: the code of a reply with several lines.
        let (digits, rest) = token.split_at_checked(3).unwrap_or((token, ""));
        if reply.is_none() && digits.len() == 3 && (rest.is_empty() || rest.starts_with('-')) {
            if status.is_none() {
                status = status_code(rest.trim_start_matches('-'));
            }
            reply = digits.parse().ok().filter(|code| is_reply_code(*code));
        }
        if reply.is_some() && status.is_some() {
            break;
        }
    }
    (reply, status)
}

/// Whether a number in a text is likely to be a reply code.
const fn is_reply_code(number: u16) -> bool {
    matches!(number, 250 | 400..=459 | 500..=559 | 571 | 577)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_any_surroundings() {
        let found = |text: &str| {
            addresses(text)
                .iter()
                .map(|address| address.as_typed().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            found("<ada@reader.example>: host mx.reader.example said"),
            ["ada@reader.example"]
        );
        assert_eq!(
            found("ada@reader.example...User unknown, to=bob@reader.example."),
            ["ada@reader.example", "bob@reader.example"]
        );
        assert_eq!(found("\"ada l\"@reader.example failed"), ["\"ada l\"@reader.example"]);
        assert_eq!(found("宛先ada@reader.exampleは"), ["ada@reader.example"]);
        assert!(found("@ a@ @b.example ..@.. \"@c.example").is_empty());
    }

    #[test]
    fn the_last_address_of_a_source_route_is_the_recipient() {
        let address =
            typed_address("rfc822;@relay.example:ada@reader.example").map(|address| address.as_typed().to_owned());
        assert_eq!(address.as_deref(), Some("ada@reader.example"));
    }

    #[test]
    fn codes_are_found_in_any_surroundings() {
        assert_eq!(codes("said: 550-5.1.1 no (#5.5.0)"), (Some(550), Some((5, 1, 1))));
        assert_eq!(codes("(#4.2.2) full at 192.0.2.1"), (None, Some((4, 2, 2))));
        assert_eq!(codes("2024 messages, 10.0.0.1, 5.1"), (None, None));
    }
}
