use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::author::AuthorView;
use super::form::QuestionView;
use super::{ToClient, ToStaff};
use crate::access::{Action, Actor, Resource, decide};
use crate::domain::catalog::Catalog;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, FormId, PacketId, SentPacketId};
use crate::domain::paperwork::{
    Answer, FormContent, FormKind, Given, Missing, PacketStage, PacketTally, Proposal, SentForm, SentPacket, Signature,
    Unfit,
};
use crate::domain::practice::Practice;
use crate::domain::session::PrincipalId;
use crate::domain::task::Due;
use crate::web::ETag;

/// What its reader can do with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PacketOffer {
    /// Save answers.
    Answer,
    /// Sign what is to be signed.
    Sign,
    /// Hand it in.
    Submit,
    /// Take it back.
    Withdraw,
    /// Fill empty fields of the profile.
    Fill,
}

/// A signature under a consent.
#[derive(Serialize, ToSchema)]
pub struct SignatureView {
    typed_name: String,
    at: Timestamp,
    /// SHA-256 of the text that was signed, in hex.
    sha256: String,
}

/// A form as it was when it was sent.
#[derive(Serialize, ToSchema)]
pub struct SentFormView {
    form_id: FormId,
    /// Which version of the form it is.
    version: u64,
    kind: FormKind,
    title: String,
    /// What is signed of a consent; the introduction of any other.
    text: Option<String>,
    questions: Vec<QuestionView>,
    /// Null until it is signed; for staff until the packet is submitted.
    signature: Option<SignatureView>,
}

impl SentFormView {
    fn new(form: &SentForm, signature: Option<&Signature>) -> Self {
        let SentForm { id, version, content } = form;
        let FormContent { title, kind, text, questions } = content;
        let signature = signature.map(|Signature { name, at, sha256 }| SignatureView {
            typed_name: name.as_str().to_owned(),
            at: *at,
            sha256: sha256.clone(),
        });
        Self {
            form_id: *id,
            version: *version,
            kind: *kind,
            title: title.as_str().to_owned(),
            text: text.as_ref().map(|text| text.as_str().to_owned()),
            questions: questions.iter().map(QuestionView::new).collect(),
            signature,
        }
    }
}

/// What both sides see of a packet, in lists, too.
#[derive(Serialize, ToSchema)]
pub struct PacketParts {
    id: SentPacketId,
    /// Which packet of the library it was.
    packet_id: PacketId,
    name: String,
    state: PacketStage,
    due: Option<Due>,
    /// Its due date is over, and it is not submitted.
    overdue: bool,
    sent_at: Timestamp,
    sent_by: AuthorView,
    submitted_at: Option<Timestamp>,
    allowed_actions: Vec<PacketOffer>,
    /// For `If-Match` when answers are saved or it is withdrawn.
    etag: ETag,
}

/// A packet in the list of staff.
#[derive(Serialize, ToSchema)]
pub struct StaffPacketCard {
    #[schema(inline)]
    shown_to: ToStaff,
    client_id: ClientId,
    #[serde(flatten)]
    packet: PacketParts,
    /// Who of the staff opened it first after it was submitted, and when.
    seen_by: Option<AuthorView>,
    seen_at: Option<Timestamp>,
}

/// A packet, as staff sees it.
#[derive(Serialize, ToSchema)]
pub struct StaffPacketView {
    #[serde(flatten)]
    card: StaffPacketCard,
    forms: Vec<SentFormView>,
    /// By form and question; null until the client has submitted the packet.
    #[schema(value_type = Option<BTreeMap<String, BTreeMap<String, Value>>>)]
    answers: Option<BTreeMap<String, BTreeMap<String, Value>>>,
}

/// A packet in the client's list.
#[derive(Serialize, ToSchema)]
pub struct PortalPacketCard {
    #[schema(inline)]
    shown_to: ToClient,
    #[serde(flatten)]
    packet: PacketParts,
    /// When the client last saved it.
    saved_at: Option<Timestamp>,
    /// How many required answers and signatures are missing.
    missing_count: usize,
}

