//! What is written twice is compared: documents with the code they are drawn from, the template with the functions,
//! every route with the rules all of them obey.

mod codes;
pub(crate) mod documents;
mod imports;
mod modules;
mod refusals;
mod repeats;
mod routes;
mod rules;
mod template;
pub(crate) mod trail;
mod troubles;
mod versions;
