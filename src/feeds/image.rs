//! Finds the picture of an entry in each format, and selects one of several.

use serde_json::{Map, Value};
use url::Url;

use super::json_text::string;
use super::links::resolve;
use super::xml::{Element, Namespace};
use crate::text::html;

/// The fewest pixels of width and height. Smaller pictures are icons or count readers.
const MIN_PIXELS: i64 = 64;
/// The most pixels of width and height. Larger values are ignored as wrong.
const MAX_PIXELS: i64 = 20_000;

/// A picture on another server. This program never fetches it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The address of the picture, with `https`.
    pub url: String,
    /// The alternative text, one clean line; empty if the feed has none.
    pub alt: String,
    /// The width in pixels, if the feed gives it.
    pub width: Option<i64>,
    /// The height in pixels, if the feed gives it.
    pub height: Option<i64>,
}

impl Image {
    /// Makes a picture if its address is `https` and has no login, so that a browser can load it into a page.
    #[must_use]
    pub fn new(address: &str, base: Option<&Url>) -> Option<Self> {
        let url = Url::parse(&resolve(address, base)).ok()?;
        let is_sound =
            url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none();
        is_sound.then(|| Self {
            url: url.into(),
            ..Self::default()
        })
    }

    fn described(self, alt: &str) -> Self {
        Self {
            alt: html::clean_line(alt),
            ..self
        }
    }

    /// Sets the size. `None` if the picture is too small.
    fn sized(self, width: Option<&str>, height: Option<&str>) -> Option<Self> {
        let pixels = |text: Option<&str>| {
            text.and_then(|text| text.trim().parse().ok())
                .filter(|n| *n <= MAX_PIXELS)
        };
        let (width, height) = (pixels(width), pixels(height));
        let is_large = [width, height].iter().flatten().all(|n| *n >= MIN_PIXELS);
        is_large.then_some(Self { width, height, ..self })
    }
}

/// The picture of an entry of RSS or Atom: the widest `media:content`, else an enclosure (RSS 2.0; RFC 4287 section
/// 4.2.7.2), else what is called the image, else the thumbnail.
pub(super) fn of_element(entry: &Element, base: Option<&Url>) -> Option<Image> {
    let media = |name: &'static str| {
        let groups = entry.elements().filter(|child| is_media(child, "group"));
        let all = groups.chain([entry]).flat_map(Element::elements);
        all.filter(move |child| is_media(child, name))
    };
    let contents = media("content").filter(|content| is_image(content, "url"));
    // The first of the widest ones.
    let widest = contents
        .filter_map(|content| read_media(content, base))
        .reduce(|a, b| if b.width > a.width { b } else { a });
    let enclosure = || {
        let mut links = entry.elements().filter(|child| {
            let rel = child.attribute("rel").unwrap_or_default().trim();
            child.name == "enclosure" || child.name == "link" && rel.eq_ignore_ascii_case("enclosure")
        });
        links.find_map(|link| {
            let key = if link.attribute("url").is_some() { "url" } else { "href" };
            is_image(link, key).then(|| Image::new(link.attribute(key)?, base))?
        })
    };
    let named = || {
        let mut images = entry.elements().filter(|child| child.name == "image");
        images.find_map(|image| {
            let inside = image.elements().find(|child| child.name == "url").unwrap_or(image);
            let text = inside.text();
            Image::new(image.attribute("href").unwrap_or(&text), base)
        })
    };
    widest
        .or_else(enclosure)
        .or_else(named)
        .or_else(|| media("thumbnail").find_map(|thumbnail| read_media(thumbnail, base)))
}

/// The picture of an item of JSON Feed.
pub(super) fn of_item(item: &Map<String, Value>, base: Option<&Url>) -> Option<Image> {
    let attached = || {
        let attachments = item.get("attachments")?.as_array()?.iter().filter_map(Value::as_object);
        let mut images = attachments.filter(|file| string(file, "mime_type").is_some_and(|kind| is_image_type(&kind)));
        images.find_map(|file| Image::new(&string(file, "url")?, base))
    };
    ["image", "banner_image"]
        .iter()
        .find_map(|key| Image::new(&string(item, key)?, base))
        .or_else(attached)
}

fn is_media(element: &Element, name: &str) -> bool {
    element.namespace == Namespace::Media && element.name == name
}

