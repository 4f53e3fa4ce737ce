;; Uses streams, by which work goes on when the answer is given.
(component (type (stream u8)))
