//! The rules one by one: of headers, and of the two parts.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::letter::{Letter, normal, web_addresses};
use super::page::{Page, Scheme};
use super::{Report, Rule, contrast, support};
use crate::text::plain::{one_line, shorten};

/// Mail readers clip HTML near 102,000 bytes.
const HTML_BYTES: usize = 100_000;
/// Past this no list of mails shows a subject.
const SUBJECT_CHARS: usize = 120;
/// Findings of one rule that are told apart; the rest is counted.
const MOST_TOLD: usize = 3;
/// Elements nested deeper are not judged: the inliner needs stack for each.
const DEEPEST: usize = 200;

/// What the headers say, and how the message is written.
pub(super) fn envelope(letter: &Letter, report: &mut Report) {
    for name in ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Id"] {
        match letter.header(name).len() {
            1 => {}
            0 => report.add(
                Rule::Headers,
                format!("the header {name} is missing"),
                "this is a fault of the program that made the message",
            ),
            many => report.add(
                Rule::Headers,
                format!("the header {name} stands {many} times"),
                "each may stand once only (RFC 5322 section 3.6)",
            ),
        }
    }
    if letter.lines_broken {
        report.add(
            Rule::Headers,
            "a line is longer than 998 octets or does not end in CRLF".to_owned(),
            "encode the parts as quoted-printable (RFC 5322 section 2.1.1)",
        );
    }
    let subject = letter.subject.as_deref().map(one_line).unwrap_or_default();
    let chars = subject.chars().count();
    if chars == 0 {
        report.add(Rule::Subject, "the subject is empty".to_owned(), "give it one");
    } else if chars > SUBJECT_CHARS {
        report.add(
            Rule::Subject,
            format!("the subject has {chars} characters"),
            "use at most 120; most lists of mail show 40 to 70",
        );
    }
    unsubscribe(letter, report);
}

fn unsubscribe(letter: &Letter, report: &mut Report) {
    let Some(address) = letter.unsubscribe_address() else {
        report.add(
            Rule::Unsubscribe,
            "List-Unsubscribe names no web address".to_owned(),
            "bulk mail needs one (RFC 2369, RFC 8058)",
        );
        return;
    };
    if !letter
        .header("List-Unsubscribe-Post")
        .contains(&"List-Unsubscribe=One-Click")
    {
        report.add(
            Rule::Unsubscribe,
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click is missing".to_owned(),
            "large providers ask for it (RFC 8058 section 3.1)",
        );
    }
    let address = normal(&address);
    let has = |links: &BTreeSet<String>| links.iter().any(|link| normal(link) == address);
    for (part, there, found) in [
        ("HTML", letter.html.is_some(), has(&letter.html_links)),
        ("text", letter.text.is_some(), has(&letter.text_links)),
    ] {
        if there && !found {
            report.add(
                Rule::Unsubscribe,
                format!("the {part} has no link to the address of List-Unsubscribe"),
                "put the reader's own link at its foot",
            );
        }
    }
    if !address.starts_with("https://") {
        report.add(
            Rule::Https,
            "the unsubscribe link is not https, so one-click unsubscribe won’t work".to_owned(),
            "set site.url to an https address (RFC 8058 section 3.1)",
        );
    }
}

/// What the two parts say.
pub(super) fn parts(letter: &Letter, postal_address: Option<&str>, report: &mut Report) {
    let Some(html) = letter.html.as_deref() else {
        if letter.text.is_none() {
            report.add(Rule::Text, "there is no text".to_owned(), "write some");
        }
        return;
    };
    if html.len() >= HTML_BYTES {
        report.add(
            Rule::Size,
            format!("the HTML has {} bytes; mail readers clip it near 102,000", html.len()),
            "lower digest.max_stories, or shorten the intro",
        );
    }
    let page = Page::read(html, Scheme::Light);
    text(letter, &page, report);
    links(&page, report);
    images(&page, report);
    document(&page, report);
    if let Some(address) = postal_address.map(one_line) {
        for (part, text) in [
            ("HTML", page.text()),
            ("text", one_line(letter.text.as_deref().unwrap_or_default())),
        ] {
            if !text.contains(&address) {
                report.add(
                    Rule::PostalAddress,
                    format!("the {part} lacks the postal address"),
                    "put site.postal_address at its foot",
                );
            }
        }
    }
    support::check(&page, report);
    if page.depth <= DEEPEST {
        contrast::check(html, &page, report);
    } else {
        report.add(
            Rule::Contrast,
            format!("elements are nested {} deep, so contrast is not judged", page.depth),
            "write a flatter message",
        );
    }
}

