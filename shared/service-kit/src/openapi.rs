//! What every operation of every service has in common, written into its OpenAPI document in one place.

use utoipa::openapi::{
    Components, Content, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
    schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type},
    security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

use crate::problem::PROBLEMS;

/// Statuses of every operation.
const ALWAYS: [u16; 7] = [400, 401, 403, 422, 429, 500, 503];

/// Header parameters: component name, header, whether needed, what it is for.
const PARAMETERS: [(&str, &str, bool, &str); 4] = [
    (
        "IdempotencyKey",
        "Idempotency-Key",
        true,
        "1 to 255 visible ASCII characters. The same key and body give the first answer again; it never expires.",
    ),
    ("IfMatch", "If-Match", true, "The ETag that the decision was made on."),
    ("HubAfter", "Hub-After", false, "A Hub-Position: the answer is at least that fresh, or 503 after 2 s."),
    ("Traceparent", "traceparent", false, "W3C trace context; its trace id is the incident reference of an error."),
];

/// Completes a document: the bearer token, the shared headers and the shared problems. `unversioned` are the ids of those
/// operations on something that exists which take no `If-Match`.
#[must_use]
pub fn complete(mut document: OpenApi, unversioned: &[&str]) -> OpenApi {
    let components = document.components.get_or_insert_default();
    add_components(components);
    document.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("token", [])]);
    for (path, item) in &mut document.paths.paths {
        for (is_command, operation) in operations(item) {
            let versioned =
                is_command && path.contains('{') && !operation.operation_id.as_deref().is_some_and(|id| unversioned.contains(&id));
            complete_operation(operation, path, is_command, versioned);
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let reads = [item.get.as_mut(), item.head.as_mut()].into_iter().flatten().map(|operation| (false, operation));
    let commands = [item.post.as_mut(), item.put.as_mut(), item.patch.as_mut(), item.delete.as_mut()];
    reads.chain(commands.into_iter().flatten().map(|operation| (true, operation)))
}

fn complete_operation(operation: &mut Operation, path: &str, is_command: bool, versioned: bool) {
    let wanted: &[(&str, bool)] =
        &[("IdempotencyKey", is_command), ("IfMatch", versioned), ("HubAfter", !is_command), ("Traceparent", true)];
    let parameters = operation.parameters.get_or_insert_default();
    for (name, _) in wanted.iter().filter(|(_, wanted)| *wanted) {
        parameters.push(RefOr::Ref(Ref::new(format!("#/components/parameters/{name}"))));
    }
    let mut statuses = ALWAYS.to_vec();
    statuses.extend(path.contains('{').then_some(404));
    statuses.extend(if is_command { &[408, 409, 413, 415][..] } else { &[] });
    statuses.extend(if versioned { &[412, 428][..] } else { &[] });
    for status in statuses {
        let shared = RefOr::Ref(Ref::from_response_name(format!("Problem{status}")));
        operation.responses.responses.entry(status.to_string()).or_insert(shared);
    }
}

fn add_components(components: &mut Components) {
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.security_schemes.insert("token".to_owned(), RefOr::T(SecurityScheme::Http(token)));
    for (name, header, required, what) in PARAMETERS {
        components.parameters.insert(name.to_owned(), RefOr::T(parameter(header, required, what)));
    }
    components.schemas.insert("Problem".to_owned(), RefOr::T(problem()));
    let mut statuses: Vec<u16> = PROBLEMS.iter().map(|kind| kind.status).chain([409]).collect();
    statuses.sort_unstable();
    statuses.dedup();
    for status in statuses {
        components.responses.insert(format!("Problem{status}"), RefOr::T(response(status)));
    }
}

fn parameter(header: &str, required: bool, what: &str) -> Parameter {
    let required = if required { Required::True } else { Required::False };
    ParameterBuilder::new()
        .name(header)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(what))
        .schema(Some(text()))
        .build()
}

fn text() -> Schema {
    typed(Type::String)
}

