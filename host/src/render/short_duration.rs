//! Durations as kubectl and kubeadm print them in tables.

use jiff::Timestamp;

/// The approximate time from one moment to a later one (`apimachinery/pkg/util/duration`, `ShortHumanDuration`).
pub(super) fn short_duration(end: Timestamp, start: Timestamp) -> String {
    // Whole seconds, truncated towards zero like in Go.
    let seconds = end.duration_since(start).as_secs();
    match seconds {
        ..-1 => "<invalid>".to_owned(),
        -1 => "0s".to_owned(),
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        86_400..31_536_000 => format!("{}d", seconds / 86_400),
        _ => format!("{}y", seconds / 31_536_000),
    }
}
