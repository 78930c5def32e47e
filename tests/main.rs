//! The stories, each file one of them, told through a whole Daywire on both databases.

#[macro_use]
mod support;

mod addresses;
mod architecture;
mod consent;
mod cron;
mod feeds;
mod fetch;
mod inbox;
mod leaving;
mod limits;
mod links;
mod mails;
mod messages;
mod pages;
mod sanitise;
mod signing_up;
mod smtp;
mod urls_ssrf;
mod web;
