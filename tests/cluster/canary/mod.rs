//! The canary walk: a hostile phase says names that nobody else knows, and asks for secrets, in every field of its answers, with every
//! command and format, on the real API server. Whatever leaves the process is kept and searched, and what the list of [`allowed`] does
//! not name is a leak.

mod allowed;
pub(crate) mod fields;
mod recorder;
mod run;
mod search;
mod songs;
mod verbs;

use crate::harness::{Cluster, trial};
use crate::hostile::case;
use allowed::{Found, Row};
use libtest_mimic::Trial;
use recorder::Recorder;
use run::Room;
use search::{Canaries, Canary};
use serde_json::json;
use songs::Song;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex};
use verbs::{Verb, Way};

/// How many walk at once.
const LANES: usize = 4;
/// The room that the phase has for what it is told, and what is before it.
const MARKER: usize = 12288;
const TAG: &[u8] = b"what the canary says:";
/// The token of a join line that we type ourselves.
const CONTROL: &str = "canary-control.example.invalid";

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("canary::is_found_where_it_is", cluster, |_| search::finds_what_it_should()),
        // It takes the port of a name server.
        trial("canary::recorders_hear", cluster, recorders_hear).with_ignored_flag(!is_root()),
        // Some thousand runs: `make canary` asks for it.
        trial("canary::walk", cluster, walk).with_ignored_flag(true),
    ]
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0)
}

/// What came of some runs.
#[derive(Default)]
struct Walked {
    runs: usize,
    found: BTreeSet<Found>,
    /// What keeps it from being a walk: fields of which nothing was heard at all, and runs that were refused although all is granted.
    gaps: BTreeSet<String>,
}

/// As many hexadecimal digits as asked for, that nobody knows.
#[expect(clippy::disallowed_types, reason = "the source of what nobody knows")]
fn unguessable(digits: usize) -> String {
    let mut bytes = vec![0; digits / 2];
    std::fs::File::open("/dev/urandom").unwrap().read_exact(&mut bytes).unwrap();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn walk(cluster: &Cluster) {
    cluster.reset();
    cluster.ours_ok(&["apply", "abcdef.0123456789abcdef"]);
    let only = std::env::var("CANARY_ONLY").unwrap_or_default();
    let songs: Vec<Song> = songs::all().into_iter().filter(|song| song.name.contains(&only)).collect();
    let seen = prepare(cluster, songs.len());
    case::build(&["--example=canary"]);
    let phase = std::fs::read(case::built("wasm32-unknown-unknown", "canary")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let queue = Mutex::new(songs.iter().enumerate());
    let walked = Mutex::new(Walked::default());
    std::thread::scope(|scope| {
        for lane in 0..LANES {
            let (queue, walked, phase, seen, folder) = (&queue, &walked, &phase, &seen, folder.path());
            scope.spawn(move || {
                let recorder = Recorder::start(cluster, folder, lane);
                loop {
                    let Some((number, song)) = queue.lock().unwrap().next() else { return };
                    sing(cluster, &recorder, song, &Stage { number, phase, seen, folder }, walked);
                }
            });
        }
    });
    clean(cluster);
    let walked = walked.into_inner().unwrap();
    tell(&walked, songs.len());
}

/// What a song needs of the walk.
struct Stage<'a> {
    number: usize,
    phase: &'a [u8],
    seen: &'a BTreeMap<&'static str, String>,
    folder: &'a Path,
}

/// Runs every command with one phase.
fn sing(cluster: &Cluster, recorder: &Recorder, song: &Song, stage: &Stage<'_>, walked: &Mutex<Walked>) {
    let (mut room, canaries) = stage.set(cluster, recorder, song);
    let mut heard = BTreeSet::new();
    for verb in verbs::ALL {
        // Each format with the songs that are taken; with those that are refused, in turn.
        let one = verb.formats.iter().skip(stage.number % verb.formats.len()).take(1);
        let needed = verb.formats.iter().filter(|format| song.is_taken() || **format == "grant");
        for format in one.chain(needed).collect::<BTreeSet<_>>() {
            let (output, pieces) = room.run(verb, format, recorder);
            if *format == "grant" && output.status.success() {
                room.put("grant.yaml", &output.stdout);
            }
            let within = |piece: &run::Piece| {
                let found =
                    |canary| Found { canary, place: piece.place.clone(), verb: verb.name, format, song: song.name.clone() };
                canaries.within(&piece.bytes).into_iter().map(found).collect::<Vec<_>>()
            };
            let found: Vec<Found> = pieces.iter().flat_map(within).collect();
            heard.extend(found.iter().map(|found| found.canary.clone()));
            let mut walked = walked.lock().unwrap();
            walked.runs += 1;
            if song.is_taken() && output.status.code().is_none_or(|code| code > 1) && verb.name != verbs::REFUSED {
                let said = String::from_utf8_lossy(&output.stderr);
                walked.gaps.insert(format!("{} {format} is refused in `{}`: {said}", verb.name, song.name));
            }
            walked.found.extend(found);
        }
    }
    let names = song.fields.iter().filter(|(_, text)| ["{word}", "{host}"].iter().any(|word| text.contains(word)));
    let unheard =
        names.filter(|(field, _)| !heard.contains(&Canary::Name(field.clone())) && !allowed::NOWHERE.contains(&field.as_str()));
    walked.lock().unwrap().gaps.extend(unheard.map(|(field, _)| format!("nothing was heard of {field} in `{}`", song.name)));
}

impl Stage<'_> {
    /// A room with the phase and what it is asked, and the canaries of the song.
    fn set(&self, cluster: &Cluster, recorder: &Recorder, song: &Song) -> (Room, Canaries) {
        let id = id(self.number);
        let (given, certificate) = (unguessable(16), unguessable(64));
        let mut canaries = Canaries {
            start: format!("canary-{}-", unguessable(16)),
            fields: song.fields.iter().map(|(field, _)| field.clone()).collect(),
            secrets: self.seen.iter().map(|(kind, value)| (*kind, value.clone())).collect(),
        };
        canaries.secrets.extend([("given", given.clone()), ("certificate", certificate.clone())]);
        let folder = self.folder.join(&id);
        let token = format!("{id}.{given}");
        let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let words = vec![
            ("with", "--phase {phase} --grant {grant}".to_owned()),
            ("phase", path("phase.wasm")),
            ("grant", path("grant.yaml")),
            ("token", token.clone()),
            ("id", id.clone()),
            ("key", certificate.clone()),
            ("f", path("kubeadm.yaml")),
            ("out", path("out")),
        ];
        let mut room = Room::new(folder, cluster, recorder, words);
        room.put("phase.wasm", &told(self.phase, &id, song, &canaries, recorder));
        room.put("grant.yaml", b"apiVersion: bootstrap-token.kubectl/v1alpha1\nkind: Grant\ntasks: []\n");
        room.put("kubeadm.yaml", configuration(&token, &certificate, &recorder.proxy.to_string()).as_bytes());
        (room, canaries)
    }
}

