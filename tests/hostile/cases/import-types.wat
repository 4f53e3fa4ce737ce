;; Imports types of the contract, as a component does whose world exports only `phase`.
(component
  (import "kubephase:phase/types@0.1.0" (instance
    (type $t (enum "before" "after"))
    (export "moment" (type (eq $t))))))