/// Adds what is wrong with single things, the first few in full.
fn each(report: &mut Report, rule: Rule, wrong: &[String], mend: &str) {
    for what in wrong.iter().take(MOST_TOLD) {
        report.add(rule, what.clone(), mend);
    }
    if wrong.len() > MOST_TOLD {
        report.add(rule, format!("and {} more of the kind", wrong.len() - MOST_TOLD), mend);
    }
}

fn text(letter: &Letter, page: &Page, report: &mut Report) {
    if letter.text.is_none() {
        report.add(
            Rule::Text,
            "there is no text part beside the HTML".to_owned(),
            "send both, the text first (RFC 2046 section 5.1.4)",
        );
        return;
    }
    let normal = |links: &BTreeSet<String>| links.iter().map(|link| normal(link)).collect::<BTreeSet<_>>();
    let (html, text) = (normal(&letter.html_links), normal(&letter.text_links));
    let missing = |here: &BTreeSet<String>, there: &BTreeSet<String>, part: &str| {
        let missing = here.difference(there).filter(|link| link.contains(':'));
        let told = missing.map(|link| format!("{} is missing in the {part}", shown(link)));
        told.collect::<Vec<_>>()
    };
    let mut wrong = missing(&html, &text, "text");
    // An address that only stands in the words, as an article's own may, is in both parts alike.
    let told: BTreeSet<String> = html.union(&normal(&web_addresses(&page.text()))).cloned().collect();
    wrong.extend(missing(&text, &told, "HTML"));
    each(report, Rule::Text, &wrong, "give both parts the same links");
}

fn links(page: &Page, report: &mut Report) {
    let wrong = page.links.iter().filter_map(|link| {
        let wrong = fault(link)?;
        Some(format!("the link “{}” {wrong}", shown(link)))
    });
    let wrong: Vec<String> = wrong.collect();
    each(
        report,
        Rule::Links,
        &wrong,
        "write the whole address, such as https://example.org/page",
    );
}

/// What is wrong with a link.
fn fault(link: &str) -> Option<&'static str> {
    if link.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Some("has white space in it");
    }
    match Url::parse(link) {
        Err(url::ParseError::RelativeUrlWithoutBase) => Some("is relative, and a mail has no address of its own"),
        Err(_) => Some("is malformed"),
        Ok(url) => match url.scheme() {
            "http" | "https" if url.has_host() => None,
            "mailto" | "tel" => None,
            _ => Some("is none that a mail reader opens"),
        },
    }
}

fn images(page: &Page, report: &mut Report) {
    let mut wrong = Vec::new();
    for image in &page.images {
        let address = image.get("src").map(String::as_str).unwrap_or_default();
        let lacking = lacking(image);
        if !lacking.is_empty() {
            wrong.push(format!(
                "the picture {} has no {}",
                shown(address),
                lacking.join(" and no ")
            ));
        }
        if !address.starts_with("data:") && !address.starts_with("cid:") && fault(address).is_some() {
            wrong.push(format!("the picture's address “{}” is not absolute", shown(address)));
        }
    }
    each(
        report,
        Rule::Images,
        &wrong,
        "give each picture an https address, alt, width and height",
    );
}

fn lacking(image: &BTreeMap<String, String>) -> Vec<&'static str> {
    let sized = |side| image.get(side).is_some_and(|pixels| pixels.parse::<u32>().is_ok());
    let there = [
        ("alt", image.contains_key("alt")),
        ("width", sized("width")),
        ("height", sized("height")),
    ];
    there
        .into_iter()
        .filter(|(_, there)| !there)
        .map(|(name, _)| name)
        .collect()
}

fn document(page: &Page, report: &mut Report) {
    if page.lang.as_deref().is_none_or(|lang| lang.trim().is_empty()) {
        report.add(
            Rule::Document,
            "the HTML does not name its language".to_owned(),
            "write <html lang=\"en\">, or whatever it is; screen readers need it",
        );
    }
    if page.title.trim().is_empty() {
        report.add(Rule::Document, "the HTML has no title".to_owned(), "give it one");
    }
    let hidden: Vec<String> = page
        .runs
        .iter()
        .filter(|run| run.hidden)
        .map(|run| format!("“{}” is hidden", shown(&run.text)))
        .collect();
    each(
        report,
        Rule::HiddenText,
        &hidden,
        "show it or leave it out; spam filters count it against the sender",
    );
}

/// Text from the message in a few words, a reader's token in it not told.
pub(super) fn shown(text: &str) -> String {
    let text = one_line(text);
    let text = match text.split_once("/unsubscribe/") {
        Some((site, _)) => format!("{site}/unsubscribe/…"),
        None => text,
    };
    shorten(&text, 80).0
}
