//! Who may see a transfer, and how much of it. To everybody else it does not exist.

use kernel::{Borough, ChildId, Role, Timestamp};
use service_kit::{
    Caller, Problem,
    look::{Glass, glass_of},
};

use crate::{
    app::{App, Loaded},
    desk::Desk,
    transfer::Stage,
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
        let own = match self.sight_of(caller, &loaded).await? {
            Some(sight) => Some(self.still_reads(caller, &loaded, sight).await?),
            None => None,
        };
        let asks = own != Some(Sight::Party) && !loaded.talk.conflicts.contains(&caller.id);
        let glass = if asks { self.glass_for(caller, loaded.talk.children()).await? } else { None };
        let sight = if glass.is_some() { Some(Sight::Party) } else { own };
        let sight = sight.ok_or_else(|| Problem::not_found().because("no_relationship"))?;
        Ok((loaded, sight, glass))
    }

    /// Whether one of the two boroughs is still shown the texts: not who declared a conflict of interest, and not the receiver of
    /// an offer that ended without it, unless they are in dispute about it.
    async fn still_reads(&self, caller: &Caller, loaded: &Loaded, sight: Sight) -> Result<Sight, Problem> {
        let talk = &loaded.talk;
        if sight != Sight::Party {
            return Ok(sight);
        }
        if talk.conflicts.contains(&caller.id) {
            return Ok(Sight::Auditor);
        }
        let ended = matches!(talk.stage, Stage::Declined | Stage::Withdrawn | Stage::Redirected | Stage::Superseded) && !talk.is_disputed();
        if !ended || self.acts_for(caller, &talk.offer.from, self.kit.clock.now()).await? {
            return Ok(sight);
        }
        Ok(Sight::Auditor)
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
        let now = self.kit.clock.now();
        let offer = &loaded.talk.offer;
        if self.acts_for(caller, &offer.from, now).await? || self.acts_for(caller, &offer.to, now).await? {
            return Ok(Some(Sight::Party));
        }
        if caller.is_any(&[Role::BoardAuditor]) {
            return Ok(Some(Sight::Auditor));
        }
        let raises = caller.is_any(&[Role::Referrer]) || caller.is_any(&DESK);
        let follows = raises && offer.followers.contains(&caller.org);
        Ok(follows.then_some(Sight::Follower))
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
