//! The call recorder: what each request asked of the services behind it, and how many times it had to wait in a row.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use caseload::domain::ids::RequestId;
use serde::Serialize;

use crate::capacity::Units;
use crate::label::Label;

/// How many calls are kept.
const KEPT: usize = 10_000;

/// A call to a service. Each try of the SDK is one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Call {
    /// The request, or the invocation of a worker or schedule, that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
    /// `dynamodb`, `s3`, `ses` or `payments`.
    pub service: &'static str,
    /// Its operation, such as `TransactWriteItems`; method and path where there is no better name.
    pub operation: String,
    /// Read units it consumed, as far as the answer said.
    pub read_units: f64,
    /// Write units, likewise.
    pub write_units: f64,
    /// How deep it stands: one more than the deepest call of the same request that had ended when it began.
    ///
    /// Calls that run at the same time share a round, so the greatest round is the number of sequential round trips.
    pub round: u32,
}

/// The last 10,000 calls. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Log>>);

#[derive(Debug, Default)]
struct Log {
    calls: VecDeque<Call>,
    forgotten: u64,
    requests: HashMap<RequestId, Progress>,
}

/// How far a request with calls in the log has come.
#[derive(Debug, Default)]
struct Progress {
    calls: usize,
    depth: u32,
}

impl Recorder {
    /// Every call that is kept, in the order they began.
    #[must_use]
    pub fn all(&self) -> Vec<Call> {
        self.log().calls.iter().cloned().collect()
    }

    /// The calls of one request, by the id in its `x-request-id`, in the order they began.
    #[must_use]
    pub fn of(&self, request_id: &str) -> Vec<Call> {
        let Ok(id) = request_id.parse::<RequestId>() else {
            return Vec::new();
        };
        let log = self.log();
        log.calls.iter().filter(|call| call.request_id == Some(id)).cloned().collect()
    }

    /// How many calls there have been, also those that are not kept.
    #[must_use]
    pub fn begun(&self) -> u64 {
        let log = self.log();
        log.forgotten + log.calls.len() as u64
    }

    /// Forgets every call.
    pub fn clear(&self) {
        let mut log = self.log();
        log.forgotten += log.calls.len() as u64;
        log.calls.clear();
        log.requests.clear();
    }

    /// Writes a call down as it begins.
    pub(crate) fn begin(&self, request: Option<RequestId>, label: &Label) -> Underway {
        let mut log = self.log();
        if log.calls.len() >= KEPT {
            log.forget_oldest();
        }
        let round = request.map_or(1, |request| {
            let progress = log.requests.entry(request).or_default();
            progress.calls += 1;
            progress.depth + 1
        });
        log.calls.push_back(Call {
            request_id: request,
            service: label.service,
            operation: label.operation.clone(),
            read_units: 0.0,
            write_units: 0.0,
            round,
        });
        let number = log.forgotten + log.calls.len() as u64 - 1;
        Underway { recorder: self.clone(), request, number, round }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn forget_oldest(&mut self) {
        let Some(Call { request_id: Some(request), .. }) = self.calls.pop_front() else {
            self.forgotten += 1;
            return;
        };
        self.forgotten += 1;
        if let Some(progress) = self.requests.get_mut(&request) {
            progress.calls -= 1;
            if progress.calls == 0 {
                self.requests.remove(&request);
            }
        }
    }
}

/// A call that has begun. It has ended when this is dropped, however that comes about.
#[derive(Debug)]
pub(crate) struct Underway {
    recorder: Recorder,
    request: Option<RequestId>,
    number: u64,
    round: u32,
}

impl Underway {
    /// Adds what the answer said was consumed.
    pub(crate) fn consumed(&self, units: Units) {
        let mut log = self.recorder.log();
        let place = self.number.checked_sub(log.forgotten).and_then(|place| usize::try_from(place).ok());
        if let Some(call) = place.and_then(|place| log.calls.get_mut(place)) {
            call.read_units += units.read;
            call.write_units += units.write;
        }
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        let mut log = self.recorder.log();
        if let Some(progress) = self.request.and_then(|request| log.requests.get_mut(&request)) {
            progress.depth = progress.depth.max(self.round);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn request(n: u128) -> Option<RequestId> {
        Some(RequestId::from_uuid(Uuid::from_u128(n)))
    }

    fn label(operation: &str) -> Label {
        Label { service: "dynamodb", operation: operation.to_owned() }
    }

    // performance 5.1: sequential depth
    #[test]
    fn calls_at_the_same_time_share_a_round() {
        let recorder = Recorder::default();
        let begin = |request, operation: &str| recorder.begin(request, &label(operation));
        let (read, audit) = (begin(request(1), "BatchGetItem"), begin(request(1), "PutItem"));
        drop(read);
        let late = begin(request(1), "Query");
        let stranger = begin(request(2), "BatchGetItem");
        drop((audit, late, stranger));
        drop(begin(request(1), "TransactWriteItems"));
        let of = |n| recorder.of(&request(n).unwrap().to_string());
        let rounds: Vec<_> = of(1).into_iter().map(|call| (call.operation, call.round)).collect();
        let expected = [("BatchGetItem", 1), ("PutItem", 1), ("Query", 2), ("TransactWriteItems", 3)];
        assert_eq!(rounds, expected.map(|(name, round)| (name.to_owned(), round)));
        assert_eq!(of(2).iter().map(|call| call.round).collect::<Vec<_>>(), [1]);
        assert!(recorder.of("not an id").is_empty());
    }

    #[test]
    fn units_reach_their_call_and_only_the_last_ten_thousand_are_kept() {
        let recorder = Recorder::default();
        let early = recorder.begin(request(1), &label("early"));
        for n in 0..KEPT {
            drop(recorder.begin(request(2), &label(&n.to_string())));
        }
        let last = recorder.begin(None, &label("last"));
        last.consumed(Units { read: 1.0, write: 2.0 });
        early.consumed(Units { read: 9.0, write: 9.0 });
        drop(early);
        let calls = recorder.all();
        assert_eq!((calls.len(), calls[0].operation.as_str()), (KEPT, "1"));
        let newest = calls.last().unwrap();
        assert_eq!((newest.read_units, newest.write_units, newest.round), (1.0, 2.0, 1));
        assert!(recorder.log().requests.keys().eq([&request(2).unwrap()]));
        recorder.clear();
        last.consumed(Units { read: 1.0, write: 0.0 });
        assert!(recorder.all().is_empty() && recorder.log().requests.is_empty());
    }
}
