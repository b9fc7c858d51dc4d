//! Amounts that can be paid online at all: what the payment provider takes, whatever the invoice is for (decision 37).
//!
//! An amount that nobody will ever be able to pay is refused where it is written down, not where it is to be paid.

use super::money::Money;

/// The least that is charged in a currency, in minor units. Of others the provider asks for about as much; what that is
/// depends on the day's rate.
const LEAST: [(&str, i64); 24] = [
    ("AED", 200),
    ("AUD", 50),
    ("BGN", 100),
    ("BRL", 50),
    ("CAD", 50),
    ("CHF", 50),
    ("CZK", 1_500),
    ("DKK", 250),
    ("EUR", 50),
    ("GBP", 30),
    ("HKD", 400),
    ("HUF", 17_500),
    ("INR", 50),
    ("JPY", 50),
    ("MXN", 1_000),
    ("MYR", 200),
    ("NOK", 300),
    ("NZD", 50),
    ("PLN", 200),
    ("RON", 200),
    ("SEK", 300),
    ("SGD", 50),
    ("THB", 1_000),
    ("USD", 50),
];

/// Currencies with hundredths that are charged in whole units only.
const IN_WHOLES: [&str; 1] = ["MGA"];

/// Why an amount cannot be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPayable {
    /// Finer than what is charged.
    #[error("must be a multiple of {step} minor units: nothing finer is charged in {currency}")]
    TooFine { step: i64, currency: &'static str },
    /// Less than what is charged.
    #[error("must be at least {least} minor units: less is not charged in {currency}")]
    TooLittle { least: i64, currency: &'static str },
}

impl Money {
    /// The step in which amounts of its currency are charged: tens of thousandths, wholes of some, else any.
    #[must_use]
    pub fn step(self) -> i64 {
        match self.currency.code() {
            code if IN_WHOLES.contains(&code) => 100,
            _ if self.currency.decimals() == 3 => 10,
            _ => 1,
        }
    }

    /// Refuses an amount that is finer than what is charged; any sum of amounts that are not, is not either.
    pub fn check_step(self) -> Result<(), NotPayable> {
        let (step, currency) = (self.step(), self.currency.code());
        if self.amount % step == 0 { Ok(()) } else { Err(NotPayable::TooFine { step, currency }) }
    }

    /// Refuses an amount that cannot be charged as a whole.
    pub fn check_payable(self) -> Result<(), NotPayable> {
        self.check_step()?;
        let currency = self.currency.code();
        let least = LEAST.iter().find(|(code, _)| *code == currency).map_or(self.step(), |(_, least)| *least);
        if self.amount >= least { Ok(()) } else { Err(NotPayable::TooLittle { least, currency }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;

    fn money(amount: i64, code: &str) -> Money {
        Money { amount, currency: Currency::parse(code).expect("a currency") }
    }

    // decision 37
    #[test]
    fn what_is_charged_is_neither_finer_nor_less_than_the_provider_takes() {
        for currency in ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"] {
            for amount in [1, 12_345, 12_341, 9] {
                let refused = money(amount, currency).check_payable();
                assert_eq!(refused, Err(NotPayable::TooFine { step: 10, currency }), "{amount}");
            }
            assert_eq!(money(12_340, currency).check_payable(), Ok(()));
        }
        assert_eq!(money(150, "MGA").check_payable(), Err(NotPayable::TooFine { step: 100, currency: "MGA" }));
        for (currency, least) in LEAST {
            assert_eq!(money(least, currency).check_payable(), Ok(()));
            assert_eq!(money(least - 1, currency).check_payable(), Err(NotPayable::TooLittle { least, currency }));
        }
        assert_eq!(money(1, "VND").check_payable(), Ok(()));
        assert!(money(0, "VND").check_payable().is_err());
    }
}
