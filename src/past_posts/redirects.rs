//! The redirects of old addresses as rules for a proxy.

use std::fmt::Write as _;

use crate::app::App;
use crate::digest::page_path;
use crate::domain::old_path::{ProxyFormat, is_own_page};
use crate::store::redirects::ArticleRedirect;

/// Characters that have a meaning in a rule of nginx or Caddy.
const SPECIAL: &[char] = &['"', '\\', '$', '{', '}', '*', '`', '~', ';', '#'];

/// The redirects as rules, and how many are left out because the proxy would read their paths in another way, or because the site has a
/// page of its own there.
#[must_use]
pub fn proxy_rules(app: &App, redirects: &[ArticleRedirect], format: ProxyFormat) -> (String, usize) {
    let mut rules = String::new();
    let mut left_out = 0;
    if format == ProxyFormat::Csv {
        rules.push_str("path,address\n");
    }
    for redirect in redirects {
        let ArticleRedirect { path, public_id, title } = redirect;
        if is_own_page(path) {
            left_out += 1;
            continue;
        }
        let address = app.link(&page_path(public_id, title));
        let is_special = path.contains(SPECIAL);
        // Writing to a String cannot fail.
        let _ = match format {
            ProxyFormat::Csv => writeln!(rules, "\"{}\",{address}", path.replace('"', "\"\"")),
            _ if is_special => {
                left_out += 1;
                Ok(())
            }
            // Both compare the decoded path. Other systems write addresses with a slash at the end and without.
            ProxyFormat::Nginx => writeln!(rules, "    \"{path}\" {address};\n    \"{path}/\" {address};"),
            ProxyFormat::Caddy => writeln!(rules, "redir \"{path}\" {address} 301\nredir \"{path}/\" {address} 301"),
        };
    }
    if format == ProxyFormat::Nginx {
        rules = format!(
            "# Outside of the server block. Inside of it: if ($daywire_redirect) {{ return 301 $daywire_redirect; }}\n\
             map $uri $daywire_redirect {{\n    default \"\";\n{rules}}}\n"
        );
    }
    (rules, left_out)
}
