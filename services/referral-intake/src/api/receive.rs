//! `POST /api/intake/referrals`: a concern comes in, wherever it arrives, and has an owner in the answer.

mod asked;
pub(crate) mod body;
pub(crate) mod check;
mod seal;

use axum::{Extension, extract::State};
use event_store::Request;
use kernel::{Actor, Borough, ChildId, Org, Reference, ReferralId, Role, Timestamp, directory::Directory, edition::Edition};
use serde::Serialize;
use service_kit::{Answered, Authority, Create, Problem, command, look::Searched};
use utoipa::ToSchema;

use self::{
    body::NewReferral,
    check::{Checked, check},
    seal::{SealedForm, seal},
};
use crate::{
    api::words::{OwnerDesk, PossibleMatchBody, date_in_london, year_of},
    app::{App, away, request},
    desk::{Desk, Shift},
    event::Event,
    referral::{self, Clocks, Found, Owner, Received, owner_of},
    rules::{Command, referral_stream},
    views::{desks, identities},
};

/// Whoever may raise a concern: people, a duty worker who takes a call, a borough's or hospital's system.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Senders {}

impl Authority for Senders {
    type Who = Actor;
    const ROLES: &'static [Role] =
        &[Role::DutyWorker, Role::DutyManager, Role::HeadOfService, Role::Director, Role::Referrer, Role::BoroughSystem];
}

/// The receipt.
#[derive(Serialize, ToSchema)]
pub(crate) struct Receipt {
    /// The referral.
    #[schema(value_type = String)]
    referral_id: ReferralId,
    /// The reference to say on the telephone.
    #[schema(value_type = String)]
    reference: Reference,
    /// The version of the referral.
    version: i64,
    /// When the hub received it.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// The children, in the order sent.
    children: Vec<ReceivedChild>,
    /// Who must act now.
    owner: OwnerDesk,
    /// The borough where the children live, if known.
    #[schema(value_type = Option<String>)]
    home_borough: Option<Borough>,
    /// When a decision is due.
    #[schema(value_type = String, format = DateTime)]
    decide_by: Timestamp,
    /// The edition of the procedures that set the clock and asked the form.
    edition: u32,
}

/// One child of the receipt.
#[derive(Serialize, ToSchema)]
struct ReceivedChild {
    /// The child.
    #[schema(value_type = String)]
    child_id: ChildId,
    /// Earlier records, in all boroughs, that may be the same child. A person decides.
    possible_matches: Vec<PossibleMatchBody>,
    /// Whether what was given as an NHS number is none, so that it was kept as text.
    nhs_number_kept_as_text: bool,
}

/// Raises a concern.
#[utoipa::path(post, path = "/api/intake/referrals", operation_id = "receive", tag = "referrals", request_body = NewReferral,
    responses((status = 201, description = "It has an owner.", body = Receipt)))]
pub(crate) async fn receive(
    State(app): State<App>,
    sent: Create<Senders, NewReferral>,
) -> Result<(Extension<Searched>, Answered), Problem> {
    // The first answer stands, also where the form has changed since.
    if app.is_replay(&sent.receipt).await? {
        return Ok((Extension(Searched), carry_out(&app, &sent, answered_before(sent.context(None))).await?));
    }
    let (now, edition) = (sent.now, app.edition(sent.now));
    let form = check(&sent.body, &edition, (now, date_in_london(now)))?;
    let context = sent.context(form.occurred_at);
    let (id, actor) = (app.parts.kit.ids.referral(), context.actor.clone());
    let (received, receipt) = prepare(&app, id, (&actor, now, &edition), &form).await?;
    let body = serde_json::to_value(&receipt).map_err(|error| Problem::internal("receipt", &error))?;
    let command = Command::Referral(id, referral::Command::Receive { by: actor, received: Box::new(received) });
    let stream = referral_stream(id);
    let ask = request(vec![stream.clone()], context, command, (201, body, Some(stream)));
    let answered = carry_out(&app, &sent, ask).await?;
    if !answered.answer.replayed {
        metrics::counter!("intake_referrals_total", "danger" => form.danger_now.code()).increment(1);
    }
    // The possible matches are children whom the caller is shown.
    Ok((Extension(Searched), answered))
}

async fn carry_out(app: &App, sent: &Create<Senders, NewReferral>, mut ask: Request<Event>) -> Result<Answered, Problem> {
    ask.receipt = Some(sent.receipt.clone());
    command::run(&app.parts.kit.tasks, &app.store, ask).await
}