/// Something required that is not there.
#[derive(Serialize, ToSchema)]
pub struct MissingView {
    form_id: FormId,
    /// The question without an answer; null where a signature is missing.
    question: Option<String>,
}

/// A packet, as the client sees it in the portal.
#[derive(Serialize, ToSchema)]
pub struct PortalPacketView {
    #[serde(flatten)]
    card: PortalPacketCard,
    forms: Vec<SentFormView>,
    /// By form and question.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, Value>>)]
    answers: BTreeMap<String, BTreeMap<String, Value>>,
    missing: Vec<MissingView>,
}

/// A packet, as its reader may see it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("staff" = "#/components/schemas/StaffPacketView"), ("client" = "#/components/schemas/PortalPacketView"))))]
pub enum PacketView {
    Staff(Box<StaffPacketView>),
    Portal(Box<PortalPacketView>),
}

/// A packet in a list, as its reader may see it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("staff" = "#/components/schemas/StaffPacketCard"), ("client" = "#/components/schemas/PortalPacketCard"))))]
pub enum PacketCard {
    Staff(Box<StaffPacketCard>),
    Portal(Box<PortalPacketCard>),
}

crate::domain::prints_its_name!(SignatureView);
crate::domain::prints_its_name!(SentFormView);
crate::domain::prints_its_name!(PacketParts);
crate::domain::prints_its_name!(StaffPacketCard);
crate::domain::prints_its_name!(StaffPacketView);
crate::domain::prints_its_name!(PortalPacketCard);
crate::domain::prints_its_name!(MissingView);
crate::domain::prints_its_name!(PortalPacketView);
crate::domain::prints_its_name!(PacketView);
crate::domain::prints_its_name!(PacketCard);

/// What a client's packets come to.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct PacketCounts {
    open: u32,
    /// Of the open ones.
    overdue: u32,
    submitted: u32,
}

impl PacketCounts {
    /// At this moment.
    #[must_use]
    pub fn new(tally: &PacketTally, practice: &Practice, now: Timestamp) -> Self {
        let overdue = tally.overdue(now, practice.time_zone.time_zone());
        Self { open: tally.open(), overdue, submitted: tally.submitted }
    }
}

/// An answer as it was given.
fn value(answer: &Answer) -> Value {
    match answer.given() {
        Given::Nothing | Given::Other => Value::Null,
        Given::YesNo(yes) => Value::from(yes),
        // Whole numbers are written without a point.
        Given::Number(number) if number.fract() == 0.0 => Value::from(number as i64),
        Given::Number(number) => Value::from(number),
        Given::Text(text) => Value::from(text),
        Given::Many(many) => Value::from(many),
    }
}

fn answers(packet: &SentPacket) -> BTreeMap<String, BTreeMap<String, Value>> {
    let form = |(id, answers): (&FormId, &BTreeMap<_, Answer>)| {
        let one = |(key, answer): (&crate::domain::paperwork::QuestionKey, _)| (key.as_str().to_owned(), value(answer));
        (id.to_string(), answers.iter().map(one).collect())
    };
    packet.answers.iter().map(form).collect()
}

/// Who reads packets of a client, and what is needed to show them.
#[derive(Debug, Clone, Copy)]
pub struct PacketReader<'a> {
    pub actor: &'a Actor,
    pub practice: &'a Practice,
    pub client: &'a Client,
    pub catalog: &'a Catalog,
    pub now: Timestamp,
}

