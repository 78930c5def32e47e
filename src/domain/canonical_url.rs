//! The identity of an article's address: two addresses with one key are taken for the same page.

use url::Url;

/// Query parameters that say where a click came from and never which page it is.
///
/// The names are the documented ones of the services beside them. Besides these, every name that begins with one of
/// [`TRACKING_PREFIXES`] is dropped.
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

/// Beginnings of parameter names that only carry tracking: Urchin/Google Analytics, `HubSpot`, Matomo and Piwik.
const TRACKING_PREFIXES: &[&str] = &["utm_", "hsa_", "mtm_", "matomo_", "pk_", "piwik_"];

/// Gives the key that an article's address is known by; for comparing and storing, not for linking.
///
/// The scheme is folded to `https`, the host is lower-case without `www.`, a default port, the user, the fragment,
/// the tracking parameters and a slash at the end are dropped, and what remains of the query is sorted. A fragment that is a
/// path, such as `#!/story/1` or `#/story/1`, stays: pages that run in the browser tell their articles apart by it.
#[must_use]
pub fn canonicalise(url: &Url) -> String {
    let Some(host) = url.host_str() else {
        // `urn:`, `mailto:` and the like have no host: without the fragment they are already one spelling.
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
    // Ports 80 and 443 are both dropped, since the scheme no longer tells them apart.
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

/// Whether a parameter of this name only carries tracking.
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
    fn scheme_www_port_fragment_and_slash_make_no_difference() {
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
    fn the_query_that_matters_is_kept_and_sorted() {
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
    fn different_pages_keep_different_keys() {
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
    fn a_key_is_its_own_key() {
        for text in ["http://www.example.org/a/?b=%20+&a=ü", "https://example.org/%7Euser/?x"] {
            let once = key(text);
            assert_eq!(key(&once), once);
        }
    }
}
