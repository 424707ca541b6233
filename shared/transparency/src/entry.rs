//! What an entry of a hub's log says of its own place. The bytes are those that the log hashes: fourteen fields, each behind its
//! length in four bytes.

/// The label that the entries of this shape begin with.
pub const LABEL: &[u8] = b"hub-log/1";

/// How many fields an entry has.
const FIELDS: usize = 14;

/// The place of an entry, as it says itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The service whose log it stands in.
    pub service: &'a str,
    /// Its position, from 1.
    pub position: u64,
    /// The stream it belongs to.
    pub stream: &'a str,
    /// Its version in the stream.
    pub version: u64,
}

impl<'a> Entry<'a> {
    /// Reads an entry. Nothing when it is none.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut fields = [[].as_slice(); FIELDS];
        for field in &mut fields {
            let (length, after) = rest.split_first_chunk::<4>()?;
            (*field, rest) = after.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        }
        let number = |bytes: &[u8]| u64::try_from(i64::from_be_bytes(bytes.try_into().ok()?)).ok();
        let [label, service, position, stream, version, ..] = fields;
        (label == LABEL && rest.is_empty()).then_some(())?;
        Some(Self {
            service: std::str::from_utf8(service).ok()?,
            position: number(position)?,
            stream: std::str::from_utf8(stream).ok()?,
            version: number(version)?,
        })
    }
}
