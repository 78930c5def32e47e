//! Addresses that must never be connected to are refused by how they are written or by what they resolve to.

use std::fs;

use daywire::feeds::guard::Guard;
use url::Url;

#[tokio::test]
async fn every_address_of_the_list_is_refused_before_a_connection() {
    let Some(folder) = crate::support::corpora("urls-ssrf") else {
        return;
    };
    let list = fs::read_to_string(folder.join("must-refuse-urls.txt")).expect("the list");
    let guard = Guard::default();
    let (mut written, mut looked_up) = (0, 0);
    for line in list.lines().filter(|line| !line.is_empty()) {
        match Url::parse(line) {
            Ok(url) if guard.check_url(&url).is_ok() => {
                // Public names by their looks: pages about metadata services, and hosts that redirect into networks.
                // Where a resolver knows them, only their public addresses may be left, and the redirect is refused.
                if let Ok(addresses) = guard.check(&url).await {
                    assert!(addresses.iter().all(|at| guard.check_addr(at.ip()).is_ok()), "{line}");
                }
                println!("refused when looked up, or public: {line}");
                looked_up += 1;
            }
            _ => written += 1,
        }
    }
    println!("{written} refused as written, {looked_up} public names");
    assert!(written >= 60 && written + looked_up >= 80, "{written} and {looked_up}");
}
