//! The names of the templates.

/// The templates that an operator can replace.
pub const NAMES: [&str; 11] = [
    PAGE,
    "digest.html",
    "digest.txt",
    "confirmation.html",
    "confirmation.txt",
    "welcome.html",
    "welcome.txt",
    "subscription.html",
    "subscription.txt",
    "notice.html",
    "notice.txt",
];

/// The layout of every page.
pub const PAGE: &str = "page.html";
