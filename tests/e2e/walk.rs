//! What a walk through the sources found, each as the rule that holds now (issue 10, B).

mod addresses;
mod amounts;
mod features;
mod leaving;
mod limits;
mod logins;
mod patches;
mod sessions;
