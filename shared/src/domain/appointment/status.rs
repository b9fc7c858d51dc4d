//! Where an appointment stands.

/// Where an appointment stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentStatus {
    /// The client asks for it.
    Requested,
    /// Booked.
    Scheduled,
    /// Held.
    Completed,
    /// Called off.
    Cancelled,
    /// The client did not come.
    NoShow,
    /// Asked for, and refused by staff.
    Declined,
    /// Asked for, and taken back by the client.
    Withdrawn,
    /// Asked for, and not answered in time. Never stored: it follows from the clock.
    Expired,
}

impl AppointmentStatus {
    /// Its name in the API and the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Scheduled => "scheduled",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// Whether it counts as an appointment with the therapist: what was booked, but for the cancelled (d-8).
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Scheduled | Self::Completed | Self::NoShow)
    }

    /// Whether its end is still to come.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::Scheduled)
    }
}
