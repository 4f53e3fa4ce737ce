;; Has its code in a component inside of it.
(component
  (component $inner
    (core module $m (func $start (loop $again (br $again))) (start $start))
    (core instance (instantiate $m)))
  (instance (instantiate $inner)))
