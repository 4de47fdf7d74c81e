//! The memory of a build's commands, where it can be bounded: by Buildx with `--resource` and BuildKit from 0.31 on
//! (<https://github.com/docker/buildx/pull/3876>, <https://github.com/moby/buildkit/pull/6569>).

use crate::engine::connect::cli::DockerCli;
use crate::engine::connect::version;
use std::time::Duration;

/// What a command of a build may use, as Buildx wants it.
pub(crate) const MOST: &str = "memory=4g";
/// The Buildx before which nobody has to be asked.
const BUILDX: &str = "0.30";
/// The first BuildKit that obeys.
const BUILDKIT: &str = "0.31";
/// How long the tool may take to say what it can.
const ANSWER: Duration = Duration::from_secs(10);

/// Whether this Buildx and its BuildKit can bound it.
pub async fn can_be_bounded(cli: &DockerCli, buildx: &str) -> bool {
    if !version::is_at_least(buildx, BUILDX) {
        return false;
    }
    let ask = |args: &'static [&'static str]| async move {
        let said = cli.command(args.iter().copied()).limit(ANSWER).run().await.ok()?;
        said.success().then(|| said.stdout.text())
    };
    let (help, builder) = tokio::join!(ask(&["buildx", "build", "--help"]), ask(&["buildx", "inspect"]));
    help.zip(builder).is_some_and(|(help, builder)| says_so(&help, &builder))
}

fn says_so(help: &str, builder: &str) -> bool {
    let buildkit = builder.lines().find_map(|line| line.trim().strip_prefix("BuildKit version:"));
    help.contains("--resource ") && buildkit.is_some_and(|version| version::is_at_least(version, BUILDKIT))
}

#[cfg(test)]
mod tests {
    use super::says_so;

    #[test]
    fn both_have_to_be_new_enough() {
        let help = "      --resource stringArray   Resource limits\n";
        let builder =
            |version: &str| format!("Name: default\nNodes:\nName:             default\nBuildKit version: {version}\n");
        for (help, builder, yes) in [
            (help, builder("v0.31.2"), true),
            (help, builder("v0.30.0"), false),
            (help, "Name: default\n".to_owned(), false),
            ("      --rm   Remove\n", builder("v0.31.2"), false),
        ] {
            assert_eq!(says_so(help, &builder), yes, "{builder}");
        }
    }
}
