;; Is allowed WASI, and imports another version of it.
;; args: --allow-wasi
(component (import "wasi:filesystem/types@0.3.0" (instance)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it imports `wasi:filesystem/types@0.3.0`, but a phase may not import anything
;;   hint: build it without imports: for Rust, target wasm32-unknown-unknown with the linker wasm-component-ld
