//! The component: its exports, and what a `no_std` component must bring along: an allocator, the canonical ABI's `cabi_realloc`
//! and a panic handler.
#![allow(unsafe_code, reason = "the canonical ABI hands raw pointers to cabi_realloc")]

use crate::abi::{Description, Failure, Guest, Needs, Plan, Request, export};
use crate::{describe, task};
use alloc::alloc::{Layout, alloc, handle_alloc_error, realloc};

struct Phase;

impl Guest for Phase {
    fn describe() -> Description {
        describe::description()
    }

    fn need(request: Request) -> Result<Needs, Failure> {
        task::need(&request)
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        task::plan_for(&request)
    }
}

export!(Phase with_types_in crate::abi::generated);

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

// memcpy and its friends; wasi-libc's allocator is not linked, since nothing calls it.
#[link(name = "c")]
unsafe extern "C" {}

/// How the host allocates in our memory (canonical ABI). It must use the same allocator as everything else: wasi-libc's own
/// `cabi_realloc` next to dlmalloc corrupts memory.
///
/// # Safety
/// `old` and `old_len` must come from an earlier call with the same `align`, or be null and 0.
#[unsafe(no_mangle)]
unsafe extern "C" fn cabi_realloc(old: *mut u8, old_len: usize, align: usize, new_len: usize) -> *mut u8 {
    // SAFETY: the caller keeps the contract above, so `old` was allocated here with this very layout.
    unsafe {
        if new_len == 0 {
            return align as *mut u8;
        }
        let layout = Layout::from_size_align_unchecked(new_len, align);
        let new =
            if old_len == 0 { alloc(layout) } else { realloc(old, Layout::from_size_align_unchecked(old_len, align), new_len) };
        if new.is_null() {
            handle_alloc_error(layout);
        }
        new
    }
}

/// A message could not leave the sandbox; the host sees the trap.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
