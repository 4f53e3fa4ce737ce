;; Imports a core module.
(component (import "a" (core module)))
