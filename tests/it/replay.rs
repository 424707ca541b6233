//! A public record played through the hub: the contacts of services with Victoria Climbié, April 1999 to February 2000, after the
//! public inquiry (Cm 5730). What people did stays as the record has it. What the hub would have shown, refused and escalated at each
//! step is asserted, and written down for people to read.
//!
//! People are roles; nobody but the child is named, and she by the given name that the agencies wrote down.

mod brent;
mod chronology;
mod ealing;
mod enfield;
mod haringey;
mod record;
mod report;
mod stage;
mod winter;

use self::stage::Stage;

const EALING: &str = "E09000009";
const BRENT: &str = "E09000005";
const HARINGEY: &str = "E09000014";
const ENFIELD: &str = "E09000010";
const NORTH_MIDDLESEX: &str = "RAPNM";
const CENTRAL_MIDDLESEX: &str = "R1K04";

#[tokio::test]
async fn public_record_replay() {
    let mut stage = Stage::set().await;
    let ealing = ealing::spring(&mut stage).await;
    let june = brent::june(&mut stage, &ealing).await;
    ealing::summer(&mut stage, &ealing).await;
    let hospital = brent::july(&mut stage, &june).await;
    ealing::closing(&mut stage, &ealing).await;
    let admission = enfield::second_hospital(&mut stage).await;
    haringey::strategy(&mut stage, &admission).await;
    haringey::discharge(&mut stage, &admission).await;
    let letter = haringey::letters(&mut stage, &admission).await;
    brent::closing(&mut stage, &june, &hospital).await;
    winter::autumn(&mut stage, &admission).await;
    winter::last_days(&mut stage, &admission, &letter).await;
    chronology::one_line(&mut stage, &[&ealing, &june, &hospital, &admission, &letter]).await;
    stage.end().await;
}
