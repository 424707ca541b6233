//! Ports on 127.0.0.1 that nobody listens on.

use std::{
    net::{Ipv4Addr, TcpListener},
    process,
    sync::atomic::{AtomicU16, Ordering},
};

use crate::EmbeddedError;

/// Below the range from which the kernel takes ports for outgoing connections, so that a server that was killed finds
/// its port still free when it comes back.
const FIRST: u16 = 18_000;
const SPAN: u16 = 14_000;
const TRIES: u16 = 500;

/// Where this process looks next.
static NEXT: AtomicU16 = AtomicU16::new(0);

/// The port asked for, or a free one.
///
/// # Errors
/// [`EmbeddedError::PortInUse`] when the port asked for is taken.
pub(crate) fn choose(program: &'static str, asked: Option<u16>) -> Result<u16, EmbeddedError> {
    match asked {
        Some(port) if is_free(port) => Ok(port),
        Some(port) => Err(EmbeddedError::PortInUse { program, port }),
        None => free().ok_or(EmbeddedError::PortInUse { program, port: FIRST }),
    }
}

/// A free port. Processes with neighbouring ids look in places that are far apart.
fn free() -> Option<u16> {
    let start = process::id().wrapping_mul(61);
    (0..TRIES)
        .map(|_| {
            let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
            FIRST + u16::try_from(start.wrapping_add(step) % u32::from(SPAN)).unwrap_or(0)
        })
        .find(|port| is_free(*port))
}

/// Whether nobody listens on the port at this moment.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_asked_for_and_taken_is_refused_by_number() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
        let port = listener.local_addr().expect("an address").port();
        let error = choose("PostgreSQL", Some(port)).expect_err("it is taken");
        let expected =
            format!("port {port} on 127.0.0.1 is taken, so PostgreSQL cannot start: stop what listens there, or choose another port");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn two_free_ports_differ() {
        assert_ne!(choose("PostgreSQL", None).expect("a port"), choose("PostgreSQL", None).expect("a port"));
    }
}
