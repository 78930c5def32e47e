//! The first page of the console.

use askama::Template;
use axum::response::Html;

use super::console::Console;
use crate::web::error::{WebError, page as render};

#[derive(Debug, Template)]
#[template(path = "admin/today.html")]
struct TodayPage {
    console: Console,
}

pub(super) async fn page(console: Console) -> Result<Html<String>, WebError> {
    render(&TodayPage { console })
}
