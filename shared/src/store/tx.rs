//! The one transaction builder: the change with its condition, guards, directory log, audit, answer and mail (decision 19).

mod commit;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use uuid::Uuid;

use super::StoreError;
use super::condition::{Amendment, Condition};
use super::guards::Taken;
use super::idempotency::{Answer, AnswerPlace};
use super::item::{self, Entity, Plain, Versioned};
use super::keys::Key;
use super::op::{Op, number};
use super::rate::{Count, Limit};
use crate::access::Grant;
use crate::domain::directory::Change;
use crate::domain::ids::ClientId;
use crate::domain::mail::Outgoing;
use crate::domain::text::BreakGlassReason;

/// Why a transaction was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// The named kind of item has changed since it was read.
    Stale(&'static str),
    /// A guard is held by somebody else.
    Taken(Taken),
    /// The same request is being answered by another process.
    SameRequest,
    /// As often as it may be within a time; this long until its end.
    TooMany(SignedDuration),
}

/// A change of the table under a grant. Nothing is written before [`Store::commit`].
pub struct Tx {
    grant: Grant,
    ops: Vec<(Op, Conflict)>,
    fields: Vec<&'static str>,
    resources: Vec<String>,
    reason: Option<BreakGlassReason>,
    place: Option<AnswerPlace>,
    answer: Option<Answer>,
    answer_again: bool,
    audit: Option<Uuid>,
    changes: Vec<Vec<u8>>,
    counts: Vec<Count>,
    spares: Vec<Spare>,
    failed: Option<StoreError>,
}

/// A mail that a transaction can do without, and what it counts against.
struct Spare {
    mail: (Op, Conflict),
    counts: Vec<Count>,
    held: Arc<AtomicBool>,
}

impl Spare {
    /// What writes several of them: each counter is raised once, by as many as count against it.
    fn ops(spares: &[Self]) -> Vec<(Op, Conflict)> {
        let mut counts: Vec<Count> = Vec::new();
        for count in spares.iter().flat_map(|spare| &spare.counts) {
            match counts.iter_mut().find(|known| known.place == count.place) {
                Some(known) => known.times += count.times,
                None => counts.push(count.clone()),
            }
        }
        let raised = counts.into_iter().map(|count| {
            let (place, amendment, wait) = count.amendment();
            (Op::Amend { place, amendment }, Conflict::TooMany(wait))
        });
        raised.chain(spares.iter().map(|spare| spare.mail.clone())).collect()
    }
}

/// Whether the part that a transaction could do without was written.
#[derive(Debug, Clone)]
pub struct Held(Arc<AtomicBool>);

impl Held {
    /// Only once the transaction holds.
    #[must_use]
    pub fn is_true(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tx({}, {} operations)", self.grant.action().name(), self.ops.len())
    }
}

impl Tx {
    /// An empty transaction under a grant.
    #[must_use]
    pub fn new(grant: &Grant) -> Self {
        Self {
            grant: grant.clone(),
            ops: Vec::new(),
            fields: Vec::new(),
            resources: Vec::new(),
            reason: None,
            place: None,
            answer: None,
            answer_again: false,
            audit: None,
            changes: Vec::new(),
            counts: Vec::new(),
            spares: Vec::new(),
            failed: None,
        }
    }

    /// The grant it is made under.
    #[must_use]
    pub const fn grant(&self) -> &Grant {
        &self.grant
    }

    fn push_put<E: Entity>(
        &mut self,
        entity: &E,
        condition: &str,
        values: Vec<(String, AttributeValue)>,
        conflict: Conflict,
    ) {
        self.put_if(entity, Condition::of(condition, values), conflict);
    }

