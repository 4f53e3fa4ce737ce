;; Imports a value.
(component
  (import "a" (value $v string))
  (export "b" (value $v)))
