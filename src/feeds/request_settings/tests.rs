//! Changes of the settings of a feed's requests, and what is refused.

use super::*;

fn lines(lines: &[&str]) -> RequestChange {
    RequestChange {
        fields: Some(lines.iter().map(|line| SecretString::from(*line)).collect()),
        ..RequestChange::default()
    }
}

fn login(name: &str, password: &str) -> RequestChange {
    RequestChange {
        login_name: Some(name.to_owned()),
        login_password: Some(password.into()),
        ..RequestChange::default()
    }
}

fn value<'a>(fields: &'a HeaderMap, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(|value| value.to_str().ok())
}

#[test]
fn a_change_keeps_what_it_does_not_name() {
    let settings = RequestSettings::default();
    let settings = settings.changed(&login("ada", "open sesame")).expect("a login");
    let settings = settings
        .changed(&lines(&["X-Key: a", "", "Cookie:b=c:d"]))
        .expect("fields");
    let fields = settings.header_map();
    let expected = format!("Basic {}", STANDARD.encode("ada:open sesame"));
    assert_eq!(value(&fields, "authorization"), Some(expected.as_str()));
    assert_eq!(
        (value(&fields, "x-key"), value(&fields, "cookie")),
        (Some("a"), Some("b=c:d"))
    );
    assert!(!format!("{settings:?} {fields:?}").contains("sesame"));

    // A line without a value keeps it, and a missing line removes the field.
    let kept = settings.changed(&lines(&["x-key:"])).expect("it is set").header_map();
    assert_eq!((value(&kept, "x-key"), value(&kept, "cookie")), (Some("a"), None));
    let renamed = settings.changed(&login("bob", "")).expect("the password stays");
    assert_eq!(
        renamed.login.map(|login| login.password().to_owned()).as_deref(),
        Some("open sesame")
    );
    let without = settings.changed(&login("", "")).expect("no login").changed(&lines(&[]));
    assert!(!without.expect("nothing is left").has_secrets());
}

#[test]
fn what_cannot_be_sent_is_refused_without_its_value() {
    let set = RequestSettings::default()
        .changed(&login("ada", "sesame"))
        .expect("a login");
    let refused = |change: &RequestChange| set.changed(change).expect_err("it is refused");
    for (line, error) in [
        ("Host: secret", RequestSettingsError::Reserved("Host".into())),
        (
            "if-none-match: secret",
            RequestSettingsError::Reserved("if-none-match".into()),
        ),
        (
            "Connection: secret",
            RequestSettingsError::Reserved("Connection".into()),
        ),
        (
            "Content-Length: 5",
            RequestSettingsError::Reserved("Content-Length".into()),
        ),
        (
            "Proxy-Authorization: secret",
            RequestSettingsError::Reserved("Proxy-Authorization".into()),
        ),
        (
            "User-Agent: secret",
            RequestSettingsError::Reserved("User-Agent".into()),
        ),
        (
            "Authorization: secret",
            RequestSettingsError::LoginField("Authorization".into()),
        ),
        ("X-Key:", RequestSettingsError::NoValue("X-Key".into())),
        ("secret", RequestSettingsError::Field(1)),
        ("X Key: secret", RequestSettingsError::Field(1)),
        ("X-Key: s\u{7}ecret", RequestSettingsError::Field(1)),
        ("X-Key: s\nHost: secret", RequestSettingsError::Field(1)),
        ("X-Key: sécret", RequestSettingsError::Field(1)),
    ] {
        let refused = refused(&lines(&[line]));
        assert_eq!(refused, error, "{line}");
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }
    assert_eq!(
        refused(&lines(&["X-Key: a", "x-key: b"])),
        RequestSettingsError::Twice("x-key".into())
    );
    assert_eq!(refused(&login("a:b", "c")), RequestSettingsError::LoginName);
    assert_eq!(refused(&login("", "c")), RequestSettingsError::NoLoginName);
    assert_eq!(refused(&login("ada", "a\nb")), RequestSettingsError::Password);
    let nobody = RequestSettings::default();
    assert_eq!(
        nobody.changed(&login("ada", "")).err(),
        Some(RequestSettingsError::NoPassword)
    );
    let bearer = nobody
        .changed(&lines(&["Authorization: Bearer abc"]))
        .expect("there is no login");
    assert_eq!(value(&bearer.header_map(), "authorization"), Some("Bearer abc"));
    let agent = RequestChange {
        user_agent: Some("a\u{e4}".to_owned()),
        ..RequestChange::default()
    };
    assert_eq!(refused(&agent), RequestSettingsError::UserAgent);
}
