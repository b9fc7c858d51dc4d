//! Caseload, the common crate: what every function shares.
//!
//! A request goes one way: event → authenticate → parse → load → decide → rule → commit → reply.

pub mod access;
pub mod app;
pub mod aws;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod domain;
pub mod files;
pub mod jwt;
pub mod mail;
pub mod payments;
pub mod runtime;
pub mod store;
pub mod web;
pub mod workflows;
