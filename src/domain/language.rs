//! The language of a text: the tag that its publisher declares, in its usual form, or else what the text itself shows.

use whatlang::Lang;

/// Characters of a text that are looked at.
const MOST: usize = 2_000;
/// Bytes of letters below which a text says too little. A letter has as many as its script has letters to tell apart: 80
/// Latin ones, 40 Cyrillic ones or 27 Chinese ones.
const LEAST: usize = 80;

/// A declared language tag in the form that RFC 5646 section 2.1.1 recommends, such as `en`, `pt-BR` or `zh-Hant-TW`.
///
/// None for what is no such tag, and for those that name no language (`und`, `mul`, `zxx`). An underscore counts as the
/// hyphen that it is meant for.
#[must_use]
pub fn tag(declared: &str) -> Option<String> {
    // Section 4.4.1 lets an implementation cap the length; 35 octets hold every tag without extensions.
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
        // Behind a singleton, as in `de-u-co-phonebk`, nothing is a script or a region.
        is_extension |= part.len() == 1;
    }
    Some(tag)
}

/// The value of HTML's `dir` for text in the language with this tag.
#[must_use]
pub fn direction(tag: &str) -> &'static str {
    if is_rtl(tag) { "rtl" } else { "ltr" }
}

/// Whether text in the language with this tag runs from right to left: by its script, where the tag names one.
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

/// Whether two tags name the same language, whatever their scripts and regions: `pt` and `pt-BR` do.
#[must_use]
pub(crate) fn is_same_language(one: &str, other: &str) -> bool {
    primary(one).eq_ignore_ascii_case(primary(other))
}

/// The primary language of a tag: `pt` of `pt-BR`.
pub(crate) fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or_default()
}

/// The language that a text is written in, as far as that is certain; of a short text it is not.
#[must_use]
pub fn detect(text: &str) -> Option<&'static str> {
    let end = text.char_indices().nth(MOST).map_or(text.len(), |(end, _)| end);
    let text = text.get(..end)?;
    let letters: usize = text.chars().filter(|c| c.is_alphabetic()).map(char::len_utf8).sum();
    if letters < LEAST {
        return None;
    }
    // "Reliable" is its word for a confidence above 0.9: how far the first guess lies before the second.
    let info = whatlang::detect(text).filter(whatlang::Info::is_reliable)?;
    Some(short(info.lang()))
}

/// The shortest code of a language, as RFC 5646 section 2.2.1 asks for.
fn short(lang: Lang) -> &'static str {
    match lang {
        Lang::Afr => "af",
        Lang::Aka => "ak",
        Lang::Amh => "am",
        Lang::Ara => "ar",
        Lang::Aze => "az",
        Lang::Bel => "be",
        Lang::Ben => "bn",
        Lang::Bul => "bg",
        Lang::Cat => "ca",
        Lang::Ces => "cs",
        Lang::Cmn => "zh",
        Lang::Cym => "cy",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Epo => "eo",
        Lang::Est => "et",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Guj => "gu",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Hye => "hy",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jav => "jv",
        Lang::Jpn => "ja",
        Lang::Kan => "kn",
        Lang::Kat => "ka",
        Lang::Khm => "km",
        Lang::Kor => "ko",
        Lang::Lat => "la",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Mal => "ml",
        Lang::Mar => "mr",
        Lang::Mkd => "mk",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Nld => "nl",
        Lang::Nob => "nb",
        Lang::Ori => "or",
        Lang::Pan => "pa",
        Lang::Pes => "fa",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Sin => "si",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Sna => "sn",
        Lang::Spa => "es",
        Lang::Srp => "sr",
        Lang::Swe => "sv",
        Lang::Tam => "ta",
        Lang::Tel => "te",
        Lang::Tgl => "tl",
        Lang::Tha => "th",
        Lang::Tuk => "tk",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Urd => "ur",
        Lang::Uzb => "uz",
        Lang::Vie => "vi",
        Lang::Yid => "yi",
        Lang::Zul => "zu",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn declared_tags_get_their_usual_form_or_are_refused() {
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
    fn the_script_says_which_way_a_text_runs_and_else_the_language() {
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
    fn texts_of_some_length_tell_their_language() {
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
    fn of_too_little_text_nothing_is_said() {
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

    proptest! {
        #[test]
        fn a_tag_is_fit_for_an_attribute_and_stays_as_it_is(text in any::<String>(), near in "[a-zA-Z_-]{1,12}") {
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
