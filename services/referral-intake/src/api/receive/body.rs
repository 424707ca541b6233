//! A referral as it is sent.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, IntoDeserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer, value::SeqAccessDeserializer},
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{AnyOfBuilder, ObjectBuilder, Schema, SchemaType, Type},
    },
};

use crate::referral::{Danger, ParentKnows};

/// An answer, or `"not_known"`, which is an answer everywhere, or nothing.
#[derive(Clone, Default)]
pub(crate) enum Maybe<T> {
    /// Left out, or `null`.
    #[default]
    NotSaid,
    /// `"not_known"`.
    NotKnown,
    /// The answer.
    Known(T),
}

impl<T> Maybe<T> {
    pub(crate) fn known(&self) -> Option<&T> {
        match self {
            Self::NotSaid | Self::NotKnown => None,
            Self::Known(value) => Some(value),
        }
    }

    /// Whether it is answered, where a value that is no more than blank answers nothing.
    pub(crate) fn is_answered(&self, says_something: impl Fn(&T) -> bool) -> bool {
        match self {
            Self::NotSaid => false,
            Self::NotKnown => true,
            Self::Known(value) => says_something(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Answer(PhantomData))
    }
}

struct Answer<T>(PhantomData<T>);

macro_rules! plain {
    ($($visit:ident: $type:ty),*) => {$(
        fn $visit<E: de::Error>(self, value: $type) -> Result<Maybe<T>, E> {
            T::deserialize(value.into_deserializer()).map(Maybe::Known)
        }
    )*};
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Answer<T> {
    type Value = Maybe<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer or \"not_known\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Maybe<T>, E> {
        if text == "not_known" { Ok(Maybe::NotKnown) } else { T::deserialize(text.into_deserializer()).map(Maybe::Known) }
    }

    fn visit_unit<E: de::Error>(self) -> Result<Maybe<T>, E> {
        Ok(Maybe::NotSaid)
    }

    plain!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Maybe<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Maybe::Known)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Maybe<T>, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(seq)).map(Maybe::Known)
    }
}

/// The schema of an answer that may be `"not_known"`.
fn may<T: PartialSchema>() -> RefOr<Schema> {
    let word = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).enum_values(Some(["not_known"]));
    RefOr::T(Schema::AnyOf(AnyOfBuilder::new().item(T::schema()).item(word).build()))
}

/// A concern about one or more children. Which answers are compulsory is in the form of the edition in force
/// (`GET /api/procedures/fields`); `"not_known"` is an answer everywhere, and nothing said is none. What is answered beyond the form is kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReferral {
    /// What worries you.
    #[serde(default)]
    #[schema(max_length = 20_000, required = true)]
    pub(crate) concern: String,
    /// Who you are and how to reach you in the next hour. The public may stay unnamed, a professional may not.
    #[serde(default)]
    #[schema(schema_with = may::<NewReferrer>)]
    pub(crate) referrer: Maybe<NewReferrer>,
    /// Where the child is now.
    #[serde(default)]
    #[schema(schema_with = may::<NewPlace>)]
    pub(crate) child_is_now: Maybe<NewPlace>,
    /// Is anyone in danger now?
    #[serde(default)]
    #[schema(schema_with = may::<Danger>)]
    pub(crate) danger_now: Maybe<Danger>,
    /// The children. Nothing said is one child of whom nothing is known.
    #[serde(default)]
    #[schema(schema_with = may::<Vec<NewChild>>)]
    pub(crate) children: Maybe<Vec<NewChild>>,
    /// Who is with the child and who else lives there.
    #[serde(default)]
    #[schema(schema_with = may::<String>)]
    pub(crate) with_the_child: Maybe<String>,
    /// Does the parent know and agree?
    #[serde(default)]
    #[schema(schema_with = may::<ParentKnows>)]
    pub(crate) parent_knows: Maybe<ParentKnows>,
    /// Interpreter or disability.
    #[serde(default)]
    #[schema(schema_with = may::<String>)]
    pub(crate) needs: Maybe<String>,
    /// What has been done already.
    #[serde(default)]
    #[schema(schema_with = may::<String>)]
    pub(crate) done_already: Maybe<String>,
    /// When it happened, where it is entered later.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) occurred_at: Option<String>,
}

/// Who raises the concern.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReferrer {
    /// The name.
    #[serde(default)]
    #[schema(schema_with = may::<String>)]
    pub(crate) name: Maybe<String>,
    /// What they are, for instance A&E nurse.
    #[serde(default)]
    #[schema(schema_with = may::<String>)]
    pub(crate) role: Maybe<String>,
    /// How to reach them.
    #[serde(default)]
    #[schema(schema_with = may::<String>)]
    pub(crate) phone: Maybe<String>,
    /// A member of the public who stays unnamed.
    #[serde(default)]
    pub(crate) anonymous: bool,
}

/// Where somebody is or lives.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPlace {
    /// ODS code of a hospital site.
    #[serde(default)]
    #[schema(schema_with = may::<String>)]
    pub(crate) site: Maybe<String>,
    /// The address.
    #[serde(default)]
    #[schema(schema_with = may::<String>)]
    pub(crate) address: Maybe<String>,
    /// The postcode.
    #[serde(default)]
    #[schema(schema_with = may::<String>)]
    pub(crate) postcode: Maybe<String>,
    /// GSS code of the borough.
    #[serde(default)]
    #[schema(schema_with = may::<String>)]
    pub(crate) borough: Maybe<String>,
}

/// One child.
#[derive(Deserialize, ToSchema, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewChild {
    /// Names and names used.
    #[serde(default)]
    #[schema(schema_with = may::<Vec<String>>)]
    pub(crate) names: Maybe<Vec<String>>,
    /// Date of birth.
    #[serde(default)]
    #[schema(schema_with = may::<String>)]
    pub(crate) date_of_birth: Maybe<String>,
    /// Age in years, guessed.
    #[serde(default)]
    #[schema(schema_with = may::<u8>)]
    pub(crate) age_about: Maybe<u8>,
    /// When an unborn child is expected.
    #[serde(default)]
    #[schema(schema_with = may::<String>)]
    pub(crate) expected_on: Maybe<String>,
    /// NHS number. One that is not good is kept as text and delays nothing.
    #[serde(default)]
    #[schema(schema_with = may::<String>)]
    pub(crate) nhs_number: Maybe<String>,
    /// The home, or the last one known.
    #[serde(default)]
    #[schema(schema_with = may::<NewPlace>)]
    pub(crate) home: Maybe<NewPlace>,
    /// What the child said or showed, how they communicate, or why not yet spoken to.
    #[serde(default)]
    #[schema(schema_with = may::<String>)]
    pub(crate) child_says: Maybe<String>,
}
