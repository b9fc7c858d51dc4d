//! The rules: pure, without AWS, HTTP, clock or randomness. A module per noun.

pub mod appointment;
pub mod availability;
pub mod calendar_feed;
pub mod catalog;
pub mod checkout;
pub mod client;
pub mod clinical;
pub mod date;
pub mod directory;
pub mod email;
pub mod export;
pub mod file;
pub mod ical;
pub mod identity;
pub mod ids;
pub mod import;
pub mod invoice;
pub mod mail;
pub mod message;
pub mod money;
pub mod note;
pub mod notifications;
pub mod paperwork;
pub mod payable;
pub mod payment;
pub mod phone;
pub mod portal;
pub mod practice;
pub mod reminders;
pub mod role;
pub mod scheduling;
pub mod service;
pub mod session;
pub mod side;
pub mod staff;
pub mod task;
pub mod team;
pub mod text;
pub mod thread;
pub mod totp;
pub mod whole;

/// `Debug` for what must never be printed: it says what the value is, and nothing of it.
macro_rules! prints_its_name {
    ($name:ident $(<$life:lifetime>)?) => {
        impl std::fmt::Debug for $name $(<$life>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}
pub(crate) use prints_its_name;

/// Stands between the stable code and the sentence in the message of a value that cannot be read.
pub const CODE_SEPARATOR: char = '\u{1f}';

/// The message of a value that cannot be read.
pub(crate) fn coded(code: &str, detail: impl std::fmt::Display) -> String {
    format!("{code}{CODE_SEPARATOR}{detail}")
}
