//! The digest: compiles waiting articles into an issue and stores it as a draft, for the scheduler, the editor's commands and the API.
//!
//! An issue goes through these files. [`gather`] reads everything that decides its content into one value,
//! [`Inputs`](inputs::Inputs). [`compile`](mod@compile) turns that value into subject, HTML and text: [`selection`] groups articles
//! into stories, ranks and chooses them, and [`render`] lays them out. [`build`] stores the result as a draft with its inputs.
//!
//! [`compile`](mod@compile) uses neither the database nor the clock, so equal inputs give equal bytes. Only the caller adds ids and
//! times to the rows of issues and editions. So a draft can be edited
//! ([`drafts`]), split into editions ([`editions`]) or shown in the archive ([`archive`]) from its stored inputs alone.

pub mod archive;
pub mod build;
pub mod clustering;
pub mod draft_changes;
pub(crate) mod draft_view;
pub mod drafts;
pub mod editions;
pub(crate) mod front;
pub mod grouping;
pub mod inputs;
pub mod ranking;
pub mod recompiled_drafts;
pub mod render;
pub mod rules;
pub(crate) mod search;
pub mod selection;
pub(crate) mod site_topics;
pub mod story;
pub mod subject;
pub(crate) mod topics;
pub mod view;

mod arrangement;
mod caps;
mod compile;
mod compiled;
mod decisions;
mod entry;
mod error;
mod exclusion;
mod gather;
mod layout;
mod layout_plans;
mod lead;
mod left_out;
mod links;
mod placeholders;
mod safe_text;
mod stored_inputs;
mod template_context;

pub use compiled::{Compiled, Draft, NothingToSend};
pub use decisions::Decision;
pub(crate) use decisions::stored_terms;
pub use error::CompileError;
pub(crate) use error::MAX_ATTEMPTS;
pub use links::article_path;
pub(crate) use links::{archived_issue_path, page_path, source_name, with_links_of, with_page_of};
pub(crate) use view::correction_mark;
