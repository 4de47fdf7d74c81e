//! Files of commands: attacks, one a line, each refused at its line, and what learners write, which is not.

#![allow(clippy::unwrap_used)] // helpers of tests

use grader::commands::parse;
use grader::policy::{Policy, commands};
use std::fs;

/// Each is on line 2 of a file; what is refused has to be found there, and these words in what is said.
const REFUSED: &[(&str, &str)] = &[
    ("docker run --privileged nginx", "`--privileged` is not allowed here: it gives the container power over"),
    ("docker run --privileged=true nginx", "power over the machine"),
    ("docker run -itd --privileged nginx", "power over the machine"),
    ("docker create --privileged nginx", "power over the machine"),
    ("docker exec --privileged web sh", "power over the machine"),
    ("docker run --pid host nginx", "the wall between"),
    ("docker run --pid=container:other nginx", "the wall between"),
    ("docker run --ipc host nginx", "the wall between"),
    ("docker run --uts host nginx", "the wall between"),
    ("docker run --userns host nginx", "the wall between"),
    ("docker run --cgroupns host nginx", "the wall between"),
    ("docker run --network host nginx", "the wall between"),
    ("docker run --net=host nginx", "the wall between"),
    ("docker run --network name=host,alias=x nginx", "the wall between"),
    ("docker run --network HOST nginx", "the wall between"),
    ("docker run --network container:other nginx", "the wall between"),
    ("docker run --volumes-from other nginx", "the wall between"),
    ("docker run -v /:/host nginx", "outside of the repository"),
    ("docker run -v /etc:/x:ro nginx", "outside of the repository"),
    ("docker run -v ../x:/x nginx", "outside of the repository"),
    ("docker run -v \"$(pwd)/../x:/x\" nginx", "outside of the repository"),
    ("docker run -v ./link:/x nginx", "outside of the repository"),
    ("docker run --mount type=bind,src=/,dst=/x nginx", "outside of the repository"),
    ("docker run --mount type=bind,src=$PWD/link,dst=/x nginx", "outside of the repository"),
    ("docker run -v /var/run/docker.sock:/s nginx", "holds the whole machine"),
    ("docker run --mount type=bind,source=/run/docker.sock,target=/s nginx", "holds the whole machine"),
    ("docker run --use-api-socket nginx", "holds the whole machine"),
    ("docker run -v ./src:/x:rshared nginx", "power over the machine"),
    ("docker run --mount type=bind,src=./src,dst=/x,bind-propagation=shared nginx", "power over the machine"),
    ("docker run --mount type=volume,src=v,dst=/x,volume-driver=local,volume-opt=type=nfs nginx", "a driver reaches"),
    ("docker run --volume-driver x nginx", "reach beyond this host"),
    ("docker run --cap-add SYS_ADMIN nginx", "power over the machine"),
    ("docker run --cap-add=ALL nginx", "power over the machine"),
    ("docker run --device /dev/sda nginx", "a device of the machine"),
    ("docker run --device-cgroup-rule 'c 1:3 mr' nginx", "a device of the machine"),
    ("docker run --gpus all nginx", "a device of the machine"),
    ("docker run --device-read-bps /dev/sda:1mb nginx", "a device of the machine"),
    ("docker run --security-opt seccomp=unconfined nginx", "power over the machine"),
    ("docker run --runtime kata nginx", "power over the machine"),
    ("docker run --cgroup-parent /x nginx", "power over the machine"),
    ("docker run --annotation run.oci.hooks=x nginx", "power over the machine"),
    ("docker run --sysctl kernel.panic=1 nginx", "how the machine's kernel works"),
    ("docker run --oom-kill-disable nginx", "how the machine's kernel works"),
    ("docker run --oom-score-adj -1000 nginx", "how the machine's kernel works"),
    ("docker run --ulimit rtprio=99 nginx", "how the machine's kernel works"),
    ("docker run --cpu-rt-runtime 1 nginx", "how the machine's kernel works"),
    ("docker run --memory 900g nginx", "more than an exercise needs"),
    ("docker run --memory-swap -1 nginx", "more than an exercise needs"),
    ("docker run --shm-size 900g nginx", "more than an exercise needs"),
    ("docker run --tmpfs /x:size=900g nginx", "more than an exercise needs"),
    ("docker run --log-driver syslog nginx", "somewhere else"),
    ("docker run --label dev.grader.run=x nginx", "tools that steer containers"),
    ("docker run -l com.docker.compose.project=x nginx", "tools that steer containers"),
    ("docker run --label-file /etc/passwd nginx", "outside of the repository"),
    ("docker run --env-file /etc/passwd nginx", "outside of the repository"),
    ("docker run --env-file link nginx", "outside of the repository"),
    ("docker exec --env-file ../x web env", "outside of the repository"),
    ("docker run --add-host x:host-gateway nginx", "a name for the host"),
    ("docker run --cidfile x nginx", "would write a file"),
    ("docker run -p 8000-8090:8000-8090 nginx", "so many ports"),
    ("docker run localhost:5000/x", "private network"),
    ("docker pull 10.0.0.1:5000/x", "private network"),
    ("docker run $(docker logs web)", "has to know the value"),
    ("docker run -v $(docker logs web):/x nginx", "has to know the value"),
    ("docker run --network $(docker logs web) nginx", "has to know the value"),
    ("docker network create --driver host x", "a driver that reaches"),
    ("docker network create -d macvlan -o parent=eth0 x", "reach beyond this host"),
    ("docker network create --label dev.grader.run=x x", "tools that steer containers"),
    ("docker volume create -d nfs x", "a driver that reaches"),
    ("docker volume create -o type=none -o device=/ -o o=bind x", "reach beyond this host"),
    ("docker build ..", "outside of the repository"),
    ("docker build https://example.org/x.git", "outside of the repository"),
    ("docker build -", "no stream"),
    ("docker build -f ../Dockerfile .", "outside of the repository"),
    ("docker build -f link .", "outside of the repository"),
    ("docker build --network host .", "the wall between"),
    ("docker build --secret id=x,src=/etc/passwd .", "keys or rights"),
    ("docker build --ssh default .", "keys or rights"),
    ("docker build --allow security.insecure .", "keys or rights"),
    ("docker build --output type=local,dest=/ .", "would write a file"),
    ("docker build --cache-to type=local,dest=/ .", "would write a file"),
    ("docker build --build-context x=/etc .", "outside of the repository"),
    ("docker build --build-arg BUILDKIT_SYNTAX=evil/x .", "a program that somebody else wrote"),
    ("docker build --builder other .", "chooses or steers the engine"),
    ("docker cp web:/x /etc/x", "outside of the repository"),
    ("docker cp ../x web:/x", "outside of the repository"),
    ("docker cp link web:/x", "outside of the repository"),
    ("docker cp web:/x -", "no stream"),
    ("docker save -o /x nginx", "outside of the repository"),
    ("docker load -i ../x", "outside of the repository"),
    ("docker load < link", "outside of the repository"),
    ("docker export -o link web", "outside of the repository"),
    ("docker import https://example.org/x.tar", "outside of the repository"),
    ("curl -o /x localhost:80", "outside of the repository"),
    ("cat link", "outside of the repository"),
    ("cat /etc/passwd", "outside of the repository"),
    ("echo x > link", "outside of the repository"),
    ("mkdir ../x", "outside of the repository"),
    ("docker compose -f /x up", "outside of the repository"),
    ("docker compose --project-directory .. up", "outside of the repository"),
    ("docker compose exec --privileged web sh", "keys or rights"),
    ("docker login -u jane -p secret", "no account"),
    ("docker attach web", "needs a terminal"),
    ("docker update --memory 900g web", "more than an exercise needs"),
];

