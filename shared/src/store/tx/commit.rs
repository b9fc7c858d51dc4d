//! Writing a transaction: everything or nothing, and why not.

use std::sync::atomic::Ordering;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{Conflict, Spare, Tx};
use crate::access::Obligation;
use crate::crypto::ordered_id;
use crate::store::audit::{self, AuditEntry, Decided};
use crate::store::directory::LogItem;
use crate::store::op::{Op, check_size};
use crate::store::{Store, StoreError, sdk_error};

/// How often a transaction that only met another one is tried again.
const TRIES: u32 = 6;

impl Store {
    /// Writes everything or nothing, in one round trip.
    ///
    /// The audit entry, and the stored answer if there is one, are part of it.
    pub async fn commit(&self, mut tx: Tx) -> Result<(), StoreError> {
        if let Some(failed) = tx.failed.take() {
            return Err(failed);
        }
        // decision 15
        if tx.grant.obligations().contains(&Obligation::Reason) && tx.reason.is_none() {
            return Err(StoreError::Broken("nobody has said why".to_owned()));
        }
        let (id, condition) = match tx.audit {
            Some(id) => (id, ""),
            None => (ordered_id(tx.grant.at())?, "attribute_not_exists(pk)"),
        };
        for count in std::mem::take(&mut tx.counts) {
            let (place, amendment, wait) = count.amendment();
            tx.ops.push((Op::Amend { place, amendment }, Conflict::TooMany(wait)));
        }
        for change in std::mem::take(&mut tx.changes) {
            tx.create(&LogItem::new(tx.grant.practice(), change, self.clock().unmoved())?);
        }
        let clients = tx.clients();
        let entry = AuditEntry::new(&tx.grant, Decided::Done, id)
            .with_fields(&tx.fields)
            .with_reason(tx.reason.take())
            .with_resources(std::mem::take(&mut tx.resources));
        tx.push_put(&entry, condition, Vec::new(), Conflict::Stale("audit"));
        if let (Some(place), Some(answer)) = (tx.place.take(), tx.answer.take()) {
            let record = place.record(answer, clients, tx.grant.at())?;
            if tx.answer_again {
                tx.put(&record);
            } else {
                let values = vec![(":now".to_owned(), AttributeValue::N(tx.grant.at().as_second().to_string()))];
                tx.push_put(&record, "attribute_not_exists(pk) OR expires_at <= :now", values, Conflict::SameRequest);
            }
        }
        if let Some(failed) = tx.failed.take() {
            return Err(failed);
        }
        let needed = tx.ops.len();
        check_size(tx.ops.iter().map(|(op, _)| op))?;
        let mut spares = std::mem::take(&mut tx.spares);
        tx.ops.extend(Spare::ops(&spares));
        // A transaction that is full goes without.
        while check_size(tx.ops.iter().map(|(op, _)| op)).is_err() && spares.pop().is_some() {
            tx.ops.truncate(needed);
            tx.ops.extend(Spare::ops(&spares));
        }
        let mut pause = std::time::Duration::from_millis(15);
        for attempt in 1.. {
            match self.write(&tx.ops, needed).await {
                Err(Attempt::NoRoom) => {
                    tx.ops.truncate(needed);
                    spares.pop();
                    tx.ops.extend(Spare::ops(&spares));
                }
                Err(Attempt::Met) if attempt < TRIES => {
                    self.clock().pause(pause).await;
                    pause *= 2;
                }
                Err(Attempt::Met) => break,
                Err(Attempt::Failed(error)) => return Err(error),
                Ok(()) => {
                    for spare in spares {
                        spare.held.store(true, Ordering::Relaxed);
                    }
                    audit::account();
                    return Ok(());
                }
            }
        }
        Err(StoreError::Unavailable("TransactWriteItems: too many transactions on the same item".to_owned()))
    }

    /// Writes all of it; the first `needed` are what it cannot do without.
    async fn write(&self, ops: &[(Op, Conflict)], needed: usize) -> Result<(), Attempt> {
        let items =
            ops.iter().map(|(op, _)| self.action(op)).collect::<Result<Vec<_>, _>>().map_err(Attempt::Failed)?;
        let sent = self
            .client()
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(self.capacity())
            .send()
            .await;
        let Err(error) = sent else { return Ok(()) };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() {
            let reasons = cancelled.cancellation_reasons.as_deref().unwrap_or_default();
            let coded =
                || reasons.iter().zip(ops).map(|(reason, (_, conflict))| (reason.code().unwrap_or("None"), *conflict));
            // A repetition of the whole request explains every other failed condition.
            let unmet = |(code, _): &(&str, Conflict)| *code == "ConditionalCheckFailed";
            let failed: Vec<Conflict> = coded().take(needed).filter(unmet).map(|(_, c)| c).collect();
            if failed.contains(&Conflict::SameRequest) {
                return Err(Attempt::Failed(StoreError::Conflict(Conflict::SameRequest)));
            }
            let limited = failed.iter().find(|conflict| matches!(conflict, Conflict::TooMany(_)));
            if let Some(first) = limited.or(failed.first()) {
                return Err(Attempt::Failed(StoreError::Conflict(*first)));
            }
            if coded().skip(needed).any(|one| unmet(&one)) {
                return Err(Attempt::NoRoom);
            }
            if coded().any(|(code, _)| code == "TransactionConflict") {
                return Err(Attempt::Met);
            }
            let codes: Vec<&str> = reasons.iter().filter_map(|r| r.code()).filter(|c| *c != "None").collect();
            let text = format!("TransactWriteItems: {}", codes.join(", "));
            let busy = codes.iter().any(|c| c.contains("Throttl") || c.contains("Throughput"));
            return Err(Attempt::Failed(if busy { StoreError::Unavailable(text) } else { StoreError::Broken(text) }));
        }
        Err(Attempt::Failed(sdk_error("TransactWriteItems", &error)))
    }
}

enum Attempt {
    /// Another transaction was on one of the items at the same moment.
    Met,
    /// There is no room for what it can do without.
    NoRoom,
    Failed(StoreError),
}
