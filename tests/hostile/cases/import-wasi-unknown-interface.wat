;; Is allowed WASI, and imports a part of it that does not exist.
;; args: --allow-wasi
(component (import "wasi:exec/process@0.2.0" (instance)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it imports `wasi:exec/process@0.2.0`, but a phase may not import anything
;;   hint: build it without imports: for Rust, target wasm32-unknown-unknown with the linker wasm-component-ld