    /// Puts a noun under a condition of its own.
    pub(super) fn put_if<E: Entity>(&mut self, entity: &E, condition: Condition, conflict: Conflict) -> &mut Self {
        match item::to_item(entity) {
            Ok(item) if item::size(&item) > item::MAX_SIZE => self.failed = Some(StoreError::TooLarge(E::NAME)),
            Ok(item) => self.ops.push((Op::Put { item, condition }, conflict)),
            Err(corrupt) => self.failed = Some(corrupt.into()),
        }
        self
    }

    /// Deletes a noun under a condition of its own.
    pub(super) fn delete_if<E>(&mut self, key: Key<E>, condition: Condition, conflict: Conflict) -> &mut Self {
        self.ops.push((Op::Delete { place: key.into_place(), condition }, conflict));
        self
    }

    /// Puts a noun that must not exist yet.
    pub fn create<E: Plain>(&mut self, entity: &E) -> &mut Self {
        self.claim(entity, Conflict::Stale(E::NAME))
    }

    /// Puts a noun that must not exist yet, and says what it means if it does.
    pub fn claim<E: Plain>(&mut self, entity: &E, conflict: Conflict) -> &mut Self {
        self.put_new(entity, conflict)
    }

    /// Puts a noun in place of what was read of it: the stored version must still be its own, and grows by one with this.
    ///
    /// A noun that was not there, of version 0, must still not be there. From here on the noun is what is to be stored.
    pub fn replace<E: Plain + Versioned>(&mut self, entity: &mut E) -> &mut Self {
        self.put_next(entity)
    }

    /// Puts what must not exist yet, of any kind.
    pub(super) fn put_new<E: Entity>(&mut self, entity: &E, conflict: Conflict) -> &mut Self {
        self.put_if(entity, Condition::of("attribute_not_exists(pk)", Vec::new()), conflict)
    }

    /// Puts the next version of anything that has versions: the only place where one is raised.
    pub(super) fn put_next<E: Versioned>(&mut self, entity: &mut E) -> &mut Self {
        let read = entity.version();
        *entity.version_mut() = read + 1;
        if read == 0 {
            return self.put_new(entity, Conflict::Stale(E::NAME));
        }
        self.put_over(entity, read)
    }

    /// Puts what stands there in this version.
    pub(super) fn put_over<E: Entity>(&mut self, entity: &E, read: u64) -> &mut Self {
        let values = vec![(":version".to_owned(), number(read))];
        self.put_if(entity, Condition::of("version = :version", values), Conflict::Stale(E::NAME))
    }

    /// Puts a noun whatever stands there.
    pub fn put<E: Plain>(&mut self, entity: &E) -> &mut Self {
        self.push_put(entity, "", Vec::new(), Conflict::Stale(E::NAME));
        self
    }

    /// Puts a noun if nothing stands there, or what stands there has the same text in `attribute`.
    pub fn put_if_absent_or_same<E: Plain>(
        &mut self,
        entity: &E,
        attribute: &'static str,
        value: &str,
        conflict: Conflict,
    ) -> &mut Self {
        let expression = "attribute_not_exists(pk) OR #same = :same".to_owned();
        let values = vec![(":same".to_owned(), AttributeValue::S(value.to_owned()))];
        self.put_if(entity, Condition { expression, names: vec![("#same", attribute)], values }, conflict)
    }

    /// Deletes a noun whose stored version must be this one.
    pub fn delete<E: Plain>(&mut self, entity: &E) -> &mut Self {
        let values = vec![(":version".to_owned(), number(entity.version()))];
        self.delete_if(entity.key(), Condition::of("version = :version", values), Conflict::Stale(E::NAME))
    }

    /// Deletes whatever stands at a key.
    pub fn release<E>(&mut self, key: Key<E>) -> &mut Self {
        self.delete_if(key, Condition::default(), Conflict::Stale("guard"))
    }

    /// Requires that a noun, read before, has not changed since.
    pub fn unchanged<E: Entity>(&mut self, entity: &E) -> &mut Self {
        self.ops.push((
            Op::Check { place: entity.key().into_place(), version: entity.version() },
            Conflict::Stale(E::NAME),
        ));
        self
    }

