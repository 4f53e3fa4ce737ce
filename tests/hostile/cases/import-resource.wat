;; Imports a type of resources.
(component (import "a" (type (sub resource))))
