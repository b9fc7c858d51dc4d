//! Authorize a look into the client list and bring the list up to date, in the same round trip.

use std::sync::{Arc, Mutex};

use super::authorize::Authorized;
use super::caller::{Caller, Kind};
use crate::access::{Action, Cause, Resource};
use crate::app::App;
use crate::crypto::ordered_id;
use crate::domain::directory::Page;
use crate::domain::ids::ClientId;
use crate::refusal::Stop;
use crate::store::directory::Held;
use crate::store::{AuditEntry, Decided, Lookup, keys};

impl App {
    /// Leaves an entry that names what is, or is going to be, shown; whoever shows it does so only after this has held.
    ///
    /// `of` is the client whose record all of it is from, if it is from one.
    pub async fn note_shown<K: Kind>(
        &self,
        caller: &Caller<K>,
        action: Action,
        decided: Decided,
        of: Option<ClientId>,
        shown: &[String],
    ) -> Result<(), Stop> {
        let cause = Cause { request: caller.context.id, at: caller.context.at };
        let (actor, id) = (caller.identity.principal.to_string(), ordered_id(cause.at)?);
        let entry = AuditEntry::of(caller.practice(), &actor, action.name(), decided, of, cause, id);
        self.append_audit(&entry.with_resources(shown.to_vec())).await
    }

    /// Finds a page of the client list in what `read` brings up to date, and leaves the entry that names whom it shows.
    ///
    /// The entry can be written beside the read, in the same round trip, only where the page can be foretold from memory.
    /// Where it turns out otherwise, a second entry says whom it really shows, before it does.
    pub async fn page_of_clients<K: Kind, T, U>(
        &self,
        caller: &Caller<K>,
        action: Action,
        foretold: Option<Page>,
        read: impl Future<Output = Result<T, Stop>>,
        find: impl FnOnce(&mut T) -> Result<(Page, U), Stop>,
    ) -> Result<(T, Page, U), Stop> {
        let shown = |page: &Page| -> Vec<String> { page.rows.iter().map(|(entry, _)| entry.id.to_string()).collect() };
        let foretold = foretold.as_ref().map(shown);
        let (read, noted) = tokio::join!(read, async {
            match &foretold {
                Some(shown) => self.note_shown(caller, action, Decided::Asked, None, shown).await,
                None => Ok(()),
            }
        });
        let mut read = read?;
        noted?;
        let (page, with) = find(&mut read)?;
        let shown = shown(&page);
        if foretold.as_ref() != Some(&shown) {
            self.note_shown(caller, action, Decided::Done, None, &shown).await?;
        }
        Ok((read, page, with))
    }

    /// Authorizes an action on the practice and brings its directory up to date; with `more` out of the same round trip.
    pub async fn practice_with_directory<K: Kind, L: Lookup>(
        &self,
        caller: &Caller<K>,
        action: Action,
        more: L,
    ) -> Result<WithDirectory<L>, Stop> {
        self.with_directory(caller, action, more, |_| Resource::Practice).await
    }

    /// Authorizes an action on something among `more` and brings the practice's directory up to date.
    ///
    /// Warm: one round trip, the log beside the session. Cold: a second one, for the chunks.
    pub async fn with_directory<K: Kind, L: Lookup>(
        &self,
        caller: &Caller<K>,
        action: Action,
        more: L,
        about: impl FnOnce(&L::Found) -> Resource,
    ) -> Result<WithDirectory<L>, Stop> {
        let practice = caller.practice();
        if let Some(held) = self.directories.warm(practice, self.clock().unmoved()) {
            let (entered, current) = tokio::join!(self.enter(caller, more), self.store.refresh(practice, &held));
            let (entered, found) = entered?;
            let grant = self.decide(&entered, action, &about(&found)).await?;
            let held = match current? {
                true => held,
                false => self.directories.keep(practice, self.store.load_directory(practice).await?),
            };
            return Ok((entered.authorized(grant, ()), held, found));
        }
        let (entered, (head, found)) = self.enter(caller, (keys::directory_head(practice), more)).await?;
        let grant = self.decide(&entered, action, &about(&found)).await?;
        let held = self.store.directory(&self.directories, practice, head.as_ref()).await?;
        Ok((entered.authorized(grant, ()), held, found))
    }
}

/// A decided request with the practice's directory and what else was read.
pub type WithDirectory<L> = (Authorized<()>, Arc<Mutex<Held>>, <L as Lookup>::Found);
