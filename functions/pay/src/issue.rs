use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::date::today;
use caseload::domain::ids::{InvoiceId, PracticeId};
use caseload::domain::invoice::InvoiceNumber;
use caseload::store::Counter;
use caseload::store::keys::{self, Key};
use caseload::web::view::billing::StaffInvoiceView;
use caseload::web::{Caller, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::retrying;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

// J2
/// Issues a draft under the next number of the practice's year, without gaps.
#[utoipa::path(
    post, path = "/v1/invoices/{invoice_id}/issue", tag = "pay", params(("invoice_id" = InvoiceId, Path)),
    responses((status = 200, body = StaffInvoiceView), (status = 409))
)]
pub(crate) async fn issue_invoice(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<InvoiceId>,
) -> Outcome {
    let counters = counters(caller.practice(), caller.context.at);
    retrying(app.clock(), async || {
        let (mut asked, found) = app.thing_with(&caller, Action::InvoiceCreate, id, counters.clone()).await?;
        let (practice, now) = (asked.practice.id, asked.grant.at());
        let year = today(now, asked.practice.time_zone.time_zone()).year();
        let counter = found.into_iter().flatten().find(|counter| counter.year == year);
        let mut next = Counter { practice, year, last: counter.map_or(0, |counter| counter.last) };
        let mut tx = asked.tx();
        tx.replace(&mut next);
        asked.subject.issue(InvoiceNumber::new(year, next.last), now)?;
        tx.replace(&mut asked.subject).touches(id).fields(["state", "number"]);
        let reply = Reply::ok_at(asked.subject.version, &StaffInvoiceView::new(&asked.subject, now))?;
        app.finish(&asked, tx, reply).await
    })
    .await
}

/// The counters of every year it may be somewhere on earth: which of them counts is known once the practice is read.
fn counters(practice: PracticeId, now: Timestamp) -> Vec<Key<Counter>> {
    let day = SignedDuration::from_hours(24);
    let around = [now.saturating_sub(day), now.saturating_add(day)];
    let mut years: Vec<i16> = around.into_iter().flatten().map(|at| at.to_zoned(TimeZone::UTC).year()).collect();
    years.dedup();
    years.into_iter().map(|year| keys::invoice_counter(practice, year)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // J2
    #[test]
    fn the_counter_of_the_practice_s_year_is_among_those_read() {
        let practice = PracticeId::from_key("00000000000000000000000001").unwrap();
        for (now, loaded) in [("2026-12-31T12:00:00Z", 2), ("2027-01-01T13:00:00Z", 2), ("2026-06-01T00:00:00Z", 1)] {
            let now: Timestamp = now.parse().unwrap();
            let keys = counters(practice, now);
            assert_eq!(keys.len(), loaded);
            for zone in ["Pacific/Kiritimati", "Etc/GMT+12", "America/New_York"] {
                let year = today(now, &TimeZone::get(zone).unwrap()).year();
                assert!(keys.contains(&keys::invoice_counter(practice, year)), "{zone}");
            }
        }
    }
}
