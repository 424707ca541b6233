//! Every problem that the shared part of a service can answer with. Refusals of the rules have codes of their own (409).

/// One type of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProblemType {
    /// Stable code; the type is `/problems/<code>`.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What happened, the same for every occurrence.
    pub title: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:literal, $advice:literal;)*) => {
        $($(#[$doc])* pub const $name: ProblemType = ProblemType { code: $code, status: $status, title: $title, advice: $advice };)*

        /// All of them, for the documentation.
        pub const PROBLEMS: &[ProblemType] = &[$($name),*];
    };
}

problems! {
    /// The request cannot be read.
    MALFORMED = "malformed", 400, "The request cannot be read", "Send well-formed JSON in UTF-8.";
    /// A header is missing or cannot be read.
    BAD_HEADER = "bad_header", 400, "A header is missing or cannot be read", "Correct the header that is named in errors.";
    /// Nobody is signed in.
    UNAUTHENTICATED = "unauthenticated", 401, "You are not signed in", "Send a valid token in the Authorization header.";
    /// Signed in, and not allowed.
    FORBIDDEN = "forbidden", 403, "You may not do this", "Ask somebody whose role allows it.";
    /// Nothing here.
    NOT_FOUND = "not_found", 404, "There is nothing here", "Check the address, or whether you may see it.";
    /// The address exists and does not take this method.
    METHOD_NOT_ALLOWED = "method_not_allowed", 405, "This address does not take this method", "See the Allow header.";
    /// The body did not arrive in time.
    TIMEOUT = "timeout", 408, "The request did not arrive in time", "Send it again with the same Idempotency-Key.";
    /// Decided on an older version.
    STALE = "stale", 412, "Somebody changed this since you read it", "Look at the state now and decide again with its version.";
    /// The body is too large.
    TOO_LARGE = "too_large", 413, "The body is too large", "Send at most 256 KiB.";
    /// Not JSON.
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", 415, "The body is not JSON", "Send Content-Type: application/json.";
    /// The input cannot be taken.
    INVALID = "invalid", 422, "The input cannot be taken as it is", "Correct what errors points to and send it again.";
    /// The key was used for another command.
    KEY_REUSED = "key_reused", 422, "This Idempotency-Key was used for another command", "Use a new key for a new command.";
    /// `If-Match` is missing.
    VERSION_REQUIRED = "version_required", 428, "The version that you decided on is missing", "Send the ETag you read as If-Match.";
    /// Too many requests.
    TOO_MANY = "too_many_requests", 429, "Too many requests", "Wait as long as Retry-After says.";
    /// A bug or a broken part.
    INTERNAL = "internal", 500, "Something is broken here",
        "Nothing you did is the cause. Say the incident reference; if a child is in danger now, telephone the duty desk.";
    /// Not possible now.
    UNAVAILABLE = "unavailable", 503, "This cannot be answered now", "Try again after the time in Retry-After.";
    /// The view has not caught up with what the caller has seen.
    NOT_YET_VISIBLE = "not_yet_visible", 503, "What you did is recorded and not yet visible here", "Read again after Retry-After.";
}
