//! The product over HTTP, through personas. One binary: it links once.

mod bad_input;
mod calls;
mod keeping;
mod drift;
mod functions;
mod mail_trouble;
mod races;
mod sessions;
mod story;
