//! Whom the image runs as, in names and numbers.

use super::{InstructionStep, last, unseen};
use crate::facts::Fact;
use crate::outcome::Fault;
use std::fmt::Write;

/// Whom Docker runs the image as.
#[derive(Debug, PartialEq, Eq)]
enum Uid {
    Known(i64),
    /// A name that the image does not know: Docker refuses to start it.
    Unknown,
}

/// The facts of the image's user.
pub(super) struct User {
    pub name: Fact,
    pub group: Fact,
    pub uid: Fact,
    pub is_root: Fact,
}

impl User {
    /// `passwd` is the image's own, if it has one, or why it could not be read.
    pub(super) fn of(user: &str, passwd: &Result<Option<String>, Fault>, steps: &[InstructionStep]) -> Self {
        let said = last(steps, "USER");
        let place = said.or_else(|| last(steps, "FROM")).map(|step| step.place.clone());
        let mut why = match (said, user) {
            (Some(_), _) => format!("`USER {user}` is the last one of the stage that is built"),
            (None, "") => "there is no USER, so it runs as root".to_owned(),
            (None, _) => format!("there is no USER in the Dockerfile; the base image sets `{user}`"),
        };
        let named = Fact::of(name(user)).at(place.clone()).because(why.clone());
        let group = user.split_once(':').map(|(_, group)| group).filter(|group| !group.is_empty());
        let group = Fact::maybe(group).at(place.clone()).because(why.clone());
        let (uid, is_root) = match passwd.as_ref().map(|passwd| uid(user, passwd.as_deref().unwrap_or_default())) {
            Err(fault) => (unseen(fault), unseen(fault)),
            Ok(Uid::Unknown) => {
                why = format!("there is no user `{}` in the image's /etc/passwd", name(user));
                (Fact::absent(), Fact::absent())
            }
            Ok(Uid::Known(uid)) => {
                if uid == 0 && !matches!(name(user), "" | "0" | "root") {
                    let _ = write!(why, ", and its number in the image is 0"); // writing to a String can't fail
                }
                (Fact::of(uid), Fact::of(uid == 0))
            }
        };
        let uid = uid.at(place.clone()).because(why.clone());
        Self { name: named, group, uid, is_root: is_root.at(place).because(why) }
    }
}

/// The user of `USER app:staff`.
fn name(user: &str) -> &str {
    user.split(':').next().unwrap_or_default()
}

/// As runc finds it (`libcontainer/user`): the first line with that name or number, else the number itself.
fn uid(user: &str, passwd: &str) -> Uid {
    let name = match name(user) {
        "" => "0",
        name => name,
    };
    let number: Option<i64> = name.parse().ok().filter(|number| *number >= 0);
    let entries = passwd.lines().filter_map(|line| {
        let mut fields = line.split(':');
        Some((fields.next()?, fields.nth(1)?.parse::<i64>().ok()?))
    });
    let known = entries.into_iter().find(|(entry, uid)| *entry == name || Some(*uid) == number).map(|(_, uid)| uid);
    known.or(number).map_or(Uid::Unknown, Uid::Known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Known, Value};

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\nbad\n";

    #[test]
    fn users_are_numbered_as_the_engine_does() {
        for (user, expected) in [
            ("", Uid::Known(0)),
            ("root", Uid::Known(0)),
            ("0:0", Uid::Known(0)),
            ("toor", Uid::Known(0)),
            ("app", Uid::Known(1000)),
            ("app:staff", Uid::Known(1000)),
            ("4711", Uid::Known(4711)),
            ("1000:0", Uid::Known(1000)),
            ("root:root", Uid::Known(0)),
            ("00", Uid::Known(0)),
            (":1000", Uid::Known(0)),
            ("app:", Uid::Known(1000)),
            ("-1", Uid::Unknown),
            ("nobodyx", Uid::Unknown),
        ] {
            assert_eq!(uid(user, PASSWD), expected, "{user:?}");
        }
    }

    #[test]
    fn user_and_group_are_apart() {
        for (user, name, group) in [
            ("app:staff", "app", Some("staff")),
            ("1000:1000", "1000", Some("1000")),
            ("app:", "app", None),
            ("app", "app", None),
            ("", "", None),
        ] {
            let found = User::of(user, &Ok(Some(PASSWD.into())), &[]);
            assert_eq!((found.name.text(), found.group.text()), (Some(name), group), "{user:?}");
        }
    }

    #[test]
    fn an_unknown_name_is_neither_root_nor_not() {
        let fact = User::of("nobodyx", &Ok(Some(PASSWD.into())), &[]).is_root;
        assert_eq!(fact.known, Known::Absent);
        assert_eq!(fact.because.as_deref(), Some("there is no user `nobodyx` in the image's /etc/passwd"));
    }

    #[test]
    fn a_hidden_root_is_said_to_be_one() {
        let fact = User::of("toor", &Ok(Some(PASSWD.into())), &[]).is_root;
        assert_eq!(fact.value(), Some(&Value::Bool(true)));
        assert!(fact.because.as_ref().unwrap().ends_with("its number in the image is 0"), "{fact:?}");
    }
}
