//! The stories, each file one of them, told through a whole Daywire on both databases.

#[macro_use]
mod support;

mod addresses;
mod articles;
mod cron;
mod digest;
mod feeds;
mod fetch;
mod importing;
mod mails;
mod messages;
mod pages;
mod pausing;
mod retrying;
mod sanitise;
mod scheduling;
mod sending;
mod signing_up;
mod smtp;
mod steps;
mod urls_ssrf;
