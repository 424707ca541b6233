//! The boroughs of England's combined authorities and of London, and the hospitals that stand in them.
//!
//! The lists are public reference data, compiled in; `data/README.md` says where they come from and how sure they are.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use crate::{Borough, Site};

mod files;
#[cfg(test)]
mod tests;

const AUTHORITIES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/authorities.json"));
const HOSPITALS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/hospitals.json"));

#[expect(clippy::expect_used, reason = "the lists are compiled in, and a test reads them")]
static EMBEDDED: LazyLock<Directory> =
    LazyLock::new(|| Directory::parse(AUTHORITIES, HOSPITALS).expect("data/authorities.json and data/hospitals.json can be read"));

/// Why the lists cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadDirectory {
    /// A file is not in the expected shape.
    #[error("{file} is not in the expected shape")]
    Shape {
        /// The file.
        file: &'static str,
        /// What the parser said.
        #[source]
        source: serde_json::Error,
    },
    /// A code stands for two boroughs, or for two sites.
    #[error("the code {code} is listed twice")]
    Twice {
        /// The code.
        code: String,
    },
    /// A hospital stands in a borough that is not listed.
    #[error("the site {site} stands in {borough}, which is not listed")]
    UnknownBorough {
        /// The site.
        site: Site,
        /// The borough.
        borough: Borough,
    },
}

/// A borough with children's services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoroughEntry {
    /// Its present code.
    pub code: Borough,
    /// Its name.
    pub name: String,
    /// The name of its area: a combined authority, or Greater London.
    pub area: String,
    /// Codes that it had before. They are still met in other systems' data.
    pub previous: Vec<Borough>,
}

/// A hospital site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteEntry {
    /// Its ODS code.
    pub code: Site,
    /// Its name.
    pub name: String,
    /// The borough it stands in, which is not the area it serves.
    pub borough: Borough,
    /// Its postcode, for instance `M6 8HD`.
    pub postcode: String,
    /// Whether the source was checked. An unchecked one is shown as such, and no borough is taken from its postcode.
    pub checked: bool,
}

/// The boroughs and the hospital sites.
#[derive(Clone, Debug)]
pub struct Directory {
    boroughs: BTreeMap<Borough, BoroughEntry>,
    previous: BTreeMap<Borough, Borough>,
    sites: BTreeMap<Site, SiteEntry>,
    postcodes: BTreeMap<String, Borough>,
}

impl Directory {
    /// The directory that the program carries.
    ///
    /// # Panics
    /// Never in a program whose tests pass: the lists are part of it.
    #[must_use]
    pub fn get() -> &'static Self {
        &EMBEDDED
    }

    /// Reads the two lists.
    ///
    /// # Errors
    /// When a list has another shape or the lists contradict themselves or each other.
    pub fn parse(authorities: &str, hospitals: &str) -> Result<Self, BadDirectory> {
        let mut directory =
            Self { boroughs: BTreeMap::new(), previous: BTreeMap::new(), sites: BTreeMap::new(), postcodes: BTreeMap::new() };
        files::boroughs(authorities)?.into_iter().try_for_each(|entry| directory.add_borough(entry))?;
        files::sites(hospitals)?.into_iter().try_for_each(|entry| directory.add_site(entry))?;
        Ok(directory)
    }

    /// A borough by its code, present or previous. A borough outside the listed areas is not known here.
    #[must_use]
    pub fn borough(&self, code: &Borough) -> Option<&BoroughEntry> {
        self.boroughs.get(self.previous.get(code).unwrap_or(code))
    }

    /// The present code of a borough.
    #[must_use]
    pub fn current(&self, code: &Borough) -> Option<&Borough> {
        self.borough(code).map(|entry| &entry.code)
    }

    /// Every borough, by code.
    pub fn boroughs(&self) -> impl Iterator<Item = &BoroughEntry> {
        self.boroughs.values()
    }

    /// The boroughs of an area, by code; none when there is no such area.
    pub fn boroughs_of_area<'a>(&'a self, area: &'a str) -> impl Iterator<Item = &'a BoroughEntry> {
        self.boroughs().filter(move |entry| entry.area == area)
    }

    /// The boroughs that share a borough's area, itself among them.
    pub fn neighbours<'a>(&'a self, code: &Borough) -> impl Iterator<Item = &'a BoroughEntry> {
        let area = self.borough(code).map(|entry| entry.area.as_str());
        self.boroughs().filter(move |entry| Some(entry.area.as_str()) == area)
    }

    /// The names of the areas.
    #[must_use]
    pub fn areas(&self) -> BTreeSet<&str> {
        self.boroughs().map(|entry| entry.area.as_str()).collect()
    }

    /// A hospital site by its ODS code.
    #[must_use]
    pub fn site(&self, code: &Site) -> Option<&SiteEntry> {
        self.sites.get(code)
    }

    /// Every hospital site, by code.
    pub fn sites(&self) -> impl Iterator<Item = &SiteEntry> {
        self.sites.values()
    }

    /// The borough that a hospital stands in.
    #[must_use]
    pub fn borough_of_site(&self, code: &Site) -> Option<&BoroughEntry> {
        self.site(code).and_then(|site| self.borough(&site.borough))
    }

    /// The borough of a postcode, if it is exactly that of a checked hospital site, whatever its spacing and case.
    ///
    /// Nothing more is guessed: a postcode is not a borough, districts and even single postcodes lie across borders.
    #[must_use]
    pub fn guess_borough_by_postcode(&self, postcode: &str) -> Option<&Borough> {
        self.postcodes.get(&squeezed(postcode))
    }

    fn add_borough(&mut self, entry: BoroughEntry) -> Result<(), BadDirectory> {
        for code in std::iter::once(&entry.code).chain(&entry.previous) {
            if self.boroughs.contains_key(code) || self.previous.contains_key(code) {
                return Err(BadDirectory::Twice { code: code.to_string() });
            }
        }
        self.previous.extend(entry.previous.iter().map(|old| (old.clone(), entry.code.clone())));
        self.boroughs.insert(entry.code.clone(), entry);
        Ok(())
    }

    fn add_site(&mut self, mut entry: SiteEntry) -> Result<(), BadDirectory> {
        let Some(borough) = self.current(&entry.borough).cloned() else {
            return Err(BadDirectory::UnknownBorough { site: entry.code, borough: entry.borough });
        };
        entry.borough = borough;
        if self.sites.contains_key(&entry.code) {
            return Err(BadDirectory::Twice { code: entry.code.to_string() });
        }
        if entry.checked {
            self.postcodes.insert(squeezed(&entry.postcode), entry.borough.clone());
        }
        self.sites.insert(entry.code.clone(), entry);
        Ok(())
    }
}

fn squeezed(postcode: &str) -> String {
    postcode.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}
