//! The undo plans of a machine in the order in which their runs happened, and what became of each run since.

use super::undo::{UndoDocument, UndoPlaceId};
use std::collections::BTreeSet;

/// An undo plan, its file `F`, and what became of its run.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptUndo<F> {
    /// Its file.
    pub file: F,
    /// What the file holds.
    pub document: Box<UndoDocument>,
    /// What became of the run since.
    pub state: UndoState,
}

/// What became of a run that can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndoState {
    /// Nothing: it was applied, and not undone.
    Applied,
    /// It undid an earlier run: its undo plan makes that run's changes again.
    Redo,
    /// It was undone.
    Undone,
}

impl UndoState {
    /// The state as a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Redo => "redo",
            Self::Undone => "undone",
        }
    }
}

/// The undo plans of a machine, the latest first.
#[derive(Debug, Clone, PartialEq)]
pub struct UndoHistory<F>(Vec<KeptUndo<F>>);

impl<F> UndoHistory<F> {
    /// Of these files, the latest first.
    #[must_use]
    pub fn of(mut documents: Vec<(F, Box<UndoDocument>)>) -> Self {
        follow(&mut documents);
        let undone: BTreeSet<String> =
            documents.iter().filter_map(|(_, document)| document.undoes().map(str::to_owned)).collect();
        let kept = documents.into_iter().map(|(file, document)| {
            let state = match () {
                () if undone.contains(&document.id) => UndoState::Undone,
                () if document.is_redo() => UndoState::Redo,
                () => UndoState::Applied,
            };
            KeptUndo { file, document, state }
        });
        Self(kept.collect())
    }

    /// All of them, the latest first.
    pub fn iter(&self) -> impl Iterator<Item = &KeptUndo<F>> {
        self.0.iter()
    }

    /// The latest of a place that was not undone; `None` if there is nothing to undo there.
    #[must_use]
    pub fn latest(self, place: &UndoPlaceId) -> Option<KeptUndo<F>> {
        self.0.into_iter().find(|kept| place.is_of(&kept.document.id) && kept.state == UndoState::Applied)
    }

    /// The one with this id.
    #[must_use]
    pub fn named(self, id: &str) -> Option<KeptUndo<F>> {
        self.0.into_iter().find(|kept| kept.document.id == id)
    }
}

/// Tells each plan of the later runs that were undone, in their order. The latest is the first.
fn follow<F>(documents: &mut [(F, Box<UndoDocument>)]) {
    for redo in (0..documents.len()).rev() {
        let Some((newer, older)) = documents.split_at_mut_checked(redo + 1) else { continue };
        let Some((_, redo)) = newer.last() else { continue };
        let undone = older.iter().position(|(_, undone)| Some(undone.id.as_str()) == redo.undoes());
        let Some((undone, earlier)) = undone.and_then(|at| older.get_mut(at..)).and_then(<[_]>::split_first_mut) else {
            continue;
        };
        earlier.iter_mut().for_each(|(_, plan)| plan.follow(&undone.1, redo));
    }
}
