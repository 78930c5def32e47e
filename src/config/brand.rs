//! `[brand]`: logo, colours, fonts and links of the newsroom, on pages and in mails. All files are read once.

mod files;
mod fonts;
mod links;
mod stylesheet;
mod svg;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::error::Problem;
use super::site::BaseUrl;
use super::site_pages::SitePages;
use super::value::{Setting, list, optional, whole};
use crate::domain::palette::{ChosenColours, LowContrast, MIN_TEXT_CONTRAST, Palette, Rgb};
use crate::mail::look::{FooterLink, MailLogo, MailLook};
use crate::templates::Templates;
pub use files::BrandFile;
use files::{FileUse, read_file};
pub(super) use fonts::FontStack;
pub(super) use links::FooterLinkSetting;

/// The width of the text in a mail, in pixels.
const MAX_MAIL_LOGO_WIDTH: u32 = 544;
/// The widest logo on a page, in pixels.
const MAX_LOGO_WIDTH: u32 = 1200;
/// The most links at the foot of pages and mails.
const MAX_LINKS: usize = 12;

/// The settings of the section `[brand]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    #[serde(deserialize_with = "optional")]
    logo_file: Option<PathBuf>,
    #[serde(deserialize_with = "optional")]
    logo_dark_file: Option<PathBuf>,
    #[serde(deserialize_with = "optional")]
    logo_mail_file: Option<PathBuf>,
    #[serde(deserialize_with = "whole::<16, 240, _, _>")]
    logo_height: u32,
    #[serde(deserialize_with = "optional")]
    favicon_file: Option<PathBuf>,
    #[serde(deserialize_with = "optional")]
    social_image_file: Option<PathBuf>,
    #[serde(deserialize_with = "optional")]
    font: Option<FontStack>,
    #[serde(deserialize_with = "optional")]
    label_font: Option<FontStack>,
    #[serde(deserialize_with = "list")]
    footer_links: Vec<FooterLinkSetting>,
    #[serde(deserialize_with = "optional")]
    css_file: Option<PathBuf>,
    light: Scheme,
    dark: Scheme,
    /// The look of mails, but for what needs the address of the site.
    #[serde(skip)]
    mail: MailBrand,
    /// What pages show of the brand.
    #[serde(skip)]
    pub page: Arc<PageBrand>,
}

#[derive(Debug, Clone)]
struct MailBrand {
    light: Palette,
    dark: Palette,
    logo: Option<BrandFile>,
}

impl Default for MailBrand {
    fn default() -> Self {
        Self {
            light: Palette::LIGHT,
            dark: Palette::DARK,
            logo: None,
        }
    }
}

/// The colours of one scheme.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scheme {
    #[serde(deserialize_with = "optional")]
    ground: Option<Rgb>,
    #[serde(deserialize_with = "optional")]
    text: Option<Rgb>,
    #[serde(deserialize_with = "optional")]
    accent: Option<Rgb>,
}

/// What pages show of the brand, and the files that they load.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageBrand {
    /// Shown instead of the site's name.
    pub logo: Option<PageLogo>,
    /// Replaces the built-in icon.
    pub favicon: Option<BrandFile>,
    /// The picture that other sites show with a link to this one.
    pub social_image: Option<BrandFile>,
    /// Colours, fonts and the operator's own rules.
    pub style: Option<BrandFile>,
    /// The part of it with colours and fonts, for the console.
    pub colours: Option<BrandFile>,
    /// The links at the foot.
    pub links: Vec<FooterLink>,
    /// Every file, to be served by its name.
    pub files: Vec<BrandFile>,
}

/// A logo, in the size that pages show it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageLogo {
    /// The logo for the light scheme.
    pub file: BrandFile,
    /// The logo for the dark scheme, if it is another.
    pub dark: Option<BrandFile>,
    /// The width on pages, in pixels.
    pub width: u32,
    /// The height on pages, in pixels.
    pub height: u32,
}

impl Setting for Rgb {
    const ALLOWED: &'static str = "a colour such as \"#9a4700\" or \"#fff\"";

    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// A problem with the path of its section.
type SectionProblem = (String, Problem);

impl Brand {
    /// Reads the files, and checks that texts can be read on their grounds. The error has the path of the section.
    pub(super) fn finish(&mut self) -> Result<(), SectionProblem> {
        let light = self.light.palette("brand.light", Palette::LIGHT)?;
        let dark = self.dark.palette("brand.dark", Palette::DARK)?;
        let in_brand = |problem| ("brand".to_owned(), problem);
        self.read_files(light, dark).map_err(in_brand)
    }

