//! What is refused about several sessions at once, in everybody's words.

use super::Refusal;
use crate::domain::appointment::{BadRepeat, DoesNotFit, Misfit};

impl From<BadRepeat> for Refusal {
    fn from(bad: BadRepeat) -> Self {
        Self::invalid(bad.pointer(), bad.code(), bad)
    }
}

impl From<DoesNotFit> for Refusal {
    /// The code is that of the first one; `conflicts` names them all.
    fn from(refusal: DoesNotFit) -> Self {
        let DoesNotFit { misfits, of, in_place, moving } = refusal;
        let Some(first) = misfits.first() else { return Self::broken("a series that fits, refused") };
        let dates: Vec<String> = misfits.iter().map(|misfit| misfit.date.to_string()).collect();
        let way_out = match (moving, in_place) {
            (false, _) => "Nothing is booked. Name these dates under skip, or choose another time.".to_owned(),
            (true, 0) => "Nothing is moved. Choose another time, or move these sessions by themselves.".to_owned(),
            (true, moved) => format!("{moved} of them stand at the new time. Choose another time, or repeat this."),
        };
        let (count, dates) = (misfits.len(), dates.join(", "));
        let text = format!("{count} of the {of} sessions do not fit: {dates}. {} {way_out}", first.why);
        let one = |Misfit { date, start, why }: Misfit| serde_json::json!({ "date": date, "start": start, "code": why.code(), "detail": why.to_string() });
        let conflicts: Vec<serde_json::Value> = misfits.iter().copied().map(one).collect();
        Self::conflict(first.why.code(), text).with("conflicts", conflicts)
    }
}
