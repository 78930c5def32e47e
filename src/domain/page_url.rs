//! The address of a web page, as a form or a program names it.

use url::Url;

/// The most bytes of an address.
const MAX_BYTES: usize = 500;

/// The address of a page: `http` or `https`, without a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageUrl(Url);

impl PageUrl {
    /// Reads an absolute address; `None` if the text is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // The parser of addresses drops line breaks and turns backslashes. A text with them was not copied from a browser.
        let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\');
        let url = Url::parse(text).ok().filter(|_| is_plain)?;
        let is_page = matches!(url.scheme(), "http" | "https") && url.has_host();
        let has_user = !url.username().is_empty() || url.password().is_some();
        (is_page && !has_user && url.as_str().len() <= MAX_BYTES).then_some(Self(url))
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The [origin](https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin), as browsers write it.
    pub(crate) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The address without query and fragment, which may name a reader.
    pub(crate) fn without_query(&self) -> String {
        let mut url = self.0.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_addresses_of_pages_are_read() {
        for text in [
            "https://www.partner.example/thanks?from=news#top",
            "http://127.0.0.1:9000/",
            "https://www.partner.example",
        ] {
            assert!(PageUrl::parse(text).is_some(), "{text}");
        }
        let long = format!("https://www.partner.example/{}", "a".repeat(500));
        for text in [
            "",
            "/thanks",
            "//www.partner.example/",
            "www.partner.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://www.partner.example/",
            "https:\\\\evil.example",
            "https://www.partner.example\\@evil.example/",
            "https://www.partner.example@evil.example/",
            "https://www.partner.example:pass@evil.example/",
            "https://www.partner.example/\r\nSet-Cookie: a=b",
            "https:// www.partner.example/",
            "https://",
            &long,
        ] {
            assert_eq!(PageUrl::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        let address = PageUrl::parse("HTTPS://WWW.Partner.example:443/a?b=c#d").expect("it is an address");
        assert_eq!(address.origin(), "https://www.partner.example");
        assert_eq!(address.without_query(), "https://www.partner.example/a");
    }
}
