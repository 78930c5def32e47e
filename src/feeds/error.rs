//! Why a document cannot be parsed.

/// The most bytes of a feed.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;

/// Why bytes cannot be parsed as a feed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ParseError {
    /// The document is empty.
    #[error("the document is empty; check that the address is that of a feed")]
    Empty,
    /// The document is something else, such as a web page.
    #[error("the document is not RSS, Atom or JSON Feed; give the address of the feed, not of the page")]
    NotAFeed,
    /// The document should be OPML, and is not.
    #[error("the document is not OPML, or is broken XML; export the list of feeds once more")]
    NotAList,
    /// Elements are nested deeper than the contained limit.
    #[error("the document nests elements more than {0} deep and was not read further")]
    TooDeep(usize),
    /// The document has too many bytes, elements or namespaces.
    #[error("the document is larger than {} MiB or has too many elements and was not read", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// The document is invalid JSON. Contains the reason and position.
    #[error("the document is not valid JSON: {0}")]
    Json(String),
}
