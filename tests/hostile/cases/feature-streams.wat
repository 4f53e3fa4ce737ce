;; Uses streams, by which work goes on when the answer is given.
(component (type (stream u8)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it is not a valid WebAssembly component: `stream` requires the component model async feature (at offset 0x…)
