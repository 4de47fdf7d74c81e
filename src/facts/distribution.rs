//! `registry.*`: images as registries have them. Which ones is said by the checks, so their names are facts' names.

use super::registry::{TEXT_MAP, TEXTS, Type};
use super::table::{Def, Missing, def, def_or};
use super::{Fact, Facts, Value};
use crate::compose::roles::Found;
use crate::distribution::location::Location;
use crate::distribution::{self, Details, RegistryAnswer};
use crate::place::Place;
use std::collections::BTreeMap;
use std::time::SystemTime;
use tokio::task::JoinSet;

/// The most images that one run asks for.
pub const MOST_IMAGES: usize = 10;

/// An image that a registry has.
pub(super) struct PushedImage {
    details: Details,
    tag: Option<String>,
    now: SystemTime,
}

type RegistryRow = Def<fn(&PushedImage) -> Fact>;

const EXISTS: RegistryRow = def_or(
    Missing::False,
    "registry.<name>.exists",
    Type::Bool,
    "Whether a registry shows this image to everybody. `<name>` is an image as `docker pull` takes it, or a service (or its role), which stands for the `image` that it names.",
    |_| Fact::of(true),
);

/// The facts of each image.
pub(super) static FACTS: &[RegistryRow] = &[
    EXISTS,
    def(
        "registry.<name>.size",
        Type::Size,
        "The bytes of the image's layers as the registry stores them, compressed: of this machine's platform, else linux/amd64, else the first.",
        |it| {
            Fact::of(Value::Size(it.details.size)).because(match &it.details.platform {
                Some(platform) => format!("its layers for {platform}, compressed"),
                None => "its layers, compressed".to_owned(),
            })
        },
    ),
    def("registry.<name>.platforms", TEXTS, "The platforms that the image is for: `linux/amd64`.", |it| {
        Fact::of(it.details.platforms.clone())
    }),
    def("registry.<name>.tag", Type::Text, "The tag that was asked for: `latest` where the image names none.", |it| {
        Fact::maybe(it.tag.as_deref())
    }),
    def("registry.<name>.digest", Type::Text, "The digest that the tag leads to: `sha256:…`.", |it| {
        Fact::of(it.details.digest.as_str())
    }),
    def("registry.<name>.labels", TEXT_MAP, "The image's labels.", |it| {
        let labels = it.details.labels.iter().map(|(name, value)| (name.clone(), Fact::of(value.as_str())));
        Fact::of(Value::Map(labels.collect()))
    }),
    def("registry.<name>.layers", TEXTS, "The digests of the image's layers, unpacked.", |it| {
        Fact::of(it.details.layers.iter().map(|layer| Fact::of(layer.as_str())).collect::<Vec<_>>())
    }),
    def(
        "registry.<name>.created",
        Type::Text,
        "When the image was made, as it says itself: `2026-01-31T12:00:00Z`.",
        |it| it.made().map_or_else(undated, |(_, text)| Fact::of(text)),
    ),
    def("registry.<name>.age", Type::Duration, "The time since the image was made.", |it| match it.made() {
        // A clock that is ahead makes nothing older.
        Some((made, text)) => Fact::of(it.now.duration_since(made).unwrap_or_default()).because(format!("made {text}")),
        None => undated(),
    }),
];

fn undated() -> Fact {
    Fact::absent().because("the image does not say when it was made")
}

impl PushedImage {
    /// When it was made, if that can be read.
    fn made(&self) -> Option<(SystemTime, &str)> {
        let text = self.details.created.as_deref()?;
        Some((humantime::parse_rfc3339(text).ok()?, text))
    }
}

/// An image that a check names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedImage {
    /// As it stands in the fact's name: an image, a service of the Compose file, or its role.
    pub name: String,
    /// Whether more is wanted than whether it is there.
    pub details: bool,
}

/// An image to ask for, or the fact that says why there is none.
#[derive(Debug, Clone)]
pub struct AskedImage {
    named: NamedImage,
    image: Result<Location, Fact>,
    place: Option<Place>,
}