    /// The look of mails, whose addresses are all absolute.
    #[must_use]
    pub fn mail_look(&self, site: &BaseUrl) -> MailLook {
        let default = MailLook::default();
        MailLook {
            light: self.mail.light,
            dark: self.mail.dark,
            font: self.font.as_ref().map_or(default.font, FontStack::css),
            label_font: self.label_font.as_ref().map_or(default.label_font, FontStack::css),
            logo: self.mail.logo.as_ref().map(|file| {
                let (width, height) = file.shown_size(self.logo_height, MAX_MAIL_LOGO_WIDTH);
                let url = format!("{site}{}", file.path());
                MailLogo { url, width, height }
            }),
            links: self.footer_links.iter().map(|link| link.in_mail(site)).collect(),
            templates: Templates::default(),
        }
    }

    /// What is wrong with a link to one of the operator's own pages that does not exist; `None` if all exist.
    pub(super) fn link_to_missing_page(&self, pages: &SitePages) -> Option<String> {
        let mut linked = self.footer_links.iter().filter_map(FooterLinkSetting::own_page);
        let missing = linked.find(|name| !pages.names().any(|known| known == *name))?;
        Some(format!(
            "has a link to /pages/{missing}, which does not exist; add {missing}.md to the folder of site.pages, or remove the link"
        ))
    }

    fn read_files(&mut self, light: Palette, dark: Palette) -> Result<(), Problem> {
        if self.footer_links.len() > MAX_LINKS {
            let reason = format!("has {} links; at most {MAX_LINKS} are allowed", self.footer_links.len());
            return Err(Problem::new("footer_links", reason));
        }
        let read = |key: &'static str, path: &Option<PathBuf>, file_use: FileUse| {
            let read = path.as_deref().map(|path| read_file(path, file_use));
            read.transpose().map_err(|reason| Problem::new(key, reason))
        };
        let logo = read("logo_file", &self.logo_file, FileUse::Logo)?;
        let logo_dark = read("logo_dark_file", &self.logo_dark_file, FileUse::DarkLogo)?;
        let logo_mail = read("logo_mail_file", &self.logo_mail_file, FileUse::MailLogo)?;
        let favicon = read("favicon_file", &self.favicon_file, FileUse::Favicon)?;
        let social_image = read("social_image_file", &self.social_image_file, FileUse::SocialImage)?;
        if logo.is_none() && logo_dark.is_some() {
            return Err(Problem::new(
                "logo_dark_file",
                "is set, but brand.logo_file is not; set it too",
            ));
        }
        let colours = self.colours(light, dark);
        let style = self.style(&colours)?;
        let colours = (!colours.is_empty()).then(|| BrandFile::style(colours));
        let in_mail = logo_mail
            .clone()
            .or_else(|| logo.clone().filter(BrandFile::works_in_mail));
        self.mail = MailBrand {
            light,
            dark,
            logo: in_mail,
        };
        let files = [&logo, &logo_dark, &logo_mail, &favicon, &social_image, &style, &colours];
        self.page = Arc::new(PageBrand {
            files: files.into_iter().flatten().cloned().collect(),
            logo: logo.map(|file| {
                let (width, height) = file.shown_size(self.logo_height, MAX_LOGO_WIDTH);
                PageLogo {
                    file,
                    dark: logo_dark,
                    width,
                    height,
                }
            }),
            favicon,
            social_image,
            style,
            colours,
            links: self.footer_links.iter().map(FooterLinkSetting::on_page).collect(),
        });
        Ok(())
    }

    /// The custom properties of the set colours and fonts; empty if none is set.
    fn colours(&self, light: Palette, dark: Palette) -> String {
        let mut css = String::new();
        let fonts = [("--font", &self.font), ("--label-font", &self.label_font)];
        let fonts: Vec<String> = fonts
            .into_iter()
            .filter_map(|(name, font)| Some(format!("{name}:{}", font.as_ref()?.css())))
            .collect();
        let light = [self.light.declarations(&light), fonts].concat();
        let dark = self.dark.declarations(&dark);
        // Writing to a text cannot fail.
        if !light.is_empty() {
            let _ = writeln!(css, ":root{{{}}}", light.join(";"));
        }
        if !dark.is_empty() {
            let _ = writeln!(css, "@media (prefers-color-scheme:dark){{:root{{{}}}}}", dark.join(";"));
        }
        if self.label_font.is_some() {
            // The built-in rule for languages without a monospaced font stays.
            css.push_str(":root:is(:lang(ar),:lang(ja),:lang(zh)){--label-font:system-ui,sans-serif}\n");
        }
        css
    }

