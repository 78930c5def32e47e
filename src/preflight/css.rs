//! Reads the parts of CSS that preflight checks: declarations, and the rules for dark mode.

use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, StyleSheetParser, Token,
};

/// The valid declarations of a style attribute or of a block: names in lower case, values without `!important` and comments.
#[must_use]
pub(super) fn declarations(text: &str) -> Vec<(String, String)> {
    body(text).0
}

/// One rule of a style sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// The selectors, or the name and condition of an at-rule.
    pub(super) head: String,
    /// The source between the braces; empty for an at-rule without braces.
    pub(super) body: String,
}

/// The top-level rules of a style sheet. Rules inside an at-rule are in its body.
#[must_use]
pub(super) fn rules(sheet: &str) -> Vec<Rule> {
    let (mut input, mut parser) = (Parser::new(sheet), ItemParser);
    let items = StyleSheetParser::new(&mut input, &mut parser).flatten();
    items.filter_map(Item::into_rule).collect()
}

/// The rules that apply in dark mode only, as a style sheet.
#[must_use]
pub(super) fn dark_rules(sheet: &str) -> String {
    let is_dark = |head: &str| {
        let head: String = head.to_ascii_lowercase().split_whitespace().collect();
        head.starts_with("@media") && head.contains("prefers-color-scheme:dark")
    };
    let dark = rules(sheet).into_iter().filter(|rule| is_dark(&rule.head));
    dark.map(|rule| rule.body + "\n").collect()
}

/// All declarations of a style sheet, including those of rules inside an at-rule.
#[must_use]
pub(super) fn all_declarations(sheet: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for rule in rules(sheet) {
        let (own, nested) = body(&rule.body);
        found.extend(own);
        found.extend(nested.iter().flat_map(|rule| declarations(&rule.body)));
    }
    found
}

/// The declarations and the rules of a block.
fn body(text: &str) -> (Vec<(String, String)>, Vec<Rule>) {
    let mut input = Parser::new(text);
    let (mut declarations, mut rules) = (Vec::new(), Vec::new());
    for item in RuleBodyParser::new(&mut input, &mut ItemParser).flatten() {
        match item {
            Item::Declaration(name, value) => declarations.push((name, value)),
            Item::Rule(rule) => rules.push(rule),
        }
    }
    (declarations, rules)
}

enum Item {
    Declaration(String, String),
    Rule(Rule),
}

impl Item {
    fn into_rule(self) -> Option<Rule> {
        match self {
            Self::Rule(rule) => Some(rule),
            Self::Declaration(..) => None,
        }
    }
}

/// Keeps the source of each declaration and rule.
struct ItemParser;

impl<'i> DeclarationParser<'i> for ItemParser {
    type Declaration = Item;
    type Error = ();

    fn parse_value(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i>,
        _start: &ParserState,
    ) -> Result<Item, ParseError<()>> {
        let value = source(input);
        let value = match value.rfind('!') {
            Some(mark) if value[mark..].to_ascii_lowercase().ends_with("important") => value[..mark].trim_end(),
            _ => &value,
        };
        Ok(Item::Declaration(name.to_ascii_lowercase(), value.to_owned()))
    }
}

impl<'i> QualifiedRuleParser<'i> for ItemParser {
    type Prelude = String;
    type QualifiedRule = Item;
    type Error = ();

    fn parse_prelude(&mut self, input: &mut Parser<'i>) -> Result<String, ParseError<()>> {
        Ok(source(input))
    }

    fn parse_block(
        &mut self,
        head: String,
        _start: &ParserState,
        input: &mut Parser<'i>,
    ) -> Result<Item, ParseError<()>> {
        let body = source(input);
        Ok(Item::Rule(Rule { head, body }))
    }
}

impl<'i> AtRuleParser<'i> for ItemParser {
    type Prelude = String;
    type AtRule = Item;
    type Error = ();

    fn parse_prelude(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i>) -> Result<String, ParseError<()>> {
        Ok(format!("@{name} {}", source(input)))
    }

    fn rule_without_block(&mut self, head: String, _start: &ParserState) -> Result<Item, ()> {
        let body = String::new();
        Ok(Item::Rule(Rule { head, body }))
    }

    fn parse_block(
        &mut self,
        head: String,
        start: &ParserState,
        input: &mut Parser<'i>,
    ) -> Result<Item, ParseError<()>> {
        QualifiedRuleParser::parse_block(self, head, start, input)
    }
}

impl RuleBodyItemParser<'_, Item, ()> for ItemParser {
    fn parse_declarations(&self) -> bool {
        true
    }

    fn parse_qualified(&self) -> bool {
        true
    }
}

/// The rest of `input` as it is written, trimmed and without the comments between its tokens.
fn source(input: &mut Parser<'_>) -> String {
    let (mut text, mut from) = (String::new(), input.position());
    loop {
        let at = input.position();
        let is_block = match input.next_including_whitespace_and_comments() {
            Err(_) => break,
            Ok(Token::Comment(_)) => {
                text.push_str(input.slice(from..at));
                from = input.position();
                false
            }
            Ok(token) => matches!(
                token,
                Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock
            ),
        };
        if is_block {
            // Blocks that are nested too deeply are read as if they were flat.
            let _ = input.parse_nested_block(|inner| {
                while inner.next().is_ok() {}
                Ok::<_, ParseError<()>>(())
            });
        }
    }
    text.push_str(input.slice_from(from));
    text.trim().to_owned()
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
    fn only_the_rules_for_dark_mode_are_found() {
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
    fn broken_sheets_cause_no_panic() {
        for sheet in ["@media {", "p { color", "}}}}", "{{{{", "/*", "'", "a;b{"] {
            let _ = (rules(sheet), dark_rules(sheet), all_declarations(sheet));
        }
    }
}
