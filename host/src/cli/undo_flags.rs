//! Flags of `undo`, and of the commands that show saved plans.

use super::fleet_flags::FleetFlags;
use super::headings::FLEET;
use super::output::format;
use super::question_flags::SettingFlags;
use super::write_flags::WriteFlags;
use clap::{Args, Subcommand};
use kubephase_core::format::{Format, ShowFormat};
use std::convert::Infallible;
use std::path::PathBuf;

/// Examples of `undo`.
pub const UNDO_EXAMPLES: &str = "Examples:
  # Undo the latest change that was made to this cluster from here
  kubectl bootstrap-token undo

  # What can be undone, in all clusters?
  kubectl bootstrap-token undo list

  # What would it change?
  kubectl bootstrap-token undo show -o diff

  # Undo another change, checked by the server but not stored
  kubectl bootstrap-token undo 20301231T235959Z-0a1b2c3d-0a1b2c3d4e5f --dry-run=server

  # The latest wave of a rollout
  kubectl bootstrap-token undo plans --clusters contexts";

/// Flags of `undo`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct UndoArgs {
    /// What to do with undo plans instead of applying one.
    #[command(subcommand)]
    pub command: Option<UndoCommand>,
    /// The id of an undo plan from `undo list`, or its file (default: the latest one for this cluster that has not been undone); with
    /// --clusters the folder of their plans
    #[arg(value_name = "ID|FILE|DIR")]
    pub undo: Option<String>,
    /// Undo all waves, not only the latest one
    #[arg(long, requires = "clusters", help_heading = FLEET)]
    pub all_waves: bool,
    /// Which clusters, if there are several.
    #[command(flatten)]
    pub fleet: FleetFlags,
    /// How the plan is applied.
    #[command(flatten)]
    pub write: WriteFlags,
    /// Which phase and which cluster.
    #[command(flatten)]
    pub setting: SettingFlags,
}

/// A command below `undo`.
#[derive(Debug, Subcommand)]
pub enum UndoCommand {
    /// List the undo plans on this machine, the latest first
    List(UndoListArgs),
    /// Show what an undo plan would change
    Show(UndoShowArgs),
}

/// Flags of `undo list`.
#[derive(Debug, Args)]
pub struct UndoListArgs {
    /// Output format
    #[arg(short, long, value_parser = format::<Infallible>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format,
}

/// Flags of `undo show`.
#[derive(Debug, Args)]
pub struct UndoShowArgs {
    /// The id of an undo plan from `undo list`, or its file (default: the latest one for this cluster that has not been undone)
    #[arg(value_name = "ID|FILE")]
    pub undo: Option<String>,
    /// Where the objects are: live or dir:PATH
    #[arg(long, value_name = "WHERE", default_value = "live")]
    pub against: String,
    /// Output format
    #[arg(short, long, value_parser = format::<ShowFormat>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format<ShowFormat>,
}

/// A command below `plan`.
#[derive(Debug, Subcommand)]
pub enum PlanCommand {
    /// Show what a saved plan or undo plan would change; no cluster is contacted
    Show(PlanShowArgs),
}

/// Flags of `plan show`.
#[derive(Debug, Args)]
pub struct PlanShowArgs {
    /// A plan of `plan --out` or `audit --fix-out`, or an undo plan; - reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Output format
    #[arg(short, long, value_parser = format::<ShowFormat>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format<ShowFormat>,
}
