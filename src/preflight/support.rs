//! Finds features that a large mail program does not support, and whose absence harms a message.
//!
//! The data is from caniemail.com as of September 2025 (© 2019 `HTeuMeuLeu`, MIT licence). Features without which a message stays
//! readable are not listed: rounded corners, `max-width`, media queries, web fonts.

use super::css::{all_declarations, declarations, rules};
use super::findings::{Report, Rule};
use super::page::Page;

const CLIENTS: [&str; 4] = ["Gmail", "Outlook for Windows", "Apple Mail", "Yahoo Mail"];

/// A feature on which a message may depend.
struct Feature {
    sign: Sign,
    /// Support in the order of [`CLIENTS`]: `y` full, `a` in part, `n` none in at least one version of the program.
    works: &'static str,
    /// The name of its page at caniemail.com.
    page: &'static str,
}

/// What shows that a message uses the feature.
enum Sign {
    Element(&'static str),
    /// A property with any value.
    Property(&'static str),
    /// A property, and the beginning of its value.
    Value(&'static str, &'static str),
    /// A function in any value.
    Function(&'static str),
    /// A unit after a number in any value.
    Unit(&'static str),
    /// A part of the head of a rule.
    Head(&'static str),
    /// The beginning or the end of the path of a picture's address.
    Picture(&'static str),
}

const fn feature(sign: Sign, works: &'static str, page: &'static str) -> Feature {
    Feature { sign, works, page }
}

use Sign::{Element, Function, Head, Picture, Property, Unit, Value};

const FEATURES: [Feature; 61] = [
    feature(Value("display", "flex"), "anyy", "css-display-flex"),
    feature(Value("display", "grid"), "nnyn", "css-display-grid"),
    feature(Value("display", "none"), "nayy", "css-display-none"),
    feature(Property("position"), "nnaa", "css-position"),
    feature(Property("float"), "anya", "css-float"),
    feature(Property("visibility"), "nnyy", "css-visibility"),
    feature(Property("opacity"), "nnyy", "css-opacity"),
    feature(Property("overflow"), "anaa", "css-overflow"),
    feature(Property("background-image"), "ynya", "css-background-image"),
    feature(Property("background-size"), "nnyy", "css-background-size"),
    feature(Property("animation"), "nnyn", "css-animation"),
    feature(Property("transform"), "nnyn", "css-transform"),
    feature(Property("filter"), "nnyn", "css-filter"),
    feature(Property("clip-path"), "nnyn", "css-clip-path"),
    feature(Property("mix-blend-mode"), "nnyn", "css-mix-blend-mode"),
    feature(Property("object-fit"), "nnyn", "css-object-fit"),
    feature(Property("aspect-ratio"), "nnyn", "css-aspect-ratio"),
    feature(Property("column-count"), "nnyn", "css-column-count"),
    feature(Property("gap"), "nnyn", "css-gap"),
    feature(Property("inset"), "nnyn", "css-inset"),
    feature(Property("writing-mode"), "anyn", "css-writing-mode"),
    feature(Function("linear-gradient("), "anyn", "css-linear-gradient"),
    feature(Function("radial-gradient("), "anyn", "css-radial-gradient"),
    feature(Function("var("), "nnyn", "css-variables"),
    feature(Function("calc("), "anyn", "css-unit-calc"),
    feature(Function("clamp("), "anyn", "css-function-clamp"),
    feature(Function("light-dark("), "nnyn", "css-function-light-dark"),
    feature(Function("rgba("), "anya", "css-rgba"),
    feature(Function("oklch("), "nnyn", "css-modern-color"),
    feature(Function("color-mix("), "nnyn", "css-modern-color"),
    feature(Unit("rem"), "ynyn", "css-unit-rem"),
    feature(Unit("ch"), "ynyn", "css-unit-ch"),
    feature(Unit("vw"), "ynyy", "css-unit-vw"),
    feature(Unit("vh"), "ynay", "css-unit-vh"),
    feature(Head("::before"), "nnyn", "css-pseudo-element-before"),
    feature(Head("::after"), "nnyn", "css-pseudo-element-after"),
    feature(Head("@import"), "nyyn", "css-at-import"),
    feature(Element("link"), "nyyn", "html-link"),
    feature(Element("form"), "anyn", "html-form"),
    feature(Element("input"), "ynyn", "html-input-text"),
    feature(Element("textarea"), "ynyn", "html-textarea"),
    feature(Element("select"), "anan", "html-select"),
    feature(Element("button"), "anyn", "html-button-submit"),
    feature(Element("audio"), "nnyn", "html-audio"),
    feature(Element("video"), "nnan", "html-video"),
    feature(Element("svg"), "nnan", "html-svg"),
    feature(Element("object"), "nnan", "html-object"),
    feature(Element("picture"), "nnan", "html-picture"),
    feature(Element("dialog"), "nnyn", "html-dialog"),
    feature(Element("map"), "yyyn", "html-image-maps"),
    feature(Element("marquee"), "nnya", "html-marquee"),
    feature(Element("meter"), "nnyn", "html-meter"),
    feature(Element("progress"), "nnyn", "html-progress"),
    feature(Element("ruby"), "nnyy", "html-ruby"),
    feature(Picture(".svg"), "nyyy", "image-svg"),
    feature(Picture(".webp"), "anyy", "image-webp"),
    feature(Picture(".avif"), "anyy", "image-avif"),
    feature(Picture(".heic"), "anyn", "image-heif"),
    feature(Picture(".tiff"), "anyn", "image-tiff"),
    feature(Picture(".ico"), "ynyy", "image-ico"),
    feature(Picture("data:"), "nayy", "image-base64"),
];

/// Elements that every mail program removes.
const UNSUPPORTED_EVERYWHERE: [&str; 5] = ["script", "iframe", "frame", "embed", "applet"];

/// Reports each used feature that one of [`CLIENTS`] does not support.
pub(super) fn check(page: &Page, report: &mut Report) {
    let inline = page.styles.iter().flat_map(|style| declarations(style));
    let used: Vec<_> = inline.chain(all_declarations(&page.sheets)).collect();
    let heads: Vec<String> = rules(&page.sheets)
        .into_iter()
        .map(|rule| rule.head.to_ascii_lowercase())
        .collect();
    let pictures: Vec<String> = page
        .images
        .iter()
        .filter_map(|image| image.get("src"))
        .map(|address| {
            address
                .split(['?', '#'])
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase()
        })
        .collect();
    for feature in &FEATURES {
        let (there, name) = match feature.sign {
            Element(name) => (page.elements.contains(name), format!("<{name}>")),
            Property(name) => (
                used.iter().any(|(known, value)| known == name && !is_default(value)),
                name.to_owned(),
            ),
            Value(name, begins) => {
                let there = used
                    .iter()
                    .any(|(known, value)| known == name && word(value).starts_with(begins));
                (there, format!("{name}: {begins}"))
            }
            Function(name) => (
                used.iter().any(|(_, value)| word(value).contains(name)),
                format!("{name}…)"),
            ),
            Unit(name) => (
                used.iter().any(|(_, value)| has_unit(&word(value), name)),
                format!("the unit {name}"),
            ),
            Head(name) => (heads.iter().any(|head| head.contains(name)), name.to_owned()),
            Picture(name) => {
                let there = pictures
                    .iter()
                    .any(|path| path.ends_with(name) || path.starts_with(name));
                (there, format!("a picture of type {}", name.trim_matches(['.', ':'])))
            }
        };
        if there {
            let without = CLIENTS
                .iter()
                .zip(feature.works.chars())
                .filter(|(_, works)| *works == 'n');
            let without: Vec<&str> = without.map(|(client, _)| *client).collect();
            report.add(
                Rule::Support,
                format!("{name} does not work everywhere in {}", listed(&without)),
                &format!("do without; see https://www.caniemail.com/features/{}/", feature.page),
            );
        }
    }
    for name in UNSUPPORTED_EVERYWHERE
        .iter()
        .filter(|name| page.elements.contains(**name))
    {
        report.add(
            Rule::Support,
            format!("<{name}> is removed by every mail program"),
            "leave it out",
        );
    }
}

/// Whether ignoring the value changes nothing.
fn is_default(value: &str) -> bool {
    matches!(
        word(value).as_str(),
        "none" | "static" | "visible" | "1" | "normal" | "initial" | "auto"
    )
}

fn word(value: &str) -> String {
    value.to_ascii_lowercase()
}

/// Whether `unit` follows a number and is a whole word.
fn has_unit(value: &str, unit: &str) -> bool {
    let bytes = value.as_bytes();
    value.match_indices(unit).any(|(place, _)| {
        let before = place.checked_sub(1).map(|before| bytes[before]);
        let after = bytes.get(place + unit.len());
        before.is_some_and(|byte| byte.is_ascii_digit() || byte == b'.')
            && after.is_none_or(|byte| !byte.is_ascii_alphanumeric())
    })
}

/// `one, two or three`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_is_unsupported_by_one_program() {
        for feature in &FEATURES {
            assert_eq!(feature.works.len(), CLIENTS.len(), "{}", feature.page);
            assert!(
                feature.works.chars().all(|works| "yan".contains(works)),
                "{}",
                feature.page
            );
            assert!(feature.works.contains('n'), "{} works everywhere", feature.page);
        }
    }

    #[test]
    fn a_unit_must_follow_a_number() {
        assert!(has_unit("1.5rem", "rem") && has_unit("0 2rem", "rem") && has_unit("calc(2rem + 1px)", "rem"));
        assert!(!has_unit("remote", "rem") && !has_unit("2remote", "rem") && !has_unit("\"rem\"", "rem"));
    }
}
