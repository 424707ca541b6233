//! The checkpoints of a log: what it has signed of itself, and who cosigned it. Only ever added to.

use kernel::Timestamp;
use sqlx::{PgPool, Row as _, postgres::PgRow};
use transparency::Hash;

use crate::{Log, PgTime, StoreError};

/// A checkpoint that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// How many events it speaks for.
    pub size: i64,
    /// The root over them.
    pub root: Hash,
    /// The note, with the log's signature.
    pub note: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// The signature lines of witnesses, in the order of their names.
    pub cosignatures: Vec<String>,
}

impl SignedHead {
    /// The note with every cosignature.
    #[must_use]
    pub fn cosigned_note(&self) -> String {
        self.cosignatures.iter().fold(self.note.clone(), |note, line| note + line + "\n")
    }

    fn from_pg(row: &PgRow) -> Result<Self, StoreError> {
        let root: Vec<u8> = row.try_get(1)?;
        let root = root.try_into().map_err(|_| StoreError::Bug { what: "a root is not 32 bytes" })?;
        Ok(Self {
            size: row.try_get(0)?,
            root,
            note: row.try_get(2)?,
            signed_at: row.try_get::<PgTime, _>(3)?.0,
            cosignatures: row.try_get(4)?,
        })
    }
}

/// A witness's word on a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// The size of the checkpoint.
    pub size: i64,
    /// The name of the witness's key.
    pub witness: String,
    /// The signature line.
    pub line: String,
    /// When, as the witness says.
    pub at: Timestamp,
}

/// The checkpoints of one log.
#[derive(Clone, Debug)]
pub struct Heads {
    pool: PgPool,
}

/// A checkpoint and its cosignatures; ends before its conditions.
macro_rules! heads {
    ($rest:literal) => {
        concat!(
            "select h.size, h.root, h.note, h.signed_at,
                    array(select c.line from log.cosignature c where c.size = h.size order by c.witness)
             from log.checkpoint h ",
            $rest
        )
    };
}

impl Log {
    /// The checkpoints of this log.
    #[must_use]
    pub fn heads(&self) -> Heads {
        Heads { pool: self.pool().clone() }
    }

    /// Up to `most` leaf hashes after a position, in order, as they stand beside the rows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn leaf_hashes(&self, position: i64, most: i64) -> Result<Vec<Hash>, StoreError> {
        let sql = "select leaf_hash from log.event where position > $1 order by position limit $2";
        let hashes: Vec<Vec<u8>> = sqlx::query_scalar(sql).bind(position).bind(most).fetch_all(self.pool()).await?;
        let wrong = |_| StoreError::Bug { what: "a leaf hash is not 32 bytes" };
        hashes.into_iter().map(|hash| hash.try_into().map_err(wrong)).collect()
    }
}

impl Heads {
    /// The longest that was ever signed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last(&self) -> Result<Option<SignedHead>, StoreError> {
        let row = sqlx::query(heads!("order by h.size desc limit 1")).fetch_optional(&self.pool).await?;
        row.as_ref().map(SignedHead::from_pg).transpose()
    }

    /// Up to `most` of those over fewer than `below` events, the longest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn before(&self, below: i64, most: i64) -> Result<Vec<SignedHead>, StoreError> {
        let rows =
            sqlx::query(heads!("where h.size < $1 order by h.size desc limit $2")).bind(below).bind(most).fetch_all(&self.pool).await?;
        rows.iter().map(SignedHead::from_pg).collect()
    }

    /// Up to `most` of those over more than `above` events, the shortest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn after(&self, above: i64, most: i64) -> Result<Vec<SignedHead>, StoreError> {
        let rows = sqlx::query(heads!("where h.size > $1 order by h.size limit $2")).bind(above).bind(most).fetch_all(&self.pool).await?;
        rows.iter().map(SignedHead::from_pg).collect()
    }

    /// Keeps a new one, if the longest is still the one that it was proved to go on from. Says whether it did: another replica may
    /// have been first.
    ///
    /// # Errors
    /// When the database refuses. Then the signature must not leave the process.
    pub async fn keep(&self, new: &SignedHead, after: Option<i64>) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("select pg_advisory_xact_lock(hashtextextended('log.checkpoint', 0))").execute(&mut *transaction).await?;
        let last: Option<i64> = sqlx::query_scalar("select max(size) from log.checkpoint").fetch_one(&mut *transaction).await?;
        if last != after {
            transaction.rollback().await?;
            return Ok(false);
        }
        sqlx::query("insert into log.checkpoint (size, root, note, signed_at) values ($1, $2, $3, $4)")
            .bind(new.size)
            .bind(new.root.as_slice())
            .bind(&new.note)
            .bind(PgTime(new.signed_at))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Keeps a witness's word. The first one on each checkpoint stands: another replica may have asked as well.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn cosign(&self, cosignature: &Cosignature) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query(
            "insert into log.cosignature (size, witness, line, cosigned_at) values ($1, $2, $3, $4) on conflict (size, witness) do nothing",
        )
        .bind(cosignature.size)
        .bind(&cosignature.witness)
        .bind(&cosignature.line)
        .bind(PgTime(cosignature.at))
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }
}
