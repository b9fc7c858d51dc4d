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
    PracticeSignUp = "practice.sign_up";
    SettingsRead = "settings.read";
    SettingsUpdate = "settings.update";
    PaymentsConnect = "settings.payments_connect";
    TagsRead = "tags.read";
    TagsManage = "tags.manage";
    SelfRead = "self.read";
    SelfSessions = "self.sessions";
    SignIn = "self.sign_in";
    ClientList = "client.list";
    ClientCreate = "client.create";
    ClientRead = "client.read";
    ClientReadDiagnosis = "client.read_diagnosis";
    ClientUpdate = "client.update_profile";
    ClientDeactivate = "client.deactivate";
    ClientReactivate = "client.reactivate";
    ClientDelete = "client.delete";
    PortalRead = "portal_access.read";
    PortalInvite = "portal_access.invite";
    PortalDisable = "portal_access.disable";
    PortalUpdate = "portal_access.permissions_update";
    InvitationAccept = "portal_access.accept";
    InvitationDecline = "portal_access.decline";
    InvitationRenew = "portal_access.renew";
    InvitationResend = "portal_access.resend";
    FileList = "file.list";
    FileRead = "file.download";
    FileUpload = "file.upload";
    FileUpdate = "file.share";
    FileDelete = "file.delete";
    InvoiceRead = "invoice.read";
    InvoiceCreate = "invoice.create";
    InvoiceVoid = "invoice.void";
    PaymentTimeline = "payment.timeline_read";
    PayOnline = "payment.pay_online";
    PaymentApply = "payment.apply";
    ImportCreate = "import.create";
    ImportRead = "import.read_status";
    ImportChange = "import.cancel";
    ImportApply = "import.apply";
    Housekeeping = "practice.housekeeping";
}
