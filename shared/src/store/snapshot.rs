//! Snapshots of the directory: written whole, shown by one change of the head, folded from the log.

use jiff::Timestamp;
use uuid::Uuid;

use super::directory::{Chunk, Head, KEEP_LOG, OVERLAP};
use super::keys::{self, Place};
use super::{Guard, Store, StoreError, Tx, item, sdk_error};
use crate::access::Grant;
use crate::crypto::ordered_id;
use crate::domain::directory::Directory;
use crate::domain::ids::PracticeId;

impl Store {
    /// Writes the chunks of a snapshot and gives the head that would show it. Nobody sees them before that head stands.
    pub async fn stage_snapshot(
        &self,
        grant: &Grant,
        snapshot: Uuid,
        chunks: &[Vec<u8>],
        before: Option<&Head>,
        folded_through: Timestamp,
    ) -> Result<Head, StoreError> {
        let practice = grant.practice();
        for (number, bytes) in (0..).zip(chunks) {
            let chunk = Chunk { practice, snapshot, number, bytes: bytes.clone() };
            self.client()
                .put_item()
                .table_name(self.table())
                .set_item(Some(item::to_item(&chunk)?))
                .return_consumed_capacity(self.capacity())
                .send()
                .await
                .map_err(|e| sdk_error("PutItem", &e))?;
        }
        Ok(Head {
            practice,
            version: before.map_or(0, |h| h.version),
            snapshot,
            chunks: u32::try_from(chunks.len()).unwrap_or(u32::MAX),
            folded_through,
        })
    }

    /// Removes the chunks of a snapshot that no head names.
    pub async fn drop_snapshot(&self, grant: &Grant, snapshot: Uuid, chunks: u32) -> Result<(), StoreError> {
        self.remove_chunks(grant.practice(), snapshot, chunks).await
    }

    async fn remove_chunks(&self, practice: PracticeId, snapshot: Uuid, chunks: u32) -> Result<(), StoreError> {
        let chunk = |n| keys::directory_chunk(practice, snapshot, n).into_place();
        self.remove(&(0..chunks).map(chunk).collect::<Vec<Place>>()).await
    }

    /// Writes a snapshot and flips the head to it: everybody sees all of it or nothing.
    ///
    /// `snapshot` names it; the same name again writes the same items. `before` is the head the directory was read under;
    /// [`super::Conflict::Stale`] means that another snapshot came first.
    pub async fn write_snapshot(
        &self,
        grant: &Grant,
        snapshot: Uuid,
        directory: &Directory,
        before: Option<&Head>,
        folded_through: Timestamp,
    ) -> Result<Head, StoreError> {
        let mut head = self.stage_snapshot(grant, snapshot, &directory.encode_chunks(), before, folded_through).await?;
        let mut tx = Tx::new(grant);
        tx.replace(&mut head).touches(snapshot);
        self.commit(tx).await?;
        Ok(head)
    }

    /// Folds the log into a new snapshot, then removes what the old one leaves behind.
    pub async fn compact(&self, grant: &Grant) -> Result<(), StoreError> {
        let practice = grant.practice();
        let held = self.load_directory(practice).await?;
        let snapshot = ordered_id(self.clock().unmoved())?;
        // What is younger than the overlap may still be followed by older entries.
        let through = held.last_seen().min(self.clock().unmoved() - OVERLAP);
        self.write_snapshot(grant, snapshot, &held.directory, held.head.as_ref(), through).await?;
        if let Some(old) = &held.head {
            self.remove_chunks(practice, old.snapshot, old.chunks).await?;
        }
        let keep_from = keys::directory_log_from(through.min(self.clock().unmoved() - KEEP_LOG));
        let folded: Vec<Place> = self
            .places_in(&keys::directory_partition(practice))
            .await?
            .into_iter()
            .filter(|place| place.sk.starts_with(keys::DIRECTORY_LOG) && place.sk < keep_from)
            .collect();
        self.remove(&folded).await
    }

    /// Leaves a note for the schedule that folds directories.
    pub async fn ask_for_compaction(&self, practice: PracticeId) -> Result<(), StoreError> {
        self.client()
            .put_item()
            .table_name(self.table())
            .set_item(Some(item::to_item(&Guard::compaction(practice))?))
            .return_consumed_capacity(self.capacity())
            .send()
            .await
            .map_err(|e| sdk_error("PutItem", &e))?;
        Ok(())
    }
}
