//! What a subscriber sees of an HTML part: its text with colours, links and pictures, read from its tags and inline styles.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use super::css::declarations;
use crate::domain::colour::Colour;
use crate::text::html::{content_rule, is_void, run_unlimited};

/// The most open elements that pass styles to their content; mails have about twenty.
const MAX_DEPTH: usize = 250;

/// The colour scheme that the mail program uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark text on a light background.
    Light,
    /// Light text on a dark background.
    Dark,
}

/// An HTML part of a message.
#[derive(Debug, Default)]
pub struct Page {
    pub lang: Option<String>,
    pub title: String,
    /// The names of all elements, in lower case.
    pub elements: BTreeSet<String>,
    /// The addresses of all links, in the order of the text.
    pub links: Vec<String>,
    /// The attributes of each picture.
    pub images: Vec<BTreeMap<String, String>>,
    pub styles: Vec<String>,
    pub sheets: String,
    /// The text, divided where the style changes.
    pub runs: Vec<Run>,
    /// The deepest nesting of elements, at most [`MAX_DEPTH`].
    pub depth: usize,
}

/// Text in one style.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub text: String,
    /// Text and background colour; `None` if a style cannot be evaluated.
    pub colours: Option<(Colour, Colour)>,
    /// Large by [WCAG 2.2](https://www.w3.org/TR/WCAG22/#dfn-large-scale): at least 18 points, or 14 if bold.
    pub large: bool,
    /// Whether a style hides it.
    pub hidden: bool,
}

impl Page {
    /// Reads a part whose style sheets are already inlined into its style attributes.
    #[must_use]
    pub fn read(html: &str, scheme: Scheme) -> Self {
        let sink = PageBuilder {
            state: RefCell::new(State {
                page: Self::default(),
                open: Vec::new(),
                scheme,
            }),
        };
        run_unlimited(html, sink).state.into_inner().page
    }

    /// All visible text, on one line.
    #[must_use]
    pub fn text(&self) -> String {
        let seen = self.runs.iter().filter(|run| !run.hidden);
        let words = seen.flat_map(|run| run.text.split_whitespace());
        words.collect::<Vec<_>>().join(" ")
    }
}

/// The styles that an open element passes to its content.
#[derive(Clone)]
struct Frame {
    name: String,
    colour: Option<Colour>,
    background: Option<Colour>,
    /// The font size in pixels.
    font_size: f64,
    bold: bool,
    hidden: bool,
}

struct State {
    page: Page,
    open: Vec<Frame>,
    scheme: Scheme,
}

/// Builds a [`Page`] from tokens.
struct PageBuilder {
    state: RefCell<State>,
}

