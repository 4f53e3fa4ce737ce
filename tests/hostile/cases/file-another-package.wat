;; A phase of somebody else.
(component
  (instance $phase)
  (export "evil:phase/phase@0.1.0" (instance $phase))
  (export "kubephase:phase/types@0.1.0" (instance $phase)))
