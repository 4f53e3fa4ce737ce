;; Imports a value.
(component
  (import "a" (value $v string))
  (export "b" (value $v)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it is not a valid WebAssembly component: support for component model `value`s is not enabled (at offset 0x…)