fn typed(kind: Type) -> Schema {
    Schema::Object(ObjectBuilder::new().schema_type(SchemaType::Type(kind)).build())
}

fn response(status: u16) -> Response {
    let of_status: Vec<_> =
        PROBLEMS.iter().filter(|kind| kind.status == status).map(|kind| format!("`{}`: {}.", kind.code, kind.title)).collect();
    let what = if of_status.is_empty() { "The rules do not allow this now; `code` says why.".to_owned() } else { of_status.join(" ") };
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(what).content("application/problem+json", content).build()
}

fn problem() -> Schema {
    let fault =
        ObjectBuilder::new().property("pointer", text()).property("parameter", text()).property("detail", text()).required("detail");
    let members = ObjectBuilder::new()
        .description(Some("RFC 9457. Further members depend on the type, for instance state or holder."))
        .property("type", text())
        .property("title", text())
        .property("status", typed(Type::Integer))
        .property("code", text())
        .property("detail", text())
        .property("instance", text())
        .property("errors", ArrayBuilder::new().items(fault).build())
        .required("type")
        .required("title")
        .required("status")
        .required("code");
    Schema::Object(members.build())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use utoipa::openapi::{HttpMethod, InfoBuilder, PathsBuilder};

    fn document() -> Value {
        let operation = |id: &str| Operation::builder().operation_id(Some(id)).build();
        let paths = PathsBuilder::new()
            .path("/api/transfers", PathItem::new(HttpMethod::Post, operation("offer")))
            .path("/api/transfers/{id}", PathItem::new(HttpMethod::Get, operation("show")))
            .path("/api/transfers/{id}/accept", PathItem::new(HttpMethod::Post, operation("accept")))
            .path("/api/transfers/{id}/note", PathItem::new(HttpMethod::Post, operation("note")));
        let info = InfoBuilder::new().title("t").version("1").build();
        serde_json::to_value(complete(OpenApi::new(info, paths.build()), &["note"])).unwrap()
    }

    fn headers(operation: &Value) -> Vec<&str> {
        let of = |parameter: &'static str| format!("#/components/parameters/{parameter}");
        let has = |name| operation["parameters"].as_array().unwrap().contains(&json!({ "$ref": of(name) }));
        PARAMETERS.iter().map(|(name, _, _, _)| *name).filter(|name| has(name)).collect()
    }

    #[test]
    fn every_operation_has_the_headers_of_its_kind() {
        let document = document();
        let of = |path: &str, method: &str| headers(&document["paths"][path][method]).join(" ");
        assert_eq!(of("/api/transfers", "post"), "IdempotencyKey Traceparent");
        assert_eq!(of("/api/transfers/{id}", "get"), "HubAfter Traceparent");
        assert_eq!(of("/api/transfers/{id}/accept", "post"), "IdempotencyKey IfMatch Traceparent");
        assert_eq!(of("/api/transfers/{id}/note", "post"), "IdempotencyKey Traceparent");
    }

    #[test]
    fn every_reference_in_the_document_leads_somewhere() {
        fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
            match value {
                Value::Object(members) => {
                    found.extend(members.get("$ref").and_then(Value::as_str));
                    members.values().for_each(|member| references(member, found));
                }
                Value::Array(values) => values.iter().for_each(|value| references(value, found)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 20);
        for reference in found {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
        assert_eq!(document["openapi"], "3.1.0");
    }

    #[test]
    fn a_command_on_something_that_exists_can_be_stale_and_a_read_cannot() {
        let document = document();
        let statuses = |path: &str, method: &str| document["paths"][path][method]["responses"].as_object().unwrap().clone();
        assert!(statuses("/api/transfers/{id}/accept", "post").contains_key("412"));
        assert!(statuses("/api/transfers/{id}/accept", "post").contains_key("409"));
        assert!(!statuses("/api/transfers/{id}", "get").contains_key("412"));
        assert!(statuses("/api/transfers/{id}", "get").contains_key("404"));
    }
}
