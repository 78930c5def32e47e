//! Decodes the bytes of a feed or a web page by its declaration, the header of its server, and the bytes themselves.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use url::Url;

/// The XML declaration is searched in this many bytes; messages of the server may precede it.
const HEAD: usize = 1024;
/// A `<meta>` element with a charset is searched in this many bytes of a web page. The standard asks for 1024, and many pages exceed them.
const PAGE_HEAD: usize = 8 * 1024;
/// A charset is accepted if at most one in this many characters beyond ASCII is damaged.
const CHARACTERS_PER_DAMAGE: usize = 4;

/// Hints on the charset that are not in the document.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hints<'a> {
    /// The `Content-Type` field of the response.
    pub(super) content_type: Option<&'a str>,
    /// The address of the document. The detector uses its top-level domain to distinguish similar charsets.
    pub(super) address: Option<&'a Url>,
    /// Whether the document is a web page, which declares its charset in a `<meta>` element.
    pub(super) is_page: bool,
}

/// Decodes a document. Each invalid byte becomes one replacement character.
///
/// A byte order mark or the pattern of the first bytes decides. Otherwise this uses the first of these charsets that fits the
/// bytes: the declared one, the server's, UTF-8, and the one that a detector finds most likely.
/// [RFC 7303 §3.2](https://www.rfc-editor.org/rfc/rfc7303#section-3.2) prefers the server's, but servers often send one charset for
/// all their files, while the declaration was written for this document.
pub(super) fn decode<'a>(bytes: &'a [u8], hints: Hints<'_>) -> Cow<'a, str> {
    let (bytes, marked) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (bytes.get(length..).unwrap_or_default(), Some(encoding)),
        None => (bytes, wide_by_shape(bytes)),
    };
    if let Some(encoding) = marked.filter(|encoding| *encoding != UTF_8) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    // The declaration was readable as single bytes, so the document is not in UTF-16, even if it declares that.
    let declared = marked
        .or_else(|| declared(bytes))
        .or_else(|| hints.is_page.then(|| declared_in_page(bytes)).flatten())
        .map(Encoding::output_encoding);
    let served = hints.content_type.and_then(served).map(Encoding::output_encoding);
    let utf8 = Quality::of_utf8(bytes);
    let candidates = [declared, served, Some(UTF_8)].into_iter().flatten();
    for encoding in candidates {
        if encoding == UTF_8 {
            if utf8.is_good_enough() {
                return String::from_utf8_lossy(bytes);
            }
        } else if encoding.is_single_byte() {
            // Any bytes are valid in such a charset. But bytes are rarely valid UTF-8 by chance, so then the declaration is wrong.
            return if utf8.good > 0 && utf8.is_good_enough() {
                String::from_utf8_lossy(bytes)
            } else {
                encoding.decode_without_bom_handling(bytes).0
            };
        } else if !(utf8.bad == 0 && utf8.long >= CHARACTERS_PER_DAMAGE) {
            let text = encoding.decode_without_bom_handling(bytes).0;
            if Quality::of_text(&text).is_good_enough() {
                return text;
            }
        }
    }
    let guessed = guess(bytes, hints.address);
    if guessed == WINDOWS_1252 && utf8.good > 0 {
        return Cow::Owned(mixed(bytes));
    }
    guessed.decode_without_bom_handling(bytes).0
}

/// How many characters beyond ASCII are damaged when text is decoded from a charset.
#[derive(Clone, Copy, Debug, Default)]
struct Quality {
    good: usize,
    bad: usize,
    /// Good characters of three bytes or more in UTF-8.
    long: usize,
}

impl Quality {
    fn of_utf8(bytes: &[u8]) -> Self {
        bytes.utf8_chunks().fold(Self::default(), |mut quality, chunk| {
            quality.count(chunk.valid());
            quality.bad += usize::from(!chunk.invalid().is_empty());
            quality
        })
    }

    /// Counts in decoded text, in which each U+FFFD marks damage.
    fn of_text(text: &str) -> Self {
        let mut quality = Self::default();
        quality.count(text);
        quality.bad = text.matches(char::REPLACEMENT_CHARACTER).count();
        quality.good -= quality.bad;
        quality
    }

