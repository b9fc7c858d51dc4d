//! Every action of the product, by the name the permission matrix gives it.

macro_rules! actions {
    ($($name:ident = $text:literal;)*) => {
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
        }
    };
}

actions! {
    ClientList = "client.list";
    ClientCreate = "client.create";
    ClientBulkDeactivate = "client.bulk_deactivate";
    ClientBulkDelete = "client.bulk_delete";
    ClientRead = "client.read";
    ClientReadOverview = "client.read_overview";
    ClientReadDiagnosis = "client.read_diagnosis";
    ClientReadStats = "client.stats_read";
    ClientUpdate = "client.update_profile";
    ClientUpdateEmail = "client.update_email";
    ClientWritePhoto = "client.photo_write";
    ClientUpdateOverview = "client.update_overview";
    ClientUpdateDiagnosis = "client.update_diagnosis";
    ClientTag = "client.assign_tags";
    ClientDeactivate = "client.deactivate";
    ClientReactivate = "client.reactivate";
    ClientDelete = "client.delete";
    ClientReassign = "client.reassign";
    ClientExport = "client.export_record";
    PortalRead = "portal_access.read";
    PortalInvite = "portal_access.invite";
    InvitationResend = "portal_access.resend";
    PortalUpdateEmail = "portal_access.update_login_email";
    PortalDisable = "portal_access.disable";
    PortalUpdate = "portal_access.permissions_update";
    NoteRead = "note.read";
    NoteWrite = "note.create";
    NoteWriteOwn = "note_client.create";
    NoteUpdate = "note.update";
    NoteHide = "note.hide";
    NoteShare = "note.share";
    NoteDelete = "note.delete";
    NoteBreakGlass = "note.read_break_glass";
    TaskRead = "task.read";
    TaskAssign = "task.create";
    TaskWriteOwn = "task_client.create";
    TaskUpdate = "task.update";
    TaskComplete = "task.complete";
    TaskDelete = "task.delete";
    FileList = "file.list";
    FileRead = "file.read";
    FileDownload = "file.download";
    FileUpload = "file.upload";
    FileUploadOwn = "file_client.upload";
    FileComplete = "file.complete";
    FileUpdate = "file.share";
    FileDelete = "file.delete";
    AppointmentRead = "appointment.read";
    AppointmentBook = "appointment.book";
    AppointmentUpdate = "appointment.update";
    AppointmentCancel = "appointment.cancel";
    AppointmentRequest = "appointment.request";
    AppointmentRescheduleRequest = "appointment.reschedule_request";
    AvailabilityRead = "availability.read";
    MessageRead = "message.read";
    MessageSend = "message.send";
    InvoiceRead = "invoice.read";
    InvoiceCreate = "invoice.create";
    InvoiceVoid = "invoice.void";
    PaymentTimeline = "payment.timeline_read";
    PaymentRecord = "payment.record_manual";
    PayOnline = "payment.pay_online";
    PaymentRefund = "payment.refund";
    SettingsRead = "settings.read";
    SettingsUpdate = "settings.update";
    PortalToggle = "settings.portal_toggle";
    PaymentsConnect = "settings.payments_connect";
    PortalConfigRead = "portal_config.read";
    TagsRead = "tags.read";
    TagsManage = "tags.manage";
    StaffList = "staff.list_roster";
    StaffRead = "staff.read_detail";
    StaffInvite = "staff.invite";
    StaffRevokeInvite = "staff.revoke_invite";
    StaffSetStatus = "staff.update_status";
    StaffAssignRole = "staff.assign_role";
    StaffSetSupervision = "staff.set_supervision";
    StaffRemove = "staff.remove";
    CaseloadRead = "staff_caseload.read";
    RoleList = "role.list";
    RoleCreate = "role.create";
    RoleUpdate = "role.update";
    RoleDelete = "role.delete";
    ImportCreate = "import.create";
    ImportRead = "import.read_status";
    ImportChange = "import.cancel";
    ImportReport = "import.error_report";
    AuditRead = "audit.read";
    AuditExport = "audit.export";
    AuditChange = "audit.modify_or_delete";
    SelfRead = "self.read";
    SelfUpdate = "self.update_contact";
    SelfCredentials = "self.change_credentials";
    SelfSessions = "self.sessions";
    SelfExport = "self.export_my_data";
    SelfErasure = "self.request_erasure";
    KeysRead = "jwks.read";
    HealthRead = "health.read";
    WebhookReceive = "stripe_webhook.post";
    PracticeSignUp = "practice.sign_up";
    SignIn = "self.sign_in";
    InvitationAccept = "invitation.accept";
    InvitationDecline = "invitation.decline";
    InvitationRenew = "invitation.renew";
    PaymentApply = "payment.apply";
    ImportApply = "import.apply";
    ExportApply = "export.apply";
    HandoverApply = "client.hand_over";
    Housekeeping = "practice.housekeeping";
}
