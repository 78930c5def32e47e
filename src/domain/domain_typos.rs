//! Finds the large mail provider whose domain was probably meant by a mistyped one.

use strsim::osa_distance;

/// The domains of large providers, those with more mailboxes first. Shorter names, such as `gmx`, have too many neighbours that exist.
const PROVIDERS: &[&str] = &[
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "icloud.com",
    "googlemail.com",
    "yahoo.co.uk",
    "yahoo.co.jp",
    "yahoo.com.br",
    "yahoo.de",
    "yahoo.fr",
    "yahoo.es",
    "yahoo.it",
    "hotmail.co.uk",
    "hotmail.de",
    "hotmail.fr",
    "hotmail.es",
    "hotmail.it",
    "outlook.de",
    "outlook.fr",
    "outlook.es",
    "outlook.it",
    "outlook.jp",
    "t-online.de",
    "freenet.de",
    "posteo.de",
    "orange.fr",
    "wanadoo.fr",
    "laposte.net",
    "libero.it",
    "virgilio.it",
    "tiscali.it",
    "interia.pl",
    "gazeta.pl",
    "yandex.ru",
    "yandex.com",
    "proton.me",
    "protonmail.com",
    "fastmail.com",
    "naver.com",
    "comcast.net",
    "verizon.net",
    "btinternet.com",
    "docomo.ne.jp",
    "terra.com.br",
];

/// Real providers whose domains look like mistakes.
const NOT_MISTYPED: &[&str] = &["mail.com", "email.com", "ymail.com", "rocketmail.com", "mailbox.org"];

/// Ends that people type instead of `com`. No provider in the list has a domain with one of them.
const MISTYPED_COM: &[&str] = &[
    "c", "co", "cm", "om", "con", "cmo", "ocm", "vom", "xom", "cim", "cpm", "coom", "comm", "ccom", "comn", "cpom",
    "com.com",
];

/// The domain of a large provider that differs from `domain` by one typing error: a letter too many, too few or wrong, or two swapped.
/// `domain` is in lower case.
pub(crate) fn likely_domain(domain: &str) -> Option<&'static str> {
    if PROVIDERS.contains(&domain) || NOT_MISTYPED.contains(&domain) {
        return None;
    }
    let (name, end) = domain.split_once('.')?;
    // The distance takes quadratic time.
    if name.len() > 20 {
        return None;
    }
    PROVIDERS.iter().copied().find(|provider| {
        let Some((right_name, right_end)) = provider.split_once('.') else {
            return false;
        };
        let is_mistyped_end = name == right_name && right_end == "com" && MISTYPED_COM.contains(&end);
        let is_mistyped_name = end == right_end && osa_distance(name, right_name) == 1;
        is_mistyped_end || is_mistyped_name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_typing_error_is_found() {
        for (typed, meant) in [
            ("gmial.com", "gmail.com"),
            ("gamil.com", "gmail.com"),
            ("gmai.com", "gmail.com"),
            ("gmaill.com", "gmail.com"),
            ("gnail.com", "gmail.com"),
            ("gmail.con", "gmail.com"),
            ("gmail.co", "gmail.com"),
            ("gmail.cm", "gmail.com"),
            ("yaho.com", "yahoo.com"),
            ("yahooo.co.uk", "yahoo.co.uk"),
            ("hotmial.fr", "hotmail.fr"),
            ("outlok.com", "outlook.com"),
            ("iclould.com", "icloud.com"),
            ("t-onlin.de", "t-online.de"),
            ("libreo.it", "libero.it"),
        ] {
            assert_eq!(likely_domain(typed), Some(meant), "{typed}");
        }
    }

    #[test]
    fn right_and_other_domains_are_left_alone() {
        let others = [
            "reader.example",
            "gmail.de",
            "yahoo.se",
            "hotmail.se",
            "gmx.de",
            "gmx.at",
            "me.com",
            "live.co",
            "male.com",
            "gmailer.org",
            "news.gmial.com",
            "xn--gmal-spa.com",
            "com",
        ];
        for domain in PROVIDERS.iter().chain(NOT_MISTYPED).chain(&others) {
            assert_eq!(likely_domain(domain), None, "{domain}");
        }
    }
}
