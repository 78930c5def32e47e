//! Responses that end before the document does.

use std::io::Write as _;

use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::fingerprint;

/// The beginning of a document as a server sends it.
pub struct Truncated {
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Whether the connection ends before the response does.
    pub breaks_off: bool,
    /// How many entries end before the cut.
    pub complete_entries: usize,
}

impl Truncated {
    /// Cuts a document at a place and in a way that depend only on feed and time. A process that repeats the request of a killed one
    /// gets the same response.
    pub fn of(document: &str, feed: usize, now: DateTime<Utc>) -> Self {
        let random = fingerprint(&format!("{feed} cut at {now}"));
        // After the feed's title, and before its channel is closed: a document without `</rss>` alone counts as complete.
        let after_title = document.find("</title>").expect("the document has a title") + "</title>".len();
        let max_entries = document.len() - "></rss>".len();
        let place = usize::try_from(random >> 16).expect("a 64-bit processes") % (max_entries - after_title + 1);
        let beginning = &document[..after_title + place];
        let complete_entries = beginning.matches("</item>").count();
        let plain = beginning.as_bytes().to_vec();
        let (headers, body, breaks_off) = match random % 4 {
            // The body is shorter than the header says.
            0 => (vec![("content-length", document.len().to_string())], plain, true),
            // A chunked body without its last chunk.
            1 => (vec![], plain, true),
            // A complete response with a gzip stream that has no end.
            2 => (
                vec![("content-encoding", "gzip".to_owned())],
                unfinished_gzip(&plain),
                false,
            ),
            // A complete response: the program that wrote the document died.
            _ => (vec![], plain, false),
        };
        Self {
            headers,
            body,
            breaks_off,
            complete_entries,
        }
    }
}

/// Compresses all of the bytes into a gzip stream without its last block.
fn unfinished_gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("a write to memory succeeds");
    encoder.flush().expect("a write to memory succeeds");
    encoder.get_ref().clone()
}
