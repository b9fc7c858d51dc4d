//! The byte form of an entry, written once for three places: a log item, a row in memory and a chunk (one column per
//! kind of value, which compresses better).

use jiff::Timestamp;
use uuid::Uuid;

use super::entry::{Entry, EntryInvitation};
use super::moments::{created_near, day_of, from_ordinal, ordinal, put_time, time};
use super::wire::{Column, Corrupt, Sink, Source, unzigzag, zigzag};
use crate::domain::client::{Ownership, Status, WALK_INS_DATED_FROM, status};
use crate::domain::ids::{ClientId, StaffId, TagId};
use crate::domain::portal::{Access, InvitationState};

/// A phone as stored: E.164 fits a number, anything else stays text.
#[derive(Clone, Copy)]
pub(super) enum Number<'a> {
    Digits(u64),
    Text(&'a str),
}

impl Number<'_> {
    fn of(phone: &str) -> Number<'_> {
        match phone.strip_prefix('+') {
            Some(digits)
                if digits.len() <= 18 && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit()) =>
            {
                digits.parse().map_or(Number::Text(phone), Number::Digits)
            }
            _ => Number::Text(phone),
        }
    }
}

/// An entry read in place.
pub(super) struct View<'a, R> {
    pub(super) id: ClientId,
    pub(super) version: u64,
    flags: u64,
    pub(super) last: &'a str,
    pub(super) first: &'a str,
    pub(super) preferred: Option<&'a str>,
    pub(super) email: Option<&'a str>,
    pub(super) phone: Option<Number<'a>>,
    country: Option<&'a str>,
    external_id: Option<&'a str>,
    portal_email: Option<&'a str>,
    birth: Option<i32>,
    created_at: Timestamp,
    pub(super) joined: i32,
    pub(super) assigned: Option<R>,
    pub(super) tags: Vec<R>,
    /// With the day as an ordinal.
    pub(super) seen_by: Vec<(R, i32)>,
    last_sign_in_at: Option<Timestamp>,
    invitation: Option<EntryInvitation>,
}

const PREFERRED: u64 = 1;
const EMAIL: u64 = 1 << 1;
const PHONE: u64 = 1 << 2;
const PHONE_DIGITS: u64 = 1 << 3;
const COUNTRY: u64 = 1 << 4;
const BIRTH: u64 = 1 << 5;
const EXTERNAL: u64 = 1 << 6;
const ASSIGNED: u64 = 1 << 7;
const SUSPENDED: u64 = 1 << 8;
const REGISTERED: u64 = 1 << 9;
const PORTAL_EMAIL: u64 = 1 << 10;
/// The login address is the contact address, as it mostly is.
const PORTAL_SAME: u64 = 1 << 11;
const SIGN_IN: u64 = 1 << 12;
const INVITATION: u64 = 1 << 13;
const PRACTICE: u64 = 1 << 14;
const ACCESS_AT: u32 = 15;
const TAGS: u64 = 1 << 17;
/// Of before it was dated; no longer written.
const SEEN_UNDATED: u64 = 1 << 18;
const SEEN: u64 = 1 << 19;

impl<R: Copy> View<'_, R> {
    const fn has(&self, flag: u64) -> bool {
        self.flags & flag != 0
    }

    pub(super) const fn status(&self) -> Status {
        status(self.has(SUSPENDED), self.has(REGISTERED))
    }

    pub(super) const fn access(&self) -> Access {
        match self.flags >> ACCESS_AT & 3 {
            0 => Access::None,
            1 => Access::Invited,
            2 => Access::Enabled,
            _ => Access::Disabled,
        }
    }

    pub(super) const fn ownership(&self) -> Ownership {
        if self.has(PRACTICE) { Ownership::Practice } else { Ownership::Direct }
    }

    /// The owned form; `id` resolves what stands for an id here.
    pub(super) fn entry(&self, id: impl Fn(R) -> Option<Uuid>) -> Result<Entry, Corrupt> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let id = |r: &R| id(*r).ok_or(Corrupt);
        Ok(Entry {
            id: self.id,
            version: self.version,
            first_name: self.first.to_owned(),
            last_name: self.last.to_owned(),
            preferred_name: owned(self.preferred),
            email: owned(self.email),
            phone: self.phone.map(|phone| match phone {
                Number::Digits(digits) => format!("+{digits}"),
                Number::Text(text) => text.to_owned(),
            }),
            phone_country: owned(self.country),
            date_of_birth: self.birth.map(from_ordinal).transpose()?,
            external_id: owned(self.external_id),
            join_date: from_ordinal(self.joined)?,
            created_at: self.created_at,
            tags: self.tags.iter().map(|r| id(r).map(TagId::from_uuid)).collect::<Result<_, _>>()?,
            ownership: self.ownership(),
            assigned_staff: self.assigned.as_ref().map(id).transpose()?.map(StaffId::from_uuid),
            seen_by: self
                .seen_by
                .iter()
                .map(|(r, until)| Ok((StaffId::from_uuid(id(r)?), from_ordinal(*until)?)))
                .collect::<Result<_, _>>()?,
            suspended: self.has(SUSPENDED),
            registered: self.has(REGISTERED),
            access: self.access(),
            portal_email: owned(self.portal_email),
            last_sign_in_at: self.last_sign_in_at,
            invitation: self.invitation,
        })
    }
}

