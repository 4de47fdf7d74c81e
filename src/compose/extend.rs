//! `extends`: a service takes over what another says, from the same file or another.

use super::model::{Project, Service};
use crate::place::Place;
use crate::yaml;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How many services may extend each other in a row.
const MAX_DEPTH: usize = 10;

/// How many values services may take over in all: as many as a file may hold.
pub(super) const MAX_TAKEN: usize = yaml::MAX_NODES;

/// Fills in every service that extends another. `file` gives the services of another file, by its path as written and
/// the place that names it. The answer is the place where more was taken over than is read.
pub(super) fn resolve(
    project: &mut Project,
    file: &mut dyn FnMut(&str, &Place) -> Option<Rc<Project>>,
) -> Option<Place> {
    // Beside the others until all are there: what was filled in already would be taken over twice.
    let mut filled = BTreeMap::new();
    let (mut taken, mut too_much) = (0, None);
    for (name, extends) in project.services.iter().filter_map(|(name, service)| Some((name, service.extends.as_ref()?)))
    {
        if let Some(service) = extended(project, name, file, MAX_DEPTH) {
            taken += service.values();
            filled.insert(name.clone(), service);
        }
        if taken > MAX_TAKEN {
            too_much = Some(extends.place.clone());
            break;
        }
    }
    project.services.extend(filled);
    too_much
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
