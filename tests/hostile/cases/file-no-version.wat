;; A phase of a contract without version.
(component
  (instance $phase)
  (export "kubephase:phase/phase" (instance $phase))
  (export "kubephase:phase/types@0.1.0" (instance $phase)))
