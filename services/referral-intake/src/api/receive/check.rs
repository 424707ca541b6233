//! From what was sent to what can be worked with. Nothing is refused for what is not known; every fault is listed at once, what the
//! edition in force makes compulsory among them.

use jiff::{Timestamp, civil::Date};
use kernel::{Borough, Site, directory::Directory, edition::Edition};
use service_kit::{Fault, Problem, clock::EARLIEST};

use super::{
    asked,
    body::{Maybe, NewChild, NewPlace, NewReferral, NewReferrer},
};
use crate::{
    identity::NhsNumber,
    personal::{SaidIdentity, SaidPlace, SaidReferrer},
    referral::{Danger, ParentKnows},
};

/// The longest concern, in characters.
const CONCERN: usize = 20_000;
/// The longest other free text.
const TEXT: usize = 10_000;
/// The longest name, role, telephone number or postcode.
const SHORT: usize = 200;
/// The longest address.
const ADDRESS: usize = 1_000;
/// How many children one referral may name: a large family and its cousins.
const CHILDREN: usize = 30;
/// How many names one child may have.
const NAMES: usize = 20;
/// How far the sender's clock may be ahead.
const AHEAD: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

/// A referral whose form has been checked, in plain words.
pub(crate) struct Checked {
    pub(crate) concern: String,
    pub(crate) referrer: Option<SaidReferrer>,
    pub(crate) found: CheckedPlace,
    pub(crate) danger_now: Danger,
    /// Whether that was answered; "not known" is an answer.
    pub(crate) danger_said: bool,
    pub(crate) children: Vec<CheckedChild>,
    pub(crate) with_the_child: Option<String>,
    pub(crate) parent_knows: ParentKnows,
    pub(crate) needs: Option<String>,
    pub(crate) done_already: Option<String>,
    pub(crate) occurred_at: Option<Timestamp>,
}

/// A place.
#[derive(Default)]
pub(crate) struct CheckedPlace {
    pub(crate) site: Option<Site>,
    pub(crate) borough: Option<Borough>,
    pub(crate) said: SaidPlace,
}

/// A child.
pub(crate) struct CheckedChild {
    pub(crate) identity: SaidIdentity,
    pub(crate) home: CheckedPlace,
    pub(crate) says: Option<String>,
    pub(crate) nhs_number_kept_as_text: bool,
}

/// Checks what was sent at an instant, on the local day that it falls on, by the form of the edition that is then in force.
///
/// # Errors
/// 422 with a pointer for each fault.
pub(crate) fn check(sent: &NewReferral, edition: &Edition, (now, today): (Timestamp, Date)) -> Result<Checked, Problem> {
    let mut form = Form { faults: asked::missing(&edition.form, sent), now, today };
    let children: Vec<CheckedChild> = match sent.children.known() {
        Some(children) if !children.is_empty() => children.iter().enumerate().map(|(at, child)| form.child(at, child)).collect(),
        Some(_) | None => vec![form.child(0, &NewChild::default())],
    };
    if children.len() > CHILDREN {
        form.fault("/children", format!("at most {CHILDREN} children; send the others in a referral of their own"));
    }
    let checked = Checked {
        concern: form.concern(&sent.concern),
        referrer: form.referrer(&sent.referrer),
        found: form.place("/child_is_now", &sent.child_is_now),
        danger_now: sent.danger_now.known().copied().unwrap_or(Danger::NotSure),
        danger_said: sent.danger_now.is_answered(|_| true),
        children,
        with_the_child: form.text("/with_the_child", &sent.with_the_child, TEXT),
        parent_knows: sent.parent_knows.known().copied().unwrap_or(ParentKnows::NotKnown),
        needs: form.text("/needs", &sent.needs, TEXT),
        done_already: form.text("/done_already", &sent.done_already, TEXT),
        occurred_at: form.occurred_at(sent.occurred_at.as_deref()),
    };
    if form.faults.is_empty() { Ok(checked) } else { Err(Problem::invalid(form.faults)) }
}

struct Form {
    faults: Vec<Fault>,
    now: Timestamp,
    today: Date,
}

impl Form {
    fn fault(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.faults.push(Fault::at(pointer, detail));
    }

    fn bounded(&mut self, pointer: &str, text: &str, most: usize) {
        if text.chars().count() > most {
            self.fault(pointer, format!("at most {most} characters"));
        }
    }

    /// A text, trimmed; an empty one is not known.
    fn text(&mut self, pointer: &str, text: &Maybe<String>, most: usize) -> Option<String> {
        let text = text.known().map(|text| text.trim()).filter(|text| !text.is_empty())?;
        self.bounded(pointer, text, most);
        Some(text.to_owned())
    }

    fn concern(&mut self, text: &str) -> String {
        if text.trim().is_empty() {
            self.fault("/concern", "say what worries you, in your own words");
        }
        self.bounded("/concern", text, CONCERN);
        text.trim().to_owned()
    }

