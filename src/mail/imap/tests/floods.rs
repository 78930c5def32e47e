//! Servers that send without end, or repeat the login later.

use super::*;

#[tokio::test]
async fn a_server_that_sends_without_end_is_left() {
    let starts = "* CAPABILITY IMAP4rev1 STARTTLS A B C D E F G H I J K L M N O P Q R S T U V W X Y Z\r\n";
    for security in [Security::StartTls, Security::None] {
        for flood in [starts, "* OK still here\r\n", "* CAPABILITY ", "x"] {
            let script = Script::start_with(security, vec![GREETING], Some(flood)).await;
            let error = script.open(&password()).await.err().expect("the connection fails");
            let text = error.to_string();
            assert!(text.contains("sends more than") || text.contains("too large"), "{text}");
            script.finish().await;
        }
    }
    // Long responses: a debug build parses millions of short ones slowly.
    let uids = " 2".repeat(100_000);
    let [lines, line, texts] = [
        format!("* SEARCH{uids}\r\n"),
        format!("* SEARCH{uids}"),
        format!("* OK {}\r\n", "x".repeat(60_000)),
    ]
    .map(String::leak);
    for flood in [lines, line, texts] {
        let script = Script::start_with(Security::None, LOGIN.to_vec(), Some(flood)).await;
        let mut session = script.open(&password()).await.expect("the login succeeds");
        let error = session.uids_above(0).await.expect_err("the search fails");
        let text = error.to_string();
        let reasons = ["sends more than", "too large", "finds more than"];
        assert!(reasons.iter().any(|reason| text.contains(reason)), "{text}");
        drop(session);
        script.finish().await;
    }
}

#[tokio::test]
async fn no_later_text_of_the_server_repeats_the_login() {
    for reply in [
        "* BYE cannot parse LOGIN \"ada\" \"secret word\"\r\n",
        "TAG NO earlier you sent SECRET WORD\r\n",
    ] {
        let (script, mut session) = Script::logged_in(&[("SELECT \"INBOX\"", reply)]).await;
        let error = session.select(&mailbox("INBOX")).await.expect_err("it is not opened");
        let text = error.to_string().to_lowercase();
        assert!(!text.contains("secret") && text.contains("repeats the login"), "{text}");
        script.finish().await;
    }
}
