//! What is stored when everything has settled.

use std::collections::BTreeMap;

/// What the databases say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The logs by service, in the order of the rows.
    pub logs: BTreeMap<String, Vec<Stored>>,
    /// Receipts of all services.
    pub receipts: Vec<Kept>,
    /// Copies that others keep of logs.
    pub copies: Vec<Copied>,
    /// Views, as they were and as a rebuild makes them.
    pub views: Vec<Viewed>,
}

/// A row of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Place in the log.
    pub position: i64,
    /// The trace id.
    pub trace: String,
    /// The id of who did it.
    pub actor: String,
    /// Their organisation's code.
    pub org: String,
    /// What it says about responsibility.
    pub fact: Fact,
}

/// What a row says about responsibility.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A duty has a holder from here on.
    Opened {
        /// The child.
        child: String,
        /// The duty.
        duty: String,
        /// Who.
        holder: String,
    },
    /// The holder changed.
    Moved {
        /// The child.
        child: String,
        /// The duty.
        duty: String,
        /// Who held it.
        from: String,
        /// Who holds it.
        to: String,
    },
    /// The duty is over.
    Ended {
        /// The child.
        child: String,
        /// The duty.
        duty: String,
        /// Who held it.
        holder: String,
    },
    /// Children were referred: somebody must act for each.
    Referred(Vec<String>),
    /// Nothing.
    Other,
}

/// A receipt: the first answer under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Whose.
    pub service: String,
    /// The subject of the token.
    pub principal: String,
    /// The key.
    pub key: String,
    /// The position that was answered.
    pub position: i64,
}

/// A copy of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Who keeps it.
    pub by: String,
    /// Whose log.
    pub service: String,
    /// Its positions, ascending.
    pub positions: Vec<i64>,
}

/// Digests of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewed {
    /// `service.view`.
    pub name: String,
    /// As it was.
    pub live: String,
    /// As the log makes it.
    pub rebuilt: String,
    /// Where they differ, the first rows that only one of the two has.
    pub first: String,
}
