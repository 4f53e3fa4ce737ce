;; Starts a thread.
(component
  (core type $start (shared (func (param i32))))
  (core func (canon thread.spawn-ref $start)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it is not a valid WebAssembly component: shared composite types require the shared-everything-threads proposal (at offset 0x…)
