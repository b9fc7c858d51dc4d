use jiff::SignedDuration;
use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::checkout::{Checkout, CheckoutRefusal, CheckoutState, OPEN_FOR, ProviderCheckout, Received, bill};
use crate::domain::ids::ClientId;
use crate::domain::payment::{Payment, PaymentState};

fn usd(amount: i64) -> Money {
    Money { amount, currency: Currency::parse("USD").expect("a currency") }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("an instant")
}

fn client() -> ClientId {
    ClientId::from_uuid(Uuid::from_u128(7))
}

fn payment_id(n: u128) -> PaymentId {
    PaymentId::new(client(), Uuid::from_u128(n))
}

fn line(quantity: u32, price: i64) -> Line {
    Line { description: LineDescription::parse("Session 50 min").expect("a text"), quantity, unit_price: usd(price) }
}

fn draft(n: u128, price: i64) -> Invoice {
    let practice = PracticeId::from_uuid(Uuid::from_u128(1));
    let id = InvoiceId::new(client(), Uuid::from_u128(n));
    let currency = usd(0).currency;
    Invoice::draft(id, practice, currency, vec![line(1, price)], Some(date(2026, 12, 1)), at(0)).expect("a draft")
}

fn open(n: u128, price: i64) -> Invoice {
    let mut invoice = draft(n, price);
    invoice.issue(InvoiceNumber::new(2026, 1), at(0)).expect("issued");
    invoice
}

fn started(invoices: &mut [Invoice], part: Option<Money>, n: u128, now: Timestamp) -> Checkout {
    let asked = bill(invoices, part).expect("a bill");
    let mut checkout = Checkout::start(payment_id(n), invoices[0].practice, asked, now).expect("a checkout");
    checkout.hold(invoices);
    checkout.opened(ProviderCheckout { id: format!("cs_{n}"), url: format!("https://pay.example/{n}"), live: false });
    checkout
}

fn received(checkout: &Checkout) -> Received {
    let session = checkout.session.clone().expect("a session");
    Received { session: session.id, payment: Some("pi_1".to_owned()), amount: checkout.total, live: session.live }
}

// J2
#[test]
fn a_number_is_the_year_and_at_least_four_digits() {
    for (number, text) in [(InvoiceNumber::new(2026, 1), "2026-0001"), (InvoiceNumber::new(2026, 12_345), "2026-12345")]
    {
        assert_eq!(number.to_string(), text);
        assert_eq!(text.parse(), Ok(number));
    }
    for bad in ["", "2026", "2026-1", "2026-00001", "26-0001", "2026-+001", "-0001"] {
        assert_eq!(bad.parse::<InvoiceNumber>(), Err(InvalidNumber), "{bad}");
    }
}

// decision 14
#[test]
fn lines_add_up_in_the_currency_of_the_practice_or_are_refused() {
    let currency = usd(0).currency;
    assert_eq!(total(&[line(2, 15_000), line(1, 1)], currency), Ok(usd(30_001)));
    assert_eq!(total(&[], currency), Ok(usd(0)));
    let mut euro = line(1, 1);
    euro.unit_price.currency = Currency::parse("EUR").expect("a currency");
    for (lines, refusal) in [
        (vec![line(1, 1), line(0, 1)], BadLines::Quantity(1)),
        (vec![line(1, -1)], BadLines::Price(0)),
        (vec![euro], BadLines::Currency(0)),
        (vec![line(u32::MAX, i64::MAX)], BadLines::TooLarge),
        (vec![line(2, MAX_TOTAL / 2 + 1)], BadLines::TooLarge),
        (vec![line(1, 1); MAX_LINES + 1], BadLines::TooMany),
    ] {
        assert_eq!(total(&lines, currency), Err(refusal));
    }
}

