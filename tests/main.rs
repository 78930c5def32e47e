//! The stories, each file one of them, told through a whole Daywire on both databases.

#[macro_use]
mod support;

mod addresses;
mod architecture;
mod command_line;
mod consent;
mod cron;
mod demo;
mod feeds;
mod fetch;
mod inbox;
mod leaving;
mod limits;
mod links;
mod mail_on_the_wire;
mod mails;
mod messages;
mod pages;
mod sanitise;
mod signing_up;
mod smtp;
mod starting;
mod urls_ssrf;
mod web;
