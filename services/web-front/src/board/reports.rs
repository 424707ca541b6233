//! The board's reports: a chart with its table, over a period and a borough that one chooses, and the events behind each figure.

use axum::{
    extract::{Path, Query},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::{ToSpan as _, civil::Date};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{asked_in, cursor_of, kept, whole_days};
use crate::{api::plain, failure::Failure, form::Faults, me::Me, words};

/// What a report is asked over, as the form sends it, and behind which figure.
#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    borough: String,
    #[serde(default)]
    row: String,
    #[serde(default)]
    figure: String,
    #[serde(default)]
    cursor: String,
}

/// A period of whole days, and one borough or all.
struct Period {
    from: Date,
    to: Date,
    borough: String,
}

impl Asked {
    /// The period; four weeks up to today where nothing was asked.
    fn period(&self, today: Date) -> Result<Period, Faults> {
        let mut faults = Faults::default();
        let mut day = |field: &str, text: &str, usual: Option<Date>| {
            let read = if text.trim().is_empty() { usual } else { words::read_day(text) };
            if read.is_none() {
                faults.add(field, "Enter a day like 23/11/2026");
            }
            read
        };
        let to = day("to", &self.to, Some(today));
        let from = day("from", &self.from, to.unwrap_or(today).checked_sub(27.days()).ok());
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            faults.add("to", "Enter a day that is not before the first");
        }
        match from.zip(to) {
            Some((from, to)) if faults.is_empty() => Ok(Period { from, to, borough: self.borough.trim().to_owned() }),
            Some(_) | None => Err(faults),
        }
    }
}

impl Period {
    /// As the pages ask for it.
    fn question(&self) -> String {
        encoded(&[("from", &self.from.to_string()), ("to", &self.to.to_string()), ("borough", &self.borough)])
    }

    /// As the service is asked for it.
    fn asked(&self, more: &[(&str, &str)]) -> Result<String, Failure> {
        let (from, to) = whole_days(self.from, self.to).ok_or(Failure::NotFound)?;
        let (from, to) = (from.to_string(), to.to_string());
        Ok(encoded(&[&[("from", from.as_str()), ("to", &to), ("borough", &self.borough)], more].concat()))
    }
}

/// What was filled in, as a question of an address.
fn encoded(pairs: &[(&str, &str)]) -> String {
    let said = pairs.iter().filter(|(_, value)| !value.is_empty());
    form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish()
}

/// The list of reports.
pub(crate) async fn list(me: Me) -> Result<Response, Failure> {
    let found = me.get("/api/audit/reports").await?;
    Ok(me.page("reports.html", json!({ "reports": found.body["reports"], "absent": found.body["absent"] })))
}

/// One report.
pub(crate) async fn show(me: Me, Path(report): Path<String>, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let report = plain(&report)?;
    let form = json!({ "from": asked.from, "to": asked.to, "borough": asked.borough });
    let mut data = json!({ "name": report, "boroughs": boroughs(&me).await?, "values": form, "errors": Faults::default().shown() });
    let period = match asked.period(me.today()) {
        Ok(period) => period,
        Err(faults) => {
            data["errors"] = faults.shown();
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, me.page("report.html", data)).into_response());
        }
    };
    let told = me.get(&format!("/api/audit/reports/{report}?{}", period.asked(&[])?)).await?.body;
    data["rows"] = told["rows"].as_array().into_iter().flatten().map(|row| shown(row, &period)).collect();
    data["question"] = period.question().into();
    data["values"] = json!({ "from": written(period.from), "to": written(period.to), "borough": period.borough });
    data["told"] = told;
    Ok(me.page("report.html", data))
}

/// A day as the form has it.
fn written(day: Date) -> String {
    format!("{}/{}/{}", day.day(), day.month(), day.year())
}

/// A row with the address of the events behind each figure.
fn shown(row: &Value, period: &Period) -> Value {
    let figure = |figure: &Value| {
        let behind = |name: &str| asked_in(&figure["events"], name).unwrap_or_default();
        let question = encoded(&[("row", &behind("row")), ("figure", &behind("figure"))]);
        json!({ "name": figure["name"], "value": figure["value"], "question": format!("{}&{question}", period.question()) })
    };
    let figures: Vec<Value> = row["figures"].as_array().into_iter().flatten().map(figure).collect();
    json!({ "names": row["names"], "figures": figures })
}

