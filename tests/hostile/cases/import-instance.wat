;; Imports an instance with functions.
(component (import "a" (instance (export "b" (func)))))
