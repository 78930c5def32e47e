//! The look of our mails: colours, fonts, logo and the links at their foot.

use std::convert::Infallible;
use std::sync::Arc;

use serde::Serialize;

use super::html::inline_styles;
use crate::domain::palette::Palette;
use crate::templates::{Required, Templates};
use crate::words::{Language, Locales, Words};

/// The font stack of labels in languages whose letters no monospaced font has.
pub(crate) const PROPORTIONAL_LABEL_FONT: &str = "system-ui, 'Segoe UI', Tahoma, Arial, sans-serif";

/// What the mails of an issue depend on besides its inputs. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct MailDesign {
    /// The texts in all languages.
    pub locales: Locales,
    /// The look of every mail.
    pub look: Arc<MailLook>,
}

/// The look of every mail. The default is the built-in look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailLook {
    /// The colours, which are inlined.
    pub light: Palette,
    /// The colours in the media query for the dark scheme.
    pub dark: Palette,
    /// The font stack of headlines and text, in CSS with single quotes.
    pub font: String,
    /// The font stack of times, sources and buttons, likewise.
    pub label_font: String,
    /// Shown instead of the site's name.
    pub logo: Option<MailLogo>,
    /// The links at the foot.
    pub links: Vec<FooterLink>,
    /// The operator's templates, which replace built-in ones.
    pub templates: Templates,
}

/// A logo, in the size that mails show it in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailLogo {
    /// The absolute address of the file.
    pub url: String,
    /// The width in mails, in pixels.
    pub width: u32,
    /// The height in mails, in pixels.
    pub height: u32,
}

/// A link at the foot of pages and mails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FooterLink {
    /// The text of the link.
    pub label: String,
    /// In a mail, an absolute address. On a page it may be a path of the site.
    pub url: String,
}

/// The site, as every mail names it.
#[derive(Debug, Clone)]
pub(crate) struct MailSite<'a> {
    pub(crate) name: &'a str,
    /// The absolute address, without a slash at its end.
    pub(crate) url: String,
    pub(crate) postal_address: Option<&'a str>,
    pub(crate) look: &'a MailLook,
}

/// What an operator's template of any mail can show. `docs/reference/templates.md` explains each field.
#[derive(Debug, Serialize)]
pub(crate) struct MailCommon<'a> {
    language: &'static str,
    direction: &'static str,
    voice: &'static str,
    site_name: &'a str,
    site_url: &'a str,
    postal_address: Option<&'a str>,
    look: FrameLook<'a>,
}

/// [`MailLook`] in a mail of one language.
#[derive(Debug, Serialize)]
struct FrameLook<'a> {
    light: &'a Palette,
    dark: &'a Palette,
    font: &'a str,
    label_font: &'a str,
    logo: Option<&'a MailLogo>,
    links: &'a [FooterLink],
}

/// What an operator's template of one mail can show.
#[derive(Debug, Serialize)]
pub(crate) struct MailContext<'a, C> {
    #[serde(flatten)]
    pub(crate) mail: MailCommon<'a>,
    #[serde(flatten)]
    pub(crate) content: C,
}

impl<'a> MailCommon<'a> {
    pub(crate) fn of(site: &'a MailSite<'_>, words: &Words) -> Self {
        Self::new(words, site.name, &site.url, site.postal_address, site.look)
    }

    pub(crate) fn new(
        words: &Words,
        site_name: &'a str,
        site_url: &'a str,
        postal_address: Option<&'a str>,
        look: &'a MailLook,
    ) -> Self {
        Self {
            language: words.language().tag(),
            direction: if words.language().is_rtl() { "rtl" } else { "ltr" },
            voice: words.voice().as_str(),
            site_name,
            site_url,
            postal_address,
            look: look.in_language(words.language()),
        }
    }
}

impl MailLook {
    fn in_language(&self, language: Language) -> FrameLook<'_> {
        FrameLook {
            light: &self.light,
            dark: &self.dark,
            font: &self.font,
            label_font: match language {
                Language::Arabic | Language::Japanese | Language::SimplifiedChinese => PROPORTIONAL_LABEL_FONT,
                _ => &self.label_font,
            },
            logo: self.logo.as_ref(),
            links: &self.links,
        }
    }

    /// HTML and text of a mail: the operator's templates with these names, or else the built-in ones. The output of a template must show
    /// the values of `required`, and the postal address.
    pub(crate) fn mail_parts<C: Serialize>(
        &self,
        names: [&'static str; 2],
        words: &Words,
        context: &MailContext<'_, C>,
        required: &[Required<'_>],
        html: impl FnOnce() -> Result<String, askama::Error>,
        text: impl FnOnce() -> Result<String, askama::Error>,
    ) -> Result<(String, String), askama::Error> {
        let address = required_address(context.mail.postal_address);
        let required: Vec<Required<'_>> = required.iter().copied().chain(address).collect();
        let [html_name, text_name] = names;
        let own = self
            .templates
            .render(html_name, words, context, &required, |html| inline_styles(&html));
        let html = match own {
            Some(html) => html,
            None => inline_styles(&html()?).map_err(askama::Error::custom)?,
        };
        let own = self
            .templates
            .render(text_name, words, context, &required, Ok::<_, Infallible>);
        let text = own.map_or_else(text, Ok)?;
        Ok((html, text))
    }
}

/// The postal address, which the law of many countries requires in a mail.
pub(crate) fn required_address(address: Option<&str>) -> Option<Required<'_>> {
    address.map(|value| Required {
        variable: "postal_address",
        value,
        reason: "the law of many countries requires it in mails; put it at the foot",
    })
}

impl Default for MailLook {
    fn default() -> Self {
        Self {
            light: Palette::LIGHT,
            dark: Palette::DARK,
            font: "Charter, Cambria, Georgia, serif".to_owned(),
            label_font: "Consolas, Menlo, 'DejaVu Sans Mono', monospace".to_owned(),
            logo: None,
            links: Vec::new(),
            templates: Templates::default(),
        }
    }
}