fn read_media(element: &Element, base: Option<&Url>) -> Option<Image> {
    let word = |name| {
        element
            .elements()
            .find(|child| is_media(child, name))
            .map(Element::text)
    };
    Image::new(element.attribute("url")?, base)?
        .described(&word("description").or_else(|| word("title")).unwrap_or_default())
        .sized(element.attribute("width"), element.attribute("height"))
}

/// Whether a file is a picture, by its declared type or else by the end of its name.
pub(super) fn is_image(element: &Element, address: &str) -> bool {
    match (element.attribute("medium"), element.attribute("type")) {
        (Some(medium), _) => medium.trim().eq_ignore_ascii_case("image"),
        (None, Some(kind)) => is_image_type(kind),
        (None, None) => {
            let path = element.attribute(address).unwrap_or_default();
            let path = path.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
            ["jpg", "jpeg", "png", "webp", "avif", "gif"]
                .iter()
                .any(|end| path.rsplit_once('.').is_some_and(|(_, last)| last == *end))
        }
    }
}

fn is_image_type(kind: &str) -> bool {
    let kind = kind.trim().to_ascii_lowercase();
    kind.starts_with("image/") && !kind.contains("svg")
}

#[cfg(test)]
mod tests {
    use crate::feeds::parse::parse;

    fn picture(item: &str) -> Option<(String, String, Option<i64>)> {
        let feed = format!(
            "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/' \
             xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'><channel><item><title>x</title>{item}</item></channel></rss>"
        );
        let image = parse(feed.as_bytes(), None).expect("a feed").entries.remove(0).image?;
        Some((image.url, image.alt, image.width))
    }

    fn url(item: &str) -> Option<String> {
        picture(item).map(|(url, _, _)| url)
    }

    #[test]
    fn the_widest_picture_is_selected_with_its_alternative_text() {
        let item = "<media:group><media:content url='https://a.example/s.jpg' medium='image' width='140'/>\
            <media:content url='https://a.example/l.jpg' medium='image' width='1200' height='630'>\
            <media:description>A &amp;lt;b&amp;gt;mast&amp;lt;/b&amp;gt; at dawn</media:description></media:content></media:group>\
            <media:thumbnail url='https://a.example/t.jpg'/>";
        assert_eq!(
            picture(item),
            Some((
                "https://a.example/l.jpg".into(),
                "A <b>mast</b> at dawn".into(),
                Some(1200)
            ))
        );
    }

    #[test]
    fn pictures_are_found_in_every_element_that_feeds_use() {
        for item in [
            "<media:content url='https://a.example/p' type='image/png'/>",
            "<media:content url='https://a.example/p.jpg?w=1'/>",
            "<media:thumbnail url='https://a.example/p'/>",
            "<enclosure url='https://a.example/p' type='image/jpeg' length='1'/>",
            "<itunes:image href='https://a.example/p'/>",
            "<image><url>https://a.example/p</url></image>",
            "<image>https://a.example/p</image>",
        ] {
            assert!(
                url(item).is_some_and(|url| url.starts_with("https://a.example/p")),
                "{item}"
            );
        }
        let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>x</title>\
            <link rel='enclosure' type='image/jpeg' href='https://a.example/p'/></entry></feed>";
        let json =
            r#"{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","image":"https://a.example/p"}]}"#;
        for feed in [atom, json] {
            let image = parse(feed.as_bytes(), None).expect("a feed").entries.remove(0).image;
            assert_eq!(
                image.map(|image| image.url).as_deref(),
                Some("https://a.example/p"),
                "{feed}"
            );
        }
    }

    #[test]
    fn files_without_tls_other_files_and_small_pictures_are_ignored() {
        for item in [
            "<media:content url='http://a.example/p.jpg' medium='image'/>",
            "<media:content url='data:image/png;base64,AAAA' medium='image'/>",
            "<media:content url='https://me:secret@a.example/p.jpg' medium='image'/>",
            "<media:content url='https://a.example/film.mp4' medium='video'/>",
            "<media:content url='https://a.example/film.mp4'/>",
            "<media:content url='https://a.example/p.jpg' medium='image' width='1' height='1'/>",
            "<enclosure url='https://a.example/talk.mp3' type='audio/mpeg'/>",
            "<enclosure url='https://a.example/p.svg' type='image/svg+xml'/>",
            "<media:content url='javascript:alert(1)' medium='image'/>",
        ] {
            assert_eq!(url(item), None, "{item}");
        }
    }
}
