//! The contents of the site's own files. They are compiled into the program.

/// The style sheet of every page, at `/assets/site.css`.
pub const SITE_CSS: &str = include_str!("../../../templates/assets/site.css");

/// The style sheet of the console, at `/assets/admin.css`.
pub const ADMIN_CSS: &str = include_str!("../../../templates/assets/admin.css");

/// The style sheet of the page about the API, over that of the console, at `/assets/api.css`.
pub const API_CSS: &str = include_str!("../../../templates/assets/api.css");

/// The style sheet of the documentation, over that of every page, at `/assets/docs.css`.
pub const DOCS_CSS: &str = include_str!("../../../templates/assets/docs.css");
/// Sends the requests of the page about the API, at `/assets/api.js`.
pub const API_JS: &str = include_str!("../../../templates/assets/api.js");

/// Moves stories of a draft with the mouse, at `/assets/drafts.js`.
pub const DRAFTS_JS: &str = include_str!("../../../templates/assets/drafts.js");

/// Shows the preview of an article while it is written, at `/assets/articles.js`.
pub const ARTICLES_JS: &str = include_str!("../../../templates/assets/articles.js");

/// Shows how far an issue is while it is being sent, at `/assets/live.js`.
pub const LIVE_JS: &str = include_str!("../../../templates/assets/live.js");

/// Adds a passkey and signs in with one, at `/assets/passkeys.js`.
pub const PASSKEYS_JS: &str = include_str!("../../../templates/assets/passkeys.js");

/// The icon of the site, at `/assets/icon.svg`.
pub const ICON_SVG: &str = include_str!("../../../templates/assets/icon.svg");

/// The settings for the script of Remark42, at `/assets/remark42.js`.
pub const REMARK42_JS: &str = include_str!("../../../templates/assets/remark42.js");

/// The script that solves the proof of work of a sign-up, at `/assets/altcha.js`.
pub const ALTCHA_JS: &str = include_str!("../../../templates/assets/altcha.js");

/// Shows the coming runs of a schedule while it is chosen, at `/assets/schedule.js`.
pub const SCHEDULE_JS: &str = include_str!("../../../templates/assets/schedule.js");

/// Reads a text file into a field, at `/assets/text-file.js`.
pub const TEXT_FILE_JS: &str = include_str!("../../../templates/assets/text-file.js");

/// The script that offers the browser's time zone, at `/assets/time-zone.js`.
pub const TIME_ZONE_JS: &str = include_str!("../../../templates/assets/time-zone.js");
