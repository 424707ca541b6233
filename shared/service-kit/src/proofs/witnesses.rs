//! Asking witnesses, over tlog-witness.

use std::{sync::Arc, time::Duration};

use event_store::{Cosignature, Log, SignedHead};
use kernel::Timestamp;
use transparency::{
    Checkpoint, Note,
    note::Signature,
    policy::{KnownWitness, Policy},
    witness::Request,
};

use super::tree::{self, Broken, Marks};

/// How long a witness may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// The largest answer that is read.
const LARGEST: usize = 16 << 10;

/// What came of asking one witness.
#[derive(Debug)]
pub(super) enum Said {
    /// It cosigned.
    Cosigned(Cosignature),
    /// It knows the log at this size, which is longer than what was shown to it.
    Ahead(i64),
    /// It holds another record.
    Differs,
    /// It did not answer, or not as a witness does.
    Nothing(String),
}

/// The witnesses of a policy that can be asked.
#[derive(Clone)]
pub(super) struct Witnesses {
    pub(super) client: reqwest::Client,
    pub(super) policy: Arc<Policy>,
    pub(super) log: Log,
}

impl Witnesses {
    /// Shows one witness a signed head. `known` is the size that it cosigned last, as far as is known.
    pub(super) async fn show(&self, witness: &KnownWitness, head: &SignedHead, (known, marks): (i64, &Marks)) -> Result<Said, Broken> {
        let Some(url) = &witness.url else { return Ok(Said::Nothing("the policy names no address".to_owned())) };
        let mut known = known.clamp(0, head.size);
        // It is asked a second time when it says that it is at another size than was thought.
        for _ in 0..2 {
            let proof = tree::proof(&self.log, marks, known, (head.size, &head.root)).await?;
            let (status, body) = match self.ask(url, head, (known, proof)).await {
                Ok(answer) => answer,
                Err(why) => return Ok(Said::Nothing(why)),
            };
            match (status, body.trim_end().parse::<i64>()) {
                (200, _) => return Ok(cosignature(witness, head, &body)),
                (409, Ok(size)) if size > head.size => return Ok(Said::Ahead(size)),
                (409, Ok(size)) if size == known => return Ok(Said::Differs),
                (409, Ok(size)) => known = size,
                (422, _) => return Ok(Said::Differs),
                (other, _) => return Ok(Said::Nothing(format!("status {other}"))),
            }
        }
        Ok(Said::Nothing("it names another size each time".to_owned()))
    }

    async fn ask(&self, url: &str, head: &SignedHead, (known, proof): (i64, Vec<transparency::Hash>)) -> Result<(u16, String), String> {
        let note = Note::parse(&head.note).map_err(|bad| bad.to_string())?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(|bad| bad.to_string())?;
        let body = Request { old: u64::try_from(known).unwrap_or_default(), proof, note, checkpoint }.body();
        let sent = self.client.post(format!("{}/add-checkpoint", url.trim_end_matches('/'))).body(body).send().await;
        let mut answer = sent.map_err(|_| "it does not answer".to_owned())?;
        let status = answer.status().as_u16();
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| "its answer was cut off".to_owned())? {
            if bytes.len() + chunk.len() > LARGEST {
                return Err("its answer is too large".to_owned());
            }
            bytes.extend_from_slice(&chunk);
        }
        String::from_utf8(bytes).map(|body| (status, body)).map_err(|_| "its answer is no text".to_owned())
    }
}

/// The cosignature in an answer, if the witness's own key made it.
fn cosignature(witness: &KnownWitness, head: &SignedHead, body: &str) -> Said {
    let text = Note::parse(&head.note).map(|note| note.text).unwrap_or_default();
    let signatures = body.lines().filter_map(|line| Signature::parse(line).ok());
    let made = signatures.filter_map(|signature| Some((witness.key.cosigned(&text, &signature)?, signature))).next();
    let at = made.as_ref().and_then(|(time, _)| Timestamp::from_second(i64::try_from(*time).ok()?).ok());
    match made.zip(at) {
        Some(((_, signature), at)) => {
            Said::Cosigned(Cosignature { size: head.size, witness: witness.key.name().to_owned(), line: signature.to_string(), at })
        }
        None => Said::Nothing("its cosignature is not by the pinned key".to_owned()),
    }
}
