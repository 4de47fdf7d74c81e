//! The health check where the application does not run: one that succeeds there checks nothing.

use crate::engine::Engine;
use crate::engine::connect::api::ApiError;
use crate::engine::container::health::HealthCheck;
use crate::engine::container::{Spec, Standalone};
use crate::facts::Fact;
use crate::facts::registry::Type;
use crate::facts::table::{Def, def};
use bollard::models::HealthConfig;
use bollard::query_parameters::WaitContainerOptions;
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::timeout;

/// What came of the health check's command, run alone.
pub(in crate::facts) enum ProbeAlone {
    /// There is none.
    NoCheck,
    /// It could not be started; the command, and why.
    Refused(String, String),
    /// It ended with a code, or not in time.
    Ran(String, Option<i64>),
}

type ProbeRow = Def<fn(&ProbeAlone) -> Fact>;

/// The facts.
pub(in crate::facts) static FACTS: &[ProbeRow] = &[def(
    "container.healthcheck_fails_without_app",
    Type::Bool,
    "Whether the health check fails where the application does not run; one that does not checks nothing.",
    |probe| match probe {
        ProbeAlone::NoCheck => Fact::absent().because("the image has no health check"),
        ProbeAlone::Refused(text, why) => Fact::of(true).because(format!("`{text}` can't be run: {why}")),
        ProbeAlone::Ran(text, Some(0)) => {
            Fact::of(false).because(format!("`{text}` succeeds in a container where no application runs"))
        }
        ProbeAlone::Ran(text, Some(code)) => {
            Fact::of(true).because(format!("`{text}` ends with exit code {code} where no application runs"))
        }
        ProbeAlone::Ran(text, None) => {
            Fact::of(true).because(format!("`{text}` does not end in time where no application runs"))
        }
    },
)];

/// The longest that one probe is waited for; Docker's own default.
const LIMIT: Duration = Duration::from_secs(30);

/// Runs the health check's command as the only process of a container, with the image's user, folder, environment and
/// network (a check of something else than the application is to succeed), for as long as one probe may take.
pub(super) async fn fails_without_app(
    engine: &Engine,
    image: &str,
    check: Option<&HealthCheck>,
    shell: Option<&[String]>,
) -> Result<ProbeAlone, ApiError> {
    let Some(check) = check else { return Ok(ProbeAlone::NoCheck) };
    let command = check.command(shell);
    let text = check.text(shell);
    let none = HealthConfig { test: Some(vec!["NONE".into()]), ..HealthConfig::default() };
    let spec = Spec { image: image.to_owned(), entrypoint: Some(command), healthcheck: Some(none), ..Spec::default() };
    let standalone = match Standalone::start(engine, spec).await {
        Ok(standalone) => standalone,
        Err(error) => return Ok(ProbeAlone::Refused(text, error.refused()?.why)),
    };
    let ended = WaitContainerOptions { condition: "not-running".into() };
    let ended =
        timeout(check.timeout.min(LIMIT), engine.docker.wait_container(&standalone.id, Some(ended)).next()).await;
    let state = standalone.state().await;
    standalone.remove().await?;
    let code = state?.exit_code.filter(|_| ended.is_ok());
    Ok(ProbeAlone::Ran(text, code))
}