// J2
#[test]
fn only_a_draft_that_asks_for_something_is_issued() {
    let number = InvoiceNumber::new(2026, 1);
    let mut empty = draft(1, 0);
    assert_eq!(empty.issue(number, at(1)), Err(IssueRefusal::NothingToPay));
    empty.lines.clear();
    assert_eq!(empty.issue(number, at(1)), Err(IssueRefusal::NoLines));
    let mut invoice = open(1, 100);
    assert_eq!((invoice.state, invoice.issued_at), (InvoiceState::Open, Some(at(0))));
    assert_eq!(invoice.issue(number, at(1)), Err(IssueRefusal::AlreadyIssued));
    invoice.void(None, at(1)).expect("void");
    assert_eq!(invoice.issue(number, at(1)), Err(IssueRefusal::Void));
    assert!(invoice.is_issued());
}

// J2, J6
#[test]
fn what_is_paid_even_in_part_is_not_voided() {
    let mut invoice = open(1, 100);
    invoice.apply_payment(payment_id(1), usd(40), at(1)).expect("applied");
    assert_eq!(invoice.void(None, at(2)), Err(VoidRefusal::PartlyPaid));
    invoice.apply_payment(payment_id(2), usd(60), at(2)).expect("applied");
    assert_eq!((invoice.state, invoice.paid_at), (InvoiceState::Paid, Some(at(2))));
    assert_eq!(invoice.void(None, at(3)), Err(VoidRefusal::Paid));
    let mut unpaid = draft(2, 100);
    unpaid.void(None, at(1)).expect("void");
    assert_eq!((unpaid.balance(), unpaid.void(None, at(1))), (usd(0), Err(VoidRefusal::AlreadyVoid)));
}

// J3
#[test]
fn an_invoice_being_paid_is_voided_only_after_its_checkout_was_closed() {
    let mut invoices = [open(1, 100)];
    started(&mut invoices, None, 9, at(0));
    let [invoice] = &mut invoices;
    assert_eq!(invoice.void(None, at(1)), Err(VoidRefusal::InCheckout));
    assert_eq!(invoice.void(Some(payment_id(8)), at(1)), Err(VoidRefusal::InCheckout));
    invoice.clone().void(Some(payment_id(9)), at(1)).expect("void");
    let late = at(0).saturating_add(OPEN_FOR).expect("an instant");
    invoice.void(None, late).expect("void");
}

// J3
#[test]
fn a_bill_is_what_the_invoices_say_and_a_part_is_within_the_balance() {
    let (a, b) = (open(1, 150), open(2, 50));
    let whole = bill(&[b.clone(), a.clone()], None).expect("a bill");
    assert_eq!(whole.iter().map(|s| (s.invoice, s.amount)).collect::<Vec<_>>(), [(a.id, usd(150)), (b.id, usd(50))]);
    assert_eq!(bill(std::slice::from_ref(&a), Some(usd(60))).expect("a bill")[0].amount, usd(60));
    let euro = Money { currency: Currency::parse("EUR").expect("a currency"), ..usd(1) };
    let little = NotPayable::TooLittle { least: 50, currency: "USD" };
    for (invoices, part, refusal) in [
        (vec![a.clone(), b.clone()], Some(usd(1)), CheckoutRefusal::PartOfSeveral),
        (vec![a.clone()], Some(usd(0)), CheckoutRefusal::PartOutOfRange),
        (vec![a.clone()], Some(usd(151)), CheckoutRefusal::PartOutOfRange),
        // Neither is charged, nor could the rest ever be.
        (vec![a.clone()], Some(usd(49)), CheckoutRefusal::PartNotPayable(little)),
        (vec![a.clone()], Some(usd(120)), CheckoutRefusal::PartNotPayable(little)),
        (vec![a.clone()], Some(euro), CheckoutRefusal::PartCurrency),
        (vec![a.clone(), draft(3, 50)], None, CheckoutRefusal::NotOpen),
    ] {
        assert_eq!(bill(&invoices, part), Err(refusal));
    }
    let mut paid = a;
    paid.apply_payment(payment_id(1), usd(150), at(1)).expect("applied");
    assert_eq!(bill(&[paid], None), Err(CheckoutRefusal::AlreadyPaid));
}

