//! Names: a public type has one that no other has, and words of our own do not stand for the field's.

use super::{assert_none, root, sources};
use std::collections::BTreeMap;
use std::process::Command;
use syn::visit::Visit;

/// The names of public types.
#[derive(Default)]
struct PublicTypes(Vec<String>);

impl PublicTypes {
    fn add(&mut self, visibility: &syn::Visibility, name: &syn::Ident) {
        if matches!(visibility, syn::Visibility::Public(_)) {
            self.0.push(name.to_string());
        }
    }
}

impl<'ast> Visit<'ast> for PublicTypes {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.add(&item.vis, &item.ident);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.add(&item.vis, &item.ident);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.add(&item.vis, &item.ident);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.add(&item.vis, &item.ident);
    }
}

#[test]
fn public_types_have_names_of_their_own() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let ours = ["host/src/", "host/core/src/", "phase-wasm/src/"];
    for source in sources().iter().filter(|source| ours.iter().any(|folder| source.path.starts_with(folder))) {
        let mut types = PublicTypes::default();
        types.visit_file(&source.syntax);
        types.0.into_iter().for_each(|name| places.entry(name).or_default().push(source.path.clone()));
    }
    let several = places.into_iter().filter(|(_, places)| places.len() > 1);
    assert_none(several.map(|(name, places)| format!("{name}: {}", places.join(", "))).collect());
}

/// Words that no reader knows, or that no native operator would write.
const PRIVATE: [&str; 9] = [
    "carr(y|ied|ies|ying) out",
    "ways? back",
    "leaves? (it |them )?away",
    "makes? no sense",
    "shall",
    "shelf",
    "tape",
    "anatomy",
    "is no file",
];

#[test]
fn private_words_are_gone() {
    let pattern = format!(r"\b({})\b", PRIVATE.join("|"));
    let folders = ["host", "phase-wasm", "tests", "docs", "examples", "wit", "*.md"];
    // Files of other projects, their licences, and this list.
    let others =
        [":!tests/corpus", ":!tests/distributions", ":!tests/tidy/names.rs", ":!*Cargo.lock", ":!tests/cluster/kubeconfigs"];
    let mut git = Command::new("git");
    // Nothing of another repository, as in a hook; and a clone may be another user's.
    git.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    git.current_dir(root()).args(["-c", "safe.directory=*", "grep", "-nIiE", &pattern, "--"]).args(folders).args(others);
    let output = git.output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    assert_none(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect());
}
