use caseload::domain::appointment::{AppointmentRefusal, DoesNotFit, Misfit, Times};
use jiff::tz::TimeZone;

/// Which of several sessions have no room where they are to be: all of them are looked at before any is refused.
pub(crate) struct Fitting {
    zone: TimeZone,
    misfits: Vec<Misfit>,
}

impl Fitting {
    pub(crate) const fn new(zone: TimeZone) -> Self {
        Self { zone, misfits: Vec::new() }
    }

    /// Writes down what came of one of them.
    pub(crate) fn note(&mut self, times: Times, fits: Result<(), AppointmentRefusal>) {
        if let Err(why) = fits {
            let start = times.start();
            self.misfits.push(Misfit { date: self.zone.to_datetime(start).date(), start, why });
        }
    }

    /// Refuses them all if one does not fit.
    pub(crate) fn check(mut self, of: usize, moving: Option<usize>) -> Result<(), DoesNotFit> {
        if self.misfits.is_empty() {
            return Ok(());
        }
        self.misfits.sort_by_key(|misfit| misfit.start);
        Err(DoesNotFit { misfits: self.misfits, of, in_place: moving.unwrap_or(0), moving: moving.is_some() })
    }
}
