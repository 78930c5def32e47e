//! Repairs errors in JSON that concern single characters, and counts its values before a tree is built.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::xml::MAX_ELEMENTS;

/// Replaces unpaired surrogates, and control characters within strings. Replacements have the same length, so that positions in error
/// messages stay correct. `None` if the text has more values than XML may have elements.
///
/// Programs that cut text in the middle of an emoji write unpaired surrogates, and JSON's grammar allows them
/// ([RFC 8259 §8.2](https://www.rfc-editor.org/rfc/rfc8259#section-8.2)).
pub(super) fn repaired(text: &str) -> Option<Cow<'_, str>> {
    let bytes = text.as_bytes();
    let (mut at, mut in_string, mut values) = (0, false, 0_usize);
    let mut faults: Vec<(usize, usize, &str)> = Vec::new();
    while let Some(&byte) = bytes.get(at) {
        let mut length = 1;
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => {
                length = 2;
                if let Some(half) = escaped_half(bytes, at) {
                    length = 6;
                    let pairs = half < 0xdc00 && escaped_half(bytes, at + 6).is_some_and(|low| low >= 0xdc00);
                    if pairs {
                        length = 12;
                    } else {
                        faults.push((at, 6, "\\ufffd"));
                    }
                }
            }
            0..0x20 if in_string => faults.push((at, 1, " ")),
            b',' | b'{' | b'[' if !in_string => values += 1,
            _ => {}
        }
        at += length;
    }
    if values > MAX_ELEMENTS {
        return None;
    }
    if faults.is_empty() {
        return Some(Cow::Borrowed(text));
    }
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (at, length, instead) in faults {
        out.push_str(text.get(done..at)?);
        out.push_str(instead);
        done = at + length;
    }
    out.push_str(text.get(done..)?);
    Some(Cow::Owned(out))
}

/// The code of the escaped surrogate, such as `\ud83d`, at an offset.
fn escaped_half(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let digits = std::str::from_utf8(digits).ok()?;
    let code = u16::from_str_radix(digits, 16).ok()?;
    (0xd800..=0xdfff).contains(&code).then_some(code)
}

/// The members of a truncated object. Of the array member `list`, the complete values.
pub(super) fn whole_members(text: &str, list: &str) -> Map<String, Value> {
    let mut whole = Map::new();
    let members = Members {
        whole: &mut whole,
        list,
    };
    // The error is expected, because the text is truncated; the members read so far are kept.
    let _ = members.deserialize(&mut serde_json::Deserializer::from_str(text));
    whole
}

struct Members<'a> {
    whole: &'a mut Map<String, Value>,
    list: &'a str,
}

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == self.list {
                let mut values = Vec::new();
                let read = map.next_value_seed(Values(&mut values));
                self.whole.insert(key, Value::Array(values));
                read?;
            } else {
                let value = map.next_value()?;
                self.whole.insert(key, value);
            }
        }
        Ok(())
    }
}

struct Values<'a>(&'a mut Vec<Value>);

impl<'de> DeserializeSeed<'de> for Values<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Values<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<(), A::Error> {
        while let Some(value) = values.next_element()? {
            self.0.push(value);
        }
        Ok(())
    }
}

/// A string that is not blank.
pub(super) fn string(object: &Map<String, Value>, key: &str) -> Option<String> {
    object
        .get(key)?
        .as_str()
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
}

/// A string or a number. JSON Feed requires readers to accept both as an identifier.
pub(super) fn scalar(object: &Map<String, Value>, key: &str) -> Option<String> {
    match object.get(key)? {
        Value::Number(number) => Some(number.to_string()),
        _ => string(object, key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unpaired_surrogates_and_control_characters_are_replaced() {
        for (text, expected) in [
            (r#"{"a":"cut \ud83d"}"#, r#"{"a":"cut \ufffd"}"#),
            (
                r#"["\udE00\ud83d\uD83D\ude00\ud83d."]"#,
                r#"["\ufffd\ufffd\uD83D\ude00\ufffd."]"#,
            ),
            (r#"["\\ud83d","\"\ud83dx"]"#, r#"["\\ud83d","\"\ufffdx"]"#),
            ("{\n\"a\":\"b\nc\td\"}", "{\n\"a\":\"b c d\"}"),
            (r#"["\u12"#, r#"["\u12"#),
            (r#"["\"#, r#"["\"#),
            (r#"["\ud83d東"]"#, r#"["\ufffd東"]"#),
        ] {
            assert_eq!(repaired(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn the_complete_members_of_a_truncated_object_are_kept() {
        let text = r#"{"title":"T","items":[{"id":"1"},{"id":"2","x":{"y":[1]}},{"id":"#;
        let whole = whole_members(text, "items");
        assert_eq!(
            Value::from(whole),
            serde_json::json!({"title": "T", "items": [{"id": "1"}, {"id": "2", "x": {"y": [1]}}]})
        );
        assert!(whole_members(r#"{"title":"T"#, "items").is_empty());
    }

    #[test]
    fn values_inside_strings_are_not_counted() {
        assert!(repaired(&format!("[{}]", "{},".repeat(MAX_ELEMENTS))).is_none());
        assert!(repaired(&format!("[\"{}\"]", "{},".repeat(MAX_ELEMENTS))).is_some());
    }
}
