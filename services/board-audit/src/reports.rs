//! The board's reports: what is counted, in words, and the figures with the events behind each.

pub(crate) mod chart;
pub(crate) mod facts;
pub(crate) mod sheet;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;

use kernel::Timestamp;
use serde::Serialize;
use sqlx::{Executor as _, PgConnection, PgPool, Postgres, Transaction};
use utoipa::ToSchema;

pub(crate) use facts::{Count, Fact, Over};

use crate::{SOURCES, chronology::name_of};

/// What the board can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    Pairs,
    Hours,
    Times,
    Declines,
    Escalations,
    Disputes,
    HandBacks,
    NightCases,
    Repeats,
    Overdue,
}

/// What a report is, in words.
pub(crate) struct About {
    /// Its name in addresses.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What is counted, and from when to when.
    pub(crate) definition: &'static str,
    /// What the labels of a row are.
    pub(crate) labels: &'static [&'static str],
    pub(crate) figures: &'static [&'static str],
}

/// The three figures of times.
const TIMES: [&str; 3] = ["handovers", "median_seconds", "p90_seconds"];

impl Report {
    pub(crate) const ALL: [Self; 10] = [
        Self::Pairs,
        Self::Hours,
        Self::Times,
        Self::Declines,
        Self::Escalations,
        Self::Disputes,
        Self::HandBacks,
        Self::NightCases,
        Self::Repeats,
        Self::Overdue,
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|report| report.about().name == name)
    }

    #[expect(clippy::too_many_lines, reason = "one entry for each report")]
    pub(crate) fn about(self) -> About {
        let pair = &["from", "to"];
        match self {
            Self::Pairs => About {
                name: "pairs",
                title: "Handovers by pair of boroughs",
                definition: "Transfers offered in the period, by who offered to whom; and how many of them were accepted (by voice too), declined, \
                             handed over, escalated and disputed at least once, whenever that was.",
                labels: pair,
                figures: &["offers", "accepted", "declined", "handed_over", "escalated", "disputed"],
            },
            Self::Hours => About {
                name: "hours",
                title: "Handovers by hour of the day",
                definition: "Transfers offered in the period, by the hour of the day in England at which they were offered; and those of them that were \
                             accepted or declined, by the hour at which that was first done.",
                labels: &["hour"],
                figures: &["offers", "accepted", "declined"],
            },
            Self::Times => About {
                name: "times",
                title: "How long handovers take",
                definition: "Of transfers offered in the period: the time from the offer until it was first delivered, seen, answered (accepted or declined), \
                             received and handed over, in seconds. Those to which it has not happened are not counted. The median and the 90th \
                             percentile are times that occurred (nearest rank).",
                labels: &["until"],
                figures: &TIMES,
            },
            Self::Declines => About {
                name: "declines",
                title: "Declines by reason",
                definition: "Declines of transfers offered in the period, by the reason that was given.",
                labels: &["reason"],
                figures: &["declines"],
            },
            Self::Escalations => About {
                name: "escalations",
                title: "Escalations by level",
                definition: "Each time that a level of the ladder was called: for a transfer offered in the period, and in the period for a referral that was \
                             not decided in time.",
                labels: &["level"],
                figures: &["transfers", "referrals"],
            },
            Self::Disputes => About {
                name: "disputes",
                title: "Disputes by pair of boroughs",
                definition: "Disputes about transfers offered in the period, and how many of them were settled.",
                labels: pair,
                figures: &["opened", "settled"],
            },
            Self::HandBacks => About {
                name: "hand-backs",
                title: "Hand-backs not taken",
                definition: "Offers of the period that hand back what had been handed over, by who hands back to whom, and how many of them nobody has \
                             accepted yet.",
                labels: pair,
                figures: &["hand_backs", "not_taken"],
            },
            Self::NightCases => About {
                name: "night-cases",
                title: "Night cases not taken by 10:00",
                definition: "In the period: children of the night that came on a day team's list at 09:00, and those that no day worker had taken by 10:00, \
                             when the duty manager was told. The times are those of the edition in force.",
                labels: &["borough"],
                figures: &["due", "not_taken"],
            },
            Self::Repeats => About {
                name: "repeat-referrals",
                title: "Repeat referrals without assessment",
                definition: "Referrals received in the period about a child of whom another referral, in any borough, was received in the 12 months before; \
                             and those where neither it nor any of those was decided as immediate protection, a section 47 enquiry or an assessment. \
                             Records that persons have linked are one child. A referral that was joined to another is not counted.",
                labels: &["borough"],
                figures: &["repeat", "without_assessment"],
            },
            Self::Overdue => About {
                name: "overdue-decisions",
                title: "Decisions past their clock",
                definition: "Referrals received in the period and transfers offered in it whose clock for a decision ran out: decided or answered after that, \
                             or not yet. By the borough that owned the referral or was asked. The clock is the one that was set when it began.",
                labels: &["borough"],
                figures: &["referrals_decided_late", "referrals_undecided", "transfers_answered_late", "transfers_unanswered"],
            },
        }
    }
}

/// A report over a period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Told {
    /// Its name in addresses.
    pub(crate) report: &'static str,
    pub(crate) title: &'static str,
    /// What is counted, in words.
    pub(crate) definition: &'static str,
    /// From this instant on.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) from: Timestamp,
    /// Up to, not including, this instant.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) to: Timestamp,
    /// Only what concerns this borough; everything where none is named.
    pub(crate) borough: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// What it rests on, in words.
    pub(crate) complete: String,
    /// The last position of each log that it rests on.
    pub(crate) positions: BTreeMap<String, i64>,
    /// What the labels of a row are.
    pub(crate) labels: &'static [&'static str],
    /// The names of the figures, in their order.
    pub(crate) figures: &'static [&'static str],
    pub(crate) rows: Vec<Row>,
}

