//! The made-up people of the demonstration: posts, not persons.

use std::collections::BTreeSet;

use kernel::{Borough, Org, Role, Site, directory::Directory};
use serde::Serialize;

/// Somebody to sign in as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Someone {
    /// What `hub token --as` takes; the subject of the token.
    pub id: String,
    /// The post.
    pub name: String,
    /// The organisation.
    pub org: Org,
    /// The organisation's name.
    pub org_name: String,
    /// What they may do.
    pub roles: BTreeSet<Role>,
    /// Where they can be reached, from the range kept for fiction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// The area that the demonstration plays in.
pub const AREA: &str = "Greater Manchester Combined Authority";

/// Those with whom one begins: they play the night.
pub const GUIDE: [&str; 5] = ["north-manchester-nurse", "manchester-night", "salford-night", "salford-manager", "board-auditor"];

/// Hospitals of the demonstration.
const HOSPITALS: [(&str, &str); 3] = [("RM301", "salford-royal"), ("RW602", "north-manchester"), ("RMC01", "royal-bolton")];

/// The posts of a borough: the last part of the id, the name, the role.
const POSTS: [(&str, &str, Role); 7] = [
    ("duty", "duty worker", Role::DutyWorker),
    ("night", "night duty worker", Role::DutyWorker),
    ("manager", "duty manager", Role::DutyManager),
    ("head", "head of service", Role::HeadOfService),
    ("director", "director of children’s services", Role::Director),
    ("author", "author of procedures", Role::ProcedureAuthor),
    ("system", "case system", Role::BoroughSystem),
];

/// Everybody in the demonstration.
#[must_use]
pub fn everybody() -> Vec<Someone> {
    let directory = Directory::get();
    let mut people: Vec<Someone> = directory.boroughs_of_area(AREA).flat_map(|borough| of_borough(&borough.code, &borough.name)).collect();
    for (code, id) in HOSPITALS {
        if let Some(site) = code.parse::<Site>().ok().and_then(|code| directory.site(&code)) {
            people.push(someone(&format!("{id}-nurse"), "A&E nurse", Org::Site(site.code.clone()), &site.name, Role::Referrer));
        }
    }
    people.push(someone("board-auditor", "auditor", Org::Board, "Safeguarding board", Role::BoardAuditor));
    people.push(someone("board-approver", "approver", Org::Board, "Safeguarding board", Role::BoardApprover));
    people.push(someone("board-author", "author of procedures", Org::Board, "Safeguarding board", Role::ProcedureAuthor));
    people.push(someone("hub-operator", "operator", Org::Hub, "Hub", Role::HubOperator));
    people
}

/// The posts of any borough, by its code.
#[must_use]
pub fn of_borough(code: &Borough, name: &str) -> Vec<Someone> {
    let slug = name.to_lowercase().replace([' ', '’', '\''], "-");
    POSTS.iter().map(|(post, title, role)| someone(&format!("{slug}-{post}"), title, Org::Borough(code.clone()), name, *role)).collect()
}

/// Somebody by id.
#[must_use]
pub fn by_id(id: &str) -> Option<Someone> {
    everybody().into_iter().find(|someone| someone.id == id)
}

fn someone(id: &str, title: &str, org: Org, org_name: &str, role: Role) -> Someone {
    let phone = role.is_person().then(|| "0161 496 0000".to_owned());
    Someone {
        id: id.to_owned(),
        name: format!("{org_name}, {title}"),
        org,
        org_name: org_name.to_owned(),
        roles: BTreeSet::from([role]),
        phone,
    }
}