/// What learners write, and what has to be let pass.
const PASSES: &[&str] = &[
    "docker run -d --name web -p 8080:80 -e A=1 --restart unless-stopped nginx:1.27",
    "docker run --rm -it -v \"$(pwd)/src:/app:ro\" -w /app python:3.11-slim python app.py",
    "docker run --rm -v data:/data -v /cache --tmpfs /run:size=10m alpine true",
    "docker run --mount type=bind,src=./src,dst=/x,readonly --mount source=data,target=/d nginx",
    "docker run -d --name a nginx\ndocker run --rm --network container:a --volumes-from a:ro --pid container:a alpine ps",
    "docker network create --internal back && docker run --network back --network-alias db redis:7",
    "docker run --network bridge nginx\ndocker run --network none nginx",
    "docker run -m 256m --cpus 0.5 --pids-limit 50 --read-only --cap-drop ALL --security-opt no-new-privileges nginx",
    "docker run --health-cmd 'curl -f localhost' --health-interval 5s --health-retries 3 nginx",
    "docker run --env-file app.env --user 1000:1000 --init --log-opt max-size=1m --ulimit nofile=1024:2048 nginx",
    "cd src\ndocker run --env-file app.env -v ./x:/x -v $(pwd):/y nginx",
    "docker run -e IP=$(docker inspect -f '{{.Id}}' web) nginx",
    "docker run $(docker build -q .)",
    "docker build -t localhost:5000/app:1 -f src/Dockerfile --build-arg A=b .\ndocker run localhost:5000/app:1",
    "docker tag nginx localhost:5000/x\ndocker push localhost:5000/x\ndocker run localhost:5000/x",
    "docker cp web:/etc/nginx/nginx.conf ./src/nginx.conf\ndocker cp src/x web:/x\ndocker cp web:/x .",
    "docker save -o app.tar nginx\ndocker load -i app.tar\ndocker load < app.tar\ndocker logs web > log.txt 2>/dev/null",
    "docker volume create --label a=b data\ndocker network create -d bridge --subnet 10.9.0.0/24 x",
    "docker exec -it -u root -w /x -e A=b web sh -c 'cat /etc/passwd'",
    "docker ps -aq\ndocker rm -f $(docker ps -aq)\ndocker system prune -af --volumes",
    "docker compose -f src/compose.yaml up -d --build\ndocker compose down -v",
    "mkdir -p out\ncurl -s -o out/x localhost:8080\ncat out/x | grep x",
    "docker stop -t 1 web; docker update --memory 256m --memory-swap 512m web",
];

fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("src/x")).unwrap();
    fs::write(folder.path().join("app.env"), "A=1\n").unwrap();
    fs::write(folder.path().join("src/app.env"), "A=1\n").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc", folder.path().join("link")).unwrap();
    folder
}

/// `line: message` of what is refused of a file.
fn refused(text: &str) -> Vec<String> {
    let folder = repository();
    let file = parse(text.as_bytes());
    assert_eq!(file.errors, [], "{text}");
    let decision = commands(&Policy::built_in(), &file, "commands.sh", &folder.path().canonicalize().unwrap());
    decision.refused.iter().map(|it| format!("{}: {}", it.place.as_ref().unwrap(), it.message)).collect()
}

#[cfg(unix)]
#[test]
fn attacks_are_refused_at_their_line() {
    let mut wrong = Vec::new();
    for (line, words) in REFUSED {
        let errors = parse(format!("docker ps\n{line}\n").as_bytes()).errors;
        if let Some(error) = errors.first() {
            // What the reader itself refuses never gets as far as the policy.
            let is_known =
                *words == "outside of the repository" && error.message.contains("outside of this repository");
            if !is_known {
                wrong.push(format!("{line}: can't be read: {}", error.message));
            }
            continue;
        }
        let found = refused(&format!("docker ps\n{line}\n"));
        if !found.iter().any(|it| it.starts_with("commands.sh:2: ") && it.contains(words)) {
            wrong.push(format!("{line}: {found:?}"));
        }
    }
    assert!(REFUSED.len() >= 40 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_learners_write_passes() {
    let wrong: Vec<String> = PASSES
        .iter()
        .filter_map(|text| Some((text, refused(text))).filter(|(_, found)| !found.is_empty()))
        .map(|(text, found)| format!("{text}: {found:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_hundred_containers_are_too_many() {
    let found = refused(&"docker run -d nginx\n".repeat(100));
    assert!(found.iter().any(|it| it.contains("The number of services of this file")), "{found:?}");
    let found = refused(&"docker network create a\n".repeat(11));
    assert!(found.iter().any(|it| it.contains("The number of networks of this file")), "{found:?}");
}

/// A path of the folder that the file changed to is judged there, and not where it would be without the `cd`.
#[cfg(unix)]
#[test]
fn paths_are_those_of_the_current_folder() {
    let folder = repository();
    fs::create_dir_all(folder.path().join("a/a")).unwrap();
    fs::create_dir_all(folder.path().join("a/x")).unwrap();
    std::os::unix::fs::symlink("/etc", folder.path().join("a/a/x")).unwrap();
    let root = folder.path().canonicalize().unwrap();
    for (text, count) in [
        ("cd a\ndocker run -v ./a/x:/x nginx", 1),
        ("cd a\ndocker run -v $(pwd)/x:/x nginx", 0),
        ("cd a\ndocker run -v $(pwd)/a/x:/x nginx", 1),
        ("cd a\ndocker run --env-file a/x/passwd nginx", 1),
        ("cd a\ndocker build a/x", 1),
        ("cd a\ncat a/x/passwd", 1),
        ("docker run -v ./a/x:/x nginx", 0),
    ] {
        let file = parse(text.as_bytes());
        let decision = commands(&Policy::built_in(), &file, "commands.sh", &root);
        assert_eq!(decision.refused.len(), count, "{text}: {:?}", decision.refused);
    }
}
