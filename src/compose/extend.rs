//! `extends`: a service takes over what another says, from the same file or another.

use super::model::{Project, Service};
use crate::place::Place;
use std::rc::Rc;

/// How many services may extend each other in a row.
const MAX_DEPTH: usize = 10;

/// Fills in every service that extends another. `file` gives the services of another file, by its path as written and
/// the place that names it.
pub(super) fn resolve(project: &mut Project, file: &mut dyn FnMut(&str, &Place) -> Option<Rc<Project>>) {
    let names: Vec<String> = project.services.keys().cloned().collect();
    for name in names {
        if let Some(service) = extended(project, &name, file, MAX_DEPTH) {
            project.services.insert(name, service);
        }
    }
}

/// The service with what it extends; `None` if it is not there or extends itself.
fn extended(
    project: &Project,
    name: &str,
    file: &mut dyn FnMut(&str, &Place) -> Option<Rc<Project>>,
    depth: usize,
) -> Option<Service> {
    let own = project.services.get(name)?.clone();
    let Some(extends) = own.extends.clone() else { return Some(own) };
    let depth = depth.checked_sub(1)?;
    let base = match &extends.file {
        None => extended(project, &extends.service, file, depth),
        Some(path) => file(path, &extends.place).and_then(|other| extended(&other, &extends.service, file, depth)),
    };
    let Some(mut service) = base else { return Some(own) };
    let place = own.place.clone();
    service.lay_over(own);
    Some(Service { place, extends: Some(extends), ..service })
}
