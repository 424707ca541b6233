//! `/api` and `/problems`: the documents of the services and the list of problems, for people to read.

use axum::{Router, extract::Path, response::Html, routing::get};
use utoipa::openapi::{OpenApi, PathItem, path::Operation};

use crate::problem::{PROBLEMS, Problem, ProblemType};

/// The pages about the API. They need no token and show nothing of any case.
pub fn routes(documents: &[(&'static str, OpenApi)]) -> Router {
    let index = page("The safeguarding hub's API", &index(documents));
    let all: String = PROBLEMS.iter().map(described).collect();
    let problems = page("Problems", &format!("<p>Every error is one of these, as RFC 9457 problem details.</p><dl>{all}</dl>"));
    Router::new()
        .route("/api", get(async move || Html(index)))
        .route("/problems", get(async move || Html(problems)))
        .route("/problems/{code}", get(problem))
}

async fn problem(Path(code): Path<String>) -> Result<Html<String>, Problem> {
    if let Some(problem) = PROBLEMS.iter().find(|problem| problem.code == code) {
        return Ok(Html(page(problem.title, &format!("<dl>{}</dl>", described(problem)))));
    }
    // The rules of each service have codes of their own, and say in each refusal what to do.
    let is_code = (1..=60).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let title = code.replace('_', " ");
    is_code.then(|| Html(page(&title, REFUSAL))).ok_or_else(Problem::not_found)
}

const REFUSAL: &str = "<p>The rules of the procedures said no (409). The answer's <code>detail</code> says what to do, and \
                       <code>state</code> shows how it stands now.</p>";

fn described(problem: &ProblemType) -> String {
    let ProblemType { code, status, title, advice } = problem;
    format!("<dt><code>{}</code> ({status})</dt><dd>{}. {}</dd>", escaped(code), escaped(title), escaped(advice))
}

/// Every operation of every service: method, path, and what it is about.
fn index(documents: &[(&'static str, OpenApi)]) -> String {
    let services: String = documents.iter().map(|(service, document)| of_service(service, document)).collect();
    format!("<p><a href=\"/problems\">What can go wrong</a></p>{services}")
}

fn of_service(service: &str, document: &OpenApi) -> String {
    let (title, about) = (escaped(&document.info.title), escaped(document.info.description.as_deref().unwrap_or_default()));
    let rows: String = document.paths.paths.iter().flat_map(|(path, item)| of_path(path, item)).collect();
    format!(
        "<h2>{title}</h2><p>{about} <a href=\"/api/{service}/openapi.json\">OpenAPI document</a></p>\
         <table><tr><th>Method<th>Path<th>What it does</tr>{rows}</table>"
    )
}

fn of_path(path: &str, item: &PathItem) -> Vec<String> {
    let methods = [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("DELETE", &item.delete)];
    let there = methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)));
    there
        .map(|(method, operation)| format!("<tr><td>{method}<td><code>{}</code><td>{}</tr>", escaped(path), escaped(&about(operation))))
        .collect()
}

fn about(operation: &Operation) -> String {
    let parts = [operation.summary.as_deref(), operation.description.as_deref()];
    parts.into_iter().flatten().map(str::trim).collect::<Vec<_>>().join(" ")
}

fn page(title: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><h1>{title}</h1>{body}</html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, http::Request};
    use tower::ServiceExt as _;
    use utoipa::openapi::{InfoBuilder, Paths, path::OperationBuilder};

    async fn ask(path: &str) -> (u16, String) {
        let operation = OperationBuilder::new().summary(Some("Shows <one> thing.")).build();
        let mut paths = Paths::new();
        paths.paths.insert("/api/x/things/{id}".to_owned(), PathItem::new(utoipa::openapi::HttpMethod::Get, operation));
        let document = OpenApi::new(InfoBuilder::new().title("Things").version("1").build(), paths);
        let response = routes(&[("x", document)]).oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn every_operation_is_listed_and_nothing_in_it_is_taken_for_markup() {
        let (status, html) = ask("/api").await;
        assert_eq!(status, 200);
        assert!(html.contains("<code>/api/x/things/{id}</code><td>Shows &lt;one&gt; thing."), "{html}");
    }

    #[tokio::test]
    async fn the_type_of_every_problem_can_be_looked_up() {
        for problem in PROBLEMS {
            assert_eq!(ask(&format!("/problems/{}", problem.code)).await.0, 200, "{}", problem.code);
        }
        assert_eq!(ask("/problems/not_the_holder").await.0, 200, "a refusal of the rules");
        assert_eq!(ask("/problems/No%20Such").await.0, 404);
    }
}
