//! Every action of the product: the name the permission matrix gives it, what it shows and what it asks of its caller.
//!
//! All three stand on the action's one line, so that an action nobody has thought about does not compile.

/// What an action lets its caller see of the practice's clients, and where the audit trail says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// Personal data of clients. The entry is written beside the read, and nothing is told without it.
    Clients,
    /// Nothing of clients: no entry.
    Nothing,
    /// What it changes. The entry stands in the transaction of the change.
    Changed,
}

/// What somebody who is allowed an action still has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obligation {
    // IDN-14
    /// Staff with a second factor has shown it lately.
    FreshProof,
    // decision 15
    /// Say why; the reason goes into the audit trail.
    Reason,
}

macro_rules! shows {
    (shows clients) => {
        Shows::Clients
    };
    (shows nothing) => {
        Shows::Nothing
    };
    (changes) => {
        Shows::Changed
    };
}

macro_rules! owes {
    (nothing) => { &[] };
    ($($owed:ident)and+) => { &[$(Obligation::$owed),+] };
}

macro_rules! actions {
    ($($name:ident = $text:literal, $($shows:ident)+, owes $($owed:ident)and+;)*) => {
        /// What somebody wants to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each name is the row of the matrix that its text gives")]
        pub enum Action { $($name,)* }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// `resource.action`, as in the matrix and the audit trail.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What of the practice's clients it lets its caller see.
            #[must_use]
            pub const fn shows(self) -> Shows {
                match self { $(Self::$name => shows!($($shows)+),)* }
            }

            /// What binds whoever is allowed it.
            #[must_use]
            pub const fn obligations(self) -> &'static [Obligation] {
                match self { $(Self::$name => owes!($($owed)and+),)* }
            }
        }
    };
}

