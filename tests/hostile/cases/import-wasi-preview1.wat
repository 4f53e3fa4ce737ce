;; Is allowed WASI, and imports the WASI of core modules.
;; args: --allow-wasi
(component (import "wasi-snapshot-preview1" (instance (export "path-open" (func)))))

;; exit: 2
;; error: the phase is refused
;;   caused by: it imports `wasi-snapshot-preview1`, but a phase may not import anything
;;   hint: build it without imports: for Rust, target wasm32-unknown-unknown with the linker wasm-component-ld
