//! The network of a run's own that its containers are on, apart from those of others.

use super::limits::MASQUERADE;
use crate::engine::Engine;
use crate::engine::connect::api::{ApiError, Doing};
use bollard::models::NetworkCreateRequest;
use std::collections::HashMap;

/// The name of the network; it is made when it is first asked for.
pub(crate) async fn own(engine: &Engine) -> Result<String, ApiError> {
    let name = engine.network.get_or_try_init(|| async {
        let name = format!("grader-{}-alone", engine.run.id);
        let options = engine.limits.no_egress.then(|| HashMap::from([(MASQUERADE.to_owned(), "false".to_owned())]));
        let request = NetworkCreateRequest {
            name: name.clone(),
            driver: Some("bridge".to_owned()),
            options,
            labels: Some(engine.run.labels().into_iter().collect()),
            ..NetworkCreateRequest::default()
        };
        engine.docker.create_network(request).await.doing(|| format!("make the network {name}"))?;
        Ok(name)
    });
    name.await.cloned()
}
