//! Turns HTML into the plain text part of a mail.

use super::sanitise::sanitise;
use super::visible_text::strip_tags;

/// The most characters of a line, as usual in mail.
const MAX_COLUMNS: usize = 76;
/// The line width that html2text gets: longer than any link, because it would break links to fit a narrower line.
const RENDER_COLUMNS: usize = 20_000;

/// Turns HTML into plain text, wrapped at 76 characters, with the address of each link after its text.
///
/// It sanitises first, so the limits of [`sanitise`] apply.
#[must_use]
pub fn to_text(html: &str) -> String {
    let clean = sanitise(html);
    let text = html2text::config::with_decorator(LinkText::default())
        .raw_mode(true)
        .allow_width_overflow()
        .string_from_read(clean.as_bytes(), RENDER_COLUMNS)
        .unwrap_or_else(|_| strip_tags(&clean));
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

/// Appends `line`, broken at spaces if it is too long. Each part gets the same quotation marks and indent.
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
        if index > 0 && column > start && column + 1 + width > MAX_COLUMNS {
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

/// Tells html2text how to write links, lists, images and emphasis.
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
    fn the_address_of_a_link_follows_its_text() {
        let text = to_text("<p>Read <a href='https://example.org/a'>the  report</a> &amp; more.</p><ul><li>x</ul>");
        assert_eq!(text, "Read the report <https://example.org/a> & more.\n- x");
        let long = format!("https://example.org/{}", "a".repeat(2_000));
        assert!(to_text(&format!("<p><a href='{long}'>x</a>")).contains(&long));
    }

    #[test]
    fn long_lines_are_wrapped_under_the_same_quotation_marks_and_indent() {
        let words = "word ".repeat(40);
        let text = to_text(&format!(
            "<blockquote><p>{words}</p><ul><li>{words}</ul></blockquote><hr><pre>a  b\n c</pre>"
        ));
        assert!(text.lines().all(|line| line.chars().count() <= MAX_COLUMNS), "{text}");
        assert!(text.lines().any(|line| line.starts_with("> - word")), "{text}");
        assert!(text.lines().any(|line| line.starts_with(">   word")), "{text}");
        assert!(text.ends_with("\n\na  b\n c"), "{text}");
    }

    #[test]
    fn the_cells_of_a_table_become_text_in_their_order() {
        let text = to_text(
            "<table><tr><th>a<th>b<tr><td>1<td>2</table><h2>Head</h2><img src='https://x.example/i' alt='A cat'>",
        );
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>().join(" "),
            "a b 1 2 Head [A cat]"
        );
    }
}
