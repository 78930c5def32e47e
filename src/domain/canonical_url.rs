//! Normalises the address of an article: two addresses with the same key count as the same page.

use url::Url;

/// Query parameters that name the source of a click and never the page.
///
/// They are documented by the services in the comments. Names that begin with one of [`TRACKING_PREFIXES`] are removed too.
const TRACKING_NAMES: &[&str] = &[
    // Google Ads, Campaign Manager and Analytics
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "_ga",
    "_gl", // Meta: Facebook and Instagram
    "fbclid",
    "igsh",
    "igshid", // Microsoft, X, TikTok, LinkedIn, Yandex, Reddit
    "msclkid",
    "twclid",
    "ttclid",
    "li_fat_id",
    "yclid",
    "ysclid",
    "rdt_cid",
    // Mailchimp, HubSpot, Klaviyo, Marketo, Drip, Vero, Omeda, Beehiiv
    "mc_cid",
    "mc_eid",
    "_hsenc",
    "_hsmi",
    "_ke",
    "_kx",
    "mkt_tok",
    "__s",
    "vero_id",
    "oly_anon_id",
    "oly_enc_id",
    "_bhlid", // Publishers' own: X embeds, Washington Post, New York Times, BBC, Guardian, Substack
    "ref_src",
    "ref_url",
    "wpisrc",
    "wpmm",
    "smid",
    "smtyp",
    "at_medium",
    "at_campaign",
    "cmp",
    "ncid",
    "sr_share",
    "xtor",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
];

/// Beginnings of the names of tracking parameters: Urchin/Google Analytics, `HubSpot`, Matomo and Piwik.
const TRACKING_PREFIXES: &[&str] = &["utm_", "hsa_", "mtm_", "matomo_", "pk_", "piwik_"];

/// The key of an address, for comparing and storing, not for linking.
///
/// The scheme becomes `https`, the host lower case without `www.`. Default port, user, fragment, tracking parameters and a slash at
/// the end are removed. The remaining parameters are sorted. A fragment that is a path, such as `#!/story/1` or `#/story/1`, is
/// kept, because applications in the browser distinguish articles by it.
#[must_use]
pub fn canonicalise(url: &Url) -> String {
    let Some(host) = url.host_str() else {
        // `urn:`, `mailto:` and similar addresses have no host. Only their fragment is removed.
        let mut opaque = url.clone();
        opaque.set_fragment(None);
        return opaque.into();
    };
    let scheme = if url.scheme() == "http" { "https" } else { url.scheme() };
    let host = host.to_lowercase();
    let host = host.trim_end_matches('.');
    let host = host
        .strip_prefix("www.")
        .filter(|rest| rest.contains('.'))
        .unwrap_or(host);

    let mut key = format!("{scheme}://{host}");
    // Both default ports, 80 and 443, are removed, because the scheme became `https`.
    if let Some(port) = url.port().filter(|port| !matches!(port, 80 | 443)) {
        key.push(':');
        key.push_str(&port.to_string());
    }
    key.push_str(url.path().trim_end_matches('/'));

    let mut pairs: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !is_tracking(name))
        .map(|(n, v)| (n.into(), v.into()))
        .collect();
    pairs.sort();
    if !pairs.is_empty() {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        key.push('?');
        key.push_str(&query);
    }
    let is_path = |fragment: &&str| fragment.starts_with('/') || fragment.starts_with("!/");
    if let Some(route) = url.fragment().filter(is_path) {
        let route = route.trim_end_matches('/');
        if !matches!(route, "" | "!") {
            key.push('#');
            key.push_str(route);
        }
    }
    key
}

/// Whether the parameter with this name is only for tracking.
#[must_use]
pub fn is_tracking(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TRACKING_NAMES.contains(&name.as_str()) || TRACKING_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> String {
        canonicalise(&Url::parse(text).expect("a test address"))
    }

    #[test]
    fn scheme_www_port_fragment_and_slash_are_ignored() {
        let expected = "https://example.org/a/b";
        for spelling in [
            "https://example.org/a/b",
            "http://example.org/a/b",
            "http://www.example.org:80/a/b/",
            "https://WWW.Example.ORG./a/b#top",
            "https://user:secret@example.org:443/a/b/?utm_source=x&fbclid=1&UTM_Medium=y",
        ] {
            assert_eq!(key(spelling), expected, "{spelling}");
        }
    }

    #[test]
    fn other_query_parameters_are_kept_and_sorted() {
        assert_eq!(
            key("https://example.org/?b=2&a=1&gclid=9"),
            "https://example.org?a=1&b=2"
        );
        assert_eq!(
            key("https://example.org/?p=12"),
            key("https://example.org?p=12&mc_eid=7&ref_src=twsrc")
        );
        assert_ne!(key("https://example.org/?p=12"), key("https://example.org/?p=13"));
    }

    #[test]
    fn different_pages_have_different_keys() {
        assert_ne!(key("https://example.org/A"), key("https://example.org/a"));
        assert_ne!(key("https://example.org:8080/a"), key("https://example.org/a"));
        assert_ne!(key("https://news.example.org/a"), key("https://example.org/a"));
        assert_eq!(key("https://www.com/"), "https://www.com");
    }

    #[test]
    fn a_fragment_that_is_a_path_is_kept() {
        let of = |fragment: &str| key(&format!("http://www.example.org/{fragment}"));
        assert_eq!(of("#!/story/1"), "https://example.org#!/story/1");
        assert_eq!(of("#!/story/1"), of("#!/story/1/"));
        assert_ne!(of("#!/story/1"), of("#!/story/2"));
        assert_ne!(of("#/story/1"), of("#/story/2"));
        for nothing in ["#", "#!", "#/", "#!/", "#story-1"] {
            assert_eq!(of(nothing), "https://example.org", "{nothing}");
        }
    }

    #[test]
    fn an_address_without_a_host_only_loses_its_fragment() {
        assert_eq!(key("urn:isbn:0451450523#x"), "urn:isbn:0451450523");
    }

    #[test]
    fn the_key_of_a_key_is_the_key() {
        for text in ["http://www.example.org/a/?b=%20+&a=ü", "https://example.org/%7Euser/?x"] {
            let once = key(text);
            assert_eq!(key(&once), once);
        }
    }
}
