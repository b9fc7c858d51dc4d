//! What the templates take: they are checked when they are compiled.

use askama::Template;

/// The text of a mail.
#[derive(Template)]
pub(super) enum Letter<'a> {
    #[template(path = "welcome.txt")]
    Welcome { practice: &'a str, link: &'a str },
    #[template(path = "sign_in.txt")]
    SignIn { practice: &'a str, link: &'a str },
    #[template(path = "invitation.txt")]
    Invitation {
        practice: &'a str,
        link: &'a str,
        first_name: &'a str,
        message: Option<&'a str>,
        deadline: &'a str,
        documents: bool,
    },
    #[template(path = "staff_invitation.txt")]
    StaffInvitation { practice: &'a str, link: &'a str, deadline: &'a str },
    #[template(path = "staff_declined.txt")]
    StaffDeclined { practice: &'a str, link: &'a str },
    #[template(path = "caseload_notice.txt")]
    CaseloadNotice { practice: &'a str, link: &'a str, given: bool, clients: u32 },
    #[template(path = "therapist_notice.txt")]
    TherapistNotice { practice: &'a str, link: &'a str },
    #[template(path = "break_glass.txt")]
    BreakGlass { practice: &'a str, link: &'a str, what: &'a str },
    #[template(path = "notice.txt")]
    Notice { sentence: &'a str, message: Option<&'a str>, how: &'a str, link: &'a str },
    #[template(path = "reminder.txt")]
    Reminder { practice: &'a str, when: &'a str, link: &'a str },
    #[template(path = "portal_link.txt")]
    PortalLink { practice: &'a str, link: &'a str },
    #[template(path = "credential_notice.txt")]
    CredentialNotice { practice: &'a str, link: &'a str, change: &'a str },
}

/// The same text as a page.
#[derive(Template)]
#[template(path = "mail.html")]
pub(super) struct Page<'a> {
    pub(super) practice: &'a str,
    pub(super) link: &'a str,
    pub(super) button: &'a str,
    pub(super) paragraphs: Vec<&'a str>,
    /// Where its reader says that it was the last of its kind.
    pub(super) stop: Option<&'a str>,
}
