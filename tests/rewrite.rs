//! The model that is run: what Compose resolved, under names, ports, limits and images of the run's own.

use grader::engine::Limits;
use grader::engine::container::health::HealthCheck;
use grader::engine::stack::rewrite::{Rewrite, rewrite};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn rewritten(model: &Value) -> Value {
    let labels: BTreeMap<String, String> = [("dev.grader.run".to_owned(), "a$b".to_owned())].into();
    let images: BTreeMap<String, String> = [("api".to_owned(), "grader/x:1".to_owned())].into();
    let health: BTreeMap<String, HealthCheck> =
        HealthCheck::of_service(&json!({"healthcheck": {"test": ["CMD", "x"]}}), None)
            .map(|health| ("api".to_owned(), health))
            .into_iter()
            .collect();
    rewrite(
        model,
        &Rewrite { project: "run", labels: &labels, images: &images, health: &health, limits: Limits::default() },
    )
}

/// The rewritten service `api`.
fn service(service: &Value) -> Value {
    rewritten(&json!({"services": {"api": service}}))["services"]["api"].clone()
}

#[test]
fn a_whole_model() {
    let model = json!({
        "name": "shop",
        "services": {
            "api": {
                "build": {"context": "/repo", "dockerfile": "Dockerfile"},
                "image": "shop-api",
                "command": null,
                "container_name": "api",
                "environment": {"A": "x$$y"},
                "healthcheck": {"test": ["CMD", "curl", "$$HOST"], "interval": "30s", "start_period": "1s"},
                "networks": {"default": {"ipv4_address": "172.30.0.5", "aliases": ["web"]}},
                "restart": "always",
            },
            "redis": {"image": "redis:7", "networks": {"default": null}, "pull_policy": "always", "healthcheck": {"test": ["NONE"]}},
        },
        "networks": {
            "default": {
                "name": "shop_default",
                "ipam": {"config": [{"subnet": "172.30.0.0/24"}]},
                "driver_opts": {"com.docker.network.bridge.name": "docker0", "com.docker.network.driver.mtu": "1400"},
            },
        },
        "volumes": {"data": {"name": "shop_data"}, "more": null},
        "secrets": {"key": {"name": "shop_key", "file": "/repo/key"}},
    });
    insta::assert_snapshot!(serde_json::to_string_pretty(&rewritten(&model)).unwrap(), @r#"
{
  "name": "run",
  "networks": {
    "default": {
      "driver_opts": {
        "com.docker.network.driver.mtu": "1400"
      },
      "labels": {
        "dev.grader.run": "a$$b"
      }
    }
  },
  "secrets": {
    "key": {
      "file": "/repo/key"
    }
  },
  "services": {
    "api": {
      "cap_drop": [
        "MKNOD",
        "SETFCAP"
      ],
      "command": null,
      "environment": {
        "A": "x$$y"
      },
      "healthcheck": {
        "interval": "30s",
        "start_interval": "300ms",
        "start_period": "240s",
        "test": [
          "CMD",
          "curl",
          "$$HOST"
        ],
        "timeout": "30000ms"
      },
      "image": "grader/x:1",
      "labels": {
        "dev.grader.run": "a$$b"
      },
      "logging": {
        "driver": "json-file",
        "options": {
          "max-size": "10m"
        }
      },
      "mem_limit": "2147483648",
      "memswap_limit": "2147483648",
      "networks": {
        "default": {
          "aliases": [
            "web",
            "api"
          ]
        }
      },
      "pids_limit": 1024,
      "pull_policy": "never",
      "restart": "always",
      "security_opt": [
        "no-new-privileges:true"
      ]
    },
    "redis": {
      "cap_drop": [
        "MKNOD",
        "SETFCAP"
      ],
      "healthcheck": {
        "test": [
          "NONE"
        ]
      },
      "image": "redis:7",
      "labels": {
        "dev.grader.run": "a$$b"
      },
      "logging": {
        "driver": "json-file",
        "options": {
          "max-size": "10m"
        }
      },
      "mem_limit": "2147483648",
      "memswap_limit": "2147483648",
      "networks": {
        "default": null
      },
      "pids_limit": 1024,
      "pull_policy": "never",
      "security_opt": [
        "no-new-privileges:true"
      ]
    }
  },
  "volumes": {
    "data": {
      "labels": {
        "dev.grader.run": "a$$b"
      }
    },
    "more": {
      "labels": {
        "dev.grader.run": "a$$b"
      }
    }
  }
}
"#);
}

#[test]
fn ports_are_any_free_ones_of_this_machine() {
    let ports = json!([
        {"mode": "ingress", "target": 5000, "published": "5000", "protocol": "tcp"},
        {"mode": "host", "target": 5000, "published": "8080", "protocol": "tcp", "host_ip": "0.0.0.0"},
        {"mode": "ingress", "target": 53, "published": "53", "protocol": "udp"},
    ]);
    let moved = json!([
        {"mode": "ingress", "host_ip": "127.0.0.1", "target": 5000, "protocol": "tcp"},
        {"mode": "ingress", "host_ip": "127.0.0.1", "target": 53, "protocol": "udp"},
    ]);
    assert_eq!(service(&json!({"image": "x", "ports": ports}))["ports"], moved);
}

#[test]
fn what_ordinary_services_do_not_need_is_taken_away() {
    let all = json!(["MKNOD", "SETFCAP"]);
    for (written, dropped) in [
        (json!({}), all.clone()),
        (json!({"cap_drop": ["SETFCAP", "CHOWN"]}), json!(["SETFCAP", "CHOWN", "MKNOD"])),
        (json!({"cap_drop": ["ALL"], "cap_add": ["CHOWN"]}), json!(["ALL"])),
    ] {
        let found = service(&written);
        assert_eq!(found["cap_drop"], dropped, "{written}");
        assert_eq!(found["security_opt"], json!(["no-new-privileges:true"]));
        assert_eq!(found["logging"], json!({"driver": "json-file", "options": {"max-size": "10m"}}));
    }
    let silent = json!({"logging": {"driver": "none"}});
    assert_eq!(service(&silent)["logging"], silent["logging"]);
}

#[test]
fn without_a_way_out_services_still_reach_each_other() {
    let model =
        json!({"services": {"a": {"networks": {"n": null}}, "b": {"network_mode": "bridge"}}, "networks": {"n": {}}});
    let (labels, none, health) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let limits = Limits { no_egress: true, ..Limits::default() };
    let model = rewrite(&model, &Rewrite { project: "run", labels: &labels, images: &none, health: &health, limits });
    for name in ["n", "default", "grader-lone-b"] {
        let options = &model["networks"][name]["driver_opts"];
        assert_eq!(options, &json!({"com.docker.network.bridge.enable_ip_masquerade": "false"}), "{name}");
    }
    assert_eq!(model["services"]["b"]["networks"], json!({"grader-lone-b": {}}));
    assert!(model["services"]["b"].get("network_mode").is_none());
    assert_eq!(model["services"]["a"]["dns"], json!(["127.0.0.1"]));
}

#[test]
fn limits_are_set_in_the_form_that_is_used() {
    let most = 2_147_483_648_u64.to_string();
    for (written, expected) in [
        (json!({}), json!({"mem_limit": most, "memswap_limit": most, "pids_limit": 1024})),
        (
            json!({"mem_limit": "67108864", "pids_limit": 10}),
            json!({"mem_limit": "67108864", "memswap_limit": "67108864", "pids_limit": 10}),
        ),
        (
            json!({"memswap_limit": "-1", "mem_limit": "99999999999", "pids_limit": -1}),
            json!({"mem_limit": most, "memswap_limit": most, "pids_limit": 1024}),
        ),
        (
            json!({"mem_reservation": "99999999999"}),
            json!({"mem_limit": most, "memswap_limit": most, "mem_reservation": most, "pids_limit": 1024}),
        ),
        (
            json!({"deploy": {"resources": {"limits": {"memory": "99999999999", "pids": 20}}}}),
            json!({"deploy": {"resources": {"limits": {"memory": most, "pids": 20}}}, "memswap_limit": most}),
        ),
        (
            json!({"deploy": {"resources": {"limits": {"cpus": "0.5"}}}}),
            json!({"deploy": {"resources": {"limits": {"cpus": "0.5", "memory": most, "pids": 1024}}}, "memswap_limit": most}),
        ),
        (
            json!({"deploy": {"resources": {"limits": {"cpus": "0.5", "memory": "268435456"}}}}),
            json!({
                "deploy": {"resources": {"limits": {"cpus": "0.5", "memory": "268435456", "pids": 1024}}},
                "memswap_limit": "268435456",
            }),
        ),
        (
            json!({"deploy": {"resources": {"limits": {"pids": 5000}}}, "pids_limit": 5000}),
            json!({
                "deploy": {"resources": {"limits": {"memory": most, "pids": 1024}}},
                "memswap_limit": most,
                "pids_limit": 1024,
            }),
        ),
        (
            json!({"deploy": {"resources": {"reservations": {"memory": "99999999999"}}}}),
            json!({
                "deploy": {"resources": {"reservations": {"memory": most}}},
                "mem_limit": most,
                "memswap_limit": most,
                "pids_limit": 1024,
            }),
        ),
    ] {
        let mut found = service(&written);
        for key in ["labels", "pull_policy", "image", "healthcheck", "cap_drop", "security_opt", "logging"] {
            found.as_object_mut().unwrap().remove(key);
        }
        assert_eq!(found, expected, "{written}");
    }
}

#[test]
fn processors_are_limited_in_the_form_that_is_used() {
    let (labels, none, health) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let limits = Limits { cpus: Some(1.5), ..Limits::default() };
    let to = Rewrite { project: "run", labels: &labels, images: &none, health: &health, limits };
    let deployed = |cpus: &str| json!({"deploy": {"resources": {"limits": {"cpus": cpus}}}});
    for (written, own, under_deploy) in [
        (json!({}), json!(1.5), json!(null)),
        (json!({"cpus": 0.5}), json!(0.5), json!(null)),
        (json!({"cpus": 4}), json!(1.5), json!(null)),
        (deployed("0.5"), json!(null), json!("0.5")),
        (deployed("4"), json!(null), json!("1.5")),
        (json!({"deploy": {"resources": {"limits": {"memory": "67108864"}}}}), json!(null), json!("1.5")),
    ] {
        let found = rewrite(&json!({"services": {"api": written}}), &to)["services"]["api"].clone();
        assert_eq!(found["cpus"], own, "{written}");
        assert_eq!(found["deploy"]["resources"]["limits"]["cpus"], under_deploy, "{written}");
    }
}

#[test]
fn the_engines_own_network_is_never_joined_and_has_no_names() {
    for mode in ["bridge", "default"] {
        let model = rewritten(&json!({"services": {
            "api": {"network_mode": mode, "links": ["db:database"]},
            "b": {"network_mode": "none"},
            "db": {"network_mode": mode},
            "web": {"networks": {"default": null}},
        }}));
        let networks = |name: &str| model["services"][name]["networks"].clone();
        assert_eq!(networks("api"), json!({"grader-lone-api": {}}), "{mode}");
        // What is linked is known by its name to the one that links.
        assert_eq!(networks("db"), json!({"grader-lone-api": {}, "grader-lone-db": {}}), "{mode}");
        assert_eq!(networks("web"), json!({"default": null}), "{mode}");
        assert!(model["services"]["api"].get("network_mode").is_none());
        assert_eq!(model["services"]["b"]["network_mode"], json!("none"));
        assert_eq!(model["networks"]["grader-lone-api"]["labels"], json!({"dev.grader.run": "a$$b"}));
    }
    assert!(rewritten(&json!({"services": {"api": {"network_mode": "none"}}})).get("networks").is_none());
}

#[test]
fn what_was_let_pass_is_run() {
    let own = "no-new-privileges:true";
    for (written, expected) in [
        (json!(["seccomp:unconfined"]), json!(["seccomp:unconfined", own])),
        (json!(["no-new-privileges"]), json!(["no-new-privileges"])),
        (json!(["no-new-privileges:false"]), json!(["no-new-privileges:false"])),
        (json!([]), json!([own])),
    ] {
        assert_eq!(service(&json!({"security_opt": written}))["security_opt"], expected, "{written}");
    }
    let ours = json!({"driver": "json-file", "options": {"max-size": "10m"}});
    let elsewhere = json!({"driver": "syslog", "options": {"syslog-address": "udp://127.0.0.1:514"}});
    for (written, expected) in [
        (elsewhere.clone(), elsewhere),
        (json!({"driver": "local"}), ours.clone()),
        (json!({"driver": "json-file", "options": {"max-size": "1g"}}), ours.clone()),
        (json!({"options": {"max-size": "1g"}}), ours),
    ] {
        assert_eq!(service(&json!({"logging": written}))["logging"], expected, "{written}");
    }
}

#[test]
fn no_service_is_asked_for_its_health_more_often_than_each_second() {
    for (interval, expected) in [("1ms", json!("1s")), ("500ms", json!("1s")), ("1s", json!("1s")), ("5s", json!("5s"))]
    {
        let written = json!({"healthcheck": {"test": ["CMD", "x"], "interval": interval, "start_interval": "1ms"}});
        let health = BTreeMap::from([("api".to_owned(), HealthCheck::of_service(&written, None).unwrap())]);
        let (labels, none) = (BTreeMap::new(), BTreeMap::new());
        let to = Rewrite { project: "run", labels: &labels, images: &none, health: &health, limits: Limits::default() };
        let found = rewrite(&json!({"services": {"api": written}}), &to);
        let check = &found["services"]["api"]["healthcheck"];
        assert_eq!((&check["interval"], &check["start_interval"]), (&expected, &json!("300ms")), "{interval}");
        // The image's own, that the service says nothing of.
        let found = rewrite(&json!({"services": {"api": {}}}), &to);
        let raised = found["services"]["api"]["healthcheck"].get("interval").is_some();
        assert_eq!(raised, interval.ends_with("ms"), "{interval}");
    }
}

#[test]
fn a_model_of_any_shape_is_no_reason_to_fail() {
    for model in
        [json!(null), json!([]), json!({"services": []}), json!({"services": {"api": 5}, "networks": {"n": "x"}})]
    {
        let _ = rewritten(&model);
    }
}
