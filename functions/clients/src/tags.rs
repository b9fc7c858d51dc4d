//! Tags are attached by name or id; a new name makes a new tag, for roles that may make tags (B7).

use std::collections::BTreeSet;

use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::catalog::Catalog;
use caseload::domain::ids::TagId;
use caseload::domain::text::TagName;
use caseload::refusal::{BadField, Refusal, Stop};
use caseload::web::Authorized;

/// The ids of these tags; `true` if the catalog has grown and must be written. 403 if it would grow by a caller whose
/// role does not include making tags.
pub(crate) async fn attach<T>(
    app: &App,
    asked: &Authorized<T>,
    catalog: &mut Catalog,
    wanted: &[String],
) -> Result<(BTreeSet<TagId>, bool), Stop> {
    let before = catalog.tags.len();
    let mut ids = BTreeSet::new();
    for (place, text) in wanted.iter().enumerate() {
        let refused = |code: &'static str, detail: &dyn std::fmt::Display| {
            Refusal::fields(vec![BadField::new(format!("/tags/{place}"), code, detail)])
        };
        if let Ok(id) = text.parse::<TagId>() {
            if !catalog.tags.contains_key(&id) {
                return Err(refused("tag_unknown", &"is not a tag of this practice").into());
            }
            ids.insert(id);
            continue;
        }
        let name = TagName::parse(text).map_err(|e| refused(e.code(), &e))?;
        let id = catalog.tag_or_new(&name, TagId::from_uuid(app.new_id()?));
        ids.insert(id.ok_or_else(|| refused("too_many_tags", &"the practice has as many tags as it can have"))?);
    }
    let grown = catalog.tags.len() > before;
    if grown {
        app.decide_also(asked, Action::TagsManage, &Resource::Practice).await?;
    }
    Ok((ids, grown))
}
