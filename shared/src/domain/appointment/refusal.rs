//! Why an appointment is not booked, moved or brought to its end.

/// Why an appointment is not booked, or not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AppointmentRefusal {
    /// It was held.
    #[error("The session was completed already.")]
    AlreadyCompleted,
    /// It was called off.
    #[error("The session was cancelled already.")]
    AlreadyCancelled,
    /// The client did not come.
    #[error("The session is marked as a no-show already.")]
    AlreadyNoShow,
    /// Staff has refused it.
    #[error("The request was declined already.")]
    AlreadyDeclined,
    /// The client has taken it back.
    #[error("The request was withdrawn already.")]
    AlreadyWithdrawn,
    /// Nobody has answered in time.
    #[error("The request has expired; the client can ask again.")]
    RequestExpired,
    /// Only asked for.
    #[error("The session is only asked for; accept or decline the request first.")]
    OnlyRequested,
    /// There is no request.
    #[error("Nobody asks for a new time of this session.")]
    NothingAsked,
    /// There is nothing to take back.
    #[error("The session is not completed, missed or cancelled.")]
    NotSettled,
    /// Too late to take it back.
    #[error("How a session ended can be taken back for 24 hours.")]
    SettledForGood,
    /// Nobody can have held or missed it yet.
    #[error("The session has not begun yet.")]
    NotStarted,
    /// Too late for a client to call it off.
    #[error("The session has begun. Ask your practice.")]
    AlreadyStarted,
    /// Too late for a client by the practice's rules.
    #[error("This is possible until {hours} hours before the session begins. Ask your practice.")]
    TooLate {
        /// As the practice has set.
        hours: u16,
    },
    /// In the past, for somebody who cannot write records of it.
    #[error("The time has to lie ahead.")]
    Past,
    /// Further ahead than the practice lets clients book.
    #[error("Sessions can be asked for at most {days} days ahead.")]
    TooFar {
        /// As the practice has set.
        days: u16,
    },
    /// Not when the therapist works.
    #[error("This is outside the therapist's hours. Choose another time, or book it with override.")]
    OutsideHours,
    /// None of the times that are offered.
    #[error("This time is not offered. Choose one of the free times.")]
    NotOffered,
    /// The practice has it off.
    #[error("The practice does not take this online. Ask your practice.")]
    OnlineOff,
    /// The therapist is taken.
    #[error("The therapist has another session at this time.")]
    SlotTaken,
    /// The client is taken.
    #[error("The client has another session at this time.")]
    ClientTaken,
    /// Deactivated (I6).
    #[error("The client is inactive. Reactivate it first, or book it with force.")]
    ClientInactive,
    /// As many entries as a day holds, cancelled ones included.
    #[error("The therapist's day has as many sessions as it can have, cancelled ones included.")]
    DayFull,
    /// As many scheduled appointments as one client can have.
    #[error("The client has as many scheduled sessions as it can have. Complete or cancel some first.")]
    TooManyScheduled,
    /// As many open requests as one client can have.
    #[error("There are as many open requests as there can be. Wait for an answer, or withdraw one.")]
    TooManyRequests,
    /// Not at work in this practice.
    #[error("The therapist is not an active member of the practice.")]
    StaffUnavailable,
    /// A direct client has appointments with its own therapist only (d-8).
    #[error("A direct client has sessions with its own therapist only.")]
    DirectClient,
    /// Nobody to ask.
    #[error("There is no therapist yet. Ask your practice.")]
    NoTherapist,
    /// Nothing follows it.
    #[error("The session is no part of a series. Leave scope out.")]
    NotInSeries,
}

impl AppointmentRefusal {
    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AlreadyCompleted => "already_completed",
            Self::AlreadyCancelled => "already_cancelled",
            Self::AlreadyNoShow => "already_no_show",
            Self::AlreadyDeclined => "already_declined",
            Self::AlreadyWithdrawn => "already_withdrawn",
            Self::RequestExpired => "request_expired",
            Self::OnlyRequested => "only_requested",
            Self::NothingAsked => "nothing_asked",
            Self::NotSettled => "not_settled",
            Self::SettledForGood => "settled_for_good",
            Self::NotStarted => "not_started",
            Self::AlreadyStarted => "already_started",
            Self::TooLate { .. } => "too_late",
            Self::Past => "in_the_past",
            Self::TooFar { .. } => "too_far_ahead",
            Self::OutsideHours => "outside_hours",
            Self::NotOffered => "not_offered",
            Self::OnlineOff => "online_off",
            Self::SlotTaken => "slot_taken",
            Self::ClientTaken => "client_busy",
            Self::ClientInactive => "client_inactive",
            Self::DayFull => "day_full",
            Self::TooManyScheduled => "too_many_scheduled",
            Self::TooManyRequests => "too_many_open_requests",
            Self::StaffUnavailable => "staff_unavailable",
            Self::DirectClient => "direct_client",
            Self::NoTherapist => "no_therapist",
            Self::NotInSeries => "not_in_series",
        }
    }
}
