//! The pictures that pages of the documentation show: PNG files of `docs/pictures/`, which are compiled in.

/// A picture: its name, and the file.
type Picture = (&'static str, &'static [u8]);

macro_rules! embedded {
    ($($name:literal)*) => {
        &[$(($name, include_bytes!(concat!("../../../docs/pictures/", $name)))),*]
    };
}

const PICTURES: &[Picture] = embedded! {
    "brand-harbour.png"
    "brand-ledger.png"
    "console-draft.png"
    "console-reader.png"
    "console-statistics.png"
    "console-today.png"
};

/// The file of a picture.
pub(super) fn picture(name: &str) -> Option<&'static [u8]> {
    PICTURES.iter().find(|(known, _)| *known == name).map(|(_, file)| *file)
}

/// The element that shows the picture at `path`, which is below `docs/`; `None` if it is not compiled in.
pub(super) fn element(path: &str, alt: &str) -> Option<String> {
    let name = path.strip_prefix("pictures/")?;
    let (width, height) = size(picture(name)?)?;
    let alt = alt.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    Some(format!(
        "<img src=\"/docs/pictures/{name}\" width=\"{width}\" height=\"{height}\" loading=\"lazy\" alt=\"{alt}\">"
    ))
}

/// The width and height in pixels that a PNG file names ([PNG §11.2.1](https://www.w3.org/TR/png-3/#11IHDR)).
fn size(file: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| {
        let bytes = file.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    };
    Some((number(16)?, number(20)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_its_size_and_text() {
        let shown = element("pictures/console-today.png", "The page \"Today\"").expect("the picture is compiled in");
        let (width, height) = size(picture("console-today.png").expect("it is compiled in")).expect("a PNG file");
        assert!((300..4_000).contains(&width) && (200..4_000).contains(&height));
        assert!(
            shown.contains(&format!("width=\"{width}\" height=\"{height}\"")),
            "{shown}"
        );
        assert!(shown.ends_with("alt=\"The page &quot;Today&quot;\">"), "{shown}");
        for missing in ["pictures/none.png", "../pictures/front.png", "console-today.png"] {
            assert_eq!(element(missing, ""), None, "{missing}");
        }
        assert_eq!(size(b"no picture"), None);
    }
}
