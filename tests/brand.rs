//! The newsroom's look by settings: what pages, mails and `/assets` show of it.

use std::path::Path;

use daywire::config::{Config, load};
use daywire::digest::render::render;
use daywire::preflight::check_bytes;

use crate::support::program::Program;
use crate::support::views::{confirmation, full_digest};
use crate::support::{Engine, TestApp};

/// The settings of an example in the docs.
pub fn example(name: &str) -> Config {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/brands/{name}/daywire.toml"));
    load::<&Path>(Some(&file), [], []).expect("the example is valid")
}

/// The first address in the page that begins so.
fn address<'p>(page: &'p str, beginning: &str) -> &'p str {
    let start = page
        .find(beginning)
        .unwrap_or_else(|| panic!("no {beginning} in {page}"));
    page[start..].split('"').next().expect("the attribute ends")
}

#[apply(on_both_databases)]
async fn pages_show_the_brand_and_load_only_its_files(engine: Engine) {
    let mut app = TestApp::with(engine, |config| {
        config.brand = example("harbour").brand;
        config.site.postal_address = None;
    })
    .await;
    let teardown = app.teardown();
    app.daily().await;
    let site = app.serve_site().await;
    let page = site.get("/").await;
    assert!(
        page.header("content-security-policy")
            .is_some_and(|policy| policy.contains("style-src 'self'"))
    );
    let page = page.body;
    assert!(
        page.contains("<h1 class=\"station\"><a href=\"/\"><picture><source srcset=\"/assets/logo-dark-"),
        "{page}"
    );
    assert!(
        page.contains("width=\"305\" height=\"56\"></picture></a></h1>"),
        "{page}"
    );
    assert!(
        page.contains("<li><a href=\"mailto:desk@gazette.example\">Tip us off</a></li>"),
        "{page}"
    );
    assert!(!page.contains("/assets/icon.svg"), "the icon is replaced");
    for (beginning, media_type) in [
        ("/assets/logo-dark-", "image/png"),
        ("/assets/favicon-", "image/svg+xml"),
        ("/assets/brand-", "text/css; charset=utf-8"),
    ] {
        let path = address(&page, beginning);
        let answer = site.get(path).await;
        assert_eq!(answer.header("content-type"), Some(media_type), "{path}");
        assert_eq!(
            answer.header("cache-control"),
            Some("public, max-age=31536000, immutable"),
            "{path}"
        );
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let policy = answer.header("content-security-policy").expect("there is a policy");
        assert_eq!(policy.contains("sandbox"), media_type == "image/svg+xml", "{policy}");
    }
    let social = address(&page, "https://news.example/assets/social-").to_owned();
    assert!(page.contains(&format!("<meta property=\"og:image\" content=\"{social}\">")));
    assert!(page.contains("<meta property=\"og:image:width\" content=\"1200\">"));
    // A mail that was sent with an earlier logo shows the current one.
    let earlier = site.get("/assets/logo-0123456789abcdef.png").await;
    assert_eq!(
        (earlier.status.as_u16(), earlier.header("cache-control")),
        (200, Some("public, max-age=300"))
    );
    assert_eq!(site.get("/assets/logo-../../secret.png").await.status, 404);
    assert_eq!(site.get("/assets/other-0123456789abcdef.png").await.status, 404);
    teardown.finish().await;
}

#[test]
fn mails_show_the_brand_and_pass_preflight() {
    let config = example("harbour");
    let look = std::sync::Arc::new(config.brand.mail_look(&config.site.url));
    let mut view = full_digest();
    view.look = std::sync::Arc::clone(&look);
    let rendered = render(&view).expect("the template renders");
    let logo = look.logo.as_ref().expect("mails show a logo");
    assert!(logo.url.starts_with("https://gazette.example/assets/logo-mail-"));
    let image = rendered
        .html
        .split("<img class=\"logo\"")
        .nth(1)
        .and_then(|rest| rest.split('>').next());
    let image = image.expect("the mail shows the logo");
    for attribute in [
        &format!("src=\"{}\"", logo.url),
        "alt=\"STATION ONE\"",
        "width=\"305\"",
        "height=\"56\"",
    ] {
        assert!(image.contains(attribute), "{attribute}: {image}");
    }
    assert!(
        rendered.html.contains("background-color: #f2f7f9")
            && rendered.html.contains("background-color: #0a161e !important")
    );
    assert!(rendered.html.contains("'Avenir Next', 'Segoe UI'") && !rendered.html.contains("Charter"));
    assert!(rendered.html.contains("href=\"mailto:desk@gazette.example\""));
    assert!(
        rendered
            .text
            .contains("Imprint: https://gazette.example/pages/imprint\n")
    );
    for colour in ["#f4f1ea", "#9a4700", "#f0ae55"] {
        assert!(!rendered.html.contains(colour), "{colour} of the built-in look is left");
    }
    let mut mail = crate::preflight::mail(&view);
    mail.auto_generated = false;
    let message = daywire::mail::message::build(&mail).expect("the message is built");
    assert_eq!(check_bytes(&message, &crate::preflight::config()).blocking(), None);

    let mut view = confirmation();
    view.look = look;
    let mail = daywire::signup::confirmation_mail::render(&view).expect("the template renders");
    assert!(
        mail.html.contains("background-color: #0b5c86")
            && mail.text.contains("Tip us off: mailto:desk@gazette.example")
    );
}

#[test]
fn settings_that_cannot_be_used_stop_the_service() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let program = Program::in_folder(folder.path());
    let settings = program.file("daywire.toml", "[brand.dark]\naccent = \"#223322\"\n");
    let stopped = program.run(&["--config", &settings, "serve"]);
    let reason = stopped.reason();
    assert!(
        reason.contains("brand.dark.accent in ")
            && reason.contains("is #223322, whose contrast with the built-in ground #0d1211 is 1."),
        "{reason}"
    );
}