const fn access_number(access: Access) -> u64 {
    match access {
        Access::None => 0,
        Access::Invited => 1,
        Access::Enabled => 2,
        Access::Disabled => 3,
    }
}

const fn state_number(state: InvitationState) -> u64 {
    match state {
        InvitationState::NotInvited => 0,
        InvitationState::Queued => 1,
        InvitationState::Sent => 2,
        InvitationState::Delivered => 3,
        InvitationState::Bounced => 4,
        InvitationState::Complained => 5,
        InvitationState::Expired => 6,
        InvitationState::Revoked => 7,
        InvitationState::Accepted => 8,
        InvitationState::Declined => 9,
    }
}

const STATES: [InvitationState; 10] = [
    InvitationState::NotInvited,
    InvitationState::Queued,
    InvitationState::Sent,
    InvitationState::Delivered,
    InvitationState::Bounced,
    InvitationState::Complained,
    InvitationState::Expired,
    InvitationState::Revoked,
    InvitationState::Accepted,
    InvitationState::Declined,
];

/// Writes one entry; [`read`] is its mirror.
pub(super) fn write(entry: &Entry, out: &mut impl Sink) {
    let same = entry.portal_email.is_some() && entry.portal_email == entry.email;
    let phone = entry.phone.as_deref().map(Number::of);
    let flags = [
        (entry.preferred_name.is_some(), PREFERRED),
        (entry.email.is_some(), EMAIL),
        (entry.phone.is_some(), PHONE),
        (matches!(phone, Some(Number::Digits(_))), PHONE_DIGITS),
        (entry.phone_country.is_some(), COUNTRY),
        (entry.date_of_birth.is_some(), BIRTH),
        (entry.external_id.is_some(), EXTERNAL),
        (entry.assigned_staff.is_some(), ASSIGNED),
        (entry.suspended, SUSPENDED),
        (entry.registered, REGISTERED),
        (entry.portal_email.is_some(), PORTAL_EMAIL),
        (same, PORTAL_SAME),
        (entry.last_sign_in_at.is_some(), SIGN_IN),
        (entry.invitation.is_some(), INVITATION),
        (entry.ownership == Ownership::Practice, PRACTICE),
        (!entry.tags.is_empty(), TAGS),
        (!entry.seen_by.is_empty(), SEEN),
    ];
    let flags =
        flags.iter().filter(|(set, _)| *set).fold(access_number(entry.access) << ACCESS_AT, |all, (_, f)| all | f);
    out.put(Column::Id, entry.id.uuid().as_bytes());
    out.number(Column::Flags, flags);
    out.number(Column::Version, entry.version);
    let mut text = |column, text: &str| {
        out.number(Column::Lengths, text.len() as u64);
        out.put(column, text.as_bytes());
    };
    text(Column::Last, &entry.last_name);
    text(Column::First, &entry.first_name);
    for (column, value) in [
        (Column::Preferred, entry.preferred_name.as_deref()),
        (Column::Email, entry.email.as_deref()),
        (Column::OtherText, entry.portal_email.as_deref().filter(|_| !same)),
        (Column::OtherText, entry.external_id.as_deref()),
        (Column::Country, entry.phone_country.as_deref()),
    ] {
        if let Some(value) = value {
            text(column, value);
        }
    }
    match phone {
        Some(Number::Digits(digits)) => out.number(Column::Phone, digits),
        Some(Number::Text(phone)) => {
            out.number(Column::Lengths, phone.len() as u64);
            out.put(Column::Phone, phone.as_bytes());
        }
        None => {}
    }
    if let Some(birth) = entry.date_of_birth {
        out.number(Column::Birth, zigzag(ordinal(birth).into()));
    }
    put_time(out, Column::Created, entry.created_at, created_near(entry.id));
    out.number(Column::Joined, zigzag((ordinal(entry.join_date) - day_of(entry.created_at)).into()));
    if let Some(staff) = entry.assigned_staff {
        out.refer(staff.uuid());
    }
    if !entry.tags.is_empty() {
        out.number(Column::Refs, entry.tags.len() as u64);
        entry.tags.iter().for_each(|tag| out.refer(tag.uuid()));
    }
    if !entry.seen_by.is_empty() {
        out.number(Column::Refs, entry.seen_by.len() as u64);
        for (staff, until) in &entry.seen_by {
            out.refer(staff.uuid());
            out.number(Column::Joined, zigzag((ordinal(*until) - day_of(entry.created_at)).into()));
        }
    }
    if let Some(at) = entry.last_sign_in_at {
        put_time(out, Column::SignIn, at, entry.created_at);
    }
    if let Some(i) = &entry.invitation {
        out.number(Column::Invitation, state_number(i.state));
        put_time(out, Column::Invitation, i.sent_at, entry.created_at);
        put_time(out, Column::Invitation, i.expires_at, i.sent_at);
        for count in [i.attempts, i.resends, i.serial] {
            out.number(Column::Invitation, count.into());
        }
    }
}

