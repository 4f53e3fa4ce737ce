;; Starts tasks that go on when the answer is given.
(component (core func (canon task.cancel)))
