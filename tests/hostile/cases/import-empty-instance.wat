;; Imports an instance with nothing in it.
(component (import "a" (instance)))
