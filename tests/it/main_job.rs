//! The main job over HTTP: a hospital refers, the right borough holds the child at once, decides, hands over, and everything is on
//! the record.

mod conventions;
mod travels;