/// Finds the images that services and roles stand for.
pub fn resolve(named: Vec<NamedImage>, roles: &BTreeMap<String, Found>, facts: &Facts) -> Vec<AskedImage> {
    let asked = named.into_iter().enumerate().map(|(index, named)| {
        let (image, place) = match of_service(&named.name, roles, facts) {
            None => (Ok(named.name.clone()), None),
            Some(Ok((image, place))) => (Ok(image), place),
            Some(Err(fact)) => (Err(fact), None),
        };
        let image = image.and_then(|image| {
            if index >= MOST_IMAGES {
                return Err(Fact::unknown(format!("one run asks registries for {MOST_IMAGES} images at most")));
            }
            // Checks are held to this when they are read; a Compose file may say anything.
            let because = |why| Fact::absent().because(format!("`{image}` is no name of an image: {why}"));
            Location::of(&image).map_err(|why| because(why).at(place.clone()))
        });
        AskedImage { named, image, place }
    });
    asked.collect()
}

/// An image's name and the place that says it, or the fact that says why there is none.
type WrittenImage = Result<(String, Option<Place>), Fact>;

/// The image of a service, if the name is one or a role.
fn of_service(name: &str, roles: &BTreeMap<String, Found>, facts: &Facts) -> Option<WrittenImage> {
    if name.contains(['/', ':', '.', '@']) {
        return None;
    }
    let service = match roles.get(name) {
        Some(Ok(service)) => service,
        Some(Err(why)) => return Some(Err(Fact::absent().because(why.clone()))),
        None => name,
    };
    let found = facts.at(&["compose", "services", service])?;
    let image = facts.at(&["compose", "services", service, "image"]);
    if let Some((fact, text)) = image.and_then(|fact| Some((fact, fact.text()?))) {
        return Some(Ok((text.to_owned(), fact.place.clone())));
    }
    let why = format!(
        "the service `{service}` says no `image`; name the one that you push, as in `image: your-name/{service}:1.0`"
    );
    Some(Err(Fact::absent().because(why).at(found.place.clone())))
}

/// Asks for all of them at the same time.
pub async fn collect(asked: Vec<AskedImage>, doing: &dyn Fn(String)) -> Facts {
    let mut facts = Facts::default();
    let mut waiting = JoinSet::new();
    for AskedImage { named, image, place } in asked {
        match image {
            Err(fact) => put(&mut facts, &named.name, |_| fact.clone()),
            Ok(location) => {
                // Stays if the task should break.
                let broken = Fact::unknown(format!("{} could not be asked", location.registry));
                put(&mut facts, &named.name, |_| broken.clone());
                doing(format!("ask {} for {}", location.registry, location.repository));
                waiting.spawn(async move {
                    let answer = distribution::ask(&location, named.details).await;
                    (named, location, place, answer)
                });
            }
        }
    }
    while let Some(done) = waiting.join_next().await {
        let Ok((named, location, place, answer)) = done else { continue };
        put_answer(&mut facts, &named.name, &location, answer, place.as_ref());
    }
    facts
}

fn put(facts: &mut Facts, name: &str, fact: impl Fn(&RegistryRow) -> Fact) {
    for row in FACTS {
        facts.fill_of(name, row, fact(row));
    }
}

