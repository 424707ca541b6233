//! Offering: for the first time, again, to another borough, or back.

use std::collections::BTreeSet;

use axum::extract::State;
use kernel::{Borough, ChildId, Org, Priority, Reference, Timestamp, TransferId, directory::Directory};
use serde::Deserialize;
use service_kit::{Answered, Caller, Change, Create, Path, Problem, caller::DutyDesk};
use utoipa::ToSchema;

use super::{
    ask::{AGAIN, Asking, changing, when},
    sheet::{self, NewSheet},
};
use crate::{
    app::{App, away},
    ledger::Duty,
    rules::{Command, Scope, Situation, What, transfer_stream},
    shown,
    text::{Sealer, Text},
    transfer::{Ask, Asked, Item, NewOffer, Offer, Whereabouts},
    views::{followers, transfers},
    write::{Order, References, Sent},
};

/// The most children in one offer.
const MOST_CHILDREN: usize = 20;

/// An offer of named duties to another borough.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTransfer {
    /// The borough that is asked, by its GSS code.
    #[schema(value_type = String)]
    to: Borough,
    /// The borough that offers: your own, unless your team acts for another one now.
    #[schema(value_type = Option<String>)]
    from: Option<Borough>,
    /// How soon it must be answered: P1 in danger now, P2 tonight, P3 next working day, P4 planned.
    #[schema(value_type = String)]
    priority: Priority,
    /// The children and duties.
    items: Vec<NewItem>,
    /// The handover sheet.
    sheet: NewSheet,
    /// A hospital waits with the discharge for the answer.
    #[serde(default)]
    discharge_pending: bool,
    /// An earlier offer of your borough that this one stands for.
    #[schema(value_type = Option<String>)]
    replaces: Option<TransferId>,
    /// The version of that offer that you looked at.
    replaces_version: Option<i64>,
    /// When it happened, where it is entered later.
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// One child of an offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewItem {
    /// The child.
    #[schema(value_type = String)]
    child_id: ChildId,
    /// The duties that are to move.
    #[schema(value_type = Vec<String>)]
    duties: BTreeSet<Duty>,
    /// Where the child is now: `{"address": …}`, `{"contact_desk": "E08…"}` or `"not_known"`, which is an answer. Where nothing is
    /// said both desks are shown that it was not.
    #[schema(value_type = Option<serde_json::Value>)]
    child_is_now: Option<NewPlace>,
    /// The address must not be shown.
    #[serde(default)]
    shielded: bool,
    /// Expected, and not yet born.
    #[serde(default)]
    unborn: bool,
}

/// Where a child is now.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum NewPlace {
    /// At an address.
    Address(Text),
    /// Ask this desk; the only answer for a shielded child.
    ContactDesk(Borough),
    /// Not known.
    NotKnown,
}

/// Another borough to ask.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Redirect {
    /// Whom to ask instead.
    #[schema(value_type = String)]
    to: Borough,
}

/// What was taken is offered back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandBack {
    /// How soon it must be answered.
    #[schema(value_type = String)]
    priority: Priority,
    /// The handover sheet of the new offer.
    sheet: NewSheet,
}

/// Offers duties to another borough. The giver stays responsible until a person of the receiver accepts.
#[utoipa::path(post, path = "/api/transfers", request_body = NewTransfer, responses((status = 201, body = serde_json::Value)))]
pub(crate) async fn offer_transfer(State(app): State<App>, create: Create<DutyDesk, NewTransfer>) -> Result<Answered, Problem> {
    let new = &create.body;
    check(new)?;
    let at = when(create.now, new.occurred_at)?;
    let from = new.from.clone().map_or_else(|| create.by.borough().cloned(), Ok)?;
    let children: BTreeSet<ChildId> = new.items.iter().map(|item| item.child_id).collect();
    let children: Vec<ChildId> = children.into_iter().collect();
    let id = app.kit.ids.transfer();
    let sealer = app.sealer(&id.to_string(), &children).await?;
    let offer = Box::new(offer(&app, (new, from), &sealer, &children).await?);
    let (boroughs, priority) = (BTreeSet::from([offer.from.clone(), offer.to.clone()]), offer.priority);
    let on = new.replaces_version.unwrap_or(0);
    let ask = Ask::Offer { offer, replaces: new.replaces };
    let what = What::Ask { transfer: id, by: create.by.person().clone(), on, side: None, ask };
    let reference = app.new_reference(create.now).await?;
    for _ in 0..AGAIN {
        let scope = app.offer_scope(&create.by.caller, (&children, &boroughs), new.replaces).await?;
        let command = Command::under(&app.edition(create.now), priority, at, scope, what.clone());
        let (shown_reference, viewer) = (reference.clone(), create.by.caller.org.borough().cloned());
        let order = Order {
            command,
            references: References::from([(id, reference.clone())]),
            status: 201,
            resource: transfer_stream(id),
            answer: Box::new(move |situation: &Situation| shown::answer(situation, id, &shown_reference, viewer.as_ref())),
            describe: shown::state,
        };
        let sent = Sent { context: create.context(new.occurred_at), receipt: Some(create.receipt.clone()), expect: None };
        match app.try_out(sent, order).await? {
            Err(refused) if refused.code == "scope_changed" => {}
            Err(refused) => return Err(crate::write::refusal(&refused)),
            Ok(answered) => return Ok(answered),
        }
    }
    Err(changing())
}

