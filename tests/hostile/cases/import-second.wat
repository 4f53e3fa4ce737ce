;; Imports something harmless first, and then a function.
(component
  (type $t u8)
  (import "a" (type (eq $t)))
  (import "b" (func)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it imports `a` and 1 more, but a phase may not import anything
;;   hint: build it without imports: for Rust, target wasm32-unknown-unknown with the linker wasm-component-ld
