//! Campaigns of Mailchimp: an archive with an HTML file for each, and perhaps a CSV report with their dates.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use tokio::sync::mpsc;

use super::error::PastPostsError;
use super::html_page::{element, read_text};
use super::limited_file::read_table;
use super::post::{Post, Read, Visibility, time};
use crate::import::ArchivedFile;
use crate::text::html::strip_tags;

/// Names of the columns of a report, in lower case.
const TITLES: [&str; 3] = ["title", "subject", "campaign name"];
const DATES: [&str; 3] = ["send date", "send time", "date"];
/// How Mailchimp writes times in reports.
const DATE_FORMS: [&str; 3] = ["%b %d, %Y %I:%M %p", "%b %d, %Y, %I:%M %p", "%Y-%m-%d %H:%M"];

pub(super) fn read(files: Vec<ArchivedFile>, posts: &mpsc::Sender<Read>) -> Result<(), PastPostsError> {
    let (reports, pages): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.has_ending("csv"));
    let mut dates = HashMap::new();
    for report in reports {
        read_dates(report, &mut dates)?;
    }
    for page in pages {
        let place = page.name().to_owned();
        let id = page.base_name().trim_end_matches(".html").to_owned();
        let post = read_text(page)
            .map(|html| parsed(&id, place.clone(), &html, &dates))
            .map_err(|why| (place, why));
        if posts.blocking_send(post).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Reads when campaigns were sent, by their titles and subjects.
fn read_dates(report: ArchivedFile, dates: &mut HashMap<String, DateTime<Utc>>) -> Result<(), PastPostsError> {
    let report = read_table(report)?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(&report[..]);
    let Ok(header) = reader.byte_headers().cloned() else {
        return Ok(());
    };
    let column = |names: &[&str]| {
        let mut columns = header.iter().enumerate();
        let found =
            columns.find(|(_, name)| names.contains(&String::from_utf8_lossy(name).trim().to_lowercase().as_str()));
        found.map(|(index, _)| index)
    };
    let Some(date) = column(&DATES) else {
        return Ok(());
    };
    let titles: Vec<_> = TITLES.iter().filter_map(|name| column(&[name])).collect();
    for row in reader.byte_records().flatten() {
        let field = |index: usize| {
            String::from_utf8_lossy(row.get(index).unwrap_or_default())
                .trim()
                .to_owned()
        };
        let Some(at) = sent_at(&field(date)) else { continue };
        for title in &titles {
            dates.insert(field(*title).to_lowercase(), at);
        }
    }
    Ok(())
}

fn sent_at(text: &str) -> Option<DateTime<Utc>> {
    let naive = DATE_FORMS
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    time(text).or_else(|| naive.map(|naive| naive.and_utc()))
}

fn parsed(id: &str, place: String, html: &str, dates: &HashMap<String, DateTime<Utc>>) -> Post {
    let title = element(html, "title").map(strip_tags).unwrap_or_default();
    let title = title.trim().to_owned();
    // Names of files are such as `4711_our-first-campaign`.
    let in_words = id.split_once('_').map_or(id, |(_, name)| name).replace(['-', '_'], " ");
    let published = [title.to_lowercase(), in_words.to_lowercase()]
        .iter()
        .find_map(|title| dates.get(title).copied());
    Post {
        place,
        title: if title.is_empty() || title.contains("*|") {
            in_words
        } else {
            title
        },
        id: format!("mailchimp:{id}"),
        published,
        authors: Vec::new(),
        category: None,
        language: None,
        summary: None,
        image: None,
        image_alt: None,
        html: element(html, "body").unwrap_or(html).to_owned(),
        old_paths: Vec::new(),
        visibility: Visibility::Public,
    }
}
