//! Health checks of containers and of services, seen sooner but judged no easier than Docker judges them.
//!
//! Docker probes first after a whole `interval`. With a long `start_period` and a short `start_interval` of ours the first
//! success is seen at once; failures do not count meanwhile, so the end of the wait is kept here: what is not healthy within
//! its own `start_period + retries × interval + timeout` fails, as it would have with Docker's own counting.

use crate::compose::duration;
use crate::engine::watch::pace::Pace;
use bollard::models::{HealthConfig, HealthcheckResult};
use serde_json::Value;
use std::time::Duration;

/// The longest wait unless the challenge says another, whatever the health check says.
pub const LIMIT: Duration = Duration::from_secs(120);
/// The time between two probes until the first success.
pub const START_INTERVAL: Duration = Duration::from_millis(300);

/// What Docker takes where nothing is said (moby, `daemon/health.go`), for the interval and for the timeout.
const STANDARD: Duration = Duration::from_secs(30);
/// The same for the failures in a row.
const RETRIES: u32 = 3;

/// The least time between two probes: more of them would keep the machine busy.
pub const LEAST_INTERVAL: Duration = Duration::from_secs(1);

/// A health check, with Docker's defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// `CMD` or `CMD-SHELL`, then the command.
    pub test: Vec<String>,
    /// The time between two probes.
    pub interval: Duration,
    /// How long one probe may take.
    pub timeout: Duration,
    /// How long failures at the start do not count.
    pub start_period: Duration,
    /// How many failures in a row make it unhealthy.
    pub retries: u32,
    /// How long it is waited for at most.
    pub most: Duration,
}

impl HealthCheck {
    /// Reads what the engine says of an image or a container; `None` where there is none, or `NONE`.
    pub fn of(config: Option<&HealthConfig>) -> Option<Self> {
        let config = config?;
        let test = config
            .test
            .clone()
            .filter(|test| test.first().is_some_and(|kind| !matches!(kind.as_str(), "NONE" | "")))?;
        let time = |nanoseconds: Option<i64>, default: Duration| {
            let set = nanoseconds.and_then(|it| u64::try_from(it).ok()).filter(|&it| it > 0);
            set.map_or(default, Duration::from_nanos)
        };
        Some(Self {
            test,
            interval: time(config.interval, STANDARD),
            timeout: time(config.timeout, STANDARD),
            start_period: time(config.start_period, Duration::ZERO),
            retries: config.retries.and_then(|it| u32::try_from(it).ok()).filter(|&it| it > 0).unwrap_or(RETRIES),
            most: LIMIT,
        })
    }

    /// The health check of a service of the resolved model, on an image with this one: what the service does not say, the
    /// image does. `None` where there is none.
    pub fn of_service(service: &Value, image: Option<&HealthConfig>) -> Option<Self> {
        let own = service.get("healthcheck");
        let field = |key: &str| own.and_then(|own| own.get(key));
        if field("disable").and_then(Value::as_bool) == Some(true) {
            return None;
        }
        let time = |key: &str| {
            let time = field(key).and_then(Value::as_str).and_then(duration::parse)?;
            Some(i64::try_from(time.as_nanos()).unwrap_or(i64::MAX))
        };
        let words = field("test").and_then(Value::as_array).filter(|test| !test.is_empty());
        let test = words.map(|words| words.iter().map(|word| word.as_str().unwrap_or_default().to_owned()).collect());
        let image = image.cloned().unwrap_or_default();
        Self::of(Some(&HealthConfig {
            test: test.or(image.test),
            interval: time("interval").or(image.interval),
            timeout: time("timeout").or(image.timeout),
            start_period: time("start_period").or(image.start_period),
            retries: field("retries").and_then(Value::as_i64).or(image.retries),
            start_interval: None,
        }))
    }

    /// The same with another bound of the wait.
    #[must_use]
    pub fn at_most(self, most: Option<Duration>) -> Self {
        Self { most: most.unwrap_or(self.most), ..self }
    }

    /// The same as it is run on a host that may be slow: a probe has longer to answer, and more is waited for it.
    #[must_use]
    pub fn here(self, pace: &Pace) -> Self {
        Self { timeout: pace.here(self.timeout), most: pace.here(self.most), ..self }
    }

