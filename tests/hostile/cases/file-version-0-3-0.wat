;; A phase of a contract that does not exist yet.
(component
  (instance $phase)
  (export "kubephase:phase/phase@0.3.0" (instance $phase))
  (export "kubephase:phase/types@0.1.0" (instance $phase)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it was built for contract 0.3.0, and this plugin knows 0.2.0 or 0.1.0: update the plugin, or use a release of the phase for 0.2.0 or 0.1.0
