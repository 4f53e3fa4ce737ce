;; Exports the contract as a function.
(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (export "kubephase:phase/phase@0.1.0" (func $f))
  (instance $types)
  (export "kubephase:phase/types@0.1.0" (instance $types)))

;; exit: 2
;; error: the file does not export what a phase must export: instance export `kubephase:phase/phase@0.1.0` does not have export `describe`
;;   hint: build it for the world `phase-component` of wit/, which exports `types` too
