use super::*;

fn borough(code: &str) -> Borough {
    code.parse().unwrap()
}

fn site(code: &str) -> Site {
    code.parse().unwrap()
}

#[test]
fn a_borough_is_known_by_its_code_with_its_area() {
    let found = Directory::get().borough(&borough("E08000003")).unwrap();
    assert_eq!((found.name.as_str(), found.area.as_str()), ("Manchester", "Greater Manchester Combined Authority"));
    assert_eq!(Directory::get().borough(&borough("E06000999")), None);
}

#[test]
fn an_area_has_all_its_boroughs() {
    let directory = Directory::get();
    for (member, count) in [("E08000003", 10), ("E08000035", 5), ("E09000003", 33), ("E08000039", 4)] {
        let area = &directory.borough(&borough(member)).unwrap().area;
        assert_eq!(directory.boroughs_of_area(area).count(), count, "{area}");
        assert_eq!(directory.neighbours(&borough(member)).count(), count, "{area}");
    }
    assert_eq!(directory.boroughs_of_area("Wessex").count(), 0);
    assert_eq!(directory.areas().len(), 19);
}

#[test]
fn a_district_without_childrens_services_is_not_listed() {
    let area = "Cambridgeshire and Peterborough Combined Authority";
    let names: Vec<_> = Directory::get().boroughs_of_area(area).map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["Peterborough", "Cambridgeshire"]);
}

#[test]
fn a_previous_code_stands_for_the_present_borough() {
    let directory = Directory::get();
    for (old, new) in [("E08000019", "E08000039"), ("E08000016", "E08000038")] {
        assert_eq!(directory.current(&borough(old)), Some(&borough(new)));
        assert_eq!(directory.current(&borough(new)), Some(&borough(new)));
        assert_eq!(directory.neighbours(&borough(old)).count(), 4);
    }
    assert!(directory.boroughs().all(|entry| entry.code != borough("E08000019")));
}

#[test]
fn a_hospital_stands_in_one_listed_borough() {
    let directory = Directory::get();
    let salford = directory.site(&site("RM301")).unwrap();
    assert_eq!((salford.name.as_str(), salford.postcode.as_str(), salford.checked), ("Salford Royal Hospital", "M6 8HD", true));
    assert_eq!(directory.borough_of_site(&site("RM301")).unwrap().name, "Salford");
    assert!(directory.sites().all(|entry| directory.borough_of_site(&entry.code).is_some_and(|it| it.code == entry.borough)));
    assert_eq!(directory.borough_of_site(&site("RM3ZZ")), None);
}

#[test]
fn a_hospital_of_the_public_record_is_known_and_no_borough_is_taken_from_its_postcode() {
    let directory = Directory::get();
    let site = site("R1K04");
    assert_eq!(directory.borough_of_site(&site).unwrap().name, "Brent");
    assert!(!directory.site(&site).unwrap().checked);
}

#[test]
fn only_the_exact_postcode_of_a_checked_hospital_gives_a_borough() {
    let directory = Directory::get();
    assert_eq!(directory.guess_borough_by_postcode("M6 8HD"), Some(&borough("E08000006")));
    assert_eq!(directory.guess_borough_by_postcode(" m68hd"), Some(&borough("E08000006")));
    for other in ["M6 8HE", "M6", "M6 8H", "", "SW1A 1AA"] {
        assert_eq!(directory.guess_borough_by_postcode(other), None, "{other}");
    }
    for entry in directory.sites() {
        assert_eq!(directory.guess_borough_by_postcode(&entry.postcode).is_some(), entry.checked, "{}", entry.name);
    }
}

#[test]
fn lists_that_contradict_themselves_are_refused() {
    let member = r#"{"name": "A", "gss_code": "E08000003", "children_services_authority": true}"#;
    let authorities =
        |members: &str| format!(r#"{{"combined_authorities": [], "greater_london": {{"name": "L", "members": [{members}]}}}}"#);
    let hospital = r#"{"name": "H", "site_code": "RM301", "borough_code": "E08000003", "postcode": "M6 8HD"}"#;
    let hospitals = |list: &str| format!(r#"{{"hospitals": [{list}], "further": [], "not_verified": [], "historic": []}}"#);
    let parse = |members: &str, list: &str| Directory::parse(&authorities(members), &hospitals(list));
    assert!(parse(member, hospital).is_ok());
    assert!(matches!(parse(&format!("{member},{member}"), ""), Err(BadDirectory::Twice { .. })));
    assert!(matches!(parse(member, &format!("{hospital},{hospital}")), Err(BadDirectory::Twice { .. })));
    assert!(matches!(parse("", hospital), Err(BadDirectory::UnknownBorough { .. })));
    assert!(matches!(Directory::parse("{}", "{}"), Err(BadDirectory::Shape { file: "authorities.json", .. })));
}
