//! Another service shows its comments on an article only when a reader asks, and may load nothing else.

use daywire::config::{CommentServer, CommentService, Setting};
use daywire::words::Voice;

use crate::support::site::Site;
use crate::support::{Engine, TestApp};

/// The policy of a page without comments.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-src 'self'; base-uri 'none'; \
                      frame-ancestors 'self'";

/// A site with one article. Returns the path of the article.
async fn open(app: &mut TestApp) -> (Site, String) {
    let daily = app.daily().await;
    app.articles(&daily, 1).await;
    let site = app.serve_site().await;
    let article = app.only_article().await;
    let found = site.get(&format!("/articles/{}", article.public_id)).await;
    let path = found
        .header("location")
        .expect("it redirects to the address with the slug");
    (site, path.to_owned())
}

fn server(text: &str) -> CommentServer {
    CommentServer::read(text).expect("the address is valid")
}

/// A setting, the policy that the page needs, and a part of the page, for each service.
fn services() -> [(CommentService, &'static str, &'static str); 3] {
    [
        (
            CommentService::Giscus {
                server: server("https://giscus.app"),
                repo: "wire/news".into(),
                repo_id: "R_1".into(),
                category: "Comments".into(),
                category_id: "DIC_1".into(),
            },
            "default-src 'none'; script-src https://giscus.app; style-src 'self' https://giscus.app; img-src 'self' data:; \
             form-action 'self'; frame-src 'self' https://giscus.app; base-uri 'none'; frame-ancestors 'self'",
            "<script src=\"https://giscus.app/client.js\" data-repo=\"wire/news\"",
        ),
        (
            CommentService::Remark42 {
                server: server("https://talk.example:8443/remark/"),
                site_id: "news".into(),
            },
            "default-src 'none'; script-src 'self' https://talk.example:8443; style-src 'self'; img-src 'self' data:; \
             form-action 'self'; frame-src 'self' https://talk.example:8443; base-uri 'none'; frame-ancestors 'self'",
            "<script src=\"https://talk.example:8443/remark/web/embed.js\" defer>",
        ),
        (
            CommentService::Isso {
                server: server("https://isso.example"),
            },
            "default-src 'none'; script-src https://isso.example; connect-src https://isso.example; \
             style-src 'self' https://isso.example; img-src 'self' data:; form-action 'self'; frame-src 'self'; base-uri 'none'; \
             frame-ancestors 'self'",
            "<script src=\"https://isso.example/js/embed.min.js\" data-isso=\"https://isso.example/\"",
        ),
    ]
}

#[tokio::test]
async fn another_service_is_loaded_only_when_the_reader_asks() {
    for (service, policy, script) in services() {
        let is_remark42 = matches!(service, CommentService::Remark42 { .. });
        let mut app = TestApp::with(Engine::Sqlite, |config| config.comments.service = Some(service)).await;
        let teardown = app.teardown();
        let (site, article) = open(&mut app).await;
        let page = site.get(&article).await;
        assert!(!page.body.contains("<script src") && page.body.contains("href=\"?comments=show#comments\""));
        assert_eq!(page.header("content-security-policy"), Some(POLICY));
        let shown = site.get(&format!("{article}?comments=show")).await;
        assert!(shown.body.contains(script), "{}", shown.body);
        assert_eq!(shown.header("content-security-policy"), Some(policy));
        let opener = if is_remark42 {
            "same-origin-allow-popups"
        } else {
            "same-origin"
        };
        assert_eq!(shown.header("cross-origin-opener-policy"), Some(opener));
        for other in ["/?comments=show", "/archive?comments=show", "/subscribe?comments=show"] {
            let page = site.get(other).await;
            assert_eq!(page.header("content-security-policy"), Some(POLICY), "{other}");
            assert!(!page.body.contains("<script src"));
        }
        drop(app);
        teardown.finish().await;
    }
}

#[tokio::test]
async fn without_comments_only_the_radio_voice_says_so() {
    for (voice, is_shown) in [(Voice::Plain, false), (Voice::Radio, true)] {
        let mut app = TestApp::with(Engine::Sqlite, |config| config.site.voice = voice).await;
        let teardown = app.teardown();
        let (site, article) = open(&mut app).await;
        let page = site.get(&article).await.body;
        assert_eq!(page.contains("operator_channel"), is_shown);
        assert_eq!(page.contains("comments_offline · provider_not_configured"), is_shown);
        drop(app);
        teardown.finish().await;
    }
}
