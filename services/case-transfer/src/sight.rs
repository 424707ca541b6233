//! Who may see a transfer, and how much of it. To everybody else it does not exist.

use kernel::{Borough, Role, Timestamp};
use service_kit::{Caller, Problem};

use crate::{
    app::{App, Loaded},
    desk::Desk,
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
        let now = self.kit.clock.now();
        let offer = &loaded.talk.offer;
        if self.acts_for(caller, &offer.from, now).await? || self.acts_for(caller, &offer.to, now).await? {
            return Ok((loaded, Sight::Party));
        }
        if caller.is_any(&[Role::BoardAuditor]) {
            return Ok((loaded, Sight::Auditor));
        }
        let raises = caller.is_any(&[Role::Referrer]) || caller.is_any(&DESK);
        let follows = raises && loaded.talk.offer.followers.contains(&caller.org);
        if follows { Ok((loaded, Sight::Follower)) } else { Err(Problem::not_found().because("no_relationship")) }
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
