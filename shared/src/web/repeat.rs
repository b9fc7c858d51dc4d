//! A request that comes a second time gets its first answer, if that is still the caller's to see (security REL-1).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use jiff::Timestamp;

use crate::access::{Action, Grant, Resource, decide, standing};
use crate::app::App;
use crate::crypto::{ordered_id, sha256};
use crate::domain::practice::Practice;
use crate::refusal::{Refusal, Stop};
use crate::store::{AnswerPlace, AuditEntry, Decided, Kept, Record, Repeat, keys};

/// Says of a `POST` that it is answered anew each time: it makes nothing, or what can be made only once. Any other keeps
/// its first answer for whoever asks again under the same key.
#[derive(Debug, Clone, Copy)]
pub struct Afresh;

impl<S: Sync> FromRequestParts<S> for Afresh {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

impl App {
    /// Answers a repetition by somebody who is not signed in; refuses another payload under the same key (422).
    pub fn check_repeat(&self, place: &AnswerPlace, record: Option<Record>, now: Timestamp) -> Result<(), Stop> {
        match kept(place, record, now)? {
            None => Ok(()),
            Some(kept) => Err(Stop::Replayed(Box::new(kept.answer))),
        }
    }

    /// The kept answer, for the trail and then for the caller; or 409, where it shows what is not the caller's any more.
    pub(super) async fn tell_again(&self, grant: &Grant, practice: &Practice, kept: Kept) -> Stop {
        match self.is_still_theirs(grant, practice, &kept).await {
            Ok(true) => {}
            Ok(false) => {
                return Refusal::conflict(
                    "answer_withheld",
                    "This request was carried out before. What it answered then is not for you any more.",
                )
                .into();
            }
            Err(stop) => return stop,
        }
        let id = match ordered_id(grant.at()) {
            Ok(id) => id,
            Err(none) => return none.into(),
        };
        let entry = AuditEntry::new(grant, Decided::Repeated, id)
            .with_resources(kept.clients.iter().map(ToString::to_string).collect());
        match self.append_audit(&entry).await {
            Ok(()) => Stop::Replayed(Box::new(kept.answer)),
            Err(stop) => stop,
        }
    }

    /// Whether nothing was taken from the caller since, and every client of the answer is one it may read.
    async fn is_still_theirs(&self, grant: &Grant, practice: &Practice, kept: &Kept) -> Result<bool, Stop> {
        if kept.standing != sha256(standing(grant.actor(), practice).as_bytes()) {
            return Ok(false);
        }
        // As many as one read brings.
        for some in kept.clients.chunks(100) {
            let wanted: Vec<_> = some.iter().map(|id| keys::client(practice.id, *id).unless_deleting()).collect();
            for client in self.store.load(wanted).await? {
                let about = Resource::client(client.as_ref());
                if decide(grant.actor(), Action::ClientRead, &about, practice).is_err() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// What this very request was answered before; 422 for another payload under the same key.
pub(super) fn kept(place: &AnswerPlace, record: Option<Record>, now: Timestamp) -> Result<Option<Kept>, Stop> {
    match record.and_then(|record| place.compare(&record, now)) {
        None => Ok(None),
        Some(Repeat::Same(kept)) => Ok(Some(kept)),
        Some(Repeat::Different) => Err(Refusal::unfit(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request. Use a new key.",
        )
        .into()),
    }
}
