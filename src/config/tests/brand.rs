//! The settings of the newsroom's look.

use std::fs;
use std::path::Path;

use super::{assemble, file_error, from_file};
use crate::config::{BaseUrl, Config, ConfigError, Setting};
use crate::domain::palette::Palette;
use crate::mail::look::MailLook;

/// A PNG of 1 × 1 pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = data_encoding::BASE64.decode(PIXEL.as_bytes()).expect("it is base64");
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    bytes
}

/// Loads settings from a folder that has these files.
fn with_files(settings: &str, files: &[(&str, &[u8])]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("the file is written");
    }
    let path = folder.path().join("daywire.toml");
    assemble(Some((&path, &format!("[brand]\n{settings}"))), [])
}

fn mail_look(config: &Config) -> MailLook {
    let site = BaseUrl::read("https://news.example").expect("it is an address");
    config.brand.mail_look(&site)
}

#[test]
fn without_settings_the_look_is_the_built_in_one() {
    let config = Config::default();
    assert_eq!(mail_look(&config), MailLook::default());
    assert_eq!(*config.brand.page, crate::config::PageBrand::default());
}

#[test]
fn colours_reach_pages_and_mails() {
    let config = from_file("[brand]\nlight.ground = \"#fff\"\nlight.accent = \"#0b57d0\"\ndark.accent = \"#8ab4f8\"")
        .expect("it is allowed");
    let look = mail_look(&config);
    assert_eq!(
        (look.light.ground.to_string(), look.light.accent.to_string()),
        ("#ffffff".into(), "#0b57d0".into())
    );
    assert_eq!(look.dark.ground, Palette::DARK.ground);
    let style = config.brand.page.style.as_ref().expect("there is a style sheet");
    let css = String::from_utf8_lossy(style.content()).into_owned();
    assert!(css.starts_with(":root{--ground:#ffffff;--sheet:#ffffff;"), "{css}");
    assert!(
        css.contains("@media (prefers-color-scheme:dark){:root{--accent:#8ab4f8;--press:#8ab4f8;"),
        "{css}"
    );
}

#[test]
fn the_pair_of_colours_that_cannot_be_read_is_named_with_its_ratio() {
    for (settings, expected) in [
        (
            "light.ground = \"#ffffff\"\nlight.accent = \"#ffcc00\"",
            "brand.light.accent in daywire.toml is #ffcc00, whose contrast with the ground #ffffff (brand.light.ground) is 1.51; \
             text needs at least 4.5",
        ),
        (
            "dark.accent = \"#333333\"",
            "brand.dark.accent in daywire.toml is #333333, whose contrast with the built-in ground #0d1211 is 1.5",
        ),
        (
            "light.ground = \"#101010\"",
            "brand.light.ground in daywire.toml is #101010, and the contrast of the built-in text colour #1c211e with the ground \
             #101010 (brand.light.ground) is 1.1",
        ),
        (
            "dark.text = \"#444\"",
            "brand.dark.text in daywire.toml is #444444, whose contrast with the built-in ground #0d1211 is 1.9",
        ),
    ] {
        let error = file_error(&format!("[brand]\n{settings}"));
        assert!(error.starts_with(expected), "{error}");
    }
    let error = file_error("[brand]\nlight.accent = \"blue\"");
    assert!(
        error.contains("brand.light.accent in daywire.toml is \"blue\"; allowed is a colour such as"),
        "{error}"
    );
}

#[test]
fn a_logo_is_shown_in_the_set_height_with_an_absolute_address_in_mails() {
    let config = with_files(
        "logo_file = \"logo.png\"\nlogo_height = 40\nfooter_links = [\"Archive /archive\"]",
        &[("logo.png", &png(600, 120))],
    )
    .expect("it is allowed");
    let logo = config.brand.page.logo.as_ref().expect("there is a logo");
    assert_eq!((logo.width, logo.height), (200, 40));
    let look = mail_look(&config);
    let in_mail = look.logo.expect("mails show it");
    assert_eq!(in_mail.url, format!("https://news.example{}", logo.file.path()));
    assert_eq!((in_mail.width, in_mail.height), (200, 40));
    assert_eq!(look.links[0].url, "https://news.example/archive");
    assert!(logo.file.path().starts_with("/assets/logo-") && logo.file.media_type() == "image/png");

    // Gmail shows no SVG.
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 1'/>";
    let config = with_files("logo_file = \"logo.svg\"", &[("logo.svg", svg)]).expect("it is allowed");
    assert_eq!(
        config.brand.page.logo.as_ref().map(|logo| (logo.width, logo.height)),
        Some((192, 48))
    );
    assert_eq!(mail_look(&config).logo, None);
    let both = with_files(
        "logo_file = \"logo.svg\"\nlogo_mail_file = \"wide.png\"",
        &[("logo.svg", svg), ("wide.png", &png(4000, 100))],
    )
    .expect("it is allowed");
    let logo = mail_look(&both).logo.expect("mails show it");
    assert_eq!((logo.width, logo.height), (544, 14));
}

#[test]
fn a_file_that_cannot_be_used_is_named_with_what_to_do() {
    let picture = png(32, 32);
    for (settings, name, content, expected) in [
        (
            "logo_file = \"none.png\"",
            "a.png",
            &b""[..],
            "none.png, which cannot be read",
        ),
        (
            "logo_file = \"a.png\"",
            "a.png",
            b"text",
            "a.png, which is no picture that pages can show; save it as PNG or SVG",
        ),
        (
            "logo_mail_file = \"a.svg\"",
            "a.svg",
            b"<svg/>",
            "a.svg, which has the format SVG; allowed are PNG, JPEG, GIF",
        ),
        (
            "logo_file = \"a.svg\"",
            "a.svg",
            b"<svg><script/></svg>",
            "a.svg, line 1 of which has the element <script>; remove it",
        ),
        (
            "social_image_file = \"a.png\"",
            "a.png",
            &picture,
            "which has 32 \u{d7} 32 pixels",
        ),
        (
            "logo_dark_file = \"a.png\"",
            "a.png",
            &picture,
            "is set, but brand.logo_file is not",
        ),
        (
            "favicon_file = \"a.png\"",
            "a.png",
            &vec![0; 600 * 1024],
            "has 600 KiB; make it smaller than 512 KiB",
        ),
        (
            "css_file = \"a.css\"",
            "a.css",
            b"a { background: url(//x.example) }",
            "a.css, line 1 of which loads \u{201c}//x.example\u{201d}",
        ),
        ("css_file = \"a.css\"", "a.css", b"\xff", "which is not UTF-8"),
    ] {
        let error = with_files(settings, &[(name, content)])
            .expect_err(settings)
            .to_string();
        assert!(error.starts_with("brand.") && error.contains(expected), "{error}");
    }
    for (settings, expected) in [
        ("font = \"Arial\"", "the last one a generic family such as serif"),
        (
            "footer_links = [\"Imprint\"]",
            "a list, and each of its entries a text and an address",
        ),
        ("logo_height = 1000", "a whole number from 16 to 240"),
        (
            "footer_links = [\"Archive /archive\", \"About us /pages/about\"]",
            "has a link to /pages/about, which does not exist; add about.md to the folder of site.pages",
        ),
    ] {
        let error = file_error(&format!("[brand]\n{settings}"));
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn the_example_of_the_docs_is_valid() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/brands/harbour/daywire.toml");
    let text = fs::read_to_string(&example).expect("the example exists");
    let config = assemble(Some((&example, &text)), []).expect("the example is valid");
    assert!(config.brand.page.logo.is_some() && mail_look(&config).logo.is_some());
}
