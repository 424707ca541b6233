//! Who may see a transfer, and how much of it. To everybody else it does not exist.

use std::collections::BTreeSet;

use kernel::{Borough, ChildId, Role, Timestamp};
use service_kit::{
    Caller, Problem,
    access::{Purpose, Thing, Who},
    look::{Glass, glass_of},
};

use crate::{
    app::{App, Loaded},
    desk::Desk,
    service::NAME,
    transfer::{Stage, Talk},
};

/// The roles that work a duty desk.
pub(crate) const DESK: [Role; 4] = [Role::DutyWorker, Role::DutyManager, Role::HeadOfService, Role::Director];

/// How much of a transfer a caller sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// One of the two boroughs, or the team that acts for one of them now: the sheet and every text.
    Party,
    /// Who raised the concern: where it stands, and whom to ring.
    Follower,
    /// The board's auditor, and whoever of the two boroughs may read no longer: what happened and when, without texts.
    Auditor,
}

impl App {
    /// The transfer, if the caller may know of it.
    ///
    /// # Errors
    /// 404 when it does not exist for this caller.
    pub(crate) async fn seen(&self, caller: &Caller, loaded: Option<Loaded>) -> Result<(Loaded, Sight), Problem> {
        let loaded = loaded.ok_or_else(Problem::not_found)?;
        match self.sight_of(caller, &loaded).await? {
            Some(sight) => Ok((loaded, sight)),
            None => Err(Problem::not_found().because("no_relationship")),
        }
    }

    /// The transfer, for somebody who only reads: under a break-glass for one of its children too, also where they may see a part of it
    /// otherwise. Who declared a conflict of interest reads its texts in no way.
    ///
    /// # Errors
    /// 404 when it does not exist for this caller.
    pub(crate) async fn looked_at(&self, caller: &Caller, loaded: Option<Loaded>) -> Result<(Loaded, Sight, Option<Glass>), Problem> {
        let loaded = loaded.ok_or_else(Problem::not_found)?;
        let works_for = self.works_for(caller, &loaded).await?;
        let own = self.sight_by(caller, &loaded, &works_for).map(|sight| self.still_reads(caller, &loaded, (sight, &works_for)));
        let asks = own != Some(Sight::Party) && !loaded.talk.conflicts.contains(&caller.id);
        let glass = if asks { self.glass_for(caller, loaded.talk.children()).await? } else { None };
        let glass = glass.filter(|_| self.permits((caller, &[]), ("read sheet", Purpose::BreakGlass), &loaded.talk));
        let sight = if glass.is_some() { Some(Sight::Party) } else { own };
        let sight = sight.ok_or_else(|| Problem::not_found().because("no_relationship"))?;
        Ok((loaded, sight, glass))
    }

    /// Whether one of the two boroughs is still shown the texts: not who declared a conflict of interest, and not the receiver of
    /// an offer that ended without it, unless they are in dispute about it.
    fn still_reads(&self, caller: &Caller, loaded: &Loaded, (sight, works_for): (Sight, &[&Borough])) -> Sight {
        let talk = &loaded.talk;
        if sight != Sight::Party {
            return sight;
        }
        if talk.conflicts.contains(&caller.id) || !self.permits((caller, works_for), ("read sheet", Purpose::Work), talk) {
            return Sight::Auditor;
        }
        let ended = matches!(talk.stage, Stage::Declined | Stage::Withdrawn | Stage::Redirected | Stage::Superseded) && !talk.is_disputed();
        if !ended || works_for.contains(&&talk.offer.from) { sight } else { Sight::Auditor }
    }

    /// The break-glass under which the caller may read the record of one of these children now.
    pub(crate) async fn glass_for(&self, caller: &Caller, children: impl Iterator<Item = ChildId>) -> Result<Option<Glass>, Problem> {
        if !caller.is_any(&DESK) {
            return Ok(None);
        }
        glass_of(&self.looks, &caller.id, children, self.kit.clock.now()).await
    }

    /// How much of it the caller sees for reasons of their own.
    pub(crate) async fn sight_of(&self, caller: &Caller, loaded: &Loaded) -> Result<Option<Sight>, Problem> {
        let works_for = self.works_for(caller, loaded).await?;
        Ok(self.sight_by(caller, loaded, &works_for))
    }

    /// The same, where it is known for which of the two boroughs the caller works now.
    fn sight_by(&self, caller: &Caller, loaded: &Loaded, works_for: &[&Borough]) -> Option<Sight> {
        let raises = caller.is_any(&[Role::Referrer]) || caller.is_any(&DESK);
        let sight = if !works_for.is_empty() {
            Some(Sight::Party)
        } else if caller.is_any(&[Role::BoardAuditor]) {
            Some(Sight::Auditor)
        } else {
            (raises && loaded.talk.offer.followers.contains(&caller.org)).then_some(Sight::Follower)
        };
        sight.filter(|_| self.permits((caller, works_for), ("know transfer", Purpose::Work), &loaded.talk))
    }

    /// Whether the caller may know of it under a break-glass that they have open, by the policy.
    pub(crate) fn knows_under_glass(&self, caller: &Caller, loaded: &Loaded) -> bool {
        self.permits((caller, &[]), ("know transfer", Purpose::BreakGlass), &loaded.talk)
    }

    /// Those of the two boroughs for which the caller works now.
    async fn works_for<'a>(&self, caller: &Caller, loaded: &'a Loaded) -> Result<Vec<&'a Borough>, Problem> {
        let (offer, now, mut own) = (&loaded.talk.offer, self.kit.clock.now(), vec![]);
        for borough in [&offer.from, &offer.to] {
            if self.acts_for(caller, borough, now).await? {
                own.push(borough);
            }
        }
        Ok(own)
    }

    /// Asks the policy, by how organisations and people stand to the transfer.
    fn permits(&self, (caller, own): (&Caller, &[&Borough]), asked: (&str, Purpose), talk: &Talk) -> bool {
        let codes = |orgs: &mut dyn Iterator<Item = String>| orgs.collect::<BTreeSet<_>>();
        let relations = vec![
            ("parties", codes(&mut [&talk.offer.from, &talk.offer.to].into_iter().map(ToString::to_string))),
            ("followers", codes(&mut talk.offer.followers.iter().map(ToString::to_string))),
            ("conflicts", codes(&mut talk.conflicts.iter().cloned())),
        ];
        self.kit.access.permits(NAME, &Who::from(caller).acting_for(own), asked, &Thing { kind: "Transfer", relations })
    }

    /// Whether the caller works for a borough: as one of its own people or machines, or in the team that covers it now.
    pub(crate) async fn acts_for(&self, caller: &Caller, borough: &Borough, now: Timestamp) -> Result<bool, Problem> {
        let Some(own) = caller.org.borough() else { return Ok(false) };
        if own == borough {
            return Ok(caller.is_any(&DESK) || caller.is_any(&[Role::BoroughSystem]));
        }
        if !caller.is_any(&DESK) {
            return Ok(false);
        }
        Ok(self.desk(borough).await?.as_ref().and_then(|desk: &Desk| desk.covering(now).cloned()).as_ref() == Some(own))
    }
}
