//! Modules that the programs in `benches/` share: Daywire as a process, databases, sinks, and measurements from `/proc`.

pub mod article_shape;
pub mod cleanup;
pub mod database;
pub mod http;
pub mod newsroom;
pub mod postfix;
pub mod postgres;
pub mod process;
pub mod program;
pub mod rng;
pub mod sink;
pub mod sink_process;
pub mod web_bench;
pub mod wrk;
