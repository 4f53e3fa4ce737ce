;; Exports the contract as a type.
(component
  (type $t u8)
  (export "kubephase:phase/phase@0.1.0" (type $t))
  (instance $types)
  (export "kubephase:phase/types@0.1.0" (instance $types)))

;; exit: 2
;; error: the file does not export what a phase must export: instance export `kubephase:phase/phase@0.1.0` does not have export `describe`
;;   hint: build it for the world `phase-component` of wit/, which exports `types` too
