;; Exports the contract, with nothing in it.
(component
  (instance $phase)
  (export "kubephase:phase/phase@0.1.0" (instance $phase))
  (export "kubephase:phase/types@0.1.0" (instance $phase)))
