;; Is allowed WASI, and imports HTTP.
;; args: --allow-wasi
(component (import "wasi:http/outgoing-handler@0.2.0" (instance)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it imports `wasi:http/outgoing-handler@0.2.0`, but a phase may not import anything
;;   hint: build it without imports: for Rust, target wasm32-unknown-unknown with the linker wasm-component-ld
