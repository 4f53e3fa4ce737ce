//! For thousands of permissions: what is shown, what is printed as a grant and what is enforced are the same.

use crate::grant::PermissionDocument;
use crate::name::{Namespace, ObjectName};
use crate::object::{ApiResource, ObjectRef, Scope};
use crate::permission::{Access, AccessSort, Pattern, Permission, PermissionScope, Permissions};
use std::collections::BTreeSet;

/// The number of generated permissions.
const PERMISSIONS: usize = 5_000;

/// A fixed sequence of numbers (Knuth's generator).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}

const NAMES: [&str; 10] = ["a", "ab", "a-", "b", "bootstrap-token-", "in", "and", "named", "(x,y)", "x;y"];
const KINDS: [(&str, &str, &str, &str); 6] = [
    ("", "v1", "secrets", "Secret"),
    ("", "v1", "configmaps", "ConfigMap"),
    ("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
    ("apps", "v1", "deployments", "Deployment"),
    ("", "v1", "nodes", "Node"),
    ("example.com", "v1beta1", "things", "Thing"),
];

fn kinds() -> Vec<ApiResource> {
    KINDS.iter().map(|(group, version, plural, kind)| ApiResource::parse(group, version, plural, kind).unwrap()).collect()
}

fn pattern(random: &mut Random) -> Pattern {
    let star = random.pick(&["", "*"]);
    Pattern::parse(&format!("{}{star}", random.pick(&NAMES))).unwrap()
}

fn permission(random: &mut Random) -> Permission {
    let access: Vec<Access> = Access::ALL.into_iter().filter(|_| random.below(3) == 0).collect();
    let of = random.pick(&kinds());
    let sort = AccessSort::of(&access, &of);
    let mut places = vec!["default", "kube-system", "in"];
    let mut names: Vec<Pattern> = (0..random.below(4)).map(|_| pattern(random)).collect();
    if sort == AccessSort::Open {
        places.push("*");
        if random.below(3) == 0 {
            names.push(Pattern::parse_name("*", sort).unwrap());
        }
    }
    let is_outside = of.scope().map_or_else(|| random.below(5) == 0, |scope| scope == Scope::Cluster);
    let namespace = random.pick(&places);
    let place = PermissionScope::parse((!is_outside).then_some(namespace), sort, &of).unwrap();
    let reveal = (0..random.below(3)).map(|_| pattern(random)).collect();
    Permission { access, of, place, names, reveal, reason: String::new() }
}

/// What a reader of the lines understands without knowing the types.
#[derive(Debug)]
struct Understood {
    access: BTreeSet<String>,
    plural: String,
    kind: String,
    version: String,
    place: Option<String>,
    names: Vec<String>,
    keys: Vec<String>,
}

fn understood(lines: &[String]) -> Understood {
    let (head, rest) = lines.split_first().unwrap();
    let (before, after) = head.split_once(" (").unwrap();
    let (words, plural) = before.rsplit_once(' ').unwrap();
    let (what, place) = after.split_once(')').unwrap();
    let (kind, version) = what.split_once(", ").unwrap();
    let access = words.split([' ', ',']).filter(|word| !["", "and", "WRITE", "nothing"].contains(word));
    let quoted = |start: &str| -> Vec<String> {
        let inner = |line: &String| line.strip_prefix(start).and_then(|rest| rest.strip_suffix('`')).map(str::to_owned);
        rest.iter().filter_map(inner).collect()
    };
    let mut names = quoted("  named `");
    names.extend(rest.iter().filter(|line| *line == "  with any name").map(|_| "*".to_owned()));
    let keys = quoted("  SEES IN CLEAR TEXT `");
    let nothing = usize::from(rest.iter().any(|line| line == "  without a name, so nothing"));
    assert_eq!(names.len() + keys.len() + nothing, rest.len(), "{lines:?}");
    Understood {
        access: access.map(str::to_owned).collect(),
        plural: plural.to_owned(),
        kind: kind.to_owned(),
        version: version.to_owned(),
        place: place.strip_prefix(" in ").map(str::to_owned),
        names,
        keys,
    }
}

impl Understood {
    fn is_meant(patterns: &[String], name: &str) -> bool {
        patterns.iter().any(|pattern| pattern.strip_suffix('*').map_or(name == pattern, |start| name.starts_with(start)))
    }

    fn is_of(&self, of: &ApiResource) -> bool {
        let version = format!("{}/{}", of.group(), of.version());
        self.plural == of.plural() && self.kind == of.kind() && self.version == version.trim_start_matches('/')
    }

    fn allows(&self, access: Access, object: &ObjectRef) -> bool {
        let is_here = match (self.place.as_deref(), &object.namespace) {
            (Some("all namespaces"), namespace) => namespace.is_some(),
            (place, namespace) => place == namespace.as_ref().map(Namespace::as_str),
        };
        is_here
            && self.access.contains(&access.to_string())
            && self.is_of(&object.of)
            && Self::is_meant(&self.names, object.name.as_str())
    }

    fn allows_list(&self, of: &ApiResource, namespace: Option<&Namespace>) -> bool {
        let is_here = match self.place.as_deref() {
            Some("all namespaces") => true,
            place => place == namespace.map(Namespace::as_str),
        };
        is_here && self.is_of(of) && self.access.contains("read") && !self.names.is_empty()
    }
}

/// Names just inside and just outside the patterns.
fn near(permission: &Permission, random: &mut Random) -> Vec<String> {
    let mut names = vec![random.pick(&NAMES).to_owned()];
    for pattern in permission.names.iter().chain(&permission.reveal) {
        let start = pattern.to_string().trim_end_matches('*').to_owned();
        let shorter: String = start.chars().take(start.len().saturating_sub(1)).collect();
        names.extend([format!("{start}x"), format!("x{start}"), start.to_uppercase(), shorter, start]);
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn what_is_shown_is_what_is_printed_is_what_is_enforced() {
    let mut random = Random(2_031);
    let (mut allowed, mut refused, mut seen) = (0_usize, 0_usize, 0_usize);
    for _ in 0..PERMISSIONS {
        let made = permission(&mut random);
        let printed = serde_json::to_string(&PermissionDocument::from(&made)).unwrap();
        let read: PermissionDocument = serde_json::from_str(&printed).unwrap();
        assert_eq!(Permission::try_from(read).unwrap(), made, "{printed}");
        let (told, permissions) = (understood(&made.lines()), Permissions(vec![made.clone()]));
        assert!(Permissions(vec![made.clone()]).beyond(&permissions).is_empty(), "{printed}");
        let names = near(&made, &mut random);
        for of in kinds().into_iter().chain([made.of.clone()]) {
            for namespace in [None, Some("default"), Some("kube-system"), Some("in"), Some("other")] {
                let namespace = namespace.map(|text| Namespace::parse(text).unwrap());
                assert_eq!(
                    permissions.allow_list(&of, namespace.as_ref()),
                    told.allows_list(&of, namespace.as_ref()),
                    "{told:?}"
                );
                for name in &names {
                    let object =
                        ObjectRef { of: of.clone(), namespace: namespace.clone(), name: ObjectName::parse(name).unwrap() };
                    for access in Access::ALL {
                        let is_allowed = permissions.allow(access, &object);
                        assert_eq!(is_allowed, told.allows(access, &object), "{access} {object:?}: {told:?}");
                        *(if is_allowed { &mut allowed } else { &mut refused }) += 1;
                    }
                    let key = random.pick(&names);
                    let is_seen = told.allows(Access::Read, &object) && Understood::is_meant(&told.keys, &key);
                    assert_eq!(permissions.reveal(&object, &key), is_seen, "{key} {object:?}: {told:?}");
                    seen += usize::from(is_seen);
                }
            }
        }
    }
    assert!(allowed > 1_000 && refused > 1_000 && seen > 1_000, "both sides of the border: {allowed} {refused} {seen}");
}

#[test]
fn what_is_seen_and_written_stands_first_and_nothing_is_cut() {
    let of = |at: usize| kinds()[at].clone();
    let names = |count: usize| -> Vec<Pattern> {
        (0..count).map(|at| Pattern::parse(&format!("{}{at}", "n".repeat(240))).unwrap()).collect()
    };
    let make = |access: &[Access], at: usize, reveal: &[&str]| Permission {
        access: access.to_vec(),
        of: of(at),
        place: PermissionScope::Namespace(Namespace::parse("default").unwrap()),
        names: names(40),
        reveal: reveal.iter().map(|key| Pattern::parse(key).unwrap()).collect(),
        reason: String::new(),
    };
    let all = Permissions(vec![
        make(&[Access::Read], 1, &[]),
        make(&[Access::Read, Access::Update], 3, &[]),
        make(&[Access::Read], 0, &["token-secret"]),
    ]);
    let shown: Vec<Vec<String>> = all.by_weight().into_iter().map(Permission::lines).collect();
    let heads: Vec<&str> = shown.iter().map(|lines| lines[0].as_str()).collect();
    assert_eq!(
        heads,
        [
            "read secrets (Secret, v1) in default",
            "WRITE update, read deployments (Deployment, apps/v1) in default",
            "read configmaps (ConfigMap, v1) in default"
        ]
    );
    assert_eq!(shown[0][1], "  SEES IN CLEAR TEXT `token-secret`");
    assert!(shown.iter().flatten().all(|line| !line.contains('…')) && shown[0].len() == 42);
    assert!(all.can_be_asked().is_ok());
    let many = Permissions(vec![Permission { names: names(101), ..make(&[Access::Read], 1, &[]) }]);
    assert!(many.can_be_asked().unwrap_err().to_string().contains("101 names"));
}
