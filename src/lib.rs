//! Daywire: a newsletter digest and double-opt-in mailer that a newsroom runs itself.
//!
//! A reader signs up ([`signup`]) and confirms by a mailed link. Articles arrive from feeds, files and an API ([`ingest`]). When a run of
//! a newsletter is due ([`schedule`]), the articles that arrived are compiled into an issue ([`digest`]). Its recipients are frozen, and
//! each is sent the message ([`delivery`]). Readers can comment on articles ([`comments`]). A reader leaves by a link in the message ([`unsubscribe`]),
//! and can have everything on record exported and erased ([`privacy`]).
//!
//! Every SQL statement is in [`store`], every byte of SMTP in [`mail`], and every fetch in [`feeds`]. [`domain`] contains values and their
//! rules, and [`text`] makes text from outside safe. [`worker`] runs the loops, [`web`] serves the pages, and [`cli`] has the commands.
//! `ARCHITECTURE.md` shows the layers.

// `println!` and `eprintln!` panic if the stream is on a full disk; `cli::output` prints instead.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod app;
pub mod audit;
mod backup;
pub mod bounce;
pub mod cli;
pub mod clock;
pub mod comments;
pub mod config;
pub mod delivery;
pub mod digest;
pub mod doctor;
pub mod domain;
pub mod feeds;
pub mod import;
pub mod inbox;
pub mod ingest;
pub mod mail;
pub mod metrics;
pub mod newsletter;
pub mod notices;
pub mod operators;
pub mod past_posts;
pub mod preferences;
pub mod preflight;
pub mod privacy;
pub mod process;
pub mod readers;
pub mod schedule;
pub mod signup;
pub mod store;
pub mod templates;
pub mod text;
mod traces;
mod transfer;
pub mod unsubscribe;
pub mod web;
pub mod webhooks;
pub mod words;
pub mod worker;
mod write_queue;
