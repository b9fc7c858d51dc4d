//! Sends pending invitations again, as each practice has set it (decision 9).

use caseload::access::{Action, Actor, Cause, Grant, System};
use caseload::app::App;
use caseload::domain::directory::Entry;
use caseload::domain::ids::{ClientId, PracticeId};
use caseload::domain::portal::{Access, InvitationState};
use caseload::domain::practice::Practice;
use caseload::refusal::Stop;
use caseload::store::{StoreError, Tx, keys};
use caseload::workflows::{Ask, Sent};

use crate::Tally;

pub(crate) async fn run(app: &App, cause: Cause) -> Result<Tally, Stop> {
    let mut tally = Tally::default();
    for list in keys::resends() {
        for guard in app.store.all(&list).await? {
            practice(app, cause, guard.practice, &mut tally).await?;
        }
    }
    Ok(tally)
}

async fn practice(app: &App, cause: Cause, id: PracticeId, tally: &mut Tally) -> Result<(), Stop> {
    let Some(practice) = app.store.load(keys::practice(id)).await? else {
        return Ok(());
    };
    let due: Vec<ClientId> = {
        let held = app.store.load_directory(id).await?;
        held.directory.entries().filter(|entry| is_due(entry, &practice, cause.at)).map(|entry| entry.id).collect()
    };
    for client in due {
        tally.due += 1;
        match one(app, cause, &practice, client).await {
            Ok(Sent::Yes) => tally.sent += 1,
            Ok(Sent::Later) => tally.skipped += 1,
            Err(stop) => {
                // One client in the way must not keep the others from their mail.
                tracing::warn!(code = stop.code(), %client, "invitation not resent");
                tally.skipped += 1;
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
async fn one(app: &App, cause: Cause, practice: &Practice, id: ClientId) -> Result<Sent, Stop> {
    let grant = Grant::system(practice.id, Actor::System(System::Schedule), Action::InvitationResend, Some(id), cause)?;
    let Some(mut client) = app.store.load(keys::client(practice.id, id).unless_deleting()).await? else {
        return Ok(Sent::Later);
    };
    if !is_due(&Entry::from(&client), practice, cause.at) {
        return Ok(Sent::Later);
    }
    let mut tx = Tx::new(&grant);
    let mail = app.invite(&mut tx, &mut client, practice, Ask { automatic: true, ..Ask::default() })?;
    tx.save_client(&mut client).fields(["invitation"]);
    match app.store.commit(tx).await {
        Err(StoreError::Conflict(_)) => return Ok(Sent::Later),
        other => other?,
    }
    app.send_invitation_now(&grant, &mut client, &mail, |_| Ok(None)).await
}
