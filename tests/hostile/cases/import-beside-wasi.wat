;; Is allowed WASI, and imports something else.
;; args: --allow-wasi
(component (import "kubephase:phase/host@0.1.0" (instance (export "exec" (func (param "c" string))))))

;; exit: 2
;; error: the phase is refused
;;   caused by: it imports `kubephase:phase/host@0.1.0`, but a phase may not import anything
;;   hint: build it without imports: for Rust, target wasm32-unknown-unknown with the linker wasm-component-ld