/// What the rules cannot know: that the codes stand for something, and that the numbers are sensible.
fn check(new: &NewTransfer) -> Result<(), Problem> {
    if new.items.is_empty() || new.items.len() > MOST_CHILDREN {
        return Err(Problem::invalid_at("/items", "1 to 20 children, each with at least one duty"));
    }
    if let Some(at) = new.items.iter().position(|item| item.duties.is_empty()) {
        return Err(Problem::invalid_at(format!("/items/{at}/duties"), "at least one of emergency_action, enquiry, plan"));
    }
    if new.replaces.is_some() && new.replaces_version.is_none() {
        return Err(Problem::invalid_at("/replaces_version", "the version of the earlier offer that you looked at"));
    }
    known(&new.to)
}

/// A borough with children's services that the directory knows under this code.
fn known(borough: &Borough) -> Result<(), Problem> {
    let current = Directory::get().current(borough) == Some(borough);
    if current { Ok(()) } else { Err(Problem::invalid_at("/to", "the present GSS code of a borough of the area")) }
}

async fn offer(app: &App, (new, from): (&NewTransfer, Borough), sealer: &Sealer, children: &[ChildId]) -> Result<Offer, Problem> {
    let items = new.items.iter().map(|item| sealed_item(sealer, item)).collect::<Result<_, _>>()?;
    let raised: Vec<Org> = followers::of(app.pool(), children).await.map_err(away)?;
    let parties = [Org::Borough(from.clone()), Org::Borough(new.to.clone())];
    Ok(Offer {
        from,
        to: new.to.clone(),
        priority: new.priority,
        items,
        sheet: sheet::seal(sealer, &new.sheet)?,
        discharge_pending: new.discharge_pending,
        followers: raised.into_iter().filter(|org| !parties.contains(org)).collect(),
    })
}

fn sealed_item(sealer: &Sealer, item: &NewItem) -> Result<Item, Problem> {
    let whereabouts = match &item.child_is_now {
        Some(NewPlace::Address(text)) => Whereabouts::Address(sealer.seal(&sheet::place("child_is_now"), text)?),
        Some(NewPlace::ContactDesk(borough)) => Whereabouts::ContactDesk(borough.clone()),
        None => Whereabouts::NotSaid,
        Some(NewPlace::NotKnown) => Whereabouts::NotKnown,
    };
    Ok(Item { child: item.child_id, duties: item.duties.clone(), whereabouts, shielded: item.shielded, unborn: item.unborn })
}

/// Asks another borough instead, with the same sheet. The whole age stays visible.
#[utoipa::path(post, path = "/api/transfers/{id}/redirect", params(("id" = String, Path)), request_body = Redirect,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn redirect_transfer(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, Redirect>,
) -> Result<Answered, Problem> {
    known(&change.body.to)?;
    let loaded = app.of(id, &change).await?;
    let (next, reference) = (app.kit.ids.transfer(), app.new_reference(change.now).await?);
    let ask = Ask::Redirect { to: change.body.to.clone(), next };
    app.ask(loaded, &change, Asking { next: Some((next, reference)), ..Asking::from(ask) }).await
}

/// Offers back what was taken. The borough that has it holds it until the other accepts.
#[utoipa::path(post, path = "/api/transfers/{id}/hand-back", params(("id" = String, Path)), request_body = HandBack,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn hand_back_transfer(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, HandBack>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    let (next, reference) = (app.kit.ids.transfer(), app.new_reference(change.now).await?);
    let children: Vec<ChildId> = loaded.talk.children().collect();
    let sealer = app.sealer(&next.to_string(), &children).await?;
    let HandBack { priority, sheet } = &change.body;
    let new = NewOffer { id: next, priority: *priority, sheet: sheet::seal(&sealer, sheet)? };
    let asking = Asking { next: Some((next, reference)), priority: Some(*priority), ..Asking::from(Ask::HandBack(Box::new(new))) };
    app.ask(loaded, &change, asking).await
}

impl App {
    /// What an offer looks at: its children, every id linked to them, and the offers that it stands for or follows.
    async fn offer_scope(
        &self,
        caller: &Caller,
        (children, boroughs): (&[ChildId], &BTreeSet<Borough>),
        replaces: Option<TransferId>,
    ) -> Result<Scope, Problem> {
        let (mut children, mut boroughs): (BTreeSet<ChildId>, _) = (children.iter().copied().collect(), boroughs.clone());
        if let Some(before) = replaces {
            let (before, _) = self.seen(caller, self.transfer(before).await?).await?;
            children.extend(before.talk.children());
            boroughs.extend([before.talk.offer.from.clone(), before.talk.offer.to.clone()]);
        }
        self.with_earlier(children, boroughs).await
    }

    /// A reference that no other transfer has.
    async fn new_reference(&self, now: Timestamp) -> Result<Reference, Problem> {
        let number = transfers::next_number(self.pool()).await.map_err(away)?;
        Ok(Reference::transfer(crate::desk::local(now).year(), number))
    }
}

/// Duties of one child.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedItem {
    /// The child.
    #[schema(value_type = String)]
    pub(crate) child_id: ChildId,
    /// The duties.
    #[schema(value_type = Vec<String>)]
    pub(crate) duties: BTreeSet<Duty>,
}

impl From<&NamedItem> for Asked {
    fn from(item: &NamedItem) -> Self {
        Self { child: item.child_id, duties: item.duties.clone() }
    }
}
