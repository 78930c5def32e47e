//! The language of a text: as a declared tag, or detected from the text.

use whatlang::Lang;

/// How many characters of a text are read.
const MAX_CHARS: usize = 2_000;
/// The fewest bytes of letters in which a language is detected: 80 Latin letters, 40 Cyrillic ones or 27 Chinese ones. In UTF-8,
/// scripts with more letters use more bytes for each, and fewer such letters suffice.
const MIN_LETTER_BYTES: usize = 80;

/// A declared language tag in the form that [RFC 5646 §2.1.1](https://www.rfc-editor.org/rfc/rfc5646#section-2.1.1) recommends, such as
/// `en`, `pt-BR` or `zh-Hant-TW`. An underscore counts as a hyphen.
///
/// `None` if it is not a language tag, or if it names no language (`und`, `mul`, `zxx`).
#[must_use]
pub fn tag(declared: &str) -> Option<String> {
    // RFC 5646 §4.4.1: 35 octets are enough for every tag without extensions.
    let declared = declared.trim();
    if declared.len() > 35 {
        return None;
    }
    let mut parts = declared.split(['-', '_']);
    let language = parts.next()?.to_ascii_lowercase();
    let is_language = matches!(language.len(), 2 | 3) && language.bytes().all(|b| b.is_ascii_lowercase());
    if !is_language || matches!(language.as_str(), "und" | "mul" | "zxx" | "mis") {
        return None;
    }
    let mut tag = language;
    let mut is_extension = false;
    for part in parts {
        if part.is_empty() || part.len() > 8 || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        let is_word = part.bytes().all(|b| b.is_ascii_alphabetic());
        tag.push('-');
        match part.len() {
            4 if is_word && !is_extension => {
                tag.push_str(&part[..1].to_ascii_uppercase());
                tag.push_str(&part[1..].to_ascii_lowercase());
            }
            2 if is_word && !is_extension => tag.push_str(&part.to_ascii_uppercase()),
            _ => tag.push_str(&part.to_ascii_lowercase()),
        }
        // After a singleton, as in `de-u-co-phonebk`, no part is a script or a region.
        is_extension |= part.len() == 1;
    }
    Some(tag)
}

/// The value of HTML's `dir` attribute for text in the language with this tag.
#[must_use]
pub fn direction(tag: &str) -> &'static str {
    if is_rtl(tag) { "rtl" } else { "ltr" }
}

/// The value of HTML's `dir` attribute for text with this tag within text that runs from right to left, or from left to right. `None` if
/// both run alike. Text in an unknown language decides by its own characters in a frame from right to left.
#[must_use]
pub fn direction_within(frame_is_rtl: bool, tag: &str) -> Option<&'static str> {
    match (frame_is_rtl, is_rtl(tag)) {
        (true, false) if tag.is_empty() => Some("auto"),
        (true, false) => Some("ltr"),
        (false, true) => Some("rtl"),
        _ => None,
    }
}

/// Whether text in the language with this tag runs from right to left. The script decides if the tag names one.
#[must_use]
pub fn is_rtl(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    let is_word = |part: &&str| part.bytes().all(|b| b.is_ascii_alphabetic());
    match parts
        .take_while(|part| part.len() > 1)
        .filter(is_word)
        .find(|part| part.len() == 4)
    {
        Some(script) => matches!(script, "Arab" | "Hebr" | "Thaa" | "Syrc" | "Nkoo" | "Adlm" | "Rohg"),
        None => matches!(language, "ar" | "he" | "fa" | "ur" | "ps" | "sd" | "ug" | "yi" | "dv"),
    }
}

/// Whether two tags name the same language, regardless of script and region: `pt` and `pt-BR` do.
#[must_use]
pub(crate) fn is_same_language(one: &str, other: &str) -> bool {
    primary(one).eq_ignore_ascii_case(primary(other))
}

/// The primary language subtag: `pt` for `pt-BR`.
pub(crate) fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or_default()
}

/// Detects the language of a text. `None` if the text is too short or the result is not reliable.
#[must_use]
pub fn detect(text: &str) -> Option<&'static str> {
    let end = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(end, _)| end);
    let text = text.get(..end)?;
    let letters: usize = text.chars().filter(|c| c.is_alphabetic()).map(char::len_utf8).sum();
    if letters < MIN_LETTER_BYTES {
        return None;
    }
    // "Reliable" means a confidence above 0.9: the distance between the first guess and the second.
    let info = whatlang::detect(text).filter(whatlang::Info::is_reliable)?;
    Some(shortest_code(info.lang()))
}

