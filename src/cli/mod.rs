//! The command line: one file or folder for each command.
//!
//! A command reads its arguments, calls a feature module and prints the result: text for people, or one JSON document with `--json`.
//! Only this module uses `anyhow`. [`program`] parses the command line and calls the commands; the commands share [`context`],
//! [`names`] and [`output`].

pub mod demo;

mod acting_operator;
mod article;
mod audit;
mod backup;
mod bounce;
mod comment;
mod context;
mod dkim;
mod doctor;
#[cfg(test)]
mod documents;
mod feed;
mod files;
mod init;
mod inspect;
mod issue;
mod names;
mod newsletter;
mod operator;
mod output;
mod program;
mod redirect;
mod schedule;
mod scratch_folder;
mod serve;
mod service_manager;
mod shell;
mod signals;
mod signup;
mod stats;
mod subscriber;
mod suppression;
mod template;
mod transfer;
mod webhook;

pub use program::main;
