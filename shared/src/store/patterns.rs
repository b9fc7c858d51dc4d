//! Where everything lives in the table and how it is reached: for people, as `infra/keys.md`, and for tests.

pub use super::keys::PATTERNS;

/// A kind of key: one entry of the table in `keys`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pattern {
    /// What stands there, by the name of the function that makes the key.
    pub entity: &'static str,
    /// Partition key, with `<…>` for its parts.
    pub pk: &'static str,
    /// Sort key, likewise.
    pub sk: &'static str,
    /// How it is reached.
    pub access: &'static str,
}

impl Pattern {
    /// Whether items of this kind stand in a client's partition: they are part of its record, and go with it.
    #[must_use]
    pub fn is_in_client_partition(&self) -> bool {
        self.pk == "P#<practice>#C#<client>"
    }
}

/// The kinds of item that stand in a client's partition, the client's own among them.
pub fn in_client_partition() -> impl Iterator<Item = &'static Pattern> {
    PATTERNS.iter().filter(|pattern| pattern.is_in_client_partition())
}