    /// The time it has to become healthy by its own terms.
    pub fn window(&self) -> Duration {
        self.start_period.saturating_add(self.interval.saturating_mul(self.retries)).saturating_add(self.timeout)
    }

    /// The time that is waited for it.
    pub fn wait(&self) -> Duration {
        self.window().min(self.most)
    }

    /// The window as a sum, for people.
    pub fn window_text(&self) -> String {
        let time = |time: Duration| humantime::format_duration(time).to_string();
        let start = match self.start_period {
            Duration::ZERO => String::new(),
            start => format!("start period {} + ", time(start)),
        };
        let sum = format!(
            "{start}{} × interval {} + timeout {} = {}",
            self.retries,
            time(self.interval),
            time(self.timeout),
            time(self.window())
        );
        if self.window() > self.most { format!("{sum}, of which grader waits {}", time(self.most)) } else { sum }
    }

    /// A `start_period` in which no failure counts before the wait is over.
    pub fn patient_start_period(&self) -> Duration {
        self.window().max(self.most).saturating_add(LIMIT)
    }

    /// The same health check, set so that the first success is seen at once.
    pub fn sooner(&self) -> HealthConfig {
        let nanoseconds = |time: Duration| i64::try_from(time.as_nanos()).ok();
        HealthConfig {
            test: Some(self.test.clone()),
            interval: nanoseconds(self.interval.max(LEAST_INTERVAL)),
            timeout: nanoseconds(self.timeout),
            retries: Some(i64::from(self.retries)),
            // Docker must not start to count before the wait is over.
            start_period: nanoseconds(self.patient_start_period()),
            start_interval: nanoseconds(START_INTERVAL),
        }
    }

    /// The probe's command as it was written, for people.
    pub fn text(&self, shell: Option<&[String]>) -> String {
        let command = self.command(shell);
        let line = command.last().filter(|_| self.test.first().is_some_and(|kind| kind == "CMD-SHELL"));
        line.cloned().unwrap_or_else(|| command.join(" "))
    }

    /// The probe as a command of its own; `shell` is the image's, if it sets one.
    pub fn command(&self, shell: Option<&[String]>) -> Vec<String> {
        let (kind, command) = self.test.split_first().map_or(("CMD", &[][..]), |(kind, rest)| (kind.as_str(), rest));
        if kind != "CMD-SHELL" {
            return command.to_vec();
        }
        let standard = ["/bin/sh".to_owned(), "-c".to_owned()];
        let shell = shell.filter(|shell| !shell.is_empty()).unwrap_or(&standard);
        [shell, command].concat()
    }
}

/// Whether a probe can't ever succeed in this container: its program is missing, or may not be run.
pub fn is_hopeless(probe: &HealthcheckResult) -> bool {
    let output = probe.output.as_deref().unwrap_or_default();
    match probe.exit_code {
        Some(126 | 127) => true,
        Some(-1) => output.contains("OCI runtime exec failed"),
        _ => false,
    }
}

