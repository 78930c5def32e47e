//! Daywire: a newsletter digest and double-opt-in mailer that a newsroom runs itself.
//!
//! A reader signs up ([`signup`]) and confirms by a mailed link. Articles arrive from feeds, files and an API
//! ([`ingest`]). When a newsletter's schedule says so ([`schedule`]), what has arrived is compiled into one digest
//! ([`digest`]), whose recipients are frozen and mailed one by one ([`delivery`]). A reader leaves by a link that needs
//! nothing else ([`unsubscribe`]). Every SQL statement is in [`store`], every byte of SMTP in [`mail`], every fetch in
//! [`feeds`]; [`domain`] holds values and their rules, and [`text`] makes text from outside safe. [`worker`] runs the loops, [`web`] the
//! pages, [`cli`] the commands.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod delivery;
pub mod digest;
pub mod domain;
pub mod feeds;
pub mod import;
pub mod inbox;
pub mod ingest;
pub mod mail;
pub mod newsletter;
pub mod notices;
pub mod operators;
pub mod preferences;
pub mod preflight;
pub mod process;
pub mod schedule;
pub mod signup;
pub mod store;
pub mod text;
pub mod unsubscribe;
pub mod web;
pub mod words;
pub mod worker;
