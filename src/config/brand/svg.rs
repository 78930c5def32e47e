//! Checks an SVG picture, and reads its size.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// The size of a picture whose file gives none, as browsers assume it.
const DEFAULT_SIZE: (u32, u32) = (300, 150);

/// The size of the picture in pixels. A picture that runs a script or loads something from another server is refused: as a part of a page
/// it would do neither, but its address can be opened by itself.
///
/// # Errors
/// The fault, as the end of a sentence about the file.
pub(super) fn check(svg: &str) -> Result<(u32, u32), String> {
    let mut reader = Reader::from_str(svg);
    let mut size = None;
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event();
        let in_line = |reason: &str| {
            let before = usize::try_from(at)
                .ok()
                .and_then(|at| svg.get(..at))
                .unwrap_or_default();
            format!("line {} of which {reason}", before.matches('\n').count() + 1)
        };
        match event {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                if size.is_none() {
                    size = Some(
                        root_size(&tag)
                            .ok_or_else(|| in_line("begins with another element than <svg>; save it as SVG"))?,
                    );
                }
                if let Some(reason) = fault(&tag) {
                    return Err(in_line(&reason));
                }
            }
            Ok(Event::DocType(_)) => return Err(in_line("has a document type; remove the line with <!DOCTYPE")),
            Ok(Event::PI(_)) => return Err(in_line("has an instruction such as <?xml-stylesheet; remove it")),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => return Err(in_line(&format!("is not well-formed: {error}"))),
        }
    }
    size.ok_or_else(|| "which has no <svg> element; save it as SVG".to_owned())
}

fn fault(tag: &BytesStart<'_>) -> Option<String> {
    let local = tag.local_name().as_ref().to_ascii_lowercase();
    if matches!(local.as_str(), "script" | "foreignobject" | "iframe" | "handler") {
        return Some(format!("has the element <{local}>; remove it"));
    }
    for attribute in tag.attributes() {
        let Ok(attribute) = attribute else {
            return Some("has an attribute that is not well-formed; correct it".to_owned());
        };
        let name = attribute.key.local_name().as_ref().to_ascii_lowercase();
        if name.starts_with("on") {
            return Some(format!("has the attribute {name}, which runs a script; remove it"));
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map(|value| value.trim().to_ascii_lowercase());
        let is_own = |value: &str| value.starts_with('#') || value.starts_with("data:image/");
        if name == "href" && !value.is_ok_and(|value: String| is_own(&value)) {
            return Some("has a reference to something outside of the file; remove it".to_owned());
        }
    }
    None
}

/// The size that the root element gives, in pixels; `None` if it is no `<svg>`.
fn root_size(tag: &BytesStart<'_>) -> Option<(u32, u32)> {
    if tag.local_name().as_ref() != "svg" {
        return None;
    }
    let attribute = |name: &str| {
        let found = tag
            .attributes()
            .flatten()
            .find(|attribute| attribute.key.as_ref() == name)?;
        found
            .normalized_value(XmlVersion::Implicit1_0)
            .ok()
            .map(|value| value.trim().to_owned())
    };
    let pixels = |text: String| {
        let number: f64 = text.strip_suffix("px").unwrap_or(&text).trim().parse().ok()?;
        whole(number)
    };
    let given = attribute("width")
        .and_then(pixels)
        .zip(attribute("height").and_then(pixels));
    let of_box = || {
        let numbers = attribute("viewBox")?;
        let numbers: Vec<f64> = numbers
            .split([' ', ','])
            .filter_map(|number| number.parse().ok())
            .collect();
        let [_, _, width, height] = numbers[..] else {
            return None;
        };
        // Only the proportion counts, so a small box is scaled up before its numbers are made whole.
        let scale = (1000.0 / f64::max(width, height)).max(1.0);
        whole(width * scale).zip(whole(height * scale))
    };
    Some(given.or_else(of_box).unwrap_or(DEFAULT_SIZE))
}

/// The nearest whole number from 1 to 20,000.
fn whole(number: f64) -> Option<u32> {
    (1..=20_000_u32)
        .find(|whole| f64::from(*whole) + 0.5 > number)
        .filter(|_| number > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_comes_from_the_root() {
        for (svg, size) in [
            (
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"50px\"><path d=\"M0 0\"/></svg>",
                (200, 50),
            ),
            ("<?xml version=\"1.0\"?>\n<svg viewBox=\"0 0 4 1\"/>", (1000, 250)),
            ("<svg width=\"100%\" viewBox=\"0,0,2000,1000\"/>", (2000, 1000)),
            ("<svg/>", (300, 150)),
        ] {
            assert_eq!(check(svg), Ok(size), "{svg}");
        }
    }

    #[test]
    fn a_picture_that_does_more_than_show_itself_is_refused() {
        for (svg, expected) in [
            (
                "<svg>\n<script>alert(1)</script></svg>",
                "line 2 of which has the element <script>",
            ),
            ("<svg onload=\"alert(1)\"/>", "has the attribute onload"),
            ("<svg><a href=\"https://a.example\"/></svg>", "has a reference"),
            (
                "<svg><image xlink:href=\"https://a.example/a.png\"/></svg>",
                "has a reference",
            ),
            ("<svg><use href=\" javascript:alert(1)\"/></svg>", "has a reference"),
            ("<svg><foreignObject/></svg>", "has the element <foreignobject>"),
            ("<!DOCTYPE svg [<!ENTITY a \"b\">]><svg/>", "has a document type"),
            (
                "<?xml-stylesheet href=\"https://a.example\"?><svg/>",
                "has an instruction",
            ),
            ("<html/>", "another element than <svg>"),
            ("<svg><g></svg>", "is not well-formed"),
            ("", "which has no <svg> element"),
        ] {
            let fault = check(svg).expect_err(svg);
            assert!(fault.contains(expected), "{svg}: {fault}");
        }
    }
}
