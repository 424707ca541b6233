//! Reads an edition and says everything that is wrong with it.

use std::sync::Arc;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::edition::{Approval, Edition, Fault, FormField, Level, Retention};

mod check;
mod raw;

/// What is given to an edition when it is scheduled, and not written by its authors.
const GIVEN: [&str; 3] = ["number", "id", "in_force_from"];

impl Edition {
    /// Reads the text of an edition.
    ///
    /// # Errors
    /// Every fault of it, so that an author can mend all of them at once.
    pub fn parse(json: &str) -> Result<Self, Vec<Fault>> {
        Self::from_value(serde_json::from_str(json).map_err(|e| vec![Fault::shape("", e)])?)
    }

    /// The parts of an edition that were written down without a number and a time, which are given now.
    ///
    /// # Errors
    /// Every fault of it.
    pub fn numbered(mut parts: Map<String, Value>, number: u32, in_force_from: Timestamp) -> Result<Self, Vec<Fault>> {
        parts.insert("number".to_owned(), number.into());
        parts.insert("id".to_owned(), format!("edition-{number}").into());
        parts.insert("in_force_from".to_owned(), in_force_from.to_string().into());
        Self::from_value(Value::Object(parts))
    }

    pub(crate) fn from_value(value: Value) -> Result<Self, Vec<Fault>> {
        let Value::Object(parts) = value else { return Err(vec![Fault::shape("", "an edition is a JSON object")]) };
        let mut written = parts.clone();
        GIVEN.iter().for_each(|key| drop(written.remove(*key)));
        let mut reader = Reader { parts, faults: Vec::new() };
        let number = reader.take("number");
        let [id, title, note] = ["id", "title", "note"].map(|key| reader.text(key));
        let in_force_from = reader.take("in_force_from");
        let calendars = reader.calendars();
        let clocks = reader.clocks();
        let ladder = reader.list::<raw::Level>("escalation_ladder");
        let decline_reasons = reader.list("decline_reasons");
        let form: Vec<FormField> = reader.list("form");
        let retention: Vec<Retention> = reader.list("retention");
        let prompts = reader.take("prompts");
        let limits = reader.take("limits");
        let approval = reader.take_or_usual::<Approval>("approval");
        let mut faults = reader.end();
        check::clocks(&clocks, &calendars, &mut faults);
        check::ladder(&ladder, &mut faults);
        check::decline_reasons(&decline_reasons, &mut faults);
        check::form(&form, &mut faults);
        check::retention(&retention, &mut faults);
        if let Some(prompts) = &prompts {
            check::prompts(prompts, &mut faults);
        }
        check::approval(&approval, &mut faults);
        if let (Some(number), Some(id), Some(title), Some(note), Some(in_force_from), Some(prompts), Some(limits), true) =
            (number, id, title, note, in_force_from, prompts, limits, faults.is_empty())
        {
            let ladder = ladder.into_iter().filter_map(raw::Level::named).collect::<Vec<Level>>();
            let calendars = calendars.into_iter().filter_map(|(_, calendar)| calendar).map(Arc::new).collect();
            Ok(Self {
                number,
                id,
                title,
                note,
                in_force_from,
                decline_reasons,
                form,
                retention,
                prompts,
                limits,
                approval,
                written,
                calendars,
                clocks,
                ladder,
            })
        } else {
            Err(faults)
        }
    }
}

/// Takes the parts out of the text one by one and notes what is wrong with each.
struct Reader {
    parts: Map<String, Value>,
    faults: Vec<Fault>,
}

impl Reader {
    fn take<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let part = format!("/{key}");
        let Some(value) = self.parts.remove(key) else {
            self.faults.push(Fault::shape(&part, "is missing"));
            return None;
        };
        self.read(&part, value)
    }

    /// A part that older editions do not have.
    fn take_or_usual<T: DeserializeOwned + Default>(&mut self, key: &str) -> T {
        if self.parts.contains_key(key) { self.take(key).unwrap_or_default() } else { T::default() }
    }

    fn read<T: DeserializeOwned>(&mut self, part: &str, value: Value) -> Option<T> {
        serde_json::from_value(value).map_err(|e| self.faults.push(Fault::shape(part, e))).ok()
    }

    fn text(&mut self, key: &str) -> Option<String> {
        let text: String = self.take(key)?;
        if text.trim().is_empty() {
            self.faults.push(Fault::Empty { part: format!("/{key}") });
        }
        Some(text)
    }

    fn list<T: DeserializeOwned>(&mut self, key: &str) -> Vec<T> {
        let items: Vec<Value> = self.take(key).unwrap_or_default();
        items.into_iter().enumerate().filter_map(|(index, item)| self.read(&format!("/{key}/{index}"), item)).collect()
    }

    /// The calendars by name; one that cannot be used keeps its name, so that its clocks are not faulted for it too.
    fn calendars(&mut self) -> Vec<(String, Option<crate::calendar::Calendar>)> {
        let raws: Vec<raw::Calendar> = self.list("calendars");
        let mut calendars = Vec::new();
        for raw in raws {
            let name = raw.name.clone();
            let calendar = raw.build();
            let calendar = calendar.map_err(|e| self.faults.push(Fault::Calendar { calendar: name.clone(), why: e.to_string() })).ok();
            if calendars.iter().any(|(other, _)| *other == name) {
                self.faults.push(Fault::Twice { part: "/calendars".to_owned(), name: name.clone() });
            }
            calendars.push((name, calendar));
        }
        calendars
    }

    fn clocks(&mut self) -> Vec<crate::edition::Clock> {
        let raws: Vec<raw::Clock> = self.list("clocks");
        raws.into_iter().filter_map(|raw| raw.build().map_err(|fault| self.faults.push(fault)).ok()).collect()
    }

    fn end(mut self) -> Vec<Fault> {
        let unknown = self.parts.keys().map(|key| Fault::shape(&format!("/{key}"), "is not a part of an edition"));
        self.faults.extend(unknown);
        self.faults
    }
}
