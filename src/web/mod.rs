//! HTTP: pages for readers, the API for programs, and the inbox and health checks for operators.
//!
//! [`site`], [`overload`] and [`ops`] build the routers, and [`server::serve`] serves them. A handler calls the layers below and
//! fills a page struct of [`pages`], which renders a template. A handler that fails returns a status, and the layer
//! `error_pages::explain` turns it into a page, or under `/api` into problem details.

pub mod pages;
pub mod server;

mod address;
pub mod admin;
mod api;
mod archive;
mod articles;
mod assets;
mod atom;
mod body_budget;
mod body_timeout;
mod client;
mod commenting;
mod comments;
mod cors;
mod database_check;
mod docs;
mod edition_stories;
mod editions;
mod embed;
mod embed_page;
mod error;
mod error_pages;
mod etag;
mod field_problems;
mod form;
mod front;
mod headers;
mod health;
mod hooks;
mod host;
mod inbox;
mod language;
pub(crate) mod layout;
mod leaving;
mod links;
mod live_issues;
mod lost_link;
mod manage;
mod metrics;
mod origin;
mod page_reads;
mod preferences;
mod privacy;
mod problem;
mod reader_link;
mod rendered_pages;
mod request_body;
mod request_id;
mod requests;
mod router;
mod search;
mod search_limit;
mod signup;
mod signup_fields;
mod signup_form;
mod site_pages;
mod sitemap;
mod state;
mod story_lists;
mod structured_data;
mod subscription_counts;

pub use router::{ops, overload, site};
