;; Exports the contract as a type.
(component
  (type $t u8)
  (export "kubephase:phase/phase@0.1.0" (type $t))
  (instance $types)
  (export "kubephase:phase/types@0.1.0" (instance $types)))
