;; Starts tasks that go on when the answer is given.
(component (core func (canon task.cancel)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it is not a valid WebAssembly component: `task.cancel` requires the component model async feature (at offset 0x…)
