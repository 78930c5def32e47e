//! Latin letters that Unicode does not decompose into a basic letter and a mark.

/// The ASCII letters for a lower-case letter such as `ß` or `ø`.
pub(crate) const fn ascii_of_undecomposed(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        'ŋ' => "ng",
        'ŧ' => "t",
        _ => return None,
    })
}