    fn count(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_ascii()) {
            self.good += 1;
            self.long += usize::from(c.len_utf8() > 2);
        }
    }

    fn is_good_enough(self) -> bool {
        self.bad == 0 || self.good >= self.bad.saturating_mul(CHARACTERS_PER_DAMAGE) || self.bad == 1 && self.good > 1
    }
}

/// UTF-16 without a byte order mark, by the zeros next to the first character of XML or JSON.
fn wide_by_shape(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<' | b'{', 0, ..] => Some(UTF_16LE),
        [0, b'<' | b'{', ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// The charset that an XML declaration names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(HEAD))?);
    let declaration = head.get(head.find("<?xml")?..)?.split("?>").next()?;
    let value = declaration
        .split_once("encoding")?
        .1
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    labelled(value.get(1..)?.split(quote).next()?)
}

/// The charset that a `<meta>` element names
/// ([HTML, prescan](https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding)): `charset`, or
/// that of a `content`.
fn declared_in_page(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(PAGE_HEAD))?).to_ascii_lowercase();
    let tags = head.split("<meta").skip(1).filter_map(|rest| rest.split('>').next());
    let mut labels = tags.filter_map(|tag| {
        let (_, value) = tag.split_once("charset")?;
        let value = value
            .trim_start()
            .strip_prefix('=')?
            .trim_start()
            .trim_start_matches(['"', '\'']);
        value
            .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '/'))
            .next()
    });
    labelled(labels.next()?)
}

/// The charset that a `Content-Type` names ([RFC 9110 §8.3.2](https://www.rfc-editor.org/rfc/rfc9110#section-8.3.2)).
fn served(content_type: &str) -> Option<&'static Encoding> {
    let parameters = content_type.split(';').skip(1);
    let mut pairs = parameters.filter_map(|parameter| parameter.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    labelled(value.trim().trim_matches(['"', '\'']))
}

/// The charset of a label of the [Encoding Standard](https://encoding.spec.whatwg.org/#names-and-labels), or of a label that some
/// programs write. `None` for ASCII, which does not define other bytes.
fn labelled(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().to_ascii_lowercase();
    if matches!(label.as_str(), "ascii" | "us-ascii") {
        return None;
    }
    let known = |label: &str| Encoding::for_label(label.as_bytes());
    let number = label.trim_start_matches(|c: char| !c.is_ascii_digit());
    known(&label)
        .or_else(|| known(&label.replace('_', "-")))
        .or_else(|| label.starts_with("utf8").then_some(UTF_8))
        .or_else(|| {
            (label.starts_with("win") || label.starts_with("cp")).then(|| known(&format!("windows-{number}")))?
        })
}

fn guess(bytes: &[u8], address: Option<&Url>) -> &'static Encoding {
    let host = address.and_then(Url::domain).map(|host| host.trim_end_matches('.'));
    let country = host.and_then(|host| host.rsplit('.').next());
    let country = country.filter(|label| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_lowercase()));
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(country.map(str::as_bytes), Utf8Detection::Deny)
}