    /// None for a member of the public who stays unnamed.
    fn referrer(&mut self, sent: &Maybe<NewReferrer>) -> Option<SaidReferrer> {
        let sent = sent.known()?;
        let said = SaidReferrer {
            name: self.text("/referrer/name", &sent.name, SHORT),
            role: self.text("/referrer/role", &sent.role, SHORT),
            phone: self.text("/referrer/phone", &sent.phone, SHORT),
        };
        match (sent.anonymous, said.name.is_some()) {
            (true, true) => {
                self.fault("/referrer/anonymous", "either a name, or anonymous: true, not both");
                None
            }
            (true, false) => None,
            (false, true) => Some(said),
            (false, false) => {
                self.fault("/referrer/name", "a name, or for a member of the public anonymous: true");
                None
            }
        }
    }

    fn place(&mut self, at: &str, sent: &Maybe<NewPlace>) -> CheckedPlace {
        let Some(sent) = sent.known() else { return CheckedPlace::default() };
        let directory = Directory::get();
        let site = sent.site.known().and_then(|code| self.site(&format!("{at}/site"), code));
        let given = sent.borough.known().and_then(|code| self.borough(&format!("{at}/borough"), code));
        let said = SaidPlace {
            address: self.text(&format!("{at}/address"), &sent.address, ADDRESS),
            postcode: self.text(&format!("{at}/postcode"), &sent.postcode, SHORT),
        };
        let by_postcode = || said.postcode.as_deref().and_then(|postcode| directory.guess_borough_by_postcode(postcode)).cloned();
        let borough = given.or_else(by_postcode);
        CheckedPlace { site, borough, said }
    }

    fn site(&mut self, pointer: &str, code: &str) -> Option<Site> {
        let site = code.trim().parse().ok();
        if site.is_none() {
            self.fault(pointer, "the ODS code of a hospital site, for instance RM301, or \"not_known\"");
        }
        site
    }

    fn borough(&mut self, pointer: &str, code: &str) -> Option<Borough> {
        let known = code.trim().parse().ok().and_then(|code| Directory::get().current(&code).cloned());
        if known.is_none() {
            self.fault(pointer, "the GSS code of a borough of the area, for instance E08000003, or \"not_known\"");
        }
        known
    }

    fn child(&mut self, index: usize, sent: &NewChild) -> CheckedChild {
        let at = format!("/children/{index}");
        let nhs_number = self.text(&format!("{at}/nhs_number"), &sent.nhs_number, SHORT);
        let kept_as_text = nhs_number.as_deref().is_some_and(|text| NhsNumber::parse(text).is_err());
        let identity = SaidIdentity {
            names: self.names(&at, &sent.names),
            date_of_birth: self.date_of_birth(&at, &sent.date_of_birth),
            age_about: sent.age_about.known().copied(),
            expected_on: self.expected_on(&at, &sent.expected_on),
            nhs_number,
            said_on: Some(self.today),
        };
        if identity.age_about.is_some_and(|age| age > 25) {
            self.fault(format!("{at}/age_about"), "an age in years of a child or young person, 0 to 25");
        }
        if identity.date_of_birth.is_some() && identity.expected_on.is_some() {
            self.fault(format!("{at}/expected_on"), "either a date of birth or an expected date, not both");
        }
        CheckedChild {
            identity,
            home: self.place(&format!("{at}/home"), &sent.home),
            says: self.text(&format!("{at}/child_says"), &sent.child_says, TEXT),
            nhs_number_kept_as_text: kept_as_text,
        }
    }

    fn names(&mut self, at: &str, sent: &Maybe<Vec<String>>) -> Vec<String> {
        let Some(names) = sent.known() else { return Vec::new() };
        if names.len() > NAMES {
            self.fault(format!("{at}/names"), format!("at most {NAMES} names"));
        }
        for (index, name) in names.iter().enumerate() {
            self.bounded(&format!("{at}/names/{index}"), name, SHORT);
        }
        names.iter().map(|name| name.trim()).filter(|name| !name.is_empty() && *name != "not_known").map(str::to_owned).collect()
    }

    fn date_of_birth(&mut self, at: &str, sent: &Maybe<String>) -> Option<String> {
        let text = sent.known()?.trim();
        match text.parse::<Date>() {
            Ok(day) if day.to_string() == text && day <= self.today => Some(text.to_owned()),
            Ok(day) if day > self.today => {
                self.fault(format!("{at}/date_of_birth"), "a day that is not in the future; for an unborn child use expected_on");
                None
            }
            Ok(_) | Err(_) => {
                self.fault(format!("{at}/date_of_birth"), "a day, for instance 2016-03-04; or age_about; or \"not_known\"");
                None
            }
        }
    }

    fn expected_on(&mut self, at: &str, sent: &Maybe<String>) -> Option<String> {
        let text = sent.known()?.trim();
        let good = text.parse::<Date>().is_ok_and(|day| day.to_string() == text);
        if !good {
            self.fault(format!("{at}/expected_on"), "a day, for instance 2027-01-20, or \"not_known\"");
        }
        good.then(|| text.to_owned())
    }

    fn occurred_at(&mut self, sent: Option<&str>) -> Option<Timestamp> {
        let sent = sent?;
        let Ok(at) = sent.parse::<Timestamp>() else {
            self.fault("/occurred_at", "an instant, for instance 2026-11-23T02:14:00Z");
            return None;
        };
        if at > self.now + AHEAD || at < EARLIEST {
            self.fault("/occurred_at", "an instant that is not in the future and not before 1900");
        }
        Some(at)
    }
}
