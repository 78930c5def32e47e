//! The settings of comments.

use super::{file_error, from_file};
use crate::config::{CommentService, ConfigError};

fn service(text: &str) -> Result<Option<CommentService>, ConfigError> {
    from_file(text).map(|config| config.comments.service)
}

#[test]
fn a_service_needs_its_settings() {
    for (text, missing) in [
        ("provider = \"isso\"", "comments.isso.url"),
        (
            "provider = \"remark42\"\nremark42.url = \"https://talk.example\"",
            "comments.remark42.site_id",
        ),
        (
            "provider = \"giscus\"\ngiscus.repo = \"a/b\"\ngiscus.repo_id = \"R\"",
            "comments.giscus.category",
        ),
    ] {
        let error = file_error(&format!("[comments]\n{text}"));
        assert!(
            error.starts_with(missing) && error.contains("is empty, but comments.provider is"),
            "{error}"
        );
    }
    assert!(file_error("[comments]\nprovider = \"disqus\"").contains("allowed is \"none\", \"giscus\""));
}

#[test]
fn the_settings_of_a_service_that_is_not_chosen_are_not_used() {
    assert_eq!(service("").expect("it is allowed"), None);
    assert_eq!(
        service("[comments]\nisso.url = \"https://isso.example\"").expect("it is allowed"),
        None
    );
    assert_eq!(
        service("[comments]\nprovider = \"builtin\"").expect("it is allowed"),
        None
    );
}

#[test]
fn the_address_of_a_service_is_a_plain_web_address() {
    let with = |url: &str| service(&format!("[comments]\nprovider = \"isso\"\nisso.url = \"{url}\""));
    let found = with("https://talk.example:8443/isso/")
        .expect("it is allowed")
        .expect("it is set");
    assert_eq!(found.server().to_string(), "https://talk.example:8443/isso");
    assert_eq!(found.server().origin(), "https://talk.example:8443");
    for wrong in [
        "talk.example",
        "ftp://talk.example",
        "https://user:word@talk.example",
        "https://talk.example/?a=b",
        "https://talk.example/#a",
        // It would end a directive of the policy.
        "https://talk.example;script-src",
        "https://*",
        "https://*.example",
        "data:text/javascript,alert(1)",
    ] {
        assert!(with(wrong).is_err(), "{wrong}");
    }
}
