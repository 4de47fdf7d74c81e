//! Files that were probably meant where Docker or Compose finds none of the name that it looks for: the likeliest first.

use crate::compose::FILE_NAMES;

/// The most that are named.
const MOST: usize = 3;
/// How many folders below the expected one a file is looked for.
const DEEPEST: usize = 3;

/// What ends the name of something else: a picture, a document, an archive, source code, a template.
const OTHER_KINDS: &str = "png jpg jpeg gif svg webp bmp ico drawio pdf doc docx odt rtf html htm md rst adoc json yaml yml toml \
    xml csv ini cfg conf env py ipynb pyc js mjs ts tsx jsx css sh bash ps1 bat rb go rs java kt c h cc cpp cs php pl sql \
    lock log out zip gz tgz tar xz bz2 7z jar class exe o so dockerignore swp j2 jinja tpl tmpl template erb in patch diff";
/// What an editor, a browser or a person puts at the end of a name that is otherwise right.
const ENDINGS: [&str; 3] = [".txt", ".text", ".file"];
/// What marks a copy that is out of use.
const COPIES: [&str; 5] = [".bak", ".old", ".orig", ".save", "~"];

/// How much a name looks like the one that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// Only capital letters or blanks around it differ, or another program's name for the same.
    Same,
    /// It has an ending too many.
    Ending,
    /// It is misspelt.
    Misspelt,
    /// It is one of several: `Dockerfile.dev`, `app.dockerfile`.
    Variant,
    /// It is an old copy.
    Copy,
}

/// Of the repository's files, those that were probably meant as the Dockerfile at a path.
pub fn dockerfiles(path: &str, files: &[String]) -> Vec<String> {
    let (folder, wanted) = path.rsplit_once('/').unwrap_or(("", path));
    let likeness = |name: &str| like_a_dockerfile(name, wanted);
    likeliest(folder, files.iter().filter(|file| *file != path), &likeness)
}

/// Of the repository's files, those that were probably meant as the Compose file.
pub fn compose_files(files: &[String]) -> Vec<String> {
    let is_found = |file: &&String| FILE_NAMES.contains(&file.as_str());
    likeliest("", files.iter().filter(|file| !is_found(file)), &like_a_compose_file)
}

/// Of the repository's files, those that were probably meant as the file of commands at a path.
pub fn commands(path: &str, files: &[String]) -> Vec<String> {
    let (folder, wanted) = path.rsplit_once('/').unwrap_or(("", path));
    likeliest(folder, files.iter().filter(|file| *file != path), &|name| like_commands(name, wanted))
}

/// Names in quotes, so that a blank in them is seen.
pub fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

