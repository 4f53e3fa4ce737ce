;; Has its code in a component inside of it.
(component
  (component $inner
    (core module $m (func $start (loop $again (br $again))) (start $start))
    (core instance (instantiate $m)))
  (instance (instantiate $inner)))

;; exit: 2
;; error: the phase is refused
;;   caused by: it has a nested component with a core module in it
;;   hint: if it was built from JavaScript, run it with --allow-nested
