//! Turns HTML into the plain text part of a mail.

use super::html::sanitise;
use super::html_line::strip;

/// Columns at which text is wrapped, as mail has it.
const TEXT_WIDTH: usize = 76;
/// Columns that the renderer is given: more than any link is long.
const ROOM: usize = 20_000;

/// Turns HTML into plain text, wrapped at 76 columns, with the address of each link behind its text.
///
/// The caps of [`sanitise`] hold, since its output is what is read.
#[must_use]
pub fn to_text(html: &str) -> String {
    let clean = sanitise(html);
    // It would break addresses to fit them in, so it gets all the room it wants and the lines are wrapped below.
    let text = html2text::config::with_decorator(LinkText::default())
        .raw_mode(true)
        .allow_width_overflow()
        .string_from_read(clean.as_bytes(), ROOM)
        .unwrap_or_else(|_| strip(&clean));
    let mut lines = String::with_capacity(text.len());
    let mut blank = false;
    for line in text.trim().lines().map(str::trim_end) {
        if !(line.is_empty() && blank) {
            wrap(line, &mut lines);
        }
        blank = line.is_empty();
    }
    lines.truncate(lines.trim_end().len());
    lines
}

/// Writes a line as several where it is too long, broken at spaces only, under the same quotation marks and indent.
fn wrap(line: &str, out: &mut String) {
    let body = line.trim_start_matches(['>', ' ']);
    let (prefix, _) = line.split_at(line.len() - body.len());
    let marker = body.split_once(' ').map_or("", |(first, _)| first);
    let is_item = marker == "-"
        || marker
            .strip_suffix('.')
            .is_some_and(|number| number.parse::<u32>().is_ok());
    let hang = if is_item {
        " ".repeat(marker.len() + 1)
    } else {
        String::new()
    };
    out.push_str(prefix);
    let mut column = prefix.chars().count();
    let start = column;
    for (index, word) in body.split(' ').enumerate() {
        let width = word.chars().count();
        if index > 0 && column > start && column + 1 + width > TEXT_WIDTH {
            out.extend(["\n", prefix, &hang]);
            column = start + hang.len();
        } else if index > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out.push('\n');
}

/// How [`to_text`] writes what text cannot show: the address behind a link, a dash for a list item, no stars or ticks.
#[derive(Clone, Default)]
struct LinkText {
    address: String,
}

impl html2text::render::TextDecorator for LinkText {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        url.clone_into(&mut self.address);
        (String::new(), ())
    }

    fn decorate_link_end(&mut self) -> String {
        let address = std::mem::take(&mut self.address);
        if address.is_empty() {
            address
        } else {
            format!(" <{address}>")
        }
    }

    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, ()) {
        (
            if title.is_empty() {
                String::new()
            } else {
                format!("[{title}]")
            },
            (),
        )
    }

    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        "- ".to_owned()
    }

    fn ordered_item_prefix(&self, number: i64) -> String {
        format!("{number}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_the_addresses_of_links() {
        let text = to_text("<p>Read <a href='https://example.org/a'>the  report</a> &amp; more.</p><ul><li>x</ul>");
        assert_eq!(text, "Read the report <https://example.org/a> & more.\n- x");
        let long = format!("https://example.org/{}", "a".repeat(2_000));
        assert!(to_text(&format!("<p><a href='{long}'>x</a>")).contains(&long));
    }

    #[test]
    fn long_lines_are_wrapped_at_words_under_their_quotation_marks() {
        let words = "word ".repeat(40);
        let text = to_text(&format!(
            "<blockquote><p>{words}</p><ul><li>{words}</ul></blockquote><hr><pre>a  b\n c</pre>"
        ));
        assert!(text.lines().all(|line| line.chars().count() <= TEXT_WIDTH), "{text}");
        assert!(text.lines().any(|line| line.starts_with("> - word")), "{text}");
        assert!(text.lines().any(|line| line.starts_with(">   word")), "{text}");
        assert!(text.ends_with("\n\na  b\n c"), "{text}");
    }

    #[test]
    fn the_cells_of_a_table_follow_each_other() {
        let text = to_text(
            "<table><tr><th>a<th>b<tr><td>1<td>2</table><h2>Head</h2><img src='https://x.example/i' alt='A cat'>",
        );
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>().join(" "),
            "a b 1 2 Head [A cat]"
        );
    }
}
