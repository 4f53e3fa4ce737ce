//! The permissions that one side has beyond those of another.

use super::{Access, Pattern, Permission, Permissions};

impl Permissions {
    /// Whether there are no permissions.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The permissions that the others do not allow; together with the others they allow all of these.
    #[must_use]
    pub fn beyond(&self, others: &Self) -> Self {
        Self(self.0.iter().flat_map(|permission| missing(permission, others)).collect())
    }
}

/// The missing accesses and keys of each name; names that miss the same are grouped.
fn missing(permission: &Permission, others: &Permissions) -> Vec<Permission> {
    let mut found: Vec<Permission> = Vec::new();
    for name in &permission.names {
        let covering = |access: Access| others.0.iter().filter(move |other| covers(other, permission, access, name));
        let access: Vec<Access> = permission.access.iter().copied().filter(|access| covering(*access).next().is_none()).collect();
        let is_seen = |key: &Pattern| covering(Access::Read).any(|other| other.reveal.iter().any(|seen| seen.covers(key)));
        // Seeing keys requires read access in the same permission.
        let may_read = permission.access.contains(&Access::Read);
        let reveal: Vec<Pattern> = permission.reveal.iter().filter(|key| may_read && !is_seen(key)).cloned().collect();
        if access.is_empty() && reveal.is_empty() {
            continue;
        }
        let is_read_too = !reveal.is_empty() && !access.contains(&Access::Read);
        let access = if is_read_too { [vec![Access::Read], access].concat() } else { access };
        match found.iter_mut().find(|other| other.access == access && other.reveal == reveal) {
            Some(other) => other.names.push(name.clone()),
            None => found.push(Permission { access, names: vec![name.clone()], reveal, ..permission.clone() }),
        }
    }
    found
}

fn covers(other: &Permission, permission: &Permission, access: Access, name: &Pattern) -> bool {
    other.of == permission.of
        && other.place.covers(&permission.place)
        && other.access.contains(&access)
        && other.names.iter().any(|pattern| pattern.covers(name))
}

#[cfg(test)]
mod tests {
    use crate::object::ApiResource;
    use crate::permission::{Access, Pattern, Permission, PermissionScope, Permissions};

    fn permission(access: &[Access], names: &[&str], reveal: &[&str]) -> Permission {
        let patterns = |texts: &[&str]| texts.iter().map(|text| Pattern::parse(text).unwrap()).collect();
        Permission {
            access: access.to_vec(),
            of: ApiResource::parse("", "v1", "secrets", "Secret").unwrap(),
            place: PermissionScope::Cluster,
            names: patterns(names),
            reveal: patterns(reveal),
            reason: String::new(),
        }
    }

    #[test]
    fn only_what_is_new_is_asked_for() {
        use Access::{Delete, Read};
        let asked = permission(&[Read, Delete], &["a-*", "b"], &["id"]);
        let none = Vec::new();
        for (allowed, missing) in [
            (vec![], vec!["WRITE delete, read secrets (Secret, v1); SEES IN CLEAR TEXT `id`; named `a-*`; named `b`"]),
            (vec![permission(&[Read, Delete], &["a-*", "b"], &["i*"])], none.clone()),
            (vec![permission(&[Read, Delete], &["a*"], &["id"]), permission(&[Delete, Read], &["b"], &["id"])], none),
            (
                vec![permission(&[Read], &["a-*", "b"], &["id"])],
                vec!["WRITE delete secrets (Secret, v1); named `a-*`; named `b`"],
            ),
            (
                vec![permission(&[Read], &["a-*", "b"], &[])],
                vec!["WRITE delete, read secrets (Secret, v1); SEES IN CLEAR TEXT `id`; named `a-*`; named `b`"],
            ),
            (
                vec![permission(&[Read, Delete], &["a-1", "b"], &[])],
                vec![
                    "WRITE delete, read secrets (Secret, v1); SEES IN CLEAR TEXT `id`; named `a-*`",
                    "read secrets (Secret, v1); SEES IN CLEAR TEXT `id`; named `b`",
                ],
            ),
        ] {
            let beyond = Permissions(vec![asked.clone()]).beyond(&Permissions(allowed));
            assert_eq!(beyond.0.iter().map(ToString::to_string).collect::<Vec<_>>(), missing);
        }
    }
}
