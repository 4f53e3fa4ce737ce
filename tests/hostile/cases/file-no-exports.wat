;; A component that exports nothing.
(component)

;; exit: 2
;; error: the phase is refused
;;   caused by: it does not export `kubephase:phase/phase`, so it is not a phase
;;   hint: build it for the world `phase-component` of wit/
