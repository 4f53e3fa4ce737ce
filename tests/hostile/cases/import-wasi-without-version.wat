;; Is allowed WASI, and imports it without a version.
;; args: --allow-wasi
(component (import "wasi:filesystem/types" (instance)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it imports `wasi:filesystem/types`, but a phase may not import anything
;;   hint: build it without imports: for Rust, target wasm32-unknown-unknown with the linker wasm-component-ld
