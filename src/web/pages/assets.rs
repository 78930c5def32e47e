//! The contents of the site's own files. They are compiled into the program.

/// The style sheet of every page, at `/assets/site.css`.
pub const SITE_CSS: &str = include_str!("../../../templates/assets/site.css");

/// The icon of the site, at `/assets/icon.svg`.
pub const ICON_SVG: &str = include_str!("../../../templates/assets/icon.svg");
