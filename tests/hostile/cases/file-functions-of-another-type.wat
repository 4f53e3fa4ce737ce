;; Exports the functions of the contract, with other types.
(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $phase
    (export "describe" (func $f))
    (export "need" (func $f))
    (export "plan-for" (func $f)))
  (export "kubephase:phase/phase@0.1.0" (instance $phase))
  (instance $types)
  (export "kubephase:phase/types@0.1.0" (instance $types)))

;; exit: 2
;; error: the phase broke the contract: expected 1-tuple, found 0-tuple
