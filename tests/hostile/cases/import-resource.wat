;; Imports a type of resources.
(component (import "a" (type (sub resource))))

;; exit: 2
;; error: the phase is refused
;;   caused by: it imports `a`, but a phase may not import anything
;;   hint: build it without imports: for Rust, target wasm32-unknown-unknown with the linker wasm-component-ld
