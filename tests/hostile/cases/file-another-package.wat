;; A phase of somebody else.
(component
  (instance $phase)
  (export "evil:phase/phase@0.1.0" (instance $phase))
  (export "kubephase:phase/types@0.1.0" (instance $phase)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it does not export `kubephase:phase/phase`, so it is not a phase
;;   hint: build it for the world `phase-component` of wit/
