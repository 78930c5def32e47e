//! The fields of an article as an editor types them, and their checks.

use sha2::{Digest, Sha256};

use super::super::field_texts::Problem;
use super::super::forms::{field, fields};
use crate::domain::article_input::{Body, FieldError, FrontMatter};
use crate::ingest::edit::ArticleEdit;
use crate::store::articles::Article;
use crate::text::language;
use crate::text::plain::{plain_line, shows_nothing, without_nul};
use crate::words::Words;

/// The most bytes of a field other than the text. It bounds the page that shows the field again.
const MAX_FIELD_BYTES: usize = 20_000;

/// The fields that a change can concern, in the order of [`ArticleForm::values`].
pub(super) const CHANGEABLE: [&str; 6] = ["title", "summary", "text", "authors", "category", "language"];

/// The fields of the form.
#[derive(Clone, Debug, Default)]
pub(super) struct ArticleForm {
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) text: String,
    /// Whether the text is HTML and not Markdown.
    pub(super) is_html: bool,
    /// One name a line.
    pub(super) authors: String,
    pub(super) category: String,
    pub(super) language: String,
    pub(super) note: String,
    pub(super) url: String,
    pub(super) published: String,
    pub(super) source: String,
    pub(super) image: String,
    pub(super) image_alt: String,
    /// The slugs of the newsletters for which it waits.
    pub(super) newsletters: Vec<String>,
    /// Identifies a new article, so that sending the form twice adds one article.
    pub(super) key: String,
}

impl ArticleForm {
    /// The fields that were posted.
    pub(super) fn read(body: &[u8]) -> Self {
        let text = |name| without_nul(&field(body, name).replace("\r\n", "\n"));
        Self {
            title: text("title"),
            summary: text("summary"),
            text: text("text"),
            is_html: field(body, "format") == "html",
            authors: text("authors"),
            category: text("category"),
            language: text("language"),
            note: text("note"),
            url: text("url"),
            published: text("published"),
            source: text("source"),
            image: text("image"),
            image_alt: text("image_alt"),
            newsletters: fields(body, "newsletter"),
            key: text("key"),
        }
    }

    /// The fields of a stored article. `markdown` is the Markdown of its text, if there is one.
    pub(super) fn of(article: &Article, markdown: Option<String>) -> Self {
        Self {
            title: article.title.clone(),
            summary: article.summary.clone(),
            is_html: markdown.is_none() && !article.content_html.is_empty(),
            text: markdown.unwrap_or_else(|| article.content_html.as_str().to_owned()),
            authors: article.authors.clone(),
            category: article.category.clone().unwrap_or_default(),
            language: article.language.clone().unwrap_or_default(),
            ..Self::default()
        }
    }

    /// The text in its form.
    pub(super) fn body(&self) -> Body {
        if self.is_html {
            Body::Html(self.text.clone())
        } else {
            Body::Markdown(self.text.clone())
        }
    }

    /// The values of the [`CHANGEABLE`] fields.
    fn values(&self) -> [&str; 6] {
        [
            &self.title,
            &self.summary,
            &self.text,
            &self.authors,
            &self.category,
            &self.language,
        ]
    }

    /// The value of a field to compare it: white space at its ends does not count.
    fn compared(&self, index: usize) -> &str {
        self.values()[index].trim()
    }

    /// Takes one of the [`CHANGEABLE`] fields of another form.
    fn take(&mut self, index: usize, from: &Self) {
        match index {
            0 => self.title.clone_from(&from.title),
            1 => self.summary.clone_from(&from.summary),
            2 => {
                self.text.clone_from(&from.text);
                self.is_html = from.is_html;
            }
            3 => self.authors.clone_from(&from.authors),
            4 => self.category.clone_from(&from.category),
            _ => self.language.clone_from(&from.language),
        }
    }

    /// The hashes of the shown values. The form sends them back, so that [`Self::merge`] finds the fields that others changed meanwhile.
    pub(super) fn seen(&self) -> String {
        let hashes = (0..CHANGEABLE.len()).map(|index| hash(self.compared(index)));
        hashes.collect::<Vec<_>>().join("-")
    }

    /// Merges the typed fields with the stored article: a field that the editor did not change takes the stored value. `seen` is what
    /// [`Self::seen`] returned when the form was shown.
    pub(super) fn merge(&mut self, stored: &Self, seen: &str) -> Merge {
        let seen: Vec<&str> = seen.split('-').collect();
        let mut merge = Merge::default();
        for index in 0..CHANGEABLE.len() {
            let seen = seen.get(index).copied().unwrap_or_default();
            let (typed, now) = (self.compared(index), stored.compared(index));
            if hash(now) == seen {
                continue;
            }
            merge.by_others.push(index);
            if hash(typed) == seen {
                self.take(index, stored);
            } else if typed != now {
                merge.by_both.push(index);
            }
        }
        merge
    }

    /// The value of one of the [`CHANGEABLE`] fields.
    pub(super) fn value(&self, index: usize) -> &str {
        self.values()[index]
    }

