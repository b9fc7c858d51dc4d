//! The calendar of a staff member, or of everybody who works here.

use caseload::access::{Action, ClientFacts, Resource};
use caseload::app::App;
use caseload::domain::appointment::{AppointmentStatus, Booking};
use caseload::domain::directory::Entry;
use caseload::domain::ids::StaffId;
use caseload::refusal::{Refusal, Stop};
use caseload::store::directory::{Held, lock};
use caseload::store::{Decided, keys};
use caseload::web::view::appointment::{AppointmentItem, ItemView, client_shown};
use caseload::web::{Anyone, Authorized, Caller, Outcome, Page, Reply, Span};
use jiff::{SignedDuration, Timestamp};

use crate::listed::AppointmentList;

/// Whose calendar.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose {
    Of(StaffId),
    Everybodys,
}

const fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

impl Whose {
    /// What is asked for; unless said otherwise, of one from a month back to two months ahead, of everybody the week to come.
    pub(crate) fn span(self, from: Option<Timestamp>, to: Option<Timestamp>, now: Timestamp) -> Result<Span, Refusal> {
        let span = match self {
            Self::Of(_) => Span::asked(from, to, now, (days(30), days(60)))?,
            Self::Everybodys => Span::asked(from, to, now, (days(0), days(7)))?,
        };
        if matches!(self, Self::Everybodys) && span.to.duration_since(span.from) > days(31) {
            let detail = "from and to must lie at most 31 days apart where all_staff is asked for.";
            return Err(Refusal::malformed("invalid_parameter", detail));
        }
        Ok(span)
    }
}

type Kept = Vec<(StaffId, Booking)>;

pub(crate) async fn of_staff(
    app: &App,
    caller: &Caller<Anyone>,
    (whose, status): (Whose, Option<AppointmentStatus>),
    span: Span,
    page: &Page,
) -> Outcome {
    let practice = caller.practice();
    let read = app.practice_with_directory(caller, Action::AppointmentRead, keys::catalog(practice).required());
    let in_calendar = async |staff| -> Result<Kept, Stop> {
        let days = app.store.calendar(practice, staff, span.days()).await?;
        Ok(span.calendar(&days, caller.context.at).into_iter().map(|booking| (staff, booking)).collect())
    };
    let ((asked, held, catalog), mut kept) = match whose {
        Whose::Of(staff) => {
            let (read, kept) = tokio::join!(read, in_calendar(staff));
            (read?, kept?)
        }
        // Who works here is known only then.
        Whose::Everybodys => {
            let read = read.await?;
            let mut kept = Kept::new();
            for some in read.2.staff.keys().copied().collect::<Vec<_>>().chunks(WAVE) {
                let found = futures_util::future::try_join_all(some.iter().map(|staff| in_calendar(*staff))).await?;
                kept.extend(found.into_iter().flatten());
            }
            (read, kept)
        }
    };
    in_order(&mut kept, status, page);
    let mut shown: Vec<(Booking, AppointmentItem)> = {
        let held = lock(&held);
        let item = |(staff, booking): (StaffId, Booking)| {
            visible(&asked, &held, staff, &booking).map(|entry| {
                let facts = ClientFacts::of_entry(&entry, asked.practice.id);
                let client = client_shown(&asked.actor, &facts, (&entry).into(), booking.status, &asked.practice);
                (booking, AppointmentItem::of_booking(&booking, staff, client, &catalog))
            })
        };
        kept.into_iter().filter_map(item).take(page.limit + 1).collect()
    };
    let more = shown.len() > page.limit;
    shown.truncate(page.limit);
    let last = shown.last().filter(|_| more).map(|(booking, _)| booking);
    let next_cursor =
        last.map(|booking| app.cursor(page, &Booking::place(booking.times.start(), booking.id))).transpose()?;
    // Whom the calendar shows is known only now, and the trail has to name them before they are shown.
    let clients: Vec<String> = shown.iter().map(|(booking, _)| booking.id.client().to_string()).collect();
    app.note_shown(caller, Action::AppointmentRead, Decided::Done, None, &clients).await?;
    let items = shown.into_iter().map(|(_, item)| ItemView::Staff(item)).collect();
    Reply::ok(&AppointmentList { items, next_cursor })
}

/// So many calendars are read at once.
const WAVE: usize = 16;

/// Those of the page and behind it, in its order.
fn in_order(kept: &mut Kept, status: Option<AppointmentStatus>, page: &Page) {
    let after = page.after.as_deref().and_then(Booking::at_place);
    let behind = |booking: &Booking| match after {
        Some(after) if page.is_soonest_first() => booking.order() > after,
        Some(after) => booking.order() < after,
        None => true,
    };
    kept.retain(|(_, booking)| status.is_none_or(|status| status == booking.status) && behind(booking));
    kept.sort_unstable_by_key(|(_, booking)| booking.order());
    if !page.is_soonest_first() {
        kept.reverse();
    }
}

/// The client of a session that the caller may see.
fn visible(asked: &Authorized<()>, held: &Held, staff: StaffId, booking: &Booking) -> Option<Entry> {
    let entry = held.directory.get(booking.id.client())?;
    let facts = ClientFacts::of_entry(&entry, asked.practice.id).in_session(staff, booking.status);
    let about = Resource::Appointment(Some((facts, staff)));
    asked.sees(Action::AppointmentRead, &about).then_some(entry)
}
