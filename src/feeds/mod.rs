//! Reads feeds from strangers' servers: the way there is guarded, and what comes back is taken for hostile.

mod addresses;
pub mod date;
pub mod fetch;
pub mod guard;
mod json_feed;
pub mod jsonlines;
pub mod opml;
pub mod parse;
mod xml;
mod xml_feed;

pub use fetch::install_crypto;
