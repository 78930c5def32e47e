//! Values have the documented meaning.

use std::fs;
use std::path::Path;

use secrecy::ExposeSecret;

use super::{file_error, from_file};
use crate::config::{BaseUrl, DatabaseUrl, SecretKey, Setting};
use crate::feeds::guard::Guard;
use crate::mail::relay::Relay;
use crate::words::Voice;

#[test]
fn every_host_of_a_cluster_is_tried_with_the_same_user_and_database() {
    let text = "postgres://daywire:s%40cret@h1:5433,h2/db?sslmode=disable";
    let DatabaseUrl::Postgres { hosts, shown } = text.parse().expect("this is allowed") else {
        panic!("not a server")
    };
    let hosts: Vec<_> = hosts.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(
        hosts,
        [
            "postgres://daywire:s%40cret@h1:5433/db?sslmode=disable",
            "postgres://daywire:s%40cret@h2/db?sslmode=disable"
        ]
    );
    assert_eq!(shown, "postgres://daywire@h1:5433,h2/db");
    assert!("postgresql:///db?host=/run/postgresql".parse::<DatabaseUrl>().is_ok());
}

#[test]
fn a_sqlite_file_is_named_with_or_without_slashes() {
    for (text, path) in [
        ("sqlite:a/b.db", "a/b.db"),
        ("sqlite:///a/b.db", "/a/b.db"),
        ("sqlite:/a b.db", "/a b.db"),
    ] {
        let DatabaseUrl::Sqlite(read) = text.parse().expect("this is allowed") else {
            panic!("not a file")
        };
        assert_eq!(read, Path::new(path));
    }
}

#[test]
fn links_are_made_from_the_base_with_one_slash() {
    for (text, base) in [
        ("https://news.example", "https://news.example"),
        ("https://news.example/", "https://news.example"),
        ("https://News.example:444/", "https://news.example:444"),
    ] {
        assert_eq!(text.parse::<BaseUrl>().expect("this is allowed").to_string(), base);
    }
    let base: BaseUrl = "https://news.example:444".parse().expect("this is allowed");
    assert_eq!(
        (base.host(), base.is_https(), base.origin().as_str()),
        ("news.example", true, "https://news.example:444")
    );
}

#[test]
fn secrets_are_read_from_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("the file is written");
        path.display().to_string()
    };
    let key = write("key", &format!("{}\n", "0f".repeat(32)));
    let password = write("password", "p@ss\n");
    let text = format!(
        "[secrets]\nkey_file = '{key}'\n[relay]\nurl = \"smtps://u@a.example\"\npassword_file = '{password}'\n\
         [database]\nurl = \"postgres://u@h/db\"\npassword_file = '{password}'"
    );
    let config = from_file(&text).expect("all of it is allowed");
    assert_eq!(config.secrets.key.expect("a key").expose(), &[15; 32]);
    assert_eq!(
        config.relays[0]
            .url
            .as_ref()
            .and_then(Relay::login)
            .and_then(|(_, p)| p)
            .expect("it logs in")
            .expose_secret(),
        "p@ss"
    );
    let DatabaseUrl::Postgres { hosts, .. } = config.database.url else {
        panic!("not a server")
    };
    assert_eq!(hosts[0].expose_secret(), "postgres://u:p%40ss@h/db");

    let message = file_error("[secrets]\nkey_file = \"/nowhere/key\"");
    let expected = "secrets.key_file in daywire.toml names /nowhere/key, which cannot be read: ";
    assert!(message.starts_with(expected), "{message}");
    let message = file_error(&format!("[secrets]\nkey_file = '{password}'"));
    assert!(
        message.contains("contains something other than 32 bytes") && !message.contains("p@ss"),
        "{message}"
    );
}

#[test]
fn a_key_is_the_same_in_hexadecimal_and_in_base64() {
    let hexadecimal = SecretKey::read(&"fb".repeat(32)).expect("hexadecimal is allowed");
    for text in [
        "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=",
        "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s",
    ] {
        assert_eq!(
            SecretKey::read(text).expect("base64 is allowed").expose(),
            hexadecimal.expose()
        );
    }
}

#[test]
fn networks_and_hosts_are_allowed_by_name() {
    let config = from_file("[feeds]\nallow = [\"Feeds.Internal\", \"10.1.0.0/16\", \"::1\"]").expect("this is allowed");
    let guard = Guard::new(config.feeds.allow);
    let passes = |url: &str| guard.check_url(&url.parse().expect("an address")).is_ok();
    assert!(passes("http://feeds.internal/") && passes("http://10.1.2.3/") && passes("http://[::1]/"));
    assert!(!passes("http://other.internal/") && !passes("http://10.2.0.1/"));
}

