//! The team of a practice: what must hold across its staff (L3 to L8).
//!
//! It lives in one item that every change of the team replaces, so that two requests at once cannot together do what
//! neither could do alone: lose the last admin, close a circle of supervision, delete a role that was just given out.

use std::collections::{BTreeMap, BTreeSet};

use super::ids::{PracticeId, RoleId, StaffId};
use super::practice::Practice;
use super::role::Role;
use super::staff::StaffStatus;

/// A place in the team.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Member {
    /// Whether it runs the practice.
    pub admin: bool,
    pub status: StaffStatus,
    pub role: RoleId,
    /// Its supervisors; the first is the primary one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supervisors: Vec<StaffId>,
}

/// Everybody who belongs to the practice, or is invited to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    pub practice: PracticeId,
    /// Grows by one with each change.
    pub version: u64,
    /// Members by id; who was removed is not among them.
    pub members: BTreeMap<StaffId, Member>,
}

/// Why a change of the team is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TeamRefusal {
    /// Nobody of this id.
    #[error("There is nobody of this id in the team.")]
    Unknown,
    /// The practice would have no active admin.
    #[error("This is the last active admin of the practice. Make somebody else an admin first.")]
    LastAdmin,
    /// Its own supervisor.
    #[error("Nobody supervises themselves.")]
    SelfSupervision,
    /// A supervisor who is supervised, in the end, by the same person.
    #[error("This would close a circle of supervision.")]
    SupervisionCycle,
    /// The supervisor's role does not allow it.
    #[error("The role of this supervisor does not allow supervising.")]
    CannotSupervise,
    #[error("A supervisor is named twice.")]
    NamedTwice,
    /// Only who has accepted works here.
    #[error("The invitation has not been accepted yet.")]
    NotAccepted,
    /// As many as a practice can have.
    #[error("The practice has as many staff as it can have.")]
    Full,
}

impl TeamRefusal {
    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "staff_unknown",
            Self::LastAdmin => "last_admin",
            Self::SelfSupervision => "self_supervision",
            Self::SupervisionCycle => "supervision_cycle",
            Self::CannotSupervise => "cannot_supervise",
            Self::NamedTwice => "named_twice",
            Self::NotAccepted => "invitation_not_accepted",
            Self::Full => "team_full",
        }
    }
}

type Outcome = Result<(), TeamRefusal>;

impl Team {
    /// The most members: the whole team is one item.
    pub const MAX: usize = 1000;

    /// The team of a new practice: its owner, an admin.
    #[must_use]
    pub fn founded(practice: PracticeId, owner: StaffId, role: RoleId) -> Self {
        let owner_place = Member { admin: true, status: StaffStatus::Invited, role, supervisors: Vec::new() };
        Self { practice, version: 1, members: BTreeMap::from([(owner, owner_place)]) }
    }

    pub fn member(&self, id: StaffId) -> Result<&Member, TeamRefusal> {
        self.members.get(&id).ok_or(TeamRefusal::Unknown)
    }

    /// Whom a member supervises, by id.
    #[must_use]
    pub fn supervisees(&self, of: StaffId) -> Vec<StaffId> {
        self.members.iter().filter(|(_, member)| member.supervisors.contains(&of)).map(|(id, _)| *id).collect()
    }

    /// How many have a role.
    #[must_use]
    pub fn holders(&self, role: RoleId) -> usize {
        self.members.values().filter(|member| member.role == role).count()
    }

    fn active_admins(&self) -> usize {
        self.members.values().filter(|m| m.admin && m.status == StaffStatus::Active).count()
    }

    /// Applies a change to one member; refused as a whole if it would lose the last active admin.
    fn change(&mut self, id: StaffId, change: impl FnOnce(&mut Member) -> Outcome) -> Outcome {
        let before = self.active_admins();
        let mut member = self.member(id)?.clone();
        change(&mut member)?;
        let kept = self.members.insert(id, member);
        if before > 0 && self.active_admins() == 0 {
            self.members.extend(kept.map(|member| (id, member)));
            return Err(TeamRefusal::LastAdmin);
        }
        Ok(())
    }

