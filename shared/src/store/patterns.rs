//! Where everything lives in the table and how it is reached: for people, as `infra/keys.md`.

/// One line of `infra/keys.md`.
#[derive(Debug, Clone, Copy)]
pub struct Pattern {
    /// What stands there.
    pub entity: &'static str,
    /// Partition key, with `<…>` for its parts.
    pub pk: &'static str,
    /// Sort key, likewise.
    pub sk: &'static str,
    /// How it is reached.
    pub access: &'static str,
}

/// Every access pattern, for `infra/keys.md`.
pub const PATTERNS: &[Pattern] = &[
    Pattern { entity: "practice", pk: "P#<practice>", sk: "META", access: "BatchGet with every request" },
    Pattern {
        entity: "catalog",
        pk: "P#<practice>",
        sk: "CATALOG",
        access: "BatchGet with requests that name tags or staff",
    },
    Pattern {
        entity: "team",
        pk: "P#<practice>",
        sk: "TEAM",
        access: "BatchGet and conditional put with each change of the team",
    },
    Pattern {
        entity: "invoice_counter",
        pk: "P#<practice>",
        sk: "COUNTER#INVOICE#<year>",
        access: "BatchGet and conditional put when an invoice is issued",
    },
    Pattern {
        entity: "staff",
        pk: "P#<practice>#STAFF",
        sk: "S#<staff>",
        access: "BatchGet with every request of a staff member; Query by prefix for the roster",
    },
    Pattern {
        entity: "client",
        pk: "P#<practice>#C#<client>",
        sk: "META",
        access: "BatchGet with every request about the client",
    },
    Pattern {
        entity: "file",
        pk: "P#<practice>#C#<client>",
        sk: "FILE#<file>",
        access: "BatchGet by id; Query by prefix for the list",
    },
    Pattern {
        entity: "file_quota",
        pk: "P#<practice>#C#<client>",
        sk: "QUOTA",
        access: "BatchGet and conditional put when a file comes or goes",
    },
    Pattern {
        entity: "invoice",
        pk: "P#<practice>#C#<client>",
        sk: "INVOICE#<invoice>",
        access: "BatchGet by id; Query by prefix for the list",
    },
    Pattern {
        entity: "payment",
        pk: "P#<practice>#C#<client>",
        sk: "PAYMENT#<payment>",
        access: "Query by prefix for the timeline",
    },
    Pattern {
        entity: "checkout",
        pk: "P#<practice>#C#<client>",
        sk: "CHECKOUT#<payment>",
        access: "BatchGet when the provider reports",
    },
    Pattern {
        entity: "appointment",
        pk: "P#<practice>#C#<client>",
        sk: "APPT#<appointment>",
        access: "BatchGet by id; Query between two instants for the list",
    },
    Pattern {
        entity: "export",
        pk: "P#<practice>#C#<client>",
        sk: "EXPORT#<export>",
        access: "BatchGet by id while the archive is made and kept",
    },
    Pattern {
        entity: "appointment_summary",
        pk: "P#<practice>#C#<client>",
        sk: "APPTS",
        access: "BatchGet with the profile; conditional put when an appointment is booked or settled",
    },
    Pattern {
        entity: "calendar_day",
        pk: "P#<practice>#CAL#<staff>",
        sk: "<day>",
        access: "BatchGet and conditional put when booked; Update when settled; Query between two days",
    },
    Pattern {
        entity: "session",
        pk: "AUTH#<practice>#<principal>",
        sk: "SESSION#<session>",
        access: "BatchGet with every request; Query by prefix for the list",
    },
    Pattern { entity: "sign_in_link", pk: "AUTH#<practice>#<principal>", sk: "LINK", access: "BatchGet when redeemed" },
    Pattern {
        entity: "second_factor",
        pk: "AUTH#<practice>#S#<staff>",
        sk: "TOTP",
        access: "BatchGet when staff sign in or prove themselves; conditional put with each code used",
    },
    Pattern {
        entity: "login_guard",
        pk: "P#<practice>#UNIQ",
        sk: "LOGIN#<keyed hash of address>",
        access: "Get on portal sign-in; conditional put",
    },
    Pattern {
        entity: "staff_address",
        pk: "P#<practice>#UNIQ",
        sk: "STAFF#<keyed hash of address>",
        access: "conditional put when somebody is invited to the team",
    },
    Pattern {
        entity: "duplicate_hint",
        pk: "P#<practice>#HINT",
        sk: "<keyed hash of name and address, phone or birthday>",
        access: "BatchGet when a client is created; clients are put in and taken out in place",
    },
    Pattern {
        entity: "deletion",
        pk: "DUE#DELETION#<shard>",
        sk: "P#<practice>#C#<client>",
        access: "Query by the schedule that finishes deletions",
    },
    Pattern {
        entity: "handover",
        pk: "DUE#HANDOVER#<shard>",
        sk: "D#<day>#P#<practice>#C#<client>",
        access: "Query by the schedule that applies handovers",
    },
    Pattern {
        entity: "compaction",
        pk: "DUE#COMPACTION#0",
        sk: "P#<practice>",
        access: "Query by the schedule that folds directories",
    },
    Pattern { entity: "slug_guard", pk: "SLUG#<slug>", sk: "GUARD", access: "Get on portal sign-in; conditional put" },
    Pattern {
        entity: "staff_identity",
        pk: "STAFFID#<keyed hash of address, or of issuer and subject>",
        sk: "GUARD",
        access: "Query on staff sign-in; conditional put",
    },
    Pattern {
        entity: "staff_candidate",
        pk: "STAFFID#<keyed hash of address>",
        sk: "P#<practice>",
        access: "Query on staff sign-in",
    },
    Pattern {
        entity: "directory_head",
        pk: "P#<practice>#DIR",
        sk: "L~HEAD",
        access: "BatchGet when cold; with the log when warm; conditional put when a snapshot is flipped",
    },
    Pattern {
        entity: "directory_chunk",
        pk: "P#<practice>#DIR",
        sk: "S#<snapshot>#<number>",
        access: "BatchGet when cold",
    },
    Pattern {
        entity: "directory_log",
        pk: "P#<practice>#DIR",
        sk: "L#<time-ordered id>",
        access: "Query from the last seen entry on, strongly consistent",
    },
    Pattern {
        entity: "import",
        pk: "P#<practice>#IMPORT",
        sk: "I#<import>",
        access: "BatchGet by id; Query for the list",
    },
    Pattern {
        entity: "import_run",
        pk: "P#<practice>#IMPORT",
        sk: "RUN#<import>",
        access: "BatchGet with its import; conditional Update takes its lease; deleted when the run ends",
    },
    Pattern {
        entity: "idempotency",
        pk: "P#<practice>#IDEM#<principal>",
        sk: "<hash of route and key>",
        access: "BatchGet with every POST that carries a key",
    },
    Pattern {
        entity: "idempotency",
        pk: "RL#IDEM#<hash of route and key>",
        sk: "ANSWER",
        access: "Get with a sign-up that carries a key",
    },
    Pattern {
        entity: "audit",
        pk: "AUDIT#<practice>#<day>#<shard>",
        sk: "<time-ordered id>",
        access: "put only; Query by day",
    },
    Pattern {
        entity: "outbox",
        pk: "OUTBOX#<shard>",
        sk: "M#<time-ordered id>",
        access: "Query by the flush; deleted once sent",
    },
    Pattern {
        entity: "resend_registry",
        pk: "DUE#RESEND#<shard>",
        sk: "P#<practice>",
        access: "Query by the resend schedule",
    },
    Pattern {
        entity: "webhook_event",
        pk: "WEBHOOK#<hash of event id>",
        sk: "GUARD",
        access: "conditional put with the effect",
    },
    Pattern {
        entity: "decoy",
        pk: "RL#DECOY#<keyed hash of address>#<number>",
        sk: "DECOY",
        access: "put only, when somebody signs in with an unknown address",
    },
    Pattern {
        entity: "rate",
        pk: "RL#<kind>#<keyed hash>",
        sk: "<window>",
        access: "conditional Update before the secret is checked",
    },
];
