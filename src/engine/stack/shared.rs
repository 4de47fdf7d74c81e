//! Services that use the image which another service builds, such as one that migrates the database of the application.

use crate::engine::image::build::progress::familiar;
use serde_json::Value;

/// Gives a service that names the image of another one's `build` that build: Compose builds it once and pulls it never.
pub(crate) fn share(model: &mut Value) {
    let Some(services) = model.get_mut("services").and_then(Value::as_object_mut) else { return };
    let built: Vec<(String, Value)> = services
        .values()
        .filter_map(|service| Some((image(service)?, service.get("build").filter(|build| build.is_object())?.clone())))
        .collect();
    for service in services.values_mut().filter_map(Value::as_object_mut) {
        let is_pulled = service.get("pull_policy").and_then(Value::as_str) == Some("always");
        if is_pulled || service.get("build").is_some_and(|build| !build.is_null()) {
            continue;
        }
        let own = service.get("image").and_then(Value::as_str).map(name);
        if let Some((_, build)) = built.iter().find(|(image, _)| own.as_ref() == Some(image)) {
            service.insert("build".to_owned(), build.clone());
        }
    }
}

fn image(service: &Value) -> Option<String> {
    service.get("image")?.as_str().map(name)
}

/// An image's name in one form: `app` and `docker.io/library/app:latest` are the same.
fn name(image: &str) -> String {
    let image = familiar(image);
    let has_tag = image.contains('@') || image.rsplit('/').next().is_some_and(|last| last.contains(':'));
    if has_tag { image } else { format!("{image}:latest") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_one_service_builds_is_built_for_all_that_name_it() {
        let build = json!({"context": "/repo", "dockerfile": "Dockerfile"});
        let mut model = json!({"services": {
            "api": {"build": build, "image": "shop"},
            "migrate": {"image": "shop:latest"},
            "seed": {"image": "docker.io/library/shop", "build": null},
            "older": {"image": "shop:1.0"},
            "pulled": {"image": "shop", "pull_policy": "always"},
            "own": {"image": "shop", "build": {"context": "/own"}},
            "redis": {"image": "redis:7"},
        }});
        share(&mut model);
        let found = |name: &str| model["services"][name]["build"].clone();
        for name in ["api", "migrate", "seed"] {
            assert_eq!(found(name), build, "{name}");
        }
        for name in ["older", "pulled", "redis"] {
            assert_eq!(found(name), json!(null), "{name}");
        }
        assert_eq!(found("own"), json!({"context": "/own"}));
        share(&mut json!({"services": {"api": 5}}));
        share(&mut json!(null));
    }
}