/// The boroughs to choose from, for whoever may see more than one: those that have a desk.
async fn boroughs(me: &Me) -> Result<Vec<Value>, Failure> {
    if !me.audits() {
        return Ok(Vec::new());
    }
    let desks = me.get("/api/transfers/desks").await?.body;
    let choice = |desk: &Value| json!({ "value": desk["borough"], "text": desk["name"] });
    Ok(desks["items"].as_array().into_iter().flatten().map(choice).collect())
}

/// The chart alone, for the page to show.
pub(crate) async fn chart(me: Me, Path(report): Path<String>, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let bytes = file(&me, &report, &asked, "svg").await?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], bytes).into_response())
}

/// The report as a file for a spreadsheet.
pub(crate) async fn keep(me: Me, Path((report, form)): Path<(String, String)>, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let kind = match form.as_str() {
        "csv" => "text/csv; charset=utf-8",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => return Err(Failure::NotFound),
    };
    let bytes = file(&me, &report, &asked, &form).await?;
    Ok(kept(bytes, kind, &format!("{report}.{form}")))
}

async fn file(me: &Me, report: &str, asked: &Asked, form: &str) -> Result<axum::body::Bytes, Failure> {
    let report = plain(report)?;
    let period = asked.period(me.today()).map_err(|_| Failure::NotFound)?;
    me.file(&format!("/api/audit/reports/{report}?{}", period.asked(&[("as", form)])?)).await
}

/// The events that a figure counts, with the way to each child.
pub(crate) async fn events(me: Me, Path(report): Path<String>, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let report = plain(&report)?;
    let period = asked.period(me.today()).map_err(|_| Failure::NotFound)?;
    let behind = [("row", asked.row.as_str()), ("figure", &asked.figure), ("cursor", &asked.cursor)];
    let found = me.get(&format!("/api/audit/reports/{report}/events?{}", period.asked(&behind)?)).await?.body;
    let next = cursor_of(&found["next"]).map(|cursor| {
        let on = encoded(&[("row", &asked.row), ("figure", &asked.figure), ("cursor", &cursor)]);
        format!("{}&{on}", period.question())
    });
    let row: Vec<String> = asked.row.split('~').filter(|label| !label.is_empty()).map(words::org).collect();
    let data = json!({
        "name": report, "question": period.question(), "figure": asked.figure, "row": row, "events": found["items"], "next": next,
        "names_children": me.audits(),
    });
    Ok(me.page("report-events.html", data))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(from: &str, to: &str) -> Asked {
        Asked { from: from.to_owned(), to: to.to_owned(), ..Asked::default() }
    }

    #[test]
    fn a_report_is_over_four_weeks_where_nothing_is_asked_and_no_day_is_guessed() {
        let today = Date::constant(2026, 11, 27);
        let question = |from, to| asked(from, to).period(today).ok().map(|period| period.question());
        assert_eq!(question("", "").as_deref(), Some("from=2026-10-31&to=2026-11-27"));
        assert_eq!(question("1/11/2026", "2 11 2026").as_deref(), Some("from=2026-11-01&to=2026-11-02"));
        assert_eq!((question("yesterday", ""), question("2/11/2026", "1/11/2026")), (None, None));
    }

    #[test]
    fn a_figure_leads_to_the_events_of_its_row_over_the_same_period() {
        let period = asked("1/11/2026", "2/11/2026").period(Date::constant(2026, 11, 27)).ok().unwrap();
        let row = json!({ "names": ["A & B"], "figures": [{ "name": "p90_seconds", "value": 7,
            "events": "/api/audit/reports/times/events?from=x&to=y&row=a%26b~c&figure=handovers" }] });
        assert_eq!(shown(&row, &period)["figures"][0]["question"], "from=2026-11-01&to=2026-11-02&row=a%26b%7Ec&figure=handovers");
    }
}
