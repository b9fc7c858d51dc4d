//! Caseload, the common crate: what every function shares.
//!
//! A request goes one way: event → authenticate → parse → load → decide → rule → commit → reply.
//!
//! So do imports, from each room only to those below it; a test reads them:
//!
//! | room | what |
//! |---|---|
//! | [`runtime`] | how a Lambda starts |
//! | [`web`] | HTTP: the front, extractors, authentication, problem+json, replies, views |
//! | [`workflows`] | what takes several steps or services: inviting, notifying, reassigning, deleting with files |
//! | [`app`] | the parts of a process, put together |
//! | [`refusal`] | why something is not done, whoever refuses it |
//! | [`store`], [`files`], [`mail`], [`payments`] | the only homes of DynamoDB, S3, SES and the payment provider |
//! | [`access`], [`aws`], [`jwt`] | who may do what, the SDK's clients, access tokens |
//! | [`clock`], [`config`], [`crypto`] | the time, the environment, keys and tokens |
//! | [`domain`] | the rules |
//!
//! Comments cite rules by ids such as A4 or decision 19: [`docs::rules`] and [`docs::decisions`] say what they are.

pub mod access;
pub mod app;
pub mod aws;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod docs;
pub mod domain;
pub mod files;
pub mod jwt;
pub mod mail;
pub mod payments;
pub mod refusal;
pub mod runtime;
pub mod store;
pub mod web;
pub mod workflows;