/// Puts the facts of one image by what its registry says.
fn put_answer(
    facts: &mut Facts,
    name: &str,
    location: &Location,
    answer: Result<RegistryAnswer, distribution::Error>,
    place: Option<&Place>,
) {
    let failed = |error| Fact::unknown(format!("{} {error}", location.registry)).at(place.cloned());
    let there = || Fact::of(true).at(place.cloned());
    match answer {
        Err(error) => put(facts, name, |_| failed(&error)),
        Ok(RegistryAnswer::No(why)) => {
            facts.fill_without_of(name, FACTS, &Fact::absent().because(why).at(place.cloned()));
        }
        Ok(RegistryAnswer::Yes(None)) => {
            put(facts, name, |_| Fact::absent().at(place.cloned()));
            facts.fill_of(name, &EXISTS, there());
        }
        Ok(RegistryAnswer::Yes(Some(Err(error)))) => {
            put(facts, name, |_| failed(&error));
            facts.fill_of(name, &EXISTS, there());
        }
        Ok(RegistryAnswer::Yes(Some(Ok(details)))) => {
            let reference = &location.reference;
            let tag = Some(reference.clone()).filter(|reference| !reference.contains(':'));
            let pushed = PushedImage { details, tag, now: SystemTime::now() };
            put(facts, name, |row| (row.value)(&pushed).at(place.cloned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Known;
    use std::time::{Duration, UNIX_EPOCH};

    fn asked(name: &str) -> Result<String, String> {
        let mut facts = Facts::default();
        let place = Place::line("compose.yaml", 3);
        let image = |image: &str| Fact::record([("image", Fact::of(image).at(place.clone()))]);
        facts.set(&["compose", "services", "web"], image("jane/hello:1.0"));
        facts.set(&["compose", "services", "bad"], image("Jane Doe/hello"));
        facts.set(&["compose", "services", "db"], Fact::record([("image", Fact::absent())]).at(place.clone()));
        let roles = BTreeMap::from([
            ("api".to_owned(), Ok("web".to_owned())),
            ("cache".to_owned(), Err("no service has an image that fits `redis*`".to_owned())),
        ]);
        let asked = resolve(vec![NamedImage { name: name.to_owned(), details: true }], &roles, &facts);
        match asked.into_iter().next().map(|asked| asked.image) {
            Some(Ok(location)) => Ok(format!("{} {}", location.base, location.repository)),
            Some(Err(fact)) => Err(format!("{} {}", fact.place.map_or(0, |_| 1), fact.because.unwrap_or_default())),
            None => panic!("nothing"),
        }
    }

    #[test]
    fn services_and_roles_stand_for_their_images() {
        let ours = || Ok("https://registry-1.docker.io/ jane/hello".to_owned());
        assert_eq!(asked("web"), ours());
        assert_eq!(asked("api"), ours());
        assert_eq!(asked("jane/hello"), ours());
        assert_eq!(asked("python"), Ok("https://registry-1.docker.io/ library/python".to_owned()));
        assert_eq!(asked("cache"), Err("0 no service has an image that fits `redis*`".to_owned()));
        let why = asked("db").unwrap_err();
        assert!(why.starts_with("1 the service `db` says no `image`; name the one"), "{why}");
        let why = asked("bad").unwrap_err();
        assert!(why.starts_with("1 `Jane Doe/hello` is no name of an image: "), "{why}");
    }

    #[test]
    fn no_more_images_are_asked_for_than_the_bound_says() {
        let named = (0..=MOST_IMAGES).map(|index| NamedImage { name: format!("a/{index}"), details: true }).collect();
        let asked = resolve(named, &BTreeMap::new(), &Facts::default());
        let refused: Vec<_> = asked.iter().filter_map(|asked| asked.image.as_ref().err()).collect();
        assert!(matches!(refused.as_slice(), [Fact { known: Known::Unknown(why), .. }] if why.contains("10 images")));
    }

    #[test]
    fn an_age_is_told_where_the_date_can_be_read() {
        let now = UNIX_EPOCH + Duration::from_secs(2 * 86400);
        let told = |created: Option<&str>| {
            let details = Details { size: 5, created: created.map(str::to_owned), ..Details::default() };
            let pushed = PushedImage { details, tag: None, now };
            let [.., created, age] = FACTS else { panic!("no rows") };
            let text = |row: &RegistryRow| (row.value)(&pushed).value().map(ToString::to_string);
            (text(created), text(age))
        };
        for (created, expected) in [
            (Some("1970-01-02T00:00:00.5Z"), Some("23h 59m 59s")),
            (Some("1999-01-02T00:00:00Z"), Some("0s")),
            (Some("0001-01-01T00:00:00Z"), None),
            (Some("yesterday"), None),
            (None, None),
        ] {
            let expected = expected.map(|age| (created.map(str::to_owned), Some(age.to_owned())));
            assert_eq!(told(created), expected.unwrap_or_default(), "{created:?}");
        }
    }
}
