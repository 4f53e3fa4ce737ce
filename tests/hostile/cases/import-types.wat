;; Imports types of the contract, as a component does whose world exports only `phase`.
(component
  (import "kubephase:phase/types@0.1.0" (instance
    (type $t (enum "before" "after"))
    (export "moment" (type (eq $t))))))

;; exit: 2
;; error: the phase is refused
;;   caused by: it imports `kubephase:phase/types@0.1.0`, but a phase may not import anything
;;   hint: build it without imports: for Rust, target wasm32-unknown-unknown with the linker wasm-component-ld
