//! Amounts as the provider counts them. Nearly always the minor units of ISO 4217, with these exceptions:
//! it counts some currencies without minor units in hundredths, one with hundredths in whole units, and wants the last
//! digit of thousandths to be zero (PAY-1).

use crate::domain::money::{Currency, Money};

const IN_HUNDREDTHS: [&str; 2] = ["ISK", "UGX"];
const IN_WHOLES: [&str; 1] = ["MGA"];
const IN_THOUSANDTHS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// The amount and currency as the provider writes them; none for one that it does not take.
pub(super) fn to_provider(money: Money) -> Option<(i64, String)> {
    let Money { amount, currency } = money;
    let code = currency.code();
    let amount = if IN_HUNDREDTHS.contains(&code) {
        amount.checked_mul(100)?
    } else if IN_WHOLES.contains(&code) {
        whole(amount, 100)?
    } else if IN_THOUSANDTHS.contains(&code) {
        whole(amount, 10).map(|_| amount)?
    } else {
        amount
    };
    Some((amount, code.to_ascii_lowercase()))
}

/// The other way round.
pub(super) fn from_provider(amount: i64, currency: &str) -> Option<Money> {
    let currency = Currency::parse(&currency.to_ascii_uppercase()).ok()?;
    let code = currency.code();
    let amount = if IN_HUNDREDTHS.contains(&code) {
        whole(amount, 100)?
    } else if IN_WHOLES.contains(&code) {
        amount.checked_mul(100)?
    } else {
        amount
    };
    Some(Money { amount, currency })
}

fn whole(amount: i64, part: i64) -> Option<i64> {
    (amount % part == 0).then_some(amount / part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: i64, code: &str) -> Money {
        Money { amount, currency: Currency::parse(code).expect("a currency") }
    }

    // decision 14, PAY-1
    #[test]
    fn amounts_go_out_and_come_back_as_the_same_money() {
        for (ours, theirs) in [
            (money(12_500, "USD"), (12_500, "usd")),
            (money(500, "JPY"), (500, "jpy")),
            (money(5, "ISK"), (500, "isk")),
            (money(500, "MGA"), (5, "mga")),
            (money(5_120, "KWD"), (5_120, "kwd")),
        ] {
            let (amount, currency) = to_provider(ours).expect("an amount");
            assert_eq!((amount, currency.as_str()), theirs);
            assert_eq!(from_provider(amount, &currency), Some(ours));
        }
        for none in [money(501, "MGA"), money(5_123, "KWD"), money(i64::MAX, "ISK")] {
            assert_eq!(to_provider(none), None);
        }
        assert_eq!(from_provider(1, "dollars"), None);
        assert_eq!(from_provider(150, "isk"), None);
    }
}
