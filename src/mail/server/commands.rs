//! Parses SMTP commands ([RFC 5321 §4.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.1)).

/// A command with its parsed parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Ehlo(String),
    Helo(String),
    Lhlo(String),
    StartTls,
    /// The mechanism in upper case, and the initial response if there was one.
    Auth(String, Option<String>),
    /// The return path, empty for `<>`, and the parameters in upper case.
    Mail(String, Vec<String>),
    Rcpt(String),
    Data,
    Rset,
    Noop,
    Quit,
    /// A known command with invalid arguments; contains what is expected.
    Malformed(&'static str),
    Unknown,
}

/// Parses a command line without its CRLF.
pub(super) fn parse(line: &str) -> Command {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim();
    let name = || {
        rest.split(' ')
            .next()
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
    };
    match verb.to_ascii_uppercase().as_str() {
        "EHLO" => name().map_or(Command::Malformed("EHLO needs a name"), Command::Ehlo),
        "HELO" => name().map_or(Command::Malformed("HELO needs a name"), Command::Helo),
        "LHLO" => name().map_or(Command::Malformed("LHLO needs a name"), Command::Lhlo),
        "STARTTLS" if rest.is_empty() => Command::StartTls,
        "AUTH" => {
            let mut words = rest.split(' ').filter(|word| !word.is_empty());
            match words.next() {
                Some(mechanism) => Command::Auth(mechanism.to_ascii_uppercase(), words.next().map(str::to_owned)),
                None => Command::Malformed("AUTH needs a mechanism"),
            }
        }
        "MAIL" => match path("FROM:", rest) {
            Some((path, parameters)) => Command::Mail(
                path,
                parameters.split_whitespace().map(str::to_ascii_uppercase).collect(),
            ),
            None => Command::Malformed("write MAIL FROM:<address>"),
        },
        "RCPT" => match path("TO:", rest) {
            Some((path, _)) if !path.is_empty() => Command::Rcpt(path),
            _ => Command::Malformed("write RCPT TO:<address>"),
        },
        "DATA" if rest.is_empty() => Command::Data,
        "RSET" if rest.is_empty() => Command::Rset,
        "NOOP" => Command::Noop,
        "QUIT" if rest.is_empty() => Command::Quit,
        _ => Command::Unknown,
    }
}

/// Parses `FROM:<path> parameters`. A bracket inside a quoted local part does not end the path. A source route before the address, such
/// as `@relay.example:`, is left out ([RFC 5321 §4.1.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.3)).
fn path<'a>(keyword: &str, rest: &'a str) -> Option<(String, &'a str)> {
    let after = rest
        .get(keyword.len()..)
        .filter(|_| rest[..keyword.len()].eq_ignore_ascii_case(keyword))?;
    let inner = after.trim_start().strip_prefix('<')?;
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '>' if !quoted => return Some((without_route(&inner[..at]).to_owned(), &inner[at + 1..])),
            _ => {}
        }
    }
    None
}

fn without_route(path: &str) -> &str {
    match path.split_once(':') {
        Some((route, address)) if route.starts_with('@') => address,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_parsed_in_any_case() {
        assert_eq!(parse("ehlo mail.example"), Command::Ehlo("mail.example".to_owned()));
        assert_eq!(parse("EHLO"), Command::Malformed("EHLO needs a name"));
        assert_eq!(
            parse("mail from:<a@b.example> size=10"),
            Command::Mail("a@b.example".to_owned(), vec!["SIZE=10".to_owned()])
        );
        assert_eq!(parse("MAIL FROM:<>"), Command::Mail(String::new(), vec![]));
        assert_eq!(
            parse("RCPT TO:<\"a>\\\"b\"@c.example>"),
            Command::Rcpt("\"a>\\\"b\"@c.example".to_owned())
        );
        assert_eq!(
            parse("RCPT TO:<@relay.example,@mx.example:a@b.example>"),
            Command::Rcpt("a@b.example".to_owned())
        );
        assert_eq!(parse("lhlo mail.example"), Command::Lhlo("mail.example".to_owned()));
        assert_eq!(
            parse("AUTH plain AGE="),
            Command::Auth("PLAIN".to_owned(), Some("AGE=".to_owned()))
        );
    }

    #[test]
    fn an_invalid_command_causes_no_panic() {
        for line in [
            "",
            " ",
            "é",
            "MAIL é",
            "MAIL FROMé",
            "RCPT TO:<>",
            "RCPT TO:<a",
            "DATA now",
            "\0",
            "MAIL FROM:",
        ] {
            assert!(
                matches!(parse(line), Command::Malformed(_) | Command::Unknown),
                "{line:?}"
            );
        }
    }
}