    /// Somebody is invited.
    pub fn invite(&mut self, id: StaffId, admin: bool, role: RoleId) -> Outcome {
        if self.members.len() >= Self::MAX {
            return Err(TeamRefusal::Full);
        }
        self.members.insert(id, Member { admin, status: StaffStatus::Invited, role, supervisors: Vec::new() });
        Ok(())
    }

    /// Somebody accepts.
    pub fn accept(&mut self, id: StaffId) -> Outcome {
        self.change(id, |member| {
            member.status = StaffStatus::Active;
            Ok(())
        })
    }

    /// Active, on hold or inactive, for who has accepted (L3).
    pub fn set_status(&mut self, id: StaffId, status: StaffStatus) -> Outcome {
        self.change(id, |member| {
            if member.status == StaffStatus::Invited {
                return Err(TeamRefusal::NotAccepted);
            }
            member.status = status;
            Ok(())
        })
    }

    /// A role, and whether they run the practice (L8).
    pub fn set_role(&mut self, id: StaffId, role: RoleId, admin: bool) -> Outcome {
        self.change(id, |member| {
            (member.role, member.admin) = (role, admin);
            Ok(())
        })
    }

    // L17
    /// Whether somebody active, in a role that can, supervises this member while the practice has supervision on.
    #[must_use]
    pub fn is_supervised(&self, id: StaffId, practice: &Practice) -> bool {
        let can = |supervisor: &StaffId| {
            self.members.get(supervisor).is_some_and(|member| {
                member.status == StaffStatus::Active
                    && practice.roles.get(&member.role).is_some_and(|role| role.can_supervise)
            })
        };
        practice.team.supervision && self.members.get(&id).is_some_and(|member| member.supervisors.iter().any(can))
    }

    // L6, L17
    /// Whether this member's role asks for a supervisor, and there is none who could act.
    #[must_use]
    pub fn lacks_supervisor(&self, id: StaffId, practice: &Practice) -> bool {
        let needs = self.members.get(&id).and_then(|member| practice.roles.get(&member.role));
        let needs = practice.team.supervision && needs.is_some_and(|role| role.requires_supervision);
        needs && !self.is_supervised(id, practice)
    }

    /// All supervisors of a member, the primary one first (L6, d-31).
    pub fn set_supervisors(
        &mut self,
        id: StaffId,
        supervisors: Vec<StaffId>,
        roles: &BTreeMap<RoleId, Role>,
    ) -> Outcome {
        let distinct: BTreeSet<StaffId> = supervisors.iter().copied().collect();
        if distinct.len() != supervisors.len() {
            return Err(TeamRefusal::NamedTwice);
        }
        for supervisor in &supervisors {
            if *supervisor == id {
                return Err(TeamRefusal::SelfSupervision);
            }
            let member = self.member(*supervisor)?;
            if !roles.get(&member.role).is_some_and(|role| role.can_supervise) {
                return Err(TeamRefusal::CannotSupervise);
            }
            if self.is_above(id, *supervisor) {
                return Err(TeamRefusal::SupervisionCycle);
            }
        }
        self.change(id, |member| {
            member.supervisors = supervisors;
            Ok(())
        })
    }

