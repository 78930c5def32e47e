//! Stores a text as its difference from another text that has most of its lines, in any order.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// A part of the text.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Part {
    /// A range of the base: offset and length in bytes.
    Copied(usize, usize),
    /// Text that is not in the base.
    Own(String),
}

/// The difference of `text` from `base`, as JSON.
///
/// # Errors
/// Never in practice: a list of numbers and strings can always be written as JSON.
pub fn encode(base: &str, text: &str) -> serde_json::Result<String> {
    let base: Vec<&str> = base.split_inclusive('\n').collect();
    let mut starts = Vec::with_capacity(base.len());
    let mut lines: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut at = 0;
    for (number, line) in base.iter().enumerate() {
        starts.push(at);
        at += line.len();
        lines.entry(line).or_default().push(number);
    }
    let text: Vec<&str> = text.split_inclusive('\n').collect();
    let mut parts: Vec<Part> = Vec::new();
    let mut at = 0;
    while let Some(line) = text.get(at) {
        let run = |from: &usize| {
            let both = base.iter().skip(*from).zip(text.iter().skip(at));
            both.take_while(|(one, other)| one == other).count()
        };
        let longest = lines.get(line).and_then(|known| {
            let runs = known.iter().map(|from| (*from, run(from)));
            // The first of several runs of the same length.
            runs.reduce(|best, next| if next.1 > best.1 { next } else { best })
        });
        if let Some((from, count)) = longest {
            let length = base.iter().skip(from).take(count).map(|line| line.len()).sum();
            parts.push(Part::Copied(starts[from], length));
            at += count;
        } else {
            match parts.last_mut() {
                Some(Part::Own(own)) => own.push_str(line),
                _ => parts.push(Part::Own((*line).to_owned())),
            }
            at += 1;
        }
    }
    serde_json::to_string(&parts)
}

/// The text from which [`encode`] made the difference; `None` if the difference does not fit `base`.
#[must_use]
pub fn decode(base: &str, difference: &str) -> Option<String> {
    let parts: Vec<Part> = serde_json::from_str(difference).ok()?;
    let mut text = String::new();
    for part in &parts {
        text.push_str(match part {
            Part::Copied(from, length) => base.get(*from..from.checked_add(*length)?)?,
            Part::Own(own) => own,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moved_lines_take_a_few_bytes() {
        let story = |name: &str| format!("<tr>\n<td>{}</td>\n</tr>\n", name.repeat(200));
        let base = format!(
            "<table>\n{}{}{}</table>\n",
            story("one "),
            story("two "),
            story("three ")
        );
        let text = format!("<table>\n{}<p>Own</p>\n{}</table>\n", story("three "), story("one "));
        let difference = encode(&base, &text).expect("it is JSON");
        assert!(difference.len() < 100, "{difference}");
        assert_eq!(decode(&base, &difference).as_deref(), Some(text.as_str()));
    }

    #[test]
    fn an_invalid_difference_is_refused() {
        for difference in ["", "{}", "[[0, 9]]", "[[1, 1]]", "[[18446744073709551615, 2]]", "[7]"] {
            assert_eq!(decode("äb", difference), None, "{difference}");
        }
    }

    proptest! {
        #[test]
        fn decoding_returns_the_encoded_text(base in "([ab\n]|é){0,40}", text in "([ab\n]|é){0,40}") {
            let difference = encode(&base, &text).expect("it is JSON");
            prop_assert_eq!(decode(&base, &difference), Some(text));
        }
    }
}
