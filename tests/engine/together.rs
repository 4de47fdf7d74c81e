//! Many graders at the same time, on the same repository and on different ones: each says what it says alone.

use super::home::{Home, on_engine, report, with_status};
use grader::engine::Engine;
use std::process::Child;

tests![eight_graders_say_what_each_says_alone, no_repository_sees_anothers_cache_mounts,];

async fn eight_graders_say_what_each_says_alone(_: Engine) {
    let (good, unbuilt, wordy) = (Home::new(), Home::new(), Home::new());
    unbuilt.change("repository/Dockerfile", |text| format!("{text}RUN false\n"));
    wordy.change("repository/server.py", |text| text.replace("b\"fine\\n\"", "b\"bad\\n\""));
    let (all, none): (&[&str], &[&str]) = (&["builds", "healthy", "up"], &[]);
    let expected = [(&good, all, none), (&unbuilt, none, &["builds"]), (&wordy, &["builds", "healthy"], &["up"])];
    // The same one five times over.
    let runs = [0, 1, 0, 2, 0, 0, 1, 0].map(|at| expected[at]);
    let children: Vec<(u32, Child)> =
        runs.iter().map(|(home, ..)| home.check().spawn().unwrap()).map(|child| (child.id(), child)).collect();
    for ((home, passed, failed), (pid, child)) in runs.into_iter().zip(children) {
        let output = child.wait_with_output().unwrap();
        let report = report(&output);
        assert_eq!(with_status(&report, "passed"), passed, "{report:#}");
        assert_eq!(with_status(&report, "failed"), failed, "{report:#}");
        assert_eq!(output.status.code(), Some(i32::from(!failed.is_empty())));
        assert_eq!(report["notes"].as_array().map_or(0, Vec::len), 0, "{report:#}");
        assert_eq!(on_engine(pid), [""; 0], "{}", home.repository().display());
    }
    for home in [&good, &unbuilt, &wordy] {
        assert!(home.files().is_empty(), "{:?}", home.files());
        // All of them have written down what comes next.
        let mut hint = home.command("hint");
        let said = hint.arg("builds").arg("--path").arg(home.repository()).output().unwrap();
        assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stderr));
    }
}

async fn no_repository_sees_anothers_cache_mounts(engine: Engine) {
    let (mine, theirs) = (Home::new(), Home::new());
    // A layer is known by its command, so that this run has to have its own.
    let file = format!("/cache/{}", engine.run.id);
    let run = |home: &Home, command: &str| {
        let run = format!("RUN --mount=type=cache,target=/cache,id=test {command} {file}\n");
        home.change("repository/Dockerfile", |text| text.replace("USER", &format!("{run}USER")));
        let report = report(&home.check().arg("--only=builds").output().unwrap());
        assert_eq!(with_status(&report, "passed"), ["builds"], "{command}: {report:#}");
    };
    run(&mine, "touch");
    run(&theirs, "test ! -e");
    run(&mine, "test -e");
}