/// The token and the names of a song are made of this.
fn id(number: usize) -> String {
    format!("w{number:05}")
}

/// The phase, told what to say.
fn told(phase: &[u8], id: &str, song: &Song, canaries: &Canaries, recorder: &Recorder) -> Vec<u8> {
    let fields = song.fields.iter().enumerate().map(|(number, (field, text))| {
        let [word, same] = [number, song.fields.len() - 1].map(|number| canaries.name(number));
        let words = [
            ("{word}", word.clone()),
            ("{host}", format!("{word}.example.invalid")),
            ("{same}", same),
            ("{elsewhere}", format!("{word}.example.invalid")),
            ("{trap}", recorder.trap.clone()),
        ];
        let text = words.iter().fold(text.clone(), |text, (name, value)| text.replace(name, value));
        (field.clone(), json!(text))
    });
    let fields: serde_json::Map<_, _> = fields.collect();
    let mut text = json!({ "id": id, "fields": fields }).to_string().into_bytes();
    assert!(text.len() <= MARKER - TAG.len(), "{} bytes are too much for the phase", text.len());
    text.resize(MARKER - TAG.len(), b' ');
    let at = memchr::memmem::find(phase, TAG).expect("the phase has a marker") + TAG.len();
    let mut phase = phase.to_owned();
    phase[at..at + text.len()].copy_from_slice(&text);
    phase
}

fn configuration(token: &str, certificate: &str, endpoint: &str) -> String {
    format!(
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\ncertificateKey: {certificate}\nbootstrapTokens: [{{token: {token}}}]\n\
         ---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\ncontrolPlaneEndpoint: {endpoint}\n"
    )
}

/// Puts Secrets there that every phase may read, and whose values none may see.
fn prepare(cluster: &Cluster, songs: usize) -> BTreeMap<&'static str, String> {
    let [seen, opaque] = [unguessable(16), unguessable(32)];
    let secret = |name: &str, sort: &str, data: serde_json::Value| {
        let metadata = json!({ "name": name, "namespace": "kube-system" });
        json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": sort, "stringData": data })
    };
    let of_songs = (0..songs).map(|number| {
        let name = format!("bootstrap-token-{}-seen", id(number));
        secret(&name, "bootstrap.kubernetes.io/token", json!({ "token-id": id(number), "token-secret": seen }))
    });
    let all: Vec<_> = of_songs.chain([secret("walk-opaque", "Opaque", json!({ "opaque": opaque }))]).collect();
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": all });
    let file = cluster.file("canary.json", &list.to_string());
    cluster.kubectl(&["create", "-f", file.to_str().unwrap()]);
    BTreeMap::from([("seen", seen), ("opaque", opaque)])
}

