//! The item of a checkout.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity, MoneyRow};
use super::keys::{self, Key};
use crate::domain::checkout::{Checkout, CheckoutState, ProviderCheckout};
use crate::domain::ids::{PaymentId, PracticeId};
use crate::domain::money::Money;
use crate::domain::payment::Allocation;

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    payment: PaymentId,
    bill: Vec<Allocation>,
    #[serde(with = "MoneyRow")]
    total: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<SessionRow>,
    created_at: Timestamp,
    expires_at: Timestamp,
    state: CheckoutState,
}

#[derive(Debug, Serialize, Deserialize)]
struct SessionRow {
    id: String,
    url: String,
    live: bool,
}

crate::store::item::versioned!(Checkout);

impl Entity for Checkout {
    const NAME: &'static str = "checkout";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::checkout(self.practice, self.payment)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { payment, practice, version: _, bill, total, session, created_at, expires_at, state } = self.clone();
        let session = session.map(|ProviderCheckout { id, url, live }| SessionRow { id, url, live });
        Row { pid: practice.key(), payment, bill, total, session, created_at, expires_at, state }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, payment, bill, total, session, created_at, expires_at, state } = row;
        Ok(Self {
            payment,
            practice: PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?,
            version,
            bill,
            total,
            session: session.map(|SessionRow { id, url, live }| ProviderCheckout { id, url, live }),
            created_at,
            expires_at,
            state,
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::item::{from_item, to_item};
    use super::*;
    use crate::domain::checkout::{Received, bill};
    use crate::domain::ids::{ClientId, InvoiceId};
    use crate::domain::invoice::{Invoice, InvoiceNumber, Line};
    use crate::domain::money::Currency;
    use crate::domain::payment::Payment;
    use crate::domain::text::LineDescription;

    // decision 18
    #[test]
    fn invoices_checkouts_and_payments_read_back_as_they_were_stored() {
        let now = Timestamp::from_second(1_800_000_000).expect("an instant");
        let (client, practice) = (ClientId::from_uuid(Uuid::from_u128(7)), PracticeId::from_uuid(Uuid::from_u128(1)));
        let currency = Currency::parse("USD").expect("a currency");
        let unit_price = Money { amount: 15_000, currency };
        let line = Line { description: LineDescription::parse("Session").expect("a text"), quantity: 2, unit_price };
        let id = InvoiceId::new(client, Uuid::from_u128(3));
        let due = Some(jiff::civil::date(2026, 12, 1));
        let mut invoice = Invoice::draft(id, practice, currency, vec![line], due, now).expect("a draft");
        assert_eq!(from_item::<Invoice>(to_item(&invoice).expect("an item")).as_ref(), Ok(&invoice));
        invoice.issue(InvoiceNumber::new(2026, 1), now).expect("issued");

        let mut invoices = [invoice];
        let payment = PaymentId::new(client, Uuid::from_u128(9));
        let mut checkout =
            Checkout::start(payment, practice, bill(&invoices, None).expect("a bill"), now).expect("a checkout");
        assert_eq!(from_item::<Checkout>(to_item(&checkout).expect("an item")).as_ref(), Ok(&checkout));
        checkout.hold(&mut invoices);
        checkout.opened(ProviderCheckout {
            id: "cs_1".to_owned(),
            url: "https://pay.example/1".to_owned(),
            live: true,
        });
        assert_eq!(from_item::<Checkout>(to_item(&checkout).expect("an item")).as_ref(), Ok(&checkout));
        assert_eq!(from_item::<Invoice>(to_item(&invoices[0]).expect("an item")).as_ref(), Ok(&invoices[0]));

        let received = Received {
            session: "cs_1".to_owned(),
            payment: Some("pi_1".to_owned()),
            amount: checkout.total,
            live: true,
        };
        let paid = checkout.settle(&mut invoices, &received, now);
        assert_eq!(from_item::<Payment>(to_item(&paid).expect("an item")).as_ref(), Ok(&paid));
        assert_eq!(from_item::<Invoice>(to_item(&invoices[0]).expect("an item")).as_ref(), Ok(&invoices[0]));

        invoices[0].paid.amount += 1;
        assert_eq!(from_item::<Invoice>(to_item(&invoices[0]).expect("an item")), Err(Corrupt("invoice")));
    }
}
