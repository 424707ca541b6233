//! A report as a table for other programs: CSV and XLSX.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::Told;

/// A cell that no spreadsheet takes for a formula.
pub(crate) fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// What a spreadsheet shows: the names of the columns, then the rows.
fn columns(told: &Told) -> Vec<String> {
    let codes = told.labels.iter().map(|label| (*label).to_owned());
    let names = told.labels.iter().map(|label| format!("{label}_name"));
    codes.chain(names).chain(told.figures.iter().map(|figure| (*figure).to_owned())).collect()
}

/// What stands beside the rows, so that a copy still says what it is.
fn beside(told: &Told) -> [(&'static str, String); 7] {
    [
        ("report", told.title.to_owned()),
        ("definition", told.definition.to_owned()),
        ("period_from", told.from.to_string()),
        ("period_to", told.to.to_string()),
        ("borough", told.borough.clone().unwrap_or_else(|| "all".to_owned())),
        ("as_of", told.as_of.to_string()),
        ("complete", told.complete.clone()),
    ]
}

/// The report as CSV: one heading; each row ends with the period, the as-of time and how far the record reached.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn csv(told: &Told) -> Result<Vec<u8>, csv::Error> {
    let mut sheet = csv::Writer::from_writer(Vec::new());
    let mut heading = columns(told);
    heading.extend(beside(told).iter().map(|(name, _)| (*name).to_owned()));
    sheet.write_record(&heading)?;
    for row in &told.rows {
        let texts = row.labels.iter().chain(&row.names).map(|text| harmless(text));
        let figures = row.figures.iter().map(|figure| figure.value.map_or_else(String::new, |value| value.to_string()));
        let beside = beside(told).into_iter().map(|(_, text)| harmless(&text));
        sheet.write_record(texts.chain(figures).chain(beside))?;
    }
    sheet.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// The report as a workbook: the table, and a second sheet that says what it is. No cell is a formula.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn xlsx(told: &Told) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Report")?;
    for (column, name) in (0..).zip(columns(told)) {
        sheet.write_string(0, column, name)?;
    }
    for (line, row) in (1..).zip(&told.rows) {
        let mut column = 0;
        for text in row.labels.iter().chain(&row.names) {
            sheet.write_string(line, column, harmless(text))?;
            column += 1;
        }
        for figure in &row.figures {
            if let Some(value) = figure.value.and_then(|value| i32::try_from(value).ok()) {
                sheet.write_number(line, column, value)?;
            }
            column += 1;
        }
    }
    let about = book.add_worksheet().set_name("About")?;
    for (line, (name, text)) in (0..).zip(beside(told)) {
        about.write_string(line, 0, name)?;
        about.write_string(line, 1, harmless(&text))?;
    }
    book.save_to_buffer()
}
