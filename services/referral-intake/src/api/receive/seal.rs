//! Personal data is sealed before a command is made. The keys are committed first, so no event refers to a key that is not there.

use kernel::{ChildId, Sealed, Stream};
use serde::Serialize;
use service_kit::Problem;
use vault::{KeyHandle, NewKey, SealError};

use super::check::{Checked, CheckedChild};
use crate::{
    app::{App, no_keys},
    personal::{child_place, place},
    referral::{AboutChild, Found},
};

const TYPE: &str = "referral.received";

/// The sealed fields of a referral.
pub(crate) struct SealedForm {
    pub(crate) concern: Sealed,
    pub(crate) referrer: Option<Sealed>,
    pub(crate) found: Found,
    pub(crate) with_the_child: Option<Sealed>,
    pub(crate) needs: Option<Sealed>,
    pub(crate) done_already: Option<Sealed>,
    pub(crate) children: Vec<AboutChild>,
}

/// Seals a referral: what is about all its children under one key, what is about one child under a key of that child.
///
/// # Errors
/// When the vault does not answer.
pub(crate) async fn seal(app: &App, stream: &Stream, ids: &[ChildId], form: &Checked) -> Result<SealedForm, Problem> {
    let subjects: Vec<String> = ids.iter().map(|id| format!("{stream}/{id}")).collect();
    let of_all = NewKey { subject: stream.as_str(), about: ids };
    let of_each = ids.iter().zip(&subjects).map(|(id, subject)| NewKey { subject, about: std::slice::from_ref(id) });
    let wanted: Vec<NewKey<'_>> = std::iter::once(of_all).chain(of_each).collect();
    let keys = app.vault().new_keys(&wanted).await.map_err(|error| no_keys(&error))?;
    let (all, each) = keys.split_first().ok_or_else(|| Problem::internal("vault", &"no key was made"))?;
    sealed(stream, (all, each), ids, form).map_err(|error| Problem::internal("vault", &error))
}

fn sealed(stream: &Stream, (all, each): (&KeyHandle, &[KeyHandle]), ids: &[ChildId], form: &Checked) -> Result<SealedForm, SealError> {
    let field = |name: &str| place(TYPE, name, stream);
    let text = |name: &str, text: Option<&String>| text.map(|text| all.seal(&field(name), text)).transpose();
    let address = (!form.found.said.is_empty()).then(|| all.seal(&field("child_is_now"), &form.found.said)).transpose()?;
    let children = ids.iter().zip(each).zip(&form.children).map(|((id, key), child)| about(stream, (*id, key), child));
    Ok(SealedForm {
        concern: all.seal(&field("concern"), &form.concern)?,
        referrer: form.referrer.as_ref().map(|referrer| all.seal(&field("referrer"), referrer)).transpose()?,
        found: Found { site: form.found.site.clone(), borough: form.found.borough.clone(), address },
        with_the_child: text("with_the_child", form.with_the_child.as_ref())?,
        needs: text("needs", form.needs.as_ref())?,
        done_already: text("done_already", form.done_already.as_ref())?,
        children: children.collect::<Result<_, _>>()?,
    })
}

fn about(stream: &Stream, (id, key): (ChildId, &KeyHandle), child: &CheckedChild) -> Result<AboutChild, SealError> {
    fn one<T: Serialize>(key: &KeyHandle, context: &str, value: Option<&T>) -> Result<Option<Sealed>, SealError> {
        value.map(|value| key.seal(context, value)).transpose()
    }
    let field = |name: &str| child_place(name, id, stream);
    Ok(AboutChild {
        id,
        identity: one(key, &field("identity"), (!child.identity.is_empty()).then_some(&child.identity))?,
        home: one(key, &field("home"), (!child.home.said.is_empty()).then_some(&child.home.said))?,
        home_borough: child.home.borough.clone(),
        says: one(key, &field("says"), child.says.as_ref())?,
        unborn: child.identity.expected_on.is_some(),
        nhs_number_kept_as_text: child.nhs_number_kept_as_text,
    })
}
