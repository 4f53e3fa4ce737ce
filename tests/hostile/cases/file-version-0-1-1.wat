;; A phase of a contract that does not exist yet and seems compatible.
(component
  (instance $phase)
  (export "kubephase:phase/phase@0.1.1" (instance $phase))
  (export "kubephase:phase/types@0.1.0" (instance $phase)))