impl TokenSink for PageBuilder {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                state.start_tag(&tag);
                match &*tag.name {
                    // Mail readers run no scripts, so they show its content.
                    "noscript" => TokenSinkResult::Continue,
                    name => content_rule(name),
                }
            }
            Token::TagToken(tag) => {
                state.end_tag(&tag.name);
                TokenSinkResult::Continue
            }
            Token::CharacterTokens(text) => {
                state.text(&text);
                TokenSinkResult::Continue
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

impl State {
    fn start_tag(&mut self, tag: &Tag) {
        let name = tag.name.to_string();
        let attributes: BTreeMap<String, String> = tag
            .attrs
            .iter()
            .map(|attribute| (attribute.name.local.to_string(), attribute.value.to_string()))
            .collect();
        let page = &mut self.page;
        page.elements.insert(name.clone());
        match name.as_str() {
            "html" => page.lang = attributes.get("lang").cloned(),
            "a" | "area" => page.links.extend(attributes.get("href").cloned()),
            "form" => page.links.extend(attributes.get("action").cloned()),
            "img" => page.images.push(attributes.clone()),
            _ => {}
        }
        page.styles.extend(attributes.get("style").cloned());
        if is_void(&name) || tag.self_closing {
            return;
        }
        let frame = self.frame(name, &attributes);
        if self.open.len() < MAX_DEPTH {
            self.open.push(frame);
        }
        self.page.depth = self.page.depth.max(self.open.len());
    }

    /// The styles of an element: its own over those of its parent.
    fn frame(&self, name: String, attributes: &BTreeMap<String, String>) -> Frame {
        let mut frame = self.open.last().cloned().unwrap_or_else(|| self.root());
        match name.as_str() {
            "a" if attributes.contains_key("href") => frame.colour = Some(Colour::opaque(self.link_colour())),
            "b" | "strong" | "th" => frame.bold = true,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                frame.bold = true;
                frame.font_size *= match name.as_str() {
                    "h1" => 2.0,
                    "h2" => 1.5,
                    "h3" => 1.17,
                    _ => 1.0,
                };
            }
            "small" => frame.font_size /= 1.2,
            _ => {}
        }
        if let Some(background) = attributes.get("bgcolor") {
            frame.set_background(Colour::parse(background));
        }
        frame.hidden |= attributes.contains_key("hidden");
        let parent_size = self.open.last().map_or(16.0, |parent| parent.font_size);
        for (property, value) in attributes
            .get("style")
            .map(|style| declarations(style))
            .unwrap_or_default()
        {
            frame.apply(&property, &value, parent_size);
        }
        frame.name = name;
        frame
    }

    fn root(&self) -> Frame {
        let (colour, background) = match self.scheme {
            Scheme::Light => (0x00_0000, 0xff_ffff),
            Scheme::Dark => (0xff_ffff, 0x12_1212),
        };
        Frame {
            name: String::new(),
            colour: Some(Colour::opaque(colour)),
            background: Some(Colour::opaque(background)),
            font_size: 16.0,
            bold: false,
            hidden: false,
        }
    }

    /// The default link colour of browsers.
    fn link_colour(&self) -> u32 {
        match self.scheme {
            Scheme::Light => 0x00_00ee,
            Scheme::Dark => 0x9e_9eff,
        }
    }

    fn end_tag(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|frame| frame.name == name) {
            self.open.truncate(at);
        }
    }

    fn text(&mut self, text: &str) {
        let Some(frame) = self.open.last() else { return };
        match frame.name.as_str() {
            "title" => self.page.title.push_str(text),
            "style" => self.page.sheets.push_str(text),
            "script" => {}
            _ if text.trim().is_empty() => {}
            _ => self.page.runs.push(Run {
                text: text.to_owned(),
                colours: frame
                    .colour
                    .zip(frame.background)
                    .map(|(colour, background)| (colour.over(background), background)),
                large: frame.font_size >= 24.0 || (frame.bold && frame.font_size >= 18.66),
                hidden: frame.hidden || frame.font_size < 1.0,
            }),
        }
    }
}

impl Frame {
    fn apply(&mut self, property: &str, value: &str, parent_size: f64) {
        let word = value.to_ascii_lowercase();
        match property {
            "color" if word != "inherit" => self.colour = Colour::parse(value),
            "background-color" => self.set_background(Colour::parse(value)),
            // Of the shorthand, only a single colour can be evaluated.
            "background" if word != "none" => self.set_background(Colour::parse(value)),
            "background-image" if word != "none" => self.background = None,
            "font-size" => self.font_size = size(&word, parent_size).unwrap_or(self.font_size),
            "font-weight" => {
                self.bold = match word.as_str() {
                    "bold" | "bolder" => true,
                    weight => weight.parse().is_ok_and(|weight: f64| weight >= 600.0),
                }
            }
            "display" => self.hidden |= word == "none",
            "visibility" => self.hidden |= word == "hidden" || word == "collapse",
            "opacity" => self.hidden |= word.parse().is_ok_and(|opacity: f64| opacity <= 0.0),
            _ => {}
        }
    }

    fn set_background(&mut self, colour: Option<Colour>) {
        self.background = colour.and_then(|colour| match self.background {
            _ if colour.is_opaque() => Some(colour),
            below => below.map(|background| colour.over(background)),
        });
    }
}

/// A font size in pixels. `parent` is the inherited size.
fn size(text: &str, parent: f64) -> Option<f64> {
    let units = [
        ("rem", 16.0),
        ("em", parent),
        ("px", 1.0),
        ("pt", 4.0 / 3.0),
        ("%", parent / 100.0),
    ];
    let with_unit = units.iter().find_map(|(unit, factor)| {
        let number: f64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        Some(number * factor)
    });
    with_unit.or_else(|| (text == "0").then_some(0.0))
}
