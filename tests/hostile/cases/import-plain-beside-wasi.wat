;; Is allowed WASI, and imports a function without a package.
;; args: --allow-wasi
(component (import "exec" (func (param "command" string))))

;; exit: 2
;; error: the phase is refused
;;   caused by: it imports `exec`, but a phase may not import anything
;;   hint: build it without imports: for Rust, target wasm32-unknown-unknown with the linker wasm-component-ld
