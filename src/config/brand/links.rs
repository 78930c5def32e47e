//! The links at the foot of pages and mails.

use url::Url;

use crate::config::site::BaseUrl;
use crate::config::value::Setting;
use crate::mail::look::FooterLink;
use crate::text::plain::shows_nothing;

/// A text, a space and an address: `Imprint https://example.org/imprint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FooterLinkSetting {
    label: String,
    /// A web address, a `mailto:` address, or a path of the site.
    address: String,
}

impl FooterLinkSetting {
    pub(super) fn on_page(&self) -> FooterLink {
        FooterLink {
            label: self.label.clone(),
            url: self.address.clone(),
        }
    }

    /// The name of one of the operator's own pages, if the link leads to one.
    pub(super) fn own_page(&self) -> Option<&str> {
        self.address.strip_prefix("/pages/")
    }

    /// The link with an absolute address, because a mail has none of its own.
    pub(super) fn in_mail(&self, site: &BaseUrl) -> FooterLink {
        let own = self.address.starts_with('/');
        FooterLink {
            label: self.label.clone(),
            url: if own {
                format!("{site}{}", self.address)
            } else {
                self.address.clone()
            },
        }
    }
}

impl Setting for FooterLinkSetting {
    const ALLOWED: &'static str =
        "a text and an address, such as \"Imprint https://example.org/imprint\" or \"About us /pages/about\"";

    fn read(text: &str) -> Option<Self> {
        let line = String::read(text)?;
        let (label, address) = line.rsplit_once(' ')?;
        let label = label.trim();
        // Two slashes would lead to another site.
        let is_path = address.starts_with('/') && !address.starts_with("//") && !address.contains('\\');
        let is_address = || {
            Url::parse(address).is_ok_and(|url| match url.scheme() {
                "http" | "https" => url.has_host() && url.username().is_empty() && url.password().is_none(),
                "mailto" => url.path().contains('@'),
                _ => false,
            })
        };
        (!shows_nothing(label) && label.chars().count() <= 60 && (is_path || is_address())).then(|| Self {
            label: label.to_owned(),
            address: address.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_the_address() {
        let site = BaseUrl::read("https://news.example").expect("it is an address");
        let link = FooterLinkSetting::read("About us /pages/about").expect("it is a link");
        assert_eq!(
            (link.on_page().label.as_str(), link.on_page().url.as_str()),
            ("About us", "/pages/about")
        );
        assert_eq!(link.in_mail(&site).url, "https://news.example/pages/about");
        for right in ["Write mailto:desk@news.example", "Shop https://shop.example/?a=1"] {
            let link = FooterLinkSetting::read(right).expect("it is a link");
            assert_eq!(link.in_mail(&site), link.on_page());
        }
        for wrong in [
            "",
            "Imprint",
            "/pages/about",
            "Run javascript:alert(1)",
            "Away //evil.example",
            "Away /\\evil.example",
            "Me https://user:word@a.example",
            "Data data:text/html,x",
            "Write mailto:",
        ] {
            assert_eq!(FooterLinkSetting::read(wrong), None, "{wrong}");
        }
    }
}
