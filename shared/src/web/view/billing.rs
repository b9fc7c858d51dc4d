use super::{ToClient, ToStaff};
use crate::access::Actor;
use crate::domain::ids::{ClientId, InvoiceId, PaymentId};
use crate::domain::invoice::{Invoice, InvoiceState, Line};
use crate::domain::money::Money;
use crate::domain::payment::{Payment, PaymentKind, PaymentMethod, PaymentState};
use crate::web::ETag;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// An invoice, as this caller sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("staff" = "#/components/schemas/StaffInvoiceView"), ("client" = "#/components/schemas/PortalInvoiceView"))))]
pub enum InvoiceView {
    Staff(StaffInvoiceView),
    Portal(PortalInvoiceView),
}

/// An invoice, as staff see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffInvoiceView {
    #[schema(inline)]
    shown_to: ToStaff,
    id: InvoiceId,
    client_id: ClientId,
    /// `2026-0001`; null while it is a draft.
    number: Option<String>,
    state: InvoiceState,
    total: Money,
    paid: Money,
    balance: Money,
    lines: Vec<LineView>,
    due_date: Option<Date>,
    created_at: Timestamp,
    issued_at: Option<Timestamp>,
    paid_at: Option<Timestamp>,
    voided_at: Option<Timestamp>,
    /// Whether the client has a page open at the payment provider to pay it.
    in_checkout: bool,
    etag: ETag,
}

/// An issued invoice, as its client sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PortalInvoiceView {
    #[schema(inline)]
    shown_to: ToClient,
    id: InvoiceId,
    number: Option<String>,
    state: InvoiceState,
    total: Money,
    paid: Money,
    balance: Money,
    lines: Vec<LineView>,
    due_date: Option<Date>,
    issued_at: Option<Timestamp>,
    paid_at: Option<Timestamp>,
    etag: ETag,
}

/// A line of an invoice.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineView {
    description: String,
    quantity: u32,
    unit_price: Money,
    amount: Money,
}

/// A payment or refund, as this caller sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("staff" = "#/components/schemas/StaffPaymentView"), ("client" = "#/components/schemas/PortalPaymentView"))))]
pub enum PaymentView {
    Staff(StaffPaymentView),
    Portal(PortalPaymentView),
}

/// A payment or refund, as staff see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffPaymentView {
    #[schema(inline)]
    shown_to: ToStaff,
    kind: PaymentKind,
    id: PaymentId,
    amount: Money,
    method: PaymentMethod,
    received_at: Timestamp,
    invoice_ids: Vec<InvoiceId>,
    allocations: Vec<AllocationView>,
    /// `unapplied`: it came in, but not as asked for, and somebody has to look at it.
    state: PaymentState,
    /// The provider's id of it, to find it there.
    provider_payment_id: Option<String>,
}

/// A payment or refund, as its client sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PortalPaymentView {
    #[schema(inline)]
    shown_to: ToClient,
    kind: PaymentKind,
    id: PaymentId,
    amount: Money,
    method: PaymentMethod,
    received_at: Timestamp,
    invoice_ids: Vec<InvoiceId>,
}

/// How much of a payment one invoice got.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllocationView {
    invoice_id: InvoiceId,
    amount: Money,
}

fn lines(invoice: &Invoice) -> Vec<LineView> {
    let view = |line: &Line| {
        let Line { description, quantity, unit_price } = line;
        let description = description.as_str().to_owned();
        LineView { description, quantity: *quantity, unit_price: *unit_price, amount: line.amount() }
    };
    invoice.lines.iter().map(view).collect()
}

impl StaffInvoiceView {
    /// The invoice at this moment.
    #[must_use]
    pub fn new(invoice: &Invoice, now: Timestamp) -> Self {
        Self {
            shown_to: ToStaff,
            id: invoice.id,
            client_id: invoice.id.client(),
            number: invoice.number.map(|number| number.to_string()),
            state: invoice.state,
            total: invoice.total,
            paid: invoice.paid,
            balance: invoice.balance(),
            lines: lines(invoice),
            due_date: invoice.due_date,
            created_at: invoice.created_at,
            issued_at: invoice.issued_at,
            paid_at: invoice.paid_at,
            voided_at: invoice.voided_at,
            in_checkout: invoice.live_checkout(now).is_some(),
            etag: ETag::new(invoice.version),
        }
    }
}

impl PortalInvoiceView {
    fn new(invoice: &Invoice) -> Self {
        Self {
            shown_to: ToClient,
            id: invoice.id,
            number: invoice.number.map(|number| number.to_string()),
            state: invoice.state,
            total: invoice.total,
            paid: invoice.paid,
            balance: invoice.balance(),
            lines: lines(invoice),
            due_date: invoice.due_date,
            issued_at: invoice.issued_at,
            paid_at: invoice.paid_at,
            etag: ETag::new(invoice.version),
        }
    }
}

impl InvoiceView {
    /// The invoice for this caller, who may read it.
    #[must_use]
    pub fn new(invoice: &Invoice, actor: &Actor, now: Timestamp) -> Self {
        match actor {
            Actor::Staff(_) => Self::Staff(StaffInvoiceView::new(invoice, now)),
            _ => Self::Portal(PortalInvoiceView::new(invoice)),
        }
    }
}

impl PaymentView {
    /// The payment for this caller.
    #[must_use]
    pub fn new(payment: Payment, actor: &Actor) -> Self {
        let Payment {
            id,
            practice: _,
            version: _,
            kind,
            amount,
            method,
            received_at,
            allocations,
            provider_checkout: _,
            provider_payment,
            state,
        } = payment;
        let invoice_ids = allocations.iter().map(|share| share.invoice).collect();
        match actor {
            Actor::Staff(_) => Self::Staff(StaffPaymentView {
                shown_to: ToStaff,
                kind,
                id,
                amount,
                method,
                received_at,
                invoice_ids,
                allocations: allocations
                    .into_iter()
                    .map(|share| AllocationView { invoice_id: share.invoice, amount: share.amount })
                    .collect(),
                state,
                provider_payment_id: provider_payment,
            }),
            _ => Self::Portal(PortalPaymentView {
                shown_to: ToClient,
                kind,
                id,
                amount,
                method,
                received_at,
                invoice_ids,
            }),
        }
    }
}
