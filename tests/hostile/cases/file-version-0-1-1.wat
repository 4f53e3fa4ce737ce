;; A phase of a contract that does not exist yet and seems compatible.
(component
  (instance $phase)
  (export "kubephase:phase/phase@0.1.1" (instance $phase))
  (export "kubephase:phase/types@0.1.0" (instance $phase)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it is a phase of contract 0.1.1, and this plugin knows 0.1.0
;;   hint: take a phase of a contract that this plugin knows, or a newer plugin
