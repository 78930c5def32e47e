//! What a reader gets to see of an HTML part: its text with colours, links and pictures, read from its tags and inline
//! styles.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use super::colour::Colour;
use super::css::declarations;

/// Elements open at once beyond which nothing is inherited any more; mails have twenty.
const DEEPEST: usize = 250;

/// What the mail reader prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark text on a light ground.
    Light,
    /// Light text on a dark ground.
    Dark,
}

/// An HTML part.
#[derive(Debug, Default)]
pub struct Page {
    /// `lang` of the root.
    pub lang: Option<String>,
    /// The text of `title`.
    pub title: String,
    /// The names of all elements.
    pub elements: BTreeSet<String>,
    /// The addresses of all links, in their order.
    pub links: Vec<String>,
    /// The attributes of all pictures.
    pub images: Vec<BTreeMap<String, String>>,
    /// Every style attribute.
    pub styles: Vec<String>,
    /// The text of every style sheet.
    pub sheets: String,
    /// The text, run by run.
    pub runs: Vec<Run>,
    /// How deep elements are nested.
    pub depth: usize,
}

/// Text in one style.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The text, as it stands.
    pub text: String,
    /// Its colour on its ground; none if a style cannot be judged.
    pub colours: Option<(Colour, Colour)>,
    /// Large as WCAG 2.2 means it: 18 points, or 14 if bold.
    pub large: bool,
    /// Whether a style keeps it from being seen.
    pub hidden: bool,
}

impl Page {
    /// Reads a part whose style sheets are in its style attributes already.
    #[must_use]
    pub fn read(html: &str, scheme: Scheme) -> Self {
        let sink = Reader {
            state: RefCell::new(State {
                page: Self::default(),
                open: Vec::new(),
                scheme,
            }),
        };
        let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from_slice(html));
        // Anything but `Done` is a script to run, which this sink does not ask for.
        let _ = tokenizer.feed(&queue);
        tokenizer.end();
        tokenizer.sink.state.into_inner().page
    }

    /// All text that is seen, on one line.
    #[must_use]
    pub fn text(&self) -> String {
        let seen = self.runs.iter().filter(|run| !run.hidden);
        let words = seen.flat_map(|run| run.text.split_whitespace());
        words.collect::<Vec<_>>().join(" ")
    }
}

/// What an open element hands down.
#[derive(Clone)]
struct Frame {
    name: String,
    colour: Option<Colour>,
    ground: Option<Colour>,
    /// In pixels.
    size: f64,
    bold: bool,
    hidden: bool,
}

struct State {
    page: Page,
    open: Vec<Frame>,
    scheme: Scheme,
}

struct Reader {
    state: RefCell<State>,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                state.opened(&tag);
                match &*tag.name {
                    "script" => TokenSinkResult::RawData(ScriptData),
                    "style" | "iframe" | "noembed" | "noframes" | "xmp" => TokenSinkResult::RawData(Rawtext),
                    "title" | "textarea" => TokenSinkResult::RawData(Rcdata),
                    _ => TokenSinkResult::Continue,
                }
            }
            Token::TagToken(tag) => {
                state.closed(&tag.name);
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
    fn opened(&mut self, tag: &Tag) {
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
        if self.open.len() < DEEPEST {
            self.open.push(frame);
        }
        self.page.depth = self.page.depth.max(self.open.len());
    }

    /// The element's own style on that of its parent.
    fn frame(&self, name: String, attributes: &BTreeMap<String, String>) -> Frame {
        let mut frame = self.open.last().cloned().unwrap_or_else(|| self.root());
        match name.as_str() {
            "a" if attributes.contains_key("href") => frame.colour = Some(Colour::opaque(self.link_colour())),
            "b" | "strong" | "th" => frame.bold = true,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                frame.bold = true;
                frame.size *= match name.as_str() {
                    "h1" => 2.0,
                    "h2" => 1.5,
                    "h3" => 1.17,
                    _ => 1.0,
                };
            }
            "small" => frame.size /= 1.2,
            _ => {}
        }
        if let Some(ground) = attributes.get("bgcolor") {
            frame.lay(Colour::parse(ground));
        }
        frame.hidden |= attributes.contains_key("hidden");
        let parent_size = self.open.last().map_or(16.0, |parent| parent.size);
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
        let (colour, ground) = match self.scheme {
            Scheme::Light => (0x00_0000, 0xff_ffff),
            Scheme::Dark => (0xff_ffff, 0x12_1212),
        };
        Frame {
            name: String::new(),
            colour: Some(Colour::opaque(colour)),
            ground: Some(Colour::opaque(ground)),
            size: 16.0,
            bold: false,
            hidden: false,
        }
    }

    /// What browsers give to links that have no colour of their own.
    fn link_colour(&self) -> u32 {
        match self.scheme {
            Scheme::Light => 0x00_00ee,
            Scheme::Dark => 0x9e_9eff,
        }
    }

    fn closed(&mut self, name: &str) {
        if let Some(place) = self.open.iter().rposition(|frame| frame.name == name) {
            self.open.truncate(place);
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
                    .zip(frame.ground)
                    .map(|(colour, ground)| (colour.over(ground), ground)),
                large: frame.size >= 24.0 || (frame.bold && frame.size >= 18.66),
                hidden: frame.hidden || frame.size < 1.0,
            }),
        }
    }
}

impl Frame {
    fn apply(&mut self, property: &str, value: &str, parent_size: f64) {
        let word = value.to_ascii_lowercase();
        match property {
            "color" if word != "inherit" => self.colour = Colour::parse(value),
            "background-color" => self.lay(Colour::parse(value)),
            // Of the shorthand only a colour alone can be judged; a picture cannot.
            "background" if word != "none" => self.lay(Colour::parse(value)),
            "background-image" if word != "none" => self.ground = None,
            "font-size" => self.size = size(&word, parent_size).unwrap_or(self.size),
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

    fn lay(&mut self, colour: Option<Colour>) {
        self.ground = colour.and_then(|colour| match self.ground {
            _ if colour.is_opaque() => Some(colour),
            below => below.map(|ground| colour.over(ground)),
        });
    }
}

/// A font size in pixels.
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

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
    )
}
