//! Numbers for Prometheus: one recorder in the process, shared by every service in it.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Seconds. From a view that is in memory to a command on a slow disk.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Installs the recorder, the first time it is called; later calls find it there.
pub fn install() {
    RECORDER.get_or_init(|| match recorder() {
        Ok(handle) => Some(handle),
        Err(error) => {
            tracing::error!(error = %error, "numbers are not recorded: another recorder was there first");
            None
        }
    });
}

fn recorder() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)?.install_recorder()
}

/// The page that Prometheus reads; empty when nothing is recorded.
#[must_use]
pub fn render() -> String {
    RECORDER.get().and_then(Option::as_ref).map_or_else(String::new, |handle| {
        handle.run_upkeep();
        handle.render()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_second_install_keeps_the_first_ones_numbers() {
        super::install();
        ::metrics::counter!("hub_test_total").increment(2);
        super::install();
        ::metrics::counter!("hub_test_total").increment(1);
        assert!(super::render().contains("hub_test_total 3"), "{}", super::render());
    }
}