/// Only the kept answer is wanted: nothing is prepared, and nothing would be recorded.
fn answered_before(context: event_store::Context) -> Request<Event> {
    let gone =
        || event_store::Refused { code: "send_again", detail: "The first answer is not here yet. Send it again.".to_owned(), state: None };
    Request {
        streams: Vec::new(),
        expect: None,
        unmoved: None,
        receipt: None,
        context,
        advance: None,
        decide: Box::new(move |_| Err(gone())),
        describe: None,
    }
}

async fn prepare(
    app: &App,
    id: ReferralId,
    (actor, now, edition): (&Actor, Timestamp, &Edition),
    form: &Checked,
) -> Result<(Received, Receipt), Problem> {
    let ids: Vec<ChildId> = form.children.iter().map(|_| app.parts.kit.ids.child()).collect();
    let matches = look_for(app, form).await?;
    let sealed = seal(app, &referral_stream(id), &ids, form).await?;
    let directory = Directory::get();
    let owner = owner_of(&sealed.found, &received_in(&actor.org, &sealed.found)?, directory);
    let desk = desks::desk_of(app.pool(), &owner.borough).await.map_err(|error| away(&error))?;
    let shift = desk.as_ref().map(|desk| desk.shift(now, app.calendar(now).as_deref()));
    let reference = Reference::referral(year_of(now), app.next_number().await?);
    let clocks = Clocks::on_receipt(edition, now, form.danger_now);
    let received = assemble(form, sealed, (reference, owner, clocks), (actor, now, shift == Some(Shift::Night)));
    let receipt = receipt(id, &received, desk.as_ref().zip(shift), matches);
    Ok((received, receipt))
}

/// Looks for earlier records before this one is among them.
async fn look_for(app: &App, form: &Checked) -> Result<Vec<Vec<PossibleMatchBody>>, Problem> {
    let mut all = Vec::with_capacity(form.children.len());
    for child in &form.children {
        let facts = child.identity.facts(Some(&child.home.said));
        let found = identities::possible_matches(app.pool(), &facts, &[]).await.map_err(|error| away(&error))?;
        all.push(found.into_iter().map(PossibleMatchBody::from).collect());
    }
    Ok(all)
}

/// The borough that received it: the sender's own, or the one that the sender's hospital stands in. A hospital that the directory does
/// not know must say where the child is, because nothing else leads to a borough.
fn received_in(org: &Org, found: &Found) -> Result<Borough, Problem> {
    let directory = Directory::get();
    let known = match org {
        Org::Borough(borough) => Some(directory.current(borough).unwrap_or(borough).clone()),
        Org::Site(site) => directory.borough_of_site(site).map(|entry| entry.code.clone()),
        Org::Board | Org::Hub => None,
    };
    let needed = || {
        Problem::invalid_at(
            "/child_is_now/borough",
            "the borough where the child is: your organisation is in no borough that the hub knows",
        )
    };
    known.or_else(|| found.borough.clone()).ok_or_else(needed)
}

fn assemble(
    form: &Checked,
    sealed: SealedForm,
    (reference, owner, clocks): (Reference, Owner, Clocks),
    (actor, received_at, out_of_hours): (&Actor, Timestamp, bool),
) -> Received {
    let home = sealed.children.iter().find_map(|child| child.home_borough.clone());
    Received {
        reference,
        received_at,
        from: actor.org.clone(),
        anonymous: form.referrer.is_none(),
        referrer: sealed.referrer,
        concern: sealed.concern,
        found: sealed.found,
        danger_now: form.danger_now,
        children: sealed.children,
        with_the_child: sealed.with_the_child,
        parent_knows: form.parent_knows,
        needs: sealed.needs,
        done_already: sealed.done_already,
        owner,
        home,
        out_of_hours,
        clocks,
        filled: asked::filled(form),
    }
}

fn receipt(id: ReferralId, received: &Received, desk: Option<(&Desk, Shift)>, matches: Vec<Vec<PossibleMatchBody>>) -> Receipt {
    let children = received.children.iter().zip(matches).map(|(child, possible_matches)| ReceivedChild {
        child_id: child.id,
        possible_matches,
        nhs_number_kept_as_text: child.nhs_number_kept_as_text,
    });
    Receipt {
        referral_id: id,
        reference: received.reference.clone(),
        version: 1,
        received_at: received.received_at,
        children: children.collect(),
        owner: OwnerDesk::of(&received.owner, desk),
        home_borough: received.home.clone(),
        decide_by: received.clocks.decide_by,
        edition: received.clocks.edition,
    }
}
