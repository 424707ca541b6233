//! Instants as PostgreSQL keeps them: microseconds, UTC.

use kernel::Timestamp;
use sqlx::{
    Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueFormat, PgValueRef},
};

/// Microseconds from 1970 to PostgreSQL's own epoch, 2000-01-01.
const EPOCH: i64 = 946_684_800_000_000;

/// An instant on its way to or from a `timestamptz` column. Anything below a microsecond is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PgTime(pub Timestamp);

impl PgTime {
    /// The instant as the database will give it back.
    #[must_use]
    pub fn kept(time: Timestamp) -> Timestamp {
        Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
    }
}

impl Type<Postgres> for PgTime {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("timestamptz")
    }
}

impl PgHasArrayType for PgTime {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("_timestamptz")
    }
}

impl sqlx::Encode<'_, Postgres> for PgTime {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buf.extend_from_slice(&(self.0.as_microsecond() - EPOCH).to_be_bytes());
        Ok(IsNull::No)
    }
}

impl sqlx::Decode<'_, Postgres> for PgTime {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        match value.format() {
            PgValueFormat::Binary => {
                let micros = i64::from_be_bytes(value.as_bytes()?.try_into()?);
                Ok(Self(Timestamp::from_microsecond(micros + EPOCH)?))
            }
            PgValueFormat::Text => Ok(Self(value.as_str()?.replace(' ', "T").parse()?)),
        }
    }
}
