//! Checks an operator's style sheet: it must load nothing from other servers, because the content security policy of the pages
//! forbids it, and the browser would drop it in silence.

use cssparser::{ParseError, Parser, Token};

/// The largest style sheet, in bytes.
pub(super) const MAX_BYTES: usize = 64 * 1024;
/// The deepest nesting of blocks.
const MAX_DEPTH: usize = 32;
/// Functions whose text argument is an address.
const LOADING: [&str; 7] = [
    "url",
    "src",
    "image",
    "image-set",
    "-webkit-image-set",
    "cross-fade",
    "-webkit-cross-fade",
];

/// Returns the first fault as the end of a sentence about the file: `line 3 of which …`.
pub(super) fn check(css: &str) -> Result<(), String> {
    if let Some(at) = css.to_ascii_lowercase().find("</style") {
        let line = css[..at].matches('\n').count() + 1;
        return Err(format!(
            "line {line} of which has </style, the end of an element; remove it"
        ));
    }
    let mut input = Parser::new(css);
    let mut fault = None;
    check_block(&mut input, false, 0, &mut fault);
    match fault {
        Some((line, reason)) => Err(format!("line {line} of which {reason}")),
        None => Ok(()),
    }
}

/// Checks the tokens of a block. `in_loading` is whether they are arguments of a function that loads something.
fn check_block(input: &mut Parser<'_>, in_loading: bool, depth: usize, fault: &mut Option<(u32, String)>) {
    loop {
        let line = input.current_source_location().line + 1;
        let Ok(token) = input.next_including_whitespace_and_comments().cloned() else {
            return;
        };
        let reason = match &token {
            Token::UnquotedUrl(address) => address_fault(address),
            Token::QuotedString(address) if in_loading => address_fault(address),
            Token::AtKeyword(name) if name.eq_ignore_ascii_case("import") => Some(
                "has @import, which the policy of the pages forbids; copy the rules into this file".to_owned(),
            ),
            Token::AtKeyword(name) if name.eq_ignore_ascii_case("font-face") => Some(
                "has @font-face, and the policy of the pages allows no font files; set brand.font to fonts of readers' devices"
                    .to_owned(),
            ),
            Token::BadUrl(_) => Some("has an address that is not written correctly; put it in quotes".to_owned()),
            Token::BadString(_) => Some("has a text whose quotation mark is never closed; close it".to_owned()),
            Token::CloseCurlyBracket | Token::CloseParenthesis | Token::CloseSquareBracket => {
                Some("closes a bracket that was never opened; remove it".to_owned())
            }
            _ => None,
        };
        if let Some(reason) = reason {
            fault.get_or_insert((line, reason));
            return;
        }
        let loads = match &token {
            Token::Function(name) => in_loading || LOADING.iter().any(|known| name.eq_ignore_ascii_case(known)),
            Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock => in_loading,
            _ => continue,
        };
        if depth >= MAX_DEPTH {
            fault.get_or_insert((
                line,
                format!("nests blocks more than {MAX_DEPTH} deep; write it flatter"),
            ));
            return;
        }
        let _ = input.parse_nested_block(|inner| {
            check_block(inner, loads, depth + 1, fault);
            Ok::<_, ParseError<()>>(())
        });
        if fault.is_some() {
            return;
        }
    }
}

/// What is wrong with the address of a picture: the policy of the pages allows pictures of this site, and those in the sheet itself.
fn address_fault(address: &str) -> Option<String> {
    let trimmed = address.trim().to_ascii_lowercase();
    let is_own = trimmed.starts_with('/') && !trimmed.starts_with("//") && !trimmed.contains('\\');
    let is_fragment = trimmed.starts_with('#');
    if trimmed.starts_with("data:image/") || is_own || is_fragment {
        return None;
    }
    let shown: String = address.chars().take(60).collect();
    Some(format!(
        "loads “{shown}”, which the policy of the pages forbids; use a path of this site that begins with one slash, or data:image/…"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_may_use_pictures_of_the_site() {
        for css in [
            "",
            ".a { color: red }\n@media (min-width: 3em) { .b { background: url(/assets/icon.svg) } }",
            ".a { background: url(\"data:image/png;base64,AA==\") }",
            ".a::before { content: \"https://not.loaded.example\" }",
            ".a { mask: url(#shape) }",
        ] {
            assert_eq!(check(css), Ok(()), "{css}");
        }
    }

    #[test]
    fn what_the_policy_forbids_is_named_with_its_line() {
        for (css, expected) in [
            (
                "\n.a { background: url(https://cdn.example/a.png) }",
                "line 2 of which loads “https://cdn.example/a.png”",
            ),
            (
                ".a { background: url('//cdn.example/a.png') }",
                "line 1 of which loads “//cdn.example/a.png”",
            ),
            (
                ".a { background: URL( \"HTTP://cdn.example\" ) }",
                "line 1 of which loads",
            ),
            (".a { background: u\\72l(http://cdn.example) }", "line 1 of which loads"),
            (".a { background: url(h\\74tp://cdn.example) }", "line 1 of which loads"),
            (
                ".a { background: image-set(\"https://cdn.example/a.png\" 1x) }",
                "line 1 of which loads",
            ),
            (".a { --x: { y: src('https://cdn.example') } }", "line 1 of which loads"),
            (
                ".a { background: url(/\\\\cdn.example/a.png) }",
                "line 1 of which loads",
            ),
            (".a { background: url(data:text/html,x) }", "line 1 of which loads"),
            ("/* \n */@IMPORT '/a.css';", "line 2 of which has @import"),
            ("@font-face { src: url(/a.woff2) }", "line 1 of which has @font-face"),
            (
                ".a { content: \"open\n }",
                "line 1 of which has a text whose quotation mark",
            ),
            (".a { } }", "line 1 of which closes a bracket"),
            (".a { }\n</STYLE><script>", "line 2 of which has </style"),
        ] {
            let fault = check(css).expect_err(css);
            assert!(fault.starts_with(expected), "{css}: {fault}");
        }
        let deep = "a{".repeat(100);
        assert!(check(&deep).expect_err("it is deep").contains("more than 32 deep"));
    }
}
