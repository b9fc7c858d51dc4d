//! What a client's things come to, each summed up in an item of its own: read together, with the profile.

use super::item::Corrupt;
use super::keys::{self, Key, Place};
use super::lookup::{Items, Lookup};
use crate::domain::appointment::AppointmentSummary;
use crate::domain::ids::{ClientId, PracticeId};
use crate::domain::note::NoteTally;
use crate::domain::paperwork::PacketTally;
use crate::domain::task::TaskTally;
use crate::domain::thread::Thread;

/// What every profile shows. Who has none of a kind has no sum of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    pub sessions: Option<AppointmentSummary>,
    pub tasks: Option<TaskTally>,
}

/// What there is under each tab as well: read where a profile or the portal's first page is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllSums {
    pub few: Sums,
    pub notes: Option<NoteTally>,
    pub thread: Option<Thread>,
    pub packets: Option<PacketTally>,
}

macro_rules! sums {
    ($($of:ident => $sums:ident { $($field:ident: $lookup:ty = $at:expr),* };)*) => {$(
        /// Where they stand.
        #[derive(Debug, Clone)]
        pub struct $of {
            $($field: $lookup,)*
        }

        impl $sums {
            /// Asks for those of a client.
            #[must_use]
            pub fn of(practice: PracticeId, client: ClientId) -> $of {
                $of { $($field: $at(practice, client),)* }
            }
        }

        impl Lookup for $of {
            type Found = $sums;

            fn places(&self, into: &mut Vec<Place>) {
                $(self.$field.places(into);)*
            }

            fn find(self, items: &mut Items) -> Result<$sums, Corrupt> {
                Ok($sums { $($field: self.$field.find(items)?,)* })
            }
        }
    )*};
}

sums! {
    SumsOf => Sums {
        sessions: Key<AppointmentSummary> = keys::appointment_summary,
        tasks: Key<TaskTally> = keys::task_tally
    };
    AllSumsOf => AllSums {
        few: SumsOf = Sums::of,
        notes: Key<NoteTally> = keys::note_tally,
        thread: Key<Thread> = keys::thread,
        packets: Key<PacketTally> = keys::packet_tally
    };
}
