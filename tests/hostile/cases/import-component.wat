;; Imports a component.
(component (import "a" (component)))
