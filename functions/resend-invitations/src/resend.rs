//! Sends pending invitations again, as each practice has set it (decision 9).

use caseload::access::{Action, Actor, Cause, Grant};
use caseload::app::App;
use caseload::domain::directory::{Change, Entry};
use caseload::domain::ids::{ClientId, PracticeId};
use caseload::domain::portal::{Access, InvitationState};
use caseload::domain::practice::Practice;
use caseload::store::{Guard, Paging, StoreError, Tx, keys};
use caseload::web::Problem;
use caseload::workflows::{Ask, Sent};

use crate::Report;

pub(crate) async fn run(app: &App, cause: Cause) -> Result<Report, Problem> {
    let mut report = Report::default();
    for partition in keys::resend_partitions() {
        let mut after: Option<String> = None;
        loop {
            let page = Paging { newest_first: false, limit: 100, after: after.as_deref() };
            let (practices, more) = app.store.list::<Guard>(&partition, "P#", page).await?;
            for guard in &practices {
                practice(app, cause, guard.practice, &mut report).await?;
            }
            after = practices.last().map(|guard| keys::resend_registry(guard.practice).sk);
            if !more || after.is_none() {
                break;
            }
        }
    }
    Ok(report)
}

async fn practice(app: &App, cause: Cause, id: PracticeId, report: &mut Report) -> Result<(), Problem> {
    let Some(practice) = app.store.get::<Practice>(&keys::practice(id)).await? else {
        return Ok(());
    };
    let due: Vec<ClientId> = {
        let held = app.store.load_directory(id).await?;
        held.directory.entries().filter(|entry| is_due(entry, &practice, cause.at)).map(|entry| entry.id).collect()
    };
    for client in due {
        report.due += 1;
        match one(app, cause, &practice, client).await {
            Ok(Sent::Yes) => report.sent += 1,
            Ok(Sent::Later) => report.skipped += 1,
            Err(problem) => {
                // One client in the way must not keep the others from their mail.
                tracing::warn!(code = problem.code(), %client, "invitation not resent");
                report.skipped += 1;
            }
        }
    }
    Ok(())
}

/// Whether a pending client has waited long enough and was not reminded often enough yet.
fn is_due(entry: &Entry, practice: &Practice, now: jiff::Timestamp) -> bool {
    let (Some(wait), Some(invitation)) = (practice.invitations.resend_after(), &entry.invitation) else {
        return false;
    };
    let out = matches!(invitation.state, InvitationState::Sent | InvitationState::Delivered);
    let pending = !entry.suspended && !entry.registered && entry.access == Access::Invited;
    practice.portal.on
        && pending
        && out
        && invitation.sent_at + wait <= now
        && invitation.resends < u32::from(practice.invitations.max_resends)
}

/// Sends one again: decided anew on the record itself, so that two runs at once send one mail.
async fn one(app: &App, cause: Cause, practice: &Practice, id: ClientId) -> Result<Sent, Problem> {
    let grant = Grant::system(practice.id, Actor::System("schedule"), Action::InvitationResend, Some(id), cause)?;
    let mut items = app.store.load(&[keys::client(practice.id, id)]).await?;
    let Some(mut client) = items.client(practice.id, id)? else {
        return Ok(Sent::Later);
    };
    if !is_due(&Entry::from(&client), practice, cause.at) {
        return Ok(Sent::Later);
    }
    let mut tx = Tx::new(&grant);
    let mail = app.invite(&mut tx, &mut client, practice, Ask { automatic: true, ..Ask::default() })?;
    tx.replace(&client).directory(&Change::Put(Entry::from(&client))).fields(["invitation"]);
    match app.store.commit(tx).await {
        Err(StoreError::Conflict(_)) => return Ok(Sent::Later),
        other => other?,
    }
    app.send_invitation_now(&grant, &mut client, &mail, |_| Ok(None)).await
}