/// Decodes text that mixes UTF-8 and Windows-1252.
fn mixed(bytes: &[u8]) -> String {
    bytes
        .utf8_chunks()
        .fold(String::with_capacity(bytes.len()), |mut text, chunk| {
            text.push_str(chunk.valid());
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn decoded(bytes: &[u8], content_type: Option<&str>) -> String {
        let hints = Hints {
            content_type,
            ..Hints::default()
        };
        decode(bytes, hints).into_owned()
    }

    fn in_charset(label: &str, text: &str) -> Vec<u8> {
        let encoding = Encoding::for_label(label.as_bytes()).expect("a label");
        encoding.encode(text).0.into_owned()
    }

    #[test]
    fn an_invalid_byte_becomes_one_replacement_character() {
        for (bytes, expected) in [
            (
                &b"Z\xc3\xbcrich und \xe6\x9d\xb1\xe4\xba\xac, cut \xe6"[..],
                "Zürich und 東京, cut \u{fffd}",
            ),
            (b"\xef\xbb\xbf\xc3\xbc\xc3\xb6\xff!", "üö\u{fffd}!"),
            (
                b"<?xml version='1.0' encoding='iso-8859-1'?>Z\xc3\xbcrich \xc3\xb6\xff",
                "<?xml version='1.0' encoding='iso-8859-1'?>Zürich ö\u{fffd}",
            ),
        ] {
            assert_eq!(decoded(bytes, None), expected);
        }
        let mut japanese = in_charset("shift_jis", &"東京都議会は予算案を可決した。".repeat(3));
        japanese.push(0xff);
        let text = decoded(&japanese, Some("text/xml; charset=Shift_JIS"));
        assert_eq!(text, format!("{}\u{fffd}", "東京都議会は予算案を可決した。".repeat(3)));
    }

    #[test]
    fn an_invalid_declaration_is_replaced_by_the_servers_charset_or_the_detected_one() {
        let russian = "Совет города принял бюджет на следующий год и отложил ремонт моста";
        for label in ["windows-1251", "koi8-r"] {
            let bytes = [
                &b"<?xml version='1.0' encoding='utf-8'?>"[..],
                &in_charset(label, russian),
            ]
            .concat();
            for content_type in [
                Some(format!("text/xml; charset={label}")),
                None,
                Some("text/xml".to_owned()),
            ] {
                let text = decoded(&bytes, content_type.as_deref());
                assert!(text.ends_with(russian), "{label} {content_type:?}: {text}");
            }
        }
        for (label, text) in [
            (
                "shift_jis",
                "東京都議会は来年度の予算案を可決し、橋の修理と学校の改築に充てることを決めた。",
            ),
            ("gbk", "市议会通过了明年的预算案，决定用于修桥和改建学校。"),
            (
                "euc-kr",
                "시의회는 내년도 예산안을 통과시켰다. 다리 수리와 학교 개축에 쓰인다.",
            ),
        ] {
            let bytes = [&b"<?xml version='1.0' encoding='utf-8'?>"[..], &in_charset(label, text)].concat();
            assert!(
                decoded(&bytes, None).ends_with(text),
                "{label}: {}",
                decoded(&bytes, None)
            );
        }
    }

    #[test]
    fn utf8_under_another_name_is_utf8() {
        let text = "東京都議会は予算案を可決し、Zürich";
        for declared in [
            "iso-8859-1",
            "gbk",
            "shift_jis",
            "windows-1251",
            "utf-16",
            "unheard-of",
            "us-ascii",
        ] {
            let document = format!("<?xml version='1.0' encoding='{declared}'?>{text}");
            assert_eq!(decoded(document.as_bytes(), None), document);
        }
        assert_eq!(decoded(text.as_bytes(), Some("text/xml; charset=iso-8859-1")), text);
    }

    #[test]
    fn a_web_page_declares_its_charset_in_an_element() {
        let hints = Hints {
            is_page: true,
            ..Hints::default()
        };
        for meta in [
            "<META charset=windows-1251>",
            "<meta name='viewport' content='x'><meta http-equiv=\"Content-Type\" content=\"text/html; charset=windows-1251\"/>",
        ] {
            let page = [meta.as_bytes(), &in_charset("windows-1251", "Совет")].concat();
            assert!(decode(&page, hints).ends_with("Совет"), "{meta}");
        }
    }

    #[test]
    fn text_of_utf8_and_windows_1252_is_read_as_both() {
        let bytes = b"caf\xe9 d\xe9j\xe0 vu, na\xefve \xe9t\xe9, Z\xc3\xbcrich";
        assert_eq!(decoded(bytes, None), "café déjà vu, naïve été, Zürich");
    }

    #[test]
    fn labels_that_programs_write_are_known() {
        for (label, expected) in [
            ("utf_8", "UTF-8"),
            ("utf8mb4", "UTF-8"),
            ("win-1251", "windows-1251"),
            ("CP1252", "windows-1252"),
            (" Latin1 ", "windows-1252"),
        ] {
            assert_eq!(labelled(label).map(Encoding::name), Some(expected), "{label}");
        }
        assert_eq!(labelled("unheard-of"), None);
    }
}