/// What a probe said, for people: `exit code 127: /bin/sh: 1: curl: not found`.
pub fn probe_text(probe: &HealthcheckResult) -> String {
    let output = probe.output.as_deref().unwrap_or_default();
    let last: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = last.get(last.len().saturating_sub(3)..).unwrap_or_default().join("\n");
    match probe.exit_code {
        Some(-1) | None => last,
        Some(code) if last.is_empty() => format!("exit code {code}"),
        Some(code) => format!("exit code {code}: {last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn config(test: &[&str], interval: Option<i64>) -> HealthConfig {
        let test = Some(test.iter().map(|&part| part.to_owned()).collect());
        HealthConfig { test, interval, ..HealthConfig::default() }
    }

    #[test]
    fn docker_s_defaults_are_filled_in() {
        let check = HealthCheck::of(Some(&config(&["CMD", "true"], None))).unwrap();
        assert_eq!(check.window(), Duration::from_secs(120));
        assert_eq!(check.window_text(), "3 × interval 30s + timeout 30s = 2m");
        assert_eq!(HealthCheck::of(Some(&config(&["NONE"], None))), None);
        assert_eq!(HealthCheck::of(Some(&config(&[], None))), None);
        assert_eq!(HealthCheck::of(None), None);
    }

    #[test]
    fn a_long_interval_costs_no_longer_than_the_limit_and_the_whole_sum_is_said() {
        let check = HealthCheck::of(Some(&config(&["CMD", "true"], Some(300_000_000_000)))).unwrap();
        assert_eq!(check.wait(), LIMIT);
        let text = "3 × interval 5m + timeout 30s = 15m 30s, of which grader waits 2m";
        assert_eq!(check.window_text(), text);
        let huge = HealthCheck { interval: Duration::MAX, ..check };
        assert_eq!(huge.wait(), LIMIT);
        assert!(huge.sooner().interval.is_none());
    }

    #[test]
    fn probes_are_a_second_apart_at_least_though_the_wait_stays() {
        let config = HealthConfig { start_interval: Some(1_000_000), ..config(&["CMD", "true"], Some(1_000_000)) };
        let check = HealthCheck::of(Some(&config)).unwrap();
        let sooner = check.sooner();
        assert_eq!((sooner.interval, sooner.start_interval), (Some(1_000_000_000), Some(300_000_000)));
        assert_eq!(check.window(), Duration::from_millis(30_003));
    }

    #[test]
    fn a_shell_probe_is_run_by_the_images_shell() {
        let check = HealthCheck::of(Some(&config(&["CMD-SHELL", "curl -f x || exit 1"], None))).unwrap();
        assert_eq!(check.command(None), ["/bin/sh", "-c", "curl -f x || exit 1"]);
        assert_eq!(
            check.command(Some(&["/bin/bash".into(), "-ec".into()])),
            ["/bin/bash", "-ec", "curl -f x || exit 1"]
        );
        let check = HealthCheck::of(Some(&config(&["CMD", "curl", "x"], None))).unwrap();
        assert_eq!(check.command(None), ["curl", "x"]);
    }

    #[test]
    fn only_what_can_not_be_run_is_hopeless() {
        let probe = |code, output: &str| HealthcheckResult {
            exit_code: Some(code),
            output: Some(output.into()),
            ..HealthcheckResult::default()
        };
        let missing =
            "OCI runtime exec failed: exec failed: exec: \"curl\": executable file not found in $PATH: unknown";
        assert!(is_hopeless(&probe(127, "/bin/sh: 1: curl: not found\n")));
        assert!(is_hopeless(&probe(126, "")));
        assert!(is_hopeless(&probe(-1, missing)));
        assert!(!is_hopeless(&probe(-1, "Health check exceeded timeout (1s)")));
        assert!(!is_hopeless(&probe(1, "connection refused")));
        assert_eq!(
            probe_text(&probe(127, "\n/bin/sh: 1: curl: not found\n")),
            "exit code 127: /bin/sh: 1: curl: not found"
        );
        assert_eq!(probe_text(&probe(1, "")), "exit code 1");
    }

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
                Some("start period 5s + 2 × interval 500ms + timeout 30s = 36s"),
            ),
            (
                json!({"healthcheck": {"test": ["CMD-SHELL", "x"], "timeout": "10s"}}),
                None,
                Some("3 × interval 30s + timeout 10s = 1m 40s"),
            ),
            (
                json!({"healthcheck": {"test": ["CMD", "x"], "interval": "5m0s", "retries": 1}}),
                None,
                Some("1 × interval 5m + timeout 30s = 5m 30s, of which grader waits 2m"),
            ),
        ] {
            let health = HealthCheck::of_service(&service, image.as_ref());
            assert_eq!(health.map(|health| health.window_text()).as_deref(), sum, "{service}");
        }
    }

    #[test]
    fn no_failure_counts_within_the_window() {
        let check = HealthCheck::of(Some(&config(&["CMD", "true"], None))).unwrap();
        let health = HealthCheck { interval: Duration::MAX, ..check };
        assert_eq!(health.wait(), LIMIT);
        assert!(health.patient_start_period() > health.wait());
    }
}
