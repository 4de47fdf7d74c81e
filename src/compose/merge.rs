//! How Compose lays one file over another (docs.docker.com/reference/compose-file/merge): texts are replaced, maps are
//! merged by their keys, lists are appended, mounts are told apart by their target.

use super::model::{Build, Healthcheck, Project, Service};

impl Project {
    /// Lays a later file over this one.
    pub(super) fn lay_over(&mut self, over: Self) {
        for (name, service) in over.services {
            match self.services.get_mut(&name) {
                Some(base) => base.lay_over(service),
                None => {
                    self.services.insert(name, service);
                }
            }
        }
        self.volumes.extend(over.volumes);
        self.networks.extend(over.networks);
    }
}

impl Service {
    /// Lays what a later file, or the extending service, says over this one. It keeps its place where it has one of its
    /// own, so that findings point at the Compose file and not at its override.
    pub(super) fn lay_over(&mut self, over: Self) {
        for key in &over.cleared {
            self.clear(key);
        }
        self.keys.extend(over.keys);
        replace(&mut self.image, over.image);
        match (&mut self.build, over.build) {
            (Some(base), Some(build)) => base.lay_over(build),
            (base, build) => replace(base, build),
        }
        for port in over.ports {
            if !self.ports.iter().any(|known| known.value == port.value) {
                self.ports.push(port);
            }
        }
        for mount in over.volumes {
            self.volumes.retain(|known| known.value.target != mount.value.target);
            self.volumes.push(mount);
        }
        self.depends_on.extend(over.depends_on);
        match (&mut self.healthcheck, over.healthcheck) {
            (Some(base), Some(healthcheck)) => base.lay_over(healthcheck),
            (base, healthcheck) => replace(base, healthcheck),
        }
        self.environment.extend(over.environment);
        self.networks.extend(over.networks);
        replace(&mut self.restart, over.restart);
        replace(&mut self.user, over.user);
        self.profiles.extend(over.profiles);
        self.watch.extend(over.watch);
    }

    fn clear(&mut self, key: &str) {
        match key {
            "image" => self.image = None,
            "build" => self.build = None,
            "ports" => self.ports.clear(),
            "volumes" => self.volumes.clear(),
            "depends_on" => self.depends_on.clear(),
            "healthcheck" => self.healthcheck = None,
            "environment" => self.environment.clear(),
            "networks" => self.networks.clear(),
            "restart" => self.restart = None,
            "user" => self.user = None,
            "profiles" => self.profiles.clear(),
            "develop" => self.watch.clear(),
            _ => return,
        }
        self.keys.remove(key);
    }
}

impl Build {
    fn lay_over(&mut self, over: Self) {
        if over.context.is_some() {
            self.directory = over.directory;
        }
        replace(&mut self.context, over.context);
        replace(&mut self.dockerfile, over.dockerfile);
        self.is_inline |= over.is_inline;
        replace(&mut self.target, over.target);
        self.args.extend(over.args);
    }
}

impl Healthcheck {
    fn lay_over(&mut self, over: Self) {
        replace(&mut self.test, over.test);
        replace(&mut self.interval, over.interval);
        replace(&mut self.timeout, over.timeout);
        replace(&mut self.start_period, over.start_period);
        replace(&mut self.retries, over.retries);
    }
}

fn replace<T>(base: &mut Option<T>, over: Option<T>) {
    if over.is_some() {
        *base = over;
    }
}
