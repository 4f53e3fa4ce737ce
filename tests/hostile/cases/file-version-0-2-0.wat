;; A phase of a contract that does not exist yet.
(component
  (instance $phase)
  (export "kubephase:phase/phase@0.2.0" (instance $phase))
  (export "kubephase:phase/types@0.1.0" (instance $phase)))
