//! Money: whole minor units and a currency, checked arithmetic, never a float (decision 14).

use iso_currency::Currency as Iso;

/// Why an amount or a currency is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMoney {
    /// Two currencies in one sum.
    #[error("amounts of different currencies cannot be added")]
    Mixed,
    /// More than can be counted.
    #[error("the amount is too large")]
    Overflow,
    /// Not an ISO 4217 code.
    #[error("is not a currency such as USD")]
    Currency,
}

/// An ISO 4217 currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency(Iso);

impl Currency {
    /// Reads a code such as `USD`.
    pub fn parse(text: &str) -> Result<Self, InvalidMoney> {
        // Gold, test codes and "no currency" have no minor unit, and nobody pays in them.
        Iso::from_code(text).filter(|iso| iso.exponent().is_some()).map(Self).ok_or(InvalidMoney::Currency)
    }

    /// How many digits stand behind the point: 2 of dollars, 0 of yen, 3 of dinars.
    #[must_use]
    pub fn decimals(self) -> u16 {
        self.0.exponent().unwrap_or(0)
    }

    /// The three letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }
}

impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> serde::Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|e| serde::de::Error::custom(super::coded("currency_invalid", e)))
    }
}

impl utoipa::PartialSchema for Currency {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("ISO 4217 code"))
            .into()
    }
}

impl utoipa::ToSchema for Currency {}

/// An amount in the minor units of its currency: `{"amount": 12500, "currency": "USD"}` is 125 dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units, for example cents.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Nothing, in this currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { amount: 0, currency }
    }

    fn with(self, other: Self, sum: impl Fn(i64, i64) -> Option<i64>) -> Result<Self, InvalidMoney> {
        if self.currency != other.currency {
            return Err(InvalidMoney::Mixed);
        }
        let amount = sum(self.amount, other.amount).ok_or(InvalidMoney::Overflow)?;
        Ok(Self { amount, ..self })
    }

    /// The sum, where both are of one currency and the result can be counted.
    pub fn plus(self, other: Self) -> Result<Self, InvalidMoney> {
        self.with(other, i64::checked_add)
    }

    /// The difference, likewise.
    pub fn minus(self, other: Self) -> Result<Self, InvalidMoney> {
        self.with(other, i64::checked_sub)
    }

    /// So many hundredths of the amount, half a minor unit away from zero.
    #[must_use]
    pub fn percent(self, share: u8) -> Self {
        let hundredths = i128::from(self.amount) * i128::from(share.min(100));
        let half = if hundredths < 0 { -50 } else { 50 };
        // At most the amount itself.
        Self { amount: i64::try_from((hundredths + half) / 100).unwrap_or(self.amount), ..self }
    }

    /// That many times the amount.
    pub fn times(self, quantity: u32) -> Result<Self, InvalidMoney> {
        let amount = self.amount.checked_mul(i64::from(quantity)).ok_or(InvalidMoney::Overflow)?;
        Ok(Self { amount, ..self })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        // decision 14
        #[test]
        fn sums_are_exact_or_refused(a: i64, b: i64) {
            let usd = Currency::parse("USD").expect("a currency");
            let (x, y) = (Money { amount: a, currency: usd }, Money { amount: b, currency: usd });
            match x.plus(y) {
                Ok(sum) => prop_assert_eq!(i128::from(sum.amount), i128::from(a) + i128::from(b)),
                Err(refusal) => prop_assert_eq!(refusal, InvalidMoney::Overflow),
            }
            let eur = Money { amount: b, currency: Currency::parse("EUR").expect("a currency") };
            prop_assert_eq!(x.plus(eur), Err(InvalidMoney::Mixed));
        }
    }
}
