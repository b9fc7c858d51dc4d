//! Whole numbers with a least and a most one, which nothing else can be made of.

/// A number that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from {0} to {1}")]
pub struct OutOfRange(pub(crate) u16, pub(crate) u16);

/// A type for each, which reads and describes itself.
macro_rules! whole_numbers {
    ($($(#[$doc:meta])* $name:ident: $least:literal to $most:literal $(, $hint:literal)?;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(u16);

        impl $name {
            /// Checks.
            pub const fn new(number: u16) -> Result<Self, crate::domain::whole::OutOfRange> {
                match number {
                    $least..=$most => Ok(Self(number)),
                    _ => Err(crate::domain::whole::OutOfRange($least, $most)),
                }
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> u16 {
                self.0
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = u64::deserialize(deserializer)?;
                let refused = crate::domain::whole::OutOfRange($least, $most);
                let number = u16::try_from(number).map_err(|_| refused).and_then(Self::new);
                let said = |e| crate::domain::coded("out_of_range", format_args!(concat!("{}" $(, "; ", $hint)?), e));
                number.map_err(|e| serde::de::Error::custom(said(e)))
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::Integer)
                    .minimum(Some($least))
                    .maximum(Some($most))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    )*};
}
pub(crate) use whole_numbers;