    /// Requires that nothing stands at a key, and says what it means if something does.
    pub fn absent<E>(&mut self, key: Key<E>, conflict: Conflict) -> &mut Self {
        self.ops.push((Op::Absent { place: key.into_place() }, conflict));
        self
    }

    /// Changes a part of an item that was not read. The amendment raises the version, for those who did read it.
    pub(super) fn amend<E>(&mut self, key: Key<E>, amendment: Amendment, conflict: Conflict) -> &mut Self {
        self.ops.push((Op::Amend { place: key.into_place(), amendment }, conflict));
        self
    }

    /// Writes a change of the client list into the directory's log.
    pub(super) fn directory(&mut self, change: &Change) -> &mut Self {
        self.changes.push(change.encode());
        self
    }

    /// Leaves a mail to be sent once the transaction holds. Who writes one has counted it: `App::write_mail`.
    pub(crate) fn mail(&mut self, mail: &Outgoing) -> &mut Self {
        self.create(mail)
    }

    /// Counts once against a limit, if the transaction holds; where the limit is reached it does not.
    pub(crate) fn count(&mut self, limit: Limit, hash: &str) -> &mut Self {
        let count = Count::new(limit, hash, self.grant.at());
        match self.counts.iter_mut().find(|known| known.place == count.place) {
            Some(known) => known.times += 1,
            None => self.counts.push(count),
        }
        self
    }

    /// Leaves a mail to be sent, if there is room for it under each limit: where there is none, all else is written. Of
    /// several, the last gives way first.
    pub(crate) fn mail_if_room(&mut self, mail: &Outgoing, limits: Vec<(Limit, String)>) -> Held {
        let held = Arc::new(AtomicBool::new(false));
        let counts = limits.into_iter().map(|(limit, hash)| Count::new(limit, &hash, self.grant.at())).collect();
        match item::to_item(mail) {
            Ok(item) => {
                let condition = Condition::of("attribute_not_exists(pk)", Vec::new());
                let mail = (Op::Put { item, condition }, Conflict::Stale(Outgoing::NAME));
                self.spares.push(Spare { mail, counts, held: Arc::clone(&held) });
            }
            Err(corrupt) => self.failed = Some(corrupt.into()),
        }
        Held(held)
    }

    /// Names the fields that change, for the audit trail. Never values.
    pub fn fields(&mut self, fields: impl IntoIterator<Item = &'static str>) -> &mut Self {
        self.fields.extend(fields);
        self
    }

    /// Names what was touched, for the audit trail.
    pub fn touches(&mut self, id: impl ToString) -> &mut Self {
        self.resources.push(id.to_string());
        self
    }

    /// Says why, for the audit trail.
    pub fn because(&mut self, reason: &BreakGlassReason) -> &mut Self {
        self.reason = Some(reason.clone());
        self
    }

    /// The clients it is about: the grant's, and those that what was touched belongs to.
    fn clients(&self) -> Vec<ClientId> {
        let touched = self.resources.iter().filter_map(|id| ClientId::within(id));
        let all: BTreeSet<ClientId> = self.grant.subject().into_iter().chain(touched).collect();
        all.into_iter().collect()
    }

    /// Names the audit entry: a replay writes the same one again instead of a second one.
    pub const fn audited_as(&mut self, id: Uuid) -> &mut Self {
        self.audit = Some(id);
        self
    }

    /// Keeps the answer for a repetition of the request, if the request carries a key.
    pub fn answer(&mut self, place: Option<&AnswerPlace>, answer: Answer) -> &mut Self {
        self.place = place.cloned();
        self.answer = Some(answer);
        self
    }

    /// Replaces the kept answer of this same request: it changed before it was told.
    pub fn answer_again(&mut self, place: &AnswerPlace, answer: Answer) -> &mut Self {
        self.answer_again = true;
        self.answer(Some(place), answer)
    }
}
