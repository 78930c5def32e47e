//! The rules for headers and for the two parts.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::findings::{Report, Rule};
use super::page::{Page, Scheme};
use super::parsed_message::{ParsedMessage, normalised, shown, web_addresses};
use super::{contrast, support};
use crate::text::plain::one_line;

/// Gmail clips HTML at about 102,000 bytes.
const MAX_HTML_BYTES: usize = 100_000;
/// No mail program shows more characters of a subject in its list.
const MAX_SUBJECT_CHARS: usize = 120;
/// The most findings of one rule that are listed; the rest is counted.
const MAX_LISTED: usize = 3;
/// The deepest nesting at which contrast is computed: the CSS inliner needs stack for each level.
const MAX_DEPTH: usize = 200;

/// Checks the headers and the lines of a message.
pub(super) fn envelope(message: &ParsedMessage, report: &mut Report) {
    for name in ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Id"] {
        match message.header(name).len() {
            1 => {}
            0 => report.add(
                Rule::Headers,
                format!("the header {name} is missing"),
                "this is a fault of the program that made the message",
            ),
            many => report.add(
                Rule::Headers,
                format!("the header {name} occurs {many} times"),
                "each may occur only once (RFC 5322 section 3.6)",
            ),
        }
    }
    if message.lines_broken {
        report.add(
            Rule::Headers,
            "a line is longer than 998 octets or does not end in CRLF".to_owned(),
            "encode the parts as quoted-printable (RFC 5322 section 2.1.1)",
        );
    }
    let subject = message.subject.as_deref().map(one_line).unwrap_or_default();
    let chars = subject.chars().count();
    if chars == 0 {
        report.add(Rule::Subject, "the subject is empty".to_owned(), "give it one");
    } else if chars > MAX_SUBJECT_CHARS {
        report.add(
            Rule::Subject,
            format!("the subject has {chars} characters"),
            "use at most 120; most lists of mail show 40 to 70",
        );
    }
    unsubscribe(message, report);
}

fn unsubscribe(message: &ParsedMessage, report: &mut Report) {
    let Some(address) = message.unsubscribe_address() else {
        report.add(
            Rule::Unsubscribe,
            "List-Unsubscribe names no web address".to_owned(),
            "bulk mail needs one (RFC 2369, RFC 8058)",
        );
        return;
    };
    if !message
        .header("List-Unsubscribe-Post")
        .contains(&"List-Unsubscribe=One-Click")
    {
        report.add(
            Rule::Unsubscribe,
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click is missing".to_owned(),
            "large providers ask for it (RFC 8058 section 3.1)",
        );
    }
    let address = normalised(&address);
    let has = |links: &BTreeSet<String>| links.iter().any(|link| normalised(link) == address);
    for (part, there, found) in [
        ("HTML", message.html.is_some(), has(&message.html_links)),
        ("text", message.text.is_some(), has(&message.text_links)),
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

/// Checks the two parts.
pub(super) fn parts(message: &ParsedMessage, postal_address: Option<&str>, report: &mut Report) {
    let Some(html) = message.html.as_deref() else {
        if message.text.is_none() {
            report.add(Rule::Text, "there is no text".to_owned(), "write some");
        }
        return;
    };
    if html.len() >= MAX_HTML_BYTES {
        report.add(
            Rule::Size,
            format!("the HTML has {} bytes; mail readers clip it near 102,000", html.len()),
            "lower digest.max_stories, or shorten the intro",
        );
    }
    let page = Page::read(html, Scheme::Light);
    text(message, &page, report);
    links(&page, report);
    images(&page, report);
    document(&page, report);
    if let Some(address) = postal_address.map(one_line) {
        for (part, text) in [
            ("HTML", page.text()),
            ("text", one_line(message.text.as_deref().unwrap_or_default())),
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
    if page.depth <= MAX_DEPTH {
        contrast::check(html, &page, report);
    } else {
        report.add(
            Rule::Contrast,
            format!("elements are nested {} deep, so contrast is not judged", page.depth),
            "write a flatter message",
        );
    }
}

/// Adds the first few faults in full, and the number of the others.
fn each(report: &mut Report, rule: Rule, faults: &[String], advice: &str) {
    for fault in faults.iter().take(MAX_LISTED) {
        report.add(rule, fault.clone(), advice);
    }
    if faults.len() > MAX_LISTED {
        report.add(
            rule,
            format!("and {} more of the kind", faults.len() - MAX_LISTED),
            advice,
        );
    }
}

fn text(message: &ParsedMessage, page: &Page, report: &mut Report) {
    if message.text.is_none() {
        report.add(
            Rule::Text,
            "there is no text part beside the HTML".to_owned(),
            "send both, the text first (RFC 2046 section 5.1.4)",
        );
        return;
    }
    let normalise_all = |links: &BTreeSet<String>| links.iter().map(|link| normalised(link)).collect::<BTreeSet<_>>();
    let (html, text) = (normalise_all(&message.html_links), normalise_all(&message.text_links));
    let missing = |here: &BTreeSet<String>, there: &BTreeSet<String>, part: &str| {
        let missing = here.difference(there).filter(|link| link.contains(':'));
        let faults = missing.map(|link| format!("{} is missing in the {part}", shown(link)));
        faults.collect::<Vec<_>>()
    };
    let mut faults = missing(&html, &text, "text");
    // An address in the text of the HTML, not only in a link, counts as present.
    let present: BTreeSet<String> = html
        .union(&normalise_all(&web_addresses(&page.text())))
        .cloned()
        .collect();
    faults.extend(missing(&text, &present, "HTML"));
    each(report, Rule::Text, &faults, "give both parts the same links");
}

fn links(page: &Page, report: &mut Report) {
    let faults = page.links.iter().filter_map(|link| {
        let fault = fault(link)?;
        Some(format!("the link “{}” {fault}", shown(link)))
    });
    let faults: Vec<String> = faults.collect();
    each(
        report,
        Rule::Links,
        &faults,
        "write the whole address, such as https://example.org/page",
    );
}

/// The fault of a link; `None` if it is valid.
fn fault(link: &str) -> Option<&'static str> {
    if link.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Some("contains white space");
    }
    match Url::parse(link) {
        Err(url::ParseError::RelativeUrlWithoutBase) => Some("is relative, and a mail has no address of its own"),
        Err(_) => Some("is malformed"),
        Ok(url) => match url.scheme() {
            "http" | "https" if url.has_host() => None,
            "mailto" | "tel" => None,
            _ => Some("has a scheme that mail programs do not open"),
        },
    }
}

fn images(page: &Page, report: &mut Report) {
    let mut faults = Vec::new();
    for image in &page.images {
        let address = image.get("src").map(String::as_str).unwrap_or_default();
        let lacking = lacking(image);
        if !lacking.is_empty() {
            faults.push(format!(
                "the picture {} has no {}",
                shown(address),
                lacking.join(" and no ")
            ));
        }
        if !address.starts_with("data:") && !address.starts_with("cid:") && fault(address).is_some() {
            faults.push(format!("the picture's address “{}” is not absolute", shown(address)));
        }
    }
    each(
        report,
        Rule::Images,
        &faults,
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
            "write <html lang=\"en\">, or the tag of another language; screen readers need it",
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