/// Takes away what the walk left.
fn clean(cluster: &Cluster) {
    cluster.reset();
    cluster.kubectl(&["delete", "secret", "-n", "kube-system", "walk-opaque"]);
    let maps = cluster.kubectl(&["get", "configmaps", "-n", "kube-public", "-o", "name"]);
    let ours = maps.lines().filter(|name| ["/walk-", "/canary-"].iter().any(|part| name.contains(part)));
    let args = ["delete", "-n", "kube-public", "--ignore-not-found"].into_iter().chain(ours).collect::<Vec<_>>();
    if args.len() > 4 {
        cluster.kubectl(&args);
    }
}

/// What leaks, if a list is all that is allowed.
fn leaks<'a>(found: &'a BTreeSet<Found>, list: &[Row]) -> Vec<&'a Found> {
    found.iter().filter(|found| !list.iter().any(|row| row.allows(found))).collect()
}

/// Says how far the walk went, and fails if anything leaked. Each row of the list must be needed: without it there would be a leak, which
/// shows that somebody listens there.
fn tell(walked: &Walked, songs: usize) {
    let formats: usize = verbs::ALL.iter().map(|verb| verb.formats.len()).sum();
    let leaks = leaks(&walked.found, allowed::ALL);
    let line = format!(
        "canary walk: {} fields in {songs} songs × {} commands in {formats} formats = {} runs, {} leaks\n",
        fields::FIELDS.len(),
        verbs::ALL.len(),
        walked.runs,
        leaks.len(),
    );
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    let useless = allowed::ALL.iter().enumerate().filter(|(number, _)| {
        let others: Vec<Row> =
            allowed::ALL.iter().enumerate().filter(|(other, _)| other != number).map(|(_, row)| *row).collect();
        self::leaks(&walked.found, &others).len() == leaks.len()
    });
    let useless: Vec<String> = useless
        .map(|(_, row)| format!("nothing takes this way any more: {:?} to {}, by {}", row.what, row.place, row.gate))
        .collect();
    let mut groups = BTreeMap::<_, BTreeSet<String>>::new();
    for leak in leaks {
        let formats = groups.entry((&leak.canary, &leak.place, &leak.song)).or_default();
        formats.insert(format!("{} {}", leak.verb, leak.format).trim().to_owned());
    }
    let leaks =
        groups.into_iter().map(|((canary, place, song), formats)| format!("{canary:?} is in {place}: {song}: {formats:?}"));
    let complaints: Vec<String> = leaks.chain(useless).chain(walked.gaps.iter().cloned()).collect();
    assert!(complaints.is_empty(), "{line}{}", complaints.join("\n"));
}

/// What is sent on purpose is heard: a name, a connection to where it leads, and a tunnel that is asked for.
fn recorders_hear(cluster: &Cluster) {
    let folder = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(cluster, folder.path(), LANES);
    let mut room = Room::new(folder.path().join("room"), cluster, &recorder, Vec::new());
    let join = "check -- kubeadm join canary-control.example.invalid:6443 --token abcdef.0123456789abcdef \
        --discovery-token-unsafe-skip-ca-verification";
    let heard = |room: &mut Room, way| {
        let verb = Verb { name: "check", args: join, formats: &[""], way };
        let (_, pieces) = room.run(&verb, "", &recorder);
        let said = pieces.into_iter().filter(|piece| memchr::memmem::find(&piece.bytes, CONTROL.as_bytes()).is_some());
        said.map(|piece| piece.place).filter(|place| !place.starts_with("std")).collect::<BTreeSet<_>>()
    };
    let places = |places: &[&str]| places.iter().map(|place| (*place).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(heard(&mut room, Way::Direct), places(&["a connection", "a name that is looked up"]));
    assert_eq!(heard(&mut room, Way::Proxy), places(&["a connection"]));
    let list = Verb { name: "list", args: "list", formats: &[""], way: Way::Direct };
    let (output, pieces) = room.run(&list, "", &recorder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for (place, text) in [
        ("the path of a request", "GET /api/v1/namespaces/kube-system/secrets"),
        ("the query of a request", "fieldSelector=type"),
        ("a header of a request", "kubectl-bootstrap_token/"),
        ("the login of a request", "Bearer walk"),
        ("environment of a child", "control-of-the-environment"),
        ("arguments of a child", "login"),
    ] {
        let is_there =
            pieces.iter().any(|piece| piece.place == place && memchr::memmem::find(&piece.bytes, text.as_bytes()).is_some());
        assert!(is_there, "{text} is not in {place}");
    }
}