    /// What the editor changes of a stored article.
    pub(super) fn edit_of(&self, words: &Words, stored: &Self) -> Result<ArticleEdit, Vec<Problem>> {
        let changed = |index: usize| self.compared(index) != stored.compared(index);
        let is_text_changed = changed(2) || self.is_html != stored.is_html;
        let mut problems = self.too_long(words);
        let mut problem = |field: &'static str, text: String| problems.push(Problem { field, text });
        if changed(0) && shows_nothing(&plain_line(&self.title)) {
            problem("title", words.article_title_missing());
        }
        if is_text_changed && let Err(error) = self.body().check() {
            problem("text", text_problem(words, &self.text, &error));
        }
        let language = language::tag(self.language.trim());
        if changed(5) && language.is_none() {
            problem("language", words.article_language_wrong());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(ArticleEdit {
            title: changed(0).then(|| self.title.clone()),
            summary: changed(1).then(|| self.summary.clone()),
            body: is_text_changed.then(|| self.body()),
            authors: changed(3).then(|| self.authors.lines().map(str::to_owned).collect()),
            category: changed(4).then(|| self.category.clone()),
            language: language.filter(|_| changed(5)),
        })
    }

    /// The front matter of a new article.
    pub(super) fn front_matter(&self, words: &Words) -> Result<FrontMatter, Vec<Problem>> {
        let problems = self.too_long(words);
        if !problems.is_empty() {
            return Err(problems);
        }
        let set = |text: &String| Some(text.clone()).filter(|text| !text.trim().is_empty());
        Ok(FrontMatter {
            title: self.title.clone(),
            id: set(&self.key),
            url: set(&self.url),
            published: set(&self.published),
            authors: self.authors.lines().map(str::to_owned).collect(),
            category: set(&self.category),
            language: set(&self.language),
            summary: set(&self.summary),
            source: set(&self.source),
            image: set(&self.image),
            image_alt: set(&self.image_alt),
        })
    }

    /// Fields that are longer than a person writes.
    fn too_long(&self, words: &Words) -> Vec<Problem> {
        let fields = [
            ("title", &self.title),
            ("summary", &self.summary),
            ("authors", &self.authors),
            ("category", &self.category),
            ("language", &self.language),
            ("note", &self.note),
            ("url", &self.url),
            ("published", &self.published),
            ("source", &self.source),
            ("image", &self.image),
            ("image_alt", &self.image_alt),
        ];
        let too_long = fields.into_iter().filter(|(_, text)| text.len() > MAX_FIELD_BYTES);
        too_long
            .map(|(field, _)| Problem {
                field,
                text: words.article_field_long(),
            })
            .collect()
    }
}

/// The fields that others changed while an editor wrote, by their index in [`CHANGEABLE`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Merge {
    pub(super) by_others: Vec<usize>,
    /// Of these, the fields that the editor changed to another value.
    pub(super) by_both: Vec<usize>,
}

/// The problems of a new article at their fields.
pub(super) fn field_problems(words: &Words, form: &ArticleForm, errors: &[FieldError]) -> Vec<Problem> {
    let problem = |error: &FieldError| {
        let (field, text) = match error.field.as_str() {
            "title" => ("title", words.article_title_missing()),
            "url" => ("url", words.article_url_wrong()),
            "language" => ("language", words.article_language_wrong()),
            "image" => ("image", words.article_image_wrong()),
            "published" => ("published", words.article_published_wrong()),
            _ => ("text", text_problem(words, &form.text, error)),
        };
        Problem { field, text }
    };
    errors.iter().map(problem).collect()
}

fn text_problem(words: &Words, text: &str, _: &FieldError) -> String {
    if text.trim().is_empty() {
        words.article_text_missing()
    } else {
        words.article_text_long()
    }
}

fn hash(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes())[..4])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(title: &str, text: &str) -> ArticleForm {
        ArticleForm {
            title: title.into(),
            text: text.into(),
            ..ArticleForm::default()
        }
    }

    #[test]
    fn what_the_editor_left_alone_takes_the_content_that_others_stored() {
        let seen = form("Old", "Text").seen();
        let stored = form("New", "Text");
        let mut typed = form("Old", "My text");
        let merge = typed.merge(&stored, &seen);
        assert_eq!((merge.by_others, merge.by_both), (vec![0], vec![]));
        assert_eq!((typed.title.as_str(), typed.text.as_str()), ("New", "My text"));

        let mut typed = form("Mine", "Text");
        let merge = typed.merge(&stored, &seen);
        assert_eq!((merge.by_others, merge.by_both), (vec![0], vec![0]));
        assert_eq!(typed.title, "Mine");

        let mut typed = form("Mine", "Text");
        assert_eq!(typed.merge(&stored, &stored.seen()), Merge::default());
        assert_eq!(typed.merge(&stored, "").by_others.len(), CHANGEABLE.len());
    }

    #[test]
    fn line_ends_and_white_space_at_the_ends_are_no_change() {
        let body = b"title=A+&text=one%0D%0Atwo%0D%0A&format=markdown";
        assert_eq!(ArticleForm::read(body).seen(), form("A", "one\ntwo").seen());
    }
}