/// The shortest code of a language, which [RFC 5646 §2.2.1](https://www.rfc-editor.org/rfc/rfc5646#section-2.2.1) requires.
fn shortest_code(lang: Lang) -> &'static str {
    match lang {
        // ISO 639-1 has codes only for the macrolanguages that contain these two, and publishers use those.
        Lang::Cmn => "zh",
        Lang::Pes => "fa",
        _ => isolang::Language::from_639_3(lang.code())
            .and_then(|language| language.to_639_1())
            .unwrap_or(lang.code()),
    }
}

/// Whether a letter is of a script without spaces between words, such as Han, kana and Thai. Hangul is included because it joins
/// particles to words. In a decomposed text, a Hangul syllable is two or three letters.
pub(crate) fn joins_words(letter: char) -> bool {
    matches!(letter,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1100}'..='\u{11FF}' | '\u{1780}'..='\u{17FF}'
        | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}'
        | '\u{20000}'..='\u{3134F}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_declared_tag_is_normalised_or_refused() {
        for (declared, expected) in [
            ("EN", Some("en")),
            (" de-de ", Some("de-DE")),
            ("en_US", Some("en-US")),
            ("zh-hANT-tw", Some("zh-Hant-TW")),
            ("es-419", Some("es-419")),
            ("de-u-co-phonebk", Some("de-u-co-phonebk")),
            ("ast", Some("ast")),
            ("sl-rozaj-1994", Some("sl-rozaj-1994")),
            ("und", None),
            ("English", None),
            ("", None),
            ("en-", None),
            ("en us", None),
            ("e", None),
            ("en-US,fr", None),
            ("\"><script>", None),
            ("en-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd", None),
        ] {
            assert_eq!(tag(declared).as_deref(), expected, "{declared}");
        }
    }

    #[test]
    fn the_script_decides_the_direction_and_without_one_the_language() {
        for tag in [
            "ar",
            "ar-EG",
            "he",
            "fa-IR",
            "yi",
            "dv",
            "az-Arab",
            "pa-Arab-PK",
            "ar-u-nu-latn",
        ] {
            assert!(is_rtl(tag), "{tag}");
        }
        for tag in ["", "en", "de-AT", "ur-Latn", "zh-Hant-TW", "arn", "es-419"] {
            assert!(!is_rtl(tag), "{tag}");
        }
    }

    #[test]
    fn the_language_of_a_long_text_is_detected() {
        for (text, expected) in [
            (
                "The company said on Monday that it would stop using the tool in all of its offices, and gave no reason for it.",
                "en",
            ),
            (
                "Das Unternehmen teilte am Montag mit, dass es das Werkzeug in keinem seiner Büros mehr einsetzen werde.",
                "de",
            ),
            (
                "L’entreprise a annoncé lundi qu’elle n’utiliserait plus cet outil dans aucun de ses bureaux, sans dire pourquoi.",
                "fr",
            ),
            (
                "Компания сообщила в понедельник, что прекратит использовать этот инструмент во всех своих офисах.",
                "ru",
            ),
            (
                "同社は月曜日、すべての事業所でこのツールの使用を中止すると発表したが、理由は明らかにしなかった。",
                "ja",
            ),
            (
                "该公司周一表示，将停止在其所有办公室使用该工具，但没有说明原因，也没有透露任何细节。",
                "zh",
            ),
        ] {
            assert_eq!(detect(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn the_language_of_a_short_text_is_not_detected() {
        for text in [
            "",
            "OK",
            "Rust 1.94",
            "12345 67890 ".repeat(50).as_str(),
            "Breaking news",
            "Le chat",
        ] {
            assert_eq!(detect(text), None, "{text}");
        }
    }

    #[test]
    fn every_detected_language_has_a_two_letter_code() {
        for lang in Lang::all() {
            assert_eq!(shortest_code(*lang).len(), 2, "{lang:?}");
        }
    }

    proptest! {
        #[test]
        fn a_normalised_tag_is_safe_in_an_attribute_and_stable(text in any::<String>(), near in "[a-zA-Z_-]{1,12}") {
            for declared in [text, near] {
                if let Some(once) = tag(&declared) {
                    prop_assert!(once.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
                    prop_assert_eq!(tag(&once), Some(once.clone()));
                }
            }
        }

        #[test]
        fn detecting_never_panics(text in any::<String>()) {
            let _ = detect(&text.repeat(40));
        }
    }
}
