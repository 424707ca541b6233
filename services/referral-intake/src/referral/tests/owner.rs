//! No wrong door: there is always an owner.

use kernel::directory::Directory;

use crate::{
    given::*,
    referral::{Found, OwnerBecause, owner_of},
};

fn owner(found: &Found) -> (String, OwnerBecause) {
    let owner = owner_of(found, &borough(OLDHAM), Directory::get());
    (owner.borough.to_string(), owner.because)
}

#[test]
fn the_borough_where_the_hospital_stands_owns_a_child_who_is_there() {
    let found = Found { site: Some("RM301".parse().unwrap()), borough: Some(borough(MANCHESTER)), address: None };
    assert_eq!(owner(&found), (SALFORD.to_owned(), OwnerBecause::ChildIsAtSite));
}

#[test]
fn the_borough_where_the_child_is_found_owns_it() {
    let found = Found { site: None, borough: Some(borough(MANCHESTER)), address: Some(sealed("x")) };
    assert_eq!(owner(&found), (MANCHESTER.to_owned(), OwnerBecause::ChildIsInBorough));
}

#[test]
fn where_nothing_is_known_the_borough_that_received_it_owns_it() {
    let unknown_site = Found { site: Some("ZZZ99".parse().unwrap()), borough: None, address: None };
    for found in [Found::default(), unknown_site] {
        assert_eq!(owner(&found), (OLDHAM.to_owned(), OwnerBecause::ReferralArrivedThere));
    }
}
