//! Which addresses the guard allows and refuses.

use super::*;

fn allowing(entries: &[&str]) -> Guard {
    Guard::new(entries.iter().map(|entry| Allowed::parse(entry).unwrap()).collect())
}

fn check(guard: &Guard, url: &str) -> Result<(), Refusal> {
    guard.check_url(&Url::parse(url).map_err(|error| Refusal::Unreadable(error.to_string()))?)
}

#[test]
fn public_addresses_pass() {
    let guard = Guard::default();
    for url in [
        "https://example.org/feed",
        "http://example.org:8080/",
        "http://93.184.215.14/",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
    ] {
        assert_eq!(check(&guard, url), Ok(()), "{url}");
    }
}

#[test]
fn every_spelling_of_a_private_address_is_refused() {
    let guard = Guard::default();
    for url in [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.01/",
        "http://①②⑦.0.0.1/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[::127.0.0.1]/",
        "http://[fe80::1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b:1::1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001::1]/",
        "http://[fd00:ec2::254]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
        "http://[100::1]/",
        "http://[3fff::1]/",
        "http://0.0.0.0/",
        "http://100.64.0.1/",
        "http://198.19.255.255/",
        "http://255.255.255.255/",
        "http://172.31.255.255/",
        "http://192.0.0.192/",
        "http://168.63.129.16/",
        "http://224.0.0.1/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://a.localhost/",
        "http://db.internal/",
        "http://intranet/",
        "http://metadata.google.internal/",
        "http://user@example.org/",
        "http://example.org:22/",
        "http://example.org:0/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http://exa!mple.org/",
        "http://example.org:6667/",
    ] {
        assert!(check(&guard, url).is_err(), "{url}");
    }
}

#[test]
fn addresses_beside_a_private_network_are_public() {
    let guard = Guard::default();
    for open in [
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::1",
        "2003::1",
    ] {
        assert_eq!(guard.check_addr(open.parse().expect("an address")), Ok(()), "{open}");
    }
}

#[test]
fn exceptions_by_name_address_or_network_are_allowed() {
    let entries = [
        "127.0.0.1:8081",
        "feeds.internal",
        "news:8080",
        "10.1.0.0/16",
        "[::1]:80",
        "fd00::/8",
    ];
    let guard = allowing(&entries);
    for url in [
        "http://127.0.0.1:8081/",
        "http://feeds.internal:81/",
        "http://news:8080/",
        "http://10.1.255.1:22/",
        "http://[::1]/",
        "http://[fd12::1]/",
    ] {
        assert_eq!(check(&guard, url), Ok(()), "{url}");
    }
    for url in [
        "http://127.0.0.1/",
        "http://127.0.0.2:8081/",
        "http://news/",
        "http://10.2.0.1/",
        "http://[::1]:81/",
        "http://x.feeds.internal/",
    ] {
        assert!(check(&guard, url).is_err(), "{url}");
    }
}

#[test]
fn an_invalid_exception_is_not_parsed() {
    for entry in [
        "10.0.0.1/x",
        "10.0.0.2/99",
        "http://a.example",
        "a b",
        "a.example:port",
        "",
    ] {
        assert_eq!(Allowed::parse(entry), None, "{entry}");
    }
}

#[test]
fn a_name_with_one_private_address_among_public_ones_is_refused() {
    let addresses = [
        SocketAddr::from(([93, 184, 215, 14], 80)),
        SocketAddr::from(([10, 0, 0, 1], 80)),
    ];
    assert!(
        Guard::default()
            .check_resolved("rebind.example.org", &addresses)
            .is_err()
    );
    assert!(
        Guard::default()
            .check_resolved("rebind.example.org", &addresses[..1])
            .is_ok()
    );
    let guard = allowing(&["rebind.example.org:80"]);
    assert!(guard.check_resolved("rebind.example.org", &addresses).is_ok());
}

#[tokio::test]
async fn a_name_that_resolves_to_loopback_is_refused_unless_allowed() {
    assert!(matches!(
        Guard::default().resolve("localhost", 80).await,
        Err(Refusal::Address(..))
    ));
    let found = allowing(&["localhost"])
        .resolve("localhost", 80)
        .await
        .expect("it is allowed");
    assert!(found.iter().all(|at| at.ip().is_loopback() && at.port() == 80));
}
