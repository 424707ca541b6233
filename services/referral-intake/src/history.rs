//! Every earlier contact about the children of a referral, in every borough: what a decider must have seen.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{ReferralId, Timestamp, edition::Edition};
use sqlx::PgPool;

use crate::{
    api::words::months_before,
    referral::Contacts,
    views::{
        circumstances::{self, Power},
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
    /// The legal powers that were recorded for these children.
    pub(crate) powers: Vec<Power>,
    /// Whether one of these children is shielded, under this or a linked record.
    pub(crate) shielded: bool,
    /// Contacts about the same that a person has joined to this one: they are no lines of their own.
    pub(crate) joined: Vec<String>,
}

impl Line {
    fn of(contact: Contact, possible: Option<PossibleMatch>) -> Self {
        Self { children: vec![contact.child.clone()], contact, possible, powers: Vec::new(), shielded: false, joined: Vec::new() }
    }
}

/// The events that change what a look at the history shows.
pub(crate) const CHANGED_BY: &[&str] = &["referral.received", "referral.joined", "child.linked", "child.unlinked", "child.born"];

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
    let possible = possible(pool, &same).await?;
    let codes: Vec<String> = possible.keys().cloned().collect();
    let shown: BTreeSet<String> = certain.iter().map(|line| line.referral.clone()).collect();
    let uncertain = contacts::about(pool, &codes, since, &own).await?;
    let uncertain = uncertain.into_iter().filter(|line| !shown.contains(&line.referral));
    let mut lines: Vec<Line> = certain.into_iter().map(|contact| Line::of(contact, None)).collect();
    lines.extend(uncertain.map(|contact| Line::of(contact.clone(), possible.get(&contact.child).cloned())));
    let mut lines = one_for_each(lines, &own);
    add_circumstances(pool, &mut lines).await?;
    let counts =
        |line: &&Line| line.possible.is_none() && line.contact.received_at > recently && line.contact.joined.as_ref() != Some(&own);
    let lately = u32::try_from(lines.iter().filter(counts).count()).unwrap_or(u32::MAX).saturating_add(1);
    let all = lines.iter().filter_map(|line| line.contact.referral.parse().ok()).collect();
    Ok(History { lines, facts: Contacts { all, lately, prompt_from: u32::from(prompts.repeat_contacts) } })
}

/// One line for each contact, in order. A contact about several of these children is one line, and so are contacts that a person has
/// joined, if the one in which they are decided is among them. What was joined to the referral itself stays, because it says more
/// about the same.
fn one_for_each(mut lines: Vec<Line>, own: &str) -> Vec<Line> {
    lines.sort_by(|a, b| (a.contact.received_at, &a.contact.referral).cmp(&(b.contact.received_at, &b.contact.referral)));
    lines.dedup_by(|next, line| {
        let same = next.contact.referral == line.contact.referral;
        if same {
            line.children.append(&mut next.children);
        }
        same
    });
    let places: BTreeMap<String, usize> = lines.iter().zip(0..).map(|(line, at)| (line.contact.referral.clone(), at)).collect();
    let told_in = |line: &Line| {
        let mut last = line.contact.joined.as_deref()?;
        // A referral to which others were joined may be joined itself later on.
        for _ in 0..places.len() {
            match places.get(last).and_then(|at| lines.get(*at)).and_then(|line| line.contact.joined.as_deref()) {
                Some(further) if further != own => last = further,
                Some(_) | None => break,
            }
        }
        places.get(last).copied()
    };
    let into: Vec<Option<usize>> = lines.iter().map(told_in).collect();
    let moved: Vec<(usize, Line)> = lines.iter().zip(&into).filter_map(|(line, into)| into.map(|into| (into, line.clone()))).collect();
    for (into, mut line) in moved {
        if let Some(kept) = lines.get_mut(into) {
            kept.children.append(&mut line.children);
            kept.joined.push(line.contact.referral);
        }
    }
    lines.into_iter().zip(into).filter_map(|(line, into)| into.is_none().then_some(line)).collect()
}

async fn add_circumstances(pool: &PgPool, lines: &mut [Line]) -> Result<(), sqlx::Error> {
    let children: Vec<String> = lines.iter().flat_map(|line| line.children.clone()).collect();
    let powers = circumstances::powers_of(pool, &children).await?;
    let shielded = circumstances::shielded(pool, &children).await?;
    for line in lines {
        line.powers = line.children.iter().filter_map(|child| powers.get(child)).flatten().cloned().collect();
        line.shielded = line.children.iter().any(|child| shielded.contains(child));
    }
    Ok(())
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
