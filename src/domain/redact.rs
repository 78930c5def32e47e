//! Keeps addresses out of logs: what a relay says may name the reader it speaks of.

/// The text with every word that holds an `@` replaced.
#[must_use]
pub fn without_addresses(text: &str) -> String {
    let words = text
        .split(' ')
        .map(|word| if word.contains('@') { "(address)" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_that_names_a_reader_is_told_without_the_name() {
        let reply = "550 5.7.1 <ada@reader.example>: not from you";
        assert_eq!(without_addresses(reply), "550 5.7.1 (address) not from you");
    }
}
