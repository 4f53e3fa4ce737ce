//! The walk through an example shows the example.

use crate::{assert_none, root};
use std::path::Path;

/// The languages of blocks that are parts of the example, and how its files end.
const LANGUAGES: [(&str, &str); 3] = [("rust", "rs"), ("toml", "toml"), ("yaml", "yaml")];

#[test]
fn code_blocks_are_parts_of_the_example() {
    let document = std::fs::read_to_string(root().join("docs/writing-a-phase.md")).unwrap();
    let mut files = Vec::new();
    collect(&root().join("examples/phases/hello"), &mut files);
    let mut complaints = Vec::new();
    let mut shown = 0;
    for block in document.split("\n```").skip(1).step_by(2) {
        let (language, code) = block.split_once('\n').unwrap();
        let Some((_, extension)) = LANGUAGES.into_iter().find(|(name, _)| *name == language) else { continue };
        shown += 1;
        let is_part = |text: &String| format!("\n{text}").contains(&format!("\n{code}\n"));
        if !files.iter().any(|(name, text)| name.ends_with(extension) && is_part(text)) {
            complaints.push(format!("docs/writing-a-phase.md: no part of examples/phases/hello:\n{code}"));
        }
    }
    assert_none(complaints);
    assert!(shown > 10, "the blocks are there");
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, files);
        } else if LANGUAGES.iter().any(|(_, extension)| name.ends_with(extension)) {
            files.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}