fn likeliest<'a>(
    folder: &str,
    files: impl Iterator<Item = &'a String>,
    likeness: &dyn Fn(&str) -> Option<Likeness>,
) -> Vec<String> {
    let mut found: Vec<_> = files
        .filter_map(|file| {
            let (beside, name) = file.rsplit_once('/').unwrap_or(("", file));
            let likeness = likeness(name)?;
            let depth = beside.split('/').filter(|part| !part.is_empty()).count();
            let is_hidden = beside.split('/').any(|part| part.starts_with('.') || part == "node_modules");
            // A right name in another folder is likelier than one of several here.
            let elsewhere = beside != folder;
            let rank = likeness as usize * 2 + usize::from(elsewhere) * 5;
            (depth <= DEEPEST).then_some(((is_hidden, rank, depth, file), file))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().take(MOST).map(|(_, file)| file.clone()).collect()
}

fn like_a_dockerfile(name: &str, wanted: &str) -> Option<Likeness> {
    let plain = name.trim().to_lowercase();
    if plain == wanted.to_lowercase() || plain == "dockerfile" || plain == "containerfile" {
        return Some(Likeness::Same);
    }
    if let Some(found) = ended(&plain, &|stem| like_a_dockerfile(stem, wanted)) {
        return Some(found);
    }
    if has_other_kind(&plain) {
        return None;
    }
    let is_one = |part: &str| part == "dockerfile" || part == "containerfile";
    if plain.split(['.', '-', '_']).any(is_one) {
        return Some(Likeness::Variant);
    }
    is_misspelt(&plain, "dockerfile", 2).then_some(Likeness::Misspelt)
}

fn like_a_compose_file(name: &str) -> Option<Likeness> {
    let plain = name.trim().to_lowercase();
    if FILE_NAMES.contains(&plain.as_str()) {
        return Some(Likeness::Same);
    }
    if let Some(found) = ended(&plain, &like_a_compose_file) {
        return Some(found);
    }
    let stem = plain.strip_suffix(".yaml").or_else(|| plain.strip_suffix(".yml"));
    // `docker-compose` alone, and `docker-compose.yml.yml`.
    let stem = match stem {
        Some(stem) => stem.strip_suffix(".yaml").or_else(|| stem.strip_suffix(".yml")).unwrap_or(stem),
        None if has_other_kind(&plain) => return None,
        None => &plain,
    };
    if is_misspelt(stem, "docker-compose", 2) || is_misspelt(stem, "compose", 1) {
        return Some(Likeness::Misspelt);
    }
    let is_yaml = stem.len() < plain.len();
    let mut parts = stem.split(['.', '-', '_']);
    (is_yaml && !stem.contains("override") && parts.any(|part| part == "compose")).then_some(Likeness::Variant)
}

fn like_commands(name: &str, wanted: &str) -> Option<Likeness> {
    let plain = name.trim().to_lowercase();
    let wanted = wanted.to_lowercase();
    if plain == wanted {
        return Some(Likeness::Same);
    }
    if let Some(found) = ended(&plain, &|stem| like_commands(stem, &wanted)) {
        return Some(found);
    }
    let stem = |name: &str| name.rsplit_once('.').map_or(name.to_owned(), |(stem, _)| stem.to_owned());
    let kind = plain.rsplit_once('.').map_or("", |(_, kind)| kind);
    if !matches!(kind, "" | "sh" | "bash" | "ps1" | "bat" | "cmd" | "txt") {
        return None;
    }
    is_misspelt(&stem(&plain), &stem(&wanted), 2).then_some(Likeness::Misspelt)
}

/// A name with an ending too many, or of an old copy.
fn ended(plain: &str, of: &dyn Fn(&str) -> Option<Likeness>) -> Option<Likeness> {
    let without = |endings: &[&str]| endings.iter().find_map(|ending| plain.strip_suffix(ending));
    match (without(&ENDINGS), without(&COPIES)) {
        (Some(stem), _) => of(stem).map(|found| found.max(Likeness::Ending)),
        (None, Some(stem)) => of(stem).map(|_| Likeness::Copy),
        (None, None) => None,
    }
}

fn has_other_kind(plain: &str) -> bool {
    plain.rsplit_once('.').is_some_and(|(_, kind)| OTHER_KINDS.split_ascii_whitespace().any(|other| other == kind))
}

/// Whether at most so many letters are wrong.
fn is_misspelt(plain: &str, right: &str, wrong: usize) -> bool {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    plain.len() <= right.len() + 8 && strsim::osa_distance(&letters(plain), &letters(right)) <= wrong
}

#[cfg(test)]
mod tests {
    use super::{compose_files, dockerfiles};

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn what_may_be_a_dockerfile_is_offered() {
        for (name, is_one) in [
            ("app/Dockerfile", true),
            ("app.dockerfile", true),
            ("app.Dockerfile", true),
            ("Containerfile", true),
            ("Dockerfile ", true),
            (" Dockerfile", true),
            ("dockerfile", true),
            ("DOCKERFILE", true),
            ("Dockerfile.txt", true),
            ("DockerFile.TXT", true),
            ("Dockerfile.dev", true),
            ("Dockerfile-prod", true),
            ("Dockerfile (1)", true),
            ("Dockerfile.bak", true),
            ("Dokcerfile", true),
            ("docker/app/Containerfile", true),
            ("dockerfile.png", false),
            ("Dockerfile.PDF", false),
            ("app.dockerfile.svg", false),
            ("Dockerfile.dockerignore", false),
            ("dockerfile_lint.py", false),
            ("Dockerfile.j2", false),
            ("docs/dockerfile.md", false),
            ("Makefile", false),
            ("docker-compose.yml", false),
            ("a/b/c/d/Dockerfile", false),
            ("Dockerfile/notes", false),
        ] {
            assert_eq!(dockerfiles("Dockerfile", &names(&[name])).len(), usize::from(is_one), "{name}");
        }
    }

    #[test]
    fn the_likeliest_is_first_whatever_the_order() {
        let likeliest = [
            "DockerFile",
            "Dockerfile.txt",
            "Dokcerfile",
            "app/Dockerfile",
            "Dockerfile.dev",
            "app/Dockerfile.txt",
            "Dockerfile.bak",
        ];
        for count in 1..likeliest.len() {
            let mut files = names(&likeliest[likeliest.len() - count..]);
            for _ in 0..2 {
                files.reverse();
                let found = dockerfiles("Dockerfile", &files);
                assert_eq!(found, likeliest[likeliest.len() - count..][..count.min(3)], "{files:?}");
            }
        }
        let files = names(&[".devcontainer/Dockerfile", "b/Dockerfile", "a/b/Dockerfile", "a/Dockerfile"]);
        assert_eq!(dockerfiles("Dockerfile", &files), ["a/Dockerfile", "b/Dockerfile", "a/b/Dockerfile"]);
        assert_eq!(dockerfiles("a/Dockerfile.prod", &files)[0], "a/Dockerfile");
    }

    #[test]
    fn what_may_be_a_compose_file_is_offered() {
        for (name, is_one) in [
            ("docker-compose.yaml.txt", true),
            ("compose.yml ", true),
            ("Compose.yml", true),
            ("docker/compose.yaml", true),
            ("docker_compose.yml", true),
            ("docker compose.yml", true),
            ("dockercompose.yaml", true),
            ("docker-compose", true),
            ("docker-compose.yml.yml", true),
            ("docker-compse.yml", true),
            ("compose.prod.yaml", true),
            ("docker-compose-dev.yml", true),
            ("compose.yaml.bak", true),
            ("compose.override.yaml", false),
            ("compose.yaml.png", false),
            ("compose.md", false),
            ("compose.py", false),
            ("composer.json", false),
            ("config.yaml", false),
            ("Dockerfile", false),
            ("a/b/c/d/compose.yaml", false),
        ] {
            assert_eq!(compose_files(&names(&[name])).len(), usize::from(is_one), "{name}");
        }
        let files = names(&["compose.prod.yaml", "docker/compose.yaml", "docker-compose.yaml.txt", "Compose.yaml"]);
        assert_eq!(compose_files(&files), ["Compose.yaml", "docker-compose.yaml.txt", "docker/compose.yaml"]);
    }
}
