//! The shapes of the two files.

use serde::Deserialize;

use crate::{
    Borough, Site,
    directory::{BadDirectory, BoroughEntry, SiteEntry},
};

#[derive(Deserialize)]
struct Authorities {
    combined_authorities: Vec<Area>,
    greater_london: Area,
}

#[derive(Deserialize)]
struct Area {
    name: String,
    members: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    name: String,
    gss_code: String,
    previous_gss_code: Option<Borough>,
    children_services_authority: bool,
}

#[derive(Deserialize)]
struct Hospitals {
    hospitals: Vec<Hospital>,
    further: Vec<Hospital>,
    not_verified: Vec<Hospital>,
    historic: Vec<Hospital>,
}

#[derive(Deserialize)]
struct Hospital {
    name: String,
    site_code: Option<Site>,
    borough_code: Borough,
    postcode: String,
}

/// The members that hold children's services; the districts of a two-tier area do not.
pub(super) fn boroughs(json: &str) -> Result<Vec<BoroughEntry>, BadDirectory> {
    let file = "authorities.json";
    let shape = |source| BadDirectory::Shape { file, source };
    let list: Authorities = serde_json::from_str(json).map_err(shape)?;
    let mut boroughs = Vec::new();
    for area in list.combined_authorities.into_iter().chain([list.greater_london]) {
        for member in area.members.into_iter().filter(|member| member.children_services_authority) {
            let code = member.gss_code.parse().map_err(|e| shape(serde::de::Error::custom(e)))?;
            let previous = member.previous_gss_code.into_iter().collect();
            boroughs.push(BoroughEntry { code, name: member.name, area: area.name.clone(), previous });
        }
    }
    Ok(boroughs)
}

/// The sites with a code. One without cannot be referred to.
pub(super) fn sites(json: &str) -> Result<Vec<SiteEntry>, BadDirectory> {
    let list: Hospitals = serde_json::from_str(json).map_err(|source| BadDirectory::Shape { file: "hospitals.json", source })?;
    let checked = list.hospitals.into_iter().chain(list.further).map(|hospital| (hospital, true));
    let unchecked = list.not_verified.into_iter().chain(list.historic).map(|hospital| (hospital, false));
    let entries = checked.chain(unchecked);
    Ok(entries
        .filter_map(|(hospital, checked)| {
            let Hospital { name, site_code, borough_code, postcode } = hospital;
            site_code.map(|code| SiteEntry { code, name, borough: borough_code, postcode, checked })
        })
        .collect())
}
