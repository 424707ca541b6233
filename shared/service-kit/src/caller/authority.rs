//! Authority as a handler argument.

use std::{fmt, marker::PhantomData};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use kernel::{Actor, Borough, Person, Role};

use super::Caller;
use crate::{kit::Kit, look::Seen, problem::Problem};

/// A capacity in which somebody may act. Services add their own where these do not fit.
pub trait Authority: Send + Sync + 'static {
    /// What the handler gets: [`Person`] where only a human being may act, else [`Actor`].
    type Who: TryFrom<Actor> + Into<Actor> + Clone + fmt::Debug + Send + Sync;
    /// The roles that have it; the first one held is the one acted in.
    const ROLES: &'static [Role];
}

/// A caller who may act in this capacity.
pub struct As<R: Authority> {
    /// The caller.
    pub caller: Caller,
    /// The caller in the role acted in.
    pub who: R::Who,
    role: PhantomData<fn() -> R>,
}

impl<R: Authority> As<R> {
    /// Looks whether the caller may act in this capacity.
    ///
    /// # Errors
    /// 403 when not.
    pub fn try_new(caller: Caller) -> Result<Self, Problem> {
        let actor = caller.actor_as_any(R::ROLES)?;
        let who = R::Who::try_from(actor).map_err(|_| Problem::forbidden("Only a person may do this."))?;
        Ok(Self { caller, who, role: PhantomData })
    }

    /// The borough acted for.
    ///
    /// # Errors
    /// 403 when they act for another kind of organisation.
    pub fn borough(&self) -> Result<&Borough, Problem> {
        self.caller.borough()
    }
}

impl<R: Authority<Who = Person>> As<R> {
    /// The human being who acts.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.who
    }

    /// The same as an actor.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        self.who.actor()
    }
}

impl<R: Authority> Clone for As<R> {
    fn clone(&self) -> Self {
        Self { caller: self.caller.clone(), who: self.who.clone(), role: PhantomData }
    }
}

impl<R: Authority> fmt::Debug for As<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.who, f)
    }
}

impl<S, R> FromRequestParts<S> for As<R>
where
    R: Authority,
    Kit: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let kit = Kit::from_ref(state);
        let by = Self::try_new(Caller::verified(parts, &kit).await?)?;
        by.caller.enter(parts, &kit)?;
        if let Some(seen) = parts.extensions.get::<Seen>() {
            let actor: Actor = by.who.clone().into();
            seen.acts_as(actor.role);
        }
        Ok(by)
    }
}

macro_rules! authorities {
    ($($(#[$doc:meta])* $name:ident: $who:ty = [$($role:ident),+];)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}

        impl Authority for $name {
            type Who = $who;
            const ROLES: &'static [Role] = &[$(Role::$role),+];
        }
    )*};
}

authorities! {
    /// A person on a borough's duty desk, or above it.
    DutyDesk: Person = [DutyWorker, DutyManager, HeadOfService, Director];
    /// A named manager of a borough.
    Managers: Person = [DutyManager, HeadOfService, Director];
    /// A person who may raise a concern: a referrer, or a desk that takes the telephone.
    Referrers: Person = [Referrer, DutyWorker, DutyManager, HeadOfService, Director];
    /// A person who works with cases: the same people, the duty desk's role first.
    Practitioners: Person = [DutyWorker, DutyManager, HeadOfService, Director, Referrer];
    /// A person who audits for the board.
    Auditors: Person = [BoardAuditor];
    /// A person who approves procedures for the board.
    BoardApprovers: Person = [BoardApprover];
    /// A person who writes procedures.
    Authors: Person = [ProcedureAuthor];
    /// A person who runs the software and sees no case data.
    Operators: Person = [HubOperator];
    /// A machine of a borough.
    Machine: Actor = [BoroughSystem];
    /// A desk's people or the borough's machine: what a screen or a system confirms, never a decision.
    DeskOrSystem: Actor = [DutyWorker, DutyManager, HeadOfService, Director, BoroughSystem];
    /// Anybody who may look at case data, people, auditors and machines. The finder still scopes what they see.
    Readers: Actor = [DutyWorker, DutyManager, HeadOfService, Director, Referrer, BoardAuditor, BoroughSystem];
}