fn text<'a>(source: &mut impl Source<'a>, column: Column) -> Result<&'a str, Corrupt> {
    let len = usize::try_from(source.number(Column::Lengths)?).map_err(|_| Corrupt)?;
    source.text(column, len)
}

fn refs<'a, S: Source<'a>>(source: &mut S) -> Result<Vec<S::Ref>, Corrupt> {
    let count = source.number(Column::Refs)?;
    // The count is not trusted: capacity comes from what is really there.
    let mut out = Vec::with_capacity(count.min(8) as usize);
    for _ in 0..count {
        out.push(source.refer()?);
    }
    Ok(out)
}

fn seen_by<'a, S: Source<'a>>(
    source: &mut S,
    (undated, dated): (bool, bool),
    created: i32,
) -> Result<Vec<(S::Ref, i32)>, Corrupt> {
    if undated {
        return Ok(refs(source)?.into_iter().map(|staff| (staff, ordinal(WALK_INS_DATED_FROM))).collect());
    }
    let count = if dated { source.number(Column::Refs)? } else { 0 };
    let mut out = Vec::with_capacity(count.min(8) as usize);
    for _ in 0..count {
        let staff = source.refer()?;
        let until = small(source, Column::Joined)?.checked_add(created).ok_or(Corrupt)?;
        from_ordinal(until)?;
        out.push((staff, until));
    }
    Ok(out)
}

fn invitation<'a>(source: &mut impl Source<'a>, created_at: Timestamp) -> Result<EntryInvitation, Corrupt> {
    let state = usize::try_from(source.number(Column::Invitation)?).ok().and_then(|n| STATES.get(n)).ok_or(Corrupt)?;
    let sent_at = time(source, Column::Invitation, created_at)?;
    let expires_at = time(source, Column::Invitation, sent_at)?;
    let mut count = || u32::try_from(source.number(Column::Invitation)?).map_err(|_| Corrupt);
    Ok(EntryInvitation { state: *state, sent_at, expires_at, attempts: count()?, resends: count()?, serial: count()? })
}

/// Reads one entry in place.
pub(super) fn read<'a, S: Source<'a>>(source: &mut S) -> Result<View<'a, S::Ref>, Corrupt> {
    let id = ClientId::from_uuid(Uuid::from_slice(source.take(Column::Id, 16)?).map_err(|_| Corrupt)?);
    let flags = source.number(Column::Flags)?;
    let has = |flag: u64| flags & flag != 0;
    if flags >= SEEN << 1 {
        return Err(Corrupt);
    }
    let version = source.number(Column::Version)?;
    let last = text(source, Column::Last)?;
    let first = text(source, Column::First)?;
    let preferred = has(PREFERRED).then(|| text(source, Column::Preferred)).transpose()?;
    let email = has(EMAIL).then(|| text(source, Column::Email)).transpose()?;
    let portal_email = match (has(PORTAL_EMAIL), has(PORTAL_SAME)) {
        (true, true) => email,
        (true, false) => Some(text(source, Column::OtherText)?),
        (false, _) => None,
    };
    let external_id = has(EXTERNAL).then(|| text(source, Column::OtherText)).transpose()?;
    let country = has(COUNTRY).then(|| text(source, Column::Country)).transpose()?;
    let phone = match (has(PHONE), has(PHONE_DIGITS)) {
        (true, true) => Some(Number::Digits(source.number(Column::Phone)?)),
        (true, false) => Some(Number::Text(text(source, Column::Phone)?)),
        (false, _) => None,
    };
    let birth = has(BIRTH).then(|| small(source, Column::Birth)).transpose()?;
    let created_at = time(source, Column::Created, created_near(id))?;
    let joined = small(source, Column::Joined)?.checked_add(day_of(created_at)).ok_or(Corrupt)?;
    // A day no calendar has would only show when the row is listed.
    birth.into_iter().chain([joined]).try_for_each(|day| from_ordinal(day).map(|_| ()))?;
    let assigned = has(ASSIGNED).then(|| source.refer()).transpose()?;
    let tags = if has(TAGS) { refs(source)? } else { Vec::new() };
    let seen_by = seen_by(source, (has(SEEN_UNDATED), has(SEEN)), day_of(created_at))?;
    let last_sign_in_at = has(SIGN_IN).then(|| time(source, Column::SignIn, created_at)).transpose()?;
    let invitation = has(INVITATION).then(|| invitation(source, created_at)).transpose()?;
    Ok(View {
        id,
        version,
        flags,
        last,
        first,
        preferred,
        email,
        phone,
        country,
        external_id,
        portal_email,
        birth,
        created_at,
        joined,
        assigned,
        tags,
        seen_by,
        last_sign_in_at,
        invitation,
    })
}

fn small<'a>(source: &mut impl Source<'a>, column: Column) -> Result<i32, Corrupt> {
    i32::try_from(unzigzag(source.number(column)?)).map_err(|_| Corrupt)
}
