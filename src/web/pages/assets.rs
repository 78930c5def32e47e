//! The site's own files, compiled in: nothing is loaded from elsewhere.

/// The one style sheet, at `/assets/site.css`.
pub const SITE_CSS: &str = include_str!("../../../templates/assets/site.css");

/// The icon, at `/assets/icon.svg`.
pub const ICON_SVG: &str = include_str!("../../../templates/assets/icon.svg");
