//! Decisions about staff: status, role, relation to the client, what of the client it sees, and the rule of the action.
//!
//! Whoever does not stand to a client at all is told that there is none, before roles are looked at: a refusal by role
//! would say that the client exists (security AZ-2 and the matrix).

use super::{Acting, Action};
use jiff::civil::Date;

use super::facts::{ClientFacts, Resource};
use super::need::{self, Position, StaffNeed};
use super::policy::{Decision, Denied, Whose};
use crate::domain::client::Ownership;
use crate::domain::clinical::ClinicalStage;
use crate::domain::ids::StaffId;
use crate::domain::practice::Practice;
use crate::domain::role::{Feature, Role};
use crate::domain::session::PrincipalId;
use crate::domain::staff::{Staff, StaffStatus};

/// A live staff member with what its role gives it now.
pub(super) struct Asker<'a> {
    staff: &'a Acting,
    role: Option<&'a Role>,
    supervises: &'a [StaffId],
    /// Whether what it writes about sessions has to be looked at by a supervisor first (L17).
    reviewed: bool,
    /// Who holds no session with a client that ends on this day or later is no walk-in of it (decision 27).
    walk_ins_since: Date,
}

/// How it stands to one client (decision 5, S3).
#[derive(Clone, Copy)]
struct Relation {
    therapist: bool,
    admin: bool,
    walk_in: bool,
    supervises_therapist: bool,
    supervises_walk_in: bool,
}

impl Relation {
    const fn sees(self) -> bool {
        self.therapist || self.admin || self.walk_in || self.supervises_therapist || self.supervises_walk_in
    }
}

/// How much of something that belongs to a client a staff member who sees the client sees.
enum Sight {
    /// Nothing: it is absent.
    Absent,
    /// That it is there.
    Known,
    /// All of it.
    Open,
}

pub(super) fn decide(staff: &Acting, action: Action, resource: &Resource, practice: &Practice) -> Decision {
    let need = need::of_staff(action);
    live(staff, action, need, practice)?;
    let asker = Asker::new(staff, practice);
    match need {
        StaffNeed::Never => Err(Denied::WrongCaller),
        StaffNeed::Live | StaffNeed::Active => Ok(()),
        StaffNeed::Role(feature) => asker.includes(feature),
        StaffNeed::Admin => asker.admin(),
        StaffNeed::About(feature, position) => asker.about(feature, position, action, resource),
        StaffNeed::OwnImport(feature) => asker.import(feature, resource),
        StaffNeed::OwnCaseload => asker.caseload(resource),
        StaffNeed::OwnRecord => asker.record(resource),
        StaffNeed::FreeTimes => asker.free_times(action, resource),
    }
}

/// Status before everything else, then the second factor that the practice may ask of its staff.
fn live(staff: &Staff, action: Action, need: StaffNeed, practice: &Practice) -> Decision {
    match staff.status {
        _ if staff.practice != practice.id => Err(Denied::NotLive),
        StaffStatus::Invited | StaffStatus::Inactive | StaffStatus::Removed => Err(Denied::NotLive),
        StaffStatus::OnHold if need != StaffNeed::Live => Err(Denied::OnHold),
        StaffStatus::Active | StaffStatus::OnHold => {
            let about_itself =
                matches!(action, Action::SelfRead | Action::SelfCredentials | Action::SelfSessions | Action::SelfLeave);
            if practice.team.require_totp && !staff.totp && !about_itself {
                return Err(Denied::SecondFactor);
            }
            Ok(())
        }
    }
}

impl<'a> Asker<'a> {
    pub(super) fn new(staff: &'a Acting, practice: &'a Practice) -> Self {
        let role = practice.roles.get(&staff.role);
        let may_supervise = practice.team.supervision && role.is_some_and(|role| role.can_supervise);
        let reviewed = practice.team.supervision && role.is_some_and(|role| role.requires_supervision);
        let walk_ins_since = practice.team.walk_ins_since(staff.today);
        Self { staff, role, supervises: if may_supervise { &staff.supervises } else { &[] }, reviewed, walk_ins_since }
    }

    /// The day from which a session makes a walk-in.
    pub(super) const fn walk_ins_since(&self) -> Date {
        self.walk_ins_since
    }