// decision 37: drafted or issued before it was looked at
#[test]
fn what_can_never_be_paid_is_neither_issued_nor_checked_out() {
    let dinars = |amount| Money { amount, currency: Currency::parse("KWD").expect("a currency") };
    let fine = NotPayable::TooFine { step: 10, currency: "KWD" };
    let mut old = draft(1, 100);
    (old.total, old.paid) = (dinars(12_345), dinars(0));
    assert_eq!(old.issue(InvoiceNumber::new(2026, 1), at(0)), Err(IssueRefusal::NotPayable(fine)));
    old.state = InvoiceState::Open;
    assert_eq!(bill(&[old], None), Err(CheckoutRefusal::NotPayable(fine)));
    // Two that are too little alone are enough together.
    let (mut one, mut two) = (open(2, 100), open(3, 100));
    (one.total, two.total) = (usd(30), usd(30));
    assert!(bill(&[one.clone()], None).is_err() && bill(&[one, two], None).is_ok());
}

// J7, decision 14
#[test]
fn only_what_was_asked_for_is_expected() {
    let mut invoices = [open(1, 100)];
    let checkout = started(&mut invoices, None, 9, at(0));
    let good = received(&checkout);
    assert!(checkout.expects(&good));
    for bad in [
        Received { amount: usd(99), ..good.clone() },
        Received {
            amount: Money { currency: Currency::parse("EUR").expect("a currency"), ..usd(100) },
            ..good.clone()
        },
        Received { session: "cs_8".to_owned(), ..good.clone() },
        Received { live: true, ..good.clone() },
    ] {
        assert!(!checkout.expects(&bad), "{bad:?}");
    }
    let unanswered = Checkout { session: None, ..checkout };
    assert!(!unanswered.expects(&good));
}

// J7
#[test]
fn a_settled_checkout_pays_every_invoice_or_none() {
    let mut invoices = [open(1, 100), open(2, 50)];
    let mut checkout = started(&mut invoices, None, 9, at(0));
    let mut again = checkout.clone();
    let payment = checkout.settle(&mut invoices, &received(&again), at(5));
    assert_eq!((payment.state, payment.amount, payment.allocations.len()), (PaymentState::Applied, usd(150), 2));
    assert!(invoices.iter().all(|i| i.state == InvoiceState::Paid && i.checkout.is_none()));
    assert_eq!(checkout.state, CheckoutState::Completed);

    let before = invoices.clone();
    let second = again.settle(&mut invoices, &received(&checkout), at(6));
    assert_eq!((second.state, second.allocations.len()), (PaymentState::Unapplied, 0));
    assert_eq!(invoices, before);
}

#[derive(Debug, Clone)]
enum Event {
    Issue(usize),
    Void(usize),
    Start { which: Vec<usize>, part: Option<i64> },
    Pay(usize),
    Expire(usize),
    Wait(i64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        (0..2usize).prop_map(Event::Issue),
        (0..2usize).prop_map(Event::Void),
        (proptest::sample::subsequence(vec![0, 1], 1..=2), proptest::option::of(1..120i64))
            .prop_map(|(which, part)| Event::Start { which, part }),
        (0..6usize).prop_map(Event::Pay),
        (0..6usize).prop_map(Event::Expire),
        (1..4000i64).prop_map(Event::Wait),
    ];
    proptest::collection::vec(event, 0..40)
}

const fn rank(state: InvoiceState) -> u8 {
    match state {
        InvoiceState::Draft => 0,
        InvoiceState::Open => 1,
        InvoiceState::Paid | InvoiceState::Void => 2,
    }
}

