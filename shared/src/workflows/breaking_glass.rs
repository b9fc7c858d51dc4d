//! Reading what is private to another, in an emergency: its author and the admins are told (decisions 15 and 31).

use std::collections::BTreeSet;

use super::mailing::Occasion;
use crate::app::App;
use crate::domain::ids::StaffId;
use crate::domain::mail::{Opened, Template};
use crate::domain::practice::Practice;
use crate::domain::session::PrincipalId;
use crate::domain::staff::StaffStatus;
use crate::domain::team::Team;
use crate::domain::text::BreakGlassReason;
use crate::refusal::Stop;
use crate::store::{Tx, keys};

/// As many people as are told: a practice with more admins has its trail to look at.
const TOLD: usize = 20;

impl App {
    /// Commits with the reason, and writes to the author and to every admin, whoever reads it among them: an account that
    /// was taken over must not read in silence. Nobody is named, and nothing of what was read.
    pub async fn open_private(
        &self,
        mut tx: Tx,
        (practice, team): (&Practice, &Team),
        (what, author): (Opened, PrincipalId),
        reason: &BreakGlassReason,
    ) -> Result<(), Stop> {
        tx.because(reason);
        let active = team.members.iter().filter(|(_, member)| member.status == StaffStatus::Active);
        let admins = active.filter(|(_, member)| member.admin).map(|(id, _)| *id);
        let author = if let PrincipalId::Staff(id) = author { Some(id) } else { None };
        let told: BTreeSet<StaffId> = author.into_iter().chain(admins.take(TOLD)).collect();
        let wanted: Vec<_> = told.into_iter().map(|id| keys::staff(practice.id, id)).collect();
        let readers = self.store.load(wanted).await?.into_iter().flatten();
        let signs_in = |status| matches!(status, StaffStatus::Active | StaffStatus::OnHold);
        let mut mails = Vec::new();
        for reader in readers.filter(|staff| signs_in(staff.status)) {
            let template = Template::BreakGlass { what };
            mails.push(self.write_mail(&mut tx, Occasion::Notice, practice, reader.email, template)?);
        }
        self.store.commit(tx).await?;
        for mail in &mails {
            self.send_now(mail).await?;
        }
        Ok(())
    }
}