#[test]
fn a_relay_needs_a_site_with_an_address_a_name_and_a_sender() {
    let missing = |text: &str| {
        let config = from_file(text).expect("the settings are in order");
        config.require_identity(false).err().map(|error| error.to_string())
    };
    assert_eq!(missing(""), None, "without a relay nothing reaches readers");
    let relay = "[relay]\nurl = \"smtp://127.0.0.1:25\"\n";
    let all = missing(relay).expect("all is missing");
    for words in [
        "site.url, site.name and mail.from are not",
        "site.url = \"https://",
        "mail.from = \"",
    ] {
        assert!(
            all.contains(words) && !all.contains('\n'),
            "{words} is missing in {all}"
        );
    }
    let site = "[site]\nname = \"Daywire\"\nurl = \"http://127.0.0.1:8080\"\n";
    let one = missing(&format!("{site}{relay}")).expect("the sender is missing");
    assert!(one.contains("mail.from is not") && !one.contains("site.name"), "{one}");
    let whole = format!("{site}[mail]\nfrom = \"news@example.org\"\n{relay}");
    assert_eq!(
        missing(&whole),
        None,
        "what is set counts, even if it equals a placeholder"
    );
    let config = from_file(&format!("{site}{relay}")).expect("the settings are in order");
    assert!(
        config.require_identity(true).is_ok(),
        "the newsletter has a sender of its own"
    );
}

#[test]
fn without_a_site_url_links_name_the_address_where_the_site_listens() {
    let url = |listen: &str| {
        let config = from_file(&format!("[http]\nlisten = \"{listen}\"\n")).expect("the settings are in order");
        config.site.url.to_string()
    };
    assert_eq!(url("127.0.0.1:8099"), "http://127.0.0.1:8099");
    assert_eq!(url("0.0.0.0:8099"), "http://127.0.0.1:8099");
    assert_eq!(url("[::]:8099"), "http://[::1]:8099");
    assert_eq!(url("192.0.2.7:80"), "http://192.0.2.7");
}

#[test]
fn links_to_another_port_of_this_machine_do_not_reach_the_site() {
    let misses = |url: &str, listen: &str| {
        let url: BaseUrl = url.parse().expect("an address");
        url.disagrees_with(listen.parse().expect("an address"))
    };
    assert!(misses("http://127.0.0.1:8080", "127.0.0.1:8099"));
    assert!(misses("http://localhost", "0.0.0.0:8080"));
    assert!(misses("http://192.0.2.7:8080", "192.0.2.7:80"));
    assert!(!misses("http://localhost:8080", "127.0.0.1:8080"));
    assert!(
        !misses("https://news.example.org", "127.0.0.1:8080"),
        "a proxy stands between"
    );
    assert!(
        !misses("http://news.example.org", "127.0.0.1:8080"),
        "a proxy stands between"
    );
    assert!(!misses("https://localhost", "127.0.0.1:8080"), "a proxy terminates TLS");
}

#[test]
fn the_demo_has_its_own_voice() {
    let config = crate::config::demo().expect("the file is in order");
    assert_eq!(config.site.voice, Voice::Radio);
    assert!(config.site.name == "OBLAIDISH NEWS");
    let error = from_file("[site]\nvoice = \"loud\"\n")
        .expect_err("no such voice")
        .to_string();
    assert!(
        error.contains("site.voice") && error.contains("\"plain\" or \"radio\""),
        "{error}"
    );
}

#[test]
fn an_imap_server_has_the_port_of_its_security_and_shows_no_user() {
    let server = |lines: &str| {
        let text = format!(
            "[mail]\nreturn_path = \"bounce@example.org\"\n[intake.imap]\nusername = \"ada@news.example\"\npassword = \"hunter2\"\n{lines}"
        );
        let imap = from_file(&text).expect("this is allowed").intake.imap;
        assert!(!format!("{imap:?}").contains("hunter2"));
        imap.server().map(ToString::to_string)
    };
    for (lines, shown) in [
        ("", None),
        ("host = \"IMAP.Example.org\"", Some("imaps://imap.example.org:993")),
        (
            "host = \"bücher.example\"\nport = 1993",
            Some("imaps://xn--bcher-kva.example:1993"),
        ),
        (
            "host = \"imap.example.org\"\nsecurity = \"starttls\"",
            Some("imap+starttls://imap.example.org:143"),
        ),
        ("host = \"::1\"\nsecurity = \"none\"", Some("imap://[::1]:143")),
        (
            "host = \"localhost\"\nsecurity = \"none\"",
            Some("imap://localhost:143"),
        ),
    ] {
        assert_eq!(server(lines).as_deref(), shown, "{lines}");
    }
}

#[test]
fn the_tag_follows_the_whole_name_of_the_return_path() {
    let config = from_file("[mail]\nreturn_path = \"bounce+wire@mail.example\"").expect("the address is allowed");
    for (address, tag) in [
        ("bounce+wire+abc@mail.example", Some("abc")),
        ("BOUNCE+Wire+abc@MAIL.example", Some("abc")),
        ("bounce+wire@mail.example", None),
        ("bounce+abc@mail.example", None),
        ("bounce+wire+abc@other.example", None),
        ("bounce+wiré+abc@mail.example", None),
    ] {
        assert_eq!(config.tag_of(address), tag, "{address}");
    }
}