/// One row of a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Row {
    /// The codes that it is about.
    pub(crate) labels: Vec<String>,
    /// The same in words.
    pub(crate) names: Vec<String>,
    pub(crate) figures: Vec<Figure>,
}

/// One figure, with the address of the events behind it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    /// Nothing where there is nothing to tell a time of.
    pub(crate) value: Option<i64>,
    /// Address of the events that it counts.
    pub(crate) events: String,
}

/// What is told in one place of a report.
#[derive(Clone, Copy, Default)]
struct Sum {
    count: i64,
    /// See [`Count::ranks`].
    ranks: Option<(i64, i64)>,
}

/// How far the record reaches.
pub(crate) struct Reach {
    pub(crate) positions: BTreeMap<String, i64>,
    parked: i64,
}

impl Reach {
    /// What a reader may rely on.
    pub(crate) fn words(&self) -> String {
        let reached: Vec<String> = self.positions.iter().map(|(service, position)| format!("{service}:{position}")).collect();
        let parked = match self.parked {
            0 => String::new(),
            n => format!(" Not complete: {n} of them could not be taken and wait for a person."),
        };
        format!("All positions up to {}.{parked}", reached.join(", "))
    }
}

/// The events that a report counts.
pub(crate) async fn facts(pool: &PgPool, report: Report, over: &Over) -> Result<Vec<Fact>, sqlx::Error> {
    let mut moment = moment(pool).await?;
    let facts = facts::read(&mut moment, report, over).await?;
    moment.commit().await?;
    Ok(facts)
}

/// A report, and how far the record reached when it was counted: one moment of the database for both.
pub(crate) async fn read(pool: &PgPool, report: Report, over: &Over) -> Result<Told, sqlx::Error> {
    let mut moment = moment(pool).await?;
    let reach = read_reach(&mut moment).await?;
    let counts = facts::count(&mut moment, report, over).await?;
    moment.commit().await?;
    Ok(tell(report, over, (counts, &reach)))
}

/// Enough memory to count years without files, which two of these at once can have.
async fn moment(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut moment = pool.begin().await?;
    moment.execute("set transaction isolation level repeatable read read only; set local work_mem = '64MB'").await?;
    Ok(moment)
}

/// How far the record reaches now.
pub(crate) async fn reach(pool: &PgPool) -> Result<Reach, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    read_reach(&mut connection).await
}

async fn read_reach(connection: &mut PgConnection) -> Result<Reach, sqlx::Error> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "select s.service, coalesce(i.position, 0), (select count(*) from log.parked p where p.source = s.service)
         from unnest($1::text[]) as s (service) left join log.inbox i on i.source = s.service",
    )
    .bind(SOURCES.as_slice())
    .fetch_all(connection)
    .await?;
    let parked = rows.iter().map(|(_, _, parked)| parked).sum();
    let positions = rows.into_iter().map(|(service, position, _)| (service, position)).collect();
    Ok(Reach { positions, parked })
}

/// The report that the counts make.
fn tell(report: Report, over: &Over, (counts, reach): (Vec<Count>, &Reach)) -> Told {
    let About { name, title, definition, labels, figures } = report.about();
    let mut rows: BTreeMap<Vec<String>, BTreeMap<String, Sum>> = BTreeMap::new();
    if report == Report::Hours {
        rows.extend((0..24).map(|hour| (vec![facts::hour(hour)], BTreeMap::new())));
    }
    for Count { labels, figure, count, ranks } in counts {
        let sum = rows.entry(labels).or_default().entry(figure).or_default();
        // The hours of many days come to one hour of the day; what has ranks is one count.
        *sum = Sum { count: sum.count + count, ranks };
    }
    let row = |(labels, counted): (Vec<String>, BTreeMap<String, Sum>)| {
        let address = |figure: &str| {
            let (row, to) = (encoded(&labels.join("~")), over.to);
            let borough = over.borough.as_ref().map(|borough| format!("&borough={borough}")).unwrap_or_default();
            format!("/api/audit/reports/{name}/events?from={}&to={to}{borough}&row={row}&figure={figure}", over.from)
        };
        let ranks = counted.get(TIMES[0]).and_then(|sum| sum.ranks);
        let figure = |figure: &'static str| match figure {
            "median_seconds" => Figure { name: figure, value: ranks.map(|(half, _)| half), events: address(TIMES[0]) },
            "p90_seconds" => Figure { name: figure, value: ranks.map(|(_, most)| most), events: address(TIMES[0]) },
            _ => Figure { name: figure, value: Some(counted.get(figure).map_or(0, |sum| sum.count)), events: address(figure) },
        };
        let names = labels.iter().map(|label| name_of(label)).collect();
        Row { names, figures: figures.iter().copied().map(figure).collect(), labels }
    };
    let rows = rows.into_iter().map(row).collect();
    let (complete, positions, borough) = (reach.words(), reach.positions.clone(), over.borough.clone());
    Told {
        report: name,
        title,
        definition,
        from: over.from,
        to: over.to,
        borough,
        as_of: over.as_of,
        complete,
        positions,
        labels,
        figures,
        rows,
    }
}

/// A text as it may stand in a query.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut address, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
        address
    })
}
