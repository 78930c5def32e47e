//! As much of CSS as preflight asks about: declarations, and the rules for dark mode.

/// The declarations of a style attribute or of a block, names in lower case, values without `!important`.
#[must_use]
pub fn declarations(text: &str) -> Vec<(String, String)> {
    let text = without_comments(text);
    let mut found = Vec::new();
    for part in split(&text, ';') {
        let Some((name, value)) = part.split_once(':') else {
            continue;
        };
        let value = value.trim();
        let value = match value.rfind('!') {
            Some(mark) if value[mark..].to_ascii_lowercase().ends_with("important") => value[..mark].trim_end(),
            _ => value,
        };
        found.push((name.trim().to_ascii_lowercase(), value.to_owned()));
    }
    found
}

/// One rule of a style sheet, or an at-rule: what stands before its braces, and what is in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The selectors, or the at-rule's name and condition.
    pub head: String,
    /// What is in the braces; empty for an at-rule without.
    pub body: String,
}

/// The rules of a style sheet, those inside an at-rule not apart from it.
#[must_use]
pub fn rules(sheet: &str) -> Vec<Rule> {
    let sheet = without_comments(sheet);
    let (mut found, mut rest) = (Vec::new(), sheet.as_str());
    while let Some(end) = find(rest, &['{', ';']) {
        let (head, behind) = (rest[..end].trim().to_owned(), &rest[end + 1..]);
        if rest[end..].starts_with(';') {
            found.push(Rule {
                head,
                body: String::new(),
            });
            rest = behind;
            continue;
        }
        let close = closing(behind);
        let body = behind[..close].to_owned();
        found.push(Rule { head, body });
        rest = behind.get(close + 1..).unwrap_or_default();
    }
    found
}

/// The rules that hold in dark mode only, as a sheet of their own.
#[must_use]
pub fn dark_rules(sheet: &str) -> String {
    let dark = |head: &str| {
        let head: String = head.to_ascii_lowercase().split_whitespace().collect();
        head.starts_with("@media") && head.contains("prefers-color-scheme:dark")
    };
    let bodies = rules(sheet).into_iter().filter(|rule| dark(&rule.head));
    bodies.map(|rule| rule.body + "\n").collect()
}

/// All declarations of a sheet, those inside at-rules too.
#[must_use]
pub fn all_declarations(sheet: &str) -> Vec<(String, String)> {
    let nested = |rule: Rule| {
        if rule.body.contains('{') {
            rules(&rule.body)
                .iter()
                .flat_map(|inner| declarations(&inner.body))
                .collect()
        } else {
            declarations(&rule.body)
        }
    };
    rules(sheet).into_iter().flat_map(nested).collect()
}

fn without_comments(text: &str) -> String {
    let (mut kept, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find("/*") {
        kept.push_str(&rest[..start]);
        rest = rest[start + 2..]
            .find("*/")
            .map_or("", |end| &rest[start + 2 + end + 2..]);
    }
    kept + rest
}

/// The place of the first of `wanted` outside strings and parentheses.
fn find(text: &str, wanted: &[char]) -> Option<usize> {
    let (mut quote, mut depth) = (None, 0_usize);
    for (place, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) => quote = quote.filter(|_| open != c),
            (None, '"' | '\'') => quote = Some(c),
            (None, _) if depth == 0 && wanted.contains(&c) => return Some(place),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
    }
    None
}

fn split(text: &str, at: char) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some(end) = find(rest, &[at]) {
        parts.push(&rest[..end]);
        rest = &rest[end + at.len_utf8()..];
    }
    parts.push(rest);
    parts
}

/// Where the brace closes that was opened before `text`; its end if none does.
fn closing(text: &str) -> usize {
    let (mut depth, mut from) = (0_usize, 0);
    while let Some(place) = find(&text[from..], &['{', '}']) {
        let at = from + place;
        if text[at..].starts_with('{') {
            depth += 1;
        } else if depth == 0 {
            return at;
        } else {
            depth -= 1;
        }
        from = at + 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_end_at_semicolons_that_are_not_quoted() {
        let text =
            "Color: #FFF !important; font-family: 'a;b', serif;background:url(data:image/png;base64,AA==) /* ; */";
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [
            pair("color", "#FFF"),
            pair("font-family", "'a;b', serif"),
            pair("background", "url(data:image/png;base64,AA==)"),
        ];
        assert_eq!(declarations(text), expected);
        assert_eq!(declarations("; nonsense ;"), []);
    }

    #[test]
    fn dark_rules_are_found_among_others() {
        let sheet = "@import 'a.css'; p { color: red } /* } */
            @media (max-width: 480px) { p { color: blue } }
            @media screen and (prefers-color-scheme : DARK) { p { color: white } b { color: #eee } }";
        let dark = dark_rules(sheet);
        assert!(dark.contains("white") && dark.contains("#eee"), "{dark}");
        assert!(!dark.contains("blue") && !dark.contains("red"), "{dark}");
        assert_eq!(all_declarations(sheet).len(), 4);
        assert_eq!(rules(sheet)[0].head, "@import 'a.css'");
    }

    #[test]
    fn broken_sheets_end_the_search() {
        for sheet in ["@media {", "p { color", "}}}}", "{{{{", "/*", "'", "a;b{"] {
            let _ = (rules(sheet), dark_rules(sheet), all_declarations(sheet));
        }
    }
}
