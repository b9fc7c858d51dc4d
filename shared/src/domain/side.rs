//! The two sides of what a practice and its client share.

use super::session::PrincipalId;

/// Which side somebody is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// A staff member.
    Staff,
    /// The client.
    Client,
}

impl Side {
    /// The side of a principal.
    #[must_use]
    pub const fn of(principal: PrincipalId) -> Self {
        match principal {
            PrincipalId::Staff(_) => Self::Staff,
            PrincipalId::Client(_) => Self::Client,
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Staff => Self::Client,
            Self::Client => Self::Staff,
        }
    }
}

/// The same of each side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sides<T> {
    #[serde(default)]
    pub staff: T,
    #[serde(default)]
    pub client: T,
}

impl<T> Sides<T> {
    /// That of one side.
    pub const fn of(&self, side: Side) -> &T {
        match side {
            Side::Staff => &self.staff,
            Side::Client => &self.client,
        }
    }

    /// Likewise, to be changed.
    pub const fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Staff => &mut self.staff,
            Side::Client => &mut self.client,
        }
    }

    /// Something made of each.
    pub fn map<U>(self, mut make: impl FnMut(T) -> U) -> Sides<U> {
        Sides { staff: make(self.staff), client: make(self.client) }
    }
}
