//! A phase whose answers are fixed: a component made of its answers, laid out in memory as the canonical ABI wants them.

/// The contract around a core instance.
const AROUND: &str = include_str!("../hostile/phase.wat");
/// Where the answers lie in memory, and where its arguments go.
const ANSWERS: usize = 1024;
const ARGUMENTS: usize = 65_536;
/// The room that cases of these types need: `object-ref`, `list-ref`, `needs` and `plan`.
const OBJECT: usize = 52;
const LIST: usize = 60;
const NEEDS: usize = 16;
const PLAN: usize = 32;

/// A value of the contract.
#[derive(Clone)]
pub(crate) enum Value {
    /// An enum.
    Byte(u8),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// A record.
    Record(Vec<Self>),
    /// A case of a variant, and the room for the largest one. All of those that we use are aligned to 4.
    Case(u8, Option<Box<Self>>, usize),
}

impl Value {
    const fn align(&self) -> usize {
        if matches!(self, Self::Byte(_)) { 1 } else { 4 }
    }

    fn size(&self) -> usize {
        match self {
            Self::Byte(_) => 1,
            Self::Text(_) | Self::List(_) => 8,
            Self::Record(fields) => {
                let end = fields.iter().fold(0, |end: usize, field| end.next_multiple_of(field.align()) + field.size());
                end.next_multiple_of(4)
            }
            Self::Case(_, _, room) => 4 + room,
        }
    }
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub(crate) fn texts(all: &[&str]) -> Value {
    Value::List(all.iter().copied().map(text).collect())
}

fn some_text(value: &str) -> Value {
    Value::Case(1, Some(Box::new(text(value))), 8)
}

fn resource() -> Value {
    Value::Record(["", "v1", "configmaps", "ConfigMap"].into_iter().map(text).collect())
}

/// The ConfigMap `kube-public/cluster-info`.
fn object() -> Value {
    Value::Record(vec![resource(), some_text("kube-public"), text("cluster-info")])
}

/// A task with these accesses to the ConfigMap.
fn task(name: &str, access: &[u8]) -> Value {
    let access = Value::List(access.iter().copied().map(Value::Byte).collect());
    let names = texts(&["cluster-info"]);
    let permission = Value::Record(vec![access, resource(), some_text("kube-public"), names, texts(&[]), text("to look at it")]);
    Value::Record(vec![text(name), text("a test"), text("{}"), Value::List(vec![permission])])
}

/// A finding: high, about the ConfigMap.
pub(crate) fn finding(rule: &str, severity: u8, title: &str, remedy: &[&str]) -> Value {
    let target = Value::Case(1, Some(Box::new(object())), OBJECT);
    let references = texts(&["https://example.com/rule"]);
    Value::Record(vec![text(rule), Value::Byte(severity), text(title), text("because"), target, texts(remedy), references])
}

/// A merge patch of the ConfigMap, as it was observed.
pub(crate) fn patch(id: &str, body: &str) -> Value {
    let action = Value::Case(2, Some(Box::new(text(body))), 8);
    Value::Record(vec![text(id), object(), action, Value::Byte(1), texts(&[]), text("a test")])
}

/// The component: it has the tasks of these names, the second of which may also update; both read the ConfigMap, find the same, and the
/// second one, whose name has three letters, proposes the operations.
pub(crate) fn component(tasks: [&str; 2], findings: [Vec<Value>; 2], operations: Vec<Value>) -> Vec<u8> {
    let [audit, fix] = tasks;
    let tasks = Value::List(vec![task(audit, &[0]), task(fix, &[0, 2])]);
    let description = Value::Record(vec![text("example.audit"), text("1.0.0"), text("an audit"), tasks]);
    let read = Value::Case(0, Some(Box::new(object())), LIST);
    let needs = Value::Record(vec![Value::List(vec![read]), texts(&[])]);
    let plan = |operations, findings| {
        let plan = Value::Record(vec![Value::List(operations), Value::List(findings), texts(&[]), texts(&[])]);
        Value::Case(0, Some(Box::new(plan)), PLAN)
    };
    let [found, cured] = findings;
    let mut memory = Memory(Vec::new());
    let description = memory.put(&description);
    let needs = memory.put(&Value::Case(0, Some(Box::new(needs)), NEEDS));
    let (audit, fix) = (memory.put(&plan(Vec::new(), found)), memory.put(&plan(operations, cured)));
    let data: String = memory.0.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let core = format!(
        "(core module $m
          (memory (export \"memory\") 4)
          (global $next (mut i32) (i32.const {ARGUMENTS}))
          (data (i32.const {ANSWERS}) \"{data}\")
          (func (export \"realloc\") (param i32 i32 i32 i32) (result i32)
            (global.get $next)
            (global.set $next (i32.and (i32.add (global.get $next) (i32.add (local.get 3) (i32.const 15))) (i32.const -8))))
          (func (export \"describe\") (result i32) (i32.const {description}))
          (func (export \"need\") (param i32) (result i32) (i32.const {needs}))
          (func (export \"plan-for\") (param i32) (result i32)
            (if (result i32) (i32.eq (i32.load offset=4 (local.get 0)) (i32.const 3))
              (then (i32.const {fix})) (else (i32.const {audit}))))
          (func (export \"post\") (param i32)))
        (core instance $main (instantiate $m))"
    );
    wat::parse_str(AROUND.replace("  CASE\n", &core)).unwrap()
}

/// The memory behind [`ANSWERS`].
struct Memory(Vec<u8>);

impl Memory {
    /// Makes room, and returns where in memory it is.
    fn room(&mut self, size: usize) -> usize {
        let at = self.0.len().next_multiple_of(4);
        self.0.resize(at + size, 0);
        ANSWERS + at
    }

    /// Stores a value, and returns where.
    fn put(&mut self, value: &Value) -> usize {
        let at = self.room(value.size());
        self.store(value, at);
        at
    }

    fn store(&mut self, value: &Value, at: usize) {
        match value {
            Value::Byte(byte) => self.write(at, &[*byte]),
            Value::Text(text) => {
                let place = self.room(text.len());
                self.write(place, text.as_bytes());
                self.pair(at, place, text.len());
            }
            Value::List(items) => {
                let size = items.first().map_or(0, Value::size);
                let place = self.room(size * items.len());
                items.iter().enumerate().for_each(|(number, item)| self.store(item, place + number * size));
                self.pair(at, place, items.len());
            }
            Value::Record(fields) => {
                fields.iter().fold(at, |end, field| {
                    let at = end.next_multiple_of(field.align());
                    self.store(field, at);
                    at + field.size()
                });
            }
            Value::Case(tag, payload, _) => {
                self.write(at, &[*tag]);
                payload.iter().for_each(|payload| self.store(payload, at + 4));
            }
        }
    }

    fn pair(&mut self, at: usize, place: usize, length: usize) {
        self.write(at, &u32::try_from(place).unwrap().to_le_bytes());
        self.write(at + 4, &u32::try_from(length).unwrap().to_le_bytes());
    }

    fn write(&mut self, at: usize, bytes: &[u8]) {
        self.0.get_mut(at - ANSWERS..at - ANSWERS + bytes.len()).unwrap().copy_from_slice(bytes);
    }
}
