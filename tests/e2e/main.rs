//! The product over HTTP, through personas. One binary: it links once.

mod addresses;
mod appointments;
mod bad_input;
mod calls;
mod caseload;
mod drift;
mod duplicates;
mod export;
mod functions;
mod import;
mod import_bad;
mod import_crash;
mod invoices;
mod keeping;
mod limits;
mod mail_trouble;
mod matrix;
mod policy;
mod races;
mod repeats;
mod sessions;
mod sign_in;
mod story;
mod team;
mod tokens;
mod visibility;
