//! The policy file of tlog-policy: which logs and witnesses are known, by pinned keys, and how many witnesses are enough.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Note, VerifierKey, key::Kind};

/// What is wrong with a policy file, and in which line; 0 for the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the policy file is wrong in line {line}: {what}")]
pub struct BadPolicy {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: &'static str,
}

/// A log that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownLog {
    /// Its key; the name of the key is the log's origin.
    pub key: VerifierKey,
    /// Where it answers, if said.
    pub url: Option<String>,
}

/// A witness that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownWitness {
    /// Its name within the policy.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where it takes checkpoints, if said.
    pub url: Option<String>,
}

/// So many of these, each a witness or another group.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    enough: usize,
    members: Vec<String>,
}

/// Who is known, and how many are enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<KnownLog>,
    witnesses: Vec<KnownWitness>,
    groups: BTreeMap<String, Group>,
    quorum: Option<String>,
}

/// Who cosigned a checkpoint, and when: the names within the policy and seconds since 1970.
pub type Cosigned = BTreeMap<String, u64>;

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, BadPolicy> {
        let mut reading = Reading::default();
        for (number, line) in (1..).zip(text.split('\n')) {
            let wrong = |what| BadPolicy { line: number, what };
            if line.contains(|letter: char| letter.is_ascii_control() && letter != '\t') {
                return Err(wrong("no control characters but tab and newline"));
            }
            let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
            if words.first().is_none_or(|first| first.starts_with('#')) {
                continue;
            }
            reading.line(&words).map_err(wrong)?;
        }
        let quorum = reading.quorum.ok_or(BadPolicy { line: 0, what: "there is no line `quorum <name>`" })?;
        Ok(Self { quorum, ..reading.policy })
    }

    /// The logs.
    #[must_use]
    pub fn logs(&self) -> &[KnownLog] {
        &self.logs
    }

    /// The witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[KnownWitness] {
        &self.witnesses
    }

    /// The log of an origin.
    #[must_use]
    pub fn log(&self, origin: &str) -> Option<&KnownLog> {
        self.logs.iter().find(|log| log.key.name() == origin)
    }

    /// Which known witnesses cosigned a note. Others are ignored.
    #[must_use]
    pub fn cosigned(&self, note: &Note) -> Cosigned {
        let time = |witness: &KnownWitness| note.signatures.iter().find_map(|signature| witness.key.cosigned(&note.text, signature));
        self.witnesses.iter().filter_map(|witness| Some((witness.name.clone(), time(witness)?))).collect()
    }

    /// Whether these witnesses are enough.
    #[must_use]
    pub fn is_enough<'a>(&self, witnesses: impl IntoIterator<Item = &'a str>) -> bool {
        let there: BTreeSet<&str> = witnesses.into_iter().collect();
        self.quorum.as_deref().is_none_or(|quorum| self.holds(quorum, &there))
    }

    /// Whether no cosignature is asked for at all.
    #[must_use]
    pub fn asks_for_none(&self) -> bool {
        self.quorum.is_none()
    }

    /// Groups name only what stands before them, so this ends.
    fn holds(&self, name: &str, there: &BTreeSet<&str>) -> bool {
        match self.groups.get(name) {
            None => there.contains(name),
            Some(group) => group.members.iter().filter(|member| self.holds(member, there)).count() >= group.enough,
        }
    }
}

struct Reading {
    policy: Policy,
    quorum: Option<Option<String>>,
    used: BTreeSet<String>,
}

impl Default for Reading {
    fn default() -> Self {
        let policy = Policy { logs: Vec::new(), witnesses: Vec::new(), groups: BTreeMap::new(), quorum: None };
        Self { policy, quorum: None, used: BTreeSet::new() }
    }
}

impl Reading {
    fn line(&mut self, words: &[&str]) -> Result<(), &'static str> {
        match words {
            ["log", key] => self.log(key, None),
            ["log", key, url] => self.log(key, Some(url)),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some(url)),
            ["group", name, enough, members @ ..] => self.group(name, enough, members),
            ["quorum", name] => self.enough(name),
            _ => Err("a line is `log`, `witness`, `group` or `quorum`, with what the format asks for"),
        }
    }

    fn log(&mut self, key: &str, url: Option<&&str>) -> Result<(), &'static str> {
        let key = pinned(key, Kind::Log)?;
        if self.policy.logs.iter().any(|known| known.key.bytes() == key.bytes() || known.key.name() == key.name()) {
            return Err("this log or its key is there already");
        }
        self.policy.logs.push(KnownLog { key, url: url.map(|&url| url.to_owned()) });
        Ok(())
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&&str>) -> Result<(), &'static str> {
        let key = pinned(key, Kind::Witness)?;
        self.is_new(name)?;
        if self.policy.witnesses.iter().any(|known| known.key.bytes() == key.bytes()) {
            return Err("this witness's key is there already");
        }
        self.policy.witnesses.push(KnownWitness { name: name.to_owned(), key, url: url.map(|&url| url.to_owned()) });
        Ok(())
    }

    fn group(&mut self, name: &str, enough: &str, members: &[&str]) -> Result<(), &'static str> {
        self.is_new(name)?;
        for &member in members {
            if !self.is_known(member) {
                return Err("a member of a group is defined on an earlier line");
            }
            if !self.used.insert(member.to_owned()) {
                return Err("a witness or group is a member once");
            }
        }
        let enough = match enough {
            "all" => Some(members.len()),
            "any" => Some(1),
            number => crate::checkpoint::number(number).and_then(|number| usize::try_from(number).ok()),
        };
        let enough = enough.filter(|enough| (1..=members.len()).contains(enough)).ok_or("a group asks for 1 to all of its members")?;
        let members = members.iter().map(|&member| member.to_owned()).collect();
        self.policy.groups.insert(name.to_owned(), Group { enough, members });
        Ok(())
    }

    fn enough(&mut self, name: &str) -> Result<(), &'static str> {
        if self.quorum.is_some() {
            return Err("there is one line `quorum`");
        }
        if name != "none" && !self.is_known(name) {
            return Err("the quorum is a witness or group that is defined on an earlier line");
        }
        self.quorum = Some((name != "none").then(|| name.to_owned()));
        Ok(())
    }

    fn is_known(&self, name: &str) -> bool {
        self.policy.groups.contains_key(name) || self.policy.witnesses.iter().any(|witness| witness.name == name)
    }

    fn is_new(&self, name: &str) -> Result<(), &'static str> {
        if name == "none" || self.is_known(name) { Err("this name is taken") } else { Ok(()) }
    }
}

fn pinned(key: &str, kind: Kind) -> Result<VerifierKey, &'static str> {
    VerifierKey::parse(key).ok().filter(|key| key.kind() == kind).ok_or("this is no key of the right kind")
}
