//! The local cloud: the whole product on loopback, in one process, through the very functions that are deployed.

pub mod bucket;
mod capacity;
pub mod cli;
pub mod cloud;
pub mod deployment;
mod dev;
mod events;
mod examples;
pub mod faults;
pub mod functions;
mod invocation;
mod label;
pub mod mailbox;
pub mod openapi;
pub mod payments;
pub mod recorder;
mod schedules;
mod secrets;
pub mod table;
pub mod template;
mod watch;
mod wire;

pub use cloud::{Cloud, Options, StartError};
pub use functions::Function;
pub use schedules::RunError;
