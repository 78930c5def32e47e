//! The stories, each file one of them, told through a whole Daywire on both databases.

#[macro_use]
mod support;

mod accounts;
mod addresses;
mod architecture;
mod articles;
mod command_line;
mod consent;
mod cron;
mod demo;
mod digest;
mod failover;
mod faults;
mod feeds;
mod fetch;
mod folding;
mod importing;
mod inbox;
mod leaving;
mod limits;
mod links;
mod mail_on_the_wire;
mod mails;
mod manners;
mod messages;
mod nodes;
mod pages;
mod pausing;
mod pipelining;
mod pooling;
mod preflight;
mod rehearsing;
mod replies;
mod retrying;
mod sanitise;
mod scheduling;
mod sending;
mod settling;
mod signing_up;
mod smtp;
mod starting;
mod steps;
mod templates;
mod urls_ssrf;
mod web;
