//! Script-injection vectors go through the sanitiser, and the output is tokenized as a browser would.

use std::cell::RefCell;
use std::fs;

use daywire::text::html::{clean_line, sanitise, to_text};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use serde_json::Value;
use url::Url;

pub const ELEMENTS: &str = " a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup dd del dfn div dl \
    dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li mark ol p pre q rp rt ruby s samp section \
    small span strong sub sup table tbody td tfoot th thead time tr u ul var wbr ";
pub const ATTRIBUTES: &str = " href hreflang src alt width height title lang dir span value start reversed colspan rowspan scope \
    datetime rel ";

/// Collects everything that the output must not contain.
#[derive(Default)]
struct Inspector {
    found: RefCell<Vec<String>>,
}

impl TokenSink for Inspector {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut found = self.found.borrow_mut();
        match token {
            Token::TagToken(Tag {
                kind: TagKind::StartTag,
                name,
                attrs,
                ..
            }) => {
                if !ELEMENTS.contains(&format!(" {name} ")) {
                    found.push(format!("<{name}>"));
                }
                let rel = attrs.iter().find(|attribute| &*attribute.name.local == "rel");
                if &*name == "a" && !rel.is_some_and(|rel| rel.value.contains("noopener")) {
                    found.push("a link without noopener".to_owned());
                }
                for attribute in attrs {
                    let key = &*attribute.name.local;
                    if !ATTRIBUTES.contains(&format!(" {key} ")) {
                        found.push(format!("{name} {key}"));
                    }
                    let schemes: &[&str] = match key {
                        "href" => &["http", "https", "mailto"],
                        "src" => &["http", "https"],
                        _ => continue,
                    };
                    // No base: an address that only a base makes whole would be one of the reader's own site.
                    if !Url::parse(&attribute.value).is_ok_and(|url| schemes.contains(&url.scheme())) {
                        found.push(format!("{name} {key}={}", attribute.value));
                    }
                }
            }
            Token::CommentToken(text) => found.push(format!("<!--{text}-->")),
            Token::DoctypeToken(_) => found.push("a doctype".to_owned()),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn forbidden_in(html: &str) -> Vec<String> {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Inspector::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.found.into_inner()
}

#[apply(with_corpora)]
fn nothing_forbidden_is_left_of_any_vector() {
    let folder = crate::support::corpora("sanitizer");
    let vectors = fs::read_to_string(folder.join("vectors.jsonl")).expect("the vectors can be read");
    let mut count = 0;
    for line in vectors.lines() {
        let row: Value = serde_json::from_str(line).expect("the row is JSON");
        let Some(payload) = row["payload"].as_str() else {
            continue;
        };
        count += 1;
        let clean = sanitise(payload);
        assert_eq!(forbidden_in(&clean), Vec::<String>::new(), "{payload}\n{clean}");
        // Output that changes when it is read and written again is how sanitisers are got past.
        assert_eq!(sanitise(&clean), clean, "{payload}");
        assert!(!clean_line(payload).contains(['\n', '\0', '\u{202e}']), "{payload}");
        let _ = to_text(payload);
    }
    println!("{count} vectors");
    assert!(count > 4_000);
}

#[test]
fn html_whose_tree_is_slow_to_build_becomes_plain_paragraphs() {
    let attributes = (0..40_000).map(|n| format!("a{n}")).collect::<Vec<_>>().join(" ");
    let unclosed = (0..120).map(|n| format!("<b a={n}>")).collect::<Vec<_>>().concat();
    let mut built = Vec::new();
    for (name, html) in [
        ("nested", "<div>".repeat(50_000)),
        ("nested in tables", "<b><table><td></b>".repeat(14_000)),
        ("nested lists", "<ul><li>".repeat(30_000)),
        ("hidden end tags", "<div><textarea></div></textarea>".repeat(8_000)),
        ("foreign end tags", "<svg><title><div>".repeat(15_000)),
        ("reopened", unclosed + &"<p>x</p>".repeat(25_000)),
        ("misplaced", "<b><p></b>".repeat(25_000)),
        ("attributes", format!("<a {attributes}>")),
        (
            "attributes run together",
            format!("<a {}>", attributes.replace(' ', "/")),
        ),
        (
            "attributes behind quotes",
            format!("<a {}", attributes.replace(' ', "='>'")),
        ),
        ("large tags", format!("<a {}>", &attributes[..30_000]).repeat(8)),
        ("quotes", "<p title='>".repeat(20_000)),
        ("comments", "<!--".repeat(60_000)),
        ("entities", "&".repeat(250_000)),
        (
            "entities in attributes",
            format!("<a title='{}'>", "&".repeat(15_000)).repeat(17),
        ),
        ("entities between ignored tags", "&«</x><tr>".repeat(20_000)),
        ("large", "<p>text ".repeat(1_000_000)),
    ] {
        let clean = sanitise(&html);
        assert_eq!(forbidden_in(&clean), Vec::<String>::new(), "{name}");
        let _ = to_text(&html);
        // Plain paragraphs have no tag but `<p>`. Any other tag comes out of a tree.
        if clean.replace("<p>", "").replace("</p>", "").contains('<') {
            built.push(name);
        }
    }
    assert_eq!(
        built,
        ["misplaced", "quotes"],
        "only these trees are cheap enough to build; others would take minutes"
    );
}
