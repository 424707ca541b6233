//! Every earlier contact about the children of a referral, in every borough: what a decider must have seen.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{ReferralId, Timestamp, edition::Edition};
use sqlx::PgPool;

use crate::{
    api::words::months_before,
    referral::Contacts,
    views::{
        contacts::{self, Contact},
        identities::{self, PossibleMatch},
        links,
    },
};

/// One contact, and whether it is only a possible one.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) contact: Contact,
    /// The children of that contact who are, or may be, these.
    pub(crate) children: Vec<String>,
    /// Why it may be about the same child; none where a person said so or the record is the same.
    pub(crate) possible: Option<PossibleMatch>,
}

/// The history of the children of one referral as it stands now.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) lines: Vec<Line>,
    pub(crate) facts: Contacts,
}

/// Looks up the history. Contacts about the same or a linked record count; those about a record that may be the same child are shown,
/// marked and not counted.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn of(
    pool: &PgPool,
    id: ReferralId,
    children: &[String],
    (edition, now): (&Edition, Timestamp),
) -> Result<History, sqlx::Error> {
    let prompts = edition.prompts;
    let since = months_before(now, prompts.history_months);
    let same = links::same_children(pool, children).await?;
    let own = id.to_string();
    let certain = contacts::about(pool, &same, since, &own).await?;
    let recently = months_before(now, prompts.repeat_within_months);
    let lately: BTreeSet<&str> = certain.iter().filter(|line| line.received_at > recently).map(|line| line.referral.as_str()).collect();
    let lately = u32::try_from(lately.len()).unwrap_or(u32::MAX).saturating_add(1);
    let possible = possible(pool, &same).await?;
    let codes: Vec<String> = possible.keys().cloned().collect();
    let shown: BTreeSet<String> = certain.iter().map(|line| line.referral.clone()).collect();
    let uncertain = contacts::about(pool, &codes, since, &own).await?;
    let uncertain = uncertain.into_iter().filter(|line| !shown.contains(&line.referral));
    let mut lines: Vec<Line> =
        certain.into_iter().map(|contact| Line { children: vec![contact.child.clone()], contact, possible: None }).collect();
    lines.extend(uncertain.map(|contact| Line {
        children: vec![contact.child.clone()],
        possible: possible.get(&contact.child).cloned(),
        contact,
    }));
    lines.sort_by(|a, b| (a.contact.received_at, &a.contact.referral).cmp(&(b.contact.received_at, &b.contact.referral)));
    // A contact about several of these children is one line.
    lines.dedup_by(|next, line| {
        let same = next.contact.referral == line.contact.referral;
        if same {
            line.children.append(&mut next.children);
        }
        same
    });
    let all = lines.iter().filter_map(|line| line.contact.referral.parse().ok()).collect();
    Ok(History { lines, facts: Contacts { all, lately, prompt_from: u32::from(prompts.repeat_contacts) } })
}

/// Records that may be one of these children and are not linked to them. A record of which a person has said that it is another child
/// stays in sight, with that said.
async fn possible(pool: &PgPool, same: &[String]) -> Result<BTreeMap<String, PossibleMatch>, sqlx::Error> {
    let others = links::said_to_be_others(pool, same).await?;
    let mut found = BTreeMap::new();
    for identity in identities::identities_of(pool, same).await?.values() {
        for mut suggestion in identities::possible_matches(pool, identity, same).await? {
            if others.contains(&suggestion.child) {
                suggestion.why.push("a person has said that this is another child".to_owned());
            }
            found.entry(suggestion.child.clone()).or_insert(suggestion);
        }
    }
    Ok(found)
}
