;; Imports something harmless first, and then a function.
(component
  (type $t u8)
  (import "a" (type (eq $t)))
  (import "b" (func)))
