use caseload::access::Actor;
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::notifications::Topic;
use caseload::domain::staff::Staff;
use caseload::refusal::Refusal;
use caseload::store::Tx;
use caseload::web::Authorized;
use caseload::workflows::{Notice, Reader, Wanted};
use jiff::Timestamp;

// S2, security EML-1
/// Tells the other side that something has changed about a session to come, as it wishes; part of the transaction that
/// changes it. Staff's changes are told to the client, the client's to the therapist.
pub(crate) fn tell<T>(
    app: &App,
    tx: &mut Tx,
    asked: &Authorized<T>,
    (client, staff): (&Client, Option<&Staff>),
    start: Timestamp,
) -> Result<Option<Notice>, Refusal> {
    let now = asked.grant.at();
    let reader = match &asked.actor {
        Actor::Staff(_) => Some(Reader::Client(client)),
        _ => staff.map(Reader::Staff),
    };
    let wanted = reader
        .filter(|_| now < start)
        .and_then(|reader| Wanted::new(&asked.practice, reader, Topic::Appointments, now));
    wanted.map(|wanted| app.notify_each(tx, &asked.practice, wanted)).transpose()
}
