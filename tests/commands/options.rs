//! Options as Docker's client reads them, and what `docker run` makes of them.

use super::{one, read, shown};
use grader::commands::run::{Mount, NewContainer, Port};
use grader::commands::verbs;
use std::collections::BTreeSet;

#[test]
fn every_way_of_writing_an_option_is_the_same() {
    for text in [
        "docker run -d -i --name web -p 80:80 nginx sh -c x",
        "docker run -di --name=web -p80:80 nginx sh -c x",
        "docker run -dip 80:80 nginx sh -c x",
        "docker run --detach --interactive=true --publish=80:80 nginx sh -c x",
        "docker run -d=true -i -p=80:80 nginx sh -c x",
    ] {
        let run = one(text);
        assert!(run.has("detach") && run.has("interactive"), "{text}");
        assert_eq!(run.option("publish").unwrap().value.text(), "80:80", "{text}");
        let operands: Vec<_> = run.operands.iter().map(|word| word.text().into_owned()).collect();
        assert_eq!(operands, ["nginx", "sh", "-c", "x"], "{text}");
    }
    assert!(!one("docker run --rm=false nginx").has("rm"));
    assert_eq!(shown(&read("docker rm web -f -- -x")), ["rm --force \"web\" \"-x\""]);
    assert_eq!(shown(&read("docker exec -it web ls -la")), ["exec --interactive --tty \"web\" \"ls\" \"-la\""]);
    assert_eq!(shown(&read("docker run nginx -g 'daemon off;'")), ["run \"nginx\" \"-g\" \"daemon off;\""]);
    assert_eq!(shown(&read("docker logs web | tail -5")), ["logs \"web\"", "tail --lines=5"]);
    assert_eq!(shown(&read("echo -n -- -x")), ["echo --no-newline \"-x\""]);
    assert_eq!(
        shown(&read("docker compose -p a --file b.yaml exec web ls -l")),
        ["compose exec --project-name=a --file=b.yaml \"web\" \"ls\" \"-l\""]
    );
    assert_eq!(shown(&read("docker run --name=$(docker ps -q) -e\"A=b c\" x"))[1], "run --name=$(…) --env=A=b c \"x\"");
}

#[test]
fn ports_and_mounts_of_a_run() {
    let run = one("docker run -p 8080:80 -p 127.0.0.1:53:53/udp -p 9000-9001:9000-9001 -p 5000 -v data:/data \
         -v \"$(pwd)\"/src:/app:ro -v /cache --mount type=bind,src=./x,dst=/y,readonly --tmpfs /run:size=1m nginx:1.27");
    let container = NewContainer::of(&run, "").unwrap();
    let port = |target, published: Option<&str>, host_ip: Option<&str>, protocol: &str| Port {
        target,
        published: published.map(str::to_owned),
        host_ip: host_ip.map(str::to_owned),
        protocol: protocol.to_owned(),
    };
    let ports: Vec<Port> = container.ports().unwrap().into_iter().map(|(port, _)| port).collect();
    assert_eq!(
        ports,
        [
            port(80, Some("8080"), None, "tcp"),
            port(53, Some("53"), Some("127.0.0.1"), "udp"),
            port(9000, Some("9000"), None, "tcp"),
            port(9001, Some("9001"), None, "tcp"),
            port(5000, None, None, "tcp"),
        ]
    );
    let mount = |kind, source: Option<&str>, target: &str, read_only| Mount {
        kind,
        source: source.map(str::to_owned),
        target: target.to_owned(),
        read_only,
    };
    let mounts: Vec<Mount> = container.mounts().unwrap().into_iter().map(|(mount, _)| mount).collect();
    assert_eq!(
        mounts,
        [
            mount("volume", Some("data"), "/data", false),
            mount("bind", Some("./src"), "/app", true),
            mount("volume", None, "/cache", false),
            mount("bind", Some("./x"), "/y", true),
            mount("tmpfs", None, "/run", false),
        ]
    );
    assert_eq!(container.reference().unwrap().tag.as_deref(), Some("1.27"));
}

#[test]
fn networks_and_variables_of_a_run() {
    let run = one("docker run --network name=back,alias=db --net front --network-alias x -e A=1=2 -e B nginx");
    let container = NewContainer::of(&run, "").unwrap();
    let networks: Vec<String> = container.networks().into_iter().map(|(name, _)| name).collect();
    let aliases: Vec<String> = container.aliases().into_iter().map(|(name, _)| name).collect();
    assert_eq!((networks, aliases), (vec!["back".into(), "front".into()], vec!["x".into(), "db".into()]));
    let environment: Vec<_> = container.environment().into_iter().map(|(name, value, _)| (name, value)).collect();
    assert_eq!(environment, [("A".to_owned(), Some("1=2".to_owned())), ("B".to_owned(), None)]);
    let moved = one("docker run -v ./x:/x nginx");
    let mounts = NewContainer::of(&moved, "sub").unwrap().mounts().unwrap();
    assert_eq!(mounts[0].0.source.as_deref(), Some("./sub/x"));
}

#[test]
fn the_tables_are_consistent() {
    let mut spellings = BTreeSet::new();
    for verb in verbs::all() {
        for spelling in verb.spellings {
            assert!(spellings.insert(*spelling), "`{spelling}` is two verbs");
        }
        let mut names = BTreeSet::new();
        let mut letters = BTreeSet::new();
        for flag in verb.flags {
            assert!(names.insert(flag.name), "{}: --{} is there twice", verb.name, flag.name);
            assert!(flag.short.is_none_or(|letter| letters.insert(letter)), "{}: -{:?}", verb.name, flag.short);
        }
        assert!(names.iter().is_sorted() && verb.flags.is_sorted_by_key(|flag| flag.name), "{}", verb.name);
        assert!((0..verb.least).all(|index| verb.operand(index).is_some()), "{}: operands", verb.name);
    }
}
