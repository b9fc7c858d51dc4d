use serde::Serialize;
use utoipa::ToSchema;

use super::ClientRef;
use crate::domain::catalog::Catalog;
use crate::domain::client::Client;
use crate::domain::session::PrincipalId;

pub use crate::domain::side::Side;

/// Who wrote, gave or did something, by the name they go by now.
#[derive(Clone, Serialize, ToSchema)]
pub struct AuthorView {
    kind: Side,
    id: String,
    /// Empty for a staff member whom nobody remembers.
    name: String,
}

crate::domain::prints_its_name!(AuthorView);

impl AuthorView {
    /// The client itself, or a staff member by the name the catalog has, who left included.
    #[must_use]
    pub fn new(principal: PrincipalId, client: &Client, catalog: &Catalog) -> Self {
        Self::named(principal, &client.into(), catalog)
    }

    /// Likewise, where no more is known of the client than what lists name it by.
    #[must_use]
    pub fn named(principal: PrincipalId, client: &ClientRef, catalog: &Catalog) -> Self {
        let name = match principal {
            PrincipalId::Staff(id) => catalog.staff.get(&id).map(|card| card.full_name.as_str().to_owned()),
            PrincipalId::Client(_) => {
                let parts = [client.first_name.as_str(), client.last_name.as_str()];
                Some(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
            }
        };
        let id = match principal {
            PrincipalId::Staff(id) => id.to_string(),
            PrincipalId::Client(id) => id.to_string(),
        };
        Self { kind: Side::of(principal), id, name: name.unwrap_or_default() }
    }
}