    /// Whom it supervises at this moment.
    pub(super) const fn supervises(&self) -> &'a [StaffId] {
        self.supervises
    }

    /// A role of which there is no more grants nothing; an admin has every feature.
    pub(super) fn has(&self, feature: Feature) -> bool {
        self.staff.admin || self.role.is_some_and(|role| role.has(feature))
    }

    fn includes(&self, feature: Feature) -> Decision {
        if self.has(feature) { Ok(()) } else { Err(Denied::Role(Some(feature))) }
    }

    fn admin(&self) -> Decision {
        if self.staff.admin { Ok(()) } else { Err(Denied::Role(None)) }
    }

    fn supervises_one(&self, staff: StaffId) -> bool {
        self.supervises.contains(&staff)
    }

    fn relation(&self, client: &ClientFacts) -> Relation {
        let me = self.staff.id;
        let walk_in = |staff: StaffId| {
            client.ownership == Ownership::Practice
                && client.therapist != Some(staff)
                && client.seen_by.iter().any(|(one, until)| *one == staff && *until >= self.walk_ins_since)
        };
        Relation {
            therapist: client.therapist == Some(me),
            admin: self.staff.admin,
            walk_in: walk_in(me),
            supervises_therapist: client.therapist.is_some_and(|id| self.supervises_one(id)),
            supervises_walk_in: self.supervises.iter().any(|id| walk_in(*id)),
        }
    }

    fn about(&self, feature: Option<Feature>, position: Position, action: Action, resource: &Resource) -> Decision {
        // A list across clients: each of its rows is decided by itself.
        if matches!((position, resource), (Position::Reader, Resource::Practice)) {
            return feature.map_or(Ok(()), |feature| self.includes(feature));
        }
        let client = resource.owner().filter(|client| client.practice == self.staff.practice && !client.deleting);
        let client = client.ok_or(Denied::Absent)?;
        let relation = self.relation(client);
        // Whoever holds a session sees it, settles it and calls it off, whatever has become of the client: it fills their
        // time (decision 27).
        if !relation.sees() && !self.holds(resource) {
            return Err(Denied::Absent);
        }
        let sight = self.sight(relation, client, resource, action);
        if matches!(sight, Sight::Absent) {
            return Err(Denied::Absent);
        }
        feature.map_or(Ok(()), |feature| self.includes(feature))?;
        if let (Action::FileDownload | Action::FileBreakGlass, Resource::File(Some((_, file)))) = (action, resource)
            && file.quarantined
        {
            return Err(Denied::NotAvailable);
        }
        self.stands(position, relation, client, resource, &sight)?;
        if action == Action::ClinicalSign && self.reviewed { Err(Denied::Review) } else { Ok(()) }
    }

    /// Hidden things are seen by their author, the client's therapist and the supervisors of either; an admin knows of
    /// them (decision 15). What a client hides, nobody sees (decision 4).
    fn sight(&self, relation: Relation, client: &ClientFacts, resource: &Resource, action: Action) -> Sight {
        let near = relation.therapist || relation.supervises_therapist;
        let hidden = |open: bool| match open {
            true => Sight::Open,
            false if relation.admin => Sight::Known,
            false => Sight::Absent,
        };
        let by = |author: PrincipalId| match author {
            PrincipalId::Staff(id) => id == self.staff.id || self.supervises_one(id),
            PrincipalId::Client(_) => false,
        };
        match resource {
            // What is deleted is there for its author only, to have it back.
            Resource::Note(Some((_, note))) if note.deleted || action == Action::NoteRestore => {
                let back = action == Action::NoteRestore && note.author == PrincipalId::Staff(self.staff.id);
                if back { Sight::Open } else { Sight::Absent }
            }
            Resource::Note(Some((_, note))) | Resource::Comment(Some((_, note, _))) => match note.author {
                PrincipalId::Client(_) if !note.shared => Sight::Absent,
                _ if note.deleted => Sight::Absent,
                author => hidden(note.shared || near || by(author)),
            },
            // Its author's alone; of what is submitted the author's supervisors', of what is signed the therapist's as well.
            Resource::Clinical(Some((_, note))) => match note.stage {
                _ if note.author == self.staff.id => Sight::Open,
                ClinicalStage::Draft => hidden(false),
                ClinicalStage::InReview | ClinicalStage::Returned => hidden(self.supervises_one(note.author)),
                ClinicalStage::Signed => hidden(self.supervises_one(note.author) || relation.therapist),
            },
            Resource::Task(Some((_, task))) => match task.author {
                PrincipalId::Client(_) if !task.shared => Sight::Absent,
                author => hidden(task.shared || near || by(author)),
            },
            Resource::File(Some((_, file))) if file.deleting && action != Action::FileDelete => Sight::Absent,
            Resource::File(Some((_, file))) if file.is_from_client() => {
                // Without a therapist the practice itself is the provider, and its admins receive what the client sends.
                hidden(near || self.stands_in(client))
            }
            Resource::File(Some((_, file))) => hidden(file.shared || near || by(file.uploaded_by)),
            Resource::Appointment(Some((_, with))) => {
                if near || relation.admin || *with == self.staff.id || self.supervises_one(*with) {
                    Sight::Open
                } else {
                    Sight::Absent
                }
            }
            // It holds what its maker could read, which may be more than what this reader can.
            Resource::Export(Some((_, maker))) => match *maker == self.staff.id {
                true => Sight::Open,
                false => Sight::Absent,
            },
            Resource::Thread(_) => match relation {
                Relation { therapist: true, .. } => Sight::Open,
                Relation { supervises_therapist: true, .. }
                    if self.has(Feature::SuperviseMessages) && !relation.admin =>
                {
                    Sight::Open
                }
                Relation { supervises_therapist: true, .. } | Relation { admin: true, .. } => Sight::Known,
                _ => Sight::Absent,
            },
            // All of it, to whoever sees the client; of what is absent or of the practice, the position decides.
            Resource::Client(_) | Resource::Invoice(_) => Sight::Open,
            Resource::Practice | Resource::Import(_) | Resource::Staff(_) => Sight::Open,
            Resource::Note(None) | Resource::Comment(None) | Resource::Task(None) | Resource::File(None) => {
                Sight::Absent
            }
            Resource::Clinical(None) => Sight::Absent,
            Resource::Appointment(None) | Resource::Export(None) => Sight::Absent,
        }
    }

    /// Whether it is a session of this staff member.
    fn holds(&self, resource: &Resource) -> bool {
        matches!(resource, Resource::Appointment(Some((client, _))) if client.held_by == Some(self.staff.id))
    }

    fn stands_in(&self, client: &ClientFacts) -> bool {
        self.staff.admin && client.therapist.is_none()
    }

    fn stands(
        &self,
        position: Position,
        relation: Relation,
        client: &ClientFacts,
        resource: &Resource,
        sight: &Sight,
    ) -> Decision {
        let me = PrincipalId::Staff(self.staff.id);
        let holds = match position {
            Position::Reader => return self.reads(resource, sight),
            Position::Keeper => relation.therapist || relation.admin,
            Position::Attendant => relation.therapist || relation.admin || relation.walk_in || self.holds(resource),
            Position::Carer => relation.therapist || relation.admin || relation.walk_in,
            Position::Writer => relation.therapist || relation.walk_in,
            Position::Admin | Position::BreakGlass => relation.admin,
            Position::Correspondent => relation.therapist,
            Position::Reviewer => {
                matches!(resource, Resource::Clinical(Some((_, note))) if self.supervises_one(note.author))
            }
            Position::Author => match resource {
                Resource::Clinical(Some((_, note))) => note.author == self.staff.id,
                Resource::Note(Some((_, writing))) => writing.author == me,
                Resource::Comment(Some((_, _, author))) => *author == me,
                Resource::File(Some((_, file))) => file.uploaded_by == me,
                _ => false,
            },
            Position::AuthorOrTherapist => match resource {
                // A client's own to-dos are the client's (G3).
                Resource::Task(Some((_, task))) => {
                    matches!(task.author, PrincipalId::Staff(_)) && (task.author == me || relation.therapist)
                }
                Resource::File(Some((_, file))) => {
                    file.uploaded_by == me || relation.therapist || (file.is_from_client() && self.stands_in(client))
                }
                _ => false,
            },
        };
        if holds {
            Ok(())
        } else {
            Err(match position {
                Position::Admin => Denied::Role(None),
                Position::Keeper | Position::Carer => Denied::NotYours(Whose::Keeper),
                Position::Attendant => Denied::NotYours(Whose::Attendant),
                Position::Writer => Denied::NotYours(Whose::Writer),
                Position::Correspondent => Denied::NotYours(Whose::Therapist),
                Position::Author => Denied::NotYours(Whose::Author),
                Position::Reviewer => Denied::NotYours(Whose::Reviewer),
                Position::AuthorOrTherapist => Denied::NotYours(Whose::AuthorOrTherapist),
                Position::Reader | Position::BreakGlass => Denied::NotYours(Whose::Private),
            })
        }
    }

    const fn reads(&self, resource: &Resource, sight: &Sight) -> Decision {
        match (sight, resource) {
            (Sight::Open, _) => Ok(()),
            (_, Resource::Note(_) | Resource::Comment(_) | Resource::Clinical(_)) => Err(Denied::BreakGlass),
            _ => Err(Denied::NotYours(Whose::Private)),
        }
    }

    fn import(&self, feature: Feature, resource: &Resource) -> Decision {
        match resource {
            Resource::Practice => self.includes(feature),
            Resource::Import(Some((practice, creator)))
                if *practice == self.staff.practice && (self.staff.admin || *creator == self.staff.id) =>
            {
                self.includes(feature)
            }
            _ => Err(Denied::Absent),
        }
    }

    fn caseload(&self, resource: &Resource) -> Decision {
        match resource {
            Resource::Staff(None) if self.staff.admin => Err(Denied::Absent),
            Resource::Staff(Some(id)) if self.staff.admin || *id == self.staff.id || self.supervises_one(*id) => Ok(()),
            _ => Err(Denied::Role(None)),
        }
    }

    fn record(&self, resource: &Resource) -> Decision {
        match resource {
            Resource::Staff(Some(id)) if *id == self.staff.id => Ok(()),
            _ => self.admin().and(self.caseload(resource)),
        }
    }

    /// Of a colleague one learns when they are free for a client whom one sees, and not otherwise.
    fn free_times(&self, action: Action, resource: &Resource) -> Decision {
        match resource {
            Resource::Staff(_) => self.caseload(resource).map_err(|_| Denied::Absent),
            _ => self.about(None, Position::Reader, action, resource),
        }
    }
}