actions! {
    ClientList = "client.list", shows clients, owes nothing;
    ClientCreate = "client.create", changes, owes nothing;
    ClientBulkDeactivate = "client.bulk_deactivate", changes, owes nothing;
    ClientBulkDelete = "client.bulk_delete", changes, owes nothing;
    ClientRead = "client.read", shows clients, owes nothing;
    ClientReadOverview = "client.read_overview", shows clients, owes nothing;
    ClientReadDiagnosis = "client.read_diagnosis", shows clients, owes nothing;
    ClientReadStats = "client.stats_read", shows clients, owes nothing;
    PortalHome = "portal_home.read", shows clients, owes nothing;
    ClientUpdate = "client.update_profile", changes, owes nothing;
    ClientUpdateEmail = "client.update_email", changes, owes nothing;
    ClientWritePhoto = "client.photo_write", changes, owes nothing;
    ClientUpdateOverview = "client.update_overview", changes, owes nothing;
    ClientUpdateDiagnosis = "client.update_diagnosis", changes, owes nothing;
    ClientTag = "client.assign_tags", changes, owes nothing;
    ClientDeactivate = "client.deactivate", changes, owes nothing;
    ClientReactivate = "client.reactivate", changes, owes nothing;
    ClientDelete = "client.delete", changes, owes nothing;
    ClientReassign = "client.reassign", changes, owes nothing;
    ClientExport = "client.export_record", changes, owes FreshProof;
    PortalRead = "portal_access.read", shows clients, owes nothing;
    PortalInvite = "portal_access.invite", changes, owes nothing;
    InvitationResend = "portal_access.resend", changes, owes nothing;
    PortalUpdateEmail = "portal_access.update_login_email", changes, owes FreshProof;
    PortalSendLink = "portal_access.send_link", changes, owes nothing;
    PortalDisable = "portal_access.disable", changes, owes nothing;
    PortalUpdate = "portal_access.permissions_update", changes, owes nothing;
    NoteRead = "note.read", shows clients, owes nothing;
    NoteWrite = "note.create", changes, owes nothing;
    NoteWriteOwn = "note_client.create", changes, owes nothing;
    NoteUpdate = "note.update", changes, owes nothing;
    NoteHide = "note.hide", changes, owes nothing;
    NoteShare = "note.share", changes, owes nothing;
    NoteDelete = "note.delete", changes, owes nothing;
    NoteHistory = "note.versions_read", shows clients, owes nothing;
    NoteRestore = "note.restore", changes, owes nothing;
    NoteComment = "note.comment", changes, owes nothing;
    NoteCommentChange = "note.comment_change", changes, owes nothing;
    NoteBreakGlass = "note.read_break_glass", shows clients, owes FreshProof and Reason;
    ClinicalRead = "clinical_note.read", shows clients, owes nothing;
    ClinicalWrite = "clinical_note.create", changes, owes nothing;
    ClinicalUpdate = "clinical_note.update", changes, owes nothing;
    ClinicalSign = "clinical_note.sign", changes, owes nothing;
    ClinicalSubmit = "clinical_note.submit", changes, owes nothing;
    ClinicalReview = "clinical_note.review", changes, owes nothing;
    ClinicalAmend = "clinical_note.amend", changes, owes nothing;
    ClinicalDelete = "clinical_note.delete", changes, owes nothing;
    ClinicalBreakGlass = "clinical_note.read_break_glass", shows clients, owes FreshProof and Reason;
    TaskRead = "task.read", shows clients, owes nothing;
    TaskAssign = "task.create", changes, owes nothing;
    TaskWriteOwn = "task_client.create", changes, owes nothing;
    TaskUpdate = "task.update", changes, owes nothing;
    TaskComplete = "task.complete", changes, owes nothing;
    TaskDelete = "task.delete", changes, owes nothing;
    TaskRepeat = "task.repeat", changes, owes nothing;
    AppointmentRemind = "appointment.remind", changes, owes nothing;
    TaskTemplatesRead = "task_template.read", shows nothing, owes nothing;
    TaskTemplatesManage = "task_template.manage", changes, owes nothing;
    FormRead = "form.read", shows nothing, owes nothing;
    FormManage = "form.manage", changes, owes nothing;
    PacketRead = "packet.read", shows clients, owes nothing;
    PacketSend = "packet.send", changes, owes nothing;
    PacketWithdraw = "packet.withdraw", changes, owes nothing;
    PacketFill = "packet.fill", changes, owes nothing;
    PacketAnswer = "packet.answer", changes, owes nothing;
    PacketSign = "packet.sign", changes, owes nothing;
    PacketSubmit = "packet.submit", changes, owes nothing;
    FileList = "file.list", shows clients, owes nothing;
    FileRead = "file.read", shows clients, owes nothing;
    FileDownload = "file.download", shows clients, owes nothing;
    FileUpload = "file.upload", changes, owes nothing;
    FileUploadOwn = "file_client.upload", changes, owes nothing;
    FileComplete = "file.complete", changes, owes nothing;
    FileUpdate = "file.share", changes, owes nothing;
    FileDelete = "file.delete", changes, owes nothing;
    FileWithdraw = "file.withdraw", changes, owes nothing;
    FileBreakGlass = "file.download_break_glass", shows clients, owes FreshProof and Reason;
    AppointmentRead = "appointment.read", shows clients, owes nothing;
    AppointmentBook = "appointment.book", changes, owes nothing;
    AppointmentUpdate = "appointment.update", changes, owes nothing;
    AppointmentMove = "appointment.move", changes, owes nothing;
    AppointmentCancel = "appointment.cancel", changes, owes nothing;
    AppointmentRequest = "appointment.request", changes, owes nothing;
    AppointmentRescheduleRequest = "appointment.reschedule_request", changes, owes nothing;
    CalendarFeedCreate = "calendar_feed.create", changes, owes nothing;
    CalendarFeedList = "calendar_feed.list", shows nothing, owes nothing;
    CalendarFeedDelete = "calendar_feed.delete", changes, owes nothing;
    CalendarFeedRead = "calendar_feed.read", shows clients, owes nothing;
    AvailabilityRead = "availability.read", shows nothing, owes nothing;
    WorkingHoursRead = "working_hours.read", shows nothing, owes nothing;
    WorkingHoursSet = "working_hours.set", changes, owes nothing;
    ServicesRead = "service.read", shows nothing, owes nothing;
    ServicesManage = "service.manage", changes, owes nothing;
    MessageRead = "message.read", shows clients, owes nothing;
    MessageSend = "message.send", changes, owes nothing;
    MessageMarkRead = "message.mark_read", changes, owes nothing;
    InvoiceRead = "invoice.read", shows clients, owes nothing;
    InvoiceCreate = "invoice.create", changes, owes nothing;
    InvoiceVoid = "invoice.void", changes, owes nothing;
    PaymentTimeline = "payment.timeline_read", shows clients, owes nothing;
    PaymentRecord = "payment.record_manual", changes, owes nothing;
    PayOnline = "payment.pay_online", changes, owes nothing;
    PaymentRefund = "payment.refund", changes, owes FreshProof;
    SettingsRead = "settings.read", shows nothing, owes nothing;
    SettingsUpdate = "settings.update", changes, owes nothing;
    PortalToggle = "settings.portal_toggle", changes, owes nothing;
    PaymentsConnect = "settings.payments_connect", changes, owes FreshProof;
    PortalConfigRead = "portal_config.read", shows nothing, owes nothing;
    TagsRead = "tags.read", shows nothing, owes nothing;
    TagsManage = "tags.manage", changes, owes nothing;
    StaffList = "staff.list_roster", shows nothing, owes nothing;
    StaffRead = "staff.read_detail", shows nothing, owes nothing;
    StaffInvite = "staff.invite", changes, owes FreshProof;
    StaffRevokeInvite = "staff.revoke_invite", changes, owes FreshProof;
    StaffSetStatus = "staff.update_status", changes, owes FreshProof;
    StaffAssignRole = "staff.assign_role", changes, owes FreshProof;
    StaffSetSupervision = "staff.set_supervision", changes, owes FreshProof;
    StaffRemove = "staff.remove", changes, owes FreshProof;
    CaseloadRead = "staff_caseload.read", shows clients, owes nothing;
    RoleList = "role.list", shows nothing, owes nothing;
    RoleCreate = "role.create", changes, owes FreshProof;
    RoleUpdate = "role.update", changes, owes FreshProof;
    RoleDelete = "role.delete", changes, owes FreshProof;
    ImportCreate = "import.create", changes, owes nothing;
    ImportRead = "import.read_status", shows clients, owes nothing;
    ImportChange = "import.cancel", changes, owes nothing;
    ImportReport = "import.error_report", shows clients, owes nothing;
    AuditRead = "audit.read", shows clients, owes nothing;
    AuditExport = "audit.export", shows clients, owes FreshProof;
    AuditChange = "audit.modify_or_delete", changes, owes nothing;
    SelfRead = "self.read", shows nothing, owes nothing;
    SelfUpdate = "self.update_contact", changes, owes nothing;
    SelfNotifications = "self.notifications", changes, owes nothing;
    Unsubscribe = "self.unsubscribe", changes, owes nothing;
    SelfCredentials = "self.change_credentials", changes, owes FreshProof;
    SelfSessions = "self.sessions", changes, owes nothing;
    SelfLeave = "self.leave", changes, owes FreshProof;
    SelfExport = "self.export_my_data", changes, owes nothing;
    SelfErasure = "self.request_erasure", changes, owes nothing;
    KeysRead = "jwks.read", shows nothing, owes nothing;
    HealthRead = "health.read", shows nothing, owes nothing;
    WebhookReceive = "stripe_webhook.post", changes, owes nothing;
    PracticeClose = "practice.close", changes, owes FreshProof;
    PracticeSignUp = "practice.sign_up", changes, owes nothing;
    SignIn = "self.sign_in", changes, owes nothing;
    InvitationAccept = "invitation.accept", changes, owes nothing;
    InvitationDecline = "invitation.decline", changes, owes nothing;
    InvitationRenew = "invitation.renew", changes, owes nothing;
    PaymentApply = "payment.apply", changes, owes nothing;
    ImportApply = "import.apply", changes, owes nothing;
    ExportApply = "export.apply", changes, owes nothing;
    HandoverApply = "client.hand_over", changes, owes nothing;
    Housekeeping = "practice.housekeeping", changes, owes nothing;
}
