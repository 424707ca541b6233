//! What somebody types is kept while they type, and when their session ended before they could send it: sealed, for them alone.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest as _, Path, Request, State},
    http::{Method, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use event_store::PgTime;
use kernel::Timestamp;
use sqlx::Row as _;

use crate::{
    failure::Failure,
    form::Form,
    me::{Me, on_to},
    refer,
    service::App,
};

/// The most pages with something half written that one person has; the oldest goes first.
const MOST: i64 = 40;

/// The longest address of a page with a form, in bytes.
const LONGEST: usize = 120;

/// What was typed on a page and not sent.
pub(crate) struct Kept {
    pub(crate) form: Form,
    /// When; none where nothing was typed.
    pub(crate) at: Option<Timestamp>,
}

/// The page on which a form stands, by the address that it is sent to; none where nothing of it is kept.
pub(crate) fn page_of(address: &str) -> Option<String> {
    let address = address.strip_prefix("/keep").unwrap_or(address);
    if address.len() > LONGEST {
        return None;
    }
    let parts: Vec<&str> = address.trim_start_matches('/').split('/').collect();
    let page = match parts[..] {
        ["transfers", id, act] if !["handover", "hand-back"].contains(&act) => format!("/transfers/{id}"),
        ["referrals", id, "feedback" | "add"] => format!("/referrals/{id}"),
        ["learning"] | ["procedures", "drafts" | "questions" | "variations"] | ["procedures", "drafts", _, "texts", _, "edit"] => {
            address.to_owned()
        }
        ["procedures", "drafts", id] | ["procedures", "drafts", id, _] => format!("/procedures/drafts/{id}"),
        ["procedures", "fields", name] | ["procedures", "fields", name, _] => format!("/procedures/fields/{name}"),
        ["procedures", "questions", _, "answer"] => "/procedures/questions".to_owned(),
        ["procedures", id] | ["procedures", id, "read"] => format!("/procedures/{id}"),
        ["refer", _, "danger" | "place" | "worries" | "you" | "check"]
        | ["referrals", _, "decide" | "offer"]
        | ["transfers", _, "handover" | "hand-back"]
        | ["desk", "settings"]
        | ["transfers" | "referrals", _] => address.to_owned(),
        _ => return None,
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-/".contains(&byte);
    page.bytes().all(plain).then_some(page)
}

fn place(owner: &str, page: &str) -> String {
    format!("kept/{owner}{page}")
}

impl Me {
    /// What this person typed on the page and has not sent.
    pub(crate) async fn kept(&self) -> Result<Kept, Failure> {
        let page = self.page_here().unwrap_or_default();
        self.app.kept(&self.session.who.id, &page).await
    }

    /// The page on which they are, where something of it is kept.
    pub(crate) fn page_here(&self) -> Option<String> {
        page_of(self.here.split('?').next().unwrap_or_default())
    }

    /// What a form held was recorded: it need not be kept any more.
    pub(crate) async fn sent(&self, form: &Form) -> Result<(), Failure> {
        let Some(page) = self.page_here() else { return Ok(()) };
        let owner = &self.session.who.id;
        let mut kept = self.app.kept(owner, &page).await?;
        if kept.at.is_some() {
            kept.form.without(form);
            self.app.put_kept(owner, &page, &kept.form).await?;
        }
        Ok(())
    }
}

impl App {
    async fn kept(&self, owner: &str, page: &str) -> Result<Kept, Failure> {
        let sql = "select content, changed_at from web.kept where owner = $1 and page = $2";
        let row = sqlx::query(sql).bind(owner).bind(page).fetch_optional(self.pool()).await?;
        let Some(row) = row else { return Ok(Kept { form: Form::default(), at: None }) };
        let (content, PgTime(at)): (Vec<u8>, PgTime) = (row.try_get("content")?, row.try_get("changed_at")?);
        // What does not open, as under another key, was not typed by this person for this page.
        let form = self.sealer().open::<Form>(&place(owner, page), &content);
        Ok(Kept { at: form.as_ref().map(|_| at), form: form.unwrap_or_default() })
    }

    /// Keeps what stands in a form. What other forms of the page held stays.
    async fn keep(&self, owner: &str, page: &str, form: &Form) -> Result<(), Failure> {
        if page.starts_with("/refer/") {
            return refer::keep_typed(self, owner, page, form).await;
        }
        let mut kept = self.kept(owner, page).await?.form;
        kept.take_typed(form);
        self.put_kept(owner, page, &kept).await
    }

    async fn put_kept(&self, owner: &str, page: &str, form: &Form) -> Result<(), Failure> {
        let content = self.sealer().seal(&place(owner, page), form)?;
        let mut transaction = self.pool().begin().await?;
        if form.is_empty() {
            let sql = "delete from web.kept where owner = $1 and page = $2";
            sqlx::query(sql).bind(owner).bind(page).execute(&mut *transaction).await?;
            return Ok(transaction.commit().await?);
        }
        let sql = "insert into web.kept (owner, page, content, changed_at) values ($1, $2, $3, $4)
                   on conflict (owner, page) do update set content = excluded.content, changed_at = excluded.changed_at";
        let now = PgTime(self.kit().clock.now());
        sqlx::query(sql).bind(owner).bind(page).bind(content).bind(now).execute(&mut *transaction).await?;
        let sql = "delete from web.kept where owner = $1 and page not in
                   (select page from web.kept where owner = $1 order by changed_at desc limit $2)";
        sqlx::query(sql).bind(owner).bind(MOST).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }
}

/// Keeps what is being typed, as the script of the page sends it. Whoever types is there: the answer is how long they may pause.
pub(crate) async fn keep(me: Me, Path(_): Path<String>, form: Form) -> Result<String, Failure> {
    let page = me.page_here().ok_or(Failure::NotFound)?;
    me.app.keep(&me.session.who.id, &page, &form).await?;
    Ok(me.idle_seconds().to_string())
}

/// Throws away what was typed on a page and not sent.
pub(crate) async fn throw_away(me: Me, Path(_): Path<String>) -> Result<Response, Failure> {
    let page = me.here.strip_prefix("/throw-away").and_then(page_of).ok_or(Failure::NotFound)?;
    me.app.put_kept(&me.session.who.id, &page, &Form::default()).await?;
    Ok(on_to(&page))
}

/// The page on which what was sent in vain is kept; beside the failure, so that its page can say so.
#[derive(Clone)]
pub(crate) struct KeptOn(pub(crate) String);

/// Nobody loses what they typed because their session or their token ended meanwhile, or because a service died: a form that leads to
/// the sign-in or to a fault of ours is kept, and stands filled in when they come back to its page.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let page = (request.method() == Method::POST).then(|| page_of(request.uri().path())).flatten();
    let Some(page) = page else { return next.run(request).await };
    let (parts, body) = request.into_parts();
    let headers = parts.headers.clone();
    let Ok(body) = Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await else {
        return Failure::TooLarge.into_response();
    };
    let mut response = next.run(Request::from_parts(parts, Body::from(body.clone()))).await;
    let leads_to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
    let failed = response.status().is_server_error();
    if failed || leads_to.starts_with("/sign-in?") {
        let kept = async {
            match app.whose(&headers).await? {
                Some(owner) => app.keep(&owner, &page, &Form::read(&body)).await,
                None => Ok(()),
            }
        };
        match kept.await {
            Ok(()) if failed => drop(response.extensions_mut().insert(KeptOn(page))),
            Ok(()) | Err(Failure::NotFound) => {}
            Err(failure) => return failure.into_response(),
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::page_of;

    #[test]
    fn a_form_is_kept_for_the_page_on_which_it_stands() {
        let page = |address| page_of(address).unwrap_or_default();
        assert_eq!(page("/transfers/trf_1/ask"), "/transfers/trf_1");
        assert_eq!(page("/transfers/trf_1/handover"), "/transfers/trf_1/handover");
        assert_eq!(page("/keep/referrals/ref_1/offer"), "/referrals/ref_1/offer");
        assert_eq!(page("/refer/0192/worries"), "/refer/0192/worries");
        assert_eq!(page("/procedures/drafts/drf_1/comment"), "/procedures/drafts/drf_1");
        assert_eq!(page("/keep/procedures/drafts/drf_1/texts/unborn-child/edit"), "/procedures/drafts/drf_1/texts/unborn-child/edit");
        assert_eq!(page("/procedures/fields/done_already/nominate"), "/procedures/fields/done_already");
        assert_eq!(page("/procedures/questions/qst_1/answer"), "/procedures/questions");
        assert_eq!(page("/procedures/unborn-child/read"), "/procedures/unborn-child");
        for same in ["/learning", "/procedures/drafts", "/procedures/variations", "/desk/settings"] {
            assert_eq!(page(same), same);
        }
        for nothing in [
            "/sign-in",
            "/sign-out",
            "/still-here",
            "/refer",
            "/refer/0192/throw-away",
            "/transfers/a b",
            "/keep/keep/desk",
            "/referrals/ref_1/link",
            "/learning/lrn_1/procedures",
        ] {
            assert_eq!(page_of(nothing), None, "{nothing}");
        }
    }
}