struct World {
    invoices: Vec<Invoice>,
    checkouts: Vec<Checkout>,
    payments: Vec<Payment>,
    now: Timestamp,
}

impl World {
    fn happen(&mut self, event: &Event) {
        let now = self.now;
        match event {
            Event::Issue(n) => {
                let _ = self.invoices[*n].issue(InvoiceNumber::new(2026, 1), now);
            }
            Event::Void(n) => {
                let closed = self.invoices[*n].live_checkout(now).map(|c| c.payment);
                let _ = self.invoices[*n].void(closed, now);
            }
            Event::Start { which, part } => {
                let mut chosen: Vec<Invoice> = which.iter().map(|n| self.invoices[*n].clone()).collect();
                let held = chosen.iter().any(|i| i.live_checkout(now).is_some());
                if !held && bill(&chosen, part.map(usd)).is_ok() {
                    let n = self.checkouts.len() as u128;
                    self.checkouts.push(started(&mut chosen, part.map(usd), n, now));
                    self.put(chosen);
                }
            }
            Event::Pay(n) => {
                // Late, doubled and out-of-order reports included.
                let Some(checkout) = self.checkouts.get_mut(*n).filter(|c| c.state != CheckoutState::Completed) else {
                    return;
                };
                let held = |i: &&Invoice| checkout.bill.iter().any(|share| share.invoice == i.id);
                let mut chosen: Vec<Invoice> = self.invoices.iter().filter(held).cloned().collect();
                self.payments.push(checkout.settle(&mut chosen, &received(checkout), now));
                self.put(chosen);
            }
            Event::Expire(n) => {
                let Some(checkout) = self.checkouts.get_mut(*n).filter(|c| c.state == CheckoutState::Open) else {
                    return;
                };
                checkout.expire();
                for invoice in &mut self.invoices {
                    invoice.leave_checkout(checkout.payment);
                }
            }
            Event::Wait(seconds) => self.now = now.saturating_add(SignedDuration::from_secs(*seconds)).expect("later"),
        }
    }

    fn put(&mut self, changed: Vec<Invoice>) {
        for invoice in changed {
            for place in self.invoices.iter_mut().filter(|i| i.id == invoice.id) {
                place.clone_from(&invoice);
            }
        }
    }
}

proptest! {
    // J3, J7, INV-7, INV-8
    #[test]
    fn whatever_happens_what_is_paid_is_the_sum_of_applied_payments_and_within_the_total(story in events()) {
        let mut world = World { invoices: vec![draft(1, 100), draft(2, 70)], checkouts: vec![], payments: vec![], now: at(0) };
        for event in &story {
            let before = world.invoices.clone();
            world.happen(event);
            for (invoice, old) in world.invoices.iter().zip(&before) {
                prop_assert!((0..=invoice.total.amount).contains(&invoice.paid.amount));
                let applied: i64 = world.payments.iter()
                    .filter(|p| p.state == PaymentState::Applied)
                    .flat_map(|p| &p.allocations)
                    .filter(|share| share.invoice == invoice.id)
                    .map(|share| share.amount.amount)
                    .sum();
                prop_assert_eq!(applied, invoice.paid.amount);
                prop_assert!(rank(invoice.state) >= rank(old.state) && invoice.paid.amount >= old.paid.amount);
                prop_assert_eq!(invoice.state == InvoiceState::Paid, invoice.paid == invoice.total);
                prop_assert!(invoice.checkout.is_none() || invoice.state == InvoiceState::Open);
            }
            for payment in &world.payments {
                let shared: i64 = payment.allocations.iter().map(|share| share.amount.amount).sum();
                let whole = payment.state == PaymentState::Applied;
                prop_assert_eq!(shared, if whole { payment.amount.amount } else { 0 });
            }
        }
    }

    #[test]
    fn no_text_makes_the_number_parser_panic(text in "\\PC{0,30}") {
        let _ = text.parse::<InvoiceNumber>();
    }
}
