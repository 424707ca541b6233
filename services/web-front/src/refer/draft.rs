//! Unfinished referrals: sealed, their author's alone, and gone once they are sent.

use event_store::PgTime;
use kernel::Timestamp;
use serde_json::{Value, json};
use sqlx::Row as _;
use uuid::Uuid;

use super::answers::Answers;
use crate::{failure::Failure, service::App, session::Who};

/// A referral that is being written, or was sent.
pub(super) struct Draft {
    pub(super) answers: Answers,
    pub(super) sent_as: Option<String>,
    pub(super) begun_at: Timestamp,
}

fn place(id: Uuid) -> String {
    format!("draft/{id}")
}

impl App {
    /// Begins one, with what is known of its author.
    pub(super) async fn begin_draft(&self, who: &Who) -> Result<Uuid, Failure> {
        let id = self.kit().ids.uuid();
        let content = self.sealer().seal(&place(id), &Answers::of(who))?;
        let now = PgTime(self.kit().clock.now());
        let mut transaction = self.pool().begin().await?;
        sqlx::query("insert into web.draft (id, owner, content, begun_at, changed_at) values ($1, $2, $3, $4, $4)")
            .bind(id)
            .bind(&who.id)
            .bind(content)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// One of this person's.
    pub(super) async fn draft(&self, id: Uuid, owner: &str) -> Result<Draft, Failure> {
        let sql = "select content, sent_as, begun_at from web.draft where id = $1 and owner = $2";
        let row = sqlx::query(sql).bind(id).bind(owner).fetch_optional(self.pool()).await?.ok_or(Failure::NotFound)?;
        let (content, sent_as): (Option<Vec<u8>>, Option<String>) = (row.try_get("content")?, row.try_get("sent_as")?);
        let PgTime(begun_at) = row.try_get("begun_at")?;
        let answers = content.and_then(|content| self.sealer().open(&place(id), &content));
        match (answers, sent_as) {
            (answers, Some(sent)) => Ok(Draft { answers: answers.unwrap_or_default(), sent_as: Some(sent), begun_at }),
            (Some(answers), None) => Ok(Draft { answers, sent_as: None, begun_at }),
            (None, None) => Err(Failure::NotFound),
        }
    }

    /// Keeps the answers.
    pub(super) async fn keep_draft(&self, id: Uuid, owner: &str, answers: &Answers) -> Result<(), Failure> {
        let content = self.sealer().seal(&place(id), answers)?;
        let sql = "update web.draft set content = $3, changed_at = $4 where id = $1 and owner = $2 and sent_as is null";
        let mut transaction = self.pool().begin().await?;
        let now = PgTime(self.kit().clock.now());
        sqlx::query(sql).bind(id).bind(owner).bind(content).bind(now).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// It was sent: the answers go, and what it became stays, so that sending again leads there. Whether that is news.
    pub(super) async fn sent_draft(&self, id: Uuid, owner: &str, referral: &str) -> Result<bool, Failure> {
        let sql = "update web.draft set content = null, sent_as = $3, changed_at = $4 where id = $1 and owner = $2 and sent_as is null";
        let mut transaction = self.pool().begin().await?;
        let now = PgTime(self.kit().clock.now());
        let done = sqlx::query(sql).bind(id).bind(owner).bind(referral).bind(now).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// Throws one away. When it was begun, where there was one.
    pub(super) async fn drop_draft(&self, id: Uuid, owner: &str) -> Result<Option<Timestamp>, Failure> {
        let mut transaction = self.pool().begin().await?;
        let sql = "delete from web.draft where id = $1 and owner = $2 and sent_as is null returning begun_at";
        let begun_at: Option<PgTime> = sqlx::query_scalar(sql).bind(id).bind(owner).fetch_optional(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(begun_at.map(|PgTime(at)| at))
    }

    /// This person's unfinished ones, the newest first.
    pub(super) async fn unfinished(&self, owner: &str) -> Result<Vec<Value>, Failure> {
        let sql = "select id, begun_at, changed_at from web.draft where owner = $1 and sent_as is null order by changed_at desc limit 20";
        let rows = sqlx::query(sql).bind(owner).fetch_all(self.pool()).await?;
        let shown = rows.iter().map(|row| {
            let (id, PgTime(begun), PgTime(changed)): (Uuid, PgTime, PgTime) =
                (row.try_get("id")?, row.try_get("begun_at")?, row.try_get("changed_at")?);
            Ok(json!({ "id": id, "begun_at": begun, "changed_at": changed }))
        });
        shown.collect::<Result<_, sqlx::Error>>().map_err(Failure::from)
    }
}
