//! How long a service may take to become healthy: its own health check says it.
//!
//! Docker counts failures only after `start_period`, and then `retries` of them, `interval` apart. A service that is not
//! healthy within `start_period + retries × interval + timeout` is judged not to be. To see health sooner, it is run with a
//! `start_period` that covers all of that and a short `start_interval`: nothing becomes unhealthy sooner, or healthy later.

use crate::compose::duration;
use bollard::models::HealthConfig;
use serde_json::Value;
use std::time::Duration;

/// No service is waited for longer unless the challenge says so, whatever its health check says.
pub const LIMIT: Duration = Duration::from_secs(120);
/// How far probes are apart until the first one succeeds.
pub const START_INTERVAL: Duration = Duration::from_millis(300);

/// What Docker takes where nothing is said (moby, `daemon/health.go`).
const INTERVAL: Duration = Duration::from_secs(30);
const TIMEOUT: Duration = Duration::from_secs(30);
const RETRIES: u32 = 3;

/// The timing of a service's health check, its own and its image's together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// How long failures do not count.
    pub start_period: Duration,
    /// The time between two probes.
    pub interval: Duration,
    /// How long one probe may take.
    pub timeout: Duration,
    /// How many failures in a row make it unhealthy.
    pub retries: u32,
    /// How long it is waited for at most.
    pub most: Duration,
}

impl Health {
    /// The health check of a service of the resolved model, on an image with this one. `None` where there is none.
    pub fn of(service: &Value, image: Option<&HealthConfig>) -> Option<Self> {
        let own = service.get("healthcheck");
        let field = |key: &str| own.and_then(|own| own.get(key));
        if field("disable").and_then(Value::as_bool) == Some(true) {
            return None;
        }
        let own_test = field("test").and_then(Value::as_array).filter(|test| !test.is_empty());
        let kind = match own_test {
            Some(test) => test.first().and_then(Value::as_str),
            None => image.and_then(|image| image.test.as_ref()).and_then(|test| test.first()).map(String::as_str),
        };
        kind.filter(|kind| !matches!(*kind, "NONE" | ""))?;
        let time = |key: &str, image: Option<i64>, default: Duration| {
            let own = field(key).and_then(Value::as_str).and_then(duration::parse);
            let image = image.and_then(|nanos| u64::try_from(nanos).ok()).map(Duration::from_nanos);
            own.or(image).filter(|time| !time.is_zero()).unwrap_or(default)
        };
        let retries = field("retries").and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok());
        let image_retries = image.and_then(|image| image.retries).and_then(|count| u32::try_from(count).ok());
        Some(Self {
            start_period: time("start_period", image.and_then(|image| image.start_period), Duration::ZERO),
            interval: time("interval", image.and_then(|image| image.interval), INTERVAL),
            timeout: time("timeout", image.and_then(|image| image.timeout), TIMEOUT),
            retries: retries.or(image_retries).filter(|&count| count > 0).unwrap_or(RETRIES),
            most: LIMIT,
        })
    }

    /// The same with another bound of the wait.
    #[must_use]
    pub fn at_most(self, most: Duration) -> Self {
        Self { most, ..self }
    }

    /// How long it may take to become healthy, by its own words.
    pub fn whole(&self) -> Duration {
        self.interval.saturating_mul(self.retries).saturating_add(self.start_period).saturating_add(self.timeout)
    }

    /// How long is waited for it.
    pub fn window(&self) -> Duration {
        self.whole().min(self.most)
    }

    /// A `start_period` in which no failure counts before the window has closed.
    pub fn patient_start_period(&self) -> Duration {
        self.whole().max(self.most).saturating_add(LIMIT)
    }

    /// The sum that the window is: `start_period 5s + 3 × interval 30s + timeout 10s = 105s`.
    pub fn sum(&self) -> String {
        let start = match self.start_period {
            Duration::ZERO => String::new(),
            start => format!("start_period {} + ", seconds(start)),
        };
        let sum = format!(
            "{start}{} × interval {} + timeout {} = {}",
            self.retries,
            seconds(self.interval),
            seconds(self.timeout),
            seconds(self.whole()),
        );
        if self.whole() > self.most { format!("{sum}; {} is the most that is waited", seconds(self.most)) } else { sum }
    }
}

/// Seconds as people write them: `5s`, `0.5s`.
pub fn seconds(time: Duration) -> String {
    let millis = (time.as_secs_f64() * 1000.0).round() / 1000.0;
    format!("{millis}s")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn image(test: &[&str]) -> HealthConfig {
        HealthConfig {
            test: Some(test.iter().map(|&word| word.to_owned()).collect()),
            interval: Some(5_000_000_000),
            retries: Some(2),
            ..HealthConfig::default()
        }
    }

    #[test]
    fn the_window_is_what_the_health_check_says() {
        for (service, image, sum) in [
            (json!({}), None, None),
            (json!({"healthcheck": {"interval": "5s"}}), None, None),
            (json!({"healthcheck": {"test": ["NONE"]}}), Some(image(&["CMD", "x"])), None),
            (json!({"healthcheck": {"disable": true}}), Some(image(&["CMD", "x"])), None),
            (json!({}), Some(image(&["NONE"])), None),
            (json!({}), Some(image(&["CMD", "x"])), Some("2 × interval 5s + timeout 30s = 40s")),
            (
                json!({"healthcheck": {"interval": "500ms", "start_period": "5s"}}),
                Some(image(&["CMD", "x"])),
                Some("start_period 5s + 2 × interval 0.5s + timeout 30s = 36s"),
            ),
            (
                json!({"healthcheck": {"test": ["CMD-SHELL", "x"], "timeout": "10s"}}),
                None,
                Some("3 × interval 30s + timeout 10s = 100s"),
            ),
            (
                json!({"healthcheck": {"test": ["CMD", "x"], "interval": "5m0s", "retries": 1}}),
                None,
                Some("1 × interval 300s + timeout 30s = 330s; 120s is the most that is waited"),
            ),
        ] {
            let health = Health::of(&service, image.as_ref());
            assert_eq!(health.map(|health| health.sum()).as_deref(), sum, "{service}");
        }
    }

    #[test]
    fn no_failure_counts_within_the_window() {
        let health =
            Health { start_period: Duration::ZERO, interval: Duration::MAX, timeout: TIMEOUT, retries: 3, most: LIMIT };
        assert_eq!(health.window(), LIMIT);
        assert!(health.patient_start_period() > health.window());
    }
}
