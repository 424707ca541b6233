//! The templates: our own, which come with the program, over the GOV.UK components that set-up fetches.

use std::path::{Path, PathBuf};

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

use crate::words;

macro_rules! own {
    ($($name:literal),* $(,)?) => {
        /// Our own templates, by name.
        pub(crate) const OWN: &[(&str, &str)] = &[$(($name, include_str!(concat!("../templates/", $name)))),*];
    };
}

own![
    "base.html",
    "board.html",
    "case.html",
    "check.html",
    "child.html",
    "chronology.html",
    "compared.html",
    "contacts.html",
    "coverage.html",
    "danger.html",
    "decide.html",
    "desk.html",
    "draft-edit.html",
    "draft-text.html",
    "draft.html",
    "drafts.html",
    "editions.html",
    "failure.html",
    "field.html",
    "fields.html",
    "follow.html",
    "forms.html",
    "glass-ask.html",
    "glass.html",
    "glasses.html",
    "hand-back.html",
    "handover.html",
    "home.html",
    "learning.html",
    "looks.html",
    "missing.html",
    "night.html",
    "notices.html",
    "offer.html",
    "place.html",
    "plan.html",
    "powers.html",
    "procedure.html",
    "procedures.html",
    "proofs.html",
    "questions.html",
    "reading.html",
    "referral.html",
    "referrals.html",
    "report-events.html",
    "report.html",
    "reports.html",
    "sample.html",
    "samples.html",
    "search.html",
    "sent.html",
    "settings.html",
    "sign-in.html",
    "still.html",
    "tables.html",
    "transfer.html",
    "variation-end.html",
    "variations.html",
    "worries.html",
    "you.html",
];

/// Everything that a page is made with. `pages` is the directory that set-up makes.
pub(crate) fn environment(pages: &Path) -> Environment<'static> {
    let mut environment = Environment::new();
    // Escaping goes by the file's ending otherwise, and would be off for some.
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    let components = pages.join("govuk_frontend_jinja/templates");
    environment.set_loader(move |name| source(&components, name));
    words::add_to(&mut environment);
    environment.set_formatter(|out, state, value| {
        // Nothing is shown for nothing, and booleans as Jinja2's callers of these macros expect them.
        if value.is_none() || value.is_undefined() { Ok(()) } else { minijinja::escape_formatter(out, state, value) }
    });
    environment
}

fn source(components: &Path, name: &str) -> Result<Option<String>, Error> {
    if let Some((_, own)) = OWN.iter().find(|(own, _)| *own == name) {
        return Ok(Some((*own).to_owned()));
    }
    let Some(below) = name.strip_prefix("govuk_frontend_jinja/") else { return Ok(None) };
    let plain = below.split('/').all(|part| !part.is_empty() && part != ".." && part != ".");
    if !plain {
        return Ok(None);
    }
    let path: PathBuf = components.join(below);
    let failed = |_| Error::new(ErrorKind::InvalidOperation, "a component cannot be read: run `cargo xtask setup`");
    std::fs::read_to_string(path).map(Some).map_err(failed)
}

/// Renders a template.
pub(crate) fn render(environment: &Environment<'_>, name: &str, context: &Value) -> Result<String, Error> {
    environment.get_template(name)?.render(context)
}

#[cfg(test)]
#[path = "templates/tests.rs"]
mod tests;