    /// The style sheet that pages load after the built-in one; `None` if no setting needs it.
    fn style(&self, colours: &str) -> Result<Option<BrandFile>, Problem> {
        let mut css = colours.to_owned();
        if self.logo_file.is_some() {
            css.push_str(
                ".station{line-height:1;letter-spacing:0}.station img{display:block;max-width:100%;height:auto}\n",
            );
        }
        if let Some(path) = &self.css_file {
            let own = read_css(path).map_err(|reason| Problem::new("css_file", reason))?;
            css.push_str(&own);
        }
        Ok((!css.is_empty()).then(|| BrandFile::style(css)))
    }
}

impl Scheme {
    fn palette(self, section: &str, built_in: Palette) -> Result<Palette, SectionProblem> {
        let Self { ground, text, accent } = self;
        let chosen = ChosenColours { ground, text, accent };
        built_in.with(chosen).map_err(|fault| {
            let (key, reason) = self.explain(section, fault);
            (section.to_owned(), Problem::new(key, reason))
        })
    }

    /// Which setting to change, and why.
    fn explain(self, section: &str, fault: LowContrast) -> (&'static str, String) {
        let LowContrast {
            name,
            colour,
            ground,
            is_sheet,
            ratio,
        } = fault;
        let below = match (self.ground.is_some(), is_sheet) {
            (true, false) => format!("the ground {ground} ({section}.ground)"),
            (true, true) => format!("{ground}, the ground of boxes, which follows from {section}.ground"),
            (false, false) => format!("the built-in ground {ground}"),
            (false, true) => format!("{ground}, the built-in ground of boxes"),
        };
        let wanted = format!("text needs at least {MIN_TEXT_CONTRAST} (WCAG 2.2, 1.4.3)");
        let is_set = match name {
            "accent" => self.accent.is_some(),
            _ => self.text.is_some(),
        };
        if is_set {
            let key = if name == "accent" { "accent" } else { "text" };
            let reason = format!(
                "is {colour}, whose contrast with {below} is {ratio:.2}; {wanted}: set colours that are further apart"
            );
            (key, reason)
        } else {
            let ground = self.ground.unwrap_or(ground);
            let reason = format!(
                "is {ground}, and the contrast of the built-in {name} colour {colour} with {below} is {ratio:.2}; {wanted}: \
                 set {section}.{name} too, or another ground"
            );
            let key = if self.ground.is_some() { "ground" } else { "text" };
            (key, reason)
        }
    }

    /// The custom properties of the built-in style sheet that differ from its own values.
    fn declarations(self, palette: &Palette) -> Vec<String> {
        let mut set: Vec<(&str, Rgb)> = Vec::new();
        if self.ground.is_some() || self.text.is_some() {
            set.extend([
                ("--ground", palette.ground),
                ("--sheet", palette.sheet),
                ("--text", palette.text),
                ("--soft", palette.soft),
                ("--rule", palette.rule),
                ("--edge", palette.edge),
                ("--alarm", palette.alarm),
            ]);
        }
        if self.accent.is_some() {
            set.push(("--accent", palette.accent));
        }
        if !set.is_empty() {
            set.extend([("--press", palette.press), ("--press-text", palette.press_text)]);
        }
        set.into_iter()
            .map(|(name, colour)| format!("{name}:{colour}"))
            .collect()
    }
}

fn read_css(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|error| format!("names {shown}, which cannot be read: {error}"))?;
    if bytes.len() > stylesheet::MAX_BYTES {
        let most = stylesheet::MAX_BYTES / 1024;
        return Err(format!("names {shown}, which has more than {most} KiB; shorten it"));
    }
    let text = String::from_utf8(bytes).map_err(|_| format!("names {shown}, which is not UTF-8; save it as UTF-8"))?;
    stylesheet::check(&text).map_err(|fault| format!("names {shown}, {fault}"))?;
    Ok(text)
}