    /// Whether `above` supervises `below`, directly or through others.
    fn is_above(&self, above: StaffId, below: StaffId) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![below];
        while let Some(id) = open.pop() {
            let Some(member) = self.members.get(&id).filter(|_| seen.insert(id)) else {
                continue;
            };
            if member.supervisors.contains(&above) {
                return true;
            }
            open.extend(&member.supervisors);
        }
        false
    }

    /// Somebody leaves, and supervises nobody from then on.
    pub fn remove(&mut self, id: StaffId) -> Outcome {
        self.change(id, |member| {
            member.status = StaffStatus::Removed;
            Ok(())
        })?;
        self.members.remove(&id);
        for member in self.members.values_mut() {
            member.supervisors.retain(|supervisor| *supervisor != id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const STATUSES: [StaffStatus; 3] = [StaffStatus::Active, StaffStatus::OnHold, StaffStatus::Inactive];

    fn staff(n: u128) -> StaffId {
        StaffId::from_uuid(Uuid::from_u128(n))
    }

    fn roles() -> BTreeMap<RoleId, Role> {
        Role::standard([0, 1, 2].map(|n| RoleId::from_uuid(Uuid::from_u128(n))))
    }

    fn role(n: u128) -> RoleId {
        RoleId::from_uuid(Uuid::from_u128(n % 3))
    }

    #[derive(Debug, Clone)]
    enum Step {
        Invite(u128, bool, u128),
        Accept(u128),
        Status(u128, usize),
        Role(u128, u128, bool),
        Supervisors(u128, Vec<u128>),
        Remove(u128),
    }

    fn step() -> impl Strategy<Value = Step> {
        let id = 0u128..6;
        prop_oneof![
            (id.clone(), any::<bool>(), 0u128..3).prop_map(|(a, b, c)| Step::Invite(a, b, c)),
            id.clone().prop_map(Step::Accept),
            (id.clone(), 0usize..3).prop_map(|(a, b)| Step::Status(a, b)),
            (id.clone(), 0u128..3, any::<bool>()).prop_map(|(a, b, c)| Step::Role(a, b, c)),
            (id.clone(), prop::collection::vec(id.clone(), 0..3)).prop_map(|(a, b)| Step::Supervisors(a, b)),
            id.prop_map(Step::Remove),
        ]
    }

    fn take(team: &mut Team, step: Step) -> Outcome {
        match step {
            Step::Invite(id, ..) if team.members.contains_key(&staff(id)) => Ok(()),
            Step::Invite(id, admin, r) => team.invite(staff(id), admin, role(r)),
            Step::Accept(id) => team.accept(staff(id)),
            Step::Status(id, n) => team.set_status(staff(id), STATUSES[n]),
            Step::Role(id, r, admin) => team.set_role(staff(id), role(r), admin),
            Step::Supervisors(id, by) => team.set_supervisors(staff(id), by.into_iter().map(staff).collect(), &roles()),
            Step::Remove(id) => team.remove(staff(id)),
        }
    }

    proptest! {
        // L5, L6: whatever is asked, in whatever order
        #[test]
        fn a_team_keeps_an_admin_and_supervision_never_runs_in_a_circle(steps in prop::collection::vec(step(), 0..40)) {
            let mut team = Team::founded(PracticeId::from_uuid(Uuid::nil()), staff(0), role(0));
            team.accept(staff(0)).unwrap();
            for step in steps {
                let before = team.clone();
                if take(&mut team, step).is_err() {
                    prop_assert_eq!(&before, &team, "a refusal changes nothing");
                }
                prop_assert!(team.active_admins() > 0);
                for id in team.members.keys() {
                    prop_assert!(!team.is_above(*id, *id));
                    prop_assert!(team.supervisees(*id).iter().all(|s| team.members.contains_key(s)));
                }
            }
        }
    }

    // L6
    #[test]
    fn only_roles_that_may_supervise_do() {
        let mut team = Team::founded(PracticeId::from_uuid(Uuid::nil()), staff(0), role(1));
        team.invite(staff(1), false, role(0)).unwrap();
        team.invite(staff(2), false, role(2)).unwrap();
        assert_eq!(team.set_supervisors(staff(2), vec![staff(1)], &roles()), Err(TeamRefusal::CannotSupervise));
        assert_eq!(team.set_supervisors(staff(2), vec![staff(2)], &roles()), Err(TeamRefusal::SelfSupervision));
        assert_eq!(team.set_supervisors(staff(2), vec![staff(9)], &roles()), Err(TeamRefusal::Unknown));
        assert_eq!(team.set_supervisors(staff(2), vec![staff(0), staff(0)], &roles()), Err(TeamRefusal::NamedTwice));
        assert_eq!(team.set_supervisors(staff(2), vec![staff(0)], &roles()), Ok(()));
        assert_eq!(team.supervisees(staff(0)), [staff(2)]);
    }
}