impl PacketReader<'_> {
    /// What this reader sees of a packet now.
    #[must_use]
    pub fn view(&self, packet: &SentPacket) -> PacketView {
        match self.actor {
            Actor::Staff(_) => PacketView::Staff(Box::new(self.staff_view(packet))),
            Actor::Client(_) | Actor::Holder(_) | Actor::Anonymous | Actor::System(_) => {
                let missing = |Missing { form, question }| MissingView {
                    form_id: form,
                    question: question.map(|key| key.as_str().to_owned()),
                };
                PacketView::Portal(Box::new(PortalPacketView {
                    card: self.portal_card(packet),
                    forms: self.forms(packet, true),
                    answers: answers(packet),
                    missing: packet.missing().into_iter().map(missing).collect(),
                }))
            }
        }
    }

    /// The same in a list.
    #[must_use]
    pub fn card(&self, packet: &SentPacket) -> PacketCard {
        match self.actor {
            Actor::Staff(_) => PacketCard::Staff(Box::new(self.staff_card(packet))),
            Actor::Client(_) | Actor::Holder(_) | Actor::Anonymous | Actor::System(_) => {
                PacketCard::Portal(Box::new(self.portal_card(packet)))
            }
        }
    }

    /// What staff sees of it now: a draft is the client's own.
    #[must_use]
    pub fn staff_view(&self, packet: &SentPacket) -> StaffPacketView {
        let told = packet.stage() == PacketStage::Submitted;
        StaffPacketView {
            card: self.staff_card(packet),
            forms: self.forms(packet, told),
            answers: told.then(|| answers(packet)),
        }
    }

    fn staff_card(&self, packet: &SentPacket) -> StaffPacketCard {
        StaffPacketCard {
            shown_to: ToStaff,
            client_id: packet.id.client(),
            packet: self.parts(packet),
            seen_by: packet.seen.map(|(by, _)| self.author(PrincipalId::Staff(by))),
            seen_at: packet.seen.map(|(_, at)| at),
        }
    }

    fn portal_card(&self, packet: &SentPacket) -> PortalPacketCard {
        PortalPacketCard {
            shown_to: ToClient,
            packet: self.parts(packet),
            saved_at: packet.saved_at,
            missing_count: packet.missing().len(),
        }
    }

    fn forms(&self, packet: &SentPacket, signed: bool) -> Vec<SentFormView> {
        let signature = |form: &SentForm| packet.signatures.get(&form.id).filter(|_| signed);
        packet.forms.iter().map(|form| SentFormView::new(form, signature(form))).collect()
    }

    fn author(&self, principal: PrincipalId) -> AuthorView {
        AuthorView::new(principal, self.client, self.catalog)
    }

    fn parts(&self, packet: &SentPacket) -> PacketParts {
        PacketParts {
            id: packet.id,
            packet_id: packet.packet,
            name: packet.name.as_str().to_owned(),
            state: packet.stage(),
            due: packet.due,
            overdue: packet.is_overdue(self.now, self.practice.time_zone.time_zone()),
            sent_at: packet.sent_at,
            sent_by: self.author(packet.sent_by),
            submitted_at: packet.submitted_at,
            allowed_actions: self.offers(packet),
            etag: ETag::new(packet.version),
        }
    }

    fn offers(&self, packet: &SentPacket) -> Vec<PacketOffer> {
        let offers: &[(PacketOffer, Action)] = match packet.stage() {
            PacketStage::Submitted => &[(PacketOffer::Fill, Action::PacketFill)],
            PacketStage::Open => &[
                (PacketOffer::Answer, Action::PacketAnswer),
                (PacketOffer::Sign, Action::PacketSign),
                (PacketOffer::Submit, Action::PacketSubmit),
                (PacketOffer::Withdraw, Action::PacketWithdraw),
            ],
        };
        let about = Resource::packet(Some((self.client, packet)));
        let may = |action| decide(self.actor, action, &about, self.practice).is_ok();
        offers.iter().filter(|(_, action)| may(*action)).map(|(offer, _)| *offer).collect()
    }
}

/// An answer that can fill an empty field of the profile.
#[derive(Serialize, ToSchema)]
pub struct ProposalView {
    field: crate::domain::paperwork::Fill,
    form_id: FormId,
    question: String,
    /// As the client wrote it.
    value: String,
    /// Why the profile does not take it; null where it does.
    problem: Option<ProblemWithAnswer>,
}

/// Why a profile does not take an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemWithAnswer {
    code: &'static str,
    detail: String,
}

crate::domain::prints_its_name!(ProposalView);

impl From<Proposal> for ProposalView {
    fn from(proposal: Proposal) -> Self {
        let Proposal { field, form, question, value, unfit } = proposal;
        Self {
            field,
            form_id: form,
            question: question.as_str().to_owned(),
            value,
            problem: unfit.map(|Unfit { code, detail }| ProblemWithAnswer { code, detail }),
        }
    }
}
