//! The transfers of a borough. An incoming one that a person of the receiver has before their eyes is delivered.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use kernel::{Actor, Borough, ChildId, TransferId};
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Caller, Page, Problem, Query, live};
use utoipa::IntoParams;

use super::ask::is_desk;
use crate::{
    app::{App, away},
    clocks::When,
    rules::{Command, Scope, Situation, What},
    service::NAME,
    shown,
    sight::DESK,
    transfer::{Stage, Talk, Tell},
    views::transfers::{self, Wanted},
    write,
};

/// The route by which an offer is delivered when it is read on the desk's own list.
const QUEUE: &str = "queue";

/// Which transfers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Your own borough's, unless your team acts for another one now.
    #[param(value_type = Option<String>)]
    borough: Option<Borough>,
    /// `in`, `out`; both, if nothing is said.
    #[param(value_type = Option<String>)]
    direction: Option<Direction>,
    /// A state, or `open` for those in which somebody still has to do something.
    #[param(value_type = Option<String>)]
    state: Option<Wish>,
    /// How many on a page, 1 to 200.
    #[param(value_type = Option<u16>)]
    #[serde(rename = "limit")]
    _limit: Option<String>,
    /// Where the page starts.
    #[param(value_type = Option<String>)]
    #[serde(rename = "cursor")]
    _cursor: Option<String>,
}

/// To or from the borough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Direction {
    In,
    Out,
}

/// A state to look for.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
enum Wish {
    At(Stage),
    Open(Open),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Open {
    Open,
}

/// The transfers of a borough, the most urgent first.
#[utoipa::path(get, path = "/api/transfers", params(Which), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_transfers(
    State(app): State<App>,
    caller: Caller,
    page: Page,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let now = app.kit.clock.now();
    let borough = which.borough.map_or_else(|| caller.borough().cloned(), Ok)?;
    if !app.acts_for(&caller, &borough, now).await? {
        return Err(Problem::forbidden("You see the transfers of your own borough, and of one that your team covers now."));
    }
    let state = which.state.map(|wish| match wish {
        Wish::At(stage) => stage.code(),
        Wish::Open(Open::Open) => "open",
    });
    let (incoming, outgoing) = (which.direction != Some(Direction::Out), which.direction != Some(Direction::In));
    let wanted = Wanted { borough: &borough, incoming, outgoing, state };
    let here = live::here(&app.store, NAME).await?;
    let found = transfers::list(app.pool(), &wanted, page.after()?, page.limit() + 1).await.map_err(away)?;
    let list = page.list(found, |(place, _)| place.clone());
    let waiting: Vec<TransferId> = list
        .items
        .iter()
        .filter(|(_, summary)| summary["to"] == borough.code() && (summary["state"] == "offered" || summary["flags"]["link_down"] == true))
        .filter_map(|(_, summary)| summary["transfer_id"].as_str()?.parse().ok())
        .collect();
    if let Ok(actor) = caller.actor_as_any(&DESK) {
        app.note_delivery(actor, waiting);
    }
    let next = list.next.clone();
    let items = app.in_words(list.items.into_iter().map(|(_, summary)| summary).collect(), &borough).await?;
    let link = next.as_ref().map(|next| [("link", format!("<{next}>; rel=\"next\""))]);
    let body = Json(json!({ "borough": borough, "items": items, "next": next, "stale_since": app.stale_since() }));
    Ok((here, link.map_or_else(|| body.clone().into_response(), |link| (link, body.clone()).into_response())).into_response())
}

impl App {
    /// Who holds what, in words for the borough, as the ledgers say now: a duty may have gone another way since.
    async fn in_words(&self, mut summaries: Vec<Value>, borough: &Borough) -> Result<Vec<Value>, Problem> {
        let ids: Vec<Option<TransferId>> = summaries.iter().map(|summary| summary["transfer_id"].as_str()?.parse().ok()).collect();
        let situation = self.situation(ids.iter().flatten().copied()).await?;
        for (summary, id) in summaries.iter_mut().zip(ids) {
            let (Value::Object(members), Some(id)) = (summary, id) else { continue };
            let Some(talk) = shown::talk(&situation, id) else { continue };
            shown::add_duties(members, &situation, talk, Some(borough));
            if let Some(Value::Object(flags)) = members.get_mut("flags") {
                flags.insert("paused".to_owned(), situation.is_paused(id).into());
            }
        }
        Ok(summaries)
    }

    /// Some transfers with the ledgers of their children.
    async fn situation(&self, ids: impl Iterator<Item = TransferId>) -> Result<Situation, Problem> {
        let mut situation = Situation::default();
        self.transfers(ids).await?.iter().for_each(|recorded| situation.take(&recorded.event.event));
        let children: BTreeSet<ChildId> =
            situation.transfers.keys().filter_map(|id| shown::talk(&situation, *id)).flat_map(Talk::children).collect();
        self.children(children).await?.iter().for_each(|recorded| situation.take(&recorded.event.event));
        Ok(situation)
    }

    /// Records in the background that offers are before the eyes of the receiver's desk. Each is recorded once.
    fn note_delivery(&self, actor: Actor, waiting: Vec<TransferId>) {
        if waiting.is_empty() || !is_desk(&actor) {
            return;
        }
        let app = self.clone();
        drop(self.kit.tasks.spawn(async move {
            for id in waiting {
                if app.deliver(&actor, id).await.is_err() {
                    tracing::warn!(transfer.id = %id, "a delivery was not recorded; the next look at the list records it");
                }
            }
        }));
    }

    async fn deliver(&self, actor: &Actor, id: TransferId) -> Result<(), Problem> {
        let Some(loaded) = self.transfer(id).await? else { return Ok(()) };
        let (talk, now) = (&loaded.talk, self.kit.clock.now());
        let boroughs = [&talk.offer.from, &talk.offer.to].into_iter().cloned().collect();
        let scope = Scope { children: talk.children().collect(), boroughs, ..Scope::default() };
        let what = What::Tell { transfer: id, by: actor.clone(), tell: Tell::Delivered { route: QUEUE.to_owned() } };
        let command = Command::under(&self.edition(now), talk.priority(), When::now(now), scope, what);
        let correlation = service_kit::Trace::current().map_or_else(String::new, |trace| trace.id());
        let context = event_store::Context { actor: actor.clone(), occurred_at: None, recorded_at: now, correlation, causation: None };
        let outcome = self.store.execute(write::machine(context, vec![command], None)).await;
        outcome.map(drop).map_err(|error| Problem::internal("delivery", &error))
    }
}
