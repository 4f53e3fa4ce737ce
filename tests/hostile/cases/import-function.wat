;; Imports a function.
(component (import "a" (func)))
